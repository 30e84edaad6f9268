"""The truth check: inventions are found in their context, honest rewrites pass, and no model can change that."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.rules import verify
from progressnb.operations.resume.schemas import Claim, Verification
from progressnb.operations.resume.truth.verdict import all_claims
from progressnb.operations.resume.words.quantities import find_quantities
from tests.operations.resume.helpers import ENGINEER, JOB, drafted

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue


def _found(change: Callable[[dict[str, Any]], object], job: str | None = None) -> list[tuple[str, str]]:
    data = copy.deepcopy(ENGINEER)
    change(data)
    verification = verify(read_resume(ENGINEER), drafted(data), job=read_job(job) if job else None)
    assert all(claim.source == "code" and claim.why for claim in verification.unsupported)
    return [(claim.text, claim.place) for claim in verification.unsupported]


def _bullet(job: int, text: str) -> list[tuple[str, str]]:
    return _found(lambda data: data["work"][job].update(highlights=[text]), JOB)


def _summary(text: str) -> list[tuple[str, str]]:
    return _found(lambda data: data["basics"].update(summary=text), JOB)


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (0, "Cut response times by 60%"),
        (0, "Cut response times by sixty percent"),
        (0, "Led a team of 12 developers across 3 releases"),
        (0, "Led a team of 3 developers across 2 releases"),
        (0, "Saved $250,000 a year"),
        (0, "Saved €150,000 a year"),
        (0, "Saved $150,000 a month"),
        (0, "Saved $150K-$200K a year"),
        (0, "Doubled the number of releases"),
        (1, "Cut response times by 40%"),
        (1, "Maintained a tracking system for 60 warehouses"),
        (1, "Rewrote the billing service in Python and cut response times by 40%"),
        (1, "In 2022 maintained a tracking system"),
    ],
)
def test_numbers_are_checked_in_their_context(job: int, text: str) -> None:
    """A number that is another, of another thing, of another job or in another unit is listed."""
    assert {place for _, place in _bullet(job, text)} == {f"work[{job}].highlights[0]"}


@pytest.mark.parametrize(
    "text",
    [
        "Backend developer with 16 years of experience.",
        "Backend developer with sixteen years of experience.",
        "Senior backend developer.",
        "Head developer of payments.",
        "Worked as a chief technology officer.",
        "Worked for Payfold since 2015.",
        "Holds an M.Sc. in Computer Science.",
        "Studied at MIT.",
        "Won a prize for Python.",
        "Experienced with Kafka.",
        "Built tools in Terraform.",
        "Partnered with SAP.",
    ],
)
def test_prose_is_checked_for_each_kind_of_fact(text: str) -> None:
    """Years, titles, employers, dates, degrees, awards, names and skills."""
    assert {place for _, place in _summary(text)} == {"basics.summary"}


@pytest.mark.parametrize(
    "text",
    [
        "Experienced with kafka.",
        "Partnered with Google.",
        "Google was a client.",
        "Published a book on Python.",
        "Certified in Docker.",
    ],
)
def test_what_may_be_said_in_other_words_is_told_and_not_claimed(text: str) -> None:
    """A name that may be a common word, a skill in small letters and an activity are listed as not compared."""
    data = copy.deepcopy(ENGINEER)
    data["basics"]["summary"] = text
    verification = verify(read_resume(ENGINEER), drafted(data), job=read_job(JOB))
    assert verification.unsupported == []
    assert {claim.place for claim in verification.unchecked} == {"basics.summary"}


def _swap(data: dict[str, Any], key: str) -> None:
    one, other = data["work"]
    one[key], other[key] = other[key], one[key]


@pytest.mark.parametrize("key", ["position", "name", "startDate", "endDate"])
def test_facts_of_one_job_are_no_facts_of_another(key: str) -> None:
    """An employer, a title or a date that is moved to another job is listed, though the old resume has it."""
    places = {place for _, place in _found(lambda data: _swap(data, key))}
    assert places
    assert all(place.startswith("work[") for place in places)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("work", "position", "Lead Backend Developer"),
        ("education", "studyType", "M.Sc."),
        ("education", "area", "Data Science"),
        ("education", "institution", "Stanford University"),
        ("certificates", "name", "PMP"),
        ("certificates", "date", "2023-05"),
        ("skills", "level", "Expert"),
    ],
)
def test_fields_are_checked(section: str, key: str, value: str) -> None:
    """A title, degree, field, school, certificate, date or level that was raised or changed is listed at its place."""
    found = _found(lambda data: data[section][0].update({key: value}))
    assert (value, f"{section}[0].{key}") in found


def test_title_without_its_lower_word_is_a_higher_title() -> None:
    """The title "assistant programmer" does not support "programmer", nor "development" "developer"."""
    assert _found(lambda data: data["work"][1].update(position="Programmer"))
    resume = read_resume({"basics": {"name": "A"}, "skills": ["Web Development"]})
    assert not verify(resume, drafted({"basics": {"name": "A", "label": "Web Developer"}})).supported


def test_ended_job_does_not_go_on() -> None:
    """An end date that was left out is listed, since the job would read as "present"."""
    assert _found(lambda data: data["work"][1].pop("endDate")) == [("present", "work[1].endDate")]


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (0, "Headed a two-person team of developers through three releases"),
        (0, "Response times were cut by 40 percent when the billing service was rewritten in Python"),
        (0, "Saved $150k annually by moving 25 services to Kubernetes (K8s)"),
        (0, "Shortened builds by 20 minutes, from 45 to 25"),
        (1, "Looked after a PHP tracking system for twelve warehouses"),
        (1, "Maintaining a tracking system in PHP and automating the reports of 60 clerks"),
        (1, "Assistant programmer from June 2017 to December 2019"),
    ],
)
def test_honest_rewriting_is_no_claim(job: int, text: str) -> None:
    """Other words, forms, notations, order and what the old resume's numbers give are supported."""
    assert _bullet(job, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Backend Developer at Payfold GmbH (2020–2024), before that Assistant Programmer at Harbor Logistics.",
        "Developer with a Bachelor of Science in Computer Science from the University of Hamburg.",
        "Developer with six years in payments, skilled in Python, JavaScript and Kubernetes.",
        "Results-driven developer who values collaboration and clear communication.",
        "Oracle certified developer.",
    ],
)
def test_honest_summaries_are_no_claims(text: str) -> None:
    """A summary of facts that are there is supported."""
    assert _summary(text) == []


