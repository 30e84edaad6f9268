"""Charts over the wire: whatever happens to a stream, a run ends in a chart or in one clear line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from progressnb import chart
from progressnb.errors import QueryError
from progressnb.operations.chart.pipeline import RETRIES
from progressnb.operations.chart.query.sandbox import Sandbox
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.providers.dialects import KEY, OUTPUT_TOKENS, Call, Dialect, Refusal, Thinking
from tests.providers.server import Answer
from tests.providers.work import ended, failed_in, statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from progressnb import Run
    from progressnb.operations.chart import ChartResult
    from tests.providers.server import WireServer

SALES = pd.DataFrame({"město": ["Žilina", "東京", "Žilina"], "tržby": [3, 5, 4]})
PLAN: dict[str, Any] = {"goal": "Tržby podle měst 🚀", "columns": ["město", "tržby"], "drawing": "bar"}
DRAFT: dict[str, Any] = {
    "query": 'SELECT "město", sum("tržby") AS "součet" FROM data GROUP BY 1 ORDER BY 1',
    "spec": {
        "title": "Tržby – 東京",
        "mark": "bar",
        "encoding": {
            "x": {"field": "součet", "type": "quantitative"},
            "y": {"field": "město", "type": "nominal"},
        },
    },
    "explanation": "Součet tržeb podle města.",
}
WRONG = {**DRAFT, "query": 'SELECT "ulice", sum("tržby") AS "součet" FROM data GROUP BY 1'}
STAGES = {"planning": 0, "generating_query": 1}
"""The stages that ask a model, and how many answers come before."""

CUTS = {
    "planning at once": ("planning", None),
    "planning, in a word": ("planning", '"Tržby pod'),
    "planning, in a list": ("planning", '["město", "tr'),
    "query at once": ("generating_query", None),
    "in the midst of the SQL": ("generating_query", 'SELECT \\"město\\", sum('),
    "in the midst of the drawing": ("generating_query", '"encoding": {"x": {"fie'),
    "in the last words": ("generating_query", "Součet tržeb podle m"),
}
MIDWAY = {name: (stage, after) for name, (stage, after) in CUTS.items() if after is not None}


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """See that every database is closed again."""
    open_now: list[Sandbox] = []
    begin, close = Sandbox.__init__, Sandbox.close

    def begun(self: Sandbox, *given: Any, **options: Any) -> None:
        begin(self, *given, **options)
        open_now.append(self)

    def ended(self: Sandbox) -> None:
        open_now.remove(self)
        close(self)

    monkeypatch.setattr(Sandbox, "__init__", begun)
    monkeypatch.setattr(Sandbox, "close", ended)
    yield
    assert open_now == []


def begun(dialect: Dialect, stage: str, after: str | None) -> bytes:
    """Write the answer of a stage up to a text; None is nothing at all."""
    return b"" if after is None else dialect.begun(Call([PLAN, DRAFT][STAGES[stage]]), after)


def before(dialect: Dialect, stage: str) -> list[Answer]:
    """Return the answers of the stages before."""
    return [Answer(dialect.stream(Call(PLAN)))][: STAGES[stage]]


def answers(dialect: Dialect, *calls: Any) -> list[Answer]:
    """Return whole answers."""
    return [Answer(dialect.stream(Call(call))) for call in calls]


async def drawn(dialect: Dialect, timeout: float | None = None, **options: Any) -> Run[ChartResult]:
    """Let a model of this API draw a chart, and wait for the end."""
    drawing = chart.using(show=False, timeout=timeout)
    return await ended(drawing("tržby podle měst", SALES, model=dialect.model, **options))


def states(run: Run[Any]) -> list[str]:
    """Return the states that a run said of itself, each once in a row."""
    said = [event.data["state"] for event in run.log if isinstance(event, ProgressEvent) and "state" in event.data]
    return [state for at, state in enumerate(said) if at == 0 or said[at - 1] != state]


# --- what goes well -----------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [1, 13, 100_000])
async def test_answers_in_pieces(dialect: Dialect, server: WireServer, piece: int) -> None:
    """However the bytes are cut, also within a character, query, rows and drawing are as they were written."""
    server.script(*[Answer(dialect.stream(Thinking("Hm – 日本…"), Call(each)), piece=piece) for each in (PLAN, DRAFT)])
    run = await drawn(dialect)
    result = await run
    assert (result.query, result.explanation, result.model) == (
        DRAFT["query"],
        DRAFT["explanation"],
        dialect.model_name,
    )
    assert dict(result.data.itertuples(index=False)) == {"東京": 5, "Žilina": 7}
    assert result.chart.to_dict()["title"] == "Tržby – 東京"
    assert states(run)[-1] == "completed"
    assert run.state.usage["output_tokens"] == 2 * OUTPUT_TOKENS


# --- streams that break off ---------------------------------------------------------------------------


@pytest.mark.parametrize(("stage", "after"), CUTS.values(), ids=CUTS)
async def test_cut(dialect: Dialect, server: WireServer, stage: str, after: str | None) -> None:
    """A connection that is lost fails the run in its stage, in one line that names the model; what came is kept."""
    server.script(*before(dialect, stage), *[Answer(begun(dialect, stage, after), end="cut")] * 3)
    run = await drawn(dialect)
    message = failed_in(run, stage)
    assert message.startswith(f"{dialect.provider}:{dialect.model_name} ")
    assert states(run)[-1] == "failed"
    if after is not None:
        assert run.partial
        assert run.partial.keys() <= [PLAN, DRAFT][STAGES[stage]].keys()


@pytest.mark.parametrize(("stage", "after"), MIDWAY.values(), ids=MIDWAY)
async def test_end_that_comes_too_early(dialect: Dialect, server: WireServer, stage: str, after: str) -> None:
    """A stream that ends well but midway is an answer that is none: it is asked for again, and the chart comes."""
    rest = [PLAN, DRAFT][STAGES[stage] :]
    server.script(*before(dialect, stage), Answer(begun(dialect, stage, after)), *answers(dialect, *rest))
    run = await drawn(dialect)
    assert run.status == "finished", run.exception
    assert statuses(run, stage) == ["running", "retrying", "running", "finished"]
    assert [event.stage for event in run.log if isinstance(event, ContentEvent) and event.reset] == [stage]
    assert (await run).query == DRAFT["query"]
    assert server.left == 0


async def test_stall_until_the_timeout(dialect: Dialect, server: WireServer) -> None:
    """A stream that stalls is waited for as long as the run may take, then closed."""
    server.script(*answers(dialect, PLAN, DRAFT), Answer(begun(dialect, *CUTS["planning, in a word"]), end="silent"))
    await drawn(dialect)  # loads the SDK, which may take longer than the timeout
    run = await drawn(dialect, timeout=0.8)  # a real wait
    assert (run.status, run.state.error_type, run.state.error_stage) == ("failed", "TimeoutError", "planning")
    assert run.state.error == "chart took longer than its timeout of 0.8 s"
    assert run.partial["goal"].startswith("Tržby pod")
    assert await asyncio.to_thread((await server.asked(3)).closed.wait, 5)


@pytest.mark.parametrize("place", ["in the midst of the SQL", "in the midst of the drawing"])
async def test_cancel_of_a_stall(dialect: Dialect, server: WireServer, place: str) -> None:
    """A stream that stalls can be cancelled: the state says so, and the connection is closed."""
    server.script(*answers(dialect, PLAN), Answer(begun(dialect, *CUTS[place]), end="silent"))
    run = chart.using(show=False)("tržby podle měst", SALES, model=dialect.model)
    async for _ in run:
        if run.state.stages[2].partial:
            break
    request = await server.asked(2)
    run.cancel()
    await ended(run)
    assert (run.status, states(run)[-1]) == ("cancelled", "cancelled")
    assert await asyncio.to_thread(request.closed.wait, 5)


# --- answers that can't be used -----------------------------------------------------------------------


async def test_wrong_sql_goes_back(dialect: Dialect, server: WireServer) -> None:
    """SQL that fits no table goes back with DuckDB's own words; the next answer is used."""
    server.script(*answers(dialect, PLAN, WRONG, DRAFT))
    run = await drawn(dialect)
    assert (await run).query == DRAFT["query"]
    assert statuses(run, "generating_query") == ["running", "retrying", "running", "finished"]
    assert "retrying" in states(run)
    again = server.requests[2].text
    assert "ulice" in again
    assert "It can't be used" in again
    assert "It can't be used" not in server.requests[1].text


