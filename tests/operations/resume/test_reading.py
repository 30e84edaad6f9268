"""Resumes as people have them: generated files with known contents, odd texts, and how sure the reading is."""

# Words of several languages.
# ruff: noqa: RUF001
from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from benchmarks.customize.damage import DAMAGES
from benchmarks.customize.papers.content import load
from benchmarks.customize.papers.plan import PAPERS
from benchmarks.customize.reading import FILES, score
from progressnb import customize
from progressnb.errors import InputError
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.reading.by_model import better_reading
from progressnb.operations.resume.reading.confidence import BOUND, assess
from progressnb.operations.resume.reading.garbled import glued_words, misread_words
from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.reading.parse import parse_resume
from progressnb.operations.resume.rules import verify
from progressnb.operations.resume.schemas import Draft
from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.headings import known_section

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic_ai.messages import ModelMessage

SENTENCES = json.loads((Path(__file__).parent / "sentences.json").read_text(encoding="utf-8"))
JOB_FIELDS = ("name", "position", "startDate", "endDate", "highlights")
SCHOOL_FIELDS = ("institution", "studyType", "area")
JOB = "Clerk\n\nRequirements\n- bookkeeping\n- Excel"


def held(found: Any) -> None:
    """Assert the bounds: jobs 95 %, a ghost job in 20 files, whole bullets 95 %, dates 97 %, all names."""
    assert found["jobs"] >= 0.95 * found["all_jobs"]
    assert found["bullets"] >= 0.95 * found["all_bullets"]
    assert found["dates"] >= 0.97 * found["all_jobs"]
    assert found["names"] == found["all_files"]
    assert found["ghosts"] <= found["all_files"] / 20


def test_files_of_every_engine_are_read() -> None:
    """One file of each program that makes resumes keeps the bounds."""
    chosen = {paper.engine: paper for paper in PAPERS if not paper.held}
    held(score(chosen.values()))


@pytest.mark.integration
def test_all_files_are_read() -> None:
    """All generated files together keep the bounds."""
    held(score(PAPERS))


def work(text: str) -> list[dict[str, Any]]:
    """Return the jobs of a text."""
    data: Any = parse_resume(text).to_data()
    return list(data["work"])


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("Mar'08 – Dec'11", "2008-03", "2011-12"),
        ("Jan 2012 - till date", "2012-01", None),
        ("März 2016 bis heute", "2016-03", None),
        ("10.2016 – 03.2021", "2016-10", "2021-03"),
        ("janvier 2015 à aujourd’hui", "2015-01", None),
        ("enero de 2018 a la actualidad", "2018-01", None),
        ("с апреля 2021 по настоящее время", "2021-04", None),
        ("окт. 2016 – март 2021", "2016-10", "2021-03"),
        ("Summer 2014 – Fall 2015", "2014", "2015"),
        ("Maio/2021 – Junho/2023", "2021-05", "2023-06"),
        ("Kwi 2022 - Lis 2022", "2022-04", "2022-11"),
        ("2011 / 09 – 2013 / 02", "2011-09", "2013-02"),
        ("FEBRUÁR 2025 - DOTERAZ", "2025-02", None),
        ("2016 — 2019", "2016", "2019"),
    ],
)
def test_periods_are_read_as_people_write_them(line: str, start: str, end: str | None) -> None:
    """Months of five languages, seasons, short years, and words for a job that goes on."""
    (period,) = find_periods(f"Clerk, Acme, {line}")
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Working Experience", "work"),
        ("Professional Exposure", "work"),
        ("Work History & Achievements", "work"),
        ("Beruflicher Werdegang", "work"),
        ("EXPÉRIENCES PROFESSIONNELLES", "work"),
        ("Опыт работы:", "work"),
        ("E D U C A T I O N", "education"),
        ("Formación académica", "education"),
        ("3. Technical Skills", "skills"),
        ("CURRICULUM VITAE", "title"),
        ("Experience with Python and more", ""),
    ],
)
def test_headings_are_found_as_people_write_them(heading: str, section: str) -> None:
    """Headings of five languages, joined ones, numbered ones, and letters set wide."""
    assert known_section(heading) == section


