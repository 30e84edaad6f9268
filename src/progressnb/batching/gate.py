"""The gate before a provider's model: it pauses all items when the provider refuses one, and lets fewer through.

Additive increase, multiplicative decrease (Chiu and Jain, 1989): a wave of refusals halves the limit once. It comes
back by one with each item that goes well, up to what the provider had taken at once beside those that it refused,
while half of it is in use; beyond that by one each time that as many items as the limit have gone well. `pace.py` says
how many begin in a second.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary, WeakValueDictionary

from progressnb.batching.pace import Pace
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.failures import causes_of, status_code
from progressnb.tracking.retry import LONGEST_PAUSE, asked_pause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from progressnb.tracking.clock import Clock

__all__ = ["LONGEST_ASKED", "TOO_MANY", "Gate", "Refusal", "gate_of", "refusal_of"]

FIRST_PAUSE = 0.5
"""Seconds of the first pause where the provider names none; each further wave without a success doubles it."""

LONGEST_ASKED = 600.0
"""Seconds for which a provider may ask: an item that it refused for longer has failed, and the others try again."""

TOO_MANY = 429
"""The HTTP status "too many requests"."""
_CHAIN = 20
"""Errors of a chain of causes that are read: a chain may be a circle."""


class Refusal:
    """A refusal of a provider: the pause in seconds that it asks for, or None."""

    __slots__ = ("asked",)

    def __init__(self, asked: float | None) -> None:
        self.asked = asked


def refusal_of(error: BaseException | None, now: datetime) -> Refusal | None:
    """Return the refusal that an error tells of, anywhere in its chain of causes and groups; None for another error.

    HTTP 429 is one, and so is any answer that asks for a pause by `Retry-After`. Of several pauses the longest counts.
    """
    found, asked = False, None
    for each in _chain(error):
        pause = asked_pause(each, now)
        if pause is not None or status_code(each) == TOO_MANY:
            found = True
            asked = pause if asked is None else max(asked, pause or 0.0)
    return Refusal(asked) if found else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    left, seen = [error], set[int]()
    while left and len(seen) < _CHAIN:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        causes = causes_of(each)
        if causes == [each]:
            yield each
            left += [each.__context__, each.__cause__]
        else:
            left += causes


class Gate:
    """The gate of one model, which all batches of a loop share.

    Attributes:
        limit: Items that may be at work behind it; None where nothing was refused lately.
        until: When the pause ends, on the clock.
        at_work: Items at work behind it.
        reason: Why it holds items back: `asked`, `refused` or `growing`; None where it does not.
        seconds: The pause that the provider asked for, 600 s at most.

    """

    def __init__(self, clock: Clock, model: str | None = None) -> None:
        self.clock = clock
        provider, _, name = (model or "").rpartition(":")
        self.provider, self.model = provider or None, name or None
        self.limit: int | None = None
        self.until = 0.0
        self.at_work = 0
        self.seconds: float | None = None
        self._asked = False
        self._wave: float | None = None  # when the limit was halved last
        self._waves = 0  # without a success since
        self._credit = 0
        self._taken = 0  # items that the provider had at once beside those that it refused last
        self._pace = Pace()

    @property
    def closed(self) -> bool:
        """Whether all wait now."""
        return self.clock.monotonic() < self.until

    @property
    def reason(self) -> Literal["asked", "refused", "growing"] | None:
        """Why it holds items back now, or None."""
        if self.closed:
            return "asked" if self._asked else "refused"
        return "growing" if self.limit is not None else None

    def has_room(self) -> bool:
        """Return whether one more item may begin."""
        if self.closed or (self.limit is not None and self.at_work >= self.limit):
            return False
        return self._pace.has_room(self.clock.monotonic())

    @property
    def opens(self) -> float:
        """The time at which its pause and its pace let one more item begin, on the clock; in the past where they do."""
        return max(self.until, self._pace.opens(self.clock.monotonic()))

    def enter(self) -> float:
        """Begin an item; return when, which `refuse` gets."""
        self.at_work += 1
        return self._pace.enter(self.clock.monotonic())

    def leave(self) -> None:
        """End an item, however it went."""
        self.at_work -= 1

    def went_well(self, ceiling: int) -> None:
        """Take note that an item went well; the limit grows slowly, up to the ceiling.

        There it is gone, unless the pace has held items back of late.
        """
        self._waves = 0
        if self.limit is None or self.closed:
            return
        self._credit += 1
        if self._credit >= self.limit or self.limit < min(self._taken, 2 * self.at_work):
            self._credit, self.limit = 0, self.limit + 1
        if self.limit < ceiling:
            return
        if self._pace.held and ceiling > 1:
            self.limit, self._pace.held = ceiling - 1, False
        else:
            self.limit, self._wave = None, None
            self._pace.forget()

    def refuse(self, refusal: Refusal, began: float, ceiling: int) -> None:
        """Take note that the provider refused an item that began at a time.

        Items that had begun before the limit was halved belong to the wave that halved it. A probe is no wave.
        """
        now = self.clock.monotonic()
        if self._pace.is_probe(began, now):
            if refusal.asked is not None:
                self._pause(now + refusal.asked, refusal.asked)
            return
        if self._wave is None or began > self._wave:
            self._wave, self._credit, self._taken = now, 0, self.at_work
            self._waves += 1
            self.limit = max(1, min(ceiling, self.limit or ceiling) // 2)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._waves - 1, 60))
            self._pause(now + max(pause, refusal.asked or 0.0), refusal.asked)
        else:
            self._taken = min(self._taken, self.at_work)
            if refusal.asked is not None:
                self._pause(now + refusal.asked, refusal.asked)
        self._pace.learn(now, self.until)

    def _pause(self, until: float, asked: float | None) -> None:
        until = min(until, self.clock.monotonic() + LONGEST_ASKED)
        if until > self.until:
            self.until = until
            self._asked, self.seconds = asked is not None, None if asked is None else min(asked, LONGEST_ASKED)


_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[tuple[str | None, int], Gate]] = (
    WeakKeyDictionary()
)


def gate_of(model: str | None, clock: Clock) -> Gate:
    """Return the gate of a model that the batches of the running loop share, as long as one of them needs it."""
    gates = _gates.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    # Batches of tests have clocks of their own; all others have the machine's.
    key = model, 0 if isinstance(clock, SystemClock) else id(clock)
    gate = gates.get(key)
    if gate is None:
        gate = gates[key] = Gate(clock, model)
    return gate
