"""Numbers and dates that a table has as text: "$1,234", "5 %", "1.234,50 €", "12/30/17", "3. 1. 2024".

Which of several ways to write is meant is decided by the column's own values. Where they leave it open a column stays
text. A few values that are neither number nor date, one in ten at most, become missing values, and a note says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from progressnb.operations.chart.factors import Factors, factors_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TextColumn", "read_factors", "read_texts"]

_SAMPLE = 50
_ENOUGH = 0.9
"""The share of values that must be numbers or dates; below ten values all must be."""

_FEW = 10
_ISO = r"\d{4}-\d{2}(?:-\d{2})?(?:[T ]\d{2}:\d{2}.*)?"
_OFFSET = r"(?:Z|(?<=:\d\d)[+-]\d{2}:?\d{2}|(?<=\d)[+-]\d{2}:\d{2})$"
_FORMATS = {
    "%m/%d/%Y": "month/day/year",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%y": "month/day/year",
    "%d/%m/%y": "day/month/year",
    "%Y/%m/%d": "year/month/day",
    "%d.%m.%Y": "day.month.year",
    "%d.%m.%y": "day.month.year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%b %d %Y": "month day year",
    "%b %d, %Y": "month day, year",
    "%B %d, %Y": "month day, year",
    "%d %b %Y": "day month year",
    "%d %B %Y": "day month year",
    "%b %Y": "month year",
    "%B %Y": "month year",
}
_NUMBER = re.compile(
    r"\s*(?P<open>\()?(?P<sign>[-+\u2212])?\s*(?P<before>[$€£¥]|USD|EUR|CHF|GBP)?\s*(?P<inner>[-\u2212])?"
    r"(?P<digits>\d{1,3}(?:[ ,.'\u2019\u00a0\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"\s*(?P<after>%|[$€£¥]|USD|EUR|CHF|GBP)?\)?\s*"
)
_NAMES = re.compile(
    r"(?:^|[\W_])(?:id|uuid|zip|plz|postcode|code|phone|isbn|ssn|number|no|nr|key|account|iban)(?:$|[\W_])"
)
"""Words of columns that name rows: their digits are no numbers."""

_THOUSANDS = " '\u2019\u00a0\u202f"


class TextColumn(NamedTuple):
    """A column of text that was read as numbers or times, and a note that says how."""

    column: pd.Series[Any]
    note: str


def read_texts(column: pd.Series[Any], label: str) -> TextColumn | None:
    """Return the numbers or times that a column of text has, or None where it has neither."""
    return read_factors(factors_of(column), column.index, label)


def read_factors(factors: Factors, index: Any, label: str) -> TextColumn | None:  # noqa: ANN401 - an index of pandas
    """Return the numbers or times that the factors of a column of text have, or None where they have neither."""
    import pandas as pd

    texts: Any = pd.Series(factors.texts, dtype=object)
    blank = [not each.strip() for each in factors.texts]
    weights = pd.Series(factors.counts).where(~pd.Series(blank, dtype=bool), 0)
    texts = texts[weights > 0]
    if len(texts) == 0:
        return None
    found = _times(texts, weights) or _numbers(texts, weights, label)
    if found is None:
        return None
    values, how = found
    bad, count = int(weights[texts.index][values.isna()].sum()), int(weights.sum())
    note = f"{label!r} was read as {how}" if how else ""
    if bad:
        note = note or f"{label!r} was read as times"
        note += f"; {bad:,} of its {count:,} values {'are' if bad > 1 else 'is'} none"
    made = values.reindex(range(-1, len(factors.texts))).take(factors.codes + 1)  # the first one is missing
    return TextColumn(made.set_axis(index), f"{note}." if note else "")


def _is_enough(good: float, count: float) -> bool:
    return good == count or (count >= _FEW and good >= _ENOUGH * count)


def _enough(good: Any, weights: Any) -> bool:  # noqa: ANN401 - columns of pandas: which values are good
    chosen = weights[good.index]
    return _is_enough(float(chosen[good.astype(bool)].sum()), float(chosen.sum()))


def _times(texts: Any, weights: Any) -> tuple[Any, str] | None:  # noqa: ANN401 - columns of pandas
    import pandas as pd

    head = texts.head(_SAMPLE)
    to_times: Any = pd.to_datetime
    if _enough(head.str.fullmatch(_ISO), weights):
        times = to_times(texts.str.replace(_OFFSET, "", regex=True), errors="coerce", format="ISO8601")
        return (times, "") if _enough(times.notna(), weights) else None
    parsed: dict[str, Any] = {}
    for form, words in _FORMATS.items():
        if not _enough(to_times(head, errors="coerce", format=form).notna(), weights):
            continue
        times = to_times(texts, errors="coerce", format=form)
        if _enough(times.notna(), weights):
            parsed[words] = times
    if not parsed:
        return None
    good = {words: int(weights[times.index][times.notna()].sum()) for words, times in parsed.items()}
    best = {words: times for words, times in parsed.items() if good[words] == max(good.values())}
    first = next(iter(best.values()))
    if any(not times.equals(first) for times in best.values()):
        return None  # 01/02/24 may be in January or in February
    return first, f"dates, {next(iter(best))}"


def _numbers(texts: Any, weights: Any, label: str) -> tuple[Any, str] | None:  # noqa: ANN401 - columns of pandas
    import pandas as pd

    head = texts.head(_SAMPLE).map(_NUMBER.fullmatch).notna()
    if not _enough(head, weights) or _NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label).lower()):
        return None
    matches = [_NUMBER.fullmatch(text) for text in texts]
    found = [match for match in matches if match is not None]
    good = pd.Series([match is not None for match in matches], index=texts.index)
    units = {match["before"] or match["after"] or "" for match in found}
    digits = [match["digits"] for match in found]
    if not _enough(good, weights) or len(units) > 1 or any(re.match(r"0\d", text) for text in digits):
        return None
    comma = _decimal(digits)
    if comma is None:
        return None
    values = [None if match is None else _number(match, comma) for match in matches]
    unit = units.pop()
    return pd.Series(values, index=texts.index, dtype=float), "numbers" + (f" in {unit}" if unit else "")


def _decimal(digits: list[str]) -> str | None:
    """Return the sign before decimals, by the evidence of all values; None where they contradict each other."""
    commas = [text for text in digits if "," in text]
    if not commas:
        dotted = [text for text in digits if text.count(".") > 1]
        return "," if dotted else "."
    after_comma = any(re.search(r",(?:\d{1,2}|\d{4,})$", text) or re.search(r"\.\d{3},", text) for text in commas)
    after_dot = any(re.search(r",\d{3}(?:\.|,)", text) for text in digits) or any(
        re.search(r"\.(?:\d{1,2}|\d{4,})$", text) for text in digits
    )
    if after_comma and after_dot:
        return None
    return "," if after_comma else "."


def _number(match: re.Match[str], decimal: str) -> float:
    digits = match["digits"]
    for mark in _THOUSANDS + (".,".replace(decimal, "")):
        digits = digits.replace(mark, "")
    number = float(digits.replace(",", "."))
    return -number if match["open"] or match["sign"] in ("-", "\u2212") or match["inner"] else number
