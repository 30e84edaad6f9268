"""`?snapshots=1`: content events that carry what is written so far, for clients that read no cut JSON."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pydantic_core import to_json

from progressnb.folds.state import RunState
from progressnb.web.streams.cursor import frames_of
from progressnb.wire.events import ContentEvent
from progressnb.wire.plain import jsonable

if TYPE_CHECKING:
    from progressnb.web.streams.cursor import Cursor
    from progressnb.wire.events import Event

__all__ = ["Snapshots"]

RATE = 200_000
"""Characters of output a second: a long one comes less often, so that what is sent does not grow with its square."""


class Snapshots:
    """Fold a log and add `partial` to its content events: the same bytes for everybody, whenever they come.

    Each carries it while the output is short. Of a long one those do that come late enough after the last that did.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._state = RunState()
        self._told: dict[tuple[str, str], float] = {}
        for event in islice(cursor.log, cursor.position):
            self._with_partial(event, b"", quiet=True)

    def event(self, event: Event, line: bytes) -> bytes:
        """Return the JSON of the next event."""
        return self._with_partial(event, line)

    def frames(self) -> list[bytes]:
        """Return the next events as server-sent events."""
        return frames_of((event, self._with_partial(event, line)) for event, line in self._cursor.events())

    def _with_partial(self, event: Event, line: bytes, *, quiet: bool = False) -> bytes:
        self._state.apply(event)
        if not isinstance(event, ContentEvent) or event.stage is None:
            return line
        stage = self._state.find(event.stage)
        output = stage.outputs.get(event.part) if stage is not None else None
        key = (event.stage, event.part)
        last = self._told.get(key)
        if output is None or (last is not None and event.elapsed - last < len(output) / RATE):
            return line
        self._told[key] = event.elapsed
        return line if quiet else line[:-1] + b',"partial":' + to_json(jsonable(output.value)) + b"}"
