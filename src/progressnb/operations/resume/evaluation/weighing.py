"""How strongly a resume speaks of something: how often, how prominently, and by what is near to it."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from progressnb.operations.resume.words.related import fit, vocabulary
from progressnb.operations.resume.words.terms import content, words
from progressnb.operations.resume.words.vocabulary import AMBIGUOUS, GENERIC, LOOKALIKES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from progressnb.operations.resume.documents.json_resume import Leaf
    from progressnb.operations.resume.reading.posting import Requirement
    from progressnb.operations.resume.words.related import Keys, Profile

__all__ = ["Strength", "TradeFit", "Weights", "is_soft"]

# What a line says and nothing else (a title, an item of a list) weighs more than a word in a sentence.
_ALONE = 2.0
_MOSTLY = 0.6
# The words of a term near each other, but not side by side.
_APART = 0.5
_WINDOW = 8
# One mention in so many words is all that is asked, and never more than so many mentions.
_WORDS_A_MENTION = 100
_MENTIONS = 8
# What is named once in a long resume counts so much of what a resume is full of.
_ONCE = 0.4
# Some words of a term, without the others.
_WORDS_ONLY = 0.5
# No term needs more places than these to be weighed; a hostile text may have 100,000 of one word.
_PLACES = 500
# A typo is one wrong letter in a long word or two letters swapped in a shorter one; two in a very long one.
_SWAPPED, _ONE_WRONG, _TWO_WRONG = 6, 7, 11
_SPELLINGS = 3000
# A trade is recognized by so many of its words, in a resume and in a posting.
_VOICES = 2
_ASKING_VOICES = 3
# One word is enough if it is as plain as a title on a line of its own.
_PLAIN = 1.0
_GENERIC = frozenset(key for word in GENERIC for key in words(word))
_LOOKALIKES = frozenset(frozenset(key for word in pair for key in words(word)) for pair in LOOKALIKES)
_PIECE = re.compile(r"\n|[.;:!?•|]\s|,\s|\s[-–—]\s")


@dataclass(frozen=True)
class Strength:
    """How strongly something is supported, from 0 to 1; if by something near it, by what and where."""

    share: float
    near: str = ""
    leaf: Leaf | None = None


@dataclass(frozen=True)
class TradeFit:
    """How near a resume's trade is to the posting's, 0 to 1, and how plainly the posting speaks of one trade.

    `asked` and `held` are the trades that each speaks of most.
    """

    share: float = 0.0
    plainness: float = 0.0
    asked: str = ""
    held: str = ""


class Weights:
    """The words of a resume with their weight."""

    def __init__(self, leaves: Sequence[Leaf], credit: Callable[[int], float]) -> None:
        self._leaves = leaves
        self._pieces: list[tuple[int, list[str], float]] = []
        self._places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._known: dict[tuple[Keys, bool], tuple[float, int | None]] = {}
        for number, leaf in enumerate(leaves):
            for text in _PIECE.split(leaf.text):
                keys = words(text)
                for place, key in enumerate(keys):
                    self._places[key].append((len(self._pieces), place))
                if keys:
                    self._pieces.append((number, keys, credit(number)))
        size = sum(len(keys) for _, keys, _ in self._pieces)
        self._enough = min(_MENTIONS, max(1.0, size / _WORDS_A_MENTION))

    def _weight(self, piece: int, length: int) -> float:
        _, keys, credit = self._pieces[piece]
        return credit * (_ALONE if length >= _MOSTLY * len(keys) else 1.0)

    def mentions(self, term: Keys, *, apart: bool = True) -> tuple[float, int | None]:
        """Return the weight of all places that name a term, and the leaf that names it most plainly.

        With `apart`, its words may have others between them.
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
            number, keys, _ = self._pieces[piece]
            begin = place - rarest
            if begin >= 0 and tuple(keys[begin : begin + len(term)]) == term:
                if len(term) == 1 and term[0] in AMBIGUOUS and len(keys) > 1:
                    continue
                weight = self._weight(piece, len(term))
            elif apart and set(term) <= set(keys[max(0, place - _WINDOW) : place + _WINDOW + 1]):
                weight = self._weight(piece, len(term)) * _APART
            else:
                continue
            total += weight
            if weight > best:
                best, best_leaf = weight, number
        return total, best_leaf

    def emphasis(self, mentions: float) -> float:
        """Return how much of a thing such mentions show, 0 to 1, measured by the length of the resume."""
        if not mentions:
            return 0.0
        return _ONCE + (1 - _ONCE) * min(1.0, math.log1p(mentions) / math.log1p(self._enough))

    def strength(self, term: str, credit: float) -> Strength:
        """Return how strongly a term is supported, of which `credit` says how far it was found at all."""
        keys = tuple(words(term))
        bare = tuple(content(keys)) or keys
        named, _ = self.mentions(bare)
        # What is found in some other way (as most words of a sentence, in another spelling) is found once.
        direct = credit * self.emphasis(named or 1.0) if credit else 0.0
        nearest = Strength(direct)
        for near in vocabulary().near.get(keys, ()):
            mentions, leaf = self.mentions(near.keys, apart=False)
            share = near.credit * self.emphasis(mentions)
            if share > nearest.share and leaf is not None:
                nearest = Strength(share, near.name, self._leaves[leaf])
        if len(bare) > 1:
            telling = (key for key in bare if key not in _GENERIC and key not in AMBIGUOUS)
            held = sum(self.emphasis(self.mentions((key,))[0]) for key in telling)
            if _WORDS_ONLY * held / len(bare) > nearest.share:
                return Strength(_WORDS_ONLY * held / len(bare))
        return nearest

    @cached_property
    def _profile(self) -> Profile:
        counts: Counter[Keys] = Counter()
        weights: defaultdict[Keys, float] = defaultdict(float)
        for number, (_, keys, _) in enumerate(self._pieces):
            for term in vocabulary().find(keys):
                counts[term] += 1
                if counts[term] <= _PLACES:
                    weights[term] += self._weight(number, len(term))
        return vocabulary().profile(weights.items())

    def trade_fit(self, title: str, requirements: Sequence[Requirement]) -> TradeFit:
        """Compare the trade that the resume speaks of with the posting's, where both are plain."""
        known = vocabulary()
        asked = [
            frozenset(known.find(words(term))) for one in requirements if not one.degree for term in one.terms
        ]  # fmt: skip
        named = Counter(term for terms in (frozenset(known.find(words(title))), *asked) for term in terms)
        posting = known.profile(named.items())
        top, mine = posting.top, self._profile.top
        if top is None or mine is None or not asked:
            return TradeFit()
        plain = self._profile.weights[mine] >= _PLAIN or max(self._profile.voices.values()) >= _VOICES
        if max(posting.voices.values()) < _ASKING_VOICES or not plain:
            return TradeFit()
        agreeing = Counter(
            trade for terms in asked for trade in {one for term in terms for one in known.speaks_of(term)}
        )
        plainness = max(agreeing.values(), default=0) / len(asked)
        return TradeFit(fit(posting, self._profile), plainness, known.names[top], known.names[mine])

    @cached_property
    def _spellings(self) -> dict[tuple[str, int], list[str]]:
        """The words of the resume by first letter and length; what the vocabulary knows is no typo."""
        groups: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        known = vocabulary().known_words
        for key in self._places:
            if key.isalpha() and len(key) >= _SWAPPED - 1 and key not in known:
                groups[key[0], len(key)].append(key)
        return groups

    def misspelled(self, key: str) -> str | None:
        """Return the word of the resume that is this one with a typo, if there is one."""
        if len(key) < _SWAPPED or not key.isalpha():
            return None
        limit = 2 if len(key) >= _TWO_WRONG else 1
        for length in sorted(range(len(key) - limit, len(key) + limit + 1), key=lambda one: abs(one - len(key))):
            group = self._spellings.get((key[0], length), [])[:_SPELLINGS]
            found = process.extractOne(key, group, scorer=OSA.distance, score_cutoff=limit)
            if found and _is_typo(key, found[0]):
                return found[0]
        return None


def _is_typo(key: str, other: str) -> bool:
    if len(key) < _ONE_WRONG:
        return sorted(key) == sorted(other)
    return frozenset((key, other)) not in _LOOKALIKES


def is_soft(requirement: Requirement) -> bool:
    """Tell whether a requirement is what everybody asks and claims, such as teamwork."""
    return all(tuple(words(term)) in vocabulary().soft for term in requirement.terms)
