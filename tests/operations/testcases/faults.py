"""Faults to plant in the three servers: each changes some answers of a server that is otherwise right.

They were listed by kind before the suite was run against them; some are beyond what a specification says,
and not all are found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.operations.testcases.servers import Call

__all__ = ["FAULTS", "Fault"]

PET = {"id": 1, "name": "Rex"}
ORDER = {"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "status": "open", "item": "x", "quantity": 1}
Changed = tuple[int, Any] | None


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, which server has it, and what that answers instead, if anything else."""

    name: str
    kind: str
    spec: str
    change: Callable[[Call], Changed]


def _instead(method: str, path: str, when: Callable[[Call], bool], status: int, body: Any) -> Callable[[Call], Changed]:
    """Return a fault of one endpoint."""

    def change(call: Call) -> Changed:
        hit = call.method == method and re.fullmatch(path, call.path) and when(call)
        return (status, body) if hit else None

    return change


def _answer(method: str, path: str, edit: Callable[[Any], Any], status: int | None = None) -> Callable[[Call], Changed]:
    """Return a fault of one endpoint's good answers."""

    def change(call: Call) -> Changed:
        hit = call.method == method and re.fullmatch(path, call.path) and call.status < 300
        return (status or call.status, edit(call.answer)) if hit else None

    return change


def _lacks(name: str) -> Callable[[Call], bool]:
    return lambda call: call.status == 422 and isinstance(call.json, dict) and name not in call.json


def _wrong(name: str, kind: type | tuple[type, ...]) -> Callable[[Call], bool]:
    return lambda call: call.status == 422 and call.field(name) is not None and not isinstance(call.field(name), kind)


def _refused(name: str, kind: type) -> Callable[[Call], bool]:
    """Tell whether a field was refused although it is of the right type."""
    return lambda call: call.status == 422 and isinstance(call.field(name), kind)


def _query(name: str, when: Callable[[str], bool]) -> Callable[[Call], bool]:
    return lambda call: call.status == 422 and any(key == name and when(value) for key, value in call.query)


_P, _U, _O = "petstore-expanded.yaml", "uspto.yaml", "orders.yaml"
_ONE_PET, _ONE_ORDER = r"/pets/[^/]+", r"/orders/[^/]+"
_IS_INT = re.compile(r"-?\d+").fullmatch


def _number(text: str) -> bool:
    return bool(_IS_INT(text))


