"""Times that are relative to the newest one of the table, and dates: "past 3 years", "since 2024-05-01"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from progressnb.operations.chart.rules.sentence import NotReadError, UnclearError
from progressnb.operations.chart.rules.times import PERIODS, natural_unit, time_column, year_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.sentence import Sentence

    Add = Callable[[str, str, Any], None]

__all__ = ["read_dates", "read_recent"]

_STEPS = {
    "day": {"days": 1},
    "week": {"weeks": 1},
    "month": {"months": 1},
    "quarter": {"months": 3},
    "year": {"years": 1},
}
_MOST = 10_000


def read_recent(asked: Sentence, add: Add) -> None:
    """Read "past 3 years", "last month" and "this year", which end with the newest time of the table."""
    for at in list(asked.free("relative")):
        has_number = asked.is_free(at + 1, "number")
        unit_at = at + 2 if has_number else at + 1
        count = asked.value(at + 1) if has_number else 1
        if not asked.is_free(unit_at, "unit") or not isinstance(count, int) or not 0 < count <= _MOST:
            continue
        places = range(at, unit_at + 1)
        unit, words = asked.value(unit_at), " ".join(asked.items[each].text for each in places)
        years = year_column(asked)
        if not any(each.kind == "time" for each in asked.names.columns.values()) and years is not None:
            _years(asked, add, years, (at, unit, count), words)
        elif has_number:
            _span(asked, add, (unit, count), words)
        else:
            _period(asked, add, (at, unit_at), words)
        over = asked.is_free(at - 1, "from") or (
            asked.is_free(at - 1, "compared") and asked.items[at - 1].text == "over"
        )
        asked.use(*([at - 1] if over else []), *places)


def _years(asked: Sentence, add: Add, years: Column, said: tuple[int, str, int], words: str) -> None:
    at, unit, count = said
    if unit != "year":
        raise NotReadError([words], "has no column of dates for it")
    newest = int(years.latest())
    newest -= int(asked.value(at) == "previous")
    add(years.label, ">" if count > 1 else "=", newest - count if count > 1 else newest)
    asked.assumed.append(f"{words!r} ends with the newest {years.label}, {int(years.latest())}.")


def _newest(asked: Sentence, unit: str, words: str) -> tuple[Column, Any, str]:
    """Return the column of times, its newest one, and the unit that its times are of."""
    column = time_column(asked)
    own = natural_unit(column.values) or "day"
    if list(_STEPS).index(own) > list(_STEPS).index(unit):
        raise NotReadError([words], f"has {own}s in {column.label!r}, which are longer")
    return column, column.latest(), own


def _span(asked: Sentence, add: Add, said: tuple[str, int], words: str) -> None:
    """Read "past 3 years": so many up to the end of the newest day, or month and the like where times are of those."""
    unit, count = said
    column, newest, own = _newest(asked, unit, words)
    offset: Any = pd.DateOffset
    end = newest.to_period(PERIODS[own]).start_time + offset(**_STEPS[own])
    start = end - offset(**{name: each * count for name, each in _STEPS[unit].items()})
    add(column.label, ">=", start)
    asked.assumed.append(
        f"{words!r} ends with the newest {column.label}, {newest.date()}, and begins on {start.date()}."
    )


def _period(asked: Sentence, add: Add, places: tuple[int, int], words: str) -> None:
    """Read "last month" and "this month". Raises `UnclearError` where the newest one may not be over."""
    at, unit_at = places
    unit = asked.value(unit_at)
    column, newest, own = _newest(asked, unit, words)
    period = newest.to_period(PERIODS[unit])
    is_over = (newest.to_period(PERIODS[own]) + 1).start_time >= (period + 1).start_time
    if asked.value(at) == "last" and not is_over:
        choices = [
            asked.rewritten(at, f"from {each.start_time.date()} to {each.end_time.date()}", unit_at)
            for each in (period - 1, period)
        ]
        raise UnclearError(
            f"{words!r} may be the one with {newest.date()}, which is the newest, or the one before", choices
        )
    period -= int(asked.value(at) == "previous")
    add(column.label, ">=", period.start_time)
    add(column.label, "<", (period + 1).start_time)
    asked.assumed.append(
        f"{words!r} begins on {period.start_time.date()}; the newest {column.label} is {newest.date()}."
    )


def read_dates(asked: Sentence, add: Add) -> None:
    """Read dates and months with their year: "since 2024-05-01", "from 2024-01 to 2024-06", "on 2024-05-01"."""
    for at in list(asked.free("between", "from")):
        if (
            asked.is_free(at + 1, "date")
            and asked.role(at + 2) in ("and", "to", "compared")
            and asked.is_free(at + 3, "date")
        ):
            label = time_column(asked).label
            add(label, ">=", asked.value(at + 1).start_time)
            add(label, "<", (asked.value(at + 3) + 1).start_time)
            asked.use(*range(at, at + 4))
    for at in list(asked.free("date")):
        label, period = time_column(asked).label, asked.value(at)
        before = asked.value(at - 1) if asked.is_free(at - 1, "compared") else ""
        first, after = period.start_time, (period + 1).start_time
        if before in ("since", ">="):
            add(label, ">=", first)
        elif before in ("after", ">"):
            add(label, ">=", after)
        elif before in ("before", "<"):
            add(label, "<", first)
        elif before in ("until", "<="):
            add(label, "<", after)
        elif before in ("", "="):
            add(label, ">=", first)
            add(label, "<", after)
        else:
            raise NotReadError([asked.items[at].text])
        asked.use(at, *([at - 1] if before else []))
        if asked.is_free(at - 1, "from"):
            raise NotReadError([asked.items[at - 1].text, asked.items[at].text])
