"""A run over a WebSocket: the same JSON as text frames, cancel, close codes, and what clients may say."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import websockets
from fastapi import FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect

import progressnb as pnb
from progressnb.web import Limits
from progressnb.web.uvicorn.serving import server_of
from tests.web.conftest import TOKEN, Sse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tests.web.conftest import Serve, Served


def opened(served: Served, run_id: str, query: str = "") -> connect:
    """Open a WebSocket to a run."""
    url = f"{served.server.url.replace('http', 'ws', 1)}/runs/{run_id}/ws{query}"
    return connect(url, additional_headers={"authorization": f"Bearer {TOKEN}"}, proxy=None)


async def read(socket: ClientConnection) -> tuple[list[bytes], int | None]:
    """Return all frames until the socket is closed, and the close code."""
    texts: list[bytes] = []
    with suppress(websockets.ConnectionClosed):
        async with asyncio.timeout(30):
            texts += [str(text).encode() async for text in socket]
    return texts, socket.close_code


async def test_frames_are_the_logs_bytes(serve: Serve) -> None:
    """A frame is an event's JSON as the log has it; behind the last one it closes with 1000. Any number may read."""
    served = await serve()
    run_id = await served.begin("waiting")
    async with opened(served, run_id) as first, opened(served, run_id) as second:
        served.gates.opened.set()
        await served.ended(run_id)
        async with opened(served, run_id) as third:
            assert await read(first) == await read(second) == await read(third) == (served.lines(run_id), 1000)


@pytest.mark.parametrize("after", [-1, 0, 3])
async def test_after(serve: Serve, after: int) -> None:
    """`?after=` leaves out what the client has already."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    async with opened(served, run_id, f"?after={after}") as socket:
        assert await read(socket) == (served.lines(run_id)[max(0, after + 1) :], 1000)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?after=99", 4400),
        ("?after=x", 4400),
        ("?after=1e3", 4400),
        (f"?after={'9' * 30}", 4400),
        ("?after=-9", 4400),
        (f"?{'&'.join(['a=1'] * 101)}", 4400),
    ],
)
async def test_what_is_no_seq(serve: Serve, query: str, code: int) -> None:
    """A place that the run does not have closes with 4400, with nothing sent, and so do too many parameters."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    async with opened(served, run_id, query) as socket:
        assert await read(socket) == ([], code)


