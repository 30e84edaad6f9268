"""Specifications that were written to do harm: each ends soon, in a suite or in a clear error."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError
from progressnb.operations.testcases.spec.api_reader import read_api
from progressnb.operations.testcases.spec.reading import Source, parse_text, read_source
from progressnb.operations.testcases.spec.references import Documents
from progressnb.operations.testcases.values.builder import Values
from progressnb.operations.testcases.values.merging import merged
from progressnb.operations.testcases.values.scalars import NoValueError, Scalars
from progressnb.operations.testcases.values.variants import variants
from tests.operations.testcases.planted import runner_of

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.operations.testcases import ApiTestSuite

OK = {"responses": {"200": {"description": "fine"}}}


def specification(schema: Any, **media: Any) -> dict[str, Any]:
    """Return a specification whose one endpoint takes and gives a schema."""
    content = {"application/json": {"schema": schema, **media}}
    answer = {"description": "fine", "content": {"application/json": {"schema": schema}}}
    operation = {"requestBody": {"required": True, "content": content}, "responses": {"200": answer}}
    return {"openapi": "3.1.0", "info": {"title": "Hostile", "version": "1"}, "paths": {"/a": {"post": operation}}}


async def generated(spec: Any) -> ApiTestSuite:
    """Return the suite of a specification."""
    return await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0))


ENDLESS = {
    "default": ({"type": "string", "pattern": "^(a+)+$", "default": "a" * 40 + "!"}, {}),
    "names": (
        {"type": "object", "patternProperties": {"^(a+)+$": {"type": "string"}}, "default": {"a" * 40 + "!": "x"}},
        {},
    ),
    "powers": ({"type": "string", "pattern": "^a*a*a*a*b$", "example": "a" * 3000}, {}),
    "parameter": ({"type": "object", "propertyNames": {"pattern": "^(a+)+$"}}, {"example": {"a" * 40 + "!": 1}}),
    "repeats": ({"type": "string", "pattern": "((a{999}){999}){999}"}, {}),
    "nothing": ({"type": "string", "pattern": "(((?:){999}){999}){999}"}, {}),
}
SLOW: dict[str, Any] = {
    "unique": ({"type": "array", "uniqueItems": True, "default": [{"a": at} for at in range(20_000)]}, {}),
    "enumerations": ({"allOf": [{"enum": [f"{at}e" for at in range(at, 30_000)]} for at in range(2)]}, {}),
}
PROGRAM = """
import asyncio, json, sys
from progressnb import generate_tests
from progressnb.errors import InputError
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases import prompts

async def main():
    for name, spec in json.load(sys.stdin).items():
        try:
            suite = await generate_tests(spec, model=OfflineModel(pace=0), show=False)
            print(json.dumps([name, len(suite.cases), suite.notes]), flush=True)
        except InputError as error:
            print(json.dumps([name, 0, [str(error)]]), flush=True)
    assert len(prompts._fenced("endpoint", ["<" + " " * 1_000_000])) < 100_000

