"""An agent in the hands of people: outputs that end early, words, approvals, budgets."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, DeferredToolRequests, DeferredToolResults, NativeOutput, Tool, ToolOutput
from pydantic_ai.capabilities import HandleDeferredToolCalls
from pydantic_ai.exceptions import ApprovalRequired, ModelRetry
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel
from pydantic_ai.tools import RunContext

from progressnb import Budget, ProgressTracker, ReportProgress, Run, operation
from progressnb.agents.offline import OfflineModel
from progressnb.errors import BudgetExceeded, InvalidProgressError, OutputCut, RunEndedError, UnknownStageError
from progressnb.execution.acts import act
from progressnb.folds.view import RunView
from progressnb.testing import scripted_model, tool_call
from tests.agents.helpers import Answer, starts


class Finding(BaseModel):
    """An item of a report."""

    text: str
    source: str = ""


class Report(BaseModel):
    """A report that is valid with some of its findings."""

    title: str
    findings: list[Finding]
    summary: str | None = None


WRITTEN = '{"title": "Tides", "findings": [{"text": "a", "source": "b"}, {"text": "c'


class Writer:
    """A model that writes something, waits, and would write more; `requests` are those that it got."""

    def __init__(self, *chunks: str, tool: bool = True, then: str = "too late") -> None:
        self.written = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.requests: list[list[ModelMessage]] = []
        self.closed = False
        self._chunks, self._tool, self._then = chunks, tool, then
        self.model = FunctionModel(stream_function=self._stream)

    async def _stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        self.requests.append(list(messages))
        try:
            if self._tool:
                yield {0: DeltaToolCall(info.output_tools[0].name, "", tool_call_id="x")}
            for chunk in self._chunks:
                yield {0: DeltaToolCall(json_args=chunk)} if self._tool else chunk
            self.written.set()
            await self.goes_on.wait()
            yield {0: DeltaToolCall(json_args=self._then)} if self._tool else self._then
        finally:
            self.closed = True

    def begin(self, output_type: Any = Report, **options: Any) -> Run[Any]:
        """Begin a run of an agent with this model."""
        agent: Agent[None, Any] = Agent(self.model, output_type=output_type, capabilities=[ReportProgress()], **options)

        async def work(_: Any) -> Any:
            return (await agent.run("go")).output

        return starts(work)


def interventions(run: Run[Any]) -> list[tuple[str | None, str, str, str | None]]:
    """List the stage, kind, author and text of each intervention in a run's log."""
    found = [(event.stage, getattr(event, "data", {}).get("intervention")) for event in run.log]
    return [(stage, each["kind"], each["by"], each["text"]) for stage, each in found if each]


# --- enough ----------------------------------------------------------------------------------------


async def test_enough_gives_what_is_complete() -> None:
    """The output ends at once: the validated object has the complete fields and items, and nothing half written."""
    writer = Writer(WRITTEN)
    run = writer.begin()
    await writer.written.wait()
    assert run.controls == {"stop", "enough", "say"}
    run.enough()
    assert await run == Report(title="Tides", findings=[Finding(text="a", source="b")])
    assert (writer.closed, len(writer.requests)) == (True, 1)
    assert (run.status, run.state.stages[0].status) == ("finished", "finished")
    assert RunView().tree(run.state, 1.0)["header"]["ended"] == "ended early"
    assert interventions(run) == [("work", "enough", "code", None)]
    assert run.controls == frozenset()


async def test_enough_is_never_a_retry_nor_an_unvalidated_object() -> None:
    """What does not validate so far is `OutputCut` with what was written; the model is asked once."""
    writer = Writer('{"title": "Tides", "findings": [{"te')
    run = writer.begin(retries=5)
    await writer.written.wait()
    run.enough(by="panel")
    with pytest.raises(OutputCut, match="findings: Field required") as caught:
        await run
    assert caught.value.partial == run.partial == {"title": "Tides", "findings": [{}]}
    assert (run.status, run.state.error_type, run.state.error_stage) == ("failed", "OutputCut", "work")
    assert len(writer.requests) == 1


async def test_what_validators_of_the_agent_refuse_is_cut() -> None:
    """An output validator that asks for another answer leads to `OutputCut`, whatever the retries."""
    writer = Writer(WRITTEN)
    agent: Agent[None, Any] = Agent(writer.model, output_type=Report, retries=3, capabilities=[ReportProgress()])

    @agent.output_validator
    def check(output: Report) -> Report:
        if output.summary is None:
            raise ModelRetry("a summary, please")
        return output

    async def work(_: Any) -> Any:
        return (await agent.run("go")).output

    run = starts(work)
    await writer.written.wait()
    run.enough()
    with pytest.raises(OutputCut):
        await run
    assert len(writer.requests) == 1


