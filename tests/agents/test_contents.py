"""`ReportProgress(contents=False)`: times, percents and costs, and not a word of what an agent reads and writes."""

import asyncio
from collections.abc import AsyncIterator, Generator
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import AgentStreamEvent, ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaThinkingCalls, DeltaThinkingPart, FunctionModel
from pydantic_ai.tools import RunContext

from progressnb import ProgressTracker, ReportProgress, configure, current_stage, operation, progress
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.agents.helpers import Answer, stage_at, starts


def quiet(model: Any, **options: Any) -> Agent[None, Any]:
    """Return an agent that reports no contents."""
    return Agent(model, name="teller", capabilities=[ReportProgress(contents=False)], **options)


def text_of(run: Any) -> str:
    """Return all events of a run as text."""
    return "".join(event.model_dump_json() for event in run.log)


@pytest.fixture
def shown() -> list[Any]:
    """Collect the runs that are shown."""
    seen: list[Any] = []
    configure(screen=seen.append)
    return seen


async def test_a_run_of_its_own(shown: list[Any]) -> None:
    """No event has a word of prompt, tools, output or result; the caller and `run.result` have the output."""

    def look(place: str) -> str:
        return f"SECRET seen in {place}"

    script = scripted_model(tool_call("look", place="SECRET place"), "SECRET output")
    result = await quiet(script, tools=[look]).run("SECRET prompt")
    (run,) = shown
    assert result.output == run.result == "SECRET output"
    assert "SECRET" not in text_of(run)
    assert not any(isinstance(event, ContentEvent) for event in run.log)
    assert [(stage.path, stage.status) for _, stage in run.state.walk()] == [
        ("teller", "finished"),
        ("teller/look", "finished"),
    ]
    assert run.state.usage["output_tokens"] > 0


async def test_the_percent_moves() -> None:
    """The percent follows the output that no event has, as it does with contents."""

    async def percents(**options: Any) -> list[float]:
        clock, seen = ManualClock(), []

        class Watch(AbstractCapability[Any]):
            async def on_event(self, ctx: RunContext[Any], *, event: AgentStreamEvent) -> None:  # noqa: ARG002
                clock.advance(1)
                stage = current_stage()
                assert stage is not None
                seen.append(stage.percent or 0)

        async def work(stage: Any) -> None:
            stage.expect(1)
            model = scripted_model({"text": "word " * 400, "count": 3})
            await Agent(model, output_type=Answer, capabilities=[ReportProgress(**options), Watch()]).run("go")

        await starts(work, clock=clock)
        return seen

    quietly, loudly = await percents(contents=False), await percents()
    assert len({*quietly}) > 10
    assert quietly == sorted(quietly)
    assert quietly == pytest.approx(loudly, abs=10)


async def test_thinking() -> None:
    """Thinking is contents as well."""

    async def think(_messages: list[ModelMessage], _info: AgentInfo) -> AsyncIterator[DeltaThinkingCalls | str]:
        yield {0: DeltaThinkingPart(content="SECRET thought")}
        yield "SECRET answer"

    run = starts(lambda _: quiet(FunctionModel(stream_function=think)).run("go"))
    assert (await run).output == "SECRET answer"
    events = [event for event in run.log if event.type != "done"]  # the operation itself returned the output
    assert "SECRET" not in "".join(event.model_dump_json() for event in events)


async def test_what_others_write_stays() -> None:
    """In a stage that an agent shares, the operation's own text and data are written, and so are those of its tools."""

    @progress
    def count(word: str) -> Generator[Any, None, str]:
        yield {"progress": 0.5, "status": "half way", "pages": 3}
        return f"SECRET {word}"

    def search(word: str) -> str:
        stage = current_stage()
        assert stage is not None
        stage.write("a line of the tool")
        return count(word)

    async def work(stage: Any) -> None:
        await stage.write("my own text")
        await quiet(scripted_model(tool_call("search", word="SECRET"), "SECRET"), tools=[search]).run("SECRET")
        await stage.write(" and more")

    run = starts(work)
    await run
    assert run.state.stages[0].partial == "my own text and more"
    assert stage_at(run, "work/search").partial == "a line of the tool"
    (counted,) = stage_at(run, "work/search").children
    assert counted.data == {"pages": 3}
    assert "SECRET" not in text_of(run)


async def test_agents_below() -> None:
    """An agent that a tool of such an agent calls writes no contents either."""
    inner = Agent(scripted_model("SECRET below"), name="inner", capabilities=[ReportProgress()])

    async def ask() -> str:
        return str((await inner.run("SECRET prompt")).output)

    async def work(_stage: Any) -> None:
        await quiet(scripted_model(tool_call("ask"), "SECRET"), tools=[ask]).run("go")

    run = starts(work)
    await run
    assert "SECRET" not in text_of(run)
    assert stage_at(run, "work/ask").status == "finished"


async def test_side_by_side() -> None:
    """Each agent decides for itself: of two in one stage one writes, the other does not."""
    loud = Agent(scripted_model("aloud"), name="loud", capabilities=[ReportProgress()])

    async def work(_stage: Any) -> None:
        await asyncio.gather(quiet(scripted_model("SECRET")).run("SECRET"), loud.run("tides"))

    run = starts(work)
    await run
    assert "SECRET" not in text_of(run)
    assert stage_at(run, "work/loud").partial == "aloud"
    assert stage_at(run, "work/loud").data["arguments"] == {"prompt": "tides"}
    assert "arguments" not in stage_at(run, "work/teller").data


async def test_a_further_attempt() -> None:
    """An answer that did not validate is measured anew, and its text is nowhere."""

    class Count(BaseModel):
        count: int

    async def work(_stage: Any) -> Any:
        script = scripted_model({"count": "SECRET"}, {"count": 3})
        return (await quiet(script, output_type=Count).run("go")).output

    run = starts(work)
    assert await run == Count(count=3)
    assert "SECRET" not in text_of(run)
    assert any(event.status == "retrying" for event in run.log if isinstance(event, ProgressEvent))


async def test_stop_if_sees_the_output() -> None:
    """A run's `stop_if` is asked with the output that no event has."""
    seen: list[Any] = []

    @operation(clock=ManualClock())
    async def work(_tracker: ProgressTracker) -> str:
        return str((await quiet(scripted_model("SECRET words")).run("go")).output and "done")

    def look(partial: Any) -> bool:
        seen.append(partial)
        return False

    run = work.using(show=False, stop_if=look)()
    assert await run == "done"
    assert str(seen[-1]).startswith("SECRET")
    assert "SECRET" not in text_of(run)
