"""What models use and cost: added up where it was used, and said only where it is known."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel
from pydantic_ai.usage import RequestUsage

from progressnb import ProgressTracker, ReportProgress, operation
from progressnb.agents.offline import OfflineModel
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.agents.helpers import Answer, Plain, look, whole, write


async def test_usage_adds_up() -> None:
    """Tokens add up over the requests of an agent and over the agents of a stage; the run sums its stages."""
    usage = RequestUsage(input_tokens=10, output_tokens=5)
    parts = [ToolCallPart("look", "{}"), TextPart("one"), ToolCallPart("look", "{}"), TextPart("two")]
    run = await write(whole(*parts, usage=usage), times=2, tools=[look])
    assert run.partial == "two"
    data = run.state.stages[0].data
    assert (data["input_tokens"], data["output_tokens"]) == (40, 20)
    assert run.state.usage == {"input_tokens": 40, "output_tokens": 20}


async def test_usage_of_a_stream() -> None:
    """A stream's usage is known when it is over."""
    run = await write(scripted_model(tool_call("look"), "one two three"), tools=[look])
    data = run.state.stages[0].data
    assert data["model"] == "scripted"
    assert data["output_tokens"] > 0
    assert data["input_tokens"] > 0
    assert "cost" not in data


async def test_usage_of_an_agent_in_a_tool_counts_once() -> None:
    """What an inner agent uses stands at the tool's stage, and the run's sum has each token once."""
    usage = RequestUsage(input_tokens=10, output_tokens=5)
    inner = Agent(whole(TextPart("inner"), usage=usage), capabilities=[ReportProgress()])

    async def ask() -> str:
        return (await inner.run("go")).output

    run = await write(whole(ToolCallPart("ask", "{}"), TextPart("outer"), usage=usage), tools=[ask])
    assert run.state.usage == {"input_tokens": 30, "output_tokens": 15}
    assert run.state.stages[0].children[0].data["input_tokens"] == 10


async def test_cost() -> None:
    """A model whose price is known has a cost, which adds up; one whose price is not known has none."""
    usage = RequestUsage(input_tokens=1_000_000, output_tokens=100_000)
    run = await write(Plain(TextPart("one"), TextPart("two"), usage=usage, name="gpt-4o"), times=2)
    data = run.state.stages[0].data
    assert data["model"] == "gpt-4o"
    assert data["cost"] == pytest.approx(2 * (2.5 + 1.0))
    assert run.state.usage["cost"] == data["cost"]
    assert run.state.model == "gpt-4o"
    run = await write(Plain(TextPart("one"), usage=usage, name="nobody-knows-this"))
    assert "cost" not in run.state.usage
    assert run.state.usage["input_tokens"] == 1_000_000


async def test_first_token() -> None:
    """The time from the first request to the first token is in the stage's data, in seconds, once."""
    clock = ManualClock()

    async def stream(messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[Any]:
        clock.advance(1.5)
        if len(messages) == 1:
            yield {0: DeltaToolCall("look", "{}", tool_call_id="x")}
        else:
            yield "Done."
        clock.advance(4)

    agent = Agent(FunctionModel(stream_function=stream), tools=[look], capabilities=[ReportProgress()])

    @operation(stages=["write"], clock=clock)
    async def one_agent(tracker: ProgressTracker) -> None:
        clock.advance(10)
        async with tracker.stage("write"):
            await agent.run("go")

    run = one_agent.using(show=False)()
    await run
    assert run.state.stages[0].data["first_token"] == 1.5
    assert sum("first_token" in event.data for event in run.log if isinstance(event, ProgressEvent)) == 1


async def test_offline_model_uses_no_tokens() -> None:
    """Rules use no tokens and say so by saying nothing."""
    for model in (OfflineModel(lambda: Answer(text="a", count=1), pace=0),):
        run = await write(model, Answer)
        assert run.partial == {"text": "a", "count": 1}
        assert run.state.usage == {}
        assert "input_tokens" not in run.state.stages[0].data


async def test_content_is_written_once() -> None:
    """A model that streams is not written a second time when its response is complete."""
    run = await write(scripted_model("one two three", chunk=2))
    assert "".join(event.delta or "" for event in run.log if isinstance(event, ContentEvent)) == "one two three"
