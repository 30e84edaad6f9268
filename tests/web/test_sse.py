"""Server-sent events: the log's own bytes, from any place, to any number of readers, and no more than they take."""

from __future__ import annotations

import asyncio
import json
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb.web.streams.batches import BATCH
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.sse import EventStream
from progressnb.web.streams.stalls import ABORT, StalledError, limited
from progressnb.wire.log import EventLog
from tests.web.conftest import Sse, call

if TYPE_CHECKING:
    from starlette.responses import Response

    from tests.web.conftest import Serve


async def _ended_run(words: int = 30) -> pnb.Run[str]:
    @pnb.operation(stages=["writing"])
    async def work(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("writing") as stage:
            for number in range(words):
                stage.write(f"wörd {number}\n", reset=number == 10)
                await stage.update(100 * number / words, f"at {number}", number=number)
        return "done\n\nid: 99"

    run = work.using(show=False)()
    await run
    return run


async def test_frames_are_the_logs_bytes(serve: Serve) -> None:
    """`data:` has the log's bytes, `id:` the seq, `event:` the type, and `retry:` the pause of a browser."""
    served = await serve()
    run_id = await served.begin("report", topic="tides\n\nid: 7\ndata: x\r\u2028")
    answer = await served.client.get(f"/runs/{run_id}/events")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    found = Sse.of(answer.content)
    assert found.data == served.lines(run_id)
    assert found.ids == list(range(len(found.data)))
    assert found.types == [event["type"] for event in found.events]
    assert (found.types[0], found.types[-1], found.retry) == ("started", "done", 1_000)


@pytest.mark.parametrize("snapshots", [False, True])
async def test_raw_line_breaks_of_another_writer(*, snapshots: bool) -> None:
    """A line with a raw U+2028, U+2029 or U+0085 is stored as it was read and sent as one line of the same JSON."""
    run, log, broken = await _ended_run(), EventLog(), "a\u2028b\u2029c\x85d"
    for line in run.log.encoded():
        fields = {**json.loads(line), "new": broken}
        log.append_encoded(json.dumps(fields, ensure_ascii=False).encode())
    stored = log.encoded()
    assert all(broken.encode() in line for line in stored)
    body = (await call(EventStream(log, snapshots=snapshots))).body.decode()
    sent = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    assert all(json.loads(line)["new"] == broken for line in sent)
    plain = [{key: value for key, value in json.loads(line).items() if key != "partial"} for line in sent]
    assert plain == [json.loads(line) for line in stored]
    assert log.encoded() == stored


@given(data=st.data())
async def test_a_client_goes_on_where_it_was(data: st.DataObject) -> None:
    """From any place, by `Last-Event-ID` or `?after=`, come exactly the events behind it; the header goes first."""
    run = await _ended_run()
    lines = run.log.encoded()
    after = data.draw(st.integers(-1, len(lines) - 2))
    by_header = data.draw(st.booleans())
    other = data.draw(st.integers(-1, 5))
    headers = {"last-event-id": str(after)} if by_header else {}
    answer = await call(pnb.web.sse(run), headers=headers, query=f"after={other if by_header else after}")
    assert answer.status == 200
    assert Sse.of(answer.body).data == lines[after + 1 :]


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("after=x", {}, 422),
        ("after=", {}, 422),
        ("after=1e3", {}, 422),
        ("after=" + "9" * 5_000, {}, 422),
        ("", {"last-event-id": "abc"}, 422),
        ("after=100000", {}, 409),
        ("after=-5", {}, 422),
        ("", {"last-event-id": "-5"}, 422),
        ("after=-1", {}, 200),
        ("after=x", {"last-event-id": "1"}, 200),
        ("after=1", {"last-event-id": "x"}, 422),
        ("&".join(["a=1"] * 101), {}, 422),
        ("&".join(["a=1"] * 100), {}, 200),
    ],
)
async def test_places_that_are_none(serve: Serve, query: str, headers: dict[str, str], status: int) -> None:
    """Text that is not a seq is refused, and so is a seq that the run has not reached: waiting would lose events.

    A header goes first, and the served routes say the same as a response of one's own.
    """
    run = await _ended_run(3)
    assert (await call(pnb.web.sse(run), query=query, headers=headers)).status == status
    served = await serve()
    served.server.add(run)
    assert (await served.client.get(f"/runs/{run.id}/events?{query}", headers=headers)).status_code == status


