"""`Retry`: which errors are tried again, how often, and after which pauses."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai.exceptions import ModelHTTPError

from progressnb import ProgressTracker, Retry, Stage
from progressnb.errors import InvalidProgressError, InvalidStagesError
from progressnb.testing import ManualClock
from progressnb.tracking.attempts import attempt
from progressnb.tracking.current import internals
from progressnb.tracking.retry import LONGEST_PAUSE, asked_pause
from progressnb.wire.events import ProgressEvent
from tests.tracking.helpers import started

AT = ManualClock().now()


def http_error(status: int, headers: dict[str, str] | None = None) -> httpx.HTTPStatusError:
    """Make the error that httpx raises for a status."""
    request = httpx.Request("GET", "http://localhost/")
    return httpx.HTTPStatusError("x", request=request, response=httpx.Response(status, headers=headers))


def sdk_error(status: int) -> Exception:
    """Make an error with a status of its own, as openai and anthropic raise."""
    error = RuntimeError("answered")
    error.status_code = status  # type: ignore[attr-defined]
    return error


# --- which errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
@pytest.mark.parametrize("make", [http_error, sdk_error, lambda status: ModelHTTPError(status, "m")])
def test_a_status_that_stays(status: int, make: Callable[[int], Exception]) -> None:
    """A request that was refused for what it is stays refused, whichever library says so and whatever `on` has."""
    assert not Retry().may_mend(make(status))
    assert not Retry(on=Exception).may_mend(make(status))


def caused(error: Exception, cause: Exception) -> Exception:
    """Return an error as `raise error from cause` has it."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 529])
def test_a_status_that_passes(status: int) -> None:
    """A server that is busy or broken may answer the next time."""
    assert Retry().may_mend(http_error(status))
    assert Retry().may_mend(ModelHTTPError(status, "m"))


@pytest.mark.parametrize(
    "error",
    [
        TypeError("x"),
        AttributeError("x"),
        NameError("x"),
        ImportError("x"),
        NotImplementedError(),
        RecursionError("x"),
        AssertionError("x"),
        caused(RuntimeError("x"), AttributeError("y")),
        caused(RuntimeError("x"), caused(RuntimeError("y"), TypeError("z"))),
    ],
    ids=repr,
)
def test_programming_errors(error: Exception) -> None:
    """The same code makes the same mistake again, unless `on` names that very kind of error."""
    assert not Retry().may_mend(error)
    assert not Retry(on=(Exception, OSError)).may_mend(error)
    assert not Retry().may_replace(error)
    assert Retry(on=(type(error),)).may_mend(error)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("x"),
        IndexError("x"),
        ZeroDivisionError("x"),
        RuntimeError("x"),
        caused(RuntimeError("x"), OSError("y")),
        caused(ConnectionError("x"), AttributeError("y")),
    ],
    ids=repr,
)
def test_errors_that_data_may_cause(error: Exception) -> None:
    """An answer without a key, an empty list and a sum of zero are tried again; so is an error of a name of its own."""
    assert Retry().may_mend(error)
    assert Retry().may_replace(error)
    assert not Retry(on=(OSError,)).may_mend(error) or isinstance(error, OSError)


def test_errors_that_are_named() -> None:
    """`on` names the errors that are tried again, alone or as a tuple; errors of progressnb never are."""
    assert Retry(on=ConnectionError).may_mend(ConnectionResetError("x"))
    assert not Retry(on=(ConnectionError,)).may_mend(ValueError("x"))
    assert not Retry(on=(InvalidProgressError,)).may_mend(InvalidProgressError("x"))


def test_groups() -> None:
    """Of a group one error that may be mended is enough."""
    assert Retry().may_mend(ExceptionGroup("g", [TypeError("x"), ExceptionGroup("h", [OSError("y")])]))
    assert not Retry().may_mend(ExceptionGroup("g", [TypeError("x"), http_error(401)]))


# --- the pauses ---------------------------------------------------------------------------------------


