"""The outputs of a stage as their writer sees them: with characters that no event carries yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.wire.buffer import OutputBuffer

__all__ = ["Fronts", "Pending"]


class Pending:
    """The text of one part that no event carries yet."""

    __slots__ = ("deltas", "kind", "reset")

    def __init__(self, kind: Literal["text", "json"]) -> None:
        self.kind: Literal["text", "json"] = kind
        self.deltas: list[str] = []
        self.reset = False


class Fronts:
    """Outputs that somebody has read before an event carried all of them.

    One in JSON is kept and goes on: it is never read again from its begin.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, OutputBuffer] = {}

    def get(self, part: str) -> OutputBuffer | None:
        """Return an output that is kept, or None."""
        return self._kept.get(part)

    def append(self, part: str, delta: str, kind: Literal["text", "json"], *, reset: bool) -> None:
        """Add characters to an output that is kept, or start it over with them."""
        if (kept := self._kept.get(part)) is not None:
            if reset:
                kept.reset(kind)
            kept.append(delta)

    def begin(self, part: str, written: OutputBuffer, deltas: Iterable[str]) -> OutputBuffer:
        """Return an output of what events carry and of what is behind it."""
        front = written.ahead("")
        for delta in deltas:
            front.append(delta)
        if front.kind == "json":
            self._kept[part] = front
        return front

    def clear(self) -> None:
        """Forget all: events carry the whole."""
        self._kept.clear()