@pytest.mark.parametrize(
    "first",
    [
        "CURRICULUM VITAE\nJane Doe",
        "Resume of Jane Doe",
        "Name: Jane Doe",
        "Lebenslauf – Jane Doe",
        "Jane Doe | CV\nJane Doe",
    ],
)
def test_the_title_of_the_document_is_no_name(first: str) -> None:
    """A line such as "Curriculum vitae" is no name; the name stands beside or below it."""
    data: Any = parse_resume(f"{first}\n\nExperience\nClerk, Acme Ltd, 2018 – 2020\n").to_data()
    assert data["basics"]["name"] == "Jane Doe"


def test_labels_name_the_parts_of_a_job() -> None:
    """Lines such as "Company: Acme" say what they are; a label that comes again begins another job."""
    text = (
        "Jane Doe\nWork Experience\nCompany: Acme Corp\nPosition: Clerk\nDuration: Mar'08 – Dec'11\n- Kept the books\n"
        "Company: Foo\nPosition: Head Clerk\nDuration: Jan 2012 till date\n"
    )
    first, second = work(text)
    assert (first["name"], first["position"], first["endDate"]) == ("Acme Corp", "Clerk", "2011-12")
    assert (second["name"], second["position"], second["startDate"]) == ("Foo", "Head Clerk", "2012-01")
    assert "endDate" not in second


def test_a_wrapped_date_is_one_period() -> None:
    """A column of dates that wraps keeps its job current, and does not end it where it began."""
    (job,) = work(
        "Jane Doe\nExperience\nApr 2016 –  \tCompliance Officer - Acme\nPresent\tResponsible for all reports\n"
    )
    assert (job["position"], job["name"], job["startDate"]) == ("Compliance Officer", "Acme", "2016-04")
    assert "endDate" not in job


def test_a_wrapped_bullet_is_one_bullet() -> None:
    """A line that goes on in small letters belongs to the bullet above it."""
    (job,) = work(
        "Experience\nClerk, Acme Ltd, 2018 – 2020\n- Processed transactions accurately\nand efficiently for 300\n"
    )
    assert job["highlights"] == ["Processed transactions accurately and efficiently for 300"]


def test_a_state_is_no_employer() -> None:
    """A town and a state on their own lines are the place."""
    (job,) = work("Experience\nTarget\nFresno, CA\nCashier\n2014 – 2016\n- Sold\n")
    assert (job["name"], job["position"], job["location"]) == ("Target", "Cashier", "Fresno, CA")


def test_a_footer_is_nothing_and_a_dot_stays() -> None:
    """The person's name with a page number is no job, and .NET keeps its dot."""
    text = "John Doe\nExperience\nClerk, Acme Ltd, 2018 – 2020\n- Sold\nJohn Doe, 1/2\n\nSkills\n.NET, C#\n"
    assert len(work(text)) == 1
    assert assess(text, parse_resume(text).to_data()).sure
    data: Any = parse_resume(text).to_data()
    assert [skill["name"] for skill in data["skills"]] == [".NET", "C#"]


DOUBTFUL = (
    "Jane Doe\njane@example.org\n\nExperience\nresponsible for the accounts of the shop and two stores beside it\n\n"
    "and for all that came in between\n\nSomething that nobody could place in any way whatever it was\n\n"
    "Another line of which no reader knows what it means\n\nWas with them for many years and did many things there\n"
)


async def test_a_doubtful_reading_is_told_and_refused_with_strict() -> None:
    """Below its bound a reading asks its owner to look; with `strict` it is refused with what is wrong."""
    assert not read_resume(DOUBTFUL).read.sure
    result = await customize.using(show=False)(DOUBTFUL, JOB)
    assert result.read.confidence < BOUND
    assert "Look at result.read" in str(result.note)
    assert result.read.doubts()
    with pytest.raises(InputError, match="as strict asks"):
        await customize.using(show=False)(DOUBTFUL, JOB, strict=True)


