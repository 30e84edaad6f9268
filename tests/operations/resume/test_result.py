"""Things that a job seeker gets beside the resume: coverage, differences, a letter, and files to send."""

from __future__ import annotations

import copy
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from progressnb.errors import InputError, ModelError
from progressnb.operations.resume import customize
from progressnb.operations.resume.evaluation.match import coverage
from progressnb.operations.resume.outcome import customized_resume
from progressnb.operations.resume.reading.inputs import read_job, read_resume
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
