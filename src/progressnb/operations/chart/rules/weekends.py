"""The condition "on weekends"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.rules.lexicon import WEEKDAYS
from progressnb.operations.chart.rules.times import time_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.chart.rules.columns import Column
    from progressnb.operations.chart.rules.sentence import Sentence

__all__ = ["read_weekends"]


def read_weekends(asked: Sentence, add: Callable[[str, str, Any], None]) -> None:
    """Read "on weekends": Saturdays and Sundays, by a column of weekdays or of times."""
    for at in list(asked.free("weekend")):
        named = [each for each in asked.names.columns.values() if _weekend_values(each) is not None]
        if named:
            add(named[0].label, "in", tuple(_weekend_values(named[0]) or ()))
        else:
            add(time_column(asked).label, "weekend", "yes")
        asked.use(at)


def _weekend_values(column: Column) -> list[Any] | None:
    """Return the values of a column of weekdays that are Saturday and Sunday, or None for any other column."""
    if column.kind != "text" or not 1 < len(column.unique) <= len(WEEKDAYS):
        return None
    days: dict[Any, list[str]] = {
        value: [day for day in WEEKDAYS if len(str(value)) > 2 and day.startswith(str(value).casefold().rstrip("."))]  # noqa: PLR2004
        for value in column.unique
    }
    if any(len(named) != 1 for named in days.values()):
        return None
    return [value for value, (day,) in days.items() if day in ("saturday", "sunday")]
