"""The program's own text beside bars: whole lines go above them, a line at work waits below these lines."""

from __future__ import annotations

import codecs
import io
import logging
import re
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Above", "Redirection", "is_terminal", "writer_of"]

_PARTS = re.compile(r"(\n|\r|\x1b\[\d*[ABK])")
_PRINTED = 20_000  # characters
_WAITING = 8  # rewritten lines that wait at most, and the lines that another library's nested bars may have


def is_terminal(stream: object) -> bool:
    """Return whether a stream is a terminal. A stream of somebody's own may lack the method, be closed, or be None."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    except Exception:  # noqa: BLE001 - whatever a stream of somebody's own raises, no bar can be drawn there
        return False


def _says_no(stream: object) -> bool:
    """Return whether a stream says that it is no terminal; one that says nothing, as a tee, may end in one."""
    try:
        return not stream.isatty()  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    except Exception:  # noqa: BLE001 - whatever a stream of somebody's own raises
        return False


def writer_of(stream: object) -> Callable[[str], object]:
    """Return the method that writes to a stream itself, also while text that others write there goes above bars."""
    above = stream if type(stream) is Above else getattr(_own_method(stream), "__self__", None)
    return above.raw if type(above) is Above else cast("TextIO", stream).write


def _own_method(stream: object) -> object:
    """Return the method `write` that a stream has by itself, and not by its class."""
    own: dict[str, object] = getattr(stream, "__dict__", {})
    return own.get("write")


class Rows:
    r"""The lines that are not whole yet, as a terminal has them: `\r` rewrites one, and bars move up and down.

    A line that was rewritten waits until other text follows it, since its author may come back to it.
    """

    def __init__(self) -> None:
        self.lines = [""]
        self._row = self._column = 0
        self._rewritten: set[int] = set()

    def feed(self, text: str) -> list[str]:
        """Take text in; return the lines that are whole now."""
        whole: list[str] = []
        for part in _PARTS.split(text.replace("\r\n", "\n")):
            if part == "\n":
                whole += self._down()
            elif part == "\r":
                self._rewritten.add(self._row)
                self._column = 0
            elif part.startswith("\x1b[") and part[-1] in "ABK" and _PARTS.fullmatch(part):
                self._move(part)
            elif part:
                whole += self._put(part)
        return whole

    def rest(self) -> list[str]:
        """Return what waits, and wait no more."""
        lines, self.lines = self.lines, [""]
        self._row = self._column = 0
        self._rewritten.clear()
        while lines and not lines[-1].strip():
            lines.pop()
        return lines

    def _down(self) -> list[str]:
        self._row, self._column = self._row + 1, 0
        if self._row == len(self.lines):
            self.lines.append("")
        return [] if self._rewritten and self._row <= _WAITING else self._settle()

    def _settle(self) -> list[str]:
        whole, self.lines = self.lines[: self._row], self.lines[self._row :]
        self._rewritten = {row - self._row for row in self._rewritten if row >= self._row}
        self._row = 0
        return whole

    def _move(self, part: str) -> None:
        count = int(part[2:-1] or 1)
        if part.endswith("A"):
            self._row = max(0, self._row - count)
        elif part.endswith("B"):
            self._row = min(len(self.lines) - 1, self._row + count)
        else:
            self.lines[self._row] = "" if count > 1 else self.lines[self._row][: self._column]

    def _put(self, text: str) -> list[str]:
        # Text that starts a line by itself says that the bars above it are done with.
        whole = self._settle() if self._row and self._row not in self._rewritten and not self._column else []
        line, column = self.lines[self._row], self._column
        self.lines[self._row] = line[:column].ljust(column) + text + line[column + len(text) :]
        self._column = column + len(text)
        return whole


class Above(io.TextIOBase):
    """A stream in place of stdout or stderr while bars are drawn; later it is the stream itself.

    Args:
        stream: The stream in whose place this one stands.
        write: A function that writes text to the stream of one of these, above the bars.

    Attributes:
        raw: The method that writes to the stream itself.
        printed: The latest text that was written.

    """

    def __init__(self, stream: TextIO, write: Callable[[Above, str], None]) -> None:
        self.stream = stream
        self.raw = stream.write
        self.printed = ""
        self._say = write
        self._rows = Rows()
        self._buffer: Buffer | None = None
        self._lock = threading.RLock()  # a handler of a signal may print in the middle of a print
        self._is_paused = self._has_ended = False
        self._method = self.write  # made once, to be known again
        # Code that has kept the stream, as loggers do, writes above the bars too.
        if is_terminal(stream):
            with suppress(Exception):  # a stream without attributes of its own
                stream.write = self._method  # type: ignore[method-assign]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        """Return an attribute of the stream."""
        found = getattr(self.stream, name)
        if name != "buffer" or self._has_ended:
            return found
        self._buffer = self._buffer or Buffer(self, found)
        return self._buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return getattr(self.stream, "encoding", None) or "utf-8"

    def write(self, text: str, /) -> int:
        """Write whole lines above the bars; keep the rest until it is whole."""
        if self._has_ended:
            return self.stream.write(text)
        if self._is_paused:
            return self.raw(text)
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] # as every text stream says
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        with self._lock:
            self.printed = (self.printed + text)[-_PRINTED:]
            whole = self._rows.feed(text)
        if whole:
            self._say(self, "".join(f"{line}\n" for line in whole))
        return len(text)

    def flush(self) -> None:
        """Flush the stream; a line at work goes on waiting."""
        if (flush := getattr(self.stream, "flush", None)) is not None:
            flush()

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return is_terminal(self.stream)

    def fileno(self) -> int:
        """Return the number of the stream's file."""
        return self.stream.fileno()

    @property
    def waiting(self) -> list[str]:
        """The lines at work, without blank ones."""
        return [line for line in self._rows.lines if line.strip()]

    def pause(self) -> None:
        """Write to the stream itself from now on."""
        self._is_paused = True

    def resume(self) -> None:
        """Write above the bars again."""
        self._is_paused = False

    def end(self, *, write: bool) -> None:
        """Be the stream itself from now on; a text that waits is written as a line, or forgotten."""
        if _own_method(self.stream) is self._method:
            del self.stream.write
        self._has_ended = True
        if write:
            self.write_rest(end="\n")

    def write_rest(self, *, end: str) -> None:
        """Write what waits."""
        with self._lock:
            rest = self._rows.rest()
        if rest:
            self._say(self, "\n".join(rest) + end)


