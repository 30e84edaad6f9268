"""How an agent ends in its stage: cancelled, too late, with an error; what was written is kept."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from progressnb import ReportProgress
from progressnb.errors import RunCancelled
from progressnb.testing import tool_call
from progressnb.tracking.handle import StageHandle
from tests.agents.helpers import Answer, reporting, starts


def endless(closed: list[str], begun: asyncio.Event) -> Agent[None, Any]:
    """Return an agent whose model writes a little and then no end comes."""

    async def stream(_messages: Any, info: AgentInfo) -> AsyncIterator[Any]:
        try:
            yield {0: DeltaToolCall(info.output_tools[0].name, '{"text": "half of', tool_call_id="x")}
            yield {0: DeltaToolCall(json_args=" it")}
            begun.set()
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    return Agent(FunctionModel(stream_function=stream), output_type=Answer, capabilities=[ReportProgress()])


async def test_cancel_in_a_stream() -> None:
    """Cancelling closes the model's stream; run and stage are cancelled, what was written is kept."""
    closed, begun = list[str](), asyncio.Event()
    agent = endless(closed, begun)
    run = starts(lambda _: agent.run("go"))
    await begun.wait()
    run.cancel("enough")
    with pytest.raises(RunCancelled, match="enough"):
        await run
    assert closed == ["closed"]
    assert (run.status, run.state.stages[0].status, run.state.reason) == ("cancelled", "cancelled", "enough")
    assert run.partial == run.state.stages[0].partial == {"text": "half of it"}
    assert [event.type for event in run.log][-1] == "cancelled"


async def test_cancel_with_agents_side_by_side() -> None:
    """Every agent's stage is cancelled, and every stream closed."""
    closed, begun = list[str](), asyncio.Event()
    agents = [endless(closed, begun), endless(closed, begun)]
    run = starts(lambda _: asyncio.gather(*(agent.run("go") for agent in agents)))
    await begun.wait()
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert closed == ["closed"] * 2
    assert [stage.status for _, stage in run.state.walk()] == ["cancelled"] * 3


async def test_cancel_in_a_tool() -> None:
    """A tool that is at work when the run is cancelled has a cancelled stage."""
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    agent = reporting(tool_call("wait"), tools=[wait])
    run = starts(lambda _: agent.run("go"))
    await begun.wait()
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    assert [(stage.path, stage.status) for _, stage in run.state.walk()] == [
        ("work", "cancelled"),
        ("work/wait", "cancelled"),
    ]


async def test_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose time is over closes the stream, fails, and names the stage; what was written is kept."""
    closed, begun = list[str](), asyncio.Event()
    limits: dict[float | None, asyncio.Timeout] = {}

    def timeout(delay: float | None) -> asyncio.Timeout:
        limits[delay] = asyncio.Timeout(asyncio.get_running_loop().time() + (delay or 0))
        return limits[delay]

    monkeypatch.setattr(asyncio, "timeout", timeout)
    agent = endless(closed, begun)
    run = starts(lambda _: agent.run("go"), timeout=3600)
    await begun.wait()
    limits[3600].reschedule(asyncio.get_running_loop().time())  # the hour is over
    with pytest.raises(TimeoutError):
        await run
    assert closed == ["closed"]
    assert (run.status, run.state.error_type, run.state.error_stage) == ("failed", "TimeoutError", "work")
    assert run.partial == {"text": "half of it"}


async def test_error_in_a_stream() -> None:
    """A stream that breaks fails run and stage with its message, and what was written is kept."""

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield "half of"
        yield " it"
        raise ConnectionResetError("the provider hung up")

    agent = Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()])
    run = starts(lambda _: agent.run("go"))
    with pytest.raises(ConnectionResetError) as caught:
        await run
    assert caught.value.__notes__ == ["in stage 'work' of 'one_stage'"]
    state = run.state
    assert (state.status, state.error, state.error_stage) == ("failed", "the provider hung up", "work")
    assert (state.stages[0].status, state.stages[0].message) == ("failed", "the provider hung up")
    assert run.partial == state.stages[0].partial == "half of it"


async def test_error_that_the_stage_survives() -> None:
    """A stage that catches its agent's error and asks another goes on; the new answer replaces the half."""

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield "half of it"
        raise OSError("hung up")

    broken = Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()])
    whole = reporting("All of it.")

    async def fallback(_stage: StageHandle) -> Any:
        try:
            return (await broken.run("go")).output
        except OSError:
            return (await whole.run("go")).output

    run = starts(fallback)
    assert await run == "All of it."
    assert run.partial == "All of it."
    assert run.state.stages[0].status == "finished"


async def test_agent_in_a_thread_that_outlives_its_run() -> None:
    """An agent in a thread that is still at work when the run ends goes on, and the log stays closed."""
    go, begun = threading.Event(), threading.Event()

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield "first "
        begun.set()
        go.wait(5)
        yield "second"

    agent = Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()])
    orphan: list[asyncio.Future[str]] = []

    def run_there() -> str:
        try:
            return agent.run_sync("go").output
        finally:
            asyncio.get_event_loop().close()  # pydantic-ai leaves the thread's loop open

    async def leave_behind(_stage: StageHandle) -> None:
        orphan.append(asyncio.ensure_future(asyncio.to_thread(run_there)))
        await asyncio.to_thread(begun.wait, 5)

    run = starts(leave_behind)
    await run
    count = len(run.log)
    go.set()
    assert await orphan[0] == "first second"
    assert len(run.log) == count


async def test_tool_that_outlives_its_run() -> None:
    """So does a tool, also one that begins when the run is over."""
    gate, begun, seen = asyncio.Event(), asyncio.Event(), list[str]()

    async def wait() -> str:
        begun.set()
        await gate.wait()
        return "x"

    async def look() -> str:
        seen.append("looked")
        return "x"

    agent = reporting(tool_call("wait"), tool_call("look"), "Done.", tools=[wait, look])
    orphan: list[asyncio.Task[Any]] = []

    async def leave_behind(_stage: StageHandle) -> None:
        orphan.append(asyncio.create_task(agent.run("go")))
        await begun.wait()

    run = starts(leave_behind)
    await run
    count = len(run.log)
    gate.set()
    assert (await orphan[0]).output == "Done."
    assert seen == ["looked"]
    assert len(run.log) == count
