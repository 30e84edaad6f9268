"""`?view=1`: what is to be seen of a run, as a tree and numbered patches of it, made once a run for all clients."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response

from progressnb.folds.patch import diff
from progressnb.web.streams.alarm import SPACING, Alarm, Reader
from progressnb.web.streams.cursor import Cursor
from progressnb.web.streams.departure import has_left
from progressnb.web.streams.looks import Look
from progressnb.web.streams.parameters import last_event_id
from progressnb.web.streams.stream import HEADERS, STILL_HERE, Stream
from progressnb.wire.codec import escape_line_breaks
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from typing import Self

    from starlette.types import Scope

    from progressnb.tracking.protocols import Watchable
    from progressnb.web.streams.departure import Departure
    from progressnb.web.streams.stalls import Room
    from progressnb.web.streams.stream import Body
    from progressnb.wire.log import EventLog

__all__ = ["Feed", "Frame", "ViewCursor", "ViewStream"]

INTERVAL = 0.1
"""The shortest time between two patches, in seconds."""

BYTES_A_SECOND = 20_000
"""Bytes a second that a client gets on average; after a large patch the next one waits."""

SHARE = 0.2
"""The share of the time that making the view may take."""

TICK = 1.0
"""Seconds after which the view is made anew without an event: the times in it go on."""

KEPT = 32_768
"""Bytes of patches that are kept for clients that are behind. Who is further behind gets the tree."""

_END = b"end"
_logger = logging.getLogger("progressnb")


def encoded(value: Any) -> bytes:  # noqa: ANN401 - plain JSON data
    """Return plain data as one line of JSON, which any browser reads: numbers that JSON does not know are null."""
    try:
        line = to_json(value, inf_nan_mode="null")
    except (PydanticSerializationError, ValueError):  # such as the half of a surrogate pair
        line = to_json(jsonable(value), inf_nan_mode="null")
    return escape_line_breaks(line)


def pause_after(sent: int, cost: float, readers: int) -> float:
    """Return the seconds to wait after a patch of so many bytes, which took so many seconds, for so many readers."""
    return max(INTERVAL, sent / BYTES_A_SECOND, cost / SHARE, SPACING * readers)


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to clients: `data` is its JSON, `event` the same as a server-sent event."""

    kind: Literal["view", "patch", "end"]
    number: int
    data: bytes
    event: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Make the event once, for all clients."""
        seq = _END if self.kind == "end" else b"%d" % self.number
        event = b"id: %s\nevent: %s\ndata: %s\n\n" % (seq, self.kind.encode(), self.data)
        object.__setattr__(self, "event", event)


class Feed(Alarm):
    """The view of one run as a tree and patches of it, made once for all of its readers on one loop.

    It works while somebody reads it. The patches are numbered; each belongs to the tree of the number before.
    """

    def __init__(self, run: Watchable, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.number = 0
        self._run, self._look = run, Look(run)
        self._tree: Any = self._look.panel()  # a PanelTree, which is plain data here
        self._patches: deque[Frame] = deque()
        self._size = 0
        self._snapshot: Frame | None = None
        self._task: asyncio.Task[None] | None = None

    def follow(self) -> None:
        """Begin to follow the run, with the first reader."""
        if self._task is None and not self.ended:
            self._task = self.loop.create_task(self._follow(), name="progressnb view")

    def stop(self) -> None:
        """Stop to follow it, after the last reader."""
        if self._task is not None:
            self._task.cancel()

    @property
    def ended(self) -> bool:
        """Whether the tree is that of the run's end."""
        return self._look.ended

    @property
    def failed(self) -> bool:
        """Whether the work ended before the run did, by a fault or with the loop."""
        return self._task is not None and self._task.done() and not self.ended

    def frames_after(self, number: int) -> list[Frame]:
        """Return the patches that a reader lacks who has the tree of a number, or the tree if these are not kept.

        -1 stands for a reader without a tree.
        """
        if number == self.number:
            return []
        if number < 0 or number < self.number - len(self._patches):
            return [self._whole()]
        return [patch for patch in self._patches if patch.number > number]

    def end(self) -> Frame:
        """Return the message behind the last one."""
        return Frame("end", self.number, encoded({"n": self.number, "end": True}))

    def _whole(self) -> Frame:
        if self._snapshot is None or self._snapshot.number != self.number:
            self._snapshot = Frame("view", self.number, encoded({"n": self.number, "tree": self._tree}))
        return self._snapshot

    async def _follow(self) -> None:
        try:
            with Cursor(self._run.log, self._look.seen - 1) as cursor:
                while not self.ended:
                    cursor.position = self._look.seen
                    await cursor.wait(TICK)
                    while self._run.state.read_ahead():  # noqa: ASYNC110 - a slice a turn
                        await asyncio.sleep(0)
                    began = self.loop.time()
                    sent = self._paint()
                    await self._pause(cursor, pause_after(sent, self.loop.time() - began, self.readers))
        except Exception:
            _logger.warning("stopped the view of run %s, which failed", self._run.state.run_id, exc_info=True)
        finally:
            self.loop.call_soon(self.wake)  # when this task is done, the readers see that no more will come

    def _paint(self) -> int:
        tree: Any = self._look.panel()
        ops = diff(self._tree, tree)
        self._tree, size = tree, 0
        if ops:
            self.number += 1
            patch = Frame("patch", self.number, encoded({"n": self.number, "ops": ops}))
            self._patches.append(patch)
            size = len(patch.data)
            self._size += size
            while self._size > KEPT:
                self._size -= len(self._patches.popleft().data)
        if ops or self.ended:
            self.wake()
        return size

    async def _pause(self, cursor: Cursor, seconds: float) -> None:
        """Let some time pass, or less if the run ends."""
        due = self.loop.time() + seconds
        while (left := due - self.loop.time()) > 0 and not self._run.log.ended:
            cursor.position = len(self._run.log)
            await cursor.wait(left)


