"""The conditions of a question: comparisons, values, years, months, weekends, yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.rules.reading import Filter
from progressnb.operations.chart.rules.recent import read_dates, read_recent
from progressnb.operations.chart.rules.sentence import NotReadError, UnclearError
from progressnb.operations.chart.rules.times import time_column, year_column
from progressnb.operations.chart.rules.weekends import read_weekends
from progressnb.operations.chart.rules.words import joined_value

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["Conditions", "read_conditions"]

_YEARS = range(1500, 2101)
_OF_YEARS = {"after": ">", "before": "<", "since": ">=", "until": "<="}


class Conditions:
    """The filters of a question, and the columns whose values it compares with one another."""

    def __init__(self) -> None:
        self.filters: list[Filter] = []
        self.compared: list[Column] = []

    def add(self, column: str, operator: Any, value: Any) -> None:  # noqa: ANN401 - the parts of a filter
        """Add a filter."""
        self.filters.append(Filter(column, operator, value))


def read_conditions(asked: Sentence) -> Conditions:
    """Read the conditions of a question."""
    found = Conditions()
    read_recent(asked, found.add)
    read_dates(asked, found.add)
    _comparisons(asked, found)
    _ranges(asked, found)
    _values(asked, found)
    _flags(asked, found)
    _numbers(asked, found)
    read_weekends(asked, found.add)
    return found


def is_year(value: object) -> bool:
    """Tell whether a number may be a year."""
    return isinstance(value, int) and value in _YEARS


def _comparisons(asked: Sentence, found: Conditions) -> None:
    for at in list(asked.free("compared")):
        operator = asked.value(at)
        if operator == "=" and asked.role(at + 1) == "value":
            asked.use(at)
            continue
        if not asked.is_free(at + 1, "number"):
            continue
        number = asked.value(at + 1)
        column, places = (None, []) if operator in _OF_YEARS else _compared_column(asked, at)
        if column is not None and column.kind == "number" and operator not in _OF_YEARS:
            found.add(column.label, operator, number)
        elif is_year(number) and (column is None or column.kind == "time" or column.stems == ["year"]):
            _add_year(asked, found, _OF_YEARS.get(operator, operator), number, column)
        else:
            continue
        asked.use(at, at + 1, *places)


def _compared_column(asked: Sentence, at: int) -> tuple[Column | None, list[int]]:
    """Return the column that stands before a comparison, or after its number, with the places of its words."""
    if asked.is_free(at - 1, "column") and asked.role(at - 2) != "by":
        column = asked.column(at - 1)
        if column is not None and column.kind in ("number", "time"):
            if asked.role(at - 2) == "aggregate" and asked.value(at - 2) == "count":
                condition = f"{column.label} {asked.items[at].text} {asked.items[at + 1].text}"
                choice = asked.rewritten(at - 2, f"number of rows with {condition}", at + 1)
                raise UnclearError(f"{asked.items[at - 1].text!r} may be rows or a total", [choice])
            return column, [at - 1, *_unit(asked, at + 2, column)]
    for later in (at + 2, at + 3):
        column = asked.column(later) if asked.is_free(later, "column") else None
        if column is not None and column.kind == "number":
            unit = _unit(asked, at + 2, column) if later == at + 3 else []
            return (column, [later, *unit]) if later == at + 2 or unit else (None, [])
    return None, []


def _unit(asked: Sentence, at: int, column: Column) -> list[int]:
    """Return the place of a unit that the column's name has too, if one stands there."""
    is_unit = asked.is_free(at, "unknown") and str(asked.value(at)) in {*column.parts, *column.stems}
    return [at] if is_unit else []


