"""A scanner that follows the structure of JSON text, each character once, across any cuts."""

from __future__ import annotations

import re
from typing import TypeAlias

from pydantic_core import from_json

__all__ = ["Path", "Scanner"]

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


class Scanner:
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
        """The path of the innermost value that is being written, or None."""
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
        """Read what is new in the text, from where the last scan ended."""
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
