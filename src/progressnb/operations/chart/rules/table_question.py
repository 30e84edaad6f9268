"""A question held against one table: the columns that it names, and the words that were read so far."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.chart.rules.patterns import (
    AGAINST,
    AGGREGATES,
    BY,
    DISTRIBUTION,
    EXTREME,
    MARKS,
    TIME,
    UNITS,
    pattern,
)
from progressnb.operations.chart.rules.words import Question, is_identifier, parts_of
from progressnb.operations.chart.tables import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from progressnb.operations.chart.rules.reading import Aggregate, Reading

__all__ = ["TableQuestion", "name_pattern"]

_SHORT_VALUE = 12
"""Characters of the longest value of a column that may equal a silent word."""


def name_pattern(name: str) -> re.Pattern[str]:
    """Return a pattern that finds a table's name, in whichever way its words are joined."""
    return pattern(r"[\W_]+".join(map(re.escape, parts_of(name))) or "$^")


class TableQuestion:
    """A question held against one table.

    Attributes:
        question: The words of the question.
        name: The name of the table.
        table: The table.
        kinds: The kind of each column, see `kind_of`.
        mentions: The columns that the question names.
        order: Their names, in the order of the question.
        read: The numbers of the words that were read.
        score: The sum of the similarities of the names, for the choice between tables.

    """

    def __init__(self, question: Question, name: str, table: pd.DataFrame) -> None:
        self.question = question
        self.name = name
        self.table = table
        self.kinds = {label: kind_of(table[label]) for label in table.columns}
        self.mentions = question.mentions(list(self.kinds))
        self.order = sorted(self.mentions, key=lambda label: self.mentions[label].words.start)
        self.read: set[int] = question.within(question.find(name_pattern(name)))
        self.score = sum(mention.similarity for mention in self.mentions.values())
        # The "count" of a column "order count" does not ask to count.
        self._taken = {at for mention in self.mentions.values() for at in mention.words}

    def find(self, words: str | re.Pattern[str]) -> re.Match[str] | None:
        """Return the first match outside of the names of columns, or None."""
        return self.question.find(words, taken=self._taken)

    def use(self, words: str | re.Pattern[str]) -> re.Match[str] | None:
        """Return the first match, as `find` does, and count its words as read."""
        match = self.find(words)
        self.read |= self.question.within(match)
        return match

    def first_aggregate(self, aggregates: Iterable[Aggregate]) -> Aggregate | None:
        """Return the first of these aggregates that the question asks for, or None."""
        return next((each for each in aggregates if self.find(AGGREGATES[each])), None)

    def start_of(self, label: str) -> int:
        """Return the number of the first word that names a column."""
        return self.mentions[label].words.start

    def named(self, *kinds: str) -> list[str]:
        """Return the columns of these kinds that the question names, in its order."""
        return [label for label in self.order if self.kinds[label] in kinds]

    def named_numbers(self) -> list[str]:
        """Return the named columns of numbers that can be computed with, so without identifiers."""
        return [label for label in self.named("number") if not is_identifier(label)]

    def unread(self, reading: Reading | None) -> list[str]:
        """Return the words that matter and that the reading does not account for.

        Without a reading, return the words that no rule knows.
        """
        if reading is not None:
            self.use(MARKS[reading.shape])
            labels = [label for label in (reading.measure, reading.dimension) if label in self.mentions]
        else:
            for asking in (TIME, EXTREME, AGAINST, DISTRIBUTION, BY):
                self.use(asking)
            for words in (*AGGREGATES.values(), *UNITS.values()):
                self.use(words)
            labels = list(self.mentions)
        for label in labels:
            self.read.update(self.mentions[label].words)
        return self.question.unread(self.read, self._values())

    def _values(self) -> set[str]:
        columns = [self.table[label] for label, kind in self.kinds.items() if kind == "text"]
        return {value for column in columns for value in column.dropna().unique() if len(value) <= _SHORT_VALUE}
