"""Cases of a model: what it is given to read, what is taken of its answers, and what these find."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import generate_tests
from progressnb.operations.testcases.cases.lenient import place_of
from progressnb.operations.testcases.cases.quoting import Quoted
from progressnb.operations.testcases.spec.book import SchemaBook
from progressnb.operations.testcases.spec.endpoints import Api
from progressnb.operations.testcases.spec.reading import Source
from progressnb.operations.testcases.spec.references import Documents
from progressnb.operations.testcases.spec.wording import Wording
from progressnb.operations.testcases.suite.api_runner import Session, Suite, run
from progressnb.operations.testcases.suite.api_runner.answers import Mismatch
from progressnb.operations.testcases.suite.api_runner.promised import UnclearError, check_promise
from progressnb.operations.testcases.suite.api_runner.written import Unknown, Written
from tests.operations.testcases.costumes import FAULTS, SPEC, TOKENS, Costumes, answering, case, hired, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.testcases import ApiTestSuite

HIRES = "POST /costumes/{id}/hires"


async def suite_of(*proposed: tuple[str, dict[str, Any]], spec: Any = SPEC, **options: Any) -> ApiTestSuite:
    """Return the suite with these proposals."""
    return await generate_tests.using(show=False)(spec, model=answering(*proposed), **options)


@pytest.fixture(scope="module")
def suite() -> ApiTestSuite:
    """Return the suite of all cases of the model."""
    return generate_tests.using(show=False)(SPEC, model=answering(*FAULTS.values())).wait()


def outcomes(
    suite: ApiTestSuite, server: Costumes, secrets: Callable[[str], str | None] = TOKENS.get, seed: str = "s"
) -> dict[str, str]:
    """Run the cases of the model, and return for the name of each what it ended with, and its text."""
    session = Session(Suite(suite.model_dump(mode="json")), seed=seed, credential=secrets)
    with server.client() as client:
        cases = [each for each in session.suite.cases if each["source"] == "model"]
        ended = {each["name"]: run(each, client, session) for each in cases}
    return {name: f"{each.status} {each.text}".strip() for name, each in ended.items()}


# --- what is found ------------------------------------------------------------------------------------


def test_the_right_server_is_green_twice(suite: ApiTestSuite) -> None:
    """All cases pass on a server that keeps its promises, whoever is the warden, and a second time on what is left."""
    server = Costumes()
    for seed in "ab":
        ended = outcomes(suite, server, seed=seed)
        assert (set(ended.values()), len(ended)) == ({"passed"}, len(FAULTS))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_by_its_case(suite: ApiTestSuite, fault: str) -> None:
    """A broken promise fails the case that quotes it, and no other."""
    failed = [name for name, text in outcomes(suite, Costumes(fault)).items() if text.startswith("failed")]
    assert failed == [FAULTS[fault][1]["name"]]


def test_a_failure_quotes_the_specification(suite: ApiTestSuite) -> None:
    """A report says which words promise what was expected, and which model read them so."""
    text = outcomes(suite, Costumes("full price"))["from the eighth, half"]
    assert '"93.75" at /total' in text
    assert 'because    the specification says "from the eighth, half", as a reader reads it: The sentence' in text
    assert "curl" in text
    assert "anna" not in text


def test_people_that_are_missing_skip(suite: ApiTestSuite) -> None:
    """Without the secret of a person that a case needs it is skipped, and says which one is to be set."""
    ended = outcomes(suite, Costumes(), {"API_KEY_KEY": "anna"}.get)
    assert "set API_KEY_KEY_OTHER" in ended["It is out."]
    ended = outcomes(suite, Costumes(), {"API_KEY_KEY": "anna", "API_KEY_KEY_OTHER": "bela"}.get)
    assert ended["It is out."].startswith("skipped the model's set-up failed: POST /costumes")


async def test_a_wrong_set_up_blames_nobody() -> None:
    """What a model's set-up can't bring about is skipped, and costs no other case; what is tested is a finding.

    That is the last step, and the last act of the endpoint itself. So is a server that fails, at any step.
    """
    wrong = case(
        "It is out.", made(price="1.00"), {**hired(expected=["201"]), "path": {"id": 77}}, hired(expected=["409"])
    )
    suite = await suite_of((HIRES, wrong), (HIRES, FAULTS["a day more"][1]))
    assert outcomes(suite, Costumes()) == {
        "It is out.": f"skipped the model's set-up failed: {HIRES} should give status 201, got status 404",
        "Today and the days.": "passed",
    }
    late = case("Takes the costume away", made(), {**hired(expected=["201"]), "path": {"id": 77}}, made())
    assert outcomes(await suite_of((HIRES, late)), Costumes())["Takes the costume away"].startswith("failed")
    odd = case("It is out.", made("\u202e {new}"), hired(expected=["201"]), hired(expected=["409"]))
    suite = await suite_of((HIRES, odd))
    assert outcomes(suite, Costumes("fails on signs"))["It is out."].startswith("failed")


async def test_a_check_before_anything_is_made_asks_who_somebody_is() -> None:
    """A case that begins with what must be true of a person looks for the one of whom it is; else it is skipped."""

    def named(who: str) -> dict[str, Any]:
        check = {"pointer": "/name", "that": "equals", "value": who}
        return {"endpoint": "GET /me", "caller": "first", "expected": ["200"], "checks": [check]}

    suite = await suite_of(
        ("POST /costumes", case("A warden adds", named("wanda"), {**made(), "caller": "first", "save": {}})),
        ("POST /costumes", case("Wardens alone.", named("nobody"), {**made(), "caller": "first", "save": {}})),
    )
    assert outcomes(suite, Costumes()) == {
        "A warden adds": "passed",
        "Wardens alone.": 'skipped nobody is as this case needs: GET /me should give "nobody" at /name, got "anna"',
    }


async def test_the_same_value_stays_the_same() -> None:
    """A name that has no part that is new gets one in each run, the same wherever it stands, and in checks."""
    named = {"pointer": "/name", "that": "equals", "value": "Cloak"}
    again: dict[str, Any] = {**made("Cloak"), "expected": ["409"], "save": {}}
    read = {"endpoint": "GET /costumes/{cape}", "expected": ["200"], "checks": [named]}
    suite = await suite_of(("POST /costumes", case("Such a name.", made("Cloak"), read, again)))
    server = Costumes()
    assert [outcomes(suite, server, seed=seed) for seed in "ab"] == [{"Such a name.": "passed"}] * 2


# --- what is taken ------------------------------------------------------------------------------------


def listed(*checks: dict[str, Any]) -> dict[str, Any]:
    """Return the step that lists costumes, with checks of the list."""
    of_list = [{"pointer": "/items", **each} for each in checks]
    return {"endpoint": "GET /costumes", "expected": ["200"], "checks": of_list}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "words that nobody wrote": (
        case("Hires end at noon.", hired(expected=["409"])),
        "has no words 'Hires end at noon.'",
    ),
    "one word": (case("costume", made(), hired(expected=["201"])), "has no words 'costume'"),
    "another's status": (case("It is out.", made(), hired(expected=["402"])), "documents no status 402"),
    "another's refusal": (case("It is out.", made(), hired(expected=["403"])), "documents no status 403"),
    "a field of nobody": (
        case("It is out.", made(), {**hired(expected=["201"]), "body": {"days": 2, "hat": True}}),
        "knows no field 'hat'",
    ),
    "a body that is wrong": (
        case("It is out.", made(), hired(99, expected=["201"])),
        'takes no such body: {"days": 99}',
    ),
    "no body": (case("It is out.", made(), {**hired(expected=["201"]), "body": None}), f"{HIRES} needs a body"),
    "a query of nobody": (
        case(
            "The cheapest first.", made(), hired(expected=["201"]), {"endpoint": "GET /costumes?z=1", "expected": [200]}
        ),
        "knows no query 'z'",
    ),
    "a place that is not there": (
        case("It is out.", made(), hired(expected=["201"], checks=[{"pointer": "/cost", "that": "present"}])),
        f"{HIRES} answers nothing at '/cost'",
    ),
    "a field of a list that is not there": (
        case(
            "It is out.",
            {
                "endpoint": "GET /costumes",
                "expected": ["200"],
                "checks": [{"pointer": "/items", "that": "has", "field": "colour", "value": 1}],
            },
        ),
        "answers nothing at '/colour'",
    ),
    "nothing that could fail": (
        case("It is out.", made(), hired(expected=["201", "409"])),
        "201 or 409 of the last step",
    ),
    "an order of one": (
        case(
            "It is out.",
            {"endpoint": "GET /costumes", "expected": ["200"], "checks": [{"that": "in_order", "value": [1]}]},
        ),
        "an order of less than two things",
    ),
    "an order of the same": (
        case("It is out.", listed({"that": "in_order", "field": "id", "value": ["{cape}", "{cape}"]})),
        "an order of less than two things",
    ),
    "a list without nothing": (
        case("It is out.", made(), listed({"that": "lacks"})),
        "lacks of nothing",
    ),
    "a text of any letters": (
        case("It is out.", made(), hired(expected=["201"], checks=[{"pointer": "/due", "that": "contains"}])),
        "contains of no text",
    ),
    "at least of no size": (
        case(
            "It is out.",
            made(),
            hired(expected=["201"], checks=[{"pointer": "/total", "that": "at_least", "value": []}]),
        ),
        "at_least of [], which is no size",
    ),
    "a number of words": (
        case("It is out.", made(), listed({"that": "count", "value": "many"})),
        'count of "many", which is no number of things',
    ),
    "what an error lacks, too": (
        case(
            "It is out.",
            made(),
            hired(expected=["201", "409"], checks=[{"pointer": "/note", "that": "equals", "value": None}]),
        ),
        "201 or 409 of the last step",
    ),
    "a value of no step": (
        case(
            "It is out.",
            made(),
            hired(expected=["201"], checks=[{"pointer": "/total", "that": "equals", "value": "{a+b}"}]),
        ),
        "nothing was kept as 'a'",
    ),
}


@pytest.mark.parametrize(("proposed", "reason"), REFUSED.values(), ids=REFUSED)
async def test_what_proves_nothing_is_refused(proposed: dict[str, Any], reason: str) -> None:
    """A case against the specification is left out, and the suite notes its reason."""
    suite = await suite_of((HIRES, proposed), endpoints=[HIRES])
    assert [each for each in suite.cases if each.source == "model"] == []
    assert [note for note in suite.notes if reason in note and proposed["name"] in note]


SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "other": {"type": "apiKey", "in": "query", "name": "api_token"},
    "basic": {"type": "http", "scheme": "basic"},
}
OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "the key": ({"headers": {"X-Key": "wanda"}}, "a credential: the header 'X-Key'"),
    "the key in small letters": ({"headers": {"x-key": "wanda"}}, "a credential: the header 'x-key'"),
    "the key of another scheme": ({"query": {"API_Token": "x"}}, "a credential: the query 'API_Token'"),
    "a query in the endpoint": ({"endpoint": "GET /costumes?api_token=x"}, "a credential: the query 'api_token'"),
    "fields of a query": ({"query": {"api_token[a]": "x"}}, "a credential: the query 'api_token[a]'"),
    "a password": ({"headers": {"authorization": "Basic eDp5"}}, "the header 'authorization'"),
    "one for the way": ({"headers": {"Proxy-Authorization": "Basic eDp5"}}, "the header 'Proxy-Authorization'"),
    "a cookie": ({"headers": {"Cookie": "key=1"}}, "the header 'Cookie'"),
    "twice": ({"headers": {"X-Way": "1", "x-way": "2"}}, "a header twice"),
}


@pytest.mark.parametrize(("more", "reason"), OTHERS.values(), ids=OTHERS)
async def test_credentials_of_a_model_are_refused(more: dict[str, Any], reason: str) -> None:
    """Who sends a request is told by its caller alone: what a scheme sends has no place in a model's request."""
    spec = {**SPEC, "components": {**SPEC["components"], "securitySchemes": SCHEMES}}
    read = {"endpoint": "GET /costumes", "expected": ["200", "401"], **more}
    suite = await suite_of(("GET /costumes", case("The cheapest first.", made(), read)), spec=spec)
    assert [each for each in suite.cases if each.source == "model"] == []
    assert [note for note in suite.notes if reason in note]


