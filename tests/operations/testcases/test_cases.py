"""Foundation cases: what follows from a specification, for every kind of schema, parameter, body and scheme."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.book import SchemaBook
from progressnb.operations.testcases.spec.patterns import is_safe_pattern
from progressnb.operations.testcases.spec.reading import Source
from progressnb.operations.testcases.spec.references import Documents
from progressnb.operations.testcases.values.builder import Values
from progressnb.operations.testcases.values.merging import merged
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.variants import variants

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite
    from progressnb.operations.testcases.schemas import Case

OK = {"200": {"description": "fine"}}


def spec(paths: dict[str, Any], *, version: str = "3.1.0", **components: Any) -> dict[str, Any]:
    """Return a specification of these paths."""
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths, "components": components}


async def made(given: dict[str, Any], **options: Any) -> ApiTestSuite:
    """Make the suite of a specification by rules, without the cases of test_checks.py."""
    suite = await generate_tests.using(show=False)(given, model=OfflineModel(pace=0), **options)
    suite.cases = [case for case in suite.cases if case.category not in ("values", "list", "method", "robust")]
    return suite


async def of_body(
    schema: Any, *, version: str = "3.1.0", media: str = "application/json", **schemas: Any
) -> list[Case]:
    """Return the cases of an endpoint that takes such a body."""
    body = {"required": True, "content": {media: {"schema": schema}}}
    suite = await made(spec({"/a": {"post": {"requestBody": body, "responses": OK}}}, version=version, schemas=schemas))
    return suite.cases


def bodies(cases: list[Case], category: str) -> list[Any]:
    """Return the bodies of the cases of a category that are to be refused."""
    return [case.request.body for case in cases if case.category == category and "200" not in case.expected]


async def test_same_specification_same_cases() -> None:
    """Cases and their order depend on nothing but the specification."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "format": "email"}, "b": {"type": "number"}}}
    assert await of_body(schema) == await of_body(schema)


async def test_ids_say_what_a_case_is() -> None:
    """Each case has an id of its own that names it, and says what it is, why, and where it comes from."""
    cases = await of_body({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}})
    assert len({case.id for case in cases}) == len(cases)
    assert {"POST-/a-valid_minimal", "POST-/a-body.a-missing", "POST-/a-body.a-text_for_integer"} <= {
        case.id for case in cases
    }
    assert all(case.name and case.why and case.expected and case.source == "foundation" for case in cases)
    assert [case.category for case in cases[:1]] == ["valid"]


@pytest.mark.parametrize(
    ("schema", "category", "wanted"),
    [
        ({"type": "string", "minLength": 2, "maxLength": 4}, "boundary", ["x", "xxxxx"]),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "boundary", [0, 10]),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 5}, "boundary", [0, 5]),
        ({"type": "integer", "multipleOf": 7}, "boundary", [22]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2}, "boundary", [[], [1, 1, 1]]),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, "boundary", [[1, 1]]),
        ({"type": "object", "maxProperties": 1}, "boundary", [{"key0": "x", "key1": "x"}]),
        ({"enum": ["a", "b"]}, "enum", ["not-one-of-these"]),
        ({"const": 3}, "enum", ["not-one-of-these"]),
        ({"type": "string", "format": "date"}, "format", ["2026-02-30"]),
        ({"type": "string", "pattern": "^[a-c]+$"}, "format", ["not-of-this-form!"]),
        ({"type": "integer", "format": "int32"}, "format", [2**31]),
        ({"type": "boolean"}, "type", ["maybe", 7, None]),
        ({"type": ["string", "null"]}, "type", [12345, {"not": "a string"}]),
    ],
)
async def test_violations(schema: dict[str, Any], category: str, wanted: list[Any]) -> None:
    """Each limit, list, form and type has values that break it."""
    assert bodies(await of_body(schema), category) == wanted


@pytest.mark.parametrize("form", ["date", "date-time", "time", "duration", "ipv4"])
async def test_forms_that_are_numbers_too(form: str) -> None:
    """Many servers take seconds for a time: a number is no test of such a text, an object is."""
    wrong = bodies(await of_body({"type": "string", "format": form}), "type")
    assert wrong == [{"not": "a string"}, None]


async def test_lengths_of_texts_that_have_a_form() -> None:
    """A text that is cut or filled to an allowed length is no address any more, so it is not called allowed."""
    cases = await of_body({"type": "string", "format": "uri", "minLength": 1, "maxLength": 50})
    assert [case.request.body for case in cases if "200" in case.expected] == ["https://example.com/"]
    assert bodies(cases, "boundary") == ["", "x" * 51]


