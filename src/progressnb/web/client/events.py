"""Server-sent events out of bytes, as the standard reads them: the fields that a reader of runs needs."""

from __future__ import annotations

import re

__all__ = ["Events"]

_BOM = b"\xef\xbb\xbf"

# As our own server sends them, which is read ten times as fast.
_USUAL = re.compile(rb"(?:id: [0-9]+\nevent: \w+\ndata: [^\n]+\n\n)+")
_DATA = re.compile(rb"\ndata: ([^\n]+)")


class Events:
    """The events of one stream, whose bytes come in chunks that are cut anywhere.

    Attributes:
        retry: The milliseconds after which the server asks to connect again, or None.

    """

    def __init__(self) -> None:
        self.retry: int | None = None
        self._rest = bytearray()  # of an event that is not whole
        self._looked = 0  # how far an end of it was looked for
        self._begins = True
        self._after_return = False

    def of(self, chunk: bytes) -> list[bytes]:
        """Return the data, in UTF-8, of the events that are whole with this chunk, without those that have none."""
        rest = self._rest
        rest += self._with_line_feeds(chunk)
        if self._begins:
            if len(rest) < len(_BOM) and _BOM.startswith(rest):
                return []
            self._begins = False
            if rest.startswith(_BOM):
                del rest[: len(_BOM)]
        end = rest.rfind(b"\n\n", max(0, self._looked - 1)) + 2
        self._looked = len(rest)
        if end < 2:  # noqa: PLR2004 - nothing was found
            return []
        whole = bytes(rest[:end])
        del rest[:end]
        self._looked = len(rest)
        if whole.isascii() and _USUAL.fullmatch(whole):
            return _DATA.findall(whole)
        return [data for block in whole.split(b"\n\n") if (data := self._data_of(block))]

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """Return the chunk with the one kind of line end that a server of ours sends."""
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_return = chunk.endswith(b"\r") or (self._after_return and not chunk)
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in chunk else chunk

    def _data_of(self, block: bytes) -> bytes:
        lines: list[bytes] = []
        for line in block.split(b"\n"):
            name, _, value = line.partition(b":")
            if name == b"data":
                lines.append(value.removeprefix(b" "))
            elif name == b"retry" and (digits := value.removeprefix(b" ")).isdigit():
                self.retry = int(digits[:9])  # there may be thousands
        data = b"\n".join(lines)
        return data if data.isascii() else data.decode("utf-8", "replace").encode()
