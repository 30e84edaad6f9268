"""The text of a Word document (.docx), read by python-docx within limits. Every failure is an InputError.

python-docx knows styles, headers and relations. Its own lists of paragraphs and tables lack content controls, text
boxes and tracked insertions, which templates of resumes often have, so the XML is walked here.
"""

# lxml, whose elements these are, has no types.
# ruff: noqa: ANN401
from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, needs_extra
from progressnb.operations.resume.words.headings import BULLET, find_heading

from .plain_json import MAX_CHARACTERS, too_long
from .type_changes import part_runs

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from .type_changes import Run

__all__ = ["docx_text"]

_MAX_UNPACKED = 50_000_000  # bytes
_MAX_XML = 10_000_000  # bytes of one part
_MAX_PARTS = 2_000
_AS_TEXT = "Open it in a word processor and save it anew as .docx, or give the document as text."
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_UNSEEN = (
    ".//w:del | .//w:moveFrom | .//w:instrText | .//w:r[w:rPr/w:vanish[not(@w:val='0' or @w:val='false')]]"
    " | .//w:sdt[w:sdtPr/w:showingPlcHdr]"  # the hint of an empty content control
    # The same content for older programs.
    " | .//*[local-name()='AlternateContent'][*[local-name()='Choice']]/*[local-name()='Fallback']"
)
_SHOWN = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_HYPERLINK = f"{_W}hyperlink"
_LOOK = (
    "./w:rPr/*[self::w:b or self::w:i or self::w:u or self::w:caps or self::w:smallCaps or self::w:color or self::w:sz]"
)
_PROPERTIES = frozenset((f"{_W}pPr", f"{_W}rPr"))  # a tab among them is no text
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[0-9]{0,3}\s*(?:(?:of|/)\s*[0-9]{0,3})?", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s()<>\[\]]{1,300}", re.IGNORECASE)
_LEVELS, _DEPTHS, _OUTLINE_LEVELS = 6, 8, 9
_MOST_STYLES = 10  # a style may be based on itself


def docx_text(content: bytes, name: str) -> str:
    """Return the text of a .docx: headings as Markdown headings, list items as bullets, table rows as lines.

    Headers come first, footers last, and links to the web keep their address. Raises InputError for a file that is
    damaged, protected or beyond the limits, and MissingExtraError without python-docx.
    """
    with needs_extra("customize", f"the package python-docx, to read {name}"):
        import docx

    try:
        _check_archive(content, name)
        return _Reader(docx.Document(BytesIO(content)), name).text()
    except InputError:
        raise
    except Exception as error:
        # A broken package may raise any exception, in this and in any later python-docx.
        reason = str(error) or type(error).__name__
        raise InputError(
            f"{name} to be a Word document", f"a damaged or incomplete one ({reason})", _AS_TEXT
        ) from error


def _check_archive(content: bytes, name: str) -> None:
    """Refuse an archive that is not a Word document, that unpacks to too much, or whose XML defines entities."""
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
            # Word never writes a DTD, and entities that fetch or multiply need one. UTF-16 has NULs between letters.
            if b"<!doctype" in archive.read(part).replace(b"\0", b"").lower():
                raise InputError(f"{name} without a DTD", "XML that defines entities", _AS_TEXT)


