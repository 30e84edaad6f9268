"""The parser of questions: what is computed, by what, of which rows, and how it is drawn.

A question is parsed as a whole or not at all. Each word takes exactly one role; where a word has none the error names
it, and where it may have several the error asks, with a question for each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from progressnb.agents import HOW_TO_USE_AN_LLM
from progressnb.errors import InputError, UnclearQuestionError
from progressnb.operations.chart.rules.examples import examples
from progressnb.operations.chart.rules.finishing import finished
from progressnb.operations.chart.rules.sentence import NotReadError, Sentence, UnclearError
from progressnb.operations.chart.rules.shapes import read_sentence
from progressnb.operations.chart.rules.spotting import Vocabulary
from progressnb.operations.chart.rules.words import joined, parts_of, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from progressnb.operations.chart.rules.reading import Reading

__all__ = ["read_question", "unclear", "unreadable"]

LONGEST = 300
"""Characters of the longest question that rules read."""

_MOST_WORDS = 8
"""Unread words that an error names."""

_MOST_CHOICES = 6
_DEEPEST = 3
"""Unclear words of one question that are asked about together."""


def read_question(question: str, tables: Mapping[str, pd.DataFrame]) -> Reading:
    """Return the parsed question, of the table whose columns it names best.

    Raises `UnclearQuestionError`, with the questions that it may mean, for one that is not clear, and `InputError`,
    with questions that would work, for one that rules can't read.
    """
    if len(question) > LONGEST:
        raise InputError(f"a question of {LONGEST} characters for fixed rules", f"{len(question):,}", HOW_TO_USE_AN_LLM)
    names = [Vocabulary(name, table) for name, table in _named(question, tables).items()]
    try:
        reading = _best(question, names)
    except UnclearError as error:
        choices = _clear(error.choices, names, _DEEPEST)
        if choices:
            raise unclear(question, error.about, choices) from None
        raise unreadable(question, NotReadError(why=error.about), names) from None
    except NotReadError as error:
        raise unreadable(question, error, names) from None
    return replace(finished(reading, tables[reading.table]), of_several=len(tables) > 1)


def _named(question: str, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Return the tables that a question names, else all."""
    words = [word.folded for word in split(question)]
    named: dict[str, pd.DataFrame] = {}
    for name, table in tables.items():
        parts = parts_of(name)
        spans = (words[at : at + len(parts)] for at in range(len(words)))
        if parts and any(joined(span) == joined(parts) for span in spans):
            named[name] = table
    return named if len(tables) > 1 and named else tables


def _best(question: str, names: list[Vocabulary]) -> Reading:
    """Return the reading of the first table that the question fits; else raise what comes nearest to one."""
    unread: NotReadError | None = None
    unclear: UnclearError | None = None
    for each in names:
        try:
            return read_sentence(Sentence(question, each))
        except UnclearError as error:
            unclear = unclear or error
        except NotReadError as error:
            if unread is None or len(error.words) < len(unread.words):
                unread = error
    raise unclear or unread or NotReadError()


def _clear(choices: list[str], names: list[Vocabulary], deep: int) -> list[str]:
    """Return those choices that rules can read; one that is unclear itself is replaced by its own choices."""
    clear: list[str] = []
    for choice in choices:
        try:
            reading = _best(choice, names)
            finished(reading, next(each.table for each in names if each.name == reading.table))
        except UnclearError as error:
            clear += _clear(error.choices, names, deep - 1) if deep else []
        except (NotReadError, InputError):
            continue
        else:
            clear.append(choice)
    return list(dict.fromkeys(clear))[:_MOST_CHOICES]


def unclear(question: str, about: str, choices: list[str]) -> UnclearQuestionError:
    """Return the error for a question with several meanings."""
    listed = "; ".join(f"({number}) {choice!r}" for number, choice in enumerate(choices, 1))
    got, remedy = f"{question!r}: {about}", f"Ask one of these: {listed}."
    return UnclearQuestionError("a question with one meaning", got, remedy, choices=choices)


def unreadable(question: str, error: NotReadError, names: list[Vocabulary]) -> InputError:
    """Return the error for a question that rules can't read, with examples that they can."""
    quoted = ", ".join(map(repr, error.words[:_MOST_WORDS]))
    problem = f", of which they don't read {quoted}" if quoted else ""
    problem += f", {'and ' if quoted else 'which '}{error.why}" if error.why else ""
    proposed = "; ".join(repr(each) for each in _clear(examples(names[0]), names, 0))
    remedy = f"Such as: {proposed}.{_about_dates(error, names)} {HOW_TO_USE_AN_LLM}"
    return InputError("a question that fixed rules can read, in English", f"{question!r}{problem}", remedy)


def _about_dates(error: NotReadError, names: list[Vocabulary]) -> str:
    """Return a sentence for a question that asks for time where no column has times, else an empty text."""
    columns = [column for each in names for column in each.columns.values()]
    if "dates" not in error.why or any(column.kind == "time" for column in columns):
        return ""
    dated = next((each.label for each in columns if {"date", "time", "day", "month"} & set(each.parts)), None)
    if dated is None:
        return " No column has dates."
    return f" No column has dates: {dated!r} has other values; convert it with pandas.to_datetime."