def _ranges(asked: Sentence, found: Conditions) -> None:
    """Read "between 5 and 9" and "from 1990 to 2000"."""
    for at in list(asked.free("between", "from")):
        joined = asked.role(at + 2) in (("and", "to") if asked.role(at) == "between" else ("to", "compared"))
        if not (asked.is_free(at + 1, "number") and joined and asked.is_free(at + 3, "number")):
            continue
        low, high = asked.value(at + 1), asked.value(at + 3)
        column = asked.column(at - 1) if asked.is_free(at - 1, "column") and asked.role(at) == "between" else None
        if column is not None and column.kind == "number" and not _are_years(column, low, high):
            found.add(column.label, ">=", low)
            found.add(column.label, "<=", high)
            asked.use(at - 1)
        elif is_year(low) and is_year(high):
            named = column if column is not None and column.kind == "time" else None
            _add_year(asked, found, ">=", low, named)
            _add_year(asked, found, "<=", high, named)
        else:
            continue
        asked.use(at, at + 1, at + 2, at + 3)


def _are_years(column: Column, low: object, high: object) -> bool:
    """Tell whether the ends of a range are years: they may be, and no value of the column lies between them."""
    return is_year(low) and is_year(high) and not any(low <= value <= high for value in column.unique)


def _add_year(asked: Sentence, found: Conditions, operator: str, year: int, column: Column | None) -> None:
    named = year_column(asked) if column is None or column.kind != "time" else None
    if named is not None:
        found.add(named.label, operator, year)
    else:
        found.add((column or time_column(asked)).label, "year", (operator, year))


def _values(asked: Sentence, found: Conditions) -> None:
    chosen: dict[tuple[str, bool], list[Any]] = {}
    either = False
    for at in list(asked.free("value")):
        label, value = _one_value(asked, at)
        denied = _is_denied(asked, at)
        chosen.setdefault((label, denied), []).append(value)
        either = either or (asked.is_free(at + 1, "or") and asked.role(at + 2) == "value")
        _use_value(asked, at, label)
    for (label, denied), values in chosen.items():
        if len(values) == 1:
            found.add(label, "!=" if denied else "=", values[0])
        else:
            found.add(label, "not in" if denied else "in", tuple(dict.fromkeys(values)))
            if not denied and not either:
                found.compared.append(asked.names.columns[label])


def _one_value(asked: Sentence, at: int) -> tuple[str, Any]:
    """Return the column and the value that an item names. Raises `UnclearError` for one that several columns have."""
    item = asked.items[at]
    if not item.options:
        label, value = item.value
        return label, value
    beside = {column.label for near in (at - 1, at + 1) if (column := asked.column(near)) is not None}
    for near in (at - 2, at + 2):  # "S and E"
        if asked.role(near) == "value" and not asked.items[near].options:
            beside.add(asked.value(near)[0])
    fitting = [option for option in item.options if option[0] in beside]
    if len(fitting) == 1:
        label, value = fitting[0]
        return label, value
    if not any(joined_value(value) == joined_value(item.text) for _, value in item.options):
        about = f"{item.text!r} may be {' or '.join(repr(str(value)) for _, value in item.options)}, or something else"
        raise UnclearError(about, [asked.rewritten(at, str(value)) for _, value in item.options])
    several = " or ".join(repr(label) for label, _ in item.options)
    choices = [asked.rewritten(at, f"{label} {item.text}") for label, _ in item.options]
    raise UnclearError(f"{item.text!r} is a value of {several}", choices)


def _is_denied(asked: Sentence, at: int) -> bool:
    """Tell whether "not" stands before a value, or before a list that it is in, and count it as read."""
    while asked.role(at - 1) in ("and", "or") and asked.role(at - 2) == "value":
        at -= 2
    before = at - 1
    if asked.role(before) == "column" and asked.role(before - 1) == "not":
        before -= 1
    if asked.role(before) != "not":
        return False
    asked.use(before)
    return True


def _use_value(asked: Sentence, at: int, label: str) -> None:
    asked.use(at)
    for near in (at - 1, at + 1):
        column = asked.items[near].value if asked.is_free(near, "column") and not asked.items[near].options else None
        grouped = asked.role(near - 1) in ("by", "which", "and") and near < at
        if column is not None and column.label == label and not grouped:
            asked.use(near)
    if asked.is_free(at - 1, "from"):
        asked.use(at - 1)
    if asked.is_free(at + 1, "against", "or") and asked.role(at + 2) == "value":
        asked.use(at + 1)


