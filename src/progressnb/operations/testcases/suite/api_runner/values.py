"""Values of answers: what was sent comes back, a list has what was made, pages don't repeat."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from .answers import Mismatch, lenient
from .plain import as_text, cut, found, is_list, is_object

__all__ = ["VALUES", "check_sent", "difference", "has_more", "in_order", "is_one", "items_of", "shown"]

_LISTS = ("items", "data", "results", "content", "records", "entries", "values", "rows", "list", "_embedded")
_MORE = ("next", "next_page", "nextPage", "next_cursor", "nextCursor", "has_more", "hasMore", "next_token")


def check_sent(check: dict[str, Any], body: Any, _: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare with what was sent before: each field that the answer documents."""
    state, answer = memory.get("state"), found(body, check.get("pointer", ""))
    if not is_object(state) or not is_object(answer):
        return
    for name in check["fields"]:
        if name not in state:
            continue
        if name not in answer:
            if state[name] in (None, [], {}) or lenient():
                continue
            raise Mismatch(
                f"{shown(state[name])} at /{name}, as it was sent", "no such field", key=("sent", f"/{name}")
            )
        place = difference(state[name], answer[name], f"/{name}")
        if place is not None:
            where, was, came = place
            raise Mismatch(f"{shown(was)} at {where}, as it was sent", shown(came), key=("sent", f"/{name}"))


