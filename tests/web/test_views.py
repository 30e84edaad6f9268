"""`?view=1`: what is to be seen of a run as a tree and numbered patches, made once a run, whoever reads and when."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import connect

import progressnb as pnb
from progressnb.folds.patch import apply
from progressnb.web.streams import views
from progressnb.web.streams.looks import Look
from progressnb.web.streams.views import INTERVAL, KEPT, ViewCursor, ViewStream, encoded, pause_after
from tests.web.conftest import TOKEN, Sse, call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import Serve


class Script:
    """A run that reports when a test says so."""

    def __init__(self) -> None:
        self.stage: Any = None
        self.ready, self.over = asyncio.Event(), asyncio.Event()

        @pnb.operation(stages=["writing"])
        async def work(tracker: pnb.ProgressTracker) -> str:
            async with tracker.stage("writing") as self.stage:
                self.ready.set()
                await self.over.wait()
            return "written"

        self.run = work.using(show=False)()

    async def end(self) -> None:
        """Let the run end."""
        self.over.set()
        await self.run


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Check behind each test that no feed is kept: it would hold its run."""
    yield
    assert not any(views._feeds.values())


def tree_of(messages: list[dict[str, Any]]) -> tuple[Any, list[int]]:
    """Return the tree that a client has at the end, and the numbers that it saw; a gap is a fault."""
    tree: Any = None
    numbers: list[int] = []
    for message in messages:
        if "tree" in message:
            tree = message["tree"]
        elif "ops" in message:
            assert message["n"] == numbers[-1] + 1
            tree = apply(tree, message["ops"])
        numbers.append(message["n"])
    return tree, numbers


async def next_frames(cursor: ViewCursor) -> list[dict[str, Any]]:
    """Wait for a reader's next messages."""
    await cursor.wait(60)
    return [json.loads(frame.data) for frame in cursor.frames()]


async def test_the_tree_then_patches_then_the_end(serve: Serve) -> None:
    """A client gets `view` with the whole tree, `patch` with its changes, `end`; together they are the last tree."""
    served = await serve()
    run_id = await served.begin("waiting")
    run = await served.server.service.registry.find(run_id)
    parts: list[bytes] = []
    async with served.client.stream("GET", f"/runs/{run_id}/events?view=1") as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        async for chunk in answer.aiter_bytes():
            parts.append(chunk)
            if b"event: view" in chunk:
                served.gates.opened.set()
    found = Sse.of(b"".join(parts).replace(b"id: end", b"id: 0"))
    assert found.types[0] == "view"
    assert found.types[-1] == "end"
    assert set(found.types[1:-1]) == {"patch"}
    assert found.events[0]["n"] == 0
    tree, numbers = tree_of(found.events)
    assert numbers[:-1] == list(range(len(numbers) - 1))
    assert found.events[-1] == {"n": numbers[-2], "end": True}
    assert tree == json.loads(encoded(Look(run).panel()))
    assert tree["runs"][0]["status"] == "finished"


