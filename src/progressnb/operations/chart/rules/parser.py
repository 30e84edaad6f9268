"""The parser of questions: totals and means by a column, over time, the top ones, a distribution, two numbers.

A question is parsed as a whole or not at all: where a word says something that no rule knows, the error names it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from progressnb.agents import HOW_TO_USE_AN_LLM
from progressnb.errors import InputError
from progressnb.operations.chart.rules.bins import bin_width
from progressnb.operations.chart.rules.examples import about_dates, examples
from progressnb.operations.chart.rules.measures import measure_of
from progressnb.operations.chart.rules.patterns import (
    AGAINST,
    AGGREGATES,
    ASKS_WHICH,
    BY,
    DISTRIBUTION,
    EXTREME,
    LOW,
    TIME,
    TOP,
    TOP_SOME,
    TOP_WITH,
    UNITS,
    pattern,
)
from progressnb.operations.chart.rules.reading import Reading
from progressnb.operations.chart.rules.table_question import TableQuestion, name_pattern
from progressnb.operations.chart.rules.words import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.operations.chart.rules.measures import Measure

__all__ = ["read_question"]

MOST_BARS = 30
"""Bars that can be told apart. Of more groups the largest are drawn, and the title says so."""

SOME = 10
"""The number of groups that "the top ones" stands for."""

LONGEST = 300
"""Characters of the longest question that rules read."""

MOST_POINTS = 5_000
"""Points of two numbers against each other. Of more rows one in so many is drawn."""

_MOST_WORDS = 8
"""Unread words that an error names."""


def read_question(question: str, tables: Mapping[str, pd.DataFrame]) -> Reading:
    """Return the parsed question, of the table whose columns it names best.

    Raises `InputError`, with questions that would work, for one that rules can't read.
    """
    if len(question) > LONGEST:
        raise InputError(f"a question of {LONGEST} characters for fixed rules", f"{len(question):,}", HOW_TO_USE_AN_LLM)
    best: tuple[float, Reading] | None = None
    unread: list[str] | None = None
    words = Question(question)
    named = {name: table for name, table in tables.items() if words.find(name_pattern(name))}
    for name, table in (named or tables).items():
        asked = TableQuestion(words, name, table)
        reading = _Parser(asked).parse()
        rest = asked.unread(reading)
        if reading is not None and not rest and (best is None or asked.score > best[0]):
            best = asked.score, reading
        elif unread is None or len(rest) < len(unread):
            unread = rest
    if best is None:
        raise _unreadable(words, question, unread or [], tables)
    reading = best[1]
    missing = _missing(reading, tables[reading.table])
    if missing == len(tables[reading.table]):
        raise InputError(f"values in the column {reading.dimension!r}", "none")
    return replace(reading, missing=missing, of_several=len(tables) > 1)


def _unreadable(words: Question, question: str, unread: list[str], tables: Mapping[str, pd.DataFrame]) -> InputError:
    names = ", ".join(map(repr, unread[:_MOST_WORDS]))
    problem = f", of which they don't read {names}" if unread else ", which does not say by what"
    return InputError(
        "a question that fixed rules can read, in English",
        f"{question!r}{problem}",
        f"Such as: {examples(tables)}.{about_dates(words, tables)} {HOW_TO_USE_AN_LLM}",
    )


def _missing(reading: Reading, table: pd.DataFrame) -> int:
    """Return the number of rows without a value to group by."""
    column = table[reading.dimension]
    if reading.shape == "distribution":
        return int((~np.isfinite(column.astype(float))).sum())
    both = column.isna() | table[reading.measure].isna() if reading.shape == "against" else column.isna()
    return int(both.sum())


class _Parser:
    """Parse a question for one table: the shapes are tried in turn, each gives a reading or None."""

    def __init__(self, asked: TableQuestion) -> None:
        self._asked = asked

    def parse(self) -> Reading | None:
        return self._against() or self._distribution() or self._over_time() or self._by()

    def _against(self) -> Reading | None:
        asked = self._asked
        numbers = asked.named_numbers()
        if not numbers[1:] or not asked.use(AGAINST):
            return None
        first, second = numbers[:2]
        points = len(asked.table[[first, second]].dropna())
        return Reading("against", asked.name, first, second, every=max(1, math.ceil(points / MOST_POINTS)))

    def _distribution(self) -> Reading | None:
        asked = self._asked
        labels = asked.named_numbers() or asked.named("text", "flag", "number")
        if not labels or not asked.use(DISTRIBUTION):
            return None
        if asked.kinds[labels[0]] != "number":
            return self._grouped(Reading("by", asked.name, None, labels[0]))
        width = bin_width(asked.table[labels[0]])
        return Reading("distribution", asked.name, None, labels[0], bin_width=width)

    def _over_time(self) -> Reading | None:
        asked = self._asked
        times = [label for label, kind in asked.kinds.items() if kind == "time"]
        named = asked.named("time")
        unit = next((unit for unit, words in UNITS.items() if asked.find(words)), None)
        if not times or not (unit or named or asked.find(TIME)):
            return None
        if not unit and not asked.find(TIME) and asked.named("text", "flag"):
            return None  # in "count of events by region", "events" only resembles the name of a time
        time = (named or times)[0]
        measure = measure_of(asked, exclude=time)
        if measure is None:
            return None
        unit = unit or _usual_unit(asked.table[time])
        for words in (TIME, UNITS[unit], BY):
            asked.use(words)
        return replace(self._of(measure, time), shape="time", unit=unit)

    def _by(self) -> Reading | None:
        asked = self._asked
        dimension = self._dimension()
        if dimension is None:
            return None
        top = asked.find(TOP) or asked.find(TOP_WITH) or asked.find(TOP_SOME)
        by = asked.find(BY)
        extreme = asked.find(EXTREME) if top or not by else None
        if extreme and not top and not asked.find(ASKS_WHICH):
            return None  # "highest revenue of regions" may mean that of each, or that of one
        measure = measure_of(asked, exclude=dimension, ranked=bool(extreme))
        over_time = asked.use(TIME) if asked.kinds[dimension] == "number" else None
        if measure is None or not (by or top or extreme or over_time or asked.find(AGGREGATES[measure.aggregate])):
            return None
        for match in (top, extreme, by):
            asked.read |= asked.question.within(match)
        rank = " ".join(filter(None, top.groupdict().values())) if top else extreme[0] if extreme else ""
        count = next((int(part) for part in rank.split() if part.isdigit()), SOME if top else None)
        ascending = bool(pattern(LOW).search(rank))
        return self._grouped(replace(self._of(measure, dimension), top=count, descending=not ascending))

    def _dimension(self) -> str | None:
        """Return the column to group by: the one after "by", else the only one that has groups."""
        asked = self._asked
        by = asked.find(BY)
        start = min(asked.question.within(by), default=0)
        groups = asked.named("text", "flag")
        later = [label for label in groups if asked.start_of(label) >= start] if by else groups
        if groups:
            return (later or groups)[0]
        numbers = asked.named("number")
        if by is not None:
            if numbers and (asked.find(TOP) or asked.find(TOP_WITH) or asked.find(EXTREME)):
                return numbers[0] if asked.start_of(numbers[0]) < start else None  # "top 2 stores by sales"
            return next((label for label in numbers if asked.start_of(label) >= start), None)
        if asked.find(TIME):
            units = (label for label, kind in asked.kinds.items() if kind == "number" and label.lower() in UNITS)
            return next(units, None)
        return None

    def _of(self, measure: Measure, dimension: str) -> Reading:
        """Return a reading of a measure by a column."""
        column, aggregate, counted = measure
        return Reading("by", self._asked.name, column, dimension, aggregate, counted=counted)

    def _grouped(self, reading: Reading) -> Reading | None:
        """Return a reading that is drawn by its groups: as steps of a number, or at most 30 of a text."""
        groups = int(self._asked.table[reading.dimension].nunique())
        if self._asked.kinds[reading.dimension] == "number" and reading.top is None:
            return replace(reading, shape="steps", descending=True) if groups <= MOST_POINTS else None
        if reading.top is None and groups > MOST_BARS:
            return replace(reading, top=MOST_BARS, groups=groups)
        return reading


def _usual_unit(times: pd.Series[Any]) -> str:
    """Return the unit that draws a span of time with some dozens of points."""
    days = (times.max() - times.min()) / pd.Timedelta(days=1)
    most = {"day": 60, "week": 180, "month": 2_000, "year": math.inf}
    return next(unit for unit, limit in most.items() if not days > limit)
