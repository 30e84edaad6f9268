"""The items of a batch as a server tells them, a page at a time: of one of this process, or of a record."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from progressnb.batching import Batch
from progressnb.errors import HistoryError
from progressnb.tracking.failures import error_text, error_type
from progressnb.wire.events import DoneEvent, ItemEvent
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.batching import BatchItem
    from progressnb.history.history import History
    from progressnb.tracking.protocols import Watchable

__all__ = ["page_of", "size_of_results"]

PAGE = 100
"""Items of one page, at most."""

BYTES = 4_000_000
"""Bytes of one page, unless one item has more."""

_SAMPLE = 50
"""Results by which the size of all is told."""


async def page_of(run: Watchable, after: int, history: History | None) -> tuple[list[dict[str, Any]], int | None]:
    """Return the items of a batch behind an index, in the order of the inputs, and the index after which to go on.

    That is None where there are no more. A run that is no batch has no items. Of a batch that is not at work in this
    process only items that have ended are known, and their results where the history keeps contents.
    """
    if isinstance(run, Batch):
        known: list[BatchItem[Any]] = run.items  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # of any result
        return _bounded(_item(item) for item in known[after + 1 : after + 2 + PAGE])
    return await asyncio.to_thread(_recorded, run, after, history)


def _recorded(run: Watchable, after: int, history: History | None) -> tuple[list[dict[str, Any]], int | None]:
    ended = {event.index: event for event in run.log if isinstance(event, ItemEvent) and event.index > after}
    events = (ended[index] for index in sorted(ended)[: PAGE + 1])
    return _bounded(_of_record(event, history) for event in events)


def _bounded(items: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], int | None]:
    page, room = list[dict[str, Any]](), BYTES
    for item in items:
        room -= len(to_json(item))
        if page and (room < 0 or len(page) == PAGE):
            return page, int(page[-1]["index"])
        page.append(item)
    return page, None


def _item(item: BatchItem[Any]) -> dict[str, Any]:
    error = item.error
    return {
        "index": item.index,
        "status": item.status,
        "result": jsonable(item.result),
        "error": None if error is None else error_text(error),
        "error_type": None if error is None else error_type(error),
        "attempts": item.attempts,
        "cost": item.cost,
        "duration": item.duration,
        "reused": item.reused,
        "run_id": item.run_id,
    }


def _of_record(event: ItemEvent, history: History | None) -> dict[str, Any]:
    names = ("index", "status", "error", "error_type", "attempts", "cost", "duration", "reused")
    facts = {name: getattr(event, name) for name in names}
    return {**facts, "result": _result(event, history), "run_id": event.item_run_id}


def _result(event: ItemEvent, history: History | None) -> object:
    if history is not None and event.item_run_id is not None and event.status == "finished":
        with suppress(LookupError, ValueError, HistoryError):  # its run is not kept any more
            last = history.log(event.item_run_id)[-1]
            return last.result if isinstance(last, DoneEvent) else None
    return None


def size_of_results(batch: Batch[Any]) -> int:
    """Return about how many bytes the results of a batch that has ended have, by some of them."""
    results = [item.result for item in batch.items if item.result is not None]
    chosen = results[:: max(1, len(results) // _SAMPLE)]
    return sum(len(to_json(jsonable(each))) for each in chosen) * len(results) // max(1, len(chosen))
