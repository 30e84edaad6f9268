"""The life of a stage: how it begins, starts over and ends. Every change of status is an event at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.errors import InvalidProgressError, RunEndedError
from progressnb.folds.state import ENDED
from progressnb.tracking.failures import error_text, hush_error
from progressnb.tracking.stage_call import StageCall
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.tracking.outbox import Outbox
    from progressnb.tracking.recorder import Recorder
    from progressnb.wire.events import StageStatus

__all__ = ["Life"]


class Life:
    """The life of one stage, whose events its outbox writes; without `contents` they have no text of an error."""

    __slots__ = ("_contents", "_finished_for", "_held", "_log", "_recorder", "box")

    def __init__(self, recorder: Recorder, box: Outbox, *, contents: bool = True) -> None:
        self.box = box
        self._contents = contents
        self._recorder = recorder
        self._log = recorder.log
        self._held = False  # by a block, or by calls of `start` and `finish`: then nothing else ends it
        self._finished_for = False  # the stage that began next, or the end of the run

    @property
    def held(self) -> bool:
        """Whether somebody has begun the stage and will end it: a block, `run`, or a call of `start`."""
        return self._held

    def start(self, message: str | None = None, **data: Any) -> None:  # noqa: ANN401
        """Begin the stage, with facts for its first event; whoever calls this ends it too."""
        with self._log.lock:
            self._held = True
            self._recorder.complete.pop(self.box.path, None)
            self.set_status("running", message, **data)

    def finish(self, message: str | None = None) -> None:
        """End the stage well."""
        self.set_status("finished", message)

    def start_over(self, attempt: int, attempts: int, reason: BaseException | str, pause: float = 0.0) -> None:
        """Report that the work starts over, and why; the percent falls. An error is kept as a non-fatal event.

        `pause` is in seconds, until the attempt begins.
        """
        wait = "" if pause <= 0 else f", in {pause:.1f} s" if pause < 10 else f", in {pause:.0f} s"  # noqa: PLR2004 - one digit of two
        with self._log.lock:
            if self._restart(reason):
                message = f"retrying, {attempt} of {attempts}{wait}: {self._blame(reason)}"
                self.set_status("retrying", message, attempt=attempt)

    def fall_back(self, reason: BaseException | str) -> None:
        """Report that the work starts over in another way, and why; the percent falls."""
        with self._log.lock:
            if self._restart(reason):
                self.set_status("fallback", self._blame(reason))

    def fail(self, error: BaseException | str) -> None:
        """End the stage as failed; an error is kept as a non-fatal event."""
        if isinstance(error, str):
            self.set_status("failed", error)
            return
        self._recorder.settle_loops(error, self.box.path)
        with self._log.lock:
            if self.open():
                self.box.flush()
                self.set_status("failed", self._blame(error))

    def cancel(self, *, arose: bool = False) -> None:
        """End the stage as cancelled; `arose` records that a cancellation, perhaps a timeout's, met its code first."""
        if arose:
            self._recorder.blame_cancellation(self.box.path)
        self.set_status("cancelled", None)

    def resume(self) -> None:
        """Report that a retry is at work again; a stage that works as a fallback goes on as one."""
        if self.box.status not in ("running", "fallback"):
            self.set_status("running", None)

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> StageCall:
        """Return the call of a function that is the stage's work."""
        return StageCall(self, self._recorder, function, args, kwargs)

    def set_status(self, status: StageStatus, message: str | None, **data: Any) -> None:  # noqa: ANN401
        """Change the status and write it at once, after what was reported under the status before."""
        box = self.box
        if status in ENDED:
            self._recorder.settle_loops(None, box.path)
        with self._log.lock:
            if not self.open(start=False):
                return
            if box.status == "pending":
                self._begin()
            box.flush()
            if message is not None:
                box.message = clean_text(str(message))
            elif status == "finished" and box.status == "retrying":
                box.message = ""  # "retrying, 2 of 3" is over
            if status in ("finished", "skipped"):
                box.work.finish(given=status == "skipped" or box.restored)
            elif status in ENDED:
                box.work.abandon()
            box.status = status
            self._recorder.waits.note(box.path, self._recorder.elapsed, is_waiting=status == "waiting")
            box.data.update(data)
            box.moved = True
            box.flush()
            if self._recorder.complete:
                self._recorder.complete.pop(self.box.path, None)

    def open(self, *, start: bool = True) -> bool:
        """Return, under the lock, whether the stage takes reports; begin it if need be, raise if it has ended."""
        box = self.box
        if box.status == "running" and not self._log.ended:  # once a token; the rest is for the rare cases
            return True
        if len(self._log) == 0:
            raise InvalidProgressError(
                "a run that has begun",
                f"an update of {self.box.path!r} before it",
                "Write `async with` before the tracker.",
            )
        if box.ended:
            if self._recorder.is_orphan():
                return False
            raise self._ended_error()
        if start and box.status == "pending":
            self._begin()
            box.status = "running"
            box.moved = True
            box.flush()
        return True

    def stand_complete(self) -> None:
        """Take note, under the lock, that 100 % was reported: the next stage ends this one, if nothing else does."""
        if not self._held:
            self._recorder.complete[self.box.path] = self._finish_complete

    def _ended_error(self) -> RunEndedError:
        what, status = f"stage {self.box.path!r}", str(self.box.status)
        remedy = "Await all work that reports before the block ends."
        if self._log.ended:
            what, status = "run", self._recorder.state.status
        elif self._finished_for:
            remedy = "A stage at 100 % ends when the next one begins, unless it is a block: `with tracker.stage(…)`."
        return RunEndedError(f"a {what} that still goes on", f"an update after it was {status}", remedy)

    def _finish_complete(self) -> None:
        self._finished_for = True
        self.finish()

    def _begin(self) -> None:
        if self._recorder.complete:
            self._recorder.finish_complete(beside=self.box.path)
        self.box.begin()

    def _blame(self, reason: BaseException | str) -> str:
        """Return the text of a reason; an error is written as a non-fatal event first."""
        if isinstance(reason, str):
            return reason
        if not self._contents:
            hush_error(reason)
        self._recorder.blame(reason, self.box.path)
        return error_text(reason)

    def _restart(self, reason: BaseException | str) -> bool:
        if not self.open():
            return False
        self._recorder.settle_loops(None if isinstance(reason, str) else reason, self.box.path)
        self.box.flush(whole=True)  # what comes now is another text
        self.box.work.restart()
        self.box.measure = None
        self._recorder.complete.pop(self.box.path, None)
        return True
