"""The side of a worker process: a run of its own whose events go to the `workers()` block of the process above.

What one stage says is gathered until the next turn, whose length the block sets by the number of workers. The begin and
the end of a stage and the end of the process do not wait.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from multiprocessing import process, util
from multiprocessing.connection import Client
from typing import TYPE_CHECKING, Any, cast

from progressnb.tools.stops import Stops
from progressnb.tracking.clock import SystemClock
from progressnb.tracking.current import internals
from progressnb.tracking.stage import Stage
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.codec import encode
from progressnb.wire.events import ContentEvent, ProgressEvent
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from progressnb.tracking.handle import StageHandle
    from progressnb.tracking.worker import Offer
    from progressnb.wire.events import Event

__all__ = ["ENDED", "ROOT", "place", "reason_to_stop", "send_all"]

ROOT = "worker"
"""The name of the one outermost stage of a worker's run."""

ENDED = frozenset({"finished", "failed", "skipped", "cancelled"})
"""The statuses of a stage that has ended."""

_MOST_EVENTS = 2_000  # of one run: then, when nothing goes on in it, another one begins
_MOST_STAGES = 50  # that begin in one turn; further ones are counted and left out

_logger = logging.getLogger("progressnb")

_lock = threading.RLock()
_channels: dict[Offer, _Channel | None] = {}  # None: nobody listens any more


def place(offer: Offer) -> tuple[ProgressTracker, StageHandle] | None:
    """Return the run and the stage by which code of this process reports to a block, or None when that has ended."""
    with _lock:
        if offer not in _channels:
            _channels[offer] = _connect(offer)
        channel = _channels[offer]
    return channel.place() if channel is not None else None


def reason_to_stop(offer: Offer) -> str | None:
    """Return the reason why the block wants its workers to stop, or None."""
    place(offer)
    channel = _channels.get(offer)
    return channel.reason if channel is not None else None


def send_all(offer: Offer, error: BaseException | None) -> None:
    """Send what waits before a call returns; end the loops that its error has left."""
    channel = _channels.get(offer)
    if channel is not None:
        channel.flush_all(error)


def _connect(offer: Offer) -> _Channel | None:
    try:
        return _Channel(offer)
    except (OSError, EOFError):  # the block has ended
        return None
    except Exception:
        _logger.warning("could not report to the process above; the work goes on", exc_info=True)
        return None


def _forget() -> None:
    # A forked process may outlive its parent, whose end the block would not see then.
    global _lock  # noqa: PLW0603 - the process's one
    _lock = threading.RLock()
    for channel in _channels.values():
        if channel is not None:
            channel.drop()
    _channels.clear()


after_fork(_forget)


