"""The choice of runs by what callers pass: names, times, and runs by their ids, as objects or as rows of a frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from progressnb.errors import InputError
from progressnb.history.times import microseconds

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    import pandas as pd

    from progressnb.history.times import When
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Recordable

__all__ = ["ALL", "Chosen", "Named", "SomeNames", "SomeRuns", "names_of", "run_ids"]

ALL = "TRUE"
"""The condition in SQL that all runs meet."""

SomeRuns: TypeAlias = (
    "str | date | np.datetime64[Any] | Recordable | pd.DataFrame | pd.Series[Any] | Iterable[str | Recordable]"
)
"""A run or its id, several, a frame of runs or a row of it, or a local day, which is the runs of that day."""

SomeNames: TypeAlias = "str | Named | Iterable[str | Named]"
"""A name, something that has one, such as an operation, or several of these, any of which is meant."""


class Named(Protocol):
    """Something that has a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runs that a question is about: of an operation, of a model, begun since a time and before another one."""

    operation: tuple[str, ...] | None = None
    model: tuple[str, ...] | None = None
    since: int | None = None
    until: int | None = None

    @classmethod
    def of(
        cls,
        clock: Clock,
        operation: SomeNames | None,
        model: SomeNames | None,
        since: When | None,
        until: When | None,
    ) -> Chosen:
        """Read what a caller passed. Raises `InputError` for a time that is none, and for names that are none."""
        first = None if since is None else microseconds(since, clock)
        last = None if until is None else microseconds(until, clock, end=True)
        return cls(names_of(operation, "operation"), names_of(model, "model"), first, last)

    @property
    def where(self) -> str:
        """The condition in SQL: what is asked alone, so that an index finds it."""
        conditions = [
            f"runs.{column} IN ({', '.join(f':{column}{number}' for number in range(len(names)))})"
            for column, names in self._names
            if names is not None
        ]
        times = (("since", ">=", self.since), ("until", "<", self.until))
        conditions += [f"runs.started {sign} :{name}" for name, sign, time in times if time is not None]
        return " AND ".join(conditions) or ALL

    @property
    def parameters(self) -> dict[str, str | int | None]:
        """The values for SQL."""
        named = {f"{column}{number}": name for column, names in self._names for number, name in enumerate(names or ())}
        times = {"since": self.since, "until": self.until}
        return {**named, **{name: time for name, time in times.items() if time is not None}}

    @property
    def _names(self) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
        return ("operation", self.operation), ("model", self.model)


def names_of(given: object, what: str) -> tuple[str, ...] | None:
    """Return the names that a caller passed: a text, an object that has a `name`, or several of these; None for None.

    Raises `InputError` for anything else; `what` says what they are names of.
    """
    if given is None:
        return None
    asked: object = given
    has_name = hasattr(given, "name") and not hasattr(given, "iloc")  # a series has a name, too
    is_one = isinstance(given, str | bytes) or has_name or not isinstance(given, Iterable)
    several: list[object] = [given] if is_one else list(cast("Iterable[object]", given))
    names = [each if isinstance(each, str) else getattr(each, "name", None) for each in several]
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"the name of one {what}, or names of several", repr(asked), f'Write {what}="name".')
    return tuple(map(str, names))


def run_ids(given: object) -> list[str]:
    """Return the ids of a run, of several, or of a frame. Raises `InputError` for anything else."""
    given = _ids_of_frame(given)
    is_one = isinstance(given, str | bytes) or not isinstance(given, Iterable)
    several = cast("list[object]", [given] if is_one else list(cast("Iterable[object]", given)))
    ids = [each if isinstance(each, str) else getattr(each, "id", None) for each in several]
    if not ids or not all(isinstance(run_id, str) for run_id in ids):
        got = repr(several[0]) if is_one else repr(several) if several else "none"
        raise InputError("runs or their ids", got, 'history.runs() has them; a day such as "2026-11-27" is its runs.')
    return list(dict.fromkeys(map(str, ids)))


def _ids_of_frame(given: object) -> object:
    """Return the column or the index `run_id` of a frame, that of a row, or anything else as it is."""
    if not hasattr(given, "index") or not hasattr(given, "iloc"):
        return given
    frame = cast("Any", given)
    if "run_id" in getattr(frame, "columns", frame.index):
        return frame["run_id"]
    if "run_id" in getattr(frame.index, "names", ()):
        return frame.index.get_level_values("run_id")
    return [None] if hasattr(frame, "columns") else frame
