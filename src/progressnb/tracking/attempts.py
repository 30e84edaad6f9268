"""The attempts at a stage's work: within its time, again after an error, in another way after the last one."""

from __future__ import annotations

import asyncio
import functools
import inspect
import random
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from progressnb.errors import InvalidProgressError, ProgressError
from progressnb.tracking.clock import sleep
from progressnb.tracking.failures import error_text, word_error
from progressnb.tracking.percent import is_number
from progressnb.tracking.retry import LONGEST_PAUSE, Retry, asked_pause

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from progressnb.tracking.stage_work import StageWork

__all__ = [
    "attempt",
    "call",
    "check_function",
    "checked_timeout",
    "in_thread",
    "is_async",
    "time_limit",
    "word_timeout",
]

P = ParamSpec("P")
T = TypeVar("T")


async def attempt(
    stage: StageWork,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    options: Mapping[str, Any],
    *,
    chance: Callable[[], float] = random.random,
) -> Any:  # noqa: ANN401 - what the function returns
    """Call a function as often as the stage allows, then its fallback; raise the last error without one.

    `chance` returns the random numbers, 0–1, for the jitter of the pauses.
    """
    __tracebackhide__ = True  # IPython and pytest leave such frames out
    retry = stage.options.retry or _usual(stage.options.retries + 1)
    number = 1
    while True:
        try:
            async with time_limit(stage.options.timeout):
                return await call(function, arguments, options)
        except Exception as error:
            if _is_final(error):
                raise
            pause = _pause(stage, retry, number, error, chance)
            if pause is not None:
                number += 1
                stage.start_over(number, retry.attempts, error, pause)
                message = f"retrying, {number} of {retry.attempts}: {error_text(error)}"
            elif (fallback := stage.options.fallback) is None or not retry.may_replace(error):
                raise
            else:
                stage.life.fall_back(error)
                tries = "" if number == 1 else f" after {number} attempts"
                # The stage may end well: then this message is the only trace of the failure.
                stage.report(None, f"fallback{tries}: {error_text(error)}", {"source": "fallback"})
                break
        stage.keep_usage()
        if pause:
            await sleep(stage.clock, pause)
            stage.report(None, message, {})
    stage.keep_usage()
    return await call(fallback, arguments, options)


@functools.cache
def _usual(attempts: int) -> Retry:
    return Retry(attempts=attempts)


def _is_final(error: Exception) -> bool:
    # A cancelled task is not taken up again, and a wrong call of progressnb stays wrong: no fallback mends it.
    task = asyncio.current_task()
    return isinstance(error, ProgressError) or (task is not None and task.cancelling() > 0)


def _pause(stage: StageWork, retry: Retry, number: int, error: Exception, chance: Callable[[], float]) -> float | None:
    """Return the seconds until the next attempt, or None if there is none."""
    if number >= retry.attempts or not retry.may_mend(error):
        return None
    asked = asked_pause(error, stage.clock.now())
    longest = max(LONGEST_PAUSE, stage.options.timeout or 0.0)
    if asked is not None and asked > longest:
        error.add_note(f"not tried again: the server asks to wait {asked:,.0f} s, and {longest:,.0f} s are the most")
        return None
    return retry.pause(number, asked=asked, chance=chance())


def check_function(function: object) -> None:
    """Raise `InvalidProgressError` for anything but a function; a coroutine is closed."""
    expected = "a function and its arguments"
    if inspect.iscoroutine(function) or inspect.isasyncgen(function) or inspect.isgenerator(function):
        if inspect.iscoroutine(function):
            function.close()  # else Python warns that it was never awaited
        kind = "a coroutine" if inspect.iscoroutine(function) else "a generator"
        name = function.__name__
        raise InvalidProgressError(expected, f"{kind}, the call {name}(…)", f"Write `await stage.run({name}, …)`.")
    if not callable(function):
        raise InvalidProgressError(expected, repr(function), "Write `await stage.run(work, 3)`.")


def checked_timeout(timeout: object) -> float | None:
    """Return a timeout in seconds, or None; raise `InvalidProgressError` for any other value."""
    if timeout is None:
        return None
    if not is_number(timeout) or not timeout >= 0:
        raise InvalidProgressError("a timeout in seconds", repr(timeout), "Pass None for no timeout.")
    return float(timeout)


def time_limit(seconds: float | None) -> AbstractAsyncContextManager[None]:
    """Raise `TimeoutError` with the limit in its text when a block takes longer; None is no limit."""
    return nullcontext() if seconds is None else _limited(seconds)


@asynccontextmanager
async def _limited(seconds: float) -> AsyncGenerator[None]:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            word_timeout(error, f"took longer than its timeout of {seconds:g} s")
        raise


def word_timeout(error: TimeoutError, text: str) -> None:
    """Give a timeout a text for people; asyncio's own errors have none."""
    error.args = error.args or (text,)
    word_error(error, text)


def is_async(function: object) -> bool:
    """Return whether a function, or the call of an object, is `async def`."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - not whether it can be called


async def call(function: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Call a function: an async one here, any other in a thread."""
    __tracebackhide__ = True
    if is_async(function):
        return await function(*arguments, **options)
    # A function that is not async may take long: the loop goes on meanwhile.
    result = await in_thread(function, *arguments, **options)
    return await result if inspect.isawaitable(result) else result


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a plain function in a thread, as `asyncio.to_thread` does.

    A `StopIteration`, which no future takes, and a `GeneratorExit` become a `RuntimeError`, as PEP 479 has it for
    generators and coroutines.
    """
    __tracebackhide__ = True
    return await asyncio.to_thread(_call_here, function, args, kwargs)


def _call_here(function: Callable[..., T], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> T:
    __tracebackhide__ = True
    try:
        return function(*args, **kwargs)
    except (StopIteration, GeneratorExit) as error:
        name = getattr(function, "__name__", type(function).__name__)
        raise RuntimeError(f"{name} raised {type(error).__name__}") from error