@pytest.mark.parametrize("retries", [0, 3])
async def test_enough_without_retries_is_cut_as_well(retries: int) -> None:
    """Where pydantic-ai gives up by itself, the error is `OutputCut` too."""
    writer = Writer('{"title": "Tides", ')
    run = writer.begin(retries=retries)
    await writer.written.wait()
    run.enough()
    with pytest.raises(OutputCut):
        await run


async def test_enough_of_text() -> None:
    """Text is the output as far as it was written."""
    writer = Writer("The moon ", "pulls", tool=False)
    run = writer.begin(str)
    await writer.written.wait()
    run.enough()
    assert await run == "The moon pulls"
    assert run.state.stages[0].partial == "The moon pulls"


async def test_enough_of_native_json() -> None:
    """JSON that comes as text is completed as JSON that comes as a call is."""
    writer = Writer(WRITTEN, tool=False)
    run = writer.begin(NativeOutput(Report))
    await writer.written.wait()
    run.enough()
    assert (await run).findings == [Finding(text="a", source="b")]


async def test_enough_of_a_wrapped_list() -> None:
    """A list is cut after its last complete item; a wrapped text where it ends."""
    writer = Writer('{"response": [1, 2, 3')
    run = writer.begin(list[int])
    await writer.written.wait()
    run.enough()
    assert await run == [1, 2]
    writer = Writer('{"response": "half a sen')
    run = writer.begin(ToolOutput(str))
    await writer.written.wait()
    run.enough()
    assert await run == "half a sen"


async def test_enough_comes_from_any_thread_and_counts_what_was_billed() -> None:
    """A thread may end the output; tokens are those that were used until then."""
    writer = Writer("The moon ", "pulls", tool=False)
    run = writer.begin(str)
    await writer.written.wait()
    thread = threading.Thread(target=run.enough)
    thread.start()
    thread.join()
    assert await run == "The moon pulls"
    usage = run.state.usage
    assert usage["output_tokens"] > 0
    whole = Writer("The moon ", "pulls", tool=False, then="")
    whole.goes_on.set()
    rest = whole.begin(str)
    await rest
    assert usage["input_tokens"] == rest.state.usage["input_tokens"]


