"""Habits of real people's resumes: headings of many languages, dates, parentheses, grades, names and columns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.headings import known_section

if TYPE_CHECKING:
    from progressnb.operations.resume.reading.inputs import ResumeDocument


def read(text: str) -> ResumeDocument:
    """Read a text."""
    return read_resume(text, files=False)


def jobs(text: str) -> list[tuple[str, ...]]:
    """Return position, employer and dates of the jobs of a text."""
    data: Any = read(text).data.to_data()
    fields = ("position", "name", "startDate", "endDate")
    return [tuple(str(job.get(field) or "") for field in fields) for job in data.get("work", [])]


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("İŞ DENEYİMİ", "work"),
        ("HAKKIMDA", "summary"),
        ("Työkokemus", "work"),
        ("ΕΠΑΓΓΕΛΜΑΤΙΚΗ ΕΜΠΕΙΡΙΑ", "work"),
        ("Досвід роботи", "work"),
        ("工作经历", "work"),
        ("Praktikumserfahrungen", "work"),
        ("Previous work experiences", "work"),
        ("Educaton", "education"),
        ("Profesional Experience", "work"),
        ("LEADERSHIP", "volunteer"),
        ("Hackathons", "activities"),
    ],
)
def test_headings_are_known_in_many_languages_and_in_spite_of_a_slip(heading: str, section: str) -> None:
    """A heading is known without its accents and dots, as a compound, in sentence case and with a letter missing."""
    assert known_section(heading) == section


@pytest.mark.parametrize("item", ["Leadership", "Position", "Community", "Educated guesses"])
def test_items_are_no_headings(item: str) -> None:
    """A word of a list, a singular and a near word are no headings."""
    assert known_section(item) == ""


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2021年4月 – 2023年3月", "2021-04", "2023-03"),
        ("2020 年 1 月 〜 現在", "2020-01", None),
        ("2019년 7월 ~ 현재", "2019-07", None),
        ("2018年9月至今", "2018-09", None),
        ("2024 - ...", "2024", None),
        ("Mart 2022 – günümüz", "2022-03", None),
    ],
)
def test_periods_of_other_scripts(text: str, start: str, end: str | None) -> None:
    """Years and months of Asia, and "present" of more languages, are periods."""
    assert [(one.start, one.end) for one in find_periods(text)] == [(start, end)]


def test_headings_with_links_stay_with_their_jobs() -> None:
    """A heading with the address of an employer is no contact data."""
    text = "# Ada Roth\n\n## Experience\n\n" + "\n\n".join(
        f"### Baker at [{name}](https://{name.lower()}.example)\n\n*0{number}.2014 - 0{number}.2016* | Graz\n\n- Baked"
        for number, name in ((2, "Kornblum"), (4, "Teigwerk"))
    )
    assert jobs(text) == [("Baker", "Kornblum", "2014-02", "2016-02"), ("Baker", "Teigwerk", "2014-04", "2016-04")]


def test_parentheses_are_one_part() -> None:
    """Commas in parentheses part nothing, and a remark in them is no part of a title."""
    text = (
        "Jo Lind\n\nExperience\nFjord Ltd   Bergen\n"
        "Welder (promoted twice, in two years, by two of its owners)   2015 – 2019\n- Welded\n"
    )
    assert jobs(text) == [("Welder", "Fjord Ltd", "2015", "2019")]


def test_jobs_below_a_list_are_those_of_the_next_column() -> None:
    """Dates with positions below skills are jobs, as columns of a page are read one below the other."""
    text = (
        "Jo Lind\n\nSkills\nWelding\nPlanning\n\nWelder, Fjord Ltd   2015 – 2019\n- Welded\n\n"
        "Cashier, Kiosk Ltd   2012 – 2014\n- Sold\n"
    )
    assert jobs(text) == [("Welder", "Fjord Ltd", "2015", "2019"), ("Cashier", "Kiosk Ltd", "2012", "2014")]


def test_grades_and_subjects_beside_schools() -> None:
    """Grades are remarks; what follows a degree after a comma is its subject, whatever the school is called."""
    text = (
        "Jo Lind\n\nExperience\nWelder, Fjord Ltd   2015 – 2019\n\n"
        "Education\n• Hart Institute of Technology   Bath, UK\n"
        "Master of Science in Acoustics; GPA: 3.9   Aug 2012 – Dec 2013\n\n"
        "• Univ. of Wells at Ely   Ely, UK\nBSc in Physics, cum laude   2008 – 2012\n"
    )
    data: Any = read(text).data.to_data()
    found = [(one["institution"], one["studyType"], one["startDate"]) for one in data["education"]]
    assert found[0] == ("Hart Institute of Technology", "Master of Science in Acoustics", "2012-08")
    assert found[1][1:] == ("BSc in Physics", "2008")


def test_a_name_below_the_line_of_a_printer() -> None:
    """What a program prints above a page is no name; the heading below it is."""
    text = (
        "notes2pdf.example - 2024   https://notes2pdf.example/\n\n## Mara Quist\n\nmara@example.org\n\n"
        "## Experience\n\nCook, Blue Inn, 2019 – 2021\n"
    )
    data: Any = read(text).data.to_data()
    assert data["basics"]["name"] == "Mara Quist"


def test_an_employer_that_is_a_place_is_told() -> None:
    """A reading whose employer is a place is doubted."""
    document = read("Jo Lind\n\nExperience\nWelder Fjordwerk   Remote\n2015 – 2019\n- Welded beams\n")
    assert not document.read.sure


@pytest.mark.parametrize(
    "hostile", ["(" * 60_000, "a (" * 30_000, "(a, b), " * 9_000, "## " + "x" * 80_000, "experience " * 9_000]
)
def test_hostile_lines_cost_linear_time(hostile: str) -> None:
    """Parentheses without an end, and long headings, are read in seconds of this process's time."""
    begun = time.process_time()
    read(f"Jo Lind\n\nExperience\n{hostile}\n2015 – 2019\n")
    assert time.process_time() - begun < 30
