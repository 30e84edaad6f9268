"""General knowledge of working life: trades with their titles and terms, and terms that are near each other.

The lists are trades.txt, near.txt and soft_skills.txt. They were not fitted to labelled resumes, but their author had
read some of the trades that benchmarks/customize/evaluation.py measures; see there. A term may belong to several
trades. The more trades it belongs to, the less it says about any of them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .lists import read_groups, read_lines, read_phrases, split_phrases
from .terms import comparison_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["NEAR", "TRADES", "Keys", "Near", "Profile", "TradeVocabulary", "trade_vocabulary"]

TRADES = [tuple(map(split_phrases, line.split("|"))) for line in read_lines("trades")]
"""The titles of each trade, the usual one first, and its terms."""

NEAR = {term: split_phrases(others) for term, others in read_groups("near").items()}
"""Terms that are some evidence of a term, though they name other things."""

Keys = tuple[str, ...]
"""A term as comparison keys."""

# The part of a thing that a kind, part or tool of it shows (Jenkins for CI/CD), and the other way round.
_NEAR_BELOW = 0.5
_NEAR_ABOVE = 0.3
# A title says more about the trade than a term does.
_TITLE = 2.0


class Near(NamedTuple):
    """A term that is near another: its name, its keys, and the part of the other that it shows, 0 to 1."""

    name: str
    keys: Keys
    credit: float


class Profile(NamedTuple):
    """The trades of a text: the weight of each, and the number of different terms that speak of it."""

    weights: Mapping[int, float]
    terms: Mapping[int, int]

    @property
    def top(self) -> int | None:
        """The trade with the largest weight, or None."""
        return max(self.weights, key=lambda trade: (self.weights[trade], -trade), default=None)

    def similarity(self, other: Profile) -> float:
        """Return the cosine similarity of two texts by the trades that they speak of, 0 to 1."""
        product = sum(weight * other.weights.get(trade, 0.0) for trade, weight in self.weights.items())
        lengths = math.hypot(*self.weights.values()) * math.hypot(*other.weights.values())
        return product / lengths if product else 0.0


class TradeVocabulary:
    """The terms and titles of all trades, by their comparison keys."""

    def __init__(self) -> None:
        self.names = [titles[0] for titles, _ in TRADES]
        self.trades: defaultdict[Keys, dict[int, float]] = defaultdict(dict)
        for number, (titles, terms) in enumerate(TRADES):
            for term in terms:
                self.trades[_keys(term)].setdefault(number, 1.0)
            for title in titles:
                self.trades[_keys(title)][number] = _TITLE
        self.soft = frozenset(map(_keys, read_phrases("soft_skills")))
        self.near: defaultdict[Keys, list[Near]] = defaultdict(list)
        for head, terms in NEAR.items():
            # A term with the same keys is the thing itself: "recruiter" and "recruitment".
            for term in (one for one in terms if _keys(one) != _keys(head)):
                self.near[_keys(head)].append(Near(term, _keys(term), _NEAR_BELOW))
                self.near[_keys(term)].append(Near(head, _keys(head), _NEAR_ABOVE))
        known = sorted({*self.trades, *self.near, *self.soft} - {()}, key=lambda keys: (-len(keys), keys))
        self.first: defaultdict[str, list[Keys]] = defaultdict(list)
        for keys in known:
            self.first[keys[0]].append(keys)

    def knows(self, keys: Sequence[str]) -> bool:
        """Tell whether these keys are one term or title."""
        return bool(keys) and tuple(keys) in self.first.get(keys[0], ())

    def find(self, keys: Sequence[str]) -> Iterator[Keys]:
        """Yield the known terms in a text, the longest one at each place."""
        index = 0
        while index < len(keys):
            length = 1
            for term in self.first.get(keys[index], ()):
                if tuple(keys[index : index + len(term)]) == term:
                    yield term
                    length = len(term)
                    break
            index += length

    def profile(self, terms: Iterable[tuple[Keys, float]]) -> Profile:
        """Return the trades of a text, given its terms and the weight of each term in the text.

        The weight of a term is divided among its trades; a soft skill says nothing of any.
        """
        weights: defaultdict[int, float] = defaultdict(float)
        counts: Counter[int] = Counter()
        for term, count in terms:
            found = {} if term in self.soft else self.trades.get(term, {})
            for trade, weight in found.items():
                weights[trade] += weight / len(found) * math.log1p(count)
                counts[trade] += 1
        return Profile(weights, counts)


def _keys(text: str) -> Keys:
    return tuple(comparison_keys(text))


@lru_cache(maxsize=1)
def trade_vocabulary() -> TradeVocabulary:
    """Return the vocabulary of trades, built at first use."""
    return TradeVocabulary()
