"""Documents: texts, files and objects that are read or refused, without the loss of a word."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections import Counter
from pathlib import Path
from types import MappingProxyType

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from progressnb import samples
from progressnb.errors import InputError
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.reading.contact import URL
from progressnb.operations.resume.reading.inputs import MAX_CHARACTERS, read_job, read_resume
from progressnb.operations.resume.reading.parse import parse_resume
from progressnb.operations.resume.schemas import Draft
from progressnb.operations.resume.words.dates import MONTHS
from progressnb.operations.resume.words.headings import HEADINGS

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "jsonresume" / "schema.json").read_text("utf-8"))

_WORDS = (
    "Python", "JS", "Node.js", "C++", "R", "Go", "K8s", "nursing", "led", "team of 12", "40%", "Bachelor", "PhD", "B.A",
    "Master's degree", "high school", "Chef", "Acme Ltd", "in", "of", "and", "or", "3 years", "1,000", "1", "000",
    "May 2014", "2014-05-01", "2019 – 2021", "present", "SQL", "web development", "Ж", "日本語", "ß", "ﬁ", "İ",
    "# Heading", "- bullet", "<b>", "](x)", "\u0301", "'s", "...", "Skills:", "EDUCATION", "\ud800",
)  # fmt: skip
_texts = st.one_of(
    st.lists(st.sampled_from(_WORDS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(_WORDS), max_size=8).map("\n".join),
    st.text(max_size=40),
)
_NAMES = (
    *("name", "title", "position", "label", "institution", "area", "studyType", "organization", "level", "issuer"),
    *("summary", "description", "reference", "language", "fluency", "url", "extra"),
)
_optional: dict[str, st.SearchStrategy[object]] = {
    **dict.fromkeys(_NAMES, st.none() | _texts),
    **dict.fromkeys(("startDate", "endDate", "date"), st.sampled_from(["2014", "2013-12-01", "May 2014", ""]) | _texts),
    **dict.fromkeys(("highlights", "keywords", "courses", "roles"), st.lists(_texts, max_size=4)),
}
_entries = st.lists(st.fixed_dictionaries({}, optional=_optional), max_size=3)
_sections = [name for name in JSONResume.model_fields if name not in {"basics", "meta"}]
resumes = st.fixed_dictionaries(
    # An empty resume is refused, so one field has something in it.
    {"basics": st.fixed_dictionaries({"email": st.just("ada@example.com")}, optional=_optional)},
    optional={
        **dict.fromkeys(_sections, _entries),
        "skills": st.lists(_texts, max_size=4) | _entries,
        "hobbies": _texts,
    },
)

MARKDOWN = """# Jane Doe
Registered Nurse
San Francisco, CA | (912) 555-4321 | jane.doe@example.com | [LinkedIn](https://linkedin.com/in/janedoe)

## Profile
ICU nurse with 6 years of experience.

## Professional Experience

### Staff Nurse, St. Mary's Hospital — Jan 2018 – Present
- Cared for up to 4 ventilated patients
- Trained 12 nurses

### Nursing Assistant | Sunrise Care Home | 2015 – 2017
Helped residents with daily living.

## Education
Bachelor of Science in Nursing, University of California, 2017

## Certifications
- BLS, American Heart Association, 2023

## Skills
- Clinical: ventilators, IV therapy
- Epic, Cerner

## Languages
English (native), Spanish

## Things I like
Sailing and jazz.
"""

PLAIN = """BOB SMITH
12 Main Street, Leeds
bob@smith.org    07700 900123

SUMMARY
Reliable chef.

WORK HISTORY
HEAD CHEF
The Golden Lion Restaurant, Leeds
March 2015 - present
• Ran a brigade of 8

Sous Chef
Hotel Grand, York
06/2010 to 02/2015
Prepared banquets for up to 300 guests.

EDUCATION
City College Leeds
NVQ Level 3 Professional Cookery, 2009

KEY SKILLS
Menu planning, HACCP
"""


def test_json_resume_in_is_the_same_data_out_and_valid() -> None:
    """Fields of the JSON Resume schema are unchanged after reading and writing."""
    document = read_resume(samples.resume)
    assert document.format == "json"
    assert document.data.to_data() == samples.resume
    jsonschema.validate(document.data.to_data(), SCHEMA)
    assert json.loads(document.text) == samples.resume


@settings(max_examples=40)
@given(resumes)
def test_lenient_json_resume_keeps_every_text(data: dict[str, object]) -> None:
    """Nulls, empty strings, plain strings as skills and unknown fields are all taken, and no text is lost."""
    document = read_resume(data)
    out = [leaf.text for leaf in leaves(document.data.to_data())]
    kept = re.sub(r"\s", "", "\n".join(out))
    for leaf in leaves(json.loads(document.text)):
        if not leaf.path.endswith(("Date", "date")):
            assert re.sub(r"\s", "", leaf.text) in kept


@settings(max_examples=40)
@given(resumes)
def test_json_resume_models_round_trip(data: dict[str, object]) -> None:
    """A model's output survives JSON, and its schema names no key that a provider refuses."""
    resume = read_resume(data).data
    draft = Draft(resume=resume, changes=[])
    assert Draft.model_validate_json(draft.model_dump_json()) == draft
    assert JSONResume.model_validate(resume.to_data()) == resume


def test_output_schema_is_plain_enough_for_every_provider() -> None:
    """Property names are letters, fields need no null, and each section is described."""
    schema = Draft.model_json_schema()
    text = json.dumps(schema)
    assert '"null"' not in text
    names = [name for part in schema["$defs"].values() for name in part.get("properties", {})]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)
    assert {"startDate", "studyType", "countryCode", "highlights"} <= set(names)


