"""The values outside of a function that it reads, and the calls that may change them."""

from __future__ import annotations

import inspect
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from progressnb.history.codes import is_own, unwrapped
from progressnb.history.follow import follow
from progressnb.history.reads import changes_outside

if TYPE_CHECKING:
    from contextvars import ContextVar

__all__ = ["Outside", "acting", "held", "is_filled"]


def held(variable: ContextVar[object]) -> object:
    """Return the value of a context variable, or None."""
    try:
        return variable.get()
    except LookupError:
        return None


class Outside:
    """The values of the names that a function reads from outside: those of its closure and of its module."""

    def __init__(self, function: FunctionType) -> None:
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        self._cells: dict[str, Any] = dict(cells)
        self._globals = function.__globals__

    def __contains__(self, name: str) -> bool:
        return is_filled(self._cells[name]) if name in self._cells else name in self._globals

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any value
        return self._cells[name].cell_contents if name in self._cells else self._globals[name]


def acting(value: object, path: tuple[object, ...], used: frozenset[str], *, is_used: bool) -> object:
    """Return what is called where a call whose value nobody uses may change what is read elsewhere, else None."""
    called, name = follow(value, path)
    if name is not None:
        called = inspect.getattr_static(called, name, None)
    if isinstance(called := unwrapped(called), FunctionType):
        is_acting = is_own(called.__code__.co_filename) and changes_outside(called.__code__, used, of_used=is_used)
        return called if is_acting else None
    is_known = isinstance(value, ModuleType | type) or type(value).__module__ == "builtins"
    return path if is_used and not is_known else None


def is_filled(cell: Any) -> bool:  # noqa: ANN401 - a cell
    """Return whether a variable of a closure has a value."""
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True