async def test_body_that_may_be_any_text() -> None:
    """Where a text is a body that fits, a text of another media type need not be refused."""
    for schema, count in (({}, 0), ({"type": "string"}, 0), ({"type": "object"}, 1)):
        cases = await of_body(schema)
        assert sum(case.category == "media_type" for case in cases) == count


async def test_nullable_of_openapi_3_0() -> None:
    """Keywords of OpenAPI 3.0 mean the same as their modern forms: null is allowed, limits may be exclusive."""
    old = {"type": "integer", "nullable": True, "minimum": 3, "exclusiveMinimum": True}
    cases = await of_body(old, version="3.0.3")
    assert bodies(cases, "boundary") == [3]
    assert None not in bodies(cases, "type")
    listed = await of_body({"type": "string", "nullable": True, "enum": ["a"]}, version="3.0.3")
    assert bodies(listed, "enum") == ["not-one-of-these"]


async def test_read_only_and_write_only() -> None:
    """Read-only fields are neither in requests nor missed there; answers need not repeat write-only ones."""
    schema = {
        "type": "object",
        "required": ["id", "name", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string"},
            "secret": {"type": "string", "writeOnly": True},
        },
    }
    content = {"application/json": {"schema": schema}}
    operation = {
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "fine", "content": content}},
    }
    suite = await made(spec({"/a": {"post": operation}}))
    assert suite.cases[0].request.body == {"name": "x-name", "secret": "x-secret"}
    answer = suite.endpoints[0].responses["200"]["application/json"]
    assert (answer["required"], set(answer["properties"])) == (["id", "name"], {"id", "name", "secret"})


async def test_all_one_and_any_of() -> None:
    """Parts are joined, a branch is chosen, and what another branch allows is no violation."""
    joined = await of_body(
        {
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {"required": ["b"], "properties": {"b": {"type": "integer"}}},
            ]
        },
        Base={"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
    )
    assert joined[0].request.body == {"a": "x-a", "b": 1}
    assert {"b": 1} in bodies(joined, "required")
    chosen = await of_body({"oneOf": [{"type": "integer", "minimum": 5}, {"type": "string", "maxLength": 3}]})
    assert chosen[0].request.body == 5
    assert bodies(chosen, "boundary") == [4]
    loose = await of_body({"anyOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 4}]})
    assert bodies(loose, "boundary") == []


async def test_nested_fields_are_broken_one_at_a_time() -> None:
    """A fault deep in a body stands alone: all else fits."""
    schema = {
        "type": "object",
        "required": ["lines"],
        "properties": {
            "lines": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "maximum": 3}}},
            }
        },
    }
    cases = await of_body(schema)
    assert {"lines": [{}]} in bodies(cases, "required")
    assert {"lines": [{"n": 4}]} in bodies(cases, "boundary")
    assert any(case.name == "body at /lines/0/n: beyond the greatest, 3" for case in cases)


@pytest.mark.parametrize(
    ("parameter", "wanted"),
    [
        ({"in": "query", "style": "form", "explode": True}, {"query": {"p": ["p", "p-2"]}}),
        ({"in": "query", "style": "form", "explode": False}, {"query": {"p": "p,p-2"}}),
        ({"in": "query", "style": "pipeDelimited", "explode": False}, {"query": {"p": "p|p-2"}}),
        ({"in": "query", "style": "spaceDelimited", "explode": False}, {"query": {"p": "p p-2"}}),
        ({"in": "header"}, {"headers": {"p": "p,p-2"}}),
        ({"in": "cookie", "explode": False}, {"cookies": {"p": "p,p-2"}}),
        ({"in": "path"}, {"path_values": {"p": "p,p-2"}}),
        ({"in": "path", "style": "label"}, {"path_values": {"p": ".p,p-2"}}),
        ({"in": "path", "style": "matrix", "explode": True}, {"path_values": {"p": ";p=p;p=p-2"}}),
    ],
)
async def test_lists_in_every_place(parameter: dict[str, Any], wanted: dict[str, Any]) -> None:
    """A list is written in the style of its place."""
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 2}
    stated = {"name": "p", "required": True, "schema": schema, **parameter}
    path = "/a/{p}" if parameter["in"] == "path" else "/a"
    suite = await made(spec({path: {"get": {"parameters": [stated], "responses": OK}}}))
    request = suite.cases[0].request.model_dump()
    assert {key: request[key] for key in wanted} == wanted


