"""The text of a Word document (.docx), by python-docx: within limits, and every failure an InputError.

python-docx opens the package; its paragraphs and tables leave out content controls, text boxes and
tracked insertions, which résumé templates are full of, so the XML is walked here.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol, cast

from progressnb.errors import InputError
from progressnb.operations.resume.words.headings import BULLET, find_heading

from .extra import missing_documents
from .plain_json import MAX_CHARACTERS, too_long

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["docx_text"]

_MAX_UNPACKED = 50_000_000
_MAX_XML = 10_000_000
_MAX_PARTS = 2_000
_AS_TEXT = "Open it in a word processor and save it anew as .docx, or give the document as text."
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[0-9]{0,3}\s*(?:(?:of|/)\s*[0-9]{0,3})?", re.IGNORECASE)
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s()<>\[\]]{1,300}", re.IGNORECASE)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# Deleted, moved away, instructions of fields, properties: no text of the document as it is read.
_SILENT = frozenset(_W + name for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sdtPr", "tblPr"))
_LEVELS = 6


class _Node(Protocol):
    """What is used of lxml's elements, which come without types."""

    tag: object  # text but for comments, entities and instructions
    text: str | None

    def get(self, key: str) -> str | None: ...
    def find(self, path: str) -> _Node | None: ...
    def __iter__(self) -> Iterator[_Node]: ...


def docx_text(content: bytes, name: str) -> str:
    """Return the text of a .docx: headings as Markdown headings, list items as bullets, table rows as lines.

    Headers come first, footers last, and links to the web keep their address. Raises InputError for what is
    damaged, protected or beyond the limits, MissingExtraError without python-docx.
    """
    try:
        import docx
    except ImportError as error:
        raise missing_documents(f"to read {name}", "docx") from error
    try:
        _check_archive(content, name)
        return _Reader(docx.Document(BytesIO(content)), name).text()
    except InputError:
        raise
    except Exception as error:
        # A broken package may raise anything, here and in any later python-docx.
        reason = str(error) or type(error).__name__
        raise InputError(
            f"{name} to be a Word document", f"a damaged or incomplete one ({reason})", _AS_TEXT
        ) from error


