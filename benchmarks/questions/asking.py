"""One question: asked of the rules, computed by DuckDB, checked by pandas, and judged."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from benchmarks.questions import stranger
from benchmarks.questions.sets import Question, is_right, table
from progressnb.errors import InputError, UnclearQuestionError
from progressnb.operations.chart.drawing import checked_spec, draw
from progressnb.operations.chart.query.database import Database
from progressnb.operations.chart.rules.checking import check_rows
from progressnb.operations.chart.rules.drafts import draft_by_rules
from progressnb.operations.chart.rules.parser import read_question
from progressnb.operations.chart.specs.fitting import fitted
from progressnb.operations.chart.tables import read_tables

if TYPE_CHECKING:
    import pandas as pd


@cache
def loaded(name: str, source: str) -> tuple[dict[str, pd.DataFrame], Database]:
    """Return a table as `chart` reads it, and a database that has it."""
    tables = read_tables(stranger.table(source) if source else table(name))
    return tables, Database(tables)


def ask(question: Question) -> tuple[str, str]:
    """Ask a question; return `right`, `asked` (back), `refused` or `false`, and the words of the answer."""
    tables, database = loaded(question.table, question.source)
    try:
        reading = read_question(question.text, tables)
    except UnclearQuestionError as error:
        return "asked", f"{error.got} -> {error.choices}"
    except InputError as error:
        return "refused", error.got
    draft = draft_by_rules(reading)
    rows = database.run(draft.query, 5_000)
    spec, _ = checked_spec(draft.spec)
    draw(fitted(spec, rows), rows, draft.explanation)
    check_rows(rows, reading, tables)
    return ("right" if is_right(rows, question) else "false"), draft.explanation
