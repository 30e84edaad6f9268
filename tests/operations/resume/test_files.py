"""PDF and Word files: their text in reading order, refusals, and no side effects."""

from __future__ import annotations

import logging
import os
import re
import socket
import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
import pypdf
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progressnb.errors import InputError, MissingExtraError
from progressnb.operations.resume.documents import pdf_page, pdf_reader, source
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.schemas import CustomizedResume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


# --- files made by code ----------------------------------------------------------------------------


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


@pytest.fixture
def give(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Put bytes into a file and return its path."""

    def make(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any attempt to connect or to start a program fail the test."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a document made the reader reach out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "system", refuse)


# --- PDF in ----------------------------------------------------------------------------------------


def test_a_pdf_is_read_in_order_with_its_words_whole(give: Callable[[str, bytes], Path]) -> None:
    """Headings, bullets and dates at the right keep their line; wrapped lines and broken words are joined."""
    document = read_resume(give("cv.pdf", RESUME_PDF))
    assert document.format == "pdf"
    assert [line for line in document.text.split("\n") if line] == [
        "Jane Doe",
        "Registered Nurse",
        "Leeds | jane.doe@example.com | (912) 555-4321",
        "## Professional Experience",
        "Staff Nurse, St. Mary's Hospital   Jan 2018 - Present",
        (
            "\u2022 Cared for up to 4 ventilated patients in two wards at once and for their families, full-time,"
            " and kept the records"
        ),
        "\u2022 Trained 12 nurses",
        "## Education",
        "Bachelor of Science in Nursing, University of Leeds, 2017",
        "## Skills",
        "\u2022 Ventilators, IV therapy",
        "\u2022 Epic, Cerner",
    ]
    data = document.data.to_data()
    assert data["basics"]["name"] == "Jane Doe"  # type: ignore[index,call-overload]
    work: Any = data["work"]
    assert (work[0]["name"], work[0]["position"]) == ("St. Mary's Hospital", "Staff Nurse")
    assert len(work[0]["highlights"]) == 2


def test_a_path_in_a_string_and_a_posting_are_files_too(give: Callable[[str, bytes], Path]) -> None:
    """A one-line str that ends in .pdf or .docx is a file, for postings as for resumes; not with files off."""
    pages = [at(60, 700, "Nurse", 16) + lines_at(60, 670, "Requirements", "\u2022 IV therapy", "\u2022 Epic")]
    for path in (give("job.pdf", made_pdf(pages)), give("job.docx", WORD)):
        job = read_job(str(path))
        assert job.format == path.suffix[1:]
        assert "Epic" in job.text
        assert read_job(str(path), files=False).text == str(path)
        with pytest.raises(InputError, match=r"got (?:Posix|Windows)Path"):
            read_job(path, files=False)


def test_columns_are_not_interleaved(give: Callable[[str, bytes], Path]) -> None:
    """The lines of a sidebar stay together at any height, and the column with the name comes first."""
    left = lines_at(40, 700, "Skills", "Python", "SQL", "", "Contact", "jane@example.com")
    right = at(240, 720, "Jane Doe", 20) + lines_at(
        240, 693, "Experience", "Engineer, Acme Ltd", "2018 - 2020", "Led 4"
    )
    text = read_resume(give("cv.pdf", made_pdf([left + right]))).text
    kept = [line for line in text.split("\n") if line]
    assert kept[:2] == ["Jane Doe", "Experience"]
    assert kept[-5:] == ["Skills", "Python", "SQL", "Contact", "jane@example.com"]


def test_dates_that_are_drawn_first_stay_at_their_line(give: Callable[[str, bytes], Path]) -> None:
    """A date that a browser draws first stays in the line of its place."""
    heights = range(700, 500, -40)
    dates = b"".join(at(500, y, f"{y}") for y in heights)
    jobs = b"".join(lines_at(60, y, f"Job {y}", "Did the work") for y in heights)
    text = read_resume(give("cv.pdf", made_pdf([dates + jobs]))).text
    assert all(f"Job {y}   {y}\nDid the work" in text.replace("\n\n", "\n") for y in heights)


def test_bullets_that_are_shapes_are_bullets(give: Callable[[str, bytes], Path]) -> None:
    """Bullets that a browser draws as shapes are found by their label."""
    dot = b"/Lbl BMC %d %d m 53 %d l 51 %d l h f EMC\n"
    page = at(40, 700, "Skills", 14)
    for y, word in ((680, "Python"), (666, "SQL")):
        page += dot % (50, y + 3, y + 3, y) + at(60, y, word)
    text = read_resume(give("cv.pdf", made_pdf([page]))).text
    assert "\u2022 Python\n\u2022 SQL" in text


def test_ligatures_and_symbols_become_letters_and_bullets() -> None:
    """Ligatures such as fi become letters, and bullets of symbol fonts become bullets."""
    pieces = ["\uf0b7 O\ufb03cer for e\ufb03cient work\ufb02ow", "\u00a7 Soft\u00adware", "o SQL"]
    lines = pdf_page.page_lines([pdf_page.Fragment(text, 60, 700 - 14 * y, 10) for y, text in enumerate(pieces)])
    assert lines == ["\u2022 Officer for efficient workflow", "\u2022 Software", "\u2022 SQL"]


def test_pages_are_joined_without_their_headers(give: Callable[[str, bytes], Path]) -> None:
    """A header of every page is read once, page numbers never, and a sentence continues on the next page."""
    pages = [at(60, 770, "Jane Doe, CV") + lines_at(60, 700, body) + at(300, 20, f"Page {number}")
             for number, body in enumerate(("I lead people and", "machines."), 1)]  # fmt: skip
    text = read_resume(give("cv.pdf", made_pdf(pages))).text
    assert text.split() == ["Jane", "Doe,", "CV", "I", "lead", "people", "and", "machines."]


def locked(user: str, algorithm: str) -> bytes:
    """Encrypt the PDF resume."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(RESUME_PDF))
    writer.encrypt(user, "owner", algorithm=algorithm)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_pdf_that_only_restricts_printing_is_read(give: Callable[[str, bytes], Path]) -> None:
    """A PDF with an owner's password only is read."""
    assert "Jane Doe" in read_resume(give("cv.pdf", locked("", "RC4-128"))).text


_PICTURE = b"<</Type/XObject/Subtype/Image/Width 1/Height 1/Length 1>>stream\n\xff\nendstream"


def _bad_pdfs() -> Iterator[tuple[str, bytes, str]]:
    yield "empty", b"", "empty"
    yield "truncated", RESUME_PDF[:300], "damaged or incomplete"
    yield "mark only", b"%PDF-1.7", "damaged or incomplete"
    yield "noise", b"%PDF-1.7\n" + bytes(range(256)) * 40, "damaged or incomplete"
    yield "password", locked("secret", "RC4-128"), "without a password"
    yield "scanned", made_pdf([b"q 600 0 0 800 0 0 cm /P Do Q"]), "OCR"
    stamp = b"q 600 0 0 800 0 0 cm /P Do Q " + at(10, 10, "Scanned with X")
    yield "stamped", made_pdf([stamp], resources=b"/XObject<</P 6 0 R>>", extra=[_PICTURE]), "OCR"
    yield "pages", made_pdf([at(10, 10, "x")] * (pdf_reader.MAX_PAGES + 1)), "at most 50 pages"
    yield "bomb", made_pdf([b" " * (pdf_reader._MAX_STREAM + 1)]), "usual size"
    yield "operations", made_pdf([b"q Q " * 30_000 + at(1, 1, "x")] * 4), "usual size"
    yield "nested", made_pdf([b"[" * 50_000]), "usual size"
    yield "long", made_pdf([at(1, 1, "word " * 9_000)] * 9), "at most 200,000 characters"
    yield "large", b"%PDF-1.7\n" + b"\0" * source._MAX_FILE, "at most 10,000,000 bytes"
    yield "a .docx", WORD, "Rename it to .docx"
    yield "text", b"Jane Doe", "to be a PDF"


@pytest.mark.parametrize(("content", "message"), [pytest.param(*bad[1:], id=bad[0]) for bad in _bad_pdfs()])
@pytest.mark.usefixtures("no_network")
def test_bad_pdfs_are_refused_in_one_clear_line(
    give: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    """Scanned, locked, broken and hostile PDFs are refused in one line that says expected, got and remedy."""
    monkeypatch.setattr(pdf_reader, "_MAX_OPERATIONS", 50_000)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_resume(give("cv.pdf", content))
    assert "\n" not in str(caught.value)
    assert "cv.pdf" in str(caught.value)
    assert caught.value.remedy


def test_a_pdf_that_takes_too_long_is_refused() -> None:
    """The reading time is bounded: with a clock that advances a second at each look, the PDF is refused."""
    seconds = iter(range(1000))
    with pytest.raises(InputError, match="10 seconds of work"):
        pdf_reader.pdf_text(RESUME_PDF, "cv.pdf", monotonic=lambda: float(next(seconds)))


def test_a_pdf_says_nothing_on_stderr(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Log messages of pypdf about odd files do not reach stderr if logging is not set up."""
    odd = RESUME_PDF.replace(b"startxref\n", b"startxref\n9")
    pdf_reader.pdf_text(odd, "cv.pdf")
    assert caplog.records
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    pdf_reader.pdf_text(odd, "cv.pdf")
    assert capsys.readouterr().err == ""


def test_encryption_that_needs_another_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF with AES, which needs a library that the extra lacks, is refused as locked."""

    def refuse(*_: object, **__: object) -> None:
        raise pypdf.errors.DependencyError("cryptography>=3.1 is required for AES algorithm")

    monkeypatch.setattr(pypdf, "PdfReader", refuse)
    with pytest.raises(InputError, match="an encrypted PDF"):
        pdf_reader.pdf_text(RESUME_PDF, "cv.pdf")


# --- Word in ---------------------------------------------------------------------------------------


def test_a_word_file_is_read_with_its_structure(give: Callable[[str, bytes], Path]) -> None:
    """Headings, lists, tables, tabs, the header and links arrive; the page number of the footer does not."""
    document = read_resume(give("cv.docx", WORD))
    assert document.format == "docx"
    assert document.text.split("\n") == [
        "Jane Doe",
        "jane.doe@example.com\t(912) 555-4321\t[LinkedIn](https://linkedin.com/in/janedoe)",
        "",
        "## Professional Experience",
        "",
        "### Staff Nurse, St. Mary's Hospital",
        "Jan 2018 \u2013 Present",
        "- Cared for 4 patients",
        "- Trained 12 nurses",
        "",
        "## Education",
        "Bachelor of Science in Nursing, University of Leeds, 2017",
        "",
        "## Skills",
        "Clinical: | IV therapy",
        "Systems: | Epic",
    ]
    data: Any = document.data.to_data()
    assert data["basics"]["name"] == "Jane Doe"
    assert data["basics"]["profiles"][0]["url"] == "https://linkedin.com/in/janedoe"
    assert data["work"][0]["highlights"] == ["Cared for 4 patients", "Trained 12 nurses"]


def _with(body: str) -> bytes:
    """Put raw XML at the begin of a Word document's body."""
    document = docx.Document()
    spaces = (
        f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    )
    for node in reversed(list(parse_xml(f"<w:body {spaces}>{body}</w:body>"))):
        document.element.body.insert(0, node)
    return word_file(document)


def _p(text: str, properties: str = "") -> str:
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<w:sdt><w:sdtContent>{_p('Jane')}</w:sdtContent></w:sdt>", "Jane"),
        ("<w:p><w:r><w:t>Jane</w:t></w:r><w:ins><w:r><w:t> Doe</w:t></w:r></w:ins></w:p>", "Jane Doe"),
        ("<w:p><w:r><w:t>Jane</w:t></w:r><w:del><w:r><w:delText> Roe</w:delText></w:r></w:del></w:p>", "Jane"),
        (
            ("<w:p><w:r><w:t>Jane</w:t><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>"
            f"{_p('box')}</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><w:txbxContent>{_p('box')}"
            "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"),
            "Jane\nbox",
        ),
        ("<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r></w:p>", "a\nb\tc"),
        ("<w:p><w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r></w:p>", "a-b"),
        ("<w:p><w:r><w:t>soft</w:t><w:softHyphen/><w:t>ware</w:t></w:r></w:p>", "software"),
        ('<w:p><w:r><w:sym w:font="Wingdings" w:char="F0A7"/><w:t> SQL</w:t></w:r></w:p>', "\u2022 SQL"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>score 100</w:t></w:r><w:r><w:t>Jane</w:t></w:r></w:p>", "Jane"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r></w:p>", "7"),
        (_p("Things", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'), "## Things"),
        (_p("One", '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="3"/></w:numPr></w:pPr>'), "  - One"),
        (
            f"<w:tbl><w:tr><w:tc>{_p('2018')}</w:tc><w:tc>{_p('Acme')}{_p('Did it')}</w:tc></w:tr></w:tbl>",
            "2018\nAcme\nDid it",
        ),
    ],
    ids=[
        *("content control", "insertion", "deletion", "text box", "breaks", "hyphen", "soft hyphen", "symbol"),
        *("hidden", "field", "outline", "numbering", "layout table"),
    ],
)  # fmt: skip
def test_what_python_docx_leaves_out_is_read_as_word_shows_it(
    give: Callable[[str, bytes], Path], body: str, text: str
) -> None:
    """Content controls and text boxes are read, deleted and hidden text is not."""
    assert read_resume(give("cv.docx", _with(body))).text == text


def _bad_word_files() -> Iterator[tuple[str, bytes, str]]:
    def entities(declaration: str, *, encoding: str = "utf-8") -> bytes:
        def change(name: str, data: bytes) -> bytes:
            if name != "word/document.xml":
                return data
            text = data.decode().split("?>", 1)[1].replace("<w:body>", f"<w:body>{_p('&e;')}")
            return f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [{declaration}]>{text}'.encode(encoding)

        return repacked(WORD, change)

    billion = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcd", "bcde", strict=True)
    )
    yield "empty", b"", "empty"
    yield "truncated", WORD[: len(WORD) // 2], "damaged or incomplete"
    yield "mark only", b"PK\x03\x04word/", "damaged or incomplete"
    yield "no document", repacked(WORD, lambda name, data: None if name == "word/document.xml" else data), "damaged"
    yield "broken XML", repacked(WORD, lambda name, data: data[:-9] if name == "word/document.xml" else data), "damaged"
    yield "external entity", entities('<!ENTITY e SYSTEM "file:///etc/passwd">'), "without a DTD"
    yield "web entity", entities('<!ENTITY e SYSTEM "http://example.com/x">', encoding="utf-16"), "without a DTD"
    yield "billion laughs", entities(billion), "without a DTD"
    yield "bomb", repacked(WORD, lambda _, data: data, **{"word/media/a.png": bytes(50_000_001)}), "unpack to at most"
    yield "large part", repacked(WORD, lambda _, data: data, **{"word/a.xml": bytes(10_000_001)}), "usual size"
    yield "parts", repacked(WORD, lambda _, data: data, **{f"word/{n}": b"" for n in range(2001)}), "unpack to at most"
    yield "deep", _with("<w:sdt><w:sdtContent>" * 100 + _p("x") + "</w:sdtContent></w:sdt>" * 100)[:-40], "damaged"
    yield "long", _with(_p("word " * 90_000)), "at most 200,000 characters"
    yield "large", b"PK\x03\x04word/" + bytes(source._MAX_FILE), "at most 10,000,000 bytes"
    yield "no text", word_file(docx.Document()), "empty"
    yield (
        "macros",
        repacked(
            WORD,
            lambda name, data: (
                data.replace(b"wordprocessingml.document.main+xml", b"ms-word.document.macroEnabled.main+xml")
                if name == "[Content_Types].xml"
                else data
            ),
        ),
        "to be a Word document",
    )
    yield "old .doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Word file"
    yield "locked", b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"
    yield "a PDF", RESUME_PDF, "Rename it to .pdf"
    yield "other archive", repacked(WORD, lambda _name, _data: None, a=b"b"), "zip archive"
    yield "text", b"Jane Doe", "to be a Word file"


@pytest.mark.parametrize(("content", "message"), [pytest.param(*bad[1:], id=bad[0]) for bad in _bad_word_files()])
@pytest.mark.usefixtures("no_network")
def test_bad_word_files_are_refused_in_one_clear_line(
    give: Callable[[str, bytes], Path], content: bytes, message: str
) -> None:
    """Broken, locked, renamed and hostile Word files are refused in one line that says expected, got and remedy."""
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_job(give("job.docx", content))
    assert "\n" not in str(caught.value)
    assert "job.docx" in str(caught.value)
    assert caught.value.remedy
    assert "root:" not in str(caught.value)


def test_a_lying_archive_is_refused(give: Callable[[str, bytes], Path]) -> None:
    """An archive that says its parts are smaller than they are is damaged, and is not unpacked further."""
    content = bytearray(WORD)
    at_size = content.rindex(b"PK\x01\x02", 0, content.rindex(b"word/document.xml")) + 24
    content[at_size : at_size + 4] = struct.pack("<I", 10)
    with pytest.raises(InputError, match="damaged"):
        read_resume(give("cv.docx", bytes(content)))


def test_a_text_file_that_is_no_text_says_what_it_is(give: Callable[[str, bytes], Path]) -> None:
    """The message for a PDF that is named .txt says that it is a PDF."""
    for name, content, remedy in (("a.txt", RESUME_PDF, "Rename it to .pdf"), ("a.md", WORD, "Rename it to .docx")):
        with pytest.raises(InputError, match=remedy):
            read_resume(give(name, content))


# --- hostile bytes ---------------------------------------------------------------------------------

_damage = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=12)


def _read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        assert read_resume(path).text.strip()
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is fine


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=_damage, cut=st.integers(0, 10**6), noise=st.binary(max_size=60), word=st.booleans())
def test_damaged_files_are_read_or_refused(
    tmp_path: Path, damage: list[tuple[int, int]], cut: int, noise: bytes, *, word: bool
) -> None:
    """A file with changed, missing or added bytes gives a text or an InputError, never another error."""
    content = bytearray(WORD if word else RESUME_PDF)
    for place, value in damage:
        content[place % len(content)] = value
    place = cut % len(content)
    content[place:place] = noise
    _read(tmp_path / ("a.docx" if word else "a.pdf"), bytes(content))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(st.sampled_from([
    b"BT", b"ET", b"q", b"Q", b"1 0 0 1 5 5 cm", b"1e30 0 0 -1e30 1e38 1e38 cm", b"/F 10 Tf", b"/X -1e9 Tf",
    b"(a b) Tj", b"[(a)-9e9(b)] TJ", b"1e9 1e9 Td", b"T*", b"0 0 0 0 0 0 Tm", b"nan 0 0 1 0 0 Tm", b"/Lbl BMC",
    b"(x) (y) m", b"1 2 m", b"EMC", b"/F Do", b"(\xff\x00) '", b"<</A", b"]]", b"BI ID", b"\\", b"(",
]), max_size=25))  # fmt: skip
def test_any_drawing_is_read_or_refused(tmp_path: Path, operations: list[bytes]) -> None:
    """Drawing operations out of order, with wrong operands or extreme places give a text or an InputError."""
    _read(tmp_path / "a.pdf", made_pdf([b" ".join(operations)]))


