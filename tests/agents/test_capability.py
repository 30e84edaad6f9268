"""The capability itself: where it reports, where it keeps still, how runs begin, share a stage and end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.run import AgentRunResultEvent

from progressnb import ProgressTracker, ReportProgress, Run, operation
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.tracking.handle import StageHandle
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.agents.helpers import Answer, look, paths, reporting, starts


def written(run: Run[Any]) -> str:
    """Return all that the log says was written."""
    return "".join(event.delta or "" for event in run.log if isinstance(event, ContentEvent))


# --- where it reports and where it keeps still ------------------------------------------------------


async def test_on_the_agent_and_on_the_run() -> None:
    """Given to the agent, to the run, or to both, it reports once."""
    for on_agent, on_run in ((1, 0), (0, 1), (1, 1), (2, 0), (2, 2)):
        agent = Agent(
            scripted_model(tool_call("look"), {"text": "a", "count": 3}),
            output_type=Answer,
            tools=[look],
            capabilities=[ReportProgress() for _ in range(on_agent)],
        )
        extra = [ReportProgress[None]() for _ in range(on_run)]
        run = starts(lambda _, agent=agent, extra=extra: agent.run("go", capabilities=extra))
        await run
        assert run.partial == {"text": "a", "count": 3}
        assert (
            "".join(event.delta or "" for event in run.log if isinstance(event, ContentEvent))
            == '{"text":"a","count":3}'
        )
        assert paths(run) == ["work", "work/look"]
        assert run.state.usage["output_tokens"] == run.state.stages[0].data["output_tokens"]


async def test_in_a_run_outside_its_stages() -> None:
    """In a run but in no stage, the agent gets a stage of its own, under its name."""
    agent = reporting("Done.", name="tide teller")

    @operation(clock=ManualClock())
    async def no_stage(_tracker: ProgressTracker) -> str:
        return str((await agent.run("go")).output)

    run = no_stage.using(show=False)()
    assert await run == "Done."
    assert [(stage.name, stage.status, stage.partial) for stage in run.state.stages] == [
        ("tide teller", "finished", "Done.")
    ]


async def test_on_a_stage_that_has_ended() -> None:
    """An agent that begins when the current stage, or the run, is over works and is no error."""
    agent = reporting("one", "two", "three")

    @operation(stages=["work"], clock=ManualClock())
    async def late(tracker: ProgressTracker) -> list[str]:
        async with tracker.stage("work") as stage:
            stage.finish()
            return [str((await agent.run("go")).output)]

    run = late.using(show=False)()
    assert await run == ["one"]
    orphan: list[asyncio.Task[Any]] = []
    gate = asyncio.Event()

    async def leave_behind(_stage: StageHandle) -> None:
        async def later() -> Any:
            await gate.wait()
            return (await agent.run("go")).output

        orphan.append(asyncio.create_task(later()))

    run = starts(leave_behind)
    await run
    count = len(run.log)
    gate.set()
    assert await orphan[0] == "two"
    assert len(run.log) == count


async def test_agent_that_outlives_its_stage() -> None:
    """An agent that is at work when the run ends goes on; what it still writes is dropped, and no error."""
    gate = asyncio.Event()
    begun = asyncio.Event()

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield "first "
        begun.set()
        await gate.wait()
        yield "second"

    agent = Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()])
    orphan: list[asyncio.Task[Any]] = []

    async def leave_behind(_stage: StageHandle) -> None:
        orphan.append(asyncio.create_task(agent.run("go")))
        await begun.wait()

    run = starts(leave_behind)
    await run
    count = len(run.log)
    gate.set()
    assert (await orphan[0]).output == "first second"
    assert len(run.log) == count


async def test_subclass() -> None:
    """A subclass with hooks of its own is a report with these hooks."""
    asked: list[str] = []

    class Noting(ReportProgress[Any]):
        async def before_run(self, ctx: Any) -> None:
            asked.append(ctx.prompt)

    agent = Agent(scripted_model(*["Done."] * 4), capabilities=[Noting()])
    for extra in ([], [Noting()], [Noting(), Noting()]):
        run = starts(lambda _, extra=extra: agent.run("go", capabilities=extra))
        await run
        assert run.partial == "Done."
        assert written(run) == "Done."
    assert asked == ["go"] * 3
    await agent.run("outside")
    assert asked[3:] == ["outside"]


def test_specification() -> None:
    """It can be named in an agent's specification."""
    assert ReportProgress.get_serialization_name() == "ReportProgress"
    agent = Agent.from_spec(
        {"model": "test", "capabilities": ["ReportProgress"]}, custom_capability_types=[ReportProgress]
    )
    run = starts(lambda _: agent.run("go"))
    assert run.wait().output.startswith("success")
    assert isinstance(run.partial, str)


# --- other ways to run an agent ---------------------------------------------------------------------------


async def by_stream(agent: Agent[None, Any]) -> Any:
    """Run with `run_stream`."""
    async with agent.run_stream("go") as stream:
        return await stream.get_output()


async def by_stream_events(agent: Agent[None, Any]) -> Any:
    """Run with `run_stream_events`."""
    async with agent.run_stream_events("go") as events:
        async for event in events:
            if isinstance(event, AgentRunResultEvent):
                return event.result.output
    raise AssertionError("no result")


async def by_iter(agent: Agent[None, Any]) -> Any:
    """Run with `iter`."""
    async with agent.iter("go") as nodes:
        async for _ in nodes:
            pass
    assert nodes.result is not None
    return nodes.result.output


async def by_thread(agent: Agent[None, Any]) -> Any:
    """Run in a worker thread."""

    def run_there() -> Any:
        try:
            return agent.run_sync("go").output
        finally:
            asyncio.get_event_loop().close()  # pydantic-ai leaves the thread's loop open

    return await asyncio.to_thread(run_there)


@pytest.mark.parametrize("way", [by_stream, by_stream_events, by_iter, by_thread])
@pytest.mark.parametrize("with_tool", [False, True])
async def test_other_ways_to_run(way: Any, with_tool: bool) -> None:
    """However the agent is run, the stage gets its output and its tools."""
    script: list[object] = [tool_call("look")] if with_tool else []
    agent = reporting(*script, {"text": "a text", "count": 3}, output_type=Answer, tools=[look])
    run = starts(lambda _: way(agent))
    assert await run == Answer(text="a text", count=3)
    assert run.partial == run.state.stages[0].partial == {"text": "a text", "count": 3}
    assert paths(run) == (["work", "work/look"] if with_tool else ["work"])
    assert all(stage.status == "finished" for _, stage in run.state.walk())
    overall = [event.overall_progress or 0 for event in run.log if isinstance(event, ProgressEvent)]
    assert overall == sorted(overall)


@pytest.mark.parametrize("way", [by_stream, by_stream_events])
async def test_stream_that_is_left(way: Any) -> None:
    """A caller that stops reading a stream half way has a finished stage with what was written."""
    agent = reporting("one two three four five six seven")

    async def half(_stage: StageHandle) -> str:
        if way is by_stream:
            async with agent.run_stream("go") as stream:
                async for text in stream.stream_text(debounce_by=None):
                    return text
        async with agent.run_stream_events("go") as events:
            async for _ in events:
                return ""
        raise AssertionError("nothing came")

    run = starts(half)
    await run
    assert run.state.stages[0].status == "finished"
    assert run.partial is None or "one two three four five six seven".startswith(run.partial)
