"""Markdown and HTML as their readers see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.resume.documents.html_text import html_text
from progressnb.operations.resume.documents.markdown_text import markdown_text


@pytest.mark.parametrize(("text", "read"), [
    ("---\nlayout: cv\nname: Jane Doe\n---\n## Work", "Jane Doe\n## Work"),
    ("<h1 align='center'>Jane</h1>a <b>b</b><!-- c -->", "\n# Jane\na b"),
    ("![photo](me.png) Jane, 3 < 5 and <jane@example.org>", " Jane, 3 < 5 and <jane@example.org>"),
    ("**Clerk**\n  : **Acme**\n  : 2019 - 2020", "**Clerk**   **Acme**   2019 - 2020"),
    ("- Tools\n: none", "- Tools\n: none"),
])  # fmt: skip
def test_markdown_is_read_as_it_is_shown(text: str, read: str) -> None:
    """Settings, tags, comments and pictures are no text; a definition stands beside its term."""
    assert markdown_text(text) == read


@given(st.lists(st.sampled_from(["word", "# Head", "- item", "", "a: b", "3 < 5 > 2"])))
def test_markdown_without_markup_of_other_kinds_stays(lines: list[str]) -> None:
    """Headings, items and plain lines are not changed."""
    text = "\n".join(["Jane", *lines])
    assert markdown_text(text) == text


@pytest.mark.parametrize("part", ["<!--", "<style>", "<p ", "![a](", "\n: a"])
def test_hostile_markdown_takes_no_long_time(part: str) -> None:
    """A text of one half of a mark, many times, is read; a quadratic search would not end here."""
    assert markdown_text("Jane " + part * (200_000 // len(part))).startswith("Jane")


def test_a_term_and_its_detail_are_on_one_line() -> None:
    """The first paragraph of a detail stands beside its term; what follows is a line of its own."""
    page = "<dl><dt>2019-2020</dt><dd><p>Clerk, Acme</p><p>Sold.</p></dd><dt>2018</dt><dd>Cook</dd></dl>"
    assert html_text(page) == "2019-2020   Clerk, Acme\nSold.\n2018   Cook"
