"""Swagger 2.0: operations become what OpenAPI 3 would say, by our own code, on public documents and on small ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft4Validator

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.reading import read_source

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite
    from progressnb.operations.testcases.schemas import Request

OK = {"200": {"description": "fine"}}
PUBLIC = Path(__file__).parents[2] / "data" / "openapi" / "public"
SUFFIXES = (".json", ".yaml", ".yml")
DOCUMENTS = [
    path for path in sorted(PUBLIC.rglob("*")) if path.suffix in SUFFIXES and "swagger" in read_source(path).data
]


def spec(operation: Any, **more: Any) -> dict[str, Any]:
    """Return a document with one operation."""
    return {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}, **more}


async def made(given: Any) -> ApiTestSuite:
    """Make the suite of a document by rules."""
    return await generate_tests.using(show=False)(given, model=OfflineModel(pace=0))


async def first(operation: Any, **more: Any) -> Request:
    """Return the full request of an operation."""
    suite = await made(spec(operation, **more))
    full = [case.request for case in suite.cases if case.name == "valid, full"]
    return full[0] if full else suite.cases[0].request


def test_there_are_ten_documents() -> None:
    """Ten public documents and more are tried."""
    assert len(DOCUMENTS) >= 10


@pytest.mark.parametrize("path", DOCUMENTS, ids=[f"{path.parent.name}-{path.stem}" for path in DOCUMENTS])
async def test_public_documents(path: Path) -> None:
    """Each operation of a public document has cases; jsonschema agrees which bodies fit, by the document itself."""
    document = read_source(path).data
    suite = await made(path)
    assert suite.without_cases == {}
    methods = {"get", "put", "post", "delete", "options", "head", "patch"}
    stated = {
        f"{method.upper()} {name}" for name, item in document["paths"].items() for method in methods & item.keys()
    }
    assert {case.endpoint for case in suite.cases} == stated
    for case in suite.cases:
        if case.category == "method":
            continue  # a method that the path does not have
        schema = _body_schema(document, case.request)
        if case.request.body_kind == "json" and schema is not None and case.category not in ("format", "auth"):
            validator = Draft4Validator({**schema, "definitions": document.get("definitions", {})})
            fits = any(status.startswith("2") for status in case.expected) or not case.name.startswith("body")
            assert validator.is_valid(case.request.body) is fits, case.name


def _body_schema(document: dict[str, Any], request: Request) -> Any:
    """Return the schema of a body, as the document states it."""
    item = document["paths"][request.path]
    for each in [*item.get("parameters", ()), *item[request.method.lower()].get("parameters", ())]:
        if each.get("in") == "body":
            return each.get("schema")
    return None


async def test_a_body() -> None:
    """A body has the media types that are consumed, of the operation or of all, JSON first; XML alone has none."""
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"$ref": "#/definitions/N"}}}
    body = {"parameters": [{"name": "it", "in": "body", "required": True, "schema": schema}], "responses": OK}
    definitions = {"N": {"type": "integer", "minimum": 3, "exclusiveMinimum": True}}
    for consumes, media in (
        ([], "application/json"),
        (["application/xml", "application/json"], "application/json"),
        (["text/json"], "text/json"),
        (["application/vnd.a+json"], "application/vnd.a+json"),
    ):
        request = await first({**body, "consumes": consumes}, definitions=definitions, consumes=["text/csv"])
        assert (request.media_type, request.body) == (media, {"n": 4})
    document = spec({**body, "consumes": ["application/xml"]}, definitions=definitions)
    document["paths"]["/b"] = {"get": {"responses": OK}}
    assert (await made(document)).without_cases.keys() == {"POST /a"}


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("csv", {"query": {"p": "p,p-2"}}),
        ("ssv", {"query": {"p": "p p-2"}}),
        ("pipes", {"query": {"p": "p|p-2"}}),
        ("multi", {"query": {"p": ["p", "p-2"]}}),
        (None, {"query": {"p": "p,p-2"}}),
    ],
)
async def test_lists(form: str | None, written: dict[str, Any]) -> None:
    """A list is written as its collection format says."""
    stated = {"name": "p", "in": "query", "type": "array", "items": {"type": "string"}, "minItems": 2}
    request = await first({"parameters": [{**stated, **({"collectionFormat": form} if form else {})}], "responses": OK})
    assert request.query == written["query"]


async def test_forms() -> None:
    """Fields become a form, with a file a multipart one; limits of fields are tested."""
    fields = [
        {"name": "s", "in": "formData", "type": "string", "required": True, "maxLength": 3},
        {"name": "l", "in": "formData", "type": "array", "items": {"type": "integer"}, "collectionFormat": "multi"},
    ]
    suite = await made(spec({"parameters": fields, "responses": OK}))
    full = next(case.request for case in suite.cases if case.name == "valid, full")
    assert (full.body_kind, full.body) == ("form", {"s": "ful", "l": ["1"]})
    assert any("more than 3" in case.name for case in suite.cases)
    file = {"name": "f", "in": "formData", "type": "file", "required": True}
    request = await first({"parameters": [*fields, file], "responses": OK, "consumes": ["application/json"]})
    assert (request.body_kind, request.files) == ("multipart", {"f": "application/octet-stream"})


async def test_shared_parts() -> None:
    """Shared parameters and answers are followed, also a body; an operation's own takes the place of its path's."""
    document = spec(
        {
            "parameters": [
                {"$ref": "#/parameters/Body"},
                {"name": "q", "in": "query", "type": "integer", "minimum": 8},
            ],
            "responses": {"200": {"$ref": "#/responses/Fine"}},
        },
        parameters={"Body": {"name": "b", "in": "body", "required": True, "schema": {"type": "string", "enum": ["x"]}}},
        responses={"Fine": {"description": "x", "schema": {"type": "object", "required": ["id"]}}},
        produces=["application/json"],
    )
    document["paths"]["/a"]["parameters"] = [{"name": "q", "in": "query", "type": "string"}]
    suite = await made(document)
    full = next(case.request for case in suite.cases if case.name == "valid, full")
    assert (full.body, full.query) == ("x", {"q": "8"})
    assert suite.endpoints[0].responses["200"]["application/json"]["required"] == ["id"]


async def test_security() -> None:
    """Basic, keys and OAuth are known."""
    definitions = {
        "basic": {"type": "basic"},
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "oauth": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://example.com", "scopes": {}},
    }
    suite = await made(spec({"security": [{"key": []}], "responses": OK}, securityDefinitions=definitions))
    assert [each.kind for each in suite.schemes] == ["basic", "query", "bearer"]
    assert {case.request.auth for case in suite.cases} == {
        "valid",
        "missing",
        "wrong",
        "expired",
        "odd",
        "letters",
        "cut",
    }


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (
            {"parameters": [{"name": "q", "in": "query", "type": "text"}], "responses": OK},
            "paths./a.post.parameters[0].type: 'text' is no type of JSON, such as string",
        ),
        (
            {"parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/No"}}], "responses": OK},
            "paths./a.post.parameters[0].schema.$ref: '#/definitions/No' points to nothing",
        ),
        ({"parameters": ["q"], "responses": OK}, "paths./a.post.parameters[0]: 'q' is no parameter"),
        (
            {"parameters": [{"$ref": "#/parameters/No"}], "responses": OK},
            "paths./a.post.parameters[0].$ref: '#/parameters/No' points to nothing",
        ),
    ],
)
async def test_places_are_those_of_the_document(operation: Any, reason: str) -> None:
    """A flaw is told at the place where the document has it."""
    document = spec(operation)
    document["paths"]["/b"] = {"get": {"responses": OK}}
    assert (await made(document)).without_cases == {"POST /a": reason}
