"""A strict, incremental scanner of JSON text: each character is read once, across any cuts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic_core import from_json

from progressnb.wire.growing import GrowingValue

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Path", "Scanner"]

Path: TypeAlias = tuple[str | int, ...]
"""The way from the root of a JSON value to a value inside it: keys and indexes."""

# The inside of a string as far as it is valid: up to its closing quote, a fault, or an escape that is cut.
_INSIDE = r"""(?: [^"\\\x00-\x1f]++
          | \\ (?: ["\\/bfnrt]
              | u (?![dD][89a-fA-F]) [0-9a-fA-F]{4}
              | u [dD][89abAB][0-9a-fA-F]{2} \\ u [dD][c-fC-F][0-9a-fA-F]{2} ) )*+"""
_INSIDE_STRING = re.compile(_INSIDE, re.VERBOSE)
_TOKEN = re.compile(rf"""[ \t\r\n]*+ (?: ([{{}}\[\],:]) | "({_INSIDE}) | ([^ \t\r\n{{}}\[\],:"]++) )""", re.VERBOSE)
_SYMBOL, _STRING = 1, 2  # groups of `_TOKEN`; the third is a number or a literal
_CUT_ESCAPE = re.compile(
    r"""\\ (?: u (?: [0-9a-fA-F]{0,3}
              | [dD][89abAB][0-9a-fA-F]{2} (?: \\ (?: u (?: [dD] (?: [c-fC-F] [0-9a-fA-F]? )? )? )? )? ) )?""",
    re.VERBOSE,
)
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity")
_FENCE = re.compile(r"```[^\n{\[]*\n?\s*")
_VALUE_START = frozenset('{["-0123456789')
_LITERALS = ("true", "false", "null")

# The limits of the parser, pydantic-core's `from_json`: what it refuses must be a fault here too.
_DEPTH = 200
_SCALAR_LENGTH = 4_300

# What may come next.
_VALUE, _ITEM, _FIRST_KEY, _KEY, _COLON, _NEXT = range(6)


class Scanner:
    """Follow the structure of JSON text, each character once, across any cuts.

    Scanning ends at the end of the root value or at the first fault, such as an invalid escape, a trailing comma or a
    brace that closes a list. What is known of the text depends on the text alone, not on where it was cut.
    """

    __slots__ = (
        "_expected",
        "_is_faulty",
        "_is_key",
        "_position",
        "_stack",
        "_starts",
        "_string_start",
        "_values",
        "completed",
        "end",
        "field_start",
        "fields_completed",
        "in_string",
        "length",
        "readable_end",
        "start",
    )

    def __init__(self) -> None:
        self.start: int | None = None  # where the JSON begins, behind fences and prose
        self.end: int | None = None  # where its root value is closed
        self.readable_end: int | None = None  # where the part that can be parsed ends; None is the end of the text
        self.in_string = False
        self.field_start: int | None = None  # the open value one level below the root
        self.completed: dict[Path, int] = {}
        self.fields_completed = 0
        self.length = 0  # of the text, when it was scanned last
        self._position = 0
        self._is_faulty = False
        self._expected = _VALUE
        self._stack: list[str | int | None] = []  # a key, an index, or None where a key is not known yet
        self._starts: list[int] = []  # where each open container begins
        self._is_key = False  # whether the open string is a key
        self._string_start = 0
        self._values: GrowingValue | None = None  # from when somebody asks for the value

    @property
    def is_over(self) -> bool:
        """Whether the readable part can't grow any more: the root is closed, or the text is faulty."""
        return self.end is not None or self._is_faulty

    @property
    def open_path(self) -> Path | None:
        """The path of the innermost value that is being written, or None."""
        if self.start is None or self.end is not None:
            return None
        return tuple(step for step in self._stack if step is not None)

    def copy(self) -> Self:
        """Return a scanner that goes on from here by itself."""
        other = type(self)()
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.completed = {**self.completed}
        other._stack, other._starts = [*self._stack], [*self._starts]  # noqa: SLF001 - of this class
        other._values = None  # noqa: SLF001 - of this class
        return other

    def value(self, text: str) -> Any:  # noqa: ANN401 - plain JSON data
        """Return the readable part of the text, which was scanned, as plain data that never changes.

        The first time reads all of it; from then on each value is read when it is scanned.
        """
        values, end = self._values, self.readable_end
        if values is not None:
            if self.in_string and not self._is_key:
                values.string(
                    self._stack, text, self._string_start + 1, len(text) if end is None else end, is_open=True
                )
            return values.root
        readable = text[self.start : end] if self.start is not None else ""
        try:
            root = from_json(readable, allow_partial="trailing-strings") if readable else None
        except ValueError:  # never for text that can be encoded: the scanner is as strict as the parser
            return None
        if self.start is not None:
            in_string = self.in_string and not self._is_key
            self._values = GrowingValue(root, self._stack, len(text) if end is None else end, in_string=in_string)
        return root

    def scan(self, text: str) -> None:
        """Read what is new in the text, from where the last scan ended."""
        if len(text) == self.length:
            return
        self.length = len(text)
        if self.start is None and not self._find_start(text):
            return
        if self.is_over or (self.in_string and not self._end_string(text)):
            return
        self.readable_end = None
        find, goes_on = _TOKEN.match, True
        while goes_on and (match := find(text, self._position)):
            kind = match.lastindex
            self._position = match.end()
            if kind == _SYMBOL:
                goes_on = self._read_symbol(match[1], match.start(1))
            elif kind == _STRING:
                goes_on = self._open_string(text, match.start(2) - 1)
            else:
                goes_on = self._read_scalar(match[3], match.start(3), is_cut=match.end() == len(text))

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

    def _fail(self, at: int) -> bool:
        self._is_faulty, self.readable_end = True, at
        return False

    def _open_string(self, text: str, at: int) -> bool:
        expected = self._expected
        if expected <= _ITEM:
            self._is_key = False
            if len(self._stack) == 1:
                self.field_start = at
        elif expected <= _KEY:
            self._is_key = True
        else:
            return self._fail(at)
        self._string_start = at
        if text[self._position : self._position + 1] == '"':
            self._position += 1
            self._close_string(text)
            return self.end is None
        self.in_string = True
        return self._end_string(text)

    def _end_string(self, text: str) -> bool:
        rest = _INSIDE_STRING.match(text, self._position)
        self._position = self.readable_end = position = rest.end() if rest else self._position
        if text[position : position + 1] != '"':
            # Nothing, or a part of an escape: the rest is to come.
            self._is_faulty = position < len(text) and not _CUT_ESCAPE.fullmatch(text, position)
            return False
        self._position += 1
        self.in_string, self.readable_end = False, None
        self._close_string(text)
        return self.end is None

    def _close_string(self, text: str) -> None:
        if not self._is_key:
            if self._values is not None:
                self._values.string(self._stack, text, self._string_start + 1, self._position - 1, is_open=False)
            self._close(self._string_start, self._position)
            return
        key = text[self._string_start : self._position]
        self._stack[-1] = str(from_json(key)) if "\\" in key else key[1:-1]
        self._expected = _COLON

    def _read_scalar(self, token: str, at: int, *, is_cut: bool) -> bool:
        if self._expected > _ITEM:
            return self._fail(at)
        if len(self._stack) == 1:
            self.field_start = at
        if len(token) > _SCALAR_LENGTH:
            return self._fail(at)
        if is_cut:  # `1` may become `12`: it is read again when more has come
            self._position = self.readable_end = at
            return False
        if not _SCALAR.fullmatch(token):
            return self._fail(at)
        if self._values is not None:
            self._values.scalar(self._stack, token)
        self._close(at, self._position)
        return self.end is None

    def _read_symbol(self, symbol: str, at: int) -> bool:
        expected, stack = self._expected, self._stack
        if symbol == ",":
            if expected != _NEXT:
                return self._fail(at)
            top = stack[-1]
            if isinstance(top, int):
                stack[-1], self._expected = top + 1, _VALUE
            else:
                stack[-1], self._expected = None, _KEY
        elif symbol == ":":
            if expected != _COLON:
                return self._fail(at)
            self._expected = _VALUE
        elif symbol in "{[":
            return self._open_container(symbol, at)
        else:
            return self._close_container(symbol, at)
        return True

    def _open_container(self, symbol: str, at: int) -> bool:
        stack, is_list = self._stack, symbol == "["
        if self._expected > _ITEM or len(stack) >= _DEPTH:
            return self._fail(at)
        if len(stack) == 1:
            self.field_start = at
        self._starts.append(at)
        if self._values is not None:
            self._values.begin(stack, [] if is_list else {})
        stack.append(0 if is_list else None)
        self._expected = _ITEM if is_list else _FIRST_KEY
        return True

    def _close_container(self, symbol: str, at: int) -> bool:
        first = _ITEM if symbol == "]" else _FIRST_KEY
        if (
            self._expected not in (first, _NEXT)
            or not self._stack
            or isinstance(self._stack[-1], int) != (symbol == "]")
        ):
            return self._fail(at)
        self._stack.pop()
        if self._values is not None:
            self._values.end()
        self._close(self._starts.pop(), at + 1)
        return self.end is None

    def _close(self, start: int, end: int) -> None:
        self._expected = _NEXT
        depth = len(self._stack)
        if depth:
            self.completed[tuple(self._stack)] = end - start  # type: ignore[arg-type] # all keys are known here
        else:
            self.end = self.readable_end = end
        if depth == 1:
            self.field_start = None
            self.fields_completed += 1
