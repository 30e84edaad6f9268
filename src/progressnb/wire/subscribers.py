"""Functions that are called with each event of a log, on the writer's thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.wire.events import Event

__all__ = ["Subscribers"]

_logger = logging.getLogger("progressnb")


class Subscribers:
    """The functions that get each event of a log.

    Attributes:
        callbacks: The functions.

    """

    __slots__ = ("callbacks",)

    def __init__(self) -> None:
        self.callbacks: dict[object, Callable[[Event], None]] = {}

    def add(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Add a function; return another that takes it out again."""
        key = object()
        self.callbacks[key] = callback
        return lambda: self._remove(key)

    def _remove(self, key: object) -> None:
        self.callbacks.pop(key, None)

    def tell(self, event: Event) -> None:
        """Call all with an event. One that raises is taken out, with a logged warning."""
        for key, callback in tuple(self.callbacks.items()):
            try:
                callback(event)
            except Exception:
                self._remove(key)
                _logger.warning("detached a callback that raised at event %d", event.seq, exc_info=True)
