"""`Batch`: many runs of one operation, as one run."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast
from weakref import finalize, ref

from progressnb.batching.driver import Driver
from progressnb.batching.ends import Ends, recorder
from progressnb.batching.local import LocalEngine
from progressnb.batching.outcome import failed_error, frame_of, kept_history, not_kept, stopped_error, timings_of
from progressnb.batching.roll import Roll
from progressnb.batching.source import source_errors
from progressnb.batching.state import BatchItem, Ledger
from progressnb.batching.telling import now_of, plan_of
from progressnb.batching.waiting import Waiters, check_outside
from progressnb.errors import HistoryError, UnknownRunError
from progressnb.execution import runs
from progressnb.execution.kept_items import kept_run
from progressnb.execution.mirror import mirror_into, parent_of
from progressnb.execution.operation import stage_of_caller
from progressnb.execution.run import Run
from progressnb.tracking.batch_log import BatchLog
from progressnb.tracking.session import current_session, present
from progressnb.tracking.tracker import ProgressTracker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pandas as pd

    from progressnb.batching.engine import Engine
    from progressnb.batching.items import Entry, Items
    from progressnb.batching.plan import Plan
    from progressnb.errors import BatchFailed, BatchStopped
    from progressnb.execution.operation import Operation
    from progressnb.frames.columns import Zone
    from progressnb.history import BatchResults
    from progressnb.tracking.clock import Clock
    from progressnb.tracking.protocols import Watchable

__all__ = ["Batch"]

T = TypeVar("T")

_logger = logging.getLogger("progressnb")


class Batch(Run[Any], Generic[T]):
    """Many runs of one operation, to await, iterate, watch and stop as one run; `batch` begins one.

    `await batch` gives the results in the order of the inputs. `async for item in batch` yields the items as they end,
    from the first, any number of times. `batch[17]` is an item. It is a run with a log of its own: `batch.log`,
    `batch.state`, `batch.cancel()`, `batch.show()`, and `batch.wait()` in code that is not async.

    Attributes:
        plan: What was asked for.

    """

    _kind = "Batch"

    def __init__(
        self, operation: Operation[..., T], items: Items, plan: Plan, *, clock: Clock | None, show: bool | None
    ) -> None:
        self.plan = plan
        self._operation, self._items = operation, items
        self._history = kept_history()
        mirror = stage_of_caller(f"batch_{operation.name}")
        listed = items.entries() if self._history is not None and items.listed else []
        results = self._results_of(listed)
        tracker = ProgressTracker(
            f"batch_{operation.name}",
            title=plan.name,
            parent=None if mirror is None else parent_of(mirror),
            resumed_from=results.resumed_from if results is not None else None,
            clock=clock,
        )
        tracker.forecast = False
        self._batch_log = BatchLog(tracker)
        weak: ref[Batch[T]] = ref(self)
        self._roll = Roll(weak, len(listed) or items.total if items.listed else 0)
        self._ends = Ends(self._roll, self._batch_log, results, tracker.operation)
        given = plan.options.budget.limits() if plan.options.budget is not None else {}
        self._driver = Driver(plan, items, Ledger(plan.budget, given), self._ends, tracker.clock)
        if listed:
            self._driver.queue.take_listed(listed)
        self._engine: Engine | None = None
        self._waiters = Waiters()
        if mirror is not None:
            mirror_into(mirror, tracker)
        super().__init__(tracker, self._drive_items)
        if results is not None:
            results.name(self.id)
            self.on_end(finalize(self, results.release))  # of one that never begins, too
        self.on_end(self._roll.close)
        if mirror is None:
            self.shown = present(self, show=show)

    # --- what it gives -----------------------------------------------------------------------------

    @property
    def results(self) -> list[Any]:
        """The results so far in the order of the inputs; in the place of one that is missing its error, or None."""
        return [item.result if item.status == "finished" else item.error for item in self._roll.items]

    @property
    def result(self) -> list[Any] | None:
        """The results of a batch that went through all its items, else None."""
        return self.results if self.state.status == "finished" else None

    @property
    def items(self) -> list[BatchItem[T]]:
        """The items that are known, in the order of the inputs."""
        return list(self._roll.items)

    @property
    def failures(self) -> list[BatchItem[T]]:
        """The items that have failed so far, in the order of the inputs."""
        return [item for item in self._roll.items if item.status == "failed"]

    @property
    def repeated(self) -> int:
        """Results that came a second time and were dropped: what was paid twice."""
        return self._roll.repeated

    @property
    def exception(self) -> BaseException | None:
        """The error that awaiting the batch raises, as far as that is known now, or None."""
        if self._exception is not None:
            return self._exception
        ends = {"cancelled": self._stopped_error, "finished": self._failed_error}
        return ends.get(self.state.status, lambda: None)()

    def __getitem__(self, index: int) -> BatchItem[T]:
        """Return the item at a position in the inputs.

        Raises:
            IndexError: For a position at which no item is known.
            TypeError: For what is no position.

        """
        return cast("BatchItem[T]", self._roll.at(index))

    def __len__(self) -> int:
        """Return how many items are known."""
        return len(self._roll.items)

    def __bool__(self) -> bool:
        """Return True, also for a batch of no items."""
        return True

    async def __aiter__(self) -> AsyncIterator[BatchItem[T]]:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride] # items, where a run yields events
        """Yield the items as they end, from the first; raise the error of a batch that broke."""
        self._begin(self._loop_here())
        async for item in self._roll.follow(self._waiters.waiting):
            yield item
        if self._exception is not None:
            raise self._exception.with_traceback(self._traceback)

    # --- items one by one --------------------------------------------------------------------------

    def open_item(self, index: int) -> Watchable:
        """Return the run of an item: the one at work, else its record.

        Raises:
            UnknownRunError: For an item that is not there or has not begun, or whose run nobody has kept.

        """
        if not 0 <= index < len(self._roll.items):
            raise UnknownRunError(f"there is no item {index}")
        item = self._roll.items[index]
        at_work = self._engine.run_of(index) if self._engine is not None else None
        if (run := at_work or item.run) is not None:
            return run
        if item.run_id is None:
            raise UnknownRunError(f"item {index} has not begun")
        return kept_run(index, item.run_id, self._history or current_session().history)

    def title_of(self, index: int) -> str | None:
        """Return what tells an item from others before it begins, or None: `batch[17].title` gives it."""
        return self._items.title(index)

    def show_item(self, index: int) -> None:
        """Show the run of an item here, as `batch[17].show()` does."""
        present(self.open_item(index), show=True)

    # --- pandas ------------------------------------------------------------------------------------

    def frame(self) -> pd.DataFrame:
        """Return one row an item, in the order of the inputs.

        Returns:
            A DataFrame with the index of the DataFrame that the items came from, so that `frame.join(batch.frame())`
            works, or `pd.concat([frame, batch.frame()], axis=1)` where labels are there twice; else with the positions.
            The columns are `title`, `status`, `result`, `error_type`, `error`, `duration` (seconds), `cost` (US
            dollars), `attempts`, `input_tokens`, `output_tokens`, `reused`, `key` and `run_id`.

        Example:
            ::

                batch.frame().groupby("status")["cost"].sum()

        """
        return frame_of(self._roll.items, self._items.labels)

    def timings(self, *, local: Zone = False) -> pd.DataFrame:  # noqa: ARG002 - no column is a time of day
        """Return one row a stage of each item, 20 stages an item at most, also of those whose results were reused.

        Args:
            local: As for any run; no column here is a time of day.

        Returns:
            A DataFrame with the index `item`, `stage`, and the columns `status`, `duration` (seconds), `input_tokens`,
            `output_tokens` and `cost` (US dollars).

        Example:
            ::

                batch.timings().groupby("stage")["duration"].median()

        """
        return timings_of(self._roll.items, self._history)

    # --- its work ----------------------------------------------------------------------------------

    async def _drive_items(self, tracker: ProgressTracker) -> dict[str, int]:
        driver, ends = self._driver, self._ends
        engine: Literal["local", "dask"] = "local" if self.plan.on is None else "dask"
        name, total, resumable = self._operation.name, self._items.total, ends.results is not None
        self._batch_log.begin(plan_of(self.plan, name, total, engine=engine, resumable=resumable))
        if ends.results is None:
            is_told = self.shown or tracker.parent is not None  # the run around it is what somebody takes up again
            _logger.log(
                logging.INFO if is_told else logging.WARNING,
                "%s",
                not_kept(self.operation, has_history=self._history is not None),
            )
        else:
            try:
                await asyncio.to_thread(ends.results.begin, tracker.id)
            except HistoryError as error:
                _logger.warning("%s keeps no results: %s", self.operation, error)
                ends.results = None
        self._engine = await self._engine_of(tracker.id)
        with source_errors(self, self._items, self._roll, ends):
            await driver.run(self._engine, self._tell)
        self._tell()
        if (stop := driver.stop) is not None:
            self._batch_log.ended_early(stop.kind, stop.limit)
            self._cancel_reason = self._cancel_reason or stop.reason
            raise asyncio.CancelledError
        self._roll.close()
        self._items.forget()
        return self._counts()

    async def _engine_of(self, batch_id: str) -> Engine:
        options, wake = replace(self.plan.options, show=False), self._wake
        if self.plan.on is None:
            return LocalEngine(self._operation, options, batch_id, wake, payer=self._in_hand, history=self._history)
        from progressnb.batching.dask import DaskEngine

        record, pay = recorder(self.operation), self._in_hand.spend
        keeps = self._history is not None
        engine = DaskEngine(self._operation, options, batch_id, wake, self.plan, record=record, pay=pay, keeps=keeps)
        await engine.begin(self.plan.limit)
        return engine

    def _wake(self) -> None:
        if self._cancel_reason is None and self._in_hand.exceeded_above:  # nobody may wait for this batch
            self.cancel("a run above it has spent its budget")
        self._driver.wake()

    def _tell(self) -> None:
        now, titles, names = now_of(self._driver, self._engine, self._roll, self.plan, self._items.total)
        self._batch_log.now(now, items=titles, workers=names)
        self._waiters.look(self.operation, getattr(self._engine, "tasks", ()), self._operation.name)

    def _counts(self) -> dict[str, int]:
        ends = {
            end.replace(" ", "_"): self._roll.counts[end] for end in ("finished", "failed", "cancelled", "not begun")
        }
        return {"total": len(self._roll.items), **ends, "repeated": self.repeated}

    def _results_of(self, listed: list[Entry]) -> BatchResults | None:
        if self._history is None:
            return None
        keys = {entry.digest for entry in listed if entry.digest is not None} if self._items.listed else None
        try:
            return self._history.batch_results(
                self._operation, self.plan.name, keys=keys, alive={run.id for run in runs()}, reuse=self.plan.reuse
            )
        except HistoryError as error:
            _logger.warning("batch_%s keeps no results: %s", self._operation.name, error)
            return None

    def wait(self) -> Any:  # noqa: ANN401 - the results
        """Wait for the results in code that is not async, as `Run.wait` does."""
        check_outside(self.operation, self._in_hand)
        return super().wait()

    async def _wait_done(self) -> None:
        await self._waiters.wait(self._finished)

    def _loop_here(self) -> asyncio.AbstractEventLoop:
        check_outside(self.operation, self._in_hand)
        return super()._loop_here()

    # --- its end -----------------------------------------------------------------------------------

    def _outcome(self) -> Any:  # noqa: ANN401 - the results
        __tracebackhide__ = True
        if self._exception is not None:
            raise self._exception.with_traceback(self._traceback)
        if self.state.status == "cancelled":
            raise self._stopped_error()
        if not self.plan.return_errors and (error := self._failed_error()) is not None:
            first = next(item.error for item in self._roll.items if item.status != "finished")
            raise error from first
        return self.results

    def _failed_error(self) -> BatchFailed | None:
        return failed_error(self, self._operation.name, self._roll, is_kept=self._ends.results is not None)

    def _stopped_error(self) -> BatchStopped:
        reason, total = self.state.reason or self._cancel_reason, self._items.total
        return stopped_error(self, reason, self._roll, total, is_kept=self._ends.results is not None)
