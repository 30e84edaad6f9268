"""The years and months that the periods of a text cover, alone and with the periods that follow without a gap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import MONTHS, find_dates, find_periods, months_between, total_months

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

__all__ = ["months_of_spans", "whole_years", "years_of_months"]

_MONTH = rf"(?<![^\W_])({'|'.join(sorted(map(re.escape, MONTHS), key=len, reverse=True))})"
_MONTHS_OF_A_YEAR = re.compile(rf"{_MONTH} ?[–-] ?{_MONTH},? ((?:19|20)[0-9]{{2}})(?![0-9])", re.IGNORECASE)
_MOST = 60  # periods
_GAP = 4  # months
_LONG = 4  # years
_GAP_OF_YEARS = 12  # months between "to 2016" and "from 2017"


def years_of_months(months: int) -> set[int]:
    """Return the whole years that people may call a number of months."""
    return {months // 12, round(months / 12), (months + 1) // 12} - {0}


def months_of_spans(text: str, today: date) -> set[int]:
    """Return the months that each period of a text covers, that following ones cover together, and that all cover.

    The last month may count or not.
    """
    spans = [(first, last + more) for more in (0, 1) for first, last in _spans(text, today)]
    return {last - first for first, last in spans} | {total_months(spans)}


def whole_years(text: str, today: date) -> set[int]:
    """Return the years that each period of a text covers, and that following ones cover together."""
    now = today.year * 12 + today.month - 1
    found = {year for first, last in _spans(text, today) for year in _years(first, last, now)}
    dates = [] if found else sorted(iso for iso, _, _ in find_dates(text))
    pairs = months_between(dates[0], dates[-1], today) if len(dates) == 2 else None  # noqa: PLR2004 - a pair
    return found | (years_of_months(pairs[1] - pairs[0]) if pairs else set())


def _spans(text: str, today: date) -> Iterator[tuple[int, int]]:
    """Yield the first month of each period and the last one of it, or of those that follow it."""
    periods = [one for one in find_periods(_MONTHS_OF_A_YEAR.sub(r"\1 \3 – \2 \3", text)) if one.start][:_MOST]
    spans = sorted(span for one in periods if (span := months_between(str(one.start), one.end, today)))
    gap = _GAP if all("-" in str(one.start) for one in periods) else _GAP_OF_YEARS
    for number, (first, last) in enumerate(spans):
        yield first, last
        reached = last
        for begins, ends in spans[number + 1 :]:
            if begins > reached + gap:
                break
            reached = max(reached, ends)
            yield first, reached


def _years(first: int, last: int, now: int) -> set[int]:
    """Return the years of a span; of one that goes on, also fewer: the new resume may have been written earlier."""
    years = years_of_months(last - first)
    return years | {one - less for one in years for less in (1, 2) if last == now and one > _LONG}
