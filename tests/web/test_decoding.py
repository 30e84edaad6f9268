"""The reading of server-sent events: as the standard says, wherever the bytes are cut."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from httpx_sse._decoders import SSEDecoder, SSELineDecoder
from hypothesis import given
from hypothesis import strategies as st

from progressnb.web.client.events import Events

if TYPE_CHECKING:
    from collections.abc import Iterable

LINES = st.sampled_from(
    (
        *("", "", "data: a", "data:b", "data:  c", "data", "data: ü\u2028", 'data: {"x": "y:z"}'),
        *("id: 7\nevent: done\ndata: x", "id: 7\nevent: done\ndata: ü", "id: 8\nevent: done\ndata:"),
        *("id: 7", "event: done", ": still here", "retry: 250", "retry: x", "retry:", "unknown: d", "dat"),
    )
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def by_httpx_sse(text: str) -> tuple[list[str], int | None]:
    """Return the events as another library reads them."""
    lines, decoder = SSELineDecoder(), SSEDecoder()
    found = [event for line in lines.decode(text) if (event := decoder.decode(line)) is not None]
    pauses = [event.retry for event in found if event.retry is not None]
    return [event.data for event in found if event.data], pauses[-1] if pauses else None


def read(chunks: Iterable[bytes]) -> tuple[list[str], int | None]:
    """Return the data of the events in chunks, and the pause that the server asks for."""
    events = Events()
    found = [data.decode() for chunk in chunks for data in events.of(chunk)]
    return found, events.retry


@given(lines=st.lists(st.tuples(LINES, ENDS), max_size=20), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_as_another_library_reads_them(lines: list[tuple[str, str]], cuts: list[int]) -> None:
    """Whatever fields and line ends there are and wherever the chunks end, the events are those of another reader."""
    text = "".join(line + end for line, end in lines) + "\n\n"
    content = text.encode()
    places = [0, *sorted(cuts), len(content)]
    chunks = [content[begin:end] for begin, end in itertools.pairwise(places)]
    assert read(chunks) == by_httpx_sse(text)


@given(cut=st.integers(0, 12))
def test_the_mark_at_the_begin(cut: int) -> None:
    """A byte order mark at the begin is no part of the first line, also where it comes in pieces."""
    content = b"\xef\xbb\xbfdata: a\n\n"
    assert read([content[:cut], content[cut:]]) == (["a"], None)


def test_bytes_that_are_no_text() -> None:
    """Bytes that are no UTF-8 are read with the sign for such bytes, as browsers do."""
    assert read([b"data: a\xffb\n\n"]) == (["a\ufffdb"], None)


def test_a_number_of_thousands_of_digits() -> None:
    """A pause of thousands of digits is read as a long one."""
    assert read([b"retry: " + b"9" * 5_000 + b"\n\n"]) == ([], 999_999_999)


def test_a_large_event_in_many_chunks_costs_its_length() -> None:
    """What has come is looked at once: the buffer of an event of 20 MB in chunks of 1 KB is not searched anew."""
    events = Events()
    chunk = b"x" * 1_000
    assert events.of(b"data: ") == []
    for _ in range(20_000):
        assert events.of(chunk) == []
    (data,) = events.of(b"\n\n")
    assert len(data) == 20_000_000