async def test_objects_and_json_in_a_query() -> None:
    """An object is written by its style, a parameter with content as JSON."""
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    parameters = [
        {"name": "deep", "in": "query", "required": True, "style": "deepObject", "explode": True, "schema": schema},
        {"name": "flat", "in": "query", "required": True, "explode": False, "schema": schema},
        {"name": "json", "in": "query", "required": True, "content": {"application/json": {"schema": schema}}},
    ]
    suite = await made(spec({"/a": {"get": {"parameters": parameters, "responses": OK}}}))
    assert suite.cases[0].request.query == {"deep[a]": "1", "flat": "a,1", "json": '{"a": 1}'}
    missing = next(case for case in suite.cases if case.name == "query parameter deep: missing")
    assert missing.request.query.keys() == {"flat", "json"}


async def test_parameters_of_a_path_and_of_an_operation() -> None:
    """An operation's parameter takes the place of its path's; headers of HTTP itself are none of ours."""
    shared = {"name": "p", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 5}}
    own = {"name": "p", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 8}}
    accept = {"name": "Accept", "in": "header", "required": True, "schema": {"type": "string"}}
    item = {"parameters": [shared, accept], "get": {"parameters": [own], "responses": OK}}
    suite = await made(spec({"/a": item}))
    assert (suite.cases[0].request.query, suite.cases[0].request.headers) == ({"p": "8"}, {})


async def test_texts_are_no_wrong_strings() -> None:
    """In a query and a form a number is a text: no string parameter can be of a wrong type there."""
    parameter = {"name": "p", "in": "query", "schema": {"type": "string"}}
    suite = await made(spec({"/a": {"get": {"parameters": [parameter], "responses": OK}}}))
    assert {case.category for case in suite.cases} == {"valid"}
    form = {"type": "object", "required": ["s"], "properties": {"s": {"type": "string"}, "n": {"type": "integer"}}}
    cases = await of_body(form, media="application/x-www-form-urlencoded")
    assert [body["n"] for body in bodies(cases, "type")] == ["not-a-number", "1.5"]


@pytest.mark.parametrize("place", ["query", "header", "cookie"])
async def test_texts_in_lists_that_may_be_null(place: str) -> None:
    """A number in a list of texts is a text there, also where the list may be null."""
    schema = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}
    suite = await made(
        spec({"/a": {"get": {"parameters": [{"name": "p", "in": place, "schema": schema}], "responses": OK}}})
    )
    assert {case.category for case in suite.cases} == {"valid"}


@pytest.mark.parametrize("place", ["query", "path", "header", "cookie"])
async def test_required_lists_have_an_item(place: str) -> None:
    """An empty list would be nothing at all in a request, so one that is required has an item."""
    stated = {"name": "p", "in": place, "required": True, "schema": {"type": "array", "items": {"type": "integer"}}}
    suite = await made(
        spec({"/a/{p}" if place == "path" else "/a": {"get": {"parameters": [stated], "responses": OK}}})
    )
    request = suite.cases[0].request
    sent = {**request.query, **request.path_values, **request.headers, **request.cookies}
    assert sent["p"] in ("1", ["1"])


@pytest.mark.parametrize("media", ["multipart/form-data", "application/x-www-form-urlencoded"])
async def test_required_lists_of_a_form_have_an_item(media: str) -> None:
    """So has a list in a form; in JSON it may be empty."""
    numbers = {"type": "array", "items": {"type": "integer"}}
    schema = {"type": "object", "required": ["l", "t"], "properties": {"l": numbers, "t": {"type": "string"}}}
    assert (await of_body(schema, media=media))[0].request.body == {"l": ["1"], "t": "x-t"}
    assert (await of_body(schema))[0].request.body == {"l": [], "t": "x-t"}


async def test_several_media_types() -> None:
    """Each media type that can be made has a valid case; of one that can't, the notes say so."""
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    content: dict[str, Any] = {
        "application/vnd.a+json": {"schema": schema},
        "multipart/form-data": {"schema": schema},
        "text/plain": {"schema": {"type": "string"}},
        "application/octet-stream": {},
        "application/xml": {"schema": schema},
        "text/xml": {"schema": schema, "example": "<a>1</a>"},
    }
    suite = await made(spec({"/a": {"post": {"requestBody": {"content": content}, "responses": OK}}}))
    sent = {case.request.media_type: case.request for case in suite.cases if case.category == "valid"}
    assert sent["application/vnd.a+json"].body == {"a": 1}
    assert (sent["multipart/form-data"].body_kind, sent["multipart/form-data"].body) == ("multipart", {"a": "1"})
    assert sent["text/plain"].body_kind == "text"
    assert base64.b64decode(str(sent["application/octet-stream"].body))
    assert sent["text/xml"].body == "<a>1</a>"
    assert "application/xml" not in sent
    assert any("application/xml" in note for note in suite.notes)


