"""Rewriting by rules: relevant parts first, the posting's names, no loss and no invention."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import samples
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.outcome import customized_resume
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.rewriting.doubles import without_doubles
from progressnb.operations.resume.rewriting.omissions import allowed_cuts
from progressnb.operations.resume.rules import evaluate, implement, plan, verify
from progressnb.operations.resume.schemas import Cut
from tests.operations.resume.helpers import drafted

if TYPE_CHECKING:
    from progressnb.operations.resume.schemas import CustomizedResume, Draft

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "jsonresume" / "schema.json").read_text("utf-8"))
TODAY = date(2024, 7, 1)


def _customized(resume: Any, job: Any) -> tuple[Draft, CustomizedResume]:
    old, posting = read_resume(resume), read_job(job)
    proposed = plan(old, posting, evaluate(old, posting, today=TODAY), today=TODAY)
    draft = implement(old, posting, proposed, today=TODAY)
    new = customized_resume(draft)
    assert verify(old, draft, job=posting).unsupported == []
    return draft, new


def _headings(new: CustomizedResume) -> list[str]:
    return [line.removeprefix("## ") for line in new.markdown.split("\n") if line.startswith("## ")]


def test_the_sample_is_what_its_owner_would_send() -> None:
    """Skills first, since they serve most; the posting's spelling; no interests and references. The rest stays."""
    draft, new = _customized(samples.resume, samples.job)
    assert _headings(new) == [
        "Summary", "Skills", "Experience", "Projects", "Volunteering", "Education", "Languages", "Awards",
        "Publications",
    ]  # fmt: skip
    assert "- Web Development (Master): HTML, CSS, JavaScript" in new.markdown
    assert "Dec 2013 – Dec 2014" in new.markdown
    for gone in ("Ferrets", "Erlich"):
        assert gone not in new.markdown
        assert gone in json.dumps(new.data)
        assert any(gone in change.before and not change.after for change in new.changes)
    assert draft.resume.basics
    assert draft.resume.basics.summary
    assert draft.resume.basics.summary in new.markdown
    assert {cut.place for cut in new.left_out} == {"interests", "references"}
    assert all(change.why for change in new.changes)
    jsonschema.validate(draft.resume.to_data(), SCHEMA)


def test_data_keeps_all_that_the_input_had() -> None:
    """Each text of the sample is in the data, with at most more beside it."""
    draft, _ = _customized(samples.resume, samples.job)
    new = [leaf.text.casefold() for leaf in leaves(draft.resume.to_data())]
    lost = [leaf for leaf in leaves(samples.resume) if not any(leaf.text.casefold() in text for text in new)]
    assert lost == []
    assert draft.resume.to_data()["meta"] == samples.resume["meta"]


@pytest.mark.parametrize(
    ("has", "asked", "expected"),
    [
        ("JS", "JavaScript", "JavaScript (JS)"),
        ("K8s", "Kubernetes", "Kubernetes (K8s)"),
        ("Kubernetes", "K8s", "K8s (Kubernetes)"),
        ("Javascript", "JavaScript", "JavaScript"),
        ("Registered nurse", "RN", "RN (Registered nurse)"),
        ("MS Excel", "Microsoft Excel", "Microsoft Excel (MS Excel)"),
        ("React", "JavaScript", None),
        ("Java", "JavaScript", None),
        ("JavaScript", "JavaScript", None),
        ("MySQL", "PostgreSQL", None),
        ("SQL", "sql", None),
    ],
)
def test_the_posting_s_name_for_the_same_thing(has: str, asked: str, expected: str | None) -> None:
    """A thing gets the posting's name with the resume's own beside it; a related thing keeps its name."""
    resume = {"basics": {"name": "Ada"}, "skills": [{"name": "Tools", "keywords": [has]}]}
    draft, _ = _customized(resume, f"Job\n\nRequirements\n- {asked}\n- Welding\n")
    assert draft.resume.skills[0].keywords == [expected or has]


def test_inner_order_survives_outer_order() -> None:
    """Groups of skills and the skills within them are both ordered."""
    skills = [{"name": "Office", "keywords": ["Word", "Excel"]}, {"name": "Code", "keywords": ["Perl", "JS", "Python"]}]
    draft, _ = _customized({"basics": {"name": "Ada"}, "skills": skills}, "Job\n\nRequirements\n- Python, JavaScript\n")
    assert draft.resume.skills[0].name == "Code"
    assert set(draft.resume.skills[0].keywords[:2]) == {"JavaScript (JS)", "Python"}


def test_jobs_stay_near_the_top() -> None:
    """At most one section is before the jobs, and only if it has more evidence."""
    resume = {
        "basics": {"name": "Ada"},
        "work": [{"name": "Acme", "position": "Welder", "startDate": "2019", "highlights": ["Welding of pipes"]}],
        "skills": ["Welding", "Soldering"],
        "languages": ["German"],
        "certificates": ["Forklift licence"],
    }
    assert _headings(_customized(resume, "Job\n\nRequirements\n- Forklift licence\n")[1])[:2] == [
        "Certificates",
        "Experience",
    ]
    assert _headings(_customized(resume, "Job\n\nRequirements\n- Cooking\n")[1])[0] == "Experience"


