"""The patterns of English that rules know: aggregates, units of time, ranks, kinds of charts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.operations.chart.rules.reading import Aggregate, Shape

__all__ = [
    "AGAINST",
    "AGGREGATES",
    "ASKS_WHICH",
    "BY",
    "DISTRIBUTION",
    "EXTREME",
    "LOW",
    "MARKS",
    "ROWS",
    "TIME",
    "TOP",
    "TOP_SOME",
    "TOP_WITH",
    "UNITS",
    "pattern",
]


def pattern(words: str) -> re.Pattern[str]:
    """Return a pattern that finds any of these alternatives as whole words, in upper or lower case."""
    return re.compile(rf"(?i)\b(?:{words})\b")


_DIFFERENT = r"distinct|unique|different"
_NUMBER_OF = r"how many|number of|count(?: of)?"
AGGREGATES: dict[Aggregate, str] = {
    "distinct": rf"(?:(?:{_NUMBER_OF}) (?:the )?)?(?:{_DIFFERENT})",
    "avg": r"average|mean|avg|typical",
    "median": r"median",
    "max": r"highest|maximum|largest|max|most",
    "min": r"lowest|minimum|smallest|min|least|fewest",
    "count": _NUMBER_OF,
    "sum": r"total|sum|how much",
}
"""The wordings of questions for each aggregate, in the order in which they are tried."""

UNITS = {
    "day": r"day|days|daily",
    "week": r"week|weeks|weekly",
    "month": r"month|months|monthly",
    "quarter": r"quarter|quarters|quarterly",
    "year": r"year|years|yearly|annual|annually",
}
"""The names of each unit of time in questions."""

TIME = pattern(r"over time|trend(?: of)?|timeline(?: of)?|develop\w*|evol\w+|history(?: of)?")
"""Asks for values over time."""

LOW = r"bottom|worst|lowest|least|fewest|smallest"
_HIGH = r"top|best|highest|most|first|biggest|largest|leading"
_RANK = rf"{_HIGH}|{LOW}"

TOP = pattern(rf"(?P<rank>{_RANK})\s+(?P<count>\d{{1,3}})|(?P<first>\d{{1,3}})\s+(?P<word>{_RANK})")
"""Asks for so many: "top 5", "3 largest"."""

TOP_WITH = pattern(rf"(?P<count>\d{{1,3}})\s+\w+\s+(?:with|of|by|having)\s+(?:the\s+)?(?P<rank>{_RANK})")
"""Asks for so many with a noun between: "3 products with the highest"."""

TOP_SOME = pattern(r"(?P<rank>top|bottom)")
"""Asks for the top ones without a number."""

EXTREME = pattern(_RANK)
"""Asks for the highest or lowest."""

AGAINST = pattern(
    r"against|versus|vs\.?|relationship(?: between)?|(?:correlat|relat)\w+(?: (?:between|with|to))?"
    r"|compared? (?:to|with)|depends? on"
)
"""Asks for one number against another."""

DISTRIBUTION = pattern(r"distribution|histogram|spread|distributed|frequency")
"""Asks for the distribution of a column."""

BY = pattern(r"by|per|for each|for every|in each|each|across|broken down by|grouped by|split by")
"""Stands before the column that groups."""

ASKS_WHICH = pattern(r"which|what|who")
"""Asks which group has the highest or lowest value."""

ROWS = frozenset(
    ["row", "rows", "record", "records", "entry", "entries", "line", "lines", "observation", "observations"]
)
"""Nouns that stand for the rows of any table."""

MARKS: dict[Shape, str] = {
    "by": r"bars?",
    "steps": r"bars?",
    "time": r"lines?",
    "distribution": r"bars?",
    "against": r"scatter(?:plot)?|points?|dots?",
}
"""The names in questions of the mark that a shape is drawn with anyway."""
