"""The percent of a run: a tree of work in which each part fills a span of its parent.

The percent that a stage reports is a floor. Work that begins later fills the percent points above that floor. Parts
that were expected share them evenly; any other part takes half of those left. An output that is being written fills
the rest. So does a loop of a known length, as long as nothing else begins, and the stages that hold nothing but it. It
leaves the last two percent points to what may come after it. A change goes up the tree in as many steps as the tree is
deep.

A percent moves a bar. Seconds can be computed from it only where it measures something. Half of what is left is a
placeholder and says nothing of what is to come, and the share of an output of unknown length is a guess. Percent points
that nobody worked for, such as those of a skipped stage, say nothing of the pace.
"""

# ruff: noqa: SLF001 - the pieces of one tree know each other

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, TypeGuard

from progressnb.errors import InvalidProgressError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FULL", "CountedWork", "Work", "checked_percent", "is_number"]

FULL = 100.0

NOTHING_LEFT = 0.1
"""Percent points that are too few to share: halves of them would round up to all."""


_KEPT = 98.0
"""The percent up to which a part that is alone fills all that is left: what begins after it still moves the whole."""


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a real number; NumPy's are, a bool is not."""
    return not isinstance(value, bool) and isinstance(value, Real)


def checked_percent(value: object) -> float:
    """Return a percent, 0–100, as a float; raise `InvalidProgressError` for any other value."""
    if not is_number(value):
        raise InvalidProgressError("a percent as a number from 0 to 100", repr(value), "Pass None if it is unknown.")
    if not 0 <= value <= FULL:  # NaN is not, either
        raise InvalidProgressError(
            "a percent from 0 to 100", repr(value), "Pass 100 * done / total, or None if it is unknown."
        )
    return float(value)


