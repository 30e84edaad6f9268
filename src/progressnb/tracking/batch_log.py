"""The writer of a batch's events: the one place where the ends of items and what is at work now are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.tracking.percent import FULL
from progressnb.wire.events import ItemEvent
from progressnb.wire.plain import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.tracking.recorder import Recorder
    from progressnb.tracking.tracker import ProgressTracker
    from progressnb.wire.batch import BatchNow, BatchPlan
    from progressnb.wire.items import ItemEnd

__all__ = ["BatchLog"]

LONGEST = 10_000
"""Characters of a title or of an error that an event carries; the item's own run has all of it."""


class BatchLog:
    """Write what happens to a batch into the log of its run, from any thread.

    The run's percent is the share of its items that have ended.
    """

    def __init__(self, tracker: ProgressTracker) -> None:
        # The tracker belongs to users, who need no recorder.
        self._recorder: Recorder = tracker._recorder  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        self._ended = 0
        self._total: int | None = None

    def begin(self, plan: BatchPlan) -> None:
        """Tell what the batch was asked to do, once, when its run has begun."""
        self._total = plan.total
        self._recorder.tell({"batch": plan.model_dump(mode="json")})

    def item(self, item: ItemEnd) -> None:
        """Tell the end of an item."""
        recorder = self._recorder
        with recorder.log.lock:
            self._ended += 1
            self._rise()
            fields: dict[str, Any] = {name: _clean(value) for name, value in item}
            recorder.record(ItemEvent, **fields)

    def now(
        self,
        now: BatchNow,
        *,
        items: Mapping[int, str | None] | None = None,
        workers: Mapping[int, str | None] | None = None,
    ) -> None:
        """Tell what is at work now, about once a second and where it matters at once.

        Args:
            now: The facts.
            items: Titles of items at work, by index.
            workers: Names of workers, by number.

        """
        words = {"items": _texts(items), "workers": _texts(workers)}
        data: dict[str, Any] = {"batch_now": now.model_dump(mode="json")}
        if any(words.values()):
            data["batch_words"] = words
        with self._recorder.log.lock:
            if now.total is not None:
                self._total = now.total
                self._rise()
            self._recorder.progress(None, "running", data=data)

    def ended_early(self, kind: str, limit: Mapping[str, Any] | None = None) -> None:
        """Tell why the batch ends before its end: `budget`, `max_failures` or `engine`."""
        fact = {"kind": kind} | ({"limit": dict(limit)} if limit is not None else {})
        self._recorder.tell({"ended_early": fact})

    def _rise(self) -> None:
        if self._total:
            self._recorder.root.raise_floor(min(FULL, FULL * self._ended / self._total))


def _texts(texts: Mapping[int, str | None] | None) -> dict[str, str]:
    return {str(number): clean_text(text) for number, text in (texts or {}).items() if text}


def _clean(value: object) -> object:
    return clean_text(value[:LONGEST]) if isinstance(value, str) else value
