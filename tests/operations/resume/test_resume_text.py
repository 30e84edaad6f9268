"""Resumes as Markdown and as plain text: sections, jobs and dates, without the loss of a word."""

from __future__ import annotations

import re
from collections import Counter

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from progressnb.errors import InputError
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.reading.contact import URL
from progressnb.operations.resume.reading.inputs import MAX_CHARACTERS, read_job, read_resume
from progressnb.operations.resume.reading.parse import parse_resume
from progressnb.operations.resume.words.dates import MONTHS
from progressnb.operations.resume.words.headings import BULLET, HEADINGS, find_heading
from tests.operations.resume.helpers import SCHEMA
from tests.operations.resume.strategies import texts
from tests.operations.resume.texts import MARKDOWN, PLAIN


def test_markdown_resume_becomes_json_resume() -> None:
    """Name, contact, jobs, schools, skills and the rest find their places."""
    document = read_resume(MARKDOWN)
    data = document.data.to_data()
    assert document.format == "markdown"
    jsonschema.validate(data, SCHEMA)
    assert data["basics"] == {
        "name": "Jane Doe",
        "label": "Registered Nurse",
        "email": "jane.doe@example.com",
        "phone": "(912) 555-4321",
        "summary": "ICU nurse with 6 years of experience.",
        "location": {"address": "San Francisco, CA"},
        "profiles": [{"network": "Linkedin", "url": "https://linkedin.com/in/janedoe"}],
    }
    assert data["work"] == [
        {
            "name": "St. Mary's Hospital",
            "position": "Staff Nurse",
            "startDate": "2018-01",
            "highlights": ["Cared for up to 4 ventilated patients", "Trained 12 nurses"],
        },
        {
            "name": "Sunrise Care Home",
            "position": "Nursing Assistant",
            "startDate": "2015",
            "endDate": "2017",
            "summary": "Helped residents with daily living.",
        },
    ]
    assert data["education"] == [
        {"institution": "University of California", "studyType": "Bachelor of Science in Nursing", "endDate": "2017"}
    ]
    assert data["certificates"] == [{"name": "BLS, American Heart Association", "date": "2023"}]
    assert data["skills"] == [
        {"name": "Clinical", "keywords": ["ventilators", "IV therapy"]},
        {"name": "Epic"},
        {"name": "Cerner"},
    ]
    assert data["languages"] == [{"language": "English", "fluency": "native"}, {"language": "Spanish"}]
    assert data["otherSections"] == [{"name": "Things I like", "text": "Sailing and jazz."}]


def test_plain_text_resume_becomes_json_resume() -> None:
    """Headings in capitals, jobs over several lines and bullets of other kinds are understood."""
    data = read_resume(PLAIN).data.to_data()
    jsonschema.validate(data, SCHEMA)
    assert data["basics"] == {
        "name": "BOB SMITH",
        "email": "bob@smith.org",
        "phone": "07700 900123",
        "summary": "Reliable chef.",
        "location": {"address": "12 Main Street, Leeds"},
    }
    assert data["work"] == [
        {
            "name": "The Golden Lion Restaurant",
            "location": "Leeds",
            "position": "HEAD CHEF",
            "startDate": "2015-03",
            "highlights": ["Ran a brigade of 8"],
        },
        {
            "name": "Hotel Grand",
            "location": "York",
            "position": "Sous Chef",
            "startDate": "2010-06",
            "endDate": "2015-02",
            "summary": "Prepared banquets for up to 300 guests.",
        },
    ]
    assert data["skills"] == [{"name": "Menu planning"}, {"name": "HACCP"}]


def test_text_without_structure_is_a_summary() -> None:
    """One paragraph is a resume too."""
    text = "I have been a carpenter for ten years. I build stairs."
    assert read_resume(text).data.to_data() == {"basics": {"summary": text}}


# Words that become structure: headings, months, the marks of a date, labels, what joins position and company.
_MARKS = (
    *("present", "current", "currently", "now", "today", "date", "ongoing", "since", "to", "till", "until", "through"),
    *("at", "and", "e", "mail", "email", "mailto", "address", "phone", "tel", "telephone", "mobile", "cell"),
    *("website", "web", "url", "portfolio", "linkedin", "github"),
)
_STRUCTURE = {word for name in HEADINGS for word in re.findall(r"[^\W_]+", name)} | set(MONTHS) | set(_MARKS)


