"""A structured output that a scripted model streams, read by us and by others: for the rows of agents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from pydantic_ai import RunContext
    from pydantic_ai.messages import AgentStreamEvent, ModelMessage, ModelResponse

CHUNK = 12


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
