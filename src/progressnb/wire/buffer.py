"""The output buffer: the text written so far, its complete fields, and its readable part as plain data.

Appending a token does nothing else. The new text is scanned, once, when somebody looks, and parsed when somebody asks
for the value. Parsing alone can't tell `{"a":1` from `{"a":1}`, so a scanner finds which values are closed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import from_json

from progressnb.wire.forks import renew_after_fork
from progressnb.wire.scanner import Path, Scanner

if TYPE_CHECKING:
    from typing import Self

__all__ = ["OutputBuffer", "OutputLength"]

SLICE = 25_000
"""Characters of JSON that are scanned at once: some milliseconds, and 30 where all of them are brackets."""

_MANY = 1_000
"""Pieces that are joined to one."""


class OutputBuffer:
    """Collect an output as it is written and read it at any moment.

    `kind` is `"text"` or `"json"`. One thread at a time writes; any thread reads. All that is read depends on the
    text alone: it does not matter where the text was cut, nor who looked before.
    """

    __slots__ = (
        "__weakref__",
        "_blocks",
        "_chunks",
        "_length",
        "_lock",
        "_scanner",
        "_text",
        "kind",
    )

    def __init__(self, kind: Literal["text", "json"] = "text") -> None:
        self.renew()
        renew_after_fork(self)
        self.reset(kind)

    def renew(self) -> None:
        """Forget a reader at work: in a forked process it is the parent's."""
        self._lock = threading.RLock()

    def reset(self, kind: Literal["text", "json"] | None = None) -> None:
        """Start over, as a retry does."""
        with self._lock:
            if kind is not None:
                self.kind: Literal["text", "json"] = kind
            self._chunks: list[str] = []
            self._blocks: list[str] = []  # before them, each of many
            self._text = ""
            self._length = 0
            self._scanner = Scanner()

    def append(self, delta: str) -> None:
        """Add characters at the end."""
        self._chunks.append(delta)
        self._length += len(delta)
        if len(self._chunks) >= _MANY:
            self._join()

    def _join(self) -> None:
        """Make one text of many short ones, each of which takes 50 bytes more than its characters."""
        with self._lock:
            if len(self._chunks) >= _MANY:  # a reader may have taken them meanwhile
                self._blocks.append("".join(self._chunks))
                self._chunks.clear()

    def ahead(self, text: str) -> Self:
        """Return a buffer of this text and more behind it; this one stays as it is.

        The writer reads its output so, with characters that no event carries yet.
        """
        with self._lock:
            other = type(self)(self.kind)
            other.append(self.text)
            other.append(text)
            if self.kind == "json":
                other._scanner = self._scanned().copy()  # noqa: SLF001 - of this class
            return other

    def __len__(self) -> int:
        """Count the characters that are written so far."""
        return self._length

    @property
    def text(self) -> str:
        """The whole text that is written so far."""
        with self._lock:
            # What the writer adds meanwhile lies behind `count` and stays.
            if self._blocks or self._chunks:
                count = len(self._chunks)
                # A local name, which alone holds the text: so Python makes it longer in its place.
                text, self._text = self._text, ""
                text += "".join((*self._blocks, *self._chunks[:count]))
                self._text = text
                self._blocks.clear()
                del self._chunks[:count]
            return self._text

    def join(self) -> None:
        """Make one text of all pieces, of which each takes some bytes more than its characters."""
        _ = self.text

    def restore(self, text: str, length: int) -> None:
        """Take over what is left of an output, and how long it was."""
        self.append(text)
        self._length = max(self._length, length)

    def forget_before(self, count: int) -> None:
        """Keep the last `count` characters of a text that is twice as long; its length stays. JSON stays whole."""
        if self.kind == "text" and len(self.text) > 2 * count:
            with self._lock:
                self._text = f"…{self._text[-count:]}"

    def read_ahead(self, *, value: bool = True) -> bool:
        """Scan a slice of JSON, where more of it is new than is read at once; return whether there was such a slice.

        Who looks on an event loop calls this first, with a turn of the loop between two slices. Unless no `value` is
        wanted, it grows by slices too.
        """
        if self.kind == "text" or self._length - self._scanner.length <= SLICE:
            return False
        with self._lock:
            text, known = self.text, self._scanner.length
            if is_much := len(text) - known > SLICE:
                self._scanner.scan(part := text[: known + SLICE])
                if value:
                    self._scanner.value(part)  # the first time reads all that is there; then it grows as it is scanned
        return is_much

    @property
    def value(self) -> Any:  # noqa: ANN401 - plain JSON data
        """The part that is readable now: text as text, JSON as plain data; None when nothing is readable.

        A string that is still open is there as far as it goes; a number that is still open is withheld,
        since `1` may become `12`. Text that stops being JSON is read up to its first fault.
        """
        if self.kind == "text":
            return self.text or None
        with self._lock:
            return self._scanned().value(self._text)

    @property
    def extent(self) -> tuple[int, int]:
        """The begin and the end of the text that is readable now; `read` reads it later, when more has been written."""
        if self.kind == "text":
            return 0, self._length
        with self._lock:
            scanner = self._scanned()
            if scanner.start is None:
                return 0, 0
            end = scanner.readable_end
            return scanner.start, len(self._text) if end is None else end

    def read(self, start: int, end: int) -> Any:  # noqa: ANN401 - plain JSON data
        """Return what was readable when `extent` was `(start, end)`: text, plain data, or None."""
        text = self.text[start:end]
        if self.kind == "text" or not text:
            return text or None
        try:
            return from_json(text, allow_partial="trailing-strings")
        except ValueError:
            return None

    @property
    def completed(self) -> dict[Path, int]:
        """The paths of the values that are closed, in the order they closed, with their length in characters."""
        with self._lock:
            return dict(self._scanned().completed)

    @property
    def open_path(self) -> Path | None:
        """The path of the innermost value that is being written, or None."""
        with self._lock:
            return self._scanned().open_path

    @property
    def open_length(self) -> int:
        """The characters written so far of the top-level field that is open."""
        with self._lock:
            start = self._scanned().field_start
            return len(self._text) - start if start is not None else 0

    @property
    def values_completed(self) -> int:
        """The number of values that were closed at the last look."""
        return len(self._scanner.completed)

    @property
    def fields_completed(self) -> int:
        """The number of values that are closed one level below the root."""
        with self._lock:
            return self._scanned().fields_completed

    def _scanned(self) -> Scanner:
        if self.kind == "json":
            self._scanner.scan(self.text)
        return self._scanner


class OutputLength(OutputBuffer):
    """The length of an output in characters, without its text: for folds that must not keep contents."""

    __slots__ = ()

    def append(self, delta: str) -> None:
        """Count characters."""
        self._length += len(delta)