class Work:
    """A piece of work and how much of it is done, in percent.

    `span` is how many percent points of the parent this work fills when it is complete. Not
    thread-safe: changed under the run's lock.
    """

    __slots__ = (
        "_claimed",
        "_expected",
        "_filled",
        "_floor",
        "_gaps",
        "_is_alone",
        "_is_guess",
        "_is_open_ended",
        "_known",
        "_latest",
        "_output",
        "_parent",
        "_reserved",
        "_room",
        "_round_above",
        "_scale",
        "_steps",
        "_stretched",
        "_supplied",
        "abandoned",
        "complete",
        "given",
        "is_estimate",
        "round",
        "span",
        "value",
    )

    def __init__(self, parent: Work | None = None, span: float = FULL) -> None:
        self._parent = parent
        self.span = span
        self.value = 0.0
        self.complete = False
        self.abandoned = False  # it has ended and was not completed
        self._known = False
        self._floor = 0.0
        self._claimed = 0.0  # percent points that belong to parts or to the floor
        self._gaps = 0.0  # claimed percent points that belong to the floor alone
        self._filled = 0.0  # claimed percent points that parts have done
        self._expected = 0
        self._output = 0.0
        self._is_guess = False  # whether the share of the output is an estimate
        self._is_open_ended = False  # whether the latest part took half of what was left
        self._latest: Work | None = None  # the part that began last
        self._reserved = 0.0  # the share of what is left that undeclared parts leave to the output, 0–1
        self._steps = 0  # undeclared parts since then
        self.given = 0.0  # percent points that nobody worked for
        self.is_estimate = False  # whether what is reported is another's estimate, as that of a run below this one
        self._scale = span  # percent points of the parent that the rest of this work fills, were it the whole
        self._supplied = 0.0  # percent points of the parent that it has filled
        self._room = 0.0  # percent points of the parent that were left when it began as a placeholder
        self._stretched: Work | None = None  # the part whose output fills all that is left
        self._is_alone = False  # whether it fills all that is left and nothing is at work beside it
        self.round = 0  # how often it began anew
        self._round_above = parent.round if parent is not None else 0

    @property
    def percent(self) -> float | None:
        """The percent, or None while nothing is known."""
        return self.value if self._known or self.complete else None

    @property
    def output(self) -> float:
        """The share of the output that is written, 0–1."""
        return self._output

    @property
    def is_measured(self) -> bool:
        """Whether the percent counts something, so that seconds may be computed from it."""
        work, latest = self, self._latest
        while latest is not None and not (latest.complete or latest.abandoned):  # in a loop, for trees of any depth
            work, latest = latest, latest._latest
        return not (work._is_guess or work.is_estimate) and (work._floor > 0 or work._output > 0)

    @property
    def is_guess(self) -> bool:
        """Whether the percent follows the guess of how much of an output is written, and code reported none."""
        work, latest = self, self._latest
        while not work._is_guess and work._floor <= 0 and latest is not None:
            work, latest = latest, latest._latest
        return work._is_guess and work._floor <= 0

    @property
    def has_ground(self) -> bool:
        """Whether this percent and all above it count something: none is that of an agent with more to write."""
        work: Work | None = self._parent
        while work is not None and not (work._is_guess or work._reserved):
            work = work._parent
        return work is None and self.is_measured

    @property
    def unclaimed(self) -> float:
        """The percent points of this work that are a placeholder: perhaps nothing comes that will fill them.

        Code that reports a percent itself means the whole of its work by it.
        """
        if not self._is_open_ended or self.complete or self._floor:
            return 0.0
        part = self._stretched
        kept = part._scale * (FULL - _KEPT) / FULL if part is not None and part._is_alone else 0.0
        return FULL - max(self._claimed, self.value) + kept

    @property
    def points(self) -> float:
        """The percent points of the whole tree that a work of this pace fills from 0 to 100."""
        points, work = FULL, self
        while work._parent is not None:
            points, work = points * work._scale / FULL, work._parent
        return points

    def raise_floor(self, percent: float, *, given: bool = False) -> None:
        """Raise the least percent that is done; a lower one changes nothing. `given` says that nobody worked for it."""
        self._floor = max(self._floor, percent)
        self._refresh(given=given)

    def reserve(self, share: float) -> None:
        """Keep a share of what is left, 0–1, for the output: the k-th undeclared part fills the rest to k/(k + 2)."""
        self._reserved, self._steps = share, 0

    def expect(self, count: int) -> None:
        """Declare how many parts are to come; they share evenly the percent points that are left."""
        self._expected = count

    def part(self, weight: float | None = None) -> Work:
        """Begin a part; its span is `weight` (0–1) of the whole, else as this module's docstring says."""
        self._settle()
        # The output so far keeps its percent points: only a retry lets a percent fall.
        start = max(self._floor, self._claimed + (FULL - self._claimed) * self._output)
        self._output = 0.0
        left = FULL - start
        self._is_open_ended = False
        if weight is not None:
            span = min(weight * FULL, left)
        elif self._expected > 0:
            span = left / self._expected
            self._expected -= 1
        else:
            span = self._placeholder(left)
            self._is_open_ended = True
        self._gaps += start - self._claimed
        self._claimed = start + span
        self._known = True
        self._refresh()
        before, self._latest = self._latest, Work(self, span)
        self._latest._room = left if self._is_open_ended and not self._reserved else 0.0
        self._latest._is_alone = before is None or before.complete or before.abandoned
        return self._latest

    def _placeholder(self, left: float) -> float:
        if left <= NOTHING_LEFT:
            return 0.0
        if not self._reserved:
            return left / 2
        # After k parts (1 - reserved) * k / (k + 2) is filled, so parts go on to move it however many come.
        self._steps += 1
        filled, then = (1 - self._reserved) * (self._steps - 1) / (self._steps + 1), self._steps / (self._steps + 2)
        return left * ((1 - self._reserved) * then - filled) / (1 - filled)

    def write_output(self, fraction: float, *, is_measured: bool = False) -> None:
        """Set the share of the output that is written, 0–1. It fills the unclaimed rest, and may fall at a retry.

        `is_measured` says that the length of the whole is known, so that the share is no guess.
        """
        self._settle()
        self._stretch()
        self._output = min(1.0, max(0.0, fraction))
        self._known, self._is_guess = True, not is_measured
        self._refresh()

    def finish(self, *, given: bool = False) -> None:
        """Fill the whole span. `given` says that nobody worked for it, as for a skipped stage."""
        if self._parent is not None and self._parent._stretched is self:
            self._parent._settle()
        self.complete = True
        self._refresh(given=given)

    def _stretch(self) -> None:
        """Let an output or a loop fill all that is left above it: most stages have no second part after it.

        When the part is finished, or another begins beside it, it has filled half of what was left, or what it shows.
        """
        above = self._parent
        if above is None or above._latest is not self or self._round_above != above.round:
            return
        if self._room <= 0 or self.complete or self.value >= FULL:
            return
        above._stretched = self
        above._claimed += self._room - self.span
        self._scale = (self._room - self._supplied) / (1 - self.value / FULL)
        self._room = -self._room  # once
        above._stretch()  # a stage that holds nothing else is all of the work above it as well

    def _settle(self) -> None:
        """Give back what the output of the latest part has not filled."""
        part, self._stretched = self._stretched, None
        if part is not None:
            room = -part._room
            span = min(room, max(part.span, part._supplied))
            self._claimed -= room - span
            part._is_alone, left = False, 1 - part.value / FULL
            part._scale = (span - part._supplied) / left if left > 0 else 0.0

    def restart(self) -> None:
        """Begin anew: neither the work so far counts any more, nor the parts that began before."""
        self.round += 1
        self._floor = self._claimed = self._gaps = self._filled = self._output = 0.0
        self._expected = self._steps = 0
        self._latest = self._stretched = None
        self.complete = self._known = self._is_guess = self._is_open_ended = False
        self._refresh()

    def _refresh(self, *, given: bool = False) -> None:
        work = self
        while True:  # up the tree, as far as anything changes
            if work._floor:
                work._known = True
            rest = FULL - work._claimed
            computed = max(work._floor, work._gaps + work._filled + rest * work._output)
            before, work.value = work.value, FULL if work.complete else min(FULL, computed)
            above = work._parent
            if given:
                work.given = min(work.value, work.given + max(0.0, work.value - before))
            if above is None or work.value == before or work._round_above != above.round:
                return
            moved = work.value - before
            if work._is_alone and above._stretched is work:
                moved = min(_KEPT, work.value) - min(_KEPT, before)
            supplied = work._scale * moved / FULL
            work._supplied += supplied
            above._filled += supplied
            work = above


