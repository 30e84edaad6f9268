"""PDF files: their text in reading order, and refusals."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pypdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InputError
from progressnb.operations.resume.documents import pdf_reader, source
from progressnb.operations.resume.documents.pdf_columns import join_cells
from progressnb.operations.resume.documents.pdf_dates import level_dates
from progressnb.operations.resume.documents.pdf_joining import join_pages
from progressnb.operations.resume.documents.pdf_letters import Letter, with_accents, with_hyphens, without_icons
from progressnb.operations.resume.documents.pdf_lines import Fragment, Piece, make_line, make_rows
from progressnb.operations.resume.documents.pdf_page import document_lines
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.words.dates import find_periods

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
from tests.operations.resume.made_files import RESUME_PDF, WORD, at, lines_at, made_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
    lines = document_lines([[Fragment(text, 60, 700 - 14 * y, 10, 200) for y, text in enumerate(pieces)]])
    assert lines == [["\u2022 Officer for efficient workflow", "\u2022 Software", "\u2022 SQL"]]


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
    yield "operations", made_pdf([b"0 0 1 1 re f " * 30_000 + at(1, 1, "x")] * 4), "usual size"
    yield "nested", made_pdf([b"[" * 50_000]), "OCR"
    yield (
        "long",
        made_pdf([b"".join(at(1, 785 - y, "word " * 112, 0.8) for y in range(780))]),
        "at most 200,000 characters",
    )
    yield "large", b"%PDF-1.7\n" + b"\0" * source._MAX_FILE, "at most 10,000,000 bytes"
    yield "a .docx", WORD, "Rename it to .docx"
    yield "text", b"Jane Doe", "to be a PDF"


@pytest.mark.parametrize(("content", "message"), [pytest.param(*bad[1:], id=bad[0]) for bad in _bad_pdfs()])
@pytest.mark.usefixtures("no_network")
def test_bad_pdfs_are_refused_in_one_clear_line(
    give: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    """Scanned, locked, broken and hostile PDFs are refused in one line that says expected, got and remedy."""
    if "characters" not in message:
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


def test_a_pdf_says_nothing_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    """The engine's remarks on odd files do not reach stderr."""
    odd = RESUME_PDF.replace(b"startxref\n", b"startxref\n9")
    assert "Jane Doe" in pdf_reader.pdf_text(odd, "cv.pdf")
    assert capfd.readouterr().err == ""


