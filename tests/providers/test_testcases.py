"""Test cases over the wire: whatever happens to a stream, its endpoint keeps its foundation and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from progressnb import generate_tests, samples
from progressnb.operations.testcases import enhancement
from progressnb.wire.events import ErrorEvent
from tests.providers.dialects import Call, Dialect, Refusal
from tests.providers.server import Answer
from tests.providers.work import ended, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb import Run
    from progressnb.operations.testcases import ApiTestSuite
    from tests.providers.server import WireServer

POST = "POST /pets"
STAGE = "enhancement/POST %2Fpets"
HALF = '"Žofie'
NEVER = {"x-should-retry": "false"}

CASES: dict[str, Any] = {
    "cases": [
        {
            "name": "Žofie may be a name – 山田 🚀",
            "category": "hostile_input",
            "steps": [{"endpoint": POST, "body": {"name": "Žofie 山田 🚀"}, "expected": ["200"]}],
            "why": "Names are not ASCII.",
        }
    ]
}

FAILURES: dict[str, Callable[[Dialect], list[Answer]]] = {
    "cut": lambda dialect: [Answer(dialect.begun(Call(CASES), HALF), end="cut")],
    "error event": lambda dialect: [Answer(dialect.begun(Call(CASES), HALF) + dialect.error_event("Oh."))],
    "401": lambda dialect: [Answer(dialect.error(401, "No key."), 401, "application/json")],
    "500": lambda dialect: [Answer(dialect.error(500, "Oh."), 500, "application/json", NEVER)],
    "refusal": lambda dialect: [Answer(dialect.stream(Refusal("No.")))],
    "nonsense": lambda dialect: [Answer(dialect.stream(Call({"cases": "many"})))] * 3,
    "garbage": lambda _: [Answer(b"event: message_start\ndata: 3\n\n")],
}


async def made(dialect: Dialect, **options: Any) -> Run[ApiTestSuite]:
    """Let a model of this API add cases to one endpoint of the petstore, and wait for the end."""
    options = {"endpoints": [POST], **options}
    return await ended(generate_tests.using(show=False)(samples.openapi, model=dialect.model, **options))


async def test_model_adds_cases(dialect: Dialect, server: WireServer) -> None:
    """Cases that were streamed in pieces of any size are the suite's, with every character."""
    server.script(Answer(dialect.stream(Call(CASES)), piece=7))
    run = await made(dialect)
    suite = await run
    (added,) = [case for case in suite.cases if case.source == "model"]
    assert (added.name, added.request.body) == (CASES["cases"][0]["name"], {"name": "Žofie 山田 🚀"})
    assert (suite.foundation_only, suite.model) == ({}, dialect.model_name)
    assert run.partial == CASES
    assert server.requests[0].text.count("<endpoint>") == 1


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_endpoint_keeps_its_foundation(
    dialect: Dialect, server: WireServer, failure: Callable[[Dialect], list[Answer]]
) -> None:
    """A stream that breaks off, or says what is no case, costs the endpoint's own additions and nothing else."""
    server.script(*failure(dialect))
    run = await made(dialect)
    suite = await run
    assert statuses(run, STAGE)[-2:] == ["fallback", "finished"]
    assert suite.foundation_only.keys() == {POST}
    assert suite.foundation_only[POST].startswith(f"{dialect.provider}:{dialect.model_name} ")
    (error,) = [event for event in run.log if isinstance(event, ErrorEvent)]
    assert (error.stage, error.fatal, error.message) == (STAGE, False, suite.foundation_only[POST])
    assert len(suite.cases) > 10
    assert all(case.source == "foundation" for case in suite.cases)
    assert b'"status":"fallback"' in suite.artifacts()["history.jsonl"]
    assert server.left == 0


async def test_one_of_several_is_cut(dialect: Dialect, server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoints after one whose stream was cut off midway ask the model all the same."""
    monkeypatch.setattr(enhancement, "AT_ONCE", 1)
    nothing = Answer(dialect.stream(Call({"cases": []})))
    server.script(Answer(dialect.begun(Call(CASES), HALF), end="cut"), nothing, nothing, nothing)
    run = await made(dialect, endpoints=None)
    suite = await run
    first, *others = suite.foundation_only
    assert first == "GET /pets"
    assert {suite.foundation_only[name] for name in others} == {"the model had nothing to add"}
    assert (len(others), server.left) == (3, 0)


async def test_silent_model(dialect: Dialect, server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that stops in the midst of a word is waited for as long as is allowed."""
    monkeypatch.setattr(enhancement, "PATIENCE", 0.3)
    server.script(Answer(dialect.begun(Call(CASES), HALF), end="silent"))
    run = await made(dialect)
    suite = await run
    assert suite.foundation_only == {POST: "took longer than its timeout of 0.3 s"}
    assert statuses(run, STAGE)[-2:] == ["fallback", "finished"]
