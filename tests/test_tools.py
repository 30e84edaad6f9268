"""`@progress`: any generator reports as it goes, wherever it is called, and stays a plain function."""

import asyncio
import inspect
import logging
import threading
from collections.abc import AsyncGenerator, Generator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import Agent, CustomEvent, RunContext

from progressnb import OperationError, ProgressTracker, ReportProgress, Result, RunCancelled, operation, progress
from progressnb.events import ProgressEvent
from progressnb.state import StageState
from progressnb.testing import ManualClock, scripted_model, tool_call

Steps = Generator[Any, None, str]


@progress
def simple(count: int = 4) -> Generator[dict[str, float], None, str]:
    """Count up."""
    for number in range(count):
        yield {"progress": (number + 1) / count}
    return f"counted to {count}"


@progress
def with_status(items: list[str]) -> Generator[dict[str, Any], None, dict[str, int]]:
    """Work on items.

    Args:
        items: What to work on.

    """
    for number, item in enumerate(items, 1):
        yield {"progress": number / len(items), "status": f"item {number} of {len(items)}", "current_item": item}
    return {"processed": len(items)}


@progress
async def in_the_loop(count: int) -> AsyncGenerator[Any, None]:
    """Count up in the loop."""
    for number in range(count):
        yield (number + 1) / count
        await asyncio.sleep(0)
    yield Result(count)


def begun() -> ProgressTracker:
    """Make a tracker whose clock stands still."""
    return ProgressTracker("op", clock=ManualClock(), show=False)


def told(tracker: ProgressTracker, path: str) -> list[tuple[float | None, str | None]]:
    """List percent and message of a stage's events."""
    return [(e.stage_progress, e.message) for e in tracker.log if isinstance(e, ProgressEvent) and e.stage == path]


def tree(tracker: ProgressTracker) -> list[tuple[str, str]]:
    """List paths and statuses of all stages."""
    return [(stage.path, stage.status) for _, stage in tracker.state.walk()]


# --- the documented examples --------------------------------------------------------------------------


async def test_simple() -> None:
    """A tool is called like any function; in a run it is a stage, outside one it just works."""
    assert simple() == "counted to 4"
    async with begun() as tracker, tracker.stage("s"):
        assert simple(2) == "counted to 2"
    assert tree(tracker) == [("s", "finished"), ("s/simple", "finished")]


async def test_with_status_and_custom_data() -> None:
    """The status is the message, other keys are data, the progress is a percent."""
    async with begun() as tracker, tracker.stage("s"):
        assert with_status(["a", "b"]) == {"processed": 2}
    assert (50, "item 1 of 2") in told(tracker, "s/with_status")
    assert (100, "item 2 of 2") in told(tracker, "s/with_status")
    stage = tracker.state.find("s/with_status")
    assert isinstance(stage, StageState)
    assert stage.data == {"current_item": "b"}


async def test_nested() -> None:
    """A tool that calls a tool has it as a stage below its own."""

    @progress
    def outer(items: list[int]) -> Generator[float, None, list[str]]:
        results = []
        for number, item in enumerate(items, 1):
            results.append(simple(item))
            yield number / len(items)
        return results

    async with begun() as tracker, tracker.stage("s"):
        assert outer([1, 2]) == ["counted to 1", "counted to 2"]
    assert [path for path, _ in tree(tracker)] == ["s", "s/outer", "s/outer/simple", "s/outer/simple#2"]


