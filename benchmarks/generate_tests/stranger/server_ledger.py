"""Accounts and transfers of a small ledger, on Connexion on Flask: the SPEC comes first and validates."""

import copy
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import connexion
from connexion.lifecycle import ConnexionResponse
from connexion.resolver import Resolver
from flask import Response, jsonify, make_response

KIND = "Connexion"
AUTH = {"key": {"X-API-Key": "ledger-key"}, "wrong": {"X-API-Key": "guess"}, "none": {}}
FAULTS = {
    "id_without_dashes": "the id of a new account isn't in the documented format uuid",
    "huge_amount_500": "amounts over 2147483647 (10^12 allowed) give 500",
    "negative_amount_accepted": "a deposit may be negative",
    "default_limit_5": "GET /accounts without limit gives 5 accounts, documented default 10",
    "sender_not_debited": "a transfer adds to one account but takes nothing from the other",
    "overdraw_accepted": "a transfer of more than there is is accepted where 409 is documented",
    "problem_as_html": "a missing account is answered as text/html, documented application/problem+json",
    "paging_misses": "every page of GET /transfers after the first skips one transfer",
    "transfers_without_key": "GET /transfers needs no API key",
    "total_header_missing": "GET /accounts lacks the required header X-Total-Count",
    "balance_as_float32": "balances over 16777216 are rounded to single precision",
    "patch_clears_memo": "PATCH of the owner clears the memo",
    "memo_null_refused": "memo may be null but null is refused",
    "created_no_zone": "created_at has no time zone, so it isn't a date-time",
    "delete_with_balance": "an account with money on it can be deleted, 409 is documented",
}
FAULT_KINDS = {
    "id_without_dashes": "format of a response field wrong",
    "huge_amount_500": "500 on huge input",
    "negative_amount_accepted": "validation missing (out of range)",
    "default_limit_5": "wrong default",
    "sender_not_debited": "update not saved",
    "overdraw_accepted": "documented 409 not given",
    "problem_as_html": "wrong content type",
    "paging_misses": "paging misses",
    "transfers_without_key": "authentication not checked on one method",
    "total_header_missing": "required response header missing",
    "balance_as_float32": "number precision lost",
    "patch_clears_memo": "partial update changes other fields",
    "memo_null_refused": "validation too strict (null)",
    "created_no_zone": "date format wrong",
    "delete_with_balance": "documented 409 not given",
}
CURRENCIES = ["EUR", "CHF", "SEK"]


