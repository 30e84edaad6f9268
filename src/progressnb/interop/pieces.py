"""The work of another library as stages: one for each piece that it tells of, by the library's own ids.

A piece that is outermost becomes a stage of the current stage or run, or begins a run of its own. A piece below another
is found by the id of that one, whatever the thread or the task. A bridge calls `begin` and `end`.

How many parts a piece has is known only at its end. So in a run of its own a part that has ended moves no percent: the
bar of such a run has none, and the output of a request has one.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from progressnb.errors import RunCancelled, RunEndedError
from progressnb.execution.driven import DrivenRun
from progressnb.execution.outcome import interrupt_reason
from progressnb.tracking import error_text, hush_error, internals, mute, note_arguments
from progressnb.tracking.clock import running_loop
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.current import current_work
from progressnb.tracking.session import present
from progressnb.wire.forks import renew_after_fork
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["MOST_STAGES", "Piece", "Pieces", "current_task"]

MOST_STAGES = 1000
"""Stages below one outermost piece, and outermost pieces in one run; what comes after them has no stage."""

_DEEPEST = 50
"""Pieces in each other that are stages; what lies deeper reports into the last of them."""

_NAME = 100  # characters

WRITES = "model"
"""The kind of a piece whose output moves its percent."""

LEFT_EARLY = "it was left before its end"

_all: WeakSet[Pieces] = WeakSet()


@atexit.register
def _end_all() -> None:
    # Work that has not ended by now never tells of its end.
    for pieces in list(_all):
        pieces.end_all()


class Piece:
    """One piece of work.

    Attributes:
        above: The piece that it belongs to, or None.
        root: The outermost piece, perhaps this one.
        tracker: The run that it reports to.
        stage: The stage that it reports into: its own, or that of the piece above.
        visible: Whether the stage is its own.
        own: The run that it began, or None.
        kind: What the bridge calls it.
        facts: What the bridge keeps of it.

    """

    __slots__ = (
        "above",
        "below",
        "depth",
        "facts",
        "key",
        "kind",
        "left_out",
        "own",
        "root",
        "stage",
        "task",
        "told",
        "tracker",
        "visible",
    )

    def __init__(
        self, key: Hashable, kind: str, above: Piece | None, tracker: ProgressTracker, stage: StageHandle
    ) -> None:
        self.key = key
        self.kind = kind
        self.above = above
        self.root: Piece = above.root if above is not None else self
        self.tracker = tracker
        self.stage = stage
        self.visible = False
        self.own: DrivenRun | None = None
        self.task: asyncio.Task[Any] | None = None
        self.depth: int = above.depth + 1 if above is not None else 0
        self.below: dict[Hashable, Piece] = {}
        self.told = 0  # stages, of a root
        self.left_out = 0  # pieces without one, of a root
        self.facts: dict[str, Any] = {}

    def check(self) -> None:
        """Raise `RunCancelled` where the run was stopped, or the stage in which the piece works was cancelled."""
        own = self.root.own
        if own is not None and own.stop_reason is not None:
            raise own.stopped_error()
        if internals(self.stage).stopped:
            raise RunCancelled(f"{self.stage.name} was stopped: the stage that it worked for was cancelled")


class Pieces:
    """The pieces of work of one library that go on.

    Args:
        show: Whether runs that begin here are shown; None follows the session.
        contents: False leaves arguments, results, outputs and the texts of errors out of all events.

    """

    def __init__(self, *, show: bool | None = None, contents: bool = True) -> None:
        self.show = show
        self.contents = contents
        self._lock = threading.Lock()
        self._open: dict[Hashable, Piece] = {}
        self._outer: WeakKeyDictionary[ProgressTracker, int] = WeakKeyDictionary()
        self._rests: WeakKeyDictionary[ProgressTracker, StageHandle] = WeakKeyDictionary()
        renew_after_fork(self)
        _all.add(self)

    def renew(self) -> None:
        """Forget the pieces that go on: in a forked process they are the parent's."""
        self._lock = threading.Lock()
        self._open = {}

    def get(self, key: Hashable) -> Piece | None:
        """Return a piece that goes on, or None."""
        return self._open.get(key)

    def place(self, key: Hashable) -> tuple[ProgressTracker, StageHandle] | None:
        """Return the run and the stage of a piece that goes on, or None."""
        piece = self._open.get(key)
        return (piece.tracker, piece.stage) if piece is not None else None

    def begin(
        self,
        key: Hashable,
        above: Hashable | None,
        title: str,
        *,
        kind: str = "work",
        hidden: bool = False,
        model: str | None = None,
        subject: str | None = None,
        arguments: Mapping[str, object] | None = None,
        task: asyncio.Task[Any] | None = None,
    ) -> Piece:
        """Begin a piece: in a stage of its own, unless it is hidden or there are too many.

        Args:
            key: The id of the piece.
            above: The id of the piece that it belongs to; an unknown one is none.
            title: Its name, and the title of its stage.
            kind: What the bridge calls it.
            hidden: Whether it reports into the stage above; an outermost piece never does.
            model: The model that works, for a run of its own.
            subject: What tells the run of its own from others of that name.
            arguments: What it is given, for a stage of its own.
            task: The task that Stop cancels, or None for code that is not async.

        Raises:
            RunCancelled: In a run that was stopped.

        """
        parent = self._open.get(above) if above is not None else None
        name = one_line(title, _NAME).strip() or kind
        if parent is None:
            own = functools.partial(self._own_run, key, name, model, subject, task)
            piece = self._outermost(key, kind, name, own)
            piece.task = task
        else:
            parent.check()
            root, stage = parent.root, parent.stage
            full = root.told >= MOST_STAGES or parent.depth >= _DEEPEST
            shown = not hidden and not full and not stage.ended
            if shown:
                root.told += 1
                stage = self._heard(stage.stage(name, title=name))
            elif full and not hidden:
                root.left_out += 1
            piece = Piece(key, kind, parent, parent.tracker, stage)
            piece.visible = shown
            with self._lock:
                parent.below[key] = piece
        if piece.visible:
            if piece.root.own is not None and kind != WRITES:
                internals(piece.stage).work = CountedWork(internals(piece.stage).work, None, None)
            with suppress(RunEndedError):
                if arguments is not None:
                    note_arguments(piece.stage, arguments)
                piece.stage.start()
        with self._lock:
            self._open[key] = piece
        return piece

    def _outermost(self, key: Hashable, kind: str, name: str, own_run: Callable[[], DrivenRun]) -> Piece:
        run, above = current_work()
        own: DrivenRun | None = None
        if above is not None and above.ended:
            above = None
        if run is not None and not run.log.ended:
            if self._is_full(run):
                return Piece(key, kind, None, run, above or self._rest_of(run))
            stage = (above or run).stage(name, title=name)
        else:
            own = own_run()
            run, stage = own.tracker, own.begin()
            own.shown = present(own, show=self.show)
        piece = Piece(key, kind, None, run, self._heard(stage))
        piece.own, piece.visible = own, True
        return piece

    def _own_run(
        self, key: Hashable, name: str, model: str | None, subject: str | None, task: asyncio.Task[Any] | None
    ) -> DrivenRun:
        """Make the run of an outermost piece; Stop cancels its task, as long as that is at work on it."""

        def stop() -> None:
            piece = self._open.get(key)  # work that blocked the loop may have ended meanwhile
            if task is not None and not own.log.ended and piece is not None and "outlived" not in piece.facts:
                task.cancel()

        def on_stop() -> None:
            if task is not None:
                with suppress(RuntimeError):  # the loop is closed
                    task.get_loop().call_soon_threadsafe(stop)

        own = DrivenRun(name, model=model, subject=subject if self.contents else None, on_stop=on_stop)
        own.tracker.leave_errors_alone()
        return own

    def _is_full(self, run: ProgressTracker) -> bool:
        """Return whether a run has got as many outermost pieces as it may; count one more."""
        with self._lock:
            self._outer[run] = number = self._outer.get(run, 0) + 1
        return number > MOST_STAGES

    def _rest_of(self, run: ProgressTracker) -> StageHandle:
        """Return the one stage of all further outermost pieces of a run."""
        with self._lock:
            stage = self._rests.get(run)
            if stage is None:
                stage = self._rests[run] = run.stage("more", title="more")
        return stage

    def _heard(self, stage: StageHandle) -> StageHandle:
        return stage if self.contents and internals(stage).contents else mute(stage)

    def end_after_those_below(self, key: Hashable, result: object = None) -> Piece | None:
        """End a piece well, as `end` does; but one below which work goes on ends with the last of that."""
        with self._lock:
            piece = self._open.get(key)
            if piece is not None and piece.below:
                piece.facts["outlived"] = result
                return piece
        return self.end(key, result=result)

    def end(self, key: Hashable, error: BaseException | None = None, result: object = None) -> Piece | None:
        """End a piece and those below it that were not ended; return it, or None where it has ended before."""
        with self._lock:
            piece = self._open.pop(key, None)
            if piece is None:
                return None
            outlived = None
            if piece.above is not None:
                piece.above.below.pop(key, None)
                if "outlived" in piece.above.facts and not piece.above.below:
                    outlived = piece.above
            below = list(piece.below)
        if error is not None and not (self.contents and internals(piece.stage).contents):
            hush_error(error)
        for each in reversed(below):
            self.end(each, error or _left(self._open.get(each)))
        with suppress(RunEndedError):
            self._end_stage(piece, error)
        if piece.own is not None:
            _end_run(piece.own, error, result, contents=self.contents)
        if outlived is not None:
            self.end(outlived.key, result=outlived.facts["outlived"])
        return piece

    def _end_stage(self, piece: Piece, error: BaseException | None) -> None:
        stage = piece.stage
        if not piece.visible or stage.ended:
            return
        if piece.left_out:
            stage.update(message=f"{piece.left_out:,} more parts have no stage", left_out=piece.left_out)
        if error is None:
            stage.finish()
        elif isinstance(error, RunCancelled) or not isinstance(error, Exception):
            stage.cancel()
        else:
            stage.fail(error)

    def end_all(self) -> None:
        """End every piece that goes on, as left early."""
        for key in [key for key, piece in self._open.items() if piece.above is None]:
            self.end(key, GeneratorExit())


def current_task() -> asyncio.Task[Any] | None:
    """Return the task of the calling code, or None outside any."""
    return asyncio.current_task() if running_loop() is not None else None


def _end_run(own: DrivenRun, error: BaseException | None, result: object, *, contents: bool) -> None:
    """End a run as its work ended: an error that is no `Exception` is a cancellation."""
    if own.log.ended:
        return
    if own.stop_reason is not None or isinstance(error, RunCancelled):
        own.stop(error_text(error) if error is not None else "")
    elif error is None:
        own.finish(result, contents=contents)
    elif isinstance(error, Exception):
        own.fail(error)
    else:
        interrupted = interrupt_reason(error, "its task was cancelled")
        own.stop(LEFT_EARLY if isinstance(error, GeneratorExit) else interrupted)


def _left(piece: Piece | None) -> BaseException | None:
    """Return how a piece ends that goes on when the one above it has ended well: one that waits has no more to do."""
    return None if piece is None or piece.stage.status == "waiting" else GeneratorExit()
