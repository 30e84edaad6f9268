"""One stage and several agents: side by side, one after the other, declared, above a floor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from progressnb import ReportProgress, atrack, current_stage, runs, track
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.tracking import internals
from progressnb.tracking.handle import StageHandle
from progressnb.wire.events import ContentEvent
from tests.agents.helpers import Answer, look, paths, reporting, starts


async def test_side_by_side() -> None:
    """Agents gathered in one stage each get a child stage, and no text is mixed."""
    barrier = asyncio.Barrier(3)

    def talker(word: str) -> Agent[None, str]:
        async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
            for count in range(5):
                await barrier.wait()
                yield f"{word}{count} "

        return Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()], name=word)

    async def gather(_stage: StageHandle) -> list[str]:
        return [result.output for result in await asyncio.gather(*(talker(word).run("go") for word in "abb"))]

    run = starts(gather)
    outputs = await run
    assert outputs == [" ".join(f"{word}{count}" for count in range(5)) + " " for word in "abb"]
    children = run.state.stages[0].children
    assert [(stage.path, stage.status, stage.partial) for stage in children] == [
        ("work/a", "finished", outputs[0]),
        ("work/b", "finished", outputs[1]),
        ("work/b#2", "finished", outputs[2]),
    ]
    assert run.state.stages[0].output is None
    assert run.state.stages[0].status == "finished"


async def test_one_of_several_fails() -> None:
    """Of agents side by side the one that fails has the failed stage; the others' stages go on."""
    barrier = asyncio.Barrier(2)

    def talker(name: str) -> Agent[None, str]:
        async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
            await barrier.wait()
            yield "a"
            if name == "bad":
                raise OSError("cut off")
            yield "b"

        return Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()], name=name)

    async def gather(_stage: StageHandle) -> int:
        results = await asyncio.gather(talker("good").run("go"), talker("bad").run("go"), return_exceptions=True)
        return sum(isinstance(result, OSError) for result in results)

    run = starts(gather)
    assert await run == 1
    children = run.state.stages[0].children
    assert [(stage.path, stage.status, stage.message) for stage in children] == [
        ("work/good", "finished", ""),
        ("work/bad", "failed", "cut off"),
    ]
    assert children[1].partial == "a"
    assert run.status == "finished"


async def test_one_after_the_other() -> None:
    """Agents one after the other write into the stage itself, the later over the earlier, each half of the rest."""
    agent = reporting("The first one.", "second")
    percents: list[float | None] = []

    async def two(stage: StageHandle) -> None:
        for _ in range(2):
            await agent.run("go")
            percents.append(stage.percent)
        assert stage.partial == "second"

    run = starts(two)
    await run
    assert percents == [50, 75]
    assert run.partial == run.state.stages[0].partial == "second"
    assert paths(run) == ["work"]


async def test_declared_number_of_agents() -> None:
    """Where the stage expects n agents, they share it evenly, above the floor that it was given."""
    agent = reporting(*["Done."] * 4)
    percents: list[float | None] = []

    async def four(stage: StageHandle) -> None:
        stage.update(20)
        stage.expect(4)
        for _ in range(4):
            await agent.run("go")
            percents.append(stage.percent)

    run = starts(four)
    await run
    assert percents == [40, 60, 80, 100]


async def test_floor_and_the_agent_above_it() -> None:
    """At a floor of 30, the agent fills what is above; not yet validated, it stops at 90 of its share."""
    clock, percents = ManualClock(), list[float | None]()
    handles: list[StageHandle] = []

    async def stream(_messages: Any, info: AgentInfo) -> AsyncIterator[Any]:
        text = '{"text": "' + "long " * 400 + '", "count": 3}'
        for start in range(0, len(text), 50):
            clock.advance(1)
            delta = DeltaToolCall(json_args=text[start : start + 50])
            if start == 0:
                delta.name, delta.tool_call_id = info.output_tools[0].name, "x"
            yield {0: delta}
            percents.append(handles[0].percent)

    agent = Agent(FunctionModel(stream_function=stream), output_type=Answer, capabilities=[ReportProgress()])

    async def above(stage: StageHandle) -> None:
        handles.append(stage)
        stage.expect(1)
        await stage.update(30, "reading")
        assert stage.percent == 30
        await agent.run("go")
        assert stage.percent == 100

    run = starts(above, clock=clock)
    await run
    known = [percent for percent in percents if percent is not None]
    assert known == sorted(known)
    assert known[0] >= 30
    assert 60 < known[-1] <= 30 + 0.9 * 70
    assert any(event.stage_progress == pytest.approx(93) for event in run.log if isinstance(event, ContentEvent)), (
        "all fields are written, and the output is not validated yet"
    )


