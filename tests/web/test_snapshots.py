"""`?snapshots=1`: the output so far in content events, folded once a run and never in one go on the server's loop."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.state import RunState
from progressnb.web.streams import snapshots
from progressnb.web.streams.batches import frames_of
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.snapshots import RATE, STEP, STEP_SIZE, Outputs, Snapshots
from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.codec import add_field, decode
from progressnb.wire.events import ContentEvent, DoneEvent, ProgressEvent
from progressnb.wire.log import EventLog
from progressnb.wire.plain import jsonable

NOW = datetime.now(UTC)
PIECES = (
    "word ",
    '{"a": [1',
    "2, {",
    '"b": "ü\\',
    'n"}]',
    "}",
    ', "c": 1',
    "5, x",
    "```json\n",
    '"\\ud83d',
    '\\ude00"',
    "",
)


class Writer:
    """A log that is written by hand."""

    def __init__(self) -> None:
        self.log = EventLog()
        self.elapsed = 0.0

    def content(
        self,
        delta: str,
        *,
        stage: str = "s",
        part: Literal["output", "thinking"] = "output",
        kind: Literal["text", "json"] = "text",
        reset: bool = False,
        pause: float = 0.1,
    ) -> None:
        """Write a content event."""
        self.elapsed += pause
        self._append(ContentEvent, stage=stage, part=part, kind=kind, delta=delta, reset=reset, stage_progress=None)

    def progress(self) -> None:
        """Write a progress event."""
        self._append(ProgressEvent, stage="s", status="running")

    def end(self) -> None:
        """Write the last event."""
        self._append(DoneEvent, stage=None, result=None, duration=self.elapsed, overall_progress=100.0)

    def _append(self, make: Any, **fields: Any) -> None:
        self.log.append(
            lambda seq: make(run_id="0" * 32, seq=seq, timestamp=NOW, elapsed=self.elapsed, operation="x", **fields)
        )


def written(data: st.DataObject) -> EventLog:
    """Draw a log with several outputs that are reset, cut anywhere, broken, and of changing kinds."""
    writer = Writer()
    for _ in range(data.draw(st.integers(1, 25))):
        if data.draw(st.integers(0, 4)) == 0:
            writer.progress()
            continue
        writer.content(
            data.draw(st.sampled_from(PIECES)) * data.draw(st.sampled_from((1, 1, 1, 300))),
            stage=data.draw(st.sampled_from(("s", "t/u"))),
            part=data.draw(st.sampled_from(("output", "thinking"))),
            kind=data.draw(st.sampled_from(("json", "json", "text"))),
            reset=data.draw(st.integers(0, 6)) == 0,
            pause=data.draw(st.sampled_from((0.0, 0.01, 0.3))),
        )
    writer.end()
    return writer.log


def by_the_state(log: EventLog) -> list[bytes]:
    """Return the lines with the outputs of a state that is folded event by event."""
    state, sent, lines = RunState(), dict[tuple[str, str], float](), list[bytes]()
    for event, line in zip(log, log.encoded(), strict=True):
        state.apply(event)
        lines.append(line)
        if isinstance(event, ContentEvent) and event.stage is not None:
            stage, key = state.find(event.stage), (event.stage, event.part)
            assert stage is not None
            output = stage.outputs[event.part]
            if event.elapsed - sent.get(key, float("-inf")) >= len(output) / RATE:
                sent[key] = event.elapsed
                lines[-1] = add_field(line, "partial", jsonable(output.value))
    return lines


async def read_all(log: EventLog, after: int = -1) -> list[bytes]:
    """Return the lines that a client with some of the events gets."""
    lines: list[bytes] = []
    with Cursor(log, after) as cursor:
        folded = Snapshots(log)
        assert await folded.reach(cursor.position, until=asyncio.get_running_loop().create_future())
        while batch := cursor.take(folded.line).lines:
            lines += batch
    return lines


@given(data=st.data())
async def test_the_same_bytes_from_every_place_in_any_order(data: st.DataObject) -> None:
    """Clients that come at any places, one after the other, get what a fold of the run's state gives."""
    log = written(data)
    expected = by_the_state(log)
    for after in data.draw(st.lists(st.integers(-1, len(log) - 2), min_size=1, max_size=4)):
        assert await read_all(log, after) == expected[after + 1 :]


