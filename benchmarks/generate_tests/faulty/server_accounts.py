"""Accounts and transfers between them, in Connexion, which validates requests by the specification."""

import itertools
from typing import Any

from connexion import FlaskApp
from connexion.lifecycle import ConnexionResponse
from connexion.resolver import Resolver

from ._shapes import answers, body, in_path, query, ref

KIND = "Connexion"
AUTH = {"token": {"Authorization": "Bearer secret-token"}}
FAULTS = {
    "precision lost": "an amount is rounded to whole numbers",
    "any token will do": "the token is not looked at",
    "required header missing": "the answer has no X-Request-Id",
    "500 on a huge number": "a page beyond 64 bits fails",
    "wrong charset": "JSON says that it is Latin-1",
}
NEW = {
    "type": "object",
    "required": ["holder", "balance"],
    "properties": {
        "holder": {"type": "string", "minLength": 1, "maxLength": 100},
        "balance": {"type": "number", "minimum": 0, "maximum": 1000000},
        "currency": {"type": "string", "enum": ["EUR", "USD"], "default": "EUR"},
    },
    "additionalProperties": False,
}
ACCOUNT = {
    "type": "object",
    "required": ["id", "holder", "balance"],
    "properties": {"id": {"type": "integer"}, **NEW["properties"]},
}
TRANSFER = {
    "type": "object",
    "required": ["from_account_id", "to_account_id", "amount"],
    "properties": {
        "from_account_id": {"type": "integer"},
        "to_account_id": {"type": "integer"},
        "amount": {"type": "number", "exclusiveMinimum": True, "minimum": 0, "maximum": 1000},
    },
}
KEPT = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, **TRANSFER["properties"]}}
ID = {"headers": {"X-Request-Id": {"required": True, "schema": {"type": "integer"}}}}
SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Accounts", "version": "1"},
    "security": [{"token": []}],
    "paths": {
        "/accounts": {
            "get": {
                "operationId": "listed",
                "parameters": [query("page", {"type": "integer", "minimum": 0})],
                "responses": answers({"type": "array", "items": ref("Account")}, "400", "401"),
            },
            "post": {
                "operationId": "create",
                "requestBody": body(ref("NewAccount")),
                "responses": answers(ref("Account"), "400", "401", status="201"),
            },
        },
        "/accounts/{account_id}": {
            "get": {
                "operationId": "read",
                "parameters": [in_path("account_id", {"type": "integer"})],
                "responses": answers(ref("Account"), "400", "401", "404", **ID),
            },
        },
        "/transfers": {
            "post": {
                "operationId": "transfer",
                "requestBody": body(ref("NewTransfer")),
                "responses": answers(ref("Transfer"), "400", "401", "404", status="201"),
            },
        },
    },
    "components": {
        "schemas": {"NewAccount": NEW, "Account": ACCOUNT, "NewTransfer": TRANSFER, "Transfer": KEPT},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}


STATE: dict[str, str | None] = {}


def check_token(token: str) -> dict[str, Any] | None:
    """Return who calls; Connexion finds this function by its name."""
    fine = f"Bearer {token}" == AUTH["token"]["Authorization"] or STATE["fault"] == "any token will do"
    return {"sub": "caller"} if fine else None


def app(fault: str | None = None) -> FlaskApp:
    """Return the app, with a fault."""
    STATE["fault"] = fault
    accounts: dict[int, dict[str, Any]] = {}
    numbers = itertools.count(1)

    def listed(page: int = 0) -> Any:
        if fault == "500 on a huge number" and page >= 2**63:
            raise OverflowError
        return list(accounts.values())[page * 1000 : (page + 1) * 1000]

    def create(body: dict[str, Any]) -> Any:
        key = next(numbers)
        accounts[key] = {"id": key, "currency": "EUR", **body}
        if fault == "precision lost":
            accounts[key]["balance"] = round(accounts[key]["balance"])
        return accounts[key], 201

    def read(account_id: int) -> Any:
        if account_id not in accounts:
            return {"detail": "No such account"}, 404
        headers = {} if fault == "required header missing" else {"X-Request-Id": "7"}
        if fault == "wrong charset":
            headers["Content-Type"] = "application/json; charset=iso-8859-1"
        return accounts[account_id], 200, headers

    def transfer(body: dict[str, Any]) -> Any:
        if not {body["from_account_id"], body["to_account_id"]} <= accounts.keys():
            return {"detail": "No such account"}, 404
        return {"id": next(numbers), **body}, 201

    handlers = {each.__name__: each for each in (listed, create, read, transfer)}
    known = {**SPEC["components"]["securitySchemes"]["token"], "x-bearerInfoFunc": f"{__name__}.check_token"}
    schemes = {**SPEC["components"], "securitySchemes": {"token": known}}
    api = FlaskApp("accounts")
    api.add_api({**SPEC, "components": schemes}, resolver=Resolver(handlers.__getitem__), pythonic_params=False)
    # Connexion 3.3 itself answers 500 where a body is no UTF-8; a server without faults does not.
    api.add_error_handler(UnicodeDecodeError, lambda *_: ConnexionResponse(status_code=400))
    return api
