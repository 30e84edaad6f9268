"""Callers with roles: what the first one may not, another one does; and what is found then on a server of stars."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.suite.api_runner import Session, Suite, run

ALL = {"API_KEY_TOKEN": "vera", "API_KEY_TOKEN_OTHER": "edwin", "API_KEY_TOKEN_READER": "otto"}
NEW = {
    "name": {"type": "string", "minLength": 1, "maxLength": 40},
    "size": {"type": "integer", "minimum": 1, "maximum": 99_999},
    "colour": {"type": "string", "enum": ["blue", "red"]},
}
TIMES = {name: {"type": "string", "format": "date-time"} for name in ("created_at", "updated_at")}
STAR = {"id": {"type": "integer"}, "state": {"type": "string", "enum": ["draft", "published", "named"]}, **NEW, **TIMES}
PAGE = {
    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Star"}},
    "total": {"type": "integer"},
    "pages": {"type": "integer"},
}


def answers(good: str, name: str, **refused: str) -> dict[str, Any]:
    """Return documented answers: one of success, and refusals with what is told of them."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    told = {status[1:]: {"description": text} for status, text in refused.items()}
    return {good: {"description": "Done.", "content": content}, "401": {"description": "Who?"}, **told}


def taking(name: str) -> dict[str, Any]:
    """Return a body that is needed."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    return {"requestBody": {"required": True, "content": content}}


def query(name: str, **schema: Any) -> dict[str, Any]:
    """Return a query."""
    return {"name": name, "in": "query", "schema": schema}


ID = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}
LISTS = [
    query("colour", type="string", enum=["blue", "red"]),
    query("min_size", type="integer", minimum=1, maximum=99_999),
    query("sort", type="string", enum=["size", "-size"]),
    query("per_page", type="integer", minimum=1, maximum=99, default=50),
    query("page", type="integer", minimum=1, default=1),
]
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Stars", "version": "1"},
    "security": [{"token": []}],
    "paths": {
        "/stars": {
            "post": {
                "description": "Operators only.",
                **taking("NewStar"),
                "responses": answers("201", "Star", _403="Not for your role.", _422="Wrong."),
            },
            "get": {"parameters": LISTS, "responses": answers("200", "Page", _422="Wrong.")},
        },
        "/stars/{id}": {
            **ID,
            "get": {"responses": answers("200", "Star", _404="Gone.")},
            "patch": {
                "description": "Operators only.",
                **taking("Change"),
                "responses": answers("200", "Star", _403="Not for your role.", _404="Gone.", _422="Wrong."),
            },
        },
        "/stars/{id}/publish": {
            **ID,
            "post": {"responses": answers("200", "Star", _404="Gone.", _409="The star is no draft any more.")},
        },
        "/stars/{id}/naming": {
            **ID,
            "post": {"responses": answers("200", "Star", _404="Gone.", _409="The star is not published.")},
        },
    },
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "NewStar": {"type": "object", "required": list(NEW), "properties": NEW, "additionalProperties": False},
            "Change": {"type": "object", "minProperties": 1, "properties": NEW, "additionalProperties": False},
            "Star": {"type": "object", "required": list(STAR), "properties": STAR},
            "Page": {"type": "object", "required": list(PAGE), "properties": PAGE},
        },
    },
}
FAULTS = {
    "pages rounded down": "GET-/stars-number_of_pages",
    "either filter": "GET-/stars-by_colour_and_size_together",
    "sorted as texts": "GET-/stars-sorted_by_size",
    "changed when created": "PATCH-/stars/:id-size_alone_is_changed",
    "published twice": "POST-/stars/:id/publish-after_POST_stars_id_publish",
    "named as a draft": "POST-/stars/:id/naming-after_its_creation",
    "anybody may": "POST-/stars-by_one_who_may_only_read",
}


class Stars:
    """A server of stars that does what its specification says, but for one fault; one of its users may create."""

    def __init__(self, fault: str = "", *, operator: str = "otto") -> None:
        """Begin without stars."""
        self.fault, self.operator = fault, operator
        self.stars: list[dict[str, Any]] = []
        self.clock = itertools.count()

    def now(self) -> str:
        """Return a time that was not before."""
        return (datetime.now(UTC) + timedelta(microseconds=next(self.clock))).isoformat(timespec="microseconds")

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        who = request.headers.get("authorization", "").removeprefix("Bearer ")
        if who not in ALL.values():
            return httpx.Response(401)
        place, _, action = request.url.path.removeprefix("/stars").strip("/").partition("/")
        allowed = ["POST"] if action else ["GET", "PATCH"] if place else ["GET", "POST"]
        if request.method not in allowed:
            return httpx.Response(405, headers={"Allow": ", ".join(allowed)})
        writes = request.method == "PATCH" or (request.method == "POST" and not action)
        if writes and who != self.operator and self.fault != "anybody may":
            return httpx.Response(403)
        star = next((each for each in self.stars if str(each["id"]) == place), None)
        if place and star is None:
            return httpx.Response(404)
        status, body = self.acted(star, action) if action and star else self.done(request, star)
        return httpx.Response(status, json=body)

    def acted(self, star: dict[str, Any], action: str) -> tuple[int, Any]:
        """Publish or name a star."""
        needed, state = ("draft", "published") if action == "publish" else ("published", "named")
        right = {"published twice": ("published", "published"), "named as a draft": ("draft", "named")}
        if star["state"] != needed and right.get(self.fault) != (star["state"], state):
            return 409, None
        star.update(state=state, updated_at=self.now())
        return 200, star

    def done(self, request: httpx.Request, star: dict[str, Any] | None) -> tuple[int, Any]:
        """Create, read, change or list."""
        if request.method == "GET":
            return (200, star) if star else self.listed(dict(request.url.params))
        try:
            sent = json.loads(request.content)
        except ValueError:
            return 422, None
        if not is_object(sent) or not sent or "json" not in request.headers.get("content-type", ""):
            return 422, None
        name, size = sent.get("name", "x"), sent.get("size", 1)
        right = sent.keys() <= NEW.keys() and (star is not None or sent.keys() == NEW.keys())
        right = right and isinstance(name, str) and 0 < len(name) <= 40 and type(size) is int and 0 < size < 100_000
        if not right or sent.get("colour", "red") not in ("blue", "red"):
            return 422, None
        now = self.now()
        if star is not None:
            star.update({**sent, "updated_at": star["created_at"] if self.fault == "changed when created" else now})
            return 200, star
        made = {"id": len(self.stars) + 1, "state": "draft", **sent, "created_at": now, "updated_at": now}
        self.stars.append(made)
        return 201, made

    def listed(self, asked: dict[str, str]) -> tuple[int, Any]:
        """List stars."""
        numbers = {"page": 1, "per_page": 50, "min_size": 1}
        try:
            numbers |= {name: int(asked[name]) for name in numbers if name in asked}
        except ValueError:
            return 422, None
        colour, sort = asked.get("colour", "red"), asked.get("sort", "size")
        if colour not in ("blue", "red") or sort.removeprefix("-") != "size":
            return 422, None
        if not (numbers["page"] > 0 and 0 < numbers["per_page"] < 100 and 0 < numbers["min_size"] < 100_000):
            return 422, None
        both = any if self.fault == "either filter" and {"colour", "min_size"} <= asked.keys() else all
        rows = [
            each
            for each in self.stars
            if both([each["colour"] == asked.get("colour", each["colour"]), each["size"] >= numbers["min_size"]])
        ]
        if "sort" in asked:
            text = self.fault == "sorted as texts"
            rows.sort(key=lambda each: str(each["size"]) if text else each["size"], reverse=sort[0] == "-")
        size, at = numbers["per_page"], (numbers["page"] - 1) * numbers["per_page"]
        pages = len(rows) // size if self.fault == "pages rounded down" else -(-len(rows) // size)
        return 200, {"items": rows[at : at + size], "total": len(rows), "pages": pages}


@pytest.fixture(scope="module")
def suite() -> Suite:
    """Return the suite of stars."""
    made = generate_tests.using(show=False)(SPEC, model=OfflineModel(pace=0)).wait()
    return Suite(made.model_dump(mode="json"))


def ended(suite: Suite, server: Stars, *ids: str, **secrets: str) -> tuple[dict[str, str], Session]:
    """Run the cases of these ids, or all; return what each ended with, and its text, and the session."""
    session = Session(suite, seed="s", credential=(secrets or ALL).get)
    with httpx.Client(transport=httpx.MockTransport(server.answer), base_url="http://test") as client:
        cases = [case for case in suite.cases if not ids or case["id"] in ids]
        found = {case["id"]: run(case, client, session) for case in cases}
    return {case: f"{each.status} {each.text}" for case, each in found.items()}, session


@pytest.mark.parametrize("operator", ["vera", "edwin", "otto"])
def test_the_right_server_is_green_twice(suite: Suite, operator: str) -> None:
    """Whoever may do it does it, where their secret is there: nothing fails, and nothing is skipped for a role."""
    server = Stars(operator=operator)
    for _ in range(2):
        told, session = ended(suite, server)
        assert [text for text in told.values() if not text.startswith(("passed", "skipped"))] == []
        assert [text for text in told.values() if "403" in text] == []
        who = next(variable for variable, user in ALL.items() if user == operator)
        wanted = {} if operator == "vera" else {"POST /stars": who, "PATCH /stars/{id}": who}
        assert session.callers.told == wanted


def test_without_the_secret_of_one_who_may(suite: Suite) -> None:
    """Where nobody whose secret is there may do it, its cases are skipped with the words that tell so."""
    told, session = ended(suite, Stars(), API_KEY_TOKEN="vera")  # noqa: S106 - of a test
    assert [text for text in told.values() if text.startswith("failed")] == []
    assert "says in words: Operators only." in told["POST-/stars-valid_minimal"]
    assert session.callers.told == {}


@pytest.mark.parametrize(("fault", "case"), FAULTS.items(), ids=FAULTS)
def test_each_fault_is_found_by_its_case(suite: Suite, fault: str, case: str) -> None:
    """A fault fails the case that is about it, though the first caller may not create anything."""
    told, _ = ended(suite, Stars(fault))
    assert told[case].startswith("failed")


def test_a_caller_who_may_is_no_reader(suite: Suite) -> None:
    """The case of one who may only read alone does not call the only operator a reader."""
    case = FAULTS["anybody may"]
    told, _ = ended(suite, Stars(), case)
    assert told[case] == "skipped the one who may only read elsewhere is the one who may do this"


def test_a_failure_has_the_secret_of_who_sent_it(suite: Suite) -> None:
    """The lines that do a case again name the variable of the caller that was found, and no other requests."""
    told, _ = ended(suite, Stars("sorted as texts"), "POST-/stars-valid_minimal", FAULTS["sorted as texts"])
    text = told[FAULTS["sorted as texts"]]
    assert "$API_KEY_TOKEN_READER" in text
    assert text.count("-X POST") == 3
    assert "otto" not in text
