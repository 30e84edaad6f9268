"""A server of notes whose specification tells much in words: orders, owners, conditions; and faults of it."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from progressnb.operations.testcases.spec.plain import is_object

__all__ = ["FAULTS", "SPEC", "TOKENS", "Notes"]

TOKENS = {
    "API_KEY_TOKEN": "ann",
    "API_KEY_TOKEN_OTHER": "ben",
    "API_KEY_TOKEN_EXPIRED": "old",
    "API_KEY_TOKEN_READER": "eve",
}

FAULTS = {
    "pinned last": "GET-/notes-in_the_order_that_is_told",
    "changed last": "GET-/notes-shows_a_change_in_its_place",
    "list is stale": "GET-/notes-shows_a_change_in_its_place",
    "wrong total": "GET-/notes-total",
    "search ignored": "GET-/notes-search_by_q",
    "filter ignored": "GET-/notes-filter_by_pinned-true",
    "range ignored": "GET-/notes-range_by_min_rank",
    "others see it": "GET-/notes/:noteId-of_another_user",
    "others list it": "GET-/notes-lacks_what_another_user_made",
    "expired": "GET-/notes-with_expired_credentials",
    "no 304": "GET-/notes/:noteId-not_changed",
    "no 412": "PUT-/notes/:noteId-with_an_ETag_from_before",
    "same ETag": "PUT-/notes/:noteId-the_ETag_is_another_then",
    "key ignored": "POST-/notes-twice_with_the_same_Idempotency-Key",
    "tag twice": "PUT-/notes/:noteId/tags/:tag-put_twice_there_once",
    "tag stays": "DELETE-/notes/:noteId/tags/:tag-what_was_deleted_is_not_there",
    "keeps what is left out": "PUT-/notes/:noteId-what_is_left_out_gets_its_default",
    "creation answers otherwise": "GET-/notes/:noteId-reads_as_its_creation_answered",
    "change answers otherwise": "PUT-/notes/:noteId-reads_as_the_change_answered",
    "closing is not kept": "POST-/notes/:noteId/close-is_read_then_as_it_answered",
    "closed twice": "POST-/notes/:noteId/close-twice",
    "comments not counted": "POST-/notes/:noteId/comments-adds_one_to_commentCount",
    "comment not listed": "GET-/notes/:noteId/comments-has_what_was_created",
    "deleted can be changed": "PUT-/notes/:noteId-what_was_deleted_cant_be_changed",
    "created another day": "POST-/notes-created_at_is_now",
    "no offset": "GET-/notes/:noteId-valid_minimal",
    "long tag": "PUT-/notes/:noteId/tags/:tag-path.tag-longest",
    "pages go round": "GET-/notes-pages_by_cursor",
    "unknown note": "POST-/copies-not_found-note_id",
    "zero is lost": "POST-/notes-body.rank-least",
    "capital letters": "GET-/notes-search_by_q_in_capital_letters",
    "odd credentials": "GET-/notes-with_odd_credentials",
    "readers write": "DELETE-/notes/:noteId-by_one_who_may_only_read",
    "summary is kept": "GET-/notes/:noteId/summary-count_counts_comments",
}
"""A case that finds a fault, by the fault."""

ADDRESS = "http://notes.invalid"
OWNED: dict[str, Any] = {
    "title": {"type": "string", "minLength": 1, "maxLength": 60},
    "text": {"type": ["string", "null"], "maxLength": 200, "default": None},
    "pinned": {"type": "boolean", "default": False},
    "rank": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0},
}
NEW = {"type": "object", "required": ["title"], "properties": OWNED, "additionalProperties": False}
TIME = {"type": "string", "format": "date-time"}
NOTE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title", "created_at", "price", "closed", "tags", "commentCount"],
    "properties": {
        "id": {"type": "integer"},
        **{name: {key: each for key, each in schema.items() if key != "default"} for name, schema in OWNED.items()},
        "created_at": TIME,
        "price": {"type": "integer"},
        "closed": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "commentCount": {"type": "integer"},
    },
}
COMMENT: dict[str, Any] = {"type": "object", "required": ["body"], "properties": {"body": {"type": "string"}}}


def _json(schema: Any, **more: Any) -> dict[str, Any]:
    return {"description": "fine", "content": {"application/json": {"schema": schema}}, **more}


def _body(schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _query(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind, **more}}


def _answers(*statuses: str, **more: Any) -> dict[str, Any]:
    texts = {"409": "Not possible in its state"}
    return {**{each: {"description": texts.get(each, "refused")} for each in (*statuses, "401")}, **more}


ONE = {"name": "noteId", "in": "path", "required": True, "schema": {"type": "integer"}}
TAG = {"name": "tag", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[a-z]{2,9}$"}}
KEY = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string"}}
NONE_MATCH = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
TAGGED = {"headers": {"ETag": {"schema": {"type": "string"}}}}
PAGE = {"type": "object", "properties": {"items": {"type": "array", "items": NOTE}, "total": {"type": "integer"}}}
WITH_ID = {**COMMENT, "properties": {"id": {"type": "integer"}, **COMMENT["properties"]}}
COPY = {"type": "object", "required": ["note_id"], "properties": {"note_id": {"type": "integer", "minimum": 1}}}
SUMMARY = {"type": "object", "properties": {"count": {"type": "integer"}}}
GONE = {"description": "gone"}

SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Notes",
        "version": "1",
        "description": "Every user has the own notes only. Notes are listed with the pinned ones first, otherwise by "
        "id, ascending. Some callers have read-only access.",
    },
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/notes": {
            "get": {
                "parameters": [
                    _query("limit", "integer", minimum=1, maximum=100),
                    {**_query("q", "string"), "description": "Finds titles, in any case of letters."},
                    _query("pinned", "boolean"),
                    _query("min_rank", "integer"),
                ],
                "responses": _answers("400", **{"200": _json(PAGE, headers={"Link": {"schema": {"type": "string"}}})}),
            },
            "post": {
                "parameters": [KEY],
                "requestBody": _body(NEW),
                "responses": _answers("400", **{"201": _json(NOTE)}),
            },
        },
        "/notes/{noteId}": {
            "parameters": [ONE],
            "get": {
                "parameters": [NONE_MATCH],
                "responses": _answers("400", "404", **{"200": _json(NOTE, **TAGGED), "304": {"description": "same"}}),
            },
            "put": {
                "parameters": [MATCH],
                "requestBody": _body(NEW),
                "responses": _answers("400", "404", "412", **{"200": _json(NOTE)}),
            },
            "delete": {"responses": _answers("400", "403", "404", **{"204": GONE})},
        },
        "/notes/{noteId}/summary": {
            "parameters": [ONE],
            "get": {"responses": _answers("400", "404", **{"200": _json(SUMMARY)})},
        },
        "/notes/{noteId}/close": {
            "parameters": [ONE],
            "post": {"responses": _answers("400", "404", "409", **{"200": _json(NOTE)})},
        },
        "/notes/{noteId}/tags/{tag}": {
            "parameters": [ONE, TAG],
            "put": {"responses": _answers("400", "404", **{"204": GONE})},
            "delete": {"responses": _answers("400", "404", **{"204": GONE})},
        },
        "/notes/{noteId}/comments": {
            "parameters": [ONE],
            "get": {"responses": _answers("400", "404", **{"200": _json({"type": "array", "items": WITH_ID})})},
            "post": {"requestBody": _body(COMMENT), "responses": _answers("400", "404", **{"201": _json(WITH_ID)})},
        },
        "/copies": {
            "post": {"requestBody": _body(COPY), "responses": _answers("400", "404", **{"201": _json(NOTE)})},
        },
    },
}


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdigit() and len(text) < 19


class Notes:
    """The server."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.there: dict[int, dict[str, Any]] = {}
        self.lists: dict[int, dict[str, Any]] = {}
        self.owner: dict[int, str] = {}
        self.keys: dict[str, int] = {}
        self.versions: dict[int, int] = {}
        self.comments: dict[int, list[Any]] = {}
        self.summaries: dict[int, int] = {}
        self.numbers = itertools.count(1)

    def client(self) -> httpx.Client:
        """Return a connection to it."""
        return httpx.Client(transport=httpx.MockTransport(self.dated), base_url=ADDRESS)

    def dated(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, with the time."""
        response = self.answer(request)
        response.headers["Date"] = format_datetime(datetime.now(UTC), usegmt=True)
        return response

    def answer(self, request: httpx.Request) -> httpx.Response:  # noqa: C901, PLR0911 - a table
        """Answer a request."""
        user = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not user.isalpha() and user and self.fault == "odd credentials":
            return httpx.Response(500)
        if user == "eve" and request.method == "DELETE" and self.fault != "readers write":
            return httpx.Response(403)
        user = "ann" if user == "eve" else user
        if user not in ("ann", "ben") and not (user == "old" and self.fault == "expired"):
            return httpx.Response(401)
        path, method = request.url.path.strip("/").split("/"), request.method
        known = {("notes", 1): "GET POST", ("notes", 2): "GET PUT DELETE", ("copies", 1): "POST"}
        last = {"close": "POST", "comments": "GET POST", "tags": "PUT DELETE", "summary": "GET"}
        below = last.get(path[2], "") if len(path) > 2 else ""
        if method not in known.get((path[0], len(path)), below).split():
            return httpx.Response(405 if method != "OPTIONS" else 204)
        try:
            sent = json.loads(request.content) if request.content else None
            if request.content and request.headers["content-type"] != "application/json":
                return httpx.Response(400)
        except ValueError:
            return httpx.Response(400)
        if path == ["copies"]:
            return self.copied(user, sent)
        if len(path) == 1:
            return self.listed(request, user) if method == "GET" else self.created(request, user, sent)
        number = int(path[1]) if _is_whole(path[1]) else None
        if number is None:
            return httpx.Response(400)
        gone = number not in self.there
        if gone and self.fault == "deleted can be changed" and method == "PUT" and number in self.owner:
            return httpx.Response(200, json=self.note({**self.fields(sent or {}), "id": number}))
        if gone or (self.owner[number] != user and self.fault != "others see it"):
            return httpx.Response(404)
        if len(path) == 2:
            return self.one(request, number, sent)
        return self.below(path, method, number, sent)

    def copied(self, user: str, sent: Any) -> httpx.Response:
        """Copy a note."""
        number = sent.get("note_id") if is_object(sent) else None
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            return httpx.Response(400)
        if self.owner.get(number) != user and self.fault != "unknown note":
            return httpx.Response(404)
        return httpx.Response(201, json=self.made(user, self.there.get(number, {"title": "x"})))

    @staticmethod
    def fits(sent: Any) -> bool:
        """Tell whether a body is a note."""
        if not is_object(sent) or not sent.keys() <= OWNED.keys():
            return False
        title, text, rank = sent.get("title"), sent.get("text"), sent.get("rank", 0)
        return (
            isinstance(title, str)
            and 1 <= len(title) <= 60
            and (text is None or (isinstance(text, str) and len(text) <= 200))
            and isinstance(sent.get("pinned", False), bool)
            and isinstance(rank, int)
            and not isinstance(rank, bool)
            and 0 <= rank <= 1000
        )

    @staticmethod
    def fields(sent: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of a caller, with their defaults."""
        return {name: sent.get(name, schema.get("default")) for name, schema in OWNED.items()}

    def note(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return a note with what the server writes."""
        now = datetime.now(UTC) - timedelta(days=self.fault == "created another day")
        made = now.isoformat().removesuffix("+00:00") if self.fault == "no offset" else now.isoformat()
        return {"created_at": made, "price": 5, "closed": False, "tags": [], "commentCount": 0, **fields}

    def made(self, user: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Keep a new note."""
        number = next(self.numbers)
        self.there[number] = self.note({**self.fields(fields), "id": number})
        if self.fault == "zero is lost":
            self.there[number]["rank"] = self.there[number]["rank"] or 3
        self.lists[number] = dict(self.there[number])
        self.owner[number], self.versions[number], self.comments[number] = user, 1, []
        return self.there[number]

    def created(self, request: httpx.Request, user: str, sent: Any) -> httpx.Response:
        """Answer a request to create a note."""
        if not self.fits(sent):
            return httpx.Response(400)
        key = request.headers.get("Idempotency-Key", "")
        if self.keys.get(key) in self.there and self.fault != "key ignored":
            return httpx.Response(201, json=self.there[self.keys[key]])
        made = self.made(user, sent)
        if key:
            self.keys[key] = made["id"]
        return httpx.Response(201, json={**made, "price": 6} if self.fault == "creation answers otherwise" else made)

    def listed(self, request: httpx.Request, user: str) -> httpx.Response:
        """Answer a request to list notes."""
        asked = request.url.params
        limit, rank, pinned = asked.get("limit", "100"), asked.get("min_rank", "0"), asked.get("pinned")
        if (
            not _is_whole(limit)
            or not _is_whole(rank)
            or not 1 <= int(limit) <= 100
            or pinned not in (None, "true", "false")
        ):
            return httpx.Response(400)
        notes = self.lists if self.fault == "list is stale" else self.there
        found = [
            each
            for number, each in notes.items()
            if number in self.there
            and (self.owner[number] == user or self.fault == "others list it")
            and self.matches(asked.get("q", ""), each["title"]) != (self.fault == "search ignored" and "q" in asked)
            and (pinned in (None, str(each["pinned"]).lower()) or self.fault == "filter ignored")
            and (each["rank"] >= int(rank) or self.fault == "range ignored")
        ]
        found.sort(key=lambda each: (each["pinned"] if self.fault == "pinned last" else not each["pinned"], each["id"]))
        if self.fault == "changed last":
            found.sort(key=lambda each: (not each["pinned"], self.versions[each["id"]], each["id"]))
        at, most = int(asked.get("at", "0")), int(limit)
        headers: dict[str, str] = {}
        if len(found) > at + most or self.fault == "pages go round":
            place = (at + most) % max(len(found), 1)
            headers["Link"] = f'<{ADDRESS}/notes?limit={most}&at={place}>; rel="next"'
        total = len(found) + (self.fault == "wrong total")
        return httpx.Response(200, json={"items": found[at : at + most], "total": total}, headers=headers)

    def matches(self, text: str, title: str) -> bool:
        """Tell whether a title has a text in it."""
        return text in title if self.fault == "capital letters" else text.casefold() in title.casefold()

    def one(self, request: httpx.Request, number: int, sent: Any) -> httpx.Response:
        """Answer a request about a note."""
        tag = f'"{number}-{1 if self.fault == "same ETag" else self.versions[number]}"'
        if request.method == "GET":
            if request.headers.get("If-None-Match") == tag and self.fault != "no 304":
                return httpx.Response(304)
            return httpx.Response(200, json=self.there[number], headers={"ETag": tag})
        if request.method == "DELETE":
            del self.there[number]
            return httpx.Response(204)
        if not self.fits(sent):
            return httpx.Response(400)
        if request.headers.get("If-Match", tag) not in (tag, "*") and self.fault != "no 412":
            return httpx.Response(412)
        before = self.there[number] if self.fault == "keeps what is left out" else {}
        self.there[number] = {**self.there[number], **self.fields({**before, **sent})}
        self.versions[number] += 1
        told = {"price": 7} if self.fault == "change answers otherwise" else {}
        return httpx.Response(200, json={**self.there[number], **told})

    def below(self, path: list[str], method: str, number: int, sent: Any) -> httpx.Response:  # noqa: C901, PLR0911
        """Answer a request about what belongs to a note."""
        note = self.there[number]
        if path[2] == "close":
            if note["closed"] and self.fault != "closed twice":
                return httpx.Response(409)
            self.there[number] = {**note, "closed": self.fault != "closing is not kept"}
            return httpx.Response(200, json={**note, "closed": True})
        if path[2] == "summary":
            count = len(self.comments[number])
            kept = self.summaries.setdefault(number, count)
            return httpx.Response(200, json={"count": kept if self.fault == "summary is kept" else count})
        if path[2] == "comments" and method == "GET":
            return httpx.Response(200, json=[] if self.fault == "comment not listed" else self.comments[number])
        if path[2] == "comments":
            if not is_object(sent) or not isinstance(sent.get("body"), str):
                return httpx.Response(400)
            self.comments[number].append({**sent, "id": next(self.numbers)})
            if self.fault != "comments not counted":
                note["commentCount"] += 1
            return httpx.Response(201, json=self.comments[number][-1])
        tag = path[3]
        if not (tag.isascii() and tag.isalpha() and tag.islower() and 2 <= len(tag) <= 9 - (self.fault == "long tag")):
            return httpx.Response(400)
        if method == "PUT" and (tag not in note["tags"] or self.fault == "tag twice"):
            note["tags"].append(tag)
        if method == "DELETE" and tag not in note["tags"]:
            return httpx.Response(404)
        if method == "DELETE" and self.fault != "tag stays":
            note["tags"].remove(tag)
        return httpx.Response(204)
