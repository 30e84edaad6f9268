"""A run as one AG-UI stream that keeps the protocol's rules of order."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, overload

from progressnb.folds.state import ENDED
from progressnb.interop.agui import (
    AguiEvent,
    begin,
    convert_content,
    convert_event,
    convert_progress,
    convert_snapshot,
    delta,
    message_id,
    milliseconds,
    put,
    stage_facts,
)
from progressnb.wire.events import (
    BaseEvent,
    ContentEvent,
    DoneEvent,
    Event,
    ProgressEvent,
    SnapshotEvent,
    StartedEvent,
    is_last,
)
from progressnb.wire.paths import encode_name, name_of, stage_title

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

__all__ = ["AguiStream", "to_agui"]


@overload
def to_agui(events: Event, *, thread_id: str | None = None) -> list[AguiEvent]: ...
@overload
def to_agui(events: AsyncIterable[Event], *, thread_id: str | None = None) -> AsyncIterator[AguiEvent]: ...
@overload
def to_agui(events: Iterable[Event], *, thread_id: str | None = None) -> Iterator[AguiEvent]: ...
def to_agui(
    events: Event | AsyncIterable[Event] | Iterable[Event], *, thread_id: str | None = None
) -> list[AguiEvent] | AsyncIterator[AguiEvent] | Iterator[AguiEvent]:
    r"""Convert a run's events to AG-UI 1.0.

    Of a whole run each stage is a step, opened and closed once, and text is messages that are opened and closed, as
    the protocol's rules of order demand. One event alone can't tell that a stage has just begun: it has no steps, and
    text comes as message chunks. The run itself is an activity of type `progress`; data, other output and errors that
    the run survived are custom events named `progressnb.…`.

    Args:
        events: A run, which is iterated with `async for`; a log or a list of events, iterated with `for`; or one event.
        thread_id: The conversation's id; without it the run is a conversation of its own.

    Returns:
        An iterator of the same kind, or a list for one event. Each item is a dict of JSON data in camelCase.

    Example:
        ::

            async def stream(run: pnb.Run[str]) -> AsyncIterator[str]:
                async for event in pnb.interop.to_agui(run):
                    yield f"data: {json.dumps(event)}\n\n"

            "".join([text async for text in stream(run)])

    """
    if isinstance(events, BaseEvent):
        return convert_event(events, thread_id=thread_id)
    stream = AguiStream(thread_id=thread_id)
    if isinstance(events, AsyncIterable):
        return _convert_later(stream, events)
    return (converted for event in events for converted in stream.convert(event))


async def _convert_later(stream: AguiStream, events: AsyncIterable[Event]) -> AsyncIterator[AguiEvent]:
    async for event in events:
        for converted in stream.convert(event):
            yield converted


class AguiStream:
    """Convert events one by one, in order.

    The state is that of the protocol, not of the run: which stages, steps and messages the reader was told of.
    """

    def __init__(self, *, thread_id: str | None = None) -> None:
        self._thread_id = thread_id
        self._last_seq = -1
        self._started = self._ended = False
        self._known: set[str] = set()  # stages that the activity has
        self._steps: set[str] = set()
        self._messages: dict[tuple[str | None, str], tuple[str, bool]] = {}  # ids, and whether it is reasoning

    def convert(self, event: Event) -> list[AguiEvent]:
        """Convert an event; one that came before, or after the last, gives nothing."""
        if self._ended or event.seq <= self._last_seq:
            return []
        self._last_seq = event.seq
        converted: list[AguiEvent] = []
        if not self._started:
            self._started = True
            if isinstance(event, StartedEvent):
                self._known |= {encode_name(stage.name) for stage in event.stages}
                return convert_event(event, thread_id=self._thread_id)
            converted += begin(event, self._thread_id, [], None)  # a reader that came late
        if not isinstance(event, StartedEvent):
            converted += self._convert(event)
        return converted

    def _convert(self, event: Event) -> Iterable[AguiEvent]:
        if is_last(event):
            self._ended = True
            return self._close(event)
        if isinstance(event, ProgressEvent):
            return self._progress(event)
        if isinstance(event, ContentEvent):
            return self._content(event)
        if isinstance(event, SnapshotEvent):
            return self._snapshot(event)
        return convert_event(event)

    def _snapshot(self, event: SnapshotEvent) -> Iterator[AguiEvent]:
        yield convert_snapshot(event)
        self._known = {stage.path for stage in event.stages}
        at_work = {stage.path: None for stage in event.stages if stage.status not in ("pending", *ENDED)}
        for path in sorted(self._steps - at_work.keys(), reverse=True):  # inner ones first
            yield from self._close_step(event, path)
        for path in at_work:
            if path not in self._steps:
                self._steps.add(path)
                yield {"type": "STEP_STARTED", "timestamp": milliseconds(event), "stepName": path}

    def _progress(self, event: ProgressEvent) -> Iterator[AguiEvent]:
        path = event.stage
        if path is not None and path not in self._steps and event.status not in ("pending", *ENDED):
            self._steps.add(path)
            yield {"type": "STEP_STARTED", "timestamp": milliseconds(event), "stepName": path}
        yield from convert_progress(event, whole=path not in self._known)
        if path is not None:
            self._known.add(path)
            if path in self._steps and event.status in ENDED:
                yield from self._close_step(event, path)

    def _close_step(self, event: Event, path: str) -> Iterator[AguiEvent]:
        for key in [key for key in self._messages if key[0] == path]:
            yield from self._close_message(event, key)
        self._steps.discard(path)
        yield {"type": "STEP_FINISHED", "timestamp": milliseconds(event), "stepName": path}

    def _content(self, event: ContentEvent) -> Iterator[AguiEvent]:
        if event.stage is not None and event.stage not in self._known:
            self._known.add(event.stage)
            yield delta(event, [put("stages", event.stage, value=stage_facts(stage_title(name_of(event.stage))))])
        key = event.stage, event.part
        if event.reset and key in self._messages:
            yield from self._close_message(event, key)
        for converted in convert_content(event):
            if converted["type"] in ("TEXT_MESSAGE_CHUNK", "REASONING_MESSAGE_CHUNK"):
                yield from self._open_message(event, key, is_reasoning=converted["type"].startswith("REASONING"))
                kind = converted["type"].replace("CHUNK", "CONTENT")
                yield {
                    "type": kind,
                    "timestamp": converted["timestamp"],
                    "messageId": self._messages[key][0],
                    "delta": converted["delta"],
                }
            else:
                yield converted

    def _open_message(
        self, event: ContentEvent, key: tuple[str | None, str], *, is_reasoning: bool
    ) -> Iterator[AguiEvent]:
        if key in self._messages:
            return
        # A text that starts over is another message: the one before can't be taken back.
        opened = f"{message_id(event)}#{event.seq}"
        self._messages[key] = opened, is_reasoning
        fields = {"timestamp": milliseconds(event), "messageId": opened}
        if is_reasoning:
            yield {"type": "REASONING_START", **fields}
            yield {"type": "REASONING_MESSAGE_START", **fields, "role": "reasoning"}
        else:
            yield {"type": "TEXT_MESSAGE_START", **fields, "role": "assistant"}

    def _close_message(self, event: Event, key: tuple[str | None, str]) -> Iterator[AguiEvent]:
        opened, is_reasoning = self._messages.pop(key)
        fields = {"timestamp": milliseconds(event), "messageId": opened}
        if is_reasoning:
            yield {"type": "REASONING_MESSAGE_END", **fields}
            yield {"type": "REASONING_END", **fields}
        else:
            yield {"type": "TEXT_MESSAGE_END", **fields}

    def _close(self, event: Event) -> Iterator[AguiEvent]:
        """Close what is open, since nothing may be when a run ends."""
        steps = sorted(self._steps, reverse=True)  # inner ones first
        if steps:
            status = "finished" if isinstance(event, DoneEvent) else "cancelled"
            yield delta(event, [put("stages", path, "status", value=status) for path in steps])
        for path in steps:
            yield from self._close_step(event, path)
        for key in list(self._messages):
            yield from self._close_message(event, key)
        yield from convert_event(event, thread_id=self._thread_id)
