"""The vocabulary of questions: the role of each word or phrase that rules know."""

from __future__ import annotations

import calendar
import functools
from typing import TYPE_CHECKING

from progressnb.operations.chart.rules.word_lists import word_list

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ABBREVIATIONS", "LONGEST_PHRASE", "MONTHS", "ROWS", "WEEKDAYS", "role_of"]

WEEKDAYS = [name.lower() for name in calendar.day_name]
MONTHS = [name.lower() for name in calendar.month_name[1:]]

ROWS = frozenset(["row", "record", "entry", "line", "observation"])
"""Nouns that stand for the rows of any table."""

ABBREVIATIONS: Mapping[str, str] = {
    "pop": "population", "exp": "expectancy", "temp": "temperature", "qty": "quantity", "amt": "amount",
    "num": "number", "pct": "percent", "dep": "departure", "arr": "arrival", "dest": "destination",
    "lat": "latitude", "lon": "longitude", "unemp": "unemployment", "infl": "inflation", "dept": "department",
    "yrs": "years", "yr": "year", "rev": "revenue", "educ": "education", "qtr": "quarter", "cat": "category",
    "percap": "percapita", "cap": "capita", "mins": "minutes", "avg": "average", "min": "minimum", "max": "maximum",
    "lbs": "pounds", "desc": "description", "addr": "address", "cust": "customer", "inc": "income",
}  # fmt: skip
"""The words that parts of columns' names usually stand for."""

_PHRASES: Mapping[tuple[str, str], str] = {
    ("by", ""): "by|per|across|broken down by|grouped by|split by|"
    "for each|for every|in each|in every|within each|each|every|depending on",
    ("colour", ""): "coloured by|colored by|color by|colour by|with colour|with color",
    ("aggregate", "avg"): "average|mean|avg|typical|on average|durchschnitt",
    ("aggregate", "median"): "median",
    ("aggregate", "std"): "standard deviation|standard deviation of|std|std dev|std dev of|std of|stddev",
    ("aggregate", "corr"): "correlation|correlation between|correlation of|correlation coefficient|"
    "correlation coefficient of|correlation coefficient between",
    ("aggregate", "sum"): "total|sum|sum of|total of|overall|altogether|in total|how much",
    ("aggregate", "count"): "how many|number of|count of|count|the number of",
    ("aggregate", "distinct"): "distinct|unique|different|how many distinct|how many different|how many unique|"
    "number of distinct|number of unique|number of different|count distinct",
    ("extreme", "high"): "highest|largest|biggest|greatest|most|maximum|max|longest|tallest|top|leading",
    ("extreme", "low"): "lowest|smallest|least|fewest|minimum|min|shortest|bottom",
    ("extreme", "good"): "best",
    ("extreme", "bad"): "worst",
    ("common", "high"): "most common|most frequent|commonest",
    ("common", "low"): "least common|least frequent|rarest",
    ("order", "high"): "highest first|largest first|most first|descending|in descending order|from high to low|"
    "biggest first|greatest first|longest first|from highest to lowest|from largest to smallest",
    ("order", "low"): "lowest first|smallest first|ascending|in ascending order|from low to high|least first|"
    "fewest first|shortest first|from lowest to highest|from smallest to largest",
    ("unit", "day"): "day|days|daily",
    ("unit", "week"): "week|weeks|weekly",
    ("unit", "month"): "month|months|monthly",
    ("unit", "quarter"): "quarter|quarters|quarterly",
    ("unit", "year"): "year|years|yearly|annual|annually",
    ("cycle", "weekday"): "weekday|weekdays|day of week|day of the week|days of the week",
    ("cycle", "month of year"): "month of the year|month of year|calendar month|season of the year",
    ("cycle", "hour"): "hour of day|hour of the day|time of day|hour",
    ("weekend", ""): "weekend|weekends|on weekends|at weekends",
    ("time", ""): "over time|trend|trends|timeline|trend of|timeline of|history of|development|development of|"
    "evolution|evolution of|evolved|developed|over the years|through time",
    ("change", "change"): "year over year change|yoy change|change year over year",
    ("change", "growth"): "year over year growth|yoy growth|growth year over year|yearly growth|annual growth|"
    "year over year percent change|percent change year over year",
    ("running", ""): "cumulative|running total|running total of|cumulated|running sum|running sum of|cumulative total",
    ("share", ""): "share|share of|percentage|percentage of|percent|percent of|proportion|proportion of|as percent|"
    "as percentage|as a percentage|as percentages|in percent|as shares|fraction|fraction of|% of|%|relative share of",
    ("rate", ""): "rate",
    ("against", ""): "against|versus|vs|relationship|relationship between|related|"
    "related to|correlated with|relation between|compared to|compared with|depend on|depends on|correlate with",
    ("distribution", ""): "distribution|distribution of|histogram|histogram of|spread|spread of|distributed|"
    "frequency|frequency of|frequencies of",
    ("bins", ""): "bins|bin|bins of|bin width|bin size|bin width of|steps of|bins with width|buckets|buckets of",
    ("compare", ""): "compare|comparison of|compared",
    ("mark", "bar"): "bar|bars|bar chart|bar graph|barchart|as bars|stacked bars|stacked|stacked bar chart",
    ("mark", "line"): "line chart|line graph|as line|as a line|as lines|lines",
    ("mark", "arc"): "pie|pie chart|as a pie|as pie|donut|donut chart",
    ("mark", "area"): "area|area chart",
    ("mark", "point"): "scatter|scatterplot|scatter plot|scatter chart|points|dots",
    ("compared", ">"): "over|above|more than|greater than|higher than|larger than|bigger than|longer than|exceeding|"
    ">|exceeds",
    ("compared", "<"): "under|below|less than|lower than|smaller than|fewer than|shorter than|<",
    ("compared", ">="): "at least|no less than|not less than|>=",
    ("compared", "<="): "at most|no more than|not more than|up to|<=",
    ("compared", "since"): "since|starting in|starting at",
    ("compared", "until"): "until|through",
    ("compared", "="): "equal to|equals|exactly|=",
    ("compared", "after"): "after",
    ("compared", "before"): "before|prior to",
    ("between", ""): "between",
    ("from", ""): "from",
    ("to", ""): "to",
    ("not", ""): "excluding|except|except for|without|not|but not|other than|non|apart from|"
    "excluding the|!=|besides|drop|hide|ignoring|leaving out",
    ("which", ""): "which|what|who",
    ("relative", "last"): "last|past|latest|most recent",
    ("relative", "previous"): "previous|preceding",
    ("relative", "this"): "this|current",
    ("having", ""): "with|having|has|had|have|where|whose|when",
    ("and", ""): "and|,|plus|&|as well as",
    ("or", ""): "or",
}  # fmt: skip

LONGEST_PHRASE = 5
"""Words of the longest phrase."""


@functools.cache
def _roles() -> dict[str, tuple[str, str]]:
    known: dict[str, tuple[str, str]] = {}
    for role, phrases in _PHRASES.items():
        known |= dict.fromkeys(phrases.split("|"), role)
    known |= {name: ("month", str(at)) for at, name in enumerate(MONTHS, 1)}
    known |= {word: ("silent", "") for word in word_list("silent_words.txt") if word not in known}
    return known


def role_of(phrase: str) -> tuple[str, str] | None:
    """Return the role of a word or phrase and its value, or None where it is unknown."""
    return _roles().get(phrase)
