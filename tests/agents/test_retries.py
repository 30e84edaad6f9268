"""Retries: said while they happen, the text starts over, the stage's percent may fall, the overall never."""

from itertools import pairwise
from typing import Any

import pytest
from pydantic import BaseModel, field_validator
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.exceptions import ModelRetry, UnexpectedModelBehavior
from pydantic_ai.messages import AgentStreamEvent
from pydantic_ai.models import Model
from pydantic_ai.tools import RunContext

from progressnb import ProgressTracker, ReportProgress, Run, operation
from progressnb.testing import ManualClock, scripted_model, tool_call
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.agents.helpers import found_later


class Answer(BaseModel):
    """An output that is easily wrong."""

    text: str
    count: int

    @field_validator("count")
    @classmethod
    def small(cls, value: int) -> int:
        """Refuse what is large."""
        if value > 9:
            raise ValueError("too large")
        return value


BAD = {"text": "the first answer, and a long one " * 20, "count": 12}
GOOD = {"text": "the second", "count": 3}


class Ticking(AbstractCapability[Any]):
    """Move the clock on with every event, so that each may be written."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock = clock

    async def on_event(self, ctx: RunContext[Any], *, event: AgentStreamEvent) -> None:  # noqa: ARG002
        """Move it on."""
        self.clock.advance(1)


async def write(model: Model, output_type: Any = Answer, **options: Any) -> Run[Any]:
    """Run one agent in one stage to its end."""
    clock = ManualClock()
    agent = Agent(model, output_type=output_type, capabilities=[ReportProgress(), Ticking(clock)], **options)

    @operation(stages={"write": 1, "later": 1}, clock=clock)
    async def one_agent(tracker: ProgressTracker) -> Any:
        async with tracker.stage("write"):
            return (await agent.run("go")).output

    run = one_agent.using(show=False)()
    await run.log.wait_ended()
    return run


def progress(run: Run[Any], stage: str = "write") -> list[ProgressEvent]:
    """Return the progress events of a stage."""
    return [event for event in run.log if isinstance(event, ProgressEvent) and event.stage == stage]


def retrying(run: Run[Any]) -> list[tuple[str | None, Any]]:
    """Return what was said of retries."""
    return [(event.message, event.data.get("attempt")) for event in progress(run) if event.status == "retrying"]


def since_reset(run: Run[Any]) -> str:
    """Join the deltas of the output since its last reset, as a reader of the log does."""
    text = ""
    for event in run.log:
        if isinstance(event, ContentEvent) and event.part == "output":
            text = (event.delta or "") if event.reset else text + (event.delta or "")
    return text


@pytest.mark.parametrize("output_type", [Answer, NativeOutput(Answer), PromptedOutput(Answer)], ids=["tool", "n", "p"])
async def test_output_that_does_not_validate(output_type: Any) -> None:
    """The stage says that it is retrying, which time of how many, and the new text replaces the old."""
    run = await write(scripted_model(BAD, BAD, GOOD), output_type, retries=2)
    assert run.result == Answer.model_validate(GOOD)
    assert run.partial == run.state.stages[0].partial == GOOD
    assert retrying(run) == [("retrying, 2 of 3", 2), ("retrying, 3 of 3", 3)]
    assert Answer.model_validate_json(since_reset(run)) == run.result
    assert sum(event.reset for event in run.log if isinstance(event, ContentEvent)) == 2
    statuses = [event.status for event in progress(run)]
    assert statuses[statuses.index("retrying") + 1 :].count("running") >= 1
    assert statuses[-1] == "finished"
    assert run.state.stages[0].message == ""


async def test_output_validator() -> None:
    """An output that its validator refuses is retried in the same way, in plain text as well."""
    agents: list[tuple[Model, Any]] = [
        (scripted_model({"response": 3}, {"response": 4}), int),
        (scripted_model("3", "4"), str),
        (scripted_model({"text": "a", "count": 3}, {"text": "a", "count": 4}), Answer),
    ]
    for model, output_type in agents:
        agent: Agent[None, Any] = Agent(model, output_type=output_type, capabilities=[ReportProgress()], retries=1)

        @agent.output_validator
        def even(output: Any) -> Any:
            if (output.count if isinstance(output, Answer) else output) in (3, "3"):
                raise ModelRetry("an even one, please")
            return output

        @operation(stages=["write"], clock=ManualClock())
        async def one_agent(tracker: ProgressTracker) -> Any:
            async with tracker.stage("write"):
                return (await agent.run("go")).output  # noqa: B023 - awaited within the turn

        run = one_agent.using(show=False)()
        await run
        assert retrying(run) == [("retrying, 2 of 2", 2)]
        assert run.partial in (4, "4", {"text": "a", "count": 4})


async def test_text_where_a_tool_is_due() -> None:
    """A model that answers in text where it should have called the output tool is retried; its text is no output."""
    run = await write(scripted_model("I'd rather talk.", GOOD), retries=1)
    assert run.partial == GOOD
    assert retrying(run) == [("retrying, 2 of 2", 2)]
    assert run.state.stages[0].outputs["text"].text == "I'd rather talk."


async def test_percents() -> None:
    """The stage's percent falls with the retry; the overall percent waits and never falls; 90 is not passed."""
    run = await write(scripted_model(BAD, GOOD, chunk=5), retries=1)
    stage = [
        event.stage_progress
        for event in run.log
        if isinstance(event, ProgressEvent | ContentEvent) and event.stage == "write" and event.stage_progress
    ]
    assert any(after < before for before, after in pairwise(stage))
    assert max(stage[:-2]) <= 90
    overall = [
        event.overall_progress
        for event in run.log
        if isinstance(event, ProgressEvent | ContentEvent) and event.overall_progress is not None
    ]
    assert overall == sorted(overall)


async def test_retries_that_are_used_up() -> None:
    """The run fails with the stage in its error, and what was written last is kept."""
    run = await write(scripted_model(BAD, BAD), retries=1)
    assert isinstance(run.exception, UnexpectedModelBehavior)
    assert (run.status, run.state.error_stage, run.state.stages[0].status) == ("failed", "write", "failed")
    assert run.state.error
    assert "\n" not in run.state.error
    assert run.partial == run.state.stages[0].partial == BAD


async def test_tool_retry_is_no_retry_of_the_output() -> None:
    """A tool's retry is told by the tool's stages; the count of the output's retries begins with the output."""
    run = await write(
        scripted_model(tool_call("search"), tool_call("search"), BAD, GOOD), tools=[found_later()], retries=1
    )
    assert run.partial == GOOD
    assert retrying(run)[-1] == ("retrying, 2 of 2", 2)
    assert len(retrying(run)) == 1
    assert [stage.status for stage in run.state.stages[0].children] == ["failed", "finished"]


async def test_retry_limits_of_tools_and_outputs_are_told_apart() -> None:
    """Of three retries for the output and none for tools, the first is the second of four attempts."""
    run = await write(scripted_model(BAD, GOOD), retries={"output": 3, "tools": 0})
    assert run.partial == GOOD
    assert retrying(run) == [("retrying, 2 of 4", 2)]


async def test_message_after_a_retry() -> None:
    """While the next attempt is written, the message still says which one it is."""
    run = await write(scripted_model(BAD, GOOD), retries=1)
    messages = [event.message for event in progress(run)]
    assert messages[-1] == ""
    assert any(message and "attempt 2 of 2" in message for message in messages)
