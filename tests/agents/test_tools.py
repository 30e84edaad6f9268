"""Function tools: a stage per call, whoever calls, however it ends."""

import asyncio
import threading
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, DeferredToolRequests
from pydantic_ai.exceptions import ApprovalRequired, CallDeferred, ModelRetry
from pydantic_ai.messages import BinaryContent, ToolReturn
from pydantic_ai.models import Model
from pydantic_ai.tools import Tool
from pydantic_core import to_json

from progressnb import ProgressTracker, ReportProgress, Run, current_stage, operation
from progressnb.folds.state import StageState
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.tracking.handle import StageHandle
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.agents.helpers import found_later, paths


async def work(model: Model, *tools: Any, clock: ManualClock | None = None, **options: Any) -> Run[Any]:
    """Run one agent with these tools in one stage to its end."""
    agent = Agent(model, tools=tools, capabilities=[ReportProgress()], **options)

    @operation(stages=["work"], clock=clock or ManualClock())
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("work"):
            return (await agent.run("go")).output

    run = one_agent.using(show=False)()
    await run.log.wait_ended()
    return run


def here() -> StageHandle:
    """Return the stage that is current, which must exist."""
    stage = current_stage()
    assert stage is not None
    return stage


def children(run: Run[Any]) -> list[tuple[str, str]]:
    """Show the stages of the tools and how they ended."""
    return [(stage.path, stage.status) for stage in run.state.stages[0].children]


def child(run: Run[Any], index: int = 0) -> StageState:
    """Return the stage of one call."""
    return run.state.stages[0].children[index]


async def test_a_stage_per_call() -> None:
    """Each call is a child stage with its duration; a tool that is called again is `search#2`."""
    clock = ManualClock()

    async def search(query: str) -> str:
        clock.advance(len(query))
        return query

    script = tool_call("search", query="abc"), [tool_call("search", query="ab"), tool_call("other")], "Done."
    run = await work(scripted_model(*script), search, Tool(lambda: "x", name="other"), clock=clock)
    assert run.result == run.partial == "Done."
    assert children(run) == [(f"work/{name}", "finished") for name in ("search", "search#2", "other")]
    assert [stage.duration for stage in run.state.stages[0].children] == [3, 2, pytest.approx(0, abs=2)]
    assert [stage.percent for stage in run.state.stages[0].children] == [100, 100, 100]
    assert run.state.stages[0].status == "finished"


async def test_parallel_tools_see_their_own_stages() -> None:
    """Tools that run side by side each see the stage of their own call, in the order of the model's calls."""
    seen: dict[int, list[str]] = {}
    waiting = asyncio.Barrier(3)

    async def search(number: int) -> int:
        seen[number] = [here().path]
        await waiting.wait()
        here().update(50, f"number {number}")
        await waiting.wait()
        seen[number].append(here().path)
        return number

    calls = [tool_call("search", number=number) for number in (1, 2, 3)]
    run = await work(scripted_model(calls, "Done."), search)
    paths = ["work/search", "work/search#2", "work/search#3"]
    assert seen == {number: [path, path] for number, path in enumerate(paths, 1)}
    assert [stage.message for stage in run.state.stages[0].children] == ["number 1", "number 2", "number 3"]
    assert current_stage() is None


async def test_order_of_the_calls_not_of_the_starts() -> None:
    """Where the first of two calls begins last, it is still the first."""
    second = asyncio.Event()

    async def search(number: int) -> int:
        if number == 1:
            await second.wait()
        here().update(message=str(number))
        second.set()
        return number

    calls = [tool_call("search", number=1), tool_call("search", number=2)]
    run = await work(scripted_model(calls, "Done."), search)
    assert [(stage.path, stage.message) for stage in run.state.stages[0].children] == [
        ("work/search", "1"),
        ("work/search#2", "2"),
    ]


async def test_sync_tools_report_from_their_threads() -> None:
    """A sync tool runs in a worker thread; what it reports is there at once, while it is at work."""
    percents: list[tuple[float | None, str | None]] = []
    runs: list[Run[Any]] = []
    loop_thread = threading.get_ident()

    def crunch() -> str:
        assert threading.get_ident() != loop_thread
        here().update(40, "crunching", rows=3)
        state = runs[0].state.find("work/crunch")
        assert state is not None
        percents.append((state.percent, state.message))
        here().write("so far ")
        percents.append((None, runs[0].partial))
        return "x"

    agent = Agent(scripted_model(tool_call("crunch"), "Done."), tools=[crunch], capabilities=[ReportProgress()])

    @operation(stages=["work"])
    async def one_agent(tracker: ProgressTracker) -> str:
        async with tracker.stage("work"):
            return (await agent.run("go")).output

    runs.append(one_agent.using(show=False)())
    assert await runs[0] == "Done."
    assert percents == [(40, "crunching"), (None, "so far ")]
    assert child(runs[0]).data["rows"] == 3


