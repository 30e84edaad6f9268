"""The text of an HTML page as lines: headings and list items with Markdown's marks. Nothing is run or fetched."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from .type_changes import looks_of, part_by_type

if TYPE_CHECKING:
    from .type_changes import Run

__all__ = ["html_text"]

_SILENT = frozenset({"script", "style", "head", "template", "noscript", "svg", "iframe", "object", "select", "nav"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
     "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
     "table", "tbody", "thead", "tr", "ul"]
)  # fmt: skip
_INLINE = frozenset({"a", "b", "big", "cite", "code", "em", "font", "i", "mark", "small", "span", "strong", "u"})
_DEEPEST = 20  # inline elements within each other
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class _Reader(HTMLParser):
    """A reader of one page into lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.runs: dict[int, list[Run]] = {}
        self._look: list[tuple[str, str]] = []
        self._silent: list[str] = []
        self._mark = ""
        self._terms: list[int] = []
        self._details: list[int] = []
        self._listed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at each block; a hidden element is silent up to its end."""
        given = dict(attrs)
        hidden = "hidden" in given or _HIDDEN.search(given.get("style") or "")
        if tag not in _VOID and (self._silent or tag in _SILENT or hidden):
            self._silent.append(tag)
        elif tag in _INLINE and len(self._look) < _DEEPEST:
            self._look.append((tag, f"{given.get('class')} {given.get('style')}"))
        elif tag == "br":
            self._line()
        elif re.fullmatch("h[1-6]", tag):
            self._line(f"{'#' * int(tag[1])} ")
        elif tag == "li":
            self._line("- ")
        elif tag == "dt":
            self._line()
            self._terms.append(len(self.lines) - 1)
        elif tag == "dd":
            self._line()
            # The details of a list of terms are items, where one term has several.
            self._listed = self._listed or self._details[-1:] == [len(self.lines) - 2]
            self._details.append(len(self.lines) - 1)
        elif tag in {"td", "th"}:
            self.lines[-1] += "   " if self.lines[-1].strip() else ""
        elif tag in _BLOCKS:
            self._line()

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block, and the silence of a hidden element."""
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif not self._silent and tag in _INLINE:
            at = max((number for number, (name, _) in enumerate(self._look) if name == tag), default=len(self._look))
            del self._look[at : at + 1]
        elif not self._silent and tag in _BLOCKS:
            self._line()
            if tag == "dl":
                self._end_terms()

    def handle_data(self, data: str) -> None:
        """Add text to the line."""
        text = re.sub(r"[ \t\r\n]+", " ", data)
        if self._silent or not text or (text == " " and not self.lines[-1]):
            return
        runs, look = self.runs.setdefault(len(self.lines), []), tuple(self._look)
        if self._mark and text.strip():
            self.lines[-1], runs[:] = self._mark, [(self._mark, None)]
            self._mark = ""
            text = text.lstrip()
        elif look and runs and runs[-1][1] not in {look, ()} and (runs[-1][0][-1:] + text[:1]).isalnum():
            text = f" {text}"  # elements that a style sheet keeps apart
        self.lines[-1] += text
        runs.append((text, look))

    def _end_terms(self) -> None:
        """Put each detail beside its term, or make all details items."""
        for number in self._details:
            if self._listed:
                self.lines[number] = f"- {self.lines[number]}"
            elif number - 1 in self._terms and number < len(self.lines):
                self.lines[number - 1 : number + 1] = [f"{self.lines[number - 1]}   {self.lines[number].lstrip()}", ""]
        self._terms, self._details, self._listed = [], [], False

    def _line(self, mark: str = "") -> None:
        # The mark of a list item stands before the text of a paragraph in it.
        self._mark = mark or ("" if self.lines[-1].strip() else self._mark)
        if self.lines[-1].strip():
            self.lines.append("")


def html_text(page: str) -> str:
    """Return what a reader of an HTML page sees, a line a block; a heading has an empty line before it."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    parted = (
        line
        if line.startswith("- ") or number == 1
        else part_by_type(line.strip(), looks_of(reader.runs.get(number, [])))
        for number, line in enumerate(reader.lines, 1)
    )
    lines = [re.sub(r"(?<=\S)\s*\u00a0\s*(?=\S)", " ", line).rstrip() for line in parted]
    return "\n".join(f"\n{line}" if line.startswith("#") else line for line in lines if line.strip()).strip("\n")
