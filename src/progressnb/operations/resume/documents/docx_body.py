"""The blocks of a Word document as lines of text: paragraphs, headings, list items, tables, text boxes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from progressnb.operations.resume.words.headings import BULLET, find_heading

from .docx_xml import MC, REL, SILENT, M, Node, Styles, W, descendants, is_hidden, symbol
from .plain_json import MAX_CHARACTERS, too_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["DocumentReader"]

_PAGE_NUMBER = re.compile(r"(?:page\s*)?[0-9]{0,3}\s*(?:(?:of|/)\s*[0-9]{0,3})?", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s()<>\[\]]{1,300}", re.IGNORECASE)
_BREAKS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}


class DocumentReader:
    """One document, read block by block into lines of text. `name` is its name in messages."""

    def __init__(self, document: Any, name: str) -> None:  # noqa: ANN401 - python-docx has no types for its XML
        self._document = document
        self._name = name
        self._lines: list[str] = []
        self._size = 0
        self._part: Any = document.part
        self._styles = Styles(cast("Node", document.styles.element))

    def text(self) -> str:
        """Return the text: headers, body, footers."""
        self._margins(("first_page_header", "header"))
        self._part = self._document.part
        self._blocks(cast("Node", self._document.element.body))
        self._margins(("first_page_footer", "footer"))
        return "\n".join(self._lines).strip("\n")

    def _margins(self, kinds: Iterable[str]) -> None:
        """Read headers or footers, without page numbers and repetitions."""
        before = list(self._lines)
        seen: list[str] = []
        for section in self._document.sections:
            for kind in kinds:
                margin = getattr(section, kind)
                used = kind in {"header", "footer"} or section.different_first_page_header_footer
                if margin.is_linked_to_previous or not used:
                    continue
                self._part = margin.part
                self._lines = []
                self._blocks(cast("Node", margin.part.element))
                seen += [line for line in self._lines if line not in seen and not _PAGE_NUMBER.fullmatch(line.strip())]
        self._lines = [*before, *seen]

    def _add(self, line: str) -> None:
        self._size += len(line) + 1
        if self._size > 2 * MAX_CHARACTERS:
            raise too_long(self._name, "more than that")
        if line or (self._lines and self._lines[-1]):
            self._lines.append(line)

    def _blocks(self, parent: Node) -> None:
        for node in parent:
            if node.tag == f"{W}p":
                self._paragraph(node)
            elif node.tag == f"{W}tbl":
                self._table(node)
            elif node.tag not in SILENT:
                # Content controls, tracked insertions and the like contain blocks too.
                self._blocks(node)

    def _paragraph(self, node: Node) -> None:
        boxes: list[Node] = []
        text = "".join(self._inline(node, boxes))
        lines = [line.strip() for line in text.split("\n")]
        lines = [line for line in lines if line] or [""]
        level, depth = self._styles.level(node), self._styles.list_depth(node)
        if level and lines[0]:
            self._add("")
            self._add(f"{'#' * level} {' '.join(lines)}")
        elif depth is not None and lines[0]:
            first, *rest = lines
            self._add("  " * depth + (first if BULLET.match(first) else f"- {first}"))
            for line in rest:
                self._add(f"{'  ' * depth}  {line}")
        else:
            for line in lines:
                self._add(line)
        for box in boxes:
            self._blocks(box)

    def _inline(self, parent: Node, boxes: list[Node]) -> Iterator[str]:
        for node in parent:
            tag = node.tag
            if tag in (f"{W}t", f"{M}t"):
                yield node.text or ""
            elif tag in _BREAKS:
                yield _BREAKS[str(tag)]
            elif tag == f"{W}sym":
                yield symbol(node)
            elif tag == f"{W}txbxContent":
                boxes.append(node)
            elif tag == f"{W}hyperlink":
                yield self._link(node, boxes)
            elif tag == f"{MC}AlternateContent":
                # This element has the same content twice, for newer and for older programs.
                choice = node.find(f"{MC}Choice")
                yield from self._inline(node if choice is None else choice, boxes)
            elif tag not in SILENT and isinstance(tag, str) and not is_hidden(node):
                yield from self._inline(node, boxes)

    def _link(self, node: Node, boxes: list[Node]) -> str:
        text = "".join(self._inline(node, boxes))
        relation: Any = self._part.rels.get(node.get(REL) or "")
        target = str(relation.target_ref) if relation is not None and relation.is_external else ""
        shown = " ".join(text.split())
        address = target.removeprefix("mailto:").rstrip("/")
        if not _LINK.fullmatch(target) or not shown or "[" in shown or "]" in shown:
            return text
        bare = re.sub(r"^https?://(?:www\.)?", "", address)
        return text if bare.casefold() in text.casefold() else f"[{shown}]({target})"

    def _table(self, table: Node) -> None:
        for row in descendants(table, f"{W}tr"):
            cells = [lines for cell in descendants(row, f"{W}tc") if any(lines := self._cell(cell))]
            heads = [find_heading(cell[0], "") for cell in cells]
            if all(len(cell) == 1 for cell in cells) and not any(head and head.section for head in heads[:1]):
                self._add(" | ".join(cell[0] for cell in cells))
            else:
                for cell in cells:
                    for line in cell:
                        self._add(line)

    def _cell(self, cell: Node) -> list[str]:
        outer, self._lines = self._lines, []
        self._blocks(cell)
        lines, self._lines = self._lines, outer
        while lines and not lines[-1]:
            lines.pop()
        return lines
