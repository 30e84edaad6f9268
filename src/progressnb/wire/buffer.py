"""The output buffer: what is written so far, which fields are complete, the partial as plain data.

Tokens are appended and nothing else happens. Only when somebody looks is the new text scanned, once,
and parsed. Parsing alone can't tell `{"a":1` from `{"a":1}`, so a scanner finds which values are closed.
"""

from __future__ import annotations

import threading
from typing import Any, Literal

from pydantic_core import from_json

from progressnb.wire.scanner import Path, Scanner

__all__ = ["OutputBuffer"]


class OutputBuffer:
    """Collect an output as it is written and read it at any moment.

    `kind` is `"text"` or `"json"`. One thread at a time writes; any thread reads.
    """

    __slots__ = ("_chunks", "_length", "_lock", "_scanner", "_text", "_value", "_value_length", "kind")

    def __init__(self, kind: Literal["text", "json"] = "text") -> None:
        self._lock = threading.RLock()
        self.reset(kind)

    def reset(self, kind: Literal["text", "json"] | None = None) -> None:
        """Start over, as a retry does."""
        with self._lock:
            if kind is not None:
                self.kind: Literal["text", "json"] = kind
            self._chunks: list[str] = []
            self._text = ""
            self._length = 0
            self._scanner = Scanner()
            self._value: Any = None
            self._value_length = -1

    def append(self, delta: str) -> None:
        """Add what was written."""
        self._chunks.append(delta)
        self._length += len(delta)

    def __len__(self) -> int:
        """Count the characters that are written so far."""
        return self._length

    @property
    def text(self) -> str:
        """All that is written, as it is written."""
        with self._lock:
            # What the writer adds meanwhile lies behind `count` and stays.
            if count := len(self._chunks):
                self._text += "".join(self._chunks[:count])
                del self._chunks[:count]
            return self._text

    @property
    def value(self) -> Any:  # noqa: ANN401 - plain JSON data
        """What is readable now: text as text, JSON as plain data; None when nothing is.

        A string that is still open is there as far as it goes; a number that is still open is withheld,
        since `1` may become `12`. Text that stops being JSON keeps the last readable value.
        """
        if self.kind == "text":
            return self.text or None
        with self._lock:
            if self._value_length != (length := self._length):
                self._value = self._parse()
                self._value_length = length
            return self._value

    @property
    def extent(self) -> tuple[int, int]:
        """Where the readable text begins and ends now. `read` reads it again later, when more has been written."""
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
    def fields_completed(self) -> int:
        """The number of values that are closed one level below the root."""
        with self._lock:
            return self._scanned().fields_completed

    def _scanned(self) -> Scanner:
        if self.kind == "json":
            self._scanner.scan(self.text)
        return self._scanner

    def _parse(self) -> Any:  # noqa: ANN401 - plain JSON data
        scanner = self._scanned()
        if scanner.start is None:
            return None
        text = self._text[scanner.start : scanner.readable_end]
        try:
            return from_json(text, allow_partial="trailing-strings") if text else None
        except ValueError:
            return self._value