async def test_tool_that_raises() -> None:
    """Its stage and the stages above it fail; the run's error names the tool's stage."""

    def search() -> str:
        raise ZeroDivisionError("no tide today")

    run = await work(scripted_model(tool_call("search"), "Done."), search)
    assert children(run) == [("work/search", "failed")]
    assert child(run).message == child(run).error == "no tide today"
    state = run.state
    assert (state.status, state.error, state.error_type) == ("failed", "no tide today", "ZeroDivisionError")
    assert state.error_stage == "work/search"
    assert isinstance(run.exception, ZeroDivisionError)
    assert "in stage 'work/search' of 'one_agent'" in run.exception.__notes__


async def test_tool_that_asks_to_be_retried() -> None:
    """A call that raises ModelRetry failed; the model's next call is a stage of its own and the run goes on."""
    run = await work(scripted_model(tool_call("search"), tool_call("search"), "Done."), found_later())
    assert run.result == "Done."
    assert children(run) == [("work/search", "failed"), ("work/search#2", "finished")]
    assert "say what for" in str(child(run).message)
    assert run.state.stages[0].status == "finished"
    assert run.state.error is None


async def test_tool_that_is_retried_too_often() -> None:
    """Where the retries are used up, the run fails and each call is there as a failed stage."""

    def search() -> str:
        raise ModelRetry("again")

    run = await work(scripted_model(*[tool_call("search")] * 3), search, retries=1)
    assert run.status == "failed"
    assert children(run) == [("work/search", "failed"), ("work/search#2", "failed")]
    assert "search" in str(run.state.error)


async def test_refused_arguments() -> None:
    """A call whose arguments do not fit never runs: its stage fails, and the next call has its own."""

    def search(count: int) -> int:
        return count

    run = await work(scripted_model(tool_call("search", count="many"), tool_call("search", count=3), "Done."), search)
    assert run.result == "Done."
    assert children(run) == [("work/search", "failed"), ("work/search#2", "finished")]
    assert child(run).message == "refused before it ran"


async def test_unknown_tool() -> None:
    """A tool that the model made up fails as a refused call does."""
    run = await work(scripted_model(tool_call("nothing_like_that"), "Done."), Tool(lambda: "x", name="other"))
    assert run.result == "Done."
    assert children(run) == [("work/nothing_like_that", "failed")]


@pytest.mark.parametrize("reason", [CallDeferred, ApprovalRequired])
async def test_tool_that_somebody_else_answers(reason: type[Exception]) -> None:
    """A call that is deferred, or waits for approval, is no failure: it was handed on."""

    def ask() -> str:
        raise reason

    run = await work(scripted_model(tool_call("ask")), ask, output_type=[str, DeferredToolRequests])
    assert isinstance(run.result, DeferredToolRequests)
    assert children(run) == [("work/ask", "finished")]
    assert child(run).message == "handed on"
    assert run.status == "finished"


async def test_tool_that_needs_approval_before_it_runs() -> None:
    """A tool that is declared to need approval never runs here: it has no stage, or one that did not fail."""
    tool = Tool(lambda: "x", name="ask", requires_approval=True)
    run = await work(scripted_model(tool_call("ask")), tool, output_type=[str, DeferredToolRequests])
    assert isinstance(run.result, DeferredToolRequests)
    assert all(status not in ("failed", "running") for _, status in children(run))
    assert run.status == "finished"


async def test_agent_in_a_tool() -> None:
    """An agent that a tool calls reports below the tool's stage, its own tools included."""
    inner = Agent(
        scripted_model(tool_call("look"), "The moon does it."),
        tools=[Tool(lambda: "moon", name="look")],
        capabilities=[ReportProgress()],
    )

    async def research() -> str:
        return (await inner.run("why?")).output

    run = await work(scripted_model(tool_call("research"), "Because of the moon."), research)
    assert [(stage.path, stage.status) for _, stage in run.state.walk()] == [
        ("work", "finished"),
        ("work/research", "finished"),
        ("work/research/look", "finished"),
    ]
    assert child(run).partial == "The moon does it."
    assert run.state.stages[0].partial == run.partial == "Because of the moon."


@pytest.mark.parametrize(
    "name",
    [
        "a/b",
        "a#2",
        "50%",
        "..",
        "<script>alert(1)</script>",
        "\x1b[31m",
        "\u202eevil",
        "\ud800",
        "a" * 3000,
        " ",
        "work",
    ],
    ids=lambda name: repr(name)[:12],
)
async def test_hostile_names(name: str) -> None:
    """A model may make up any name for a tool: it stays one stage below the agent's, and events stay readable."""
    run = await work(scripted_model(tool_call(name), "Done."), Tool(lambda: "x", name="other"))
    assert run.result == "Done."
    (stage,) = run.state.stages[0].children
    assert stage.path.count("/") == 1
    assert "#" not in stage.path
    assert stage.status == "failed"
    for event in run.log:
        assert event.model_dump_json().encode()


