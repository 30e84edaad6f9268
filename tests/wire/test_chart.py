"""A chart over the wire: what a model writes is drawn, wrong SQL goes back, and a stream that is cut ends clearly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import RunCancelled, chart
from progressnb.events import ContentEvent
from tests.wire.dialects import Call, Dialect, Refusal
from tests.wire.server import Answer
from tests.wire.work import ended, failed_in, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb import Run
    from progressnb.operations.chart import ChartResult
    from tests.wire.server import WireServer

DATA = [{"město": "Žďár 山田", "prodej": 3}, {"město": "Bern", "prodej": 5}, {"město": "Bern", "prodej": 4}]
PLAN = {"goal": "Prodej podle města 🚀", "columns": ["město", "prodej"], "drawing": "bar: few names"}
DRAFT: dict[str, Any] = {
    "query": 'SELECT "město", sum("prodej") AS "součet" FROM data GROUP BY ALL ORDER BY ALL',
    "spec": {
        "mark": "bar",
        "encoding": {
            "x": {"field": "město", "type": "nominal"},
            "y": {"field": "součet", "type": "quantitative"},
        },
    },
    "explanation": "Součet prodeje podle města – 日本.",
}
WRONG = DRAFT | {"query": 'SELECT "none" FROM data'}
NEVER = {"x-should-retry": "false"}

PLACES = {"planning": ('"Prodej podle', []), "generating_query": ('sum(\\"prodej', [PLAN])}
"""The stage whose answer breaks off, where in it, and the answers before."""

FAILURES: dict[str, Callable[[Dialect, Call, str], Answer]] = {
    "cut": lambda dialect, call, half: Answer(dialect.begun(call, half), end="cut"),
    "error event": lambda dialect, call, half: Answer(dialect.begun(call, half) + dialect.error_event("Oh.")),
    "500": lambda dialect, _call, _half: Answer(dialect.error(500, "Oh."), 500, "application/json", NEVER),
    "refusal": lambda dialect, _call, _half: Answer(dialect.stream(Refusal("No."))),
    "garbage": lambda _dialect, _call, _half: Answer(b"event: message_start\ndata: 3\n\n"),
}


def drawn(dialect: Dialect) -> Run[ChartResult]:
    """Let a model of this API draw the data."""
    return chart("Prodej podle města?", DATA, model=dialect.model, show=False)


def whole(dialect: Dialect, *answers: dict[str, Any], piece: int = 13) -> list[Answer]:
    """Return answers in which nothing goes wrong."""
    return [Answer(dialect.stream(Call(answer)), piece=piece) for answer in answers]


@pytest.mark.parametrize("piece", [1, 100_000])
async def test_what_a_model_writes_is_drawn(dialect: Dialect, server: WireServer, piece: int) -> None:
    """However the bytes are cut, the query is run, the chart has its rows, and the events what was written."""
    server.script(*whole(dialect, PLAN, DRAFT, piece=piece))
    run = await ended(drawn(dialect))
    result = await run
    assert result.data.to_dict("records") == [{"město": "Bern", "součet": 9}, {"město": "Žďár 山田", "součet": 3}]
    assert (result.query, result.explanation, result.model) == (
        DRAFT["query"],
        DRAFT["explanation"],
        dialect.model_name,
    )
    assert [stage.partial for stage in run.state.stages if stage.outputs] == [PLAN, DRAFT]
    assert server.left == 0


async def test_wrong_sql_goes_back(dialect: Dialect, server: WireServer) -> None:
    """A query that fails is asked for again with DuckDB's reason, and the stage says so."""
    server.script(*whole(dialect, PLAN, WRONG, DRAFT))
    run = await ended(drawn(dialect))
    assert (await run).query == DRAFT["query"]
    assert any("retrying" in statuses(run, stage.name) for stage in run.state.stages)
    assert "none" in server.requests[2].text
    assert len(server.requests[2].text) > len(server.requests[1].text)


async def test_wrong_sql_not_for_ever(dialect: Dialect, server: WireServer) -> None:
    """A model that writes wrong SQL again and again is given up, with the last reason."""
    server.script(*whole(dialect, PLAN, *[WRONG] * 3))
    run = await ended(drawn(dialect))
    assert "none" in str(run.exception)
    assert (run.status, server.left) == ("failed", 0)


@pytest.mark.parametrize("stage", PLACES)
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_a_stream_that_breaks_off(
    dialect: Dialect, server: WireServer, stage: str, failure: Callable[[Dialect, Call, str], Answer]
) -> None:
    """A stream that is cut, or is no answer, fails its stage in one line; nothing is drawn, and what came is kept."""
    half, before = PLACES[stage]
    answer = Call(PLAN if stage == "planning" else DRAFT)
    # A refusal is no output: models are asked again, as often as for any other.
    server.script(*whole(dialect, *before), *[failure(dialect, answer, half)] * 3)
    run = await ended(drawn(dialect))
    assert failed_in(run, stage)
    data = run.state.find(stage)
    assert data is not None
    assert data.data["state"] == "failed"
    assert run.result is None


@pytest.mark.parametrize("stage", PLACES)
async def test_what_came_before_the_cut_is_kept(dialect: Dialect, server: WireServer, stage: str) -> None:
    """The half that was written stays readable in the run, as data."""
    half, before = PLACES[stage]
    server.script(
        *whole(dialect, *before), Answer(dialect.begun(Call(PLAN if stage == "planning" else DRAFT), half), end="cut")
    )
    run = await ended(drawn(dialect))
    partial = run.partial
    assert isinstance(partial, dict)
    if stage == "planning":
        assert partial["goal"].startswith("Prodej podle")
    else:
        assert partial["query"].startswith('SELECT "město", sum("prodej')


async def test_cancelled_while_it_writes(dialect: Dialect, server: WireServer) -> None:
    """Cancel ends a chart whose model has fallen silent in the midst of the query."""
    server.script(
        *whole(dialect, PLAN), Answer(dialect.begun(Call(DRAFT), PLACES["generating_query"][0]), end="silent")
    )
    run = drawn(dialect)
    async for event in run:
        if isinstance(event, ContentEvent) and event.stage == "generating_query":
            break
    run.cancel()
    with pytest.raises(RunCancelled):
        await asyncio.wait_for(run, 30)
    await ended(run)
    stage = run.state.find("generating_query")
    assert stage is not None
    assert stage.data["state"] == "cancelled"
