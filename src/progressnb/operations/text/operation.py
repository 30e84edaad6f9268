"""`generate`: text or structured data from a prompt, streamed, with a percent of the output that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from progressnb.errors import InputError
from progressnb.execution import Operation
from progressnb.tracking import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from pydantic_ai.models import Model

    from progressnb.events import Event
    from progressnb.execution import Run
    from progressnb.tracking import Budget, ProgressTracker

__all__ = ["generate"]

T = TypeVar("T")

PROMPT_LIMIT = 1_000_000


class _Begin(Protocol):
    """The function that `generate.using(…)` returns: it takes what `generate` takes, without options."""

    @overload
    def __call__(
        self,
        prompt: str,
        *,
        output_type: type[T],
        model: Model | str | None = None,
        instructions: str = "",
        expected_length: float | None = None,
    ) -> Run[T]: ...
    @overload
    def __call__(
        self,
        prompt: str,
        *,
        model: Model | str | None = None,
        instructions: str = "",
        expected_length: float | None = None,
    ) -> Run[str]: ...
    @overload
    def __call__(
        self,
        prompt: str,
        *,
        output_type: object,  # several types, and the markers of pydantic-ai
        model: Model | str | None = None,
        instructions: str = "",
        expected_length: float | None = None,
    ) -> Run[Any]: ...


class _Generate(Operation[..., Any]):
    """An operation whose result has the type that the call asks for."""

    @overload
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
        output_type: object,  # several types, and the markers of pydantic-ai
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

    if TYPE_CHECKING:

        def using(
            self,
            *,
            title: str | None = None,
            budget: Budget | None = None,
            stop_if: Callable[[Any], object] | None = None,
            show: bool | None = None,
            timeout: float | None = None,
            on_event: Callable[[Event], object] | None = None,
        ) -> _Begin:
            """Return a function that begins runs with these options."""
            ...


def _operation(function: Callable[..., Any]) -> _Generate:
    return _Generate(function, stages=[Stage("writing", title="Writing the answer")])


@_operation
async def generate(
    tracker: ProgressTracker,
    prompt: str,
    *,
    output_type: Any = str,  # noqa: ANN401 - whatever pydantic-ai takes
    model: Model | str | None = None,
    instructions: str = "",
    expected_length: float | None = None,
) -> Any:  # noqa: ANN401 - as the caller asked
    """Answer a prompt with text, or with data of any type, and stream it while it is written.

    Args:
        tracker: The tracker of the run, which the call itself provides.
        prompt: The question, with the text that it is about: 1 to 1,000,000 characters.
        output_type: The type of the result, as pydantic-ai takes it: `str`, a Pydantic model, dataclass, `TypedDict`,
            list or number, or several types in a list.
        model: A pydantic-ai model or its name. None is the environment variable `PROGRESSNB_MODEL`, else `"offline"`.
            Offline, fixed rules read data out of the prompt ("Label: value" lines, lists, dates, numbers, addresses)
            and shorten text to its main sentences. The stage's message says so.
        instructions: Instructions for the model.
        expected_length: The length of the answer in characters, which the percent is measured against. Without it
            the percent follows characters, items and fields against what the output's type lets expect.

    Returns:
        The answer, validated as `output_type`.

    Raises:
        InputError: For an empty or too long prompt, and for an `output_type` that pydantic-ai refuses.
        ModelError: For an unknown model or a missing key, and for data that the rules can't find in the prompt.

    Example:
        ::

            from pydantic import BaseModel

            class Invoice(BaseModel):
                number: str
                total: float

            invoice = await pnb.generate("Number: A-17, Total: 12.50", output_type=Invoice)

    """
    _check(prompt, output_type)
    stage = tracker.stage("writing")

    def by_rules() -> BaseModel | str:
        from .rules import answer_by_rules  # loads pydantic-ai, which `progressnb generate --help` needs not

        done = "picked from the prompt" if output_type is str else "read out of the prompt"
        stage.update(message=f"{done} by rules, without a language model")
        return answer_by_rules(prompt, output_type)

    return await stage.ask(
        output_type,
        prompt,
        model=model,
        instructions=instructions,
        by_rules=by_rules,
        expected_length=expected_length,
    )


def _check(prompt: object, output_type: object) -> None:
    if not isinstance(prompt, str) or not prompt.strip():
        raise InputError("a prompt as text that is not empty", repr(prompt))
    if len(prompt) > PROMPT_LIMIT:
        raise InputError(f"a prompt of at most {PROMPT_LIMIT:,} characters", f"{len(prompt):,}")
    if isinstance(output_type, str):
        raise InputError("an output_type", repr(output_type), "Pass the type itself, such as output_type=str.")
