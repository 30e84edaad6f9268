"""Large events: whole for readers, in parts on the way, and of little cost for clients that take nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import tracemalloc
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect

import progressnb as pnb
from progressnb.web.streams import snapshots
from progressnb.web.streams.batches import BATCH, frames_of
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.stalls import PART
from tests.web.conftest import TOKEN, Sse

if TYPE_CHECKING:
    from tests.web.conftest import Serve, Served

UPGRADE = (
    "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: "
    + "a" * 22
    + "==\r\n"
)


async def _large_run(size: int) -> pnb.Run[str]:
    @pnb.operation(stages=["working"])
    async def large(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("working") as stage:
            await stage.update(50, "half")
        return "wörd" * (size // 5)

    run = large.using(show=False)()
    await run
    return run


async def _reads_nothing(port: int, run: pnb.Run[Any], kind: str) -> socket.socket:
    """Request a run's events and take no bytes of them."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)  # noqa: FBT003 - its only form
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    asked = (
        f"GET {f'/runs/{run.id}/{kind}'.rstrip('/')} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n"
    )
    await loop.sock_sendall(client, f"{asked}{UPGRADE if kind.startswith('ws') else ''}\r\n".encode())
    return client


def _waiting(served: Served) -> list[int]:
    """Return how many bytes wait for each connection."""
    found = list(served.server._engine.server_state.connections)
    return [waits for each in found if (waits := each.transport.get_write_buffer_size())]


@pytest.mark.parametrize("kind", ["events", "events?snapshots=1", "ws", "ws?snapshots=1"])
async def test_who_takes_nothing_costs_little(serve: Serve, kind: str) -> None:
    """Clients that take nothing of a large event hold parts of it, not copies: together less than one event."""
    size, clients = 4_000_000, 8
    run = await _large_run(size)
    served = await serve()
    served.server.add(run)
    port = int(served.server.url.rpartition(":")[2])
    with ExitStack() as stack:
        stack.callback(tracemalloc.stop)
        tracemalloc.start()
        for _ in range(clients):
            stack.enter_context(await _reads_nothing(port, run, kind))
        async with asyncio.timeout(30):
            while len(_waiting(served)) < clients:
                await asyncio.sleep(0)
        _, peak = tracemalloc.get_traced_memory()
        assert max(_waiting(served)) <= 3 * BATCH
        assert max(_waiting(served)) <= 2 * PART + 100
        assert peak < size


async def test_who_takes_nothing_of_snapshots(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that take nothing of snapshots of 250 KB of output share their bytes: 30 KB a client at most wait."""
    monkeypatch.setattr(snapshots, "RATE", 1e12)  # each event has the output so far

    @pnb.operation(stages=["writing"])
    async def long(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("writing") as stage:
            for number in range(250):
                stage.write("x" * 1_000)
                await stage.update(number=number)

    run = long.using(show=False)()
    await run
    served = await serve()
    served.server.add(run)
    port = int(served.server.url.rpartition(":")[2])
    clients = 20
    with ExitStack() as stack:
        stack.callback(tracemalloc.stop)
        tracemalloc.start()
        for _ in range(clients):
            stack.enter_context(await _reads_nothing(port, run, "events?snapshots=1"))
        async with asyncio.timeout(30):
            while len(_waiting(served)) < clients:
                await asyncio.sleep(0)
        assert sum(_waiting(served)) < clients * 30_000
        large = [trace.size for trace in tracemalloc.take_snapshot().traces if trace.size >= PART]
        assert sum(large) < clients * 30_000 + 3_000_000


async def test_who_takes_no_answer_is_dropped(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A large answer goes in parts too. A client that takes none of them is dropped, and the others get it whole."""
    run = await _large_run(4_000_000)
    served = await serve(limits=pnb.web.Limits(stall=0.1))
    served.server.add(run)
    with await _reads_nothing(int(served.server.url.rpartition(":")[2]), run, "") as client:
        assert client.fileno() >= 0
        async with asyncio.timeout(30):
            while not _waiting(served):
                await asyncio.sleep(0)
            assert max(_waiting(served)) <= 3 * BATCH
            while served.server._engine.server_state.connections:
                await asyncio.sleep(0)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert (await served.client.get(f"/runs/{run.id}")).json()["result"] == await run


async def test_a_large_message_comes_whole(serve: Serve) -> None:
    """A WebSocket's large event is one message of several parts, cut anywhere, and its bytes are the log's."""
    run = await _large_run(500_000)
    served = await serve()
    served.server.add(run)
    url = f"{served.server.url.replace('http', 'ws', 1)}/runs/{run.id}/ws"
    texts: list[bytes] = []
    async with connect(url, additional_headers={"authorization": f"Bearer {TOKEN}"}, proxy=None) as client:
        with suppress(websockets.ConnectionClosed):
            while True:
                parts = [part async for part in client.recv_streaming(decode=False)]
                assert max(map(len, parts)) <= BATCH
                texts.append(b"".join(parts))
        assert client.close_code == 1000
    assert texts == run.log.encoded()
    assert (
        await pnb.attach(f"{served.server.url}/runs/{run.id}", token=TOKEN, transport="websocket", show=False)
        == await run
    )


@pytest.mark.parametrize("is_clean", [False, True])
async def test_who_leaves_in_the_middle(serve: Serve, caplog: pytest.LogCaptureFixture, *, is_clean: bool) -> None:
    """A client that leaves in the middle of a message, with a close frame or without, is gone and breaks nothing."""
    run = await _large_run(4_000_000)
    served = await serve()
    served.server.add(run)
    with await _reads_nothing(int(served.server.url.rpartition(":")[2]), run, "ws") as client:
        async with asyncio.timeout(30):
            while not _waiting(served):
                await asyncio.sleep(0)
        if is_clean:
            await asyncio.get_running_loop().sock_sendall(client, b"\x88\x82\0\0\0\0\x03\xe8")
            async with asyncio.timeout(30):
                while not any(each.transport.is_closing() for each in served.server._engine.server_state.connections):
                    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        while served.server.service.clients:
            await asyncio.sleep(0)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert (await served.client.get(f"/runs/{run.id}")).status_code == 200


@given(sizes=st.lists(st.sampled_from([30, 90, BATCH - 1, BATCH, BATCH + 1, 3 * BATCH]), max_size=8))
def test_pieces(sizes: list[int]) -> None:
    """Events are framed the same whatever their sizes; the bytes of a large one are the log's own, not copies."""
    lines = [b'{"type":"progress","x":"' + b"x" * (size - 26) + b'"}' for size in sizes]
    pieces = frames_of(0, lines)
    assert Sse.of(b"".join(pieces)).data == lines
    assert Sse.of(b"".join(pieces)).ids == list(range(len(sizes)))
    assert Sse.of(b"".join(pieces)).types == ["progress"] * len(sizes)
    large = [line for line in lines if len(line) > BATCH]
    assert [id(piece) for piece in pieces if len(piece) > BATCH and piece in large] == [id(line) for line in large]


def test_a_type_is_one_line() -> None:
    """A type that another writer made up adds no line to the stream, and no event."""
    line = json.dumps({"type": "a\n\ndata: b\r\nid: 7"}).encode()
    assert frames_of(3, [line]) == [b"id: 3\nevent: a data: b id: 7\ndata: " + line + b"\n\n"]


async def test_readers_share_what_is_joined() -> None:
    """Readers at the same place are given the same bytes, not each its own."""
    run = await _large_run(1_000_000)
    with Cursor(run.log) as one, Cursor(run.log) as other:
        first: Any = one.take().frames
        assert first
        assert other.take().frames is first
        assert one.over
        assert other.over
