"""One execution of a training script, and the files through which it talks with the runner.

The attempt folder, TUNESMITH_DIR:

    params.json     written by the runner before the start:
                    {"params": {"lr": 0.01}, "trial": 7, "replicate": 0, "attempt": 1, "seed": 42,
                     "fidelity": 9, "fidelity_max": 27, "decision_steps": [3, 9, 27], "objectives": ["val_loss"]}
    reports.jsonl   appended by the script, a line per report:  {"step": 3, "metrics": {"val_loss": 0.31}}
    decision.json   replaced by the runner (by rename), always the latest decision:
                    {"step": 3, "decision": "continue", "rule": "asha", "seq": 12}
"""

from __future__ import annotations

import json
import math
import operator
import os
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional, SupportsFloat, Union

from ._params import Params

DECISION_WAIT_SECONDS = 5.0
FIRST_POLL_SECONDS = 0.001
LAST_POLL_SECONDS = 0.020


class Attempt:
    """Reads what it needs from ``environ``; without TUNESMITH_DIR it is outside a study and everything is harmless."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._folder = _path(environ.get("TUNESMITH_DIR"))
        self._resume_folder = _path(environ.get("TUNESMITH_RESUME_DIR"))
        self._save_folder = _path(environ.get("TUNESMITH_SAVE_DIR"))
        self._fidelity = environ.get("TUNESMITH_FIDELITY")
        self._seed = environ.get("TUNESMITH_SEED")
        self._is_first_rank = environ.get("RANK", "0") == "0"
        self._settings: Optional[dict[str, Any]] = None
        self._loaded_step = 0
        self._decision_step = -1
        self._decision = "continue"
        self._was_terminated = False

    def params(self, **defaults: Any) -> Params:
        return Params({**defaults, **self._read_settings().get("params", {})})

    def trial_number(self) -> Optional[int]:
        return self._read_settings().get("trial")

    def seed(self) -> int:
        return int(self._read_settings().get("seed") or self._seed or 0)

    def checkpoint(self) -> Optional[Path]:
        if self._resume_folder is None:
            return None
        named = re.fullmatch(r"step-(\d+)", self._resume_folder.name)
        if not named or not self._resume_folder.is_dir():
            raise FileNotFoundError(f"TUNESMITH_RESUME_DIR is {self._resume_folder}, which is not a folder named step-N")
        self._loaded_step = int(named.group(1))
        return self._resume_folder

    def steps(self, maximum: int) -> Iterator[int]:
        last = int(float(self._fidelity)) if self._fidelity else maximum
        step = self._loaded_step + 1
        with self._finishing_the_step_on_sigterm():
            while step <= last and not self.should_stop():
                yield step
                step += 1

    @contextmanager
    def save(self, step: int) -> Iterator[Path]:
        number = _step_number(step)
        if self._save_folder is None or not self._is_first_rank:
            with tempfile.TemporaryDirectory(prefix="tunesmith-") as unkept:
                yield Path(unkept)
            return
        unfinished = self._save_folder / f"step-{number}.tmp"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _publish(unfinished, self._save_folder / f"step-{number}")

    def report(self, step: int, fold: Optional[int], metrics: Mapping[str, SupportsFloat]) -> str:
        line = _report_line(step, fold, metrics)
        if self._folder is None:
            return "continue"
        if self._is_first_rank:
            _append(self._folder / "reports.jsonl", line)
        if self._is_decision_due(_step_number(step), metrics):
            self._wait_for_decision(_step_number(step))
        return "stop" if self._was_terminated else self._latest_decision()

    def should_stop(self) -> bool:
        return self._was_terminated or self._latest_decision() != "continue"

    def _read_settings(self) -> dict[str, Any]:
        if self._folder is None:
            return {}
        if self._settings is None:
            self._settings = json.loads((self._folder / "params.json").read_text(encoding="utf-8"))
        return self._settings

    def _is_decision_due(self, step: int, metrics: Mapping[str, SupportsFloat]) -> bool:
        settings = self._read_settings()
        # A report without the objective's metric decides nothing: waiting for it would cost the whole time-out.
        objectives = settings.get("objectives") or list(metrics)
        return step in (settings.get("decision_steps") or []) and any(name in metrics for name in objectives)

    def _wait_for_decision(self, step: int) -> None:
        deadline = time.monotonic() + DECISION_WAIT_SECONDS
        pause = FIRST_POLL_SECONDS
        while self._latest_decision() == "continue" and self._decision_step < step:
            if self._was_terminated or time.monotonic() >= deadline:
                return
            time.sleep(pause)
            pause = min(2 * pause, LAST_POLL_SECONDS)

    def _latest_decision(self) -> str:
        if self._folder is None:
            return "continue"
        try:
            latest = json.loads((self._folder / "decision.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self._decision  # not there yet, or a network folder between two versions: the last one seen stands
        self._decision_step, self._decision = latest["step"], latest["decision"]
        return self._decision

    @contextmanager
    def _finishing_the_step_on_sigterm(self) -> Iterator[None]:
        is_ours_to_handle = (
            self._folder is not None
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        )
        if not is_ours_to_handle:
            yield
            return
        signal.signal(signal.SIGTERM, self._on_sigterm)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _on_sigterm(self, _signal: int, _frame: object) -> None:
        self._was_terminated = True


def _path(text: Optional[str]) -> Optional[Path]:
    return Path(text) if text else None


def _step_number(step: int) -> int:
    number = operator.index(step)
    if number < 0:
        raise ValueError(f"step is {number}; it must be a whole number from 0 on")
    return number


def _report_line(step: int, fold: Optional[int], metrics: Mapping[str, SupportsFloat]) -> bytes:
    if not metrics:
        raise ValueError("report needs at least one metric, such as val_loss=0.31")
    place = {"step": _step_number(step)} if fold is None else {"step": _step_number(step), "fold": operator.index(fold)}
    report = {**place, "metrics": {name: _json_number(name, value) for name, value in metrics.items()}}
    return (json.dumps(report, allow_nan=False, separators=(",", ":")) + "\n").encode("utf-8")


def _json_number(name: str, value: SupportsFloat) -> Union[float, str]:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is {value!r}, not a number") from error
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def _append(file: Path, line: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        # One write a line: the runner never sees half of one.
        if os.write(descriptor, line) != len(line):
            raise OSError(f"{file} took only a part of a report; is the disk full?")
    finally:
        os.close(descriptor)


def _publish(unfinished: Path, final: Path) -> None:
    """Puts the folder on disk for good, then renames it; a checkpoint of that name is replaced."""
    for folder, _, names in os.walk(unfinished):
        for name in names:
            _sync(Path(folder) / name)
        _sync(Path(folder))
    replaced = final.with_name(f"{final.name}.old.tmp")
    shutil.rmtree(replaced, ignore_errors=True)
    if final.exists():
        final.rename(replaced)
    unfinished.rename(final)
    _sync(final.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
