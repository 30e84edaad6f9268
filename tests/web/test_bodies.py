"""Request bodies: a client that goes on sending after the answer is cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from progressnb.web import Limits
from progressnb.web.server import bodies
from tests.web.conftest import TOKEN

if TYPE_CHECKING:
    from tests.web.conftest import Serve

BEARER = f"authorization: Bearer {TOKEN}\r\n"
CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
MASKED = b"\x82\xfe\xf0\x00\0\0\0\0" + b" " * 0xF000
MOST = 100_000_000
"""Bytes of which the system may keep a part between the two ends."""


async def _send_until_cut(writer: asyncio.StreamWriter, piece: bytes) -> None:
    async def send_on() -> None:
        for _ in range(MOST // len(piece)):
            writer.write(piece)
            await writer.drain()

    with pytest.raises(ConnectionError):
        await send_on()
    writer.transport.abort()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/runs", "", 401),
        ("/runs", BEARER + "origin: https://evil.example\r\n", 403),
        ("/nothing", BEARER, 404),
        ("/runs", BEARER + "content-type: application/json\r\n", 413),
    ],
)
@pytest.mark.parametrize("length", ["transfer-encoding: chunked", "content-length: 99999999999"])
async def test_an_answer_ends_the_upload(serve: Serve, path: str, headers: str, status: int, length: str) -> None:
    """Whatever the answer, it is read, it is the connection's last, and what comes behind it has an end."""
    served = await serve(limits=Limits(body=100_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.url.rpartition(":")[2]))
    writer.write(f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}{length}\r\n\r\n".encode() + CHUNK * 2)
    async with asyncio.timeout(30):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert int(head.split()[1]) == (413 if status == 404 and "content-length: 9" in length else status)
        assert "connection: close" in head
        await _send_until_cut(writer, CHUNK)


async def test_who_sends_no_more_is_let_go(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that stops in the middle of a body gets its answer, and soon the connection's end."""
    monkeypatch.setattr(bodies, "LINGER", 0)
    served = await serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.url.rpartition(":")[2]))
    writer.write(b"POST /runs HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
    async with asyncio.timeout(30):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"}")
    writer.close()


async def test_a_whole_request_keeps_its_connection(serve: Serve) -> None:
    """One without a body, and one whose body was read, leave the connection open."""
    served = await serve()
    for answer in (
        await served.client.get("/runs"),
        await served.client.get("/runs", headers={"authorization": ""}),
        await served.client.post("/runs", json={"operation": "report", "inputs": {"topic": "x"}}),
    ):
        assert "connection" not in answer.headers


async def test_a_refused_socket_is_cut_off(serve: Serve) -> None:
    """A WebSocket that was refused may not go on sending either."""
    served = await serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(served.server.url.rpartition(":")[2]))
    key = "a" * 22
    writer.write(
        f"GET /runs/x/ws HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer wrong\r\nupgrade: websocket\r\n"
        f"connection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}==\r\n\r\n".encode()
    )
    async with asyncio.timeout(30):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert await reader.readexactly(4) == b"\x88\x02\x03\xf0"  # 1008
        await _send_until_cut(writer, MASKED)
