"""The likeness of a resume and a posting as texts, beside what is asked one by one."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_words
from progressnb.operations.resume.words.terms import comparison_keys, stem, telling_keys
from progressnb.operations.resume.words.vocabulary import GENERIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["closeness"]

_COMMON = frozenset(stem(word) for word in (*read_words("ordinary"), *GENERIC))
_COMMON_WEIGHT = 0.3  # of a word that stands in many resumes, against 1 for any other
_ALIKE = 0.3  # the cosine from which two texts speak of the same work


def closeness(resume: Iterable[Sequence[str]], posting: Iterable[str]) -> float:
    """Return how alike the keys of a resume and the texts of a posting are, 0 to 1.

    It is the cosine of their words, each with the logarithm of its number, divided by the cosine of plainly like texts.
    """
    one = _vector(key for keys in resume for key in keys)
    other = _vector(key for text in posting for key in telling_keys(comparison_keys(text)))
    common = sum(weight * other.get(key, 0.0) for key, weight in one.items())
    length = math.sqrt(sum(weight**2 for weight in one.values()) * sum(weight**2 for weight in other.values()))
    return min(1.0, common / length / _ALIKE) if length else 0.0


def _vector(keys: Iterable[str]) -> dict[str, float]:
    counts = Counter(telling for key in keys for telling in telling_keys([key]))
    return {key: (1 + math.log(number)) * (_COMMON_WEIGHT if key in _COMMON else 1.0) for key, number in counts.items()}
