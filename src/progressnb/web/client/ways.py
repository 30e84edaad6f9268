"""The transport of the next connection: the one that was asked for, or a WebSocket where a stream does not pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.web.client.transports import Transport

__all__ = ["FIRST_BYTES", "Ways"]

FIRST_BYTES = 5.0
"""Seconds within which the first line of a stream must follow its head. A server sends both at once."""


class Ways:
    """The transports of one client. `other` is tried where something on the way gathers what `first` sends.

    Where both fail, `first` is read without a limit for its first line: what happens comes late, but it comes.
    """

    def __init__(self, first: Transport, other: Transport | None = None) -> None:
        self._first, self._other = first, other
        self.transport = first
        self.first_bytes: float | None = FIRST_BYTES

    @property
    def is_late(self) -> bool:
        """Whether the events of this connection come late."""
        return self.first_bytes is None

    def gathered(self) -> None:
        """Note that the first line of the stream did not come. Choose what is tried at once."""
        if self._other is not None and self.transport is self._first:
            self.transport = self._other
        else:
            self.first_bytes = None

    def refused(self) -> bool:
        """Note that the server, or something before it, refused. Return whether the other transport is to be tried."""
        was_other = self.transport is not self._first
        if was_other:
            self.transport, self.first_bytes = self._first, None
        return was_other

    def lost(self, *, opened: bool, silent: bool) -> None:
        """Note a lost connection: whether the server had accepted it, and whether it just said nothing."""
        if self.transport is not self._first:
            if not opened:
                self.refused()
            return
        self.first_bytes = FIRST_BYTES
        if silent and not opened and self._other is not None:
            self.transport = self._other
