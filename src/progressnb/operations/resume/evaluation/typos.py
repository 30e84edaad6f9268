"""The search for a word of the resume that is another word with a typing error."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import comparison_keys
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import LOOKALIKES
from progressnb.wire import edits

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Spellings"]

# The shortest keys with two letters swapped, with one wrong letter, and with two wrong letters.
_SWAPPED, _ONE_WRONG, _TWO_WRONG = 6, 7, 11
_MOST = 500  # keys of one first letter and length
_LOOKALIKES = frozenset(frozenset(key for word in pair for key in comparison_keys(word)) for pair in LOOKALIKES)


class Spellings:
    """The keys of a resume by first letter and length. Words of the vocabulary are not typing errors."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._groups: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        known = trade_vocabulary().known_words
        for key in keys:
            if key.isalpha() and len(key) >= _SWAPPED - 1 and key not in known:
                self._groups[key[0], len(key)].append(key)

    def misspelled(self, key: str) -> str | None:
        """Return the key of the resume that is this one with a typing error, or None.

        The distance is the optimal string alignment distance, at most 1, or 2 for long keys.
        """
        if len(key) < _SWAPPED or not key.isalpha():
            return None
        limit = 2 if len(key) >= _TWO_WRONG else 1
        letters = {*key}
        for length in sorted(range(len(key) - limit, len(key) + limit + 1), key=lambda one: abs(one - len(key))):
            group = self._groups.get((key[0], length), [])[:_MOST]
            near = [other for other in group if len(letters ^ {*other}) <= 2 * limit]  # which is quickly said
            found = min(near, key=lambda other: edits(key, other, limit), default=key)
            if found != key and edits(key, found, limit) <= limit and _is_typo(key, found):
                return found
        return None


def _is_typo(key: str, other: str) -> bool:
    if len(key) < _ONE_WRONG:
        return sorted(key) == sorted(other)
    return frozenset((key, other)) not in _LOOKALIKES
