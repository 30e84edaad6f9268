"""`act`: an act on any run that comes as data, as a page or a panel sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.errors import InvalidProgressError
from progressnb.tracking.acts import read_act
from progressnb.tracking.in_hand import InHand

if TYPE_CHECKING:
    from progressnb.execution.base import BaseRun
    from progressnb.tracking.controls import By
    from progressnb.tracking.tracker import ProgressTracker

__all__ = ["act"]


def act(run: BaseRun[Any] | ProgressTracker, message: object, *, by: By = "page") -> None:
    """Check a message and do to a run what it says, as `run.act` does. A run that is only watched can be stopped.

    Args:
        run: The run.
        message: A mapping with `kind` (`"stop"`, `"enough"`, `"say"`, `"approve"` or `"deny"`), `stage` (a path;
            needed to approve and deny) and `text` (the word, or the reason).
        by: Who acts: `"page"`, `"panel"` or `"code"`.

    Raises:
        InvalidProgressError: For a message of another shape, and where the run can't do that now.
        UnknownStageError: For a stage where no call waits for approval.
        RunEndedError: After the end of the run.

    Example:
        ::

            act(run, {"kind": "say", "text": "shorter, please"}, by="panel")

    """
    if isinstance(run, InHand):
        run.act(message, by=by)
        return
    wanted = read_act(message)
    if wanted.kind != "stop":
        watched = f"one that is only watched here, to {wanted.kind}"
        raise InvalidProgressError("a run of this process", watched, "It can be stopped here.")
    run.cancel(wanted.text)
