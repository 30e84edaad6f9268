"""`ask`: one question of a stage to a model, or to rules; the engine behind `await stage.ask(…)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic.errors import PydanticUserError
from pydantic_ai import Agent, Tool
from pydantic_ai.exceptions import UnexpectedModelBehavior, UserError
from pydantic_core import PydanticSerializationError

from progressnb.agents.capability import ReportProgress
from progressnb.agents.errors import is_model_failure
from progressnb.agents.models import open_model
from progressnb.agents.offline import OfflineModel
from progressnb.agents.outputs import type_of_output
from progressnb.agents.rules import check_rules, invalid_output, with_output
from progressnb.errors import InputError, ModelError
from progressnb.tracking import error_text, internals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic_ai.messages import UserContent
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

    from progressnb.tracking import StageHandle

__all__ = ["ask"]

RETRIES = 2
"""Further answers that a model may write where the first did not validate; the same for each tool."""

PATIENCE = 600.0
"""Seconds that a model may take to begin its answer: Anthropic's SDK waits as long as a busy provider asks for."""


async def ask(
    stage: StageHandle,
    output_type: Any,  # noqa: ANN401 - whatever pydantic-ai takes
    prompt: str | Sequence[UserContent],
    *,
    model: Model | str | None = None,
    instructions: str | None = None,
    by_rules: Callable[[], object] | None = None,
    fallback: object = None,
    tools: Sequence[Tool[Any] | Callable[..., Any]] | None = (),
    expected_length: float | None = None,
) -> Any:  # noqa: ANN401 - as the caller asked
    """Do what `StageHandle.ask` does, which documents the arguments, the result and the errors."""
    __tracebackhide__ = True  # IPython and pytest leave such frames out
    _check(output_type, fallback, by_rules, expected_length)
    tools = _functions(tools)
    if by_rules is not None:
        by_rules = with_output(by_rules)
    agent = _agent(stage, output_type, instructions, tools, expected_length)
    async with open_model(model) as chosen:
        question = _Question(stage, agent, prompt, chosen, by_rules, fall_back=fallback is not None)
        if internals(stage).life.held:
            return await question.answer()

        async def answer() -> Any:  # noqa: ANN401 - as the caller asked
            stage.expect(1)
            return await question.answer()

        # In a run that was taken up again, `run` validates the kept output as this type.
        answer.__annotations__["return"] = type_of_output(output_type)
        # What the answer depends on: the question, and not the objects that ask it.
        answer._progressnb_key_ = question.key(output_type, instructions, tools)  # type: ignore[attr-defined] # pyright: ignore[reportFunctionMemberAccess]
        return await stage.run(answer)


@dataclass(frozen=True, slots=True)
class _Question:
    """One question, and the ways to its answer."""

    stage: StageHandle
    agent: Agent[Any, Any]
    prompt: str | Sequence[UserContent]
    model: Model
    by_rules: Callable[[], object] | None
    fall_back: bool

    def key(self, output_type: object, instructions: str | None, tools: Sequence[Any]) -> dict[str, object]:
        """Return all that the answer depends on, for a run that is taken up again."""
        model = self.model
        return {
            "prompt": self.prompt,
            "instructions": instructions,
            "output_type": type_of_output(output_type),
            "model": f"{model.system}:{model.model_name}",
            "rules": self.by_rules if isinstance(model, OfflineModel) else None,
            "tools": [getattr(tool, "function", tool) for tool in tools],
        }

    async def answer(self) -> Any:  # noqa: ANN401 - as the caller asked
        """Return the output of the model, or of the rules in its place."""
        stage, model = self.stage, self.model
        if isinstance(model, OfflineModel):
            stage.update(model=model.model_name, source="offline")
            if self.by_rules is not None:
                model = model.answering(self.by_rules)
            elif not model.has_rules:
                remedy = 'Pass by_rules=, a function that computes the output, or a model such as "openai:gpt-5".'
                raise ModelError("a language model, or rules for the offline model", "neither", remedy)
            return await self._ask(model)
        stage.update(model=model.model_name)
        try:
            return await self._ask(model)
        except Exception as error:
            if not self.fall_back or not is_model_failure(error):
                raise
            stage.fall_back(error)
            stage.update(source="offline", reason=error_text(error))
            stage.expect(1)  # the percent of the stage has started over
            return await self._ask(OfflineModel(self.by_rules))

    async def _ask(self, model: Model) -> Any:  # noqa: ANN401 - as the caller asked
        settings: ModelSettings = {} if isinstance(model, OfflineModel) else {"first_event_timeout": PATIENCE}
        settings |= model.settings or {}  # the user's own patience wins
        try:
            return (await self.agent.run(self.prompt, model=model, model_settings=settings)).output
        except (UnexpectedModelBehavior, PydanticSerializationError) as error:
            if isinstance(model, OfflineModel):
                raise invalid_output(error) from error
            raise


def _agent(
    stage: StageHandle,
    output_type: Any,  # noqa: ANN401 - whatever pydantic-ai takes
    instructions: str | None,
    tools: Sequence[Tool[Any] | Callable[..., Any]],
    expected_length: float | None,
) -> Agent[Any, Any]:
    try:
        return Agent(
            output_type=output_type,
            instructions=instructions,
            tools=tools,
            retries=RETRIES,
            capabilities=[ReportProgress(expected_length=expected_length)],
            name=stage.name,
        )
    except (UserError, PydanticUserError) as error:
        expected = f"an output_type {'and tools ' if tools else ''}that pydantic-ai takes"
        raise InputError(expected, repr(output_type), str(error).partition("\n")[0]) from error


def _functions(tools: Any) -> Sequence[Tool[Any] | Callable[..., Any]]:  # noqa: ANN401 - whatever the caller passed
    """Return the tools; None is no tools."""
    if tools is None:
        return ()
    if isinstance(tools, str) or not hasattr(tools, "__iter__"):
        raise InputError("a list of functions as tools", repr(tools), "Pass a list, such as tools=[search].")
    functions: tuple[Any, ...] = tuple(tools)
    for tool in functions:
        if not callable(tool) and not isinstance(tool, Tool):
            raise InputError("functions as tools", repr(tool), "Pass the function itself, such as tools=[search].")
    return functions


def _check(output_type: object, fallback: object, by_rules: object, expected_length: object) -> None:
    if isinstance(output_type, str):
        raise InputError("a type as the output_type", repr(output_type), 'Write `await stage.ask(Report, "…")`.')
    check_rules(by_rules)
    if fallback not in (None, "offline"):
        raise ModelError(
            'fallback="offline" or None',
            repr(fallback),
            "For another model pass pydantic_ai.models.fallback.FallbackModel as the model.",
        )
    if fallback is not None and by_rules is None:
        remedy = "Pass by_rules=, a function that computes the output without a model."
        raise ModelError('rules for fallback="offline"', "none", remedy)
    if expected_length is not None and (
        isinstance(expected_length, bool) or not isinstance(expected_length, int | float) or not expected_length > 0
    ):
        raise InputError("an expected_length above 0 characters, or None", repr(expected_length))
