"""Job postings: the title and the requirements of objects and of texts."""

from __future__ import annotations

import pytest

from progressnb import samples
from progressnb.errors import InputError
from progressnb.operations.resume.reading.inputs import read_job


def test_job_object_gives_its_requirements() -> None:
    """Qualifications, responsibilities and skills become requirements, and a repeated one counts once."""
    job = read_job(samples.job)
    assert [(one.kind, one.text) for one in job.requirements] == [
        ("degree", "Bachelor's degree in Computer Science or related field"),
        ("years", "3+ years of experience in web development"),
        ("skill", "Strong understanding of JavaScript, HTML, and CSS"),
        ("skill", "React"),
        ("skill", "Node.js"),
        ("skill", "SQL"),
        ("skill", "NoSQL"),
        ("skill", "MongoDB"),
        ("duty", "Develop and maintain web applications"),
        ("duty", "Collaborate with cross-functional teams"),
        ("duty", "Ensure the technical feasibility of UI/UX designs"),
        ("duty", "Optimize applications for maximum speed and scalability"),
    ]
    assert job.requirements[0].degree == 3
    assert job.requirements[1].years == 3
    assert job.requirements[2].terms == ("JavaScript", "HTML", "CSS")


POSTING = """ICU Registered Nurse

About us
We are a hospital with 30 years of history.

Responsibilities:
- Care for ventilated patients

Requirements
- Bachelor's degree in Nursing
- Five or more years of ICU or critical care experience
- Current BLS and ACLS certification
- Experience with Epic or Cerner
Benefits:
- free coffee
"""


def test_posting_text_gives_its_requirements() -> None:
    """Headings separate requirements from offers of the employer, and words of asking are not terms."""
    job = read_job(POSTING)
    assert job.title == "ICU Registered Nurse"
    assert [(one.kind, one.terms, one.any_of, one.years) for one in job.requirements] == [
        ("duty", ("Care for ventilated patients",), False, 0),
        ("degree", ("Nursing",), True, 0),
        ("years", ("ICU", "critical care"), True, 5),
        ("skill", ("BLS", "ACLS"), False, 0),
        ("skill", ("Epic", "Cerner"), True, 0),
    ]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("aws, docker, kubernetes, ci cd, linux", ["aws", "docker", "kubernetes", "ci cd", "linux"]),
        ("Skills: Python; SQL", ["Python", "SQL"]),
        ("We seek a chef. You must be a team leader.", ["chef", "team leader"]),
        ("the of and", []),
    ],
)
def test_postings_without_headings_are_read_too(text: str, terms: list[str]) -> None:
    """A list of words is a list of skills; prose is taken sentence by sentence."""
    assert [term for one in read_job(text).requirements for term in one.terms] == terms


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"skills": 3, "title": "x"}, "skills in the job to be a list"),
        ({"title": ["x"]}, "title in the job to be text"),
        ({}, "at least one of"),
        (samples.resume, "looks like a resume"),
        ("", "empty"),
        ("a.pdf", "does not exist"),
    ],
)
def test_bad_jobs_are_refused(source: str | dict[str, object], message: str) -> None:
    """A job is checked as a resume is."""
    with pytest.raises(InputError, match=message):
        read_job(source)
