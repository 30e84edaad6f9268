"""An act on a run that comes as data, as a page or a panel sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from progressnb.errors import InvalidProgressError

__all__ = ["Act", "Kind", "read_act"]

Kind: TypeAlias = Literal["stop", "enough", "say", "approve", "deny"]

_KINDS: tuple[Kind, ...] = get_args(Kind)
_OF_A_STAGE = ("approve", "deny")
_STAGE_LIMIT = 100_000


class Act(NamedTuple):
    """An act: its kind, the path of the stage that it concerns, and a text: the word, or the reason."""

    kind: Kind
    stage: str | None
    text: str | None


def read_act(message: object) -> Act:
    """Return the act that a message asks for; raise `InvalidProgressError` for a message of another shape."""
    if not isinstance(message, Mapping):
        raise InvalidProgressError("an act as a mapping with a kind", type(message).__name__)
    fields = cast("Mapping[object, object]", message)
    if unknown := [str(key) for key in fields if key not in ("kind", "stage", "text")]:
        raise InvalidProgressError("an act with kind, stage and text", ", ".join(unknown))
    stage, text = _text(fields, "stage"), _text(fields, "text")
    kind: Kind | None = next((each for each in _KINDS if each == fields.get("kind")), None)
    if kind is None:
        raise InvalidProgressError(f"an act of {', '.join(_KINDS)}", repr(fields.get("kind")))
    if stage is not None and len(stage) > _STAGE_LIMIT:
        raise InvalidProgressError("the path of a stage", f"{len(stage):,} characters")
    if stage is None and kind in _OF_A_STAGE:
        raise InvalidProgressError(f"the path of the stage to {kind}", "none")
    return Act(kind, stage, text)


def _text(fields: Mapping[object, object], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidProgressError(f"{name} as text, or none", repr(value))
    return value or None
