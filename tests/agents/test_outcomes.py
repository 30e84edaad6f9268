"""The ends of tool calls that never ran: finished, skipped with the reason, failed, and waiting while it is asked."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, PromptedOutput, ToolApproved, ToolDenied
from pydantic_ai import _tool_execution as execution
from pydantic_ai.capabilities import AbstractCapability, HandleDeferredToolCalls
from pydantic_ai.exceptions import ModelRetry
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.tools import RunContext, Tool, ToolDefinition
from pydantic_ai.toolsets import ExternalToolset

from progressnb import ProgressTracker, ReportProgress, Run, operation
from progressnb.agents import calls
from progressnb.testing import ManualClock, scripted_model, tool_call


def ends_of(run: Run[Any]) -> list[tuple[str, str, str | None]]:
    """Show the stages of the tools, how they ended, and what they say."""
    return [(stage.title, stage.status, stage.message) for stage in run.state.stages[0].children]


def asking() -> Tool[None]:
    """Return a tool that needs approval before it runs."""
    return Tool(lambda: "deleted", name="delete", requires_approval=True)


async def runs(agent: Agent[None, Any], *args: Any, **options: Any) -> Run[Any]:
    """Run an agent in one stage to its end."""

    @operation(stages=["work"], clock=ManualClock())
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"):
            return (await agent.run(*args, **options)).output

    run = one_agent.using(show=False)()
    await run.log.wait_ended()
    return run


def plain(*answers: Any) -> FunctionModel:
    """Return a model that can't stream and gives these answers in turn."""
    left = [*answers]

    def answer(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        given = left.pop(0)
        return ModelResponse([TextPart(given)] if isinstance(given, str) else given)

    return FunctionModel(answer)


OUTSIDE = [
    (ToolApproved(), "finished", None),
    (True, "finished", None),
    (False, "skipped", "denied"),
    (ToolDenied(), "skipped", "denied"),
    (ToolDenied("not today"), "skipped", "denied: not today"),
    ("42 files", "finished", "answered from outside"),
    ({"files": [1]}, "finished", "answered from outside"),
    (ModelRetry("say which"), "failed", "say which"),
]


@pytest.mark.parametrize(("answer", "status", "message"), OUTSIDE)
async def test_an_answer_from_outside(answer: Any, status: str, message: str | None) -> None:
    """A call that was answered from outside is finished, a denied one skipped with its reason; only a retry failed."""
    agent = Agent(
        scripted_model(tool_call("delete"), "Done."),
        tools=[asking()],
        output_type=[str, DeferredToolRequests],
        capabilities=[ReportProgress(show=False)],
    )
    first = await agent.run("go")
    assert isinstance(first.output, DeferredToolRequests)
    (call,) = first.output.approvals
    results = DeferredToolResults()
    is_verdict = isinstance(answer, bool | ToolApproved | ToolDenied)
    (results.approvals if is_verdict else results.calls)[call.tool_call_id] = answer
    run = await runs(agent, message_history=first.all_messages(), deferred_tool_results=results)
    assert run.status == "finished"
    assert ends_of(run) == [("delete", status, message)]
    if message == "answered from outside":
        assert run.state.stages[0].children[0].data["result"] == answer


async def test_contents_of_an_answer_from_outside() -> None:
    """Without contents neither the answer nor the reason of a denial is in an event."""
    agent = Agent(
        scripted_model([tool_call("delete"), tool_call("delete")], "Done."),
        tools=[asking()],
        output_type=[str, DeferredToolRequests],
        capabilities=[ReportProgress(show=False, contents=False)],
    )
    first = await agent.run("go")
    assert isinstance(first.output, DeferredToolRequests)
    one, two = first.output.approvals
    results = DeferredToolResults(
        approvals={one.tool_call_id: ToolDenied("SECRET")}, calls={two.tool_call_id: "SECRET"}
    )
    run = await runs(agent, message_history=first.all_messages(), deferred_tool_results=results)
    assert ends_of(run) == [("delete", "skipped", "denied"), ("delete", "finished", "answered from outside")]
    assert b"SECRET" not in b"".join(run.log.encoded())


async def text_and_calls(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    """Write JSON and call functions in one answer."""
    assert len(messages) == 1
    yield '{"number": 3}'
    for index in (1, 2):
        yield {index: DeltaToolCall("search", "{}", tool_call_id=str(index))}


class Form(BaseModel):
    """An output."""

    number: int


@pytest.mark.parametrize("output", ["tool", "text"])
async def test_what_an_early_end_leaves_out(output: str) -> None:
    """A function that is not called since the output was there before it is skipped, and says so."""
    searches = [tool_call("search"), tool_call("search")]
    is_tool = output == "tool"
    agent: Agent[None, Any] = Agent(
        scripted_model([tool_call("final_result", number=3), *searches])
        if is_tool
        else FunctionModel(stream_function=text_and_calls),
        tools=[Tool(lambda: "x", name="search")],
        output_type=Form if is_tool else PromptedOutput(Form),
        end_strategy="early",
        capabilities=[ReportProgress(show=False)],
    )
    run = await runs(agent, "go")
    assert run.status == "finished", run.exception
    assert run.result == Form(number=3)
    assert ends_of(run) == [("search", "skipped", "left out, since the output was there")] * 2


def test_the_words_of_pydantic_ai() -> None:
    """The answer that pydantic-ai gives in place of a call is the one that is looked for."""
    assert calls.LEFT_OUT == execution._TOOL_SKIPPED_FINAL_ALREADY_PROCESSED


class Human(AbstractCapability[None]):
    """A handler of the user's own that asks somebody."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def handle_deferred_tool_calls(
        self, ctx: RunContext[None], *, requests: DeferredToolRequests
    ) -> DeferredToolResults:
        """Answer every call once that is allowed."""
        del ctx
        self.asked.set()
        await self.may_answer.wait()
        return DeferredToolResults(approvals={call.tool_call_id: self.answer for call in requests.approvals})


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (True, "finished", ""),
        (ToolDenied("no"), "skipped", "denied: no"),
    ],
)
async def test_an_approval_that_is_waited_for(
    answer: Any, status: str, message: str, *, is_first: bool, streams: bool
) -> None:
    """While somebody is asked, the call is shown as waiting; then it ends as it was decided."""
    human = Human(answer)
    reporter: AbstractCapability[None] = ReportProgress(show=False)
    if streams:
        model: Any = scripted_model(tool_call("delete"), "Done.")
    else:
        model = plain([ToolCallPart("delete", {})], "Done.")
    agent: Agent[None, Any] = Agent(
        model, tools=[asking()], capabilities=[human, reporter] if is_first else [reporter, human]
    )

    @operation(stages=["work"], clock=ManualClock())
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"):
            return (await agent.run("go")).output

    run = one_agent.using(show=False)()
    await human.asked.wait()
    is_seen = streams or not is_first  # nobody tells of a handler before it, without a stream
    seen = ends_of(run)
    human.may_answer.set()
    if is_seen:
        assert seen == [("delete", "waiting", "waits for approval")]
    assert await run == "Done."
    if is_seen:
        assert [(title, ended, text or "") for title, ended, text in ends_of(run)] == [("delete", status, message)]


async def test_calls_of_others_wait_for_an_answer() -> None:
    """A tool that is run elsewhere waits for its answer; left to the caller, it is handed on."""
    definition = ToolDefinition(name="look", parameters_json_schema={"type": "object", "properties": {}})
    seen: list[Any] = []

    def handle(_: RunContext[None], requests: DeferredToolRequests) -> DeferredToolResults | None:
        seen.extend(ends_of(run))
        return DeferredToolResults(calls={requests.calls[0].tool_call_id: "moon"}) if len(seen) == 1 else None

    agent: Agent[None, Any] = Agent(
        scripted_model(tool_call("look"), tool_call("look")),
        toolsets=[ExternalToolset([definition])],
        output_type=[str, DeferredToolRequests],
        capabilities=[ReportProgress(show=False), HandleDeferredToolCalls(handler=handle)],
    )

    @operation(stages=["work"], clock=ManualClock())
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"):
            return (await agent.run("go")).output

    run = one_agent.using(show=False)()
    assert isinstance(await run, DeferredToolRequests)
    waits = ("look", "waiting", "waits for an answer")
    first = ("look", "finished", "answered from outside")
    assert seen == [waits, first, waits]
    assert ends_of(run) == [first, ("look", "finished", "handed on")]


@pytest.mark.parametrize("output", [[str, DeferredToolRequests]])
async def test_an_approval_that_is_left_to_the_caller(output: Any) -> None:
    """A call that needs approval before it runs, and that the caller decides, is handed on when the agent ends."""
    agent: Agent[None, Any] = Agent(
        scripted_model(tool_call("delete")), tools=[asking()], output_type=output, capabilities=[ReportProgress()]
    )
    run = await runs(agent, "go")
    assert ends_of(run) == [("delete", "finished", "handed on")]
