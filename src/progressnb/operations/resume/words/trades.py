"""General knowledge of working life: trades with their titles and terms, and terms that are near each other.

The lists are trades.txt, near.txt and soft_skills.txt. They were not fitted to labelled resumes, but their author had
read some of the trades that benchmarks/customize/evaluation.py measures; see there. A term may belong to several
trades. The more trades it belongs to, the less it says about any of them.
"""

from __future__ import annotations

from .lists import read_groups, read_lines, read_phrases, split_phrases

__all__ = ["NEAR", "SOFT", "TRADES"]


def _trade(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    titles, _, terms = line.partition("|")
    return split_phrases(titles), split_phrases(terms)


TRADES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = tuple(map(_trade, read_lines("trades")))
"""The titles of each trade, the usual one first, and its terms."""

NEAR: dict[str, tuple[str, ...]] = {term: split_phrases(others) for term, others in read_groups("near").items()}
"""Terms that are some evidence of a term, though they name other things."""

SOFT: tuple[str, ...] = read_phrases("soft_skills")
"""Skills that anybody may claim and any posting may ask for: they say nothing about a trade."""
