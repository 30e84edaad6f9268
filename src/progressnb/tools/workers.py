"""`workers`: what worker processes do is seen below the current stage, while they do it.

The block listens at a socket that only processes of this user reach, who know the key that `multiprocessing` gives to
each process that it begins. What comes is JSON: nothing of it is run.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import threading
import time
from contextlib import contextmanager, suppress
from multiprocessing.connection import Client, Listener, wait
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from progressnb.errors import RunCancelled
from progressnb.execution.driven import DrivenRun
from progressnb.execution.run import runs
from progressnb.tools.links import AT_WORK, Link
from progressnb.tools.stops import Stops
from progressnb.tools.worker import reason_to_stop, send_all
from progressnb.tracking.current import current_stage, internals, set_stage
from progressnb.tracking.session import present
from progressnb.tracking.tracker import current_run, enter_run, leave_run
from progressnb.tracking.worker import Offer, join, offer, take_places
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["Workers", "workers"]

P = ParamSpec("P")
T = TypeVar("T")

TURN = 0.1
"""Seconds between two messages of one worker that only move its stages on, where there are few workers."""

TURN_EACH = 0.01
"""Seconds that each further worker adds to everybody's turn: all together send a hundred messages a second."""

PATIENCE = 2.0
"""Seconds that the end of a block waits for workers that are still at work."""

_LOOK = 0.1  # seconds between two looks at what is to be cancelled

_logger = logging.getLogger("progressnb")

_open: list[Workers] = []


class Workers:
    """The object of `with pnb.workers() as workers`, for processes that were begun before the block, or elsewhere.

    Attributes:
        initializer: A function without arguments that lets a worker process report; for
            `ProcessPoolExecutor(initializer=…)` and `multiprocessing.Pool(initializer=…)`.

    """

    def __init__(self, run: ProgressTracker, above: StageHandle | None) -> None:
        self._run = run
        self._above = above
        self._whole = next((each for each in runs() if each.id == run.id), None)  # a tracker alone is no `Run`
        self._links: list[Link] = []
        self._arrived: list[Any] = []
        self._lock = threading.Lock()
        self._numbers = 0
        self._told: str | None = None  # the reason why workers were stopped
        self._ends_at: float | None = None
        self._key = bytes(multiprocessing.current_process().authkey)
        self._listener = Listener(backlog=64, authkey=self._key)
        self.offer = Offer(self._listener.address, os.getpid())
        self.initializer: Callable[[], None] = functools.partial(join, self.offer)
        self._threads = [
            threading.Thread(target=work, name="progressnb-workers", daemon=True) for work in (self._accept, self._read)
        ]

    def __repr__(self) -> str:
        """Say how many workers have reported."""
        return f"<workers: {self._numbers} have reported>"

    def wrap(self, function: Callable[P, T]) -> Callable[P, T]:
        """Return a function that reports from whatever process it is called in, as of joblib's pool, which stays.

        Args:
            function: The function. It must be one that can be pickled, if the pool pickles it.

        Returns:
            A function of the same arguments and the same result. After Cancel it raises `RunCancelled` at once.

        Example:
            ::

                with pnb.workers() as workers:
                    joblib.Parallel(n_jobs=2)(joblib.delayed(workers.wrap(abs))(number) for number in range(4))

        """
        return _Reporting(function, self.offer)

    # --- the block ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin to listen, and let processes that begin from now on know it."""
        for thread in self._threads:
            thread.start()
        _open.append(self)
        _publish()

    def end(self) -> None:
        """Take what workers have still to say, and end their stages; those that go on are waited for a moment."""
        _open.remove(self)
        _publish()
        self._ends_at = time.monotonic() + PATIENCE
        self._tell(kind="end")
        threading.Thread(target=self._knock, daemon=True).start()
        for thread in self._threads:
            thread.join(PATIENCE + 1)
        for link in self._links:
            link.end(AT_WORK)
        self._listener.close()

    def _knock(self) -> None:
        """Wake the thread that waits for the next worker."""
        with suppress(Exception):
            Client(self._listener.address, authkey=self._key).close()

    def close_files(self) -> None:
        """Close the files in a forked process: the end of a connection is seen when all who have it are gone."""
        for link in self._links:
            link.connection.close()
        self._listener.close()

    # --- the workers ----------------------------------------------------------------------------------

    def _accept(self) -> None:
        while self._ends_at is None:
            try:
                connection = self._listener.accept()
            except Exception:
                _logger.debug("nobody could be let in", exc_info=True)
            else:
                with self._lock:
                    self._arrived.append(connection)

    def _read(self) -> None:
        """Take what workers say, until the block has ended and nothing more will come."""
        while True:
            with self._lock:
                arrived, self._arrived = self._arrived, []
            for connection in arrived:
                self._add(connection)
            self._cancel()
            speaking = {link.connection: link for link in self._links if link.is_open}
            if self._ends_at is not None:
                settled = not arrived and all(link.is_settled for link in self._links)
                if settled or time.monotonic() > self._ends_at:
                    return
            if speaking:
                for connection in wait(list(speaking), timeout=_LOOK):
                    speaking[connection].read()  # type: ignore[index] # they are what was waited for
            else:
                time.sleep(_LOOK / 10)
            for link in self._links:
                link.settle()

    def _add(self, connection: Any) -> None:  # noqa: ANN401 - multiprocessing's
        """Take in a worker, and give everybody longer turns."""
        link = Link(connection, self._stage_of)
        link.tell(turn=self._turn(), contents=self._above is None or internals(self._above).contents)
        if self._told is not None:
            link.tell(kind="cancel", reason=self._told)
        if self._ends_at is not None:
            link.tell(kind="end")
        self._links.append(link)
        self._tell(kind="turn", turn=self._turn())

    def _turn(self) -> float:
        return TURN + TURN_EACH * sum(link.is_open for link in self._links)

    def _stage_of(self, process: int) -> StageHandle:
        """Begin the stage of a worker. It fills nothing of the percent: nobody knows how much there is to do."""
        self._numbers += 1
        title = f"worker {self._numbers}"
        stage = (self._above or self._run).stage("worker", weight=0, title=title)
        internals(stage).life.start(f"process {process}")
        return stage

    def _tell(self, **facts: Any) -> None:  # noqa: ANN401 - plain data
        for link in self._links:
            link.tell(**facts)

    def _cancel(self) -> None:
        """Tell the workers to stop, once, when their work is not wanted any more."""
        if self._told is not None:
            return
        if self._whole is not None and self._whole.stop_reason is not None:
            self._told = self._whole.stop_reason
        elif self._above is not None and internals(self._above).stopped:
            self._told = "cancelled"
        elif self._run.state.status == "cancelled":
            self._told = self._run.state.reason or "cancelled"
        if self._told is not None:
            self._tell(kind="cancel", reason=self._told)


