"""Hostile text in HTML: no markup, no formula, nothing that turns a line around unseen."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.wire.markup import html_text, visible_text


class _Reader(HTMLParser):
    """Collect the pieces of text and the tags of HTML, as a browser has them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag, which has no attributes."""
        assert attrs == []
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Take a piece of text."""
        self.pieces.append(data)


def pieces_of(html: str) -> _Reader:
    """Read HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_any_text_stays_text(text: str) -> None:
    """Whatever the text, its only elements are the spans around dollars and backslashes, each alone in its piece."""
    read = pieces_of(html_text(text))
    assert read.tags <= {"span"}
    assert "".join(read.pieces) == visible_text(text)
    assert all(len(piece) == 1 for piece in read.pieces if re.search(r"[$\\]", piece))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain\ttext\nof lines", "plain\ttext\nof lines"),
        ("ab\u202egnp.exe", "ab[U+202E]gnp.exe"),
        ("a\u200bb\ufeffc\x1b[31m", "a[U+200B]b[U+FEFF]c[U+001B][31m"),
        ("👩‍💻 שלום\u200f é", "👩‍💻 שלום\u200f é"),
        ("\ud83d\ude00 \ud800", "😀 \ufffd"),
    ],
)
def test_what_nobody_sees_is_a_sign(text: str, seen: str) -> None:
    """Characters that turn or hide text are signs; emoji and right-to-left writing stay."""
    assert visible_text(text) == seen