def _spec() -> dict[str, Any]:
    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def body(name: str) -> dict[str, Any]:
        return {"required": True, "content": {"application/json": {"schema": ref(name)}}}

    def answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"description": text, "content": {"application/json": {"schema": schema}}}

    def errors(*codes: int) -> dict[str, Any]:
        texts = {
            400: "Invalid request",
            401: "No API key, or a wrong one",
            404: "No such thing",
            409: "Not possible now",
            415: "The body isn't application/json",
        }
        return {
            str(c): {"description": texts[c], "content": {"application/problem+json": {"schema": ref("Problem")}}}
            for c in (401, *codes)
        }

    ident = {"type": "string", "format": "uuid"}
    account_id = {"name": "account_id", "in": "path", "required": True, "schema": {"type": "string"}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}}
    offset = {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}}
    amount = {"type": "integer", "minimum": 1, "maximum": 10**12}
    owner = {"type": "string", "minLength": 1, "maxLength": 60}
    memo = {"type": "string", "maxLength": 140, "nullable": True}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Ledger",
            "version": "1.4.0",
            "description": "Lists are in the order of creation. Amounts are whole cents.",
        },
        "security": [{"key": []}],
        "paths": {
            "/accounts": {
                "get": {
                    "operationId": "list_accounts",
                    "parameters": [
                        limit,
                        offset,
                        {"name": "currency", "in": "query", "schema": {"type": "string", "enum": CURRENCIES}},
                    ],
                    "responses": {
                        "200": {
                            **answer("A page of accounts", {"type": "array", "items": ref("Account")}),
                            "headers": {
                                "X-Total-Count": {
                                    "required": True,
                                    "description": "How many there are on all pages",
                                    "schema": {"type": "integer"},
                                }
                            },
                        },
                        **errors(400),
                    },
                },
                "post": {
                    "operationId": "open_account",
                    "requestBody": body("NewAccount"),
                    "responses": {"201": answer("Opened, with a balance of 0", ref("Account")), **errors(400, 415)},
                },
            },
            "/accounts/{account_id}": {
                "parameters": [account_id],
                "get": {
                    "operationId": "get_account",
                    "responses": {"200": answer("Account", ref("Account")), **errors(404)},
                },
                "patch": {
                    "operationId": "change_account",
                    "description": "What is left out stays.",
                    "requestBody": body("AccountChange"),
                    "responses": {"200": answer("Changed", ref("Account")), **errors(400, 404, 415)},
                },
                "delete": {
                    "operationId": "close_account",
                    "description": "409 if the balance isn't 0.",
                    "responses": {"204": {"description": "Closed"}, **errors(404, 409)},
                },
            },
            "/accounts/{account_id}/deposits": {
                "parameters": [account_id],
                "post": {
                    "operationId": "deposit",
                    "requestBody": body("Deposit"),
                    "responses": {
                        "200": answer("The account with its new balance", ref("Account")),
                        **errors(400, 404, 415),
                    },
                },
            },
            "/transfers": {
                "get": {
                    "operationId": "list_transfers",
                    "parameters": [limit, offset],
                    "responses": {
                        "200": answer("A page of transfers", {"type": "array", "items": ref("Transfer")}),
                        **errors(400),
                    },
                },
                "post": {
                    "operationId": "transfer",
                    "requestBody": body("NewTransfer"),
                    "description": "404 if there is no such account; 409 if the accounts are the same or differ in "
                    "currency, or the sender has too little.",
                    "responses": {"201": answer("Done", ref("Transfer")), **errors(400, 404, 409, 415)},
                },
            },
            "/transfers/{transfer_id}": {
                "get": {
                    "operationId": "get_transfer",
                    "parameters": [
                        {"name": "transfer_id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "responses": {"200": answer("Transfer", ref("Transfer")), **errors(404)},
                }
            },
        },
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "For trying: ledger-key"}
            },
            "schemas": {
                "NewAccount": {
                    "type": "object",
                    "required": ["owner", "currency"],
                    "additionalProperties": False,
                    "properties": {
                        "owner": owner,
                        "currency": {"type": "string", "enum": CURRENCIES},
                        "memo": {**memo, "default": None},
                    },
                },
                "AccountChange": {
                    "type": "object",
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": {"owner": owner, "memo": memo},
                },
                "Account": {
                    "type": "object",
                    "required": ["id", "owner", "currency", "memo", "balance", "created_at"],
                    "properties": {
                        "id": ident,
                        "owner": owner,
                        "memo": memo,
                        "currency": {"type": "string", "enum": CURRENCIES},
                        "balance": {"type": "integer", "minimum": 0},
                        "created_at": {"type": "string", "format": "date-time"},
                    },
                },
                "Deposit": {
                    "type": "object",
                    "required": ["amount"],
                    "additionalProperties": False,
                    "properties": {"amount": amount},
                },
                "NewTransfer": {
                    "type": "object",
                    "required": ["sender", "receiver", "amount"],
                    "additionalProperties": False,
                    "properties": {
                        "sender": {"type": "string"},
                        "receiver": {"type": "string"},
                        "amount": amount,
                        "reference": {"type": "string", "maxLength": 35, "default": ""},
                    },
                },
                "Transfer": {
                    "type": "object",
                    "required": ["id", "sender", "receiver", "amount", "reference", "created_at"],
                    "properties": {
                        "id": ident,
                        "sender": ident,
                        "receiver": ident,
                        "amount": amount,
                        "reference": {"type": "string"},
                        "created_at": {"type": "string", "format": "date-time"},
                    },
                },
                "Problem": {
                    "type": "object",
                    "required": ["title", "status"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "detail": {"type": "string"},
                        "status": {"type": "integer"},
                    },
                },
            },
        },
    }


SPEC: dict[str, Any] = _spec()


def key_info(token: str, required_scopes: Any = None) -> dict[str, str] | None:
    return {"sub": "ledger"} if token == "ledger-key" else None