async def test_both_kinds_of_faults_count_together(dialect: Dialect, server: WireServer) -> None:
    """A model has two more attempts for a whole chart, whether its SQL or its drawing was wrong."""
    image = {**DRAFT, "spec": {**DRAFT["spec"], "mark": "image"}}
    server.script(*answers(dialect, PLAN, WRONG, image, image, DRAFT))
    run = await drawn(dialect)
    assert isinstance(run.exception, QueryError)
    assert "a mark of" in failed_in(run, "executing_query")
    assert (len(server.requests), server.left) == (4, 1)


@pytest.mark.parametrize(
    ("draft", "stage", "said"),
    [
        (WRONG, "generating_query", "ulice"),
        ({**DRAFT, "query": "SELECT * FROM read_csv('/etc/passwd')"}, "generating_query", "read_csv"),
        ({**DRAFT, "query": "DROP TABLE data"}, "generating_query", "SELECT"),
        ({**DRAFT, "query": 'SELECT "město", "tržby" AS "součet" FROM data WHERE false'}, "executing_query", "rows"),
        ({**DRAFT, "spec": {**DRAFT["spec"], "mark": "image"}}, "executing_query", "mark"),
    ],
    ids=["a column that is none", "a file", "no SELECT", "no rows", "an image"],
)
async def test_wrong_each_time(dialect: Dialect, server: WireServer, draft: Any, stage: str, said: str) -> None:
    """A model that does not learn is asked a stated number of times; then the error is ours and says what was wrong."""
    server.script(*answers(dialect, PLAN, *[draft] * (2 * RETRIES + 4)))
    run = await drawn(dialect)
    assert isinstance(run.exception, QueryError)
    assert said in failed_in(run, stage)
    assert len(server.requests) == 2 + RETRIES
    told = {event.message for event in run.log if isinstance(event, ProgressEvent) and event.status == "retrying"}
    assert {(text or "").partition(":")[0] for text in told} == {"retrying, 2 of 3", "retrying, 3 of 3"}