class _Reporting(Generic[P, T]):
    """A function that reports to a block."""

    def __init__(self, function: Callable[P, T], accepted: Offer) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._offer = accepted

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._offer.process == os.getpid():
            return self._function(*args, **kwargs)
        join(self._offer)
        if (reason := reason_to_stop(self._offer)) is not None:
            raise RunCancelled(f"the work was stopped: {reason}")
        try:
            result = self._function(*args, **kwargs)
        except BaseException as error:
            send_all(self._offer, error)
            raise
        send_all(self._offer, None)
        return result


@contextmanager
def workers(*, show: bool | None = None) -> Generator[Workers]:
    """Show what worker processes do below the current stage, as long as the block lasts.

    Each process that `multiprocessing`, `ProcessPoolExecutor` or joblib begins in the block has a stage as soon as its
    code reports: `pnb.track`, `pnb.current_stage()`, operations and agents in it are seen below that stage, while they
    work. It fills nothing of the percent: `pnb.track(executor.map(…))` beside it counts what is done. A process that is
    killed is a failed stage. Cancel ends loops of workers once their item at work is done.

    Outside any run the block is a run of its own. For pools that were begun before the block there are `initializer`
    and `wrap` of the object that the block gives.

    Args:
        show: Whether a run that begins by itself is shown; None follows the session.

    Yields:
        The `Workers` of the block.

    Example:
        ::

            def work(number: int) -> int:
                for _ in pnb.track(range(100), "steps"):
                    ...
                return number

            with pnb.workers(), ProcessPoolExecutor() as executor:
                results = list(pnb.track(executor.map(work, range(20)), "numbers", total=20))

    """
    run, above = current_run(), current_stage()
    if above is not None and above.ended:
        above = None
    if run is not None and not run.log.ended:
        with _listening(Workers(run, above)) as block:
            yield block
        return
    own = DrivenRun("workers", on_stop=lambda: stops.stop(own.stop_reason or "cancelled"))
    stops = Stops(own.tracker)
    stage = own.begin()
    stage.start()
    own.shown = present(own, show=show)
    before = enter_run(own.tracker)
    set_stage(stage)
    try:
        with _listening(Workers(own.tracker, stage)) as block:
            yield block
    except BaseException as error:
        leave_run(before)
        _end(own, stage, error)
        raise
    leave_run(before)
    _end(own, stage, None)


def _end(own: DrivenRun, stage: StageHandle, error: BaseException | None) -> None:
    if own.log.ended:
        return
    if own.stop_reason is not None or isinstance(error, RunCancelled) or not isinstance(error, Exception | None):
        stage.cancel()
        own.stop("it was left before its end")
    elif error is not None:
        stage.fail(error)
        own.fail(error)
    else:
        stage.finish()
        own.finish()


@contextmanager
def _listening(block: Workers) -> Generator[Workers]:
    block.begin()
    try:
        yield block
    finally:
        block.end()


def _publish() -> None:
    offer(tuple(each.offer for each in _open))


def _after_fork() -> None:
    if _open:
        for each in _open:
            each.close_files()
        _open.clear()
        take_places()


after_fork(_after_fork)
