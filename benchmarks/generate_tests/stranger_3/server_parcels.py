"""Parcels of a small carrier (Connexion, spec first). One API key for each shop, see HEADERS."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from typing import Any

from connexion import AsyncApp
from connexion.datastructures import MediaTypeDict
from connexion.exceptions import BadRequestProblem
from connexion.lifecycle import ConnexionResponse
from connexion.options import SwaggerUIOptions
from connexion.problem import problem
from connexion.resolver import Resolver
from connexion.security import ApiKeySecurityHandler
from connexion.validators import JSONRequestBodyValidator

KIND = "Connexion"
KEYS = {"pk_teahouse_52d0": "teahouse", "pk_bikeshed_77ff": "bikeshed"}
HEADERS = {shop: {"X-Carrier-Key": key} for key, shop in KEYS.items()}

FAULTS: dict[str, str] = {
    "price_boundary": "a parcel of exactly 2000 g (or 10000 g) is charged as the next heavier class",
    "express_by_default": "a parcel without express is sent as express (documented default false)",
    "label_is_json": "GET /parcels/{tracking}/label comes as application/json instead of text/plain",
    "delivered_moves_on": "a delivered parcel takes further events (should be 409)",
    "address_after_pickup": "PATCH of the recipient works after the parcel is in transit (should be 409)",
    "events_newest_first": "events are listed newest first (documented: oldest first)",
    "offset_ignored": "GET /parcels ignores offset, so that every page is the first",
    "zip_unchecked": "recipients with a zip of other than five digits are accepted",
    "status_filter_ignored": "GET /parcels ignores the filter status",
    "delete_gives_200": "DELETE /parcels/{tracking} answers 200 with a body instead of 204",
    "label_needs_no_key": "the label is given out without X-Carrier-Key",
    "other_shop_visible": "GET /parcels/{tracking} shows parcels of other shops (should be 404)",
    "country_null": "country is null in answers if it was left out (documented default DE)",
    "status_stale": "GET /parcels/{tracking} shows the status from before the latest event",
}

_ref = lambda n: {"$ref": f"#/components/schemas/{n}"}  # noqa: E731
_js = lambda d, s, **kw: {"description": d, "content": {"application/json": {"schema": s}}, **kw}  # noqa: E731
_pb = lambda d: {"description": d, "content": {"application/problem+json": {"schema": _ref("Problem")}}}  # noqa: E731
_rq = lambda n: {"required": True, "content": {"application/json": {"schema": _ref(n)}}}  # noqa: E731
_P = {
    "400": _pb("Request not valid"),
    "401": _pb("Key missing or unknown"),
    "404": _pb("No such parcel of this shop"),
    "409": _pb("Not in this status"),
    "415": _pb("Not application/json"),
}
_p = lambda *c: {x: _P[x] for x in c}  # noqa: E731
_TRACK = {
    "name": "tracking",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 11, "maxLength": 11},
    "example": "PX000000001",
}
_GRAMS = {"type": "integer", "minimum": 1, "maximum": 31500}
_STATUS = {"type": "string", "enum": ["announced", "in_transit", "delivered", "returned"]}
_PLACE = {"type": "string", "minLength": 1, "maxLength": 50}

SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {
        "title": "Parcels",
        "version": "5.0.0",
        "description": "Price: up to 2000 g 499 cents, up to 10000 g 899, above 1649; express 300 more. A parcel is announced, then in_transit (any number of such events), then delivered or returned, which is final.",
    },
    "security": [{"shopKey": []}],
    "paths": {
        "/parcels": {
            "get": {
                "operationId": "list_parcels",
                "summary": "Own parcels, oldest first",
                "parameters": [
                    {"name": "status", "in": "query", "schema": _STATUS},
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                    },
                    {
                        "name": "offset",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0},
                    },
                ],
                "responses": {
                    "200": _js(
                        "Parcels",
                        {"type": "array", "maxItems": 100, "items": _ref("Parcel")},
                        headers={
                            "X-Total": {
                                "required": True,
                                "description": "Number of all that match",
                                "schema": {"type": "integer"},
                            }
                        },
                    ),
                    **_p("400", "401"),
                },
            },
            "post": {
                "operationId": "announce",
                "requestBody": _rq("NewParcel"),
                "responses": {"201": _js("Announced", _ref("Parcel")), **_p("400", "401", "415")},
            },
        },
        "/parcels/{tracking}": {
            "parameters": [_TRACK],
            "get": {
                "operationId": "get_parcel",
                "responses": {"200": _js("The parcel", _ref("Parcel")), **_p("400", "401", "404")},
            },
            "patch": {
                "operationId": "readdress",
                "description": "Replaces the recipient, while announced.",
                "requestBody": _rq("Readdress"),
                "responses": {"200": _js("The parcel", _ref("Parcel")), **_p("400", "401", "404", "409", "415")},
            },
            "delete": {
                "operationId": "withdraw",
                "description": "While announced.",
                "responses": {"204": {"description": "Withdrawn"}, **_p("400", "401", "404", "409")},
            },
        },
        "/parcels/{tracking}/events": {
            "parameters": [_TRACK],
            "get": {
                "operationId": "list_events",
                "summary": "Oldest first",
                "responses": {
                    "200": _js("Events", {"type": "array", "items": _ref("Event")}),
                    **_p("400", "401", "404"),
                },
            },
            "post": {
                "operationId": "add_event",
                "requestBody": _rq("NewEvent"),
                "responses": {"201": _js("Noted", _ref("Event")), **_p("400", "401", "404", "409", "415")},
            },
        },
        "/parcels/{tracking}/label": {
            "parameters": [_TRACK],
            "get": {
                "operationId": "get_label",
                "responses": {
                    "200": {
                        "description": "Four lines: tracking, name, street, country-zip city",
                        "content": {"text/plain": {"schema": {"type": "string"}}},
                    },
                    **_p("400", "401", "404"),
                },
            },
        },
        "/rates": {
            "get": {
                "operationId": "rate",
                "summary": "What a parcel would cost",
                "parameters": [
                    {"name": "weight_g", "in": "query", "required": True, "schema": _GRAMS},
                    {"name": "express", "in": "query", "schema": {"type": "boolean", "default": False}},
                ],
                "responses": {"200": _js("Price", _ref("Rate")), **_p("400", "401")},
            },
        },
    },
    "components": {
        "securitySchemes": {"shopKey": {"type": "apiKey", "in": "header", "name": "X-Carrier-Key"}},
        "schemas": {
            "Problem": {
                "type": "object",
                "required": ["title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "detail": {"type": "string"},
                    "status": {"type": "integer"},
                },
            },
            "Recipient": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "street", "zip", "city"],
                "properties": {
                    "name": _PLACE,
                    "street": {"type": "string", "minLength": 1, "maxLength": 80},
                    "zip": {"type": "string", "pattern": "^[0-9]{5}$", "minLength": 5, "maxLength": 5},
                    "city": _PLACE,
                    "country": {"type": "string", "enum": ["DE", "AT", "CH", "FR"], "default": "DE"},
                },
            },
            "NewParcel": {
                "type": "object",
                "additionalProperties": False,
                "required": ["recipient", "weight_g"],
                "properties": {
                    "recipient": _ref("Recipient"),
                    "weight_g": _GRAMS,
                    "express": {"type": "boolean", "default": False},
                },
                "example": {
                    "recipient": {"name": "Ilse Habicht", "street": "Am Wehr 3", "zip": "37073", "city": "Göttingen"},
                    "weight_g": 850,
                    "express": True,
                },
            },
            "Readdress": {
                "type": "object",
                "additionalProperties": False,
                "required": ["recipient"],
                "properties": {"recipient": _ref("Recipient")},
            },
            "Parcel": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tracking", "status", "recipient", "weight_g", "express", "price_cents", "announced_at"],
                "properties": {
                    "tracking": {"type": "string", "minLength": 11, "maxLength": 11},
                    "status": _STATUS,
                    "recipient": {"allOf": [_ref("Recipient"), {"type": "object", "required": ["country"]}]},
                    "weight_g": _GRAMS,
                    "express": {"type": "boolean"},
                    "price_cents": {"type": "integer", "minimum": 1},
                    "announced_at": {"type": "string", "format": "date-time"},
                },
            },
            "NewEvent": {
                "type": "object",
                "additionalProperties": False,
                "required": ["status", "place"],
                "properties": {
                    "status": {"type": "string", "enum": ["in_transit", "delivered", "returned"]},
                    "place": _PLACE,
                },
                "example": {"status": "in_transit", "place": "Hub Kassel"},
            },
            "Event": {
                "type": "object",
                "additionalProperties": False,
                "required": ["status", "place", "at"],
                "properties": {
                    "status": {"type": "string", "enum": ["in_transit", "delivered", "returned"]},
                    "place": _PLACE,
                    "at": {"type": "string", "format": "date-time"},
                },
            },
            "Rate": {
                "type": "object",
                "additionalProperties": False,
                "required": ["price_cents"],
                "properties": {"price_cents": {"type": "integer", "minimum": 1}},
            },
        },
    },
}


class JsonBody(JSONRequestBodyValidator):
    """As Connexion's, but broken UTF-8 and endless nesting are 400 too."""

    async def _parse(self, stream, scope):
        try:
            return await super()._parse(stream, scope)
        except (ValueError, RecursionError):
            raise BadRequestProblem(detail="not JSON") from None


