"""CSV as it comes: its encoding, delimiter and header, found out in one pass, and a regular copy of one that is not."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from .sql import RefusedQueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Layout", "regular_text", "scanned"]

BYTES = 4_000_000_000
"""Bytes of text in a file that is packed."""

_PIECE = 1 << 20
ROWS = 10_000_000
LINE = 10_000_000
"""Characters of the longest line."""

_HEADER = 1_000_000
"""Bytes of the longest header."""

_DELIMITERS = ",;\t|"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WEST = "cp1252"


class Layout(NamedTuple):
    """The way in which a file of CSV is written."""

    encoding: str
    delimiter: str
    header: list[str]
    is_regular: bool
    """Whether DuckDB reads it as it is."""
    rows: int | None
    """The number of its rows, where its lines tell it."""


def scanned(file: BinaryIO, *, is_packed: bool, delimiter: str | None) -> Layout:
    """Return the layout of a file. Raises `RefusedQueryError` for one that is no text, or of mixed encodings."""
    scan = _Scan()
    for piece in _pieces(file, is_packed=is_packed):
        scan.take(piece)
    encoding = scan.encoding()
    if not scan.size:
        raise RefusedQueryError("", "an empty file")
    head = codecs.getincrementaldecoder(encoding)().decode(bytes(scan.head)).replace("\r\n", "\n").replace("\r", "\n")
    delimiter = delimiter or _delimiter(head)
    header = _header(head, delimiter)
    rows = scan.lines - 1 if not scan.quotes else None
    return Layout(encoding, delimiter, header, scan.is_regular(encoding), rows)


def regular_text(file: BinaryIO, copy: BinaryIO, layout: Layout, *, is_packed: bool) -> None:
    """Write a file as regular CSV: in UTF-8, with commas, without empty lines."""
    csv.field_size_limit(LINE)
    decoder = codecs.getincrementaldecoder(layout.encoding)()
    lines = _lines(decoder.decode(piece) for piece in _pieces(file, is_packed=is_packed))
    text = io.TextIOWrapper(cast("Any", copy), encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\n")
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    try:
        for row in reader:
            if not row:
                continue
            if len(row) > len(layout.header) and any(row[len(layout.header) :]):
                got = f"{len(row)} values in line {reader.line_num:,}, and {len(layout.header)} names in the header"
                raise RefusedQueryError("", got, "Put values with the delimiter in them into quotation marks.")
            writer.writerow(row[: len(layout.header)])
    except csv.Error as error:
        got = "a quotation mark that is not closed" if "end of data" in str(error) else str(error)
        raise RefusedQueryError("", f"{got}, in line {reader.line_num:,}") from None
    text.flush()
    text.detach()
    copy.seek(0)


class _Scan:
    """Facts of a file that one pass over its bytes tells."""

    def __init__(self) -> None:
        self.head = bytearray()
        self.size = 0
        self.quotes = 0
        self._ends = 0
        self._mark = ""
        self._strict: Any = None
        self._wrong: int | None = None
        self._beyond = False
        self._returns = self._pairs = self._blank = 0
        self._last = b""

    def take(self, piece: bytes) -> None:
        if not self.size:
            self._mark = next((name for mark, name in _MARKS if piece.startswith(mark)), "")
            self._strict = codecs.getincrementaldecoder(self._mark or "utf-8")()
        if len(self.head) < _HEADER:
            self.head += piece[: _HEADER - len(self.head)]
        if b"\0" in piece and self._mark != "utf-16":
            at = self.size + piece.index(b"\0") + 1
            raise RefusedQueryError("", f"a NUL at byte {at:,}, which no text has")
        if self._wrong is None:
            try:
                self._strict.decode(piece)
            except UnicodeDecodeError as error:
                self._wrong = self.size + error.start
                self._beyond = self._beyond or _has_utf8(piece)
            else:
                self._beyond = self._beyond or not piece.isascii()
        elif not self._beyond:
            self._beyond = _has_utf8(piece)
        self.quotes += piece.count(b'"')
        joined = self._last + piece
        self._ends += piece.count(b"\n")
        self._returns += piece.count(b"\r")
        self._pairs += joined.count(b"\r\n") - self._last.count(b"\r\n")
        self._blank += joined.count(b"\n\n") + joined.count(b"\n\r\n")
        self._last = joined[-2:]
        self.size += len(piece)
        if self._ends > ROWS + 1 and not self.quotes:
            raise RefusedQueryError(f"at most {ROWS:,} rows", "more", "Pass an extract.")
        if self.size > LINE and not self._ends and not self._returns:
            raise RefusedQueryError("", f"a line of more than {LINE:,} bytes")

    def encoding(self) -> str:
        if self._mark == "utf-16" and self._wrong is not None:
            raise RefusedQueryError("", "UTF-16 that is not whole")
        if self._wrong is None:
            return self._mark or "utf-8"
        if self._beyond or self._mark:
            got = f"two encodings: some of it is UTF-8, and byte {self._wrong + 1:,} is not"
            raise RefusedQueryError("", got, "Write all of it as UTF-8.")
        return _WEST

    @property
    def lines(self) -> int:
        """The number of lines, of which the last one may have no end."""
        return self._ends + (not self._last.endswith(b"\n"))

    def is_regular(self, encoding: str) -> bool:
        lone = self._returns != self._pairs
        mixed = self._pairs not in (0, self.lines, self.lines - 1)
        return encoding.startswith("utf-8") and not lone and not mixed and not self._blank and self.quotes % 2 == 0


def _has_utf8(piece: bytes) -> bool:
    """Tell whether bytes have a letter that UTF-8 writes with several of them."""
    return not piece.decode("utf-8", "ignore").isascii()


def _pieces(file: BinaryIO, *, is_packed: bool) -> Iterator[bytes]:
    file.seek(0)
    source: Any = gzip.GzipFile(fileobj=file) if is_packed else file
    size = 0
    try:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > BYTES:
                raise RefusedQueryError("", f"more than {BYTES:,} bytes of text", "Pass an extract.")
            yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise RefusedQueryError("", str(error), "Check that it is whole.") from None


def _lines(texts: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a text that comes in pieces."""
    rest = ""
    for text in texts:
        joined = rest + text
        kept = joined[-1:] if joined.endswith("\r") else ""  # its other half may come
        joined = joined[: len(joined) - len(kept)].replace("\r\n", "\n").replace("\r", "\n")
        *whole, rest = joined.split("\n")
        rest += kept
        yield from (f"{each}\n" for each in whole)
        if len(rest) > LINE:
            raise RefusedQueryError("", f"a line of more than {LINE:,} characters")
    if rest:
        yield rest


def _delimiter(head: str) -> str:
    """Return the delimiter that gives the first lines the same number of values, the most."""
    best, most = ",", 1
    sample = head[:100_000]
    for delimiter in _DELIMITERS:
        try:
            rows = [
                row for row, _ in zip(csv.reader(io.StringIO(sample), delimiter=delimiter), range(50), strict=False)
            ]
        except csv.Error:
            continue
        widths = [len(row) for row in rows if row]
        widths = widths[:-1] if len(widths) > 2 and len(head) > len(sample) else widths  # noqa: PLR2004 - the last may be cut
        if widths and widths[0] > most and all(width == widths[0] for width in widths):
            best, most = delimiter, widths[0]
    if most == 1:
        first = head.partition("\n")[0]
        best = max(_DELIMITERS, key=lambda each: (first.count(each), each == ","))
    return best


def _header(head: str, delimiter: str) -> list[str]:
    csv.field_size_limit(LINE)
    try:
        none: list[str] = []
        header = next((row for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row), none)
    except csv.Error as error:
        raise RefusedQueryError("", f"a header that can't be read: {error}") from None
    if not header:
        raise RefusedQueryError("", "an empty file")
    return [each.strip() for each in header]
