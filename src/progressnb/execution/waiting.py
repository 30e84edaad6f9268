"""Waiting in code that is not async: on this thread's own loop, or for a loop in another thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from progressnb.tracking.clock import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context

__all__ = ["OVER", "begin_in_thread", "wait_done", "wait_for", "wait_on_loop"]

T = TypeVar("T")

OVER: concurrent.futures.Future[None] = concurrent.futures.Future()
"""The future of all that is over: a run that has ended keeps none of its own."""

OVER.set_result(None)

_LOOK = 0.1
"""Seconds between two checks while waiting: short, since an interrupt takes effect only between them on Windows."""


def begin_in_thread(
    main: Callable[[], Coroutine[Any, Any, T]], *, name: str, context: Context | None = None
) -> concurrent.futures.Future[T]:
    """Run a coroutine function on a loop of its own in a daemon thread; return the future of its result."""
    future: concurrent.futures.Future[T] = concurrent.futures.Future()

    def work() -> None:
        try:
            # Not `asyncio.run`: in a kernel nest_asyncio may have replaced it, and its own closes no loop.
            with asyncio.Runner() as runner:
                result = runner.run(main())
            future.set_result(result)
        except BaseException as error:  # noqa: BLE001 - raised where the future is waited for
            future.set_exception(error)

    copied = copy_context() if context is None else context
    threading.Thread(target=copied.run, args=(work,), name=name, daemon=True).start()
    return future


def wait_for(future: concurrent.futures.Future[Any], *, look: Callable[[], None] = lambda: None) -> None:
    """Wait until a future of another thread is done; `look` is called ten times a second meanwhile."""
    while not future.done():
        concurrent.futures.wait([future], timeout=_LOOK)
        look()


async def wait_done(future: concurrent.futures.Future[Any]) -> None:
    """Wait on the running loop until a future of any thread is done; a cancellation ends the wait and nothing else.

    `asyncio.wrap_future` wakes the loop from its sleep even where the future is done on the loop itself, which costs
    a short run a tenth of its time.
    """
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()

    def settle() -> None:
        if not waiter.done():
            waiter.set_result(None)

    def wake(_: object) -> None:
        if running_loop() is loop:
            settle()
        else:
            with contextlib.suppress(RuntimeError):  # the waiter's loop is closed
                loop.call_soon_threadsafe(settle)

    future.add_done_callback(wake)
    await waiter


def wait_on_loop(
    loop: asyncio.AbstractEventLoop, main: Coroutine[Any, Any, T], *, interrupted: Callable[[], None]
) -> T:
    """Run an event loop of this thread until a coroutine has ended; one that is running needs nest-asyncio2.

    A KeyboardInterrupt leaves the loop without reaching the code in it. So this calls `interrupted`, cancels the
    coroutine, and raises the interrupt again.
    """
    if running_loop() is loop:
        import nest_asyncio2

        nest_asyncio2.apply(loop)  # pyright: ignore[reportUnknownMemberType] # it ships no types
    waiter = loop.create_task(main)
    try:
        return loop.run_until_complete(waiter)
    except KeyboardInterrupt:
        interrupted()
        waiter.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(waiter)
        raise
