"""`EventLog`: gapless under threads, readers are cursors, nobody holds a writer up."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import EventFormatError, RunEndedError
from progressnb.testing import ManualClock
from progressnb.tracking.recorder import Recorder
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import CancelledEvent, ContentEvent, Event
from progressnb.wire.log import EventLog


def content(seq: int, delta: str = "") -> ContentEvent:
    """Build an event."""
    return ContentEvent(
        run_id="r",
        seq=seq,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        elapsed=0,
        operation="op",
        stage="s",
        delta=delta,
    )


def end(log: EventLog) -> None:
    """Append a last event."""
    fields = content(0).model_dump(include={"run_id", "timestamp", "elapsed", "operation"})
    log.append(lambda seq: CancelledEvent(seq=seq, **fields))


def log_of(count: int, *, ended: bool = False) -> EventLog:
    """Build a log of so many events."""
    log = EventLog()
    for _ in range(count):
        log.append(content)
    if ended:
        end(log)
    return log


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run work in threads that start together, and raise what one of them raised."""
    start, wrong = threading.Barrier(count), list[BaseException]()

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - raised below
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def test_eight_threads() -> None:
    """Of 8 threads that append 1,000 events each none is lost, and seq has no gap."""
    log = EventLog()

    def write(number: int) -> None:
        for _ in range(1_000):
            log.append(lambda seq: content(seq, str(number)))

    in_threads(8, write)
    assert [event.seq for event in log] == list(range(8_000))
    assert len(log) == len(log.encoded()) == 8_000
    assert [decode(line) for line in log.encoded(7_990)] == [log[seq] for seq in range(7_991, 8_000)]
    for number in range(8):
        assert sum(isinstance(event, ContentEvent) and event.delta == str(number) for event in log) == 1_000


def test_overall_never_falls_under_threads() -> None:
    """Percents that 8 threads raise at once are stamped in the order of their seq: overall never falls."""
    tracker = ProgressTracker("op", [str(number) for number in range(8)], clock=ManualClock())
    tracker.start()

    def work(number: int) -> None:
        stage = tracker.stage(str(number))
        for step in range(500):
            stage.update(step / 5, at=step)

    in_threads(8, work)
    percents = [overall for event in tracker.log if (overall := getattr(event, "overall_progress", None)) is not None]
    assert len(percents) == 8 * 501
    assert percents == sorted(percents)
    assert percents[-1] == pytest.approx(99.8)


@given(st.lists(st.tuples(st.integers(-3, 12), st.integers(0, 10)), min_size=1, max_size=5), st.integers(0, 8))
def test_readers(cursors: list[tuple[int, int]], count: int) -> None:
    """Each reader sees every event after the seq it names, in order, once, however late and many they are."""

    async def main() -> None:
        log = EventLog()
        seen: list[list[int]] = [[] for _ in cursors]

        async def read(after: int, late: int, into: list[int]) -> None:
            while len(log) < min(late, count):
                await asyncio.sleep(0)
            into += [event.seq async for event in log.follow(after)]

        readers = [asyncio.create_task(read(*cursor, into)) for cursor, into in zip(cursors, seen, strict=True)]
        for _ in range(count):
            log.append(content)
            await asyncio.sleep(0)
        end(log)
        await asyncio.gather(*readers)
        for (after, _), into in zip(cursors, seen, strict=True):
            assert into == list(range(max(0, after + 1), count + 1))

    asyncio.run(main())


@pytest.mark.parametrize("after", [-100, -2, -1, 0, 2, 3, 100])
def test_encoded(after: int) -> None:
    """The bytes after a seq are those of the events after it, whatever the seq."""
    log = log_of(4)
    assert [decode(line) for line in log.encoded(after)] == [event for event in log if event.seq > after]


def test_reader_in_another_thread() -> None:
    """Readers on other loops in other threads see what this thread writes, and find its bytes at once."""
    log, seen, ready = EventLog(), list[list[int]](), threading.Semaphore(0)

    async def read() -> None:
        ready.release()
        into: list[int] = []
        seen.append(into)
        async for event in log.follow():
            assert decode(log.encoded(event.seq - 1)[0]) == event
            into.append(event.seq)

    readers = [threading.Thread(target=asyncio.run, args=(read(),)) for _ in range(3)]
    for reader in readers:
        reader.start()
        ready.acquire()
    for _ in range(1_000):
        log.append(content)
    end(log)
    for reader in readers:
        reader.join()
    assert seen == [list(range(1_001))] * 3


def test_stuck_reader() -> None:
    """A reader that never takes its next event holds up neither the writer nor another reader."""

    async def main() -> None:
        log = log_of(1)
        stuck = log.follow()
        await anext(stuck)
        other = asyncio.create_task(_seqs(log))
        for _ in range(100):
            log.append(content)
        end(log)
        assert await other == list(range(102))
        assert [event.seq async for event in stuck] == list(range(1, 102))

    asyncio.run(main())


async def _seqs(log: EventLog, after: int = -1) -> list[int]:
    return [event.seq async for event in log.follow(after)]


def test_reader_whose_loop_is_closed() -> None:
    """A reader whose loop is closed while it waits does not break the writer."""
    log = EventLog()
    loop = asyncio.new_event_loop()
    reader = log.follow()

    async def begin() -> asyncio.Task[Event]:
        task = asyncio.ensure_future(anext(reader))
        await asyncio.sleep(0)
        return task

    task = loop.run_until_complete(begin())
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    log.append(content)
    assert len(log) == 1