_TAGS = (
    *("w:p", "w:r", "w:tbl", "w:tr", "w:tc", "w:sdt", "w:sdtContent", "w:ins", "w:del", "w:pPr", "w:rPr", "w:sectPr"),
    *("w:hyperlink r:id='rId99'", "w:hyperlink r:id='rId1'", "w:fldSimple", "w:numPr", "w:txbxContent"),
)
_LEAVES = (
    *("<w:t>x</w:t>", "<w:br/>", "<w:tab/>", "<!--c-->", "<?pi?>", "<w:sym w:char='zz'/>", "<w:sym w:char='FFFFFF'/>"),
    *(
        "<w:pStyle w:val='no'/>",
        "<w:pStyle w:val='Heading1'/>",
        "<w:outlineLvl w:val='x'/>",
        "<w:outlineLvl w:val='99'/>",
    ),
    *("<w:ilvl w:val='-1'/>", "<w:numId/>", "<w:vanish/>", "<x:t xmlns:x='y'>z</x:t>", "&#x1;", "&no;"),
)
_xml = st.recursive(
    st.sampled_from(_LEAVES),
    lambda inner: st.builds(
        lambda tag, inside: f"<{tag}>{''.join(inside)}</{tag.split()[0]}>",
        st.sampled_from(_TAGS),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_xml)
def test_any_word_xml_is_read_or_refused(tmp_path: Path, body: str) -> None:
    """Misplaced elements, unknown styles, relations and symbols give a text or an InputError."""

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"<w:body>", b"<w:body>" + body.encode()) if name == "word/document.xml" else data

    _read(tmp_path / "a.docx", repacked(WORD, change))


# --- without the extra -----------------------------------------------------------------------------


def test_without_the_extra_the_install_command_is_given(
    give: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the extra, PDF and Word name the exact install command, and all other formats work."""
    for module in ("docx", "pypdf"):
        monkeypatch.setitem(sys.modules, module, None)
    result = CustomizedResume(markdown="# A", data={}, changes=[])
    for act in (
        lambda: read_resume(give("cv.pdf", RESUME_PDF)),
        lambda: read_job(str(give("job.docx", WORD))),
        lambda: result.save(tmp_path / "out.docx"),
    ):
        with pytest.raises(MissingExtraError) as caught:
            act()
        assert caught.value.remedy == 'Install it: pip install "progressnb[documents]"'
        assert "\n" not in str(caught.value)
    for suffix in ("md", "json", "html"):
        assert result.save(tmp_path / f"out.{suffix}").exists()
    assert not (tmp_path / "out.docx").exists()
