"""Books, members and loans of a small library, on Flask. Validation by hand, errors of validation are 400."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

KIND = "Flask"
FAULTS = {
    "available_missing": "GET /books/{book_id} leaves out the required property available",
    "due_null_after_return": "due_on, which may not be null, is null in a returned loan",
    "duplicate_isbn_accepted": "a second book with the same ISBN is accepted where 409 is documented",
    "location_wrong": "Location of a new book points to /book/{id}, which doesn't exist",
    "delete_does_nothing": "DELETE /books/{book_id} answers 204 but the book stays",
    "missing_book_200": "GET of a missing book answers 200 with an empty object",
    "genre_unlisted": "books for children are shown with the genre 'childrens', not in the enum",
    "head_broken": "HEAD /books/{book_id} answers 500",
    "due_date_german": "due_on is written DD.MM.YYYY",
    "list_without_new": "GET /books lacks the book added last",
    "long_title_500": "a title of more than 100 characters (120 allowed) gives 500",
    "loan_keeps_available": "a loan doesn't lower the number of available copies",
    "location_missing": "a new member is answered without the required Location header",
    "year_out_of_range": "years after 2100 are accepted",
}
FAULT_KINDS = {
    "available_missing": "missing required response field",
    "due_null_after_return": "null where not allowed",
    "duplicate_isbn_accepted": "duplicate creation accepted",
    "location_wrong": "Location wrong",
    "delete_does_nothing": "delete does nothing",
    "missing_book_200": "200 instead of 404",
    "genre_unlisted": "enum value not listed",
    "head_broken": "HEAD broken",
    "due_date_german": "date format wrong",
    "list_without_new": "list without the new one",
    "long_title_500": "500 on long input",
    "loan_keeps_available": "effect on a related resource missing",
    "location_missing": "required response header missing",
    "year_out_of_range": "validation missing (out of range)",
}
ISBN = "97[89][0-9]{10}"
GENRES = ["novel", "science", "children", "other"]


def _spec() -> dict[str, Any]:
    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def body(name: str) -> dict[str, Any]:
        return {"required": True, "content": {"application/json": {"schema": ref(name)}}}

    def answer(text: str, schema: dict[str, Any], location: bool = False) -> dict[str, Any]:
        made: dict[str, Any] = {"description": text, "content": {"application/json": {"schema": schema}}}
        if location:
            made["headers"] = {
                "Location": {"required": True, "description": "Path of the new resource", "schema": {"type": "string"}}
            }
        return made

    def errors(*codes: int) -> dict[str, Any]:
        texts = {400: "Invalid request", 404: "No such thing", 409: "Conflict", 415: "The body isn't application/json"}
        return {str(c): answer(texts[c], ref("Error")) for c in codes}

    def ident(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}

    book = {
        "title": {"type": "string", "minLength": 1, "maxLength": 120},
        "subtitle": {"type": "string", "maxLength": 200, "nullable": True, "default": None},
        "isbn": {"type": "string", "pattern": f"^{ISBN}$", "example": "9780306406157"},
        "year": {"type": "integer", "minimum": 1450, "maximum": 2100},
        "genre": {"type": "string", "enum": GENRES},
        "copies": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 1},
    }
    plain = {k: {a: b for a, b in v.items() if a != "default"} for k, v in book.items()}
    member = {
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "level": {"type": "string", "enum": ["adult", "child", "staff"], "default": "adult"},
    }
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Library",
            "version": "2.1",
            "description": "Lists are complete and ordered by id, ascending. A loan lasts 28 days.",
        },
        "paths": {
            "/books": {
                "get": {
                    "operationId": "listBooks",
                    "parameters": [
                        {
                            "name": "genre",
                            "in": "query",
                            "description": "Only books of this genre",
                            "schema": {"type": "string", "enum": GENRES},
                        },
                        {
                            "name": "title",
                            "in": "query",
                            "description": "Only books whose title contains this, case-sensitive",
                            "schema": {"type": "string"},
                        },
                    ],
                    "responses": {"200": answer("All books", {"type": "array", "items": ref("Book")}), **errors(400)},
                },
                "post": {
                    "operationId": "addBook",
                    "requestBody": body("NewBook"),
                    "responses": {"201": answer("Added", ref("Book"), True), **errors(400, 409, 415)},
                    "description": "409 if there is a book with this ISBN.",
                },
            },
            "/books/{book_id}": {
                "parameters": [ident("book_id")],
                "get": {"operationId": "getBook", "responses": {"200": answer("The book", ref("Book")), **errors(404)}},
                "head": {
                    "operationId": "headBook",
                    "responses": {
                        "200": {"description": "There is such a book"},
                        "404": {"description": "There is no such book"},
                    },
                },
                "put": {
                    "operationId": "replaceBook",
                    "requestBody": body("NewBook"),
                    "responses": {"200": answer("Replaced", ref("Book")), **errors(400, 404, 409, 415)},
                    "description": "409 if another book has this ISBN, or fewer copies than are lent.",
                },
                "delete": {
                    "operationId": "deleteBook",
                    "description": "409 if copies are lent.",
                    "responses": {"204": {"description": "Deleted"}, **errors(404, 409)},
                },
            },
            "/members": {
                "get": {
                    "operationId": "listMembers",
                    "responses": {"200": answer("All members", {"type": "array", "items": ref("Member")})},
                },
                "post": {
                    "operationId": "addMember",
                    "requestBody": body("NewMember"),
                    "responses": {"201": answer("Added", ref("Member"), True), **errors(400, 415)},
                },
            },
            "/members/{member_id}": {
                "parameters": [ident("member_id")],
                "get": {
                    "operationId": "getMember",
                    "responses": {"200": answer("The member", ref("Member")), **errors(404)},
                },
            },
            "/loans": {
                "get": {
                    "operationId": "listLoans",
                    "parameters": [
                        {
                            "name": "open",
                            "in": "query",
                            "description": "Only loans that are (not) open",
                            "schema": {"type": "boolean"},
                        }
                    ],
                    "responses": {"200": answer("Loans", {"type": "array", "items": ref("Loan")}), **errors(400)},
                },
                "post": {
                    "operationId": "lend",
                    "requestBody": body("NewLoan"),
                    "responses": {"201": answer("Lent", ref("Loan"), True), **errors(400, 404, 409, 415)},
                    "description": "404 if there is no such book or member, 409 if no copy is available.",
                },
            },
            "/loans/{loan_id}": {
                "parameters": [ident("loan_id")],
                "get": {"operationId": "getLoan", "responses": {"200": answer("The loan", ref("Loan")), **errors(404)}},
            },
            "/loans/{loan_id}/return": {
                "parameters": [ident("loan_id")],
                "post": {
                    "operationId": "returnLoan",
                    "description": "409 if it has been returned already.",
                    "responses": {"200": answer("Returned", ref("Loan")), **errors(404, 409)},
                },
            },
        },
        "components": {
            "schemas": {
                "NewBook": {
                    "type": "object",
                    "required": ["title", "isbn", "year", "genre"],
                    "additionalProperties": False,
                    "properties": book,
                },
                "Book": {
                    "type": "object",
                    "required": ["id", "available", "added_on", *book],
                    "properties": {
                        "id": {"type": "integer"},
                        **plain,
                        "available": {"type": "integer", "minimum": 0, "description": "Copies that aren't lent"},
                        "added_on": {"type": "string", "format": "date"},
                    },
                },
                "NewMember": {
                    "type": "object",
                    "required": ["name"],
                    "additionalProperties": False,
                    "properties": member,
                },
                "Member": {
                    "type": "object",
                    "required": ["id", "name", "level"],
                    "properties": {
                        "id": {"type": "integer"},
                        "name": member["name"],
                        "level": {"type": "string", "enum": ["adult", "child", "staff"]},
                    },
                },
                "NewLoan": {
                    "type": "object",
                    "required": ["book_id", "member_id"],
                    "additionalProperties": False,
                    "properties": {
                        "book_id": {"type": "integer", "minimum": 1},
                        "member_id": {"type": "integer", "minimum": 1},
                    },
                },
                "Loan": {
                    "type": "object",
                    "required": ["id", "book_id", "member_id", "lent_on", "due_on", "returned_on"],
                    "properties": {
                        "id": {"type": "integer"},
                        "book_id": {"type": "integer"},
                        "member_id": {"type": "integer"},
                        "lent_on": {"type": "string", "format": "date"},
                        "due_on": {"type": "string", "format": "date"},
                        "returned_on": {"type": "string", "format": "date", "nullable": True},
                    },
                },
                "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
            }
        },
    }


SPEC: dict[str, Any] = _spec()


class Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text


def app(fault: str | None = None) -> Flask:
    if fault is not None and fault not in FAULTS:
        raise KeyError(fault)
    flask = Flask(f"library_{fault}", static_folder=None)
    books: dict[int, dict[str, Any]] = {}
    members: dict[int, dict[str, Any]] = {}
    loans: dict[int, dict[str, Any]] = {}
    last = {"book": 0, "member": 0, "loan": 0}

    def give(value: Any, status: int = 200, location: str | None = None) -> Response:
        made = Response(json.dumps(value), status, mimetype="application/json")
        made.autocorrect_location_header = False
        if location:
            made.headers["Location"] = location
        return made

    @flask.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return give({"error": error.text}, error.status)

    @flask.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        made = give({"error": error.name}, error.code or 500)
        if getattr(error, "valid_methods", None):
            made.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return made

    def number(text: str) -> int:
        return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0

    def next_id(what: str) -> int:
        last[what] += 1
        return last[what]

    def load(required: set[str], optional: set[str]) -> dict[str, Any]:
        if request.mimetype != "application/json":
            raise Refused(415, "send application/json")

        def constant(name: str) -> None:
            raise ValueError(name)

        try:
            data = json.loads(request.get_data().decode("utf-8"), parse_constant=constant)
        except (ValueError, RecursionError):
            raise Refused(400, "not JSON") from None
        if not isinstance(data, dict):
            raise Refused(400, "not an object")
        if required - set(data):
            raise Refused(400, f"missing: {sorted(required - set(data))}")
        if set(data) - required - optional:
            raise Refused(400, f"unknown: {sorted(set(data) - required - optional)}")
        return data

    def text(data: dict[str, Any], name: str, low: int, high: int) -> None:
        if not isinstance(data[name], str) or not low <= len(data[name]) <= high:
            raise Refused(400, f"{name}: {low} to {high} characters")

    def whole(data: dict[str, Any], name: str, low: int, high: float) -> None:
        value = data[name]
        if isinstance(value, float) and value.is_integer():
            value = data[name] = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Refused(400, f"{name}: a whole number from {low} to {high}")

    def one_of(data: dict[str, Any], name: str, values: list[str]) -> None:
        if not isinstance(data[name], str) or data[name] not in values:
            raise Refused(400, f"{name}: one of {values}")

    def load_book() -> dict[str, Any]:
        data = load({"title", "isbn", "year", "genre"}, {"subtitle", "copies"})
        data = {"subtitle": None, "copies": 1, **data}
        text(data, "title", 1, 120)
        if fault == "long_title_500" and len(data["title"]) > 100:
            raise RuntimeError("value too long for type character varying(100)")
        if data["subtitle"] is not None:
            text(data, "subtitle", 0, 200)
        if not isinstance(data["isbn"], str) or not re.fullmatch(ISBN, data["isbn"]):
            raise Refused(400, "isbn: 13 digits")
        whole(data, "year", 1450, 10**30 if fault == "year_out_of_range" else 2100)
        one_of(data, "genre", GENRES)
        whole(data, "copies", 0, 1000)
        return data

    def lent(book_id: int) -> int:
        return sum(x["book_id"] == book_id and x["returned_on"] is None for x in loans.values())

    def show_book(book: dict[str, Any]) -> dict[str, Any]:
        out = dict(book, available=book["copies"] - (0 if fault == "loan_keeps_available" else lent(book["id"])))
        if fault == "genre_unlisted" and out["genre"] == "children":
            out["genre"] = "childrens"
        return out

    def show_loan(loan: dict[str, Any]) -> dict[str, Any]:
        out = dict(loan)
        if fault == "due_null_after_return" and loan["returned_on"]:
            out["due_on"] = None
        if fault == "due_date_german" and out["due_on"]:
            out["due_on"] = date.fromisoformat(out["due_on"]).strftime("%d.%m.%Y")
        return out

    def find(where: dict[int, dict[str, Any]], key: str) -> dict[str, Any]:
        found = where.get(number(key))
        if found is None:
            raise Refused(404, "not found")
        return found

    @flask.get("/books")
    def list_books() -> Response:
        genre, title = request.args.get("genre"), request.args.get("title")
        if genre is not None and genre not in GENRES:
            raise Refused(400, f"genre: one of {GENRES}")
        found = [
            show_book(b)
            for b in books.values()
            if (genre is None or b["genre"] == genre) and (title is None or title in b["title"])
        ]
        if fault == "list_without_new":
            found = [b for b in found if b["id"] != last["book"]]
        return give(found)

    @flask.post("/books")
    def add_book() -> Response:
        data = load_book()
        if any(b["isbn"] == data["isbn"] for b in books.values()) and fault != "duplicate_isbn_accepted":
            raise Refused(409, "there is a book with this ISBN")
        key = next_id("book")
        books[key] = {"id": key, **data, "added_on": date.today().isoformat()}
        return give(show_book(books[key]), 201, f"/book/{key}" if fault == "location_wrong" else f"/books/{key}")

    @flask.route("/books/<key>", methods=["GET", "HEAD"])
    def get_book(key: str) -> Response:
        if request.method == "HEAD" and fault == "head_broken":
            raise RuntimeError("no body")
        if fault == "missing_book_200" and number(key) not in books:
            return give({})
        out = show_book(find(books, key))
        if fault == "available_missing":
            del out["available"]
        return give(out)

    @flask.put("/books/<key>")
    def replace_book(key: str) -> Response:
        book = find(books, key)
        data = load_book()
        if any(b["isbn"] == data["isbn"] and b is not book for b in books.values()):
            raise Refused(409, "another book has this ISBN")
        if data["copies"] < lent(book["id"]):
            raise Refused(409, "more copies are lent")
        book.update(data)
        return give(show_book(book))

    @flask.delete("/books/<key>")
    def delete_book(key: str) -> Response:
        book = find(books, key)
        if lent(book["id"]):
            raise Refused(409, "copies are lent")
        if fault != "delete_does_nothing":
            del books[book["id"]]
        return Response(status=204)

    @flask.get("/members")
    def list_members() -> Response:
        return give(list(members.values()))

    @flask.post("/members")
    def add_member() -> Response:
        data = {"level": "adult", **load({"name"}, {"level"})}
        text(data, "name", 1, 80)
        one_of(data, "level", ["adult", "child", "staff"])
        key = next_id("member")
        members[key] = {"id": key, **data}
        return give(members[key], 201, None if fault == "location_missing" else f"/members/{key}")

    @flask.get("/members/<key>")
    def get_member(key: str) -> Response:
        return give(find(members, key))

    @flask.get("/loans")
    def list_loans() -> Response:
        wanted = request.args.get("open")
        if wanted not in (None, "true", "false"):
            raise Refused(400, "open: true or false")
        return give(
            [show_loan(x) for x in loans.values() if wanted is None or (x["returned_on"] is None) == (wanted == "true")]
        )

    @flask.post("/loans")
    def lend() -> Response:
        data = load({"book_id", "member_id"}, set())
        whole(data, "book_id", 1, float("inf"))
        whole(data, "member_id", 1, float("inf"))
        book = books.get(data["book_id"])
        if book is None or data["member_id"] not in members:
            raise Refused(404, "no such book or member")
        if book["copies"] <= lent(book["id"]):
            raise Refused(409, "no copy available")
        key, today = next_id("loan"), date.today()
        loans[key] = {
            "id": key,
            **data,
            "lent_on": today.isoformat(),
            "due_on": (today + timedelta(days=28)).isoformat(),
            "returned_on": None,
        }
        return give(show_loan(loans[key]), 201, f"/loans/{key}")

    @flask.get("/loans/<key>")
    def get_loan(key: str) -> Response:
        return give(show_loan(find(loans, key)))

    @flask.post("/loans/<key>/return")
    def return_loan(key: str) -> Response:
        loan = find(loans, key)
        if loan["returned_on"] is not None:
            raise Refused(409, "returned already")
        loan["returned_on"] = date.today().isoformat()
        return give(show_loan(loan))

    return flask
