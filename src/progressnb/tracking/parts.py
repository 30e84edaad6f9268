"""A part of a stage's output as its writer sees it: with characters that no event carries yet."""

from __future__ import annotations

from typing import Literal

from progressnb.wire.buffer import OutputBuffer
from progressnb.wire.plain import TextJoiner

__all__ = ["Part", "TextLength"]


class TextLength:
    """The length of a text, which is all that a measure of it needs."""

    __slots__ = ("_length",)

    kind: Literal["text"] = "text"

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        """Count the characters."""
        return self._length


class Part:
    """One part of an output: its text that no event carries yet, and how it goes on.

    An output in JSON that somebody has read is kept and goes on: it is never read again from its begin.
    """

    __slots__ = ("_front", "deltas", "joiner", "kind", "reset")

    def __init__(self, kind: Literal["text", "json"]) -> None:
        self.kind: Literal["text", "json"] = kind
        self.deltas: list[str] = []
        self.reset = False
        self.joiner: TextJoiner | None = None  # once it is not plain ASCII
        self._front: OutputBuffer | None = None

    @property
    def is_half(self) -> bool:
        """Whether half a character is all that is there."""
        return self.joiner is not None and self.joiner.is_waiting and not self.deltas and not self.reset

    @property
    def length(self) -> int:
        """The characters that no event carries yet."""
        return sum(map(len, self.deltas))

    def start_over(self, kind: Literal["text", "json"]) -> None:
        """Forget the text: what comes now is another one."""
        self.kind, self.reset, self.joiner = kind, True, None
        self.deltas.clear()
        if self._front is not None:
            self._front.reset(kind)

    def append(self, delta: str) -> bool:
        """Add characters; return whether any of them is complete."""
        if self.joiner is not None or not delta.isascii():
            self.joiner = self.joiner or TextJoiner()
            delta = self.joiner.clean(delta)
        if delta:
            self.deltas.append(delta)
            if self._front is not None:
                self._front.append(delta)
        return bool(delta)

    def end(self) -> str:
        """Return U+FFFD for half a character whose other half never came, else an empty text."""
        joiner, self.joiner = self.joiner, None
        return "" if joiner is None else joiner.end()

    def taken(self) -> tuple[str, bool]:
        """Return the text and whether the part starts over with it; an event carries it now."""
        text, reset = "".join(self.deltas), self.reset
        self.deltas.clear()
        self.reset = False
        return text, reset

    def behind(self, written: OutputBuffer | None) -> OutputBuffer | None:
        """Return the whole output, of which events carry what is written."""
        if self._front is not None:
            return self._front
        if not (self.deltas or self.reset):
            return written
        front = OutputBuffer(self.kind) if written is None or self.reset else written.ahead("")
        for delta in self.deltas:
            front.append(delta)
        if front.kind == "json":
            self._front = front
        return front

    def forget_front(self) -> None:
        """Forget the output that was kept: events carry the whole."""
        self._front = None
