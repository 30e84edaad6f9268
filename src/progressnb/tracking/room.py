"""The room that parts share which nobody declared: nobody knows how many of them are to come.

After k parts the square root of k more are expected, so k parts fill √k / (1 + √k) of what was left: 50 % after the
first, 74 % after 8, 85 % after 30, 93 % after 200. Halves of what is left would say 99 % from the seventh on. Of the
simple curves that begin with a half, this one is off least where the number of parts may be any from 1 to 200
(`python -m benchmarks.estimates.honesty --undeclared`).

Parts at work fill the room side by side, in proportion to the work that is left in them, so that those which begin
together fill equal shares.
"""

from __future__ import annotations

import math
from typing import Generic, TypeVar

__all__ = ["Room", "share_of_part"]

_FULL = 100.0
_NONE = 1e-9

WorkT = TypeVar("WorkT")


def share_of_part(number: int) -> float:
    """Return the share of what is left, 0–1, that the undeclared part of this number fills; the first is 1."""
    return 1 - (1 + math.sqrt(number - 1)) / (1 + math.sqrt(number))


class Room(Generic[WorkT]):
    """The percent points of one piece of work that its undeclared parts share. Each step takes constant time.

    Attributes:
        alone: The only part at work, beside which none has begun, or None.
        at_work: The number of parts at work.
        begun: The number of parts that have begun.
        rate: The percent points that a part fills from 0 to 100.
        is_open: Whether a part that counts something may fill all that is left.
        waiting: The parts that began beside a loop which counts them.

    """

    __slots__ = (
        "_admitted",
        "_ended",
        "_filled",
        "_points",
        "_stretched",
        "_todo",
        "alone",
        "at_work",
        "begun",
        "is_open",
        "rate",
        "waiting",
    )

    def __init__(self) -> None:
        self._points = 0.0
        self._filled = 0.0
        self._admitted = self._ended = 0
        self._todo = 0.0  # the work that is left in the parts at work: 1 is a whole part
        self.alone: WorkT | None = None
        self._stretched = 0.0  # percent points that were added, as long as nothing else begins
        self.at_work = 0
        self.begun = 0
        self.is_open = False
        self.rate = 0.0
        self.waiting: set[WorkT] = set()

    def admit(self) -> float:
        """Return the percent points that one more part might fill when the loop beside it has ended."""
        self._admitted += 1
        left = max(0.0, self._points - self._filled) / (1 + math.sqrt(self._admitted - 1))
        return left * share_of_part(self._admitted)

    @property
    def is_first_wave(self) -> bool:
        """Whether several parts are at work side by side, none has ended before, and most of their work is to come."""
        others = self.at_work - 1
        return others > 0 and not self._ended and self._todo - 1 >= others / 2

    @property
    def kept(self) -> float:
        """The percent points that the only part at work would fill from 0 to 100, if it fills all that is left."""
        return self.rate if self._stretched and self.alone is not None else 0.0

    def begin(self, part: WorkT, points: float, left: float = 1.0) -> None:
        """Add a part at work of which so much is left, 0–1, and percent points to share."""
        self.alone = None if self.at_work else part
        self.at_work += 1
        self.begun += 1
        self._points += points
        self._todo += left
        self.is_open = True
        self._share()

    def replace(self, part: WorkT, other: WorkT) -> None:
        """Let another piece of work stand for a part that has done nothing yet."""
        if self.alone is part:
            self.alone = other
        if part in self.waiting:
            self.waiting.discard(part)
            self.waiting.add(other)

    def end(self, part: WorkT, left: float) -> None:
        """Remove a part that has ended with so much of it left, 0–1: others fill what it has not."""
        if self.alone is part:
            self.alone = None
        self.at_work -= 1
        self._ended += 1
        self._todo -= left
        self._share()

    def fill(self, percent: float, counted: float) -> float:
        """Return the percent points that a part fills which moves so far; `counted` is how much of this counts."""
        supplied = self.rate * counted / _FULL
        self._filled += supplied
        self._todo -= percent / _FULL
        return supplied

    def take_back(self, points: float, percent: float) -> float:
        """Take percent points back from a part that falls so far; return them as a negative number."""
        self._filled -= points
        self._todo += percent / _FULL
        self._share()
        return -points

    def stretch(self, points: float) -> None:
        """Add all that is left, as long as nothing else begins."""
        self._stretched += points
        self._points += points
        self.is_open = False
        self._share()

    def settle(self) -> tuple[WorkT | None, float]:
        """Give back what was added and is not filled; return that, and the only part if it has filled its share."""
        self.is_open = False
        if not self._stretched:
            return None, 0.0
        plain, self._stretched = self._points - self._stretched, 0.0
        returned, self._points = self._points - max(plain, self._filled), max(plain, self._filled)
        alone, self.alone = self.alone, None
        self._share()
        if alone is not None:
            self.begun = 0  # those that come share what is left now
        return (alone if self._filled >= plain else None), returned

    def leave(self, left: float) -> None:
        """Let a part go on that fills no more; so much of it is left, 0–1."""
        self._todo -= left
        self._share()

    def _share(self) -> None:
        left = self._points - self._filled
        self.rate = left / self._todo if self._todo > _NONE and left > 0 else 0.0
