"""Operations of installed packages, found by the entry-point group `progressnb.operations`.

A package lists its operations in its `pyproject.toml`, each under the operation's own name::

    [project.entry-points."progressnb.operations"]
    report = "my_package.reports:report"

From then on `progressnb report`, `progressnb serve` and `resume_run` find it. The shipped operations are found in the
same way. Nothing of a package is imported before one of its operations is used.
"""

from __future__ import annotations

import logging
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from progressnb.execution.operation import Operation

__all__ = ["OPERATIONS", "find_entry_points", "find_operations", "load_entry_point", "load_operation", "package_of"]

OPERATIONS = "progressnb.operations"
"""The entry-point group of operations."""

_logger = logging.getLogger("progressnb")
_warned: set[tuple[str, str, str]] = set()


def find_operations() -> dict[str, EntryPoint]:
    """Return the entry points of all operations that are installed, by name; nothing is imported."""
    return find_entry_points(OPERATIONS)


def load_operation(name: str) -> Operation[..., Any] | None:
    """Return the installed operation of a name, or None.

    Logs a warning that names the package if the object can't be imported or is not an operation.
    """
    point = find_operations().get(name)
    found = load_entry_point(point) if point is not None else None
    if point is None or found is None:
        return None
    if not isinstance(found, Operation):
        _warn_once(point, f"is not an operation but {found!r:.80}")
        return None
    operation = cast("Operation[..., Any]", found)
    if operation.name != name:
        _warn_once(point, f"is the operation {operation.name}: give both one name, or runs of it can't be resumed")
    return operation


def find_entry_points(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, sorted; nothing is imported.

    If several packages have an entry point of one name, the first package in alphabetical order gets it, and a
    warning names the others.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, package_of(point), point.value)):
        first = found.setdefault(point.name, point)
        if package_of(first) != package_of(point):
            _warn_once(point, f"is not used, since {package_of(first)} has one of that name")
    return found


def load_entry_point(point: EntryPoint) -> object | None:
    """Import the object of an entry point; if that fails, log a warning that names the package and return None."""
    try:
        return cast("object", point.load())
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module of another package may raise anything, and must not stop the search
        _warn_once(point, f"can't be loaded: {type(error).__name__}: {error}")
        return None


def package_of(point: EntryPoint) -> str:
    """Return the name of the package that an entry point belongs to."""
    return point.dist.name if point.dist is not None else "an unknown package"


def _warn_once(point: EntryPoint, fault: str) -> None:
    key = (point.group, point.name, point.value)
    if key not in _warned:
        _warned.add(key)
        _logger.warning("%s of the package %s %s", point.name, package_of(point), fault)
