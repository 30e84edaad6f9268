"""Rules that words tell: what is sent for them, what is tried against them, and what is skipped with their words."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.cases.told_fields import Need, told_need, told_past, told_positive
from progressnb.operations.testcases.cases.told_refusals import told_lacking, told_refusals
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.suite.api_runner import Session, Suite, run

OPTIONS: dict[str, list[Any]] = {"kind": ["car", "foot"], "isPaid": [True, False]}
LACKS = "POST-/trips/:id/start-without_stops"


def content(name: str) -> dict[str, Any]:
    """Return the content of a body of a schema."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def answers(good: str, name: str, **refused: str) -> dict[str, Any]:
    """Return documented answers: one of success, and refusals with what is told of them."""
    told = {status[1:]: {"description": text} for status, text in refused.items()}
    return {good: {"description": "Done.", "content": content(name)}, **told}


def posted(good: str, name: str, body: str = "", told: str = "", **refused: str) -> dict[str, Any]:
    """Return an operation that answers with a schema, and takes one."""
    stated = {"requestBody": {"required": True, "content": content(body)}} if body else {}
    return {"post": {"description": told, **stated, "responses": answers(good, name, **refused)}}


ID = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]}
WHOLE = {"type": "integer", "minimum": 1, "maximum": 99}
NEW_STOP = {
    "kind": {"type": "string", "enum": ["foot", "car"]},
    "litres": {**WHOLE, "description": "Required if the kind is `car`."},
    "day": {"type": "string", "format": "date", "description": "Not later than today."},
}
TRIP = {"id": {"type": "integer"}, "title": {"type": "string"}, "version": {"type": "integer"}}
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Trips", "version": "1"},
    "paths": {
        "/trips": posted("201", "Trip", "NewTrip", _400="Wrong."),
        "/trips/{id}": {
            **ID,
            "get": {"responses": answers("200", "Trip", _404="Gone.")},
            "put": {
                "description": "The version must be the current one. Each change raises it.",
                "requestBody": {"required": True, "content": content("ChangedTrip")},
                "responses": answers("200", "Trip", _400="Wrong.", _404="Gone.", _409="Another version."),
            },
        },
        "/trips/{id}/stops": {**ID, **posted("201", "Stop", "NewStop", _400="Wrong.", _404="Gone.")},
        "/trips/{id}/start": {**ID, **posted("200", "Trip", told="Needs no body.", _400="The trip has no stops.")},
        "/trips/{id}/praise": {
            **ID,
            **posted("200", "Trip", "Praise", "Judges only.", _400="Wrong.", _403="Not for you.", _404="Gone."),
        },
    },
    "components": {
        "schemas": {
            "Trip": {"type": "object", "required": ["id", "title", "version"], "properties": TRIP},
            "NewTrip": {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}},
            "ChangedTrip": {
                "type": "object",
                "required": ["title", "version"],
                "properties": {"title": {"type": "string"}, "version": {"type": "integer", "minimum": 1}},
            },
            "NewStop": {"type": "object", "required": ["kind", "day"], "properties": NEW_STOP},
            "Stop": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, **NEW_STOP}},
            "Praise": {"type": "object", "required": ["points"], "properties": {"points": WHOLE}},
        }
    },
}


class Trips:
    """A server of trips that does what its specification says, but for one fault."""

    def __init__(self, fault: str = "") -> None:
        """Begin without trips."""
        self.fault = fault
        self.trips: dict[str, dict[str, Any]] = {}
        self.stops: dict[str, int] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        try:
            sent = json.loads(request.content) if request.content else None
        except ValueError:
            return httpx.Response(400)
        place, _, action = request.url.path.removeprefix("/trips").strip("/").partition("/")
        allowed = ("GET", "PUT") if place and not action else ("POST",)
        if request.method not in allowed:
            return httpx.Response(405, headers={"Allow": ", ".join(allowed)})
        if action == "praise" or (self.fault == "500" and action == "stops"):
            return httpx.Response(403 if action == "praise" else 500)
        if place and place not in self.trips:
            return httpx.Response(404)
        status, body = self.done(request, place, action, sent)
        return httpx.Response(status, json=body) if body is not None else httpx.Response(status)

    def done(self, request: httpx.Request, place: str, action: str, sent: Any) -> tuple[int, Any]:  # noqa: PLR0911 - a table
        """Return the status and the body for a request about trips."""
        trip = self.trips.get(place, {})
        if action == "start":
            none = not self.stops[place] and self.fault != "starts without stops"
            return (400, None) if none else (200, trip)
        if request.method == "GET":
            return 200, trip
        if "json" not in request.headers.get("content-type", "") or not self.fits(sent, request, action):
            return 400, None
        if action == "stops":
            self.stops[place] += 1
            return 201, {"id": self.stops[place], **sent}
        if request.method == "PUT":
            if sent["version"] != trip["version"] and self.fault != "old versions":
                return 409, None
            trip.update(title=sent["title"], version=trip["version"] + 1)
            return 200, trip
        made = {"id": len(self.trips) + 1, "title": sent["title"], "version": 1}
        self.trips[str(made["id"])], self.stops[str(made["id"])] = made, 0
        return 201, made

    def fits(self, sent: Any, request: httpx.Request, action: str) -> bool:
        """Tell whether a body is valid."""
        if not is_object(sent):
            return False
        if action != "stops":
            whole = type(sent.get("version", 1)) is int and sent.get("version", 1) > 0
            return isinstance(sent.get("title"), str) and whole and (request.method == "POST" or "version" in sent)
        day, litres = sent.get("day"), sent.get("litres")
        right = isinstance(day, str) and len(day) == 10 and "2000" < day < "2999" and not day.endswith("02-30")
        right = right and ("litres" not in sent or (type(litres) is int and 0 < litres < 100))
        return (
            right
            and sent.get("kind") in ("foot", "car")
            and (sent["kind"] == "foot" or litres is not None or self.fault == "no litres")
        )


