"""The items of a question: each word takes exactly one role, or it is ambiguous, or unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from progressnb.operations.chart.rules.columns import Column
from progressnb.operations.chart.rules.lexicon import ABBREVIATIONS, LONGEST_PHRASE, WEEKDAYS, role_of
from progressnb.operations.chart.rules.words import Word, joined, joined_value, stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

__all__ = ["Item", "Vocabulary", "spot"]

_LONGEST_VALUE = 6
_MOST_VALUES = 20_000
_SHORT = 3
"""Characters up to which a part of a column's name is too short to stand for it."""
_TYPO = 5
"""Characters from which on a word may be a typing error."""
_PLACE_ENDS = ("n", "ese", "ish")
_VALUE_ENDS = ("y", *_PLACE_ENDS)


@dataclass(frozen=True)
class Item:
    """Words of a question with their role; `options` has what an ambiguous one may mean."""

    role: str
    value: Any
    words: range
    text: str
    options: tuple[Any, ...] = ()
    guessed: bool = False

    @property
    def at(self) -> int:
        """The place of the first word."""
        return self.words.start


class Vocabulary:
    """The names and values of one table."""

    def __init__(self, name: str, table: pd.DataFrame) -> None:
        self.name = name
        self.table = table
        self.columns = {str(label): Column(str(label), table[label]) for label in table.columns}
        self.found = self._index_values()

    def _index_values(self) -> dict[str, list[tuple[str, Any]]]:
        index: dict[str, list[tuple[str, Any]]] = {}
        for label, column in self.columns.items():
            if column.kind != "text" or column.yes is not None or len(column.unique) > _MOST_VALUES:
                continue
            for value in column.unique:
                key = joined_value(value)
                if key:
                    index.setdefault(key, []).append((label, value))
        return index

    def exact(self, words: Sequence[str]) -> list[Column]:
        """Return the columns whose whole name these words are, in any order."""
        key = joined(list(words))
        found = [column for column in self.columns.values() if "".join(column.stems) == key]
        if not found and len(words) > 1:
            wanted = sorted(map(stem, words))
            found = [column for column in self.columns.values() if sorted(column.stems) == wanted]
        return found

    def expanded(self, words: Sequence[str]) -> list[Column]:
        """Return the columns whose name, without abbreviations, these words are."""
        key, wanted = joined(list(words)), sorted(map(stem, words))
        found: list[Column] = []
        for column in self.columns.values():
            full = [stem(ABBREVIATIONS.get(part, part)) for part in column.parts]
            if full != column.stems and ("".join(full) == key or sorted(full) == wanted):
                found.append(column)
        return found

    def partly(self, words: Sequence[str]) -> list[Column]:
        """Return the columns of whose name these words are a part; abbreviations count as what they stand for."""
        found: list[Column] = []
        for column in self.columns.values():
            known = {each for part in column.parts for each in (stem(part), stem(ABBREVIATIONS.get(part, part)))}
            known |= {stem(part) for part in column.parts}
            if column.yes is not None:
                continue  # "emails" are not those that are `sent_email`
            named = {stem(word) for word in words}
            heads = {column.head, stem(ABBREVIATIONS.get(column.head, column.head))}
            if named <= known and named & heads and any(len(word) > _SHORT - 1 for word in words):
                found.append(column)
        return found

    def flags_like(self, word: str) -> list[Column]:
        """Return the columns of yes and no whose name has the root of a word: "cancellations" and `cancelled`."""
        root = _root(word)
        return [
            column
            for column in self.columns.values()
            if len(root) >= _TYPO - 1 and [_root(part) for part in column.told] == [root] and column.yes is not None
        ]

    def misspelt(self, word: str) -> list[Column]:
        """Return the columns that a word with a typing error names."""
        return [
            column
            for column in self.columns.values()
            if any(is_typo(stem(word), stem(part)) for part in {*column.parts, "".join(column.parts)})
        ]


def is_typo(word: str, right: str) -> bool:
    """Tell whether a word is another one with a letter missing, doubled, exchanged, or a vowel mistaken."""
    if min(len(word), len(right)) < _TYPO or word[0] != right[0] or word == right:
        return False
    if len(word) == len(right):
        off = [at for at in range(len(word)) if word[at] != right[at]]
        if len(off) == 2 and off[1] == off[0] + 1:  # noqa: PLR2004
            return word[off[0]] == right[off[1]] and word[off[1]] == right[off[0]]
        return len(off) == 1 and {word[off[0]], right[off[0]]} <= set("aeiou")
    short, long = sorted((word, right), key=len)
    if len(long) - len(short) != 1 or len(long) < _TYPO + 1:
        return False
    return any(long[:at] + long[at + 1 :] == short for at in range(1, len(long)))


