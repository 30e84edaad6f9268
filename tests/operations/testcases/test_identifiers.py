"""Values of paths: only a field that surely fits is taken from an answer, and nothing is called missing by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.cases.identifiers import fits_path, names_of
from progressnb.operations.testcases.spec.endpoints import Parameter
from progressnb.operations.testcases.values.builder import Values

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite
    from progressnb.operations.testcases.schemas import Case

OK = {"200": {"description": "fine"}}
INTEGER: dict[str, Any] = {"type": "integer"}
STRING: dict[str, Any] = {"type": "string"}
UUID = {"type": "string", "format": "uuid"}


def parameter(schema: Any, name: str = "item_id", **more: Any) -> Parameter:
    """Return a path parameter."""
    options = {"style": "simple", "explode": False, **more}
    return Parameter(name=name, location="path", required=True, schema=schema, **options)


def in_path(schema: Any, name: str = "item_id", **more: Any) -> dict[str, Any]:
    """Return a path parameter as a specification has it."""
    return {"name": name, "in": "path", "required": True, "schema": schema, **more}


async def made(paths: dict[str, Any], **options: Any) -> ApiTestSuite:
    """Make the suite of a specification of these paths by rules."""
    spec = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}
    return await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0), **options)


async def of_item(answer: dict[str, Any], stated: dict[str, Any]) -> list[Case]:
    """Return the cases of an API that makes an item with this answer, and reads and removes it by this parameter."""
    content = {"application/json": {"schema": {"type": "object", "properties": answer}}}
    path = f"/items/{{{stated['name']}}}"
    one = {"parameters": [stated], "get": {"responses": OK}, "delete": {"responses": OK}}
    suite = await made(
        {"/items": {"post": {"responses": {"201": {"description": "made", "content": content}}}}, path: one}
    )
    return suite.cases


async def test_name_is_no_integer_id() -> None:
    """An answer without an id makes no id: nothing is made first, no sequence, and the item may be missing."""
    cases = await of_item({"name": STRING, "price": {"type": "number"}}, in_path(INTEGER))
    valid = next(case for case in cases if case.endpoint.startswith("GET"))
    assert (len(valid.steps), valid.expected) == (1, ["200", "4XX"])
    assert all(step.save == {} for case in cases for step in case.steps)
    assert {case.source for case in cases} == {"foundation"}


async def test_name_is_no_text_id_either() -> None:
    """A name is used where the path asks for a name; an id that is a text is another text."""
    cases = await of_item({"name": STRING}, in_path(STRING))
    assert all(len(case.steps) == 1 for case in cases)
    cases = await of_item({"name": STRING, "id": INTEGER}, in_path(STRING, "item_name"))
    (sequence,) = [case for case in cases if case.category == "sequence"]
    assert sequence.steps[0].save == {"made": "/name"}


async def test_fields_of_the_right_name_are_tried_in_turn() -> None:
    """A field that does not fit is passed over for one that does, and a null of it is not what is meant."""
    cases = await of_item({"item_id": STRING, "id": {"anyOf": [INTEGER, {"type": "null"}]}}, in_path(INTEGER))
    (sequence,) = [case for case in cases if case.category == "sequence"]
    assert [step.request.method for step in sequence.steps] == ["POST", "POST", "DELETE", "GET"]
    assert sequence.steps[0].save == {"made": "/id"}


async def test_all_steps_take_the_same_field() -> None:
    """Where one endpoint takes the id and another does not, there is no sequence of both."""
    content = {"application/json": {"schema": {"type": "object", "properties": {"id": INTEGER}}}}
    paths = {
        "/items": {"post": {"responses": {"201": {"description": "made", "content": content}}}},
        "/items/{id}": {
            "get": {"parameters": [in_path(INTEGER, "id")], "responses": OK},
            "delete": {"parameters": [in_path(UUID, "id")], "responses": OK},
        },
    }
    assert {case.source for case in (await made(paths)).cases} == {"foundation"}


@pytest.mark.parametrize(
    ("field", "target", "fits"),
    [
        (INTEGER, INTEGER, True),
        (INTEGER, {"type": "integer", "minimum": 1}, True),  # numbers of things are counted from one
        (INTEGER, {"type": "integer", "exclusiveMinimum": 0, "maximum": 2**63 - 1}, True),
        (INTEGER, {"type": "integer", "minimum": 1000}, False),
        (INTEGER, {"type": "integer", "maximum": 99}, False),
        (INTEGER, {"type": "integer", "maximum": 999_999}, True),  # no server of tests has so many things
        ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}, False),
        (INTEGER, {"type": "number"}, True),
        ({"type": "number"}, INTEGER, False),
        (INTEGER, {"type": "integer", "multipleOf": 5}, False),
        (INTEGER, STRING, True),
        (INTEGER, {"type": "string", "maxLength": 3}, False),
        (INTEGER, UUID, False),
        (STRING, INTEGER, False),
        (STRING, UUID, False),
        (UUID, UUID, True),
        (UUID, STRING, True),
        (STRING, {"type": "string", "minLength": 1}, True),
        (STRING, {"type": "string", "maxLength": 8}, False),
        ({"type": "string", "maxLength": 8}, {"type": "string", "maxLength": 8}, True),
        (STRING, {"type": "string", "pattern": "^a$"}, False),
        ({"type": "string", "pattern": "^a$"}, {"type": "string", "pattern": "^a$"}, True),
        (STRING, {"enum": ["a", "b"]}, False),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, True),
        ({"type": ["integer", "null"]}, INTEGER, True),
        ({"anyOf": [INTEGER, STRING]}, INTEGER, False),
        (INTEGER, {"anyOf": [UUID, INTEGER]}, True),
        ({"type": "null"}, STRING, False),
        ({"type": "boolean"}, INTEGER, False),
        ({"type": "object"}, STRING, False),
        (True, INTEGER, False),
        ({}, STRING, False),
        (False, STRING, False),
        ({"$ref": "#/$defs/id"}, INTEGER, True),
    ],
)
def test_field_fits_by_type_form_and_limits(field: Any, target: Any, fits: bool) -> None:
    """A field is used only if the path takes all of its values."""
    values = Values({"id": {"type": "integer", "format": "int64"}})
    assert fits_path(field, parameter(target), values) is fits
    assert not fits_path(field, parameter(target, style="matrix"), values)


def test_names_of_what_a_path_names() -> None:
    """The parameter's own name comes first; a name is no id, and an id no name."""
    assert names_of("petId") == ["petId", "id", "uuid", "key"]
    assert names_of("userName") == ["userName", "name"]
    assert names_of("pet")[:2] == ["pet", "id"]