async def test_errors_collected() -> None:
    """A tool that collects its items' errors goes on to its end."""

    @progress
    def risky(data: list[int]) -> Generator[dict[str, float], None, dict[str, list[Any]]]:
        processed, errors = [], []
        for number, item in enumerate(data, 1):
            yield {"progress": number / len(data)}
            try:
                processed.append(10 // item)
            except ZeroDivisionError as error:
                errors.append({"item": item, "error": str(error)})
        return {"processed": processed, "errors": errors}

    async with begun() as tracker, tracker.stage("s"):
        result = risky([1, 0, 5])
    assert result["processed"] == [10, 2]
    assert result["errors"][0]["item"] == 0
    assert tree(tracker)[-1] == ("s/risky", "finished")


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

    run = ask(on_event=hear, show=False)
    assert await run == "done"
    assert [stage.path for _, stage in run.state.walk()] == ["s", "s/simple"]
    assert heard[-1] == 100
    assert heard == sorted(heard)


# --- where it is called ---------------------------------------------------------------------------------


async def test_an_async_tool() -> None:
    """An async generator's tool is awaited, and its result is what it yields as `Result`."""
    assert await in_the_loop(3) == 3
    async with begun() as tracker, tracker.stage("s"):
        assert await in_the_loop(3) == 3
    assert tree(tracker)[-1] == ("s/in_the_loop", "finished")


async def test_a_result_in_the_last_mapping() -> None:
    """The `result` of a mapping is an async tool's result too; without any it is None."""

    @progress
    async def last() -> AsyncGenerator[dict[str, Any], None]:
        yield {"progress": 0.5}
        yield {"progress": 1.0, "result": 7}

    @progress
    async def none() -> AsyncGenerator[float, None]:
        yield 0.5

    assert await last() == 7
    assert await none() is None


async def test_in_child_tasks_and_threads() -> None:
    """Tools of child tasks and worker threads report below the stage that began them."""
    async with begun() as tracker, tracker.stage("s"):
        assert list(await asyncio.gather(in_the_loop(2), in_the_loop(3))) == [2, 3]
        assert await asyncio.to_thread(simple, 2) == "counted to 2"
    assert sorted(tree(tracker)) == [
        ("s", "finished"),
        ("s/in_the_loop", "finished"),
        ("s/in_the_loop#2", "finished"),
        ("s/simple", "finished"),
    ]


async def test_in_a_run_without_a_stage() -> None:
    """Where a run has no stage at work the tool is a stage of the run."""
    async with begun() as tracker:
        simple()
    assert tree(tracker) == [("simple", "finished")]


async def test_live_from_a_worker_thread() -> None:
    """A sync tool of an agent reports from its thread while the model waits for it."""
    go_on, seen = threading.Event(), asyncio.Event()

    @progress
    def slow(pages: int) -> Generator[dict[str, Any], None, str]:
        """Read pages."""
        yield {"progress": 0.5, "status": "half", "page": 1}
        assert go_on.wait(30)
        yield {"progress": 1.0, "status": "all", "page": pages}
        return threading.current_thread().name

    agent = Agent(scripted_model(tool_call("slow", pages=2), "done"), tools=[slow], capabilities=[ReportProgress()])

    @operation
    async def ask(tracker: ProgressTracker) -> str:
        async with tracker.stage("s"):
            return (await agent.run("read")).output

    def hear(event: Any) -> None:
        if event.type == "progress" and event.message == "half":
            seen.set()

    run = ask(on_event=hear, show=False)
    ended = asyncio.ensure_future(run.log.wait_ended())
    await asyncio.wait({ended, asyncio.ensure_future(seen.wait())}, return_when=asyncio.FIRST_COMPLETED)
    stage = run.state.find("s/slow")
    assert stage is not None
    assert (stage.status, stage.percent, stage.data["page"]) == ("running", 50, 1)
    go_on.set()
    assert await run == "done"
    assert [each.path for _, each in run.state.walk()] == ["s", "s/slow"]


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
    events: list[Any] = []
    async with begun() as tracker, tracker.stage("s"), agent.run_stream_events("go") as stream:
        events = [event async for event in stream if isinstance(event, CustomEvent)]
    told = {(event.progress, event.status) for event in events}
    assert told == {(0.25, "quarter"), (0.5, None), (1.0, None)}
    assert {event.name for event in events} == {"progressnb.progress"}
    assert [event.details for event in events if event.status] == [{"x": 3}]
    if report:
        assert {event.tool_name for event in events} == {"sync_tool", "in_the_loop"}


async def test_a_tool_within_a_tool_is_a_child() -> None:
    """Only the agent's own tool is the call's stage; what it calls lies below, also under the same name."""

    @progress
    def search(depth: int) -> Generator[float, None, int]:
        """Search."""
        yield 0.5
        if depth:
            search(depth - 1)
        return depth

    agent = Agent(scripted_model(tool_call("search", depth=1), "done"), tools=[search], capabilities=[ReportProgress()])
    async with begun() as tracker, tracker.stage("s"):
        await agent.run("go")
    assert [path for path, _ in tree(tracker)] == ["s", "s/search", "s/search/search"]


# --- what pydantic-ai and readers see -------------------------------------------------------------------


def test_signature_and_documentation() -> None:
    """A tool keeps its name, docstring and parameters; it returns what its generator returns."""
    assert (with_status.__name__, with_status.__doc__ or "")[0] == "with_status"
    assert str(inspect.signature(with_status)) == "(items: list[str]) -> dict[str, int]"
    assert "return" not in inspect.get_annotations(in_the_loop)
    assert not inspect.isgeneratorfunction(simple)
    assert inspect.iscoroutinefunction(in_the_loop)
    assert "Work on items" in (with_status.__doc__ or "")


async def test_schema_of_a_tool() -> None:
    """pydantic-ai builds the schema of a tool from it, descriptions and all."""
    agent = Agent(scripted_model("done"), tools=[with_status])
    (tool,) = (await agent.toolsets[0].get_tools(RunContext(deps=None, model=agent.model, usage=None))).values()  # type: ignore[arg-type]
    properties = tool.tool_def.parameters_json_schema["properties"]
    assert properties["items"]["description"] == "What to work on."
    assert tool.tool_def.description


def test_an_annotation_that_is_the_result() -> None:
    """A generator annotated with its result, as some write it, keeps that annotation."""

    @progress  # type: ignore[arg-type]
    def loose() -> str:  # type: ignore[misc]
        yield 0.5
        return "ok"

    assert inspect.signature(loose).return_annotation is str
    assert loose() == "ok"  # type: ignore[comparison-overlap]


def test_methods() -> None:
    """A method may be a tool."""

    class Reader:
        pages = 2

        @progress
        def read(self, more: int) -> Generator[float, None, int]:
            yield 0.5
            return self.pages + more

    assert Reader().read(1) == 3


@pytest.mark.parametrize("function", [len, lambda: 1, asyncio.sleep, 3], ids=str)
def test_what_is_no_generator(function: Any) -> None:
    """A function that yields nothing is refused where it is decorated."""
    with pytest.raises(OperationError, match="generator"):
        progress(function)


# --- failures -------------------------------------------------------------------------------------------


async def test_a_tool_that_raises() -> None:
    """A tool that raises marks its stage failed and raises."""

    @progress
    def breaks() -> Generator[float, None, None]:
        yield 0.5
        raise LookupError("no such page")

    async with begun() as tracker, tracker.stage("s"):
        with pytest.raises(LookupError):
            breaks()
    assert tree(tracker) == [("s", "finished"), ("s/breaks", "failed")]
    stage = tracker.state.find("s/breaks")
    assert stage is not None
    assert (stage.percent, stage.message) == (50, "no such page")


async def test_closed_when_it_is_cancelled() -> None:
    """An async tool that is cancelled runs its `finally`, and its stage is cancelled."""
    closed, started = list[str](), asyncio.Event()

    @progress
    async def waits() -> AsyncGenerator[float, None]:
        try:
            yield 0.5
            started.set()
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    async with begun() as tracker, tracker.stage("s"):
        task = asyncio.create_task(_awaited(waits()))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert closed == ["closed"]
    assert tree(tracker)[-1] == ("s/waits", "cancelled")


async def _awaited(work: Any) -> Any:
    return await work


async def test_a_thread_stops_at_its_next_yield() -> None:
    """Once the run was cancelled a tool in a thread is closed at its next yield, and `finally` runs."""
    go_on, half, ended = threading.Event(), threading.Event(), threading.Event()
    raised: list[BaseException] = []

    @progress
    def stubborn() -> Generator[float, None, None]:
        try:
            half.set()
            yield 0.5
            assert go_on.wait(30)
            yield 0.6
        finally:
            ended.set()

    def work() -> None:
        try:
            stubborn()
        except RunCancelled as error:
            raised.append(error)

    @operation
    async def op(tracker: ProgressTracker) -> None:
        async with tracker.stage("s"):
            await asyncio.to_thread(work)

    run = op(show=False)
    await asyncio.to_thread(half.wait, 30)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 30)
    while not raised:
        await asyncio.sleep(0)
    assert "was cancelled" in str(raised[0])