def _root(word: str) -> str:
    return re.sub(r"l+$", "l", re.sub(r"(?:ations?|ions?|ed|ings?|al|als|ers?|ors?|s)$", "", word.casefold()))


def spot(words: Sequence[Word], names: Vocabulary) -> list[Item]:
    """Return the items of a question, each word in exactly one; the longest and surest meaning of words wins."""
    found = sorted(_candidates(words, names), key=lambda each: (each[0], -len(each[1].words), each[1].at))
    taken: set[int] = set()
    items: list[Item] = []
    for _, item in sorted(found, key=_rank):
        if not taken & set(item.words):
            taken |= set(item.words)
            items.append(item)
    items += [
        Item("unknown", word.folded, range(at, at + 1), word.text) for at, word in enumerate(words) if at not in taken
    ]
    return sorted(items, key=lambda item: item.at)


def _rank(candidate: tuple[int, Item]) -> tuple[int, int, int]:
    sure, item = candidate
    return -len(item.words), sure, item.at


def _candidates(words: Sequence[Word], names: Vocabulary) -> Iterator[tuple[int, Item]]:
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + max(LONGEST_PHRASE, _LONGEST_VALUE)) + 1):
            span = range(first, last)
            given = [words[at].folded for at in span]
            text = " ".join(words[at].text for at in span)
            yield from _of_span(given, text, span, words, names)


def _of_span(
    given: list[str], text: str, span: range, words: Sequence[Word], names: Vocabulary
) -> Iterator[tuple[int, Item]]:
    role = role_of(" ".join(given))
    unsure = len(span) == 1 and role is not None and role[0] in _FUNCTIONAL and text not in names.columns
    if not unsure and (columns := names.exact(given)):
        yield 0, _column(columns, span, text)
    if (values := names.found.get(joined(given))) and _is_meant(values, text, span, words, role):
        yield 1, _value(values, span, text)
    elif len(span) == 1 and role is None and (values := _of_sex(given[0], names) or _weekdays(given[0], names)):
        yield 3, replace(_value(values, span, text), guessed=True)
    elif len(span) == 1 and role is None and (values := _like_values(given[0], names)):
        yield 5, replace(_value(values, span, text), options=tuple(values))
    if len(span) == 2 and given[1] in _POWERS and (number := _number(words[span.start])) is not None:  # noqa: PLR2004
        yield 2, Item("number", number * _POWERS[given[1]], span, text)
    if len(span) == 1 and re.fullmatch(r"\d{4}-\d{2}(?:-\d{2})?", given[0]) and (date := _date(given[0])) is not None:
        yield 0, Item("date", date, span, text)
    if len(span) == 1 and (number := _number(words[span.start])) is not None:
        yield 2, Item("number", number, span, text)
    if role is not None:
        yield 2, Item(role[0], role[1], span, text)
    if role is None or len(span) > 1:
        yield from _named(given, text, span, names, role)


def _named(
    given: list[str], text: str, span: range, names: Vocabulary, role: tuple[str, str] | None
) -> Iterator[tuple[int, Item]]:
    if columns := names.expanded(given):
        yield 3, _column(columns, span, text)
    elif _may_be_part(given, role) and (columns := names.partly(given)):
        yield 4, replace(_column(columns, span, text), guessed=any(each.is_kind_of(given) for each in columns))
    elif len(span) == 1:
        yield from _guessed(given[0], text, span, names)


def _may_be_part(given: list[str], role: tuple[str, str] | None) -> bool:
    """Tell whether words may be a part of a column's name: none of several may be one like "of"."""
    roles = [role_of(each) for each in given]
    return not any(roles) or (len(given) > 1 and role is None and not _has_silent(given))