def test_the_reading_shows_the_entries() -> None:
    """`read.text` has the entries one below the other, with dates; data that were given are not doubted."""
    text = "Jane Doe\n\nExperience\nClerk, Acme Ltd, 2018 – 2020\n- Kept the books\n"
    read = read_resume(text).read
    assert "2018 to 2020  Clerk, Acme Ltd" in read.text
    assert "  - Kept the books" in read.text
    assert read_resume({"basics": {"name": "Jane"}, "work": [{"name": "Acme"}]}).read.confidence == 1


def test_a_models_reading_counts_only_where_the_text_has_it() -> None:
    """Things that a model reads into a resume, and that its text does not say, are taken out."""
    document = read_resume(DOUBTFUL)
    data = document.data.model_copy(deep=True)
    invented = type(data).model_validate(
        {**data.to_data(), "work": [{"name": "Galactic Empire", "position": "Emperor", "startDate": "1999"}]}
    )
    assert "Galactic" not in str(better_reading(document, invented).data.to_data())


def test_a_models_reading_invents_no_number_and_loses_no_line() -> None:
    """A number that the text lacks is taken out, and each line that a model leaves out stays in the data."""
    text = (
        "Jane Doe\njane@example.org\n\nExperience\nEngineer, Acme Ltd, 2016 - 2019\n- Cut cost by half with one tool\n"
        "- Built the billing service of the company with two others\n\nCertificates\nAWS Architect\nForklift Licence\n"
    )
    job = {"name": "Acme Ltd", "position": "Engineer", "startDate": "2016", "endDate": "2019"}
    bullets = [
        "Cut the cost of hosting by 95 with one tool",
        "Built the billing service of the company with two others",
    ]
    document = read_resume(text, files=False)
    data = type(document.data).model_validate(
        {"basics": {"name": "Jane Doe"}, "work": [{**job, "highlights": bullets}]}
    )
    read = str(better_reading(document, data).data.to_data())
    assert "95" not in read
    assert "Forklift Licence" in read
    assert "AWS Architect" in read


REACTIVE: dict[str, Any] = {
    "basics": {"name": "Jane Doe", "headline": "Clerk", "email": "jane@example.org", "url": {"label": "", "href": ""}},
    "sections": {
        "experience": {
            "items": [
                {
                    "visible": True,
                    "company": "Acme",
                    "position": "Clerk",
                    "date": "Mar 2018 - Present",
                    "summary": "<ul><li><p>Kept the books</p></li><li><p>Filed &amp; sorted</p></li></ul>",
                },
                {"visible": False, "company": "Hidden", "position": "None"},
            ]
        },
        "skills": {"items": [{"name": "Excel", "keywords": ["pivot"]}]},
    },
}


def test_reactive_resume_is_read_as_what_it_is() -> None:
    """The JSON of Reactive Resume becomes JSON Resume, without hidden items and HTML."""
    data: Any = read_resume(REACTIVE).data.to_data()
    (job,) = data["work"]
    assert (job["name"], job["startDate"], job["highlights"]) == (
        "Acme",
        "2018-03",
        ["Kept the books", "Filed & sorted"],
    )
    assert "endDate" not in job
    assert data["basics"]["label"] == "Clerk"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"firstName": "Jane", "lastName": "Doe", "positions": []}, "LinkedIn data"),
        ({"SkillsPassport": {"LearnerInfo": {}}}, "Europass data"),
    ],
)
def test_other_programs_data_are_refused_by_name(value: dict[str, Any], name: str) -> None:
    """The JSON of LinkedIn and Europass is refused by its name, with a way that works."""
    with pytest.raises(InputError, match=name) as caught:
        read_resume(value)
    assert "PDF" in str(caught.value.remedy)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_wrong_reading_is_told_as_such(damage: str) -> None:
    """The confidence is below its bound for a text that was made worse on purpose and is read wrong."""
    chosen = {(paper.engine, paper.content[-2:]): paper for paper in PAPERS}
    found = score(chosen.values(), damage)
    assert found["wrong not told"] <= 1 / 20 * found["all_files"]
    assert found["right told"] <= 1 / 10 * found["all_files"]


