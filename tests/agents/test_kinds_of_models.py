"""Models of every kind: those that can't stream, those around others, and what they use and cost."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import pytest
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import Model
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel as EchoModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles import ModelProfile

from progressnb import ProgressTracker, ReportProgress, operation
from progressnb.agents.models import can_stream
from progressnb.testing import ManualClock, scripted_model
from progressnb.wire.events import ProgressEvent
from tests.agents.helpers import Answer, Plain, look, whole, write

DATA = {"text": "a text", "count": 3}


def wrapped(make: Callable[..., Model]) -> Callable[..., Model]:
    """Wrap what a maker makes."""
    return lambda *parts: WrapperModel(make(*parts))


def with_fallback(make: Callable[..., Model]) -> Callable[..., Model]:
    """Give what a maker makes a second model to fall back to."""
    return lambda *parts: FallbackModel(make(*parts), scripted_model())


MAKERS = [
    pytest.param(make, id=f"{name}{kind}")
    for name, plain in (("function", whole), ("own", Plain))
    for kind, make in (
        ("", plain),
        (" wrapped", wrapped(plain)),
        (" with fallback", with_fallback(plain)),
        (" both", wrapped(with_fallback(plain))),
    )
]


@pytest.mark.parametrize("make", MAKERS)
async def test_models_that_cannot_stream(make: Callable[..., Model]) -> None:
    """The stage starts and finishes, tools are stages, and the output is there at the end, in every form."""
    answer = ToolCallPart("final_result", DATA)
    text = '{"text": "a text", "count": 3}'
    table: list[tuple[Any, Any, Any]] = [
        (str, TextPart("Done."), "Done."),
        (Answer, answer, DATA),
        ([Answer, str], TextPart("Done."), "Done."),
        ([Answer, str], answer, DATA),
        (list[int], ToolCallPart("final_result", '{"response": [1, 2]}'), [1, 2]),
        (PromptedOutput(Answer), TextPart(f"```json\n{text}\n```"), DATA),
    ]
    for output_type, part, partial in table:
        model = make([ThinkingPart("Hm."), TextPart("Let me look."), ToolCallPart("look", "{}")], part)
        assert not can_stream(model)
        run = await write(model, output_type, tools=[look])
        stage = run.state.stages[0]
        assert run.status == "finished", run.exception
        assert run.partial == stage.partial == partial
        assert (stage.status, stage.percent) == ("finished", 100)
        assert [(child.path, child.status) for child in stage.children] == [("write/look", "finished")]
        assert stage.outputs["thinking"].text == "Hm."


async def test_native_output_of_models_that_cannot_stream() -> None:
    """JSON that comes as text is data here, too."""
    run = await write(whole(TextPart('{"text": "a text", "count": 3}')), NativeOutput(Answer))
    assert run.partial == DATA


async def test_retry_of_a_model_that_cannot_stream() -> None:
    """A retry is told, and the second answer replaces the first."""
    model = whole(ToolCallPart("final_result", '{"text": 1}'), ToolCallPart("final_result", DATA))
    run = await write(model, Answer, retries=1)
    assert run.partial == DATA
    statuses = [(event.status, event.message) for event in run.log if isinstance(event, ProgressEvent)]
    assert ("retrying", "retrying, 2 of 2") in statuses
    assert run.state.stages[0].status == "finished"


async def test_refused_arguments_of_a_model_that_cannot_stream() -> None:
    """A call whose arguments are refused fails as a stage or has none; it never stays open."""
    model = whole(ToolCallPart("find", '{"count": "x"}'), ToolCallPart("find", '{"count": 3}'), TextPart("Done."))

    def find(count: int) -> int:
        return count

    run = await write(model, tools=[find])
    assert run.result == "Done."
    children = run.state.stages[0].children
    assert [child.status for child in children][-1] == "finished"
    assert {child.status for child in children} <= {"failed", "finished"}


async def test_error_of_a_model_that_cannot_stream() -> None:
    """The stage fails with the model's message."""
    run = await write(whole(OSError("no network")))
    assert (run.status, run.state.error, run.state.error_stage) == ("failed", "no network", "write")