FAULTS: list[Fault] = [
    Fault("adding a pet gives 201", "status", _P, _answer("POST", "/pets", dict, 201)),
    Fault("deleting a pet gives 200", "status", _P, _instead("DELETE", _ONE_PET, lambda c: c.status == 204, 200, PET)),
    Fault("an order is made with 200", "status", _O, _answer("POST", "/orders", dict, 200)),
    Fault("pets without a name are taken", "required", _P, _instead("POST", "/pets", _lacks("name"), 200, PET)),
    Fault("no body is a pet", "required", _P, _instead("POST", "/pets", lambda c: not c.content, 200, PET)),
    Fault(
        "criteria are not needed",
        "required",
        _U,
        _instead("POST", "/.*/records", lambda c: c.status == 422 and b"criteria" not in c.content, 200, []),
    ),
    Fault("an order needs no item", "required", _O, _instead("POST", "/orders", _lacks("item"), 201, ORDER)),
    Fault("an order needs no email", "required", _O, _instead("POST", "/orders", _lacks("email"), 201, ORDER)),
    Fault("a change needs no quantity", "required", _O, _instead("PUT", _ONE_ORDER, _lacks("quantity"), 200, ORDER)),
    Fault(
        "a line needs no price",
        "required",
        _O,
        _instead("POST", "/orders", lambda c: c.status == 422 and c.field("lines") == [{}], 201, ORDER),
    ),
    Fault("a pet's name may be a number", "type", _P, _instead("POST", "/pets", _wrong("name", str), 200, PET)),
    Fault("a pet's tag may be a number", "type", _P, _instead("POST", "/pets", _wrong("tag", str), 200, PET)),
    Fault(
        "the limit of pets may be a word",
        "type",
        _P,
        _instead("GET", "/pets", _query("limit", lambda v: not _number(v)), 200, []),
    ),
    Fault(
        "rows may be a word",
        "type",
        _U,
        _instead("POST", "/.*/records", lambda c: c.status == 422 and b"rows=not" in c.content, 200, []),
    ),
    Fault(
        "a quantity may be a word",
        "type",
        _O,
        _instead("POST", "/orders", _wrong("quantity", (int, float)), 201, ORDER),
    ),
    Fault(
        "a quantity may be a fraction",
        "type",
        _O,
        _instead("POST", "/orders", lambda c: c.field("quantity") == 1.5, 201, ORDER),
    ),
    Fault("gift may be anything", "type", _O, _instead("POST", "/orders", _wrong("gift", bool), 201, ORDER)),
    Fault(
        "null is an email",
        "type",
        _O,
        _instead(
            "POST",
            "/orders",
            lambda c: c.status == 422 and isinstance(c.json, dict) and c.json.get("email", 0) is None,
            201,
            ORDER,
        ),
    ),
    Fault(
        "a quantity has no maximum",
        "boundary",
        _O,
        _instead("POST", "/orders", lambda c: c.field("quantity") == 101, 201, ORDER),
    ),
    Fault(
        "a quantity may be zero",
        "boundary",
        _O,
        _instead("POST", "/orders", lambda c: c.field("quantity") == 0, 201, ORDER),
    ),
    Fault(
        "a quantity of 100 is refused",
        "boundary",
        _O,
        _instead("POST", "/orders", lambda c: c.field("quantity") == 100, 422, {}),
    ),
    Fault(
        "an item may be too long",
        "boundary",
        _O,
        _instead("POST", "/orders", lambda c: len(str(c.field("item"))) > 20 and c.status == 422, 201, ORDER),
    ),
    Fault(
        "an item may be too short",
        "boundary",
        _O,
        _instead("PUT", _ONE_ORDER, lambda c: len(str(c.field("item"))) < 2, 200, ORDER),
    ),
    Fault(
        "a price may be zero",
        "boundary",
        _O,
        _instead("POST", "/orders", lambda c: c.field("lines") == [{"price": 0}], 201, ORDER),
    ),
    Fault(
        "too many tags are taken",
        "boundary",
        _O,
        _instead(
            "POST", "/orders", lambda c: isinstance(c.field("tags"), list) and len(c.field("tags")) > 3, 201, ORDER
        ),
    ),
    Fault(
        "a tag may come twice",
        "boundary",
        _O,
        _instead(
            "POST", "/orders", lambda c: isinstance(c.field("tags"), list) and len(c.field("tags")) == 2, 201, ORDER
        ),
    ),
    Fault(
        "the limit of orders has no maximum",
        "boundary",
        _O,
        _instead("GET", "/orders", _query("limit", lambda v: v == "51"), 200, []),
    ),
    Fault(
        "a request id may be short",
        "boundary",
        _O,
        _instead(
            "GET", "/orders", lambda c: c.status == 422 and len(c.headers.get("x-request-id", "12345678")) < 8, 200, []
        ),
    ),
    Fault("any size is taken", "enum", _O, _instead("POST", "/orders", _refused("size", str), 201, ORDER)),
    Fault("any status is taken", "enum", _O, _instead("GET", "/orders", _query("status", bool), 200, [])),
    Fault("any text is an email", "format", _O, _instead("POST", "/orders", _refused("email", str), 201, ORDER)),
    Fault("any text is a date", "format", _O, _instead("POST", "/orders", _refused("due", str), 201, ORDER)),
    Fault("any text is a code", "format", _O, _instead("POST", "/orders", _refused("code", str), 201, ORDER)),
    Fault("any text is since", "format", _O, _instead("GET", "/orders", _query("since", bool), 200, [])),
    Fault("an id need be no uuid", "format", _O, _instead("GET", r"/orders/not-a-uuid", lambda _: True, 200, ORDER)),
    Fault(
        "unknown fields are taken",
        "structure",
        _O,
        _instead("POST", "/orders", lambda c: c.field("not-in-the-schema") is not None, 201, ORDER),
    ),
    Fault(
        "what is no JSON is a pet",
        "structure",
        _P,
        _instead(
            "POST", "/pets", lambda c: c.status == 422 and c.content.startswith(b"{") and c.json is None, 200, PET
        ),
    ),
    Fault(
        "any media type is taken",
        "media_type",
        _O,
        _instead("PUT", _ONE_ORDER, lambda c: c.headers.get("content-type") == "application/x-unknown", 200, ORDER),
    ),
    Fault(
        "orders are for everybody",
        "auth",
        _O,
        _instead("GET", "/orders", lambda c: c.status == 401 and "authorization" not in c.headers, 200, []),
    ),
    Fault(
        "any token will do",
        "auth",
        _O,
        _instead("GET", "/orders", lambda c: c.status == 401 and "authorization" in c.headers, 200, []),
    ),
    Fault("everybody deletes", "auth", _O, _instead("DELETE", _ONE_ORDER, lambda c: c.status == 401, 204, None)),
    Fault("an unknown pet is found", "not found", _P, _instead("GET", _ONE_PET, lambda c: c.status == 404, 200, PET)),
    Fault(
        "an unknown pet is deleted", "not found", _P, _instead("DELETE", _ONE_PET, lambda c: c.status == 404, 204, None)
    ),
    Fault(
        "an unknown data set has fields",
        "not found",
        _U,
        _instead("GET", "/.*/fields", lambda c: c.status == 404, 200, "id"),
    ),
    Fault(
        "an unknown order is changed",
        "not found",
        _O,
        _instead("PUT", _ONE_ORDER, lambda c: c.status == 404, 200, ORDER),
    ),
    Fault(
        "an unknown pet is a fault of the server",
        "500",
        _P,
        _instead("GET", _ONE_PET, lambda c: c.status == 404, 500, {"code": 1, "message": ""}),
    ),
    Fault(
        "what is no JSON is a fault of the server",
        "500",
        _P,
        _instead(
            "POST", "/pets", lambda c: c.content.startswith(b"{") and c.json is None, 500, {"code": 1, "message": ""}
        ),
    ),
    Fault(
        "a large limit is a fault of the server",
        "500",
        _P,
        _instead("GET", "/pets", _query("limit", lambda v: v == "2147483648"), 500, {"code": 1, "message": ""}),
    ),
    Fault("an id is a text", "answer", _P, _answer("POST", "/pets", lambda pet: {**pet, "id": str(pet["id"])})),
    Fault("a pet has no name", "answer", _P, _answer("GET", _ONE_PET, lambda pet: {"id": pet["id"]})),
    Fault("pets are in an object", "answer", _P, _answer("GET", "/pets", lambda pets: {"pets": pets})),
    Fault(
        "errors have no message", "answer", _P, _instead("GET", _ONE_PET, lambda c: c.status == 404, 404, {"code": 404})
    ),
    Fault("the total is a text", "answer", _U, _answer("GET", "/", lambda sets: {**sets, "total": "2"})),
    Fault("fields are a list", "answer", _U, _answer("GET", "/.*/fields", lambda text: [text])),
    Fault(
        "an order has an unknown status",
        "answer",
        _O,
        _answer("POST", "/orders", lambda order: {**order, "status": "lost"}),
    ),
    Fault("a deleted pet stays", "state", _P, _instead("GET", _ONE_PET, lambda c: c.status == 404, 200, PET)),
    Fault(
        "a pet is not kept",
        "state",
        _P,
        _instead("GET", _ONE_PET, lambda c: c.status == 200, 404, {"code": 404, "message": ""}),
    ),
    Fault("a change is not kept", "state", _O, _answer("PUT", _ONE_ORDER, lambda order: {**order, "quantity": 7})),
    Fault("the limit of orders does nothing", "state", _O, _answer("GET", "/orders", lambda found: [ORDER, *found])),
    Fault(
        "an order that is read is another",
        "state",
        _O,
        _answer("GET", _ONE_ORDER, lambda order: {**order, "item": "other"}),
    ),
]