async def test_too_many_parameters_are_refused_wherever_they_are_read() -> None:
    """A query that is too long is a 422 too where the place is given and only `snapshots` is read of it."""
    run = await _ended_run(3)
    assert (await call(pnb.web.sse(run, after=1), query="&".join(["a=1"] * 101))).status == 422


async def test_a_browser_that_has_all_is_told_not_to_come_again() -> None:
    """Behind the last event of a run that has ended there is nothing: 204 ends a browser's attempts."""
    run = await _ended_run(3)
    answer = await call(pnb.web.sse(run), headers={"last-event-id": str(len(run.log) - 1)})
    assert (answer.status, answer.body) == (204, b"")


async def test_silence_is_filled_with_comments(serve: Serve) -> None:
    """Where nothing happens, comments keep the connection, and no event is made up."""
    served = await serve(limits=pnb.web.Limits(heartbeat=0.01))
    run_id = await served.begin("waiting")
    body = b""
    async with served.client.stream("GET", f"/runs/{run_id}/events") as stream:
        async for chunk in stream.aiter_bytes():
            body += chunk
            if Sse.of(body).comments >= 3:
                served.gates.opened.set()
    assert Sse.of(body).data == served.lines(run_id)


async def test_events_come_as_they_happen(serve: Serve) -> None:
    """An event is there before the next one is written: nothing waits for the end."""
    served = await serve()
    run_id = await served.begin("waiting")
    body = b""
    async with served.client.stream("GET", f"/runs/{run_id}/events") as stream:
        async for chunk in stream.aiter_bytes():
            body += chunk
            if b"holding" in body:
                assert not served.gates.opened.is_set() or b"let through" in body
                served.gates.opened.set()
    assert Sse.of(body).types[-1] == "done"


