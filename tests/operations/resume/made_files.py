"""PDF and Word files made by code, for the tests that read them."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
from docx.oxml.ns import qn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def made_pdf(pages: Sequence[bytes], *, resources: bytes = b"", extra: Sequence[bytes] = ()) -> bytes:
    """Write a PDF by hand: each page is its drawing operations, /F is Helvetica in WinAnsi."""
    count = len(pages)
    contents = {page: 4 + count + index for index, page in enumerate(dict.fromkeys(pages))}
    kids = b" ".join(b"%d 0 R" % (4 + index) for index in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    page_resources = b"<</Font<</F 3 0 R>>%s>>" % resources
    objects += [
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources%s/Contents %d 0 R>>"
        % (page_resources, contents[page])
        for page in pages
    ]
    for page in contents:
        packed = zlib.compress(page)
        objects.append(b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed))
    objects += extra
    out, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def at(x: float, y: float, text: str, size: float = 10) -> bytes:
    """Draw a text at a place."""
    shown = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"BT /F %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n" % (size, x, y, shown)


def lines_at(x: float, y: float, *lines: str) -> bytes:
    """Draw lines of text, one below the other."""
    return b"".join(at(x, y - 14 * index, line) for index, line in enumerate(lines) if line)


RESUME_PDF = made_pdf(
    [
        at(60, 740, "Jane Doe", 20)
        + lines_at(60, 715, "Registered Nurse", "Leeds | jane.doe@example.com | (912) 555-4321")
        + at(60, 660, "Professional Experience", 14)
        + at(60, 640, "Staff Nurse, St. Mary's Hospital")
        + at(480, 640, "Jan 2018 - Present")
        + lines_at(60, 626, "\u2022 Cared for up to 4 ventilated patients in two wards at once and for their fam-")
        + lines_at(68, 612, "ilies, full-", "time, and kept the records")
        + lines_at(60, 584, "\u2022 Trained 12 nurses")
        + at(60, 550, "Education", 14)
        + at(60, 530, "Bachelor of Science in Nursing, University of Leeds, 2017")
        + at(60, 500, "Skills", 14)
        + lines_at(60, 480, "\u2022 Ventilators, IV therapy", "\u2022 Epic, Cerner")
        + at(300, 20, "1 of 1"),
    ]
)


def word_file(document: Any) -> bytes:
    """Return the bytes of a python-docx document."""
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def repacked(content: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    """Return a .docx with its parts changed (None: left out) and others added."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = change(part.filename, old.read(part))
            if data is not None:
                new.writestr(part.filename, data)
        for name, data in added.items():
            new.writestr(name, data)
    return file.getvalue()


def word_resume() -> bytes:
    """Write a Word resume as people do: header, table, lists, a heading by outline, a link."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Jane Doe"
    document.sections[0].footer.paragraphs[0].text = "Page 1 of 2"
    contact = document.add_paragraph("jane.doe@example.com\t(912) 555-4321\t")
    target = document.part.relate_to(
        "https://linkedin.com/in/janedoe",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    run: Any = contact.add_run("LinkedIn").element
    link = run.makeelement(qn("w:hyperlink"), {qn("r:id"): target})
    run.addprevious(link)
    link.append(run)
    document.add_heading("Professional Experience", 1)
    document.add_heading("Staff Nurse, St. Mary's Hospital", 2)
    document.add_paragraph("Jan 2018 \u2013 Present")
    document.add_paragraph("Cared for 4 patients", style="List Bullet")
    document.add_paragraph("Trained 12 nurses", style="List Bullet 2")
    document.add_heading("Education", 1)
    document.add_paragraph("Bachelor of Science in Nursing, University of Leeds, 2017")
    document.add_heading("Skills", 1)
    table = document.add_table(2, 2)
    for row, cells in zip(table.rows, (("Clinical:", "IV therapy"), ("Systems:", "Epic")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    return word_file(document)


WORD = word_resume()