class _Reader:
    """One document, read block by block into lines of text. `name` is its name in messages."""

    def __init__(self, document: Any, name: str) -> None:
        self._document = document
        self._name = name
        self._lines: list[str] = []
        self._size = 0
        self._story: Any = document

    def text(self) -> str:
        """Return the text: headers, body, footers."""
        self._margins(("first_page_header", "header"))
        self._read(self._document, self._document.element.body)
        self._margins(("first_page_footer", "footer"))
        return "\n".join(self._lines).strip("\n")

    def _read(self, story: Any, root: Any) -> None:
        for node in root.xpath(_UNSEEN):
            node.getparent().remove(node)
        self._story = story
        self._blocks(root)

    def _margins(self, kinds: Iterable[str]) -> None:
        """Read headers or footers, without page numbers and repetitions."""
        before, seen = self._lines, list[str]()
        for section in self._document.sections:
            for kind in kinds:
                margin = getattr(section, kind)
                used = kind in {"header", "footer"} or section.different_first_page_header_footer
                if margin.is_linked_to_previous or not used:
                    continue
                self._lines = []
                self._read(margin, margin.part.element)
                seen += [line for line in self._lines if line not in seen and not _PAGE_NUMBER.fullmatch(line.strip())]
        self._lines = [*before, *seen]

    def _add(self, line: str) -> None:
        self._size += len(line) + bool(line)
        if self._size > 2 * MAX_CHARACTERS:
            raise too_long(self._name, "more than that")
        if line or (self._lines and self._lines[-1]):
            self._lines.append(line)

    def _blocks(self, parent: Any) -> None:
        for node in parent:
            if node.tag == f"{_W}p":
                self._paragraph(node)
            elif node.tag == f"{_W}tbl":
                self._table(node)
            else:
                # Content controls, tracked insertions and the like contain blocks too.
                self._blocks(node)

    def _paragraph(self, node: Any) -> None:
        boxes: list[Any] = []
        level, depth = self._place(node)
        is_whole = level == 1 or depth is not None or not self._size  # a name is first
        runs = _lines_of(self._inline(node, boxes, None))
        lines = ["".join(text for text, _ in line) if is_whole else part_runs(line) for line in runs]
        lines = [line for line in map(str.strip, lines) if line] or [""]
        if level and lines[0]:
            self._add("")
            self._add(f"{'#' * level} {'   '.join(lines)}")
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

    def _place(self, node: Any) -> tuple[int, int | None]:
        """Return the level of a heading, 1 for the title, or 0; and the depth of a list item from 0, or None."""
        from docx.text.paragraph import Paragraph

        style: Any = Paragraph(node, self._story).style
        nodes, level = [node], 0
        while style is not None and len(nodes) <= _MOST_STYLES:
            found = _HEADING.fullmatch(style.name or "")
            if (found or (style.name or "").casefold() == "title") and not level:
                level = min(int(found[1]) + 1, _LEVELS) if found else 1
            nodes.append(style.element)
            style = style.base_style
        outline, number, depth = (_value(nodes, name) for name in ("outlineLvl", "numPr/w:numId", "numPr/w:ilvl"))
        if not level and outline.isdecimal() and int(outline) < _OUTLINE_LEVELS:
            level = min(int(outline) + 2, _LEVELS)
        return level, min(int(depth) if depth.isdecimal() else 0, _DEPTHS) if number not in {"", "0"} else None

    def _inline(self, node: Any, boxes: list[Any], look: Hashable) -> list[Run]:
        if node.tag in {f"{_W}t", _MATH_TEXT}:
            return [(node.text or "", look)]
        if node.tag == f"{_W}txbxContent":
            boxes.append(node)
        if node.tag in _PROPERTIES or node.tag == f"{_W}txbxContent":
            return []
        if node.tag == f"{_W}sym":
            return [(_symbol(node.get(f"{_W}char") or ""), look)]
        if node.tag == f"{_W}r":
            look = tuple(sorted((one.tag, one.get(f"{_W}val")) for one in node.xpath(_LOOK)))
        inner = [run for child in node for run in self._inline(child, boxes, look)]
        return [(_SHOWN.get(node.tag, ""), look), *(self._linked(inner, node) if node.tag == _HYPERLINK else inner)]

    def _linked(self, runs: list[Run], node: Any) -> list[Run]:
        relation = self._story.part.rels.get(node.get(_RELATION) or "")
        target = str(relation.target_ref) if relation is not None and relation.is_external else ""
        text = "".join(run[0] for run in runs)
        shown = " ".join(text.split())
        if not _LINK.fullmatch(target) or not shown or "[" in shown or "]" in shown:
            return runs
        bare = re.sub(r"^https?://(?:www\.)?", "", target.rstrip("/"))
        return runs if bare.casefold() in text.casefold() else [(f"[{shown}]({target})", _HYPERLINK)]

    def _table(self, table: Any) -> None:
        for row in _inside(table, f"{_W}tr"):
            cells = [lines for cell in _inside(row, f"{_W}tc") if any(lines := self._cell(cell))]
            heads = [find_heading(cell[0], "") for cell in cells]
            if all(len(cell) == 1 for cell in cells) and not any(head and head.section for head in heads[:1]):
                self._add(" | ".join(cell[0] for cell in cells))
            else:
                for cell in cells:
                    for line in cell:
                        self._add(line)

    def _cell(self, cell: Any) -> list[str]:
        outer, self._lines = self._lines, []
        self._blocks(cell)
        lines, self._lines = self._lines, outer
        while lines and not lines[-1]:
            lines.pop()
        return lines


def _lines_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the lines of a paragraph."""
    lines: list[list[Run]] = [[]]
    for text, look in runs:
        first, *rest = text.split("\n")
        lines[-1].append((first, look))
        lines += [[(line, look)] for line in rest]
    return lines


def _value(nodes: Iterable[Any], name: str) -> str:
    """Return a property of a paragraph, of its style, or of the styles that this is based on."""
    return next((str(found[0]) for node in nodes if (found := node.xpath(f"./w:pPr/w:{name}/@w:val"))), "")


def _inside(node: Any, tag: str) -> Iterator[Any]:
    """Yield the rows of a table or the cells of a row, also those within content controls."""
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag != f"{_W}tbl":
            yield from _inside(child, tag)


def _symbol(code: str) -> str:
    """Return the character of a symbol; letters of symbol fonts, which are pictures, become bullets."""
    number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,6}", code) else 0
    return "•" if 0xF000 <= number <= 0xF0FF else chr(number) if 32 <= number < 0x110000 else ""  # noqa: PLR2004