async def test_a_content_type_is_that_of_the_body() -> None:
    """A content type that a model states takes the place of the usual one, and is not sent beside it."""
    step = {**made(), "headers": {"content-type": "application/merge-patch+json"}}
    suite = await suite_of(("POST /costumes", case("A warden adds", step)))
    request = next(each for each in suite.cases if each.source == "model").request
    assert (request.media_type, request.headers) == ("application/merge-patch+json", {})


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


LARGE: dict[str, dict[str, Any]] = {
    "many checks": listed(*[{"that": "has", "field": "id", "value": 1}] * 10_000),
    "much to keep": {**made(), "save": {f"v{at}": "/id" for at in range(1_000)}},
    "a long value": listed({"that": "has", "field": "name", "value": "x" * 20_000}),
    "a long pointer": {**made(), "save": {"cape": "/id" * 10_000}},
    "a deep value": listed({"that": "has", "field": "name", "value": _deep(100)}),
    "a deep query": {"endpoint": "GET /costumes", "query": {"q": _deep(100)}, "expected": ["200"]},
    "a deep body": {**made(), "body": _deep(100), "expected": ["400"], "save": {}},
    "a deep body as a text": {**made(), "body": "[" * 500 + "]" * 500, "expected": ["400"], "save": {}},
}


@pytest.mark.parametrize("step", LARGE.values(), ids=LARGE)
async def test_a_case_is_bounded(step: dict[str, Any]) -> None:
    """A case of a model with too many, too long or too deep values is refused, and its neighbour is kept."""
    name = step["endpoint"]
    words = "A warden adds" if name == "POST /costumes" else "The cheapest first."
    suite = await suite_of((name, case(words, step)), (HIRES, FAULTS["a day more"][1]))
    assert [each.name for each in suite.cases if each.source == "model"] == ["Today and the days."]
    assert len([note for note in suite.notes if words in note]) == 1
    assert max(map(len, suite.notes)) < 500