@pytest.mark.parametrize(
    ("scheme", "kind", "parameter"),
    [
        ({"type": "http", "scheme": "bearer"}, "bearer", ""),
        ({"type": "http", "scheme": "Basic"}, "basic", ""),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "header", "X-Key"),
        ({"type": "apiKey", "in": "query", "name": "key"}, "query", "key"),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "cookie", "sid"),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}, "bearer", ""),
    ],
)
async def test_security_schemes(scheme: dict[str, Any], kind: str, parameter: str) -> None:
    """Each scheme that can be sent has cases without and with others; its secret has a name of ours."""
    path = {"/a": {"get": {"security": [{"odd.name": []}], "responses": OK}}}
    suite = await made(spec(path, securitySchemes={"odd.name": scheme}))
    (known,) = suite.schemes
    assert (known.id, known.kind, known.parameter, known.variable) == (
        *("ODD_NAME", kind, parameter, "API_KEY_ODD_NAME"),
    )
    cases = [case for case in suite.cases if case.category == "auth"]
    assert [(case.request.auth, case.expected) for case in cases] == [
        ("missing", ["401", "403"]),
        ("wrong", ["401", "403"]),
        ("expired", ["401", "403"]),
        ("odd", ["401", "403", "400"]),
        ("letters", ["401", "403"]),
        ("cut", ["401", "403"]),
    ]
    assert suite.cases[0].request.security == ["ODD_NAME"]


async def test_security_that_need_not_be() -> None:
    """Where nobody need be known, or no request can carry the scheme, there are no such cases; the latter is noted."""
    paths = {
        "/free": {"get": {"security": [], "responses": OK}},
        "/either": {"get": {"security": [{}, {"tls": []}], "responses": OK}},
        "/tls": {"get": {"security": [{"tls": []}], "responses": OK}},
    }
    suite = await made(spec(paths, securitySchemes={"tls": {"type": "mutualTLS"}}))
    assert {case.category for case in suite.cases} == {"valid"}
    assert [note for note in suite.notes if "security" in note] == [
        "GET /tls: No cases for its security: no scheme of it can be sent in a request."
    ]


async def test_expected_statuses_are_the_documented_ones() -> None:
    """Documented statuses are expected; where none is documented, those of HTTP."""

    async def statuses(*documented: str) -> dict[str, list[str]]:
        parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        query = {"name": "q", "in": "query", "schema": {"type": "integer"}}
        responses = {status: {"description": "x"} for status in documented}
        suite = await made(spec({"/a/{id}": {"get": {"parameters": [parameter, query], "responses": responses}}}))
        return {
            "valid": suite.cases[0].expected,
            "not found": next(case.expected for case in suite.cases if case.category == "not_found"),
            "query": next(case.expected for case in suite.cases if case.name.startswith('query parameter q: "not')),
        }

    assert await statuses("201", "404", "400") == {"valid": ["201", "404"], "not found": ["404"], "query": ["400"]}
    assert await statuses("default") == {"valid": ["2XX", "4XX"], "not found": ["4XX"], "query": ["400", "422"]}
    assert (await statuses("200", "405", "404"))["query"] == ["400", "405", "422"]
    assert (await statuses("302", "404"))["valid"] == ["302", "404"]


