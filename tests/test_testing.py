"""The public helpers for users' own tests."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InvalidProgressError
from progressnb.testing import ManualClock


def test_stands_still() -> None:
    """The clock begins at 0 on 1 January 2026 and moves only when it is told to."""
    clock = ManualClock()
    assert (clock.monotonic(), clock.now()) == (0, datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(1.5)
    assert (clock.monotonic(), clock.now() - datetime(2026, 1, 1, tzinfo=UTC)) == (1.5, timedelta(seconds=1.5))


@given(st.lists(st.integers(0, 50), max_size=20), st.lists(st.integers(0, 20), max_size=10))
def test_callbacks(delays: list[int], steps: list[int]) -> None:
    """Callbacks run once, when they are due, in the order of their times, then in that of their calls."""
    clock, ran = ManualClock(), list[tuple[float, int]]()
    for number, delay in enumerate(delays):
        clock.call_later(delay, lambda number=number: ran.append((clock.monotonic(), number)))  # type: ignore[misc]
    for step in (0, *steps):
        clock.advance(step)
    due = sorted((delay, number) for number, delay in enumerate(delays) if delay <= sum(steps))
    assert ran == due
    assert clock.monotonic() == sum(steps)


def test_callback_that_calls_later() -> None:
    """What a callback asks for on the way also runs on the way, if it falls due."""
    clock, ran = ManualClock(), list[float]()

    def again() -> None:
        ran.append(clock.monotonic())
        clock.call_later(1, again)

    clock.call_later(1, again)
    clock.advance(3.5)
    assert ran == [1, 2, 3]


def test_callback_that_advances() -> None:
    """A callback that moves the clock on itself does not make it go back."""
    clock = ManualClock()
    clock.call_later(1, lambda: clock.advance(10))
    clock.advance(2)
    assert clock.monotonic() == 11


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_never_back(seconds: float) -> None:
    """Time does not go back."""
    with pytest.raises(InvalidProgressError, match="expected seconds of 0 or more"):
        ManualClock().advance(seconds)
