"""Requests as they are sent: what is called valid is valid, and what is called invalid is so for a server, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.schemas import Request
from progressnb.operations.testcases.spec.endpoints import Body
from progressnb.operations.testcases.spec.kinds import kind_of
from progressnb.operations.testcases.values.builder import Values
from progressnb.operations.testcases.values.changes import _FORMATS
from progressnb.operations.testcases.values.formats import fits_format
from progressnb.operations.testcases.values.scalars import _TEXTS
from progressnb.operations.testcases.values.serialization import fill
from progressnb.operations.testcases.values.variants import variants

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite
    from progressnb.operations.testcases.schemas import Case

OK = {"200": {"description": "fine"}}


async def made(operation: Any, *, method: str = "post", path: str = "/a", **components: Any) -> ApiTestSuite:
    """Make the suite of one operation by rules."""
    document = {"openapi": "3.1.0", "info": {}, "paths": {path: {method: operation}}, "components": components}
    return await generate_tests.using(show=False)(document, model=OfflineModel(pace=0))


def query(schema: Any, **more: Any) -> dict[str, Any]:
    """Return an operation with one parameter, of the query if nothing else is said."""
    return {"parameters": [{"name": "p", "in": "query", "schema": schema, **more}], "responses": OK}


def body(schema: Any, media: str = "application/json", *, required: bool = True, **more: Any) -> dict[str, Any]:
    """Return an operation with a body."""
    return {"requestBody": {"required": required, "content": {media: {"schema": schema, **more}}}, "responses": OK}


def refused(suite: ApiTestSuite) -> list[Case]:
    """Return the cases whose request is to be refused, for another reason than its method."""
    return [
        case
        for case in suite.cases
        if case.category != "method" and not any(status.startswith("2") for status in case.expected)
    ]


def kinds(suite: ApiTestSuite) -> set[str]:
    """Return the categories of the cases, without the methods that a path does not have."""
    return {str(case.category) for case in suite.cases} - {"method"}


# --- formats -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(_TEXTS))
def test_texts_have_their_formats(form: str) -> None:
    """The text that is made for a format has it; the one that breaks it has not."""
    assert fits_format(_TEXTS[form], form)
    assert form not in _FORMATS or not fits_format(_FORMATS[form], form)


@pytest.mark.parametrize(
    ("form", "fine", "wrong"),
    [
        (
            "date",
            ["2024-02-29"],
            ["2023-02-29", "24-01-01", "2024-1-1", "2024-01-01T00:00:00Z", "\uff12\uff10\uff12\uff14-01-01"],
        ),
        (
            "date-time",
            ["2024-01-01T00:00:00Z", "2024-01-01t23:59:60.123+02:00"],
            ["2024-01-01", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00+99:00", "now"],
        ),
        ("time", ["12:00:00Z", "12:00:00.5-01:30"], ["12:00", "12:00:00", "25:00:00Z"]),
        ("duration", ["P1D", "PT1H30M", "P3W", "P1Y2M3DT4H5M6.5S"], ["P", "PT", "1D", "P1DT", "P1S"]),
        ("email", ["a@b.c"], ["a", "a@", "@b", "a b@c"]),
        ("hostname", ["a", "a-b.c1"], ["-a", "a_b", "a..b", "a" * 64, ".".join(["a" * 60] * 5)]),
        ("ipv4", ["127.0.0.1"], ["127.0.0", "256.0.0.1", "::1"]),
        ("ipv6", ["::1", "2001:db8::1"], ["127.0.0.1", "g::"]),
        ("uri", ["https://a/b?c#d", "urn:x"], ["a b", "/path", "no scheme", "http://a b"]),
        ("uuid", ["3FA85F64-5717-4562-b3fc-2c963f66afa6"], ["3fa85f6457174562b3fc2c963f66afa6", "x"]),
        ("byte", ["", "YQ=="], ["a", "%%%%"]),
        ("int32", [0, 2**31 - 1, -(2**31), "text"], [2**31]),
        ("int64", [2**63 - 1], [2**63]),
        ("something-else", ["x", 1], []),
        (None, ["x"], []),
    ],
)
def test_formats(form: Any, fine: list[Any], wrong: list[Any]) -> None:
    """Each format takes what its standard takes."""
    assert [value for value in fine if not fits_format(value, form)] == []
    assert [value for value in wrong if fits_format(value, form)] == []


@given(st.one_of(st.text(), st.integers(), st.none(), st.booleans()), st.sampled_from([*_TEXTS, "int32", "x"]))
def test_any_value_has_a_format_or_not(value: object, form: str) -> None:
    """No value makes the check fail."""
    assert fits_format(value, form) in (True, False)


async def test_examples_have_to_fit_their_formats() -> None:
    """An example that its own format forbids is not sent, wherever it stands."""
    schema = {"type": "string", "format": "date-time", "example": "yesterday"}
    suite = await made(query(schema, required=True, example="soon"))
    assert suite.cases[0].request.query == {"p": "2026-01-15T12:00:00Z"}
    whole = {"type": "object", "required": ["at"], "properties": {"at": schema}}
    suite = await made(body(whole, example={"at": "2024-01-01"}))
    assert all(case.request.body != {"at": "2024-01-01"} for case in suite.cases)
    fine = await made(body(whole, example={"at": "2024-01-01T00:00:00Z"}))
    assert fine.cases[1].request.body == {"at": "2024-01-01T00:00:00Z"}


def test_a_pattern_beside_a_format() -> None:
    """A text that has to fit both is the usual one of its format, where that fits the pattern."""
    schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    assert Values({}).make(schema, "full", "x") == "2026-01-15"


def test_what_another_branch_takes_is_no_fault() -> None:
    """A text of another format, or of another length, is valid where another branch takes any text."""
    values = Values({})
    for strict in ({"type": "string", "format": "date"}, {"type": "string", "maxLength": 3}, {"type": "integer"}):
        schema = {"anyOf": [strict, {"type": "string"}]}
        value = values.make(schema, "full", "x")
        found = list(variants(schema, value, values))
        assert not [each for each in found if isinstance(each.value, str) and not each.fits]


async def test_examples_with_what_only_the_server_writes() -> None:
    """An example of an answer, with properties that are read-only, is no request."""
    schema = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
    }
    suite = await made(body(schema, example={"id": 1, "name": "Rex"}))
    assert all("id" not in case.request.body for case in suite.cases if isinstance(case.request.body, dict))
    fine = await made(body(schema, example={"name": "Rex"}))
    assert {"name": "Rex"} in [case.request.body for case in fine.cases]


# --- media types ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media", ["text/json", "TEXT/JSON", "application/problem+json", "application/json; charset=utf-8", "text/x-json"]
)
async def test_kinds_of_json(media: str) -> None:
    """JSON has several names; bodies of each are JSON and are broken as such."""
    assert kind_of(media) == "json"
    suite = await made(body({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}, media))
    assert (suite.cases[0].request.body, suite.cases[0].request.media_type) == ({"n": 1}, media)
    assert {} in [case.request.body for case in refused(suite)]


@pytest.mark.parametrize(
    ("media", "sent"), [("image/*", "image/png"), ("*/*", "application/json"), ("text/*", "text/plain")]
)
async def test_ranges_of_media_types(media: str, sent: str) -> None:
    """Of a range one media type is sent, and none is called undocumented."""
    suite = await made(body({"type": "object"} if media == "*/*" else {}, media))
    assert suite.cases[0].request.media_type == sent
    assert all(case.category != "media_type" for case in suite.cases)


FIELDS: dict[str, Any] = {
    "one": {"type": "string"},
    "list": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
    "deep": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "integer"}, "b": {"type": "object", "properties": {"c": {"type": "boolean"}}}},
    },
}


@pytest.mark.parametrize(
    ("encoding", "fields"),
    [
        ({}, {"one": "x", "list": ["1", "2"], "deep": '{"a": 1, "b": {"c": true}}'}),
        ({"deep": {"style": "deepObject", "explode": True}}, {"deep[a]": "1", "deep[b][c]": "true"}),
        ({"list": {"style": "deepObject"}}, {"list[0]": "1", "list[1]": "2"}),
        ({"list": {"explode": False}}, {"list": "1,2"}),
        ({"list": {"style": "pipeDelimited"}}, {"list": "1|2"}),
        ({"list": {"style": "form"}}, {"list": ["1", "2"]}),
        ({"deep": {"style": "form"}}, {"a": "1", "b": '{"c": true}'}),
        ({"deep": {"explode": False}}, {"deep": 'a,1,b,{"c": true}'}),
        ({"deep": {"contentType": "application/json"}}, {"deep": '{"a": 1, "b": {"c": true}}'}),
    ],
)
async def test_encoding_of_forms(encoding: dict[str, Any], fields: dict[str, Any]) -> None:
    """A field is written in the style that the form states for it, else as JSON or once for each item."""
    schema = {"type": "object", "properties": FIELDS}
    example = {"one": "x", "list": [1, 2], "deep": {"a": 1, "b": {"c": True}}}
    suite = await made(body(schema, "application/x-www-form-urlencoded", encoding=encoding, example=example))
    full = next(case.request for case in suite.cases if case.name == "valid, full")
    assert isinstance(full.body, dict)
    assert {name: full.body.get(name) for name in fields} == fields


async def test_an_object_in_a_form_is_broken_in_a_property() -> None:
    """A text in the place of an object that is spread over fields would be an unknown field, which nobody refuses."""
    schema = {"type": "object", "properties": {"deep": FIELDS["deep"]}}
    encoding = {"deep": {"style": "deepObject", "explode": True}}
    suite = await made(body(schema, "application/x-www-form-urlencoded", encoding=encoding))
    sent = [case.request.body for case in refused(suite) if isinstance(case.request.body, dict)]
    assert sent
    assert all(any(name.startswith("deep[") for name in each) for each in sent)
    assert {"deep[b][c]": "true"} in sent
    assert any(each.get("deep[a]") == "not-a-number" for each in sent)


def test_a_form_with_an_empty_object() -> None:
    """An empty object and an empty list that are spread over fields are nothing at all."""
    request = Request(endpoint="POST /a", method="POST", path="/a")
    styles = {"o": ("deepObject", True), "l": ("form", True)}
    fill(request, Body("application/x-www-form-urlencoded", "form", {}, styles=styles), {"o": {}, "l": [], "s": ""})
    assert request.body == {"s": ""}


# --- parameters ----------------------------------------------------------------------------------------

POINT = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("style", "explode", "whole", "broken"),
    [
        ("form", True, {"x": "1", "y": "1"}, {"x": "not-a-number", "y": "1"}),
        ("deepObject", True, {"p[x]": "1", "p[y]": "1"}, {"p[x]": "not-a-number", "p[y]": "1"}),
        ("form", False, {"p": "x,1,y,1"}, {"p": "x,not-a-number,y,1"}),
    ],
)
async def test_objects_in_a_query(style: str, explode: bool, whole: Any, broken: Any) -> None:
    """An object is broken in its properties, never as an unknown parameter; a missing one has no property left."""
    suite = await made(query(POINT, required=True, style=style, explode=explode), method="get")
    assert suite.cases[1].request.query == whole
    wrong = [case.request.query for case in refused(suite)]
    assert broken in wrong
    assert {} in wrong
    assert all("not-an-object" not in str(each) for each in wrong)
    assert all(each.keys() <= whole.keys() for each in wrong)
    optional = await made(query(POINT, style=style, explode=explode), method="get")
    assert {} not in [case.request.query for case in refused(optional)]


async def test_an_object_of_optional_properties() -> None:
    """A required object without required properties can't be seen to be missing."""
    loose = {"type": "object", "properties": {"x": {"type": "integer"}}}
    suite = await made(query(loose, required=True), method="get")
    assert all(case.request.query for case in refused(suite))


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "Accept", "Host", "Content-Length", "Accept-Encoding"])
async def test_headers_that_every_client_sends(name: str) -> None:
    """A header that no client leaves out has no case of its own."""
    schema = {"type": "string", "maxLength": 9, "pattern": "^[a-z]+$"}
    suite = await made(query(schema, **{"name": name, "in": "header", "required": True}), method="get")
    assert kinds(suite) == {"valid"}


