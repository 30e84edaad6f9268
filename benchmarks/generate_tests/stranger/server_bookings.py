"""Rooms of a guest house and their bookings, on aiohttp. Bodies are checked with jsonschema against the SPEC itself."""

import asyncio
import copy
import json
import re
import threading
from datetime import date, timedelta
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker

KIND = "aiohttp"
FAULTS = {
    "health_html": "GET /health has the content type text/html, documented text/plain",
    "put_appends_tags": "PUT /rooms/{room_id} appends the tags instead of replacing them",
    "price_rounded": "the price of a night loses its cents",
    "bad_date_accepted": "from and to of a booking may be any text, such as 2026-13-45",
    "overlap_accepted": "a booking of a room that is taken is accepted where 409 is documented",
    "stale_room": "GET /rooms/{room_id} comes from a cache that a PUT doesn't renew",
    "slash_redirect": "GET /bookings redirects (308) to /bookings/",
    "capacity_zero_500": "a room with capacity 0 (not allowed) gives 500 instead of 400",
    "options_500": "OPTIONS /rooms answers 500",
    "latin_1_body": "GET /rooms/{room_id} sends Latin-1 bytes under charset=utf-8",
    "guest_optional": "a booking without the required guest is accepted",
    "negative_id_500": "GET /bookings/{booking_id} with a negative id gives 500",
    "last_night_lost": "availability counts the day of departure as taken",
    "room_filter_ignored": "GET /bookings ignores the filter room_id",
}
FAULT_KINDS = {
    "health_html": "wrong content type",
    "put_appends_tags": "PUT not idempotent",
    "price_rounded": "number precision lost",
    "bad_date_accepted": "validation missing (wrong format)",
    "overlap_accepted": "documented 409 not given",
    "stale_room": "stale read (cached)",
    "slash_redirect": "trailing-slash trouble",
    "capacity_zero_500": "500 on zero",
    "options_500": "OPTIONS broken",
    "latin_1_body": "charset wrong",
    "guest_optional": "validation missing (missing field)",
    "negative_id_500": "500 on negative input",
    "last_night_lost": "boundary of a range wrong",
    "room_filter_ignored": "filter ignored",
}


