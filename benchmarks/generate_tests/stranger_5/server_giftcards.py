"""Gift cards of shops. Flask; the document is written by hand."""

import functools
import re
import secrets
from datetime import datetime, timedelta, timezone

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

KIND = "Flask"
KEYS = {"mk_bakery_4411": "bakery", "mk_bookshop_9023": "bookshop"}
HEADERS = {who: {"X-Merchant-Key": k} for k, who in KEYS.items()}
FAULTS = {
    "valid_days_ignored": "expires_on is always 1095 days after issued_on, whatever valid_days says",
    "sort_as_text": "GET /cards?sort=balance (and -balance) compares the balances as text: 10000 before 900",
    "patch_takes_balance": "PATCH /cards/{code} does not refuse other fields (should be 400); balance_cents sent there changes the balance",
    "whole_balance_refused": "a charge of exactly the whole balance is refused with 409 (documented: allowed)",
    "refund_twice": "a charge can be refunded again and again, crediting the card each time (should be 409)",
    "frozen_can_be_charged": "a frozen card can be charged (should be 409)",
    "charges_of_all_cards": "GET /cards/{code}/charges also lists the charges of the merchant's other cards",
    "refused_charge_listed": "a charge refused for want of balance stands in GET /cards/{code}/charges all the same",
    "total_count_unfiltered": "X-Total-Count counts all cards of the merchant instead of those that match the filters",
    "bad_key_500": "an unknown X-Merchant-Key gives 500 (should be 401)",
}
CURRENCIES = ["EUR", "USD", "GBP"]
EMAIL = r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,20}$"


def ref(n, kind="schemas"):
    return {"$ref": f"#/components/{kind}/{n}"}


def js(schema, **kw):
    return {"content": {"application/json": {"schema": schema, **kw}}}


def err(text):
    return {"description": text, **js(ref("Error"))}