async def test_enough_needs_an_output() -> None:
    """Where no output is being written, ending one is refused with a reason, and after the end too."""

    async def think(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield {0: DeltaThinkingPart(content="hm")}
        begun.set()
        await goes_on.wait()
        yield "Done."

    begun, goes_on = asyncio.Event(), asyncio.Event()
    agent = Agent(FunctionModel(stream_function=think), capabilities=[ReportProgress()])
    run = starts(lambda _: agent.run("go"))
    await begun.wait()
    assert run.controls == {"stop", "say"}
    with pytest.raises(InvalidProgressError, match="an output that an agent is writing"):
        run.enough()
    goes_on.set()
    await run
    with pytest.raises(RunEndedError):
        run.enough()


async def test_functions_that_were_called_are_left_out() -> None:
    """A call of a function that stands beside the output is not made any more."""
    called: list[int] = []

    async def stream(_messages: Any, info: AgentInfo) -> AsyncIterator[Any]:
        yield {0: DeltaToolCall("look", "{}", tool_call_id="f")}
        yield {1: DeltaToolCall(info.output_tools[0].name, WRITTEN, tool_call_id="x")}
        written.set()
        await asyncio.Event().wait()

    written = asyncio.Event()
    agent: Agent[None, Any] = Agent(
        FunctionModel(stream_function=stream),
        output_type=Report,
        tools=[Tool(lambda: called.append(1), name="look")],
        end_strategy="exhaustive",
        capabilities=[ReportProgress()],
    )

    async def work(_: Any) -> Any:
        return (await agent.run("go")).output

    run = starts(work)
    await written.wait()
    run.enough()
    assert (await run).title == "Tides"
    assert called == []


async def test_only_the_stage_that_is_named_ends() -> None:
    """Of agents side by side one can be ended; without a name all outputs end."""
    writers = [Writer("a", tool=False), Writer("b", tool=False)]
    agents = [Agent(each.model, name=f"agent{n}", capabilities=[ReportProgress()]) for n, each in enumerate(writers)]

    async def work(_: Any) -> Any:
        return [result.output for result in await asyncio.gather(*(agent.run("go") for agent in agents))]

    run = starts(work)
    for writer in writers:
        await writer.written.wait()
    run.enough("work/agent1")
    writers[0].goes_on.set()
    assert await run == ["atoo late", "b"]


async def test_enough_reaches_the_agents_of_runs_below() -> None:
    """A run that another one called is in the hands of whoever has the upper one; both logs tell of it."""
    writer = Writer("half", tool=False)
    agent = Agent(writer.model, capabilities=[ReportProgress()])
    below: list[Run[Any]] = []

    @operation
    async def inner(_: ProgressTracker) -> Any:
        return (await agent.run("go")).output

    async def work(_: Any) -> Any:
        below.append(inner())
        return await below[0]

    run = starts(work)
    await writer.written.wait()
    assert "enough" in run.controls
    run.enough("work/inner")
    assert await run == "half"
    assert interventions(run) == [("work/inner", "enough", "code", None)]
    assert interventions(below[0]) == [("agent", "enough", "code", None)]


# --- stop_if ---------------------------------------------------------------------------------------


def ends(writer: Writer, output_type: Any, stop_if: Callable[[Any], object]) -> Run[Any]:
    """Begin a run with `stop_if`."""
    agent: Agent[None, Any] = Agent(writer.model, output_type=output_type, capabilities=[ReportProgress()])

    @operation(stages=["work"])
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"):
            return (await agent.run("go")).output

    return one_agent.using(stop_if=stop_if, show=False)()


async def test_stop_if_ends_the_output() -> None:
    """A function that says yes to a partial output ends it there, without anybody's hand."""
    writer = Writer("one ", "two ", "three ", "four", tool=False)
    run = ends(writer, str, lambda partial: "three" in partial)
    assert await run == "one two three "
    assert interventions(run) == [("work", "stop_if", "code", None)]
    assert RunView().tree(run.state, 1.0)["header"]["ended"] == "ended early by stop_if"
    assert len(writer.requests) == 1


async def test_stop_if_sees_fields() -> None:
    """A first field that says no ends the output, which is cut where the rest is needed."""
    writer = Writer('{"text": "nothing', ' found"', ', "count": 3}')
    run = ends(writer, Answer, lambda partial: partial.get("text") == "nothing found")
    with pytest.raises(OutputCut) as caught:
        await run
    assert caught.value.partial == {"text": "nothing found"}


async def test_stop_if_that_raises_says_no(caplog: pytest.LogCaptureFixture) -> None:
    """A function that fails ends nothing and is warned about once."""
    writer = Writer("one ", "two ", tool=False, then="three")
    writer.goes_on.set()
    assert await ends(writer, str, lambda partial: partial["x"]) == "one two three"
    assert caplog.text.count("stop_if raised") == 1


# --- a word ----------------------------------------------------------------------------------------


def prompts(messages: list[ModelMessage]) -> list[str]:
    """List what the user said."""
    return [
        str(part.content)
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart)
    ]


async def test_a_word_reaches_the_next_request() -> None:
    """What is said while the last answer is written leads to one more request, which has it."""
    writer = Writer("Long. ", tool=False, then="Longer.")
    run = writer.begin(str)
    await writer.written.wait()
    run.say("shorter, please", by="panel")
    writer.goes_on.set()
    assert await run == "Long. Longer."
    assert [prompts(messages) for messages in writer.requests] == [["go"], ["go", "shorter, please"]]
    assert interventions(run) == [("work", "say", "panel", "shorter, please")]


async def test_enough_after_a_word_is_no_further_request() -> None:
    """Whoever ends the output takes back what was said for the next request."""
    writer = Writer("Long. ", tool=False)
    run = writer.begin(str)
    await writer.written.wait()
    run.say("shorter")
    run.enough()
    assert await run == "Long. "
    assert len(writer.requests) == 1


async def test_a_word_needs_somebody_who_listens() -> None:
    """Rules take no words, nor does a run without an agent; an empty word is refused."""
    begun, goes_on = threading.Event(), threading.Event()

    def rules() -> str:
        begun.set()
        goes_on.wait()
        return "x"

    agent = Agent(OfflineModel(rules), capabilities=[ReportProgress()])
    run = starts(lambda _: agent.run("go"))
    await asyncio.to_thread(begun.wait)
    assert run.controls == {"stop"}
    with pytest.raises(InvalidProgressError, match="an agent at work that can take a word"):
        run.say("shorter")
    with pytest.raises(InvalidProgressError, match="a text"):
        run.say("  ")
    goes_on.set()
    await run


