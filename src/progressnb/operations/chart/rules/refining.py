"""A change of a chart in words: fewer rows, percents, another aggregate, order or mark, a second group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from progressnb.operations.chart.rules.conditions import read_conditions
from progressnb.operations.chart.rules.finishing import finished
from progressnb.operations.chart.rules.groups import Group, asks_within, read_color, read_groups, read_rank
from progressnb.operations.chart.rules.lexicon import ROWS
from progressnb.operations.chart.rules.parser import unclear, unreadable
from progressnb.operations.chart.rules.sentence import NotReadError, Sentence, UnclearError
from progressnb.operations.chart.rules.shapes import arranged, bin_width, read_computed, read_mark
from progressnb.operations.chart.rules.spotting import Vocabulary
from progressnb.operations.chart.rules.word_lists import word_list
from progressnb.operations.chart.rules.words import stem

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from progressnb.operations.chart.rules.reading import Aggregate, Reading

__all__ = ["refined"]

_PLAIN = word_list("changing.txt")
"""Words of a change that say nothing beside it."""

_PLAIN_NUMBERS = ("numbers", "absolute", "amounts")
_ADD, _INSTEAD = ("also", "split", "add", "too"), ("instead",)


def refined(reading: Reading, change: str, tables: Mapping[str, pd.DataFrame]) -> Reading:
    """Return a reading with a change that is said in words.

    Raises `UnclearQuestionError` and `InputError` as `read_question` does.
    """
    names = Vocabulary(reading.table, tables[reading.table])
    asked = Sentence(change, names)
    try:
        changed = _changed(reading, asked)
    except UnclearError as error:
        raise unclear(change, error.about, error.choices) from None
    except NotReadError as error:
        raise unreadable(change, error, [names]) from None
    return finished(replace(changed, groups=0, every=1, assumed=tuple(asked.assumed)), names.table)


def _changed(reading: Reading, asked: Sentence) -> Reading:
    before = reading
    said = {str(asked.value(at)) for at in asked.free("unknown") if asked.value(at) in _PLAIN}
    asked.use(*(at for at in list(asked.free("unknown")) if asked.value(at) in _PLAIN))
    mark = read_mark(asked)
    conditions = read_conditions(asked)
    columns = {each.column for each in conditions.filters}
    kept = tuple(each for each in reading.filters if each.column not in columns)
    reading = replace(reading, filters=(*kept, *conditions.filters), mark=mark or reading.mark)
    reading = replace(reading, computed="") if said & set(_PLAIN_NUMBERS) else _computed(reading, asked)
    reading = _all(reading, asked) if "all" in said else reading
    reading = _with_bins(reading, asked)
    if asks_within(asked):
        raise NotReadError(why="asks for the top ones of each group: ask it as a question of its own")
    reading = _top(reading, asked)
    rank = read_rank(asked)
    color = read_color(asked)
    groups = [Group(color)] if color is not None else read_groups(asked, rank)
    reading = _measure(reading, asked, said)
    reading = _aggregate(reading, asked)
    if groups:
        reading = _with_group(reading, asked, groups, said, is_color=color is not None)
    for at in asked.free("order"):
        reading = replace(reading, descending=asked.value(at) == "high")
        asked.use(at)
    if rest := asked.rest():
        raise NotReadError(rest)
    if reading == before:
        raise NotReadError(why="does not say what to change")
    return reading


def _computed(reading: Reading, asked: Sentence) -> Reading:
    computed = read_computed(asked)
    if not computed:
        return reading
    if reading.aggregate not in ("sum", "count", "any") and computed == "share":
        raise NotReadError(why="asks for percents of values that don't add up to a whole")
    return replace(reading, computed=computed)


def _all(reading: Reading, asked: Sentence) -> Reading:
    """Read "all years", which takes conditions on times away, and "all of them", which takes "top 5" away."""
    at = asked.first("unit")
    if at is None:
        return reading if reading.is_within else replace(reading, top=None)
    asked.use(at)
    names = asked.names.columns
    kept = [e for e in reading.filters if names[e.column].kind != "time" and names[e.column].stems != ["year"]]
    return replace(reading, filters=tuple(kept))


def _with_bins(reading: Reading, asked: Sentence) -> Reading:
    width = bin_width(asked)
    if width and reading.shape != "distribution":
        raise NotReadError(["bins"])
    return replace(reading, bin_width=width) if width else reading


def _measure(reading: Reading, asked: Sentence, said: set[str]) -> Reading:
    """Read "average price instead" and "number of rows", another measure in the place of the one that there is."""
    if reading.shape in ("against", "distribution"):
        return reading
    at = next((each for each in asked.free("aggregate") if asked.value(each) == "count"), None)
    if at is not None and asked.is_free(at + 1, "unknown") and stem(str(asked.value(at + 1))) in ROWS:
        asked.use(at, at + 1)
        return replace(reading, measure=None, aggregate="count", others=(), partner="", yes=None)
    for at in list(asked.free("aggregate")):
        column = asked.column(at + 1) if asked.is_free(at + 1, "column") else None
        if column is None or column.kind != "number" or column.label == reading.measure:
            continue
        aggregate = asked.value(at)
        if aggregate in ("count", "distinct", "corr"):
            continue
        if not said & set(_INSTEAD):
            about = f"{column.label!r} may be in place of what there is, or beside it"
            raise UnclearError(about, [f"{asked.question} instead"])
        asked.use(at, at + 1)
        new = replace(reading, measure=column.label, aggregate=cast("Aggregate", aggregate), others=())
        return replace(new, computed="" if aggregate not in ("sum", "count") else new.computed, partner="", yes=None)
    return reading


def _top(reading: Reading, asked: Sentence) -> Reading:
    """Read "top 5" of the groups that are there."""
    for at in list(asked.free("extreme")):
        if asked.is_free(at + 1, "number") and asked.value(at) in ("high", "low"):
            if reading.shape not in ("by", "steps") or reading.others or (reading.color and not reading.is_within):
                raise NotReadError([asked.items[at].text], "has no single measure by one group of names")
            asked.use(at, at + 1)
            return replace(reading, top=asked.value(at + 1), descending=asked.value(at) == "high")
    return reading


def _aggregate(reading: Reading, asked: Sentence) -> Reading:
    for at in list(asked.free("aggregate", "extreme")):
        value = asked.value(at)
        if asked.items[at].text.lower() in ("top", "bottom", "leading"):
            continue
        value = {"high": "max", "low": "min"}.get(value, value)
        if reading.measure is not None and value in _AGGREGATES and _may_aggregate(reading):
            asked.use(at)
            column = asked.column(at + 1) if asked.is_free(at + 1, "column") else None
            if column is not None and column.label == reading.measure:
                asked.use(at + 1)
            return replace(reading, aggregate=cast("Aggregate", value))
    return reading


_AGGREGATES = ("sum", "avg", "median", "std", "max", "min")


def _may_aggregate(reading: Reading) -> bool:
    """Tell whether a reading has one measure that may have another aggregate."""
    return (
        not reading.others
        and reading.aggregate not in ("corr", "rate", "distinct")
        and reading.shape not in ("against", "distribution")
    )


def _with_group(reading: Reading, asked: Sentence, groups: list[Group], said: set[str], *, is_color: bool) -> Reading:
    if len(groups) > 1 or not reading.dimension:
        return arranged(reading, asked, groups)
    (group,) = groups
    if is_color or said & set(_ADD):
        return replace(reading, color=group.column.label) if not group.unit else _over_time(reading, asked, group)
    if said & set(_INSTEAD):
        return arranged(replace(reading, color=None), asked, groups)
    if group.column.label == reading.dimension and group.unit:
        return replace(reading, unit=group.unit)
    words = asked.question
    choices = [f"{words} instead", f"also {words}"]
    raise UnclearError(f"{group.column.label!r} may be in place of {reading.dimension!r}, or beside it", choices)


def _over_time(reading: Reading, asked: Sentence, group: Group) -> Reading:
    if reading.color is not None or reading.shape != "by":
        raise NotReadError([group.column.label], "has more than two groups")
    both = [group, Group(asked.names.columns[reading.dimension])]
    return arranged(reading, asked, both)
