"""Schools and jobs that are read in one way: their headings, lists, tables, dates and what the reading doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.reading.by_model import better_reading
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.words.dates import find_periods

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = "Jane Doe\njane@example.org\n\nExperience\nClerk, Acme Ltd, 2018 – 2020\n- Kept the books\n\n"
FIELDS = ("studyType", "area", "institution", "location", "startDate", "endDate")


def schools(text: str, fields: Sequence[str] = FIELDS) -> list[tuple[str, ...]]:
    """Return the fields of the schools of an education section."""
    data: Any = read_resume(f"{TOP}Education\n{text}\n", files=False).data.to_data()
    return [tuple(str(one.get(field) or "") for field in fields) for one in data["education"]]


def jobs(text: str) -> list[tuple[str, ...]]:
    """Return position, employer and dates of the jobs of a section."""
    data: Any = read_resume(f"Jane Doe\njane@example.org\n\nExperience\n{text}\n", files=False).data.to_data()
    return [
        tuple(str(job.get(field) or "") for field in ("position", "name", "startDate", "endDate"))
        for job in data["work"]
    ]


def test_a_state_is_no_degree() -> None:
    """The letters "MA" are a state after a comma, and a degree before a subject."""
    assert schools("MIT\nCambridge, MA\nMSc Physics") == [("MSc Physics", "", "MIT", "Cambridge, MA", "", "")]
    assert schools("MA, History, University of Leeds, 2014") == [
        ("MA", "History", "University of Leeds", "", "", "2014")
    ]


def test_each_degree_stands_with_its_school() -> None:
    """A degree below the line with its school and dates does not go to the next school."""
    text = "University of Leeds 2012 - 2016\nBSc Computing\nHill School 2005 - 2012\nA levels"
    assert schools(text) == [
        ("BSc Computing", "", "University of Leeds", "", "2012", "2016"),
        ("A levels", "", "Hill School", "", "2005", "2012"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{degree}, {school} | {dates}",
        "{school} — {degree} ({dates})",
        "{dates}   {degree}\n{school}",
        "{school}   {dates}\n{degree}",
        "{degree}\n{school}\n{dates}",
        "- {degree}, {school}, {dates}",
        "Institution: {school}\nDegree: {degree}\nYear: {dates}",
    ],
)
def test_schools_are_read_by_what_all_have_alike(text: str) -> None:
    """Degree, school and dates stand in any order, on any lines, in lists and in forms."""
    given = [
        ("MSc Marine Biology", "Universität Rostock", "2016 – 2018"),
        ("Bachelor of Science", "Hogeschool Zeeland", "2012 – 2016"),
        ("Abitur", "Käthe-Kollwitz-Gymnasium", "2004 – 2012"),
    ]
    lines = [text.format(degree=degree, school=school, dates=dates) for degree, school, dates in given]
    expected = [(degree, school, dates[:4], dates[-4:]) for degree, school, dates in given]
    assert schools("\n\n".join(lines), ("studyType", "institution", "startDate", "endDate")) == expected


def test_schools_without_dates_are_read() -> None:
    """Where no school has dates, each degree begins one, in lines and in lists."""
    expected = [("BSc Computing", "University of Leeds"), ("A levels", "Hill School")]
    for text in (
        "BSc Computing, University of Leeds\nA levels, Hill School",
        "University of Leeds\nBSc Computing\n\nHill School\nA levels",
        "- BSc Computing, University of Leeds\n- A levels, Hill School",
    ):
        assert schools(text, ("studyType", "institution")) == expected


def test_a_school_of_two_degrees_is_named_once() -> None:
    """The second degree below one school is of that school."""
    text = "University of Leeds\nMSc Physics, 2016 - 2018\nBSc Physics, 2012 - 2016"
    assert schools(text, ("studyType", "institution")) == [
        ("MSc Physics", "University of Leeds"),
        ("BSc Physics", "University of Leeds"),
    ]


def test_an_employer_before_a_colon_stays() -> None:
    """An employer may stand before a colon, as labels do."""
    assert jobs("Acme Ltd: Engineer, 2016 - 2019\n- Built things") == [("Engineer", "Acme Ltd", "2016", "2019")]


def test_a_duty_is_no_employer() -> None:
    """An unmarked line of duties below a heading without an employer is told as a doubt, and named by nobody."""
    read = read_resume("Jane Doe\nj@example.org\n\nExperience\nWaiter, 2014 - 2016\nServed customers\n", files=False)
    data: Any = read.data.to_data()
    assert "name" not in data["work"][0]
    assert not read.read.sure


@pytest.mark.parametrize(
    "table",
    [
        "|Dates|Employer|Role|\n|---|---|---|\n|2016 - 2019|Acme Ltd|Engineer|\n|2014 - 2016|Globex|Clerk|",
        "Role | Employer | Period\nEngineer | Acme Ltd | 2016 - 2019\nClerk | Globex | 2014 - 2016",
        "Firma\tPosition\tZeitraum\nAcme Ltd\tEngineer\t2016 - 2019\nGlobex\tClerk\t2014 - 2016",
    ],
)
def test_a_table_is_read_by_its_head(table: str) -> None:
    """The head of a table says what its columns are, and is no job."""
    assert jobs(table) == [("Engineer", "Acme Ltd", "2016", "2019"), ("Clerk", "Globex", "2014", "2016")]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("Summer 2019", "2019"),
        ("Q3 2018", "2018"),
        ("Fall semester 2020", "2020"),
        ("Class of 2014", "2014"),
        ("2021/22", "2022"),
    ],
)
def test_parts_of_a_year_are_dates(text: str, end: str) -> None:
    """A season, a quarter or a semester with its year is one date, and leaves no words behind."""
    (period,) = find_periods(text)
    assert (period.begins, period.ends) == (0, len(text))
    assert str(period.end).endswith(end[-2:])


def test_letters_after_a_name_are_kept_apart() -> None:
    """Degrees and licences behind a comma are no part of the name, and a town with its country is no name."""
    data: Any = read_resume(f"Grace Hale, RN, CEN\n{TOP.partition(chr(10))[2]}", files=False).data.to_data()
    assert data["basics"]["name"] == "Grace Hale"
    assert "RN, CEN" in str(data["basics"])
    data = read_resume(
        "Contact\n555 0186 000\nPortland, Oregon\n\nExperience\nClerk, Acme Ltd, 2018 – 2020\n", files=False
    ).data
    assert dict(data.to_data()["basics"]).get("name") != "Portland, Oregon"


@pytest.mark.parametrize("years", ["2019", "2019 ", "2019-", "2019 - 2020\n"])
def test_many_years_take_linear_time(years: str) -> None:
    """A hostile document of years is read (pytest would hang, not fail)."""
    text = (years * 20_000)[:80_000]
    assert "2019" in read_resume(f"Jane Doe\n\nExperience\n{text}", files=False).text


def test_a_models_keys_hide_no_invention() -> None:
    """What a model writes below a key with a dot, or in a section of its own, must stand in the text too."""
    document = read_resume(f"{TOP}Education\nBSc Computing, University of Leeds, 2012 – 2016\n", files=False)
    data = document.data.to_data()
    work: Any = data["work"]
    work[0]["award.name"] = "Nobel Prize"
    invented = JSONResume.model_validate({**data, "top.honours": [{"a.b": "Knight Bachelor"}]})
    read = str(better_reading(document, invented).data.to_data())
    assert "Nobel" not in read
    assert "Knight" not in read
    assert "University of Leeds" in read