def test_pauses_grow() -> None:
    """Each pause is twice the last one, up to a minute, and the jitter is added to it."""
    retry = Retry(wait=1, jitter=2)
    assert [retry.pause(number) for number in (1, 2, 3, 4, 7, 5000)] == [1, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE]
    assert [retry.pause(2, chance=chance) for chance in (0.25, 0.5)] == [2.5, 3]


def test_a_wait_of_the_users_own() -> None:
    """A function gets the number of the attempt that failed; what is no time is refused."""
    assert Retry(wait=lambda number: 10 * number).pause(3) == 30
    with pytest.raises(InvalidStagesError, match="a wait that returns"):
        Retry(wait=lambda _: -1).pause(1)


@given(st.integers(1, 10**6), st.floats(0, 1e300), st.floats(0, 100), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_any_pause(number: int, wait: float, jitter: float, chance: float, asked: float | None) -> None:
    """A pause is never shorter than a server asked for, and never longer than that or a minute, plus the jitter."""
    pause = Retry(wait=wait, jitter=jitter).pause(number, asked=asked, chance=chance)
    assert (asked or 0) <= pause <= max(LONGEST_PAUSE, asked or 0) + jitter


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (ModelHTTPError(429, "m", headers={"Retry-After": "7"}), 7),
        (ModelHTTPError(429, "m", retry_after=2.5), 2.5),
        (http_error(503, {"Retry-After": "30"}), 30),
        (http_error(503, {"Retry-After": format_datetime(AT + timedelta(seconds=12), usegmt=True)}), 12),
        (http_error(503, {"Retry-After": format_datetime(AT - timedelta(hours=1), usegmt=True)}), 0),
        (http_error(503, {"Retry-After": "soon"}), None),
        (http_error(503, {"Retry-After": "-5"}), None),
        (http_error(503), None),
        (OSError("x"), None),
        (ExceptionGroup("g", [http_error(503, {"Retry-After": "3"}), http_error(503, {"Retry-After": "5"})]), 5),
    ],
    ids=str,
)
def test_the_pause_that_a_server_asks_for(error: Exception, seconds: float | None) -> None:
    """`Retry-After` is read as seconds or as a date, from pydantic-ai's errors and httpx's responses."""
    assert asked_pause(error, AT) == seconds


def test_an_error_with_broken_properties() -> None:
    """An error that can't be asked has nothing to ask for."""

    class BrokenError(Exception):
        """An error that fails when it is looked at."""

        @property
        def response(self) -> SimpleNamespace:
            """Fail."""
            raise RuntimeError

    assert asked_pause(BrokenError(), AT) is None
    assert Retry().may_mend(BrokenError())


@pytest.mark.parametrize(
    "options",
    [
        {"attempts": 0},
        {"attempts": 1.5},
        {"attempts": True},
        {"wait": -1},
        {"wait": float("nan")},
        {"wait": "1"},
        {"jitter": -0.1},
        {"jitter": float("inf")},
        {"on": ()},
        {"on": (KeyboardInterrupt,)},
        {"on": (5,)},
    ],
    ids=str,
)
def test_other_values_are_refused(options: dict[str, Any]) -> None:
    """Values that can't be are refused where they are written."""
    with pytest.raises(InvalidStagesError, match="expected"):
        Retry(**options)


# --- as a stage does it -------------------------------------------------------------------------------


class Work:
    """A function that fails with each of some errors, one a call, and then returns."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        """Fail or return."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "ok"


def retries(tracker: ProgressTracker) -> list[tuple[str | None, Any]]:
    """List the message and the attempt of each retry."""
    return [
        (event.message, event.data["attempt"])
        for event in tracker.log
        if isinstance(event, ProgressEvent) and event.status == "retrying" and "attempt" in event.data
    ]


