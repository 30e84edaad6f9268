"""The Markdown of a resume as a Word document, with styles for headings and lists, and links to web and mail only."""

from __future__ import annotations

import datetime as dt
import importlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from progressnb.errors import needs_extra
from progressnb.operations.resume.documents.plain_json import clean

from .html_writer import markdown_tokens, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from markdown_it.token import Token
    from pydantic import JsonValue

__all__ = ["docx_file", "need_docx"]

_STYLES = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3", "h5": "Heading 4", "h6": "Heading 5"}
# The countries that use the paper size Letter.
_LETTER = frozenset({"US", "CA", "MX", "PH", "CO", "CL", "VE"})
_OF_ENTRIES = ("Heading 2", "Heading 3")
_DARK = (0x1F, 0x3A, 0x5F)
_DEPTHS = 3  # of lists, for which the template has styles
_KEYWORDS = 200  # the longest title that Word shows


def need_docx(name: str) -> None:
    """Raise MissingExtraError if python-docx, which writes Word documents, is not installed."""
    with needs_extra("customize", f"the package python-docx, to save {name}"):
        importlib.import_module("docx")


def docx_file(markdown: str, data: Mapping[str, JsonValue]) -> bytes:
    """Return a resume as a .docx. The paper is Letter if the country in `data` uses it, else A4."""
    need_docx("a .docx")
    import docx

    # Characters that XML does not allow would fail in the writer.
    tokens = markdown_tokens(_for_xml(markdown))
    document = docx.Document()
    _prepare(document, title_of(tokens), letter=_country(data) in _LETTER)
    _Writer(document).write(tokens)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _for_xml(text: str) -> str:
    return clean(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def _country(data: Mapping[str, JsonValue]) -> str:
    basics = data.get("basics")
    location = basics.get("location") if isinstance(basics, dict) else None
    return str(location.get("countryCode", "")).upper() if isinstance(location, dict) else ""


def _prepare(document: Document, title: str, *, letter: bool) -> None:
    """Set paper, fonts and properties. The template of python-docx has those of its author."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = (Mm(215.9), Mm(279.4)) if letter else (Mm(210), Mm(297))
    section.left_margin = section.right_margin = Mm(19)
    section.top_margin = section.bottom_margin = Mm(17)
    sizes = {"Normal": (10.5, 0, 4), "Title": (22, 0, 2), "Heading 1": (13, 12, 3), "Heading 2": (11, 7, 1)}
    sizes |= dict.fromkeys(("Heading 3", "Heading 4", "Heading 5"), (10.5, 6, 1))
    for name, (size, before, after) in sizes.items():
        style: Any = document.styles[name]
        style.font.name, style.font.size = "Calibri", Pt(size)
        # The font of the theme has precedence over the name.
        fonts = style.element.rPr.rFonts
        for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{key}"), None)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        if name != "Normal":
            style.font.color.rgb = RGBColor(*_DARK)
            style.paragraph_format.keep_with_next = True
    for depth in range(_DEPTHS):
        for kind in ("Bullet", "Number"):
            bullet: Any = document.styles[_list_style(kind, depth)]
            bullet.paragraph_format.space_after = Pt(2)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    properties = document.core_properties
    properties.title = properties.author = properties.last_modified_by = title[:_KEYWORDS]
    properties.comments = properties.keywords = properties.subject = ""
    properties.created = properties.modified = now


def _list_style(kind: str, depth: int) -> str:
    return f"List {kind}" if depth == 0 else f"List {kind} {min(depth, _DEPTHS - 1) + 1}"


class _Writer:
    """A writer of Markdown tokens into a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lists: list[str] = []
        self._heading: str | None = None
        self._first_in_item = False
        self._below = False

    def write(self, tokens: Sequence[Token]) -> None:
        """Write headings, paragraphs and list items. Other blocks become paragraphs."""
        for token in tokens:
            if token.type == "heading_open":
                self._heading = _STYLES[token.tag]
            elif token.type == "heading_close":
                self._below, self._heading = self._heading in _OF_ENTRIES, None
            elif token.type in {"bullet_list_open", "ordered_list_open"}:
                self._lists.append("Bullet" if token.type == "bullet_list_open" else "Number")
            elif token.type in {"bullet_list_close", "ordered_list_close"}:
                self._lists.pop()
            elif token.type == "list_item_open":
                self._first_in_item = True
            elif token.type == "inline":
                self._line(token.children or [])
            elif token.type in {"fence", "code_block"}:
                for line in token.content.rstrip("\n").split("\n"):
                    self._document.add_paragraph(line)

    def _line(self, tokens: Sequence[Token]) -> None:
        paragraph = self._document.add_paragraph(style=self._style())
        _inline(paragraph, tokens)
        if self._below and not self._heading and not self._lists:
            # The dates of an entry stay with what follows, not alone at the end of a page.
            paragraph.paragraph_format.keep_with_next = True
        self._below = self._below and bool(self._heading)

    def _style(self) -> str | None:
        if self._heading:
            return self._heading
        if self._lists:
            depth = len(self._lists) - 1
            first, self._first_in_item = self._first_in_item, False
            if first:
                return _list_style(self._lists[-1], depth)
            return "List Continue" if depth == 0 else f"List Continue {min(depth, _DEPTHS - 1) + 1}"
        return None


def _inline(paragraph: Paragraph, tokens: Sequence[Token]) -> None:
    bold = italic = 0
    target: str | None = None
    for token in tokens:
        bold += token.nesting if token.tag == "strong" else 0
        italic += token.nesting if token.tag == "em" else 0
        if token.type == "link_open":
            target = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            target = None
        elif token.type == "hardbreak":
            paragraph.add_run().add_break()
        else:
            text = " " if token.type == "softbreak" else token.content
            if not text:
                continue
            run = paragraph.add_run(text)
            if bold:
                run.bold = True
            if italic:
                run.italic = True
            if target:
                _link(paragraph, run, target)


def _link(paragraph: Paragraph, run: Any, target: str) -> None:  # noqa: ANN401 - python-docx has no types for its XML
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    part: Any = paragraph.part
    relation = part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    run.font.color.rgb, run.font.underline = RGBColor(*_DARK), True
    # python-docx reads links, but can't add one.
    link = run.element.makeelement(qn("w:hyperlink"), {qn("r:id"): relation})
    run.element.addprevious(link)
    link.append(run.element)
