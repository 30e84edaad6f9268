"""The Markdown of a resume as tokens, which all writers use, and as one HTML file to read and to print.

The HTML has no script and loads nothing. Tags in the Markdown are shown as text.
"""

from __future__ import annotations

import re
from html import escape
from importlib.resources import files
from itertools import pairwise
from string import Template
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .titles import resume_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["html_page", "markdown_tokens", "title_of"]

_SAFE = re.compile(r"(?:https?://|mailto:)[^\s\"'<>\\]+", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<![\w@./+-])(?:(?P<web>https?://[^\s<>\"'\\|]{1,300})"
    r"|(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}))",
    re.IGNORECASE,
)


class _Markdown(MarkdownIt):
    """CommonMark without HTML and pictures, and with links to web and mail only."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.disable("image")

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        """Refuse every other kind of link, such as javascript: and file:."""
        return _SAFE.fullmatch(url) is not None


def markdown_tokens(markdown: str) -> list[Token]:
    """Parse the Markdown of a resume. Web and mail addresses in the text become links."""
    tokens = _Markdown().parse(markdown)
    for token in tokens:
        inside = 0  # a link
        children: list[Token] = []
        for child in token.children or []:
            inside += (child.type == "link_open") - (child.type == "link_close")
            children += [child] if child.type != "text" or inside else _linked(child.content)
        token.children = children if token.type == "inline" else token.children
    return tokens


def _linked(text: str) -> Iterator[Token]:
    begin = 0
    for match in _ADDRESS.finditer(text):
        shown = match[0].rstrip(".,;:!?")
        if shown.endswith(")") and shown.count("(") < shown.count(")"):
            shown = shown.rstrip(").,;:!?")
        target = shown if match["web"] else f"mailto:{shown}"
        if _SAFE.fullmatch(target):
            yield Token("text", "", 0, content=text[begin : match.start()])
            yield Token("link_open", "a", 1, attrs={"href": target})
            yield Token("text", "", 0, content=shown)
            yield Token("link_close", "a", -1)
            begin = match.start() + len(shown)
    yield Token("text", "", 0, content=text[begin:])


def title_of(tokens: Sequence[Token]) -> str:
    """Return the first heading of the resume, which is the name of the person, or "Resume"."""
    for before, token in pairwise(tokens):
        if before.type == "heading_open" and before.tag == "h1":
            text = "".join(child.content for child in token.children or [])
            return " ".join(text.split()) or "Resume"
    return "Resume"


def html_page(markdown: str) -> str:
    """Return the Markdown of a resume as one HTML file for A4 and Letter."""
    parser = _Markdown()
    tokens = markdown_tokens(markdown)
    body = str(parser.renderer.render(tokens, parser.options, {}))
    page = Template(files("progressnb.operations.resume.writing").joinpath("page.html").read_text(encoding="utf-8"))
    return page.substitute(language=resume_language(markdown), title=escape(title_of(tokens)), body=body)
