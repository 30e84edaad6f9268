"""`@progress` as an agent's tool: its schema, its stage, and its steps in the agent's own stream of events."""

import asyncio
import inspect
import threading
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest
from ag_ui.core import CustomEvent as AGUICustomEvent
from ag_ui.core import RunAgentInput, UserMessage
from pydantic_ai import Agent, CustomEvent, FunctionToolset, RunContext, Tool
from pydantic_ai.ui.ag_ui import AGUIAdapter

from progressnb import ProgressTracker, ReportProgress, operation, progress
from progressnb.testing import scripted_model, tool_call
from tests.tools.helpers import begun, in_the_loop, simple, with_status

if TYPE_CHECKING:
    from collections.abc import Generator as Hidden

    from pydantic_ai.messages import AgentStreamEvent


@progress
def search(depth: int) -> Generator[dict[str, Any], None, int]:
    """Search, and search again below."""
    yield {"progress": 0.5, "status": f"depth {depth}"}
    if depth:
        search(depth - 1)
    return depth


def paths(state: Any) -> list[str]:
    """List the paths of all stages."""
    return [stage.path for _, stage in state.walk()]


async def heard_of(agent: Agent[None, str]) -> tuple[list[str], list[Any]]:
    """Run an agent in a stage; return the paths of the stages and the custom events."""
    async with begun() as tracker, tracker.stage("s"), agent.run_stream_events("go") as stream:
        events = [event async for event in stream if isinstance(event, CustomEvent)]
    return paths(tracker.state), events


# --- what pydantic-ai and readers see -------------------------------------------------------------------


def test_signature_and_documentation() -> None:
    """A tool keeps its name, docstring and parameters; it returns what its generator returns."""
    assert with_status.__name__ == "with_status"
    assert "Work on items" in (with_status.__doc__ or "")
    assert str(inspect.signature(with_status)) == "(items: list[str]) -> dict[str, int]"
    assert "return" not in inspect.get_annotations(in_the_loop)
    assert not inspect.isgeneratorfunction(simple)
    assert inspect.iscoroutinefunction(in_the_loop)


def test_schema_of_a_tool() -> None:
    """pydantic-ai builds the schema of a tool from it: parameters, descriptions, and what it returns."""
    schema = Tool(with_status).function_schema
    assert schema.description == "Work on items."
    assert schema.json_schema["properties"]["items"]["description"] == "What to work on."
    assert schema.return_schema == {"additionalProperties": {"type": "integer"}, "type": "object"}


def test_annotations_as_text() -> None:
    """Annotations may be text, as `from __future__ import annotations` makes them, and name what only checkers know."""

    @progress
    def told(ctx: "RunContext[None]", pages: "list[int]") -> "Generator[float, None, list[int]]":  # noqa: ARG001
        """Read."""
        yield 0.5
        return pages

    @progress
    def hidden(pages: "list[int]") -> "Hidden[float, None, list[int]]":
        """Read."""
        yield 0.5
        return pages

    schema = Tool(told).function_schema
    assert (schema.takes_ctx, list(schema.json_schema["properties"])) == (True, ["pages"])
    assert schema.return_schema == {"items": {"type": "integer"}, "type": "array"}
    assert list(Tool(hidden).function_schema.json_schema["properties"]) == ["pages"]


def test_an_import_for_checkers_alone() -> None:
    """A `Generator` imported under `TYPE_CHECKING` is known nevertheless."""
    code = 'def read(pages: "list[int]") -> "Generator[float, None, list[int]]":\n    yield 0.5\n    return pages'
    module: dict[str, Any] = {}
    exec(code, module)  # noqa: S102 - a module that lacks the import
    assert str(inspect.signature(progress(module["read"]))) == "(pages: list[int]) -> list[int]"


def test_an_annotation_that_is_the_result() -> None:
    """A generator annotated with its result, as some write it, keeps that annotation."""

    @progress  # type: ignore[arg-type]
    def loose() -> str:  # type: ignore[misc]
        yield 0.5
        return "ok"

    assert inspect.signature(loose).return_annotation is str
    assert loose() == "ok"  # type: ignore[comparison-overlap]


# --- its stage ------------------------------------------------------------------------------------------


