"""Server-sent events out of bytes, as the standard reads them: the fields that a reader of runs needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Events", "SentEvent"]

_BOM = b"\xef\xbb\xbf"


class SentEvent(NamedTuple):
    """An event: its data in UTF-8, and the milliseconds after which to connect again, or None."""

    data: bytes
    retry: int | None


class Events:
    """The events of one stream, whose bytes come in chunks that are cut anywhere."""

    def __init__(self) -> None:
        self._rest = bytearray()  # of an event that is not whole
        self._looked = 0  # how far an end of it was looked for
        self._begins = True
        self._after_return = False

    def of(self, chunk: bytes) -> Iterator[SentEvent]:
        """Yield the events that are whole with this chunk."""
        rest = self._rest
        rest += self._with_line_feeds(chunk)
        if self._begins:
            if len(rest) < len(_BOM) and _BOM.startswith(rest):
                return
            self._begins = False
            if rest.startswith(_BOM):
                del rest[: len(_BOM)]
        end = rest.rfind(b"\n\n", max(0, self._looked - 1))
        self._looked = len(rest)
        if end >= 0:
            whole = bytes(rest[:end])
            del rest[: end + 2]
            self._looked = len(rest)
            for block in whole.split(b"\n\n"):
                yield _event_of(block)

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """Return the chunk with the one kind of line end that a server of ours sends."""
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_return = chunk.endswith(b"\r") or (self._after_return and not chunk)
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in chunk else chunk


def _event_of(block: bytes) -> SentEvent:
    data: list[bytes] = []
    retry = None
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        if name == b"data":
            data.append(value.removeprefix(b" "))
        elif name == b"retry" and (digits := value.removeprefix(b" ")).isdigit():
            retry = int(digits[:9])  # there may be thousands
    text = data[0] if len(data) == 1 else b"\n".join(data)
    return SentEvent(text if text.isascii() else text.decode("utf-8", "replace").encode(), retry)
