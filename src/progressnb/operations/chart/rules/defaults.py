"""The aggregate of a column for which the question names none: it follows from what the column is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.chart.rules.selecting import group_keys, narrowed, selected
from progressnb.operations.chart.rules.sentence import UnclearError
from progressnb.operations.chart.rules.times import named_time, natural_unit, year_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.groups import Group, Rank
    from progressnb.operations.chart.rules.reading import Aggregate, Filter
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["Around", "default_aggregate"]


class Around(NamedTuple):
    """The surroundings of a measure: the groups, the conditions and the order of the question."""

    groups: Sequence[Group]
    filters: Sequence[Filter]
    rank: Rank | None


def default_aggregate(asked: Sentence, at: int, column: Column, around: Around) -> Aggregate:
    """Return the aggregate that a column's nature stands for. Raises `UnclearError` where that is not sure."""
    groups, filters, rank = around
    aggregate = column.default()
    if _are_single(asked, column, groups, filters):
        return "sum" if aggregate == "sum" else "any"
    if column.nature == "stock" and _has_period(asked, groups, filters):
        aggregate = "sum"
    if aggregate == "avg" and rank is not None and rank.direction in ("high", "low"):
        aggregate = None
    if aggregate is None:
        label, word = column.label, "average"
        has_total = any("total" in each.parts for each in asked.names.columns.values())
        choices = [asked.before(at, word), asked.before(at, "sum of" if has_total else "total")]
        if column.nature == "level":
            highest = "highest" if rank is None or rank.direction == "high" else "lowest"
            plain = f"{highest} {label} by {groups[0].column.label}" if groups and not filters else ""
            choices = [choices[0], *([plain] if plain else [])]
        raise UnclearError(f"{label!r} may be averaged or added up", choices)
    asked.assumed.append(f"{column.label!r} is {'added up' if aggregate == 'sum' else 'averaged'}.")
    return aggregate


def _are_single(asked: Sentence, column: Column, groups: Sequence[Group], filters: Sequence[Filter]) -> bool:
    """Tell whether each group has one row at most, so that any aggregate gives the same."""
    labels = [column.label, *(each.column.label for each in groups)]
    table = selected(asked.names.table, filters, labels)
    there = table[column.label].notna()
    if not groups:
        return int(there.sum()) <= 1
    few = [len(each.column.unique) for each in groups if each.column.kind == "text"]
    if len(few) == len(groups) and int(there.sum()) > math.prod(few):
        return False
    table = narrowed(table, there)
    keys = [group_keys(table[each.column.label], each.unit) for each in groups]
    return len(table) > 0 and int(table.groupby(keys, dropna=False, observed=True).size().max()) == 1


def _has_period(asked: Sentence, groups: Sequence[Group], filters: Sequence[Filter]) -> bool:
    """Tell whether the rows of a group are of one period, so that their stocks add up."""
    years, named = year_column(asked), named_time(asked)
    times = [each for each in asked.names.columns.values() if each.kind == "time"]
    if years is None and not times:
        return True
    if years is not None and not times:
        fixed = any(each.column == years.label and each.operator == "=" for each in filters)
        return fixed or any(each.column.label == years.label for each in groups)
    time = named or times[0]
    unit = natural_unit(time.values)
    return len(times) == 1 and any(each.column is time and each.unit == unit for each in groups)
