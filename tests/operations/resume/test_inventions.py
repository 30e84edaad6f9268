"""The verification by rules: inventions are found in their place, and honest rewrites pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from progressnb import samples
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.rules import verify
from tests.operations.resume.helpers import drafted

if TYPE_CHECKING:
    from pydantic import JsonValue


def _invented(change: dict[str, JsonValue]) -> list[tuple[str, str]]:
    """Change the sample at one place per section and return text and place of what is found."""
    data = samples.resume
    for path, value in change.items():
        section, _, field = path.partition("/")
        target = data[section]
        entry = target[0] if isinstance(target, list) else target
        assert isinstance(entry, dict)
        entry[field] = value
    found = verify(read_resume(samples.resume), drafted(data)).unsupported
    return [(claim.text, claim.place) for claim in found]


@pytest.mark.parametrize(
    ("change", "text", "place"),
    [
        ({"work/highlights": ["Cut costs by 40%"]}, "40%", "work[0].highlights[0]"),
        ({"work/highlights": ["Saved two million dollars"]}, "two million dollars", "work[0].highlights[0]"),
        ({"work/summary": "Led a team of 12 engineers"}, "12 engineers", "work[0].summary"),
        ({"work/startDate": "2010-12-01"}, "2010-12-01", "work[0].startDate"),
        ({"work/endDate": "2014-11"}, "2014-11", "work[0].endDate"),  # it is the date of an award
        ({"work/name": "Google"}, "Google", "work[0].name"),
        ({"work/position": "Chief Technology Officer"}, "Chief Technology Officer", "work[0].position"),
        ({"education/studyType": "Master of Science"}, "Master of Science", "education[0].studyType"),
        ({"education/institution": "Harvard University"}, "Harvard University", "education[0].institution"),
        ({"skills/keywords": ["HTML", "React"]}, "React", "skills[0].keywords[1]"),
        ({"skills/name": "Machine Learning"}, "Machine Learning", "skills[0].name"),
        ({"languages/language": "German"}, "German", "languages[0].language"),
        ({"basics/summary": "Programmer who knows MongoDB and SQL."}, "MongoDB", "basics.summary"),
        ({"basics/summary": "He knows Kubernetes well."}, "Kubernetes", "basics.summary"),
        ({"basics/summary": "He worked at SAP."}, "SAP", "basics.summary"),
        ({"basics/label": "Senior Programmer"}, "Senior Programmer", "basics.label"),
        ({"basics/email": "other@mail.com"}, "other@mail.com", "basics.email"),
        ({"awards/title": "Turing Award"}, "Turing Award", "awards[0].title"),
        ({"awards/date": "2015"}, "2015", "awards[0].date"),
        ({"projects/clients": ["NASA"]}, "NASA", "projects[0].clients[0]"),
    ],
)
def test_inventions_are_found_with_their_place(change: dict[str, JsonValue], text: str, place: str) -> None:
    """A number, date, employer, title, degree, skill or name that the old resume lacks is listed."""
    assert (text, place) in _invented(change)


@pytest.mark.parametrize(
    "change",
    [
        {"work/startDate": "2013-12"},
        {"work/startDate": "2013"},
        {"work/highlights": ["Optimized an algorithm that holds the world record", "Won TechCrunch Disrupt."]},
        {"work/position": "CEO / President"},
        {"basics/summary": "Programmer with a Bachelor from the University of Oklahoma, who worked for Hooli."},
        {"basics/label": "programmer"},
        {"basics/url": "richardhendricks.example.com/"},
        {"skills/keywords": ["JavaScript", "CSS", "HTML"]},
        {"skills/name": "HTML, CSS, JS"},
        {"education/studyType": "Bachelor's"},
    ],
)
def test_honest_rewrites_are_no_claims(change: dict[str, JsonValue]) -> None:
    """Facts of the old resume in other words, spellings or order are supported."""
    assert _invented(change) == []


def test_dates_in_words_support_dates_in_numbers() -> None:
    """A date in words ("December 2013") supports the same date in numbers (2013-12)."""
    resume = read_resume("Ada\n\nExperience\nProgrammer, Hooli, December 2013 - March 2014\n- Wrote programs")
    entry: dict[str, JsonValue] = {
        "position": "Programmer",
        "name": "Hooli",
        "startDate": "2013-12",
        "endDate": "2014-03",
    }
    assert verify(resume, drafted({"work": [entry]})).supported
    assert not verify(resume, drafted({"work": [{**entry, "startDate": "2013-11"}]})).supported