async def test_clients_share_one_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is drawn as often for fifty clients as for one, and all of them get the same bytes from the same place."""
    script, drawn = Script(), list[int]()
    panel = Look.panel

    def counted(look: Look) -> Any:
        drawn.append(1)
        return panel(look)

    monkeypatch.setattr(Look, "panel", counted)
    await script.ready.wait()
    got: list[list[bytes]] = [[] for _ in range(50)]
    with ExitStack() as stack:
        cursors = [stack.enter_context(ViewCursor(script.run)) for _ in got]
        for number in range(5):
            script.stage.update(number, f"page {number}")
            await next_frames(cursors[0])
            for cursor, frames in zip(cursors[1:], got[1:], strict=True):
                frames += [frame.event for frame in cursor.frames()]
        await script.end()
        while not cursors[0].over:
            await next_frames(cursors[0])
            for cursor, frames in zip(cursors[1:], got[1:], strict=True):
                frames += [frame.event for frame in cursor.frames()]
        assert len(drawn) <= 2 * cursors[0]._feed.number + 4
    assert all(frames == got[1] for frames in got[1:])
    assert got[1][-1].startswith(b"id: end\nevent: end\n")
    assert all(first is second for first, second in zip(got[1][:-1], got[2][:-1], strict=True))  # not copies


async def test_a_late_client_begins_with_the_tree() -> None:
    """A client that comes late gets the tree as it is, numbered as the others' last patch, and goes on with theirs."""
    script = Script()
    await script.ready.wait()
    with ViewCursor(script.run) as early, ViewCursor(script.run) as late:
        first = [json.loads(frame.data) for frame in early.frames()]
        script.stage.update(30, "page 1")
        first += await next_frames(early)
        second = [json.loads(frame.data) for frame in late.frames()]
        assert list(second[0]) == ["n", "tree"]
        assert second[0]["n"] == first[-1]["n"]
        await script.end()
        while not early.over:
            first += await next_frames(early)
        second += [json.loads(frame.data) for frame in late.frames()]
        assert late.over
    assert tree_of(first)[0] == tree_of(second)[0]


async def test_a_client_that_falls_behind_gets_the_tree_anew() -> None:
    """Patches are kept up to a size. Who lacks more than that gets the tree, and costs no more than that."""
    script = Script()
    await script.ready.wait()
    with ViewCursor(script.run) as quick, ViewCursor(script.run) as slow:
        quick.frames()
        seen = [json.loads(frame.data) for frame in slow.frames()]
        size = 0
        while size <= 2 * KEPT:
            script.stage.update(1, str(size) * 2_000)
            await quick.wait(60)
            quick._feed._paint()  # as after the pause that follows a large patch
            size += sum(len(frame.data) for frame in quick.frames())
        assert sum(len(patch.data) for patch in quick._feed._patches) <= KEPT
        again = slow.frames()
        assert [frame.kind for frame in again] == ["view"]
        seen += [json.loads(frame.data) for frame in again]
        await script.end()
        while not slow.over:
            seen += await next_frames(slow)
    assert tree_of(seen)[0]["runs"][0]["status"] == "finished"


async def test_at_most_ten_patches_a_second() -> None:
    """However fast a run reports, its view is drawn ten times a second at most, and with the end at once."""
    script = Script()
    await script.ready.wait()
    loop = asyncio.get_running_loop()
    began, patches = loop.time(), 0
    with ViewCursor(script.run) as cursor:
        cursor.frames()
        while patches < 5:
            script.stage.update(1, f"at {loop.time()}")
            await asyncio.sleep(0)
            patches += len(cursor.frames())
        assert loop.time() - began >= 4 * INTERVAL
        await script.end()
        while not cursor.over:
            await next_frames(cursor)


@pytest.mark.parametrize(
    ("sent", "cost", "readers", "seconds"),
    [(0, 0.0, 1, INTERVAL), (20_000, 0.0, 1, 1.0), (0, 0.5, 1, 2.5), (100, 0.001, 5_000, 0.5)],
)
def test_the_pace_of_patches(sent: int, cost: float, readers: int, seconds: float) -> None:
    """A client gets 20 KB a second, the view takes a fifth of the time, many readers are woken less often."""
    assert pause_after(sent, cost, readers) == pytest.approx(seconds)


@pytest.mark.parametrize("seen", ["0", "7", "-1", "nonsense"])
async def test_a_client_that_connects_again(seen: str) -> None:
    """With any `Last-Event-ID` the tree comes anew, and `?after=` counts for events alone."""
    script = Script()
    await script.end()
    answer = await call(pnb.web.sse(script.run), query="view=1&after=99", headers={"last-event-id": seen})
    assert answer.status == 200
    assert answer.body.count(b"event: view\n") == 1
    assert answer.body.endswith(b'event: end\ndata: {"n":0,"end":true}\n\n')


