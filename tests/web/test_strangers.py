"""Clients that are not known yet: they don't keep others out, however slowly they send."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from contextlib import AsyncExitStack, ExitStack, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from progressnb.web import Limits
from progressnb.web.server import bodies
from progressnb.web.uvicorn import serving
from progressnb.web.uvicorn.strangers import FEWEST, Strangers, room_of
from tests.web.conftest import TOKEN

if TYPE_CHECKING:
    from tests.web.conftest import Serve, Served

BEARER = f"authorization: Bearer {TOKEN}\r\n"
HALF = b"GET /runs HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: "
JSON = "content-type: application/json\r\n"


class Line:
    """A connection that can be dropped."""

    def __init__(self) -> None:
        self.is_there = True

    def abort(self) -> None:
        """Drop it."""
        self.is_there = False


def strangers_of(room: int = 3, patience: float = 10.0) -> tuple[Any, list[float]]:
    """Return strangers, and the time that they are asked at."""
    at = [0.0]
    return Strangers(room, patience, lambda: at[0]), at


def client_of(number: int) -> tuple[str, int]:
    """Return the address of a client."""
    return "127.0.0.1", number


def test_the_oldest_stranger_makes_way() -> None:
    """Where there is no more room, who is not known for the longest time is dropped, and nobody who is known."""
    strangers, _ = strangers_of()
    lines = [Line() for _ in range(5)]
    for number, line in enumerate(lines):
        strangers.came(client_of(number), line, min(number + 1, 4))
        if number == 0:
            strangers.known(client_of(0))
    assert [line.is_there for line in lines] == [True, False, False, True, True]


def test_nobody_comes_where_all_are_known() -> None:
    """Who is known keeps its connection: a newcomer is dropped where only known clients are there."""
    strangers, _ = strangers_of(room=1)
    first, second = Line(), Line()
    strangers.came(client_of(0), first, 1)
    strangers.known(client_of(0))
    strangers.came(client_of(1), second, 2)
    assert (first.is_there, second.is_there) == (True, False)


def test_a_head_has_its_time() -> None:
    """A head that is not there in time ends its connection, also that of a known client; one that is there does not."""
    strangers, at = strangers_of(room=9)
    lines = [Line() for _ in range(3)]
    for number, line in enumerate(lines):
        strangers.came(client_of(number), line, number + 1)
    strangers.known(client_of(1))
    strangers.arrived(client_of(2))
    at[0] = 9.9
    strangers.awaited(client_of(0), lines[0])  # a further drop does not give it more time
    strangers.sweep()
    assert all(line.is_there for line in lines)
    at[0] = 10.0
    strangers.sweep()
    assert [line.is_there for line in lines] == [False, False, True]


def test_the_room_is_what_the_process_may_open() -> None:
    """The number of connections is that which was asked for, or less where the system allows fewer files."""
    resource = pytest.importorskip("resource")
    assert room_of(5) <= max(5, FEWEST)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert FEWEST <= room_of(10**9) < limit


async def line_to(served: Served, stack: AsyncExitStack, head: bytes) -> asyncio.StreamReader:
    """Open a connection and send the beginning of a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.url.rpartition(":")[2]))
    stack.callback(writer.close)
    writer.write(head)
    await writer.drain()
    return reader


POST = b" HTTP/1.1\r\nhost: 127.0.0.1\r\n" + JSON.encode()
BEGINNINGS = [
    b"",
    HALF,
    b"POST /runs" + POST + b"content-length: 100\r\n\r\n{",
    b"POST /batches" + POST + b"transfer-encoding: chunked\r\n\r\n1\r\n{",
]
SOCKET = b"GET /runs/x/ws HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
SOCKET += b"sec-websocket-version: 13\r\nsec-websocket-key: aaaaaaaaaaaaaaaaaaaaaa==\r\n\r\n"


@pytest.mark.parametrize(
    ("token", "beginning"),
    [*((token, each) for token in (TOKEN, None) for each in BEGINNINGS), (TOKEN, SOCKET)],
)
async def test_slow_senders_keep_nobody_out(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, token: str | None, beginning: bytes
) -> None:
    """However many send half a head, half a body or no token, a client gets its answer, and a stream goes on."""
    monkeypatch.setattr(serving, "room_of", lambda _most: 12)
    served = await serve(token=token, limits=Limits(patience=1e9))
    run_id = await served.begin("waiting")
    async with AsyncExitStack() as stack, served.client.stream("GET", f"/runs/{run_id}/events") as stream:
        pieces = stream.aiter_bytes()
        assert await anext(pieces)
        for _ in range(40):
            await line_to(served, stack, beginning)
        async with asyncio.timeout(30):
            assert (await served.client.get("/runs", headers={"connection": "close"})).status_code == 200
        served.gates.opened.set()
        async with asyncio.timeout(30):
            assert b"done" in b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("beginning", [b"", b"GET", HALF])
