"""`replay`: a run's events once more, at any speed. Bug reports and demos need no model."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from progressnb.errors import InputError, InvalidProgressError
from progressnb.execution.watched import WatchedRun
from progressnb.tracking.percent import is_number
from progressnb.tracking.session import present
from progressnb.wire.codec import decode
from progressnb.wire.events import BaseEvent
from progressnb.wire.log import EventLog

if TYPE_CHECKING:
    from progressnb.execution.run import Run
    from progressnb.history.history import History
    from progressnb.tracking.clock import Clock
    from progressnb.wire.events import Event

__all__ = ["Replay", "replay"]

ENDS = "its record ends here"


class Replay(WatchedRun):
    """A run that is shown once more. `cancel` stops the show; the run is what it was."""

    def __init__(self, events: list[Event], speed: float | None, *, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self._events = events
        self._at = 0
        self._began: float | None = None
        if speed is None:
            self._feed_until(float("inf"))
        else:
            self.speed = float(speed)
            self._feed_until(events[0].elapsed)
            try:
                asyncio.get_running_loop().call_soon(self._begin)
            except RuntimeError:
                return  # it begins when somebody waits for it

    def cancel(self, reason: str | None = None) -> None:
        """Stop the replay, from any thread."""
        self._stop(reason or "the replay was stopped")

    def _begin(self, loop: asyncio.AbstractEventLoop | None = None) -> None:  # noqa: ARG002
        if self._began is None and not self.log.ended:
            self._began = self.clock.monotonic()
            self._tick()

    def _tick(self) -> None:
        with self.log.lock:
            if self.log.ended or self._began is None:
                return
            first = self._events[0].elapsed
            self._feed_until(first + (self.clock.monotonic() - self._began) * self.speed)
            if self._at == len(self._events):
                return
            due = self._began + (self._events[self._at].elapsed - first) / self.speed
        self.clock.call_later(max(0.0, due - self.clock.monotonic()), self._tick)

    def _feed_until(self, elapsed: float) -> None:
        while self._at < len(self._events) and self._events[self._at].elapsed <= elapsed:
            self._feed(self._events[self._at])
            self._at += 1
        if self._at == len(self._events):
            self._stop(ENDS)


def replay(
    source: Run[Any] | WatchedRun | str | os.PathLike[str] | Iterable[Event],
    *,
    speed: float | None = 1,
    run_id: str | None = None,
    history: History | None = None,
    show: bool | None = None,
    clock: Clock | None = None,
) -> Replay:
    """Show a run once more, from its events alone.

    `source` is a run, its id in `history` (or the one of `use_history`), a file of JSON Lines as
    `history.export_jsonl` writes it, or events. `run_id` chooses one of a file's runs. `speed` is a factor; None is
    instant. A record without an end, of a run that was killed, ends as cancelled. The `result` is plain data.
    Raises `InputError` for a source without events or with several runs, `EventFormatError` for one that is damaged.

    ::

        await pnb.replay(run, speed=10)
    """
    if speed is not None and (not is_number(speed) or not 0 < speed < float("inf")):
        raise InvalidProgressError("a speed above 0, or None for at once", repr(speed))
    events = _events(source, history)
    runs = list(dict.fromkeys(event.run_id for event in events))
    if run_id is not None:
        events = [event for event in events if event.run_id == run_id]
    elif len(runs) > 1:
        raise InputError("the events of one run", f"{len(runs)} runs", f"Choose one: run_id={runs[-1]!r}.")
    if not events:
        raise InputError("a run with events", "none" if run_id is None else f"none of {run_id!r}")
    run = Replay(events, speed, clock=clock)
    run.shown = present(run, show=show)
    return run


def _events(source: Any, history: History | None) -> list[Event]:  # noqa: ANN401 - whatever was passed
    log = getattr(source, "log", None)
    if isinstance(log, EventLog):
        return list(log)
    if isinstance(source, str) and not source.endswith((".jsonl", ".ndjson")):
        from progressnb.history import the_history

        return the_history(history).log(source)
    if isinstance(source, str | os.PathLike):
        path = Path(cast("str", source))
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise InputError("a file of events", str(error), "Write one with history.export_jsonl(path).") from None
        return _whole([decode(line) for line in lines if line.strip()])
    if isinstance(source, Iterable):
        events = list(cast("Iterable[object]", source))
        if all(isinstance(event, BaseEvent) for event in events):
            return cast("list[Event]", events)
    raise InputError("a run, a run's id, a file of events or events", f"{source!r}")


def _whole(decoded: list[Event | None]) -> list[Event]:
    # Events of a newer version are left out, and the others count on without them.
    kept = [event for event in decoded if event is not None]
    if len(kept) == len(decoded):
        return kept
    counts: dict[str, int] = {}
    return [event.model_copy(update={"seq": _next(counts, event.run_id)}) for event in kept]


def _next(counts: dict[str, int], run_id: str) -> int:
    counts[run_id] = counts.get(run_id, -1) + 1
    return counts[run_id]
