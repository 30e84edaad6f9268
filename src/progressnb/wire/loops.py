"""The event loop of asyncio, without which a run can be neither awaited nor iterated."""

from __future__ import annotations

import asyncio
import sys

from progressnb.errors import ProgressError

__all__ = ["asyncio_loop", "running_loop"]

running_loop = asyncio._get_running_loop  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # public, by its docs
"""Return the event loop of the calling code, or None outside any."""


class _NoLoopError(ProgressError, RuntimeError):
    """Code that is awaited where asyncio does not run, as below trio."""


def asyncio_loop() -> asyncio.AbstractEventLoop:
    """Return asyncio's running event loop; say what to do where another library runs the code."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        got, remedy = "none", "Await it in a coroutine that asyncio runs, or call .wait() in code that is not async."
        if (other := _other_library()) is not None:
            got = f"that of {other}"
            thread = "trio.to_thread.run_sync" if other == "trio" else "anyio.to_thread.run_sync"
            remedy = (
                f"Runs are asyncio's. Below {other} let a thread wait: `await {thread}(run.wait)`; "
                "or run the test on asyncio alone, by a fixture anyio_backend that returns 'asyncio'."
            )
        raise _NoLoopError("the event loop of asyncio", got, remedy) from None


def _other_library() -> str | None:
    # sniffio is there wherever trio is, and is not worth loading for a message.
    sniffio = sys.modules.get("sniffio")
    if sniffio is None:
        return None
    try:
        return str(sniffio.current_async_library())
    except sniffio.AsyncLibraryNotFoundError:
        return None
