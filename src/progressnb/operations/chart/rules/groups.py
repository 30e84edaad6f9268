"""The groups of a question: by which columns and units of time, and which ones of them are the highest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.chart.rules.sentence import NotReadError
from progressnb.operations.chart.rules.times import named_time, time_column, usual_unit, year_column

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["SOME", "Group", "Rank", "asks_within", "is_within", "read_color", "read_groups", "read_rank", "timeline"]

SOME = 10
"""The number of groups that "the top ones" stands for."""


class Group(NamedTuple):
    """A column by which rows are grouped, and of a time the unit."""

    column: Column
    unit: str = ""


class Rank(NamedTuple):
    """The order of groups that a question asks for.

    `direction` is `high`, `low`, `good` or `bad`; `place` is where the word stands; `number` is how many groups are
    drawn, None for all; `group` is the column whose values are ranked, if the words say it.
    """

    direction: str
    place: int
    number: int | None = None
    group: Column | None = None
    is_common: bool = False
    is_within: bool = False


def read_rank(asked: Sentence) -> Rank | None:
    """Return the order of groups that is asked for, or None: "top 5 X", "which X has the most", "X with the lowest"."""
    for at in list(asked.free("common")):
        asked.use(at)
        number = _count_beside(asked, at)
        count = _taken_count(asked, number)
        return Rank(asked.value(at), at, count, _group_near(asked, at), is_common=True)
    for at in list(asked.free("extreme")):
        number = _count_beside(asked, at)
        count = asked.value(number) if number is not None else None
        which = next((each for each in asked.free("which") if each < at), None)
        if count is not None:
            group = _group_near(asked, at) or _group_before_having(asked, at)
        elif asked.items[at].text.lower() in ("top", "bottom"):
            group = _group_near(asked, at)
            count = SOME if group is not None else None
        elif asked.role(at - 1) == "having":
            group = _group_before_having(asked, at)
        elif which is not None and asked.role(which + 1) == "column":
            group = _take_group(asked, which + 1)
        else:
            group = None
        if group is not None:
            asked.use(at)
            _taken_count(asked, number)
            return Rank(asked.value(at), at, count, group)
    return None


def _taken_count(asked: Sentence, place: int | None) -> int | None:
    """Return the number at a place, and count it as read."""
    if place is None:
        return None
    asked.use(place)
    count: int = asked.value(place)
    return count


def _count_beside(asked: Sentence, at: int) -> int | None:
    """Return the place of the number beside a rank, or before the groups that have it: "top 5", "3 products with"."""
    beside = [at + 1, at - 1]
    if asked.role(at - 1) == "having" and asked.role(at - 2) == "column":
        beside.append(at - 3)
    for near in beside:
        if asked.is_free(near, "number") and isinstance(asked.value(near), int) and 0 < asked.value(near) < 1000:  # noqa: PLR2004
            return near
    return None


def _group_near(asked: Sentence, at: int) -> Column | None:
    later = at + 1
    while asked.role(later) in ("number", "extreme"):
        later += 1
    return _take_group(asked, later)


def _group_before_having(asked: Sentence, at: int) -> Column | None:
    return _take_group(asked, at - 2) if asked.role(at - 1) == "having" else None


def _take_group(asked: Sentence, at: int) -> Column | None:
    """Return the column at a place and count it as read, if it can group rows."""
    column = asked.column(at) if asked.is_free(at, "column") else None
    if column is None or not (column.groups or column.kind == "time"):
        return None
    asked.use(at)
    return column


def read_groups(asked: Sentence, rank: Rank | None) -> list[Group]:
    """Return what rows are grouped by, in the order of the question."""
    groups = [_of(asked, rank.group)] if rank is not None and rank.group is not None else []
    for at in list(asked.free("by")):
        if not asked.is_free(at, "by"):
            continue
        place, found = at + 1, False
        while (group := _group_at(asked, place, ranked=bool(groups) and rank is not None, first=not found)) is not None:
            if group.column.label not in [each.column.label for each in groups]:
                groups.append(group)
            found = True
            place = _next_place(asked, place)
        ranks_by = rank is not None and (
            asked.role(at + 1) in ("column", "aggregate") or asked.role(at + 1) == "unknown"
        )
        if found or ranks_by:
            asked.use(at)
    _over_time(asked, groups)
    return groups


def _next_place(asked: Sentence, place: int) -> int:
    place += 1
    while asked.is_free(place, "and", "by") and asked.role(place + 1) in ("column", "unit", "cycle", "by"):
        if asked.role(place) == "by":
            asked.use(place)
        place += 1
    return place


def _group_at(asked: Sentence, at: int, *, ranked: bool, first: bool) -> Group | None:
    """Return the group that an item after "by" names, and count it as read; None for anything else."""
    if asked.is_free(at, "unit", "cycle"):
        asked.use(at)
        return _of_unit(asked, asked.value(at))
    if first and asked.is_free(at, "aggregate") and asked.value(at) == "count" and not ranked:
        return _number_of(asked, at)
    column = asked.column(at) if asked.is_free(at, "column") else None
    if column is None or (column.kind == "number" and (ranked or not column.is_whole)):
        return None
    if not first and column.kind == "number" and column.default() == "sum":
        return None  # "by region and revenue"
    asked.use(at)
    return _of(asked, column)


def _number_of(asked: Sentence, at: int) -> Group | None:
    """Return the group of "by number of children"."""
    after = asked.column(at + 1) if asked.is_free(at + 1, "column") else None
    if after is None or not after.is_whole or after.is_identifier:
        return None
    asked.use(at, at + 1)
    return Group(after)


def _of(asked: Sentence, column: Column) -> Group:
    """Return the group of a column; of times by the unit that the question names, or the usual one."""
    if column.kind != "time":
        return Group(column)
    for at in list(asked.free("unit", "cycle")):
        asked.use(at)
        return Group(column, asked.value(at))
    return Group(column, usual_unit(column.values))


def _of_unit(asked: Sentence, unit: str) -> Group:
    years = year_column(asked)
    has_times = any(each.kind == "time" for each in asked.names.columns.values())
    if not has_times and unit == "year" and years is not None:
        return Group(years)
    return Group(time_column(asked), unit)


_EACH = frozenset({"each", "in each", "for each", "every", "for every", "per", "within each", "in every"})


def is_within(asked: Sentence, rank: Rank | None) -> bool:
    """Tell whether a rank is of each value of another group: "top 3 products in each region"."""
    if rank is None or rank.number is None or rank.group is None:
        return False
    return asks_within(asked)


def asks_within(asked: Sentence) -> bool:
    """Tell whether words ask for a number of groups "in each" of others."""
    each = (at for at, item in enumerate(asked.items) if item.role == "by" and item.text.casefold() in _EACH)
    counted = (at for at, item in enumerate(asked.items) if item.role == "extreme" and "number" in
               (asked.role(at + 1), asked.role(at - 1)))  # fmt: skip
    return any(asked.role(at + 1) == "column" for at in each) and next(counted, None) is not None


def _over_time(asked: Sentence, groups: list[Group]) -> None:
    """Read "over time", "monthly" and the like where nothing else groups by time."""
    for at in list(asked.free("time", "unit", "cycle")):
        if any(each.unit or each.column.stems == ["year"] for each in groups):
            if asked.role(at) == "time":
                asked.use(at)
            continue
        asked.use(at)
        groups.insert(0, timeline(asked) if asked.role(at) == "time" else _of_unit(asked, asked.value(at)))
    named = named_time(asked)
    if named is not None and not any(each.unit for each in groups):
        place = next(at for at, item in enumerate(asked.items) if item.role == "column" and item.value is named)
        if asked.is_free(place):
            raise NotReadError([asked.items[place].text])
    elif named is not None:
        asked.use(*(at for at in asked.free("column") if asked.items[at].value is named))


def timeline(asked: Sentence, unit: str = "") -> Group:
    """Return the group of a question for values over time, by a unit or the usual one."""
    years = year_column(asked)
    has_times = any(each.kind == "time" for each in asked.names.columns.values())
    if years is not None and not has_times:
        return Group(years)
    return Group(time_column(asked), unit) if unit else _of(asked, time_column(asked))


def read_color(asked: Sentence) -> Column | None:
    """Return the column after "coloured by", or None."""
    for at in list(asked.free("colour")):
        column = _take_group(asked, at + 1)
        if column is not None:
            asked.use(at)
            return column
    return None
