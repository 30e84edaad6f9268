"""The pipeline of `chart`: six stages from a question to a chart, with every draft of a model checked."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from progressnb.agents import HOW_TO_USE_AN_LLM, OfflineModel, open_model
from progressnb.errors import InputError, UnclearQuestionError
from progressnb.execution import operation
from progressnb.operations.chart import prompts
from progressnb.operations.chart.drafting import RETRIES, Drafting
from progressnb.operations.chart.drawing import draw
from progressnb.operations.chart.query.sandbox import Sandbox
from progressnb.operations.chart.rows import text_of
from progressnb.operations.chart.rules.checking import check_rows
from progressnb.operations.chart.rules.drafts import plan_by_rules, remarks
from progressnb.operations.chart.rules.explicit import Arguments, Where, explicit_reading
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.rules.refining import refined
from progressnb.operations.chart.schemas import ChartPlan, ChartResult
from progressnb.operations.chart.specs.misleading import misleading
from progressnb.operations.chart.specs.telling import below_title, with_remarks
from progressnb.operations.chart.tables import Data, DataOrNone, describe, read_tables
from progressnb.tracking import Stage, is_shown_in_notebook, offer_choices

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import pandas as pd
    from pydantic_ai.models import Model

    from progressnb.operations.chart.rules.reading import Reading
    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["RETRIES", "chart"]

_QUESTION_LIMIT = 2_000
_FITS = "columns, types and values fit the drawing"


@operation(
    stages=[
        Stage("planning", weight=0.2, title="Planning"),
        Stage("understanding_schema", weight=0.1, title="Understanding the tables"),
        Stage("generating_query", weight=0.2, title="Writing query and drawing"),
        Stage("executing_query", weight=0.2, title="Running the query"),
        Stage("validating_results", weight=0.2, title="Checking the results"),
        Stage("transforming_data", weight=0.1, title="Drawing"),
    ]
)
async def chart(
    tracker: ProgressTracker,
    question: Data,
    data: DataOrNone = None,
    *,
    x: str | None = None,
    y: str | Sequence[str] | None = None,
    aggregate: str | None = None,
    color: str | None = None,
    where: Where | None = None,
    of: ChartResult | None = None,
    model: Model | str | None = None,
) -> ChartResult:
    """Answer a question about tables with a chart.

    A model plans, then writes one SELECT for DuckDB and a drawing in Vega-Lite. A draft that can't be used goes back to
    it with the reason, twice at most. Nothing that it writes reaches a file, a network or another table, and a query
    may take 20 seconds, 512 MB and 5,000 rows.

    Without a model, fixed rules read the usual questions: totals and means by one or two columns, over time, the top
    ones, shares, a distribution, two numbers against each other, of rows that fulfil conditions. They answer where each
    word has one meaning; else they name the word, or list the questions that may be meant. What they assume stands
    below the title, and their numbers are computed a second time, by pandas.

    Who wants nothing read passes the data alone, with columns by name: `x`, `y`, `aggregate`, `color`, `where`.

    `data.state` of the events is one of the following; in brackets is the percent of the run when it begins:
    `planning` (10), `understanding_schema` (20), `generating_query` (30), `executing_query` (50),
    `validating_results` (70), `transforming_data` (90), `completed`, and `failed`, `retrying` or `cancelled`.

    Args:
        tracker: Passed by the operation itself; callers leave it out.
        question: The question, 1 to 2,000 characters. Rules read 300 characters of English. With explicit arguments
            the data stands here.
        data: A table of pandas, polars, pyarrow, DuckDB, NumPy or plain data (records, or columns by name), a dict of
            tables by name, or the path of a file: CSV (any delimiter and encoding that its bytes tell), JSON, Parquet
            or, with the extra `excel`, a workbook. Files may have 4 GB, tables 10,000,000 rows and 1,000 columns.
        x: The column on x, or by whose values rows are grouped; of times also by a unit: `"month(date)"`.
        y: The column that is computed, or several; rows are counted without it.
        aggregate: `sum`, `mean`, `median`, `min`, `max`, `count` or `distinct`. It may be missing where there is one
            row a group, and where two columns of numbers are drawn against each other.
        color: The column of a second group.
        where: Conditions on rows: columns with a value, a list of values, or a comparison such as `(">", 5)`.
        of: A chart that the question changes, instead of data, as `result.refine` does.
        model: A pydantic-ai model or its name; the default is `PROGRESSNB_MODEL` of the environment, else the rules.

    Returns:
        The chart with its query, its rows and an explanation.

    Raises:
        InputError: The data is no table, or rules can't read the question.
        UnclearQuestionError: The question may mean several things; `choices` has a question for each.
        QueryError: No usable query was written.
        ModelError: The model is unknown or lacks its key.
        MissingExtraError: The extra `chart` is not installed.

    Example:
        ::

            result = await pnb.chart("total revenue by region", sales)
            result.save("sales.png")

    """
    explicit = Arguments(x, y, aggregate, color, where)
    if explicit:
        if data is not None or of is not None:
            raise InputError("the data alone, or a question without x, y, aggregate, color and where", "both")
        return await _Chart(tracker, "", OfflineModel(), explicit=explicit).make(question)
    given: Any = question  # whatever a notebook passes
    if not isinstance(given, str) or not given.strip() or len(given) > _QUESTION_LIMIT:
        got = repr(given[:80]) if isinstance(given, str) else type(given).__name__
        raise InputError(f"a question of 1 to {_QUESTION_LIMIT:,} characters, before the data", got)
    if (data is None) == (of is None):
        raise InputError("data, or a chart that the question changes", "both" if of is not None else "neither")
    async with open_model(model) as chosen:
        try:
            return await _Chart(tracker, given.strip(), chosen, of=of).make(data)
        except UnclearQuestionError as error:
            again = chart.using(show=False)
            error.offer_by(partial(offer_choices, error.choices, lambda text: again(text, data, of=of, model=model)))
            raise


class _Chart:
    """One chart while it is made."""

    def __init__(
        self,
        tracker: ProgressTracker,
        question: str,
        model: Model,
        *,
        explicit: Arguments | None = None,
        of: ChartResult | None = None,
    ) -> None:
        self._tracker = tracker
        self._question = question
        self._model = model
        self._offline = isinstance(model, OfflineModel)
        self._reading: Reading | None = None
        self._explicit = explicit
        self._of = of

    async def make(self, data: Any) -> ChartResult:  # noqa: ANN401 - whatever was passed
        sandbox = Sandbox()
        try:
            return await self._make(sandbox, data)
        finally:
            sandbox.close()

    async def _make(self, sandbox: Sandbox, data: Any) -> ChartResult:  # noqa: ANN401 - whatever was passed
        with self._state("planning", 50) as stage:
            tables = (
                self._of.tables() if self._of is not None else await asyncio.to_thread(read_tables, data, sandbox.read)
            )
            described = await asyncio.to_thread(describe, tables)
            if self._offline:
                self._reading = await asyncio.to_thread(self._read, tables)
            reading = self._reading
            stage.expect(1)
            plan = await stage.ask(
                ChartPlan,
                prompts.plan_prompt(self._question, described),
                model=self._model,
                instructions=prompts.INSTRUCTIONS,
                by_rules=lambda: plan_by_rules(reading) if reading else ChartPlan(goal="", columns=[], drawing=""),
            )
        with self._state("understanding_schema") as stage:
            size = f"{len(tables)} table{'s' * (len(tables) != 1)}, {sum(map(len, tables.values())):,} rows"
            stage.update(message=size, columns=plan.columns)
            await sandbox.load(tables)
        return await self._answer(sandbox, tables, described, plan)

    def _read(self, tables: dict[str, pd.DataFrame]) -> Reading:
        """Return what rules read in the question, in the explicit arguments, or in a change of a chart."""
        if self._explicit is not None:
            return explicit_reading(self._explicit, tables)
        if self._of is None:
            return read_question(self._question, tables)
        before: Reading | None = self._of.reading()
        if before is None:
            raise InputError("a chart that rules made, for a change by rules", "one of a model", "Pass model=.")
        return refined(before, self._question, tables)

    async def _answer(
        self, sandbox: Sandbox, tables: dict[str, pd.DataFrame], described: str, plan: ChartPlan
    ) -> ChartResult:
        prompt = prompts.draft_prompt(self._question, described, plan.model_dump_json())
        if self._of is not None:
            prompt += prompts.change_prompt(self._of.question(), self._of.query, self._of.chart.to_dict())
        with self._state("generating_query") as stage:
            drafting = Drafting(sandbox, self._model, self._reading, prompt)
            drawn = await drafting.written(stage)
        with self._state("executing_query") as stage:
            drawn, table, spec = await drafting.executed(stage, drawn)
            stage.update(message=f"{len(table):,} rows", rows=len(table))
        with self._state("validating_results") as stage:
            below, gone = [], len(drawn.left_out)
            if self._reading is not None:
                await asyncio.to_thread(check_rows, table, self._reading, tables)
                stage.update(message="the same numbers as pandas computes")
                below = remarks(self._reading)
            else:
                said = f"{gone} part{'s' * (gone != 1)} of the drawing left out" if gone else _FITS
                stage.update(message=said)
                below = misleading(spec, table, drawn.draft.query)
        with self._state("transforming_data") as stage:
            draft = drawn.draft if self._reading is not None else with_remarks(drawn.draft, drawn.left_out, below)
            drawing = below_title(spec, below)
            shown = await asyncio.to_thread(draw, drawing, table, text_of(draft, table), draft.query)
            if is_shown_in_notebook():
                await asyncio.to_thread(shown.draw_ahead)
            stage.update(100, state="completed")
        result = ChartResult(
            chart=shown,
            query=draft.query,
            data=table,
            explanation=draft.explanation,
            model=self._model.model_name,
            note=HOW_TO_USE_AN_LLM if self._offline and self._explicit is None else None,
        )
        asked = self._question if self._of is None else f"{self._of.question()}; {self._question}"
        result.remember(asked, tables, self._reading, chart)
        return result

    @contextmanager
    def _state(self, name: str, percent: float = 0) -> Generator[StageHandle]:
        with self._tracker.stage(name) as stage:
            stage.update(percent, state=name)
            try:
                yield stage
            except Exception:
                stage.update(state="failed")
                raise
            except BaseException:
                stage.update(state="cancelled")
                raise
