"""Rows of `watch`: agents that are watched, beside those that have `ReportProgress` and those alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measures import Measure, measure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LONG = 4_000
SHORT = 2


def turns(words: int, times: int) -> Measure:
    """Measure a watched agent that writes so many words so many times; the floor is the agent alone."""
    import asyncio

    from pydantic_ai import Agent
    from pydantic_ai.models.function import FunctionModel

    import progressnb as pnb
    from benchmarks.turns import take_turns

    async def write(_messages: object, _info: object) -> AsyncIterator[str]:
        for _ in range(words):
            yield "lorem ipsum "

    def agent(*capabilities: pnb.ReportProgress[None]) -> Agent[None, str]:
        return Agent(FunctionModel(stream_function=write), deps_type=type(None), capabilities=list(capabilities))

    async def read(writer: Agent[None, str]) -> None:
        for _ in range(times):
            async with writer.run_stream_events("Write.") as events:
                async for _ in events:
                    pass

    def watched() -> None:
        with pnb.watch(show=False):
            asyncio.run(read(alone))

    alone, reporting = agent(), agent(pnb.ReportProgress(show=False))
    return take_turns(
        watched,
        floor=lambda: asyncio.run(read(alone)),
        peer=lambda: asyncio.run(read(reporting)),
        calls=words * times,
    )


@measure("a chunk of a watched agent (floor: agent alone)", unit="µs", target=1.3, against="floor", own=True)
def chunk() -> Measure:
    """Write one answer of 4,000 chunks; the peer is `ReportProgress` on the agent."""
    return turns(LONG, 1)


@measure("a short run of a watched agent, a chunk", unit="µs", target=1.1, against="peer", own=True)
def short_run() -> Measure:
    """Write a hundred answers of two chunks; the peer is `ReportProgress` on the agent."""
    return turns(SHORT, 100)
