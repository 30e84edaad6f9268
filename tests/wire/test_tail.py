"""A log keeps bytes: models of events are made for whoever asks, once for all who follow."""

import asyncio
import pickle
import threading
import tracemalloc
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pydantic import TypeAdapter

from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire import log as logs
from progressnb.wire.codec import decode, encode, encode_facts
from progressnb.wire.events import BaseEvent, ContentEvent, Event, ProgressEvent
from progressnb.wire.making import ContentFacts, ProgressFacts, made
from progressnb.wire.pieces import OpenPiece, PackedPiece

COMMON: dict[str, Any] = {
    "v": 1,
    "run_id": "r",
    "seq": 3,
    "timestamp": datetime(2026, 1, 1, 12, 30, 5, 120, tzinfo=UTC),
    "elapsed": 1.5e-7,
    "operation": "op",
    "stage": "s",
}
PROGRESS: dict[str, Any] = {
    **COMMON,
    "type": "progress",
    "status": "running",
    "stage_progress": None,
    "overall_progress": 0.0,
    "message": None,
    "data": {},
    "weight": None,
    "title": None,
    "duration": None,
}
CONTENT: dict[str, Any] = {
    **COMMON,
    "type": "content",
    "kind": "text",
    "part": "output",
    "delta": "abc",
    "reset": False,
    "stage_progress": 12.5,
    "overall_progress": 6.25,
}
FACTS: list[dict[str, Any]] = [
    PROGRESS,
    PROGRESS
    | {"status": "finished", "message": "é\u2028", "data": {"n": [1, None, 1e-7]}, "duration": 0.5, "weight": 0.25}
    | {"overall_progress": 99.9},
    CONTENT,
    CONTENT | {"delta": None, "kind": "json", "reset": True},
]


@pytest.mark.parametrize("facts", FACTS)
def test_an_event_that_is_made(facts: dict[str, Any]) -> None:
    """An event of facts that were checked is equal to a validated one, in its bytes and copies, too."""
    event: Any = made(cast("ProgressFacts", dict(facts)))
    validated = (ProgressEvent if facts["type"] == "progress" else ContentEvent)(**facts)
    assert event == validated
    assert event.model_dump_json() == validated.model_dump_json()
    assert list(event.model_dump()) == list(validated.model_dump())
    assert encode_facts(cast("ProgressFacts", facts)) == encode(event) == encode(validated)
    assert decode(encode(event)) == event == pickle.loads(pickle.dumps(event))  # noqa: S301 - our own
    assert TypeAdapter(Event).validate_python(event.model_copy(update={"seq": 4})).seq == 4
    assert (event.seq, event.model_extra, repr(event)) == (3, {}, repr(validated))


@pytest.mark.parametrize(("facts", "event"), [(ProgressFacts, ProgressEvent), (ContentFacts, ContentEvent)])
def test_facts_are_all_fields(facts: type[Any], event: type[BaseEvent]) -> None:
    """Facts have the names of all fields of their event, in the same order: it is that of the bytes."""
    assert list(facts.__annotations__) == list(event.model_fields)


def at_work(count: int, **data: Any) -> ProgressTracker:
    """Return a tracker with a stage that has written so many events."""
    tracker = ProgressTracker("op", ["work"], show=False, clock=ManualClock())
    tracker.start()
    stage = tracker.stage("work")
    for step in range(count):
        stage.update(100 * step / count, step=step, **data)
    return tracker


def test_an_event_kept() -> None:
    """An event that nobody reads takes 500 bytes at most, in a log of any length."""
    tracker = at_work(1)
    stage = tracker.stage("work")
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for step in range(400):
        stage.update(step / 4, step=step)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / 400 < 500


def test_models_are_shared() -> None:
    """All who follow a log get the same models, which are let go with the last who follows."""

    async def main() -> None:
        tracker = at_work(0)

        async def read() -> list[Event]:
            return [event async for event in tracker.log.follow()]

        readers = [asyncio.create_task(read()) for _ in range(3)]
        await asyncio.sleep(0)
        for step in range(5):
            tracker.stage("work").update(step, step=step)
            await asyncio.sleep(0)
        tracker.done()
        first, *others = await asyncio.gather(*readers)
        assert len(first) == len(tracker.log)
        assert all(one is other for events in others for one, other in zip(first[1:], events[1:], strict=True))
        assert [*tracker.log] == first
        assert tracker.log[3] is not first[3]

    asyncio.run(main())


def test_readers_of_a_loop_are_woken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many readers wait on a loop, a writer in another thread wakes them by one call."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        tracker = at_work(1)
        there, calls = len(tracker.log), list[object]()

        async def read() -> int:
            async with aclosing(cast("Any", tracker.log.follow(there - 1))) as events:
                return int((await anext(events)).seq)

        readers = [asyncio.create_task(read()) for _ in range(10)]
        await asyncio.sleep(0)
        before = loop.call_soon_threadsafe

        def count(callback: Any, *args: Any, **options: Any) -> asyncio.Handle:
            calls.append(callback)
            return before(callback, *args, **options)

        monkeypatch.setattr(loop, "call_soon_threadsafe", count)
        writer = threading.Thread(target=lambda: tracker.stage("work").update(50, step=1))
        writer.start()
        seqs = await asyncio.gather(*readers)
        writer.join()
        monkeypatch.undo()
        assert {*seqs} == {there}
        assert len(calls) == 1

    asyncio.run(main())


def test_old_pieces_are_packed_by_the_clock() -> None:
    """Who writes an event packs nothing: old pieces are packed once a second, a few at a time, and read as before."""
    clock = ManualClock()
    tracker = ProgressTracker("op", ["work"], show=False, clock=clock)
    tracker.start()
    stage = tracker.stage("work")
    for step in range(logs._PIECE * 8):
        stage.update(0, step=step)
    lines, events = tracker.log.encoded(), [*tracker.log]
    kinds = [[type(piece) for piece in tracker.log._pieces]]
    for _ in range(2):
        clock.advance(1)
        kinds.append([type(piece) for piece in tracker.log._pieces])
    assert [of.count(PackedPiece) for of in kinds] == [0, 4, 7]
    assert kinds[-1][-logs._OPEN :] == [OpenPiece] * logs._OPEN
    assert tracker.log.encoded()[: len(lines)] == lines
    assert [*tracker.log][: len(events)] == events
