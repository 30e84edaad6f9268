"""The life of a stage: how it begins, starts over and ends. Every change of status is an event at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.errors import InvalidProgressError, RunEndedError
from progressnb.tracking.failures import error_text
from progressnb.tracking.outbox import ThinnedStage
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from progressnb.wire.events import StageStatus

__all__ = ["LivingStage"]


class LivingStage(ThinnedStage):
    """A stage that begins, starts over and ends, and refuses reports after its end."""

    def start(self, message: str | None = None) -> None:
        """Begin the stage; entering its block does this."""
        self._set_status("running", message)

    def retry(self, attempt: int, attempts: int) -> None:
        """Say that the work starts over: attempt 2 of 3."""
        self._set_status("retrying", f"retrying, {attempt} of {attempts}", attempt=attempt)

    def start_over(self, attempt: int, attempts: int, error: BaseException) -> None:
        """Say that the work starts over after an error, which is kept as a non-fatal event; the percent falls."""
        with self._log.lock:
            if self._open():
                self._flush()
                self.work.restart()
                self.measure = None
                self._recorder.blame(error, self.path)
                message = f"retrying, {attempt} of {attempts}: {error_text(error)}"
                self._set_status("retrying", message, attempt=attempt)

    def fall_back(self, reason: BaseException | str) -> None:
        """Say that the work starts over in another way, and why; the status stays until the stage ends.

        The stage's percent starts over, the overall percent holds. An error is kept as a non-fatal event.
        """
        with self._log.lock:
            if self._open():
                self._flush()
                self.work.restart()
                self.measure = None
                if isinstance(reason, str):
                    text = reason
                else:
                    self._recorder.blame(reason, self.path)
                    text = error_text(reason)
                self._set_status("fallback", text)

    def finish(self, message: str | None = None) -> None:
        """End the stage well; leaving its block does this."""
        self._set_status("finished", message)

    def skip(self, message: str | None = None) -> None:
        """End the stage without its work; its share counts as done."""
        self._set_status("skipped", message)

    def fail(self, error: BaseException | str) -> None:
        """End the stage as failed; it keeps the percent that it had."""
        if isinstance(error, str):
            self._set_status("failed", error)
            return
        with self._log.lock:
            if self._open():
                self._flush()
                self._recorder.blame(error, self.path)
                self._set_status("failed", error_text(error))

    def cancel(self) -> None:
        """End the stage as cancelled; this does not stop the run."""
        self._set_status("cancelled", None)

    def resume(self) -> None:
        """Say that a retry is at work again; what works as a fallback goes on as one."""
        if self.status not in ("running", "fallback"):
            self._set_status("running", None)

    def _set_status(self, status: StageStatus, message: str | None, **data: Any) -> None:  # noqa: ANN401
        with self._log.lock:
            if not self._open(start=False):
                return
            if self.status == "pending":
                self._begin()
            self._flush()
            if message is not None:
                self._message = clean_text(message)
            elif status == "finished" and self.status == "retrying":
                self._message = ""  # "retrying, 2 of 3" is over
            if status in ("finished", "skipped"):
                self.work.finish()
            self.status = status
            self._data.update(data)
            self._moved = True
            self._flush()

    # --- inside, under the lock --------------------------------------------------------------------

    def _open(self, *, start: bool = True) -> bool:
        if self.status == "running" and not self._log.ended:  # once a token; the rest is for the rare cases
            return True
        if len(self._log) == 0:
            raise InvalidProgressError(
                "a run that has begun",
                f"an update of {self.path!r} before it",
                "Write `async with` before the tracker.",
            )
        if self.ended:
            if self._recorder.is_orphan():
                return False
            what = "run" if self._log.ended else f"stage {self.path!r}"
            raise RunEndedError(
                f"a {what} that still goes on",
                f"an update after it was {self._recorder.state.status if what == 'run' else self.status}",
                "Await all work that reports before the block ends.",
            )
        if start:
            self._start()
        return True

    def _start(self) -> None:
        if self.status == "pending":
            self._begin()
            self.status = "running"
            self._moved = True
            self._flush()
