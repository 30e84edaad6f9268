"""Measure what reporting costs: CPU seconds of one structured output, ours beside what others offer.

    python benchmarks/overhead.py --sizes 43 171 --rounds 7

A scripted model writes JSON of so many KB in chunks of 12 characters as the arguments of an output tool.
The contestants take turns in one process, so that a noisy moment falls on all of them; what counts is
the median of their CPU seconds, and the ratio of ours to theirs. "Bare" reads the events and keeps nothing.
Instructor's Partial gets the chunks themselves, without model, agent and events, and is measured if it
can be imported. A contestant that needs seconds gets one round.

Figures fail nothing: the exit code is 1 only if somebody's output is not what the model wrote.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.run import AgentRunResultEvent

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable

    from pydantic_ai import RunContext
    from pydantic_ai.messages import AgentStreamEvent, ModelMessage, ModelResponse

CHUNK = 12
LONG = 3.0  # seconds; who needs more gets one round
TARGETS = {"run_stream_events, bare": 1.0, "event_stream_handler, bare": 1.3}


class Item(BaseModel):
    """One item of the output."""

    name: str
    text: str


class Output(BaseModel):
    """An output whose one field is required, and so is all that is nested in it."""

    items: list[Item]


@dataclass
class Sample:
    """An output and a model that writes it."""

    expected: dict[str, Any]
    chunks: list[str]

    @classmethod
    def of(cls, kilobytes: float) -> Sample:
        """Make an output of at least so many KB of JSON."""
        text = "lorem ipsum dolor sit amet " * 20
        count = 1
        while len(json.dumps(expected := {"items": [{"name": f"item {n}", "text": text} for n in range(count)]})) < (
            kilobytes * 1000
        ):
            count += 1
        written = json.dumps(expected)
        return cls(expected, [written[at : at + CHUNK] for at in range(0, len(written), CHUNK)])

    def agent(self, *capabilities: pnb.ReportProgress[None]) -> Agent[None, Output]:
        """Return an agent whose model writes the output."""

        def answer(_messages: list[ModelMessage], _info: AgentInfo) -> ModelResponse:
            raise NotImplementedError

        async def stream(_messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[DeltaToolCalls]:
            yield {0: DeltaToolCall(name=info.output_tools[0].name, json_args="", tool_call_id="output")}
            for chunk in self.chunks:
                yield {0: DeltaToolCall(json_args=chunk)}

        model = FunctionModel(answer, stream_function=stream)
        return Agent(model, output_type=Output, deps_type=type(None), capabilities=list(capabilities))


# --- the contestants: each returns the output that it saw ---------------------------------------------


@pnb.operation(stages={"write": 1})
async def write(tracker: pnb.ProgressTracker, sample: Sample) -> Output:
    """Run the agent in one stage."""
    async with tracker.stage("write"):
        return (await sample.agent(pnb.ReportProgress()).run("Write.")).output


async def ours(sample: Sample) -> object:
    """Run an operation of one stage; nobody looks."""
    run = write.using(show=False)(sample)
    result = await run
    return run.partial if result.model_dump() == run.partial else None


async def ours_watched(sample: Sample) -> object:
    """Run the same and read all that is written whenever an event comes, as a panel does."""
    run = write.using(show=False)(sample)
    async for _ in run:
        _ = run.partial
    await run
    return run.partial


async def stream_events(sample: Sample) -> object:
    """Read pydantic-ai's `run_stream_events`."""
    output: Output | None = None
    async with sample.agent().run_stream_events("Write.") as events:
        async for event in events:
            if isinstance(event, AgentRunResultEvent):
                output = event.result.output
    return output.model_dump() if output is not None else None


async def stream_handler(sample: Sample) -> object:
    """Read the events in pydantic-ai's `event_stream_handler`."""

    async def read(_context: RunContext[None], events: AsyncIterable[AgentStreamEvent]) -> None:
        async for _ in events:
            pass

    return (await sample.agent().run("Write.", event_stream_handler=read)).output.model_dump()


