"""Questions that rules can read: totals and means by a column, over time, the top ones, a distribution, two numbers.

A question is read as a whole or not at all: where a word says something that rules don't know, they say so.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from progressnb.agents.offline import HOW_TO_USE_AN_LLM
from progressnb.errors import InputError
from progressnb.operations.chart.rules.bins import bin_width
from progressnb.operations.chart.rules.examples import about_dates, examples
from progressnb.operations.chart.rules.reading import Reading, Shape
from progressnb.operations.chart.rules.words import HOW, TIME, UNITS, How, Question, is_identifier, parts_of, pattern
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["read_question"]

MOST_BARS = 30
"""Bars that can be told apart; of more groups the largest are drawn, and the title says so."""

SOME = 10
"""How many "the top ones" are."""

LONGEST = 300
"""Characters of a question that rules read."""

MOST_POINTS = 5_000
"""Points that are drawn, of two numbers against each other; of more, one in so many."""

_LOW = r"bottom|worst|lowest|least|fewest|smallest"
_HIGH = r"top|best|highest|most|first|biggest|largest|leading"
_TOP = pattern(rf"(?P<rank>{_HIGH}|{_LOW})\s+(?P<count>\d{{1,3}})|(?P<first>\d{{1,3}})\s+(?P<word>{_HIGH}|{_LOW})")
_TOP_SOME = pattern(r"(?P<rank>top|bottom)")
_TOP_WITH = pattern(rf"(?P<count>\d{{1,3}})\s+\w+\s+(?:with|of|by|having)\s+(?:the\s+)?(?P<rank>{_HIGH}|{_LOW})")
_EXTREME = pattern(rf"{_HIGH}|{_LOW}")
_AGAINST = pattern(
    r"against|versus|vs\.?|relationship(?: between)?|(?:correlat|relat)\w+(?: (?:between|with|to))?"
    r"|compared? (?:to|with)|depends? on"
)
_DISTRIBUTION = pattern(r"distribution|histogram|spread|distributed|frequency")
_BY = pattern(r"by|per|for each|for every|in each|each|across|broken down by|grouped by|split by")
_ASKS_WHICH = pattern(r"which|what|who")
_SHORT_VALUE = 12  # words that say nothing are short
_ROWS = frozenset(
    ["row", "rows", "record", "records", "entry", "entries", "line", "lines", "observation", "observations"]
)
_MARKS: dict[Shape, str] = {
    "by": r"bars?",
    "steps": r"bars?",
    "time": r"lines?",
    "distribution": r"bars?",
    "against": r"scatter(?:plot)?|points?|dots?",
}


def read_question(question: str, tables: Mapping[str, pd.DataFrame]) -> Reading:
    """Return what a question asks for. Raises `InputError`, with examples, for one that rules can't read."""
    if len(question) > LONGEST:
        raise InputError(f"a question of {LONGEST} characters for fixed rules", f"{len(question):,}", HOW_TO_USE_AN_LLM)
    best: tuple[float, Reading] | None = None
    unread: list[str] | None = None
    asked = Question(question)
    named = {name: table for name, table in tables.items() if asked.find(_name_pattern(name))}
    for name, table in (named or tables).items():
        reader = _Reader(asked, name, table)
        reading = reader.read()
        rest = reader.unread(reading)
        if reading is not None and not rest and (best is None or reader.score > best[0]):
            best = reader.score, reading
        elif unread is None or len(rest) < len(unread):
            unread = rest
    if best is None:
        what = ", ".join(map(repr, (unread or [])[:8]))
        told = f", of which they don't read {what}" if unread else ", which does not say by what"
        raise InputError(
            "a question that fixed rules can read, in English",
            f"{question!r}{told}",
            f"Such as: {examples(tables)}.{about_dates(asked, tables)} {HOW_TO_USE_AN_LLM}",
        )
    reading = best[1]
    missing = _missing(reading, tables[reading.table])
    if missing == len(tables[reading.table]):
        raise InputError(f"values in the column {reading.dimension!r}", "none")
    return replace(reading, missing=missing, of_several=len(tables) > 1)


def _name_pattern(name: str) -> re.Pattern[str]:
    return pattern(r"[\W_]+".join(map(re.escape, parts_of(name))) or "$^")