async def test_too_many_cases_are_told() -> None:
    """Of very many cases the first are taken, and what is said of the others is short."""
    suite = await suite_of(*[("GET /costumes", case("The cheapest first.", listed()))] * 30)
    assert sum(each.source == "model" for each in suite.cases) == 20
    assert [note for note in suite.notes if "10 cases after the first 20" in note]
    good = ("GET /costumes", case("The cheapest first.", listed()))
    suite = await suite_of(good, *[("GET /costumes", {"no": 1})] * 900)
    assert len([note for note in suite.notes if "left out" in note]) == 21


async def test_half_a_character_is_refused() -> None:
    """A body that UTF-8 can't carry is refused, and its neighbour is kept."""
    half = {**made(), "body": r'{"name": "x\ud800y", "price": "12.50"}'}
    suite = await suite_of((HIRES, case("It is out.", half, hired())), (HIRES, FAULTS["a day more"][1]))
    assert [each.name for each in suite.cases if each.source == "model"] == ["Today and the days."]


async def test_what_a_body_may_have_all_the_same() -> None:
    """A field that answers alone have may be sent, and any field where a refusal is expected."""
    state = {**made(), "body": {"name": "Hat {new}", "price": "1.00", "state": "hired"}}
    free = {"pointer": "/state", "that": "equals", "value": "free"}
    odd = {**made(), "body": {"name": "Hat {new}", "price": "1.00", "hat": 1}, "expected": ["400"], "save": {}}
    suite = await suite_of(
        ("POST /costumes", case("members hire them", {**state, "checks": [free]})),
        ("POST /costumes", case("A warden adds", odd)),
    )
    assert sum(each.source == "model" for each in suite.cases) == 2


