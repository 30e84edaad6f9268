"""Values that belong together: what ends does so after its beginning."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_object, snake

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_order"]

_PAIRS = [
    (r"from", r"to|until"),
    (r"start", r"end|finish|stop"),
    (r"starts", r"ends"),
    (r"begin", r"end|finish"),
    (r"begins", r"ends"),
    (r"check_?in", r"check_?out"),
    (r"arrival", r"departure"),
    (r"min", r"max"),
    (r"valid_from", r"valid_(to|until)"),
    (r"opens", r"closes"),
]


def in_order(body: Any, fits: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - plain data
    """Return a body whose dates end a day after they begin, where `fits` takes that; anything else as it is."""
    if not is_object(body):
        return body
    for first, last in _pairs(body):
        value = _later(body[first], body[last])
        if value is not None and fits({**body, last: value}):
            body = {**body, last: value}
    return body


def _pairs(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the names of what begins and of what ends the same: `start_date` and `end_date`."""
    words = {name: snake(name).casefold() for name in body}
    found: list[tuple[str, str]] = []
    for first, begins in words.items():
        for start, end in _PAIRS:
            match = re.fullmatch(rf"((?:.*_)?)(?:{start})((?:_.*)?)", begins)
            if match is not None:
                pattern = rf"{re.escape(match[1])}(?:{end}){re.escape(match[2])}"
                found += [(first, last) for last, ends in words.items() if re.fullmatch(pattern, ends)]
    return found


def _later(begin: object, end: object) -> Any:  # noqa: ANN401 - plain data
    """Return an end that is after the beginning, or None where it is already, or where they are no dates."""
    if isinstance(begin, int | float) and isinstance(end, int | float) and not isinstance(begin, bool):
        return begin + 1 if end <= begin else None
    if not isinstance(begin, str) or not isinstance(end, str) or end > begin:
        return None
    try:
        if len(begin) == len("2026-01-15"):
            return (date.fromisoformat(begin) + timedelta(days=1)).isoformat()
        later = datetime.fromisoformat(begin) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return later.isoformat().replace("+00:00", "Z")