# --- approvals -------------------------------------------------------------------------------------


def delete(path: str) -> str:
    """Delete a file, as far as this test goes."""
    return f"{path} is gone"


def delete_asking(ctx: RunContext[None], path: str) -> str:
    """Ask for approval by raising."""
    if not ctx.tool_call_approved:
        raise ApprovalRequired
    return f"{path} is gone"


def asking(tool: Tool[None], **options: Any) -> Run[Any]:
    """Begin a run of an agent that calls a tool that needs approval."""
    options.setdefault("capabilities", [ReportProgress()])
    model = scripted_model(tool_call(tool.name, path="x.txt"), "Done.")
    agent: Agent[None, Any] = Agent(model, tools=[tool], **options)
    return starts(lambda _: agent.run("go"))


TOOLS = [lambda: Tool(delete, requires_approval=True), lambda: Tool(delete_asking, name="delete")]


async def until(run: Run[Any], path: str, status: str) -> None:
    """Wait until a stage has a status."""
    async for event in run.log.follow():
        if event.stage == path and getattr(event, "status", "") == status and getattr(event, "data", None):
            return


def returned(run: Run[Any]) -> list[tuple[str, str]]:
    """List the outcome and the content of what tools returned."""
    result: Any = run.result
    return [
        (part.outcome, str(part.content))
        for message in result.all_messages()
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    ]


@pytest.mark.parametrize("make", TOOLS)
async def test_approve(make: Callable[[], Tool[None]]) -> None:
    """A call that asks waits with its arguments in view, and goes ahead when it is approved, from any thread."""
    run = asking(make())
    await until(run, "work/delete", "waiting")
    stage = run.state.find("work/delete")
    assert stage is not None
    assert (stage.status, stage.data["waiting_for"]) == ("waiting", "approval")
    assert stage.data["arguments"] == {"path": "x.txt"}
    thread = threading.Thread(target=run.approve, args=("work/delete",), kwargs={"by": "panel"})
    thread.start()
    thread.join()
    await run
    assert returned(run) == [("success", "x.txt is gone")]
    assert (stage.status, stage.data["waiting_for"]) == ("finished", None)
    assert [stage.path for _, stage in run.state.walk()] == ["work", "work/delete"]
    assert interventions(run) == [("work/delete", "approve", "panel", None)]


@pytest.mark.parametrize("make", TOOLS)
async def test_an_agent_without_contents_shows_no_arguments(make: Callable[[], Tool[None]]) -> None:
    """With `contents=False` a call that waits has its stage, and nothing of what it would get."""
    run = asking(make(), capabilities=[ReportProgress(contents=False)])
    await until(run, "work/delete", "waiting")
    run.deny("work/delete")
    await run
    assert not any("arguments" in getattr(event, "data", {}) for event in run.log)


@pytest.mark.parametrize("make", TOOLS)
async def test_deny(make: Callable[[], Tool[None]]) -> None:
    """A call that is denied is not made: the model hears why, and the agent goes on."""
    run = asking(make())
    await until(run, "work/delete", "waiting")
    act(run, {"kind": "deny", "stage": "work/delete", "text": "not that one"})
    await run
    assert returned(run) == [("denied", "not that one")]
    stage = run.state.find("work/delete")
    assert stage is not None
    assert (stage.status, stage.message) == ("skipped", "denied: not that one")
    assert interventions(run) == [("work/delete", "deny", "page", "not that one")]


async def test_only_the_first_verdict_counts() -> None:
    """A call is decided once; a stage where none waits has nothing to decide."""
    run = asking(TOOLS[0]())
    await until(run, "work/delete", "waiting")
    with pytest.raises(UnknownStageError, match="a stage whose call waits"):
        run.approve("work")
    run.deny("work/delete")
    with pytest.raises(UnknownStageError):
        run.approve("work/delete")
    await run
    assert returned(run)[0][0] == "denied"


async def test_a_run_that_is_cancelled_while_it_waits() -> None:
    """Nobody decides any more: the stage is cancelled with its run."""
    run = asking(TOOLS[0]())
    await until(run, "work/delete", "waiting")
    run.cancel()
    await run.log.wait_ended()
    stage = run.state.find("work/delete")
    assert stage is not None
    assert stage.status == "cancelled"
    with pytest.raises(RunEndedError):
        run.approve("work/delete")


