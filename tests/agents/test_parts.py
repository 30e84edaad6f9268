"""What is output and what is not: thinking, talk before a call, a second answer, hostile text."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel

from progressnb import ProgressTracker, ReportProgress, operation
from progressnb.testing import scripted_model, tool_call
from progressnb.wire.events import ProgressEvent
from tests.agents.helpers import Item, Other, write_watched


async def test_thinking_is_kept_apart() -> None:
    """What a model thinks is a part of its own and never the output."""

    async def stream(_messages: Any, info: AgentInfo) -> AsyncIterator[Any]:
        yield {0: DeltaThinkingPart(content="Let me ")}
        yield {0: DeltaThinkingPart(content="think.")}
        yield {1: DeltaToolCall(info.output_tools[0].name, '{"code"', tool_call_id="x")}
        yield {1: DeltaToolCall(json_args=": 3}")}

    run, seen = await write_watched(FunctionModel(stream_function=stream), Other)
    outputs = run.state.stages[0].outputs
    assert (outputs["thinking"].text, outputs["thinking"].kind) == ("Let me think.", "text")
    assert seen == [None, {}, {"code": 3}]
    assert run.partial == {"code": 3}


async def test_message_says_what_it_does() -> None:
    """The stage's message says whether the agent thinks, calls or writes; when it is done, nothing is left of it."""
    model = scripted_model(tool_call("look", at="x"), "Done.")
    messages = list[str | None]()

    def look(at: str) -> str:
        return at

    agent = Agent(model, tools=[look], capabilities=[ReportProgress()])

    @operation(stages=["write"])
    async def one_agent(tracker: ProgressTracker) -> None:
        async with tracker.stage("write"):
            await agent.run("go")

    run = one_agent.using(show=False)()
    async for event in run:
        if isinstance(event, ProgressEvent) and event.stage == "write":
            messages.append(event.message)
    assert messages[-1] == ""
    assert run.state.stages[0].message == ""


async def test_text_before_a_tool_call_is_not_the_output() -> None:
    """What a model says before it calls tools is no output; what it writes in the end is."""

    async def stream(messages: list[Any], info: AgentInfo) -> AsyncIterator[Any]:
        if len(messages) == 1:
            yield "I will look "
            yield "it up."
            yield {1: DeltaToolCall("look", "{}", tool_call_id="x")}
        elif info.output_tools:
            yield {0: DeltaToolCall(info.output_tools[0].name, '{"code": 3}', tool_call_id="y")}
        else:
            yield "It is "
            yield "three."

    def look() -> str:
        return "3"

    run, _ = await write_watched(FunctionModel(stream_function=stream), Other, tools=[look])
    assert run.partial == {"code": 3}
    assert run.state.stages[0].outputs["text"].text == "I will look it up."
    for output_type in (str, [Other, str]):
        run, _ = await write_watched(FunctionModel(stream_function=stream), output_type, tools=[look])
        final: Any = "It is three." if output_type is str else {"code": 3}
        assert run.partial == final


async def test_first_of_several_outputs_counts() -> None:
    """Where a model calls two output tools at once, the first is the result, and so it is the partial."""
    run, seen = await write_watched(
        scripted_model([tool_call("final_result_Other", code=3), tool_call("final_result_Item", name="a", count=1)]),
        [Other, Item],
    )
    assert run.result == Other(code=3)
    assert run.partial == {"code": 3}
    assert all(partial in (None, {}, {"code": 3}) for partial in seen)


@pytest.mark.parametrize(
    "text",
    ["", "\ud800", "</script><img onerror=alert(1)>", "\x00\x1b[31m", "{", '{"response": ', "```", "a" * 5000],
    ids=lambda text: repr(text)[:12],
)
async def test_hostile_text(text: str) -> None:
    """Any text a model may write arrives as it is; lone surrogates are replaced."""
    for model, output_type in ((scripted_model(text or " "), str), (scripted_model({"title": text}), dict[str, str])):
        run, _ = await write_watched(model, output_type)
        clean = (text or " ").replace("\ud800", "\ufffd")
        if output_type is str:
            assert run.partial == clean
        assert all(event.model_dump_json() for event in run.log)