async def test_a_place_in_each_thing_of_a_list() -> None:
    """A check of one place in a list means each of its things: that it has the value, or nothing."""
    checks = [
        {"pointer": "/items/*/name", "that": "equals", "value": "Cape {new}"},
        {"pointer": "$.items[*].note", "that": "absent"},
    ]
    with_note = {**SPEC, "paths": json.loads(json.dumps(SPEC["paths"]))}
    answer = with_note["paths"]["/costumes"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer["properties"]["items"]["items"]["properties"]["note"] = {"type": ["string", "null"]}
    read = {"endpoint": "GET /costumes?q={new}", "expected": ["200"], "checks": checks}
    suite = await suite_of(("GET /costumes", case("The cheapest first.", made(), read)), spec=with_note)
    assert outcomes(suite, Costumes()) == {"The cheapest first.": "passed"}


async def test_one_that_can_not_be_read_costs_no_other() -> None:
    """A case of another form is left out with its reason; null, numbers and other words of clear meaning are taken."""
    slips = hired(
        expected=201, checks=[{"pointer": "/note", "that": "is_null", "value": None}], query=None, caller="other"
    )
    broken = {**case("It is out.", made()), "steps": [{"endpoint": HIRES}]}
    suite = await suite_of((HIRES, broken), (HIRES, case("Takes the costume away", made(), slips)))
    assert outcomes(suite, Costumes()) == {"Takes the costume away": "passed"}
    (note,) = [note for note in suite.notes if "left out" in note]
    assert note == f"{HIRES}: a case of the model was left out, 'It is out.': steps.0.expected: Field required."


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("/items/0/id", ("/items/0/id", "")),
        ("items.0.id", ("/items/0/id", "")),
        ("$.items[0].id", ("/items/0/id", "")),
        ("$['items'][0]['id']", ("/items/0/id", "")),
        ("body.items[*].owner.id", ("/items", "/owner/id")),
        ("/items/*/id", ("/items", "/id")),
        ("response.body/id", ("/id", "")),
        ("bodyweight", ("/bodyweight", "")),
        ("$", ("", "")),
        ("/", ("", "")),
        ("", ("", "")),
        ("@X-Total-Count", ("@X-Total-Count", "")),
    ],
)
def test_places_of_any_form(written: str, place: tuple[str, str]) -> None:
    """A place in an answer is understood in the forms that models write."""
    assert place_of(written) == place


