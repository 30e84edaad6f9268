"""The conditions of a proposed check: one that no answer can break, or that none can keep, is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases.tokens import is_token
from progressnb.operations.testcases.spec.plain import is_list, is_object

if TYPE_CHECKING:
    from progressnb.operations.testcases.schemas import Request

__all__ = ["OF_LISTS", "TYPE", "RefusedError", "check_size", "condition", "state_type"]

TYPE = "content-type"

OF_LISTS = ("count", "has", "lacks", "all_have", "in_order")
"""The conditions for a list."""

_SIZED = ("at_least", "at_most", "count")
_DEEPEST = 30
_NULL = {"equals": "absent", "differs": "present"}
"""The meaning of a comparison with null."""


class RefusedError(Exception):
    """A proposed case that can't be run, or proves nothing; the message says why."""


def condition(that: str, value: Any, field: str) -> str:  # noqa: ANN401 - plain data
    """Return what a check means, by its value and the field of the things in a list.

    Raises `RefusedError` for one that says nothing.
    """
    that = _NULL.get(that, that) if value is None else that
    is_simple = not (value is None or isinstance(value, bool) or is_list(value) or is_object(value))
    if that in _SIZED and not is_simple:
        raise RefusedError(f"{that} of {_shown(value)}, which is no size")
    if that == "count" and not (is_token(value) or _is_number_of_things(value)):
        raise RefusedError(f"count of {_shown(value)}, which is no number of things")
    if that == "contains" and (value is None or not str(value).strip()):
        raise RefusedError("contains of no text, which each text does")
    if that in ("has", "lacks", "all_have") and not field and value in (None, {}):
        raise RefusedError(f"{that} of nothing")
    if that == "in_order" and not (is_list(value) and len({json.dumps(each, sort_keys=True) for each in value}) > 1):
        raise RefusedError("an order of less than two things")
    return that


def _is_number_of_things(value: Any) -> bool:  # noqa: ANN401 - plain data
    return str(value).removesuffix(".0").isdecimal()


def _shown(value: Any) -> str:  # noqa: ANN401 - plain data
    return json.dumps(value)[:60]


def check_size(what: str, value: Any, most: int) -> None:  # noqa: ANN401 - plain data
    """Raise `RefusedError` for data of more characters than `most`, about as JSON, or in too many levels."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if is_object(each):
            waiting += [(key, depth) for key in each] + [(inner, depth + 1) for inner in each.values()]
        elif is_list(each):
            waiting += [(inner, depth + 1) for inner in each]
        elif isinstance(each, int) and not isinstance(each, bool):
            most -= each.bit_length() // 3  # as a text it may take too long
        else:
            most -= len(str(each))
        most -= 2
        if most < 0 or depth > _DEEPEST:
            raise RefusedError(f"{what} of {'too many levels' if depth > _DEEPEST else 'too many characters'}")


def state_type(request: Request, headers: dict[str, str]) -> None:
    """Send a body that stands as it is with the content type that headers state; a form has its own."""
    for written in (value for name, value in headers.items() if name.casefold() == TYPE):
        is_plain = written.strip() and written.isascii() and written.isprintable()
        if request.body_kind in ("json", "text") and is_plain:
            request.media_type = written.strip()
        elif request.media_type is not None and written.partition(";")[0].strip() != request.media_type:
            raise RefusedError(f"the content type {written[:60]!r}")
