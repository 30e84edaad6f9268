"""The local engine: each attempt is a run on the loop of the batch."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.batching.engine import Engine, Job, Outcome
from progressnb.batching.gate import TOO_MANY
from progressnb.errors import HistoryError
from progressnb.tracking.budget import USAGE
from progressnb.wire.events import ErrorEvent, Parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from progressnb.execution.operation import Operation
    from progressnb.execution.run import Run
    from progressnb.execution.using import Options
    from progressnb.folds.state import RunState
    from progressnb.history import History
    from progressnb.tracking.controls import Controls
    from progressnb.tracking.protocols import KeptResults
    from progressnb.wire.batch import WorkerNow
    from progressnb.wire.events import Event

__all__ = ["STAGE_NAMES", "LocalEngine", "is_refusal", "outcome_of", "stages_of", "usage_of"]

STAGE_NAMES = ("status", "duration", "input_tokens", "output_tokens", "cost")
"""The figures of a stage that a batch keeps, behind its path."""

_STAGES = 20
"""Stages of an item whose figures are kept."""

_logger = logging.getLogger("progressnb")


class LocalEngine(Engine):
    """Run attempts here.

    Args:
        operation: The operation.
        options: The options of each run.
        batch_id: The id of the batch's run, which each run names as its parent.
        wake: Called, from any thread, when an attempt has ended.
        payer: The controls of the batch, for which what an item spends counts.
        history: The history that keeps the results of stages: a further attempt reuses those that have finished.

    """

    name: Literal["local", "dask"] = "local"

    def __init__(
        self,
        operation: Operation[..., Any],
        options: Options,
        batch_id: str,
        wake: Callable[[], None],
        *,
        payer: Controls | None = None,
        history: History | None = None,
    ) -> None:
        self._payer, self._history = payer, history
        self._operation, self._options, self._batch_id, self._wake = operation, options, batch_id, wake
        self._runs: dict[int, Run[Any]] = {}
        self.inbox: deque[Outcome] = deque()
        self.refused: deque[int] = deque()
        self.deaths = 0
        self.gone: str | None = None

    @property
    def capacity(self) -> int | None:
        """Any number."""
        return None

    @property
    def tasks(self) -> set[object]:
        """The tasks of the attempts at work."""
        return {run.task for run in self._runs.values() if run.task is not None}

    def submit(self, job: Job) -> None:
        """Begin a run in a copy of this context."""
        parent = Parent(run_id=self._batch_id, stage=str(job.index))
        kept = self._kept(job.before)
        before = None if kept is None else job.before
        run = self._operation.begin_item(
            job.arguments, self._options, parent, self._payer, resumed_from=before, kept=kept
        )
        self._runs[job.index] = run
        run.log.subscribe(lambda event: self._look(job.index, event))
        run.on_end(lambda: self._end(job.index, run))

    def cancel(self, index: int, reason: str) -> None:
        """Cancel a run."""
        if (run := self._runs.get(index)) is not None:
            run.cancel(reason)

    def spent(self, index: int) -> Mapping[str, float]:
        """Return what a run has spent so far."""
        run = self._runs.get(index)
        return {} if run is None else usage_of(run)

    def run_of(self, index: int) -> Run[Any] | None:
        """Return the run at work."""
        return self._runs.get(index)

    def workers(self) -> dict[str, WorkerNow] | None:
        """Return None: there are none."""
        return None

    async def close(self) -> None:
        """Forget the runs."""
        self._runs.clear()

    def _kept(self, before: str | None) -> KeptResults | None:
        """Return the results of the stages that an attempt before has finished, or None."""
        if before is None or self._history is None:
            return None
        try:
            kept = self._history.kept_before(before)
        except (HistoryError, LookupError) as error:
            _logger.debug("the stages of %s can't be reused", before, exc_info=error)
            return None
        return kept if kept.results else None

    def _look(self, index: int, event: Event) -> None:
        if is_refusal(event):
            self.refused.append(index)
            self._wake()

    def _end(self, index: int, run: Run[Any]) -> None:
        outcome = outcome_of(index, run)
        outcome.run = run
        if self._runs.get(index) is run:
            del self._runs[index]
        self.inbox.append(outcome)
        self._wake()


def is_refusal(event: object) -> bool:
    """Return whether an event tells of a stage that was refused with HTTP 429, and goes on or tries again by itself."""
    return isinstance(event, ErrorEvent) and not event.fatal and event.data.get("status_code") == TOO_MANY


def outcome_of(index: int, run: Run[Any]) -> Outcome:
    """Return the end of an attempt, without its run, so that it can be sent to another process."""
    state = run.state
    return Outcome(
        index,
        cast("Literal['finished', 'failed', 'cancelled']", state.status),
        result=run.result,
        error=run.exception,
        usage=usage_of(run),
        run_id=run.id,
        title=state.subject,
        stages=stages_of(state),
        error_stage=state.error_stage,
    )


def usage_of(run: Run[Any]) -> dict[str, float]:
    """Return what a run has spent so far, as far as that is known."""
    usage = dict(run.state.usage)
    if usage and (cost := run.cost) is not None:  # with what came late
        usage["cost"] = cost
    return usage


def stages_of(state: RunState) -> tuple[tuple[object, ...], ...]:
    """Return a row a stage: path, status, seconds, tokens in and out, dollars."""
    rows: list[tuple[object, ...]] = []
    for _, stage in state.walk():
        if len(rows) == _STAGES:
            break
        amounts = (stage.data.get(key) for key in USAGE)
        rows.append((stage.path, str(stage.status), stage.duration, *amounts))
    return tuple(rows)
