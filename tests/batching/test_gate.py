"""The gate of a model: one refusal pauses all, a wave halves the limit once, and it grows slowly."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.batching.gate import Gate, Refusal, gate_of, refusal_of
from progressnb.testing import ManualClock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class HttpError(Exception):
    """An error as client libraries raise it."""

    def __init__(self, status: int, retry_after: str | None = None) -> None:
        super().__init__(f"status {status}")
        self.status_code = status
        self.headers = {} if retry_after is None else {"Retry-After": retry_after}


def caused(error: Exception, cause: BaseException) -> Exception:
    """Return an error with a cause."""
    error.__cause__ = cause
    return error


def within(error: Exception, context: BaseException) -> Exception:
    """Return an error that arose while another one was handled."""
    error.__context__ = context
    return error


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (HttpError(429), None),
        (HttpError(429, "12"), 12.0),
        (HttpError(503, "7"), 7.0),
        (HttpError(429, "Thu, 01 Jan 2026 00:00:30 GMT"), 30.0),
        (caused(ValueError("no answer"), HttpError(429, "3")), 3.0),
        (caused(ValueError(), caused(RuntimeError(), HttpError(429))), None),
        (within(ValueError("no answer"), HttpError(429, "4")), 4.0),
        (ExceptionGroup("two", [ValueError(), caused(KeyError(), HttpError(429, "5"))]), 5.0),
    ],
)
def test_refusals_are_found(error: Exception, asked: float | None) -> None:
    """A 429, or a `Retry-After`, counts anywhere in the chain of causes and in groups."""
    refusal = refusal_of(error, NOW)
    assert refusal is not None
    assert refusal.asked == asked


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"Retry-After": "1.2"}, 1.2),
        ({"Retry-After": 1}, 1.0),
        ({"RETRY-AFTER": "3"}, 3.0),
        ({"retry-after-ms": "1200"}, 1.2),
        ({"Retry-After": "2", "Retry-After-Ms": 1200}, 1.2),
        ({b"retry-after": b"4"}, 4.0),
        ({"Retry-After": ["5"]}, 5.0),
        ([("content-type", "text/plain"), ("Retry-After", "6")], 6.0),
        ([(b"Retry-After", b"Thu, 01 Jan 2026 00:00:30 GMT")], 30.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": float("nan")}, None),
        ({"Retry-After": True}, None),
        ("Retry-After", None),
    ],
)
def test_headers_of_any_form(headers: Any, asked: float | None) -> None:
    """`Retry-After` is found in the headers of any library: numbers, bytes, pairs, any case, milliseconds."""
    for holder in ("error", "response", "mapping"):
        error: Any = ValueError("too many requests")
        if holder == "error":
            error.headers = headers
        else:
            error.response = SimpleNamespace(headers=headers) if holder == "response" else {"headers": headers}
        refusal = refusal_of(error, NOW)
        assert (None if refusal is None else refusal.asked) == asked
    error = ValueError("too many requests")
    error.retry_after = "1.5"
    refusal = refusal_of(error, NOW)
    assert refusal is not None
    assert refusal.asked == 1.5


def test_other_errors_are_none() -> None:
    """Other errors are no refusals, and a chain that is a circle is read once."""
    circle = ValueError()
    caused(circle, caused(KeyError(), circle))
    assert refusal_of(circle, NOW) is None
    assert refusal_of(HttpError(500), NOW) is None
    assert refusal_of(None, NOW) is None


def test_a_wave_halves_once(clock: ManualClock) -> None:
    """All that had begun before the halving belong to its wave; what begins after it is another."""
    gate = Gate(clock, "openai:gpt-5")
    assert (gate.provider, gate.model) == ("openai", "gpt-5")
    began = [gate.enter() for _ in range(20)]
    clock.advance(1)
    for each in began:
        gate.refuse(Refusal(None), each, 20)
        gate.leave()
    assert gate.limit == 10
    clock.advance(60)
    later = gate.enter()
    gate.refuse(Refusal(None), later, 20)
    assert gate.limit == 5


def test_all_pause_for_as_long_as_was_asked(clock: ManualClock) -> None:
    """The longest pause of a wave counts, and says whose wish it is."""
    gate = Gate(clock)
    first, second = gate.enter(), gate.enter()
    gate.refuse(Refusal(3.0), first, 8)
    gate.refuse(Refusal(12.0), second, 8)
    assert (gate.reason, gate.seconds, gate.has_room()) == ("asked", 12.0, False)
    clock.advance(11.9)
    assert gate.closed
    clock.advance(0.2)
    assert (gate.reason, gate.limit) == ("growing", 4)


@pytest.mark.parametrize("asked", [601.0, 1e20, float("inf")])
def test_a_gate_opens_again_however_long_was_asked(clock: ManualClock, asked: float) -> None:
    """A pause is 600 s at most, the first and a further one of a wave: the others are not held for a day."""
    gate = Gate(clock)
    first, second = gate.enter(), gate.enter()
    for began in (first, second):
        gate.refuse(Refusal(asked), began, 8)
        assert gate.until == clock.monotonic() + 600.0
    assert gate.seconds == 600.0
    clock.advance(600.1)
    assert gate.has_room()


def test_pauses_grow_from_wave_to_wave(clock: ManualClock) -> None:
    """Without a time each further wave pauses twice as long, up to a minute, until something goes well."""
    gate, pauses = Gate(clock), list[float]()
    for _ in range(9):
        clock.advance(100)
        gate.refuse(Refusal(None), gate.enter(), 8)
        pauses.append(gate.until - clock.monotonic())
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    clock.advance(100)
    gate.went_well(8)
    gate.refuse(Refusal(None), gate.enter(), 8)
    assert gate.until - clock.monotonic() == 0.5


def test_it_grows_slowly_and_is_gone(clock: ManualClock) -> None:
    """As many items as the limit must go well for one more, and at the ceiling nothing holds back."""
    gate = Gate(clock)
    gate.refuse(Refusal(None), gate.enter(), 8)
    clock.advance(1)
    needed = 0
    while gate.reason is not None:
        gate.went_well(8)
        needed += 1
    assert needed == 4 + 5 + 6 + 7
    assert gate.has_room()


@given(st.lists(st.tuples(st.sampled_from(["enter", "refuse", "well", "time"]), st.floats(0, 30)), max_size=60))
def test_bounds(acts: list[tuple[str, float]]) -> None:
    """Whatever happens, the limit lies from 1 to the ceiling, a closed gate has no room, and it opens in time."""
    clock, began = ManualClock(), list[float]()
    gate = Gate(clock)
    for act, seconds in acts:
        if act == "enter" and gate.has_room():
            began.append(gate.enter())
        elif act == "refuse" and began:
            gate.refuse(Refusal(seconds), began.pop(), 8)
            gate.leave()
        elif act == "well" and began:
            began.pop()
            gate.leave()
            gate.went_well(8)
        else:
            clock.advance(seconds)
        assert gate.limit is None or 1 <= gate.limit < 8
        assert gate.at_work == len(began)
        assert not (gate.closed and gate.has_room())
        assert gate.until <= clock.monotonic() + 60


async def test_batches_share_a_gate(clock: ManualClock) -> None:
    """There is one gate a model for the batches of a loop."""
    one: Any = gate_of("openai:a", clock)
    assert gate_of("openai:a", clock) is one
    assert gate_of("openai:b", clock) is not one
