"""The percent of a run: a tree of work in which each part fills a span of its parent.

The percent that a stage reports is a floor. Work that begins later fills the percent points above that floor. Parts
that were expected share them evenly. Of other parts nobody knows how many are to come: `Room` says what they fill. An
output that is being written fills the rest. So does a loop of a known length, as long as nothing else begins, and the
stages that hold nothing but it. It leaves the last two percent points to what may come after it. A change goes up the
tree in as many steps as the tree is deep.

A percent moves a bar. Seconds can be computed from it only where it measures something. The room of parts that nobody
declared is a placeholder and says nothing of what is to come, and the share of an output of unknown length is a guess.
Percent points that nobody worked for, such as those of a skipped stage, say nothing of the pace.
"""

# ruff: noqa: SLF001 - the pieces of one tree know each other

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.state import ENDED
from progressnb.tracking.figures import Figures
from progressnb.tracking.percent import FULL
from progressnb.tracking.room import Room, share_of_part

if TYPE_CHECKING:
    from progressnb.wire.events import StageStatus

__all__ = ["Work"]

NOTHING_LEFT = 0.1
"""Percent points that are too few to share: parts of them would round up to all."""

_KEPT = 98.0
"""The percent up to which a part that is alone fills all that is left: what begins after it still moves the whole."""