async def test_many_of_one_agent() -> None:
    """Runs of one agent that are gathered are numbered in the order of the calls, whoever writes first."""
    events = [asyncio.Event() for _ in range(4)]

    async def stream(messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        number = int(messages[-1].parts[-1].content)
        if number + 1 < len(events):  # the last one writes first
            await events[number + 1].wait()
        yield f"number {number}"
        events[number].set()

    agent = Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()], name="reader")
    run = starts(lambda _: asyncio.gather(*(agent.run(str(number)) for number in range(4))))
    await run
    assert [(stage.path, stage.partial) for stage in run.state.stages[0].children] == [
        ("work/reader", "number 0"),
        ("work/reader#2", "number 1"),
        ("work/reader#3", "number 2"),
        ("work/reader#4", "number 3"),
    ]


async def test_a_late_one_beside_an_early_one() -> None:
    """Where one writes into the stage already, one that begins meanwhile has a child stage, and no text is mixed."""
    early, late = asyncio.Event(), asyncio.Event()

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield "early "
        early.set()
        await late.wait()
        yield "done"

    first = Agent(FunctionModel(stream_function=stream), capabilities=[ReportProgress()])

    async def both(stage: StageHandle) -> None:
        task = asyncio.create_task(first.run("go"))
        await early.wait()
        await reporting("late", name="second").run("go")
        late.set()
        await task
        assert stage.partial == "early done"

    run = starts(both)
    await run
    assert run.state.stages[0].partial == "early done"
    assert [(stage.path, stage.partial) for stage in run.state.stages[0].children] == [("work/second", "late")]


async def test_in_a_loop() -> None:
    """The agent of each item of a loop has a stage of its own, with its tools below: the row counts items alone."""
    agent = reporting(*(part for word in "abc" for part in (tool_call("look"), word)), tools=[look], name="teller")
    messages: list[str | None] = []

    async def loop(_stage: StageHandle) -> list[str]:
        outputs = []
        for topic in track(["tides", "moon", "sun"], "topics"):
            row = current_stage()
            assert row is not None
            outputs.append(str((await agent.run(topic)).output))
            messages.append(internals(row).message)
            assert row.partial is None
        return outputs

    run = starts(loop)
    assert await run == ["a", "b", "c"]
    assert paths(run) == [
        "work",
        "work/topics",
        *(f"work/topics/teller{number}{tool}" for number in ("", "#2", "#3") for tool in ("", "/look")),
    ]
    row = run.state.stages[0].children[0]
    assert (row.percent, row.status, row.message) == (100, "finished", "3 of 3")
    assert [item.data["arguments"] for item in row.children] == [{"prompt": word} for word in ("tides", "moon", "sun")]
    assert [item.partial for item in row.children] == ["a", "b", "c"]
    assert not any(message and "calling" in message for message in messages)


async def test_in_a_loop_of_unknown_length() -> None:
    """An agent moves no percent of a loop whose length nobody knows."""
    agent = reporting("a", "b", name="teller")

    async def loop(_stage: StageHandle) -> list[float | None]:
        percents = []
        async for topic in atrack((topic for topic in ("tides", "moon")), "topics"):
            row = current_stage()
            assert row is not None
            await agent.run(topic)
            percents.append(row.percent)
        return percents

    run = starts(loop)
    assert await run == [None, None]
    assert paths(run) == ["work", "work/topics", "work/topics/teller", "work/topics/teller#2"]


async def test_the_line_names_the_tools_at_work() -> None:
    """Of calls side by side the agent's line names those that are at work; after an interrupt the last of them."""
    agent = Agent(scripted_model([tool_call("ports"), tool_call("search")], "Done."), name="teller")
    halted, both, freed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @agent.tool_plain
    async def ports() -> int:
        await freed.wait()
        return 1

    @agent.tool_plain
    async def search() -> int:
        both.set()
        await halted.wait()
        return 2

    task = asyncio.create_task(agent.run("go", capabilities=[ReportProgress(show=False)]))
    await both.wait()
    (run,) = runs()
    async for event in run:
        if getattr(event, "message", None) == "calling 2 tools":
            freed.set()
        if freed.is_set() and getattr(event, "message", None) == "calling search":
            break
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert run.state.stages[0].message == "calling search"
