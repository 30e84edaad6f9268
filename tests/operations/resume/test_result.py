"""Things that a job seeker gets beside the resume: coverage, differences, a letter, and files to send."""

# Letters of several languages.
# ruff: noqa: RUF001

from __future__ import annotations

import copy
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from progressnb.errors import InputError, ModelError
from progressnb.operations.resume import customize
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.evaluation.match import coverage
from progressnb.operations.resume.letter import check_letter
from progressnb.operations.resume.outcome import customized_resume
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.truth.original import Original
from progressnb.operations.resume.writing.markdown_writer import render_markdown
from progressnb.operations.resume.writing.titles import LANGUAGES, SECTIONS
from progressnb.testing import scripted_model
from tests.operations.resume.answers import EVALUATION, PLAN
from tests.operations.resume.helpers import ENGINEER, TODAY, drafted

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.operations.resume.schemas import CustomizedResume

FINE = {"unsupported": [], "summary": "Fine."}
POSTING = """Backend Developer

We are a small and friendly bank.

Your profile
- Python
- 10 years of experience
- Fluent English
- Driving licence
- Based in Ghent

Nice to have
- Jenkins or another tool for continuous integration

What we offer
- Free coffee and a pension
- 30 Tage Urlaub
"""


def _resume(bullets: int = 4) -> CustomizedResume:
    data = copy.deepcopy(ENGINEER)
    data["work"][0]["highlights"] = [f"Bullet {number} about the billing service" for number in range(bullets)]
    return customized_resume(drafted(data))


def test_each_requirement_has_its_kind_and_its_evidence() -> None:
    """Benefits and marketing ask for nothing; each requirement is compared in its own way, with what shows it."""
    rows = coverage(read_resume(ENGINEER), read_job(POSTING), today=TODAY)
    assert [(row.kind, row.importance) for row in rows] == [
        ("skill", "must"),
        ("years", "must"),
        ("language", "must"),
        ("permission", "must"),
        ("place", "must"),
        ("skill", "nice"),
    ]
    assert rows[0].status == "found"
    assert "Python" in rows[0].evidence[0]
    assert [row.status for row in rows[3:5]] == ["missing", "missing"]
    assert "does not name its level" in rows[2].remark


@pytest.mark.parametrize(
    ("posting", "kinds"),
    [
        ("Nurse\n\nRequirements\n- Wound care\n\nPerks\n- Gym\n- Free parking\n", ["skill"]),
        ("Pfleger\n\nIhr Profil\n- Führerschein Klasse B\n\nWir bieten\n- 30 Tage Urlaub\n", ["permission"]),
        ("Cook\n\nWe believe in good food. You will run the grill. Send us your CV by May.\n", ["duty"]),
        ("Pilot\n\nMust have\n- Valid visa\n- Ready to travel\n- Spanish at B2\n", ["permission", "duty", "language"]),
    ],
)
def test_a_posting_is_read_as_it_is(posting: str, kinds: list[str]) -> None:
    """Words of an employer about itself, its gifts and applications are no requirements."""
    assert [one.kind for one in read_job(posting).requirements] == kinds


async def test_a_letter_is_written_and_checked() -> None:
    """A letter makes no claims that the old resume lacks: they are listed, and taken out with `strict`."""
    draft = {"resume": ENGINEER, "changes": []}
    letter = {"text": "I know Python. At Payfold I led a team of 45 people. I look forward to the interview."}
    for strict in (False, True):
        model = scripted_model(EVALUATION, PLAN, draft, letter, FINE)
        run = customize.using(show=False)(ENGINEER, POSTING, model=model, cover_letter=True, strict=strict)
        result = await run
        assert result.letter
        assert ("45" in result.letter) is not strict
        claims = result.verification.removed if strict else result.verification.unsupported
        assert {claim.place for claim in claims} == {"letter"}
        assert "letter.md" in result.artifacts()


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("I am applying for the post of Backend Developer at Ghent Bank.", set()),
        ("I was glad to read of your 30 Tage Urlaub.", set()),
        ("I know Python.", set()),
        ("I have worked with Jenkins.", {"Jenkins"}),
        ("I hold the CKA and have used ArangoDB.", {"CKA", "ArangoDB"}),
        ("I speak fluent Dutch.", {"Dutch"}),
    ],
)
def test_a_letter_has_of_its_own_what_the_posting_asks_for(sentence: str, told: set[str]) -> None:
    """A letter may say who the employer is and what it offers; what is asked for must stand in the old resume."""
    job = read_job(f"Ghent Bank\n{POSTING}".replace("- Driving licence", "- CKA\n- ArangoDB\n- Dutch"))
    found = check_letter(
        Original(read_resume(ENGINEER)), job, f"Dear Ms Peeters,\n\n{sentence}\n\nKind regards,\nDaniel"
    )
    assert {one.text for one in found} == told


async def test_rules_write_no_letter() -> None:
    """A letter without a language model is refused before any work, with the remedy."""
    with pytest.raises(ModelError, match="language model for cover_letter"):
        await customize.using(show=False)(ENGINEER, POSTING, model="offline", cover_letter=True)