def _missing(reading: Reading, table: pd.DataFrame) -> int:
    column = table[reading.dimension]
    if reading.shape == "distribution":
        return int((~np.isfinite(column.astype(float))).sum())
    both = column.isna() | table[reading.measure].isna() if reading.shape == "against" else column.isna()
    return int(both.sum())


class _Reader:
    """One reading of a question, for one table. `_read` are the numbers of the words that it accounts for."""

    def __init__(self, question: Question, name: str, table: pd.DataFrame) -> None:
        self._question = question
        self._name = name
        self._table = table
        self._kinds = {label: kind_of(table[label]) for label in table.columns}
        self._mentions = question.mentions(list(self._kinds))
        self._taken = {at for mention in self._mentions.values() for at in mention.words}  # "count" in a column's name
        self._order = sorted(self._mentions, key=lambda label: self._mentions[label].words.start)
        self._read: set[int] = question.within(question.find(_name_pattern(name)))
        self.score = sum(mention.sure for mention in self._mentions.values())

    def read(self) -> Reading | None:
        return self._against() or self._distribution() or self._over_time() or self._by()

    def unread(self, reading: Reading | None) -> list[str]:
        if reading is not None:
            self._use(_MARKS[reading.shape])
            for label in (reading.measure, reading.dimension):
                if label in self._mentions:
                    self._read.update(self._mentions[label].words)
        else:
            for asking in (TIME, _EXTREME, _AGAINST, _DISTRIBUTION, _BY):
                self._use(asking)
            for words in (*HOW.values(), *UNITS.values()):
                self._use(words)
            for mention in self._mentions.values():
                self._read.update(mention.words)
        return self._question.unread(self._read, self._values())

    def _values(self) -> set[str]:
        columns = [self._table[label] for label, kind in self._kinds.items() if kind == "text"]
        return {value for column in columns for value in column.dropna().unique() if len(value) <= _SHORT_VALUE}

    def _use(self, words: str | re.Pattern[str]) -> re.Match[str] | None:
        match = self._find(words)
        self._read |= self._question.within(match)
        return match

    def _find(self, words: str | re.Pattern[str]) -> re.Match[str] | None:
        return self._question.find(words, taken=self._taken)

    def _asked(self, hows: Iterable[How]) -> How | None:
        return next((how for how in hows if self._find(HOW[how])), None)

    def _named(self, *kinds: str) -> list[str]:
        return [label for label in self._order if self._kinds[label] in kinds]

    def _numbers(self) -> list[str]:
        return [label for label in self._named("number") if not is_identifier(label)]

    def _against(self) -> Reading | None:
        numbers = self._numbers()
        if not numbers[1:] or not self._use(_AGAINST):
            return None
        first, second = numbers[:2]
        points = len(self._table[[first, second]].dropna())
        return Reading("against", self._name, first, second, every=max(1, math.ceil(points / MOST_POINTS)))

    def _distribution(self) -> Reading | None:
        labels = self._numbers() or self._named("text", "flag", "number")
        if not labels or not self._use(_DISTRIBUTION):
            return None
        if self._kinds[labels[0]] != "number":
            return self._grouped(labels[0], None, "count")
        return Reading("distribution", self._name, None, labels[0], width=bin_width(self._table[labels[0]]))

    def _over_time(self) -> Reading | None:
        times = [label for label, kind in self._kinds.items() if kind == "time"]
        named = self._named("time")
        unit = next((unit for unit, words in UNITS.items() if self._find(words)), None)
        if not times or not (unit or named or self._find(TIME)):
            return None
        if not unit and not self._find(TIME) and self._named("text", "flag"):
            return None  # "count of events by region": a date's name is there by chance
        time = (named or times)[0]
        measure, how, counted = self._computed(exclude=time)
        if how is None:
            return None
        unit = unit or _usual_unit(self._table[time])
        self._use(TIME)
        self._use(UNITS[unit])
        self._use(_BY)
        return Reading("time", self._name, measure, time, how, unit, counted=counted)

    def _by(self) -> Reading | None:
        dimension = self._dimension()
        if dimension is None:
            return None
        top = self._find(_TOP) or self._find(_TOP_WITH) or self._find(_TOP_SOME)
        by = self._find(_BY)
        extreme = self._find(_EXTREME) if top or not by else None
        if extreme and not top and not self._find(_ASKS_WHICH):
            return None  # "highest revenue of regions": of each, or which region?
        measure, how, counted = self._computed(exclude=dimension, totals=bool(extreme))
        over_time = self._use(TIME) if self._kinds[dimension] == "number" else None
        if how is None or not (by or top or extreme or over_time or self._find(HOW[how])):
            return None
        self._read |= self._question.within(top) | self._question.within(extreme) | self._question.within(by)
        rank = " ".join(filter(None, top.groupdict().values())) if top else extreme[0] if extreme else ""
        count = next((int(part) for part in rank.split() if part.isdigit()), SOME if top else None)
        ascending = bool(pattern(_LOW).search(rank))
        return self._grouped(dimension, measure, how, top=count, descending=not ascending, counted=counted)

    def _dimension(self) -> str | None:
        """Return the column to group by: the one after "by", else the only one that has groups."""
        by = self._find(_BY)
        start = min(self._question.within(by), default=0)
        groups = self._named("text", "flag")
        later = [label for label in groups if self._mentions[label].words.start >= start] if by else groups
        if groups:
            return (later or groups)[0]
        numbers = self._named("number")
        ranked = self._find(_TOP) or self._find(_TOP_WITH) or self._find(_EXTREME)
        if by is not None and ranked and numbers:
            return numbers[0] if self._mentions[numbers[0]].words.start < start else None  # "top 2 stores by sales"
        if by is not None:
            return next((label for label in numbers if self._mentions[label].words.start >= start), None)
        if self._find(TIME):
            return next(
                (label for label in self._kinds if self._kinds[label] == "number" and label.lower() in UNITS), None
            )
        return None

    def _grouped(
        self,
        dimension: str,
        measure: str | None,
        how: How,
        *,
        top: int | None = None,
        descending: bool = True,
        counted: str = "",
    ) -> Reading | None:
        groups = int(self._table[dimension].nunique())
        if self._kinds[dimension] == "number" and top is None:
            return (
                Reading("steps", self._name, measure, dimension, how, counted=counted)
                if groups <= MOST_POINTS
                else None
            )
        hidden = top is None and groups > MOST_BARS
        return Reading(
            "by",
            self._name,
            measure,
            dimension,
            how,
            top=MOST_BARS if hidden else top,
            descending=descending,
            groups=groups if hidden else 0,
            counted=counted,
        )

    def _computed(self, *, exclude: str, totals: bool = False) -> tuple[str | None, How | None, str]:
        """Return what is computed of which column, and what is counted where rows are."""
        how = self._asked(HOW)
        if totals and how in ("max", "min"):
            # Of whom "the most": of whatever has no column, by number; else in all.
            how = self._asked(("avg", "median", "sum"))
        measure = next((label for label in self._numbers() if label != exclude), None)
        match = self._use(HOW[how]) if how else self._use(_EXTREME) if totals and measure is None else None
        if how == "distinct":
            after = max(self._question.within(match), default=-1) + 1
            label = next(
                (each for each in self._order if after in self._mentions[each].words and each != exclude), None
            )
            return label, how if label else None, ""
        if measure is not None and how != "count":
            return measure, how or "sum", ""
        if how not in (None, "count"):
            return None, None, ""  # "average by region": of what?
        return self._counted(match, exclude)

    def _counted(self, match: re.Match[str] | None, exclude: str) -> tuple[str | None, How | None, str]:
        if match is None:
            return None, "count", ""
        at = max(self._question.within(match)) + 1
        while self._question.word(at) in ("the", "all", "of"):
            self._read.add(at)
            at += 1
        noun = self._question.word(at)
        for label in self._order:
            if label != exclude and at in self._mentions[label].words and self._kinds[label] != "time":
                if self._kinds[label] == "flag" or (self._kinds[label] == "number" and not is_identifier(label)):
                    return None, None, ""  # "number of units": perhaps their total; "how many returned": those that are
                return label, "distinct", ""
        if exclude in self._mentions and at in self._mentions[exclude].words:
            return None, None, ""  # "number of regions": one number, and no chart
        if noun and noun not in ("by", "per"):
            self._read.add(at)
            return None, "count", "" if noun in _ROWS else noun
        return None, "count", ""


def _usual_unit(times: pd.Series[Any]) -> str:
    """Return the unit that draws a span of time with some dozens of points."""
    days = (times.max() - times.min()) / pd.Timedelta(days=1)
    most = {"day": 60, "week": 180, "month": 2_000, "year": math.inf}
    return next(unit for unit, limit in most.items() if not days > limit)