async def test_through_an_agent_with_a_callback() -> None:
    """An agent's tool reports to `on_event` while it works, into the call's own stage."""
    agent = Agent(scripted_model(tool_call("simple", count=2), "done"), tools=[simple], capabilities=[ReportProgress()])
    heard: list[float] = []

    @operation
    async def ask(tracker: ProgressTracker) -> str:
        async with tracker.stage("s"):
            return (await agent.run("count")).output

    def hear(event: Any) -> None:
        if event.type == "progress" and event.stage == "s/simple" and event.stage_progress is not None:
            heard.append(event.stage_progress)

    run = ask.using(on_event=hear, show=False)()
    assert await run == "done"
    assert paths(run.state) == ["s", "s/simple"]
    assert heard[-1] == 100
    assert heard == sorted(heard)


async def test_live_from_a_worker_thread() -> None:
    """A sync tool of an agent reports from its thread while the model waits for it."""
    go_on, seen = threading.Event(), asyncio.Event()
    threads: list[str] = []

    @progress
    def slow(pages: int) -> Generator[dict[str, Any], None, str]:
        """Read pages."""
        threads.append(threading.current_thread().name)
        yield {"progress": 0.5, "status": "half", "page": 1}
        assert go_on.wait(30)
        yield {"progress": 1.0, "status": "all", "page": pages}
        return "read"

    agent = Agent(scripted_model(tool_call("slow", pages=2), "done"), tools=[slow], capabilities=[ReportProgress()])

    @operation
    async def ask(tracker: ProgressTracker) -> str:
        async with tracker.stage("s"):
            return (await agent.run("read")).output

    def hear(event: Any) -> None:
        if event.type == "progress" and event.message == "half":
            seen.set()

    run = ask.using(on_event=hear, show=False)()
    ended = asyncio.ensure_future(run.log.wait_ended())
    await asyncio.wait({ended, asyncio.ensure_future(seen.wait())}, return_when=asyncio.FIRST_COMPLETED)
    stage = run.state.find("s/slow")
    assert stage is not None
    assert (stage.status, stage.percent, stage.data["page"]) == ("running", 50, 1)
    go_on.set()
    assert await run == "done"
    assert paths(run.state) == ["s", "s/slow"]
    assert threads != [threading.main_thread().name]


def named(tool: Any) -> dict[str, Any]:
    """Give an agent a tool under the name `find`."""
    return {"tools": [Tool(tool, name="find")]}


def prefixed(tool: Any) -> dict[str, Any]:
    """Give an agent a tool under a prefix, as `web_search`."""
    return {"toolsets": [FunctionToolset([tool]).prefixed("web")]}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"tools": [search]}, "search"),
        (named(search), "find"),
        (prefixed(search), "web_search"),
    ],
    ids=["function", "renamed", "prefixed"],
)
async def test_the_calls_own_stage(given: dict[str, Any], name: str) -> None:
    """Under whatever name an agent's tool goes, the call's stage is the tool's; what it calls lies below."""
    agent = Agent(scripted_model(tool_call(name, depth=1), "done"), capabilities=[ReportProgress()], **given)
    stages, events = await heard_of(agent)
    assert stages == ["s", f"s/{name}", f"s/{name}/search"]
    assert [(event.status, event.tool_name) for event in events] == [("depth 1", name)]


async def test_a_plain_tool_of_the_same_name() -> None:
    """A tool that only calls a `@progress` function, whatever its name, has it as a stage below."""
    inner = search

    def outer(depth: int) -> int:
        """Search."""
        return inner(depth)

    agent = Agent(
        scripted_model(tool_call("search", depth=0), "done"),
        tools=[Tool(outer, name="search")],
        capabilities=[ReportProgress()],
    )
    stages, events = await heard_of(agent)
    assert stages == ["s", "s/search", "s/search/search"]
    assert [(event.status, event.tool_name) for event in events] == [("depth 0", "search")]


async def test_a_method_with_a_context() -> None:
    """A method may be a tool, and may take the agent's context."""

    class Reader:
        @progress
        def read(self, ctx: RunContext[None], pages: int) -> Generator[float, None, int]:  # noqa: ARG002
            """Read."""
            yield 0.5
            return pages

    model = scripted_model(tool_call("read", pages=1), "done")
    stages, events = await heard_of(Agent(model, tools=[Reader().read], capabilities=[ReportProgress()]))
    assert stages == ["s", "s/read"]
    assert [(event.progress, event.tool_name) for event in events] == [(0.5, "read")]


