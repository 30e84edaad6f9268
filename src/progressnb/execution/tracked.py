"""The state of a run that a tracker of this process writes, with what no event carries yet."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from progressnb.execution.base import BaseRun
from progressnb.folds.shapes import added
from progressnb.tracking.in_hand import InHand

if TYPE_CHECKING:
    from progressnb.folds.state import RunState
    from progressnb.tracking.controls import Controls
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import RunStatus

__all__ = ["TrackedRun"]

T = TypeVar("T")


class TrackedRun(InHand, BaseRun[T]):
    """The part of a run of this process that only reads its tracker."""

    def __init__(self, tracker: ProgressTracker) -> None:
        super().__init__(tracker.log, tracker.state, tracker.clock)
        self._tracker = tracker
        self._cancel_reason: str | None = None

    @property
    def stop_reason(self) -> str | None:
        """The reason for which somebody wants the run to stop, or None; its work may still go on."""
        return self._cancel_reason

    @property
    def status(self) -> RunStatus | Literal["cancelling"]:
        """Pending, running, cancelling, finished, failed or cancelled. `state.status` is what the events say.

        A run that was cancelled is cancelling as long as its code is at work, for instance in a `finally`.
        """
        ended = self.state.ended or self._cancel_reason is None
        return self.state.status if ended else "cancelling"

    @property
    def state(self) -> RunState:
        """The fold of the events, with the percents and messages that the next ones will carry."""
        return self._tracker.state

    @property
    def elapsed(self) -> float:
        """Seconds since the run began; its duration once it has ended."""
        return self._tracker.elapsed

    @property
    def partial(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The output of the stage that wrote last, as plain data; None before anything is written."""
        return self._tracker.partial

    @property
    def partials(self) -> dict[str, Any]:
        """The output so far of every stage that writes one, as of several agents, as plain data by the stage's name.

        A second stage of a name is `name#2`. Where stages at several places have one name, the keys are their paths.

        Example:
            ::

                run.partials["research"]

        """
        return self._tracker.partials

    @property
    def cost(self) -> float | None:
        """US dollars that the run has spent so far, with the runs that it called; None where no cost is known.

        What failed, timed out or was cancelled has been paid all the same, and counts. Runs that it called and that go
        on after its end count here and in histories; `state.usage` has what the run's events tell.
        """
        known = [usage["cost"] for usage in (self.state.usage, self._in_hand.late) if "cost" in usage]
        return reduce(added, known) if known else None

    @property
    def _in_hand(self) -> Controls:
        return self._tracker.controls_of_run