@given(st.text())
def test_any_text_is_a_place(written: str) -> None:
    """Whatever a model writes as a place becomes a pointer, or a header."""
    pointer, inner = place_of(written)
    assert pointer[:1] in ("", "/", "@")
    assert inner[:1] in ("", "/")


def test_a_quotation_of_many_spaces() -> None:
    """A quotation of 200,000 spaces takes no longer than reading it."""
    assert not Quoted("the pet").has(" " * 200_000 + "x")
    assert Quoted("the pet sleeps").has("the" + " " * 200_000 + "pet sleeps")


def test_quotations() -> None:
    """Words are found by their letters and digits; what was left out may be marked; others are not found."""
    quoted = Quoted("Cards expire after *365* days.\nA frozen card can\u2019t be charged.")
    assert quoted.has("cards expire after 365 days")
    assert quoted.has("Cards expire … days. A frozen card")
    assert quoted.has("a FROZEN card can't be charged")
    assert not quoted.has("cards expire after 366 days")
    assert not quoted.has("cards")
    assert not quoted.has("… …")


# --- what is read -------------------------------------------------------------------------------------


async def test_a_prompt_has_all_that_is_told() -> None:
    """A model reads the words of the API, of tags, operations, fields and answers, and the nearest endpoints first."""
    prompts: list[str] = []
    await generate_tests.using(show=False)(SPEC, model=answering(prompts=prompts), endpoints=[HIRES])
    (prompt,) = prompts
    for told in (
        "A warden adds costumes; members hire them.",
        "Nobody hires two at a time.",
        "Takes the costume away until it comes back.",
        "- The price of all days; from the eighth, half.",
        "Answer 409: It is out.",
        "Names differ in more than capital letters.",
        "days: integer (minimum 1, maximum 60), required",
        "path parameter id",
    ):
        assert told in prompt


