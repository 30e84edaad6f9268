"""Helpers of the server's tests: operations to serve, servers on free ports, clients, and calls of an app by hand."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from progressnb.web import Server

    Serve = Callable[..., Awaitable["Served"]]

TOKEN = "a-token-of-the-tests"  # noqa: S105 - of these tests alone


@dataclass
class Gates:
    """The gates at which runs of `waiting` stop until a test opens them."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass
class Served:
    """A server and a client of it that knows the token, if there is one."""

    server: Server
    client: httpx.AsyncClient
    gates: Gates

    async def begin(self, operation: str, **inputs: object) -> str:
        """Begin a run and return its id."""
        answer = await self.client.post("/runs", json={"operation": operation, "inputs": inputs})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run_id"])

    async def ended(self, run_id: str) -> None:
        """Wait until a run has ended."""
        await (await self.server.service.registry.find(run_id)).log.wait_ended()

    def lines(self, run_id: str) -> list[bytes]:
        """Return the bytes of a run's log."""
        return self.server.service.registry._runs[run_id].log.encoded()


def operations(gates: Gates) -> list[pnb.Operation[..., Any]]:
    """Return operations that tests serve."""

    @pnb.operation(stages={"reading": 0.5, "writing": 0.5})
    async def report(tracker: pnb.ProgressTracker, topic: str, words: int = 3) -> dict[str, Any]:
        """Write about a topic."""
        async with tracker.stage("reading") as stage:
            await stage.update(40, "page 4")
        async with tracker.stage("writing") as stage:
            for number in range(words):
                stage.write(f"{topic} {number} ")
        return {"topic": topic, "words": words}

    @pnb.operation(stages=["waiting"])
    async def waiting(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("waiting") as stage:
            await stage.update(10, "holding")
            await gates.opened.wait()
        return "let through"

    @pnb.operation
    async def failing(tracker: pnb.ProgressTracker, *, as_input: bool = False) -> None:
        assert tracker.id
        if as_input:
            raise pnb.errors.InputError("a longer text", "a short one")
        raise ValueError("<b>it broke</b>")

    return [report, waiting, failing]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve the operations above on a free port of loopback; all is stopped behind the test."""
    async with AsyncExitStack() as stack:

        async def begin(*own: pnb.Operation[..., Any], token: str | None = TOKEN, **options: Any) -> Served:
            gates = Gates()
            server = await stack.enter_async_context(
                await pnb.serve([*operations(gates), *own], token=token, **options)
            )
            headers = {"authorization": f"Bearer {token}"} if token else {}
            client = httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30, trust_env=False)
            await stack.enter_async_context(client)
            return Served(server, client, gates)

        yield begin


@dataclass
class Sse:
    """Server-sent events as a browser takes them apart."""

    ids: list[int] = field(default_factory=list[int])
    types: list[str] = field(default_factory=list[str])
    data: list[bytes] = field(default_factory=list[bytes])
    comments: int = 0
    retry: int | None = None

    @classmethod
    def of(cls, body: bytes) -> Sse:
        """Read whole events; what is cut at the end is left out, as a browser does."""
        found = cls()
        for block in body.split(b"\n\n")[:-1]:
            fields: dict[bytes, bytes] = {}
            for line in block.split(b"\n"):
                name, _, value = line.partition(b":")
                if name:
                    fields[name] = value.removeprefix(b" ")
                else:
                    found.comments += 1
            if b"retry" in fields:
                found.retry = int(fields[b"retry"])
            if b"data" in fields:
                found.ids.append(int(fields[b"id"]))
                found.types.append(fields[b"event"].decode())
                found.data.append(fields[b"data"])
        return found

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events as plain data."""
        return [json.loads(line) for line in self.data]


@dataclass
class Answer:
    """The answer of an app that was called by hand."""

    status: int
    headers: dict[str, str]
    body: bytes


async def call(
    app: Any,
    path: str = "/",
    *,
    headers: dict[str, str] | None = None,
    query: str = "",
    gone: asyncio.Event | None = None,
) -> Answer:
    """Call an ASGI app or response with a GET; the client stays until `gone` is set."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": None,
        "server": None,
    }
    sent: list[dict[str, Any]] = []
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await (gone or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], answered, b"".join(message["body"] for message in rest))
