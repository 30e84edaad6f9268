"""The output buffer: what is written so far, which fields are complete, the partial as plain data.

Tokens are appended and nothing else happens. Only when somebody looks is the new text scanned, once,
and parsed. Parsing alone can't tell `{"a":1` from `{"a":1}`, so a scanner finds which values are closed.
"""

from __future__ import annotations

import re
import threading
from typing import Any, Literal, TypeAlias

from pydantic_core import from_json

__all__ = ["OutputBuffer", "Path"]

Path: TypeAlias = tuple[str | int, ...]

_TOKEN = re.compile(r'[{}\[\],:"]|[^\s{}\[\],:"]+')
# The rest of a string as far as it is whole: up to its closing quote, or to an escape that is cut.
_STRING_REST = re.compile(
    r"""(?: [^"\\]++
          | \\ (?: [^u]
              | u [dD][89abAB][0-9a-fA-F]{2} \\ u [dD][c-fC-F][0-9a-fA-F]{2}
              | u (?![dD][89abAB]) [0-9a-fA-F]{4} ) )*+""",
    re.VERBOSE | re.DOTALL,
)
_FENCE = re.compile(r"```[^\n{\[]*\n?\s*")
_VALUE_START = frozenset('{["-0123456789')
_LITERALS = ("true", "false", "null")


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
            self._scanner = _Scanner()
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

    def _scanned(self) -> _Scanner:
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


class _Scanner:
    """Follow the structure of JSON text, each character once, across any cuts."""

    __slots__ = (
        "_expect_key",
        "_key_start",
        "_position",
        "_stack",
        "_starts",
        "_string_start",
        "completed",
        "end",
        "field_start",
        "fields_completed",
        "in_string",
        "scalar_start",
        "start",
    )

    def __init__(self) -> None:
        self.start: int | None = None  # where the JSON begins, behind fences and prose
        self.end: int | None = None  # where its root value is closed
        self.in_string = False
        self.scalar_start: int | None = None  # an open number or literal
        self.field_start: int | None = None  # the open value one level below the root
        self.completed: dict[Path, int] = {}
        self.fields_completed = 0
        self._position = 0
        self._stack: list[str | int | None] = []  # a key, an index, or None where a key is not known yet
        self._starts: list[int] = []  # where each open container begins
        self._expect_key = False
        self._key_start: int | None = None
        self._string_start = 0

    @property
    def open_path(self) -> Path | None:
        if self.start is None or self.end is not None:
            return None
        return tuple(step for step in self._stack if step is not None)

    @property
    def readable_end(self) -> int | None:
        """Where the text stops being readable: at the root's end, an open number, or a cut escape."""
        if self.end is not None:
            return self.end
        return self._position if self.in_string else self.scalar_start

    def scan(self, text: str) -> None:
        if self.start is None and not self._find_start(text):
            return
        position, length = self._position, len(text)
        while position < length and not self._is_over():
            if self.in_string:
                rest = _STRING_REST.match(text, position)
                position = rest.end() if rest else position
                if text[position : position + 1] != '"':
                    break
                position += 1
                self._close_string(text, position)
                continue
            match = _TOKEN.search(text, position)
            if match is None:
                if self.scalar_start is not None:
                    self._close_scalar(position)
                position = length
                break
            if self.scalar_start is not None and (match.start() > position or match[0] in '{}[],:"'):
                self._close_scalar(position)
                if self._is_over():
                    break
            position = match.end()
            self._read(match[0], match.start())
        self._position = position

    def _is_over(self) -> bool:
        return self.end is not None

    def _find_start(self, text: str) -> bool:
        first = len(text) - len(text.lstrip("\ufeff \t\r\n"))
        if first == len(text):
            return False
        rest = text[first : first + 8]
        if rest.startswith("```"):
            fence = _FENCE.match(text, first)
            if fence is None or fence.end() == len(text):
                return False
            first = fence.end()
        elif "```".startswith(rest) or any(word.startswith(rest) and word != rest for word in _LITERALS):
            return False
        elif text[first] not in _VALUE_START and not rest.startswith(_LITERALS):
            braces = [at for at in (text.find("{", first), text.find("[", first)) if at >= 0]
            if not braces:
                return False
            first = min(braces)
        self.start = self._position = first
        return True

    def _close_string(self, text: str, end: int) -> None:
        self.in_string = False
        if self._key_start is None:
            self._close(self._string_start, end)
            return
        key = text[self._key_start : end]
        try:
            self._stack[-1] = str(from_json(key))
        except ValueError:
            self._stack[-1] = key[1:-1]
        self._key_start = None

    def _read(self, symbol: str, at: int) -> None:
        if symbol == '"':
            self.in_string = True
            if self._expect_key:
                self._key_start, self._expect_key = at, False
            else:
                self._begin(at)
                self._string_start = at
        elif symbol in "{[":
            self._begin(at)
            self._starts.append(at)
            self._stack.append(0 if symbol == "[" else None)
            self._expect_key = symbol == "{"
        elif symbol in "}]":
            if self._starts:
                self._stack.pop()
                self._expect_key = False
                self._close(self._starts.pop(), at + 1)
        elif symbol == ",":
            if self._stack:
                top = self._stack[-1]
                self._stack[-1] = top + 1 if isinstance(top, int) else None
                self._expect_key = not isinstance(top, int)
        elif symbol != ":" and self.scalar_start is None:  # else it goes on with one that was cut
            self._begin(at)
            self.scalar_start = at

    def _begin(self, at: int) -> None:
        if len(self._stack) == 1:
            self.field_start = at

    def _close_scalar(self, at: int) -> None:
        start, self.scalar_start = self.scalar_start, None
        if start is not None:
            self._close(start, at)

    def _close(self, start: int, end: int) -> None:
        if not self._stack:
            self.end = end
        elif None not in self._stack:
            self.completed[tuple(self._stack)] = end - start  # type: ignore[arg-type]
        if len(self._stack) == 1:
            self.field_start = None
            self.fields_completed += 1
