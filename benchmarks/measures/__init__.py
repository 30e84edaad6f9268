"""The rows of the table of `python -m benchmarks`: each module here is an area, each row a function that measures.

    @measure("an event, 10 awaited readers", unit="µs", target=5.5, against="floor")
    def event_with_readers() -> Measure: ...

The modules are imported to list the rows, so what is heavy, or may be missing, is imported in the functions. Each row
is measured in a process of its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Measure(NamedTuple):
    """What was measured, all in the unit of the row.

    The floor is the least that the bare work costs; the peer is the best of other libraries that do the same. The
    spread is relative: 0.08 where another measurement may well differ by 8 percent.
    """

    ours: float
    floor: float | None = None
    peer: float | None = None
    spread: float = 0.0


@dataclass(frozen=True)
class Row:
    """A row of the table: some work, how it is measured, and the target."""

    work: str
    unit: str
    target: float | None  # None: measured for the trend alone
    against: Literal["floor", "peer"] | None  # None: the target is in the unit
    function: Callable[[], Measure]
    own: bool = False  # whether we set the target ourselves

    def __call__(self) -> Measure:
        """Measure."""
        return self.function()

    @property
    def area(self) -> str:
        """The name of the module that it stands in."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def name(self) -> str:
        """The name by which it is asked for: area and function."""
        return f"{self.area}.{self.function.__name__}"

    def ratio(self, measured: Measure) -> float:
        """Return what the target is a bound of: ours over floor or peer, or ours alone."""
        base = None if self.against is None else getattr(measured, self.against)
        if self.against is not None and not base:
            raise ValueError(f"{self.name} is measured against its {self.against}, and returned none")
        return measured.ours / base if base else measured.ours


def measure(
    work: str,
    *,
    unit: str,
    target: float | None = None,
    against: Literal["floor", "peer"] | None = None,
    own: bool = False,
) -> Callable[[Callable[[], Measure]], Row]:
    """Make a function that measures a row of the table.

    Args:
        work: what is measured, in a few words.
        unit: of all numbers that the function returns: "µs", "KB", "messages/s".
        target: the most that ours may be, in times the floor or the peer; in the unit if `against` is None. None:
            there is no target, and the row is measured for its trend.
        own: whether we set the target ourselves, to keep what was reached. Others come from an independent measurement
            of the peers and the floors, as what can be reached.
        against: what the target is a ratio to, "floor" or "peer".

    """
    return lambda function: Row(work, unit, target, against, function, own)


def rows() -> list[Row]:
    """Return the rows of all areas, by area and then in the order in which they stand there."""
    found: list[Row] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        names = vars(importlib.import_module(f"{__name__}.{module.name}"))
        found += [row for row in names.values() if isinstance(row, Row) and row.area == module.name]
    return found
