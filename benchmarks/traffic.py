"""Events and logs by hand, for the rows of the server."""

from __future__ import annotations

from datetime import UTC, datetime

from progressnb.wire.codec import encode
from progressnb.wire.events import ContentEvent, DoneEvent
from progressnb.wire.log import EventLog

__all__ = ["RUN", "Run", "event_of", "frame_of", "log_of"]

RUN = "0" * 32
WORDS = "some words that a model wrote; "


def event_of(seq: int, delta: str = WORDS, elapsed: float | None = None) -> ContentEvent:
    """Return a content event, of which the JSON has 290 bytes."""
    return ContentEvent(
        run_id=RUN,
        seq=seq,
        timestamp=datetime.now(UTC),
        elapsed=seq / 100 if elapsed is None else elapsed,
        operation="report",
        stage="writing",
        delta=delta,
        stage_progress=10.0,
        overall_progress=10.0,
    )


def frame_of(seq: int, line: bytes) -> bytes:
    """Return an event's JSON as a server-sent event."""
    return b"id: %d\nevent: content\ndata: %s\n\n" % (seq, line)


def log_of(count: int) -> EventLog:
    """Return the log of an ended run with so many events."""
    log, event = EventLog(), event_of(0)
    line = encode(event)
    for seq in range(count - 1):
        log.append_encoded(line.replace(b'"seq":0', b'"seq":%d' % seq), event.model_copy(update={"seq": seq}))
    fields = {name: getattr(event, name) for name in ("run_id", "timestamp", "elapsed", "operation")}
    log.append(lambda seq: DoneEvent(seq=seq, duration=1.0, **fields))
    return log


class Run:
    """As much of a run as its streams read."""

    def __init__(self, log: EventLog | None = None) -> None:
        self.log, self.id, self.operation = log or EventLog(), RUN, "report"
