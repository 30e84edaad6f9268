"""What to say where rules can't read a question: what they can, of these very tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.chart.rules.words import TIME, UNITS, Question, is_identifier, parts_of
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["about_dates", "examples"]


def examples(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return questions that rules can read, of these tables."""
    table = next(iter(tables.values()))
    kinds = {label: kind_of(table[label]) for label in table.columns}
    number = next((label for label in kinds if kinds[label] == "number" and not is_identifier(label)), None)
    groups = [label for label in kinds if kinds[label] in ("text", "flag")]
    # What is different in each row makes no groups.
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


def about_dates(asked: Question, tables: Mapping[str, pd.DataFrame]) -> str:
    """Say what is missing where time is asked for and no column has times."""
    columns = [table[label] for table in tables.values() for label in table.columns]
    if any(kind_of(column) == "time" for column in columns):
        return ""
    if not (asked.find(TIME) or any(asked.find(words) for words in UNITS.values())):
        return ""
    looks = next(
        (str(each.name) for each in columns if {"date", "time", "day", "month"} & set(parts_of(str(each.name)))), None
    )
    if looks is None:
        return " No column has dates."
    return f" No column has dates: {looks!r} has other values; convert it with pandas.to_datetime."
