"""The sentences and entries of the old resume, indexed by their comparison keys, and the numbers in them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.words.terms import comparison_keys
from progressnb.operations.resume.words.vocabulary import STOPWORDS

from .lexicon import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.operations.resume.words.quantities import Quantity

    from .parts import Part

__all__ = ["Numeral", "Passages", "overlap_weight", "word_after"]

_MAX_PLACES = 60
"""Places of one key that are indexed: a word that is everywhere tells nothing, and time stays linear."""

_LONGEST_SEARCH = 2000  # keys of a passage
_ABOUT_SAME = 0.6  # of the best overlap: sentences below it speak of something else
_NEAREST = 8


class Numeral(NamedTuple):
    """A quantity of the old resume, the key after it, and the passage that it stands in."""

    quantity: Quantity
    next: str
    passage: Part


class Passages:
    """All passages of the old resume; `numerals` and `counted` have its quantities by value and by thing."""

    def __init__(self) -> None:
        self.numerals: defaultdict[str, list[Numeral]] = defaultdict(list)
        self.counted: defaultdict[str, list[Numeral]] = defaultdict(list)
        self._by_key: defaultdict[str, list[Part]] = defaultdict(list)

    def add(self, passage: Part, *, numbers: bool) -> None:
        """Add a passage; `numbers` says whether its numbers count, which those of addresses do not."""
        for key in dict.fromkeys(passage.keys):
            if len(self._by_key[key]) < _MAX_PLACES:
                self._by_key[key].append(passage)
        for quantity in passage.quantities if numbers else ():
            numeral = Numeral(quantity, word_after(passage.folded, quantity), passage)
            self.numerals[quantity.value].append(numeral)
            if len(self.counted[numeral.next]) < _MAX_PLACES:
                self.counted[numeral.next].append(numeral)

    def with_all(self, keys: Iterable[str]) -> list[Part]:
        """Return the passages that have all these keys."""
        wanted = set(keys)
        places = [self._by_key.get(key, []) for key in wanted]
        return [one for one in min(places, key=len) if wanted.issubset(one.keys)] if places else []

    def with_any(self, keys: Iterable[str]) -> list[Part]:
        """Return the passages that have one of these keys."""
        return list(dict.fromkeys(one for key in keys for one in self._by_key.get(key, ())))

    def about(self, keys: Iterable[str], *, least: int = 1) -> list[Part]:
        """Return the sentences that speak of the same thing as some keys, the nearest first; `least` is a weight."""
        wanted = set(keys)
        found = [one for one in self.with_any(wanted) if not one.is_fact]
        weights = {one: overlap_weight(wanted.intersection(one.keys)) for one in found}
        enough = max(least, max(weights.values(), default=0) * _ABOUT_SAME)
        near = [one for one in found if weights[one] >= enough]
        return sorted(near, key=lambda one: -weights[one])[:_NEAREST]

    def have_together(self, keys: list[str]) -> bool:
        """Tell whether some passage has the keys close to each other, in any order."""
        return any(_are_close(one.keys, set(keys)) for one in self.with_all(keys))


def _are_close(keys: list[str], need: set[str]) -> bool:
    size = len(need) + 2
    begins = range(max(1, min(len(keys), _LONGEST_SEARCH) - len(need) + 1))
    return any(need.issubset(keys[begin : begin + size]) for begin in begins)


def word_after(text: str, quantity: Quantity) -> str:
    """Return the key after a quantity, which names the counted thing, or "". `text` is folded."""
    behind = [key for key in comparison_keys(text[quantity.ends : quantity.ends + 40])[:2] if key not in STOPWORDS]
    return behind[0] if behind and not behind[0].isdigit() else ""


def overlap_weight(keys: Iterable[str]) -> int:
    """Return the weight of common keys: 1 for an ordinary word, 2 for any other."""
    return sum(1 if key in ORDINARY else 2 for key in keys)