E400, E401 = ref("Invalid", "responses"), ref("Unauthorized", "responses")
E404 = ref("NotFound", "responses")
CODE = {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}, "example": "K7QM-2XPA-9RTD"}
MESSAGE = {
    "type": "string",
    "nullable": True,
    "maxLength": 140,
    "default": None,
    "description": "Printed on the card.",
    "example": "Happy birthday, Zoë!",
}
MAIL = {"type": "string", "maxLength": 200, "pattern": EMAIL, "example": "zoe@example.com"}
CARD_EXAMPLE = {
    "code": "K7QM-2XPA-9RTD",
    "status": "active",
    "amount_cents": 5000,
    "balance_cents": 3750,
    "currency": "EUR",
    "recipient_email": "zoe@example.com",
    "message": None,
    "issued_on": "2026-03-02",
    "expires_on": "2029-03-01",
}
SPEC = {
    "openapi": "3.0.3",
    "info": {
        "title": "Gift cards",
        "version": "1.8.0",
        "description": "Merchants issue gift cards and charge them at the till. All amounts are whole cents.\n\n"
        "**Credentials.** Each call needs `X-Merchant-Key`; in the sandbox use `mk_bakery_4411` (bakery) or `mk_bookshop_9023` (bookshop). A missing or unknown key is a 401.\n\n"
        "**Ownership.** A merchant works with the cards it issued only; the code of another merchant's card is a 404.\n\n"
        "**States.** A card is `active`; `frozen` while the merchant has frozen it; `spent` as soon as its balance is 0. A refund makes a spent card `active` again. "
        "Expiry is enforced by the tills, not by this API.\n\n"
        "**Errors.** Invalid input (wrong type, out of bounds, unknown fields) is a 400; what the state of the card does not allow is a 409 and changes nothing.",
    },
    "servers": [{"url": "/"}],
    "security": [{"merchantKey": []}],
    "paths": {
        "/cards": {
            "post": {
                "operationId": "issueCard",
                "tags": ["cards"],
                "summary": "Issue a card",
                "description": "The card is active and its balance is the amount.",
                "requestBody": {
                    "required": True,
                    **js(
                        ref("NewCard"),
                        example={"amount_cents": 5000, "recipient_email": "zoe@example.com", "valid_days": 365},
                    ),
                },
                "responses": {
                    "201": {
                        "description": "The new card.",
                        **js(ref("Card"), example={**CARD_EXAMPLE, "balance_cents": 5000, "expires_on": "2027-03-02"}),
                    },
                    "400": E400,
                    "401": E401,
                },
            },
            "get": {
                "operationId": "listCards",
                "tags": ["cards"],
                "summary": "List your cards",
                "description": "Cards that match all given filters, one page of them. Without `sort` in the order of issue.",
                "parameters": [
                    {
                        "name": "status",
                        "in": "query",
                        "schema": ref("Status"),
                        "description": "Only cards of this status.",
                    },
                    {
                        "name": "min_balance",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "maximum": 50000},
                        "description": "Only cards with at least this balance, in cents.",
                    },
                    {
                        "name": "sort",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["issued", "balance", "-balance"], "default": "issued"},
                        "description": "`issued`: oldest first; `balance`: smallest balance first; `-balance`: largest balance first.",
                    },
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                    },
                    {
                        "name": "offset",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0},
                        "description": "Number of cards to skip.",
                    },
                ],
                "responses": {
                    "200": {
                        "description": "A page of cards.",
                        "headers": {
                            "X-Total-Count": {
                                "required": True,
                                "schema": {"type": "integer"},
                                "description": "Number of cards that match the filters, whatever limit and offset.",
                            }
                        },
                        **js({"type": "array", "items": ref("Card")}, example=[CARD_EXAMPLE]),
                    },
                    "400": E400,
                    "401": E401,
                },
            },
        },
        "/cards/{code}": {
            "parameters": [CODE],
            "get": {
                "operationId": "readCard",
                "tags": ["cards"],
                "summary": "Read a card",
                "responses": {
                    "200": {"description": "The card.", **js(ref("Card"), example=CARD_EXAMPLE)},
                    "401": E401,
                    "404": E404,
                },
            },
            "patch": {
                "operationId": "changeCard",
                "tags": ["cards"],
                "summary": "Change message or recipient",
                "description": "Fields left out keep their value. Nothing else of a card can be changed here: any other field, the balance for one, is a 400 and changes nothing.",
                "requestBody": {"required": True, **js(ref("CardChange"), example={"message": "Congratulations!"})},
                "responses": {
                    "200": {"description": "The changed card.", **js(ref("Card"))},
                    "400": E400,
                    "401": E401,
                    "404": E404,
                },
            },
            "delete": {
                "operationId": "deleteCard",
                "tags": ["cards"],
                "summary": "Delete a card that was never charged",
                "responses": {
                    "204": {"description": "Deleted."},
                    "401": E401,
                    "404": E404,
                    "409": err("The card has charges (refunded ones count)."),
                },
            },
        },
        "/cards/{code}/frozen": {
            "parameters": [CODE],
            "put": {
                "operationId": "freezeCard",
                "tags": ["cards"],
                "summary": "Freeze or unfreeze a card",
                "description": "`frozen: true` makes the card frozen, `frozen: false` active. Asking for what it is already changes nothing and is a 200.",
                "requestBody": {"required": True, **js(ref("Freeze"), example={"frozen": True})},
                "responses": {
                    "200": {"description": "The card.", **js(ref("Card"))},
                    "400": E400,
                    "401": E401,
                    "404": E404,
                    "409": err("The card is spent."),
                },
            },
        },
        "/cards/{code}/charges": {
            "parameters": [CODE],
            "post": {
                "operationId": "chargeCard",
                "tags": ["charges"],
                "summary": "Charge a card",
                "description": "Takes the amount from the balance. The whole balance may be charged: the card is then spent. "
                "409 if the amount exceeds the balance, if the card is frozen or spent, or if the card has a charge of the same reference. A refused charge leaves no trace.",
                "requestBody": {
                    "required": True,
                    **js(ref("NewCharge"), example={"amount_cents": 1250, "reference": "till-2-00817"}),
                },
                "responses": {
                    "201": {"description": "The charge.", **js(ref("Charge"))},
                    "400": E400,
                    "401": E401,
                    "404": E404,
                    "409": err("`insufficient_balance`, `card_frozen`, `card_spent` or `duplicate_reference`."),
                },
            },
            "get": {
                "operationId": "listCharges",
                "tags": ["charges"],
                "summary": "List the charges of a card",
                "description": "The charges of this card, refunded ones too, oldest first.",
                "responses": {
                    "200": {"description": "Charges.", **js({"type": "array", "items": ref("Charge")})},
                    "401": E401,
                    "404": E404,
                },
            },
        },
        "/cards/{code}/charges/{charge_id}/refund": {
            "parameters": [
                CODE,
                {
                    "name": "charge_id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                    "example": "ch_5f2a90c1",
                },
            ],
            "post": {
                "operationId": "refundCharge",
                "tags": ["charges"],
                "summary": "Refund a charge",
                "description": "Puts the amount of the charge back on the card. A charge is refunded once only: again is a 409. Frozen cards can be refunded and stay frozen.",
                "responses": {
                    "200": {"description": "The refunded charge.", **js(ref("Charge"))},
                    "401": E401,
                    "404": E404,
                    "409": err("Already refunded."),
                },
            },
        },
        "/summary": {
            "get": {
                "operationId": "readSummary",
                "tags": ["cards"],
                "summary": "What you still owe",
                "description": "Number of your cards and the sum of their balances in each currency (0 where there are none).",
                "responses": {
                    "200": {
                        "description": "Summary.",
                        **js(
                            ref("Summary"), example={"cards": 2, "outstanding_cents": {"EUR": 8750, "USD": 0, "GBP": 0}}
                        ),
                    },
                    "401": E401,
                },
            }
        },
    },
    "components": {
        "securitySchemes": {"merchantKey": {"type": "apiKey", "in": "header", "name": "X-Merchant-Key"}},
        "responses": {
            "Invalid": err("Invalid input."),
            "Unauthorized": err("X-Merchant-Key is missing or unknown."),
            "NotFound": err("You have no such card or charge."),
        },
        "schemas": {
            "Error": {
                "type": "object",
                "required": ["error", "message"],
                "properties": {
                    "error": {"type": "string", "example": "insufficient_balance"},
                    "message": {"type": "string"},
                },
            },
            "Status": {"type": "string", "enum": ["active", "frozen", "spent"]},
            "NewCard": {
                "type": "object",
                "required": ["amount_cents", "recipient_email"],
                "additionalProperties": False,
                "properties": {
                    "amount_cents": {"type": "integer", "minimum": 100, "maximum": 50000, "example": 5000},
                    "currency": {"type": "string", "enum": CURRENCIES, "default": "EUR"},
                    "recipient_email": MAIL,
                    "message": MESSAGE,
                    "valid_days": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 3650,
                        "default": 1095,
                        "description": "The card expires this many days after the day of issue.",
                    },
                },
            },
            "CardChange": {
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "properties": {
                    "recipient_email": MAIL,
                    "message": {k: v for k, v in MESSAGE.items() if k != "default"},
                },
            },
            "Freeze": {
                "type": "object",
                "required": ["frozen"],
                "additionalProperties": False,
                "properties": {"frozen": {"type": "boolean"}},
            },
            "Card": {
                "type": "object",
                "required": list(CARD_EXAMPLE),
                "properties": {
                    "code": {"type": "string", "pattern": "^[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}$"},
                    "status": ref("Status"),
                    "amount_cents": {"type": "integer", "description": "As issued."},
                    "balance_cents": {"type": "integer", "minimum": 0, "description": "What is left."},
                    "currency": {"type": "string", "enum": CURRENCIES},
                    "recipient_email": MAIL,
                    "message": {k: v for k, v in MESSAGE.items() if k != "default"},
                    "issued_on": {"type": "string", "format": "date", "description": "Day of issue (UTC)."},
                    "expires_on": {"type": "string", "format": "date", "description": "issued_on plus valid_days."},
                },
            },
            "NewCharge": {
                "type": "object",
                "required": ["amount_cents", "reference"],
                "additionalProperties": False,
                "properties": {
                    "amount_cents": {"type": "integer", "minimum": 1, "maximum": 50000},
                    "reference": {
                        "type": "string",
                        "pattern": "^[A-Za-z0-9-]{1,40}$",
                        "description": "Your receipt number, unique for the card.",
                    },
                },
            },
            "Charge": {
                "type": "object",
                "required": ["id", "amount_cents", "reference", "refunded", "charged_at"],
                "properties": {
                    "id": {"type": "string", "example": "ch_5f2a90c1"},
                    "amount_cents": {"type": "integer", "example": 1250},
                    "reference": {"type": "string", "example": "till-2-00817"},
                    "refunded": {"type": "boolean"},
                    "charged_at": {"type": "string", "format": "date-time"},
                },
            },
            "Summary": {
                "type": "object",
                "required": ["cards", "outstanding_cents"],
                "properties": {
                    "cards": {"type": "integer"},
                    "outstanding_cents": {
                        "type": "object",
                        "required": CURRENCIES,
                        "properties": {c: {"type": "integer"} for c in CURRENCIES},
                    },
                },
            },
        },
    },
}