async def stream_output(sample: Sample) -> object:
    """Read pydantic-ai's `stream_output()`, which validates everything at every step."""
    output: Output | None = None
    async with sample.agent().run_stream("Write.") as result:
        async for each in result.stream_output(debounce_by=None):
            output = each
    return output.model_dump() if output is not None else None


def instructor_partial() -> Callable[[Sample], Awaitable[object]]:
    """Return the contestant Instructor. Raises ImportError and whatever else its import raises."""
    partial: Any = importlib.import_module("instructor.dsl.partial").Partial[Output]

    async def read(sample: Sample) -> object:
        output: BaseModel | None = None
        for each in partial.model_from_chunks(iter(sample.chunks)):
            output = each
        return output.model_dump() if output is not None else None

    return read


# --- the measurement ---------------------------------------------------------------------------------


@dataclass
class Contestant:
    """Somebody who reads the output, and the CPU seconds that it took."""

    name: str
    read: Callable[[Sample], Awaitable[object]]
    seconds: list[float] = field(default_factory=list)
    right: bool = True

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.seconds)

    def measure(self, sample: Sample) -> None:
        """Run one round, unless the last one took too long."""
        if self.seconds and self.seconds[-1] > LONG:
            return
        gc.collect()
        before = time.process_time()
        seen = asyncio.run(_awaited(self.read(sample)))
        self.seconds.append(time.process_time() - before)
        self.right = self.right and seen == sample.expected


async def _awaited(seen: Awaitable[object]) -> object:
    return await seen


def contestants() -> tuple[list[Contestant], str]:
    """Return who takes part, and a line on who does not."""
    present = [
        Contestant("ours", ours),
        Contestant("ours, and run.partial read at each event", ours_watched),
        Contestant("run_stream_events, bare", stream_events),
        Contestant("event_stream_handler, bare", stream_handler),
        Contestant("stream_output()", stream_output),
    ]
    try:
        present.append(Contestant("Instructor's Partial, the chunks alone", instructor_partial()))
    except Exception as error:  # noqa: BLE001 - an incompatible install may raise anything
        return present, f"Instructor's Partial is not measured: {type(error).__name__}: {error}"
    return present, ""


def compare(kilobytes: float, rounds: int) -> bool:
    """Measure and print one size; tell whether everybody's output was right."""
    sample = Sample.of(kilobytes)
    size = sum(map(len, sample.chunks))
    present, absent = contestants()
    for contestant in present:  # whose first time pays for imports and caches
        asyncio.run(_awaited(contestant.read(Sample.of(1))))
    for _ in range(rounds):
        for contestant in present:
            contestant.measure(sample)
    own = present[0].median
    print(f"\n{size / 1000:.0f} KB in {len(sample.chunks):,} chunks of {CHUNK} characters, CPU seconds")
    print(f"  {'':42}{'median':>8}{'best':>8}{'rounds':>8}{'ours/this':>11}")
    for each in present:
        ratio = own / each.median
        line = f"  {each.name:42}{each.median:8.3f}{min(each.seconds):8.3f}{len(each.seconds):8}{ratio:11.2f}"
        if each.name in TARGETS:
            met = "met" if ratio <= TARGETS[each.name] else "NOT MET"
            line += f"   target {TARGETS[each.name]:.1f}: {met}"
        print(line if each.right else f"{line}   WRONG OUTPUT")
    if absent:
        print(f"  {absent}")
    return all(each.right for each in present)


def main() -> int:
    """Measure each size; return 1 if an output was wrong."""
    parser = argparse.ArgumentParser(description="Measure what reporting an agent's output costs.")
    parser.add_argument("--sizes", type=float, nargs="+", default=[43, 171], metavar="KB", help="default: 43 171")
    parser.add_argument("--rounds", type=int, default=7, help="how often each takes its turn; default: 7")
    options = parser.parse_args()
    right = [compare(size, max(1, options.rounds)) for size in options.sizes]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
