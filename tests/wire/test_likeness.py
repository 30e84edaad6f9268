"""The likeness of texts, against RapidFuzz, which the package does not need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from progressnb.wire import similarity

TEXTS = st.text("abc ä", max_size=12) | st.text(max_size=70)


@given(TEXTS, TEXTS)
def test_similarity_is_the_indel_similarity(one: str, other: str) -> None:
    """Any two texts are as similar as RapidFuzz says."""
    assert similarity(one, other) == pytest.approx(fuzz.ratio(one, other))