PAPER = (
    "Jane Doe\njane@example.org\n\nExperience\nClerk, Acme Ltd, 2018 – 2020\n- Kept the books of four shops\n"
    "- Wrote the yearly report to the owners and the bank\n\nCashier, Globex Inc, 2016 – 2018\n- Sold tickets at the "
    "counter and by telephone\n- Counted the cash of every evening\n\nEducation\n"
    "Diploma in Accounting, College of Leeds, 2016\n"
)


def model_that_reads(read: dict[str, Any], asked: list[str]) -> FunctionModel:
    """Return a model that answers the question for the structure with `read`, and each other one by its fields."""
    answers: list[dict[str, Any]] = [
        read,
        {"match_score": 50, "strengths": [], "gaps": [], "overall_assessment": "Fits."},
        {"improvements": []},
        {"resume": read, "changes": []},
        {"unsupported": [], "summary": "Compared."},
    ]

    async def stream(_messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        (tool,) = info.output_tools
        asked.append(tool.name)
        answer = next(one for one in answers if not one.keys().isdisjoint(tool.parameters_json_schema["properties"]))
        text = json.dumps(answer)
        for at in range(0, len(text), 40):
            name = tool.name if at == 0 else None
            yield {0: DeltaToolCall(name=name, json_args=text[at : at + 40])}

    return FunctionModel(stream_function=stream, model_name="reader")


READ: dict[str, Any] = {
    **parse_resume(PAPER).to_data(),
    "otherSections": [{"name": "Read by", "text": "Jane Doe"}],
}


@pytest.mark.parametrize(("reading", "by", "questions"), [("model", "model", 5), ("rules", "rules", 4)])
async def test_a_model_reads_the_structure(reading: Any, by: str, questions: int) -> None:
    """A language model reads the text in a stage below the evaluation, streamed; the four stages keep their weights."""
    asked: list[str] = []
    run = customize.using(show=False)(PAPER, JOB, model=model_that_reads(READ, asked), reading=reading)
    events = [event async for event in run]
    result = await run
    assert result.read.by == by
    assert len(asked) == questions
    streamed = [event for event in events if event.stage == "evaluation/reading" and event.type == "content"]
    assert bool(streamed) == (by == "model")
    assert [stage.weight for stage in run.state.stages] == [0.25, 0.25, 0.4, 0.1]


async def test_what_a_model_loses_is_not_lost() -> None:
    """A model that reads half of a paper is not believed: the rules' reading stays."""
    half = {"basics": {"name": "Jane Doe"}, "work": READ["work"][:1]}
    result = await customize.using(show=False)(PAPER, JOB, model=model_that_reads(half, []))
    assert result.read.by == "rules"
    assert "Globex" in result.read.text


@pytest.mark.parametrize("damage", ["columns read across", "no headings", "dates after all", "blocks in another order"])
def test_what_a_paper_says_is_never_unsupported(damage: str) -> None:
    """Jobs and schools that a text has are no unsupported claims, also where their structure was read wrongly."""
    for paper in [one for one in PAPERS if one.dates != "year"][::16]:
        text = DAMAGES[damage](read_resume(FILES / paper.file).text, random.Random(paper.file))  # noqa: S311
        given = load(paper.content)
        said = {
            "work": [{key: job[key] for key in JOB_FIELDS if key in job} for job in given["work"]],
            "education": [{key: one[key] for key in SCHOOL_FIELDS if key in one} for one in given["education"]],
        }
        draft = Draft(resume=JSONResume.model_validate(said), changes=[])
        assert verify(read_resume(text, files=False), draft).unsupported == []


def test_html_is_read_as_it_is_seen() -> None:
    """Headings, list items and cells become lines; scripts and hidden elements are not read."""
    page = (
        "<!doctype html><html><head><title>CV</title></head><body><script>var x = '<b>';</script><h1>Jane Doe</h1>"
        "<h2>Experience</h2><table><tr><td>2018 – 2020</td><td>Clerk, Acme Ltd</td></tr></table>"
        "<ul><li><p>Kept the books</p><li>Sold &amp; counted</ul><p style='display: none'>Emperor</p></body></html>"
    )
    document = read_resume(page)
    assert document.format == "html"
    (job,) = work(document.text)
    assert (job["position"], job["startDate"], job["highlights"]) == (
        "Clerk",
        "2018",
        ["Kept the books", "Sold & counted"],
    )
    assert "Emperor" not in document.text


def test_jobs_without_a_known_heading_are_found_and_doubted() -> None:
    """Lines with periods are jobs also where no heading says so; the confidence tells that it is a guess."""
    text = "Jane Doe\n0123 456789\n\n2019 - present: Van driver, Parcelhop\n110 drops\n\n2016 - 2019: Clerk, Acme Ltd\n"
    assert [(job["position"], job["name"]) for job in work(text)] == [
        ("Van driver", "Parcelhop"),
        ("Clerk", "Acme Ltd"),
    ]
    assert not assess(text, parse_resume(text).to_data()).sure


@pytest.mark.parametrize("heading", ["EARLIER STOVES", "## Earlier stoves", "**Where else I cooked**"])
def test_jobs_under_a_heading_that_nobody_knows_stay_jobs(heading: str) -> None:
    """Positions with periods are jobs under any heading, also beside jobs whose heading is known."""
    text = (
        "Ada Holm\n\nExperience\n\nHead Chef, Hotel Sonne\n2019 – present\n- Runs a kitchen\n\nLanguages\n\nGerman\n\n"
        f"{heading}\n\nSous Chef, Brasserie Nord\n2015 – 2019\n- Wrote menus\n"
    )
    assert [job["position"] for job in work(text)] == ["Head Chef", "Sous Chef"]


@pytest.mark.parametrize("damage", ["letters misread", "letters at random"])
def test_misread_letters_are_told(damage: str) -> None:
    """Letters that stand for others are told, whichever they are; the words of a whole paper are not."""
    for paper in [one for one in PAPERS if not one.content.endswith("-ru")][::12]:
        text = read_resume(FILES / paper.file).text
        assert misread_words(text) == []
        assert len(misread_words(DAMAGES[damage](text, random.Random(paper.file)))) > 10  # noqa: S311


@pytest.mark.parametrize("language", SENTENCES)
def test_words_of_any_language_are_words(language: str) -> None:
    """A right text of each language of Europe is not doubted, and one with letters at random is."""
    text = SENTENCES[language]
    assert not misread_words(text)
    assert not glued_words(text)
    assert len(misread_words(DAMAGES["letters at random"](text, random.Random(language)))) > 5  # noqa: S311


def test_without_dictionaries_only_digits_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing, what a dictionary would tell is not guessed."""
    monkeypatch.setitem(sys.modules, "simplemma", None)
    spoilt = DAMAGES["letters at random"](SENTENCES["pl"], random.Random(1))  # noqa: S311
    assert misread_words(spoilt) == []
    assert misread_words("The rn1lk and the br3ad and the w0rds") == ["rn1lk", "br3ad", "w0rds"]


@pytest.mark.parametrize(
    "jobs",
    [
        "{title} @ {employer} [{dates}]\no {first}\no {second}",
        "{employer} / {title} / Kiel\n{dates}\n- {first}\n- {second}",
        "{dates}   {employer}, Kiel\nFunkce: {title}\n- {first}\n- {second}",
        "{title}\n{employer}\n- {first}\n- {second}\n{dates}, Kiel",
        "### {employer}\n#### {title} | {dates}\n(a) {first}\n(b) {second}",
        "2.1 {title}, {employer}, {dates}\n1) {first}\n2) {second}",
    ],
)
def test_what_all_entries_have_alike_is_understood(jobs: str) -> None:
    """Marks, labels, the place of dates and a word for the present may be anybody's, if all entries have them."""
    given = [
        ("Head Clerk", "Acme Ltd", "March 2019 - dosud", "Ran the office", "Hired four"),
        ("Clerk", "Bolt Ltd", "May 2015 - February 2019", "Kept the books", "Answered letters"),
        ("Cashier", "Corner Shop", "June 2012 - April 2015", "Sold stamps", "Counted coins"),
    ]
    keys = ("title", "employer", "dates", "first", "second")
    text = "\n\n".join(jobs.format_map(dict(zip(keys, one, strict=True))) for one in given)
    read = work(f"Jane Doe\njane@example.org\n\nExperience\n{text}\n\nSkills\nExcel\n")
    found = [(job["position"], job["name"], job["startDate"], job.get("endDate"), job["highlights"]) for job in read]
    assert found == [
        ("Head Clerk", "Acme Ltd", "2019-03", None, ["Ran the office", "Hired four"]),
        ("Clerk", "Bolt Ltd", "2015-05", "2019-02", ["Kept the books", "Answered letters"]),
        ("Cashier", "Corner Shop", "2012-06", "2015-04", ["Sold stamps", "Counted coins"]),
    ]


def test_the_profile_that_linkedin_prints_is_read() -> None:
    """Lengths that LinkedIn counts are no employers, and "SAP ERP" among skills is no heading."""
    text = (
        "Nadia Weber\nPlanner at Brightline Foods\n\nExperience\n\nBrightline Foods\n5 years 4 months\n"
        "Supply Chain Manager\nMarch 2022 - Present (2 years 3 months)\nChicago, Illinois, United States\n"
        "- Cut stock-outs by 31%\n\nKessler Logistik GmbH\nClerk\nAugust 2014 - January 2019 (4 years 6 months)\n"
        "Hamburg, Germany\n\nTop Skills\nNegotiation\nSAP ERP\nForecasting\n"
    )
    assert [(job["position"], job["name"], job["startDate"]) for job in work(text)] == [
        ("Supply Chain Manager", "Brightline Foods", "2022-03"),
        ("Clerk", "Kessler Logistik GmbH", "2014-08"),
    ]
    data: Any = parse_resume(text).to_data()
    assert [skill["name"] for skill in data["skills"]] == ["Negotiation", "SAP ERP", "Forecasting"]


def test_the_cv_that_europass_prints_is_read() -> None:
    """Headings with a mark, whole dates, and a date of birth, which is no telephone number."""
    text = (
        "Nadia Weber\nDate of birth: 04/05/1990 | Nationality: German\nPhone: (+49) 405550142\n\n● WORK EXPERIENCE\n\n"
        "01/03/2022 – CURRENT – Chicago, United States\nMANAGER – BRIGHTLINE FOODS\n◦ Cut stock-outs by 31%\n\n"
        "01/08/2014 – 31/01/2019 – Hamburg, Germany\nCLERK – KESSLER LOGISTIK GMBH\n◦ Planned 40 trucks\n\n"
        "● DIGITAL SKILLS\n\nSAP IBP | Excel\n"
    )
    assert [(job["position"], job["name"], job["startDate"], job.get("endDate")) for job in work(text)] == [
        ("MANAGER", "BRIGHTLINE FOODS", "2022-03-01", None),
        ("CLERK", "KESSLER LOGISTIK GMBH", "2014-08-01", "2019-01-31"),
    ]
    basics: Any = parse_resume(text).to_data()["basics"]
    assert basics["phone"] == "405550142"
    assert "04/05/1990" in str(basics)


@pytest.mark.parametrize("mark", ["→", "»", "★", "◾", "†", "-", "3."])
def test_any_mark_begins_an_item(mark: str) -> None:
    """Arrows, stars, boxes and numbers mark items as dashes do."""
    (job,) = work(f"Experience\nClerk, Acme Ltd\n2018 – 2020\n{mark} Kept the books\n{mark} Paid the bills\n")
    assert job["highlights"] == ["Kept the books", "Paid the bills"]


def test_lines_below_headings_of_one_line_are_items() -> None:
    """The unmarked lines below headings with position, employer and dates say what was done."""
    text = (
        "Stationen\nseit Oktober 2021: Disponent bei Förde Spedition KG\nTourenplanung für 18 Lkw\nZoll und Fähre\n"
        "Mai 2017 bis September 2021: Fachlagerist bei Hafen GmbH\nWareneingang, Inventur\n"
    )
    assert [(job["position"], job["name"], job["highlights"]) for job in work(text)] == [
        ("Disponent", "Förde Spedition KG", ["Tourenplanung für 18 Lkw", "Zoll und Fähre"]),
        ("Fachlagerist", "Hafen GmbH", ["Wareneingang, Inventur"]),
    ]


def test_a_position_in_the_wrong_place_is_told() -> None:
    """An employer that looks like a sentence, and a position among the other parts, lower the confidence."""
    for job in ({"position": "Lyon", "name": "Nurse"}, {"position": "Nurse", "name": "Forecasted 4,000 items a week"}):
        data: Any = {"basics": {"name": "Ann Lee"}, "work": [{**job, "startDate": "2015", "endDate": "2019"}]}
        assert not assess("Ann Lee\nExperience\nNurse, Lyon, Forecasted 4,000 items a week, 2015 – 2019", data).sure


def test_a_part_after_a_comma_belongs_to_its_title() -> None:
    """A title such as "Nurse, Intensive Care" is one where the other line has employer and town."""
    (job,) = work("Experience\nStaff Nurse, Intensive Care\nSt. Mary Hospital, Leeds\nMar 2018 – Jun 2020\n- Cared\n")
    assert (job["position"], job["name"], job["location"]) == (
        "Staff Nurse, Intensive Care",
        "St. Mary Hospital",
        "Leeds",
    )


def _first_job(lines: str) -> tuple[object, ...]:
    data: Any = parse_resume(f"Mia Holt\n\nExperience\n\n{lines}\n- Wrote the reports of all sites\n").to_data()
    (job,) = data["work"]
    return tuple(job.get(key) for key in ("position", "name", "location", "startDate", "endDate"))


@pytest.mark.parametrize(
    ("lines", "job"),
    [
        (
            "Data Engineer – Climate Models & Weather Services\n3/2019 – 7/2021   Nordwind Analytics GmbH",
            (
                "Data Engineer – Climate Models & Weather Services",
                "Nordwind Analytics GmbH",
                None,
                "2019-03",
                "2021-07",
            ),
        ),
        (
            "Project Manager | Lead Developer   2014 – 2018\nQuarry & Stone Ltd",
            ("Project Manager | Lead Developer", "Quarry & Stone Ltd", None, "2014", "2018"),
        ),
        (
            "Trainee – Game Builder | Oakfield Studios\nMarch 2020 – May 2020",
            ("Trainee – Game Builder", "Oakfield Studios", None, "2020-03", "2020-05"),
        ),
        (
            "Harbour Police, IT   Leeds, UK\nAnalyst (National Civil Service)   May 2015 – June 2016",
            ("Analyst (National Civil Service)", "Harbour Police, IT", "Leeds, UK", "2015-05", "2016-06"),
        ),
        (
            "Tidewater Inc. (TidePay)   Boston, MA\nAccountant   May 2015 – June 2016",
            ("Accountant", "Tidewater Inc. (TidePay)", "Boston, MA", "2015-05", "2016-06"),
        ),
    ],
)
def test_a_title_keeps_its_parts(lines: str, job: tuple[object, ...]) -> None:
    """What a dash, a bar, a comma or parentheses join to a title is no place, where the place is elsewhere or none."""
    assert _first_job(lines) == job


def test_a_link_in_a_heading_is_the_page_of_its_employer() -> None:
    """Markdown's links, slanted dates and remarks are no names: the entry keeps the address, and the remark."""
    data: Any = parse_resume(
        "# Mia Holt\n\n## Experience\n\n### [Harbour Works GmbH](https://harbour.example) in _Bremen, Germany_\n\n"
        "#### **Rigger**, June 2021 - Present\n\n- Checked 40 cranes\n"
    ).to_data()
    (job,) = data["work"]
    assert (job["name"], job["url"]) == ("Harbour Works GmbH", "https://harbour.example")
    assert (job["position"], job["location"]) == ("Rigger", "Bremen, Germany")
    data = parse_resume(
        "# Mia Holt\n\n# Experience\n_2016 - 2018 (remote work)_\n**Kvarn**\n[https://kvarn.example](https://kvarn.example)\n"
        "Built the shop of the mill.\n\n_2013 (by projects)_\n**Kesko Institute**\n"
        "[https://kesko.example](https://kesko.example)\nWrote the reports.\n"
    ).to_data()
    first, second = data["work"]
    assert (first["url"], first["startDate"], first["endDate"]) == ("https://kvarn.example", "2016", "2018")
    assert (second["name"], second["url"], second["endDate"]) == ("Kesko Institute", "https://kesko.example", "2013")
    assert "(remote work)" in first["summary"]
    data = parse_resume(
        "# Mia Holt\n\n## Projects\n\n### [Ferry](https://ferry.example) 2019\n- Sold tickets\n"
    ).to_data()
    assert [(one["name"], one["url"]) for one in data["projects"]] == [("Ferry", "https://ferry.example")]


@pytest.mark.parametrize(
    "address", ["Via Lamarmora 9 10128 Torino", "12 Mill Lane, York YO1 7LT", "Lindenstraße 4, 50674 Köln"]
)
def test_an_address_is_no_employer(address: str) -> None:
    """A street with a number, and a postcode, are the place of a job, whatever stands above them."""
    job = _first_job(f"May 2015 – June 2016   Clerk\nKarstadt\n{address}")
    assert job == ("Clerk", "Karstadt", address, "2015-05", "2016-06")


def test_a_list_of_skills_below_dates_is_no_heading() -> None:
    """Above the dates is "Employer: Position", and a line of many parts below them is text of the job."""
    data: Any = parse_resume(
        "Mia Holt\n\nExperience\nNorthgate: Lead Developer\nMay 2019 – Oct 2021\nLeadership | Kafka | React | Java\n"
        "- Rebuilt the billing of 3 shops\nSundial: Senior Consultant\nNov 2015 – May 2019\n"
        "Azure | C# | Terraform | Docker\n- Moved 12 services to the cloud\n"
    ).to_data()
    assert [(job["name"], job["position"], job["startDate"]) for job in data["work"]] == [
        ("Northgate", "Lead Developer", "2019-05"),
        ("Sundial", "Senior Consultant", "2015-11"),
    ]
    assert [job["summary"][:4] for job in data["work"]] == ["Lead", "Azur"]


@pytest.mark.parametrize(
    ("lines", "job"),
    [
        ("Clerk – Kesko\nMay 2015 – June 2016 · Bergen Vest", ("Clerk", "Kesko", "Bergen Vest", "2015-05", "2016-06")),
        (
            "2008 (3 months)   Analyst at Kesko (San Rafael, USA).",
            ("Analyst", "Kesko", "San Rafael, USA", None, "2008"),
        ),
        ("Clerk\nKesko Ltd, Bergen   May 2015 –\nJune 2016", ("Clerk", "Kesko Ltd", "Bergen", "2015-05", "2016-06")),
        ("Baker / Sales Clerk - kesko.de   2015 - 2016", ("Baker / Sales Clerk", "kesko.de", None, "2015", "2016")),
    ],
)
def test_a_place_stands_beside_dates_and_in_parentheses(lines: str, job: tuple[object, ...]) -> None:
    """A place behind dates, or in parentheses with its country, is the place; a wrapped period is one period."""
    assert _first_job(lines) == job


@pytest.mark.parametrize(
    "first",
    ["Mia Holt Resume", "Mia Holt   Email: mia@holt.example", "Mia Holt CV", "Informazioni personali   Mia Holt"],
)
def test_a_name_is_read_without_what_stands_beside_it(first: str) -> None:
    """The title of the document, a label, or a heading on the line of the name is no part of it."""
    data: Any = parse_resume(f"{first}\n+44 20 7946 0011\n\nExperience\nClerk, Acme Ltd, 2018 – 2020\n").to_data()
    assert data["basics"]["name"] == "Mia Holt"