def _flags(asked: Sentence, found: Conditions) -> None:
    """Read columns of yes and no that stand for their yes: "how many survived", "non-smokers"."""
    places: dict[str, list[tuple[int, bool]]] = {}
    for at in list(asked.free("column")):
        column = None if asked.items[at].options else asked.column(at)
        if column is None or column.yes is None or asked.role(at - 1) in ("by", "colour"):
            continue
        places.setdefault(column.label, []).append((at, asked.is_free(at - 1, "not")))
    for label, mentions in places.items():
        column = asked.names.columns[label]
        asked_of = {denied for _, denied in mentions}
        if len(mentions) > 1 and len(asked_of) > 1:
            found.compared.append(column)
            for at, denied in mentions:
                asked.use(*([at, at - 1] if denied else [at]))
                if asked.is_free(at + 1, "against"):
                    asked.use(at + 1)
        elif len(mentions) == 1:
            _one_flag(asked, found, column, *mentions[0])


def _one_flag(asked: Sentence, found: Conditions, column: Column, at: int, denied: bool) -> None:  # noqa: FBT001 - a fact
    said = str(asked.value(at + 1)) if asked.is_free(at + 1, "unknown") else ""
    answers = {str(value).casefold(): value for value in column.unique}
    no = next((value for value in column.unique if value != column.yes), None)
    counted = any(asked.value(each) == "count" for each in asked.free("aggregate"))
    if said in answers or said in ("yes", "true", "no", "false"):
        found.add(column.label, "=", answers.get(said, column.yes if said in ("yes", "true") else no))
        asked.use(at, at + 1)
    elif denied:
        found.add(column.label, "=", no)
        asked.use(at, at - 1)
    elif counted and not asked.has("share", "rate"):
        found.add(column.label, "=", column.yes)
        asked.use(at)
    elif not asked.has("share", "rate", "distribution") and (
        asked.role(at - 1) == "which" or asked.items[at].text.casefold() != column.label.casefold()
    ):
        found.add(column.label, "=", column.yes)  # "who survived", "of smokers"
        asked.use(at)
    elif column.kind != "number" and not asked.has("share", "rate", "distribution", "aggregate", "extreme"):
        raise NotReadError(
            [asked.items[at].text], f"{column.label!r} says yes or no: ask how many, or by {column.label}"
        )


def _numbers(asked: Sentence, found: Conditions) -> None:
    """Read a year that stands alone, a month, and a number beside the column that has it."""
    for at in list(asked.free("month")):
        if asked.items[at].text != "may":
            _month(asked, found, at)
    years: list[int] = []
    for at in list(asked.free("number")):
        if "extreme" in (asked.role(at - 1), asked.role(at + 1)):
            continue
        number, near = asked.value(at), _beside(asked, at, asked.value(at))
        if near is not None:
            found.add(asked.items[near].value.label, "=", number)
            asked.use(at, near)
        elif is_year(number):
            years.append(number)
            asked.use(at, *([at - 1] if asked.is_free(at - 1, "from") else []))
    _years(asked, found, years)


def _month(asked: Sentence, found: Conditions, at: int) -> None:
    number = int(asked.value(at))
    own = next((each for each in asked.names.columns.values() if each.stems == ["month"] and each.is_whole), None)
    if own is not None:
        found.add(own.label, "=", number)
    else:
        found.add(time_column(asked).label, "month", ("=", number))
    asked.use(at)


def _years(asked: Sentence, found: Conditions, years: list[int]) -> None:
    if len(years) == 1:
        _add_year(asked, found, "=", years[0], None)
    elif years:
        column = year_column(asked)
        if column is None:
            raise NotReadError([str(year) for year in years])
        found.add(column.label, "in", tuple(years))
        found.compared.append(column)


def _beside(asked: Sentence, at: int, number: object) -> int | None:
    """Return the place of the column beside a number that is one of its whole values, or None."""
    for near in (at - 1, at + 1):
        column = asked.column(near) if asked.is_free(near, "column") and not asked.items[near].options else None
        led = asked.role(near - 1) if near < at else ""
        if (
            column is not None
            and column.is_whole
            and led not in ("by", "aggregate", "extreme")
            and number in column.unique
        ):
            return near
    return None
