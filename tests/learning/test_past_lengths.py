"""Tests of what past lengths say of an output that is being written."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.course import StageCourse
from progressnb.learning.past_lengths import PastLengths

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTHS = st.lists(st.integers(1, 100_000), min_size=1, max_size=30)


def past(lengths: Sequence[int]) -> PastLengths:
    """Return what outputs of these lengths teach."""
    courses = [StageCourse("write", characters=length) for length in lengths]
    return PastLengths(courses, [0.0] * len(courses), 0.0)


def test_alike_and_any_length() -> None:
    """Outputs that were alike are trusted, and those that differ by factors are not."""
    assert past([2000, 2100, 1900, 2050, 1950]).trust > 0.95
    assert past([350, 21_000, 900, 8000, 2400]).trust < 0.05


def test_what_finished_stages_explain() -> None:
    """Lengths that follow from the finished stages of their runs are alike, however much they differ."""
    courses = [StageCourse("write", characters=length) for length in (500, 1000, 2000, 4000)]
    shifts = [-1.04, -0.35, 0.35, 1.04]
    assert PastLengths(courses, shifts, 0.0).trust > 0.9
    assert PastLengths(courses, [0.0] * 4, 0.0).trust < 0.6


def test_lengths_that_were_not_kept() -> None:
    """Where no length was kept, nothing is doubted, and the stage's own share stands."""
    unknown = past([0, 0])
    assert unknown.trust == unknown.trust_at(500) == 1.0
    assert unknown.share(500, 0.4) == pytest.approx(0.4)


@given(LENGTHS)
def test_an_output_refutes_its_past(lengths: list[int]) -> None:
    """The longer an output is beyond all past ones, the less these are trusted."""
    found, longest = past(lengths), max(lengths)
    trusts = [found.trust_at(longest * factor) for factor in (1, 2, 4, 16, 64, 10_000)]
    assert all(0 <= trust <= 1 for trust in trusts)
    assert all(after <= before + 1e-9 for before, after in pairwise(trusts))


@given(LENGTHS, st.floats(0.01, 0.99))
def test_shares(lengths: list[int], reported: float) -> None:
    """With each character the share grows; it stays between 0 and 1."""
    found = past(lengths)
    shares = [found.share(characters, reported) for characters in (1, 10, 100, 1000, 10_000, 10**6)]
    assert all(0 < share < 1 for share in shares)
    assert all(after >= before - 1e-6 for before, after in pairwise(shares))
