from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Params(Mapping[str, Any]):
    """The parameters of a trial, read-only: ``p.lr`` and ``p["lr"]`` are the same, ``dict(p)`` gives them all.

    A parameter named like a method of a mapping (``items``, ``get``, ...) is reached as ``p["items"]`` only.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_values":
            raise AttributeError(name)  # copying and pickling look for these before __init__ has run
        if name not in self._values:
            raise AttributeError(f"no parameter is named {name}; there are {', '.join(self._values) or 'none'}")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Params({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"