def _spec() -> dict[str, Any]:
    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def body(name: str) -> dict[str, Any]:
        return {"required": True, "content": {"application/json": {"schema": ref(name)}}}

    def answer(text: str, schema: dict[str, Any], **headers: str) -> dict[str, Any]:
        made: dict[str, Any] = {"description": text, "content": {"application/json": {"schema": schema}}}
        if headers:
            made["headers"] = {
                k: {"required": True, "description": v, "schema": {"type": "string"}} for k, v in headers.items()
            }
        return made

    def errors(*codes: int) -> dict[str, Any]:
        texts = {400: "Invalid request", 404: "No such thing", 409: "Conflict", 415: "The body isn't application/json"}
        return {str(c): answer(texts[c], ref("Error")) for c in codes}

    day = {"type": "string", "format": "date"}
    room = {
        "name": {"type": "string", "minLength": 1, "maxLength": 60},
        "capacity": {"type": "integer", "minimum": 1, "maximum": 50},
        "price_per_night": {"type": "number", "minimum": 0, "maximum": 10000},
        "tags": {
            "type": "array",
            "maxItems": 10,
            "items": {"type": "string", "minLength": 1, "maxLength": 20},
            "default": [],
        },
    }
    plain = {**room, "tags": {k: v for k, v in room["tags"].items() if k != "default"}}
    booking = {
        "room_id": {"type": "integer", "minimum": 1},
        "guest": {"type": "string", "minLength": 1, "maxLength": 80},
        "from": day,
        "to": {**day, "description": "Day of departure, after from"},
    }
    room_id = {"name": "room_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    booking_id = {"name": "booking_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bookings",
            "version": "3.0.0",
            "description": "A booking takes the nights from its day of arrival to the one before its day of "
            "departure. Lists are "
            "ordered by id, ascending. No path ends in a slash.",
        },
        "paths": {
            "/health": {
                "get": {
                    "operationId": "health",
                    "responses": {
                        "200": {
                            "description": "The word ok",
                            "content": {"text/plain": {"schema": {"type": "string", "const": "ok"}}},
                        }
                    },
                }
            },
            "/rooms": {
                "get": {
                    "operationId": "listRooms",
                    "parameters": [
                        {"name": "min_capacity", "in": "query", "schema": {"type": "integer", "minimum": 1}}
                    ],
                    "responses": {"200": answer("Rooms", {"type": "array", "items": ref("Room")}), **errors(400)},
                },
                "post": {
                    "operationId": "addRoom",
                    "requestBody": body("NewRoom"),
                    "description": "409 if the name is taken.",
                    "responses": {
                        "201": answer("Added", ref("Room"), Location="Path of the room"),
                        **errors(400, 409, 415),
                    },
                },
                "options": {
                    "operationId": "roomsOptions",
                    "responses": {
                        "204": {
                            "description": "What is allowed",
                            "headers": {"Allow": {"required": True, "schema": {"type": "string"}}},
                        }
                    },
                },
            },
            "/rooms/{room_id}": {
                "parameters": [room_id],
                "get": {
                    "operationId": "getRoom",
                    "responses": {"200": answer("Room", ref("Room")), **errors(400, 404)},
                },
                "put": {
                    "operationId": "replaceRoom",
                    "requestBody": body("NewRoom"),
                    "responses": {"200": answer("Replaced", ref("Room")), **errors(400, 404, 409, 415)},
                    "description": "409 if another room has the name.",
                },
                "delete": {
                    "operationId": "deleteRoom",
                    "description": "409 if there are bookings of it.",
                    "responses": {"204": {"description": "Deleted"}, **errors(400, 404, 409)},
                },
            },
            "/rooms/{room_id}/availability": {
                "parameters": [room_id],
                "get": {
                    "operationId": "availability",
                    "parameters": [
                        {"name": "from", "in": "query", "required": True, "schema": day},
                        {"name": "to", "in": "query", "required": True, "schema": day},
                    ],
                    "description": "Whether all nights from `from` to the one before `to` are free.",
                    "responses": {
                        "200": answer(
                            "Answer",
                            {"type": "object", "required": ["free"], "properties": {"free": {"type": "boolean"}}},
                        ),
                        **errors(400, 404),
                    },
                },
            },
            "/bookings": {
                "get": {
                    "operationId": "listBookings",
                    "parameters": [{"name": "room_id", "in": "query", "schema": {"type": "integer"}}],
                    "responses": {"200": answer("Bookings", {"type": "array", "items": ref("Booking")}), **errors(400)},
                },
                "post": {
                    "operationId": "book",
                    "requestBody": body("NewBooking"),
                    "description": "400 if to isn't after from, 404 if there is no such room, 409 if it is taken.",
                    "responses": {
                        "201": answer("Booked", ref("Booking"), Location="Path of the booking"),
                        **errors(400, 404, 409, 415),
                    },
                },
            },
            "/bookings/{booking_id}": {
                "parameters": [booking_id],
                "get": {
                    "operationId": "getBooking",
                    "responses": {"200": answer("Booking", ref("Booking")), **errors(400, 404)},
                },
                "delete": {
                    "operationId": "cancelBooking",
                    "responses": {"204": {"description": "Cancelled"}, **errors(400, 404)},
                },
            },
        },
        "components": {
            "schemas": {
                "NewRoom": {
                    "type": "object",
                    "required": ["name", "capacity", "price_per_night"],
                    "additionalProperties": False,
                    "properties": room,
                },
                "Room": {
                    "type": "object",
                    "required": ["id", *room],
                    "properties": {"id": {"type": "integer"}, **plain},
                },
                "NewBooking": {
                    "type": "object",
                    "required": list(booking),
                    "additionalProperties": False,
                    "properties": booking,
                },
                "Booking": {
                    "type": "object",
                    "required": ["id", *booking, "nights"],
                    "properties": {"id": {"type": "integer"}, **booking, "nights": {"type": "integer", "minimum": 1}},
                },
                "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
            }
        },
    }


SPEC: dict[str, Any] = _spec()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


