"""`stage.ask`: a question of a stage to a model, by rules without one, and by rules after one that failed."""

import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import NativeOutput, TextOutput
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from progressnb import ProgressTracker, Stage, operation
from progressnb.agents import OfflineModel, is_model_failure, output_types
from progressnb.agents.outputs import type_of_output
from progressnb.errors import InputError, InvalidProgressError, ModelError
from progressnb.events import ErrorEvent, ProgressEvent
from progressnb.folds.state import StageState
from progressnb.testing import scripted_model

FAST = OfflineModel(pace=0)


class City(BaseModel):
    """A city."""

    name: str
    people: int = 0


@dataclass
class Point:
    """A place."""

    x: int
    y: int


def shout(text: str) -> int:
    """Return the length of a text."""
    return len(text)


async def later() -> str:
    """Return a text, but async."""
    return "later"


class Later:
    """An object whose call is async."""

    async def __call__(self) -> str:
        """Return a text."""
        return "later"


SEVERAL: Any = [City, int]
BUSAN = City(name="Busan", people=3_000_000)


async def asked(output_type: Any, *, declared: Stage | str = "question", **options: Any) -> tuple[Any, StageState]:
    """Ask one question as the work of a stage; return the answer, or the error, and the stage."""

    @operation(stages=[declared])
    async def question(tracker: ProgressTracker) -> Any:
        return await tracker.stage("question").ask(output_type, "Which?", **options)

    run = question.using(show=False)()
    try:
        answer: Any = await run
    except Exception as error:  # noqa: BLE001 - the test looks at it
        answer = error
    return answer, run.state.stages[0]


# --- a model ------------------------------------------------------------------------------------------


async def test_the_question_is_the_work_of_the_stage() -> None:
    """Outside its block, a question begins the stage, streams into it, ends it, and names the model."""
    answer, stage = await asked(City, model=scripted_model({"name": "Busan"}))
    assert answer == City(name="Busan")
    assert (stage.status, stage.percent, stage.partial) == ("finished", 100, {"name": "Busan"})
    assert stage.data["model"] == "scripted"
    assert "source" not in stage.data


async def test_questions_share_a_block() -> None:
    """Inside the stage's block each question is one part of the work, and the stage ends with the block."""
    percents: list[float | None] = []

    @operation(stages=["both"])
    async def two(tracker: ProgressTracker) -> list[str]:
        model = scripted_model("one", "two")
        async with tracker.stage("both") as stage:
            stage.expect(2)
            answers = []
            for prompt in ("1", "2"):
                answers.append(await stage.ask(str, prompt, model=model))
                percents.append(stage.percent)
            assert not stage.ended
        return answers

    assert await two.using(show=False)() == ["one", "two"]
    assert percents == [50, 100]


async def test_question_from_below_ends_no_stage() -> None:
    """A question of a stage whose block is open is part of that block, also where another stage is the current one."""

    @operation(stages=["whole"])
    async def nested(tracker: ProgressTracker) -> None:
        async with tracker.stage("whole") as stage:
            async with stage.stage("below"):
                await stage.ask(str, "?", model=scripted_model("x"))
            assert stage.status == "running"

    await nested.using(show=False)()


async def test_answer_that_does_not_validate_is_asked_for_again() -> None:
    """A model has two further attempts for a valid output."""
    answer, stage = await asked(int, model=scripted_model({"response": "x"}, {"response": "y"}, {"response": 3}))
    assert (answer, stage.data["attempt"]) == (3, 3)
    answer, stage = await asked(int, model=scripted_model(*[{"response": "x"}] * 3))
    assert (type(answer).__name__, stage.status) == ("UnexpectedModelBehavior", "failed")