async def test_differences_go_back_to_the_old_words() -> None:
    """Each place that changed has the old resume's words beside the new ones; what went is listed too."""
    data = copy.deepcopy(ENGINEER)
    data["work"][0]["highlights"][1] = "Headed 2 developers across 3 releases"
    del data["interests"]
    model = scripted_model(EVALUATION, PLAN, {"resume": data, "changes": []}, FINE)
    result = await customize.using(show=False)(ENGINEER, POSTING, model=model)
    found = {one.place: (one.before, one.after) for one in result.differences}
    assert found == {
        "work[0].highlights[1]": ("Led a team of 2 developers across 3 releases", data["work"][0]["highlights"][1]),
        "interests[0].name": ("Chess", ""),
    }


def test_a_pdf_keeps_to_its_pages(tmp_path: Path) -> None:
    """Type becomes smaller until the resume fits; what does not fit is refused with the number of pages."""
    pytest.importorskip("typst", reason="the extra pdf")
    from pypdf import PdfReader

    saved = _resume(50).save(tmp_path / "resume.pdf", pages=2)
    reader = PdfReader(BytesIO(saved.read_bytes()))
    assert len(reader.pages) <= 2
    assert "Payfold GmbH" in reader.pages[0].extract_text()
    with pytest.raises(InputError, match=r"fits on 1 page.*pages in type of 9 points"):
        _resume(200).save(tmp_path / "long.pdf", pages=1)
    with pytest.raises(InputError, match="since pages are limited"):
        _resume().save(tmp_path / "resume.md", pages=1)
    assert not (tmp_path / "long.pdf").exists()


def test_a_pdf_evaluates_no_text(tmp_path: Path) -> None:
    """Typst's markup and code in a resume are text like any other."""
    pytest.importorskip("typst", reason="the extra pdf")
    from pypdf import PdfReader

    hostile = '#read("secret") $x$ *b* @ref'
    resume = customized_resume(drafted({**ENGINEER, "interests": [{"name": hostile}]}))
    text = PdfReader(BytesIO(resume.save(tmp_path / "resume.pdf").read_bytes())).pages[0].extract_text()
    assert "#read(" in text


def test_a_plain_text_has_no_marks(tmp_path: Path) -> None:
    """The text for applicant tracking systems is one column, with headings in capitals and a hyphen before items."""
    text = _resume().save(tmp_path / "resume.txt").read_text("utf-8")
    assert "\nEXPERIENCE\n" in text
    assert "\n- Bullet 0 about the billing service\n" in text
    assert "#" not in text


def test_the_dates_of_an_entry_stay_with_it_in_word() -> None:
    """The line below the heading of an entry is kept with the next one."""
    docx = pytest.importorskip("docx", reason="the extra customize")
    document = docx.Document(BytesIO(_resume().artifacts()["resume.docx"]()))
    dates = [one for one in document.paragraphs if one.text.startswith("Jan 2020")]
    assert [one.paragraph_format.keep_with_next for one in dates] == [True]


@pytest.mark.parametrize(
    ("text", "heading", "dates"),
    [
        ("Leitung der Buchhaltung und der Planung für das Werk", "Berufserfahrung", "02/2020 – heute"),
        ("Suivi des dossiers et des délais avec les avocats", "Expérience professionnelle", "02/2020 – aujourd’hui"),
        ("Control de los costes y de las obras para el cliente", "Experiencia profesional", "02/2020 – actualidad"),
        ("Разработка сервисов на Python и работа с данными для банка", "Опыт работы", "02/2020 – настоящее время"),
        ("Prowadzenie akt oraz kontrola badań dla firm w regionie", "Doświadczenie", "02/2020 – obecnie"),
        ("Kept the books of the firm and of the owners", "Experience", "Feb 2020 – present"),
    ],
)  # fmt: skip
def test_a_resume_is_set_in_its_own_language(text: str, heading: str, dates: str) -> None:
    """The titles of sections and the dates are in the language of the resume, and are read back as they were."""
    data = {"basics": {"name": "Ada"}, "work": [{"position": "X", "startDate": "2020-02", "highlights": [text]}]}
    markdown = render_markdown(JSONResume.model_validate(data))
    assert f"## {heading}\n\n### X\n\n{dates}\n" in markdown
    again = read_resume(markdown).data.work[0]
    assert (again.position, again.start_date, again.end_date) == ("X", "2020-02", None)


def test_every_language_has_all_titles() -> None:
    """No title of a section is missing in a language, and none is English by mistake."""
    for code, language in LANGUAGES.items():
        assert len(language.sections) == len(SECTIONS)
        assert language.present
        assert code == "en" or language.sections["work"] != "Experience"


def test_a_pdf_shows_every_letter_or_says_that_it_can_not(tmp_path: Path) -> None:
    """Signs that no font has are left out; a letter that no font has is an error, and never an empty box."""
    pytest.importorskip("typst", reason="the extra pdf")
    from pypdf import PdfReader

    def saved(name: str) -> str:
        resume = customized_resume(drafted({"basics": {"name": name, "summary": "Grüße, Łódź, Москва"}}))
        path = resume.save(tmp_path / "resume.pdf")
        return PdfReader(path).pages[0].extract_text()

    text = saved("Ann \U0001f468\u200d\U0001f4bb \ue000 Lee 1\ufe0f\u20e3")
    assert "Ann" in text
    assert "Lee 1" in text
    assert "Grüße, Łódź, Москва" in text
    with pytest.raises(InputError, match="a font on this machine for all letters"):
        saved("\U00012000 \U00012001")  # cuneiform