class Problem(Exception):
    def __init__(self, status, error, message):
        self.status, self.error, self.message = status, error, message


def invalid(message):
    return Problem(400, "invalid", message)


def whole(v, lo, hi, name):
    if isinstance(v, float) and v.is_integer():
        v = int(v)
    if not isinstance(v, int) or isinstance(v, bool) or not lo <= v <= hi:
        raise invalid(f"{name} must be a whole number from {lo} to {hi}")
    return v


def query_int(name, lo, hi, default):
    v = request.args.get(name)
    if v is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", v):
        raise invalid(f"{name} must be a whole number")
    return whole(int(v), lo, hi, name)


def query_enum(name, values, default):
    v = request.args.get(name, default)
    if v is not default and v not in values:
        raise invalid(f"{name} must be one of {', '.join(values)}")
    return v


def body(required, optional=(), any_field=False):
    b = request.get_json(silent=True)
    if not isinstance(b, dict):
        raise invalid("a JSON object is needed")
    for k in required:
        if k not in b:
            raise invalid(f"{k} is missing")
    for k in b:
        if k not in required and k not in optional and not any_field:
            raise invalid("unknown field")
    return b


def email(v):
    if not isinstance(v, str) or len(v) > 200 or not re.fullmatch(EMAIL[1:-1], v):
        raise invalid("recipient_email is no e-mail address")
    return v


