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


@pytest.mark.parametrize("at", [1, 7, 50])
@pytest.mark.parametrize("pause", [60.0, 3600.0, 30_000.0])
def test_an_unknown_pause(pause: float, at: int) -> None:
    """A machine that slept during one item: three items later the time left is as good as before."""
    pace, now = Pace(0), 0.0
    for number in range(1, 100):
        now += 2 + (pause if number == at else 0)
        pace.count(number, now)
        if number >= at + 3:
            assert pace.each(now) == pytest.approx(2, rel=0.8)
        if number >= at + 6:
            assert pace.each(now) == pytest.approx(2, rel=0.3)


def test_a_pause_that_is_known() -> None:
    """A wait for a person is left out as a whole, in the middle of an item and of a sample."""
    pace = Pace(0)
    for number in range(1, 6):
        pace.count(number, 2.0 * number)
    pace.skip(1000)
    assert pace.left(5, 1010) == pytest.approx(10)
    for number in range(6, 10):
        pace.count(number, 1000 + 2.0 * number)
        assert pace.each(1000 + 2.0 * number) == pytest.approx(2)


@pytest.mark.parametrize("factor", [0.01, 0.1, 0.2, 5, 10, 100])
def test_another_pace(factor: float) -> None:
    """Items that take longer or shorter from one on, as after a cache or a warm-up, are the pace after three."""
    pace, now = Pace(0), 0.0
    for number in range(1, 21):
        now += 200 if number <= 10 else 200 * factor
        pace.count(number, now)
    assert pace.each(now) == pytest.approx(200 * factor, rel=0.3)


def test_one_slow_item_in_twenty() -> None:
    """Items of which each twentieth takes twenty times as long never let the time left be many times the mean's."""
    pace, now, seen = Pace(0), 0.0, list[float]()
    for number in range(1, 201):
        now += 20.0 if number % 20 == 0 else 1.0
        pace.count(number, now)
        seen.append(pace.each(now) or 0.0)
    assert max(seen) < 3 * 39 / 20
    assert min(seen) > 0.5


def test_a_burst_that_is_waited_for() -> None:
    """Nine quick items and a slow one, again and again: the slow one at work doesn't multiply the time left."""
    pace, now, done = Pace(0), 0.0, 0
    for _ in range(12):
        for seconds in (*[0.02] * 9, 4.0):
            if done > 20 and seconds > 1:
                assert (pace.left(100, now + 3.9) or 0.0) < 2 * 0.42 * 100
            now, done = now + seconds, done + 1
            pace.count(done, now)
