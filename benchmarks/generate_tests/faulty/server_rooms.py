"""Rooms and bookings in them, in aiohttp, with a specification by hand."""

import itertools
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from ._shapes import answers, body, in_path, query, ref

KIND = "aiohttp"
FAULTS = {
    "enum value not listed": "a room that is read has a kind that is not listed",
    "missing field in an answer": "a room has no seats",
    "404 as 200": "a room that is not there is empty",
    "stale read": "a room that was read once is read as it was then",
    "sort ignored": "the list is in the order of creation",
    "bad UTF-8 fails": "a body that is no UTF-8 is a fault of the server",
    "wrong type in an answer": "the seats of a room are a text",
}
NEW = {
    "type": "object",
    "required": ["name", "seats"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "seats": {"type": "integer", "minimum": 1, "maximum": 500},
        "kind": {"type": "string", "enum": ["open", "closed", "hall"]},
    },
}
ROOM = {
    "type": "object",
    "required": ["id", "name", "seats", "kind"],
    "properties": {"id": {"type": "string", "format": "uuid"}, **NEW["properties"]},
}
BOOKING = {
    "type": "object",
    "required": ["guest", "begins"],
    "properties": {
        "guest": {"type": "string", "format": "email"},
        "begins": {"type": "string", "format": "date-time"},
    },
}
KEPT = {
    **BOOKING,
    "required": ["number", "guest", "begins"],
    "properties": {"number": {"type": "integer"}, **BOOKING["properties"]},
}
ROOM_ID = in_path("roomId", {"type": "string", "format": "uuid"})
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Rooms", "version": "1"},
    "paths": {
        "/rooms": {
            "get": {
                "parameters": [query("sort", {"type": "string", "enum": ["name", "-name", "seats", "-seats"]})],
                "responses": answers(
                    {
                        "type": "object",
                        "required": ["data"],
                        "properties": {"data": {"type": "array", "items": ref("Room")}},
                    },
                    "422",
                ),
            },
            "post": {
                "requestBody": body(ref("NewRoom")),
                "responses": answers(
                    {"type": "object", "required": ["data"], "properties": {"data": ref("Room")}}, "422", status="201"
                ),
            },
        },
        "/rooms/{roomId}": {
            "parameters": [ROOM_ID],
            "get": {
                "responses": answers(
                    {"type": "object", "required": ["data"], "properties": {"data": ref("Room")}}, "404"
                )
            },
            "put": {
                "requestBody": body(ref("NewRoom")),
                "responses": answers(
                    {"type": "object", "required": ["data"], "properties": {"data": ref("Room")}}, "404", "422"
                ),
            },
            "delete": {"responses": answers(None, "404", status="204")},
        },
        "/rooms/{roomId}/bookings": {
            "parameters": [ROOM_ID],
            "post": {
                "requestBody": body(ref("NewBooking")),
                "responses": answers(ref("Booking"), "404", "422", status="201"),
            },
        },
        "/rooms/{roomId}/bookings/{number}": {
            "parameters": [ROOM_ID, in_path("number", {"type": "integer"})],
            "get": {"responses": answers(ref("Booking"), "404")},
        },
    },
    "components": {"schemas": {"NewRoom": NEW, "Room": ROOM, "NewBooking": BOOKING, "Booking": KEPT}},
}


def answer(data: Any, status: int = 200) -> web.Response:
    """Return JSON."""
    return web.json_response(data, status=status)


