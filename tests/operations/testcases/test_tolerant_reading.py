"""Specifications with flaws: one costs the operation that it is in, at most, and is told with its place."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.api_reader import read_api
from progressnb.operations.testcases.spec.flaws import FlawError, Places
from progressnb.operations.testcases.spec.reading import Source
from progressnb.operations.testcases.spec.references import Documents

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite

OK = {"200": {"description": "fine"}}


def spec(operation: Any, *, version: str = "3.1.0", path: str = "/a", **more: Any) -> dict[str, Any]:
    """Return a specification of a sound operation, `GET /sound`, and another one."""
    paths = {path: {"post": operation}, "/sound": {"get": {"responses": OK}}}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def parameter(schema: Any, **more: Any) -> dict[str, Any]:
    """Return an operation with one query parameter."""
    return {"parameters": [{"name": "q", "in": "query", "schema": schema, **more}], "responses": OK}


def body(media: Any, kind: str = "application/json") -> dict[str, Any]:
    """Return an operation with a body."""
    return {"requestBody": {"required": True, "content": {kind: media}}, "responses": OK}


async def made(given_spec: Any, **options: Any) -> ApiTestSuite:
    """Make the suite of a specification by rules."""
    return await generate_tests.using(show=False)(given_spec, model=OfflineModel(pace=0), **options)


# --- flaws that cost their operation -------------------------------------------------------------------

IN_BODY = "paths./a.post.requestBody.content.application/json.schema"
DROPPED: dict[str, tuple[Any, str]] = {
    "a reference to nothing": (
        body({"schema": {"$ref": "#/components/schemas/No"}}),
        f"{IN_BODY}.$ref: '#/components/schemas/No' points to nothing",
    ),
    "a reference to another document": (
        body({"schema": {"$ref": "pet.yaml#/Pet"}}),
        f"{IN_BODY}.$ref: another document, 'pet.yaml', which is not read: allow_refs=['pet.yaml'] allows it",
    ),
    "a deep reference to nothing": (
        body({"schema": {"type": "object", "properties": {"a": {"type": "array", "items": {"$ref": "#/no"}}}}}),
        f"{IN_BODY}.properties.a.items.$ref: '#/no' points to nothing",
    ),
    "an anchor": (body({"schema": {"$ref": "#pet"}}), f"{IN_BODY}.$ref: '#pet' is no path such as"),
    "a type that is none": (body({"schema": {"type": "text"}}), f"{IN_BODY}.type: 'text' is no type of JSON"),
    "a limit that is no number": (
        parameter({"type": "integer", "minimum": "low"}),
        "paths./a.post.parameters[0].schema.minimum: 'low' is no number",
    ),
    "a length below zero": (
        parameter({"type": "string", "maxLength": -1}),
        "paths./a.post.parameters[0].schema.maxLength: -1 is no whole number of at least 0",
    ),
    "an enum that is no list": (
        parameter({"type": "string", "enum": "a, b"}),
        "paths./a.post.parameters[0].schema.enum: 'a, b' is no list of values",
    ),
    "a schema that is a text": (body({"schema": "string"}), f"{IN_BODY}: 'string' is no schema"),
    "properties that are a list": (
        body({"schema": {"properties": ["a"]}}),
        f"{IN_BODY}.properties: a list is no object of schemas",
    ),
    "a part that is no schema": (body({"schema": {"allOf": [{}, 3]}}), f"{IN_BODY}.allOf[1]: 3 is no schema"),
    "a parameter without a name": (
        {"parameters": [{"in": "query"}], "responses": OK},
        "paths./a.post.parameters[0]: a parameter without a name",
    ),
    "a parameter of no place": (
        parameter({}, **{"in": "body"}),
        "paths./a.post.parameters[0].in: 'body' is no place of a parameter",
    ),
    "a parameter that is a text": (
        {"parameters": ["q"], "responses": OK},
        "paths./a.post.parameters[0]: 'q' is no parameter",
    ),
    "an operation that is a list": ([], "paths./a.post: a list is no operation"),
    "security that is a list of names": (
        {"security": ["key"], "responses": OK},
        "paths./a.post.security[0]: 'key' is no object of security schemes",
    ),
    "answers that are a list": ({"responses": [200]}, "paths./a.post.responses: a list is no object of answers"),
    "a schema of an answer": (
        {"responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/no"}}}}}},
        "paths./a.post.responses.200.content.application/json.schema.$ref: '#/no' points to nothing",
    ),
    "a body in XML alone": (body({"schema": {"type": "object"}}, "application/xml"), "no rule makes them"),
    "a multipart body that is a text": (
        body({"schema": {"type": "string"}}, "multipart/form-data"),
        "a form with fields",
    ),
}


@pytest.mark.parametrize(("operation", "reason"), DROPPED.values(), ids=DROPPED)
async def test_a_flaw_costs_one_operation(operation: Any, reason: str) -> None:
    """The operation has no cases, and the reason names the deepest place; the other operation has its cases."""
    suite = await made(spec(operation))
    assert suite.without_cases.keys() == {"POST /a"}
    assert reason in suite.without_cases["POST /a"]
    assert {case.endpoint for case in suite.cases} == {"GET /sound"}
    assert {each.name for each in suite.endpoints} == {"POST /a", "GET /sound"}


async def test_a_flaw_in_a_shared_schema() -> None:
    """It costs each operation that uses the schema, directly or through others, whatever their order, and no other."""
    schemas = {
        "Uses": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Flawed"}}},
        "Flawed": {
            "type": "object",
            "properties": {"self": {"$ref": "#/components/schemas/Uses"}, "b": {"type": "no"}},
        },
        "Fine": {"type": "string"},
    }
    paths = {
        f"/{name}{at}": {"post": body({"schema": {"$ref": f"#/components/schemas/{name}"}})}
        for at in range(2)
        for name in ("Uses", "Fine", "Flawed")
    }
    document = {"openapi": "3.1.0", "info": {}, "paths": paths, "components": {"schemas": schemas}}
    suite = await made(document)
    assert suite.without_cases.keys() == {"POST /Uses0", "POST /Flawed0", "POST /Uses1", "POST /Flawed1"}
    place = "components.schemas.Flawed.properties.b.type: 'no' is no type of JSON, such as string"
    assert set(suite.without_cases.values()) == {place}


async def test_a_path_that_can_not_be_read() -> None:
    """Of a path whose reference leads nowhere nobody knows the operations: the path is named."""
    document = spec({"responses": OK})
    document["paths"]["/b"] = {"$ref": "#/components/pathItems/B"}
    document["paths"]["/c"] = "see below"
    suite = await made(document)
    assert suite.without_cases == {
        "/b": "paths./b.$ref: '#/components/pathItems/B' points to nothing",
        "/c": "paths./c: 'see below' is no object of operations",
    }


@pytest.mark.parametrize("form", ["YAML", "JSON"])
async def test_a_key_that_stands_there_twice(form: str) -> None:
    """It is a flaw of what it names: an operation, a path, a keyword; nobody can tell which of the two is meant."""
    text = """{"openapi": "3.1.0", "info": {"title": "T", "title": "U"}, "paths": {
        "/a": {"get": {"responses": {}}, "get": {"responses": {}}, "put": {"responses": {}}},
        "/b": {"get": {"responses": {}}}, "/b": {"get": {"responses": {}}},
        "/c": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string", "type": "integer"}}]}}
    }}"""
    suite = await made(text if form == "JSON" else f"# YAML\n{text}")
    assert {case.endpoint for case in suite.cases} == {"PUT /a"}
    reasons = suite.without_cases
    assert reasons["GET /a"].startswith("paths./a.get: '(stands there twice")
    assert reasons["/b"].startswith("paths./b: '(stands there twice")
    assert reasons["GET /c"].startswith("paths./c.get.parameters[0].schema.type: '(stands there twice")
    assert ("at line 3" in reasons["GET /a"]) is (form == "YAML")


# --- flaws that cost nothing ---------------------------------------------------------------------------

KEPT: dict[str, tuple[Any, str]] = {
    "an example that refers to nothing": (
        body({"schema": {"type": "string"}, "examples": {"one": {"$ref": "#/components/examples/No"}}}),
        "requestBody.content.application/json.examples.one.$ref: '#/components/examples/No' points to nothing.",
    ),
    "a default of another type": (
        parameter({"type": "boolean", "default": "false"}),
        "paths./a.post.parameters[0].schema.default: 'false' is no boolean, so it was ignored.",
    ),
    "a default that is not listed": (
        parameter({"type": "string", "enum": ["a"], "default": "b"}),
        "paths./a.post.parameters[0].schema.default: 'b' is not listed in enum, so it was ignored.",
    ),
    "a name twice in required": (
        body({"schema": {"type": "object", "required": ["a", "a"]}}),
        f"{IN_BODY}.required: a name stands there twice.",
    ),
    "required of a property": (
        body({"schema": {"type": "object", "properties": {"a": {"type": "string", "required": True}}}}),
        f"{IN_BODY}.properties.a.required: true or false belongs to a parameter, so it was ignored.",
    ),
    "a number as a text": (
        parameter({"type": "integer", "minimum": "1851"}),
        "parameters[0].schema.minimum: '1851' is a text, and was read as a number.",
    ),
    "a list of content types": (
        body(
            {
                "schema": {"type": "object", "properties": {"f": {"type": "string", "format": "binary"}}},
                "encoding": {"f": {"contentType": ["image/png", "image/jpeg"]}},
            },
            "multipart/form-data",
        ),
        "encoding.f.contentType: a list, which was read as a text with commas.",
    ),
    "a type beside the schema": (
        {"parameters": [{"name": "q", "in": "query", "type": "integer"}], "responses": OK},
        "paths./a.post.parameters[0].type: the type of a parameter belongs into its schema, and was read there.",
    ),
    "a status that is none": (
        {"responses": {**OK, "ok": {"description": "fine"}}},
        "paths./a.post.responses.ok: no status of HTTP, so it was ignored.",
    ),
    "a type in the words of a language": (
        body({"schema": {"type": "object", "properties": {"a": {"type": "int"}, "b": {"type": "String"}}}}),
        f"{IN_BODY}.properties.a.type: 'int' was read as integer.",
    ),
    "an answer in another document": (
        {"responses": {**OK, "400": {"$ref": "https://elsewhere.test/errors.yaml#/Bad"}}},
        "paths./a.post.responses.400.$ref: another document, 'https://elsewhere.test/errors.yaml', which is not read",
    ),
    "a parameter in another document": (
        {"parameters": [{"$ref": "common.yaml#/limit"}], "responses": OK},
        "allow_refs=['common.yaml'] allows it, so the parameter was left out.",
    ),
    "a path parameter of another path": (
        {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}], "responses": OK},
        "paths./a.post.parameters[0].name: 'id' is no part of the path, so it was ignored.",
    ),
}


@pytest.mark.parametrize(("operation", "note"), KEPT.values(), ids=KEPT)
async def test_a_flaw_that_changes_no_case(operation: Any, note: str) -> None:
    """A flaw in what is not needed, or of clear meaning, costs nothing; a note tells it with its place."""
    suite = await made(spec(operation))
    assert suite.without_cases == {}
    assert any(note in each for each in suite.notes), suite.notes
    assert {case.endpoint for case in suite.cases} == {"POST /a", "GET /sound"}


async def test_a_path_parameter_that_is_not_described() -> None:
    """A part of a path can be nothing else than a required text, so the operation is used, with a note."""
    suite = await made(spec({"responses": OK}, paths={"/b/{id}": {"get": {"responses": OK}}}))
    assert suite.without_cases == {}
    assert [each for each in suite.notes if "paths./b/{id}.get: the path parameter 'id' is not described" in each]
    assert any(each.request.path_values.get("id") for each in suite.cases if each.endpoint == "GET /b/{id}")


UNTOLD: dict[str, Any] = {
    "a reference in an extension": {"x-more": {"$ref": "#/nowhere", "x": [{"$ref": "other.yaml"}]}, "responses": OK},
    "a reference in an example": body({"schema": {}, "example": {"$ref": "#/nowhere"}}),
    "no description of an answer": {"responses": {"200": {}}},
    "an answer without anything": {"responses": {"200": None}},
    "no answers": {"operationId": None},
    "keywords without a value": body({"schema": {"type": "string", "enum": None, "minLength": None, "format": None}}),
    "content that is a reference": {
        "requestBody": {"required": True, "content": {"$ref": "#/components/x-content"}},
        "responses": OK,
    },
}


@pytest.mark.parametrize("operation", UNTOLD.values(), ids=UNTOLD)
async def test_what_is_no_matter(operation: Any) -> None:
    """Parts that no case is made of are not even looked at."""
    content = {"application/json": {"schema": {"type": "integer"}}}
    suite = await made(spec(operation, components={"x-content": content}))
    assert (suite.without_cases, suite.notes) == ({}, [])
    assert any(case.endpoint == "POST /a" for case in suite.cases)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
async def test_limits_in_the_words_of_another_version(version: str) -> None:
    """`exclusiveMinimum: true`, `nullable` and a number as an exclusive limit mean the same in every version."""
    old = {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "nullable": True, "maximum": 9}
    new = {"type": ["integer", "null"], "exclusiveMinimum": 3, "maximum": 9}
    one, other = [await made(spec(body({"schema": schema}), version=version)) for schema in (old, new)]
    assert [case.request.body for case in one.cases] == [case.request.body for case in other.cases]
    assert 3 in [case.request.body for case in one.cases if case.category == "boundary"]


async def test_only_what_is_asked_for_is_read() -> None:
    """With `endpoints` a flaw elsewhere is not even told, and no other document is asked for."""
    document = spec(body({"schema": {"type": "no"}}))
    document["components"] = {"schemas": {"A": {"$ref": "https://example.com/a.yaml"}}}
    suite = await made(document, endpoints=["GET /sound"])
    assert (suite.without_cases, suite.notes, len(suite.endpoints)) == ({}, [], 1)
    known = read_api(Documents(Source("it", document)), ["GET /sound"]).known
    assert list(known) == ["GET /sound"]
    assert "POST /a" not in known


async def test_a_creator_that_can_not_be_read() -> None:
    """An operation that another one would need first is done without, and costs that one nothing."""
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    document = spec(body({"schema": 5}))
    document["paths"]["/a/{id}"] = {"get": {"parameters": [one], "responses": OK}}
    suite = await made(document, endpoints=["GET /a/{id}"])
    assert suite.without_cases == {}
    assert all(len(case.steps) == 1 for case in suite.cases)


# --- OpenAPI 3.2 ---------------------------------------------------------------------------------------


async def test_openapi_3_2() -> None:
    """The method QUERY, further methods, shared media types and whole queries of 3.2 have cases."""
    media = {"schema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "maximum": 9}}}}
    whole = {"name": "all", "in": "querystring", "content": {"application/x-www-form-urlencoded": media}}
    item = {
        "query": body({"$ref": "#/components/mediaTypes/M"}),
        "get": {"parameters": [{**whole, "required": True}], "responses": OK},
        "additionalOperations": {"LINK": {"responses": OK}},
    }
    document = {"openapi": "3.2.0", "info": {}, "paths": {"/a": item}, "components": {"mediaTypes": {"M": media}}}
    suite = await made(document)
    assert {each.name for each in suite.endpoints} == {"QUERY /a", "GET /a", "LINK /a"}
    by_name = {case.endpoint: case.request for case in reversed(suite.cases) if case.name == "valid, minimal"}
    assert by_name["QUERY /a"].body == {"n": 1}
    assert by_name["GET /a"].query == {"n": "1"}
    assert {"n": 10} in [case.request.body for case in suite.cases if case.category == "boundary"]
    old = copy.deepcopy(document) | {"openapi": "3.1.0"}
    assert {each.name for each in (await made(old, endpoints=["/a"])).endpoints} == {"GET /a"}


# --- any flaw ------------------------------------------------------------------------------------------

_SOUND = spec(
    {
        "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer", "minimum": 1, "enum": [1, 2]}}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
                        "discriminator": {"propertyName": "kind", "mapping": {"a": "A"}},
                    },
                    "examples": {"one": {"value": {"kind": "a"}}},
                }
            },
        },
        "responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"type": "string"}}}}},
        "security": [{"key": []}],
    },
    components={
        "schemas": {
            "A": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
            "B": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"n": {"type": "array", "items": {}}}}]},
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}},
    },
)


def _nodes(node: Any, keys: tuple[Any, ...] = ()) -> Any:
    inner: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in inner:
        yield (*keys, key)
        yield from _nodes(each, (*keys, key))


_EVERYWHERE = [keys for keys in _nodes(_SOUND) if keys[:2] == ("paths", "/a") or keys[0] == "components"]
_ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, "x", "#/no", [], ["x"], [1], {}, {"$ref": "#/no"}, {"$ref": 3}, {"x": 1}]
)


@settings(max_examples=150)
@given(st.sampled_from(_EVERYWHERE), _ODD)
def test_any_value_anywhere(keys: tuple[Any, ...], odd: Any) -> None:
    """Whatever stands in one place, the sound operation is read; the other is read, or its flaw has a place."""
    document = copy.deepcopy(_SOUND)
    place: Any = document
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = odd
    api = read_api(Documents(Source("it", document)), None)
    assert "GET /sound" in {each.name for each in api.endpoints}
    for reason in api.unread.values():
        where, _, what = reason.partition(": ")
        assert what
        assert where.startswith(("paths./a", "components."))


def test_places() -> None:
    """A place has the keys on the way to it, shortened; that of what was made of a part is the part's own."""
    document: dict[str, Any] = {"a": [{"b": {}}, {"x" * 500: {}}]}
    places = Places({"": document, "other.yaml": [{"c": 1}]})
    assert places.of(FlawError(document["a"][0], "b", "")) == "a[0].b"
    assert places.of(FlawError(document, None, "")) == "the document"
    assert places.of(FlawError(document["a"][1], "x" * 500, "")) == f"a[1].{'x' * 100}"
    new = {"made": True}
    places.derive(new, document["a"][0])
    assert places.of(FlawError(new, "made", "")) == "a[0].made"
