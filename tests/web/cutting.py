"""A server that sends the bytes of a log over both transports, and ends each connection after some bytes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

__all__ = ["CuttingProxy", "CuttingServer"]

_AFTER = re.compile(rb"(?i)^(?:last-event-id: |get \S*[?&]after=)(-?\d+)", re.MULTILINE)
_KEY = re.compile(rb"(?i)^sec-websocket-key: (\S+)", re.MULTILINE)
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def sse_bytes(lines: list[bytes], first: int) -> bytes:
    """Return what a server sends as server-sent events, from an event on."""
    return b"".join(b"id: %d\nevent: x\ndata: %s\n\n" % (seq, line) for seq, line in enumerate(lines[first:], first))


def websocket_bytes(lines: list[bytes]) -> bytes:
    """Return text frames as a server sends them; the client closes after the last event."""
    return b"".join(_head(len(line)) + line for line in lines)


def _head(length: int) -> bytes:
    if length < 126:
        return bytes([0x81, length])
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2, "big")
    return b"\x81\x7f" + length.to_bytes(8, "big")


class CuttingServer:
    """Serve one log as raw bytes on loopback. `cuts` are places in the whole answer, headers included, in order.

    Each connection is cut at the next place, wherever in a header, a line or a character that is; one that would begin
    behind it is closed at once.
    """

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines
        self.cuts: list[int] = []
        self.made = 0
        self.afters: list[int] = []
        self.requests: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    def url(self, run_id: str) -> str:
        """Return the address of the run."""
        return f"http://127.0.0.1:{self.port}/runs/{run_id}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request.decode("latin-1"))
            found = _AFTER.search(request)
            after = int(found[1]) if found else -1
            self.afters.append(after)
            answer = self._answer(request, after)
            if self.cuts:
                before = len(self._answer(request, -1)) - len(answer)
                self.made += 1
                writer.write(answer[: max(0, self.cuts.pop(0) - before)])
            else:
                writer.write(answer)
                await writer.drain()
                if b"Upgrade" in answer[:200]:
                    await reader.read()  # the closing handshake
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over: of this task nobody else would hear
        finally:
            writer.close()

    def _answer(self, request: bytes, after: int) -> bytes:
        if key := _KEY.search(request):
            accept = base64.b64encode(hashlib.sha1(key[1] + _GUID, usedforsecurity=False).digest())
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            head += b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            return head + websocket_bytes(self.lines[after + 1 :])
        body = b"retry: 10\n\n" + sse_bytes(self.lines, after + 1)
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + body


class CuttingProxy:
    """Stand before a real server, and cut each connection after as many of its bytes as `places` says next."""

    def __init__(self, port: int, places: Iterator[int]) -> None:
        self._to, self._places = port, places
        self.made = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        left = next(self._places, None)
        behind_reader, behind = await asyncio.open_connection("127.0.0.1", self._to)
        there = asyncio.ensure_future(self._copy(reader, behind))
        try:
            while chunk := await behind_reader.read(65_536):
                if left is not None and len(chunk) >= left:
                    writer.write(chunk[:left])
                    self.made += 1
                    return
                left = left - len(chunk) if left is not None else None
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass  # the client is gone
        finally:
            there.cancel()
            behind.transport.abort()
            writer.close()

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65_536):
                writer.write(chunk)
            writer.write_eof()
        except (ConnectionError, RuntimeError, OSError):
            pass  # one of the two is gone
