"""The faults of the campaign: each is tried many times, and tells how often it was survived and what was lost.

`make faults` tries them as often as docs/reliability.md says and prints the table there. `test_faults.py` tries each a
few times with every change.
"""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    Try = Callable[[int], Coroutine[Any, Any, "Outcome"]]
    """A function that tries a fault so many times."""

__all__ = ["FAULTS", "Fault", "Outcome", "fault", "faults", "table"]

PLACES = ("connections", "kills", "disks", "clocks", "providers", "damage")


class Outcome(NamedTuple):
    """What a fault did: how often it was tried and survived, and how many events were lost, doubled or wrong."""

    tried: int
    survived: int
    lost: int = 0


@dataclass(frozen=True)
class Fault:
    """A fault: what goes wrong, what has to come of it, and how often it is tried in `make faults` and in a test."""

    name: str
    promise: str
    times: int
    part: int
    run: Try

    def __call__(self, times: int) -> Outcome:
        """Try it so many times, on a loop of its own."""
        return asyncio.run(self.run(times))


FAULTS: list[Fault] = []


def fault(name: str, promise: str, *, times: int, part: int) -> Callable[[Try], Try]:
    """Add a fault to the campaign."""

    def add(run: Try) -> Try:
        FAULTS.append(Fault(name, promise, times, part, run))
        return run

    return add


def faults() -> list[Fault]:
    """Return all faults."""
    for place in PLACES:
        importlib.import_module(f"tests.faults.{place}")
    return FAULTS


def table(rows: Iterable[tuple[Fault, Outcome]]) -> str:
    """Return the outcomes as a table in Markdown."""
    lines = ["| what goes wrong | what is promised | tried | survived | lost |", "| --- | --- | ---: | ---: | ---: |"]
    for each, (tried, survived, lost) in rows:
        lines.append(f"| {each.name} | {each.promise} | {tried:,} | {survived:,} | {lost:,} |")
    return "\n".join(lines)
