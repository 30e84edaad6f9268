"""Data and text that code reports of a stage: their check, and data as plain JSON."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from progressnb.errors import InvalidProgressError
from progressnb.wire.events import TIME_DATA
from progressnb.wire.plain import clean_text, jsonable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_text", "plain_data"]

_SHORT = 2**63  # integers that are plain as they are


def check_text(delta: object, part: object) -> None:
    """Raise `InvalidProgressError` where an output that is written, or the name of its part, is no text."""
    if not isinstance(delta, str):
        raise InvalidProgressError("text to write", repr(delta), "Write stage.write(str(value)).")
    if not isinstance(part, str):
        raise InvalidProgressError("the name of a part as text", repr(part), 'Write stage.write(text, part="notes").')


def plain_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return data with clean keys and values of plain JSON; data that are plain come back as they are.

    Raises `InvalidProgressError` where data have a key that the run itself reports.
    """
    if not TIME_DATA.isdisjoint(data):
        keys = ", ".join(sorted(TIME_DATA & data.keys()))
        raise InvalidProgressError("data of your own", keys, "Rename it: the run itself reports that.")
    for key, value in data.items():
        kind: type[object] = type(value)  # pyright: ignore[reportUnknownVariableType] # of any value
        is_plain = (kind is int and -_SHORT < value < _SHORT) or (kind is str and value.isascii()) or kind is bool
        if not (is_plain or (kind is float and isfinite(value))) or not key.isascii():
            return {clean_text(key): jsonable(value) for key, value in data.items()}
    return data  # nearly always