asyncio.run(main())
"""


def test_nothing_takes_for_ever() -> None:
    """Patterns that match for ever, or whose texts have no end, are left out, and that is said; no comparison hangs."""
    # In a process of its own: a match that does not end could not be stopped here.
    specs = {name: specification(schema, **media) for name, (schema, media) in {**ENDLESS, **SLOW}.items()}
    specs["path"] = specification({})
    specs["path"]["paths"] = {"/{n}" + "' for '" * 100_000: {"get": OK}}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(specs),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found = {name: (cases, notes) for name, cases, notes in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, done.stderr[-2000:]
    assert found.keys() == specs.keys()
    assert "/{n}" in found.pop("path")[1][0]
    for name, (cases, notes) in found.items():
        assert cases
        assert any("left out" in note for note in notes) is (name in ENDLESS), name


async def test_reading_keeps_nothing() -> None:
    """A document that was read is forgotten: a server reads many."""

    class Document(dict[str, Any]):
        pass

    document = Document(specification({"type": "string"}))
    known = weakref.ref(document)
    assert read_api(Documents(Source("it", document)), None).endpoints
    del document
    gc.collect()
    assert known() is None


# --- texts that are no Unicode -------------------------------------------------------------------------

SURROGATES = {
    "type": "object",
    "required": ["\ud800"],
    "properties": {"\ud800": {"type": "string", "enum": ["\udfff", "\ud83d\ude00"]}},
}


@pytest.mark.parametrize("as_text", [True, False])
async def test_lone_surrogates(as_text: bool, tmp_path: Path) -> None:
    """Halves of characters in texts and names become replacement characters, and the suite is written."""
    spec = specification(SURROGATES)
    suite = await generated(json.dumps(spec) if as_text else spec)
    files = suite.artifacts()
    written = json.loads(files["cases.json"])
    assert {"\ufffd": "\ufffd"} in [case["steps"][-1]["request"].get("body") for case in written["cases"]]
    assert "😀" in files["cases.json"].decode()
    assert "\ufffd" in files["cases.csv"].decode()
    suite.save(tmp_path / "suite.zip")


def test_lone_surrogates_in_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """YAML can't bring them in either, with its parser in C or without."""
    assert parse_text("a: \ud800", "it") == {"a": "\ufffd"}
    with pytest.raises(InputError, match="YAML"):
        parse_text('a: "\\ud800"', "it")
    monkeypatch.delattr("yaml.CSafeLoader")
    assert parse_text('"\\udfff": "\\ud800"', "it") == {"\ufffd": "\ufffd"}


def test_names_that_become_the_same() -> None:
    """Two names of halves are one name afterwards, which is an error and no loss."""
    with pytest.raises(InputError, match="twice"):
        read_source(dict.fromkeys(["\ud800", "\udfff"], 1))


async def test_surrogates_of_a_model() -> None:
    """Every case of a model is written to the files, also one that can't be encoded."""
    suite = await generated(specification({"type": "string"}))
    suite.cases[0].name = suite.cases[0].why = "half \ud800"
    suite.cases[0].request.body = {"\ud800": "\udfff"}
    files = suite.artifacts()
    first = json.loads(files["cases.json"])["cases"][0]
    assert (first["name"], first["steps"][-1]["request"]["body"]) == ("half \ufffd", {"\ufffd": "\ufffd"})
    assert b"half" in files["cases.csv"]
    assert len(suite.frame()) == len(suite.cases)


# --- paths ---------------------------------------------------------------------------------------------


async def test_paths_with_control_characters(tmp_path: Path) -> None:
    """A path with characters that stand in no address is percent-encoded, and one that can't be sent is no answer."""
    spec = specification({"type": "string"})
    spec["paths"] = {"/b\x00c\n\x7fd": {"get": OK}}
    suite = await generated(spec)
    suite.save(tmp_path / "suite.zip")
    runner = runner_of(tmp_path / "suite.zip", tmp_path / "suite")
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200)

    with httpx.Client(base_url="http://api.test", transport=httpx.MockTransport(answer)) as client:
        case, session = runner.SUITE.cases[0], runner.Session(runner.SUITE)
        assert runner.run(case, client, session).status == "passed"
        assert asked == ["/b%00c%0A%7Fd"]
        case["steps"][0]["request"]["path"] = "/" + "x" * 70_000
        assert "no answer: InvalidURL" in runner.run(case, client, session).text