def test_usual_slips_in_a_json_resume_are_tolerated() -> None:
    """Nulls, numbers, "Present" and names instead of objects are accepted, since people and models write them."""
    data = read_resume(
        {
            "basics": {"name": "Ada", "phone": 12345, "image": None},
            "work": [{"name": "Acme", "startDate": 2014, "endDate": "Present", "highlights": None}, None],
            "education": [{"startDate": dt.date(2010, 9, 1), "score": 3.9}],
            "skills": ["Python", {"name": "SQL", "keywords": "joins"}],
            "languages": None,
        }
    ).data.to_data()
    assert data == {
        "basics": {"name": "Ada", "phone": "12345"},
        "work": [{"name": "Acme", "startDate": "2014"}],
        "education": [{"startDate": "2010-09-01", "score": "3.9"}],
        "skills": [{"name": "Python"}, {"name": "SQL", "keywords": ["joins"]}],
    }
    jsonschema.validate(data, SCHEMA)


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
    _texts,
    st.sampled_from([*MARKDOWN.splitlines(), *PLAIN.splitlines(), "", "---", "**Tools**", "OTHER THINGS", "GPA: 3.9"]),
)


@given(st.one_of(st.lists(_LINES, max_size=25).map("\n".join), st.text()))
@example(MARKDOWN)
@example(PLAIN)
def test_any_text_parses_and_no_word_is_lost(text: str) -> None:
    """Any text is read without an error, and every word of it is kept, except for headings and marks."""
    kept = _content_words("\n".join(leaf.text for leaf in leaves(parse_resume(text).to_data())))
    assert not _content_words(clean(text)) - kept


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
    assert read_job(text, files=False).requirements
    assert URL.search(text) is None


def test_files_are_read_by_suffix(tmp_path: Path) -> None:
    """A path, or a one-line str with a known suffix, is a file; the suffix says what is in it."""
    (tmp_path / "cv.md").write_text(MARKDOWN, "utf-8")
    (tmp_path / "cv.txt").write_text(PLAIN, "utf-8")
    (tmp_path / "cv.json").write_text(json.dumps(samples.resume), "utf-8")
    (tmp_path / "cv").write_text(PLAIN, "utf-8")
    assert read_resume(tmp_path / "cv.md").format == "markdown"
    assert read_resume(f"  {tmp_path / 'cv.txt'}\n").format == "text"
    assert read_resume(str(tmp_path / "cv.json")).data.to_data() == samples.resume
    assert read_resume(tmp_path / "cv").format == "text"
    assert read_resume(tmp_path / "cv.md").name == str(tmp_path / "cv.md")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark_are_understood(tmp_path: Path, encoding: str) -> None:
    """UTF-16 and UTF-8 with a byte order mark are read, as Windows editors save them."""
    path = tmp_path / "cv.txt"
    path.write_bytes("Zoë Müller\nKöchin\n".encode(encoding))
    assert read_resume(path).text == "Zoë Müller\nKöchin\n"


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.json", b"  ", "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        ("a.txt", bytes(range(1, 32)) * 10 + b"\xff\xfe", "binary"),
        ("a.txt", "Köchin".encode("latin-1"), "UTF-8"),
        ("a.txt", b"\xff\xfea", "UTF-8"),
        ("a.txt", b"x" * (4 * MAX_CHARACTERS + 5), "200,000 characters"),
        ("a.txt", b"x" * (MAX_CHARACTERS + 1), "200,000 characters"),
        ("a.json", b'{"basics": ', "line 1, column"),
        ("a.json", b"[1, 2]", "JSON array"),
        ("a.json", b'"text"', "JSON string"),
        ("a.json", b"null", "JSON null"),
        ("a.json", b'{"basics": NaN}', "NaN, which JSON does not have"),
        ("a.json", b"1" * 5000, "to be JSON"),
        ("a.json", b'{"basics":' + b"[" * 100_000, "nested"),
        ("a.json", b'{"a":' * 60 + b"1" + b"}" * 60, "nested"),
        ("a.json", b'{"work": "ten years"}', "work in .*a.json to be a list, got str 'ten years'"),
        ("a.json", b'{"work": [{"highlights": {"a": 1}}]}', "work\\[0\\].highlights in .* to be a list"),
        ("a.json", b'{"basics": ["Ada"]}', "basics in .*a.json to be an object"),
        ("a.json", b'{"basics": {"name": {"first": "Ada"}}}', "basics.name in .* to be text"),
        ("a.json", b"{}", "at least one of"),
        ("a.json", b'{"foo": 1}', "got an object with foo"),
        ("a.json", b'{"basics": {"name": " "}}', "at least one of"),
        ("a.json", b'{"title": "Cook", "qualifications": ["x"]}', "swapped"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "as .docx, .pdf"),
        ("a.odt", b"PK", "as .docx, .pdf"),
    ],
)
def test_bad_files_are_refused_in_one_clear_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Each kind of wrong file has its own message, of one line, that names the file."""
    path = _file(tmp_path, name, content)
    for source in (path, str(path)):
        with pytest.raises(InputError, match=message) as caught:
            read_resume(source)
        assert "\n" not in str(caught.value)
        assert name in str(caught.value) or "nested" in message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a directory, a pipe, an impossible name and a URL each have their own message."""
    os.mkfifo(tmp_path / "pipe.txt")
    table: list[tuple[str | Path, str]] = [
        (tmp_path / "missing.json", "missing.json, which does not exist"),
        ("no such resume.txt", "no such resume.txt, which does not exist"),
        (tmp_path, "the directory"),
        (tmp_path / "pipe.txt", "no regular file"),
        ("x" * 5000 + ".txt", "a readable resume file"),
        (Path("a\0b.txt"), "a readable resume file|does not exist"),
        (Path("a\nb\ud800.txt"), "does not exist|readable"),
        ("https://example.com/resume.md", "Nothing is fetched"),
        ("http://example.com/jobs/1", "Nothing is fetched"),
    ]
    for source, message in table:
        with pytest.raises(InputError, match=message) as caught:
            read_resume(source)
        assert "\n" not in str(caught.value)
        str(caught.value).encode()


