"""Runs whose log has let events go are served, attached to, resumed and kept like all others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

import pytest

import progressnb as pnb
from progressnb.history.redaction import redact
from progressnb.wire.codec import decode, open_line
from progressnb.wire.events import SnapshotEvent
from tests.web.conftest import Sse, call
from tests.web.test_attach import TOKEN, TRANSPORTS, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from progressnb.web.uvicorn.serving import Server

SECRET = "the moon is a secret"  # noqa: S105 - contents


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Serve on loopback with a token."""
    async with await pnb.serve(token=TOKEN) as server:
        yield server


@pnb.operation
async def read(tracker: pnb.ProgressTracker, pages: int, gate: asyncio.Event | None = None, limit: int = 20_000) -> str:
    """Read many pages with a small log."""
    tracker.log.limit = limit
    async with tracker.stage("reading") as stage:
        stage.write(f"{SECRET}, ")
        for number in range(pages):
            async with stage.stage("page") as page:
                page.write(f"{SECRET} {number}. ")
                await page.update(message=f"page {number}", found=SECRET)
        if gate is not None:
            await gate.wait()
    return "all"


READ = read.using(show=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_attach_in_the_midst(server: Server, transport: Literal["sse", "websocket"]) -> None:
    """Who attaches late gets the snapshot and what comes behind it, in the same bytes, and the same state."""
    gate = asyncio.Event()
    run = READ(300, gate)
    while run.log.first == 0 or not run.state.stages or len(run.state.stages[0].children) < 300:
        await asyncio.sleep(0)
    address = server.add(run).partition("/view")[0]
    seen = pnb.attach(address, token=TOKEN, transport=transport, show=False)
    await anext(aiter(seen))
    gate.set()
    assert await seen == await run == "all"
    assert open_line(seen.log.encoded()[0])["type"] == "snapshot"
    assert len(seen.log.encoded()) == 1 + len(seen.log) - seen.log.first
    both = len(run.log) - max(seen.log.first, run.log.first)  # the server's log may have let more go meanwhile
    assert both > 0
    assert seen.log.encoded()[-both:] == run.log.encoded()[-both:]
    assert len(seen.log) == len(run.log)
    assert seen.state.usage == run.state.usage
    assert text_of(seen) == text_of(run)


@pytest.mark.parametrize("after", [-1, 0, 100])
@pytest.mark.parametrize("snapshots", [False, True])
async def test_a_browser_goes_on(after: int, *, snapshots: bool) -> None:
    """With a `Last-Event-ID` before the snapshot the snapshot comes first; behind it only later events come."""
    run = READ(300)
    await run
    first = run.log.first
    answer = await call(
        pnb.web.sse(run), headers={"last-event-id": str(after)} if after >= 0 else {}, query=f"snapshots={snapshots:d}"
    )
    told = Sse.of(answer.body)
    assert [event["seq"] for event in told.events] == list(range(first - 1, len(run.log)))
    assert told.events[0]["type"] == "snapshot"
    last = told.events[-1]["seq"]
    answer = await call(pnb.web.sse(run), headers={"last-event-id": str(last - 3)})
    assert [event["seq"] for event in Sse.of(answer.body).events] == [last - 2, last - 1, last]


async def test_a_history_keeps_all() -> None:
    """A history has every event, also those that the log has let go."""
    with pnb.History() as history, pnb.configure.local(history=history):
        run = READ(300, limit=150_000)
        await run
        assert [event.seq for event in history.log(run.id)] == list(range(len(run.log)))
        assert any(event.type == "content" for event in history.log(run.id))


async def test_a_snapshot_without_contents() -> None:
    """What a history without contents would keep of a snapshot has no text that we did not word ourselves."""
    run = READ(300)
    await run
    line = run.log.encoded()[0]
    assert isinstance(decode(line), SnapshotEvent)
    assert SECRET.encode() in line
    redacted = redact(line)
    assert SECRET.encode() not in redacted
    again: Any = decode(redacted)
    assert [stage.path for stage in again.stages] == [stage["path"] for stage in open_line(line)["stages"]]
    assert redact(redacted) == redacted
