"""The outcome of a batch: its errors, and its items and their stages as DataFrames."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from progressnb.batching.local import STAGE_NAMES, stages_of
from progressnb.errors import BatchFailed, BatchStopped, HistoryError
from progressnb.folds.state import RunState
from progressnb.history import History
from progressnb.tracking.failures import error_text, error_type
from progressnb.tracking.session import current_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from progressnb.batching.roll import Roll
    from progressnb.batching.state import BatchItem

__all__ = ["failed_error", "frame_of", "kept_history", "not_kept", "stopped_error", "timings_of"]

_logger = logging.getLogger("progressnb")

_COLUMNS = ("duration", "cost", "attempts", "input_tokens", "output_tokens", "reused", "key", "run_id")


def failed_error(batch: Any, operation: str, roll: Roll, *, is_kept: bool) -> BatchFailed | None:  # noqa: ANN401 - whose module needs this one
    """Return the error of a batch of which items failed or were cancelled alone; None where all have finished."""
    parts = [f"{roll.counts[name]:,} {name}" for name in ("failed", "cancelled") if roll.counts[name]]
    if not parts:
        return None
    first = next(item for item in roll.items if item.status in ("failed", "cancelled"))
    why = "" if first.error is None else f": {error_type(first.error)}: {error_text(first.error)}"
    again = " The same call with reuse=True runs them alone again." if is_kept else ""
    there = "Their errors are in batch.failures." if not roll.counts["finished"] else "The others are in batch.results."
    return BatchFailed(
        f"{len(roll.items):,} {'result' if len(roll.items) == 1 else 'results'} of {operation}",
        f"{' and '.join(parts)}, first item {first.index}{why}",
        f"{there}{again}",
        batch=batch,
    )


def stopped_error(batch: Any, reason: str | None, roll: Roll, total: int | None, *, is_kept: bool) -> BatchStopped:  # noqa: ANN401
    """Return the error of a batch that was stopped."""
    finished = roll.counts["finished"]
    results = "result" if finished == 1 and total in (None, 1) else "results"
    of = "" if total is None else f" of {total:,}"
    why = "" if reason in (None, "", "cancelled") else f": {reason}"
    again = " Make the same call again to go on." if is_kept else ""
    return BatchStopped(
        f"{batch.operation} was stopped after {finished:,}{of} {results}{why}",
        remedy=f"{'What is done is in batch.results.' if finished else ''}{again}".strip(),
        batch=batch,
    )


def frame_of(items: Sequence[BatchItem[Any]], labels: Any) -> pd.DataFrame:  # noqa: ANN401 - an index, or None
    """Return one row an item."""
    from progressnb.frames import items_frame

    if labels is not None and not labels.is_unique:
        _logger.warning(
            "the index of the items has labels twice, so that join gives a row for each pair of these; "
            "pd.concat([frame, batch.frame()], axis=1) puts them side by side"
        )
    columns: dict[str, list[object]] = {
        "title": [item.title for item in items],
        "status": [item.status for item in items],
        "result": [item.result for item in items],
        "error_type": [None if item.error is None else error_type(item.error) for item in items],
        "error": [None if item.error is None else error_text(item.error) for item in items],
    }
    for name in _COLUMNS:
        columns[name] = [getattr(item, name) for item in items]
    return items_frame(columns, labels)


def timings_of(items: Sequence[BatchItem[Any]], history: object) -> pd.DataFrame:
    """Return one row a stage of each item; those of a result that was there before come from the history."""
    from progressnb.frames import item_stages_frame

    for item in items:
        if item.reused and item.run_id is not None and not item.stages and isinstance(history, History):
            with suppress(LookupError, ValueError, HistoryError):  # its run is not kept any more
                item.stages = stages_of(RunState.of(history.log(item.run_id)))
    rows = [(item.index, *stage) for item in items for stage in item.stages]
    return item_stages_frame(rows, ("item", "stage", *STAGE_NAMES))


def not_kept(operation: str, *, has_history: bool) -> str:
    """Return the sentence that says at the start of a batch that its results are not kept."""
    why = "its history can't be used" if has_history else "there is no history that keeps contents"
    remedy = 'pnb.use_history("runs.db", contents=True) lets the same call go on'
    return f"the results of {operation} are not kept, since {why}: a batch that is stopped begins anew. {remedy}"


def kept_history() -> History | None:
    """Return the history of the session, if it keeps contents, so that results may be committed to it."""
    history = current_session().history
    return history if isinstance(history, History) and history.contents else None
