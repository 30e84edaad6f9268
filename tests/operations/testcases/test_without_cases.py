"""Endpoints without cases: the result and the events name them, and a suite without any case is an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError
from progressnb.testing import scripted_model
from progressnb.wire.events import ProgressEvent

if TYPE_CHECKING:
    from progressnb import Run
    from progressnb.operations.testcases import ApiTestSuite

OK = {"200": {"description": "fine"}}
NEVER = {"type": "integer", "minimum": 10, "maximum": 1}
QUERY = {"name": "q", "in": "query", "required": True, "schema": NEVER}
IMPOSSIBLE = {
    "post": {"requestBody": {"required": True, "content": {"application/json": {"schema": NEVER}}}, "responses": OK}
}


def run_of(paths: dict[str, Any], model: Any = None, version: Any = "3.1.0") -> Run[ApiTestSuite]:
    """Begin the run for a specification of these paths."""
    spec = {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths}
    return generate_tests.using(show=False)(spec, model=model or OfflineModel(pace=0))


async def test_one_of_several() -> None:
    """The result, an event and the files say for which endpoint there is nothing, and why; the others have cases."""
    run = run_of(
        {"/a": IMPOSSIBLE, "/b": {"get": {"responses": OK}}, "/c": {"get": {"parameters": [QUERY], "responses": OK}}}
    )
    suite = await run
    assert suite.without_cases.keys() == {"POST /a", "GET /c"}
    assert '"minimum": 10' in suite.without_cases["POST /a"]
    assert suite.without_cases["POST /a"].endswith("for the body")
    assert suite.without_cases["GET /c"].endswith("for the query parameter 'q'")
    assert suite.foundation_only == {"GET /b": "no rule adds to it"}
    assert {case.endpoint for case in suite.cases} == {"GET /b"}
    told = [event for event in run.log if isinstance(event, ProgressEvent) and "without_cases" in (event.data or {})]
    assert told[-1].stage == "foundation"
    assert told[-1].data is not None
    assert told[-1].data["without_cases"] == suite.without_cases
    assert run.state.stages[1].message == f"{len(suite.cases)} foundation cases for 3 endpoints, none for 2 of them"
    assert run.state.stages[2].message == "0 cases added, 1 of 3 endpoints foundation only"
    files = suite.artifacts()
    assert json.loads(files["cases.json"])["without_cases"] == suite.without_cases
    assert "For 2 of them no case could be made" in files["README.md"].decode()
    assert "without_cases=2" in repr(suite)


async def test_not_one_case() -> None:
    """A specification without a single case is an error that names an endpoint, the schema and the place."""
    with pytest.raises(
        InputError, match=r"POST /a: .*\"minimum\": 10.* for the body .*1 more endpoints.*Check the limits"
    ):
        await run_of({"/a": IMPOSSIBLE, "/c": {"get": {"parameters": [QUERY], "responses": OK}}})


async def test_optional_that_can_not_be_made() -> None:
    """An optional part that no value fits is left out, and the rest has its cases."""
    paths = {"/c": {"get": {"parameters": [{**QUERY, "required": False}], "responses": OK}}}
    suite = await run_of(paths)
    assert ([case.name for case in suite.cases if case.category == "valid"], suite.without_cases) == (
        ["valid, minimal"],
        {},
    )


async def test_body_that_no_rule_makes() -> None:
    """A request without the body that is required is no valid one, where no rule makes the body."""
    body = {"required": True, "content": {"application/xml": {"schema": {"type": "object"}}}}
    suite = await run_of({"/a": {"get": {"responses": OK}, "post": {"requestBody": body, "responses": OK}}})
    reason = "no request fits, for want of a body of its media types: no rule makes them, and there is no example"
    assert suite.without_cases == {"POST /a": reason}
    assert {case.endpoint for case in suite.cases} == {"GET /a"}


async def test_model_knows_a_request() -> None:
    """An endpoint that only a model has a case for is not without cases."""
    step = {"endpoint": "POST /a", "body": 5, "expected": ["4XX"]}
    case = {"name": "five", "category": "hostile_input", "steps": [step], "why": "Neither limit holds."}
    suite = await run_of({"/a": IMPOSSIBLE}, model=scripted_model(json.dumps({"cases": [case]})))
    assert ([each.source for each in suite.cases], suite.without_cases, suite.foundation_only) == (["model"], {}, {})
    assert any("POST /a: no cases" in note for note in suite.notes)


async def test_webhooks_are_noted() -> None:
    """Webhooks beside paths have no cases, and the notes say so."""
    hook = {"post": {"responses": OK}}
    spec = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/b": hook},
        "webhooks": {"new": hook},
    }
    suite = await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0))
    assert suite.notes == ["Webhooks have no cases: the API sends them itself."]


@pytest.mark.parametrize("version", [3.0, 3.1, "3.0", "3.1"])
async def test_versions_without_a_patch_number(version: Any) -> None:
    """OpenAPI 3.0 and 3.1 may be written without their patch number, and without quotes."""
    suite = await run_of({"/b": {"get": {"responses": OK}}}, version=version)
    assert suite.cases[0].endpoint == "GET /b"