async def test_a_prompt_of_many_endpoints_is_bounded() -> None:
    """What does not fit is cut: far endpoints are named alone, and schemas are left out."""
    operation = SPEC["paths"]["/costumes"]["post"]
    paths = {f"/a{number}": {"post": {**operation, "description": "word " * 600}} for number in range(60)}
    prompts: list[str] = []
    spec = {**SPEC, "paths": {**SPEC["paths"], **paths}}
    await generate_tests.using(show=False)(spec, model=answering(prompts=prompts), endpoints=[HIRES])
    (prompt,) = prompts
    assert len(prompt) < 80_000
    assert "\nPOST /a59\n" in prompt
    assert prompt.index("GET /costumes/{id}\n") < prompt.index("POST /a0\n")


def test_a_prompt_of_deep_schemas() -> None:
    """Schemas within schemas are told to some depth, and those that name themselves once."""
    deep: dict[str, Any] = {"type": "string"}
    for number in range(60):
        deep = {"allOf": [deep, {"properties": {f"f{number}": {"type": "array", "items": deep}}}]}
    schemas = {"Loop": {"type": "object", "properties": {"again": {"$ref": "#/components/schemas/Loop"}}}}
    both = {"properties": {"deep": deep, "loop": {"$ref": "#/components/schemas/Loop"}}}
    documents = Documents(
        Source(
            "it",
            {
                "openapi": "3.1.0",
                "info": {"title": "T", "version": "1"},
                "paths": {"/a": {"get": {"responses": {"200": {"description": "fine", **_json(both)}}}}},
                "components": {"schemas": schemas},
            },
        )
    )
    api = Api("T", "1", (), {}, ("GET /a",), (), SchemaBook(documents), "", operations=_operations(documents))
    text, used = Wording(documents, api).operation("GET /a")
    assert "loop: Loop" in text
    assert len(text) < 20_000
    assert list(Wording(documents, api).schemas(used)) == ["Loop: object\n  again: Loop"]


def _json(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _operations(documents: Documents) -> dict[str, Any]:
    return {"GET /a": documents.main["paths"]["/a"]["get"]}


async def test_a_prompt_of_swagger() -> None:
    """Descriptions of a Swagger 2.0 document are read, too."""
    parameter = {"name": "q", "in": "query", "type": "string", "description": "Part of a name."}
    answer = {"200": {"description": "All that fit.", "schema": {"$ref": "#/definitions/All"}}}
    prompts: list[str] = []
    spec = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "definitions": {"All": {"type": "array", "items": {"type": "string"}, "description": "In order."}},
        "paths": {"/a": {"get": {"parameters": [parameter], "responses": answer}}},
    }
    await generate_tests.using(show=False)(spec, model=answering(prompts=prompts))
    assert all(each in prompts[0] for each in ("Part of a name.", "All that fit.", "All: list of string - In order."))


# --- what is written and checked ----------------------------------------------------------------------

WRITTEN: dict[str, Any] = {
    "{new}": "x7",
    "a-{new}-{NEW}": "a-x7-X7",
    "{today}": "2026-12-31",
    "{today+1}": "2027-01-01",
    "{today-31d}T10:00:00Z": "2026-11-30T10:00:00Z",
    "{now+2h}": "2027-01-01T01:30:00Z",
    "{now-30m}": "2026-12-31T23:00:00Z",
    "{seats}": 4,
    "{seats+1}": 5,
    "{seats-seats}": 0,
    "{seats+0.5}": 4.5,
    "/x/{seats}": "/x/4",
    "{price+0.10}": "10.00",
    "{due+365}": "2028-02-28",
    "{0} ${7*7} {unknown} {{seats}": "{0} ${7*7} {unknown} {4",
}