def test_an_aes_password_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF that is locked in a way that the engine does not know is refused as locked."""

    def refuse(*_: object, **__: object) -> None:
        raise pypdfium2.PdfiumError("Failed to load document (PDFium: Unsupported security scheme).", err_code=5)

    monkeypatch.setattr(pypdfium2, "PdfDocument", refuse)
    with pytest.raises(InputError, match="an encrypted PDF"):
        pdf_reader.pdf_text(RESUME_PDF, "cv.pdf")


@pytest.mark.parametrize("spread", [0, 3])
def test_spaces_are_told_by_gaps(give: Callable[[str, bytes], Path], spread: int) -> None:
    """Words that a program sets without spaces are apart, and letters that are set wide are one word."""
    letters = b"BT /F 10 Tf %d Tc 1 0 0 1 60 700 Tm [(WORK)-%d(HISTORY)] TJ ET\n" % (spread, 300)
    text = read_resume(give("cv.pdf", made_pdf([letters + lines_at(60, 670, "Clerk, Acme Ltd, 2018 - 2020")]))).text
    assert text.startswith("WORK HISTORY\n")


def test_letters_from_right_to_left_are_read_in_their_order() -> None:
    """Hebrew lines, whose letters lie from the left to the right, become words again; numbers and names stay."""
    line = "\u05e0\u05d5\u05e2\u05d4 (SAP One), 2012 \u2013 2015"
    shown = "2015 \u2013 2012 ,(SAP One) \u05d4\u05e2\u05d5\u05e0"
    assert document_lines([[Fragment(shown, 10, 700, 10, 200)]]) == [[line]]


def drawn(*texts: tuple[str, float, float]) -> list[Piece]:
    """Return pieces in drawing order; each has its left end and its baseline."""
    made = [Fragment(text, x, y, 10, x + 5 * len(text)) for text, x, y in texts]
    return [Piece(order, one) for order, one in enumerate(made)]


def test_cells_of_a_table_are_joined() -> None:
    """A cell is drawn to its end before the next one: its wrapped lines belong together, and a list stays one."""
    pieces = drawn(
        ("2016 –", 0, 700), ("2020", 0, 688), ("Glassworks of the", 60, 700), ("South", 60, 688),
        ("• Blew glass", 160, 700),
        ("• Sold it", 160, 688), ("2012 –", 0, 660), ("2016", 0, 648), ("Pottery", 60, 660), ("• Made pots", 160, 660),
    )  # fmt: skip
    assert [make_line(row).text for row in join_cells(make_rows(pieces))] == [
        *("2016 – 2020   Glassworks of the South", "• Blew glass", "• Sold it", "2012 – 2016   Pottery", "• Made pots"),
    ]


def test_boxes_side_by_side_follow_each_other() -> None:
    """Boxes of several lines are read one after the other, and lines with dates at their right as they stand."""
    words = ["Clerk", "Acme", "2019", "Cook", "Inn", "2015"]
    places = [(x, y) for x in (0, 200) for y in (700, 688, 676)]
    boxes = drawn(*((word, *place) for word, place in zip(words, places, strict=True)))
    assert [make_line(row).text for row in join_cells(make_rows(boxes))] == words
    lines = make_rows(drawn(("2019", 300, 700), ("Clerk", 0, 700), ("2015", 300, 688), ("Cook", 0, 688)))
    assert join_cells(lines) == lines


@given(
    st.lists(st.tuples(st.sampled_from(["a b", "•", "• c", "2019 –", "2020"]), st.integers(0, 9), st.integers(0, 9)))
)
def test_no_piece_of_a_page_is_lost(places: list[tuple[str, int, int]]) -> None:
    """Wherever pieces stand and in whichever order they are drawn, all their letters are read."""
    rows = make_rows(drawn(*((text, 20.0 * x, 12.0 * y) for text, x, y in places)))
    read = " ".join(make_line(row).text for row in join_cells(rows)) if rows else ""
    assert sorted(read.replace(" ", "")) == sorted("".join(text for text, _, _ in places).replace(" ", ""))


@pytest.mark.parametrize("text", ["now – March 2019", "March 2019 – now", "May 2021 ↑ March 2019", "03/2019 / 05/2021"])
def test_periods_may_be_written_from_their_end(text: str) -> None:
    """The later date may stand first, or above the earlier one."""
    (period,) = find_periods(text)
    assert (period.start, period.end) == ("2019-03", None if "now" in text else "2021-05")


def letters_of(*drawn: tuple[str, float, float], size: float = 10, icon: bool = False) -> list[Letter]:
    """Return letters with their left and right ends on one baseline."""
    return [Letter(text, x, end, 700, size, upright=True, icon=icon) for text, x, end in drawn]


def test_accents_that_are_drawn_over_a_letter_belong_to_it() -> None:
    """An accent joins the letter below it, in whichever order both are drawn; an accent that stands alone stays."""
    one, other = ("\u00a8", 10.2, 15), ("u", 10, 15.2)
    for pair in ((one, other), (other, one)):
        assert [letter.text for letter in with_accents(letters_of(*pair, ("r", 15.2, 19)))] == ["\u00fc", "r"]
    alone = letters_of(("s", 0, 5), ("\u00b4", 5, 8), ("s", 8, 13))
    assert with_accents(alone) == alone


def test_a_hyphen_that_a_font_names_as_a_soft_one_is_seen() -> None:
    """A soft hyphen with a width before another letter is the hyphen of its font, on the whole page."""
    inner = letters_of(("a", 0, 5), ("\u00ad", 5, 8), ("b", 8, 13))
    assert "".join(letter.text for letter in with_hyphens(inner)) == "a-b"
    last = letters_of(("a", 0, 5), ("\u00ad", 5, 8))
    assert with_hyphens(last) == last


def test_icons_are_not_read_as_letters() -> None:
    """A letter of a font of icons is nothing; five below each other are bullets; what an icon is said to mean stays."""
    assert without_icons(letters_of(("I", 0, 5), icon=True)) == []
    assert [one.text for one in without_icons(letters_of(*[("f", 0, 5)] * 5, icon=True))] == ["\u2022"] * 5
    said = letters_of(("\\faTrophy :", 0, 5), ("Location:", 0, 5), ("mailto:a@b.org", 0, 5), icon=True)
    assert [one.text for one in without_icons(said)] == ["Location:", "a@b.org"]


@pytest.mark.parametrize(("text", "read"), [
    ("\u2f24\u5b66", "\u5927\u5b66"), ("\u0138\u0430\u0440", "\u043a\u0430\u0440"), ("e\u0301", "\u00e9"),
])  # fmt: skip
def test_characters_are_those_that_people_write(text: str, read: str) -> None:
    """Radicals, letters of another alphabet and accents that stand apart become the usual characters."""
    assert document_lines([[Fragment(text, 60, 700, 10, 200)]]) == [[read]]


def test_dates_beside_a_bar_are_on_the_line_of_their_heading() -> None:
    """Two years above and below a bar are the period of the line at their right; a column of years stays one."""
    bar = drawn(("2006", 0, 705), ("2012", 2, 694))
    heading = Piece(2, Fragment("Clerk, Acme", 60, 700, 12, 120))
    lines = [make_line(row).text for row in make_rows(level_dates([*bar, heading]))]
    assert lines == ["2006 \u2013 2012   Clerk, Acme"]
    column = drawn(("2006", 0, 705), ("2005", 0, 693), ("2004", 0, 681), ("Clerk", 60, 705))
    assert level_dates(column) == column


def test_a_date_at_the_right_of_an_entry_stays_with_its_heading() -> None:
    """Place and date in a narrow column at the right are read with the heading, before the items below it."""
    pieces = drawn(
        ("Clerk, Acme", 0, 700), ("\u2022 Sold much", 0, 688), ("\u2022 Sold more", 0, 676), ("Leeds", 275, 700),
        ("2019 \u2013 2020", 245, 688), ("Cook, Inn", 0, 650), ("\u2022 Cooked", 0, 638), ("\u2022 Baked", 0, 626),
        ("York", 280, 650), ("2017 \u2013 2018", 245, 638),
    )  # fmt: skip
    assert [make_line(row).text for row in join_cells(make_rows(pieces))] == [
        *("Clerk, Acme   Leeds", "2019 \u2013 2020", "\u2022 Sold much", "\u2022 Sold more"),
        *("Cook, Inn   York", "2017 \u2013 2018", "\u2022 Cooked", "\u2022 Baked"),
    ]


def test_a_running_foot_of_several_lines_is_read_once() -> None:
    """A foot that repeats is read once, at the end; lines with the number of their page are not read."""
    foot = ["I agree to the use", "of my data."]
    pages = [[f"Body {word}", *foot, f"Doe, pag. {at}"] for at, word in ((1, "A"), (2, "B"))]
    assert join_pages(pages).split("\n") == ["Body A", "Body B", *foot]


def test_the_name_comes_before_an_address_beside_it() -> None:
    """The name, in the largest letters by far, is read first on the first page, though an address stands higher."""
    address = [Fragment(text, 300, 740 - 11 * at, 10, 380) for at, text in enumerate(("High Street 3", "Leeds", "UK"))]
    body = [Fragment("Worked there for years", 60, 600 - 12 * at, 10, 300) for at in range(9)]
    page = [*address, Fragment("Jane Doe", 60, 705, 30, 200), *body]
    assert [lines[0] for lines in document_lines([page, page])] == ["Jane Doe", "High Street 3"]


def test_a_column_beside_a_text_that_goes_on_follows_the_last_page() -> None:
    """A job that is on two pages is not parted by the column beside its first half, as LinkedIn's profiles have one."""
    side = ["Skills", "Sawing", "Drawing", "Sums", "Russian"]
    main = ["Experience", "Quarry Ltd", "May 2019 – Present", "Cut the stones", "Weir Ltd", "Clerk"]
    more = ["May 2016 – May 2019", "Kept the books"]
    page = [
        *(Fragment(text, 20, 714 - 14 * y, 10, 90) for y, text in enumerate(side)),
        Fragment("Mia Holt", 200, 714, 20, 400),
        *(Fragment(text, 200, 700 - 14 * y, 10, 400) for y, text in enumerate(main)),
    ]
    rest = [Fragment(text, 200, 700 - 14 * y, 10, 400) for y, text in enumerate(more)]
    assert [line for lines in document_lines([page, rest]) for line in lines] == ["Mia Holt", *main, *more, *side]
    assert document_lines([page]) == [["Mia Holt", *main, "", *side]]