class CountedWork(Work):
    """A piece of work that is done item by item, in the place of a plain one.

    `total` is the number of items, and `count` returns how many are done. Parts that begin during an item fill that
    item's share. Without a total, or without a count because items are done side by side, parts fill nothing.
    `left` returns the seconds that the items to come will take, or None where that is not known.
    """

    __slots__ = ("_at", "_count", "_item", "_stands", "_total", "left")

    def __init__(self, plain: Work, total: float | None, count: Callable[[], float] | None) -> None:
        super().__init__(plain._parent, plain.span)
        self._room, self._is_alone = plain._room, plain._is_alone
        self._total = total
        self._count = count
        self.left: Callable[[], float | None] | None = None
        self._stands: tuple[float | None] | None = None  # the percent that it shows for good
        self._at = -1.0
        self._item: Work | None = None
        self._claimed = FULL  # all of it belongs to the items
        if self._parent is not None and self._parent._latest is plain:
            self._parent._latest = self
        if total:
            self._stretch()

    @property
    def percent(self) -> float | None:
        """The percent, or None while nothing is known."""
        return super().percent if self._stands is None else self._stands[0]

    def stand_still(self) -> None:
        """Show this percent for good: the work ends before all items are done. Its share of the whole is filled."""
        self._stands = (self.percent,)
        self.finish(given=True)

    @property
    def item(self) -> float | None:
        """The number of the item that is being done, from 0; None where items are done side by side."""
        return self._count() if self._count is not None else None

    def part(self, weight: float | None = None) -> Work:
        """Begin a part of the item that is being done."""
        if not self._total or self._count is None:
            return Work(None, 0.0)
        done, self._known = self._count(), True
        if self._item is None or self._at != done:
            # Parts of the items before count no more: the count says that those items are done.
            self.round += 1
            self._at, self._filled = done, min(FULL, FULL * done / self._total)
            self._item = Work(self, max(0.0, min(FULL / self._total, FULL - self._filled)))
        return self._item.part(weight)

    def write_output(self, fraction: float, *, is_measured: bool = False) -> None:
        """Move nothing: the output of one item says nothing of the others."""
