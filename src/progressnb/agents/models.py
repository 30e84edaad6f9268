"""Which model does the work: what was passed, else what the environment names, else rules."""

from __future__ import annotations

import os

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from progressnb.agents.offline import OfflineModel
from progressnb.errors import ModelError

__all__ = ["resolve_model"]

VARIABLE = "PROGRESSNB_MODEL"

_FORM = "Write provider:name, such as openai:gpt-5."
_LIMIT = 300


def resolve_model(model: Model | str | None) -> Model:
    """Return a pydantic-ai model for a model, its name, or None.

    None takes the name in the environment variable `PROGRESSNB_MODEL`, else `"offline"`. Raises
    `ModelError` for a name that is unknown, a provider that is not installed, or a key that is missing.
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
        raise ModelError(f"a provider that is installed for {_clipped(name)!r}", "none", _reason(error)) from error
    except (UserError, ValueError) as error:
        reason = _reason(error)
        if "environment variable" in reason:
            raise ModelError(f"a key for the model {_clipped(name)!r}", "none", reason) from error
        # What repeats the name says nothing new.
        remedy = _FORM if reason.startswith("Unknown model") else f"{reason} {_FORM}"
        raise ModelError("a model that pydantic-ai knows", repr(name), remedy) from error


def _clipped(text: str) -> str:
    return text if len(text) <= _LIMIT else text[:_LIMIT] + "…"


def _reason(error: Exception) -> str:
    # Only what is the matter; what providers add on other products is for their own documentation.
    text = " ".join(str(error).split())
    first, stop, _ = _clipped(text).partition(". ")
    return first + (stop.strip() or ("" if first.endswith((".", "?", "`")) else "."))
