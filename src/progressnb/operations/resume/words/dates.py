"""Dates and periods in a text, and the months between two dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lists import read_lines, split_phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

__all__ = ["MONTHS", "Period", "find_dates", "find_periods", "months_between", "normal_date", "total_months"]

MONTHS = {name: number for number, line in enumerate(read_lines("months"), start=1) for name in split_phrases(line)}
"""The name of a month in small letters -> its number."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)[0-9]{2}"
# Every repetition is bounded, so that a line of 200,000 characters costs linear time.
_DATE = re.compile(
    rf"""(?<![^\W_])(?:
        (?P<iso_year>{_YEAR})[-/.](?P<iso_month>[0-9]{{1,2}})(?:[-/.](?P<iso_day>[0-9]{{1,2}}))?(?:T[0-9:.Z+-]{{1,30}})?
      | (?P<numeric_month>[0-9]{{1,2}})[/.](?P<numeric_year>{_YEAR})
      | (?:(?P<day_before>[0-9]{{1,2}})(?:st|nd|rd|th)?[ ]{{1,2}})?
        (?P<month>{_MONTH})\.?,?[ ]{{1,2}}(?:(?P<day_after>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[ ]{{1,2}})?
        (?P<named_year>{_YEAR})
      | (?P<year>{_YEAR})
    )(?![^\W_])""",
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN = re.compile(r"[ \t]{0,4}(?:-{1,2}|–|—|\u2212|to|until|till|through)[ \t]{0,4}", re.IGNORECASE)
_ONGOING = re.compile(
    r"(?:till |to )?(?:present|current|currently|now|today|to date|date|ongoing)(?![^\W_])", re.IGNORECASE
)
_SINCE = re.compile(r"since[ \t]{1,3}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """A date, or the time from one date to another, with its place in the text.

    Dates are ISO dates of the precision that the text has: 2014, 2014-06 or 2014-06-29. `start` is None for a single
    date. `end` is None for a period that is still going on. `begins` and `ends` are offsets in characters.
    """

    start: str | None
    end: str | None
    begins: int
    ends: int


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    year = parts["iso_year"] or parts["numeric_year"] or parts["named_year"] or parts["year"]
    name = parts["month"]
    month = MONTHS[name.lower()] if name else int(parts["iso_month"] or parts["numeric_month"] or 0)
    day = int(parts["iso_day"] or parts["day_before"] or parts["day_after"] or 0)
    if not 0 <= month <= 12 or not 0 <= day <= 31:  # noqa: PLR2004 - the calendar
        return None
    if not month and (parts["iso_month"] or parts["numeric_month"]):
        return None
    return year + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")


def find_dates(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each date of the text as an ISO date, with its first offset and the offset after it."""
    for match in _DATE.finditer(text):
        iso = _iso(match)
        if iso is not None:
            yield iso, match.start(), match.end()


def normal_date(text: str) -> str:
    """Return the ISO date if the whole text is one date, else the text unchanged."""
    match = _DATE.fullmatch(text.strip()) if len(text) < 60 else None  # noqa: PLR2004 - longer than any date
    return (_iso(match) if match else None) or text


def find_periods(text: str) -> list[Period]:
    """Return the periods (2019 – 2021, since May 2020, 03/2018 to present) and single dates of a text, in order."""
    periods: list[Period] = []
    dates = list(find_dates(text))
    index = 0
    while index < len(dates):
        iso, begins, ends = dates[index]
        index += 1
        since = _SINCE.search(text, max(0, begins - 8), begins)
        between = _BETWEEN.match(text, ends)
        if between:
            if index < len(dates) and dates[index][1] == between.end():
                periods.append(Period(iso, dates[index][0], begins, dates[index][2]))
                index += 1
                continue
            ongoing = _ONGOING.match(text, between.end())
            if ongoing:
                periods.append(Period(iso, None, begins, ongoing.end()))
                continue
        if since:
            periods.append(Period(iso, None, since.start(), ends))
        else:
            periods.append(Period(None, iso, begins, ends))
    return periods


def _month_number(iso: str) -> int | None:
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-[0-9]{2})?", iso)
    return int(match[1]) * 12 + int(match[2] or 1) - 1 if match else None


def months_between(start: str, end: str | None, today: date) -> tuple[int, int] | None:
    """Return the first and the last month of a period, counted from year 0, or None for unreadable dates.

    `today` stands for an `end` of None. A year without a month counts from January, so 2019 to 2021 is two years.
    """
    first = _month_number(start)
    last = _month_number(end) if end else today.year * 12 + today.month - 1
    return None if first is None or last is None or last < first else (first, last)


def total_months(spans: Iterable[tuple[int, int]]) -> int:
    """Return the number of months that the spans cover; a month in several spans counts once."""
    total, reached = 0, 0
    for first, last in sorted(spans):
        total += max(0, last - max(first, reached))
        reached = max(reached, last)
    return total