async def test_many_readers_see_the_same() -> None:
    """Readers that come at different times all get every event once, in order, and leave nothing behind."""
    release = [asyncio.Event() for _ in range(5)]

    @pnb.operation(stages=["writing"])
    async def work(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("writing") as stage:
            for number, gate in enumerate(release):
                await stage.update(number * 10, f"step {number}", number=number)
                await gate.wait()

    run = work.using(show=False)()
    readers: list[asyncio.Task[Any]] = []
    for gate in release:
        readers += [asyncio.create_task(call(pnb.web.sse(run))) for _ in range(20)]
        await asyncio.sleep(0)
        gate.set()
    await run
    for answer in await asyncio.gather(*readers):
        assert Sse.of(answer.body).data == run.log.encoded()
    assert not run.log._subscribers.callbacks


async def test_what_is_handed_over_is_bounded() -> None:
    """A connection is given some 64 KB at a time, whatever the log holds, so one that takes nothing costs no more."""
    run = await _ended_run(2_000)
    with Cursor(run.log) as cursor:
        batches = []
        while batch := cursor.take().frames:
            batches.append(batch)
    assert len(batches) > 2
    assert all(sum(map(len, batch)) <= 2 * BATCH for batch in batches)
    assert Sse.of(b"".join(chain.from_iterable(batches))).data == run.log.encoded()


@pytest.mark.parametrize("snapshots", [False, True])
async def test_a_fast_client_leaves_the_loop_its_turns(*, snapshots: bool) -> None:
    """A client that takes a long log without ever waiting does not hold the loop: it goes on after each 64 KB."""
    run = await _ended_run(5_000)
    size = sum(map(len, run.log.encoded()))
    reading = asyncio.ensure_future(call(pnb.web.sse(run, snapshots=snapshots)))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert Sse.of((await reading).body).ids == list(range(len(run.log)))
    assert turns > size / BATCH / 2


async def test_a_connection_that_takes_nothing_is_dropped() -> None:
    """After some seconds without room the connection is dropped, by our server at once."""
    dropped: list[bool] = []
    scope = {"extensions": {ABORT: lambda: dropped.append(True)}}
    with pytest.raises(StalledError):
        await limited(scope, asyncio.Event().wait(), 0)  # type: ignore[arg-type]
    assert dropped == [True]


async def test_snapshots_carry_what_is_written_so_far() -> None:
    """`?snapshots=1` adds `partial` to content events, parsed, and changes nothing else."""
    clock = pnb.testing.ManualClock()

    @pnb.operation(stages=["writing"], clock=clock)
    async def work(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("writing") as stage:
            for piece in ('{"title": "Ti', 'des", "count": 1', '2, "open": [1'):
                stage.write(piece, kind="json")
                clock.advance(0.1)
                await stage.update(number=1)  # what is written goes out with it
            stage.write("think", part="thinking")

    run = work.using(show=False)()
    await run
    plain = Sse.of((await call(pnb.web.sse(run))).body).events
    with_partial = Sse.of((await call(pnb.web.sse(run), query="snapshots=1")).body).events
    assert [{key: value for key, value in event.items() if key != "partial"} for event in with_partial] == plain
    partials = [event["partial"] for event in with_partial if event["type"] == "content"]
    assert partials == [{"title": "Ti"}, {"title": "Tides"}, {"title": "Tides", "count": 12, "open": []}, "think"]
    assert all("partial" not in event for event in with_partial if event["type"] != "content")


async def test_snapshots_after_a_loss_are_those_without_it() -> None:
    """A client that comes again gets the bytes that it would have got: what was written before is not forgotten."""
    run = await _ended_run()
    whole = Sse.of((await call(pnb.web.sse(run, snapshots=True))).body).data
    for after in range(0, len(whole) - 1, 7):
        rest = Sse.of((await call(pnb.web.sse(run, snapshots=True, after=after))).body).data
        assert rest == whole[after + 1 :]


async def test_snapshots_grow_with_the_output_not_with_its_square() -> None:
    """Of a long output not every event carries the whole: the bytes stay within a few times the log's own."""
    clock = pnb.testing.ManualClock()

    @pnb.operation(stages=["writing"], clock=clock)
    async def work(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("writing") as stage:
            for number in range(400):
                stage.write(f"{number:4} " * 200)
                stage.update(number=number)
                clock.advance(0.1)

    run = work.using(show=False)()
    await run
    written = 400 * 1_000
    sent = len((await call(pnb.web.sse(run, snapshots=True))).body)
    assert sent < 60 * written  # with the whole in each it would be 200 times
    contents = [json.loads(line) for line in run.log.encoded() if b'"type":"content"' in line]
    assert sum(len(event["delta"]) for event in contents) == written


async def test_in_ones_own_app() -> None:
    """`sse(run)` is a response for any FastAPI route, which may say itself where to begin."""
    run = await _ended_run(3)
    app = FastAPI()

    @app.get("/mine")
    async def mine() -> Any:
        response: Response = pnb.web.sse(run, after=1)
        return response

    answer = await call(app, "/mine", headers={"last-event-id": "0"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert Sse.of(answer.body).data == run.log.encoded(1)


async def test_who_is_gone_is_sent_nothing_more() -> None:
    """A response ends when its client leaves, while the run goes on; no task stays."""
    gate = asyncio.Event()

    @pnb.operation
    async def work(tracker: pnb.ProgressTracker) -> None:
        assert tracker.id
        await gate.wait()

    run = work.using(show=False)()
    gone = asyncio.Event()
    before = len(asyncio.all_tasks())
    reader = asyncio.create_task(call(pnb.web.sse(run), gone=gone))
    await asyncio.sleep(0)
    gone.set()
    answer = await reader
    assert not answer.body.endswith(b"done")
    assert run.status in ("pending", "running")
    gate.set()
    await run
    assert len(asyncio.all_tasks()) <= before


async def test_an_error_has_another_name_in_sse(serve: Serve) -> None:
    """The line `event:` of an error, survived or fatal, is `problem`, as `error` calls `onerror`. Its JSON stays."""

    @pnb.operation(stages=["try"])
    async def stumbles(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("try") as stage:
            stage.retry(1, 2, ValueError("the first time"))
        raise ValueError("the second time")

    served = await serve(stumbles)
    run_id = await served.begin("stumbles")
    await served.ended(run_id)
    for query in ("", "?snapshots=1"):
        sent = Sse.of((await served.client.get(f"/runs/{run_id}/events{query}")).content)
        names = [(name, event["type"]) for name, event in zip(sent.types, sent.events, strict=True)]
        assert names.count(("problem", "error")) == 2
        assert all(name == kind for name, kind in names if kind != "error")
        assert "error" not in sent.types
