"""How far an output is, measured by the outputs that this stage wrote before.

Past outputs make a template: which fields come, how long each is, how many items a list has. A position
is the share of the template that is written, from 0 to 1. Where no lengths are kept, or a stage writes
several outputs, the percent that the stage had takes their place. What a position is worth in seconds is
not decided here: past runs tell when they passed it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from statistics import fmean, median, pstdev
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.folds.course import Mark, StageCourse

__all__ = ["Curve", "Template", "by_percent"]

_SURE = 0.8  # up to here a length is trusted; what is longer than usual comes ever closer to complete
_CHARACTERS_A_TOKEN = 4.0


@dataclass(frozen=True, slots=True)
class _Field:
    length: float
    items: float  # 0 where the length tells more


class Template:
    """What the outputs of one stage have in common."""

    def __init__(self, courses: Sequence[StageCourse]) -> None:
        names = {name: None for course in courses for name, _, _ in course.fields}
        self._fields: dict[str, _Field] = {}
        for name in names:
            seen = [(length, items) for course in courses for known, length, items in course.fields if known == name]
            if 2 * len(seen) >= len(courses):
                self._fields[name] = _field(seen)
        whole = [float(course.characters) for course in courses]
        self._whole = _field([(course.characters, course.items) for course in courses])
        self._length = median(whole)
        self._total = math.fsum(field.length for field in self._fields.values())

    @classmethod
    def of(cls, courses: Sequence[StageCourse]) -> Template | None:
        """Make a template, or return None where outputs were not kept or a stage writes several."""
        single = [course for course in courses if course.outputs == 1 and course.characters]
        return cls(single) if single and 2 * len(single) > len(courses) else None

    def position(self, course: StageCourse, mark: Mark) -> float:
        """Return the share of the template that is written at a mark."""
        if not self._fields or not self._total:
            return _part(self._whole, mark.characters, mark.items)
        done = math.fsum(self._fields[name].length for name, _, _ in course.fields[: mark.done] if name in self._fields)
        if mark.open is not None and (field := self._fields.get(mark.open)) is not None:
            done += field.length * _part(field, mark.open_characters, mark.items)
        return min(1.0, done / self._total)


def by_percent(_course: StageCourse, mark: Mark) -> float:
    """Return the percent that a stage had at a mark as a position."""
    return mark.percent / 100


def _field(seen: Sequence[tuple[int, int]]) -> _Field:
    lengths = [float(length) for length, _ in seen]
    counts = [float(items) for _, items in seen]
    # A list is measured in items where their number varies less than its length.
    counted = min(counts) > 1 and _variation(counts) < _variation(lengths)
    return _Field(max(1.0, median(lengths)), median(counts) if counted else 0.0)


def _variation(values: Sequence[float]) -> float:
    return pstdev(values) / max(1e-9, fmean(values))


def _part(field: _Field, characters: int, items: int) -> float:
    if not field.items:
        return _soft(characters / field.length)
    # Within an item by what the items so far, or all of a usual list, have as length.
    each = field.length / field.items
    inside = max(0.0, characters - items * each) / each if items < field.items else 0.0
    return _soft((items + min(0.9, inside)) / field.items)


def _soft(share: float) -> float:
    if share <= _SURE:
        return share
    return 1.0 - (1.0 - _SURE) * math.exp((_SURE - share) / (1.0 - _SURE))


class Curve:
    """When one past course passed each position, in seconds since its attempt began."""

    __slots__ = ("_positions", "_times", "duration", "first")

    def __init__(self, course: StageCourse, position: Callable[[StageCourse, Mark], float]) -> None:
        self.duration = course.duration
        self._times: list[float] = []
        self._positions: list[float] = []
        for mark in course.marks:
            here = position(course, mark)
            if not self._positions or here > self._positions[-1]:
                self._times.append(min(self.duration, max(0.0, mark.time - course.attempt)))
                self._positions.append(here)
        self.first = self._times[0] if self._times else None

    def passed(self, position: float) -> float:
        """Return when it came to a position; its end, if it never did."""
        at = bisect_left(self._positions, position)
        if at == len(self._positions):
            return self.duration
        if at == 0:
            return self._times[0]
        low, high = self._positions[at - 1], self._positions[at]
        share = (position - low) / (high - low)
        return self._times[at - 1] + share * (self._times[at] - self._times[at - 1])
