"""`Run[T]`: the awaitable, iterable, cancellable handle of one execution."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
import logging
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from progressnb.execution.base import Views
from progressnb.execution.outcome import cancelled_error, without_ours
from progressnb.execution.registry import cancel_all, enlist, hold, release, runs, warn_if_dropped
from progressnb.tracking.attempts import tell_timeout
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.failures import error_text
from progressnb.tracking.session import present
from progressnb.tracking.tracker import enter_run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator
    from types import TracebackType

    from progressnb.folds.state import RunState
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import Event, RunStatus
    from progressnb.wire.log import EventLog

__all__ = ["Run", "cancel_all", "runs"]

T = TypeVar("T")

_logger = logging.getLogger("progressnb")


class Run(Views, Generic[T]):
    """Handle one execution of an operation.

    It begins at the loop's next turn. `await run` gives the result, raises what the operation raised, or
    raises `RunCancelled`. `async for event in run` yields every event from the first, any number of
    times; closing that cancels nothing. Cancelling the task that awaits cancels the run.

    Outside a loop, as in a script, it begins when it is waited for: `report("tides").wait()`. It is no coroutine, so
    `asyncio.run` takes it only inside one. One that is dropped before it began warns, as a coroutine does.
    """

    def __init__(
        self,
        tracker: ProgressTracker,
        body: Callable[[ProgressTracker], Awaitable[T]],
        *,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> None:
        self._tracker = tracker
        self._body = body
        self._timeout = timeout
        self._on_event = on_event
        self._result: T | None = None
        self._exception: BaseException | None = None
        self._traceback: TracebackType | None = None
        self._cancel_reason: str | None = None
        self.shown = False
        self._begun = False
        self._awaited = False
        self._task: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._thread: int | None = None
        self._home = _running_loop()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = copy_context()
        # Never left pending: a future that runs can't be cancelled by whoever waits for it.
        self._finished: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._finished.set_running_or_notify_cancel()
        enlist(self)
        self._unstarted = None
        if self._home is not None:
            hold(self)
            self._home.call_soon(self._begin, self._home, context=self._context)
        else:  # sync code: it begins when somebody waits for it
            self._unstarted = warn_if_dropped(self)

    def __repr__(self) -> str:
        """Show the operation, the status and the percent on one line."""
        remedy = "" if self._begun or self._home else "; await it in a coroutine, or .wait()"
        return f"<Run {self.operation} {self.id[:8]}: {self.status}, {self.state.overall_progress:.0f} %{remedy}>"

    def _ipython_display_(self) -> None:
        self.show()

    def show(self) -> None:
        """Show the run here: live while it goes on, drawn from its log when it has ended."""
        present(self, show=True)

    # --- what it is ------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The run's id."""
        return self._tracker.id

    @property
    def operation(self) -> str:
        """The operation's name."""
        return self._tracker.operation

    @property
    def status(self) -> RunStatus:
        """Pending, running, finished, failed or cancelled."""
        return self.state.status

    @property
    def state(self) -> RunState:
        """The fold of the events so far: overall percent, stages, usage."""
        return self._tracker.state

    @property
    def log(self) -> EventLog:
        """The events."""
        return self._tracker.log

    @property
    def clock(self) -> Clock:
        """The clock that stamps the events."""
        return self._tracker.clock

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        return self._tracker.elapsed

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data; None before anything is written."""
        return self._tracker.partial

    @property
    def result(self) -> T | None:
        """The result of a run that finished, else None."""
        return self._result

    @property
    def exception(self) -> BaseException | None:
        """What the operation raised, with its traceback, else None."""
        return self._exception

    @property
    def awaited(self) -> bool:
        """Whether anybody waits, or has waited, for the result."""
        return self._awaited

    # --- waiting -----------------------------------------------------------------------------------

    def __await__(self) -> Generator[Any, None, T]:
        """Wait for the result."""
        return self._wait_here().__await__()

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield every event from the first to the last."""
        self._begin(asyncio.get_running_loop())
        async for event in self.log.follow():
            yield event

    def wait(self) -> T:
        """Wait for the result in code that is not async.

        A run that has not begun is run by a loop in a background thread. One that lives on this thread's
        own loop, as in a notebook, is waited for by running that loop further, which needs nest-asyncio2.
        While this blocks a notebook's cell no other cell runs, and its Cancel button may not be heard: use the
        kernel's Interrupt, or `await run`, which has neither limit.
        """
        __tracebackhide__ = True
        self._awaited = True  # before it begins: it may fail faster than this goes on
        if self._claim(None):
            run, main = self._context.copy().run, self._run_in_thread()
            threading.Thread(target=run, args=(asyncio.run, main), name="progressnb-run", daemon=True).start()
        here, home = _running_loop(), self._loop
        if home is not None and not home.is_closed() and not self._finished.done():
            if here is home:
                import nest_asyncio2

                nest_asyncio2.apply(home)  # pyright: ignore[reportUnknownMemberType] # it ships no types
                return self._wait_on(home)
            if here is None and self._thread == threading.get_ident():  # this thread's loop stands still
                return self._wait_on(home)
        while not self._finished.done():
            try:
                # Short waits, so that an interrupt is heard on every platform.
                concurrent.futures.wait([self._finished], timeout=0.1)
            except KeyboardInterrupt:
                self.cancel("interrupted")
                concurrent.futures.wait([self._finished])
                raise
            if self._loop is not None and self._loop.is_closed():
                self._abandon()
        return self._outcome()

    def cancel(self, reason: str | None = None) -> None:
        """Stop the run, from any thread; it ends as cancelled whatever its code does about it.

        Once the run has ended, this lets whoever waits go on without an `on_event` that is still at work.
        """
        with self.log.lock:
            if self.log.ended:
                self._finish()
                return
            self._cancel_reason = self._cancel_reason or reason or "cancelled"
            # With on_event it begins at the loop's next turn and is cancelled at once, so that this is heard of.
            if (self._on_event is None or self._home is None) and self._claim(None):
                self._abandon()
                return
        loop, task = self._loop, self._task
        if loop is None or task is None:
            return  # its loop is about to begin it, and looks for this reason first
        try:
            loop.call_soon_threadsafe(task.cancel)
        except RuntimeError:
            self._abandon()

    def _wait_on(self, loop: asyncio.AbstractEventLoop) -> T:
        waiter = loop.create_task(self._wait_here())
        try:
            return loop.run_until_complete(waiter)
        except KeyboardInterrupt:
            # It was raised out of the loop, so nothing in there has heard of it.
            self.cancel("interrupted")
            waiter.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(waiter)
            raise

    async def _wait_here(self) -> T:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        self._awaited = True
        self._begin(asyncio.get_running_loop())
        try:
            await asyncio.wrap_future(self._finished)
        except asyncio.CancelledError:
            self.cancel("the task that awaited it was cancelled")
            await self.log.wait_ended()
            raise
        return self._outcome()

    def _outcome(self) -> T:
        __tracebackhide__ = True
        if self._exception is not None:
            raise self._exception.with_traceback(self._traceback)  # else it would grow by each await
        if self.status == "cancelled":
            raise cancelled_error(self.operation, self._cancel_reason)
        return self._result  # type: ignore[return-value]

    # --- its life ----------------------------------------------------------------------------------

    def _claim(self, loop: asyncio.AbstractEventLoop | None) -> bool:
        with self.log.lock:
            if self._begun:
                return False
            self._begun = True
            self._loop = loop
            if self._unstarted is not None:
                self._unstarted.detach()
            hold(self)
            return True

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._claim(loop):
            self._start_tasks(loop)

    async def _run_in_thread(self) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._start_tasks(loop)
        await asyncio.wrap_future(self._finished)

    def _start_tasks(self, loop: asyncio.AbstractEventLoop) -> None:
        clock = self._tracker.clock
        if isinstance(clock, SystemClock):
            clock.loop = loop
        self._thread = threading.get_ident()
        self._task = loop.create_task(self._drive(), name=f"progressnb {self.operation}", context=self._context.copy())
        self._task.add_done_callback(self._driven)
        if self._on_event is not None:
            self._watcher = loop.create_task(self._watch(), name=f"progressnb on_event {self.operation}")
            self._watcher.add_done_callback(self._watched)
        if self._cancel_reason is not None:
            self._task.cancel()

    async def _drive(self) -> None:
        enter_run(self._tracker)
        self._tracker.start()
        try:
            result = await self._timed()
        except asyncio.CancelledError:
            self._close()
        except Exception as error:  # noqa: BLE001 - kept for whoever awaits; never printed into somebody's cell
            self._close(error)
        else:
            with self.log.lock:
                if self._cancel_reason is None:
                    self._result = result
                    if not self.log.ended:
                        self._tracker.done(result)
            self._close()

    async def _timed(self) -> T:
        limit = asyncio.timeout(self._timeout)
        late = f"{self.operation} took longer than its timeout of {self._timeout or 0:g} s"
        try:
            async with limit:
                result = await self._body(self._tracker)
        except TimeoutError as error:
            if limit.expired():
                tell_timeout(error, late)
            raise
        except Exception as error:
            if limit.expired():
                raise TimeoutError(late) from error
            raise
        if limit.expired():  # its code swallowed the cancellation
            raise TimeoutError(late)
        return result

    async def _watch(self) -> None:
        callback = self._on_event
        if callback is None:
            return
        async for event in self.log.follow():
            try:
                outcome = callback(event)
                if inspect.isawaitable(outcome):
                    await outcome
            except Exception:
                _logger.warning("detached on_event of %s, which raised", self.operation, exc_info=True)
                return

    def _driven(self, task: asyncio.Task[None]) -> None:
        self._close(None if task.cancelled() else task.exception())
        self._settle()

    def _watched(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # an interrupt, which the loop has raised already
        self._settle()

    def _close(self, error: BaseException | None = None) -> None:
        # Writes what is missing: a task that was cancelled before its first step has written nothing,
        # and one that a KeyboardInterrupt tore down has not written its end.
        with self.log.lock:
            stopped = self._cancel_reason is not None or isinstance(error, KeyboardInterrupt | SystemExit)
            if error is not None and not stopped:
                self._exception, self._traceback = error, without_ours(error.__traceback__)
                error.__traceback__ = self._traceback
            if not self.log.ended:
                if len(self.log) == 0:
                    self._tracker.start()
                if self._exception is not None:
                    self._tracker.fail(self._exception)
                else:
                    fallback = "its task was cancelled" if error is None else "interrupted"
                    self._tracker.cancelled(self._cancel_reason or fallback)
            release(self)

    def _settle(self) -> None:
        # Whoever waits goes on when the run has ended and on_event has seen it.
        with self.log.lock:
            if self.log.ended and (self._watcher is None or self._watcher.done()):
                self._finish()

    def _abandon(self) -> None:
        # It never began, or its loop was closed: nothing more will come of it.
        with self.log.lock:
            self._close()
            self._finish()

    def _finish(self) -> None:
        if self._finished.done():
            return
        if self._exception is not None and not self._awaited:
            # Without a handler of the user's, errors go to stderr: what a panel says need not stand there too.
            level = logging.INFO if self.shown else logging.ERROR
            _logger.log(level, "%s failed and nobody awaits it: %s", self.operation, error_text(self._exception))
        self._finished.set_result(None)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