@pytest.mark.parametrize(("given", "value"), WRITTEN.items(), ids=WRITTEN)
def test_values_that_are_known_in_a_run(given: str, value: Any) -> None:
    """Texts in braces stand for what is new, for days and times from now, and for sums; all others are texts."""
    written = Written("x7", datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    written.kept = {"seats": 4, "price": "9.90", "due": "2027-02-28"}
    assert written.value([given]) == [value]


def test_values_that_can_not_be_computed() -> None:
    """A sum of no number, and a day that no calendar has, are told."""
    written = Written("x7")
    written.kept = {"name": "Cape"}
    for each in ("{name+1}", "{today+999999999999}"):
        with pytest.raises(Unknown):
            written.value(each)


BODY: dict[str, Any] = {
    "total": "93.75",
    "n": 7,
    "none": None,
    "at": "2026-01-01T10:00:00Z",
    "items": [{"id": 1, "on": True}, {"id": 2}],
    "empty": [],
    "child": {},
}
HOLDS: list[tuple[str, str, str, Any]] = [
    ("/total", "equals", "", 93.75),
    ("/n", "differs", "", 8),
    ("/total", "at_least", "", "93.75"),
    ("/at", "at_most", "", "2026-01-01T11:00:00+01:00"),
    ("/at", "contains", "", "2026-01"),
    ("/none", "absent", "", None),
    ("/missing", "absent", "", None),
    ("/n", "present", "", None),
    ("/items", "count", "", 2),
    ("", "count", "", 2),
    ("/items", "has", "id", 2),
    ("/items", "lacks", "id", 3),
    ("/items", "lacks", "id", "x"),
    ("/empty", "lacks", "id", 2),
    ("/none/name", "absent", "", None),
    ("@X-None", "absent", "", None),
    ("/none", "differs", "", 7),
    ("/items/1", "equals", "", {"id": 2, "on": None}),
    ("/empty", "equals", "", []),
    ("/items", "count", "", "2"),
    ("/n", "equals", "", "7"),
    ("/items", "in_order", "/id", [1, 2]),
    ("@X-Total-Count", "equals", "", 2),
]
BREAKS: list[tuple[str, str, str, Any]] = [
    ("/total", "equals", "", "93.7"),
    ("/none", "equals", "", "x"),
    ("/missing", "equals", "", "x"),
    ("/n", "differs", "", 7),
    ("/n", "at_least", "", 8),
    ("/total", "at_most", "", 9),
    ("/none", "at_most", "", 9),
    ("/at", "contains", "", "2027"),
    ("/n", "absent", "", None),
    ("/missing", "present", "", None),
    ("/items", "count", "", 3),
    ("/n", "count", "", 3),
    ("/items", "has", "id", 3),
    ("/items", "lacks", "id", 2),
    ("/items", "all_have", "id", 1),
    ("/items", "all_have", "on", True),
    ("/items", "in_order", "id", [2, 1]),
    ("/items", "in_order", "id", [1, 3]),
    ("@X-Total-Count", "equals", "", 3),
    ("/child", "equals", "", {"id": 1}),
    ("/items", "equals", "", [{"id": 1, "on": True}, {"id": 2, "on": False}]),
    ("/items/0", "equals", "", {}),
    ("/items", "has", "", {"id": 2, "on": True}),
    ("/items/5", "equals", "", 1),
    ("/items/5", "present", "", None),
    ("/empty", "has", "id", 2),
    ("/empty", "in_order", "id", [1, 2]),
    ("/missing", "lacks", "id", 2),
]
UNCLEAR: list[tuple[str, str, str, Any]] = [
    ("/empty", "all_have", "id", 1),
    ("/items", "lacks", "colour", "red"),
    ("/missing", "differs", "", 7),
    ("/items/5", "differs", "", 7),
    ("/items/5/on", "absent", "", None),
    ("/n/on", "absent", "", None),
    ("@X-None", "differs", "", 7),
    ("/items", "count", "", "many"),
    ("/items", "in_order", "id", [1, 1]),
    ("/items", "in_order", "id", "1, 2"),
]


def checked(pointer: str, that: str, field: str, value: Any, body: Any = BODY, **headers: str) -> None:
    """Check a promise."""
    check = {"name": that, "pointer": pointer, "fields": [field] if field else [], "value": value}
    check_promise(check, body, httpx.Headers({"x-total-count": "2"} | headers))


@pytest.mark.parametrize("promise", HOLDS, ids=str)
def test_promises_that_hold(promise: tuple[str, str, str, Any]) -> None:
    """A promise that an answer keeps is no finding."""
    checked(*promise)


@pytest.mark.parametrize("promise", BREAKS, ids=str)
def test_promises_that_break(promise: tuple[str, str, str, Any]) -> None:
    """A promise that an answer breaks is one, also where there is nothing to compare."""
    with pytest.raises(Mismatch):
        checked(*promise)


@pytest.mark.parametrize("promise", UNCLEAR, ids=str)
def test_promises_that_have_nothing_to_look_at(promise: tuple[str, str, str, Any]) -> None:
    """A promise is neither kept nor broken by an answer that has nothing that it is about."""
    with pytest.raises(UnclearError):
        checked(*promise)


@pytest.mark.parametrize("total", ["\u00b2", "9" * 5000, None])
def test_a_total_of_any_kind_ends_nothing(total: Any) -> None:
    """What a server calls a total may be any text: a list is then compared as it is."""
    checked("/items", "has", "id", 7, {"items": [{"id": 7}], "total": total})


@pytest.mark.parametrize(
    ("kept", "given"),
    [
        ("sNaN", "{a+1}"),
        (1e999, "{a+1}"),
        ("Infinity", "{a-a}"),
        (5, "{a+" + "9" * 5000 + "}"),
        ("2026-01-01", "{a+b}"),
    ],
)
def test_values_that_no_number_can_be_added_to(kept: Any, given: str) -> None:
    """What a server sends may be no number, or too large a one: then the value is unknown, and nothing crashes."""
    written = Written("new")
    written.kept |= {"a": kept, "b": 3}
    with pytest.raises(Unknown):
        written.value(given)


def test_names_of_a_model_are_no_variables_of_the_shell() -> None:
    """A value that a model calls PATH is another variable in the lines that do a case again."""
    written = Written("new")
    written.kept["PATH"] = "there"
    assert "0kept_PATH0" in written.value("{PATH}", as_shown=True)


def test_a_page_says_nothing_of_what_it_lacks() -> None:
    """What may stand on another page is not missed; what a page has too much is seen."""
    pages: list[tuple[Any, dict[str, str]]] = [
        ({"items": [{"id": 1}], "total": 9}, {}),
        ({"items": [{"id": 1}], "next": "/x"}, {}),
    ]
    for body, headers in (*pages, ([{"id": 1}], {"x-total-count": "9"}), ([{"id": 1}] * 20, {"x-total-count": ""})):
        for that, value in (("has", 5), ("in_order", [1, 5]), ("count", 40)):
            with pytest.raises(UnclearError):
                checked("", that, "" if that == "count" else "id", value, body, **headers)
        checked("", "lacks", "id", 5, body, **headers)
        with pytest.raises(Mismatch):
            checked("", "lacks", "id", 1, body, **headers)


async def test_a_check_with_nothing_to_look_at_does_not_pass() -> None:
    """A case is skipped, and says why, where a check had nothing to look at; what another check finds is a failure."""

    def read(*checks: dict[str, Any]) -> dict[str, Any]:
        each = {"pointer": "/items", "that": "all_have", "field": "state", "value": "free"}
        return {"endpoint": "GET /costumes?q=none{new}", "expected": ["200"], "checks": [each, *checks]}

    many = {"pointer": "/items", "that": "has", "field": "name", "value": "none{new}"}
    suite = await suite_of(
        ("GET /costumes", case("The cheapest first.", made(), read())),
        ("GET /costumes", case("members hire them", made(), read(many))),
    )
    ended = outcomes(suite, Costumes())
    assert ended["The cheapest first."] == "skipped nothing to look at: the list is empty"
    assert ended["members hire them"].startswith("failed")


async def test_nobody_is_blamed_where_the_right_people_leave_a_check_unclear() -> None:
    """A case that goes well but for a check with nothing to look at is skipped, whatever it would be with others."""
    nobody = {"pointer": "/items", "that": "all_have", "field": "state", "value": "hired"}
    look = {"endpoint": "GET /costumes?q=none{new}", "caller": "first", "expected": ["200"], "checks": [nobody]}
    warden = {"pointer": "/name", "that": "equals", "value": "wanda"}
    other = {"endpoint": "GET /me", "caller": "second", "expected": ["200"]}
    last = {**other, "caller": "first", "checks": [warden]}
    suite = await suite_of(("GET /me", case("A warden adds", look, other, last)))
    assert outcomes(suite, Costumes()) == {"A warden adds": "skipped nothing to look at: the list is empty"}
