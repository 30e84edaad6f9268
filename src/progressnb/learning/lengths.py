"""Positions: how much of an output is written, measured by the outputs that the stage wrote before.

Past outputs make a template: which fields come, how long each is (characters), how many items a list has. A position
is the share of the template that is written, 0–1. Where no lengths are kept, or a stage writes several outputs, the
percent that the stage reported is the position. A position says nothing of seconds: the curves of past runs tell when
they passed it.
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

__all__ = ["Curve", "Template", "percent_position"]

_LINEAR_UP_TO = 0.8  # beyond this share of the usual length a position approaches 1 and never reaches it
_ITEM_OPEN = 0.9  # the most that an item counts before it is complete


@dataclass(frozen=True, slots=True)
class _Length:
    """The usual size of a field: characters, and items where these vary less (else 0)."""

    characters: float
    items: float

    @classmethod
    def of(cls, seen: Sequence[tuple[int, int]]) -> _Length:
        """Take the medians of pairs of characters and items."""
        lengths = [float(characters) for characters, _ in seen]
        counts = [float(items) for _, items in seen]
        counted = min(counts) > 1 and _variation(counts) < _variation(lengths)
        return cls(max(1.0, median(lengths)), median(counts) if counted else 0.0)

    def share(self, characters: int, items: int) -> float:
        """Return which share is written, 0–1, when there are so many characters and complete items."""
        if not self.items:
            return _saturated(characters / self.characters)
        # Characters beyond the usual length of the complete items belong to the open item.
        each = self.characters / self.items
        in_item = max(0.0, characters - items * each) / each if items < self.items else 0.0
        return _saturated((items + min(_ITEM_OPEN, in_item)) / self.items)


class Template:
    """The typical output of a stage: its fields with their usual lengths."""

    def __init__(self, courses: Sequence[StageCourse]) -> None:
        names = {name: None for course in courses for name, _, _ in course.fields}
        self._fields: dict[str, _Length] = {}
        for name in names:
            seen = [(length, items) for course in courses for known, length, items in course.fields if known == name]
            if 2 * len(seen) >= len(courses):
                self._fields[name] = _Length.of(seen)
        self._whole = _Length.of([(course.characters, course.items) for course in courses])
        self._total = math.fsum(field.characters for field in self._fields.values())

    @classmethod
    def of(cls, courses: Sequence[StageCourse]) -> Template | None:
        """Make a template, or return None where outputs were not kept or the stage mostly writes several."""
        single = [course for course in courses if course.outputs == 1 and course.characters]
        return cls(single) if single and 2 * len(single) > len(courses) else None

    def position(self, course: StageCourse, mark: Mark) -> float:
        """Return the share of the template, 0–1, that is written at a mark."""
        if not self._fields or not self._total:
            return self._whole.share(mark.characters, mark.items)
        complete = (name for name, _, _ in course.fields[: mark.done])
        done = math.fsum(self._fields[name].characters for name in complete if name in self._fields)
        if mark.open is not None and (field := self._fields.get(mark.open)) is not None:
            done += field.characters * field.share(mark.open_characters, mark.items)
        return min(1.0, done / self._total)


def percent_position(_course: StageCourse, mark: Mark) -> float:
    """Return the percent that a stage reported at a mark as a position, 0–1."""
    return mark.percent / 100


def _variation(values: Sequence[float]) -> float:
    """Return the coefficient of variation."""
    return pstdev(values) / max(1e-9, fmean(values))


def _saturated(share: float) -> float:
    """Return a share of the usual length as a position: an output longer than usual approaches 1."""
    if share <= _LINEAR_UP_TO:
        return share
    return 1.0 - (1.0 - _LINEAR_UP_TO) * math.exp((_LINEAR_UP_TO - share) / (1.0 - _LINEAR_UP_TO))


class Curve:
    """The time at which one past stage passed each position, in seconds since its last attempt began."""

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

    def time_at(self, position: float) -> float:
        """Return when the stage passed a position (linear interpolation); its end, if it never did."""
        at = bisect_left(self._positions, position)
        if at == len(self._positions):
            return self.duration
        if at == 0:
            return self._times[0]
        low, high = self._positions[at - 1], self._positions[at]
        share = (position - low) / (high - low)
        return self._times[at - 1] + share * (self._times[at] - self._times[at - 1])
