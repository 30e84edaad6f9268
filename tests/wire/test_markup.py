"""Hostile text in HTML that stands in Markdown: no markup and no formula."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from progressnb.wire.markup import html_text
from progressnb.wire.plain import clean_text


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
    """Whatever the text, it makes no element, and no dollar or backslash is left for whoever looks for formulas."""
    html = html_text(text)
    read = pieces_of(html)
    assert read.tags == set()
    assert "".join(read.pieces) == clean_text(text)
    assert not re.search(r"[$\\]", html)
