"""The parts that the digest of a function was made of, so that it is made anew only where one of them has changed.

A plan holds for functions that read functions, modules and plain values by constant paths, as most do: then looking at
each of these again takes some microseconds. Whatever else a function reads, an object or a list, is digested each time.
"""

from __future__ import annotations

from collections import OrderedDict
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from progressnb.history.codes import is_own_class
from progressnb.history.files import file_digest
from progressnb.history.follow import follow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.history.outside import Outside
    from progressnb.history.reads import Path

__all__ = ["Plan", "keep_plan", "plan_of"]

_MOST = 1_024
"""Functions whose plans are kept."""

_FIXED = (FunctionType, BuiltinFunctionType, ModuleType, tuple)
_PLAIN = frozenset((str, int, float, bool, type(None), bytes))
_EQUAL = (str, int)
"""Types whose equal values are the same: `0.0` and `-0.0` are not."""


class Plan:
    """The parts of a digest.

    Attributes:
        holds: Whether all that was read is of the kinds that can be looked at again.
        code: The digest.

    """

    def __init__(self, *, holds: bool = True) -> None:
        self.holds = holds
        self.code = ""
        self._functions: list[tuple[FunctionType, tuple[object, ...]]] = []
        self._reads: list[tuple[Outside, str, Path, bool, object, str | None]] = []
        self._texts: set[tuple[str, bool]] = set()

    def meet(self, value: object) -> None:
        """Take note of a value; one that may change in itself makes the plan worthless."""
        if type(value) not in _PLAIN and not isinstance(value, _FIXED):
            self.holds = False

    def add_function(self, function: FunctionType) -> None:
        """Take note of a function that was read into."""
        if self.holds:
            self._functions.append((function, _state(function)))

    def add_read(self, outside: Outside, name: str, path: Path) -> None:
        """Take note of a value that was read."""
        if not self.holds:
            return
        is_there = name in outside
        value, attribute = follow(outside[name], path) if is_there else (None, None)
        if attribute is not None and type(value) not in _PLAIN and not _is_installed(value):
            self.holds = False
        self._reads.append((outside, name, path, is_there, value, attribute))

    def add_text(self, text: str, *, is_path: bool) -> None:
        """Take note of a text that may name a file."""
        if self.holds:
            self._texts.add((text, is_path))

    def is_same(self) -> bool:
        """Return whether everything is as it was."""
        if any(not _are_same(_state(function), state) for function, state in self._functions):
            return False
        for outside, name, path, was_there, value, attribute in self._reads:
            if (name in outside) is not was_there:
                return False
            if was_there:
                found, next_attribute = follow(outside[name], path)
                if attribute != next_attribute or not _is_same(found, value):
                    return False
        return True

    def files(self) -> Iterable[str]:
        """Return the files that texts name now."""
        return {text for text, is_path in self._texts if file_digest(text, exists=True, is_path=is_path) is not None}


_plans: OrderedDict[FunctionType, Plan] = OrderedDict()


def keep_plan(function: FunctionType, plan: Plan) -> None:
    """Keep the plan of a function. A plan holds its function, so that the oldest are let go."""
    _plans[function] = plan
    while len(_plans) > _MOST:
        _plans.popitem(last=False)


def plan_of(function: object) -> Plan | None:
    """Return the plan of a function that still holds, or None."""
    plan = _plans.get(function) if isinstance(function, FunctionType) else None
    return plan if plan is not None and plan.is_same() else None


def _is_installed(value: object) -> bool:
    return isinstance(value, ModuleType) or (isinstance(value, type) and not is_own_class(value))


def _state(function: FunctionType) -> tuple[object, ...]:
    return function.__code__, function.__defaults__, function.__kwdefaults__, *(function.__kwdefaults__ or {}).values()


def _are_same(now: tuple[object, ...], before: tuple[object, ...]) -> bool:
    return len(now) == len(before) and all(map(_is_same, now, before))


def _is_same(now: Any, before: Any) -> bool:  # noqa: ANN401 - any value
    return now is before or (type(now) in _EQUAL and type(before) is type(now) and now == before)
