"""The drafts of a chart: asked for, checked, and asked for again with all their faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.agents import OfflineModel
from progressnb.errors import QueryError
from progressnb.operations.chart import prompts
from progressnb.operations.chart.drawing import checked_spec
from progressnb.operations.chart.query.sql import plain_sql
from progressnb.operations.chart.rows import check_table
from progressnb.operations.chart.rules.drafts import draft_by_rules
from progressnb.operations.chart.schemas import ChartDraft
from progressnb.operations.chart.specs.faults import as_one, words_for_model
from progressnb.operations.chart.specs.fitting import fitted

if TYPE_CHECKING:
    import pandas as pd
    from pydantic_ai.models import Model

    from progressnb.operations.chart.query.sandbox import Sandbox
    from progressnb.operations.chart.rules.reading import Reading
    from progressnb.tracking import StageHandle

__all__ = ["RETRIES", "Drafting", "Drawn"]

RETRIES = 2
"""Further tries that a model has to write a query or a drawing that can be used."""


class Drawn(NamedTuple):
    """A draft, its drawing without what acts or reaches out, the places of what was taken out, and what is wrong."""

    draft: ChartDraft
    spec: dict[str, Any]
    left_out: list[str]
    fault: QueryError | None


class Drafting:
    """The drafts for one question, by a model or by rules."""

    def __init__(self, sandbox: Sandbox, model: Model, reading: Reading | None, prompt: str) -> None:
        self._sandbox = sandbox
        self._model = model
        self._reading = reading
        self._prompt = prompt
        self._attempts = 1 if isinstance(model, OfflineModel) else 1 + RETRIES
        self._attempt = 1

    async def written(self, stage: StageHandle) -> Drawn:
        """Return a draft whose query is one SELECT on the tables, with the faults of its drawing.

        Raises `QueryError` with the last faults when no try is left.
        """
        while True:
            draft = await self._draft(stage)
            spec, left_out, fault = _checked(draft)
            try:
                await self._sandbox.check(draft.query)
            except QueryError as error:
                self._ask_again(stage, draft, as_one([error, *([fault] if fault else [])]))
            else:
                return Drawn(draft, spec, left_out, fault)

    async def executed(self, stage: StageHandle, drawn: Drawn) -> tuple[Drawn, pd.DataFrame, dict[str, Any]]:
        """Return the first draft whose drawing fits the rows of its query, with the rows and that drawing."""
        while True:
            faults = [drawn.fault] if drawn.fault else []
            try:
                table = await self._sandbox.run(drawn.draft.query)
                check_table(table)
                if not faults:
                    return drawn, table, fitted(drawn.spec, table)
            except QueryError as error:
                faults.append(error)
            self._ask_again(stage, drawn.draft, as_one(faults))
            drawn = await self.written(stage)

    async def _draft(self, stage: StageHandle) -> ChartDraft:
        reading = self._reading
        stage.expect(1)
        draft = await stage.ask(
            ChartDraft,
            self._prompt,
            model=self._model,
            instructions=prompts.INSTRUCTIONS,
            by_rules=(lambda: draft_by_rules(reading)) if reading else None,
        )
        return draft.model_copy(update={"query": plain_sql(draft.query)})

    def _ask_again(self, stage: StageHandle, draft: ChartDraft, error: QueryError) -> None:
        """Add the faults of a draft to the prompt, or raise them when no try is left."""
        if self._attempt == self._attempts:
            raise QueryError(error.expected, error.got, error.remedy)
        self._attempt += 1
        stage.retry(self._attempt, self._attempts, error)
        stage.update(state="retrying")
        self._prompt += prompts.mending_prompt(draft.model_dump_json(), words_for_model(error))


def _checked(draft: ChartDraft) -> tuple[dict[str, Any], list[str], QueryError | None]:
    try:
        spec, left_out = checked_spec(draft.spec)
    except QueryError as error:
        return {}, [], error
    return spec, left_out, None