def text(v):
    if v is not None and (not isinstance(v, str) or len(v) > 140):
        raise invalid("message must be a text of at most 140 characters, or null")
    return v


def app(fault=None):
    assert fault is None or fault in FAULTS
    web = Flask(__name__)
    cards, charges = {}, []  # code -> card with owner; charges with their card's code

    @web.errorhandler(Problem)
    def problem(e):
        return jsonify(error=e.error, message=e.message), e.status

    @web.errorhandler(HTTPException)
    def http(e):
        return (
            jsonify(error=e.name.lower().replace(" ", "_"), message=e.description),
            e.code,
            {k: v for k, v in e.get_headers() if k == "Allow"},
        )

    def route(path, method):
        def deco(f):
            @functools.wraps(f)
            def inner(**kw):
                key = request.headers.get("X-Merchant-Key")
                if key is None or (key not in KEYS and fault != "bad_key_500"):
                    raise Problem(401, "unauthorized", "X-Merchant-Key is missing or unknown")
                g.who = KEYS[key]
                return f(**kw)

            web.add_url_rule(path, f.__name__, inner, methods=[method])
            return inner

        return deco

    def mine(code):
        c = cards.get(code)
        if c is None or c["owner"] != g.who:
            raise Problem(404, "not_found", "you have no such card")
        return c

    def show(c):
        return {k: v for k, v in c.items() if k not in ("owner", "card")}

    def settle(c):
        if c["status"] != "frozen":
            c["status"] = "active" if c["balance_cents"] else "spent"

    @route("/cards", "POST")
    def issue():
        b = body(("amount_cents", "recipient_email"), ("currency", "message", "valid_days"))
        amount = whole(b["amount_cents"], 100, 50000, "amount_cents")
        days = whole(b.get("valid_days", 1095), 1, 3650, "valid_days")
        currency = b.get("currency", "EUR")
        if currency not in CURRENCIES:
            raise invalid("unknown currency")
        mail, msg = email(b["recipient_email"]), text(b.get("message"))
        if fault == "valid_days_ignored":
            days = 1095
        today = datetime.now(timezone.utc).date()
        code = "-".join("".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(4)) for _ in range(3))
        c = cards[code] = {
            "code": code,
            "owner": g.who,
            "status": "active",
            "amount_cents": amount,
            "balance_cents": amount,
            "currency": currency,
            "recipient_email": mail,
            "message": msg,
            "issued_on": today.isoformat(),
            "expires_on": (today + timedelta(days=days)).isoformat(),
        }
        return jsonify(show(c)), 201

    @route("/cards", "GET")
    def list_cards():
        status = query_enum("status", ["active", "frozen", "spent"], None)
        least = query_int("min_balance", 0, 50000, 0)
        sort = query_enum("sort", ["issued", "balance", "-balance"], "issued")
        limit, offset = query_int("limit", 1, 100, 20), query_int("offset", 0, 1000000, 0)
        own = [c for c in cards.values() if c["owner"] == g.who]
        rows = [c for c in own if status in (None, c["status"]) and c["balance_cents"] >= least]
        if sort != "issued":
            kind = str if fault == "sort_as_text" else int
            rows.sort(key=lambda c: kind(c["balance_cents"]), reverse=sort == "-balance")
        r = jsonify([show(c) for c in rows[offset : offset + limit]])
        r.headers["X-Total-Count"] = str(len(own if fault == "total_count_unfiltered" else rows))
        return r

    @route("/cards/<code>", "GET")
    def read(code):
        return jsonify(show(mine(code)))

    @route("/cards/<code>", "PATCH")
    def change(code):
        c = mine(code)
        b = body((), ("recipient_email", "message"), any_field=fault == "patch_takes_balance")
        if not b:
            raise invalid("nothing to change")
        new = {k: v for k, v in b.items() if k in c and k not in ("owner", "code")}
        if "recipient_email" in b:
            email(b["recipient_email"])
        if "message" in b:
            text(b["message"])
        c.update(new)
        return jsonify(show(c))

    @route("/cards/<code>", "DELETE")
    def delete(code):
        mine(code)
        if any(x["card"] == code for x in charges):
            raise Problem(409, "card_has_charges", "a card with charges stays")
        del cards[code]
        return Response(status=204)

    @route("/cards/<code>/frozen", "PUT")
    def freeze(code):
        c = mine(code)
        b = body(("frozen",))
        if not isinstance(b["frozen"], bool):
            raise invalid("frozen must be true or false")
        if c["status"] == "spent":
            raise Problem(409, "card_spent", "the card is spent")
        c["status"] = "frozen" if b["frozen"] else "active"
        return jsonify(show(c))

    @route("/cards/<code>/charges", "POST")
    def charge(code):
        c = mine(code)
        b = body(("amount_cents", "reference"))
        amount, reference = whole(b["amount_cents"], 1, 50000, "amount_cents"), b["reference"]
        if not isinstance(reference, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,40}", reference):
            raise invalid("reference must be 1 to 40 letters, digits and dashes")
        if c["status"] == "spent":
            raise Problem(409, "card_spent", "the card is spent")
        if c["status"] == "frozen" and fault != "frozen_can_be_charged":
            raise Problem(409, "card_frozen", "the card is frozen")
        if any(x["card"] == code and x["reference"] == reference for x in charges):
            raise Problem(409, "duplicate_reference", "the card has a charge of this reference")
        x = {
            "id": "ch_" + secrets.token_hex(4),
            "card": code,
            "amount_cents": amount,
            "reference": reference,
            "refunded": False,
            "charged_at": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if fault == "refused_charge_listed":
            charges.append(x)
        if amount > c["balance_cents"] or (fault == "whole_balance_refused" and amount == c["balance_cents"]):
            raise Problem(409, "insufficient_balance", f"the balance is {c['balance_cents']}")
        if fault != "refused_charge_listed":
            charges.append(x)
        c["balance_cents"] -= amount
        settle(c)
        return jsonify(show(x)), 201

    @route("/cards/<code>/charges", "GET")
    def list_charges(code):
        mine(code)
        if fault == "charges_of_all_cards":
            return jsonify([show(x) for x in charges if cards[x["card"]]["owner"] == g.who])
        return jsonify([show(x) for x in charges if x["card"] == code])

    @route("/cards/<code>/charges/<charge_id>/refund", "POST")
    def refund(code, charge_id):
        c = mine(code)
        x = next((x for x in charges if x["card"] == code and x["id"] == charge_id), None)
        if x is None:
            raise Problem(404, "not_found", "the card has no such charge")
        if x["refunded"] and fault != "refund_twice":
            raise Problem(409, "already_refunded", "the charge is refunded already")
        x["refunded"] = True
        c["balance_cents"] += x["amount_cents"]
        settle(c)
        return jsonify(show(x))

    @route("/summary", "GET")
    def summary():
        own = [c for c in cards.values() if c["owner"] == g.who]
        return jsonify(
            cards=len(own),
            outstanding_cents={k: sum(c["balance_cents"] for c in own if c["currency"] == k) for k in CURRENCIES},
        )

    return web
