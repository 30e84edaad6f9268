"""The vocabulary of trades, ready for looking up: what is near a term, and which trade words speak of."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from . import trades
from .terms import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Keys", "Near", "Profile", "Vocabulary", "fit", "vocabulary"]

Keys = tuple[str, ...]
"""A term as comparison keys."""

# How much of a thing is shown by what is a kind, part or tool of it, and by what it is a kind, part or tool of.
_NEAR_BELOW = 0.5
_NEAR_ABOVE = 0.3
# A title says more about the trade than a term does.
_TITLE = 2.0


@dataclass(frozen=True)
class Near:
    """What is near a term: its name, its keys, and how much of the term it shows, from 0 to 1."""

    name: str
    keys: Keys
    credit: float


@dataclass(frozen=True)
class Profile:
    """How much a text says about each trade, and by how many different terms."""

    weights: Mapping[int, float]
    voices: Mapping[int, int]

    @property
    def top(self) -> int | None:
        """The trade that the text says most about."""
        return max(self.weights, key=lambda trade: (self.weights[trade], -trade), default=None)


class Vocabulary:
    """The terms and titles of all trades."""

    def __init__(self) -> None:
        self.names = [titles[0] for titles, _ in trades.TRADES]
        self.trades: defaultdict[Keys, dict[int, float]] = defaultdict(dict)
        for number, (titles, terms) in enumerate(trades.TRADES):
            for term in terms:
                self.trades[_keys(term)].setdefault(number, 1.0)
            for title in titles:
                self.trades[_keys(title)][number] = _TITLE
        self.soft = frozenset(map(_keys, trades.SOFT))
        self.near: defaultdict[Keys, list[Near]] = defaultdict(list)
        for head, terms in trades.NEAR.items():
            # "Recruiter" is another form of "recruitment", and so the thing itself.
            for term in (one for one in terms if _keys(one) != _keys(head)):
                self.near[_keys(head)].append(Near(term, _keys(term), _NEAR_BELOW))
                self.near[_keys(term)].append(Near(head, _keys(head), _NEAR_ABOVE))
        known = sorted({*self.trades, *self.near, *self.soft} - {()}, key=lambda keys: (-len(keys), keys))
        self.first: defaultdict[str, list[Keys]] = defaultdict(list)
        for keys in known:
            self.first[keys[0]].append(keys)
        self.known_words = frozenset(key for keys in known for key in keys)

    def knows(self, keys: Sequence[str]) -> bool:
        """Tell whether these words are one term or title."""
        return bool(keys) and tuple(keys) in self.first.get(keys[0], ())

    def find(self, keys: Sequence[str]) -> Iterator[Keys]:
        """Yield the terms of the vocabulary in a text, the longest where several begin."""
        index = 0
        while index < len(keys):
            length = 1
            for term in self.first.get(keys[index], ()):
                if tuple(keys[index : index + len(term)]) == term:
                    yield term
                    length = len(term)
                    break
            index += length

    def speaks_of(self, term: Keys) -> dict[int, float]:
        """Return how much a term says about each of its trades: the less, the more of them there are."""
        found = self.trades.get(term)
        if not found or term in self.soft:
            return {}
        return {trade: weight / len(found) for trade, weight in found.items()}

    def profile(self, terms: Iterable[tuple[Keys, float]]) -> Profile:
        """Return what terms, each with how often it stands there, say about the trades."""
        weights: defaultdict[int, float] = defaultdict(float)
        voices: Counter[int] = Counter()
        for term, count in terms:
            for trade, weight in self.speaks_of(term).items():
                weights[trade] += weight * math.log1p(count)
                voices[trade] += 1
        return Profile(weights, voices)


def fit(one: Profile, other: Profile) -> float:
    """Return how near two texts are in the trades that they speak of: the cosine, 0 to 1."""
    product = sum(weight * other.weights.get(trade, 0.0) for trade, weight in one.weights.items())
    return product / (math.hypot(*one.weights.values()) * math.hypot(*other.weights.values())) if product else 0.0


def _keys(text: str) -> Keys:
    return tuple(words(text))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the vocabulary, made when it is first needed."""
    return Vocabulary()
