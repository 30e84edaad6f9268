"""The arguments of a tool call, from the characters that a model wrote or from the object that a library made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from progressnb.interop.streams.facts import Call

__all__ = ["arguments_of_call", "is_another_call"]


def arguments_of_call(pieces: str, whole: object) -> dict[str, Any] | None:
    """Return the arguments of a call by name; text that is no JSON object is one argument."""
    if not pieces and isinstance(whole, str):
        pieces, whole = whole, None
    if not pieces:
        if whole is None:
            return None
        if isinstance(whole, dict):
            return {str(key): value for key, value in whole.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        dump = getattr(whole, "model_dump", None)
        dumped = dump() if callable(dump) else None
        return dumped if isinstance(dumped, dict) else {"input": whole}  # pyright: ignore[reportUnknownVariableType]
    try:
        found = json.loads(pieces)
    except (ValueError, RecursionError):
        return {"input": pieces}
    return found if isinstance(found, dict) else {"input": found}  # pyright: ignore[reportUnknownVariableType]


def is_another_call(call: Call, call_id: str | None, pieces: list[str]) -> bool:
    """Return whether a name that comes again begins another call than the one that is written.

    Its id says so, or its arguments being whole: `pieces` are those of the call that is written.
    """
    if call.id and call_id:
        return call.id != call_id
    if not call.delta:  # the same call, told once more as a whole
        return False
    try:
        return isinstance(json.loads("".join(pieces)), dict)
    except (ValueError, RecursionError):
        return False
