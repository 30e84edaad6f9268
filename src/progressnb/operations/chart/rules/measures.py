"""The measures of a question: rows, different values, or columns with their aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.chart.rules.defaults import default_aggregate
from progressnb.operations.chart.rules.lexicon import ROWS, role_of
from progressnb.operations.chart.rules.reading import Measured
from progressnb.operations.chart.rules.sentence import NotReadError, UnclearError
from progressnb.operations.chart.rules.times import natural_unit, year_column
from progressnb.operations.chart.rules.words import stem

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.defaults import Around
    from progressnb.operations.chart.rules.reading import Aggregate
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["Counted", "read_counted", "read_measured"]

_COUNTS = frozenset(["count", "n", "freq", "frequency", "cnt", "anzahl"])
"""Names of columns that say how many there are of what a row stands for."""

_MOST_NUMBERS = 20
"""Different whole numbers up to which a column named like a row may also be a quantity."""


class Counted(NamedTuple):
    """The things that are counted: the different values of a column, or rows, by the question's noun for one."""

    column: Column | None = None
    noun: str = ""


def read_counted(asked: Sentence, *, after_by: bool = False) -> Counted | None:
    """Return what the question counts, or None. Raises `UnclearError` for a noun that may not stand for the rows."""
    for at in list(asked.free("aggregate")):
        if asked.value(at) not in ("count", "distinct") or (asked.role(at - 1) == "by" and not after_by):
            continue
        asked.use(at)
        if asked.is_free(at - 1, "aggregate") and asked.value(at - 1) == "sum":
            asked.use(at - 1)  # "total number of"
        return _distinct(asked, at) if asked.value(at) == "distinct" else _noun(asked, at, asked.items[at].text)
    for at in list(asked.free("unknown", "column")):
        if asked.role(at) == "unknown" and stem(str(asked.value(at))) in ROWS:
            asked.use(at, *([at - 1] if asked.is_free(at - 1, "aggregate") and asked.value(at - 1) == "count" else []))
            return _rows(asked, at)
        if asked.role(at) == "column" and not asked.items[at].options and _names_rows(asked, at):
            asked.use(at)
            return _rows(asked, at, asked.items[at].text)
    return None


def _distinct(asked: Sentence, at: int) -> Counted:
    column = asked.column(at + 1) if asked.is_free(at + 1, "column") else None
    if column is None:
        raise NotReadError([asked.items[at].text])
    asked.use(at + 1)
    return Counted(column)


def _noun(asked: Sentence, at: int, text: str) -> Counted:
    """Return what the words after "how many" count."""
    after = at + 1
    role = asked.role(after)
    if role == "value" and not asked.is_free(after):
        return _after_value(asked, at)
    if not asked.is_free(after) or role in ("by", "which", "time", "number", "compared"):
        return _rows(asked, at)
    if role == "unknown":
        if stem(str(asked.value(after))) in ROWS:
            asked.use(after)
            return _rows(asked, at)
        about = f"{asked.items[after].text!r} is no column or value, and may not be what a row stands for"
        raise UnclearError(about, [asked.rewritten(at, "number of rows", after)])
    if role == "unit":
        asked.use(after)
        return _units(asked, at, asked.value(after))
    column = asked.column(after) if role == "column" else None
    if column is None or column.kind == "time":
        raise NotReadError([text, asked.items[after].text])
    if not _names_rows(asked, after):
        return _different(asked, at, column)
    asked.use(after)
    return _rows(asked, at, asked.items[after].text)


def _different(asked: Sentence, at: int, column: Column) -> Counted:
    """Count the different values of a column. Raises `UnclearError` where rows or a total may be meant."""
    after, text = at + 1, asked.items[at].text
    said = asked.items[after].text
    if column.kind == "number" and not column.is_identifier and column is not year_column(asked):
        choices = [asked.rewritten(at, words, after) for words in ("number of rows", f"total {column.label}")]
        raise UnclearError(f"{text!r} may ask for rows or for a total", choices)
    if asked.items[after].guessed and not {"id", "name", "key", "code"} & set(column.parts):
        about = f"{said!r} is not {column.label!r}, and may not be what a row stands for"
        raise UnclearError(about, [asked.rewritten(at, "number of rows", after)])
    one = said.casefold()
    if one == column.label.casefold() and stem(one) == one and not column.is_identifier:
        by = "and" if asked.has("by") else "by"
        choices = [asked.rewritten(at, f"number of different {said}", after)]
        choices += [f"{asked.rewritten(at, 'number of rows', after)} {by} {said}"]
        raise UnclearError(f"{text} {said} may ask for its different values or for rows", choices)
    asked.use(after)
    return Counted(column)


def _after_value(asked: Sentence, at: int) -> Counted:
    """Count "rainy days" and "Gentoo rows": the noun that stands after a value, if there is one."""
    noun = at + 2
    while asked.role(noun) == "value" and not asked.is_free(noun):
        noun += 1
    if asked.is_free(noun, "unit"):
        asked.use(noun)
        return _units(asked, at, asked.value(noun))
    if asked.is_free(noun, "unknown") and stem(str(asked.value(noun))) in ROWS:
        asked.use(noun)
    elif asked.is_free(noun, "unknown"):
        about = f"{asked.items[noun].text!r} may not be what a row stands for"
        raise UnclearError(about, [asked.rewritten(noun, "rows")])
    return _rows(asked, at)