def _check_archive(content: bytes, name: str) -> None:
    """Refuse an archive that is no Word document, that unpacks to too much, or whose XML defines entities."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > _MAX_PARTS or unpacked > _MAX_UNPACKED:
            got = f"{len(parts):,} parts of {unpacked:,} bytes"
            raise InputError(f"{name} to unpack to at most {_MAX_UNPACKED:,} bytes", got, _AS_TEXT)
        if any(part.flag_bits & 1 for part in parts):
            raise InputError(f"{name} without a password", "an encrypted archive", "Save it without one.")
        if "[Content_Types].xml" not in archive.namelist() or not any(
            part.filename.startswith("word/") for part in parts
        ):
            raise InputError(f"{name} to be a Word document", "another kind of archive", _AS_TEXT)
        for part in parts:
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue
            if part.file_size > _MAX_XML:
                raise InputError(
                    f"{name} to be a document of usual size", f"a part of {part.file_size:,} bytes", _AS_TEXT
                )
            # Word never writes a DTD; entities that fetch or multiply need one. NULs are those of UTF-16.
            if b"<!doctype" in archive.read(part).replace(b"\0", b"").lower():
                raise InputError(f"{name} without a DTD", "XML that defines entities", _AS_TEXT)


class _Reader:
    """One document on its way to lines of text."""

    def __init__(self, document: Any, name: str) -> None:  # noqa: ANN401 - python-docx's, whose XML has no types
        self._document = document
        self._name = name
        self._lines: list[str] = []
        self._size = 0
        self._part: Any = document.part
        self._styles: dict[str, _Node] = {}
        for style in cast("_Node", document.styles.element):
            if style.tag == f"{_W}style":
                self._styles[style.get(f"{_W}styleId") or ""] = style

    def text(self) -> str:
        """Return the text: headers, body, footers."""
        self._margins(("first_page_header", "header"))
        self._part = self._document.part
        self._blocks(cast("_Node", self._document.element.body))
        self._margins(("first_page_footer", "footer"))
        return "\n".join(self._lines).strip("\n")

    def _margins(self, kinds: Iterable[str]) -> None:
        """Read headers or footers; page numbers and repetitions are left out."""
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
                self._blocks(cast("_Node", margin.part.element))
                seen += [line for line in self._lines if line not in seen and not _PAGE_NUMBER.fullmatch(line.strip())]
        self._lines = [*before, *seen]

    def _add(self, line: str) -> None:
        self._size += len(line) + 1
        if self._size > 2 * MAX_CHARACTERS:
            raise too_long(self._name, "more than that")
        if line or (self._lines and self._lines[-1]):
            self._lines.append(line)

    def _blocks(self, parent: _Node) -> None:
        for node in parent:
            if node.tag == f"{_W}p":
                self._paragraph(node)
            elif node.tag == f"{_W}tbl":
                self._table(node)
            elif node.tag not in _SILENT:
                # Content controls, tracked insertions and the like hold blocks too.
                self._blocks(node)

    def _paragraph(self, node: _Node) -> None:
        boxes: list[_Node] = []
        text = "".join(self._inline(node, boxes))
        lines = [line.strip() for line in text.split("\n")]
        lines = [line for line in lines if line] or [""]
        level, depth = self._level(node), self._list_depth(node)
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

    def _inline(self, parent: _Node, boxes: list[_Node]) -> Iterator[str]:
        for node in parent:
            tag = node.tag
            if tag in (f"{_W}t", f"{_M}t"):
                yield node.text or ""
            elif tag in _BREAKS:
                yield _BREAKS[str(tag)]
            elif tag == f"{_W}sym":
                yield _symbol(node)
            elif tag == f"{_W}txbxContent":
                boxes.append(node)
            elif tag == f"{_W}hyperlink":
                yield self._link(node, boxes)
            elif tag == f"{_MC}AlternateContent":
                # The same content for newer and for older programs.
                choice = node.find(f"{_MC}Choice")
                yield from self._inline(node if choice is None else choice, boxes)
            elif tag not in _SILENT and isinstance(tag, str) and not _hidden(node):
                yield from self._inline(node, boxes)

    def _link(self, node: _Node, boxes: list[_Node]) -> str:
        text = "".join(self._inline(node, boxes))
        relation: Any = self._part.rels.get(node.get(_REL) or "")
        target = str(relation.target_ref) if relation is not None and relation.is_external else ""
        shown = " ".join(text.split())
        address = target.removeprefix("mailto:").rstrip("/")
        if not _LINK.fullmatch(target) or not shown or "[" in shown or "]" in shown:
            return text
        bare = re.sub(r"^https?://(?:www\.)?", "", address)
        return text if bare.casefold() in text.casefold() else f"[{shown}]({target})"

    def _table(self, table: _Node) -> None:
        for row in _within(table, f"{_W}tr"):
            cells = [lines for cell in _within(row, f"{_W}tc") if any(lines := self._cell(cell))]
            heads = [find_heading(cell[0], "") for cell in cells]
            if all(len(cell) == 1 for cell in cells) and not any(head and head.section for head in heads[:1]):
                self._add(" | ".join(cell[0] for cell in cells))
            else:
                for cell in cells:
                    for line in cell:
                        self._add(line)

    def _cell(self, cell: _Node) -> list[str]:
        outer, self._lines = self._lines, []
        self._blocks(cell)
        lines, self._lines = self._lines, outer
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _properties(self, paragraph: _Node) -> Iterator[_Node]:
        """Yield the properties of a paragraph and those of its style and of the styles that this is based on."""
        own = paragraph.find(f"{_W}pPr")
        if own is None:
            return
        yield own
        name = _value(own, "pStyle")
        for _ in range(10):  # a style may be based on itself
            style = self._styles.get(name or "")
            if style is None:
                return
            found = style.find(f"{_W}pPr")
            if found is not None:
                yield found
            name = _value(style, "basedOn")

    def _level(self, paragraph: _Node) -> int:
        """Return the level of a heading, 1 for the title, or 0."""
        own = paragraph.find(f"{_W}pPr")
        name = _value(own, "pStyle") if own is not None else None
        for _ in range(10):
            style = self._styles.get(name or "")
            if style is None:
                break
            called = _value(style, "name") or ""
            heading = _HEADING.fullmatch(called)
            if heading or called.casefold() == "title":
                return min(int(heading[1]) + 1, _LEVELS) if heading else 1
            name = _value(style, "basedOn")
        for properties in self._properties(paragraph):
            outline = _value(properties, "outlineLvl")
            if outline is not None:
                return min(int(outline) + 2, _LEVELS) if outline.isdecimal() and int(outline) < 9 else 0  # noqa: PLR2004
        return 0

    def _list_depth(self, paragraph: _Node) -> int | None:
        """Return how deep a list item stands, from 0, or None."""
        for properties in self._properties(paragraph):
            numbering = properties.find(f"{_W}numPr")
            if numbering is not None:
                if _value(numbering, "numId") == "0":
                    return None
                depth = _value(numbering, "ilvl") or "0"
                return min(int(depth), 8) if depth.isdecimal() else 0
        return None


def _value(parent: _Node, name: str) -> str | None:
    node = parent.find(_W + name)
    return None if node is None else node.get(f"{_W}val")


def _within(parent: _Node, tag: str) -> Iterator[_Node]:
    """Yield the rows of a table or the cells of a row; content controls may stand between."""
    for node in parent:
        if node.tag == tag:
            yield node
        elif node.tag not in _SILENT and node.tag != f"{_W}tbl":
            yield from _within(node, tag)


def _hidden(node: _Node) -> bool:
    """Tell whether a run is hidden, or the hint of an empty content control."""
    run = node.find(f"{_W}rPr")
    vanish = run.find(f"{_W}vanish") if run is not None else None
    control = node.find(f"{_W}sdtPr")
    hint = control is not None and control.find(f"{_W}showingPlcHdr") is not None
    return hint or (vanish is not None and vanish.get(f"{_W}val") not in {"0", "false"})


def _symbol(node: _Node) -> str:
    try:
        code = int(node.get(f"{_W}char") or "", 16)
    except ValueError:
        return ""
    # Letters of symbol fonts are pictures; at the begin of a line they are bullets.
    return "•" if 0xF000 <= code <= 0xF0FF else chr(code) if 32 <= code < 0x110000 else ""  # noqa: PLR2004