@pytest.mark.parametrize(("place", "code"), [("1", 1000), ("-5", 4400), ("x", 4400)])
async def test_a_header_goes_first(serve: Serve, place: str, code: int) -> None:
    """`Last-Event-ID` is taken as over server-sent events: where it is, `?after=` is not read."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    url = f"{served.server.url.replace('http', 'ws', 1)}/runs/{run_id}/ws?after=y"
    headers = {"authorization": f"Bearer {TOKEN}", "last-event-id": place}
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        assert await read(socket) == (served.lines(run_id)[2:] if code == 1000 else [], code)


async def test_no_such_run(serve: Serve) -> None:
    """A run that is not there closes with 4404."""
    served = await serve()
    async with opened(served, "unknown") as socket:
        assert await read(socket) == ([], 4404)


async def test_too_many_clients(serve: Serve) -> None:
    """One client more than may closes with 1013."""
    served = await serve(limits=Limits(clients=1))
    run_id = await served.begin("waiting")
    async with opened(served, run_id) as first:
        await first.recv()
        async with opened(served, run_id) as second:
            assert await read(second) == ([], 1013)
    served.gates.opened.set()


async def test_snapshots(serve: Serve) -> None:
    """`?snapshots=1` gives the same as over server-sent events, one line an event for every reader of lines."""
    served = await serve()
    run_id = await served.begin("report", topic="a\u2028b\u2029c\x85d")
    await served.ended(run_id)
    answer = await served.client.get(f"/runs/{run_id}/events?snapshots=1")
    async with opened(served, run_id, "?snapshots=1") as socket:
        texts, _ = await read(socket)
    assert texts == Sse.of(answer.content).data
    assert any(b'"partial"' in text for text in texts)
    assert all(len(text.decode().splitlines()) == 1 for text in texts)
    async with served.client.stream("GET", f"/runs/{run_id}/events?snapshots=1") as stream:
        data = [line async for line in stream.aiter_lines() if line.startswith("data: ")]
    assert [line.removeprefix("data: ").encode() for line in data] == texts
    assert any("\u2028" in json.loads(text).get("partial", "") for text in texts)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "cancelled by a client"),
        ({"reason": "too slow"}, "too slow"),
        ({"reason": "two\n\n \x1b[31mlines\u202e "}, "two [31mlines"),
        ({"reason": "x" * 500}, "x" * 200),
        ({"reason": " "}, "cancelled by a client"),
        ({"reason": 7}, "cancelled by a client"),
    ],
)
async def test_cancel(serve: Serve, said: dict[str, Any], reason: str) -> None:
    """A cancel frame ends the run, which says why; the reason is one line of some length."""
    served = await serve()
    run_id = await served.begin("waiting")
    async with opened(served, run_id) as socket:
        await socket.send(json.dumps({"type": "cancel", **said}))
        texts, code = await read(socket)
    last = json.loads(texts[-1])
    assert (last["type"], last["reason"], code) == ("cancelled", reason, 1000)


async def test_cancel_by_a_request_says_why_too(serve: Serve) -> None:
    """`POST …/cancel` takes the same reason, or no body at all; what is no reason is a 422 and cancels nothing."""
    served = await serve()
    run_id = await served.begin("waiting")
    for body in ({"reason": 7}, {"why": "x"}, ["x"]):
        assert (await served.client.post(f"/runs/{run_id}/cancel", json=body)).status_code == 422
    assert (await served.client.post(f"/runs/{run_id}/cancel", json={"reason": "too slow"})).status_code == 202
    await served.ended(run_id)
    assert (await served.client.get(f"/runs/{run_id}")).json()["reason"] == "too slow"


@pytest.mark.parametrize(
    "frame",
    ["", "cancel", "{", '"cancel"', '["cancel"]', '{"type": ["cancel"]}', '{"TYPE": "cancel"}', "[" * 5_000, b"\xff\0"],
)
async def test_other_frames_do_nothing(serve: Serve, frame: str | bytes) -> None:
    """Whatever else a client says neither cancels nor breaks anything."""
    served = await serve()
    run_id = await served.begin("waiting")
    async with opened(served, run_id) as socket:
        await socket.send(frame)
        await socket.ping()
        served.gates.opened.set()
        texts, code = await read(socket)
    assert (json.loads(texts[-1])["type"], code) == ("done", 1000)


async def test_a_frame_that_is_too_large(serve: Serve) -> None:
    """A frame above the limit closes that connection alone; the run goes on."""
    served = await serve()
    run_id = await served.begin("waiting")
    async with opened(served, run_id) as socket:
        await socket.send("x" * 100_000)
        assert (await read(socket))[1] == 1009
    served.gates.opened.set()
    await served.ended(run_id)
    assert (await served.client.get(f"/runs/{run_id}")).json()["status"] == "finished"


async def test_leaving_cancels_nothing(serve: Serve) -> None:
    """A socket that is closed, or cut, leaves the run as it is."""
    served = await serve()
    run_id = await served.begin("waiting")
    async with opened(served, run_id) as socket:
        await socket.recv()
    async with opened(served, run_id) as socket:
        await socket.recv()
        socket.transport.abort()
    async with asyncio.timeout(30):
        while served.server.service.clients:
            await asyncio.sleep(0)
    assert (await served.client.get(f"/runs/{run_id}")).json()["status"] == "running"
    served.gates.opened.set()


@pytest.mark.parametrize("kind", [FastAPI, Starlette])
async def test_in_ones_own_app(kind: type[Starlette]) -> None:
    """`websocket(run, socket)` and `sse(run)` serve a run from anybody's routes, and there cancel may be left out."""
    gate = asyncio.Event()

    @pnb.operation(stages=["waiting"])
    async def own(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("waiting"):
            await gate.wait()
        return "mine"

    run = own.using(show=False)()

    async def socket(socket: WebSocket) -> None:
        await pnb.web.websocket(run, socket, cancel=False)

    async def events(_: Request) -> Response:
        return pnb.web.sse(run)

    app = kind(routes=[WebSocketRoute("/mine/ws", socket), Route("/mine/events", events)])
    app.state.service = pnb.web.create_app().state.service
    async with await server_of(app, host="127.0.0.1", port=0, token=None).start() as server:
        async with connect(f"{server.url.replace('http', 'ws', 1)}/mine/ws", proxy=None) as client:
            await client.send('{"type": "cancel"}')
            await client.ping()
            gate.set()
            assert await read(client) == (run.log.encoded(), 1000)
        assert await run == "mine"