async def test_what_a_path_names_is_made_first() -> None:
    """A pet is made before it is read, and its toy after it, of this pet; a case of a wrong id makes none."""
    pet = {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}
    made_it = {"201": {"description": "made", **pet}}
    of_pet = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
    of_toy = {"name": "toy/Id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/pets": {"post": {"responses": made_it}},
        "/pets/{petId}/toys": {"post": {"parameters": [of_pet], "responses": made_it}},
        "/pets/{petId}/toys/{toy/Id}": {
            "get": {"parameters": [of_pet, of_toy], "responses": {**OK, "404": {"description": "gone"}}}
        },
    }
    suite = await made(spec(paths))
    cases = [case for case in suite.cases if case.endpoint.startswith("GET")]
    valid = cases[0]
    assert [step.request.endpoint for step in valid.steps] == [
        "POST /pets",
        "POST /pets/{petId}/toys",
        "GET /pets/{petId}/toys/{toy~1Id}".replace("~1", "/"),
    ]
    kept: set[str] = set()
    for step in valid.steps:
        assert set(step.use.values()) <= kept
        assert not kept & step.save.keys()
        kept |= step.save.keys()
    assert set(valid.steps[-1].use) == {"/path_values/petId", "/path_values/toy~1Id"}
    assert valid.expected == ["200"]
    absent = next(case for case in cases if case.category == "not_found")
    assert set(absent.steps[-1].use) == {"/path_values/petId"}


async def test_only_some_endpoints() -> None:
    """`endpoints` takes `"GET /a"` or a whole path; what is not there is told with what is."""
    paths = {"/a": {"get": {"responses": OK}, "put": {"responses": OK}}, "/b": {"get": {"responses": OK}}}
    assert [each.name for each in (await made(spec(paths), endpoints=["/a"])).endpoints] == ["GET /a", "PUT /a"]
    assert [each.name for each in (await made(spec(paths), endpoints=["GET /b"])).endpoints] == ["GET /b"]
    with pytest.raises(ValueError, match=r"'GET /c'.*There are: GET /a, PUT /a, GET /b"):
        await made(spec(paths), endpoints=["/a", "GET /c"])


# --- values ------------------------------------------------------------------------------------------

_scalars = st.one_of(
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-1000, 1000),
        st.integers(0, 50),
    ),
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    st.sampled_from(
        [
            {"type": "boolean"},
            {"type": "number", "exclusiveMinimum": 0},
            {"enum": ["a", None, 3]},
            {"type": "string", "format": "uuid"},
            {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"},
        ]
    ),
)
_schemas: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.builds(
            lambda properties, every: {
                "type": "object",
                "properties": properties,
                "required": list(properties) if every else [],
                "additionalProperties": False,
            },
            st.dictionaries(st.text("abc/~", min_size=1, max_size=3), inner, max_size=3),
            st.booleans(),
        ),
        st.builds(
            lambda items, low: {"type": "array", "items": items, "minItems": low, "maxItems": low + 1},
            inner,
            st.integers(0, 3),
        ),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.nested_given], max_examples=60)  # what makes values is Hypothesis, too
@given(_schemas)
def test_values_fit_and_violations_do_not(schema: dict[str, Any]) -> None:
    """Values fit their schema, minimal and full; invalid variants break it, and variants at a limit do not."""
    values = Values({})
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert validator.is_valid(values.make(schema, "minimal", "x"))
    full = values.make(schema, "full", "x")
    assert validator.is_valid(full)
    for variant in variants(schema, full, values):
        assert validator.is_valid(variant.value) is variant.fits


@settings(suppress_health_check=[HealthCheck.nested_given], max_examples=60)
@given(_schemas, _schemas)
def test_merged_schemas_never_crash(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Of two schemas a value is made that fits both, or none."""
    both = {"allOf": [one, other]}
    try:
        value = Values({}).make(both, "full", "x")
    except NoValueError:
        return
    assert Draft202012Validator(both).is_valid(value)
    assert merged({}, one) == one


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "(a*)*b",
        "^(a|aa)+$",
        "(.*)*",
        r"(\w+\s?)+$",
        r"((a)+b*)*",
        "a*a*a*a*a*a*a*b",
        r"(a)\1",
        "[",
        "x" * 500,
        3,
    ],
)
def test_patterns_that_may_take_for_ever(pattern: object) -> None:
    """A pattern that could hold up a run, or that Python can't read, is left out of the schema, and that is noted."""
    assert not is_safe_pattern(pattern)
    book = SchemaBook(Documents(Source("it", {})))
    schema = {"type": "string", "pattern": pattern}
    assert book.written({"schema": schema}, "schema", "request") == {"type": "string"}
    assert book.notes


@pytest.mark.parametrize(
    "pattern",
    ["^[A-Z]{2}-[0-9]{4}$", "^a+b*$", r"^\d{3}$", "^(red|green)$", "^(-[0-9]{4})*$", r"^[\w.+-]+@\w+(\.[a-z]{2})?$"],
)
def test_patterns_that_are_fine(pattern: str) -> None:
    """Patterns as people write them stay."""
    assert is_safe_pattern(pattern)
