"""Promises of a sentence about an answer: of one value, or of what a list has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from .answers import Mismatch
from .plain import as_text, is_list, is_object, parts
from .values import has_more, is_one, items_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["UnclearError", "check_promise"]

_TOTALS = ("total", "count", "total_count", "totalCount", "total_items", "totalItems")
_PAGE = 10
"""Things from which on a list may be a page of a longer one: lists of just 10, 20, 50 are."""

_DIGITS = 20  # of a number of things
_PART = "the list may be a part of a longer one, which may have more"


class UnclearError(Exception):
    """A promise that an answer neither keeps nor breaks, since it has nothing to look at; the message says what."""


def check_promise(check: dict[str, Any], body: Any, headers: Any) -> None:  # noqa: ANN401 - plain data
    """Raise `Mismatch` where an answer is not as a promise says: the check's `name` is what, `value` of which.

    Raises `UnclearError` where there is nothing to look at.
    """
    pointer, that, wanted = check.get("pointer", ""), check["name"], check.get("value")
    value, unclear = _looked_up(body, headers, pointer)
    where = pointer or "the body"
    if that in ("absent", "present"):
        if unclear and that == "absent":
            raise UnclearError(unclear)
        nothing = value in (None, ...) or (not pointer and value == "")
        if nothing is (that == "present"):
            raise Mismatch(f"{'something' if nothing else 'nothing'} at {where}", _told(value))
        return
    if that in _OF_LISTS:
        items = items_of(value)
        if items is None:
            raise Mismatch(f"a list at {where}", _told(value))
        field = (check.get("fields") or [""])[0]
        _OF_LISTS[that](items, field, wanted, has_part(body, headers, items))
        return
    if that == "differs" and value is ...:
        raise UnclearError(unclear or f"there is nothing at {where}")
    _compare(that, wanted, None if value is ... else value, where)


def _looked_up(body: Any, headers: Any, pointer: str) -> tuple[Any, str]:  # noqa: ANN401 - plain data
    """Return the value at a place, `...` where there is none, and why nobody could be there."""
    if pointer.startswith("@"):
        return headers.get(pointer[1:], ...), ""
    value = body
    for key in parts(pointer):
        if is_list(value) and key.isdecimal():
            if int(key) >= len(value):
                return ..., f"the list has {len(value)}, and nothing at {pointer}"
            value = value[int(key)]
        elif is_object(value) or value is None:
            value = (value or {}).get(key, ...)
            if value is ...:
                return ..., ""
        else:
            return ..., f"{shown(value)} can have nothing at {pointer}"
    return value, ""


def has_part(body: Any, headers: Any, items: list[Any]) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a list may be a page of a longer one."""
    totals = [body.get(name) for name in _TOTALS] if is_object(body) else [headers.get("x-total-count")]
    numbers = [int(each) for each in map(str, totals) if each.isascii() and each.isdigit() and len(each) < _DIGITS]
    if numbers:
        return max(numbers) > len(items)
    return has_more(body) or "next" in headers.get("link", "") or (bool(items) and len(items) % _PAGE == 0)


def _compare(that: str, wanted: Any, value: Any, where: str) -> None:  # noqa: ANN401 - plain data
    if that in ("equals", "differs"):
        same = _is_same(wanted, value)
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


def _is_same(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a value is the wanted one, and has each of its fields."""
    return _has_fields(wanted, value) and is_one(wanted, value)


def _has_fields(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - plain data
    if is_object(wanted) and is_object(value):
        there = all(each is None or name in value for name, each in wanted.items())
        return (there if wanted else not value) and all(
            _has_fields(each, value[name]) for name, each in wanted.items() if name in value
        )
    if is_list(wanted) and is_list(value):
        return all(map(_has_fields, wanted, value))
    return True


def _at(item: Any, field: str) -> Any:  # noqa: ANN401 - plain data
    """Return the value of a field of a thing, or `...` where it has none."""
    return _looked_up(item, {}, field if field.startswith("/") else f"/{field}")[0] if field else item


def _is(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - plain data
    if is_list(value) and not is_list(wanted):
        return any(_is_same(wanted, each) for each in value)
    return value in (None, ...) if wanted is None else value not in (None, ...) and _is_same(wanted, value)


def _count(items: list[Any], _: str, wanted: Any, is_part: bool) -> None:  # noqa: ANN401, FBT001
    number = _sized(wanted)
    if number is None:
        raise UnclearError(f"{shown(wanted)} is no number of things")
    if is_part and len(items) < number:
        raise UnclearError(_PART)
    if len(items) != number:
        raise Mismatch(f"{shown(wanted)} in the list", f"{len(items)}")


def _has(items: list[Any], field: str, wanted: Any, is_part: bool) -> None:  # noqa: ANN401, FBT001
    if any(_is(wanted, _at(each, field)) for each in items):
        return
    if is_part:
        raise UnclearError(_PART)
    raise Mismatch(f"one with {_named(field)}{shown(wanted)} in the list", _listed(items, field))


def _lacks(items: list[Any], field: str, wanted: Any, _: bool) -> None:  # noqa: ANN401, FBT001
    if any(_is(wanted, _at(each, field)) for each in items):
        raise Mismatch(f"a list without {_named(field)}{shown(wanted)}", _listed(items, field))
    if items and all(_at(each, field) is ... for each in items):
        raise UnclearError(f"nothing in a list of {len(items)} has {_named(field)}".strip())


def _all_have(items: list[Any], field: str, wanted: Any, _: bool) -> None:  # noqa: ANN401, FBT001
    if not items:
        raise UnclearError("the list is empty")
    others = [_at(each, field) for each in items if not _is(wanted, _at(each, field))]
    if others:
        raise Mismatch(f"only things with {_named(field)}{shown(wanted)}", f"one with {_told(others[0])}")


def _in_order(items: list[Any], field: str, wanted: Any, is_part: bool) -> None:  # noqa: ANN401, FBT001
    if not is_list(wanted):
        raise UnclearError(f"{shown(wanted)} is no list of things")
    there = [_at(each, field) for each in items]
    places = [next((at for at, value in enumerate(there) if _is(each, value)), None) for each in wanted]
    known = [each for each in places if each is not None]
    if known != sorted(known) or (len(known) < len(places) and not is_part):
        raise Mismatch(f"{_named(field)}{shown(wanted)} in this order in the list", _listed(items, field))
    if len(set(known)) < 2:  # noqa: PLR2004 - one thing has no order
        raise UnclearError(f"less than two different ones of {shown(wanted)} are in the list")


def _named(field: str) -> str:
    return f"{field.strip('/')} " if field else ""


def _listed(items: list[Any], field: str) -> str:
    there = [_at(each, field) for each in items]
    return f"a list of {len(items)}: {shown([None if each is ... else each for each in there])}"


def _told(value: Any) -> str:  # noqa: ANN401 - plain data
    return "nothing" if value is ... else shown(value)


_OF_LISTS: dict[str, Callable[[list[Any], str, Any, bool], None]] = {
    "count": _count,
    "has": _has,
    "lacks": _lacks,
    "all_have": _all_have,
    "in_order": _in_order,
}