def test_two_columns_that_go_on_at_the_next_page_are_read_one_after_the_other() -> None:
    """A job on two pages that both have a column beside them is read whole, and the columns beside follow."""

    def column(x: int, end: int, *texts: str) -> list[Fragment]:
        return [Fragment(text, x, 700 - 14 * at - x / 30, 10, end) for at, text in enumerate(texts)]

    side = column(20, 90, "Skills", "Saw", "Draw", "Sums", "Plan", "Sand")
    first = [*column(200, 400, "Experience", "Quarry Ltd", "Cut the stones", "Weir Ltd"), *side]
    more = [*column(200, 400, "May 2016 – May 2019", "Kept the books", "Sold sand"), *column(20, 90, *"ABCDEF")]
    text = [line for lines in document_lines([first, more]) for line in lines if line]
    assert text.index("Weir Ltd") + 1 == text.index("May 2016 – May 2019")
    assert abs(text.index("Sand") - text.index("A")) == 1


def test_what_a_browser_prints_above_a_page_is_no_first_line() -> None:
    """The name of a file and its address, printed above each page, come last; a person's running head comes first."""
    for head, place in (("cv.md   2024-03-01", -1), ("My page   https://example.org/cv", -1), ("Jane Doe, baker", 0)):
        assert join_pages([[head, "Body", "of one"], [head, "Body", "of two"]]).split("\n")[place] == head
