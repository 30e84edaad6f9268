"""The ways in which answers belong together: the order of a list, totals, and values that two answers share."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from .answers import Mismatch
from .plain import as_text, found, is_list, is_object
from .values import check_sent, difference, has_more, in_order, is_one, items_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["RELATIONS"]

_NEAR = timedelta(minutes=15)
"""The clocks of a server and of its database may differ by this."""


def _ordered(check: dict[str, Any], body: Any, kept: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare the order of what the case made; what others made in between says nothing."""
    made = [as_text(kept.get(each)) for each in check["fields"]]
    items = [item for item in items_of(body) or [] if is_object(item) and as_text(item.get(check["name"])) in made]
    first, by, down = (check["value"].get(each) for each in ("first", "by", "down"))
    if len(items) < len(made):
        return

    def place(item: dict[str, Any]) -> Any:  # noqa: ANN401 - what is compared
        return made.index(as_text(item[check["name"]])) if by is None else in_order(item.get(by))

    groups = [items]
    if first is not None:
        flags = [item.get(first) is True for item in items]
        if flags != sorted(flags, reverse=True):
            raise Mismatch(f"a list with those first that are {first}", shown([item.get(first) for item in items]))
        groups = [[item for item in items if (item.get(first) is True) is flag] for flag in (True, False)]
    if by is None and down is None:
        return
    for group in groups:
        places: list[Any] = [place(item) for item in group]
        if len({type(each).__name__ for each in places}) != 1 or places[0] is None:
            continue
        right = [sorted(places, reverse=each) for each in ((True, False) if down is None else (down,))]
        if places not in right:
            word = "the order of creation" if by is None else f"the order of {by}"
            ends = {True: ", the last first", False: ", the first first", None: ""}[down]
            raise Mismatch(f"a list in {word}{ends}", shown([item.get(by or check["name"]) for item in group]))


