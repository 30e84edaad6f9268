"""Dates and periods in a text, and the months between two dates."""

# Marks and words of several languages.
# ruff: noqa: RUF001
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .lists import read_groups, read_lines, split_phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

__all__ = [
    "MONTHS",
    "Period",
    "begins_with_period",
    "ends_with_period",
    "find_dates",
    "find_periods",
    "is_of_dates",
    "is_ongoing",
    "is_period",
    "months_between",
    "normal_date",
    "total_months",
]

MONTHS = {
    name.casefold(): number for number, line in enumerate(read_lines("months"), start=1) for name in split_phrases(line)
}
"""The name of a month in small letters -> its number."""

_PERIODS = {kind: split_phrases(words) for kind, words in read_groups("periods").items()}


def _either(words: Iterable[str]) -> str:
    """Return a pattern of words, the longest first; an apostrophe may be a straight or a curly one."""
    return "|".join(re.escape(word).replace("'", "['’]") for word in sorted(words, key=len, reverse=True))


_MONTH = _either(MONTHS)
_SEASON = rf"(?:{_either(_PERIODS['season'])})(?:[ ](?:{_either(_PERIODS['part'])}))?"
_YEAR = r"(?:19|20)[0-9]{2}"
_OF = r"(?:[ ]{1,2}(?:de|del|di|of))?"
# Every repetition is bounded, so that a line of 200,000 characters costs linear time.
_DATE = re.compile(
    rf"""(?<![^\W_])(?:
        (?<![^\W\d_]-)(?P<iso_year>{_YEAR})(?:[-/.]|[ ]/[ ])(?P<iso_month>1[0-2]|0?[1-9])(?![0-9])
        (?:[-/.](?P<iso_day>[0-9]{{1,2}}))?(?:T[0-9:.Z+-]{{1,30}})?
      | (?P<asian_year>{_YEAR})[ ]?[年년](?:[ ]?(?P<asian_month>1[0-2]|0?[1-9])[ ]?[月월])?
      | (?P<year_before>{_YEAR})[ ](?=(?-i:[A-Z]))(?P<month_after>{_MONTH})\.?(?![ ][0-9])
      | (?:(?P<numeric_day>[0-9]{{1,2}})[./])?(?P<numeric_month>[0-9]{{1,2}})[ ]?[/.\u2215][ ]?(?P<numeric_year>{_YEAR})
      | (?:(?P<day_before>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?{_OF}[ ]{{1,2}})?
        (?P<month>{_MONTH})\.?,?(?:{_OF}[ -]{{1,2}}|[ ]?/[ ]?)
        (?:(?P<day_after>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[ ]{{1,2}})?
        (?P<named_year>{_YEAR})
      | (?P<short_month>{_MONTH})[. ]{{0,2}}(?:['’‘`]|(?<=[ .])['’‘`]?|-)(?P<short_year>[0-9]{{2}})
      | fy[ ]?'?(?:20)?(?P<fiscal_year>[0-9]{{2}})
      | (?<={_YEAR}[–/-])(?<![^\W\d_]-{_YEAR}-)(?P<next_year>[0-9]{{2}})
      | (?:{_SEASON},?(?:[ ]of)?[ ]{{1,2}})?(?P<year>{_YEAR})
    )(?:(?<=[年月년월])|(?![^\W_]))(?:[ ]гг?\.|[ ]год[ау]?(?![^\W_]))?""",
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN = re.compile(
    rf"[ \t]{{0,4}}(?:-{{1,2}}>?|(?<=[ ])/(?=[ ])"
    rf"|[–—\u2212\u2010\u2011~〜～→➔⇒↑至到]|(?:{_either(_PERIODS['between'])})(?![^\W_]))[ \t]{{0,4}}",
    re.IGNORECASE,
)
_BOTH = re.compile(r"[ ](?:and|&|und|et|y|e|и)[ ]", re.IGNORECASE)  # "summers 2016 and 2017"
_ONGOING = re.compile(
    rf"(?:(?:{_either(_PERIODS['between'])}|the|la|l'|das)[ \t]{{1,2}}){{0,2}}"
    rf"(?:{_either(_PERIODS['ongoing'])})(?:\.|(?![^\W_]))",
    re.IGNORECASE,
)
_MONTH_TO = re.compile(rf"(?<![^\W_])(?P<month>{_MONTH})\.?{_BETWEEN.pattern}$", re.IGNORECASE)  # "May – Sep 2021"
_NOW_TO = re.compile(
    rf"(?<![^\W_])(?:{_either(_PERIODS['ongoing'])}){_BETWEEN.pattern}$", re.IGNORECASE
)  # "now – 2019"
_ONWARD = re.compile(rf"[ ]{{1,2}}(?:{_either(_PERIODS['onward'])})(?![^\W_])", re.IGNORECASE)
_SINCE = re.compile(rf"(?<![^\W_])(?:{_either(_PERIODS['since'])})[ \t]{{1,3}}$", re.IGNORECASE)
_FROM = re.compile(rf"(?<![\w.])(?:{_either(_PERIODS['from'])})[ \t]{{1,3}}$", re.IGNORECASE)
_WHEN = re.compile(rf"(?<![^\W_])(?:{_either(_PERIODS['when'])}):?[ \t]{{1,3}}$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+|[–—\u2212-]")
_OF_DATES = {"–", "—", "\u2212", "-", "the", "la", "l", "г", "гг"}.union(
    *(_WORD.findall(name) for name in MONTHS), *(_WORD.findall(word) for words in _PERIODS.values() for word in words)
)
_YEAR_ALONE = 4  # characters of a date that is a year
_LONGEST = 60  # characters: longer than any date
_MONTHS = 20  # characters: longer than a month and a dash
_PART = 40  # characters at an end of a line that may be a period
_PIVOT = 50  # two digits of a year: '08 is 2008, '97 is 1997


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
    short = parts["short_year"] or parts["fiscal_year"] or parts["next_year"]
    years = ("iso_year", "asian_year", "numeric_year", "named_year", "year", "year_before")
    year = next(filter(None, map(parts.get, years)), None)
    year = year or str((2000 if int(short) < _PIVOT else 1900) + int(short))
    name = parts["month"] or parts["short_month"] or parts["month_after"]
    month = (
        MONTHS[name.casefold()]
        if name
        else int(parts["iso_month"] or parts["asian_month"] or parts["numeric_month"] or 0)
    )
    day = int(parts["iso_day"] or parts["numeric_day"] or parts["day_before"] or parts["day_after"] or 0)
    if parts["numeric_day"] and month > 12:  # noqa: PLR2004 - 03/15/2022
        month, day = day, month
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


def is_ongoing(text: str) -> bool:
    """Tell whether a text says no more than that something goes on: "present", "till date", "heute"."""
    return _ONGOING.fullmatch(text.strip()) is not None


def is_period(text: str) -> bool:
    """Tell whether a text is a period with a beginning, and nothing else."""
    text = text.strip()
    periods = find_periods(text) if len(text) < _LONGEST else ()
    return (
        len(periods) == 1 and periods[0].start is not None and periods[0].begins == 0 and periods[0].ends >= len(text)
    )


def begins_with_period(text: str) -> bool:
    """Tell whether a line begins with a period with a beginning, as entries do that stand below each other."""
    periods = find_periods(text[:_PART])
    return bool(periods) and periods[0].begins == 0 and periods[0].start is not None


def ends_with_period(text: str) -> bool:
    """Tell whether a line ends with a period with a beginning, as headings of entries do."""
    end = text[-_PART:].rstrip(" )")
    periods = find_periods(end)
    return bool(periods) and periods[-1].ends >= len(end) and periods[-1].start is not None


def is_of_dates(text: str) -> bool:
    """Tell whether a text has only words, numbers and marks that dates and periods are made of."""
    words = _WORD.findall(text.casefold()) if len(text) < _LONGEST else []
    return any(map(str.isalnum, words)) and all(word.isdigit() or word in _OF_DATES for word in words)


@lru_cache(maxsize=256)
def find_periods(text: str) -> tuple[Period, ...]:
    """Return the periods (2019 – 2021, since May 2020, 03/2018 to present) and single dates of a text, in order."""
    periods: list[Period] = []
    dates = list(find_dates(text))
    index = 0
    while index < len(dates):
        iso, begins, ends = dates[index]
        index += 1
        since = _SINCE.search(text, max(0, begins - 8), begins)
        source = _FROM.search(text, max(0, begins - 8), begins)
        first = source.start() if source else begins
        between, both = _BETWEEN.match(text, ends), _BOTH.match(text, ends)
        if index < len(dates):
            other, at, end = dates[index]
            years = len(iso) == len(other) == _YEAR_ALONE
            if between and at == between.end() and other < iso[: len(other)]:
                iso, other = other, iso  # the later date stands first, or above
            if (
                (between and at == between.end())
                or (years and text[ends:at] == "/")
                or (both and years and at == both.end())
            ):
                periods.append(Period(iso, other, first, end))
                index += 1
                continue
        ongoing = _ONGOING.match(text, between.end()) if between else _ONWARD.match(text, ends)
        if ongoing:
            periods.append(Period(iso, None, first, ongoing.end()))
        elif "-" in iso and (earlier := _MONTH_TO.search(text, max(0, begins - _MONTHS), begins)):
            month = MONTHS[earlier["month"].casefold()]
            year = int(iso[:_YEAR_ALONE]) - (month > int(iso[5:7]))  # "Nov – Feb 2021"
            periods.append(Period(f"{year}-{month:02}", iso, earlier.start(), ends))
        elif since or (since := _NOW_TO.search(text, max(0, begins - _PART), begins)):
            periods.append(Period(iso, None, since.start(), ends))
        else:
            when = _WHEN.search(text, max(0, begins - _MONTHS), begins)
            periods.append(Period(None, iso, when.start() if when else begins, ends))
    return tuple(periods)


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
