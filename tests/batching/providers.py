"""Providers that allow so many requests a second, and items that go to one through a gate, in simulated time."""

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Protocol

from progressnb.batching.gate import Gate, Refusal
from progressnb.testing import ManualClock

Duration = Callable[[Random], float]


class Provider(Protocol):
    """A provider."""

    def ask(self, now: float) -> float | None:
        """Take a request, or return the seconds after which to ask again."""

    def answered(self) -> None:
        """Take note that an answer has come to its end."""


class Unbounded:
    """A provider that does not mind how many answers it gives at once."""

    def answered(self) -> None:
        """Take note that an answer has come to its end."""


class Sliding(Unbounded):
    """A provider that takes so many requests in any second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._taken: deque[float] = deque()

    def ask(self, now: float) -> float | None:
        """Take a request, or return the seconds after which to ask again."""
        while self._taken and self._taken[0] <= now - 1:
            self._taken.popleft()
        if len(self._taken) < self._rate:
            self._taken.append(now)
            return None
        return self._taken[0] + 1 - now


class Windows(Unbounded):
    """A provider that takes so many requests in each second of its clock."""

    def __init__(self, rate: int, phase: float) -> None:
        self._rate, self._phase = rate, phase
        self._taken: Counter[int] = Counter()

    def ask(self, now: float) -> float | None:
        """Take a request, or return the seconds after which to ask again."""
        window = int(now + self._phase)
        if self._taken[window] < self._rate:
            self._taken[window] += 1
            return None
        return window + 1 - self._phase - now


class Bucket(Unbounded):
    """A provider that takes so many requests at once, and as many a second as `rate`."""

    def __init__(self, rate: int, burst: int) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, float(burst), 0.0

    def ask(self, now: float) -> float | None:
        """Take a request, or return the seconds after which to ask again."""
        self._left, self._at = min(self._burst, self._left + (now - self._at) * self._rate), now
        if self._left >= 1:
            self._left -= 1
            return None
        return (1 - self._left) / self._rate


class AtOnce:
    """A provider that gives so many answers at once."""

    def __init__(self, most: int) -> None:
        self._most, self._now = most, 0

    def ask(self, now: float) -> float | None:  # noqa: ARG002 - it minds no time
        """Take a request, or return the seconds after which to ask again."""
        if self._now >= self._most:
            return 0.5
        self._now += 1
        return None

    def answered(self) -> None:
        """Take note that an answer has come to its end."""
        self._now -= 1


@dataclass
class Simulation:
    """Items that go to a provider: a request is 0.03 s on its way, and its answer takes `duration`.

    With `tells` a refusal says when to ask again. After `run`, `refused` and `seconds` say how it went.
    """

    provider: Provider
    duration: Duration
    items: int = 200
    limit: int = 50
    tells: bool = False
    seed: int = 0
    refused: int = 0
    seconds: float = 0.0
    most_at_work: int = 0
    refusals: Counter[int] = field(default_factory=Counter[int])

    def run(self) -> "Simulation":
        """Let all items be answered."""
        random, clock = Random(self.seed), ManualClock()  # noqa: S311 - no secret
        gate, began = Gate(clock), clock.monotonic()
        waiting, coming = deque(range(self.items)), list[tuple[float, int, bool, float]]()  # when, item, asks, begun
        done = at_work = 0
        while done < self.items:
            while waiting and at_work < self.limit and gate.has_room():
                arrives = clock.monotonic() + 0.03 * random.uniform(0.5, 1.5)
                heapq.heappush(coming, (arrives, waiting.popleft(), True, gate.enter()))
                at_work += 1
                self.most_at_work = max(self.most_at_work, at_work)
            opens = gate.opens
            if waiting and clock.monotonic() < opens < (coming[0][0] if coming else inf):
                clock.advance(opens - clock.monotonic() + 1e-9)
                continue
            when, item, asks, begun = heapq.heappop(coming)
            clock.advance(max(0.0, when - clock.monotonic()))
            if asks and (pause := self.provider.ask(clock.monotonic() - began)) is not None:
                gate.leave()
                gate.refuse(Refusal(pause if self.tells else None), begun, self.limit)
                waiting.appendleft(item)
                self.refusals[item] += 1
            elif asks:
                heapq.heappush(coming, (clock.monotonic() + self.duration(random), item, False, begun))
                continue
            else:
                self.provider.answered()
                gate.leave()
                gate.went_well(self.limit)
                done += 1
            at_work -= 1
        self.refused, self.seconds = self.refusals.total(), clock.monotonic() - began
        return self
