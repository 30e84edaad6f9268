"""The timers' thread: whom it wakes, and that an interpreter that ends starts none."""

import threading
from typing import Any

import pytest

from progressnb.tracking import clock
from progressnb.tracking.clock import SystemClock


class _Told(threading.Condition):
    """A condition that counts how often it was told of a change."""

    told = 0

    def notify(self, n: int = 1) -> None:
        """Count."""
        self.told += 1
        super().notify(n)


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put timers of the test's own in place of the process's."""
    own = clock._Timers()
    own._changed = _Told()
    monkeypatch.setattr(clock, "_timers", own)
    return own


def test_a_later_timer_wakes_nobody(timers: Any) -> None:
    """Only a timer that is the next one wakes the thread: each turn that it takes costs the others milliseconds."""
    for delay in (1000.0, 2000.0, 3000.0):
        SystemClock().call_later(delay, lambda: None)
    assert timers._changed.told == 1
    called = threading.Event()
    SystemClock().call_later(0.0, called.set)
    assert called.wait(60)


def test_an_ending_interpreter_starts_no_thread(timers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is started while Python takes its modules apart never begins, and its start never returns."""
    monkeypatch.setattr(clock, "is_finalizing", lambda: True)
    SystemClock().call_later(0.0, lambda: None)
    assert timers._thread is None
