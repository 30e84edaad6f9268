"""The facts that a chunk of a stream tells, and how attributes of unknown objects are read without a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from progressnb.tracking.percent import is_number

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

__all__ = [
    "Call",
    "Fact",
    "Failure",
    "Finish",
    "Message",
    "Model",
    "Text",
    "Usage",
    "get",
    "items",
    "number",
    "text",
]


class Text(NamedTuple):
    """Characters of one part of the answer: `output`, `refusal` or `thinking`; of several choices, of one."""

    delta: str
    part: str = "output"
    choice: int = 0


class Call(NamedTuple):
    """A piece of a tool call: its name, characters of its arguments, the whole arguments, or its end.

    A key of None is a call that comes in one piece.
    """

    key: Hashable
    name: str | None = None
    delta: str = ""
    whole: object = None
    id: str | None = None
    ended: bool = False


class Usage(NamedTuple):
    """The tokens and the cost of one request so far; `adds` says that they come on top of those before.

    `cache_read` and `cache_write` are those of the input that have prices of their own.
    """

    input: float | None
    output: float | None
    cost: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    key: Hashable = None
    adds: bool = False


class Model(NamedTuple):
    """The name of the model that answers."""

    name: str


class Message(NamedTuple):
    """The message that the next facts belong to: a stream of an agent has several, and the last one is the answer."""

    key: Hashable


class Finish(NamedTuple):
    """The reason why the model stopped; `choice` is the one that it ended, or None for all."""

    reason: str
    choice: int | None = None


class Failure(NamedTuple):
    """An error that the provider sent as a chunk."""

    message: str


Fact: TypeAlias = Text | Call | Usage | Model | Message | Finish | Failure


def get(source: object, *names: str) -> Any:  # noqa: ANN401 - whatever the chunk has
    """Return the first attribute or item under one of these names that is not None; nothing is raised."""
    for name in names:
        try:
            if isinstance(source, Mapping):
                value = cast("Mapping[str, Any]", source).get(name)
            else:
                value = getattr(source, name, None)
        except Exception:  # noqa: BLE001 - a broken chunk must not end the stream
            value = None
        if value is not None:
            return value
    return None


def text(value: object) -> str:
    """Return a text, and for anything else an empty one."""
    return value if isinstance(value, str) else ""


def items(value: object) -> Sequence[Any]:
    """Return a list or a tuple, and for anything else an empty one."""
    return cast("Sequence[Any]", value) if isinstance(value, list | tuple) else ()


def number(value: object) -> float | None:
    """Return a finite number of 0 or more, and for anything else None."""
    return float(value) if is_number(value) and 0 <= value < float("inf") else None