# --- numbers and sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        specification({"minimum": 10**4000}),
        json.dumps(specification({"minimum": 10**4000})),
        "openapi: 3.1.0\nx-large: 1" + "0" * 350,
        specification({"minimum": float("nan")}),
        json.dumps(specification({"minimum": 1})).replace("1}", "1e400}"),
        {10**5000: 1},
    ],
)
def test_numbers_beyond_all_bounds(spec: Any) -> None:
    """A number that can't be calculated with is an error that says so, wherever it comes from."""
    with pytest.raises(InputError, match=r"digits|number"):
        read_source(spec)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 10**300},
        {"type": "number", "maximum": 1.7976931348623157e308, "exclusiveMinimum": -1.7e308},
        {"type": "integer", "exclusiveMinimum": 1.5e308, "maximum": 1.7e308},
        {"type": "string", "maxLength": 10**12},
        {"type": "string", "maxLength": 1e300},
        {"type": "number", "multipleOf": 1e-300},
        {"type": "integer", "multipleOf": 10**300},
        {"type": "string", "enum": [f"{at}" for at in range(100_000)]},
        {"type": "integer", "examples": ["x"] * 100_000},
    ],
)
def test_extreme_limits(schema: dict[str, Any]) -> None:
    """Limits at the edge of what numbers can say still give values that fit, and variants."""
    values = Values({})
    value = values.make(schema, "full", "x")
    assert values.fits(schema, value)
    assert list(variants(schema, value, values))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 10**12},
        {"type": "string", "minLength": 10**12, "pattern": "^a*$"},
        {"type": "string", "minLength": 1e300},
        {"type": "array", "minItems": 10**9},
        {"type": "array", "minItems": 1e300},
        {"type": "object", "minProperties": 10**9},
        {"type": "array", "contains": {"type": "integer"}, "minContains": 10**9},
        {"type": "number", "multipleOf": 1e-300, "minimum": 1e300, "maximum": 1.1e300},
    ],
)
def test_limits_that_nothing_can_reach(schema: dict[str, Any]) -> None:
    """A value of an absurd size is not made, and the reason is told."""
    with pytest.raises(NoValueError, match=r"value|string"):
        Values({}).make(schema, "full", "x")


@pytest.mark.parametrize("text", ['{"a":' * 10_000 + "1" + "}" * 10_000, "[" * 100_000, "a: " + "[" * 10_000])
def test_depth(text: str) -> None:
    """A value nested ten thousand deep is an error of the input."""
    with pytest.raises(InputError, match=r"levels|deep"):
        parse_text(text, "it")


def test_lists_that_are_too_long() -> None:
    """A list of one item too many is no variant where it would be enormous."""
    schema = {"type": "array", "items": {"type": "string", "const": "x" * 20_000}, "maxItems": 4_999}
    values = Values({})
    found = variants(schema, values.make(schema, "full", "x"), values)
    assert max(len(json.dumps(each.value)) for each in found) < 100_000


LARGE: dict[str, Any] = {f"p{at}": {"type": "integer", "minimum": 1} for at in range(10)}


def large() -> dict[str, Any]:
    """Return a specification of three endpoints with one large example."""
    example = {"text": "x" * 20_000, **dict.fromkeys(LARGE, 1)}
    spec = specification({"type": "object", "properties": LARGE}, example=example)
    return {**spec, "paths": {f"/{name}": spec["paths"]["/a"] for name in "abc"}}


async def test_an_endpoint_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large example, times its variants, ends somewhere for each endpoint, and that is told."""
    monkeypatch.setattr("progressnb.operations.testcases.cases.foundation._LARGEST", 100_000)
    suite = await generated(large())
    for name in ("POST /a", "POST /b", "POST /c"):
        bodies = [case.request.body for case in suite.cases if case.endpoint == name]
        assert 0 < len(json.dumps(bodies)) <= 100_000
        assert any(note.startswith(f"{name}: only the first") for note in suite.notes)


async def test_a_suite_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large example, times its endpoints, ends somewhere, and endpoints without a case are named."""
    monkeypatch.setattr("progressnb.operations.testcases.values.builder._MOST_CHARACTERS", 1_000_000)
    suite = await generated(large())
    assert sum(len(json.dumps(case.request.body)) for case in suite.cases) <= 1_000_000
    assert {case.endpoint for case in suite.cases}.isdisjoint(suite.without_cases)
    assert "large enough" in suite.without_cases["POST /c"]


