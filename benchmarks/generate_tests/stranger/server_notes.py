"""Notes with tags, on plain Starlette. Every user has the own notes; pages by cursor."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KIND = "Starlette"
USERS = {"ann-secret": "ann", "ben-secret": "ben"}
AUTH = {
    "ann": {"Authorization": "Bearer ann-secret"},
    "ben": {"Authorization": "Bearer ben-secret"},
    "wrong": {"Authorization": "Bearer guess"},
    "none": {},
}
FAULTS = {
    "unicode_title_refused": "titles with letters outside ASCII are refused",
    "any_token_accepted": "any bearer token is accepted",
    "tag_filter_prefix": "the filter tag also finds notes with longer tags",
    "tag_added_twice": "PUT of a tag that is there adds it again",
    "empty_search_500": "an empty q gives 500",
    "null_text_kept": "PATCH with text null keeps the old text",
    "paging_never_ends": "the last page has a next_cursor, which leads to the first page again",
    "delete_200_body": "DELETE /notes/{note_id} answers 200 with a body, documented 204",
    "pinned_not_first": "pinned notes aren't listed first",
    "media_type_unchecked": "a body of text/plain is accepted where 415 is documented",
    "broken_json_500": "a body that isn't JSON gives 500",
    "created_at_moves": "PATCH renews created_at",
    "tag_counts_stale": "GET /tags still counts deleted notes",
    "put_keeps_missing": "PUT keeps the old text when the new one has none, documented null",
    "long_tag_refused": "tags are refused at their documented greatest length of 20",
    "zero_limit_accepted": "limit 0 is accepted, documented minimum 1",
}
FAULT_KINDS = {
    "unicode_title_refused": "validation too strict (unicode)",
    "any_token_accepted": "wrong token accepted",
    "tag_filter_prefix": "filter wrong",
    "tag_added_twice": "PUT not idempotent",
    "empty_search_500": "500 on empty input",
    "null_text_kept": "update not saved (null)",
    "paging_never_ends": "paging repeats",
    "delete_200_body": "undocumented status",
    "pinned_not_first": "order wrong",
    "media_type_unchecked": "validation missing (content type)",
    "broken_json_500": "500 on malformed input",
    "created_at_moves": "field changes that may not",
    "tag_counts_stale": "stale read (derived data)",
    "put_keeps_missing": "wrong default",
    "long_tag_refused": "validation too strict (boundary)",
    "zero_limit_accepted": "validation missing (out of range)",
}
TAG = "[a-z0-9-]{1,20}"


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
            404: "No such note or tag of this user",
            409: "Too many tags",
            415: "The body isn't application/json",
        }
        return {
            "401": {
                **answer("No valid token", ref("Error")),
                "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
            },
            **{str(c): answer(texts[c], ref("Error")) for c in codes},
        }

    tag = {"type": "string", "pattern": f"^{TAG}$"}
    fields = {
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "text": {"type": ["string", "null"], "maxLength": 5000},
        "pinned": {"type": "boolean"},
        "tags": {"type": "array", "items": tag, "maxItems": 10, "uniqueItems": True},
    }
    defaults = {"text": None, "pinned": False, "tags": []}
    new = {k: {**v, "default": defaults[k]} if k in defaults else v for k, v in fields.items()}
    stamp = {"type": "string", "format": "date-time"}
    note_id = {"name": "note_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    tag_in = {"name": "tag", "in": "path", "required": True, "schema": tag}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Notes",
            "version": "5",
            "description": "Every user has the own notes only: those of others are 404. Notes are listed with "
            "the pinned ones first, "
            "otherwise by id, ascending.",
        },
        "security": [{"bearer": []}],
        "paths": {
            "/notes": {
                "get": {
                    "operationId": "listNotes",
                    "parameters": [
                        {
                            "name": "limit",
                            "in": "query",
                            "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
                        },
                        {
                            "name": "cursor",
                            "in": "query",
                            "schema": {"type": "string"},
                            "description": "next_cursor of the page before",
                        },
                        {
                            "name": "tag",
                            "in": "query",
                            "schema": tag,
                            "description": "Only notes with exactly this tag",
                        },
                        {
                            "name": "q",
                            "in": "query",
                            "schema": {"type": "string"},
                            "description": "Only notes with this in their title or text, in any case of "
                            "letters; empty: all",
                        },
                    ],
                    "responses": {"200": answer("A page of notes", ref("Page")), **errors(400)},
                },
                "post": {
                    "operationId": "addNote",
                    "requestBody": body("NewNote"),
                    "responses": {"201": answer("Added", ref("Note")), **errors(400, 415)},
                },
            },
            "/notes/{note_id}": {
                "parameters": [note_id],
                "get": {"operationId": "getNote", "responses": {"200": answer("Note", ref("Note")), **errors(404)}},
                "put": {
                    "operationId": "replaceNote",
                    "requestBody": body("NewNote"),
                    "responses": {"200": answer("Replaced", ref("Note")), **errors(400, 404, 415)},
                    "description": "What is left out gets its default. created_at stays.",
                },
                "patch": {
                    "operationId": "changeNote",
                    "requestBody": body("NoteChange"),
                    "responses": {"200": answer("Changed", ref("Note")), **errors(400, 404, 415)},
                    "description": "What is left out stays, and so does created_at.",
                },
                "delete": {
                    "operationId": "deleteNote",
                    "responses": {"204": {"description": "Deleted"}, **errors(404)},
                },
            },
            "/notes/{note_id}/tags/{tag}": {
                "parameters": [note_id, tag_in],
                "put": {
                    "operationId": "addTag",
                    "description": "Does nothing if the note has the tag. 409 beyond 10 tags.",
                    "responses": {"204": {"description": "The note has the tag"}, **errors(400, 404, 409)},
                },
                "delete": {
                    "operationId": "removeTag",
                    "responses": {"204": {"description": "Removed"}, **errors(400, 404)},
                },
            },
            "/tags": {
                "get": {
                    "operationId": "listTags",
                    "responses": {
                        "200": answer(
                            "All tags of the own notes, in alphabetic order",
                            {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "required": ["tag", "count"],
                                    "properties": {"tag": tag, "count": {"type": "integer", "minimum": 1}},
                                },
                            },
                        ),
                        **errors(),
                    },
                }
            },
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "For trying: ann-secret and ben-secret"}
            },
            "schemas": {
                "NewNote": {"type": "object", "required": ["title"], "additionalProperties": False, "properties": new},
                "NoteChange": {"type": "object", "additionalProperties": False, "properties": fields},
                "Note": {
                    "type": "object",
                    "required": ["id", *fields, "created_at", "updated_at"],
                    "properties": {"id": {"type": "integer"}, **fields, "created_at": stamp, "updated_at": stamp},
                },
                "Page": {
                    "type": "object",
                    "required": ["notes", "next_cursor"],
                    "properties": {
                        "notes": {"type": "array", "items": ref("Note")},
                        "next_cursor": {"type": ["string", "null"], "description": "null on the last page"},
                    },
                },
                "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
            },
        },
    }


SPEC: dict[str, Any] = _spec()


def app(fault: str | None = None) -> Starlette:
    if fault is not None and fault not in FAULTS:
        raise KeyError(fault)
    notes: dict[int, dict[str, Any]] = {}
    owners: dict[int, str] = {}
    ghosts: list[tuple[str, str]] = []
    last = [0]

    def give(value: Any, status: int = 200, headers: Any = None) -> Response:
        return Response(json.dumps(value), status, headers=headers, media_type="application/json")

    def refuse(status: int, text: str) -> HTTPException:
        return HTTPException(status, text)

    async def error(request: Request, found: Exception) -> Response:
        assert isinstance(found, HTTPException)
        return give({"error": found.detail}, found.status_code, found.headers)

    def user_of(request: Request) -> str:
        found = re.fullmatch("bearer +([^ ]+)", request.headers.get("authorization", ""), re.IGNORECASE)
        if found and found[1] in USERS:
            return USERS[found[1]]
        if found and fault == "any_token_accepted":
            return "ann"
        raise HTTPException(401, "no valid token", {"WWW-Authenticate": "Bearer"})

    def note_of(request: Request, user: str) -> dict[str, Any]:
        text = request.path_params["note_id"]
        key = int(text) if re.fullmatch("[0-9]{1,18}", text) else 0
        if key not in notes or owners[key] != user:
            raise refuse(404, "no such note")
        return notes[key]

    def is_tag(value: Any) -> bool:
        return (
            isinstance(value, str)
            and re.fullmatch(TAG, value) is not None
            and not (fault == "long_tag_refused" and len(value) == 20)
        )

    async def load(request: Request, required: bool) -> dict[str, Any]:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json" and fault != "media_type_unchecked":
            raise refuse(415, "send application/json")

        def constant(name: str) -> None:
            raise ValueError(name)

        try:
            data = json.loads((await request.body()).decode("utf-8"), parse_constant=constant)
        except (ValueError, RecursionError):
            if fault == "broken_json_500":
                raise
            raise refuse(400, "not JSON") from None
        if not isinstance(data, dict) or (required and "title" not in data):
            raise refuse(400, "an object with title")
        for name, value in data.items():
            if name == "title":
                good = isinstance(value, str) and 1 <= len(value) <= 100
                if fault == "unicode_title_refused" and good and not value.isascii():
                    good = False
            elif name == "text":
                good = value is None or (isinstance(value, str) and len(value) <= 5000)
            elif name == "pinned":
                good = isinstance(value, bool)
            elif name == "tags":
                good = (
                    isinstance(value, list)
                    and len(value) <= 10
                    and all(is_tag(t) for t in value)
                    and len(set(value)) == len(value)
                )
            else:
                good = False
            if not good:
                raise refuse(400, f"{name!a} isn't valid")
        return data

    def now() -> str:
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    class Base(HTTPEndpoint):
        async def method_not_allowed(self, request: Request) -> Response:
            raise HTTPException(405, "method not allowed", {"Allow": ", ".join(self._allowed_methods)})

    class Notes(Base):
        async def get(self, request: Request) -> Response:
            user, query = user_of(request), request.query_params
            limit_text, tag, search = query.get("limit", "20"), query.get("tag"), query.get("q")
            least = 0 if fault == "zero_limit_accepted" else 1
            if not re.fullmatch("[0-9]{1,9}", limit_text) or not least <= int(limit_text) <= 50:
                raise refuse(400, "limit: 1 to 50")
            if tag is not None and not re.fullmatch(TAG, tag):
                raise refuse(400, "not a tag")
            if search == "" and fault == "empty_search_500":
                raise IndexError("string index out of range")
            start = 0
            if "cursor" in query:
                try:
                    text = base64.b64decode(query["cursor"], altchars=b"-_", validate=True).decode("ascii")
                    start = int(re.fullmatch("from:([0-9]{1,9})", text)[1])  # type: ignore[index]
                except (ValueError, TypeError):
                    raise refuse(400, "not a cursor") from None
            found = [n for k, n in sorted(notes.items()) if owners[k] == user]
            if fault != "pinned_not_first":
                found.sort(key=lambda n: not n["pinned"])
            if tag is not None:
                found = [
                    n
                    for n in found
                    if tag in n["tags"] or (fault == "tag_filter_prefix" and any(t.startswith(tag) for t in n["tags"]))
                ]
            if search:
                found = [
                    n
                    for n in found
                    if search.lower() in n["title"].lower() or search.lower() in (n["text"] or "").lower()
                ]
            end = start + int(limit_text)
            following = None
            if end < len(found) or (fault == "paging_never_ends" and found):
                following = base64.urlsafe_b64encode(f"from:{end if end < len(found) else 0}".encode()).decode()
            return give({"notes": found[start:end], "next_cursor": following})

        async def post(self, request: Request) -> Response:
            user = user_of(request)
            data = await load(request, True)
            last[0] += 1
            stamp = now()
            note = {
                "id": last[0],
                "title": "",
                "text": None,
                "pinned": False,
                "tags": [],
                **data,
                "created_at": stamp,
                "updated_at": stamp,
            }
            notes[note["id"]], owners[note["id"]] = note, user
            return give(note, 201)

    class OneNote(Base):
        async def get(self, request: Request) -> Response:
            return give(note_of(request, user_of(request)))

        async def put(self, request: Request) -> Response:
            note = note_of(request, user_of(request))
            data = {"text": None, "pinned": False, "tags": [], **await load(request, True)}
            if fault == "put_keeps_missing" and data["text"] is None:
                del data["text"]
            note.update(data, updated_at=now())
            return give(note)

        async def patch(self, request: Request) -> Response:
            note = note_of(request, user_of(request))
            data = await load(request, False)
            if fault == "null_text_kept" and data.get("text", "") is None:
                del data["text"]
            note.update(data, updated_at=now())
            if fault == "created_at_moves":
                note["created_at"] = now()
            return give(note)

        async def delete(self, request: Request) -> Response:
            user = user_of(request)
            note = note_of(request, user)
            del notes[note["id"]], owners[note["id"]]
            if fault == "tag_counts_stale":
                ghosts.extend((user, t) for t in note["tags"])
            return give({"deleted": True}) if fault == "delete_200_body" else Response(status_code=204)

    class OneTag(Base):
        async def put(self, request: Request) -> Response:
            note, tag = note_of(request, user_of(request)), request.path_params["tag"]
            if not is_tag(tag):
                raise refuse(400, "not a tag")
            if tag not in note["tags"] or fault == "tag_added_twice":
                if len(note["tags"]) >= 10:
                    raise refuse(409, "too many tags")
                note["tags"] = [*note["tags"], tag]
            return Response(status_code=204)

        async def delete(self, request: Request) -> Response:
            note, tag = note_of(request, user_of(request)), request.path_params["tag"]
            if not is_tag(tag):
                raise refuse(400, "not a tag")
            if tag not in note["tags"]:
                raise refuse(404, "the note hasn't this tag")
            note["tags"] = [t for t in note["tags"] if t != tag]
            return Response(status_code=204)

    class Tags(Base):
        async def get(self, request: Request) -> Response:
            user = user_of(request)
            counts: dict[str, int] = {}
            for tag in [t for k, n in notes.items() if owners[k] == user for t in n["tags"]] + [
                t for owner, t in ghosts if owner == user
            ]:
                counts[tag] = counts.get(tag, 0) + 1
            return give([{"tag": t, "count": c} for t, c in sorted(counts.items())])

    made = Starlette(
        routes=[
            Route("/notes", Notes),
            Route("/notes/{note_id}", OneNote),
            Route("/notes/{note_id}/tags/{tag}", OneTag),
            Route("/tags", Tags),
        ],
        exception_handlers={HTTPException: error},
    )
    made.router.redirect_slashes = False
    return made
