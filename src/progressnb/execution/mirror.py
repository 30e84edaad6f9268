"""A child run as one stage of the run that called it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.execution.reused import reused_in
from progressnb.folds.words import remaining_seconds
from progressnb.tracking.budget import USAGE
from progressnb.tracking.current import internals
from progressnb.wire.events import ContentEvent, ErrorEvent, Parent, ProgressEvent, is_last

if TYPE_CHECKING:
    from progressnb.folds.state import RunState
    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.events import Event

__all__ = ["Mirror", "mirror_into", "parent_of"]


def parent_of(stage: StageHandle) -> Parent:
    """Return what a child run says of the stage that is its caller's."""
    return Parent(run_id=internals(stage).run_id, stage=stage.path)


def mirror_into(stage: StageHandle, tracker: ProgressTracker) -> None:
    """Report a child run into its stage; what stops or limits the caller does so for the child."""
    tracker.log.subscribe(Mirror(stage, tracker.state))
    tracker.controls_of_run.put_below(internals(stage).controls, internals(stage))


class Mirror:
    """Report the events of a run into a stage of another: percent, messages, output, usage, and the end.

    `state` is the fold of the child's events. It is up to date when an event comes here.
    """

    def __init__(self, stage: StageHandle, state: RunState) -> None:
        self._stage = stage
        self._state = state
        self._writer: str | None = None
        self._waiting: set[str] = set()  # the child's stages that wait for a person
        self._usage: dict[str, float] = {}  # that was reported
        internals(stage).billed = False  # the controls of the child count its usage as it comes

    def __call__(self, event: Event) -> None:
        """Report one event; after the end of the caller, which did not wait for this run, only what it spends."""
        stage = self._stage
        tells = event.type == "item" or (isinstance(event, ProgressEvent) and not event.data.keys().isdisjoint(USAGE))
        if is_last(event) or tells:
            self._spend()
        if stage.ended:
            return
        if stage.status == "pending":
            stage.start()
        if is_last(event):
            self._end(event)
        elif isinstance(event, ProgressEvent):
            # A silence is not a report. The stage of the caller notices its own silence.
            if "silence" not in event.data:
                # The percent of the child is a measure where the child itself tells a time.
                internals(stage).work.is_estimate = remaining_seconds(self._state, event.elapsed) is None
                stage.update(event.overall_progress, event.message)
                self._wait(event)
        elif isinstance(event, ContentEvent):
            reset = event.reset or (event.part == "output" and event.stage != self._writer)
            self._writer = event.stage if event.part == "output" else self._writer
            stage.write(event.delta or "", part=event.part, kind=event.kind, reset=reset)

    def _wait(self, event: ProgressEvent) -> None:
        is_known = (event.status == "waiting") == (event.stage in self._waiting)
        if event.stage is None or (is_known and event.data.get("waiting_for") is None):
            return
        life = internals(self._stage).life
        if event.status == "waiting":
            self._waiting.add(event.stage)
            facts = {key: event.data[key] for key in ("waiting_for", "arguments") if key in event.data}
            life.set_status("waiting", event.message, **facts)
            return
        self._waiting.discard(event.stage)
        if not self._waiting:
            decided = {key: value for key, value in event.data.items() if key == "approval_decision"}
            life.set_status("running", "", waiting_for=None, **decided)

    def _spend(self) -> None:
        # As it comes, and not at the end: the caller may end before, and whatever ended badly was paid too.
        usage = self._state.usage
        news = {key: usage[key] - self._usage.get(key, 0) for key in usage if usage[key] != self._usage.get(key)}
        if news:
            self._usage = usage
            internals(self._stage).carry_usage(news)

    def _end(self, event: Event) -> None:
        stage = self._stage
        if reused := reused_in(self._state):
            internals(stage).carry(reused=reused)
        if isinstance(event, ErrorEvent):
            stage.fail(event.message if internals(stage).contents else event.error_type)
        elif event.type == "done":
            stage.finish()
        else:
            stage.cancel()
