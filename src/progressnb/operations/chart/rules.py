"""Questions that rules can read: totals and means by a column, over time, the top ones, a distribution, two numbers.

Columns are found by their words, through plurals and typos. What is not understood is said, with examples of what is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from rapidfuzz import fuzz

from progressnb.errors import InputError
from progressnb.offline import HOW_TO_USE_AN_LLM

from .bins import bin_width
from .tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["Reading", "read_question"]

Shape: TypeAlias = Literal["by", "time", "distribution", "against"]
How: TypeAlias = Literal["sum", "avg", "count", "min", "max", "median"]

_HOW: dict[How, str] = {
    "avg": r"average|mean|avg|typical",
    "median": r"median",
    "max": r"highest|maximum|largest|max|latest",
    "min": r"lowest|minimum|smallest|min|earliest",
    "count": r"how many|number of|count(?: of)?",
    "sum": r"total|sum|overall|how much",
}
_UNITS = {
    "day": r"day|daily",
    "week": r"week|weekly",
    "month": r"month|monthly",
    "quarter": r"quarter|quarterly",
    "year": r"year|yearly|annual",
}
_TIME = re.compile(r"(?i)\b(?:over time|trend|timeline|develop\w*|evol\w+|history)\b")
_TOP = re.compile(
    r"(?i)\b(?:top|best|first|biggest|largest|leading|bottom|worst|lowest)\s+(\d{1,3})\b|\b(\d{1,3})\s+(?:best|biggest|largest|top|worst)\b"
)
_WORST = re.compile(r"(?i)\b(?:bottom|worst|lowest)\b")
_AGAINST = re.compile(r"(?i)\b(?:against|versus|vs\.?|relationship|correlat\w+|compared? (?:to|with)|depends? on)\b")
_DISTRIBUTION = re.compile(r"(?i)\b(?:distribution|histogram|spread|distributed|frequency)\b")
_BY = re.compile(r"(?i)\b(?:by|per|for each|for every|in each|each|across|broken down by|grouped by|split by)\b")
_WORDS = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")
_ALIKE = 82  # of 100
_UNSURE = 3  # of these 100
_SHORT = 3  # characters of a part that tells nothing


@dataclass(frozen=True)
class Reading:
    """What a question asks for, in terms of a table."""

    shape: Shape
    table: str
    measure: str | None
    dimension: str | None
    how: How
    unit: str = "month"
    top: int | None = None
    descending: bool = True
    width: float = 1
    """How wide a bin of a distribution is."""


def read_question(question: str, tables: Mapping[str, pd.DataFrame]) -> Reading:
    """Return what a question asks for. Raises `InputError`, with examples, for one that rules can't read."""
    best: tuple[float, Reading] | None = None
    for name, table in tables.items():
        found = _read(question, name, table)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        raise InputError(
            "a question that fixed rules can read", repr(question), f"Such as: {_examples(tables)}. {HOW_TO_USE_AN_LLM}"
        )
    return best[1]


def _read(question: str, name: str, table: pd.DataFrame) -> tuple[float, Reading] | None:  # noqa: PLR0911 - a shape each
    kinds = {label: kind_of(table[label]) for label in table.columns}
    named = _mentioned(question, list(kinds))
    score = sum(weight for weight, _ in named.values())
    places = {label: place for label, (_, place) in named.items()}
    numbers = [label for label in places if kinds[label] == "number"]
    groups = [label for label in places if kinds[label] in ("text", "flag")]
    times = [label for label in kinds if kinds[label] == "time"]
    how: How | None = next((how for how, words in _HOW.items() if re.search(rf"(?i)\b(?:{words})\b", question)), None)
    unit = next((unit for unit, words in _UNITS.items() if re.search(rf"(?i)\b(?:{words})\b", question)), None)
    asks_time = bool(_TIME.search(question) or unit or (not groups and [label for label in times if label in places]))
    if _AGAINST.search(question) and len(numbers) > 1:
        first, second = sorted(numbers, key=lambda label: places[label])[:2]
        return score, Reading("against", name, measure=first, dimension=second, how="sum")
    if _DISTRIBUTION.search(question) and (numbers or groups):
        label = numbers[0] if numbers else groups[0]
        if not numbers:
            return score, Reading("by", name, measure=None, dimension=label, how="count")
        return score, Reading(
            "distribution", name, measure=None, dimension=label, how="count", width=bin_width(table[label])
        )
    by = _BY.search(question)
    after = [label for label in groups if by is None or places[label] >= by.start()] or groups
    measure = next((label for label in numbers if label not in after), None)
    if measure is None and how not in (None, "count"):
        return None  # "average by region": of what?
    if asks_time and times:
        time = next((label for label in times if label in places), times[0])
        if measure is None and not named and not re.search(rf"(?i)\b(?:{_HOW['count']})\b", question):
            return None
        return score + 1, Reading("time", name, measure, time, how or ("sum" if measure else "count"), unit or "month")
    if after:
        top = _TOP.search(question)
        count = int(top[1] or top[2]) if top else None
        if measure is None and how is None and top is None and by is None:
            return None
        how = "sum" if how in ("max", "min") and top else how
        return score, Reading(
            "by",
            name,
            measure,
            after[0],
            how or ("sum" if measure else "count"),
            top=count,
            descending=not _WORST.search(question),
        )
    return None


def _mentioned(question: str, labels: list[str]) -> dict[str, tuple[float, int]]:
    """Return the columns whose names a question mentions, each with how surely and its place.

    A word counts for one column only, the one that it fits best.
    """
    words = [(match[0].lower(), match.start()) for match in _WORDS.finditer(question)]
    found: list[tuple[float, range, str]] = []
    for label in labels:
        parts = [part.lower() for part in _PARTS.findall(label)]
        for first in range(len(words)):
            span = range(first, min(first + len(parts), len(words)))
            said = " ".join(words[at][0] for at in span)
            found.append((fuzz.ratio(_stem(said), _stem(" ".join(parts))), span, label))
            # "revenue" for "net_revenue_eur": a part is less sure than the whole
            alike = max(
                (fuzz.ratio(_stem(words[first][0]), _stem(part)) for part in parts if len(part) > _SHORT), default=0
            )
            found.append((alike - _UNSURE, range(first, first + 1), label))
    claimed: set[int] = set()
    mentioned: dict[str, tuple[float, int]] = {}
    for alike, span, label in sorted(found, key=lambda each: (-each[0], -len(each[1]), each[1].start)):
        if alike >= _ALIKE and label not in mentioned and not claimed & set(span):
            claimed.update(span)
            mentioned[label] = alike / 100, words[span.start][1]
    return mentioned


def _stem(text: str) -> str:
    return " ".join(re.sub(r"(?<=..)(?:ies|y)$", "i", re.sub(r"(?<=[^s])s$", "", word)) for word in text.split())


def _examples(tables: Mapping[str, pd.DataFrame]) -> str:
    table = next(iter(tables.values()))
    kinds = {label: kind_of(table[label]) for label in table.columns}
    number = next((label for label in kinds if kinds[label] == "number"), None)
    groups = [label for label in kinds if kinds[label] in ("text", "flag")]
    # An id makes no groups.
    group = next((label for label in groups if table[label].nunique() < len(table)), groups[0] if groups else None)
    time = next((label for label in kinds if kinds[label] == "time"), None)
    examples = [
        f"total {number} by {group}" if number and group else "",
        f"top 5 {group} by {number}" if number and group else "",
        f"average {number} per month" if number and time else "",
        f"distribution of {number or group}" if number or group else "",
        f"number of rows by {group}" if group else "",
    ]
    return "; ".join(repr(example) for example in examples if example)