async def turns(count: int = 20) -> None:
    """Let the loop turn until all is done that waits for no time."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_nothing_happens_before_the_pause_is_over() -> None:
    """Between two attempts the run's own clock has to pass, and the event says for how long."""
    work = Work(OSError("one"), http_error(429, {"Retry-After": "20"}))
    tracker, clock = started([Stage("a", retry=Retry(attempts=3, wait=1.2, jitter=0))])
    task = asyncio.ensure_future(tracker.stage("a").run(work))
    await turns()
    clock.advance(1.1)
    await turns()
    assert (work.calls, tracker.state.stages[0].message) == (1, "retrying, 2 of 3, in 1.2 s: one")
    clock.advance(0.2)
    await turns()
    clock.advance(19.9)
    await turns()
    assert work.calls == 2
    clock.advance(0.2)
    assert await task == "ok"
    assert retries(tracker) == [("retrying, 2 of 3, in 1.2 s: one", 2), ("retrying, 3 of 3, in 20 s: x", 3)]


async def test_chance_is_injected() -> None:
    """The jitter comes from the random numbers that are passed in."""
    tracker, clock = started([Stage("a", retry=Retry(attempts=2, wait=1, jitter=4))])
    stage = internals(tracker.stage("a"))
    task = asyncio.ensure_future(attempt(stage, Work(OSError("one")), (), {}, chance=lambda: 0.75))
    await turns()
    clock.advance(4)
    assert await task == "ok"
    assert retries(tracker) == [("retrying, 2 of 2, in 4.0 s: one", 2)]


@pytest.mark.parametrize("by", ["cancel", "timeout"])
async def test_a_pause_ends_at_once(by: str) -> None:
    """A cancellation or a timeout ends a pause, and nothing is tried again."""
    work = Work(OSError("one"))
    tracker, clock = started([Stage("a", retry=Retry(wait=30))])
    limit = asyncio.timeout(None)

    async def main() -> None:
        async with limit:
            await tracker.stage("a").run(work)

    task = asyncio.ensure_future(main())
    await turns()
    if by == "cancel":
        task.cancel()
    else:
        limit.reschedule(asyncio.get_running_loop().time())
    with pytest.raises(asyncio.CancelledError if by == "cancel" else TimeoutError):
        await task
    clock.advance(100)  # the timer of the pause finds nobody
    await turns()
    assert work.calls == 1
    assert tracker.state.stages[0].status == "cancelled"


async def test_a_server_that_asks_for_too_much() -> None:
    """A pause of more than a minute is not waited for: the error is raised at once and says so."""
    error = http_error(429, {"Retry-After": "3600"})
    tracker, _ = started([Stage("a", retries=5)])
    with pytest.raises(httpx.HTTPStatusError) as caught:
        await tracker.stage("a").run(Work(error))
    assert "not tried again: the server asks to wait 3,600 s, and 60 s are the most" in caught.value.__notes__
    assert retries(tracker) == []


async def test_a_stage_that_has_the_time() -> None:
    """A stage whose timeout is longer than a minute waits for as long."""
    tracker, clock = started([Stage("a", timeout=600, retry=Retry(jitter=0))])
    task = asyncio.ensure_future(tracker.stage("a").run(Work(http_error(429, {"Retry-After": "300"}))))
    await turns()
    clock.advance(300)
    assert await task == "ok"


async def test_the_fallback_comes_at_once() -> None:
    """An error that a second try can't mend goes to the fallback without a pause."""
    tracker, _ = started([Stage("a", retries=5, fallback=lambda: "instead")])
    assert await tracker.stage("a").run(Work(http_error(401))) == "instead"
    assert tracker.state.stages[0].message == "fallback: x"


async def test_retries_is_the_short_form() -> None:
    """`retries=2` are two further tries: three attempts."""
    work = Work(OSError("1"), OSError("2"), OSError("3"), OSError("4"))
    tracker, clock = started([Stage("a", retries=2)])
    task = asyncio.ensure_future(tracker.stage("a").run(work))
    while not task.done():
        await asyncio.sleep(0)
        clock.advance(1)
    with pytest.raises(OSError, match="3"):
        task.result()
    assert work.calls == 3
