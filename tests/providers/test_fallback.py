"""`fallback="offline"` over the wire: whatever a provider does, rules do its stage, and the stage says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from progressnb import customize
from progressnb.agents import ask
from progressnb.agents.offline import OfflineModel
from progressnb.errors import RunCancelled
from progressnb.wire.events import ErrorEvent
from tests.providers.dialects import Call, Dialect, Refusal
from tests.providers.server import Answer
from tests.providers.work import CALLS, JOB, NAMES, RESUME, customized, ended, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from tests.providers.server import WireServer

HALF = '"Žofie writes Pyth'
NEVER = {"x-should-retry": "false"}

FAILURES: dict[str, Callable[[Dialect], list[Answer]]] = {
    "cut": lambda dialect: [Answer(dialect.begun(CALLS[0], HALF), end="cut")],
    "error event": lambda dialect: [Answer(dialect.begun(CALLS[0], HALF) + dialect.error_event("Oh."))],
    "401": lambda dialect: [Answer(dialect.error(401, "No key."), 401, "application/json")],
    "500": lambda dialect: [Answer(dialect.error(500, "Oh."), 500, "application/json", NEVER)],
    "refusal": lambda dialect: [Answer(dialect.stream(Refusal("No.")))],
    "retries used up": lambda dialect: [Answer(dialect.stream(Call({"match_score": 500})))] * 3,
    "garbage": lambda _: [Answer(b"event: message_start\ndata: 3\n\n")],
    "empty": lambda _: [Answer(b"")],
}


class AtOnce(OfflineModel):
    """The rules at full speed, which otherwise write at a pace that can be watched."""

    def __init__(self, answer: Callable[[], BaseModel | str] | None = None, *, pace: float = 0) -> None:
        super().__init__(answer, pace=pace)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rules work at full speed."""
    monkeypatch.setattr(ask, "OfflineModel", AtOnce)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_rules_take_over(
    dialect: Dialect, server: WireServer, failure: Callable[[Dialect], list[Answer]]
) -> None:
    """The stage is done by rules, keeps the error, and the next stage asks the model again."""
    server.script(*failure(dialect), *[Answer(dialect.stream(call)) for call in CALLS[1:]])
    run = await customized(dialect, fallback="offline")
    result = await run
    first, *others = run.state.stages
    assert statuses(run, NAMES[0])[-2:] == ["fallback", "finished"]
    assert (first.status, first.percent, first.data["source"]) == ("finished", 100, "offline")
    assert result.evaluation.overall_assessment.startswith("By rules")
    assert first.partial == result.evaluation.model_dump()
    (error,) = [event for event in run.log if isinstance(event, ErrorEvent)]
    assert (error.stage, error.fatal, error.message) == (NAMES[0], False, first.message)
    assert first.message is not None
    assert first.message.startswith(f"{dialect.provider}:{dialect.model_name} ")
    assert all(stage.status == "finished" and "source" not in stage.data for stage in others)
    assert result.model == dialect.model_name
    assert result.note == f"Done by fixed rules, because the model failed: evaluation ({first.message.rstrip('.')})."
    assert server.left == 0


async def test_every_stage_by_rules(dialect: Dialect, server: WireServer) -> None:
    """A provider that is down for all of it costs the model's words, not the result."""
    server.script(*[Answer(dialect.error(503, "Down."), 503, "application/json", NEVER)] * 4)
    run = await customized(dialect, fallback="offline")
    result = await run
    assert [stage.data["source"] for stage in run.state.stages] == ["offline"] * 4
    assert result.verification.supported
    assert result.note is not None
    assert all(f"{name} (" in result.note for name in NAMES)


async def test_timeout_of_the_run(dialect: Dialect, server: WireServer) -> None:
    """The run's own time being over is no failure of the model: the run fails, and rules do nothing."""
    server.script(Answer(dialect.begun(CALLS[0], HALF), end="silent"))
    run = await customized(dialect, fallback="offline", timeout=0.2)
    assert (run.status, run.state.error_type) == ("failed", "TimeoutError")
    assert "fallback" not in statuses(run, NAMES[0])


async def test_cancel(dialect: Dialect, server: WireServer) -> None:
    """Nor is Cancel."""
    server.script(Answer(dialect.begun(CALLS[0], HALF), end="silent"))
    run = customize.using(show=False)(RESUME, JOB, model=dialect.model, fallback="offline")
    async for _ in run:
        if run.partial:
            break
    request = await server.asked(1)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    await ended(run)
    assert await asyncio.to_thread(request.closed.wait, 5)
    assert "fallback" not in statuses(run, NAMES[0])
