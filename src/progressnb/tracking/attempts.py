"""Work done as a stage: within its time, again after an error, in another way after the last."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from progressnb.errors import InvalidProgressError, ProgressError
from progressnb.tracking.failures import error_text, word_error
from progressnb.tracking.percent import is_number

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from progressnb.tracking.handle import StageHandle

__all__ = ["attempt", "called", "checked_timeout", "tell_timeout", "time_limit", "validated"]


async def attempt(
    stage: StageHandle, function: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]
) -> Any:  # noqa: ANN401 - what the function returns
    """Call a function as often as the stage allows, then its fallback; raise the last error without one."""
    __tracebackhide__ = True  # IPython and pytest leave such frames out
    attempts = stage.options.retries + 1
    for number in range(1, attempts + 1):
        try:
            async with time_limit(stage.options.timeout):
                return await called(function, arguments, options)
        except Exception as error:
            if not _may_repeat(error):
                raise
            if number < attempts:
                stage.start_over(number + 1, attempts, error)
                continue
            if stage.options.fallback is None:
                raise
            stage.fall_back(error)
            tries = "" if attempts == 1 else f" after {attempts} attempts"
            # The stage may end well: then this is all that tells of it.
            stage.update(message=f"fallback{tries}: {error_text(error)}", source="fallback")
    return await called(cast("Callable[..., Any]", stage.options.fallback), arguments, options)


def checked_timeout(timeout: object) -> float | None:
    """Return a timeout in seconds, or None; raise `InvalidProgressError` for what is neither."""
    if timeout is None:
        return None
    if not is_number(timeout) or not timeout >= 0:
        raise InvalidProgressError("a timeout in seconds", repr(timeout), "Pass None for no timeout.")
    return float(timeout)


def time_limit(seconds: float | None) -> AbstractAsyncContextManager[None]:
    """Raise `TimeoutError`, which says how long it was, when a block takes longer; None is for ever."""
    return nullcontext() if seconds is None else _limited(seconds)


@asynccontextmanager
async def _limited(seconds: float) -> AsyncGenerator[None]:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if limit.expired():
            tell_timeout(error, f"took longer than its timeout of {seconds:g} s")
        raise


def tell_timeout(error: TimeoutError, text: str) -> None:
    """Say what took longer than what, where the error says nothing, as asyncio's own doesn't."""
    error.args = error.args or (text,)
    word_error(error, text)


def validated(function: Callable[..., Any], result: Any) -> Any:  # noqa: ANN401 - any type
    """Return plain data as what a function says that it returns; as it is, where it says nothing."""
    from pydantic import TypeAdapter

    try:
        returned = get_type_hints(function).get("return", Any)
    except (NameError, TypeError):  # names that only a type checker knows
        return result
    return TypeAdapter(returned).validate_python(result)


async def called(function: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Call a function: an async one here, any other in a thread."""
    __tracebackhide__ = True
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004 - whether it is async
        return await function(*arguments, **options)
    # Whatever else it is, it may take long: the loop goes on.
    result = await asyncio.to_thread(function, *arguments, **options)
    return await result if inspect.isawaitable(result) else result


def _may_repeat(error: Exception) -> bool:
    # What is cancelled is not taken up again, and a wrong call stays wrong.
    task = asyncio.current_task()
    return not (isinstance(error, ProgressError) or (task is not None and task.cancelling() > 0))
