"""A connection that is cut anywhere loses nothing and doubles nothing: what the client has are the server's bytes."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Literal

import pytest

import progressnb as pnb
from progressnb.tracking.clock import SystemClock
from progressnb.web.client.attach import attach
from tests.web.cutting import CuttingProxy, CuttingServer

if TYPE_CHECKING:
    from collections.abc import Callable

TRANSPORTS: tuple[Literal["sse", "websocket"], ...] = ("sse", "websocket")

ATTACHED, CUTS = 40, 12
"""Times that each transport attaches, and cuts on the way of each: with those of the proxy, 1,008 in all."""

PROXIED = 24
TOKEN = "secret"  # noqa: S105 - of tests
STEPS = 150


class NoPause(SystemClock):
    """A clock whose pauses are over at once; it counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Call back now."""
        self.pauses.append(delay)
        callback()


@pnb.operation(stages=["Read", "Écrire ✍"])
async def speak(tracker: pnb.ProgressTracker) -> dict[str, str]:
    """Write what is hard to cut: characters of four bytes, line breaks of every kind, JSON in JSON."""
    async with tracker.stage("Read") as stage:
        for percent in range(0, 100, 4):
            stage.update(percent, f"🌀 {percent} \r\n data: nothing \u2028 \x85 id: 7", data={"state": f"s{percent}"})
    async with tracker.stage("Écrire ✍") as stage:
        for number in range(12):
            stage.update(number * 8, "…" * number, data={"of": [{"deep": "\n\n" * number}]})
        stage.update(99, "x" * 70_000)
    return {"said": "Ünïcödé 🧵\n\n: end"}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_cut_anywhere(transport: Literal["sse", "websocket"]) -> None:
    """Wherever in a header, a frame or a character the connection ends, the log is the server's, byte for byte."""
    run = speak.using(show=False)()
    await run
    lines = run.log.encoded()
    events = sum(map(len, lines))
    assert events > 85_000, "one event is long"
    chosen = random.Random(7)  # noqa: S311 - the same each time
    async with CuttingServer(lines) as server:
        for _ in range(ATTACHED):
            # Most in the short events, which have the most borders; some in the headers and the long one.
            ends = (events - 71_000 if chosen.random() < 0.85 else events for _ in range(CUTS))
            server.cuts = sorted(chosen.randrange(end) for end in ends)
            clock = NoPause()
            seen = attach(server.url(run.id), transport=transport, show=False, clock=clock, chance=chosen.random)
            assert await seen == run.result
            assert seen.log.encoded() == lines
            assert seen.connection == "ended"
            assert len(clock.pauses) == CUTS
        assert server.made == ATTACHED * CUTS
        assert len({after for after in server.afters if after >= 0}) > len(lines) // 4, "it went on from many places"


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_cut_by_a_proxy(transport: Literal["sse", "websocket"]) -> None:
    """The same with the real server and a proxy that drops connections, while the run goes on."""
    go_on = asyncio.Semaphore(1)

    @pnb.operation
    async def walk(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("Walk") as stage:
            for step in range(STEPS):
                await go_on.acquire()
                stage.update(step / 2, f"step {step}", data={"state": f"at {step}"})
        return "there"

    chosen = random.Random(11)  # noqa: S311 - the same each time
    places = (chosen.randrange(1, 2_000) for _ in range(PROXIED))
    server = await pnb.serve(token=TOKEN)
    try:
        run = walk.using(show=False)()
        server.add(run)
        async with CuttingProxy(int(server.url.rpartition(":")[2]), places) as proxy:
            url = f"http://127.0.0.1:{proxy.port}/runs/{run.id}"
            seen = attach(url, token=TOKEN, transport=transport, show=False, clock=NoPause())
            async for _ in seen:
                go_on.release()  # the run goes on as far as this client has seen
            assert await seen == "there"
            assert seen.log.encoded() == run.log.encoded()
            assert proxy.made == PROXIED
    finally:
        await server.stop()
