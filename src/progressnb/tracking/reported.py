"""Data and text that code reports of a stage: their check, and data as plain JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.errors import InvalidProgressError
from progressnb.wire.events import TIME_DATA
from progressnb.wire.plain import clean_text, jsonable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_keys", "check_text", "plain_data"]


def check_keys(data: Mapping[str, Any]) -> None:
    """Raise `InvalidProgressError` where data have a key that the run itself reports."""
    if not TIME_DATA.isdisjoint(data):
        keys = ", ".join(sorted(TIME_DATA & data.keys()))
        raise InvalidProgressError("data of your own", keys, "Rename it: the run itself reports that.")


def check_text(delta: object, part: object) -> None:
    """Raise `InvalidProgressError` where an output that is written, or the name of its part, is no text."""
    if not isinstance(delta, str):
        raise InvalidProgressError("text to write", repr(delta), "Write stage.write(str(value)).")
    if not isinstance(part, str):
        raise InvalidProgressError("the name of a part as text", repr(part), 'Write stage.write(text, part="notes").')


def plain_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data with clean keys and values of plain JSON; raise `InvalidProgressError` as `check_keys` does."""
    if not TIME_DATA.isdisjoint(data):
        check_keys(data)
    return {clean_text(key): jsonable(value) for key, value in data.items()}