async def test_hostile_arguments() -> None:
    """Arguments are bounded data of the call's stage, and no part of a name, a title or a message."""

    async def search(query: dict[str, str]) -> str:
        return query["text"]

    hostile = "</script>\x00" + "x" * 5000
    run = await work(scripted_model(tool_call("search", query={"text": hostile}), "Done."), search)
    assert run.result == "Done."
    call = child(run)
    assert call.data["arguments"]["query"]["text"].startswith(hostile[:10])
    assert len(to_json(call.data["arguments"]).decode()) <= 2_000
    shown = [(event.message, event.title) for event in run.log if isinstance(event, ProgressEvent)]
    assert hostile[:9] not in f"{shown} {paths(run)}"


class Place(BaseModel):
    """A place."""

    name: str
    password: str = "hunter2"  # noqa: S105 - not a real one


async def test_what_a_tool_was_given_and_gave() -> None:
    """A call's stage has the validated arguments, with their defaults, and the result, as plain data."""

    def search(query: str, at: Place, limit: int = 3) -> dict[str, object]:
        return {"found": [query] * limit, "at": at.name}

    script = tool_call("search", query="tides", at={"name": "Busan"}, limit="2")
    run = await work(scripted_model(script, "Done."), search)
    data = child(run).data
    assert data["arguments"] == {"query": "tides", "at": {"name": "Busan", "password": "…"}, "limit": 2}
    assert data["result"] == {"found": ["tides", "tides"], "at": "Busan"}
    events = [event for event in run.log if isinstance(event, ProgressEvent) and event.stage == child(run).path]
    assert [sorted(event.data) for event in events] == [
        ["arguments"],
        ["result"],
    ]  # and no more events


async def test_results_for_models() -> None:
    """Of a `ToolReturn` the stage has what the model gets; of files their kind and size."""
    picture = BinaryContent(b"\x89PNG" * 9, media_type="image/png")

    def look(which: int) -> Any:
        return [ToolReturn("a value", metadata={"secret": 1}), picture, ["a", picture], None][which]

    script = [tool_call("look", which=number) for number in range(4)]
    run = await work(scripted_model(script, "Done."), look)
    assert [stage.data["result"] for stage in run.state.stages[0].children] == [
        "a value",
        "image/png, 36 bytes",
        ["a", "image/png, 36 bytes"],
        None,
    ]


async def test_large_arguments_and_results() -> None:
    """Each takes 2,000 characters at most, keeps its shape, and is cut with a sign."""

    def copy(text: str, language: str) -> list[str]:
        return [text + language] * 10_000

    run = await work(scripted_model(tool_call("copy", text="x" * 9_000, language="en"), "Done."), copy)
    data = child(run).data
    assert data["arguments"]["language"] == "en"
    assert data["arguments"]["text"].endswith("x…")
    assert isinstance(data["result"], list)
    assert all(len(to_json(data[key]).decode()) <= 2_000 for key in ("arguments", "result"))


async def test_arguments_of_calls_that_fail() -> None:
    """A call that fails or whose arguments are refused shows what it was given, and no result."""

    def search(limit: int) -> str:
        raise ConnectionError(f"the line is down, {limit}")

    run = await work(scripted_model(tool_call("search", limit="many"), tool_call("search", limit=1)), search)
    refused, failed = run.state.stages[0].children
    assert (refused.status, refused.data) == ("failed", {"arguments": {"limit": "many"}})
    assert (failed.status, failed.data) == ("failed", {"arguments": {"limit": 1}})


async def test_tools_share_of_the_percent() -> None:
    """Tools fill the agent's share by halves, the output the rest; the overall percent never falls."""
    percents: list[float] = []

    async def search() -> str:
        percents.append(here().percent or 0)
        return "x"

    run = await work(scripted_model(tool_call("search"), tool_call("search"), "Done."), search)
    overall = [event.overall_progress for event in run.log if isinstance(event, ProgressEvent | ContentEvent)]
    assert overall == sorted(overall, key=lambda value: value or 0)
    weights = [stage.weight for stage in run.state.stages[0].children]
    assert weights[0] is not None
    assert weights[1] == pytest.approx(weights[0] / 2, rel=0.3)


async def test_a_tool_goes_on_after_a_tool_that_failed_beside_it() -> None:
    """Of parallel tools one may fail and the other finish: each stage says its own."""

    async def search(number: int) -> int:
        if number == 1:
            raise ModelRetry("not this one")
        return number

    calls = [tool_call("search", number=1), tool_call("search", number=2)]
    run = await work(scripted_model(calls, "Done."), search)
    assert children(run) == [("work/search", "failed"), ("work/search#2", "finished")]
