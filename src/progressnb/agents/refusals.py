"""Models whose server answers and refuses to stream: where nobody but us wants the stream, they are asked plainly."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.function import FunctionModel

if TYPE_CHECKING:
    from types import FrameType

    from pydantic_ai.models import Model

__all__ = ["has_refused", "innermost", "is_refusal", "note_refusal", "only_reporters_read"]

_STREAM = re.compile(r"\bstream", re.IGNORECASE)
_STATUS = frozenset({400, 403, 404, 405, 406, 415, 422, 501})
"""The HTTP statuses of a request that the server will not do in this form."""

_DRAIN = "drain_node_event_stream"
"""The function of pydantic-ai that reads a stream which only capabilities want."""

_refused: WeakValueDictionary[int, Model[Any]] = WeakValueDictionary()  # some models have no hash


def is_refusal(error: Exception, model: Model[Any]) -> bool:
    """Return whether an error of a model before its first token may mean that a plain request is answered."""
    inner = innermost(model)
    if isinstance(inner, FunctionModel) and inner.function is None:
        return False
    if isinstance(error, ModelHTTPError):  # that says so: any other request is not sent twice
        return error.status_code in _STATUS and _STREAM.search(str(error)) is not None
    return isinstance(error, NotImplementedError)


def note_refusal(model: Model[Any]) -> None:
    """Remember that a model does not stream, as long as the model lives."""
    inner = innermost(model)
    _refused[id(inner)] = inner


def has_refused(model: object) -> bool:
    """Return whether a model has refused to stream before."""
    inner = innermost(model)
    return _refused.get(id(inner)) is inner


def only_reporters_read() -> bool:
    """Return whether the stream that is being opened here is read by capabilities alone, as in `run` of an agent."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] # no other way
    while frame is not None:
        if frame.f_code.co_name == _DRAIN and str(frame.f_globals.get("__name__")).startswith("pydantic_ai."):
            return True
        frame = frame.f_back
    return False


def innermost(model: Any) -> Model[Any]:  # noqa: ANN401 - a model, or one around it
    """Return the model that others are wrapped around."""
    while (wrapped := getattr(model, "wrapped", None)) is not None:
        model = wrapped
    return model  # type: ignore[no-any-return]