def _total(check: dict[str, Any], body: Any, _: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare a total with the number of things in a list that has all of them."""
    total = _number(check["pointer"], body, memory["headers"])
    for whole in (_number(each, body, memory["headers"]) for each in check.get("fields", ())):
        if total is not None and whole is not None and total != -(-whole // check["value"]):
            raise Mismatch(f"{-(-whole // check['value'])} at {check['pointer']}, for {whole} in all", str(total))
        return
    items = items_of(body)
    if items is None or total is None or check.get("value") == 0:
        return
    is_whole = len(items) < (check.get("value") or math.inf) and not has_more(body)
    if total < len(items) or (is_whole and total != len(items)):
        raise Mismatch(f"{len(items)} at {check['pointer']}, since that many are listed", str(total))


def _number(pointer: str, body: Any, headers: Mapping[str, str]) -> int | None:  # noqa: ANN401
    """Return the whole number in a body, or in a header; None where there is none."""
    value = headers.get(pointer[1:], "") if pointer.startswith("@") else found(body, pointer)
    text = str(value)
    return int(text) if not isinstance(value, bool) and text.isascii() and text.isdigit() else None


def _listed(check: dict[str, Any], body: Any, kept: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare one thing of a list with what was sent."""
    wanted = kept.get(check["variable"])
    for item in items_of(body) or []:
        if is_object(item) and is_one(wanted, item.get(check["name"])):
            check_sent({"fields": check["fields"]}, item, kept, memory)


def _times(check: dict[str, Any], body: Any, _: dict[str, Any], __: dict[str, Any]) -> None:  # noqa: ANN401
    """Count a value in a list of the answer."""
    listed, (value, wanted) = found(body, check["pointer"]), check["value"]
    if is_list(listed):
        count = sum(as_text(each) == as_text(value) for each in listed)
        if count != wanted:
            raise Mismatch(f"{shown(value)} {wanted} times at {check['pointer']}", f"{count} times: {shown(listed)}")


def _grows(check: dict[str, Any], body: Any, kept: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: ANN401
    before, value = kept.get(check["variable"]), found(body, check.get("pointer", ""))
    if isinstance(before, int) and isinstance(value, int) and value != before + 1:
        raise Mismatch(f"{before + 1} at {check['pointer']}, one more than before", str(value))


def _agrees(check: dict[str, Any], body: Any, kept: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare an answer with a kept one, in the fields that both have."""
    before, answer = kept.get(check["variable"]), found(body, check.get("pointer", ""))
    if not is_object(before) or not is_object(answer):
        return
    for name in check["fields"]:
        if name in before and name in answer and (each := difference(before[name], answer[name], f"/{name}")):
            where, was, came = each
            raise Mismatch(f"{shown(was)} at {where}, as it was answered before", shown(came))


def _now(check: dict[str, Any], body: Any, _: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """Compare a time with that of the answer, by the clock of the server."""
    try:
        moment = datetime.fromisoformat(found(body, check.get("pointer", "")))
        clock = parsedate_to_datetime(memory["headers"].get("date", ""))
    except (TypeError, ValueError):
        return
    clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
    if moment.tzinfo is not None and abs(moment - clock) > _NEAR:
        raise Mismatch(f"about {clock.isoformat()} at {check['pointer']}, the Date of the answer", moment.isoformat())


def _edge(check: dict[str, Any], body: Any, kept: dict[str, Any], _: dict[str, Any]) -> None:  # noqa: ANN401
    wanted, least = kept.get(check["variable"]), check["kind"] == "least"
    for item in items_of(body) or []:
        value = item.get(check["name"]) if is_object(item) else None
        if value is None or type(in_order(value)) is not type(in_order(wanted)):
            continue
        if in_order(value) < in_order(wanted) if least else in_order(value) > in_order(wanted):
            word = "less" if least else "more"
            raise Mismatch(
                f"only things with {check['name']} no {word} than {shown(wanted)}", f"one with {shown(value)}"
            )


def _only(check: dict[str, Any], body: Any, _: dict[str, Any], __: dict[str, Any]) -> None:  # noqa: ANN401
    for item in items_of(body) or []:
        value, wanted = item.get(check["name"]) if is_object(item) else None, check.get("value")
        if value is not None and difference(wanted, value, "") is not None:
            raise Mismatch(f"only things with {check['name']} {shown(wanted)}", f"one with {shown(value)}")


def _adds(check: dict[str, Any], body: Any, kept: dict[str, Any], memory: dict[str, Any]) -> None:  # noqa: ANN401
    """See which numbers have changed by an amount; later ones must do the same, with the same sign."""
    before, answer, amount = kept.get(check["variable"]), found(body, check.get("pointer", "")), check["value"]
    if not is_object(before) or not is_object(answer):
        return
    changes = {name: _change(before.get(name), answer.get(name)) for name in check["fields"]}
    if "adds" not in memory:
        memory["adds"] = {name: change // amount for name, change in changes.items() if abs(change) == abs(amount)}
        return
    for name, sign in memory["adds"].items():
        if changes[name] != sign * amount:
            was, wanted = before.get(name), before.get(name, 0) + sign * amount
            raise Mismatch(f"/{name} to become {shown(wanted)}, from {shown(was)}", shown(answer.get(name)))


def _change(before: object, after: object) -> int | float:
    numbers = [each for each in (before, after) if isinstance(each, int | float) and not isinstance(each, bool)]
    return numbers[1] - numbers[0] if len(numbers) == 2 else 0  # noqa: PLR2004


RELATIONS: dict[str, Callable[[dict[str, Any], Any, dict[str, Any], dict[str, Any]], None]] = {
    "ordered": _ordered,
    "total": _total,
    "listed": _listed,
    "times": _times,
    "grows": _grows,
    "agrees": _agrees,
    "now": _now,
    "least": _edge,
    "most": _edge,
    "only": _only,
    "adds": _adds,
}
"""The functions that compare a body with what was kept, and with the memory of the case, by the kind of the check."""