def test_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission, the message says so."""
    path = _file(tmp_path, "a.txt", b"text")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may read everything, so a mode would not do where tests run as root.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"a.txt \(Permission denied\)"):
        read_resume(path)


@pytest.mark.parametrize("source", [None, 3, b"text", ["text"], object()])
def test_other_types_are_refused(source: object) -> None:
    """A value that is not a text, path or object is an InputError that names its type."""
    for read in (read_resume, read_job):
        with pytest.raises(InputError, match=type(source).__name__):
            read(source)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_hostile_objects_are_refused() -> None:
    """Objects that hold themselves or share a part a million times, and values that JSON lacks, are refused."""
    loop: dict[object, object] = {}
    loop["basics"] = loop
    bomb: list[object] = ["x" * 100]
    for _ in range(40):
        bomb = [bomb, bomb]
    table: list[tuple[dict[object, object], str]] = [
        (loop, "nested"),
        ({"work": bomb}, "200,000 characters"),
        ({1: "x"}, "keys"),
        ({"basics": {"name": b"Ada"}}, "JSON values"),
        ({"basics": {"name": float("nan")}}, "JSON values"),
        ({"basics": {"name": {1, 2}}}, "JSON values"),
    ]
    for source, message in table:
        with pytest.raises(InputError, match=message):
            read_resume(source)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_any_mapping_is_an_object() -> None:
    """A read-only mapping is read like a dict."""
    assert read_resume(MappingProxyType({"basics": {"name": "Ada"}})).data.to_data() == {"basics": {"name": "Ada"}}


def test_control_characters_and_surrogates_are_cleaned() -> None:
    """Control characters and lone surrogates are replaced, also within JSON."""
    text = read_resume("Ada\x1b[31m Lovelace\r\n\u202eevil\ud800 and some more words").text
    assert text == "Ada [31m Lovelace\n evil\ufffd and some more words"
    data = read_resume({"basics": {"name": "A\ud800\x07", "k\ud800": "v"}}).data.to_data()
    assert data == {"basics": {"name": "A\ufffd ", "k\ufffd": "v"}}


def test_text_is_never_a_path_when_files_are_off(tmp_path: Path) -> None:
    """A text from a network is never taken for the name of a file."""
    path = _file(tmp_path, "secret.txt", b"a secret")
    assert read_resume(str(path), files=False).text == str(path)
    with pytest.raises(InputError, match="a text or a JSON object"):
        read_resume(path, files=False)


def test_text_of_several_lines_is_never_a_path() -> None:
    """Only one line can be a path, even if the last one looks like a file."""
    assert read_resume("Ada\nsee portfolio.txt").text == "Ada\nsee portfolio.txt"


def test_json_text_is_parsed() -> None:
    """A text that begins with a brace is JSON, and a document is taken as it is."""
    document = read_resume(" \n" + json.dumps(samples.resume))
    assert document.format == "json"
    assert read_resume(document) is document
    job = read_job(json.dumps(samples.job))
    assert job.title == "Web Developer"
    assert read_job(job) is job
