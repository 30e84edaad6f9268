"""Measure what `watch` costs: CPU seconds of an agent that is watched, one with `ReportProgress`, and one alone.

    python benchmarks/watch.py --rounds 9

The agents take turns in one process; what counts is the median, and its ratio to that of an agent with the capability.
Figures fail nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
from typing import TYPE_CHECKING

from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, FunctionModel

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from pydantic_ai.messages import ModelMessage

LONG = 4_000
SHORT = 2


def agent(words: int, *capabilities: pnb.ReportProgress[None]) -> Agent[None, str]:
    """Return an agent that writes so many words."""

    async def write(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[str]:
        for _ in range(words):
            yield "lorem ipsum "

    return Agent(
        FunctionModel(stream_function=write), deps_type=type(None), name="writer", capabilities=list(capabilities)
    )


async def read(writer: Agent[None, str], times: int) -> None:
    """Let an agent write and read its events, as a panel makes it stream too."""
    for _ in range(times):
        async with writer.run_stream_events("Write.") as events:
            async for _ in events:
                pass


def measure(words: int, times: int, rounds: int) -> dict[str, float]:
    """Return the median CPU seconds of each kind of agent."""
    kinds: dict[str, tuple[Agent[None, str], Callable[[], object]]] = {
        "alone": (agent(words), lambda: None),
        "with ReportProgress(show=False)": (agent(words, pnb.ReportProgress(show=False)), lambda: None),
        "watched": (agent(words), lambda: pnb.watch(show=False)),
        "watched, with ReportProgress(show=False)": (
            agent(words, pnb.ReportProgress(show=False)),
            lambda: pnb.watch(show=False),
        ),
    }
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds + 1):
        for name, (writer, prepare) in kinds.items():
            prepare()
            gc.collect()
            before = time.process_time()
            asyncio.run(read(writer, times))
            if number:  # the first round pays for imports and caches
                seconds[name].append(time.process_time() - before)
            pnb.watch(False)  # noqa: FBT003 - as users write it
    return {name: statistics.median(each) for name, each in seconds.items()}


def main() -> None:
    """Measure a long answer and many short ones."""
    parser = argparse.ArgumentParser(description="Measure what watching agents costs.")
    parser.add_argument("--rounds", type=int, default=9, help="how often each takes its turn; default: 9")
    options = parser.parse_args()
    for title, words, times in (("one answer of 4,000 chunks", LONG, 1), ("100 answers of 2 chunks", SHORT, 100)):
        print(f"\n{title}, CPU seconds")
        medians = measure(words, times, max(1, options.rounds))
        for name, median in medians.items():
            print(f"  {name:42}{median:8.3f}{median / medians['with ReportProgress(show=False)']:8.2f}")


if __name__ == "__main__":
    main()