def _units(asked: Sentence, at: int, unit: str) -> Counted:
    """Count days and the like: they are the rows where each row has one of its own."""
    times = [each for each in asked.names.columns.values() if each.kind == "time"]
    if len(times) == 1 and natural_unit(times[0].values) == unit and times[0].values.is_unique:
        return _rows(asked, at, f"{unit}s")
    raise NotReadError([f"{unit}s"])


def _rows(asked: Sentence, at: int, noun: str = "") -> Counted:
    """Count rows. Raises `UnclearError` where the table has a column that says how many each row stands for."""
    weight = next((each for each in asked.names.columns.values() if each.label.casefold() in _COUNTS), None)
    said = any(item.role == "unknown" and stem(str(item.value)) in ROWS for item in asked.items)
    if weight is not None and weight.kind == "number" and not said:
        end = at + 1 if noun and asked.role(at + 1) == "column" else at
        choices = [asked.rewritten(at, text, end) for text in (f"total {weight.label}", "number of rows")]
        raise UnclearError(f"a row stands for as many as {weight.label!r} says", choices)
    return Counted(None, noun)


def _names_rows(asked: Sentence, at: int) -> bool:
    """Tell whether a word is the plural of a column of numbers that name rows, such as "flights" of `flight`."""
    column = asked.column(at)
    if column is None or not column.is_whole or column.is_identifier or column.nature != "unknown":
        return False
    if (role_of(column.parts[-1]) or ("",))[0] in ("unit", "cycle"):
        return False  # the days of a month
    text = asked.items[at].text.casefold()
    is_plural = text != column.label.casefold() and stem(text) == "".join(column.stems)
    few = len(column.unique) <= _MOST_NUMBERS or len(column.unique) * 5 < len(column.values)
    return is_plural and not few and asked.role(at - 1) in ("", "aggregate", "extreme", "share", "by", "value", "unit")


def read_measured(asked: Sentence, around: Around) -> list[Measured]:
    """Return the columns that are computed, each with its aggregate, in the order of the question."""
    found: list[Measured] = []
    said: list[Aggregate] = []
    for at in list(asked.free("column")):
        column = asked.column(at)
        if column is None or column.kind != "number" or not asked.is_free(at):
            continue
        told = _said_before(asked, at) or _said_at_end(asked, at)
        said = told or (said if asked.is_free(at - 1, "and") else [])
        if column.is_identifier and (not said or not {"max", "min"} >= set(said)):
            raise NotReadError(asked.rest(), f"does not add up {column.label!r}, which names rows")
        if not said and not around.groups and not around.filters:
            texts = (f"total {column.label}", f"average {column.label}", f"distribution of {column.label}")
            choices = [asked.rewritten(at, text) for text in texts]
            raise UnclearError("it does not say by what, or what to compute", choices)
        aggregates = said or [default_aggregate(asked, at, column, around)]
        asked.use(at)
        found += [Measured(column.label, each) for each in aggregates]
    return found


def _said_before(asked: Sentence, at: int) -> list[Aggregate]:
    """Return the aggregates that stand before a column, "min and max" both, and count their words as read."""
    found: list[Aggregate] = []
    before = at - 1
    while (aggregate := _aggregate_at(asked, before, at)) is not None:
        asked.use(before)
        if not found or asked.role(before + 1) == "and":
            found.insert(0, aggregate)
        elif asked.role(before) == "aggregate" and found[0] in ("min", "max"):
            found[0] = aggregate
        before -= 2 if asked.is_free(before - 1, "and") and _aggregate_at(asked, before - 2, at) is not None else 1
    return found


def _said_at_end(asked: Sentence, at: int) -> list[Aggregate]:
    """Return the aggregates that end a question whose only measure is a column: "price by cut, min and max"."""
    others = [each for each in asked.free("column") if (c := asked.column(each)) is not None and c.kind == "number"]
    places: list[int] = []
    for place in reversed(range(at + 1, len(asked.items))):
        if not asked.is_free(place, "aggregate", "extreme", "and"):
            break
        places.insert(0, place)
    found: list[tuple[int, Aggregate | None]]
    found = [(each, _aggregate_at(asked, each, at)) for each in places if asked.role(each) != "and"]
    if others != [at] or not found or any(aggregate is None for _, aggregate in found):
        return []
    asked.use(*(each for each, _ in found))
    return [aggregate for _, aggregate in found if aggregate is not None]


def _aggregate_at(asked: Sentence, place: int, at: int) -> Aggregate | None:
    """Return the aggregate at a place before a column, or None."""
    if not asked.is_free(place, "aggregate", "extreme"):
        return None
    value, text = asked.value(place), asked.items[place].text
    if asked.role(place) == "aggregate":
        said: Aggregate = value
        return said if value not in ("count", "distinct", "corr") else None
    if value not in ("high", "low") or text.lower() in ("top", "bottom", "leading"):
        return None
    if not _suits(text, asked.column(at)):
        return None  # "longest flight" of flight numbers
    return "max" if value == "high" else "min"


def _suits(word: str, column: Column | None) -> bool:
    """Tell whether a word for the highest value suits a column: what is longest has a length."""
    wanted = _SUITS.get(word.lower())
    return wanted is None or (column is not None and bool(wanted & set(column.stems)))


_LONG = frozenset(["length", "distance", "duration", "time", "delay", "bill", "flipper", "span"])
_SUITS = {"longest": _LONG, "shortest": _LONG | {"height"}, "tallest": frozenset({"height"})}
