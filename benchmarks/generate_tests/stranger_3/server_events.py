"""Small events and seat bookings (Starlette). Bearer tokens: an organiser and two guests, see HEADERS."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KIND = "Starlette"
TOKENS = {"evt.org.8841": ("orga", True), "evt.gia.1207": ("gia", False), "evt.hugo.3390": ("hugo", False)}
HEADERS = {who: {"Authorization": f"Bearer {t}"} for t, (who, _) in TOKENS.items()}

FAULTS: dict[str, str] = {
    "oversell": "bookings are accepted beyond the free seats (should be 409)",
    "cancel_keeps_seats": "DELETE /bookings/{id} does not give the seats back",
    "idempotency_ignored": "a repeated Idempotency-Key books once more",
    "cursor_repeats": "the page after next_cursor starts with the last event of the page before",
    "from_excludes_day": "GET /events?from=D leaves out the events on day D itself",
    "guest_may_create": "POST /events works for guests (should be 403)",
    "cancel_foreign_booking": "DELETE /bookings/{id} cancels bookings of others (should be 404)",
    "price_as_number": "price is returned as a number instead of a string like 12.50",
    "patch_answers_old": "PATCH /events/{id} answers with the event as it was before",
    "delete_despite_bookings": "DELETE /events/{id} works although there are bookings (should be 409)",
    "limit_zero_ok": "GET /events?limit=0 is accepted",
    "apostrophe_500": "GET /events?city= with an apostrophe in it gives 500",
    "list_without_token": "GET /events works without any token",
}


def R(n: str) -> dict:
    return {"$ref": f"#/components/schemas/{n}"}


def resp(d: str, s: dict | None = None, **more: Any) -> dict:
    return {"description": d, **({"content": {"application/json": {"schema": s}}} if s else {}), **more}


ERR = {
    "400": resp("The request makes no sense", R("Fault")),
    "401": resp("No or unknown token", R("Fault")),
    "403": resp("For the organiser only", R("Fault")),
    "404": resp("Not found", R("Fault")),
    "409": resp("Does not go with the bookings there are", R("Fault")),
    "422": resp("The body does not fit the schema", R("Fault")),
}


def errs(*codes: int) -> dict:
    return {str(c): ERR[str(c)] for c in codes}


def body(n: str) -> dict:
    return {"required": True, "content": {"application/json": {"schema": R(n)}}}


EVENT_ID = {
    "name": "event_id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 999999},
}
F = {
    "title": {"type": "string", "minLength": 3, "maxLength": 120},
    "city": {"type": "string", "minLength": 1, "maxLength": 60},
    "day": {"type": "string", "format": "date"},
    "seats": {"type": "integer", "minimum": 1, "maximum": 500},
    "price": {
        "type": "string",
        "pattern": "^(0|[1-9][0-9]{0,3})\\.[0-9]{2}$",
        "minLength": 4,
        "maxLength": 7,
        "description": "Euro and cents",
    },
}

SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Village hall events", "version": "1.0.3"},
    "security": [{"token": []}],
    "paths": {
        "/events": {
            "get": {
                "operationId": "list_events",
                "description": "By day, then id.",
                "parameters": [
                    {
                        "name": "city",
                        "in": "query",
                        "description": "Exactly this city",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 60},
                    },
                    {
                        "name": "from",
                        "in": "query",
                        "description": "This day or later",
                        "schema": {"type": "string", "format": "date"},
                    },
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 40, "default": 15},
                    },
                    {
                        "name": "cursor",
                        "in": "query",
                        "description": "next_cursor of the page before, with the same filters; 400 for anything else",
                        "schema": {"type": "string", "maxLength": 64},
                    },
                ],
                "responses": {"200": resp("Events", R("Events")), **errs(400, 401)},
            },
            "post": {
                "operationId": "create_event",
                "requestBody": body("NewEvent"),
                "responses": {
                    "201": resp(
                        "Created", R("Event"), headers={"Location": {"required": True, "schema": {"type": "string"}}}
                    ),
                    **errs(400, 401, 403, 422),
                },
            },
        },
        "/events/{event_id}": {
            "parameters": [EVENT_ID],
            "get": {"operationId": "get_event", "responses": {"200": resp("Event", R("Event")), **errs(401, 404)}},
            "patch": {
                "operationId": "change_event",
                "description": "seats cannot go below those booked.",
                "requestBody": body("EventPatch"),
                "responses": {"200": resp("Event after the change", R("Event")), **errs(400, 401, 403, 404, 409, 422)},
            },
            "delete": {
                "operationId": "delete_event",
                "description": "Only while nobody has booked.",
                "responses": {"204": resp("Deleted"), **errs(401, 403, 404, 409)},
            },
        },
        "/events/{event_id}/bookings": {
            "parameters": [EVENT_ID],
            "post": {
                "operationId": "book",
                "description": "The same Idempotency-Key by the same caller for the same event does not book again but answers 200 with the booking there is, whatever the body's number of seats.",
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 80},
                    }
                ],
                "requestBody": body("NewBooking"),
                "responses": {
                    "201": resp("Booked", R("Booking")),
                    "200": resp("Booked before with this key", R("Booking")),
                    **errs(400, 401, 404, 409, 422),
                },
            },
        },
        "/bookings": {
            "get": {
                "operationId": "my_bookings",
                "responses": {"200": resp("Own bookings by id", {"type": "array", "items": R("Booking")}), **errs(401)},
            }
        },
        "/bookings/{booking_id}": {
            "parameters": [
                {
                    "name": "booking_id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1, "maximum": 999999},
                }
            ],
            "delete": {
                "operationId": "cancel_booking",
                "description": "Own bookings only. The seats are free again.",
                "responses": {"204": resp("Cancelled"), **errs(401, 404)},
            },
        },
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Fault": {
                "type": "object",
                "required": ["code", "text"],
                "properties": {
                    "code": {
                        "type": "string",
                        "enum": ["bad_request", "no_token", "forbidden", "not_found", "method", "conflict", "invalid"],
                    },
                    "text": {"type": "string"},
                },
            },
            "NewEvent": {
                "type": "object",
                "required": ["title", "city", "day", "seats"],
                "additionalProperties": False,
                "properties": {**F, "price": {**F["price"], "default": "0.00"}},
                "examples": [
                    {"title": "Barn dance", "city": "L'Aquila", "day": "2027-06-12", "seats": 80, "price": "12.50"}
                ],
            },
            "EventPatch": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": F,
                "examples": [{"seats": 90}],
            },
            "Event": {
                "type": "object",
                "required": ["id", "free", *F],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "free": {"type": "integer", "minimum": 0, "maximum": 500, "description": "Seats not booked"},
                    **F,
                },
            },
            "Events": {
                "type": "object",
                "required": ["events", "next_cursor"],
                "additionalProperties": False,
                "properties": {
                    "events": {"type": "array", "maxItems": 40, "items": R("Event")},
                    "next_cursor": {"type": ["string", "null"], "description": "null on the last page"},
                },
            },
            "NewBooking": {
                "type": "object",
                "required": ["seats"],
                "additionalProperties": False,
                "properties": {"seats": {"type": "integer", "minimum": 1, "maximum": 8}},
                "examples": [{"seats": 2}],
            },
            "Booking": {
                "type": "object",
                "required": ["id", "event_id", "guest", "seats", "booked_at"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "integer", "minimum": 1},
                    "event_id": {"type": "integer", "minimum": 1},
                    "guest": {"type": "string"},
                    "seats": {"type": "integer", "minimum": 1, "maximum": 8},
                    "booked_at": {"type": "string", "format": "date-time"},
                },
            },
        },
    },
}

CODES = {
    400: "bad_request",
    401: "no_token",
    403: "forbidden",
    404: "not_found",
    405: "method",
    409: "conflict",
    422: "invalid",
}


class J(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode()


def is_day(v: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", v)) and bool(dt.date.fromisoformat(v))
    except ValueError:
        return False


def check(schema: dict, data: Any) -> dict:
    """The body with whole numbers as int and with defaults, or 422."""
    if not isinstance(data, dict):
        raise HTTPException(422, "the body must be an object")
    props, out = schema["properties"], {}
    if missing := set(schema.get("required", ())) - set(data):
        raise HTTPException(422, f"missing: {', '.join(sorted(missing))}")
    if set(data) - set(props):
        raise HTTPException(422, "there is a field that does not belong here")
    if len(data) < schema.get("minProperties", 0):
        raise HTTPException(422, "nothing to change")
    for k, v in data.items():
        p = props[k]
        if p["type"] == "integer":
            ok = (
                not isinstance(v, bool)
                and isinstance(v, (int, float))
                and p["minimum"] <= v <= p["maximum"]
                and v == int(v)
            )
            v = int(v) if ok else v
        else:
            ok = (
                isinstance(v, str)
                and p.get("minLength", 0) <= len(v) <= p.get("maxLength", 10)
                and (p.get("format") != "date" or is_day(v))
            )
            ok = ok and ("pattern" not in p or bool(re.fullmatch(p["pattern"][1:-1], v)))
        if not ok:
            raise HTTPException(422, f"{k} is not valid")
        out[k] = v
    for k, p in props.items():
        if "default" in p:
            out.setdefault(k, p["default"])
    return out


def no(name: str) -> None:
    raise ValueError(name)


async def read(request: Request, name: str) -> dict:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(400, "send application/json")
    try:
        data = json.loads(await request.body(), parse_constant=no)
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is not JSON") from None
    return check(SPEC["components"]["schemas"][name], data)


def app(fault: str | None = None) -> Starlette:
    assert fault is None or fault in FAULTS, fault
    events: dict[int, dict] = {}
    bookings: dict[int, dict] = {}
    keys: dict[tuple, int] = {}
    lost: dict[int, int] = {}
    last = {"event": 0, "booking": 0}

    def caller(request: Request, organiser: bool = False) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() not in TOKENS:
            raise HTTPException(401, "no or unknown token")
        who, may = TOKENS[token.strip()]
        if organiser and not may:
            raise HTTPException(403, "for the organiser only")
        return who

    def number(text: str) -> int:
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0

    def event(request: Request) -> dict:
        e = events.get(number(request.path_params["event_id"]))
        if e is None:
            raise HTTPException(404, "no such event")
        return e

    def booked(e: dict) -> int:
        return lost.get(e["id"], 0) + sum(b["seats"] for b in bookings.values() if b["event_id"] == e["id"])

    def show(e: dict) -> dict:
        out = {**e, "free": max(0, e["seats"] - booked(e))}
        if fault == "price_as_number":
            out["price"] = float(out["price"])
        return out

    async def list_events(request: Request):
        if fault != "list_without_token":
            caller(request)
        q = request.query_params
        city, start, limit, cursor = q.get("city"), q.get("from"), q.get("limit", "15"), q.get("cursor")
        low = 0 if fault == "limit_zero_ok" else 1
        if city is not None and not 1 <= len(city) <= 60:
            raise HTTPException(400, "city has a wrong length")
        if start is not None and not is_day(start):
            raise HTTPException(400, "from is no day")
        if not re.fullmatch(r"[0-9]{1,9}", limit) or not low <= int(limit) <= 40:
            raise HTTPException(400, "limit must be 1 to 40")
        after = ("", 0)
        if cursor is not None:
            try:
                if len(cursor) > 64:
                    raise ValueError(cursor)
                day, id = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii").split("/")
                after = (day, int(id))
            except ValueError:
                raise HTTPException(400, "this is not one of our cursors") from None
        if fault == "apostrophe_500" and city and "'" in city:
            return Response("Internal Server Error", 500, media_type="text/plain")
        n = int(limit)

        def fits(e: dict) -> bool:
            if city is not None and e["city"] != city:
                return False
            if start is not None and (e["day"] < start or (fault == "from_excludes_day" and e["day"] == start)):
                return False
            key = (e["day"], e["id"])
            return key > after or (fault == "cursor_repeats" and cursor is not None and key == after)

        rows = sorted((e for e in events.values() if fits(e)), key=lambda e: (e["day"], e["id"]))
        page, nxt = rows[:n], None
        if len(rows) > n and page:
            nxt = base64.urlsafe_b64encode(f"{page[-1]['day']}/{page[-1]['id']}".encode()).decode()
        return J({"events": [show(e) for e in page], "next_cursor": nxt})

    async def create_event(request: Request):
        caller(request, organiser=fault != "guest_may_create")
        data = await read(request, "NewEvent")
        last["event"] += 1
        e = {"id": last["event"], **data}
        events[e["id"]] = e
        return J(show(e), 201, {"Location": f"/events/{e['id']}"})

    async def get_event(request: Request):
        caller(request)
        return J(show(event(request)))

    async def change_event(request: Request):
        caller(request, organiser=True)
        e = event(request)
        data = await read(request, "EventPatch")
        if data.get("seats", e["seats"]) < booked(e):
            raise HTTPException(409, "more seats than that are booked")
        old = show(e)
        e.update(data)
        return J(old if fault == "patch_answers_old" else show(e))

    async def delete_event(request: Request):
        caller(request, organiser=True)
        e = event(request)
        if any(b["event_id"] == e["id"] for b in bookings.values()) and fault != "delete_despite_bookings":
            raise HTTPException(409, "there are bookings")
        del events[e["id"]]
        for i in [i for i, b in bookings.items() if b["event_id"] == e["id"]]:
            del bookings[i]
        return Response(status_code=204)

    async def book(request: Request):
        who, e = caller(request), event(request)
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= 80:
            raise HTTPException(400, "Idempotency-Key has a wrong length")
        data = await read(request, "NewBooking")
        known = keys.get((who, e["id"], key)) if key is not None else None
        if known in bookings and fault != "idempotency_ignored":
            return J(bookings[known])
        if data["seats"] > e["seats"] - booked(e) and fault != "oversell":
            raise HTTPException(409, "not that many seats are free")
        last["booking"] += 1
        b = {
            "id": last["booking"],
            "event_id": e["id"],
            "guest": who,
            "seats": data["seats"],
            "booked_at": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        }
        bookings[b["id"]] = b
        if key is not None:
            keys[who, e["id"], key] = b["id"]
        return J(b, 201)

    async def my_bookings(request: Request):
        who = caller(request)
        return J([b for b in bookings.values() if b["guest"] == who])

    async def cancel_booking(request: Request):
        who = caller(request)
        b = bookings.get(number(request.path_params["booking_id"]))
        if b is None or (b["guest"] != who and fault != "cancel_foreign_booking"):
            raise HTTPException(404, "no such booking")
        del bookings[b["id"]]
        if fault == "cancel_keeps_seats":
            lost[b["event_id"]] = lost.get(b["event_id"], 0) + b["seats"]
        return Response(status_code=204)

    async def failed(request: Request, exc: HTTPException):
        return J(
            {"code": CODES.get(exc.status_code, "bad_request"), "text": str(exc.detail)}, exc.status_code, exc.headers
        )

    def by_method(**handlers):
        async def endpoint(request: Request):
            return await handlers["GET" if request.method == "HEAD" else request.method](request)

        return {"endpoint": endpoint, "methods": list(handlers)}

    api = Starlette(
        routes=[
            Route("/events", **by_method(GET=list_events, POST=create_event)),
            Route("/events/{event_id}", **by_method(GET=get_event, PATCH=change_event, DELETE=delete_event)),
            Route("/events/{event_id}/bookings", **by_method(POST=book)),
            Route("/bookings", **by_method(GET=my_bookings)),
            Route("/bookings/{booking_id}", **by_method(DELETE=cancel_booking)),
        ],
        exception_handlers={HTTPException: failed},
    )
    api.router.redirect_slashes = False
    return api