class Work(Figures):
    """A piece of work and how much of it is done, in percent.

    `span` is how many percent points of the parent this work fills when it is complete. Not
    thread-safe: changed under the run's lock.
    """

    __slots__ = (
        "_is_in_room",
        "_is_shared",
        "_is_told_rough",
        "_is_waiting",
        "_latest",
        "_parent",
        "_room",
        "_round_above",
        "_scale",
        "_supplied",
        "span",
    )

    counts_items = False
    """Whether the work is done item by item, as `CountedWork` is."""

    def __init__(self, parent: Work | None = None, span: float = FULL) -> None:
        super().__init__(parent)
        self._parent = parent
        self.span = span
        self._latest: Work | None = None  # the part that began last
        self._room: Room[Work] | None = None  # that undeclared parts share
        self._scale = span  # percent points of the parent that this work fills, unless it shares a room
        self._is_shared = False  # whether it fills the room that its parent has for undeclared parts
        self._is_in_room = False  # whether it is one of those at work there
        self._is_waiting = False  # whether a loop beside it counts it, so that it fills nothing of its own
        self._is_told_rough = False  # whether the last event that says so tells of a guess
        self._supplied = 0.0  # percent points of the parent that it has filled
        self._round_above = parent.round if parent is not None else 0

    def is_below(self, other: Work) -> bool:
        """Return whether this work fills a part of another, in whatever depth."""
        above = self._parent
        while above is not None and above is not other:
            above = above._parent
        return above is not None

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
    def is_rough(self) -> bool:
        """Whether the percent moves with a guess: with a model at work, or with another's estimate.

        Neither a loop that is counted nor a percent that code reported is one.
        """
        work: Work | None = self
        while work is not None and not (work.complete or work.abandoned):
            if work.is_estimate:
                return True
            if work.counts_items or 0 < work.value <= work._floor:
                return False
            if work._is_guess or (work._reserved and not work._output):
                return True
            work = work._latest
        return False

    def guess_news(self, status: StageStatus) -> dict[str, bool] | None:
        """Return what an event of a stage of this status must say of guesses, as data, or None if nothing is news.

        Whoever asks has read the percent before.
        """
        if status in ENDED:
            return {"guessed": True} if status in ("failed", "cancelled") and self.is_guess else None
        if 0 < self._value <= self._floor and not (self._is_told_rough or self.is_estimate):
            return None  # nearly always: code reports the percent
        if self.is_rough == self._is_told_rough:
            return None
        self._is_told_rough = not self._is_told_rough
        return {"guessed": self._is_told_rough}

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
        kept = self._room.kept * (FULL - _KEPT) / FULL if self._room is not None else 0.0
        return FULL - max(self._claimed, self.value) + kept

    @property
    def points(self) -> float:
        """The percent points of the whole tree that a work of this pace fills from 0 to 100."""
        points, work = FULL, self
        while work._parent is not None:
            points, work = points * work._pace / FULL, work._parent
        return points

    @property
    def _pace(self) -> float:
        """The percent points of the parent that a work of this pace fills from 0 to 100."""
        room = self._parent._room if self._is_shared and self._parent is not None else None
        return room.rate if room is not None else self._scale

    def part(self, weight: float | None = None) -> Work:
        """Begin a part; its span is `weight` (0–1) of the whole, else as this module's docstring says."""
        self._catch_up()
        if weight is None and self._expected <= 0 and self._room is not None and self._is_counted():
            part = Work(self, self._room.admit())
            part._is_waiting = True
            self._room.waiting.add(part)
            return part
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
        part = self._latest = Work(self, span)
        if self._is_open_ended and not self._reserved:
            if self._room is None:
                self._room = Room()
            part._is_shared = part._is_in_room = True
            self._room.begin(part, span)
            if self._room.is_first_wave:
                # Parts that begin side by side are mostly all there are, as those of `asyncio.gather`.
                more = (FULL - self._claimed) * _KEPT / FULL
                self._room.stretch(more)
                self._claimed += more
        return part

    def _is_counted(self) -> bool:
        """Return whether a loop of a known length fills all that is left: it counts what begins beside it, too."""
        room, loop = self._room, self._latest
        return room is not None and loop is not None and loop.counts_items and room.alone is loop and room.kept > 0

    def _join(self, part: Work) -> None:
        """Let a part that began beside a loop share the room: it counts something itself, or the loop has ended."""
        room, part._is_waiting = self._room, False
        if room is None or part not in room.waiting:
            return
        room.waiting.discard(part)
        span = self._placeholder(FULL - self._claimed)
        self._claimed += span
        self._latest, part._is_in_room, part._is_shared = part, True, True
        room.begin(part, span, 1 - part.value / FULL)

    def _placeholder(self, left: float) -> float:
        if left <= NOTHING_LEFT:
            return 0.0
        if not self._reserved:
            return left * share_of_part(self._room.begun + 1 if self._room is not None else 1)
        # After k parts (1 - reserved) * k / (k + 2) is filled, so parts go on to move it however many come.
        self._steps += 1
        filled, then = (1 - self._reserved) * (self._steps - 1) / (self._steps + 1), self._steps / (self._steps + 2)
        return left * ((1 - self._reserved) * then - filled) / (1 - filled)

    def write_output(self, fraction: float, *, is_measured: bool = False) -> None:
        """Set the share of the output that is written, 0–1. It fills the unclaimed rest, and may fall at a retry.

        `is_measured` says that the length of the whole is known, so that the share is no guess.
        """
        self._catch_up()
        self._settle()
        self._stretch()
        self._output = min(1.0, max(0.0, fraction))
        self._known, self._is_guess = True, not is_measured
        self._refresh()

    def finish(self, *, given: bool = False) -> None:
        """Fill the whole span. `given` says that nobody worked for it, as for a skipped stage."""
        self._catch_up()
        room = self._leave_room()
        self.complete = True
        self._latest = None
        self._refresh(given=given)
        if room is not None:
            room.end(self, 0.0)

    def forget_parts(self) -> None:
        """Let go of the parts: nothing of them comes any more."""
        self._catch_up()
        self._latest = self._room = None

    def abandon(self) -> None:
        """Take note that the work has ended and was not completed: others may fill what it has not."""
        self._catch_up()
        room = self._leave_room()
        self.abandoned = True
        if room is not None:
            room.end(self, 1 - self.value / FULL if self._is_shared else 0.0)

    def _leave_room(self) -> Room[Work] | None:
        """Return the room of the parent where this work is at work there, and no longer is."""
        if self._is_waiting and self._parent is not None and self._parent._room is not None:
            self._parent._room.waiting.discard(self)
        above, self._is_in_room, was_in_room = self._parent, False, self._is_in_room
        if above is None or not was_in_room or self._round_above != above.round:
            return None
        room = above._room
        if room is not None and room.alone is self:
            above._settle()
        return room

    def _stretch(self) -> None:
        """Let a part that counts something fill all that is left: most stages have no second part after it.

        When the part is finished, or another begins beside it, it has filled half of what was left, or what it shows.
        """
        above = self._parent
        if above is None or self._round_above != above.round:
            return
        if self._is_waiting:
            above._join(self)
        if above._latest is not self or above._room is None or not above._room.is_open:
            return
        if self.complete or self.value >= FULL:
            return
        above._room.stretch(FULL - above._claimed)
        above._claimed = FULL
        above._stretch()  # a stage that holds nothing else is all of the work above it as well

    def _settle(self) -> None:
        """Give back what the parts of the room have not filled."""
        if self._room is not None:
            alone, returned = self._room.settle()
            self._claimed -= returned
            if alone is not None:
                alone._is_shared, alone._scale = False, 0.0
                self._room.leave(1 - alone.value / FULL)
            for part in list(self._room.waiting):
                self._join(part)

    def restart(self) -> None:
        """Begin anew: neither the work so far counts any more, nor the parts that began before."""
        self._catch_up()
        self._clear()
        self._latest = self._room = None
        self._refresh()

    def _refresh(self, *, given: bool = False) -> None:
        work = self
        while True:  # up the tree, as far as anything changes
            value = work._gaps + work._filled + (FULL - work._claimed) * work._output
            if value < (floor := work._floor):
                value = floor
            if work.complete or value > FULL:
                value = FULL
            before, work._value = work._value, value
            above = work._parent
            if given:
                work.given = min(value, work.given + max(0.0, value - before))
            if above is None or value == before or work._round_above != above.round:
                return
            if work._is_waiting:
                return  # a loop beside it counts it
            if not work._is_shared or (room := above._room) is None:
                supplied = work._scale * (value - before) / FULL
            elif work.abandoned:
                return
            elif value < before:
                supplied = room.take_back(work._supplied * (before - value) / before, before - value)
            else:
                most = _KEPT if room.kept else FULL
                supplied = room.fill(value - before, min(most, value) - min(most, before))
            work._supplied += supplied
            above._filled += supplied
            work = above
