"""The Markdown of a resume as a Word document, with styles for headings and lists, and links to web and mail only."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Any

from progressnb.operations.resume.documents.plain_json import clean

from .blocks import blocks, is_on_letter
from .html_writer import markdown_tokens, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from pydantic import JsonValue

    from .blocks import Block, Piece

__all__ = ["docx_file"]

_STYLES = {"h1": "Title", "h2": "Heading 1", "li": "List Bullet", "p": "Normal"}  # and "Heading 2" for entries
_DARK = (0x1F, 0x3A, 0x5F)
_KEYWORDS = 200  # the longest title that Word shows


def docx_file(markdown: str, data: Mapping[str, JsonValue]) -> bytes:
    """Return a resume as a .docx. The paper is Letter if the country in `data` uses it, else A4."""
    import docx

    # Characters that XML does not allow would fail in the writer.
    text = clean(markdown).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    document = docx.Document()
    _prepare(document, title_of(markdown_tokens(text)), letter=is_on_letter(data))
    _write(document, blocks(text))
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _prepare(document: Document, title: str, *, letter: bool) -> None:
    """Set paper, fonts and properties. The template of python-docx has those of its author."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    section = document.sections[0]
    section.page_width, section.page_height = (Mm(215.9), Mm(279.4)) if letter else (Mm(210), Mm(297))
    section.left_margin = section.right_margin = Mm(19)
    section.top_margin = section.bottom_margin = Mm(17)
    sizes = {"Normal": (10.5, 0, 4), "Title": (22, 0, 2), "Heading 1": (13, 12, 3), "Heading 2": (11, 7, 1)}
    sizes |= {"List Bullet": (10.5, 0, 2)}
    for name, (size, before, after) in sizes.items():
        style: Any = document.styles[name]
        style.font.name, style.font.size = "Calibri", Pt(size)
        # The font of the theme has precedence over the name.
        fonts = style.element.rPr.rFonts
        for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{key}"), None)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        if name in {"Title", "Heading 1", "Heading 2"}:
            style.font.color.rgb = RGBColor(*_DARK)
            style.paragraph_format.keep_with_next = True
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    properties = document.core_properties
    properties.title = properties.author = properties.last_modified_by = title[:_KEYWORDS]
    properties.comments = properties.keywords = properties.subject = ""
    properties.created = properties.modified = now


def _write(document: Document, parts: Sequence[Block]) -> None:
    below = False  # a heading of an entry
    for block in parts:
        style = _STYLES.get(block["kind"], "Heading 2")
        paragraph = document.add_paragraph(style=style)
        for piece in block["pieces"]:
            for number, line in enumerate(piece["text"].split("\n")):
                if number:
                    paragraph.add_run().add_break()
                _run(paragraph, line, piece)
        if below and style == "Normal":
            # The dates of an entry stay with what follows, not alone at the end of a page.
            paragraph.paragraph_format.keep_with_next = True
        below = style == "Heading 2"


def _run(paragraph: Paragraph, text: str, piece: Piece) -> None:
    if not text:
        return
    run = paragraph.add_run(text)
    if piece["link"]:
        _link(paragraph, run, piece["link"])


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
