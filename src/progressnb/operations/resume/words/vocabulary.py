"""Word sets that several parts of the operation share, each from its list.

The sets are small on purpose. Words that they lack are compared as they are written.
"""

from __future__ import annotations

from .lists import read_pairs, read_words

__all__ = ["ALIASES", "FILLER", "GENERIC", "POSITION_WORDS", "STOPWORDS", "UNCERTAIN_TITLES"]

ALIASES = read_pairs("aliases")
"""Another name of a thing -> the name that is compared. Both are folded words separated by spaces."""

GENERIC = frozenset(read_words("generic"))
"""Words of many terms that say little without the others: "management" of what?"""

STOPWORDS = frozenset(read_words("stopwords"))
"""Words without a meaning of their own, such as articles and prepositions."""

FILLER = STOPWORDS | frozenset(read_words("filler"))
"""Words by which postings ask, and stop words. They say nothing about the thing that is asked for."""

POSITION_WORDS = frozenset(read_words("positions"))
"""Words that name a position, such as "engineer" in "software engineer"."""

UNCERTAIN_TITLES = frozenset(read_words("uncertain_titles"))
"""Position words that are also verbs or other things, such as "lead" and "server"."""
