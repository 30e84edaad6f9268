"""The sentences of the old resume, indexed by their comparison keys, and the numbers in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_dates
from progressnb.operations.resume.words.quantities import find_quantities
from progressnb.operations.resume.words.terms import fold_case

from .wording import keys_of, overlap_weight, word_after, words_around

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.operations.resume.words.quantities import Quantity

__all__ = ["MAX_PLACES", "Numeral", "Passage", "Passages"]

MAX_PLACES = 60
"""Places of one key that are indexed: a word that is everywhere tells nothing, and time stays linear."""

_LONGEST_SEARCH = 2000  # keys of a passage
_ABOUT_SAME = 0.6  # of the best overlap: sentences below it speak of something else
_NEAREST = 8


@dataclass(frozen=True)
class Numeral:
    """A quantity of the old resume with its context.

    `next` is the key after it, `around` are the keys of its clause, `passage` is the number of its sentence, and
    `entry` is the path of the entry that it belongs to.
    """

    value: str
    unit: str
    next: str
    rate: str
    around: frozenset[str]
    passage: int
    entry: str | None


@dataclass
class Passage:
    """A sentence or list item of the old resume. The names, titles and dates of an entry make a passage as well."""

    text: str
    entry: str | None
    keys: list[str]
    dates: set[str] = field(default_factory=set[str])

    @property
    def is_fact(self) -> bool:
        """Whether it is no sentence: the names and dates of an entry, or several lines."""
        return "\n" in self.text or " , " in self.text

    @cached_property
    def joined(self) -> str:
        """The comparison keys as one text, with a space at both ends."""
        return f" {' '.join(self.keys)} "

    @cached_property
    def folded(self) -> str:
        """The text in small letters."""
        return fold_case(self.text)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The quantities of the folded text."""
        return list(find_quantities(self.folded))


class Passages:
    """All passages of the old resume, by number; `numerals` and `counted` have its quantities by value and by thing."""

    def __init__(self) -> None:
        self.numerals: defaultdict[str, list[Numeral]] = defaultdict(list)
        self.counted: defaultdict[str, list[Numeral]] = defaultdict(list)
        self._passages: list[Passage] = []
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)

    def __getitem__(self, number: int) -> Passage:
        return self._passages[number]

    def add(self, text: str, entry: str | None, *, numbers: bool) -> None:
        """Add a passage of an entry; `numbers` says whether its numbers count, which those of addresses do not."""
        number = len(self._passages)
        passage = Passage(text, entry, keys_of(text), dates={iso for iso, _, _ in find_dates(text)})
        self._passages.append(passage)
        for key in dict.fromkeys(passage.keys):
            if len(self._by_key[key]) < MAX_PLACES:
                self._by_key[key].append(number)
        for quantity in passage.quantities if numbers else ():
            around = words_around(passage.folded, quantity)
            counted = word_after(passage.folded, quantity)
            numeral = Numeral(quantity.value, quantity.unit, counted, quantity.rate, around, number, entry)
            self.numerals[quantity.value].append(numeral)
            if len(self.counted[counted]) < MAX_PLACES:
                self.counted[counted].append(numeral)

    def with_all(self, keys: Iterable[str]) -> list[int]:
        """Return the numbers of the passages that have all these keys."""
        wanted = list(dict.fromkeys(keys))
        if not wanted or any(key not in self._by_key for key in wanted):
            return []
        rarest = min(wanted, key=lambda key: len(self._by_key[key]))
        return [
            number
            for number in self._by_key[rarest]
            if all(f" {key} " in self._passages[number].joined for key in wanted)
        ]

    def with_any(self, keys: Iterable[str]) -> list[int]:
        """Return the numbers of the passages that have one of these keys."""
        return list(dict.fromkeys(number for key in keys for number in self._by_key.get(key, ())))

    def about(self, keys: Iterable[str], *, least: int = 1) -> list[Passage]:
        """Return the sentences that speak of the same thing as some keys, the nearest first; `least` is a weight."""
        wanted = set(keys)
        found = [one for one in map(self.__getitem__, self.with_any(wanted)) if not one.is_fact]
        weights = {id(one): overlap_weight(wanted.intersection(one.keys)) for one in found}
        enough = max(least, max(weights.values(), default=0) * _ABOUT_SAME)
        near = [one for one in found if weights[id(one)] >= enough]
        return sorted(near, key=lambda one: -weights[id(one)])[:_NEAREST]

    def have_together(self, keys: list[str]) -> bool:
        """Tell whether some passage has the keys close to each other, in any order."""
        return any(_are_close(self._passages[number].keys, keys) for number in self.with_all(keys))


def _are_close(keys: list[str], wanted: list[str]) -> bool:
    need = set(wanted)
    size = len(need) + 2
    begins = range(max(1, min(len(keys), _LONGEST_SEARCH) - len(need) + 1))
    return any(need.issubset(keys[begin : begin + size]) for begin in begins)
