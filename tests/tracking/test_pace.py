"""The pace of a loop: what the latest items took, with bursts and caches, and no forecast that was refuted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.tracking.pace import Pace


def test_even_items() -> None:
    """Of even items the pace is exact."""
    pace = Pace(0)
    for number in range(1, 20):
        pace.count(number, 2.0 * number)
    assert pace.each(38) == pytest.approx(2)
    assert pace.left(10, 38) == pytest.approx(20)
    assert pace.left(10, 39) == pytest.approx(19)  # half of the item at work is done


def test_items_from_a_cache() -> None:
    """Ninety items of a cache are forgotten after a few that take ten seconds each."""
    pace = Pace(0)
    pace.count(90, 0.1)
    for number in range(1, 6):
        pace.count(90 + number, 0.1 + 10 * number)
    assert pace.left(5, 50.1) == pytest.approx(50, rel=0.2)


def test_bursts() -> None:
    """Items that come in bursts are measured with the pause before them."""
    pace, now = Pace(0), 0.0
    for burst in range(20):
        pace.count(32 * burst + 1, now + 3)
        pace.count(32 * burst + 32, now + 3.1)
        now += 3.1
    each = pace.each(now)
    assert each == pytest.approx(3.1 / 32, rel=0.1)


def test_an_item_that_hangs() -> None:
    """While an item takes longer than the pace says, the time left grows; for the last one there is none."""
    pace = Pace(0)
    for number in range(1, 99):
        pace.count(number, float(number))
    left = [pace.left(2, 98.0 + waited) or 0.0 for waited in (5, 50, 500)]
    assert left == sorted(left)
    assert left[-1] > 100
    assert pace.left(1, 598) is None


def test_before_the_first_second() -> None:
    """In the first second there is no pace, and so no time left."""
    pace = Pace(5)
    pace.count(3, 5.5)
    assert pace.each(5.5) is None
    assert pace.left(7, 5.5) is None
    assert pace.left(0, 5.5) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 100)), max_size=30), st.floats(0, 1e4), st.integers(0, 99))
def test_any_counts(steps: list[tuple[int, float]], later: float, items: int) -> None:
    """Whatever is counted, seconds an item and seconds left are positive or missing."""
    pace, done, now = Pace(0), 0, 0.0
    for added, passed in steps:
        done, now = done + added, now + passed
        pace.count(done, now)
    each, left = pace.each(now + later), pace.left(items, now + later)
    assert each is None or each > 0
    assert left is None or left >= 0
