"""The years and months that the periods of a text cover, alone and with the periods that follow without a gap."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import MONTHS, find_periods, months_between, total_months

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

__all__ = ["months_of_spans", "whole_years", "years_of_months"]

_MONTH = rf"(?<![^\W_])({'|'.join(sorted(map(re.escape, MONTHS), key=len, reverse=True))})"
_MONTHS_OF_A_YEAR = re.compile(rf"{_MONTH} ?[–-] ?{_MONTH},? ((?:19|20)[0-9]{{2}})(?![0-9])", re.IGNORECASE)
_MOST = 60  # periods
_GAP = 4  # months
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
    """Return the years that people may call the months of a text's periods."""
    return {year for months in months_of_spans(text, today) for year in years_of_months(months)}


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