def _has(check: dict[str, Any], body: Any, kept: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: ANN401
    """Look for a thing in a list. A list that is only a part of all says nothing."""
    items, wanted = items_of(body), kept.get(check["variable"])
    if items is None or wanted is None or not all(is_object(item) and check["name"] in item for item in items):
        return
    count = sum(is_one(wanted, item[check["name"]]) for item in items)
    if check["kind"] == "lacks":
        if count:
            raise Mismatch(f"a list without {check['name']} {shown(wanted)}", "one with it")
        return
    is_part = has_more(body) or len(items) >= check.get("value", math.inf)
    if count > 1 or (not count and not is_part):
        number = "once" if count else ""
        got = f"{count} times" if count else f"a list of {len(items)} without it"
        raise Mismatch(f"{check['name']} {shown(wanted)} in the list {number}".strip(), got)


def _at_most(check: dict[str, Any], body: Any, _: dict[str, Any], __: dict[str, Any]) -> None:  # noqa: ANN401
    items = items_of(body)
    if items is None:
        return
    if check["kind"] == "at_most" and len(items) > check["value"]:
        raise Mismatch(f"at most {check['value']} in the list", f"{len(items)}")
    if check["kind"] == "at_least" and len(items) < check["value"]:
        raise Mismatch(f"at least {check['value']} in the list", f"{len(items)}")


def _page(check: dict[str, Any], body: Any, _: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare a page with the one before: nothing comes twice, and nothing is left out between them."""
    name = check["name"]
    items = items_of(body)
    if items is None or not all(is_object(item) and name in item for item in items):
        return
    ids = [item[name] for item in items]
    if check["value"] == "whole":
        memory["whole"], memory["seen"] = ids, []
        return
    twice = [each for each in ids if each in memory["seen"]]
    if twice:
        raise Mismatch("a page with nothing of the page before", f"{name} {shown(twice[0])} again")
    memory["seen"] += ids
    whole, seen = memory["whole"], memory["seen"]
    if not ids and len(whole) > len(seen):
        raise Mismatch(f"the next of {len(whole)} things on this page", "an empty page")
    places = [whole.index(each) for each in seen if each in whole]
    if len(places) == len(seen) and places != list(range(places[0], places[0] + len(places))):
        raise Mismatch(f"{name} {shown(whole[places[0] : places[0] + len(places)])} on the pages", shown(seen))


def _each(check: dict[str, Any], body: Any, kept: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare a field of each item with the value that a filter asks for."""
    wanted = kept.get(check["variable"])
    for item in items_of(body) or []:
        value = item.get(check["name"]) if is_object(item) else None
        if value is None:
            continue
        values = value if is_list(value) else [value]
        exact = is_list(value) or check.get("value") is True
        if not any(difference(wanted, each, "") is None or (not exact and _is_part(wanted, each)) for each in values):
            raise Mismatch(f"only things with {check['name']} {shown(wanted)}", f"one with {shown(value)}")


def _sorted(check: dict[str, Any], body: Any, _: dict[str, Any], __: dict[str, Any]) -> None:  # noqa: ANN401
    items: list[Any] = [item.get(check["name"]) for item in items_of(body) or [] if is_object(item)]
    kinds = {type(item).__name__ for item in items}
    if len(kinds) != 1 or not kinds <= {"str", "int", "float"}:
        return
    down = sorted(items, key=in_order, reverse=True)
    right = {"down": [down], "up": [sorted(items, key=in_order)]}.get(
        check["value"], [down, sorted(items, key=in_order)]
    )
    if [in_order(item) for item in items] not in [[in_order(item) for item in each] for each in right]:
        raise Mismatch(f"a list that is sorted by {check['name']}", shown(items))


def _equals(check: dict[str, Any], body: Any, kept: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare one value of the answer, or a header of it; one that is not there says nothing."""
    pointer = check["pointer"]
    value = memory["headers"].get(pointer[1:]) if pointer.startswith("@") else found(body, pointer)
    wanted = kept.get(check["variable"]) if check.get("variable") else check.get("value")
    same = difference(wanted, value, "") is None
    if check["kind"] == "differs" and check.get("name") and not re.search(r"\.\d{6}", str(value)):
        return  # a clock of whole seconds may say the same again
    if value is not None and same is (check["kind"] == "differs"):
        word = "another value than " if check["kind"] == "differs" else ""
        raise Mismatch(f"{word}{shown(wanted)} at {check['pointer']}", shown(value))


VALUES = {
    "sent": check_sent,
    "has": _has,
    "lacks": _has,
    "at_most": _at_most,
    "at_least": _at_most,
    "page": _page,
    "each": _each,
    "sorted": _sorted,
    "equals": _equals,
    "differs": _equals,
}


def has_more(body: Any) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a list says that there are more pages."""
    return is_object(body) and any(body.get(name) for name in _MORE)


def items_of(body: Any) -> list[Any] | None:  # noqa: ANN401 - plain data
    """Return the list that an answer is, or that it has; None where there is none, or it is not clear which."""
    if is_list(body):
        return body
    if not is_object(body):
        return None
    lists = {name: value for name, value in body.items() if is_list(value)}
    for name in _LISTS:
        if name in lists:
            return lists[name]
        if is_object(body.get(name)) and name in ("_embedded", "data"):
            return items_of(body[name])
    return next(iter(lists.values())) if len(lists) == 1 else None


def is_one(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - plain data
    """Tell whether an id is the wanted one, which is a text where it was read from an address."""
    return difference(wanted, value, "") is None or as_text(wanted) == as_text(value)


def difference(sent: Any, came: Any, where: str) -> tuple[str, Any, Any] | None:  # noqa: ANN401 - plain data
    """Return the first place where what came is not what was sent, with both values."""
    if is_object(sent) and is_object(came):
        inner = (difference(sent[name], came[name], f"{where}/{name}") for name in sent if name in came)
        return next((each for each in inner if each is not None), None)
    if is_list(sent) and is_list(came) and len(sent) == len(came):
        pairs = list(zip(sent, came, strict=True))
        inner = (difference(one, other, f"{where}/{at}") for at, (one, other) in enumerate(pairs))
        first = next((each for each in inner if each is not None), None)
        # Servers keep words such as tags as a set.
        as_set = first is not None and not any(isinstance(each, dict | list) for pair in pairs for each in pair)
        return None if as_set and sorted(map(_key, sent)) == sorted(map(_key, came)) else first
    return None if _same(sent, came) else (where, sent, came)


def _same(sent: Any, came: Any) -> bool:  # noqa: ANN401 - plain data
    if isinstance(sent, bool) or isinstance(came, bool) or sent is None or came is None:
        return sent is came
    if isinstance(sent, int | float) and isinstance(came, int | float):
        return sent == came or math.isclose(sent, came, rel_tol=1e-6 if lenient() else 1e-12)
    if not isinstance(sent, str) or not isinstance(came, str):
        return False
    if sent == came or (lenient() and sent.strip().casefold() == came.strip().casefold()):
        return True
    readings: list[tuple[Any, tuple[type[Exception], ...]]] = [
        (_moment, (ValueError,)),
        (UUID, (ValueError,)),
        (Decimal, (InvalidOperation,)),
    ]
    for read, errors in readings:
        try:
            return bool(read(sent) == read(came))
        except errors:
            continue
    slash = "://" in sent and sent.rstrip("/").casefold() == came.rstrip("/").casefold()
    return slash or (sent.count("@") == 1 and sent.casefold() == came.casefold())


def _moment(text: str) -> datetime:
    if len(text) < 10:  # noqa: PLR2004 - no date
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_part(wanted: Any, value: Any) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a text has the one that a filter asks for: many filters search."""
    return isinstance(wanted, str) and isinstance(value, str) and wanted.casefold() in value.casefold()


def in_order(value: Any) -> Any:  # noqa: ANN401 - plain data
    """Return what a value is sorted by."""
    return value.casefold() if isinstance(value, str) else value


def _key(value: Any) -> str:  # noqa: ANN401 - plain data
    return json.dumps(value, sort_keys=True)


def shown(value: Any) -> str:  # noqa: ANN401 - plain data
    """Return a value as JSON that is not long."""
    return cut(json.dumps(value, ensure_ascii=False), 200)
