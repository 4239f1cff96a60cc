"""For training scripts that Tunesmith tunes: read the parameters, report metrics, save and resume.

Outside a study every call is harmless: ``params`` gives the defaults, ``steps`` counts from 1, ``save`` keeps nothing
and ``report`` answers ``"continue"``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Optional, SupportsFloat

from ._attempt import Attempt
from ._params import Params

__all__ = ["Params", "checkpoint", "params", "report", "save", "seed", "should_stop", "steps", "trial_number"]

_attempt = Attempt(os.environ)


def params(**defaults: Any) -> Params:
    """The trial's parameters over ``defaults``: a default stays where the study does not set that name."""
    return _attempt.params(**defaults)


def checkpoint() -> Optional[Path]:
    """The folder to continue from, or None. After it gave a folder, ``steps`` starts behind that checkpoint."""
    return _attempt.checkpoint()


def steps(maximum: int) -> Iterator[int]:
    """The steps still to do: from 1, or behind the checkpoint that ``checkpoint()`` gave, to the trial's target.

    Outside a study the target is ``maximum``. Ends early when told to stop. While it runs, SIGTERM ends the loop after
    the running step instead of ending the process at once.
    """
    return _attempt.steps(maximum)


def save(step: int) -> AbstractContextManager[Path]:
    """``with save(step) as folder:`` gives an empty folder, which becomes the checkpoint of ``step`` if the block ends well.

    Outside a study, and in processes other than rank 0, what is written there is thrown away.
    """
    return _attempt.save(step)


def report(step: int, fold: Optional[int] = None, **metrics: SupportsFloat) -> str:
    """Tells the metrics of a step, and gives the decision: "continue", "pause" or "stop" (save and leave on the last two).

    Where a decision is due (the steps that ``params.json`` lists), waits for it, at most 5 s. Whatever ``float()`` takes
    is a metric; NaN and infinities too. ``fold`` says which of several folds this process trains.
    Raises TypeError for a metric that is no number, ValueError for a negative step or no metric.
    """
    return _attempt.report(step, fold, metrics)


def should_stop() -> bool:
    """Whether to save and leave now: for loops inside a step. Reads one small file."""
    return _attempt.should_stop()


def trial_number() -> Optional[int]:
    """The number of the trial; None outside a study."""
    return _attempt.trial_number()


def seed() -> int:
    """The seed of this run; 0 outside a study."""
    return _attempt.seed()