@pytest.mark.parametrize("kind", ["text", "json"])
@given(words=st.lists(st.text("\u2028\u2029\x85a\n", min_size=1, max_size=5), min_size=1, max_size=5))
async def test_each_snapshot_is_one_line(words: list[str], kind: Literal["text", "json"]) -> None:
    """A line with `partial` has no line break for `str.splitlines`, over both transports, and decodes to the output."""
    writer = Writer()
    for number, word in enumerate(words):
        piece = json.dumps({word: word}, ensure_ascii=False) if kind == "json" else word
        writer.content(piece, kind=kind, reset=number > 0)
    writer.end()
    lines = await read_all(writer.log)  # a WebSocket sends these, one a frame
    for line, word in zip(lines, words, strict=False):
        assert line.decode().splitlines() == [line.decode()]
        assert json.loads(line)["partial"] == ({word: word} if kind == "json" else word)
    events = [event for line in lines if (event := decode(line)) is not None]
    assert [event.model_dump(exclude={"partial"}) for event in events] == [event.model_dump() for event in writer.log]
    frames = b"".join(frames_of(0, lines)).decode()
    assert frames.splitlines() == frames.removesuffix("\n").split("\n")
    assert [line.encode() for line in frames.splitlines() if line.startswith("data:")] == [b"data: " + x for x in lines]


async def test_json_of_many_values_is_not_sent_again() -> None:
    """Where making the output anew would hold the loop, events come as they are; a long text is sent."""
    values = snapshots.MOST_VALUES
    for pieces, sent in (
        (["[", "1," * (values - 1), "1,"], [True, True, True]),
        (["[", "1," * (values + 1), "1,"], [True, False, False]),
        (['{"a": "', "word " * values], [True, True]),
    ):
        writer = Writer()
        for piece in pieces:
            writer.content(piece, kind="json", pause=3600)
        writer.end()
        lines = await read_all(writer.log)
        assert [b'"partial":' in line for line in lines[:-1]] == sent


async def test_readers_side_by_side_share_one_text() -> None:
    """Two and three clients hold the output once, as one client does."""
    writer, size = Writer(), 4_000
    for _ in range(500):
        writer.content("x" * size)
    writer.end()
    written = 500 * size
    held: list[int] = []
    tracemalloc.start()
    try:
        with ExitStack() as stack:
            for _ in range(4):  # the first one makes what is shared
                cursor = stack.enter_context(Cursor(writer.log))
                folded = Snapshots(writer.log)
                while cursor.take(folded.line).lines:
                    pass
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    del held[0]
    assert 0.5 * written < held[0] <= held[1] < 1.2 * written
    assert held[2] - held[1] < 0.01 * written


async def test_a_late_client_leaves_the_loop_its_turns() -> None:
    """A client of a long log does not hold the loop: it goes on after each step of so many events and characters."""
    writer = Writer()
    for number in range(20_000):
        writer.content(f"{number} ", stage=f"stage {number % 10}")
    writer.content("x" * 10 * STEP_SIZE)
    for _ in range(100):
        writer.content("x" * STEP_SIZE)
    most = 0
    last = len(writer.log) - 1
    outputs = snapshots._outputs.setdefault(writer.log, Outputs())
    reading = asyncio.ensure_future(read_all(writer.log, last - 1))
    before = 0
    for turns in count():  # noqa: B007 - it is read behind the loop
        if reading.done():
            break
        await asyncio.sleep(0)
        most, before = max(most, outputs.front - before), outputs.front
    assert len(await reading) == 1
    assert most <= STEP
    assert turns >= 20_000 // STEP + 100


async def test_a_client_that_leaves_ends_the_folding() -> None:
    """The fold of a long log stops when nobody waits for it any more."""
    writer = Writer()
    for _ in range(10 * STEP):
        writer.progress()
    gone = asyncio.get_running_loop().create_future()
    folded = Snapshots(writer.log)
    reaching = asyncio.ensure_future(folded.reach(len(writer.log), until=gone))
    await asyncio.sleep(0)
    gone.set_result(None)
    assert await reaching is False
    assert folded._outputs.front < len(writer.log)


async def test_nothing_is_kept_of_a_log_that_is_gone() -> None:
    """The fold goes with its log."""
    writer = Writer()
    writer.content("x")
    before = len(snapshots._outputs)
    await read_all(writer.log)
    assert len(snapshots._outputs) == before + 1
    del writer
    gc.collect()
    assert len(snapshots._outputs) <= before


@pytest.mark.parametrize("text", ['{"a": 1', '{"a": "x', "[1, 2, 30", 'Sure: {"b": [true, fal', '"\\ud83', "12", ""])
def test_an_extent_reads_the_same_later(text: str) -> None:
    """The part that is readable at a moment can be read again later, when more has been written."""
    buffer = OutputBuffer("json")
    buffer.append(text)
    value, extent = buffer.value, buffer.extent
    buffer.append('9"]}')
    assert buffer.read(*extent) == value