# --- its steps as events --------------------------------------------------------------------------------


@pytest.mark.parametrize("report", [True, False])
async def test_yields_are_custom_events(report: bool) -> None:
    """A tool's yields are in the agent's own stream of events, sync or async, with the capability or without."""

    @progress
    def sync_tool(ctx: RunContext[None], x: int) -> Generator[dict[str, Any], None, int]:  # noqa: ARG001
        """Do it."""
        yield {"progress": 0.25, "status": "quarter", "x": x}
        return x

    agent = Agent(
        scripted_model([tool_call("sync_tool", x=3), tool_call("in_the_loop", count=2)], "done"),
        tools=[sync_tool, in_the_loop],
        capabilities=[ReportProgress()] if report else [],
    )
    _, events = await heard_of(agent)
    told = {(event.progress, event.status) for event in events}
    assert told == {(0.25, "quarter"), (0.5, None), (1.0, None)}
    assert {event.name for event in events} == {"progressnb.progress"}
    assert [event.details for event in events if event.status] == [{"x": 3}]
    if report:
        assert {event.tool_name for event in events} == {"sync_tool", "in_the_loop"}
        assert all(event.tool_call_id for event in events)


async def test_a_million_yields_are_few_events() -> None:
    """Steps without data are thinned, the latest wins, and the last is always told; data is told at once."""

    @progress
    def busy() -> Generator[Any, None, str]:
        """Be busy."""
        for number in range(20_000):
            yield {"progress": number / 20_000, "status": f"item {number}"}
        yield {"found": "it"}
        return "ok"

    _, events = await heard_of(Agent(scripted_model(tool_call("busy"), "done"), tools=[busy]))
    assert len(events) < 2_000
    assert [event.details for event in events if event.details] == [{"found": "it"}]
    assert events[-1].progress == 19_999 / 20_000
    told = [event.progress for event in events]
    assert told == sorted(told)


async def test_a_step_that_waits_is_told_in_time() -> None:
    """A step that came too soon after another is told while the tool goes on, without a further step."""
    heard = threading.Event()

    @progress
    def waits() -> Generator[Any, None, bool]:
        """Wait until somebody has heard of the second step."""
        yield {"status": "first"}
        yield {"status": "second"}
        return heard.wait(30)

    agent = Agent(scripted_model(tool_call("waits"), "done"), tools=[waits])
    events: list[AgentStreamEvent] = []
    async with agent.run_stream_events("go") as stream:
        async for event in stream:
            events.append(event)  # type: ignore[arg-type]
            if isinstance(event, CustomEvent) and getattr(event, "status", None) == "second":
                heard.set()
    results = [event.part.content for event in events if event.event_kind == "function_tool_result"]
    assert results == [True]


async def test_tools_side_by_side() -> None:
    """Each of several calls at once has its own stage, and its events carry its own id."""
    model = scripted_model([tool_call("search", depth=0), tool_call("search", depth=0)], "done")
    stages, events = await heard_of(Agent(model, tools=[search], capabilities=[ReportProgress()]))
    assert stages == ["s", "s/search", "s/search#2"]
    assert len({event.tool_call_id for event in events}) == 2


async def test_ag_ui_front_ends_see_the_steps() -> None:
    """Served over AG-UI, the agent's stream has each step as a custom event of the call."""
    agent = Agent(scripted_model(tool_call("with_status", items=["a"]), "done"), tools=[with_status])
    said = UserMessage(id="1", content="go")
    asked = RunAgentInput(
        thread_id="t", run_id="r", state={}, messages=[said], tools=[], context=[], forwarded_props={}
    )
    events = [event async for event in AGUIAdapter(agent, run_input=asked).run_stream()]
    (step,) = [event for event in events if isinstance(event, AGUICustomEvent)]
    assert step.name == "progressnb.progress"
    assert (step.value["progress"], step.value["status"]) == (1, "item 1 of 1")
    assert step.value["details"] == {"current_item": "a"}
