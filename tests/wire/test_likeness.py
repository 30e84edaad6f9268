"""The likeness of texts, against RapidFuzz, which the package does not need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from progressnb.wire import edits, similarity

TEXTS = st.text("abc ä", max_size=12) | st.text(max_size=70)


@given(TEXTS, TEXTS)
def test_similarity_is_the_indel_similarity(one: str, other: str) -> None:
    """Any two texts are as similar as RapidFuzz says."""
    assert similarity(one, other) == pytest.approx(fuzz.ratio(one, other))


@given(TEXTS, TEXTS, st.integers(0, 4))
def test_edits_are_the_optimal_string_alignment_distance(one: str, other: str, most: int) -> None:
    """Any two texts are as far apart as RapidFuzz says, up to the limit."""
    assert edits(one, other, most) == min(OSA.distance(one, other), most + 1)