class Buffer:
    """The bytes' side of a stream in place of stdout or stderr: what is written there goes above the bars as well."""

    def __init__(self, above: Above, buffer: Any) -> None:  # noqa: ANN401 - whatever the stream has
        self._above, self._buffer = above, buffer
        self._decoder = codecs.getincrementaldecoder(above.encoding)("replace")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        """Return an attribute of the stream's own buffer."""
        return getattr(self._buffer, name)

    def write(self, data: bytes, /) -> int:
        """Write whole lines above the bars."""
        self._above.write(self._decoder.decode(bytes(data)))
        return len(data)


class Redirection:
    """The streams in place of stdout and stderr, also in log handlers that hold one of them, while bars are drawn."""

    def __init__(self, write: Callable[[Above, str], None]) -> None:
        self._streams: dict[str, Above] = {}
        self._handlers: list[tuple[logging.StreamHandler[Any], Above]] = []
        for name in ("stdout", "stderr"):
            stream: TextIO | None = getattr(sys, name)
            if stream is not None and not _says_no(stream):
                # Both may be one stream, which is exchanged once.
                above = next((each for each in self._streams.values() if each.stream is stream), None)
                self._streams[name] = above = above or Above(stream, write)
                setattr(sys, name, above)
        # A tee that somebody has put in the place of one writes to it.
        for name in ("__stdout__", "__stderr__"):
            kept: Any = getattr(sys, name)
            if is_terminal(kept) and not any(above.stream is kept for above in self._streams.values()):
                self._streams[name] = Above(kept, write)
        for handler in _log_handlers():
            for above in self._streams.values():
                if handler.stream is above.stream:
                    handler.stream = above
                    self._handlers.append((handler, above))

    @property
    def waiting(self) -> list[str]:
        """The lines at work of all streams."""
        return [line for above in dict.fromkeys(self._streams.values()) for line in above.waiting]

    @property
    def printed(self) -> str:
        """The latest text that the program wrote."""
        return "\n".join(above.printed for above in dict.fromkeys(self._streams.values()) if above.printed)

    def pause(self) -> None:
        """Write to the streams themselves, from the text at work on, as before a question's answer."""
        for above in self._streams.values():
            above.pause()
        for above in self._streams.values():
            above.write_rest(end="")

    def resume(self) -> None:
        """Write above the bars again."""
        for above in self._streams.values():
            above.resume()

    def end(self, *, write: bool = True) -> None:
        """Put everything back that nobody else has put in place since; a text at work is written as a line."""
        for name, above in self._streams.items():
            if getattr(sys, name) is above:
                setattr(sys, name, above.stream)
            above.end(write=write)
        for handler, above in self._handlers:
            if cast("object", handler.stream) is above:
                handler.stream = above.stream


def _log_handlers() -> Iterator[logging.StreamHandler[Any]]:
    """Yield all handlers that write to a stream, also those behind a queue or a buffer, which no logger has."""
    references: list[Any] = [*getattr(logging, "_handlerList", ())]
    for reference in references:
        handler: Any = reference() if callable(reference) else reference
        if isinstance(handler, logging.StreamHandler):
            yield handler
