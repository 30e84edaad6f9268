"""Promises of a sentence about an answer: of one value, or of what a list has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from .answers import Mismatch
from .plain import as_text, found, is_list, is_object
from .values import difference, has_more, is_one, items_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_promise"]

_TOTALS = ("total", "count", "total_count", "totalCount", "total_items", "totalItems")
_PAGE = 10
"""Things from which on a list may be a page of a longer one: lists of just 10, 20, 50 are."""

_DIGITS = 20  # of a number of things


def check_promise(check: dict[str, Any], body: Any, headers: Any) -> None:  # noqa: ANN401 - plain data
    """Raise `Mismatch` where an answer is not as a promise says: the check's `name` is what, `value` of which."""
    pointer, that, wanted = check.get("pointer", ""), check["name"], check.get("value")
    value = headers.get(pointer[1:]) if pointer.startswith("@") else found(body, pointer)
    where = pointer or "the body"
    if that in ("absent", "present"):
        if (value is None) is (that == "present"):
            raise Mismatch(f"{'something' if that == 'present' else 'nothing'} at {where}", shown(value))
        return
    if that in _OF_LISTS:
        items = items_of(value)
        if items is None:
            raise Mismatch(f"a list at {where}", "nothing" if value is ... else shown(value))
        field = (check.get("fields") or [""])[0]
        _OF_LISTS[that](items, field, wanted, has_part(body, headers, items))
        return
    _compare(that, wanted, value, where)


def has_part(body: Any, headers: Any, items: list[Any]) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a list may be a page of a longer one."""
    totals = [body.get(name) for name in _TOTALS] if is_object(body) else [headers.get("x-total-count")]
    numbers = [int(each) for each in map(str, totals) if each.isascii() and each.isdigit() and len(each) < _DIGITS]
    if numbers:
        return max(numbers) > len(items)
    return has_more(body) or "next" in headers.get("link", "") or (bool(items) and len(items) % _PAGE == 0)


def _compare(that: str, wanted: Any, value: Any, where: str) -> None:  # noqa: ANN401 - plain data
    if that in ("equals", "differs"):
        same = difference(wanted, value, "") is None or (isinstance(value, str) and value == as_text(wanted))
        if same is (that == "differs"):
            raise Mismatch(f"{'another value than ' if same else ''}{shown(wanted)} at {where}", shown(value))
        return
    if that == "contains":
        if not isinstance(value, str) or as_text(wanted) not in value:
            raise Mismatch(f"a text with {shown(wanted)} in it at {where}", shown(value))
        return
    one, other = _sized(value), _sized(wanted)
    if one is None or type(one) is not type(other):
        raise Mismatch(f"something to compare with {shown(wanted)} at {where}", shown(value))
    if one < other if that == "at_least" else one > other:
        raise Mismatch(f"{that.replace('_', ' ')} {shown(wanted)} at {where}", shown(value))


def _sized(value: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a number, or a moment, that has a size; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return number if number.is_finite() else None


def _at(item: Any, field: str) -> Any:  # noqa: ANN401 - plain data
    return found(item, field if field.startswith("/") else f"/{field}") if field else item


def _is(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - plain data
    if is_list(value) and not is_list(wanted):
        return any(is_one(wanted, each) for each in value)
    return value is not None and is_one(wanted, value) if wanted is not None else value is None


def _count(items: list[Any], _: str, wanted: Any, __: bool) -> None:  # noqa: ANN401, FBT001
    if len(items) != wanted:
        raise Mismatch(f"{shown(wanted)} in the list", f"{len(items)}")


def _has(items: list[Any], field: str, wanted: Any, is_part: bool) -> None:  # noqa: ANN401, FBT001
    if not is_part and not any(_is(wanted, _at(each, field)) for each in items):
        raise Mismatch(f"one with {_named(field)}{shown(wanted)} in the list", _listed(items, field))


def _lacks(items: list[Any], field: str, wanted: Any, _: bool) -> None:  # noqa: ANN401, FBT001
    if any(_is(wanted, _at(each, field)) for each in items):
        raise Mismatch(f"a list without {_named(field)}{shown(wanted)}", _listed(items, field))


def _all_have(items: list[Any], field: str, wanted: Any, _: bool) -> None:  # noqa: ANN401, FBT001
    others = [_at(each, field) for each in items if not _is(wanted, _at(each, field))]
    if others:
        raise Mismatch(f"only things with {_named(field)}{shown(wanted)}", f"one with {shown(others[0])}")


def _in_order(items: list[Any], field: str, wanted: Any, is_part: bool) -> None:  # noqa: ANN401, FBT001
    there = [_at(each, field) for each in items]
    places = [next((at for at, value in enumerate(there) if _is(each, value)), None) for each in wanted]
    if None in places and is_part:
        return
    known = [each for each in places if each is not None]
    if len(known) < len(places) or known != sorted(known):
        raise Mismatch(f"{_named(field)}{shown(wanted)} in this order in the list", _listed(items, field))


def _named(field: str) -> str:
    return f"{field.strip('/')} " if field else ""


def _listed(items: list[Any], field: str) -> str:
    return f"a list of {len(items)}: {shown([_at(each, field) for each in items])}"


_OF_LISTS: dict[str, Callable[[list[Any], str, Any, bool], None]] = {
    "count": _count,
    "has": _has,
    "lacks": _lacks,
    "all_have": _all_have,
    "in_order": _in_order,
}