async def test_a_browser_that_has_the_end_does_not_come_again() -> None:
    """After `end` a browser connects again with its id, and gets 204, which tells it to stop."""
    script = Script()
    await script.end()
    assert (await call(pnb.web.sse(script.run), query="view=1", headers={"last-event-id": "end"})).status == 204


async def test_a_view_or_events_as_the_route_decides() -> None:
    """A route of one's own may decide: `view=True` needs no parameter, `view=False` ignores it."""
    script = Script()
    await script.end()
    assert b"event: view\n" in (await call(pnb.web.sse(script.run, view=True))).body
    assert b"event: started\n" in (await call(pnb.web.sse(script.run, view=False), query="view=1")).body
    assert (await call(pnb.web.sse(script.run), query="view=1&" + "&".join(["a=1"] * 100))).status == 422


async def test_over_a_websocket(serve: Serve) -> None:
    """The same messages come over a WebSocket, one a frame, and then the close code of an ended run."""
    served = await serve()
    run_id = await served.begin("report", topic="tides")
    await served.ended(run_id)
    url = f"{served.server.url.replace('http', 'ws', 1)}/runs/{run_id}/ws?view=1&after=99"
    async with connect(url, additional_headers={"authorization": f"Bearer {TOKEN}"}, proxy=None) as socket:
        messages = [json.loads(text) async for text in socket]
        assert socket.close_code == 1000
    tree, _ = tree_of(messages)
    assert tree["runs"][0]["status"] == "finished"
    assert messages[-1] == {"n": 0, "end": True}


async def test_a_silent_run_keeps_the_connection() -> None:
    """Where nothing changes a comment is sent; and times go on without an event."""
    script = Script()
    await script.ready.wait()
    gone = asyncio.Event()
    asking = asyncio.ensure_future(call(ViewStream(script.run, heartbeat=0.001), gone=gone))
    with ViewCursor(script.run) as cursor:
        cursor.frames()
        before = len(script.run.log)
        (message,) = await next_frames(cursor)
        assert len(script.run.log) == before
        assert message["ops"]
    gone.set()
    assert b": still here\n\n" in (await asking).body
    await script.end()


async def test_a_view_that_fails_ends_without_an_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault in the view is logged; its streams end without `end`, so that clients come again, and the run goes on."""
    script = Script()
    await script.ready.wait()
    asking = asyncio.ensure_future(call(ViewStream(script.run)))
    with ViewCursor(script.run) as cursor:
        assert [frame.kind for frame in cursor.frames()] == ["view"]
        monkeypatch.setattr(Look, "panel", lambda _: 1 / 0)
        script.stage.update(50)
        while not cursor.over:
            assert await next_frames(cursor) == []
        body = (await asking).body
    assert b"event: view" in body
    assert b"event: end" not in body
    assert "stopped the view of run" in caplog.text
    await script.end()


async def test_a_feed_goes_with_its_last_reader() -> None:
    """When the last client has left, nothing of a view is at work, and nothing holds its run."""
    script = Script()
    await script.ready.wait()
    with ViewCursor(script.run) as one:
        task = one._feed._task
        with ViewCursor(script.run) as other:
            assert other._feed is one._feed
        assert task is not None
        assert not task.done()
    await asyncio.wait([task])
    await script.end()
    run = weakref.ref(script.run)
    del script, one, other, task
    await Script().end()  # `pnb.last_run` holds the latest run
    for _ in range(10):
        await asyncio.sleep(0)
    gc.collect()
    assert run() is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", "\u2028\x85", {"\udfff": 1}])
def test_every_message_is_one_line_of_json(value: object) -> None:
    """Whatever is in a tree, a browser reads its message: one line of JSON, without numbers that JSON does not know."""
    line = encoded({"value": value}).decode()
    assert line.splitlines() == [line]
    assert json.loads(line, parse_constant=pytest.fail).keys() == {"value"}