def test_what_has_dates_stays_in_the_order_of_time() -> None:
    """Certificates and awards are not sorted by what serves, nor are languages put before the jobs."""
    resume = {
        "basics": {"name": "Ada"},
        "work": [{"name": "Acme", "position": "Cook", "startDate": "2019"}],
        "languages": ["French", "German"],
        "certificates": [{"name": "First aid", "date": "2022"}, {"name": "Forklift licence", "date": "2019"}],
    }
    draft, new = _customized(resume, "Job\n\nRequirements\n- Forklift licence\n- Fluent German\n- Fluent French\n")
    assert [one.name for one in draft.resume.certificates] == ["First aid", "Forklift licence"]
    assert _headings(new) == ["Certificates", "Experience", "Languages"]


def test_headings_of_groups_keep_what_stands_below_them() -> None:
    """A list with the headings of groups among its items is not sorted."""
    skills = ["Languages:", "Go", "Python", "Databases:", "PostgreSQL"]
    draft, _ = _customized({"basics": {"name": "Ada"}, "skills": skills}, "Job\n\nRequirements\n- PostgreSQL\n")
    assert [one.name for one in draft.resume.skills] == skills


def test_what_was_not_read_for_sure_is_not_moved() -> None:
    """Where the reading is doubtful, rules change nothing: they could part a title from its lines."""
    text = "Ada\n\nWork\n2019\nAcme\n2015 - 2016\n\n2012\n\nSkills\nWelding, SQL, Python\n"
    old, job = read_resume(text), read_job("Job\n\nRequirements\n- Python\n")
    assert not old.read.sure
    assert plan(old, job, evaluate(old, job)).improvements == []


def test_a_draft_says_nothing_twice() -> None:
    """An entry or a line that a model repeats goes, whatever stands between."""
    work = {"position": "Cook", "name": "Acme", "highlights": ["Baked bread", "Led 3", "Baked bread"]}
    skill = {"name": "Baking"}
    once = {"work": [{**work, "highlights": ["Baked bread", "Led 3"]}], "skills": [skill]}
    draft = drafted({"work": [work, work], "skills": [skill] * 3})
    assert without_doubles(draft).resume.to_data() == once


def test_what_serves_is_not_cut() -> None:
    """An interest or a reference that the job asks for is shown."""
    resume = {
        "basics": {"name": "Ada"},
        "interests": ["Photography"],
        "references": [{"name": "B", "reference": "Good cook."}],
    }
    _, new = _customized(resume, "Job\n\nRequirements\n- Photography\n")
    assert "Photography" in new.markdown
    assert "Good cook" not in new.markdown


_WORDS = ["JS", "Javascript", "K8s", "Python", "Led a team of 12.", "Cut costs by 40%.", "Welding", "RN", "Chess",
          "Acme", "I like it.", "It was nice.", "SoundCloud", "2014", "A (b) c.", "x"]  # fmt: skip
_texts = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6).map(" ".join)
_item: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("name", "position", "summary", "institution", "network", "reference"), _texts),
    **dict.fromkeys(("highlights", "keywords", "courses"), st.lists(_texts, max_size=4)),
    "startDate": st.sampled_from(["2014", "2014-05", "2014-05-06"]),
}
_lists = st.lists(st.fixed_dictionaries({}, optional=_item), max_size=3)
_resumes = st.fixed_dictionaries(
    {"basics": st.fixed_dictionaries({"name": st.just("Ada")}, optional={"summary": _texts, "profiles": _lists})},
    optional=dict.fromkeys(
        ("work", "education", "skills", "projects", "interests", "references", "certificates"), _lists
    ),
)
_jobs = st.lists(
    st.sampled_from(["Python", "JavaScript", "Kubernetes", "Welding", "3 years", "Chess"]), min_size=1
).map(lambda asked: "Job\n\nRequirements\n" + "\n".join(f"- {one}" for one in asked))


@given(_resumes, _jobs)
def test_any_json_resume_gives_a_valid_one_without_loss(resume: dict[str, Any], job: str) -> None:
    """JSON Resume in gives schema-valid JSON Resume out, with each text of the input in it, and no invention."""
    draft, new = _customized(resume, job)
    jsonschema.validate(draft.resume.to_data(), SCHEMA)
    assert new.data == draft.resume.to_data()
    told = "\n".join(leaf.text.casefold() for leaf in leaves(new.data))
    assert all(leaf.text.casefold() in told for leaf in leaves(read_resume(resume).data.to_data()))
    assert all(change.before != change.after for change in new.changes)


def test_only_whole_sentences_are_cut() -> None:
    """A model leaves sentences out of the text, and no words of one: without "not" it would say something else."""
    data: dict[str, Any] = {"basics": {"summary": "Did not lead the team. Wrote the tests."}}
    cuts = [Cut(place="basics.summary", text=text, why="x") for text in ("not ", "Wrote the tests.", "team. Wrote")]
    assert allowed_cuts(data, cuts) == [cuts[1]]
