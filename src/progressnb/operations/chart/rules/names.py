"""The names of what is computed, as columns of the result and as words of titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.chart.headings import headed, shortened, split_unit, words

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.reading import Filter, Reading

__all__ = [
    "VALUE",
    "WHICH",
    "base_name",
    "end_name",
    "filter_words",
    "title",
    "value_name",
    "value_title",
    "value_words",
]

WHICH, VALUE = "measure", "value"
"""The columns of a result of several measures: which one it is, and its value."""

_NAMES = {"sum": "total", "avg": "average", "rate": "percent", "std": "standard deviation of", "any": ""}
_WORDS = {**_NAMES, "max": "highest", "min": "lowest", "distinct": "number of different"}
_COMPUTED = {
    "share": "percent of {}",
    "running": "running {}",
    "change": "change of {}",
    "growth": "growth of {} in percent",
}
_TITLES = {"share": "share of {}", "running": "running {}", "change": "change of {}", "growth": "growth of {}"}


def base_name(reading: Reading, column: str | None = None, aggregate: str | None = None) -> str:
    """Return the name of the aggregate's column, which is never that of a group."""
    column, aggregate = column or reading.measure, aggregate or reading.aggregate
    name = (
        "correlation"
        if aggregate == "corr"
        else "count"
        if column is None
        else f"{_NAMES.get(aggregate, aggregate)} {column}".strip()
    )
    taken = {str(label).casefold() for label in (reading.dimension, reading.color) if label}
    return f"{name} of rows" if name.casefold() in taken else name


def value_name(reading: Reading) -> str:
    """Return the name of the computed column, which is never that of a group."""
    return _COMPUTED[reading.computed].format(base_name(reading)) if reading.computed else base_name(reading)


def end_name(reading: Reading) -> str:
    """Return the name of the column with the end of each bin. No other column of the query has this name."""
    return f"up to {reading.dimension}"


def value_words(reading: Reading, column: str | None = None, aggregate: str | None = None) -> str:
    """Return words for what is computed: "highest total bill", "total" for a sum of `total`."""
    column, aggregate = column or reading.measure, aggregate or reading.aggregate
    if column is None:
        return "rows" if reading.computed == "share" else "number of rows"
    plain, word = split_unit(column)[0], _WORDS.get(aggregate, aggregate)
    if aggregate == "corr":
        return f"correlation of {plain} and {split_unit(reading.partner)[0]}"
    if aggregate == "rate" and reading.yes not in (True, 1):
        return f"percent with {plain} {reading.yes}"
    return plain if plain.casefold().split()[0] == word else f"{word} {plain}".strip()


def value_title(reading: Reading) -> str:
    """Return the title of the axis of what is computed, with the unit that its column's name has."""
    name = value_words(reading)
    unit = split_unit(reading.measure or "")[1] if reading.aggregate not in ("count", "distinct", "rate") else ""
    text = _COMPUTED[reading.computed].format(name) if reading.computed else name
    told = "" if reading.computed in ("share", "growth") or unit in ("", "$", "%") else f" ({unit})"
    return headed(shortened(text)) + told


def filter_words(each: Filter) -> str:
    """Return words for a condition."""
    label = each.column.replace("_", " ")
    match each.operator:
        case "in" | "not in":
            joined = ", ".join(map(str, each.value))
            return f"{label} {'is' if each.operator == 'in' else 'is not'} one of {joined}"
        case "year" | "month":
            sign, number = each.value
            return f"{each.operator} of {label} {sign} {number}"
        case "weekend":
            return f"{label} on weekends"
        case "=" | "!=":
            return f"{label} is {'not ' if each.operator == '!=' else ''}{each.value}"
        case _:
            value = each.value
            is_day = hasattr(value, "normalize") and value == value.normalize()
            return f"{label} {each.operator} {value.date() if is_day else value}"


def title(reading: Reading) -> str:
    """Return the title of a reading's chart."""
    dimension = split_unit(reading.dimension)[0]
    name = value_words(reading)
    if reading.others:
        name = ", ".join([name, *(value_words(reading, each.column, each.aggregate) for each in reading.others)])
    name = _TITLES[reading.computed].format(name) if reading.computed else name
    if reading.shape == "against":
        text = f"{split_unit(reading.measure or '')[0]} against {dimension}"
        text += f", one of {reading.every} points" if reading.every > 1 else ""
    elif reading.shape == "distribution":
        text = f"distribution of {dimension}"
    elif reading.shape == "number":
        text = name
    elif reading.shape == "time":
        text = f"{name} per {reading.unit}"
    elif reading.top and reading.is_within:
        text = f"{'top' if reading.descending else 'bottom'} {reading.top} {dimension} by {name} in each "
        text += (reading.color or "").replace("_", " ")
    elif reading.top:
        text = f"{'top' if reading.descending else 'bottom'} {reading.top} "
        text += f"{f'of {reading.groups} ' if reading.groups else ''}{dimension} by {name}"
    else:
        text = f"{name} by {dimension}"
    if reading.color and not reading.is_within:
        text += f" {'by' if reading.shape == 'against' else 'and'} {words(reading.color)}"
    return headed(text)
