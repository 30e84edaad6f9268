"""The strength with which a resume speaks of a thing: how often, how prominently, and by near things."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import comparison_keys, telling_keys
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import AMBIGUOUS, GENERIC

from .typos import Spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.words.trade_vocabulary import Keys, Profile

__all__ = ["Strength", "Weights"]

# A term that fills most of its line (a title, an item of a list) weighs more than a term in a sentence.
_ALONE = 2.0
_MOSTLY = 0.6
# The weight of a term whose words are near each other, but not side by side.
_APART = 0.5
_WINDOW = 8
# A resume shows all of a thing with one mention in this many words, but no more than this many mentions are needed.
_WORDS_A_MENTION = 100
_MENTIONS = 8
# One mention in a long resume shows this part of a thing.
_ONCE = 0.4
# The part of a term that some of its words show, without the others.
_WORDS_ONLY = 0.5
# At most this many places of a term are weighed: a hostile text may have 100,000 of one word.
_PLACES = 500
_GENERIC = frozenset(key for word in GENERIC for key in comparison_keys(word))
_PIECE = re.compile(r"\n|[.;:!?•|]\s|,\s|\s[-–—]\s")


@dataclass(frozen=True)
class Strength:
    """The support of a term, 0 to 1. If a near thing supports it, `near` is its name and `leaf` the text with it."""

    share: float
    near: str = ""
    leaf: Leaf | None = None


class Weights:
    """The words of a resume with their weights. `credit` returns the credit of a text by its number, 0 to 1."""

    def __init__(self, leaves: Sequence[Leaf], credit: Callable[[int], float]) -> None:
        self._leaves = leaves
        self._pieces: list[tuple[int, list[str], float]] = []
        self._places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._known: dict[tuple[Keys, bool], tuple[float, int | None]] = {}
        for number, leaf in enumerate(leaves):
            for text in _PIECE.split(leaf.text):
                keys = comparison_keys(text)
                for place, key in enumerate(keys):
                    self._places[key].append((len(self._pieces), place))
                if keys:
                    self._pieces.append((number, keys, credit(number)))
        size = sum(len(keys) for _, keys, _ in self._pieces)
        self._enough = min(_MENTIONS, max(1.0, size / _WORDS_A_MENTION))

    def mentions(self, term: Keys, *, apart: bool = True) -> tuple[float, int | None]:
        """Return the weight of all places that name a term, and the number of the text that names it most plainly.

        With `apart`, other words may be between the words of the term.
        """
        found = self._known.get((term, apart))
        if found is None:
            found = self._known[term, apart] = self._mentions(term, apart=apart)
        return found

    def _mentions(self, term: Keys, *, apart: bool) -> tuple[float, int | None]:
        if not term or any(key not in self._places for key in term):
            return 0.0, None
        rarest = min(range(len(term)), key=lambda index: len(self._places[term[index]]))
        total, best, best_leaf = 0.0, 0.0, None
        for piece, place in self._places[term[rarest]][:_PLACES]:
            weight = self._weight_at(piece, place, term, place - rarest, apart=apart)
            total += weight
            if weight > best:
                best, best_leaf = weight, self._pieces[piece][0]
        return total, best_leaf

    def _weight_at(self, piece: int, place: int, term: Keys, begin: int, *, apart: bool) -> float:
        """Return the weight of a term at one place of a piece, or 0 if the piece does not name it there."""
        keys = self._pieces[piece][1]
        if begin >= 0 and tuple(keys[begin : begin + len(term)]) == term:
            ambiguous = len(term) == 1 and term[0] in AMBIGUOUS and len(keys) > 1
            return 0.0 if ambiguous else self._weight(piece, len(term))
        if apart and set(term) <= set(keys[max(0, place - _WINDOW) : place + _WINDOW + 1]):
            return self._weight(piece, len(term)) * _APART
        return 0.0

    def _weight(self, piece: int, length: int) -> float:
        _, keys, credit = self._pieces[piece]
        return credit * (_ALONE if length >= _MOSTLY * len(keys) else 1.0)

    def emphasis(self, mentions: float) -> float:
        """Return the part of a thing that mentions of this weight show, 0 to 1, by the length of the resume."""
        if not mentions:
            return 0.0
        return _ONCE + (1 - _ONCE) * min(1.0, math.log1p(mentions) / math.log1p(self._enough))

    def strength(self, term: str, credit: float) -> Strength:
        """Return the support of a term. `credit` tells how far the term was found, 0 to 1."""
        keys = tuple(comparison_keys(term))
        bare = tuple(telling_keys(keys)) or keys
        named, _ = self.mentions(bare)
        # A term that was found in another way, such as in another spelling, counts as one mention.
        best = Strength(credit * self.emphasis(named or 1.0) if credit else 0.0)
        for near in trade_vocabulary().near.get(keys, ()):
            mentions, leaf = self.mentions(near.keys, apart=False)
            share = near.credit * self.emphasis(mentions)
            if share > best.share and leaf is not None:
                best = Strength(share, near.name, self._leaves[leaf])
        if len(bare) > 1:
            telling = (key for key in bare if key not in _GENERIC and key not in AMBIGUOUS)
            held = sum(self.emphasis(self.mentions((key,))[0]) for key in telling)
            if _WORDS_ONLY * held / len(bare) > best.share:
                return Strength(_WORDS_ONLY * held / len(bare))
        return best

    @cached_property
    def trades(self) -> Profile:
        """The trades that the resume speaks of."""
        counts: Counter[Keys] = Counter()
        weights: defaultdict[Keys, float] = defaultdict(float)
        for number, (_, keys, _) in enumerate(self._pieces):
            for term in trade_vocabulary().find(keys):
                counts[term] += 1
                if counts[term] <= _PLACES:
                    weights[term] += self._weight(number, len(term))
        return trade_vocabulary().profile(weights.items())

    @cached_property
    def spellings(self) -> Spellings:
        """The words of the resume, for the search for typing errors."""
        return Spellings(self._places)
