"""Examples for a question that rules can't read: questions about the same tables that they can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.chart.rules.patterns import TIME, UNITS
from progressnb.operations.chart.rules.words import Question, is_identifier, parts_of
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["about_dates", "examples"]


def examples(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return questions about the first of these tables that rules can read."""
    table = next(iter(tables.values()))
    kinds = {label: kind_of(table[label]) for label in table.columns}
    number = next((label for label in kinds if kinds[label] == "number" and not is_identifier(label)), None)
    groups = [label for label in kinds if kinds[label] in ("text", "flag")]
    # A column that differs in each row has no groups.
    group = min(groups, key=lambda label: (table[label].nunique() == len(table), is_identifier(label)), default=None)
    time = next((label for label in kinds if kinds[label] == "time"), None)
    examples = [
        f"total {number} by {group}" if number and group else "",
        f"top 5 {group} by {number}" if number and group else "",
        f"average {number} per month" if number and time else "",
        f"distribution of {number or group}" if number or group else "",
        f"number of rows by {group}" if group else "",
    ]
    return "; ".join(repr(example) for example in examples if example)


def about_dates(question: Question, tables: Mapping[str, pd.DataFrame]) -> str:
    """Return a sentence for a question that asks for time where no column has times, else an empty text."""
    columns = [table[label] for table in tables.values() for label in table.columns]
    if any(kind_of(column) == "time" for column in columns):
        return ""
    if not (question.find(TIME) or any(question.find(words) for words in UNITS.values())):
        return ""
    names = {"date", "time", "day", "month"}
    dated = next((str(each.name) for each in columns if names & set(parts_of(str(each.name)))), None)
    if dated is None:
        return " No column has dates."
    return f" No column has dates: {dated!r} has other values; convert it with pandas.to_datetime."
