"""`generate`: text or structured data from a prompt, streamed, with a percent that says how much is there."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar, Union, cast, overload

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_ai import Agent
from pydantic_ai.exceptions import UserError

from progressnb.agents.capability import ReportProgress
from progressnb.agents.models import resolve_model
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError
from progressnb.execution.operation import Operation, operation
from progressnb.tracking import internals
from progressnb.tracking.percent import is_number
from progressnb.tracking.stage import Stage

from .rules import answer_by_rules, kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_ai.models import Model

    from progressnb.execution.run import Run
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import Event

__all__ = ["Generate", "generate"]

T = TypeVar("T")

PROMPT_LIMIT = 1_000_000


class _Answer(BaseModel):
    """What the model gave, in a form that an interrupted run can be taken up with."""

    output: Any


@operation(stages=[Stage("writing", title="Writing the answer")], name="generate")
async def _generate(
    tracker: ProgressTracker,
    prompt: str,
    *,
    output_type: Any = str,  # noqa: ANN401 - whatever pydantic-ai takes
    model: Model | str | None = None,
    instructions: str = "",
    expected_length: float | None = None,
) -> Any:  # noqa: ANN401 - as the caller asked
    """Answer a prompt with text, or with data of any type, and stream it as it is written.

    `output_type` is what pydantic-ai takes: a model, dataclass, `TypedDict`, list, number, or several in a list. The
    percent comes from the fields that are complete, or from the length against `expected_length` in characters.
    `model` is any pydantic-ai model or its name; the default is the environment's `PROGRESSNB_MODEL`, else
    `"offline"`, which reads data out of the prompt by rules and says so: "Label: value" lines, lists, dates, numbers,
    addresses; asked for text it picks the sentences that say most.
    Raises `InputError` for an empty prompt and for an `output_type` that is none, and `ModelError` for a model that is
    unknown and for data that rules can't find.

    ::

        class Invoice(BaseModel):
            number: str
            total: float

        invoice = await pnb.generate("Number: A-17, Total: 12.50", output_type=Invoice)
    """
    _check(prompt, output_type, expected_length)
    chosen = resolve_model(model)
    used, message = chosen, ""
    if isinstance(chosen, OfflineModel):
        used = chosen.answering(lambda: answer_by_rules(prompt, output_type))
        done = "picked from the prompt" if output_type is str else "read out of the prompt"
        message = f"{done} by rules, without a language model"
    try:
        agent = Agent(used, output_type=output_type, instructions=instructions, capabilities=[ReportProgress()])
    except (UserError, PydanticUserError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError("an output_type that pydantic-ai takes", repr(output_type), reason) from error
    stage = tracker.stage("writing")
    internals(stage).expected_length = expected_length  # the given one; what is learned from past runs needs none

    async def ask() -> _Answer:
        if message:
            stage.update(message=message, source="offline")
        stage.expect(1)
        # A model that was made here is closed here; one that was passed is its owner's.
        async with nullcontext() if chosen is model else chosen:
            answer = _Answer(output=(await agent.run(prompt)).output)
        stage.update(message=message)
        return answer

    answer = await stage.run(ask)
    if not internals(stage).restored:
        return answer.output
    adapter: TypeAdapter[Any] = TypeAdapter(cast("Any", Union)[tuple(kinds_of(output_type))])
    return adapter.validate_python(answer.output)


def _check(prompt: object, output_type: object, expected_length: object) -> None:
    if not isinstance(prompt, str) or not prompt.strip():
        raise InputError("a prompt as text that is not empty", repr(prompt))
    if len(prompt) > PROMPT_LIMIT:
        raise InputError(f"a prompt of at most {PROMPT_LIMIT:,} characters", f"{len(prompt):,}")
    if expected_length is not None and (not is_number(expected_length) or not expected_length > 0):
        raise InputError("an expected_length above 0 characters, or None", repr(expected_length))
    if isinstance(output_type, str):
        raise InputError("an output_type", repr(output_type), "Pass the type itself, such as output_type=str.")


class Generate(Operation[..., Any]):
    """The type of `generate`: what it returns follows from `output_type`."""

    @overload  # type: ignore[override]
    def __call__(
        self,
        prompt: str,
        *,
        output_type: type[T],
        model: Model | str | None = None,
        instructions: str = "",
        expected_length: float | None = None,
        show: bool | None = None,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> Run[T]: ...
    @overload
    def __call__(
        self,
        prompt: str,
        *,
        model: Model | str | None = None,
        instructions: str = "",
        expected_length: float | None = None,
        show: bool | None = None,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> Run[str]: ...
    @overload
    def __call__(
        self,
        prompt: str,
        *,
        output_type: object,  # several types, and markers: what comes of these only a user can tell
        model: Model | str | None = None,
        instructions: str = "",
        expected_length: float | None = None,
        show: bool | None = None,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> Run[Any]: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Run[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Begin a run at the loop's next turn and return its handle."""
        return super().__call__(*args, **kwargs)


generate = cast("Generate", _generate)
