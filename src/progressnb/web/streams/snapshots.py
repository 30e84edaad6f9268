"""`?snapshots=1`: content events with the output so far, for clients that can't read JSON that is cut off."""

from __future__ import annotations

import asyncio
import threading
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.codec import add_field
from progressnb.wire.events import ContentEvent, SnapshotEvent
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from progressnb.wire.log import EventLog

__all__ = ["Outputs", "Snapshots"]

RATE = 200_000
"""Characters of output a second. A long output is sent less often, or the bytes would grow with its square."""

MOST_VALUES = 10_000
"""The largest number of values in an output of JSON that is sent: its making holds the loop for some milliseconds."""

STEP = 500
"""The largest number of events that are folded before the loop goes on."""

STEP_SIZE = 65_536
"""The characters of output after which a step ends."""


@dataclass(slots=True)
class _Output:
    buffer: OutputBuffer
    scanned: int = 0
    sent_at: float = float("-inf")


class Outputs:
    """The outputs of one log, folded once for all of its readers.

    The fold notes which content events carry the output so far, and which part of the text each of them carries. A
    reader at any place reads that part again. So the bytes are the same for everybody, and the text is there once.
    """

    def __init__(self) -> None:
        self.front = 0
        self._half: tuple[ContentEvent, _Output] | None = None  # an event with so much that it is read by slices
        self._lock = threading.Lock()  # readers may live on several loops
        self._outputs: dict[tuple[str, str], _Output] = {}
        # One entry for each event that carries an output: its index, and where the text begins and ends.
        self._indexes, self._starts, self._ends = array("q"), array("q"), array("q")
        self._buffers: list[OutputBuffer] = []

    def fold(self, log: EventLog, end: int) -> None:
        """Fold one step of events, up to an index at most."""
        with self._lock:
            if self._half is not None:
                content, output = self._half
                if output.buffer.read_ahead(value=False):
                    return
                self._note(content, output)
                self._half = None
                self.front += 1
            end, size = min(end, self.front + STEP), 0
            for event, _ in log.read(self.front - 1, end - self.front):
                if size >= STEP_SIZE:
                    break
                self.front = event.seq
                if isinstance(event, ContentEvent) and event.stage is not None:
                    output = self._add(event, event.stage)
                    if output.buffer.read_ahead(value=False):
                        self._half = event, output
                        return
                    self._note(event, output)
                    size += len(event.delta or "")
                elif isinstance(event, SnapshotEvent):
                    self._restore(event)
                self.front += 1
            if log.ended and self.front >= len(log):  # nothing more comes: the pieces of each text become one
                for output in self._outputs.values():
                    output.buffer.join()

    def _restore(self, event: SnapshotEvent) -> None:
        """Take the outputs that a snapshot tells of; the log has no longer what made them."""
        self._outputs.clear()
        for stage in event.stages:
            for part, told in stage.outputs.items():
                output = self._outputs[stage.path, part] = _Output(OutputBuffer(told.kind))
                output.buffer.append(told.text or "")

    def _add(self, event: ContentEvent, stage: str) -> _Output:
        output = self._outputs.get((stage, event.part))
        if output is None:
            output = self._outputs[stage, event.part] = _Output(OutputBuffer(event.kind))
        elif event.reset or output.buffer.kind != event.kind:
            output.buffer, output.scanned = OutputBuffer(event.kind), 0
        output.buffer.append(event.delta or "")
        return output

    def _note(self, event: ContentEvent, output: _Output) -> None:
        """Take note of what an output is after an event."""
        length = len(output.buffer)
        is_due = event.elapsed - output.sent_at >= length / RATE
        if not is_due and length - output.scanned < STEP_SIZE:
            return
        start, end = output.buffer.extent
        output.scanned = length
        if is_due and output.buffer.values_completed <= MOST_VALUES:
            output.sent_at = event.elapsed
            self._indexes.append(self.front)
            self._starts.append(start)
            self._ends.append(end)
            self._buffers.append(output.buffer)

    def add_partial(self, index: int, line: bytes) -> bytes:
        """Return the JSON of the event at an index with the output that it carries, or unchanged if it carries none."""
        with self._lock:
            at = bisect_left(self._indexes, index)
            if at == len(self._indexes) or self._indexes[at] != index:
                return line
            buffer, start, end = self._buffers[at], self._starts[at], self._ends[at]
        value: Any = buffer.read(start, end)
        return add_field(line, "partial", jsonable(value))


_outputs: WeakKeyDictionary[EventLog, Outputs] = WeakKeyDictionary()


class Snapshots:
    """The lines of a log, with `partial` in content events: the same bytes for everybody, whenever they come.

    While an output is short, each of its events carries it. Of a long output only those events do that come late
    enough after the last one that did.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._outputs = _outputs.setdefault(log, Outputs())

    async def reach(self, index: int, *, until: asyncio.Future[Any]) -> bool:
        """Fold the events before an index in steps; the loop goes on between them. Return False if `until` is done."""
        while self._outputs.front < index:
            if until.done():
                return False
            self._outputs.fold(self._log, index)
            await asyncio.sleep(0)
        return True

    def line(self, index: int, line: bytes) -> bytes:
        """Return the JSON to send for the event at an index, of which the events before are folded."""
        while self._outputs.front <= index:
            self._outputs.fold(self._log, index + 1)
        return self._outputs.add_partial(index, line)
