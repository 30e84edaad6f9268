"""The choice of a model: the one that was passed, else the one that the environment names, else rules."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.function import FunctionModel

from progressnb.agents.offline import OfflineModel
from progressnb.errors import ModelError
from progressnb.wire.plain import shorten

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["can_stream", "judges_responses", "open_model", "resolve_model"]

VARIABLE = "PROGRESSNB_MODEL"

_FORM = "Write provider:name, such as openai:gpt-5."
_LIMIT = 300
_EXTRAS = {"openai": "openai", "openai-chat": "openai", "openai-responses": "openai", "anthropic": "anthropic"}
"""The extra of this package that brings a provider's SDK, by the provider's name."""


def resolve_model(model: Model | str | None) -> Model:
    """Return the pydantic-ai model for a name.

    Args:
        model: A pydantic-ai model, which comes back as it is; a name such as `"openai:gpt-5"`; `"offline"` for fixed
            rules without a language model; or None for the environment variable `PROGRESSNB_MODEL`, else `"offline"`.

    Returns:
        The model. No connection is opened.

    Raises:
        ModelError: For an unknown name, a provider that is not installed, or a missing key.

    Example:
        ::

            resolve_model("offline").model_name  # 'offline rules, no LLM'

    """
    if isinstance(model, Model):
        return model
    given = model if model is not None else os.environ.get(VARIABLE, "").strip() or "offline"
    if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may be untyped
        raise ModelError("a pydantic-ai model or its name", repr(model), 'Write model="openai:gpt-5".')
    name = given.strip()
    if not name.rpartition(":")[2]:
        raise ModelError("the name of a model", repr(given), _FORM)
    if name == "offline":
        return OfflineModel()
    try:
        return infer_model(name)
    except ImportError as error:
        extra = _EXTRAS.get(name.partition(":")[0])
        remedy = _reason(error) if extra is None else f'Install it: pip install "progressnb[{extra}]"'
        raise ModelError(f"a provider that is installed for {shorten(name, _LIMIT)!r}", "none", remedy) from error
    except (UserError, ValueError) as error:
        reason = _reason(error)
        if "environment variable" in reason:
            raise ModelError(f"a key for the model {shorten(name, _LIMIT)!r}", "none", reason) from error
        # "Unknown model: …" repeats the name and says nothing new.
        remedy = _FORM if reason.startswith("Unknown model") else f"{reason} {_FORM}"
        raise ModelError("a model that pydantic-ai knows", repr(name), remedy) from error


@asynccontextmanager
async def open_model(model: Model | str | None) -> AsyncGenerator[Model]:
    """Give a block its model, and close the connections of a model that was made from a name.

    A model that was passed belongs to the caller and stays open.

    Args:
        model: As in `resolve_model`.

    Yields:
        The model.

    Raises:
        ModelError: As in `resolve_model`.

    Example:
        ::

            async with open_model("openai:gpt-5") as model:
                plan = await tracker.stage("plan").ask(Plan, "Plan a trip to Busan.", model=model)
                text = await tracker.stage("write").ask(str, f"Describe: {plan}", model=model)

    """
    chosen = resolve_model(model)
    async with nullcontext() if chosen is model else chosen:
        yield chosen


def can_stream(model: object) -> bool:
    """Tell whether a model can stream its answer, and gives the same one as by a plain request.

    Args:
        model: A pydantic-ai model. A `FallbackModel` can stream if all of its models can.

    Returns:
        False for a model without `request_stream`, for a `FunctionModel` without a `stream_function`, for one whose
        class overrides `request` alone, and for a `FallbackModel` that judges responses: pydantic-ai asks its handlers
        of plain requests only.

    """
    if _is_model(model) and _requests_in_its_own_way(model):
        return False
    wrapped = getattr(model, "wrapped", None)
    if _is_model(wrapped):
        return can_stream(wrapped)
    models = getattr(model, "models", None)
    if isinstance(models, list):
        return not judges_responses(model) and all(can_stream(each) for each in cast("list[object]", models))
    if isinstance(model, FunctionModel):
        return model.stream_function is not None
    return type(model).request_stream is not Model.request_stream if _is_model(model) else True


def judges_responses(fallback: object) -> bool:
    """Return whether a `FallbackModel`, or the capability `ModelFallback`, may refuse a response that came."""
    predicates = getattr(fallback, "_predicates", None)
    names = ("response_handlers", "content_filter", "output_token_limit")
    return any(getattr(predicates, name, False) for name in names)


def _requests_in_its_own_way(model: Model[Any]) -> bool:
    """Return whether `request` is defined nearer to the object than `request_stream`: a cache, a redaction."""
    scopes = (vars(model) if hasattr(model, "__dict__") else {}, *(vars(each) for each in type(model).__mro__))
    nearest = next(scope for scope in scopes if "request" in scope or "request_stream" in scope)
    return "request_stream" not in nearest


def _is_model(value: object) -> TypeGuard[Model[Any]]:
    return isinstance(value, Model)


def _reason(error: Exception) -> str:
    # The first sentence names the fault. The others are about other products of the provider.
    text = " ".join(str(error).split())
    first, stop, _ = shorten(text, _LIMIT).partition(". ")
    return first + (stop.strip() or ("" if first.endswith((".", "?", "`")) else "."))