def test_too_many_schemas_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many schemas that nothing fits, no more are tried: each takes a second."""
    monkeypatch.setattr("progressnb.operations.testcases.values.scalars._MOST_FAILURES", 2)
    scalars = Scalars()
    for at in range(4):
        with pytest.raises(NoValueError, match="of a schema like many before" if at > 1 else "minimum"):
            scalars.make({"minimum": 9 + at, "maximum": 1}, "integer", "x")
    assert scalars.make({"minimum": 9, "maximum": 1, "const": 3}, "boolean", "x") is True


def test_large_enumerations_are_joined() -> None:
    """Two enumerations of many values have in common what is in both."""
    one, other = ({"enum": list(range(start, start + 3_000))} for start in (0, 2_900))
    assert merged(one, other) == {"enum": list(range(2_900, 3_000))}


# --- discriminators, references and files --------------------------------------------------------------

_MANY = 3_000


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def with_schemas(schema: Any, **schemas: Any) -> dict[str, Any]:
    """Return a specification whose one endpoint takes and gives a schema, with others to refer to."""
    return {**specification(schema), "components": {"schemas": schemas}}


BASE: dict[str, Any] = {
    "type": "object",
    "required": ["k"],
    "properties": {"k": {"type": "string"}},
    "discriminator": {"propertyName": "k"},
}
MAPPING = {"propertyName": "k", "mapping": {f"v{at}": f"C{at}" for at in range(_MANY)}}
LARGE_FAMILIES = {
    "children": with_schemas(ref("B"), B=BASE, **{f"C{at}": {"allOf": [ref("B")]} for at in range(_MANY)}),
    "mapping": with_schemas(
        ref("B"), B={**BASE, "discriminator": MAPPING}, **{f"C{at}": {"type": "object"} for at in range(_MANY)}
    ),
    "chain": with_schemas(
        ref("A0"), **{f"A{at}": {"allOf": [ref(f"A{at + 1}")], **BASE} for at in range(50)}, A50=BASE
    ),
    "flaws": with_schemas({"properties": {f"p{at}": {"type": "integer", "default": "x"} for at in range(_MANY)}}),
}


@pytest.mark.parametrize("spec", LARGE_FAMILIES.values(), ids=LARGE_FAMILIES)
async def test_large_families_of_schemas(spec: dict[str, Any]) -> None:
    """Thousands of schemas that one discriminator tells apart, and thousands of flaws, give a suite of usual size."""
    suite = await generated(spec)
    assert suite.cases
    assert len(suite.cases) < 200
    assert len(suite.notes) <= 1_100


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        ({"$ref": "#/paths/~1a"}, "paths./a.$ref: references that go round in circles"),
        ({"get": {"$ref": "#/paths/~1a/get"}}, "paths./a.get.$ref: references that go round in circles"),
        (
            {"get": {"parameters": [{"$ref": "#/paths/~1a/get/parameters/0"}]}},
            "paths./a.get.parameters[0].$ref: references that go round in circles",
        ),
        (
            {"get": {"requestBody": {"$ref": "#/paths/~1a/get/requestBody"}}},
            "paths./a.get.requestBody.$ref: references that go round in circles",
        ),
        (
            {"get": {"responses": {"200": {"$ref": "#/paths/~1a/get/responses/200"}}}},
            "paths./a.get.responses.200.$ref: references that go round in circles",
        ),
    ],
)
async def test_circles_of_any_part(paths: dict[str, Any], reason: str) -> None:
    """A part that refers to itself costs its operation, or its path, and nothing else."""
    spec = specification({})
    spec["paths"] = {"/a": paths, "/sound": {"get": OK}}
    suite = await generated(spec)
    assert list(suite.without_cases.values()) == [reason]
    assert {case.endpoint for case in suite.cases} == {"GET /sound"}


async def test_fifty_megabytes(tmp_path: Path) -> None:
    """A file of 50 MB is refused before it is parsed; one that the specification refers to costs its operation."""
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InputError, match="at most 20,000,000 bytes"):
        await generated(tmp_path / "large.yaml")
    spec = specification({"$ref": "large.yaml"})
    spec["paths"]["/sound"] = {"get": OK}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    suite = await generate_tests.using(show=False)(tmp_path / "spec.json", model=OfflineModel(pace=0), allow_refs=["."])
    assert "'large.yaml' can't be read: more in large.yaml" in suite.without_cases["POST /a"]
    assert {case.endpoint for case in suite.cases} == {"GET /sound"}