_feeds: WeakKeyDictionary[EventLog, dict[asyncio.AbstractEventLoop, Feed]] = WeakKeyDictionary()


class ViewCursor(Reader):
    """The position of one reader in the view of a run. Use it as a block, on one loop."""

    def __init__(self, run: Watchable, *, until: asyncio.Future[Any] | None = None) -> None:
        loop = asyncio.get_running_loop()
        feeds = _feeds.setdefault(run.log, {})
        self._feed = feeds.get(loop) or feeds.setdefault(loop, Feed(run, loop))
        super().__init__(self._feed, until)
        self._run = run
        self._number = -1
        self._is_over = False

    def __enter__(self) -> Self:
        """Follow the run with the first reader."""
        super().__enter__()
        self._feed.follow()
        return self

    def __exit__(self, *exits: object) -> None:
        """Stop that with the last reader."""
        super().__exit__(*exits)
        if self._feed.readers == 0:  # a feed holds its log: kept for longer, both would stay for ever
            self._feed.stop()
            _feeds.get(self._run.log, {}).pop(self._feed.loop, None)

    @property
    def over(self) -> bool:
        """Whether this reader has got all that will come."""
        return self._is_over or self._feed.failed

    def frames(self) -> list[Frame]:
        """Return the next messages, and move behind them. A reader who is far behind gets the tree anew."""
        frames = self._feed.frames_after(self._number)
        self._number = self._feed.number
        if self._feed.ended and not self._is_over:
            self._is_over = True
            frames.append(self._feed.end())
        return frames

    def has_news(self) -> bool:
        """Tell whether there are more messages, or none will come."""
        return self._number != self._feed.number or self._feed.ended or self._feed.failed


class ViewStream(Stream):
    """The view of a run, with `Last-Event-ID` or without it from the tree on."""

    def __init__(self, run: Watchable, **options: Any) -> None:  # noqa: ANN401 - the options of `Stream`
        super().__init__(**options)
        self._run = run

    def _refusal(self, scope: Scope) -> Response | None:
        seen = last_event_id(scope)
        # A browser that gets 204 does not connect again.
        return Response(status_code=204, headers=HEADERS) if seen == _END and self._run.log.ended else None

    async def _send_all(self, body: Body, room: Room, gone: Departure) -> None:
        with ViewCursor(self._run, until=gone) as cursor:
            while not has_left(gone):
                frames = cursor.frames()
                for frame in frames:
                    with room:
                        await body(frame.event)
                if not frames and (cursor.over or gone.done()):
                    break
                if not await cursor.wait(self._heartbeat):
                    with room:
                        await body(STILL_HERE)
