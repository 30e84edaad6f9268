"""A loopback server that answers model requests by a script, in pieces of any size, and can break off anywhere."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

PATIENCE = 10
"""Seconds after which what should have happened has not."""


@dataclass(frozen=True)
class Answer:
    """One HTTP response.

    `piece` is the size in bytes of the HTTP chunks, each sent on its own: characters of several bytes and
    events are cut anywhere. `end` is how it ends: well, with the connection closed too early, or in silence.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "text/event-stream; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    piece: int = 509
    end: Literal["complete", "cut", "silent"] = "complete"


class Request:
    """One request as the server saw it."""

    def __init__(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body: dict[str, Any] = json.loads(body)
        self.answered = threading.Event()
        """All that is to be sent has been sent."""
        self.closed = threading.Event()
        """The client has closed the connection before the response was complete."""

    @property
    def text(self) -> str:
        """The body as text, in which a test can look for what the model was told."""
        return json.dumps(self.body, ensure_ascii=False)


class WireServer:
    """Answer requests in the order of a script, on a free port of loopback, in a thread of its own."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.port = 0
        self._script: list[Answer] = []
        self._asked = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="wire server", daemon=True)
        self._listening = threading.Event()
        self._handlers: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def script(self, *answers: Answer) -> None:
        """Give these answers next."""
        self._script.extend(answers)

    @property
    def left(self) -> int:
        """How many answers nobody has asked for."""
        return len(self._script)

    async def asked(self, count: int) -> Request:
        """Wait until there have been so many requests and the last of them is answered; return that."""

        def wait() -> Request:
            with self._asked:
                assert self._asked.wait_for(lambda: len(self.requests) >= count, PATIENCE)
            request = self.requests[count - 1]
            assert request.answered.wait(PATIENCE)
            return request

        return await asyncio.to_thread(wait)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    def _serve(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._handle, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        for handler in self._handlers:
            handler.cancel()
        self._loop.run_until_complete(self._ended())
        self._loop.close()

    async def _ended(self) -> None:
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            while (request := await self._read(reader)) is not None:
                if not await self._answer(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except asyncio.CancelledError:
            # A task of a server that is stopped is not cancelled by anybody who would hear of it.
            pass
        finally:
            self._handlers.discard(task)
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        with self._asked:
            request = Request(first.split()[1], headers, body)
            self.requests.append(request)
            self._asked.notify_all()
        return request

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        answer = self._script.pop(0) if self._script else Answer(b"the script is at its end", 418, "text/plain")
        lines = [f"HTTP/1.1 {answer.status} Status", f"Content-Type: {answer.content_type}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        try:
            writer.write("\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode("latin-1"))
            for at in range(0, len(answer.body), answer.piece):
                piece = answer.body[at : at + answer.piece]
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await writer.drain()
            if answer.end == "complete":
                writer.write(b"0\r\n\r\n")
            await writer.drain()
        finally:
            request.answered.set()  # a client may hang up once it has read a status that it will try again for
        if answer.end == "silent":
            await reader.read()  # nothing more is said; this ends when the client hangs up
            request.closed.set()
        return answer.end == "complete"
