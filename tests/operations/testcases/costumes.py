"""A costume hire whose rules stand in sentences alone, its server with faults, and the cases that a model wrote."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic_ai.messages import ModelMessage

TOKENS = {"API_KEY_KEY": "anna", "API_KEY_KEY_OTHER": "bela", "API_KEY_KEY_READER": "wanda"}
"""Two members, and the warden."""

COSTUME: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "price", "state"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "maxLength": 60},
        "price": {"type": "string", "pattern": r"^\d{1,4}\.\d{2}$", "description": "For a day."},
        "state": {"type": "string", "enum": ["free", "hired"], "readOnly": True},
    },
}
HIRE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "days", "total", "due", "note"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "days": {"type": "integer", "minimum": 1, "maximum": 60},
        "total": {"type": "string", "readOnly": True, "description": "The price of all days; from the eighth, half."},
        "due": {"type": "string", "format": "date", "readOnly": True, "description": "Today and the days."},
        "note": {"type": ["string", "null"]},
    },
}
NEW_HIRE = {**HIRE, "required": ["days"]}


def _content(schema: Any) -> dict[str, Any]:
    return {"description": "fine", "content": {"application/json": {"schema": schema}}}


def _answers(status: str, schema: Any = None, **others: str) -> dict[str, Any]:
    fine = {"description": "done"} if schema is None else _content(schema)
    told = {number[1:]: {"description": text} for number, text in others.items()}
    return {status: fine, "401": {"description": "No key."}, **told}


_ONE = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
_LIST = {"type": "object", "properties": {"items": {"type": "array", "items": COSTUME}, "total": {"type": "integer"}}}
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Costumes", "version": "1", "description": "A warden adds costumes; members hire them."},
    "security": [{"key": []}],
    "tags": [{"name": "hires", "description": "Nobody hires two at a time."}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    "paths": {
        "/costumes": {
            "post": {
                "description": "Names differ in more than capital letters.",
                "requestBody": {"required": True, **_content({**COSTUME, "required": ["name", "price"]})},
                "responses": _answers("201", COSTUME, _400="Wrong.", _403="Wardens alone.", _409="Such a name."),
            },
            "get": {
                "description": "The cheapest first.",
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": _answers("200", _LIST),
            },
        },
        "/me": {"get": {"responses": _answers("200", {"type": "object", "properties": {"name": {"type": "string"}}})}},
        "/costumes/{id}": {
            "parameters": _ONE,
            "get": {"responses": _answers("200", COSTUME, _404="None.")},
        },
        "/costumes/{id}/hires": {
            "parameters": _ONE,
            "post": {
                "tags": ["hires"],
                "description": "Takes the costume away until it comes back.",
                "requestBody": {"required": True, **_content(NEW_HIRE)},
                "responses": _answers("201", HIRE, _400="Wrong.", _404="None.", _409="It is out."),
            },
        },
    },
}


def made(name: str = "Cape {new}", price: str = "12.50", keep: str = "cape") -> dict[str, Any]:
    """Return the step in which the warden adds a costume."""
    body = {"name": name, "price": price}
    return {"endpoint": "POST /costumes", "caller": "second", "body": body, "expected": ["201"], "save": {keep: "/id"}}


def hired(days: int = 3, **more: Any) -> dict[str, Any]:
    """Return the step in which a member hires it."""
    return {"endpoint": "POST /costumes/{id}/hires", "path": {"id": "{cape}"}, "body": {"days": days}, **more}


def case(quote: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a proposed case."""
    why = "The sentence would be wrong."
    return {"name": quote, "category": "business_rule", "quote": quote, "steps": [*steps], "why": why, **more}


_READ = {"endpoint": "GET /costumes/{id}", "path": {"id": "{cape}"}, "expected": ["200"]}
_COST = {"pointer": "/total", "that": "equals", "value": "93.75"}
_DUE = {"pointer": "due", "that": "equals", "value": "{today+3}"}
_OUT = {"pointer": "$.state", "that": "equals", "value": "hired"}
_ORDER = {"pointer": "/items", "that": "in_order", "field": "id", "value": ["{nine}", "{ten}"]}

FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "full price": (
        "POST /costumes/{id}/hires",
        case("from the eighth, half", made(), hired(8, expected=["201"], checks=[_COST])),
    ),
    "a day more": (
        "POST /costumes/{id}/hires",
        case("Today and the days.", made(), hired(expected=[201], checks=[_DUE])),
    ),
    "hired twice": (
        "POST /costumes/{id}/hires",
        case("It is out.", made(), hired(expected=["201"]), hired(expected=["409"])),
    ),
    "still free": (
        "POST /costumes/{id}/hires",
        case("Takes the costume away", made(), hired(expected=["201"]), {**_READ, "checks": [_OUT]}),
    ),
    "capitals": (
        "POST /costumes",
        case(
            "Names differ in more than capital letters.",
            made("cape {new}"),
            {**made("CAPE {NEW}"), "expected": ["409"], "save": {}},
        ),
    ),
    "anybody adds": (
        "POST /costumes",
        case("Wardens alone.", {**made(), "caller": "first", "expected": ["403"], "save": {}}),
    ),
    "order of text": (
        "GET /costumes",
        case(
            "The cheapest first.",
            made("A {new}", "10.00", "ten"),
            made("B {new}", "9.00", "nine"),
            {"endpoint": "GET /costumes?q={new}", "expected": ["200"], "checks": [_ORDER]},
        ),
    ),
    "fails on signs": (
        "POST /costumes",
        case("", {**made("\u202ecape' {0}"), "save": {}}, name="odd signs", category="hostile_input"),
    ),
}
"""For each fault of the server the endpoint and the case of a model that finds it."""


class Costumes:
    """The server. What it holds stays from run to run."""

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self._costumes: list[dict[str, Any]] = []

    def client(self) -> httpx.Client:
        """Return a client for it."""
        return httpx.Client(transport=httpx.MockTransport(self._answer), base_url="http://costumes.test")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        who = request.headers.get("X-Key")
        if who not in TOKENS.values():
            return httpx.Response(401)
        parts = request.url.path.strip("/").split("/")
        if parts == ["me"]:
            return httpx.Response(200, json={"name": who})
        if len(parts) == 1:
            return self._add(who, request) if request.method == "POST" else self._list(request)
        one = next((each for each in self._costumes if str(each["id"]) == parts[1]), None)
        if one is None:
            return httpx.Response(404)
        if len(parts) > 2:
            return self._hire(one, request)
        return httpx.Response(200, json={**one, "state": "free"} if self._fault == "still free" else one)

    def _add(self, who: str, request: httpx.Request) -> httpx.Response:
        if who != "wanda" and self._fault != "anybody adds":
            return httpx.Response(403)
        try:
            body = json.loads(request.content)
            name, price = body["name"], Decimal(body["price"])
        except (ValueError, KeyError, TypeError, ArithmeticError):
            return httpx.Response(400)
        if self._fault == "fails on signs" and not name.isprintable():
            return httpx.Response(500)
        key = str if self._fault == "capitals" else str.casefold
        if any(key(each["name"]) == key(name) for each in self._costumes):
            return httpx.Response(409)
        one = {"id": len(self._costumes) + 1, "name": name, "price": f"{price:.2f}", "state": "free"}
        self._costumes.append(one)
        return httpx.Response(201, json=one)

    def _list(self, request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("q", "")
        number = str if self._fault == "order of text" else Decimal
        found = sorted(
            (each for each in self._costumes if wanted in each["name"]), key=lambda one: number(one["price"])
        )
        return httpx.Response(200, json={"items": found, "total": len(found)})

    def _hire(self, one: dict[str, Any], request: httpx.Request) -> httpx.Response:
        try:
            days = int(json.loads(request.content)["days"])
        except (ValueError, KeyError, TypeError):
            return httpx.Response(400)
        if one["state"] == "hired" and self._fault != "hired twice":
            return httpx.Response(409)
        one["state"] = "hired"
        half = max(0, days - 7) if self._fault != "full price" else 0
        total = Decimal(one["price"]) * (Decimal(days) - Decimal(half) / 2)
        due = datetime.now(UTC).date() + timedelta(days=days + (self._fault == "a day more"))
        made = {"id": 1, "days": days, "total": f"{total:.2f}", "due": due.isoformat(), "note": None}
        return httpx.Response(201, json=made)


def answering(*proposed: tuple[str, dict[str, Any]], prompts: list[str] | None = None) -> FunctionModel:
    """Return a model that proposes these cases, each for its endpoint, and keeps what it was asked."""

    async def stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[dict[int, DeltaToolCall]]:
        prompt = "\n".join(str(part.content) for part in messages[-1].parts if part.part_kind == "user-prompt")
        if prompts is not None:
            prompts.append(prompt)
        cases = [each for endpoint, each in proposed if f"cases for {endpoint}," in prompt]
        yield {
            0: DeltaToolCall(name=info.output_tools[0].name, json_args=json.dumps({"cases": cases}), tool_call_id="a")
        }

    return FunctionModel(stream_function=stream, model_name="a reader")