class Rooms:
    """The handlers."""

    def __init__(self, fault: str | None) -> None:
        self.fault = fault
        self.rooms: dict[str, dict[str, Any]] = {}
        self.bookings: dict[tuple[str, int], dict[str, Any]] = {}
        self.read_once: dict[str, dict[str, Any]] = {}
        self.numbers = itertools.count(1)

    async def sent(self, request: web.Request) -> Any:
        """Return the body, or None."""
        if request.content_type != "application/json":
            return None
        content = await request.read()
        if self.fault == "bad UTF-8 fails":
            return json.loads(content.decode())
        try:
            return json.loads(content)
        except ValueError:
            return None

    async def room(self, request: web.Request) -> dict[str, Any] | None:
        """Return what was sent for a room, or None."""
        data = await self.sent(request)
        if not isinstance(data, dict):
            return None
        name, seats, kind = data.get("name"), data.get("seats"), data.get("kind", "open")
        fine = isinstance(name, str) and 1 <= len(name) <= 100 and kind in NEW["properties"]["kind"]["enum"]
        if isinstance(seats, float) and seats == int(seats):
            seats = int(seats)
        fine = fine and isinstance(seats, int) and not isinstance(seats, bool) and 1 <= seats <= 500
        return {"name": name, "seats": seats, "kind": kind} if fine else None

    async def listed(self, request: web.Request) -> web.Response:
        sort = request.query.get("sort")
        if sort not in (None, "name", "-name", "seats", "-seats"):
            return answer({"error": "sort"}, 422)
        found = list(self.rooms.values())
        if sort and self.fault != "sort ignored":
            found.sort(key=lambda room: room[sort.lstrip("-")], reverse=sort.startswith("-"))
        return answer({"data": found})

    async def create(self, request: web.Request) -> web.Response:
        room = await self.room(request)
        if room is None:
            return answer({"error": "room"}, 422)
        key = str(uuid4())
        self.rooms[key] = {"id": key, **room}
        return answer({"data": self.rooms[key]}, 201)

    async def one(self, request: web.Request) -> web.Response:
        key = request.match_info["room"]
        if key not in self.rooms:
            return (
                answer({"data": {"id": key, "name": "x", "seats": 1, "kind": "open"}})
                if (self.fault == "404 as 200" and request.method == "GET")
                else answer({"error": "room"}, 404)
            )
        if request.method == "DELETE":
            del self.rooms[key]
            return web.Response(status=204)
        if request.method == "PUT":
            room = await self.room(request)
            if room is None:
                return answer({"error": "room"}, 422)
            self.rooms[key] = {"id": key, **room}
            return answer({"data": self.rooms[key]})
        found = dict(self.rooms[key])
        if self.fault == "stale read":
            found = self.read_once.setdefault(key, found)
        if self.fault == "enum value not listed":
            found["kind"] = "OPEN"
        if self.fault == "missing field in an answer":
            del found["seats"]
        if self.fault == "wrong type in an answer":
            found["seats"] = str(found["seats"])
        return answer({"data": found})

    async def book(self, request: web.Request) -> web.Response:
        key = request.match_info["room"]
        if key not in self.rooms:
            return answer({"error": "room"}, 404)
        data = await self.sent(request)
        try:
            guest, begins = data["guest"], data["begins"]
            local, host = guest.split("@")
            fine = local and host and "T" in begins and datetime.fromisoformat(begins).tzinfo is not None
        except (TypeError, KeyError, ValueError, AttributeError):
            fine = False
        if not fine:
            return answer({"error": "booking"}, 422)
        number = next(self.numbers)
        self.bookings[key, number] = {"number": number, "guest": guest, "begins": begins}
        return answer(self.bookings[key, number], 201)

    async def booking(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        found = None
        if number.isascii() and number.isdigit():
            found = self.bookings.get((request.match_info["room"], int(number[:30])))
        return answer({"error": "booking"}, 404) if found is None else answer(found)


def app(fault: str | None = None) -> web.Application:
    """Return the app, with a fault."""
    rooms = Rooms(fault)
    api = web.Application()
    api.add_routes(
        [
            web.get("/rooms", rooms.listed),
            web.post("/rooms", rooms.create),
            web.get("/rooms/{room}", rooms.one),
            web.put("/rooms/{room}", rooms.one),
            web.delete("/rooms/{room}", rooms.one),
            web.post("/rooms/{room}/bookings", rooms.book),
            web.get("/rooms/{room}/bookings/{number}", rooms.booking),
        ]
    )
    return api


def serve(fault: str | None, port: int) -> None:
    """Serve the app."""
    web.run_app(app(fault), host="127.0.0.1", port=port, print=None, access_log=None)