@pytest.fixture(scope="module")
def suite() -> Suite:
    """Return the suite of trips."""
    made = generate_tests.using(show=False)(SPEC, model=OfflineModel(pace=0)).wait()
    return Suite(made.model_dump(mode="json"))


def ended(suite: Suite, server: Trips) -> dict[str, str]:
    """Run all cases, and return what each ended with, and its text."""
    session = Session(suite, seed="s", credential=dict[str, str]().get)
    with httpx.Client(transport=httpx.MockTransport(server.answer), base_url="http://test") as client:
        outcomes = {case["id"]: run(case, client, session) for case in suite.cases}
    return {case: f"{each.status} {each.text}" for case, each in outcomes.items()}


def test_the_right_server_is_green_twice(suite: Suite) -> None:
    """What words ask for is done first, and what a caller can't do is skipped with the words that tell so."""
    server = Trips()
    for _ in range(2):
        told = ended(suite, server)
        assert [text for text in told.values() if not text.startswith(("passed", "skipped"))] == []
        assert told["POST-/trips/:id/start-valid_minimal"].strip() == "passed"
        assert told[LACKS].strip() == "passed"
        assert "says in words: Judges only." in told["POST-/trips/:id/praise-valid_minimal"]
        assert sum("says in words: Judges only." in text for text in told.values()) > 5


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("starts without stops", LACKS),
        ("no litres", "POST-/trips/:id/stops-body.litres-missing_with_kind_car"),
        ("old versions", "PUT-/trips/:id-with_a_version_from_before"),
    ],
)
def test_each_fault_is_found_by_its_case(suite: Suite, fault: str, case: str) -> None:
    """A fault against a rule that words tell fails the case that is about it."""
    assert ended(suite, Trips(fault))[case].startswith("failed")


def test_one_cause_is_one_failure(suite: Suite) -> None:
    """Where the valid request gets a wrong status, cases that get the same are skipped, and name the failing one."""
    told = {case: text for case, text in ended(suite, Trips("500")).items() if case.startswith("POST-/trips/:id/stops")}
    assert [case for case, text in told.items() if text.startswith("failed")] == ["POST-/trips/:id/stops-valid_minimal"]
    assert "answers 500 to its valid request, too: see POST-/trips/:id/stops-valid_minimal" in str(told)


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("Required if the kind is `car`.", Need("kind", "car", equal=True, must=True)),
        ("Mandatory unless kind is foot", Need("kind", "foot", equal=False, must=True)),
        ("Required and not empty if the kind is `car`.", Need("kind", "car", equal=True, must=True)),
        ("Needed when is_paid is not true.", Need("isPaid", value=True, equal=False, must=True)),
        ("Litres of petrol; required for cars.", Need("kind", "car", equal=True, must=True)),
        ("Null unless the kind is car.", Need("kind", "car", equal=True)),
        ("Required.", None),
        ("Required if somebody asks.", None),
        ("Whether the kind is car.", None),
    ],
)
def test_when_a_field_is_needed(text: str, need: Need | None) -> None:
    """A description tells when a field is there, and whether it is refused without it; other words tell nothing."""
    assert told_need(text, OPTIONS) == need


def test_words_of_times_and_numbers() -> None:
    """Words tell that a time is none of the future, and that a number is more than 0."""
    assert all(map(told_past, ["Not later than today (UTC).", "Must not be in the future.", "Today or earlier."]))
    assert not any(map(told_past, ["Must not be in the past.", "A day of the future.", "Not before today."]))
    assert all(map(told_positive, ["Greater than 0.00. Required.", "Must be positive."]))
    assert not any(map(told_positive, ["Greater than 0.5.", "How much greater than 0 it may become.", "0 or more."]))


@pytest.mark.parametrize(
    ("told", "status", "sentence"),
    [
        ("Claim a thing (citizens)", "403", "Claim a thing (citizens)"),
        ("Staff cannot claim (403).", "403", "Staff cannot claim (403)."),
        ("Only by the owner (403).", "403", None),
        ("It sends a mail.", "403", None),
        ("Only while open (otherwise 409).", "409", "Only while open (otherwise 409)."),
    ],
)
def test_words_for_refusals_of_valid_requests(told: str, status: str, sentence: str | None) -> None:
    """A role or a state in words is a reason for a refusal; owners are not, since a suite tries things of its own."""
    assert told_refusals(told, {status: "Refused."}, has_body=True).get(status) == sentence


@pytest.mark.parametrize(
    ("told", "answer", "statuses"),
    [
        ("A report without lines cannot be submitted (400).", "Wrong.", ["400"]),
        ("", "The report has no lines.", ["400"]),
        ("Needs at least one line.", "", ["400"]),
        ("Only while it has no lines.", "", []),
        ("Needs no body.", "", []),
    ],
)
def test_words_for_what_a_thing_must_have(told: str, answer: str, statuses: list[str]) -> None:
    """Words tell that something must be there first, and which answer comes without it."""
    assert told_lacking(told, {"400": answer, "404": "Gone."}, "line") == statuses
