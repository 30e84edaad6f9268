"""Which model does the work: what was passed, else what the environment names, else rules."""

from __future__ import annotations

import os

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from progressnb.errors import ModelError
from progressnb.offline import OfflineModel

__all__ = ["resolve_model"]

VARIABLE = "PROGRESSNB_MODEL"


def resolve_model(model: Model | str | None) -> Model:
    """Return a pydantic-ai model for a model, its name, or None.

    None takes the name in the environment variable `PROGRESSNB_MODEL`, else `"offline"`. Raises
    `ModelError` for a name that is unknown, a provider that is not installed, or a key that is missing.
    """
    if isinstance(model, Model):
        return model
    name = model if model is not None else os.environ.get(VARIABLE) or "offline"
    if not isinstance(name, str):
        raise ModelError("a pydantic-ai model or its name", repr(model), 'Write model="openai:gpt-5".')
    if name == "offline":
        return OfflineModel()
    try:
        return infer_model(name)
    except ImportError as error:
        raise ModelError(f"a provider that is installed for {name!r}", "none", _first_sentence(error)) from error
    except (UserError, ValueError) as error:
        remedy = _first_sentence(error)
        if "environment variable" in remedy:
            raise ModelError(f"a key for the model {name!r}", "none", remedy) from error
        raise ModelError(
            "a model that pydantic-ai knows", repr(name), f"{remedy} Write provider:name, such as openai:gpt-5."
        ) from error


def _first_sentence(error: Exception) -> str:
    # Only what is the matter; what providers add on other products is for their own documentation.
    text = " ".join(str(error).split())
    first, stop, _ = text.partition(". ")
    return first + (stop.strip() or ("" if first.endswith((".", "?", "`")) else "."))