def app(fault: str | None = None):
    assert fault is None or fault in FAULTS, fault
    parcels: dict[str, dict] = {}
    log: dict[str, list[dict]] = {}
    last = [0]

    def shop_of(apikey: str) -> dict | None:
        return {"sub": KEYS[apikey]} if apikey in KEYS else None

    class Keys(ApiKeySecurityHandler):
        def _resolve_func(self, security_scheme):
            return shop_of

    def now() -> str:
        return dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def fail(status: int, title: str):
        return problem(status, title, title)

    def ok(data: Any, status: int = 200, **headers: str):
        return data, status, {"Content-Type": "application/json", **headers}

    def price(grams: int, express: bool) -> int:
        over = (lambda limit: grams >= limit) if fault == "price_boundary" else (lambda limit: grams > limit)
        return (1649 if over(10000) else 899 if over(2000) else 499) + 300 * express

    def address(r: dict) -> dict:
        return {**r, "country": r.get("country", None if fault == "country_null" else "DE")}

    def find(tracking: str, shop: str | None) -> dict | None:
        p = parcels.get(tracking)
        return p if p and (p["shop"] == shop or shop is None) else None

    def show(p: dict) -> dict:
        return {k: v for k, v in p.items() if k not in ("shop", "before")}

    async def list_parcels(user, limit=20, offset=0, status=None):
        rows = [
            p
            for p in parcels.values()
            if p["shop"] == user and (status in (None, p["status"]) or fault == "status_filter_ignored")
        ]
        start = 0 if fault == "offset_ignored" else offset
        return ok([show(p) for p in rows[start : start + limit]], **{"X-Total": str(len(rows))})

    async def announce(user, body):
        last[0] += 1
        express = body.get("express", fault == "express_by_default")
        p = {
            "tracking": f"PX{last[0]:09}",
            "status": "announced",
            "recipient": address(body["recipient"]),
            "weight_g": body["weight_g"],
            "express": express,
            "price_cents": price(body["weight_g"], express),
            "announced_at": now(),
            "shop": user,
            "before": "announced",
        }
        parcels[p["tracking"]], log[p["tracking"]] = p, []
        return ok(show(p), 201)

    async def get_parcel(user, tracking):
        p = find(tracking, None if fault == "other_shop_visible" else user)
        if not p:
            return fail(404, "No such parcel")
        return ok({**show(p), "status": p["before"]} if fault == "status_stale" else show(p))

    async def readdress(user, tracking, body):
        p = find(tracking, user)
        if not p:
            return fail(404, "No such parcel")
        if p["status"] != "announced" and fault != "address_after_pickup":
            return fail(409, "On its way already")
        p["recipient"] = address(body["recipient"])
        return ok(show(p))

    async def withdraw(user, tracking):
        p = find(tracking, user)
        if not p:
            return fail(404, "No such parcel")
        if p["status"] != "announced":
            return fail(409, "On its way already")
        del parcels[tracking], log[tracking]
        return ok({"withdrawn": True}) if fault == "delete_gives_200" else (None, 204)

    async def list_events(user, tracking):
        if not find(tracking, user):
            return fail(404, "No such parcel")
        return ok(log[tracking][::-1] if fault == "events_newest_first" else log[tracking])

    async def add_event(user, tracking, body):
        p = find(tracking, user)
        if not p:
            return fail(404, "No such parcel")
        good = p["status"] == "in_transit" or (p["status"] == "announced" and body["status"] == "in_transit")
        if not good and not (fault == "delivered_moves_on" and p["status"] == "delivered"):
            return fail(409, f"Cannot be {body['status']} now")
        e = {"status": body["status"], "place": body["place"], "at": now()}
        log[tracking].append(e)
        p["before"], p["status"] = p["status"], e["status"]
        return ok(e, 201)

    async def get_label(tracking, user=None):
        p = find(tracking, user)
        if not p:
            return fail(404, "No such parcel")
        r = p["recipient"]
        text = "\n".join([tracking, r["name"], r["street"], f"{r['country']}-{r['zip']} {r['city']}"])
        if fault == "label_is_json":
            return ConnexionResponse(status_code=200, content_type="application/json", body=json.dumps(text))
        return ConnexionResponse(
            status_code=200, content_type="text/plain; charset=utf-8", body=text.encode("utf-8", "replace")
        )

    async def rate(weight_g, express=False):
        return ok({"price_cents": price(weight_g, express)})

    served = copy.deepcopy(SPEC)
    if fault == "zip_unchecked":
        served["components"]["schemas"]["Recipient"]["properties"]["zip"] = {"type": "string"}
    if fault == "label_needs_no_key":
        served["paths"]["/parcels/{tracking}/label"]["get"]["security"] = []
    here = {
        f.__name__: f
        for f in (list_parcels, announce, get_parcel, readdress, withdraw, list_events, add_event, get_label, rate)
    }
    api = AsyncApp("parcels")
    api.add_api(
        served,
        resolver=Resolver(here.__getitem__),
        strict_validation=False,
        validate_responses=False,
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        security_map={"apiKey": Keys},
        validator_map={"body": MediaTypeDict({"*/*json": JsonBody})},
    )

    async def full_allow(scope, receive, send):
        """Connexion's 405 names the methods of one route only; name all of the path."""

        async def patched(message):
            if message["type"] == "http.response.start" and message["status"] == 405:
                has = {
                    k.upper()
                    for t, item in SPEC["paths"].items()
                    if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", t), scope["path"])
                    for k in item
                    if k != "parameters"
                }
                headers = [(k, v) for k, v in message["headers"] if k.lower() != b"allow"]
                message = {**message, "headers": [*headers, (b"allow", ", ".join(sorted(has)).encode())]}
            await send(message)

        await api(scope, receive, patched if scope["type"] == "http" else send)

    return full_allow