def app(fault: str | None = None) -> Any:
    if fault is not None and fault not in FAULTS:
        raise KeyError(fault)
    spec = copy.deepcopy(SPEC)
    schemas = spec["components"]["schemas"]
    spec["components"]["securitySchemes"]["key"]["x-apikeyInfoFunc"] = f"{__name__}.key_info"
    if fault == "negative_amount_accepted":
        schemas["Deposit"]["properties"]["amount"].pop("minimum")
    if fault == "memo_null_refused":
        schemas["NewAccount"]["properties"]["memo"].update(nullable=False)
        schemas["NewAccount"]["properties"]["memo"].pop("default")
    if fault == "transfers_without_key":
        spec["paths"]["/transfers"]["get"]["security"] = []
    accounts: dict[str, dict[str, Any]] = {}
    transfers: dict[str, dict[str, Any]] = {}

    def now() -> str:
        text = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return text if fault == "created_no_zone" else text + "Z"

    def new_id() -> str:
        made = uuid.uuid4()
        return made.hex if fault == "id_without_dashes" else str(made)

    def problem(status: int, title: str) -> Any:
        if fault == "problem_as_html" and status == 404:
            return Response(f"<h1>{title}</h1>", 404, mimetype="text/html")
        made = make_response(jsonify(type="about:blank", title=title, detail=title, status=status), status)
        made.headers["Content-Type"] = "application/problem+json"
        return made

    def show(account: dict[str, Any]) -> dict[str, Any]:
        out = dict(account)
        if fault == "balance_as_float32":
            step = 2 ** max(0, out["balance"].bit_length() - 24)
            out["balance"] = out["balance"] // step * step
        return out

    def page(found: list[Any], limit: int, offset: int) -> list[Any]:
        return found[offset : offset + limit]

    def list_accounts(limit: int = 10, offset: int = 0, currency: str | None = None) -> Any:
        if fault == "default_limit_5" and "limit" not in connexion.request.query_params:
            limit = 5
        found = [show(a) for a in accounts.values() if currency in (None, a["currency"])]
        made = jsonify(page(found, limit, offset))
        if fault != "total_header_missing":
            made.headers["X-Total-Count"] = str(len(found))
        return made

    def open_account(body: dict[str, Any]) -> Any:
        account = {"memo": None, **body, "id": new_id(), "balance": 0, "created_at": now()}
        accounts[account["id"]] = account
        return make_response(jsonify(show(account)), 201)

    def get_account(account_id: str) -> Any:
        return jsonify(show(accounts[account_id])) if account_id in accounts else problem(404, "no such account")

    def change_account(account_id: str, body: dict[str, Any]) -> Any:
        if account_id not in accounts:
            return problem(404, "no such account")
        if fault == "patch_clears_memo":
            body = {"memo": None, **body}
        accounts[account_id].update(body)
        return jsonify(show(accounts[account_id]))

    def close_account(account_id: str) -> Any:
        if account_id not in accounts:
            return problem(404, "no such account")
        if accounts[account_id]["balance"] and fault != "delete_with_balance":
            return problem(409, "the balance isn't 0")
        del accounts[account_id]
        return Response(status=204)

    def check(amount: int) -> None:
        if fault == "huge_amount_500" and amount > 2**31 - 1:
            raise OverflowError("integer out of range")

    def deposit(account_id: str, body: dict[str, Any]) -> Any:
        if account_id not in accounts:
            return problem(404, "no such account")
        check(body["amount"])
        accounts[account_id]["balance"] += body["amount"]
        return jsonify(show(accounts[account_id]))

    def list_transfers(limit: int = 10, offset: int = 0) -> Any:
        return jsonify(page(list(transfers.values()), limit, offset + (fault == "paging_misses" and offset > 0)))

    def transfer(body: dict[str, Any]) -> Any:
        sender, receiver = accounts.get(body["sender"]), accounts.get(body["receiver"])
        if sender is None or receiver is None:
            return problem(404, "no such account")
        if sender is receiver or sender["currency"] != receiver["currency"]:
            return problem(409, "not between these accounts")
        if sender["balance"] < body["amount"] and fault != "overdraw_accepted":
            return problem(409, "too little")
        check(body["amount"])
        if fault != "sender_not_debited":
            sender["balance"] = max(0, sender["balance"] - body["amount"])
        receiver["balance"] += body["amount"]
        made = {"reference": "", **body, "id": new_id(), "created_at": now()}
        transfers[made["id"]] = made
        return make_response(jsonify(made), 201)

    def get_transfer(transfer_id: str) -> Any:
        return jsonify(transfers[transfer_id]) if transfer_id in transfers else problem(404, "no such transfer")

    functions = {
        f.__name__: f
        for f in (
            list_accounts,
            open_account,
            get_account,
            change_account,
            close_account,
            deposit,
            list_transfers,
            transfer,
            get_transfer,
        )
    }
    made = connexion.FlaskApp("ledger")

    def unreadable(request: Any, error: Exception) -> ConnexionResponse:
        text = json.dumps({"type": "about:blank", "title": "the body can't be read", "status": 400})
        return ConnexionResponse(400, content_type="application/problem+json", body=text)

    # what json.loads raises and Connexion lets through: not UTF-8, too many digits, too deep
    made.add_error_handler(ValueError, unreadable)
    made.add_error_handler(UnicodeDecodeError, unreadable)
    made.add_error_handler(RecursionError, unreadable)
    made.add_api(spec, resolver=Resolver(functions.__getitem__))
    return made