async def test_echo_model() -> None:
    """pydantic-ai's TestModel emits no deltas for structured output; the output is there all the same."""
    run = await write(EchoModel(), Answer, tools=[look])
    assert run.result is not None
    assert run.partial == run.result.model_dump()
    assert [child.path for child in run.state.stages[0].children] == ["write/look"]
    run = await write(EchoModel(custom_output_text="one two three"))
    assert run.partial == "one two three"


@pytest.mark.parametrize(
    "make",
    [
        lambda model: model,
        WrapperModel,
        lambda model: FallbackModel(model, scripted_model()),
        lambda model: WrapperModel(FallbackModel(model, scripted_model())),
    ],
    ids=["itself", "wrapped", "with fallback", "both"],
)
@pytest.mark.parametrize("output_type", [str, Answer, NativeOutput(Answer)], ids=["text", "tool", "native"])
async def test_models_around_models_that_stream(make: Callable[[Model], Model], output_type: Any) -> None:
    """A model that streams also streams through another one around it."""
    model = make(scripted_model("a text and more" if output_type is str else DATA, chunk=3))
    assert can_stream(model)
    run = await write(model, output_type)
    assert run.status == "finished", run.exception
    assert run.partial == ("a text and more" if output_type is str else DATA)


async def test_fallback() -> None:
    """Where the first model fails and the second answers, the stage has the second's answer and name."""
    broken = scripted_model(ModelAPIError("first", "overloaded"))
    run = await write(FallbackModel(broken, scripted_model(DATA)), Answer)
    assert run.partial == DATA
    assert run.state.stages[0].data["model"] == "scripted"


async def test_fallback_between_one_that_streams_and_one_that_cannot() -> None:
    """Where one of two can't stream, none is asked to."""
    model = FallbackModel(scripted_model(DATA), whole())
    assert not can_stream(model)
    assert (await write(model, Answer)).partial == DATA


async def test_native_mode_by_the_model_s_own_choice() -> None:
    """A model whose profile prefers native or prompted output is read as JSON, also within a fallback."""
    modes: tuple[Literal["native", "prompted"], ...] = ("native", "prompted")
    for mode in modes:
        profile = ModelProfile(default_structured_output_mode=mode, supports_json_schema_output=True)

        async def stream(_messages: Any, info: AgentInfo) -> AsyncIterator[str]:
            assert not info.output_tools
            yield '{"text": "a te'
            yield 'xt", "count": 3}'

        model = FunctionModel(stream_function=stream, profile=profile)
        for each in (model, FallbackModel(model, model)):
            run = await write(each, Answer)
            assert run.status == "finished", run.exception
            assert run.partial == run.state.stages[0].partial == DATA


async def test_model_of_the_run() -> None:
    """What counts is the model of the run, passed or overridden, not the agent's own."""
    for own, of_the_run in ((scripted_model, whole), (whole, scripted_model)):
        agent = Agent(own(), capabilities=[ReportProgress()])

        @operation(stages=["passed", "overridden"], clock=ManualClock())
        async def two(tracker: ProgressTracker) -> None:
            model: Any = of_the_run  # noqa: B023 - awaited within the turn
            answers = ("Done.", "Done.") if model is scripted_model else (TextPart("Done."), TextPart("Done."))
            model = model(*answers)
            async with tracker.stage("passed"):
                await agent.run("go", model=model)  # noqa: B023
            async with tracker.stage("overridden"):
                with agent.override(model=model):  # noqa: B023
                    await agent.run("go")  # noqa: B023

        run = two.using(show=False)()
        await run
        assert [stage.partial for stage in run.state.stages] == ["Done.", "Done."]