def _content_words(text: str) -> Counter[str]:
    """Count the words that must survive; dates are compared as numbers, ordinals and list numbers not at all."""
    found = Counter(word.lstrip("0") or "0" for word in re.findall(r"[^\W_]+", text.casefold()))
    return Counter(
        {
            word: count
            for word, count in found.items()
            if word not in _STRUCTURE and not re.fullmatch(r"[0-9]{1,2}(st|nd|rd|th|t[0-9]+)?", word)
        }
    )


_LINES = st.one_of(
    texts,
    st.sampled_from([*MARKDOWN.splitlines(), *PLAIN.splitlines(), "", "---", "**Tools**", "OTHER THINGS", "GPA: 3.9"]),
)


@given(st.one_of(st.lists(_LINES, max_size=25).map("\n".join), st.text()))
@example(MARKDOWN)
@example(PLAIN)
def test_any_text_parses_and_no_word_is_lost(text: str) -> None:
    """Any text is read without an error; each word but headings, marks and the length of a period is kept."""
    kept = _content_words("\n".join(leaf.text for leaf in leaves(parse_resume(text).to_data())))
    # Jobs below an unknown heading are found by their dates: it heads them as a known one does.
    heads = [heading.name for line in clean(text).split("\n") if (heading := find_heading(line, "")) is not None]
    said = re.sub(r"[0-9]{1,2} (?:years?|months?)", " ", clean(text))
    assert not _content_words(said) - kept - _content_words("\n".join(heads))


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ("BUSINESS EXPERIENCE", "work"),
        ("EXPERIENCIA EN LA INDUSTRIA", "work"),
        ("## Expérience en informatique", "work"),
        ("Other Relevant Experience", "work"),
        ("## Volunteer and Club Experience", "volunteer"),
        ("NOTABLE PROJECTS", "projects"),
        ("CUSTOMER EXPERIENCE", ""),
        ("MINISTRY OF EDUCATION", ""),
        ("EDUCATION OFFICER", ""),
        ("Warehouse experience", ""),
    ],
)
def test_headings_of_a_noun_and_other_words(line: str, section: str) -> None:
    """A noun that usually heads a section does so with other words too, but not as a thing that people work on."""
    heading = find_heading(line, "work")
    assert (heading.section if heading else "") == section


@given(st.lists(_LINES, max_size=10).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A str is a document or an InputError of one line, never another error; also for jobs."""
    for read in (read_resume, read_job):
        try:
            document = read(text, files=False)
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017 - an error is one of two right outcomes
        else:
            document.text.encode()


@pytest.mark.parametrize(
    "char", ["a", "#", "-", " ", "*", "|", "(", "1", ",", "\n", ".", "[", "A", "@", "\t", ":", "é"]
)
def test_long_lines_of_one_character_take_linear_time(char: str) -> None:
    """No regular expression backtracks its way through a hostile line (pytest would hang, not fail)."""
    text = "x" + char * (MAX_CHARACTERS - 1)
    parse_resume(text)
    parse_resume(f"EDUCATION\nMSc{char * 80_000}MIT 2014")
    assert read_job(text, files=False).requirements
    assert URL.search(text) is None


MARKS = ["•", "▪️ ", "▪️", "・", "●", "◦", "■", "✔️ ", "✓", "👉 ", "🔹 ", "-", "1️⃣ ", "\uf0b7", "o ", "(a) "]


@pytest.mark.parametrize("mark", MARKS)
def test_marks_of_items(mark: str) -> None:
    """The mark of an item is no part of it, whether a blank follows it or not, and an emoji is a mark like others."""
    items = ["Built pumps for the town", "Repaired 30 valves"]
    lines = "\n".join(mark + item for item in items)
    read = parse_resume(f"Ada Lane\n\nExperience\n\nFitter, Acme Ltd, 2019 - 2021\n{lines}\n")
    assert [(job.name, job.highlights) for job in read.work] == [("Acme Ltd", items)]


@pytest.mark.parametrize("line", ["★★★☆☆ English", "-5 °C in the cold store", "––––––", "•••", "*Acme* since 2019"])
def test_what_is_no_mark(line: str) -> None:
    """A sign that is a figure, a rule or an emphasis begins no item."""
    assert BULLET.match(line) is None
