"""The measure of a question: the column that is computed, the aggregate, and the noun that is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.chart.rules.patterns import AGGREGATES, EXTREME, ROWS
from progressnb.operations.chart.rules.words import is_identifier

if TYPE_CHECKING:
    import re

    from progressnb.operations.chart.rules.reading import Aggregate
    from progressnb.operations.chart.rules.table_question import TableQuestion

__all__ = ["Measure", "measure_of"]


class Measure(NamedTuple):
    """The column that is computed (None for rows), the aggregate, and the question's noun for a row, if any."""

    column: str | None
    aggregate: Aggregate
    counted: str = ""


_ROWS = Measure(None, "count")


def measure_of(asked: TableQuestion, *, exclude: str, ranked: bool = False) -> Measure | None:
    """Return the measure of a question, or None where it is not clear.

    Args:
        asked: The question and its table; the words of the measure are counted as read.
        exclude: The column that groups, which is never the measure.
        ranked: Whether "most" and "least" may rank groups instead of asking for a maximum or minimum.

    """
    aggregate = asked.first_aggregate(AGGREGATES)
    if ranked and aggregate in ("max", "min"):
        # "Which region has the most units" asks for a total, unless it says "average" too.
        aggregate = asked.first_aggregate(("avg", "median", "sum"))
    column = next((label for label in asked.named_numbers() if label != exclude), None)
    words = AGGREGATES[aggregate] if aggregate else EXTREME if ranked and column is None else None
    match = asked.use(words) if words else None
    if aggregate == "distinct":
        return _distinct(asked, match, exclude)
    if column is not None and aggregate != "count":
        return Measure(column, aggregate or "sum")
    if aggregate not in (None, "count"):
        return None  # "average by region" does not say of what
    return _counted(asked, match, exclude)


def _distinct(asked: TableQuestion, match: re.Match[str] | None, exclude: str) -> Measure | None:
    """Return the count of different values of the column that is named after "distinct"."""
    after = max(asked.question.within(match), default=-1) + 1
    labels = (label for label in asked.order if after in asked.mentions[label].words and label != exclude)
    label = next(labels, None)
    return Measure(label, "distinct") if label else None


def _counted(asked: TableQuestion, match: re.Match[str] | None, exclude: str) -> Measure | None:
    """Return the count of the noun after "number of": of different values of a column, or of rows."""
    if match is None:
        return _ROWS
    at = max(asked.question.within(match)) + 1
    while asked.question.word(at) in ("the", "all", "of"):
        asked.read.add(at)
        at += 1
    noun = asked.question.word(at)
    for label in asked.order:
        if label != exclude and at in asked.mentions[label].words and asked.kinds[label] != "time":
            if asked.kinds[label] == "flag" or (asked.kinds[label] == "number" and not is_identifier(label)):
                # "number of units" may mean their total, and "how many returned" the rows where that is true.
                return None
            return Measure(label, "distinct")
    if exclude in asked.mentions and at in asked.mentions[exclude].words:
        return None  # "number of regions" is one number, which needs no chart
    if noun and noun not in ("by", "per"):
        asked.read.add(at)
        return Measure(None, "count", "" if noun in ROWS else noun)
    return _ROWS