async def test_callers_and_handlers_that_decide_are_left_alone() -> None:
    """An agent that gives its calls to its caller, or to a handler of its own, does not ask people."""
    run = asking(TOOLS[0](), output_type=[str, DeferredToolRequests])
    assert isinstance((await run).output, DeferredToolRequests)

    def handle(_: RunContext[None], requests: DeferredToolRequests) -> DeferredToolResults:
        return requests.build_results(approve_all=True)

    run = asking(TOOLS[0](), capabilities=[ReportProgress(), HandleDeferredToolCalls(handler=handle)])
    await run
    assert returned(run) == [("success", "x.txt is gone")]


async def test_a_call_in_a_run_below_is_decided_in_the_run_above() -> None:
    """The stage that stands for a run below waits as its call does, with the arguments, and decides for it."""
    agent: Agent[None, Any] = Agent(
        scripted_model(tool_call("delete", path="x"), "Done."), tools=[TOOLS[0]()], capabilities=[ReportProgress()]
    )

    @operation
    async def inner(_: ProgressTracker) -> Any:
        return (await agent.run("go")).output

    async def work(_: Any) -> Any:
        return await inner()

    run = starts(work)
    await until(run, "work/inner", "waiting")
    stage = run.state.find("work/inner")
    assert stage is not None
    assert (stage.data["waiting_for"], stage.data["arguments"]) == ("approval", {"path": "x"})
    run.approve("work/inner")
    assert await run == "Done."
    assert (stage.status, stage.data["waiting_for"]) == ("finished", None)


# --- budgets ---------------------------------------------------------------------------------------


def priced(*amounts: float) -> Callable[..., Any]:
    """Return an operation that asks an agent again and again."""
    agent: Agent[None, Any] = Agent(scripted_model(*["word " * 50 for _ in amounts]), capabilities=[ReportProgress()])

    @operation(stages=["work"])
    async def several(tracker: ProgressTracker) -> int:
        async with tracker.stage("work"):
            for number in range(len(amounts)):
                await agent.run("go")
                done.append(number)
        return len(amounts)

    done: list[int] = []
    return lambda budget: (several.using(budget=budget, show=False)(), done)


async def test_a_budget_of_tokens_ends_the_run() -> None:
    """A run that has used more tokens than it may ends with what it spent, and asks no model any more."""
    run, done = priced(*range(20))(Budget(tokens=300))
    with pytest.raises(BudgetExceeded, match="within its budget of 300 tokens") as caught:
        await run
    assert 0 < len(done) < 19
    assert caught.value.spent["tokens"] == sum(run.state.usage.values()) > 300
    assert (run.status, run.state.error_type) == ("failed", "BudgetExceeded")
    assert [each[1:3] for each in interventions(run)] == [("budget", "code")]
    assert run.state.data["budget"] == {"tokens": 300}


async def test_an_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    """Tokens count while an answer is written, as far as the provider tells them."""
    writer = Writer(*["word " * 10] * 20, tool=False)
    agent = Agent(writer.model, capabilities=[ReportProgress()])

    @operation
    async def write(_: ProgressTracker) -> str:
        return (await agent.run("go")).output

    run = write.using(budget=Budget(tokens=100), show=False)()
    with pytest.raises(BudgetExceeded):
        await run
    assert writer.closed
    assert len(run.state.stages[0].partial) < 1000


async def test_a_budget_that_is_large_enough_changes_nothing() -> None:
    """A run within its budget gives its result."""
    run, done = priced(1, 2)(Budget(tokens=100_000, cost=1.0, seconds=3600))
    assert await run == 2
    assert done == [0, 1]


def responses(run: Run[Any]) -> list[ModelResponse]:
    """List the model's answers of a run whose result is that of an agent."""
    result: Any = run.result
    return [message for message in result.all_messages() if isinstance(message, ModelResponse)]


async def test_the_history_of_an_agent_has_the_output_as_it_was_cut() -> None:
    """The messages end in what was given as the output, so that a conversation can go on from there."""
    writer = Writer("The moon ", tool=False)
    agent = Agent(writer.model, capabilities=[ReportProgress()])
    run = starts(lambda _: agent.run("go"))
    await writer.written.wait()
    run.enough()
    result = await run
    assert [response.text for response in responses(run)] == ["The moon "]
    assert result.usage.output_tokens == run.state.usage["output_tokens"]