WRONG = [
    (1.5, 100, "over 1"),
    (float("inf"), 100, "over 1"),
    (-0.5, 20, "after 0.2"),
    (0.1, 20, "after 0.2"),
    (float("nan"), 20, "not a number"),
    ("half", 20, "neither a mapping nor a number"),
    ({"progress": "half"}, 20, "no number"),
    ({"progress": [1]}, 20, "no number"),
    ([0.5], 20, "neither a mapping nor a number"),
]


@pytest.mark.parametrize(("wrong", "percent", "fault"), WRONG, ids=str)
async def test_wrong_progress(wrong: Any, percent: float, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """What is out of range or no progress is clamped or left out, with one warning a call; the work goes on."""

    @progress
    def odd() -> Steps:
        yield 0.2
        yield wrong
        yield wrong
        return "ok"

    async with begun() as tracker, tracker.stage("s"):
        assert odd() == "ok"
    stage = tracker.state.find("s/odd")
    assert stage is not None
    before_the_end = [percent for percent, _ in told(tracker, "s/odd")][-2:]
    assert before_the_end[-1] == 100
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert fault in warnings[0].getMessage()
    assert percent in (20, 100)


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["progress", "status"]), inner),
    max_leaves=6,
)


@given(st.lists(HOSTILE, max_size=8))
def test_any_yields(yields: list[Any]) -> None:
    """Whatever is yielded, the tool returns, percents stay within 0–100 and never fall."""

    @progress
    def any_yields() -> Steps:
        yield from yields
        return "ok"

    async def main() -> ProgressTracker:
        async with begun() as tracker, tracker.stage("s"):
            assert any_yields() == "ok"
        return tracker

    tracker = asyncio.run(main())
    percents = [percent for percent, _ in told(tracker, "s/any_yields") if percent is not None]
    assert percents == sorted(percents)
    assert all(0 <= percent <= 100 for percent in percents)


async def test_hostile_keys() -> None:
    """Data may have any keys, also those that a method's parameters have."""

    @progress
    def hostile() -> Steps:
        yield {"progress": 0.5, "self": 1, "percent": 2, "message": 3, "data": 4, 5: 6}
        return "ok"

    async with begun() as tracker, tracker.stage("s"):
        assert hostile() == "ok"
    stage = tracker.state.find("s/hostile")
    assert stage is not None
    assert stage.data == {"self": 1, "percent": 2, "message": 3, "data": 4, "5": 6}


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.WARNING):
        yield