NONSENSE: dict[str, Callable[[Dialect], list[Answer]]] = {
    "no JSON": lambda dialect: [Answer(dialect.stream(Call("{nonsense}")))] * 3,
    "no object": lambda dialect: [Answer(dialect.stream(Call("[1, 2]")))] * 3,
    "against the schema": lambda dialect: [Answer(dialect.stream(Call({"query": 3, "spec": "bar"})))] * 3,
    "refusal": lambda dialect: [Answer(dialect.stream(Refusal("No.")))],
    "error event": lambda dialect: [Answer(dialect.begun(Call(DRAFT), "SELECT") + dialect.error_event(f"Oh, {KEY}."))],
    "garbage": lambda _: [Answer(b"event: message_start\ndata: 3\n\n")],
    "a page": lambda _: [Answer(b"<html><script>alert(1)</script></html>", 200, "text/html")] * 3,
    "401": lambda dialect: [Answer(dialect.error(401, f"No key {KEY}."), 401, "application/json")],
}


@pytest.mark.parametrize("failure", NONSENSE.values(), ids=NONSENSE)
async def test_nonsense(dialect: Dialect, server: WireServer, failure: Callable[[Dialect], list[Answer]]) -> None:
    """What is no answer ends the run in its stage, in one line that names the model and holds no key."""
    server.script(*answers(dialect, PLAN), *failure(dialect))
    run = await drawn(dialect)
    message = failed_in(run, "generating_query")
    assert message.startswith(f"{dialect.provider}:{dialect.model_name} ")
    assert states(run)[-1] == "failed"