async def test_a_dripping_head_is_cut(serve: Serve, beginning: bytes) -> None:
    """A head that does not come in time ends the connection, though a byte of it comes now and then."""
    served = await serve(limits=Limits(patience=0.05))
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        reader = await line_to(served, stack, beginning)
        assert await _ends(reader)


async def test_a_second_head_is_cut_too(serve: Serve) -> None:
    """The head behind a whole request has the same time."""
    served = await serve(limits=Limits(patience=0.05))
    whole = f"GET /runs HTTP/1.1\r\nhost: 127.0.0.1\r\n{BEARER}\r\n".encode()
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.url.rpartition(":")[2]))
        stack.callback(writer.close)
        writer.write(whole)
        assert (await reader.readuntil(b"]}")).startswith(b"HTTP/1.1 200 ")
        writer.write(HALF)
        assert await _ends(reader)


async def test_a_dripping_body_is_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not come in time is answered with 408; that of a known client must only go on coming."""
    monkeypatch.setattr(bodies, "LINGER", 0)
    head = f"POST /runs HTTP/1.1\r\nhost: 127.0.0.1\r\n{JSON}content-length: 100\r\n"
    opened = await serve(token=None, limits=Limits(patience=0.05))
    closed = await serve(limits=Limits(patience=0.05, stall=0.2))
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        for served, more in ((opened, ""), (closed, BEARER)):
            reader = await line_to(served, stack, f"{head}{more}\r\n{{".encode())
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 408 ")
            assert await _ends(reader)


@pytest.mark.parametrize("more", ["", BEARER])
@pytest.mark.parametrize("path", ["/runs", "/batches", "/runs/x/act", "/tickets", "/docs"])
async def test_two_lengths_are_refused(serve: Serve, path: str, more: str) -> None:
    """Content-Length beside Transfer-Encoding, which two servers may read in two ways, is answered with 400."""
    served = await serve()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{more}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /runs HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    )
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        reader = await line_to(served, stack, head.encode())
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


LONG = "".join(f"x{number}: y\r\n" for number in range(150))


@pytest.mark.parametrize("known", ["", BEARER])
@pytest.mark.parametrize(
    "more",
    [
        "content-length: 5\r\n",
        "transfer-encoding: chunked\r\n",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "content-length: 0, 5\r\n",
        f"cookie: {'x' * 9_000}\r\n",
        LONG,
    ],
    ids=["length", "chunked", "both", "list", "long header", "many headers"],
)
async def test_a_socket_with_a_faulty_head_is_answered(serve: Serve, more: str, known: str) -> None:
    """The head of a WebSocket that can't be read is refused at once, and its connection ends: nothing waits for it."""
    served = await serve()
    head = (
        f"GET /runs/x/ws HTTP/1.1\r\nhost: 127.0.0.1\r\n{known}connection: Upgrade\r\nupgrade: websocket\r\n"
        f"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\nhello"
    )
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        reader = await line_to(served, stack, head.encode())
        answer = await reader.read()
        while served.server._engine.server_state.connections:
            await asyncio.sleep(0)
    assert answer.startswith(b"HTTP/1.1 400 ")


async def _ends(reader: asyncio.StreamReader) -> bool:
    try:
        await reader.read()
    except ConnectionError:
        return True
    return reader.at_eof()


SMALL = """
import asyncio, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
import progressnb as pnb

async def main():
    server = await pnb.serve([], token="{token}")
    print(server.url, flush=True)
    await server.wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("beginning", [HALF, b"POST /runs" + POST + b"content-length: 100\r\n\r\n{"])
def test_a_process_that_may_open_few_files(beginning: bytes) -> None:
    """Where 128 files may be open, 140 connections that drip keep nobody out who has the token."""
    pytest.importorskip("resource")
    command = [sys.executable, "-c", SMALL.replace("{token}", TOKEN)]
    with ExitStack() as stack:
        pipe = subprocess.PIPE
        server = stack.enter_context(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True))
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            place = ("127.0.0.1", int(url.rpartition(":")[2]))
            slow = [stack.enter_context(socket.create_connection(place, 30)) for _ in range(140)]
            for each in slow:
                with suppress(OSError):  # one that was dropped meanwhile
                    each.sendall(beginning)
            bearer = {"authorization": f"Bearer {TOKEN}", "connection": "close"}
            for _ in range(3):
                answer = httpx.get(f"{url}/runs", headers=bearer, timeout=30, trust_env=False)
                assert answer.status_code == 200
        finally:
            server.terminate()
            _, errors = server.communicate(timeout=30)
        assert "Too many open files" not in errors