def _guessed(word: str, text: str, span: range, names: Vocabulary) -> Iterator[tuple[int, Item]]:
    if columns := names.flags_like(word):
        yield 5, _column(columns, span, text)
    elif columns := names.misspelt(word):
        yield 6, replace(_column(columns, span, text), guessed=True)
    elif right := next((each for each in _CORRECTED if is_typo(word, each)), None):
        role = role_of(right)
        if role is not None:
            yield 6, Item(role[0], role[1], span, text, guessed=True)


_CORRECTED = (
    "average",
    "median",
    "total",
    "highest",
    "lowest",
    "distribution",
    "monthly",
    "number",
    "maximum",
    "minimum",
)
_FUNCTIONAL = frozenset(["silent", "by", "and", "or", "not", "from", "to", "having", "which", "between", "compared"])


def _has_silent(given: list[str]) -> bool:
    return any((role := role_of(each)) is not None and role[0] in _FUNCTIONAL for each in given)


def _column(columns: list[Column], span: range, text: str) -> Item:
    return Item("column", columns[0], span, text, tuple(columns) if len(columns) > 1 else ())


def _value(values: list[tuple[str, Any]], span: range, text: str) -> Item:
    exact = [each for each in values if str(each[1]) == text]  # "E" is not "e", if both are there
    values = exact or values
    return Item("value", values[0], span, text, tuple(values) if len(values) > 1 else ())


def _is_meant(
    values: list[tuple[str, Any]], text: str, span: range, words: Sequence[Word], role: tuple[str, str] | None
) -> bool:
    """Tell whether words that are a value are meant as one: those of another role only where they look like it."""
    if role is None and not (len(span) == 1 and _number(words[span.start]) is not None):
        return True
    if any(text == str(value) for _, value in values) and role != ("silent", ""):
        return True
    before = [words[at].folded for at in range(max(0, span.start - 2), span.start)]
    after_place = bool(before) and (before[-1] in _PLACES or (before[-1] == "the" and before[0] in _PLACES))
    exact = any(text == str(value) for _, value in values) and not text.islower()
    return (role is not None and role[0] == "silent" and after_place) or exact


_PLACES = frozenset({"in", "for", "is", "of", "from", "where", "excluding", "=", "except", "only"})


_POWERS = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}


def _of_sex(word: str, names: Vocabulary) -> list[tuple[str, Any]]:
    """Return the values "male" and "female" for men and women."""
    return names.found.get(stem({"man": "male", "woman": "female"}.get(stem(word), ""))) or []


def _weekdays(word: str, names: Vocabulary) -> list[tuple[str, Any]]:
    """Return the values that are short for a weekday: "Sun"."""
    if word not in WEEKDAYS:
        return []
    short = [each for size in (3, 4, 5) for each in names.found.get(stem(word[:size]), [])]
    return [each for each in short if str(each[1]).casefold() in _SHORT_WEEKDAYS]


_SHORT_WEEKDAYS = frozenset(day[:size] for day in WEEKDAYS for size in (3, 4, 5))


def _like_values(word: str, names: Vocabulary) -> list[tuple[str, Any]]:
    """Return the values of which a word is the adjective: "rainy" of rain, "sunny" of sun."""
    if not word.endswith(_VALUE_ENDS) or len(word) <= _SHORT:
        return []
    if word.endswith(_PLACE_ENDS):
        return _like_places(word, names)
    bare = word[:-1]
    return names.found.get(stem(bare)) or (names.found.get(stem(bare[:-1])) if bare[-1:] == bare[-2:-1] else None) or []


def _date(text: str) -> Any:  # noqa: ANN401 - a period of pandas
    """Return the day or the month that a text such as 2024-05-31 names, or None."""
    import pandas as pd

    try:
        return pd.Period(text, freq="D" if len(text) > len("2024-05") else "M")
    except ValueError:
        return None


def _like_places(word: str, names: Vocabulary) -> list[tuple[str, Any]]:
    """Return the places of which a word is the adjective: "European", "Japanese"."""
    bare = {word[: -len(end)] for end in ("ian", "ean", "an", "n", "ese", "ish") if word.endswith(end)}
    keys = {stem(each + end) for each in bare if len(each) > _SHORT for end in ("", "e", "a")}
    return [each for key in sorted(keys) for each in names.found.get(key, []) if str(each[1])[:1].isupper()]


def _number(word: Word) -> float | None:
    text = word.folded.replace(",", "")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)", text)
    if match is None:
        return None
    number = float(match[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[match[2]]
    return int(number) if number.is_integer() else number