@given(st.integers(2, 99_999), st.sampled_from(["%", " percent", " developers", " years", " clients"]))
def test_any_new_number_is_listed(number: int, unit: str) -> None:
    """Any number that the old resume does not have is listed."""
    said = json.dumps(ENGINEER)
    if str(number) in said or number < 100:
        number += 100_000
    assert _bullet(0, f"Improved things by {number:,}{unit}")


@given(st.integers(2, 99).map(lambda number: number * 1000))
def test_notations_of_a_number_are_one(number: int) -> None:
    """All notations of a number are read as the same number."""
    ways = (
        f"${number}",
        f"${number:,}",
        f"$ {number:,}",
        f"{number:,} dollars",
        f"${number // 1000}k",
        f"USD {number}",
    )
    assert {(one.value, one.unit) for way in ways for one in find_quantities(way)} == {(str(number), "$")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forty percent, 40 per cent", [("40", "%"), ("40", "%")]),
        ("10-15% and 5 to 7 days", [("10", "%"), ("15", "%"), ("5", "day"), ("7", "day")]),
        ("twenty-five of two hundred and ten thousand", [("25", ""), ("210000", "")]),
        ("Rs. 1,20,000 or 3 lakhs", [("120000", "₹"), ("300000", "")]),
        ("May 2014, MP4, CS2011, 3d", []),
        ("a dozen; dozens; doubled", [("12", ""), ("dozens", ""), ("2", "x")]),
    ],
)
def test_quantities(text: str, expected: list[tuple[str, str]]) -> None:
    """Quantities in figures and in words are read with their unit; dates and names are not read as quantities."""
    assert [(one.value, one.unit) for one in find_quantities(text)] == expected


def test_claims_of_code_and_model_are_joined() -> None:
    """Both are listed once, each with its finder; a model can't pass for the code."""
    code = Claim(text="40%", place="work[0].highlights[0]", why="x", source="code")
    same = Claim(text="by 40% a year", place="work[0].highlights[0]", why="y")
    other = Claim(text="Kafka", place="skills[0]", why="y", source="code")
    joined = all_claims([code], [same, other, other])
    assert [(claim.text, claim.source) for claim in joined] == [("40%", "code"), ("Kafka", "model")]
    assert "source" not in json.dumps(Verification.model_json_schema())


def test_supported_stands_in_the_json() -> None:
    """A replayed result says whether everything is supported, and reads back."""
    verification = Verification(unsupported=[], summary="")
    assert verification.model_dump(mode="json")["supported"] is True
    assert Verification.model_validate_json(verification.model_dump_json()) == verification


@pytest.mark.parametrize(
    "piece", ["1,", "two ", "1 ", "$", "1-", "12 of 13, ", "Led a team of 12. ", "A", "Google ", "a."]
)
def test_truth_check_takes_linear_time(piece: str) -> None:
    """A long hostile draft of a long hostile resume is checked (pytest would hang, not fail)."""
    text = (piece * 40_000)[:40_000]
    resume = read_resume("Ada\n" + "\n".join(text[i : i + 50] for i in range(0, 40_000, 50)))
    data: dict[str, JsonValue] = {"basics": {"name": "Ada", "summary": text + " x"}}
    verify(resume, drafted(data))
