"""The values outside of a function that it reads, and the calls that may change them."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import os
import sys
from collections import deque
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from progressnb.history.codes import is_own, unwrapped
from progressnb.history.follow import follow
from progressnb.history.reads import changes_outside, names_read
from progressnb.history.writes import Attribute, configures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextvars import ContextVar

    from progressnb.history.reads import Path
    from progressnb.history.visitor import Imported

__all__ = [
    "Outside",
    "acting",
    "changed_by",
    "function_at",
    "held",
    "is_container",
    "is_filled",
    "value_imported",
    "variables",
]

_VOLATILE = (
    "COLUMNS",
    "JPY_",
    "LINES",
    "OLDPWD",
    "PWD",
    "PYTEST_",
    "SHLVL",
    "SSH_",
    "TERM",
    "VSCODE_",
    "WINDOWID",
    "_",
)

_DEEPEST = 8
"""Functions that call each other, among which what they change is looked for."""


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


def acting(value: object, path: Path, used: frozenset[str], *, is_used: bool) -> tuple[object, frozenset[str]]:
    """Return what is called where a call whose value nobody uses may change what is read elsewhere, else None.

    With it come the names whose values it changes; an empty one is that of the object itself.
    """
    function = function_at(value, path)
    if isinstance(function, FunctionType) and is_own(function.__code__.co_filename):
        changed = changed_by(function, used, of_used=is_used)
        return (function, changed or frozenset()) if changed is None or changed else (None, frozenset())
    last = path[-1] if path else None
    if isinstance(value, ModuleType | type):
        is_acting = isinstance(last, Attribute) and configures(last.name)
    else:
        is_acting = not isinstance(value, FunctionType | BuiltinFunctionType)
    return (path if is_used and is_acting else None), frozenset()


def changed_by(function: FunctionType, used: frozenset[str], *, of_used: bool = False) -> frozenset[str] | None:
    """Return those of the names that a function changes, or functions that it calls; None where nobody knows."""
    found = changes_outside(function.__code__, used, of_used=of_used)
    if found is None:
        return None
    seen, level = {function}, [function]
    for _ in range(_DEEPEST):  # each function once, however many others call it
        called = {inner for each in level for inner in _called_by(each)} - seen
        seen |= called
        changes = {inner: changes_outside(inner.__code__, used, of_used=False) for inner in called}
        level = [inner for inner, names in changes.items() if names is not None]
        found = found.union(*filter(None, changes.values()))
    return found


def _called_by(function: FunctionType) -> Iterator[FunctionType]:
    outside, reads = Outside(function), names_read(function.__code__)
    called = {(name, path) for name, paths in (*reads.names, *reads.changed) for path in paths or ((),)}
    called |= {(name, path) for name, path, _ in reads.effects}
    for name, path in called:
        inner = function_at(outside[name], path) if name in outside else None
        if isinstance(inner, FunctionType) and is_own(inner.__code__.co_filename):
            yield inner


def function_at(value: object, path: Path) -> object:
    """Return what a path leads to, the function of a method or of a property."""
    called, name = follow(value, path)
    if name is not None:
        called = inspect.getattr_static(called, name, None)
    found = unwrapped(called)
    if isinstance(found, FunctionType) and not is_own(found.__code__.co_filename):
        return getattr(found, "__wrapped__", found)  # what `contextmanager` decorated
    return found


def variables() -> list[tuple[str, str]]:
    """Return the variables of the environment but those that are others in each process."""
    return [(name, value) for name, value in os.environ.items() if not name.startswith(_VOLATILE)]


def is_container(value: object) -> bool:
    """Return whether a value holds others and can be changed in place."""
    if isinstance(value, list | dict | set | bytearray | deque):
        return True
    kind = type(value)
    return kind.__module__.partition(".")[0] in ("numpy", "pandas") and hasattr(kind, "__setitem__")


def value_imported(imported: Imported, names: Mapping[str, Any]) -> object:
    """Return what a function imports itself: a module, or a name of one; of an installed one its name and version.

    A module of the user's own that is not loaded yet is imported, as the function is about to do.
    """
    _, level, module, name = imported
    package = names.get("__package__") or str(names.get("__name__", "")).rpartition(".")[0]
    full = module
    try:
        full = importlib.util.resolve_name("." * level + module, package) if level else module
        if _is_installed(full):
            return full, _version(full.partition(".")[0]), name
        loaded = importlib.import_module(full)
        if name is None or name in vars(loaded):
            return loaded if name is None else vars(loaded)[name]
        return importlib.import_module(f"{full}.{name}")
    except Exception:  # noqa: BLE001 - the function meets the same error
        return full


def _is_installed(name: str) -> bool:
    loaded = sys.modules.get(name)
    if loaded is None:
        return _is_installed_file(name)
    return name != "__main__" and not is_own(getattr(loaded, "__file__", None))


@functools.lru_cache(256)
def _is_installed_file(name: str) -> bool:
    if name.partition(".")[0] in sys.stdlib_module_names:
        return True
    spec = importlib.util.find_spec(name.partition(".")[0])
    places = [] if spec is None else [*(spec.submodule_search_locations or ()), spec.origin or ""]
    return spec is not None and not any(map(is_own, places))


@functools.lru_cache(256)
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""


def is_filled(cell: Any) -> bool:  # noqa: ANN401 - a cell
    """Return whether a variable of a closure has a value."""
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True
