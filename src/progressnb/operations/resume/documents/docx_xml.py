"""The XML of Word documents: its names, the levels of headings, and the depth of list items."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MC", "REL", "SILENT", "M", "Node", "Styles", "W", "descendants", "is_hidden", "symbol"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""The namespace of Word's elements."""

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
"""The namespace of formulas."""

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
"""The namespace of alternatives for older programs."""

REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
"""The attribute with the id of a relation, such as the target of a link."""

SILENT = frozenset(W + name for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sdtPr", "tblPr"))
"""Elements whose text is not shown: deletions, moved text, instructions of fields, properties."""

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LEVELS = 6
_DEPTHS = 8
_OUTLINE_LEVELS = 9
_MOST_STYLES = 10  # a style may be based on itself


class Node(Protocol):
    """The part of lxml's elements that is used here; lxml has no types."""

    tag: object  # a str, except for comments, entities and processing instructions
    text: str | None

    def get(self, key: str) -> str | None:
        """Return the value of an attribute."""
        ...

    def find(self, path: str) -> Node | None:
        """Return the first child of a name."""
        ...

    def __iter__(self) -> Iterator[Node]: ...


def _value(parent: Node, name: str) -> str | None:
    node = parent.find(W + name)
    return None if node is None else node.get(f"{W}val")


class Styles:
    """The styles of a document, for the heading level and the list depth of a paragraph."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._styles = {node.get(f"{W}styleId") or "": node for node in nodes if node.tag == f"{W}style"}

    def level(self, paragraph: Node) -> int:
        """Return the level of a heading, 1 for the title of the document, or 0 for other paragraphs."""
        own = paragraph.find(f"{W}pPr")
        for style in self._chain(own):
            name = _value(style, "name") or ""
            heading = _HEADING.fullmatch(name)
            if heading or name.casefold() == "title":
                return min(int(heading[1]) + 1, _LEVELS) if heading else 1
        for properties in self._properties(own):
            outline = _value(properties, "outlineLvl")
            if outline is not None:
                known = outline.isdecimal() and int(outline) < _OUTLINE_LEVELS
                return min(int(outline) + 2, _LEVELS) if known else 0
        return 0

    def list_depth(self, paragraph: Node) -> int | None:
        """Return the depth of a list item, from 0, or None for other paragraphs."""
        for properties in self._properties(paragraph.find(f"{W}pPr")):
            numbering = properties.find(f"{W}numPr")
            if numbering is not None:
                if _value(numbering, "numId") == "0":
                    return None
                depth = _value(numbering, "ilvl") or "0"
                return min(int(depth), _DEPTHS) if depth.isdecimal() else 0
        return None

    def _chain(self, own: Node | None) -> Iterator[Node]:
        """Yield the style of a paragraph and the styles that it is based on."""
        name = _value(own, "pStyle") if own is not None else None
        for _ in range(_MOST_STYLES):
            style = self._styles.get(name or "")
            if style is None:
                return
            yield style
            name = _value(style, "basedOn")

    def _properties(self, own: Node | None) -> Iterator[Node]:
        """Yield the properties of a paragraph, then those of its styles."""
        if own is None:
            return
        yield own
        for style in self._chain(own):
            found = style.find(f"{W}pPr")
            if found is not None:
                yield found


def descendants(node: Node, tag: str) -> Iterator[Node]:
    """Yield the rows of a table or the cells of a row, also those within content controls."""
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag not in SILENT and child.tag != f"{W}tbl":
            yield from descendants(child, tag)


def is_hidden(node: Node) -> bool:
    """Tell whether a run is hidden, or is the hint of an empty content control."""
    run = node.find(f"{W}rPr")
    vanish = run.find(f"{W}vanish") if run is not None else None
    control = node.find(f"{W}sdtPr")
    hint = control is not None and control.find(f"{W}showingPlcHdr") is not None
    return hint or (vanish is not None and vanish.get(f"{W}val") not in {"0", "false"})


def symbol(node: Node) -> str:
    """Return the character of a symbol; letters of symbol fonts, which are pictures, become bullets."""
    try:
        code = int(node.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    return "•" if 0xF000 <= code <= 0xF0FF else chr(code) if 32 <= code < 0x110000 else ""  # noqa: PLR2004
