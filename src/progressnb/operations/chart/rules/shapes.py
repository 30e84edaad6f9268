"""The reading of a whole sentence: the parts are read in turn, and what remains must say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from progressnb.operations.chart.rules.conditions import Conditions, read_conditions
from progressnb.operations.chart.rules.defaults import Around
from progressnb.operations.chart.rules.groups import Group, is_within, read_color, read_groups, read_rank, timeline
from progressnb.operations.chart.rules.measures import Counted, read_counted, read_measured
from progressnb.operations.chart.rules.reading import Reading
from progressnb.operations.chart.rules.sentence import NotReadError, UnclearError

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.groups import Rank
    from progressnb.operations.chart.rules.reading import Computed, Shape
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["arranged", "bin_width", "read_computed", "read_mark", "read_sentence"]

_MOST_GROUPS = 2
_GOOD = frozenset(["revenue", "sale", "profit", "income", "rating", "score", "earning"])
"""Words of columns of which the highest value is the best."""


def read_sentence(asked: Sentence) -> Reading:
    """Return the reading of a question held against one table.

    Raises `UnclearError` for one with several meanings, and `NotReadError` for words without a meaning.
    """
    mark = read_mark(asked)
    conditions = read_conditions(asked)
    reading = _against(asked, mark) or _distribution(asked) or _grouped(asked, conditions)
    if rest := asked.rest():
        raise NotReadError(rest)
    filters = (*conditions.filters, *reading.filters)
    return replace(reading, mark=mark, filters=filters, assumed=tuple(asked.assumed))


def read_mark(asked: Sentence) -> str:
    """Return the mark that the question names, such as bars, or an empty text."""
    marks = list(asked.free("mark"))
    for at in marks:
        asked.use(at)
    values = {str(asked.value(at)) for at in marks}
    if len(values) > 1:
        raise NotReadError([asked.items[at].text for at in marks])
    return values.pop() if values else ""


def _against(asked: Sentence, mark: str) -> Reading | None:
    at = asked.first("against")
    numbers = [each for each in asked.free("column") if _is_number(asked, each)]
    if (at is None and mark != "point") or len(numbers) < 2 or asked.first("aggregate") is not None:  # noqa: PLR2004
        return None
    color = read_color(asked)
    by = asked.first("by")
    if color is None and by is not None and len(groups := read_groups(asked, None)) == 1:
        color = groups[0].column
    first, second = numbers[:2]
    asked.use(first, second, *([at] if at is not None else []))
    labels = [cast("Column", asked.column(each)).label for each in (first, second)]
    return Reading("against", asked.names.name, labels[0], labels[1], color=color.label if color else None)


def _is_number(asked: Sentence, at: int) -> bool:
    column = asked.column(at)
    return (
        column is not None and column.kind == "number" and not column.is_identifier and asked.role(at - 1) != "colour"
    )


def _distribution(asked: Sentence) -> Reading | None:
    at = asked.first("distribution")
    if at is None:
        return None
    width = bin_width(asked)
    places = list(asked.free("column"))
    columns = [asked.column(each) for each in places]
    if len(places) != 1 or columns[0] is None or asked.has("by"):
        raise NotReadError(asked.rest())
    asked.use(at, places[0])
    column = columns[0]
    shape: Shape = "distribution" if column.kind == "number" else "by"
    if column.kind == "time":
        raise NotReadError([asked.items[at].text])
    if width and shape != "distribution":
        raise NotReadError(["bins"])
    return Reading(shape, asked.names.name, None, column.label, bin_width=width)


def bin_width(asked: Sentence) -> float:
    """Return the width of "bins of 10" and "5 degree bins", 0 where none is said."""
    at = asked.first("bins")
    if at is None:
        return 0
    if asked.is_free(at + 1, "number"):
        unit = [at + 2] if asked.is_free(at + 2, "unknown") else []
        asked.use(at, at + 1, *unit)
        return float(asked.value(at + 1))
    if asked.is_free(at - 1, "unknown") and asked.is_free(at - 2, "number"):
        asked.use(at - 2, at - 1, at)
        return float(asked.value(at - 2))
    raise NotReadError([asked.items[at].text])


def _grouped(asked: Sentence, conditions: Conditions) -> Reading:
    computed = read_computed(asked)
    rate = _rate(asked, computed)
    pair = _correlated(asked)
    counted = None if rate or pair else read_counted(asked)
    rank = read_rank(asked)
    groups = read_groups(asked, rank)
    rank = rank._replace(is_within=True) if rank is not None and is_within(asked, rank) else rank
    color = read_color(asked)
    groups += [Group(color)] if color is not None else []
    groups += [Group(each) for each in conditions.compared if each.label not in [one.column.label for one in groups]]
    for at in asked.free("against"):
        if conditions.compared:
            asked.use(at)
    if computed in ("running", "change", "growth") and not groups:
        groups = [timeline(asked, "" if computed == "running" else "year")]
    if computed == "share" and not groups:
        groups = _shared(asked)
    groups += _loose_groups(asked, groups)
    asked.use(*asked.free("compare"))
    measures = [] if counted or rate or pair else read_measured(asked, Around(groups, conditions.filters, rank))
    if rank is not None and counted is None and not measures and not rate and not pair:
        counted = _counted_by_rank(asked, rank)
    if not (counted or measures or rate or pair):
        raise _nothing_measured(asked, groups, computed, is_filtered=bool(conditions.filters))
    reading = _reading(asked, groups)
    if rate:
        reading = replace(reading, measure=rate.label, aggregate="rate", yes=rate.yes)
    elif pair:
        reading = replace(reading, measure=pair[0].label, partner=pair[1].label, aggregate="corr")
    elif counted:
        of = counted.column
        reading = replace(
            reading, measure=of.label if of else None, aggregate="distinct" if of else "count", counted=counted.noun
        )
    else:
        first = measures[0]
        reading = replace(reading, measure=first.column, aggregate=first.aggregate, others=tuple(measures[1:]))
    return _ordered(asked, replace(reading, computed="" if rate else computed), rank)


def read_computed(asked: Sentence) -> Computed:
    """Return what is made of the values: "share of", "running total", "year over year"."""
    found: Computed = ""
    for at in list(asked.free("share", "running", "change")):
        word = asked.value(at) if asked.role(at) == "change" else asked.role(at)
        if found not in ("", word):
            raise NotReadError([asked.items[at].text])
        if word == "share" and asked.is_free(at - 1, "column") and asked.role(at + 1) != "column":
            _check_share(asked, at)
        found = cast("Computed", word)
        asked.use(at)
    return found


def _check_share(asked: Sentence, at: int) -> None:
    """Raise `UnclearError` for "tip percentage", which may be a share of the tips or of something else."""
    column = asked.column(at - 1)
    if column is not None and column.kind == "number" and asked.role(at - 2) != "by":
        about = f"{asked.items[at - 1].text} {asked.items[at].text} may be a percent of something else"
        raise UnclearError(about, [asked.rewritten(at - 1, f"share of total {column.label}", at)])


def _rate(asked: Sentence, computed: Computed) -> Column | None:
    """Return the column of yes and no whose percent of yes is asked for: "cancellation rate", "share of survived"."""
    at = asked.first("rate")
    if computed != "share" and at is None:
        return None
    for place in list(asked.free("column")):
        column = None if asked.items[place].options else asked.column(place)
        if column is not None and column.yes is not None and asked.role(place - 1) not in ("by", "which"):
            asked.use(place, *([at] if at is not None else []))
            return column
    return None


def _correlated(asked: Sentence) -> tuple[Column, Column] | None:
    """Return the two columns whose correlation is asked for, and count the words for it as read."""
    at = next((each for each in asked.free("aggregate") if asked.value(each) == "corr"), None)
    if at is None:
        return None
    places = [each for each in asked.free("column") if _is_number(asked, each) and asked.role(each - 1) != "by"]
    if len(places) != 2:  # noqa: PLR2004
        raise NotReadError([asked.items[at].text], "names no two columns of numbers for it")
    asked.use(at, *places, *asked.free("against"))
    one, other = (asked.column(each) for each in places)
    return (one, other) if one is not None and other is not None else None


def _shared(asked: Sentence) -> list[Group]:
    """Return the groups of "share of each species"."""
    for at in list(asked.free("column")):
        column = asked.column(at)
        few = column is not None and column.is_whole and not column.is_identifier and asked.items[at - 1].text == "each"
        if column is not None and (column.kind in ("text", "flag") or few):
            asked.use(at)
            return [Group(column)]
    return []


def _loose_groups(asked: Sentence, groups: list[Group]) -> list[Group]:
    """Return the group of "compare revenue of regions": a column of names that no "by" leads to."""
    if groups or asked.first("compare") is None:
        return []
    return _shared(asked)


def _counted_by_rank(asked: Sentence, rank: Rank) -> Counted | None:
    if rank.is_common:
        return Counted()
    return read_counted(asked, after_by=True)


def _nothing_measured(asked: Sentence, groups: list[Group], computed: Computed, *, is_filtered: bool) -> Exception:
    """Return the error for a question that says by what, and not what."""
    rest = asked.rest()
    if rest or not groups:
        return NotReadError(rest, "" if rest else "does not say what to compute")
    by = " and ".join(each.column.label for each in groups)
    amounts = [each for each in asked.names.columns.values() if each.kind == "number" and each.default() is not None]
    words = {"sum": "total", "avg": "average"}
    of = "share of rows" if computed == "share" else "number of rows"
    whole = [of, *(f"{words[each.default() or 'sum']} {each.label}" for each in amounts[:2])]
    whole = [f"{each}: {asked.question}" if is_filtered else f"{each} by {by}" for each in whole]
    return UnclearError("it does not say what to compute", whole)


def _named(asked: Sentence, rank: Rank) -> list[str]:
    """Return the words that name the groups of a rank."""
    return [item.text for item in asked.items if item.role == "column" and item.value is rank.group]


def arranged(reading: Reading, asked: Sentence, groups: list[Group]) -> Reading:
    """Return a reading with other groups."""
    new = _reading(asked, groups)
    return replace(reading, shape=new.shape, dimension=new.dimension, unit=new.unit, color=new.color, top=None,
                   is_within=False)  # fmt: skip


def _reading(asked: Sentence, groups: list[Group]) -> Reading:
    name = asked.names.name
    if not groups:
        return Reading("number", name, None, "")
    if len(groups) > _MOST_GROUPS:
        raise NotReadError([each.column.label for each in groups[_MOST_GROUPS:]], "has more than two groups")
    first, *others = sorted(groups, key=_order)
    if others and others[0].unit:
        raise NotReadError([each.column.label for each in groups], "has two groups by time")
    color = others[0].column.label if others else None
    if first.unit:
        return Reading("time", name, None, first.column.label, unit=first.unit, color=color)
    shape: Shape = "steps" if first.column.kind == "number" else "by"
    return Reading(shape, name, None, first.column.label, color=color)


def _order(group: Group) -> int:
    return 0 if group.unit else 1 if group.column.stems == ["year"] else 2


def _ordered(asked: Sentence, reading: Reading, rank: Rank | None) -> Reading:
    """Return a reading with the order and the number of groups that are asked for."""
    direction = rank.direction if rank is not None else "high"
    for at in list(asked.free("order")):
        direction = asked.value(at)
        asked.use(at)
    if direction in ("good", "bad"):
        words: set[str] = set() if reading.measure is None else set(asked.names.columns[reading.measure].stems)
        if rank is None or not words & _GOOD:
            word = asked.items[rank.place].text if rank else direction
            place = rank.place if rank else 0
            choices = [asked.rewritten(place, each) for each in ("highest", "lowest")]
            raise UnclearError(f"{word!r} may be the highest or the lowest", choices)
        asked.assumed.append(f"The {'highest are the best' if direction == 'good' else 'lowest are the worst'}.")
    high = direction in ("high", "good")
    if rank is not None and rank.number is not None and reading.color is not None:
        if rank.is_within and reading.shape != "time" and not reading.computed and not reading.others:
            dimension = rank.group.label if rank.group is not None else reading.dimension
            outer = reading.color if reading.color != dimension else reading.dimension
            return replace(reading, shape="by", dimension=dimension, color=outer, top=rank.number, descending=high,
                           is_within=True)  # fmt: skip
        raise NotReadError(
            [asked.items[rank.place].text, *_named(asked, rank)],
            "has two groups, of which the top ones are not defined",
        )
    return replace(reading, top=rank.number if rank is not None else None, descending=high)
