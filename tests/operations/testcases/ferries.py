"""A server of ferries and purses whose specification tells of states, seats and money; and faults of it."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import httpx

__all__ = ["FAULTS", "SPEC", "TOKENS", "Ferries"]

TOKENS = {"API_KEY_TOKEN": "Ann-Lee"}
ADDRESS = "http://ferries.test"

FAULTS = {
    "renamed at sea": "PUT-/ferries/:code-after_POST_ferries_code_moves_sailing",
    "deleted with bookings": "DELETE-/ferries/:code-while_it_has_something",
    "wrecks sail": "POST-/ferries/:code/moves-after_POST_ferries_code_moves_each_in_turn",
    "wrecked in port": "POST-/ferries/:code/moves-to_wrecked_at_once",
    "moves are not seen": "POST-/ferries/:code/moves-state_is_seen_above",
    "newest move first": "GET-/ferries/:code/moves-in_the_order_that_is_told",
    "more than there are": "POST-/ferries/:code/bookings-more_than_seats",
    "free stays": "POST-/ferries/:code/bookings-free_is_another_number_then",
    "seats stay taken": "DELETE-/bookings/:bookingId-gives_back_free",
    "moves stay": "DELETE-/ferries/:code-ferries_made_anew_is_empty",
    "sailed at once": "POST-/ferries-defaults",
    "other default": "GET-/ferries-tells_its_defaults",
    "same name by a change": "PUT-/ferries/:code-to_what_another_one_has",
    "same name in capitals": "POST-/ferries-the_same_name_in_capital_letters",
    "whole names only": "GET-/ferries-search_by_q_by_a_part",
    "limit is in the range": "GET-/ferries-range_by_max_seats",
    "closed with money": "DELETE-/purses/:purseId-after_POST_purses_purseId_deposits",
    "rounded": "POST-/purses/:purseId/deposits-amounts_add_up",
    "payer keeps it": "POST-/payments-what_changes_other3_changes_other1",
    "payee gets nothing": "POST-/payments-what_changes_other1_changes_other3",
    "overdrawn": "POST-/payments-more_amount_than_there_is",
    "bound is dearer": "GET-/fares-price_at_the_bound_of_4_seat",
    "any letters": "GET-/ferries-with_credentials_in_other_letters",
    "beginning is enough": "GET-/ferries-with_credentials_without_their_last_character",
}
"""A case that finds a fault, by the fault."""

STATES = ["moored", "sailing", "wrecked"]
TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 60}
SEATS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 900}
AMOUNT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 10**12}
ID: dict[str, Any] = {"type": "string", "format": "uuid"}


def _object(required: list[str], **fields: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": fields}


def _ferry() -> dict[str, Any]:
    sailed = {"type": ["string", "null"], "format": "date-time", "description": "null until it has sailed"}
    known = {"code": TEXT, "name": TEXT, "seats": SEATS, "free": {"type": "integer", "minimum": 0}}
    return _object(["code", "name"], **known, state={"enum": STATES}, sailedAt=sailed)


def _answers(status: str, schema: dict[str, Any] | None, **refused: str) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}} if schema else {}
    others = {key.strip("_"): {"description": told} for key, told in refused.items()}
    return {"responses": {status: {"description": "Fine", **content}, "401": {"description": "No token"}, **others}}


def _body(*required: str, **fields: Any) -> dict[str, Any]:
    schema = _object(list(required), **fields)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _query(name: str, told: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": told, "schema": schema}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": [{"name": name, "in": "path", "required": True, "schema": schema}]}


def _spec() -> dict[str, Any]:
    ferry, purse = _ferry(), _object(["id"], id=ID, owner=TEXT, balance={"type": "integer", "minimum": 0})
    move = _object(["state", "log"], state={"enum": STATES[1:]}, log=TEXT)
    page = _object(["items"], items={"type": "array", "items": ferry}, size={"type": "integer"})
    payment = _object(["id"], id=ID, payer=ID, payee=ID, amount=AMOUNT)
    queries = [
        _query("q", "A part of the name", type="string"),
        _query("max_seats", "Less than this, exclusive", **SEATS),
        _query("size", "", type="integer", minimum=1, maximum=50, default=20),
    ]
    taken = "There is a ferry with this name; upper and lower case do not matter"
    written = {"name": TEXT, "seats": SEATS}
    paths: dict[str, Any] = {
        "/ferries": {
            "get": {"parameters": queries, **_answers("200", page, _400="Wrong")},
            "post": {
                **_body("code", "name", "seats", code={**TEXT, "pattern": "^[a-z0-9-]+$"}, **written),
                **_answers("201", ferry, _400="Wrong", _409=taken),
            },
        },
        "/ferries/{code}": {
            **_in_path("code", TEXT),
            "get": _answers("200", ferry, _404="None"),
            "put": {
                "description": "Only while it is moored. 409 if another one has the name already.",
                **_body("name", "seats", **written),
                **_answers("200", ferry, _400="Wrong", _404="None", _409="Not now"),
            },
            "delete": {
                "description": "409 as long as it has bookings.",
                **_answers("204", None, _404="None", _409="It has bookings"),
            },
        },
        "/ferries/{code}/moves": {
            **_in_path("code", TEXT),
            "get": {"summary": "Oldest first", **_answers("200", {"type": "array", "items": move}, _404="None")},
            "post": {
                **_body("state", "log", state={"enum": STATES[1:]}, log=TEXT),
                **_answers("201", move, _400="Wrong", _404="None", _409="Not from where it is"),
            },
        },
        "/ferries/{code}/bookings": {
            **_in_path("code", TEXT),
            "post": {
                **_body("seats", seats={"type": "integer", "minimum": 1, "maximum": 9}),
                **_answers(
                    *("201", _object(["id"], id={"type": "integer"}, seats=SEATS)),
                    _400="Wrong",
                    _404="None",
                    _409="Not enough seats left",
                ),
            },
        },
        "/bookings/{bookingId}": {
            **_in_path("bookingId", {"type": "integer"}),
            "delete": _answers("204", None, _404="None"),
        },
        "/fares": {
            "get": {
                "description": "The price is 10 for up to 4 seats, and 20 for more.",
                "parameters": [{**_query("seats", "", type="integer", minimum=1, maximum=9), "required": True}],
                **_answers("200", _object(["price"], price={"type": "integer"}), _400="Wrong"),
            }
        },
        "/purses": {"post": {**_body("owner", owner=TEXT), **_answers("201", purse, _400="Wrong")}},
        "/purses/{purseId}": {
            **_in_path("purseId", ID),
            "get": _answers("200", purse, _404="None"),
            "delete": _answers("204", None, _404="None", _409="The balance is not 0"),
        },
        "/purses/{purseId}/deposits": {
            **_in_path("purseId", ID),
            "post": {**_body("amount", amount=AMOUNT), **_answers("200", purse, _400="Wrong", _404="None")},
        },
        "/payments": {
            "post": {
                **_body("payer", "payee", "amount", payer=ID, payee=ID, amount=AMOUNT),
                **_answers("201", payment, _400="Wrong", _404="None", _409="The payer has too little"),
            }
        },
        "/payments/{paymentId}": {**_in_path("paymentId", ID), "get": _answers("200", payment, _404="None")},
    }
    told = "A ferry is moored, then sailing (as often as it likes), then wrecked, which is final."
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ferries", "version": "1", "description": told},
        "security": [{"token": []}],
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


SPEC = _spec()


class _RefusedError(Exception):
    """An answer that is no success."""


class Ferries:
    """A server in this process, with one fault or none."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.ferries: dict[str, dict[str, Any]] = {}
        self.moves: dict[str, list[dict[str, Any]]] = {}
        self.bookings: dict[str, tuple[str, int]] = {}
        self.purses: dict[str, dict[str, Any]] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.numbers = itertools.count(1)

    def client(self) -> httpx.Client:
        """Return a connection to it."""
        return httpx.Client(transport=httpx.MockTransport(self.answer), base_url=ADDRESS)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        template = next((each for each in SPEC["paths"] if self._values(each, request) is not None), None)
        if template is None or request.method.lower() not in SPEC["paths"][template]:
            return httpx.Response(404 if template is None else 405)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        letters = self.fault == "any letters" and given.casefold() == "ann-lee"
        start = self.fault == "beginning is enough" and bool(given) and "Ann-Lee".startswith(given)
        if given != "Ann-Lee" and not letters and not start:
            return httpx.Response(401)
        word = "".join(part.capitalize() for part in re.sub(r"\{\w+\}", "one", template).strip("/").split("/"))
        try:
            body = self._body(request, SPEC["paths"][template][request.method.lower()])
            work = getattr(self, f"_{request.method.lower()}{word}")
            status, made = work(*(self._values(template, request) or ()), *([] if body is None else [body]), request)
        except _RefusedError as error:
            return httpx.Response(int(str(error)))
        return httpx.Response(status, json=made) if made is not None else httpx.Response(status)

    def _values(self, template: str, request: httpx.Request) -> tuple[str, ...] | None:
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", template), request.url.path)
        return found.groups() if found else None

    def _body(self, request: httpx.Request, operation: dict[str, Any]) -> dict[str, Any] | None:
        from jsonschema import Draft202012Validator

        if "requestBody" not in operation:
            return None
        content = operation["requestBody"]["content"]["application/json"]["schema"]
        try:
            body: Any = json.loads(request.content)
        except (ValueError, RecursionError):
            body = None
        checked = Draft202012Validator(content, format_checker=Draft202012Validator.FORMAT_CHECKER)
        if request.headers.get("Content-Type") != "application/json" or not checked.is_valid(body):
            raise _RefusedError("400")
        return {key: int(each) if isinstance(each, float) else each for key, each in body.items()}

    def _ferry(self, code: str) -> dict[str, Any]:
        if code not in self.ferries:
            raise _RefusedError("404")
        return self.ferries[code]

    def _shown(self, code: str) -> dict[str, Any]:
        ferry = self._ferry(code)
        free = ferry["seats"] - sum(seats for each, seats in self.bookings.values() if each == code)
        free = ferry["seats"] if self.fault == "free stays" else free
        return {**ferry, "free": free, "sailedAt": "2026-01-01T00:00:00Z" if self.fault == "sailed at once" else None}

    def _named(self, name: str, *, but: str = "", changed: bool = False) -> None:
        fold = str if self.fault == "same name in capitals" else str.casefold
        names = [each["name"] for code, each in self.ferries.items() if code != but]
        if fold(name) in map(fold, names) and not (changed and self.fault == "same name by a change"):
            raise _RefusedError("409")

    def _getFerries(self, request: httpx.Request) -> tuple[int, Any]:  # noqa: N802 - of a path
        asked = request.url.params
        for name, most in (("max_seats", 900), ("size", 50)):
            if name in asked and not (re.fullmatch(r"\d{1,9}", asked[name]) and 0 < int(asked[name]) <= most):
                raise _RefusedError("400")
        size, word = int(asked.get("size", 10 if self.fault == "other default" else 20)), asked.get("q", "")
        below = int(asked.get("max_seats", 901)) + (self.fault == "limit is in the range")
        found = [
            self._shown(code)
            for code, each in reversed(self.ferries.items())
            if (word == each["name"] if word and self.fault == "whole names only" else word in each["name"])
            if each["seats"] < below
        ]
        return 200, {"items": found[:size], "size": size}

    def _postFerries(self, body: dict[str, Any], _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        self._named(body["name"])
        if body["code"] in self.ferries:
            raise _RefusedError("409")
        self.ferries[body["code"]] = {**body, "state": "moored"}
        self.moves.setdefault(body["code"], [])
        return 201, self._shown(body["code"])

    def _getFerriesOne(self, code: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        return 200, self._shown(code)

    def _putFerriesOne(self, code: str, body: dict[str, Any], _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        if self._ferry(code)["state"] != "moored" and self.fault != "renamed at sea":
            raise _RefusedError("409")
        self._named(body["name"], but=code, changed=True)
        self._ferry(code).update(body)
        return 200, self._shown(code)

    def _deleteFerriesOne(self, code: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        self._ferry(code)
        if any(each == code for each, _ in self.bookings.values()) and self.fault != "deleted with bookings":
            raise _RefusedError("409")
        del self.ferries[code]
        if self.fault != "moves stay":
            del self.moves[code]
        return 204, None

    def _getFerriesOneMoves(self, code: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        self._ferry(code)
        return 200, self.moves[code][:: -1 if self.fault == "newest move first" else 1]

    def _postFerriesOneMoves(self, code: str, body: dict[str, Any], _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        state = self._ferry(code)["state"]
        fine = state == "sailing" or (state == "moored" and body["state"] == "sailing")
        fine = fine or (state == "moored" and self.fault == "wrecked in port")
        if not fine and not (state == "wrecked" and self.fault == "wrecks sail"):
            raise _RefusedError("409")
        self.moves[code].append(body)
        if self.fault != "moves are not seen":
            self._ferry(code)["state"] = body["state"]
        return 201, body

    def _postFerriesOneBookings(self, code: str, body: dict[str, Any], _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        if body["seats"] > self._shown(code)["free"] and self.fault != "more than there are":
            raise _RefusedError("409")
        number = next(self.numbers)
        self.bookings[str(number)] = code, body["seats"]
        return 201, {"id": number, "seats": body["seats"]}

    def _deleteBookingsOne(self, number: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        code, seats = self.bookings.pop(number, ("", 0))
        if not code:
            raise _RefusedError("404")
        if self.fault == "seats stay taken":
            self.bookings[f"gone {number}"] = code, seats
        return 204, None

    def _getFares(self, request: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        seats = request.url.params.get("seats", "")
        if not re.fullmatch("[1-9]", seats):
            raise _RefusedError("400")
        return 200, {"price": 20 if int(seats) > 4 - (self.fault == "bound is dearer") else 10}

    def _purse(self, key: str) -> dict[str, Any]:
        if key not in self.purses:
            raise _RefusedError("404")
        return self.purses[key]

    def _key(self) -> str:
        return f"00000000-0000-4000-9000-{next(self.numbers):012}"

    def _postPurses(self, body: dict[str, Any], _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        key = self._key()
        self.purses[key] = {"id": key, **body, "balance": 0}
        return 201, self.purses[key]

    def _getPursesOne(self, key: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        purse = self._purse(key)
        step = 2 ** max(0, purse["balance"].bit_length() - 24) if self.fault == "rounded" else 1
        return 200, {**purse, "balance": purse["balance"] // step * step}

    def _deletePursesOne(self, key: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        if self._purse(key)["balance"] and self.fault != "closed with money":
            raise _RefusedError("409")
        del self.purses[key]
        return 204, None

    def _postPursesOneDeposits(self, key: str, body: dict[str, Any], request: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        self._purse(key)["balance"] += body["amount"]
        return self._getPursesOne(key, request)

    def _postPayments(self, body: dict[str, Any], _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        payer, payee = self._purse(body["payer"]), self._purse(body["payee"])
        if payer["balance"] < body["amount"] and self.fault != "overdrawn":
            raise _RefusedError("409")
        payer["balance"] -= body["amount"] if self.fault != "payer keeps it" else 0
        payee["balance"] += body["amount"] if self.fault != "payee gets nothing" else 0
        key = self._key()
        self.payments[key] = {"id": key, **body}
        return 201, self.payments[key]

    def _getPaymentsOne(self, key: str, _: httpx.Request) -> tuple[int, Any]:  # noqa: N802
        if key not in self.payments:
            raise _RefusedError("404")
        return 200, self.payments[key]
