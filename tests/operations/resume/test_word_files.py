"""Word files: their structure, and refusals."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

import docx
import pytest
from docx.oxml import parse_xml

from progressnb.errors import InputError
from progressnb.operations.resume.documents import source
from progressnb.operations.resume.reading.inputs import read_job, read_resume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
from tests.operations.resume.made_files import RESUME_PDF, WORD, W, repacked, word_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