async def test_tools_are_child_stages() -> None:
    """The functions that the model may call are stages below the question's."""

    def weather(city: str) -> str:
        return f"rain in {city}"

    async def stream(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[Any]:
        if len(messages) == 1:
            yield {0: DeltaToolCall("weather", '{"city": "Busan"}', tool_call_id="a")}
        else:
            yield "It rains."

    answer, stage = await asked(str, model=FunctionModel(stream_function=stream), tools=[weather])
    assert answer == "It rains."
    assert [(child.name, child.status) for child in stage.children] == [("weather", "finished")]


async def test_instructions_and_patience_reach_the_model() -> None:
    """The instructions do, and a patience of the user's own wins over the default."""
    seen: list[Any] = []

    async def stream(_: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        seen.append((info.instructions, (info.model_settings or {}).get("first_event_timeout")))
        yield "x"

    for settings in (None, {"first_event_timeout": 7.0}):
        model = FunctionModel(stream_function=stream, settings=settings)  # type: ignore[arg-type]
        await asked(str, model=model, instructions="Be brief.")
    assert seen == [("Be brief.", 600.0), ("Be brief.", 7.0)]


async def test_message_from_before_is_shown_again() -> None:
    """While the model writes the message says so; afterwards it is the one that the operation had set."""

    @operation(stages=["question"])
    async def question(tracker: ProgressTracker) -> str:
        stage = tracker.stage("question")
        stage.update(message="about tides")
        return await stage.ask(str, "?", model=scripted_model("The moon."))

    run = question.using(show=False)()
    await run
    messages = [event.message for event in run.log if isinstance(event, ProgressEvent)]
    assert "writing" in messages
    assert run.state.stages[0].message == "about tides"


async def test_retries_of_the_stage() -> None:
    """A stage with retries asks the whole question again after an error of the model."""
    answer, stage = await asked(str, model=scripted_model(OSError("down"), "up"), declared=Stage("question", retries=1))
    assert (answer, stage.status, stage.data["attempt"]) == ("up", "finished", 2)


# --- rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output_type", "output"),
    [
        (str, "Busan"),
        (City, BUSAN),
        (Point, Point(1, 2)),
        (list[City], [BUSAN]),
        (dict[str, int], {"a": 1}),
        (int, 7),
        (City | Point, Point(1, 2)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_rules_without_a_model(output_type: Any, output: Any) -> None:
    """Offline, the function computes the output, of any type, and the stage says that rules did the work."""
    answer, stage = await asked(output_type, model=FAST, by_rules=lambda: output)
    assert answer == output
    assert (stage.data["model"], stage.data["source"]) == ("offline rules, no LLM", "offline")
    assert "reason" not in stage.data


async def test_offline_without_rules() -> None:
    """Without rules the offline model can't answer, and says that `by_rules` is missing."""
    answer, stage = await asked(str, model=FAST)
    assert isinstance(answer, ModelError)
    assert "by_rules=" in answer.remedy
    assert stage.status == "failed"


async def test_error_of_the_rules() -> None:
    """An error of the rules is the caller's: it is raised as it is."""
    answer, _ = await asked(str, model=FAST, by_rules=lambda: str(1 // 0), fallback="offline")
    assert isinstance(answer, ZeroDivisionError)


async def test_rules_of_the_offline_model() -> None:
    """An offline model that has rules of its own needs no `by_rules`."""
    answer, _ = await asked(str, model=OfflineModel(lambda: "its own", pace=0))
    assert answer == "its own"


@pytest.mark.parametrize(
    ("output_type", "output", "message"),
    [
        (City, {"people": "many"}, "name: Field required; people: Input should be a valid integer"),
        (list[City], [{"people": 3}], "0.name: Field required"),
        (City, "no JSON", "Invalid JSON"),
        (City, object(), "Unable to serialize"),
        (City, None, "an output from by_rules, got None"),
        (str, None, "an output from by_rules, got None"),
    ],
    ids=["fields", "list", "text", "object", "none", "no text"],
)
async def test_output_of_rules_that_does_not_validate(output_type: Any, output: object, message: str) -> None:
    """The error names the field that is wrong, or says that there is no output, also after a model that failed."""
    for model in (FAST, scripted_model(OSError("down"))):
        answer, stage = await asked(output_type, model=model, by_rules=lambda: output, fallback="offline")
        assert isinstance(answer, InputError), answer
        assert message in str(answer)
        assert "by_rules" in str(answer)
        assert stage.status == "failed"


async def test_rules_that_return_a_coroutine() -> None:
    """Rules that call an async function are refused, and the coroutine is closed without a warning."""
    answer, _ = await asked(str, model=FAST, by_rules=lambda: later())  # noqa: PLW0108 - not async to see
    assert isinstance(answer, InputError)
    assert "got a coroutine" in str(answer)


async def test_no_tools() -> None:
    """None as the tools is no tools."""
    answer, _ = await asked(str, model=FAST, by_rules=lambda: "x", tools=None)
    assert answer == "x"


async def test_prompt_alone_asks_for_text() -> None:
    """One text is the prompt, and the output is text; a type alone is no prompt."""

    @operation(stages=["question"])
    async def question(tracker: ProgressTracker, prompt: Any) -> Any:
        return await tracker.stage("question").ask(prompt, model=FAST, by_rules=lambda: "hi")

    assert await question.using(show=False)("hello") == "hi"
    for prompt in (str, City, list[City]):
        with pytest.raises(InvalidProgressError, match="expected a prompt as text"):
            await question.using(show=False)(prompt)


# --- rules after a model ------------------------------------------------------------------------------


async def test_rules_after_a_model_that_failed() -> None:
    """The rules' output comes, and the events have the model, the source, the reason and the error."""
    answer, stage = await asked(City, model=scripted_model(OSError("down")), by_rules=lambda: BUSAN, fallback="offline")
    assert answer == BUSAN
    assert (stage.status, stage.percent, stage.message, stage.error) == ("finished", 100, "down", "down")
    assert (stage.data["model"], stage.data["source"], stage.data["reason"]) == ("scripted", "offline", "down")


async def test_status_while_rules_work() -> None:
    """From the failure of the model to the end of the stage its status is "fallback", for the operation to see."""
    statuses: list[str] = []

    @operation(stages=["question"])
    async def question(tracker: ProgressTracker) -> None:
        async with tracker.stage("question") as stage:
            await stage.ask(
                str, "?", model=scripted_model(OSError("down")), by_rules=lambda: "rules", fallback="offline"
            )
            statuses.append(stage.status)

    run = question.using(show=False)()
    await run
    assert statuses == ["fallback"]
    (error,) = [event for event in run.log if isinstance(event, ErrorEvent)]
    assert (error.fatal, error.message) == (False, "down")


@pytest.mark.parametrize("error", [ModelError("a model", "none"), UserError("a wrong call")], ids=["ours", "call"])
async def test_errors_that_are_no_failure_of_the_model(error: Exception) -> None:
    """Our own errors and wrong calls are raised, whatever the fallback."""
    answer, stage = await asked(str, model=scripted_model(error), by_rules=lambda: "rules", fallback="offline")
    assert answer is error
    assert stage.status == "failed"


def test_failures_of_models() -> None:
    """What the helper takes for a failure of a model, outside any task that is being cancelled."""
    assert is_model_failure(OSError("down"))
    assert is_model_failure(TimeoutError())
    assert not is_model_failure(KeyboardInterrupt())
    assert not is_model_failure(InputError("a prompt"))


# --- wrong calls --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"fallback": "online"}, ModelError, "FallbackModel"),
        ({"fallback": "offline"}, ModelError, "by_rules"),
        ({"model": "nonsense"}, ModelError, "provider:name"),
        ({"expected_length": 0}, InputError, "above 0"),
        ({"expected_length": True}, InputError, "above 0"),
        ({"output_type": 3}, InputError, "an output_type that pydantic-ai takes"),
        ({"output_type": "text"}, InputError, "a type as the output_type, got 'text'"),
        ({"by_rules": "x"}, InputError, "a function without arguments as by_rules, got 'x'"),
        (
            {"by_rules": later},
            InputError,
            "later. Pass a plain function, which runs in a thread",
        ),
        ({"by_rules": partial(later)}, InputError, "a plain function"),
        ({"by_rules": Later()}, InputError, "a plain function"),
        ({"by_rules": shout}, InputError, "lambda: rules(prompt), or pass functools.partial"),
        ({"tools": 3}, InputError, "a list of functions as tools"),
        ({"tools": shout}, InputError, "tools=[search]"),
        ({"tools": [3]}, InputError, "functions as tools"),
        ({"tools": [shout, shout]}, InputError, "an output_type and tools that pydantic-ai takes"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_wrong_calls(options: dict[str, Any], kind: type[Exception], message: str) -> None:
    """A wrong call is one clear error before the stage begins."""
    answer, stage = await asked(**{"output_type": str, **options})
    assert isinstance(answer, kind), answer
    assert message in str(answer)
    assert stage.status == "pending"


# --- types --------------------------------------------------------------------------------------------


def untyped(text):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, D103 - it is the point
    return text


@pytest.mark.parametrize(
    ("output_type", "types", "one"),
    [
        (City, [City], City),
        ([City, int], [City, int], City | int),
        (City | None, [City, type(None)], City | None),
        (NativeOutput(SEVERAL), [City, int], City | int),
        (list[City], [list[City]], list[City]),
        (shout, [shout], int),
        (untyped, [untyped], Any),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_types_of_outputs(output_type: Any, types: list[Any], one: Any) -> None:
    """Unions, lists and markers are several types; the output of a function has the type that it returns."""
    assert output_types(output_type) == types
    assert type_of_output(output_type) == one


def test_type_of_a_text_output() -> None:
    """A function that reads text gives the type of its result."""
    reader: Callable[[str], int] = shout
    assert type_of_output(TextOutput(reader)) is int


async def test_coroutine_as_rules() -> None:
    """A coroutine in the place of the rules is refused, and closed without a warning."""
    work = later()
    answer, _ = await asked(str, by_rules=work)
    assert isinstance(answer, InputError)
    assert "got a coroutine" in str(answer)
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED
