"""`Run[T]`: the awaitable, iterable, cancellable handle of one execution."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from progressnb.execution.driving import call_back, within
from progressnb.execution.latest import begun
from progressnb.execution.outcome import cancelled_run, in_one_line, interrupt_reason, log_unawaited, trim_traceback
from progressnb.execution.registry import Registry
from progressnb.execution.tracked import TrackedRun
from progressnb.execution.waiting import OVER, begin_in_thread, wait_done, wait_for, wait_on_loop
from progressnb.tracking.clock import SystemClock, running_loop
from progressnb.tracking.current import is_apart
from progressnb.tracking.tracker import enter_run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from progressnb.tracking.protocols import RunHistory
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import Event

__all__ = ["Run", "cancel_all", "runs"]

T = TypeVar("T")

_registry: Registry[Run[Any]] = Registry()


def runs() -> list[Run[Any]]:
    """List the runs of this process that are alive, the oldest first.

    Example:
        ::

            for run in pnb.runs():
                print(run.operation, run.elapsed)

    """
    return _registry.alive()


def cancel_all(reason: str | None = None) -> int:
    """Cancel every run of this process that is alive.

    Args:
        reason: The reason that the runs give, in their panels and in `RunCancelled`.

    Returns:
        How many runs there were.

    Example:
        ::

            pnb.cancel_all("the maintenance begins")

    """
    alive = runs()
    for run in alive:
        run.cancel(reason)
    return len(alive)


class Run(TrackedRun[T]):
    """The handle of one execution of an operation.

    It begins at the loop's next turn. `await run` gives the result, raises what the operation raised, or raises
    `RunCancelled`. `async for event in run` yields every event from the first, any number of times; closing that
    iterator cancels nothing. Cancelling the task that awaits cancels the run.

    Outside a loop, as in a script, it begins when it is waited for: `report("tides").wait()`. It is not a coroutine:
    for `asyncio.run` await it inside one. A run that is dropped before it began warns, as a coroutine does.

    While it is at work, people may do more than `cancel()`: `enough()`, `say(…)`, `approve(…)`, `deny(…)`.

    Attributes:
        contained: True lets `sys.exit` in the operation fail this run alone, as on a server. False lets it end the
            program.

    Example:
        ::

            run = report("tides")
            async for event in run:
                print(event.type, event.elapsed)
            result = await run

    """

    _kind = "Run"

    def __init__(
        self,
        tracker: ProgressTracker,
        body: Callable[[ProgressTracker], Awaitable[T]],
        *,
        timeout: float | None = None,
        on_event: Callable[[Event], object] | None = None,
    ) -> None:
        super().__init__(tracker)
        self._body, self._timeout, self._on_event = body, timeout, on_event
        self._result: T | None = None
        self._exception: BaseException | None = None
        self._traceback: TracebackType | None = None
        tracker.controls_of_run.when_exceeded(self._stop)
        tracker.when_cancelled(self.cancel)
        self.contained = self._begun = self._awaited = False
        self._task: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._thread: int | None = None
        self._home = running_loop()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = copy_context()
        self._is_apart = is_apart()
        # Never left pending: a future that runs can't be cancelled by whoever waits for it.
        self._finished: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._finished.set_running_or_notify_cancel()
        _registry.add(self)
        if self._home is not None:
            _registry.hold(self)
            self._take_note()
            self._home.call_soon(self._begin, self._home, context=self._context)
        else:  # sync code: it begins when somebody waits for it
            self._unstarted = _registry.warn_if_dropped(self)

    def __repr__(self) -> str:
        """Show the operation, the status and the percent on one line, and what makes it begin."""
        text = super().__repr__()
        return text if self._begun or self._home else f"{text[:-1]}; await it in a coroutine, or .wait()>"

    # --- state -----------------------------------------------------------------------------------

    @property
    def result(self) -> T | None:
        """The result of a run that finished, else None."""
        return self._result

    @property
    def exception(self) -> BaseException | None:
        """The error of a run that failed, with its traceback, else None."""
        return self._exception

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task that runs the operation, while it does."""
        return self._task

    @property
    def awaited(self) -> bool:
        """Whether anybody waits or has waited for the result."""
        return self._awaited

    # --- waiting ---------------------------------------------------------------------------------

    def wait(self) -> T:
        """Wait for the result in code that is not async.

        A run that has not begun is run by a loop in a background thread. One that lives on this thread's own loop, as
        in a notebook, is waited for by running that loop further, which needs nest-asyncio2. While this blocks a
        notebook's cell no other cell runs, and its Cancel button may not be heard: use the kernel's Interrupt, or
        `await run`, which has neither limit.

        Returns:
            The operation's result.

        Raises:
            RunCancelled: When the run was cancelled.
            Exception: The operation's own error.

        Example:
            ::

                print(report("tides").wait())

        """
        __tracebackhide__ = True
        self._awaited = True  # before it begins: it may fail faster than this goes on
        begins = self._claim(None)
        here, home = running_loop(), self._loop
        is_own = here is home or (here is None and self._thread == threading.get_ident())  # or stands still
        if home is not None and is_own and not (begins or home.is_closed() or self._finished.done()):
            return wait_on_loop(home, self._wait_here(), interrupted=lambda: self.cancel("interrupted"))
        try:
            if begins:
                begin_in_thread(self._run_in_thread, name="progressnb-run", context=self._context.copy())
            wait_for(self._finished, look=self._look_for_loop)
        except KeyboardInterrupt as interrupt:
            self.cancel("interrupted")
            concurrent.futures.wait([self._finished])
            in_one_line(interrupt, self)
            raise
        return self._outcome()

    def cancel(self, reason: str | None = None) -> None:
        """Stop the run, from any thread. It ends as cancelled, even if its code ignores the cancellation.

        After the end of the run this ends the wait for an `on_event` that is still at work.

        Args:
            reason: The reason that events, the panel and `RunCancelled` give.

        Example:
            ::

                run = report("tides")
                run.cancel("enough")
                run.status  # "cancelling", and "cancelled" once its code has stopped

        """
        with self.log.lock:
            if self.log.ended:
                self._finish()
                return
            self._cancel_reason = self._cancel_reason or reason or "cancelled"
            # A run with `on_event` begins all the same and is cancelled at once, so that `on_event` gets the events.
            if (self._on_event is None or self._home is None) and self._claim(None):
                self._abandon()
                return
        self._stop()

    def _stop(self) -> None:
        loop, task = self._loop, self._task
        if loop is None or task is None:
            return  # its loop is about to begin it, and checks for a reason first
        try:
            loop.call_soon_threadsafe(task.cancel)
        except RuntimeError:
            self._abandon()

    def on_end(self, callback: Callable[[], object]) -> None:
        """Call back once, when the run has ended and `on_event` has returned; at once, if that is so already.

        Example:
            ::

                run.on_end(lambda: print("ended"))

        """
        self._finished.add_done_callback(lambda _: callback())

    def record(self, history: RunHistory) -> None:
        """Let a history keep the events of the run: those that it has and those to come.

        Example:
            ::

                run.record(pnb.History("one-run.db"))

        """
        history.record(self._tracker)

    def leave_to_caller(self) -> None:
        """Leave it to whoever began the run to tell of its failure, and let `sys.exit` in it fail this run alone."""
        self._awaited = self.contained = True

    def _pack(self) -> None:
        if self.log.ended and self._finished.done():
            self._tracker.pack()

    def _look_for_loop(self) -> None:
        if self._loop is not None and self._loop.is_closed():
            self._abandon()

    async def _wait_here(self) -> T:
        __tracebackhide__ = True  # IPython and pytest leave such frames out
        loop = self._loop_here()
        self._awaited = True
        self._begin(loop)
        try:
            await self._wait_done()
        except asyncio.CancelledError as interrupt:
            self.cancel(interrupt_reason(interrupt, "the task that awaited it was cancelled"))
            await self.log.wait_ended()
            if (task := self._task) is not None and self._loop is loop:  # those who hear of its end hear it before
                await asyncio.wait([task])
            in_one_line(interrupt, self)
            raise
        return self._outcome()

    async def _wait_done(self) -> None:
        await wait_done(self._finished)

    def _outcome(self) -> T:
        __tracebackhide__ = True
        if self._exception is not None:
            raise self._exception.with_traceback(self._traceback)  # else each await would add frames to it
        if self.status == "cancelled":
            raise cancelled_run(self, self._cancel_reason)
        return self._result  # type: ignore[return-value] # of a run that finished

    # --- its life ----------------------------------------------------------------------------------

    def _claim(self, loop: asyncio.AbstractEventLoop | None) -> bool:
        with self.log.lock:
            if self._begun:
                return False
            self._begun = True
            self._loop = loop
            if self._unstarted is not None:
                self._unstarted.detach()
            _registry.hold(self)
            self._take_note()
            return True

    def _take_note(self) -> None:
        if self._tracker.parent is None and not self._is_apart:
            begun(self)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._claim(loop):
            self._start_tasks(loop)

    async def _run_in_thread(self) -> None:
        self._loop = loop = asyncio.get_running_loop()
        self._start_tasks(loop)
        await wait_done(self._finished)

    def _start_tasks(self, loop: asyncio.AbstractEventLoop) -> None:
        clock = self._tracker.clock
        if isinstance(clock, SystemClock):
            clock.loop = loop
        self._thread = threading.get_ident()
        self._task = loop.create_task(self._drive(), name=f"progressnb {self.operation}", context=self._context.copy())
        self._task.add_done_callback(self._driven)
        if self._on_event is not None:
            listening = call_back(self._on_event, self.log, self.operation)
            self._watcher = loop.create_task(listening, name=f"progressnb on_event {self.operation}")
            self._watcher.add_done_callback(self._watched)
        if self._cancel_reason is not None:
            self._task.cancel()

    async def _drive(self) -> None:
        enter_run(self._tracker)
        self._tracker.start(timers=self._context)
        try:
            result = await within(self._timeout, self._body(self._tracker), self.operation)
        except asyncio.CancelledError:
            self._close()
        except SystemExit as error:
            if not self.contained:
                raise
            failure = RuntimeError(f"it called sys.exit({error.code!r})")
            self._close(failure.with_traceback(error.__traceback__))
        except Exception as error:  # noqa: BLE001 - raised where the run is awaited; never printed into a cell
            self._close(error)
        else:
            with self.log.lock:
                if self._cancel_reason is None and not self._in_hand.exceeded:
                    self._result = result
                    if not self.log.ended:
                        self._tracker.done(result)
            self._close()

    def _driven(self, task: asyncio.Task[None]) -> None:
        self._close(None if task.cancelled() else task.exception())
        self._settle()

    def _watched(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # retrieve an interrupt, which the loop has raised already
        self._settle()

    def _close(self, error: BaseException | None = None) -> None:
        # Write the missing events: a task that was cancelled before its first step has written none, and one that a
        # KeyboardInterrupt ended has not written its last.
        with self.log.lock:
            stopped = self._cancel_reason is not None or isinstance(error, KeyboardInterrupt | SystemExit)
            error = error if self.log.ended else self._in_hand.budget_error() or error
            if error is not None and not stopped:
                self._exception, self._traceback = error, trim_traceback(error.__traceback__)
                error.__traceback__ = self._traceback
            if not self.log.ended:
                if len(self.log) == 0:
                    self._tracker.start()
                if self._exception is not None:
                    self._tracker.fail(self._exception)
                else:
                    fallback = "its task was cancelled" if error is None else "interrupted"
                    self._tracker.cancelled(self._cancel_reason or fallback)
            _registry.release(self)

    def _settle(self) -> None:
        # The wait ends when the run has ended and `on_event` has got every event.
        with self.log.lock:
            if self.log.ended and (self._watcher is None or self._watcher.done()):
                self._finish()

    def _abandon(self) -> None:
        # It never began, or its loop was closed: it will never end by itself.
        with self.log.lock:
            self._close()
            self._finish()

    def _finish(self) -> None:
        if self._finished.done():
            return
        if self._exception is not None and not self._awaited:
            log_unawaited(self.operation, self._exception, shown=self.shown)
        self._finished.set_result(None)
        self._finished = OVER
        # What nothing of a run that is over needs: a program may hold ten thousand of them.
        if self._watcher is None or self._watcher.done():
            self._task = self._watcher = self._on_event = None
        self._body, self._context = _ended, Context()


async def _ended(_: ProgressTracker) -> Any:  # noqa: ANN401
    """Stand for the work of a run that has ended."""