class _Channel:
    """The way to one block: what is to be sent, and what the block says."""

    def __init__(self, offer: Offer) -> None:
        self.reason: str | None = None
        self._placing = threading.Lock()
        self._lock = threading.RLock()  # of what waits; taken under a run's lock, never the other way round
        self._connection: Connection = Client(offer.address, authkey=process.current_process().authkey)
        self._send("hello", process=os.getpid())
        self._settings: dict[str, Any] = json.loads(self._connection.recv_bytes())
        self._clock = SystemClock()
        self._waiting: dict[object, Any] = {}
        self._said: dict[str, tuple[str, int]] = {}  # the status of a stage, and the number of its changes
        self._left_out: set[str] = set()
        self._open: set[str] = set()
        self._began = self._untold = 0
        self._last = float("-inf")
        self._timer = self._closed = False
        self._run: ProgressTracker | None = None
        self._at_exit = util.Finalize(None, self._leave, exitpriority=10)
        threading.Thread(target=self._listen, name="progressnb-worker", daemon=True).start()

    # --- the run --------------------------------------------------------------------------------------

    def place(self) -> tuple[ProgressTracker, StageHandle] | None:
        """Return the run and its stage; a long run that rests is followed by another one."""
        with self._placing:
            if self._closed:
                return None
            run = self._run
            if run is None or self._stage.ended or (len(run.log) > _MOST_EVENTS and not self._open):
                run = self._begin()
            return run, self._stage

    def _begin(self) -> ProgressTracker:
        if self._run is not None:
            with self._lock:
                self.flush()
                self._send("next")
        run = self._run = ProgressTracker(ROOT, [Stage(ROOT)], show=False, clock=SystemClock())
        self._stops = Stops(run)
        if self.reason is not None:
            self._stops.stop(self.reason)
        run.start()
        self._stage = run.stage(ROOT)
        internals(self._stage).contents = bool(self._settings["contents"])
        self._stage.start()
        run.log.subscribe(self._take)
        return run

    def _take(self, event: Event) -> None:
        """Take an event that was written, under the run's lock."""
        if event.stage is None or self._closed or self._run is None or event.run_id != self._run.id:
            return
        if isinstance(event, ProgressEvent):
            if "silence" not in event.data:
                with self._lock:
                    self._take_progress(event, event.stage)
        elif isinstance(event, ContentEvent):
            with self._lock:
                if event.stage not in self._left_out:
                    self._gather_content(event)
                    self._write(now=False)

    # --- what is to be sent ---------------------------------------------------------------------------

    def _take_progress(self, event: ProgressEvent, path: str) -> None:
        ends = event.status in ENDED
        if path == ROOT:
            if not ends:
                self._gather(event)
                self._write(now=False)
            return
        if path not in self._open and path not in self._left_out:
            self._began += 1
            above = path.rpartition("/")[0]
            if self._began > _MOST_STAGES or above in self._left_out:
                self._left_out.add(path)
                self._untold += 1
            else:
                self._open.add(path)
        if path in self._left_out:
            if ends:
                self._left_out.discard(path)
            return
        self._gather(event)
        if ends:
            self._open.discard(path)
        outer = path.count("/") == 1
        self._write(now=outer and (ends or event.weight is not None))

    def _gather(self, event: ProgressEvent) -> None:
        """Let an event wait, in the place of one that said the same of the stage."""
        path = cast("str", event.stage)
        status, number = self._said.get(path, (None, 0))
        if event.status != status:
            number += 1
            self._said[path] = event.status, number
        key = (path, number)
        before = self._waiting.get(key)
        if before is not None:
            news = {
                "data": {**before.data, **event.data},
                "message": event.message if event.message is not None else before.message,
                "weight": event.weight if event.weight is not None else before.weight,
                "title": event.title if event.title is not None else before.title,
            }
            event = event.model_copy(update=news)
        self._waiting[key] = event
        if event.status in ENDED:
            del self._said[path]

    def _gather_content(self, event: ContentEvent) -> None:
        key = (event.stage, event.part, "content")
        before = self._waiting.get(key)
        if before is not None and not event.reset:
            event = event.model_copy(
                update={"delta": (before.delta or "") + (event.delta or ""), "reset": before.reset}
            )
        self._waiting[key] = event

    def _write(self, *, now: bool) -> None:
        wait = self._last + float(self._settings["turn"]) - time.monotonic()
        if now or wait <= 0:
            self.flush()
        elif not self._timer:
            self._timer = True
            self._clock.call_later(wait, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = False
        self.flush()

    def flush_all(self, error: BaseException | None) -> None:
        """Send what waits, and what the worker's stage has not written yet; end the loops that were left."""
        if self._run is not None:
            work = internals(self._stage)
            work.settle_loops(error)
            work.flush()
        self.flush()

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            now = time.monotonic()
            if now - self._last >= float(self._settings["turn"]):
                self._began = 0
            self._last = now
            waiting, self._waiting = list(self._waiting.values()), {}
            untold, self._untold = self._untold, 0
            if waiting and not self._closed:
                self._send_bytes(b"\n".join(encode(cast("Event", event)) for event in waiting))
            if untold:
                self._send("more", stages=untold)

    def _send(self, kind: str, **facts: object) -> None:
        self._send_bytes(b"!" + json.dumps({"kind": kind, **facts}).encode())

    def _send_bytes(self, message: bytes) -> None:
        try:
            self._connection.send_bytes(message)
        except (OSError, ValueError):  # the process above has gone
            self._closed = True

    # --- what the block says --------------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            while not self._closed:
                said = json.loads(self._connection.recv_bytes())
                if said["kind"] == "turn":
                    self._settings["turn"] = said["turn"]
                elif said["kind"] == "cancel":
                    self._stop(said["reason"])
                else:
                    break
        except (OSError, EOFError, TypeError):  # gone, or closed meanwhile
            pass
        self._leave()
        self._at_exit.cancel()
        with self._placing:
            self._run = None

    def _leave(self) -> None:
        """Say all that there is to say, and close the connection."""
        if self._closed:
            return
        self.flush_all(None)
        with self._lock:
            self._send("bye")
            self._closed = True
            self._connection.close()
            self._waiting.clear()

    def _stop(self, reason: str) -> None:
        with self._placing:
            self.reason = reason
            if self._run is not None:
                self._stops.stop(reason)

    def drop(self) -> None:
        """Close the file of the connection in a forked process."""
        self._closed = True
        self._lock = threading.RLock()
        self._connection.close()
