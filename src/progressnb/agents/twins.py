"""Twins of models that ask other models: the same object, state and methods, that asks others in their place.

A copy would not do for classes of users: what such a class counts, or chooses, would be lost with the copy.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from types import new_class
from typing import TYPE_CHECKING, Any, cast

from pydantic_ai.models.concurrency import ConcurrencyLimitedModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.instrumented import InstrumentedModel
from pydantic_ai.models.wrapper import WrapperModel

if TYPE_CHECKING:
    from pydantic_ai.models import Model

__all__ = ["asked_by", "twin"]

_KNOWN = (FallbackModel, WrapperModel, InstrumentedModel, ConcurrencyLimitedModel)
"""The classes whose requests give the answer of a model that they ask, as it is."""


def asked_by(model: Model[Any]) -> list[Model[Any]] | None:
    """Return the models whose answers a model gives as they are; None for one that answers in its own way.

    A class of a user's below a chain or a wrapper counts where it has the requests of pydantic-ai: one that overrides
    `request` may change the answer, which then is not to be read before.
    """
    if not hasattr(model, "__dict__") or "request" in vars(model):
        return None
    if not _requests_as_known(type(model)) or _twin(type(model)) is None:
        return None
    return [*model.models] if isinstance(model, FallbackModel) else [cast("WrapperModel", model).wrapped]


def twin(model: Model[Any], asked: list[Model[Any]]) -> Model[Any]:
    """Return the twin of a model, with the models that it asks in place of its own."""
    kind = cast("type[Any]", _twin(type(model)))
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", vars(model))  # one state: what one of them sets the other has
    object.__setattr__(made, "_asked", asked if isinstance(model, FallbackModel) else asked[0])
    return cast("Model[Any]", made)


class _Twin:
    """The base of the classes of twins."""

    __slots__ = ()

    def __init_subclass__(cls, **_options: object) -> None:
        """Keep the class from registers that a class of a user's may have of those below it."""


def _requests_as_known(kind: type[Any]) -> bool:
    return any(kind.request is each.request and kind.request_stream is each.request_stream for each in _KNOWN)


@lru_cache(maxsize=64)
def _twin(kind: type[Any]) -> type[Any] | None:
    """Return a class of twins, whose attribute of models is apart from the state; None where slots forbid it."""
    name = "models" if issubclass(kind, FallbackModel) else "wrapped"

    def ask(self: object, value: object) -> None:
        vars(self)[name] = value  # of the model itself

    members = {"__slots__": ("_asked",), "__module__": kind.__module__, name: property(attrgetter("_asked"), ask)}
    try:
        return new_class(kind.__name__, (_Twin, kind), exec_body=lambda names: names.update(members))
    except TypeError:
        return None
