"""The run of an item of a batch, read back from a history: for panels whose batch is a record or is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.errors import HistoryError, UnknownRunError
from progressnb.execution.replay import replay
from progressnb.tracking.session import current_session
from progressnb.wire.events import ItemEvent

if TYPE_CHECKING:
    from progressnb.execution.replay import Replay
    from progressnb.wire.log import EventLog

__all__ = ["kept_item", "kept_run"]


def kept_item(log: EventLog, index: int) -> Replay:
    """Return the run of an item from the history of the session.

    Args:
        log: The events of the batch.
        index: The item's index in the inputs.

    Raises:
        UnknownRunError: The item has not ended in this record, or its run is not kept.

    """
    item = next((event for event in log if isinstance(event, ItemEvent) and event.index == index), None)
    if item is None:
        raise UnknownRunError(f"item {index:,} has no end in this record")
    return kept_run(index, item.item_run_id, current_session().history)


def kept_run(index: int, run_id: str | None, history: object) -> Replay:
    """Return the run of an item, by its id, from a history. Raises `UnknownRunError` where it is not kept."""
    from progressnb.history import History

    if run_id is None or not isinstance(history, History):
        remedy = 'Call pnb.use_history("runs.db") before a batch.'
        raise UnknownRunError(f"item {index:,} is not kept: there is no history", remedy=remedy)
    try:
        return replay(run_id, speed=None, history=history, show=False)
    except (LookupError, ValueError, HistoryError) as error:
        raise UnknownRunError(f"item {index:,} is not kept: {error}") from error
