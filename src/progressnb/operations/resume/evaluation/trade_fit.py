"""The comparison of the trade that a resume speaks of with the trade of the posting."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import comparison_keys
from progressnb.operations.resume.words.trade_vocabulary import similarity, trade_vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.operations.resume.reading.requirement import Requirement
    from progressnb.operations.resume.words.trade_vocabulary import Profile

__all__ = ["TradeFit", "compare_trades", "is_soft"]

# A trade is recognized by this many of its terms, in a resume and in a posting.
_RESUME_TERMS = 2
_POSTING_TERMS = 3
# One term is enough if its weight is that of a title on a line of its own.
_PLAIN = 1.0


@dataclass(frozen=True)
class TradeFit:
    """The fit of two trades.

    `share` is the similarity of the trades, 0 to 1. `plainness` is the part of the posting's requirements that speak of
    one trade, 0 to 1. `asked` and `held` are the trades that posting and resume speak of most.
    """

    share: float = 0.0
    plainness: float = 0.0
    asked: str = ""
    held: str = ""


def compare_trades(resume: Profile, title: str, requirements: Sequence[Requirement]) -> TradeFit:
    """Compare the trades of a resume with a posting's; without a plain trade on both sides the fit is all zeros."""
    known = trade_vocabulary()
    asked = [
        frozenset(known.find(comparison_keys(term))) for one in requirements if not one.degree for term in one.terms
    ]  # fmt: skip
    named = Counter(term for terms in (frozenset(known.find(comparison_keys(title))), *asked) for term in terms)
    posting = known.profile(named.items())
    top, own = posting.top, resume.top
    if top is None or own is None or not asked:
        return TradeFit()
    plain = resume.weights[own] >= _PLAIN or max(resume.terms.values()) >= _RESUME_TERMS
    if max(posting.terms.values()) < _POSTING_TERMS or not plain:
        return TradeFit()
    agreeing = Counter(trade for terms in asked for trade in {one for term in terms for one in known.trades_of(term)})
    plainness = max(agreeing.values(), default=0) / len(asked)
    return TradeFit(similarity(posting, resume), plainness, known.names[top], known.names[own])


def is_soft(requirement: Requirement) -> bool:
    """Tell whether a requirement is one that anybody may claim, such as teamwork."""
    return all(tuple(comparison_keys(term)) in trade_vocabulary().soft for term in requirement.terms)