def test_closing_a_reader() -> None:
    """Closing a reader, or cancelling its task, leaves the log and the other readers as they are."""

    async def main() -> None:
        log = log_of(2)
        first, other = log.follow(), asyncio.create_task(_seqs(log))
        await anext(first)
        await first.aclose()  # type: ignore[attr-defined]
        waiting = asyncio.create_task(_seqs(log))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert not log._wakers or len(log._wakers) == 1
        log.append(content)
        end(log)
        assert await other == await _seqs(log) == [0, 1, 2, 3]
        assert not log._wakers

    asyncio.run(main())


def test_reader_after_the_end() -> None:
    """After the end a reader gets what is kept and returns; one that asks for more than there is gets nothing."""
    log = log_of(2, ended=True)
    assert asyncio.run(_seqs(log)) == asyncio.run(_seqs(log)) == [0, 1, 2]
    assert asyncio.run(_seqs(log, 2)) == asyncio.run(_seqs(log, 50)) == []
    asyncio.run(log.wait_ended())


def test_wait_ended() -> None:
    """Waiting for the end returns when the last event is in, and not before."""

    async def main() -> None:
        log = log_of(1)
        waiting = asyncio.create_task(log.wait_ended())
        for _ in range(5):
            log.append(content)
            await asyncio.sleep(0)
        assert not waiting.done()
        end(log)
        await waiting

    asyncio.run(main())


def test_append_after_the_end() -> None:
    """After the last event nothing is appended: the error names that event and what to do."""
    log = log_of(1, ended=True)
    with pytest.raises(RunEndedError, match=r"expected a run that still goes on, got .*'cancelled' event\. Await"):
        log.append(content)
    assert len(log) == 2


def test_make_that_raises() -> None:
    """A `make` that raises appends nothing and leaves no gap."""
    log = log_of(1)
    with pytest.raises(ZeroDivisionError):
        log.append(lambda seq: content(seq // 0))
    assert log.append(content).seq == 1


def test_what_cannot_be_encoded() -> None:
    """Hostile text in a field that nobody cleaned is still appended, and log and fold stay in step."""
    recorder = Recorder("op", clock=ManualClock())
    recorder.started([], model="\ud800", parent=None, resumed_from=None)
    recorder.record(ContentEvent, "s\ud800", delta="x")
    recorder.record(ContentEvent, "s", delta="y")
    assert recorder.state.last_seq == len(recorder.log) - 1 == 2
    assert all(decode(line) is not None for line in recorder.log.encoded())


def test_iterating_is_a_snapshot() -> None:
    """Plain iteration goes through what is there now and does not wait."""
    log = log_of(2)
    events = iter(log)
    log.append(content)
    assert [event.seq for event in events] == [0, 1]


def test_subscribers(caplog: pytest.LogCaptureFixture) -> None:
    """A callback hears of each event at once until it is detached: by its owner, or with one warning if it raises."""
    log = log_of(1)
    heard, detached = list[int](), list[int]()

    def broken(event: Event) -> None:
        raise ValueError(event.seq)

    stop = log.subscribe(lambda event: detached.append(event.seq))
    log.subscribe(broken)
    log.subscribe(lambda event: heard.append(event.seq))
    log.append(content)
    stop()
    stop()
    log.append(content)
    assert (heard, detached) == ([1, 2], [1])
    assert [record.levelname for record in caplog.records] == ["WARNING"]


# --- lines that were read ------------------------------------------------------------------------------


def test_the_very_bytes() -> None:
    """Lines that were read are handed on as they were: unknown fields, the order of keys and the text of numbers."""
    lines = [
        (
            b'{"seq": 0, "mood": {"a": 1.50}, "run_id":"r","timestamp":"2026-01-01T00:00:00+00:00","elapsed":1e-3,'
            b'"operation":"op","type":"content","stage":"s","delta":"\\u0041\xe2\x80\xa8"}'
        ),
        b'{"v":2,"run_id":"r","seq":1,"type":"hologram","operation":"op","why":[1.0,2e5]}',
        encode(content(2)),
    ]
    log, folded = EventLog(), list[int]()
    for line in lines:
        log.append_encoded(line, fold=lambda event: folded.append(event.seq))
    assert log.encoded() == lines
    assert (len(log), folded) == (3, [0, 2])
    assert [event.seq for event in log] == folded
    assert (log[1].type, log[1].seq) == ("hologram", 1)
    end(log)
    assert asyncio.run(_seqs(log)) == [0, 2, 3]
    assert asyncio.run(_seqs(log, 0)) == [2, 3]


def test_a_line_on_several_lines() -> None:
    """An event that another writer laid out on several lines is one line here."""
    log = EventLog()
    log.append_encoded(encode(content(0, "a b")).replace(b",", b",\r\n") + b"\n")
    (line,) = log.encoded()
    assert len(line.splitlines()) == 1
    assert decode(line) == content(0, "a b")


@pytest.mark.parametrize(
    "event", [content(1), content(3), content(2).model_copy(update={"run_id": "other"})], ids=["again", "gap", "other"]
)
def test_not_the_next_line(event: Event) -> None:
    """A line that is not the next of its run is refused, and neither folded nor appended."""
    log, folded = log_of(2), list[Event]()
    with pytest.raises(EventFormatError, match=r"expected event 2 of r, got event"):
        log.append_encoded(encode(event), fold=folded.append)
    assert (len(log), folded) == (2, [])


def test_a_line_after_the_end() -> None:
    """After the last event no line is appended."""
    log = log_of(1, ended=True)
    with pytest.raises(RunEndedError):
        log.append_encoded(encode(content(2)))