_limits = st.one_of(st.none(), st.integers(-5, 50))
_strings = st.builds(
    lambda low, high: {"type": "string"} | ({"minLength": low} if low else {}) | ({"maxLength": high} if high else {}),
    st.integers(0, 9),
    st.integers(0, 9),
)
_integers = st.builds(
    lambda low, high: (
        {"type": "integer"}
        | ({"minimum": low} if low is not None else {})
        | ({"exclusiveMaximum": high} if high is not None else {})
    ),
    _limits,
    _limits,
)


@given(
    st.one_of(_strings, _integers),
    st.one_of(_strings, _integers),
    st.integers(1, 60),
    st.text("ab", min_size=1, max_size=12),
)
def test_every_value_of_a_field_that_fits_is_taken(field: Any, target: Any, number: int, text: str) -> None:
    """No value of a field that fits is refused by the path's schema, as a text or as what was kept."""
    value: Any = number if field["type"] == "integer" else text
    if fits_path(field, parameter(target), Values({})) and Draft202012Validator(field).is_valid(value):
        sent = str(value) if target["type"] == "string" else value
        assert Draft202012Validator(target).is_valid(sent)


@pytest.mark.parametrize("answer", [{"id": None}, {"ID": 1}, [1], {}])
async def test_answer_that_does_not_say_what_was_made(answer: Any) -> None:
    """An id that is null or not there is told as such; nobody asks for the thing of the name "null"."""
    content = {"application/json": {"schema": {"type": "object", "properties": {"id": INTEGER}}}}
    paths = {
        "/items": {"post": {"responses": {"201": {"description": "made", "content": content}}}},
        "/items/{id}": {"get": {"parameters": [in_path(INTEGER, "id")], "responses": OK}},
    }
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(201, json=answer)

    suite = await made(paths)
    with httpx.Client(transport=httpx.MockTransport(reply), base_url="http://api.invalid") as client:
        ended = suite.run(client).set_index("id")
    text = ended.loc["GET-/items/:id-valid_minimal"].text
    assert "expected   something at /id of the body" in text
    assert "/items/None" not in asked
    assert "/items/null" not in asked


# --- what may be missing -------------------------------------------------------------------------------


async def absent(method: str, stated: dict[str, Any], *statuses: str) -> list[list[str]]:
    """Return what is expected of the cases of an unknown thing, for an endpoint of one path parameter."""
    responses = {status: {"description": "x"} for status in statuses}
    path = f"/files/{{{stated['name']}}}"
    suite = await made({path: {method: {"parameters": [stated], "responses": responses}}})
    return [case.expected for case in suite.cases if case.category == "not_found"]


@pytest.mark.parametrize("name", ["path", "word", "query"])
async def test_nothing_is_missing_where_nothing_says_so(name: str) -> None:
    """A text in a path may be anything; nobody said that some of it is not there."""
    assert await absent("get", in_path(STRING, name), "200") == []
    assert await absent("get", in_path(STRING, name), "200", "422") == []


@pytest.mark.parametrize(("status", "expected"), [("404", "404"), ("410", "410"), ("4XX", "4XX"), ("default", "4XX")])
async def test_missing_where_it_is_documented(status: str, expected: str) -> None:
    """A documented answer for a missing thing is tested, whatever the parameter is called."""
    assert await absent("get", in_path(STRING, "path"), "200", status) == [[expected]]
    assert await absent("delete", in_path(STRING, "path"), "204", status) == [[expected]]


@pytest.mark.parametrize(("name", "schema"), [("file_id", STRING), ("slug", STRING), ("n", INTEGER), ("n", UUID)])
async def test_missing_where_nothing_is_documented(name: str, schema: Any) -> None:
    """Where the specification says nothing of a missing thing, none is asked for: any value may be found or made."""
    for method in ("get", "put", "delete"):
        assert await absent(method, in_path(schema, name), "200", "400") == []