async def test_a_parameter_that_is_a_credential() -> None:
    """A parameter that repeats the key of a security scheme is sent as a credential alone."""
    operation = query({"type": "string"}, **{"name": "X-Key", "in": "header", "required": True})
    scheme = {"type": "apiKey", "in": "header", "name": "x-key"}
    suite = await made({**operation, "security": [{"key": []}]}, securitySchemes={"key": scheme})
    assert kinds(suite) == {"valid", "auth"}
    assert all(case.request.headers == {} for case in suite.cases)


# --- bodies that need not be, and answers --------------------------------------------------------------


@pytest.mark.parametrize("media", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_body_that_need_not_be(media: str) -> None:
    """Where the body is optional, none at all is no fault, nor is a form without a field."""
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    suite = await made(body(schema, media, required=False))
    assert suite.cases[0].request.body is None
    empty: dict[str, Any] | None = {} if "json" not in media else None
    assert all(case.request.body not in (None, empty) for case in refused(suite))
    needed = await made(body({"type": "object", "properties": {"n": {"type": "integer"}}}, media))
    assert all(case.request.body or "json" in media for case in needed.cases if "200" in case.expected)


@pytest.mark.parametrize("documented", [["404"], ["410"], ["4XX"], ["default"], ["200", "default"]])
async def test_not_found_where_it_is_documented(documented: list[str]) -> None:
    """A missing thing is asked for where the answer is documented."""
    stated = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    for statuses, count in ((documented, 1), (["200"], 0), (["200", "400"], 0)):
        operation = {"parameters": [stated], "responses": {each: {"description": "x"} for each in statuses}}
        suite = await made(operation, method="get", path="/a/{id}")
        assert sum(case.category == "not_found" for case in suite.cases) == count


@pytest.mark.parametrize("statuses", [["410"], ["400", "404"], ["4XX"], ["501"]])
async def test_operations_that_document_no_success(statuses: list[str]) -> None:
    """Where only refusals are documented, a documented one is right, and so is a success."""
    suite = await made({"responses": {each: {"description": "x"} for each in statuses}})
    assert suite.cases[0].expected == ["2XX", *statuses]


async def test_all_named_examples() -> None:
    """Each named example is a case, of bodies and of parameters; one that does not fit is told, and not sent."""
    examples = {"one": {"value": {"n": 1}}, "two": {"$ref": "#/components/examples/Two"}, "bad": {"value": {"n": "x"}}}
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    operation = body(schema, examples=examples)
    named = {"a": {"value": 5}, "b": {"value": 6}, "c": {"value": "x"}, "d": {"externalValue": "https://example.com"}}
    operation["parameters"] = [{"name": "q", "in": "query", "schema": {"type": "integer"}, "examples": named}]
    suite = await made(operation, examples={"Two": {"value": {"n": 2}}})
    valid = [case.request for case in suite.cases if case.category == "valid"]
    assert {"n": 1} in [each.body for each in valid]
    assert {"n": 2} in [each.body for each in valid]
    assert {"5", "6"} <= {str(each.query.get("q")) for each in valid}
    assert all(each.query.get("q") != "x" for each in valid)
    assert "POST /a: the example 'bad' of the body does not fit and is not sent." in suite.notes
    assert "POST /a: the example 'c' of the parameter 'q' does not fit and is not sent." in suite.notes
