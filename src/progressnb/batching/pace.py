"""The pace at which items begin before a provider that has refused some: as many a second as it accepted, and few more.

A limit of items at work says nothing of requests a second, which is what most providers bound. So once a provider has
refused an item, no more begin in a second than it had accepted in the second before. Beyond that a few begin as
probes, each a tenth of a second after the one before, and more as they are accepted. The refusal of a probe is no wave:
it only says that there is no more to be had now.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Pace", "Probe"]

SECOND = 1.0
"""Seconds in which accepted items are counted: that of most bounds of providers."""

SPAN = 1.1
"""Seconds in which no more than these begin: a little longer, since requests are some time on their way."""

GAP = 0.1
"""Seconds between two rounds of probes: a refusal is back by then, mostly."""

REST = 2.0
"""Seconds without probes after one was refused."""

_SHARE = 10
"""The part of what is accepted that one round of probes has at most."""

_CREEP = 4
"""Accepted rounds after which one more a second is taken for accepted."""


class Probe(float):
    """The time at which a probe began."""


class Pace:
    """The items that may begin in a second.

    Attributes:
        most: How many may begin in `SPAN` seconds, beside probes; None while nothing was refused.
        held: Whether it has held anything back since it was asked last.

    """

    def __init__(self) -> None:
        self.most: int | None = None
        self.held = False
        self._begun: deque[float] = deque()
        self._next = 0.0  # when the next round of probes may begin
        self._size = self._left = self._rounds = 0
        self._gap = GAP

    def has_room(self, now: float) -> bool:
        """Return whether one more may begin at a time in seconds, also as a probe."""
        if not self._is_full(now) or self._left > 0 or now >= self._next:
            return True
        self.held = True
        return False

    def opens(self, now: float) -> float:
        """Return when one more may begin, in seconds; 0 where that is so already."""
        if self.most is None or self.has_room(now):
            return 0.0
        return min(self._next, self._begun[len(self._begun) - self.most] + SPAN)

    def enter(self, now: float) -> float:
        """Begin one; return when, as a `Probe` where it is one."""
        is_probe = self._is_full(now)
        if is_probe:
            if self._left <= 0:
                self._begin_round(now)
            self._left -= 1
        self._begun.append(now)
        return Probe(now) if is_probe else now

    def is_probe(self, began: float, now: float) -> bool:
        """Take note that one was refused; return whether it was a probe, after which there are none for a while."""
        if began in self._begun:
            self._begun.remove(began)
        if not isinstance(began, Probe) or now - began > SPAN:
            return False
        self._left = self._size = self._rounds = 0
        self._gap, self._next = REST, now + REST
        return True

    def learn(self, now: float, until: float) -> None:
        """Take what was accepted in the last second for the most; probes begin once a pause has ended.

        That may be of two seconds of the provider's clock: a refusal never lets more begin than before it.
        """
        accepted = max(1, self._accepted(now))
        self.most = accepted if self.most is None else min(self.most, accepted)
        self._left = self._size = self._rounds = 0
        self._gap, self._next, self.held = GAP, until, False

    def forget(self) -> None:
        """Hold nothing back any longer."""
        self.most = None

    def _begin_round(self, now: float) -> None:
        """Begin the next probes: the last ones were accepted."""
        most = max(self.most or 1, self._accepted(now))
        if self._size:
            self._gap, self._rounds = GAP, self._rounds + 1
            most += self._rounds % _CREEP == 0
        self.most = most
        self._left = self._size = min(max(1, -(-most // _SHARE)), 2 * self._size) if self._size else 1
        self._next = now + self._gap

    def _is_full(self, now: float) -> bool:
        while self._begun and self._begun[0] <= now - SPAN:
            self._begun.popleft()
        return self.most is not None and len(self._begun) >= self.most

    def _accepted(self, now: float) -> int:
        return sum(began > now - SECOND for began in self._begun)