CHECKER = FormatChecker(formats=())
CHECKER.checks("date")(lambda value: not isinstance(value, str) or _day(value) is not None)


class Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text


def app(fault: str | None = None) -> web.Application:
    """A fresh aiohttp Application; see serve for one that listens."""
    if fault is not None and fault not in FAULTS:
        raise KeyError(fault)
    schemas = copy.deepcopy(SPEC["components"]["schemas"])
    if fault == "guest_optional":
        schemas["NewBooking"]["required"].remove("guest")
    if fault == "capacity_zero_500":
        schemas["NewRoom"]["properties"]["capacity"]["minimum"] = 0
    checks = {
        name: Draft202012Validator(schemas[name], format_checker=None if fault == "bad_date_accepted" else CHECKER)
        for name in ("NewRoom", "NewBooking")
    }
    rooms: dict[int, dict[str, Any]] = {}
    bookings: dict[int, dict[str, Any]] = {}
    cache: dict[int, dict[str, Any]] = {}
    last = {"room": 0, "booking": 0}
    routes = web.RouteTableDef()

    def give(value: Any, status: int = 200, location: str | None = None) -> web.Response:
        return web.Response(
            body=json.dumps(value).encode(),
            status=status,
            content_type="application/json",
            headers={"Location": location} if location else None,
        )

    @web.middleware
    async def errors(request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as error:
            return give({"error": error.text}, error.status)
        except web.HTTPException as error:
            made = give({"error": error.reason}, error.status)
            if "Allow" in error.headers:
                made.headers["Allow"] = error.headers["Allow"]
            return made

    async def load(request: web.Request, kind: str) -> dict[str, Any]:
        if request.content_type != "application/json" or "Content-Type" not in request.headers:
            raise Refused(415, "send application/json")

        def constant(name: str) -> None:
            raise ValueError(name)

        try:
            data = json.loads((await request.read()).decode("utf-8"), parse_constant=constant)
            wrong = next(iter(checks[kind].iter_errors(data)), None)
        except (ValueError, RecursionError, OverflowError):
            raise Refused(400, "not JSON") from None
        if wrong is not None:
            raise Refused(400, ascii(wrong.message)[:200])
        for name, schema in schemas[kind]["properties"].items():
            if schema.get("type") == "integer" and name in data:
                data[name] = int(data[name])
        return data

    def number(text: str, least: int | None = None) -> int:
        if not re.fullmatch("-?[0-9]{1,4000}", text) or (least is not None and int(text) < least):
            raise Refused(400, "not a number that is allowed here")
        return int(text)

    def room_of(request: web.Request) -> dict[str, Any]:
        found = rooms.get(number(request.match_info["room_id"]))
        if found is None:
            raise Refused(404, "no such room")
        return found

    def booking_of(request: web.Request) -> dict[str, Any]:
        key = number(request.match_info["booking_id"])
        if fault == "negative_id_500" and key < 0:
            raise OverflowError("can't convert negative int to unsigned")
        if key not in bookings:
            raise Refused(404, "no such booking")
        return bookings[key]

    def taken(room_id: int, start: str, end: str, slack: bool = False) -> bool:
        return any(
            b["room_id"] == room_id and b["from"] < end and (start < b["to"] or (slack and start == b["to"]))
            for b in bookings.values()
        )

    def fill(room: dict[str, Any], data: dict[str, Any]) -> None:
        if data["capacity"] == 0:
            raise ZeroDivisionError("price per head")
        tags = data.get("tags", [])
        room.update(data, tags=room.get("tags", []) + tags if fault == "put_appends_tags" else tags)
        if fault == "price_rounded":
            room["price_per_night"] = round(room["price_per_night"])

    @routes.get("/health")
    async def health(request: web.Request) -> web.Response:
        return web.Response(text="ok", content_type="text/html" if fault == "health_html" else "text/plain")

    @routes.get("/rooms")
    async def list_rooms(request: web.Request) -> web.Response:
        least = number(request.query.get("min_capacity", "1"), 1)
        return give([r for r in rooms.values() if r["capacity"] >= least])

    @routes.options("/rooms")
    async def options(request: web.Request) -> web.Response:
        if fault == "options_500":
            raise RuntimeError("no handler")
        return web.Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS, POST"})

    @routes.post("/rooms")
    async def add_room(request: web.Request) -> web.Response:
        data = await load(request, "NewRoom")
        if any(r["name"] == data["name"] for r in rooms.values()):
            raise Refused(409, "the name is taken")
        room = {"id": last["room"] + 1}
        fill(room, data)
        last["room"] += 1
        rooms[room["id"]] = room
        return give(room, 201, f"/rooms/{room['id']}")

    @routes.get("/rooms/{room_id}")
    async def get_room(request: web.Request) -> web.Response:
        room = room_of(request)
        if fault == "stale_room":
            room = cache.setdefault(room["id"], dict(room))
        if fault == "latin_1_body":
            return web.Response(
                body=json.dumps(room, ensure_ascii=False).encode("latin-1", "replace"),
                headers={"Content-Type": "application/json; charset=utf-8"},
            )
        return give(room)

    @routes.put("/rooms/{room_id}")
    async def replace_room(request: web.Request) -> web.Response:
        room = room_of(request)
        data = await load(request, "NewRoom")
        if any(r["name"] == data["name"] and r is not room for r in rooms.values()):
            raise Refused(409, "the name is taken")
        fill(room, data)
        return give(room)

    @routes.delete("/rooms/{room_id}")
    async def delete_room(request: web.Request) -> web.Response:
        room = room_of(request)
        if any(b["room_id"] == room["id"] for b in bookings.values()):
            raise Refused(409, "there are bookings")
        del rooms[room["id"]]
        cache.pop(room["id"], None)
        return web.Response(status=204)

    @routes.get("/rooms/{room_id}/availability")
    async def availability(request: web.Request) -> web.Response:
        start, end = request.query.get("from", ""), request.query.get("to", "")
        if _day(start) is None or _day(end) is None or start >= end:
            raise Refused(400, "from and to: days, in this order")
        return give({"free": not taken(room_of(request)["id"], start, end, slack=fault == "last_night_lost")})

    @routes.get("/bookings")
    async def list_bookings(request: web.Request) -> web.Response:
        if fault == "slash_redirect" and not request.path.endswith("/"):
            raise web.HTTPPermanentRedirect("/bookings/")
        wanted = number(request.query["room_id"]) if "room_id" in request.query else None
        if fault == "room_filter_ignored":
            wanted = None
        return give([b for b in bookings.values() if wanted in (None, b["room_id"])])

    @routes.post("/bookings")
    async def book(request: web.Request) -> web.Response:
        data = await load(request, "NewBooking")
        data.setdefault("guest", "unknown")
        if data["from"] >= data["to"]:
            raise Refused(400, "to isn't after from")
        if data["room_id"] not in rooms:
            raise Refused(404, "no such room")
        if taken(data["room_id"], data["from"], data["to"]) and fault != "overlap_accepted":
            raise Refused(409, "taken")
        last["booking"] += 1
        start, end = _day(data["from"]), _day(data["to"])
        nights = (end - start) // timedelta(days=1) if start and end else 1
        booking = {"id": last["booking"], **data, "nights": nights}
        bookings[booking["id"]] = booking
        return give(booking, 201, f"/bookings/{booking['id']}")

    @routes.get("/bookings/{booking_id}")
    async def get_booking(request: web.Request) -> web.Response:
        return give(booking_of(request))

    @routes.delete("/bookings/{booking_id}")
    async def cancel(request: web.Request) -> web.Response:
        del bookings[booking_of(request)["id"]]
        return web.Response(status=204)

    made = web.Application(middlewares=[errors])
    made.add_routes(routes)
    if fault == "slash_redirect":
        made.router.add_get("/bookings/", list_bookings)
    return made


def serve(
    fault: str | None = None,
    port: int = 8080,
    started: threading.Event | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Listens on 127.0.0.1 until `stop` is set (for ever without one). May run in a thread."""

    async def run() -> None:
        runner = web.AppRunner(app(fault), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        if started:
            started.set()
        while not (stop and stop.is_set()):
            await asyncio.sleep(0.02)
        await runner.cleanup()

    asyncio.run(run())
