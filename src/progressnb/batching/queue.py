"""The queue of a batch: items that have not begun, wait for a gate or for another attempt, or run last and alone."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from progressnb.batching.gate import Gate, gate_of

if TYPE_CHECKING:
    from progressnb.batching.ends import Ends
    from progressnb.batching.items import Entry, Items
    from progressnb.batching.state import BatchItem, Ledger
    from progressnb.tracking.clock import Clock

__all__ = ["AtWork", "Queue"]

LOOK_AHEAD = 1_000
"""Items that may wait for their gate while others are looked for behind them."""


@dataclass(slots=True, eq=False)
class AtWork:
    """An item that has begun and not ended: its entry, its gate, when it began, how often it was refused."""

    item: BatchItem[Any]
    entry: Entry
    gate: Gate
    began: float = 0.0
    refusals: int = 0
    failures: int = 0
    is_suspect: bool = False


class Queue:
    """The items that have not ended and are not at work.

    Attributes:
        pausing: Those that wait for another attempt, the first due first.
        suspects: Those whose worker died while they were at work. They run last, each alone.

    """

    def __init__(self, items: Items, ends: Ends, ledger: Ledger, clock: Clock) -> None:
        self._items, self._ends, self._ledger, self._clock = items, ends, ledger, clock
        self._listed: deque[Entry] = deque()
        self._waiting: dict[Gate, deque[Entry]] = {}
        self._gates: dict[str | None, Gate] = {}
        self._is_source_done = False
        self.pausing: list[tuple[float, int, AtWork]] = []
        self.suspects: deque[AtWork] = deque()

    def take_listed(self, entries: list[Entry]) -> None:
        """Take the items whose keys were read already."""
        self._listed.extend(entries)
        self._is_source_done = True
        self._ends.note(self._items.notes())

    @property
    def all_gates(self) -> list[Gate]:
        """The gates of the models that items use."""
        return list(self._gates.values())

    @property
    def gates(self) -> list[Gate]:
        """The gates that hold something back now."""
        return [gate for gate in self._gates.values() if gate.reason is not None]

    @property
    def is_empty(self) -> bool:
        """Whether no item is left."""
        is_waiting = any(self._waiting.values()) or bool(self.pausing) or bool(self._listed) or bool(self.suspects)
        return self._is_source_done and not is_waiting

    @property
    def is_hungry(self) -> bool:
        """Whether nothing waits, and the iterable of the items gives nothing now."""
        return not self._is_source_done and not any(self._waiting.values())

    def times(self) -> list[float]:
        """Return the times at which an item may begin that may not now."""
        now = self._clock.monotonic()
        held = {gate for gate, queue in self._waiting.items() if queue}
        held |= {work.gate for due, _, work in self.pausing if due <= now}
        later = next((due for due, _, _ in self.pausing if due > now), None)
        return [gate.opens for gate in held] + ([later] if later is not None else [])

    def pause(self, work: AtWork, due: float) -> None:
        """Let an item wait for another attempt."""
        work.item.status = "retrying"
        insort(self.pausing, (due, work.item.index, work))

    def suspect(self, work: AtWork) -> None:
        """Let an item run again, last and alone."""
        work.is_suspect, work.item.status = True, "retrying"
        self.suspects.append(work)

    def left(self) -> list[AtWork]:
        """Return, at a stop, the items that had begun and will have no other attempt."""
        left = [work for _, _, work in self.pausing] + [*self.suspects]
        self.pausing.clear()
        self.suspects.clear()
        return left

    def next(self, *, alone: bool) -> AtWork | None:
        """Return the next item that may begin: one whose pause is over, one that waited for its gate, a new one.

        `alone` says that nothing else is at work.
        """
        now = self._clock.monotonic()
        for place, (due, _, work) in enumerate(self.pausing):
            if due > now:
                break
            if work.gate.has_room():
                del self.pausing[place]
                return self._begun(work)
        for gate, queue in self._waiting.items():
            if queue and gate.has_room():
                return self._made(queue.popleft(), gate)
        while sum(map(len, self._waiting.values())) < LOOK_AHEAD and (entry := self._take()) is not None:
            if (its := self._placed(entry)) is None:
                continue
            if its.has_room():
                return self._made(entry, its)
            self._waiting.setdefault(its, deque()).append(entry)
        if self.suspects and alone and not self.pausing and self._is_source_done:
            return self._begun(self.suspects.popleft())
        return None

    def has_work(self) -> bool:
        """Return whether an item waits that must be run; those before it that need no run get their ends."""
        while (
            not (any(self._waiting.values()) or self.pausing or self.suspects) and (entry := self._take()) is not None
        ):
            if (its := self._placed(entry)) is not None:
                self._waiting.setdefault(its, deque()).append(entry)
        return any(self._waiting.values()) or bool(self.pausing) or bool(self.suspects)

    def _take(self) -> Entry | None:
        if self._listed:
            return self._listed.popleft()
        if self._is_source_done:
            return None
        try:
            entry = self._items.take()
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - which the driver raises once what is at work has ended
            self._is_source_done = True
            return None
        self._ends.note(self._items.notes())
        self._is_source_done = entry is None and self._items.ended
        return entry

    def _placed(self, entry: Entry) -> Gate | None:
        """Return the gate of an item; None for one that ends here: it can't be read, or its result was there before."""
        item = self._ends.roll.item(entry.index)
        item.key = entry.digest
        if entry.fault is not None:
            item.error = entry.fault
            self._ends.end(item, "failed")
            return None
        if self._ends.take_up(item, entry, self._ledger):
            return None
        if entry.model not in self._gates:
            self._gates[entry.model] = gate_of(entry.model, self._clock)
        return self._gates[entry.model]

    def _made(self, entry: Entry, gate: Gate) -> AtWork:
        return self._begun(AtWork(self._ends.roll.item(entry.index), entry, gate))

    def _begun(self, work: AtWork) -> AtWork:
        """Return an item that begins now. One that was changed meanwhile is not what its key says.

        Its own attempt before may have done so, or another item with the same list.
        """
        if work.item.key is not None and self._ends.results is not None and (what := self._items.changed(work.entry)):
            work.item.key = None
            name = f"{what} of item {work.item.index} changed before it began"
            self._ends.note([f"{name}: its result is not kept, and the same call runs it again"])
        return work
