"""The ranking of the match score: more evidence above less, a thing above a near one, the own trade first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.rules import evaluate
from progressnb.operations.resume.words.terms import comparison_keys
from progressnb.operations.resume.words.trade_vocabulary import NEAR, TRADES, trade_vocabulary

if TYPE_CHECKING:
    from progressnb.operations.resume.schemas import Evaluation

TODAY = date(2024, 7, 1)
LISTS = {
    "devops": "aws, docker, kubernetes, ci cd, linux",
    "data": "machine learning, python, statistics, deep learning, data analysis",
    "etl": "etl, informatica, data warehouse, sql, oracle",
    "network": "firewall, vpn, cisco, routing, network security",
    "nurse": "patient care, medication administration, vital signs, bls, wound care",
    "cook": "food preparation, haccp, menu planning, baking, kitchen",
    "law": "litigation, legal research, drafting, contracts, court",
}
RESUMES = {
    "devops": "Sam Doe\nRelease Engineer\n- Set up Jenkins and Ansible\n- Wrote Terraform for EC2",
    "data": "Sam Doe\nData Scientist\n- Forecast with scikit-learn and pandas\n- Trained neural networks in Keras",
    "etl": "Sam Doe\nData Warehouse Developer\n- Built mappings in Informatica PowerCenter\n- Loaded Teradata by BTEQ",
    "network": "Sam Doe\nCCNA certified engineer\n- Ran Palo Alto and FortiGate\n- Set up OSPF and IPSec tunnels",
    "nurse": "Sam Doe\nRegistered Nurse\n- Cared for patients in the ICU\n- Took vital signs, dressed wounds",
    "cook": "Sam Doe\nSous Chef\n- Planned menus and prepared food\n- Kept food hygiene in the kitchen",
    "law": "Sam Doe\nAdvocate\n- Appeared before the High Court\n- Drafted petitions and affidavits",
}


def _judge(resume: str, job: str) -> Evaluation:
    return evaluate(read_resume(resume, files=False), read_job(job, files=False), today=TODAY)


@pytest.mark.parametrize("trade", LISTS)
def test_own_trade_comes_first(trade: str) -> None:
    """Of seven lists of skills the one of the resume's own trade scores highest, though few of its words are there."""
    scores = {name: _judge(RESUMES[trade], skills).match_score for name, skills in LISTS.items()}
    others = [score for name, score in scores.items() if name != trade]
    assert scores[trade] > max(others)


def test_more_evidence_scores_higher() -> None:
    """Both skills outrank one of them, and one outranks none, in a long resume too."""
    padding = "\n".join(f"- Wrote letter number {number} to the neighbours about their fence" for number in range(60))
    scores = [
        _judge(f"Sam Doe\nWriter\n{padding}\n{lines}", "welding, painting").match_score
        for lines in ("- Welding of gates\n- Painting of gates", "- Welding of a gate", "- Nothing else")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_near_things_count_less_and_are_quoted_as_near() -> None:
    """Jenkins supports CI/CD less than CI/CD itself: it is not a strength, and the advice quotes it as near."""
    thing, near, nothing = (_judge(f"Skills: {has}", "ci cd") for has in ("CI/CD", "Jenkins", "Baking"))
    assert thing.match_score > near.match_score > nothing.match_score == 0
    assert near.strengths == []
    assert near.gaps[0].advice == (
        "Not found in the resume. Jenkins is near to ci cd and counts in part: “Jenkins” (skills). "
        "Add it only if it is true, with where you used it."
    )


@pytest.mark.parametrize(
    ("has", "asked"),
    [("contact", "contract"), ("sprint", "spring"), ("message", "massage"), ("Kuberentes", "kubernetes")],
)
def test_a_word_counts_as_it_is_spelled(has: str, asked: str) -> None:
    """A word with another letter is another word: whoever sorts applications finds no misspelled skill either."""
    assert _judge(f"Skills: {has}", asked).match_score == 0


@pytest.mark.parametrize(
    ("posting", "terms"),
    [
        ("aws, docker, kubernetes, ci cd, linux", ["aws", "docker", "kubernetes", "ci cd", "linux"]),
        ("Skills: python, django, rest api and sql", ["python", "django", "rest api", "sql"]),
        ("java; spring | hibernate", ["java", "spring", "hibernate"]),
        ("aws docker kubernetes ci cd linux", ["aws", "docker", "kubernetes", "ci cd", "linux"]),
        ("html\ncss\njavascript", ["html", "css", "javascript"]),
        ("Web Developer\nhtml\ncss", ["html", "css"]),
        ("first aid, health and safety, html & css", ["first aid", "health and safety", "html", "css"]),
    ],
)
def test_bare_lists_are_read_skill_by_skill(posting: str, terms: list[str]) -> None:
    """Each skill of a list is a requirement of its own, in any notation of the list."""
    assert [one.text for one in read_job(posting, files=False).requirements] == terms


def test_another_trade_is_mentioned() -> None:
    """If resume and posting are of different trades, the assessment names both."""
    text = _judge(RESUMES["cook"] + "\n- Pastry chef and baker", LISTS["devops"]).overall_assessment
    assert "The posting speaks of another trade (devops engineer) than the resume (chef)." in text


def test_vocabulary_is_whole() -> None:
    """Each trade has titles and terms; nothing is near to itself; each term is found again in a text."""
    assert all(titles and len(terms) > 3 for titles, terms in TRADES)
    known = trade_vocabulary()
    assert all(known.near[tuple(comparison_keys(head))] for head in NEAR)
    assert all(one.keys != keys for keys, near in known.near.items() for one in near)
    for titles, terms in TRADES:
        for term in (*titles, *terms):
            assert list(known.find(comparison_keys(term))) == [tuple(comparison_keys(term))]


@given(st.text(max_size=200), st.lists(st.sampled_from([term for _, terms in TRADES for term in terms]), max_size=5))
def test_any_resume_is_judged_alike_each_time(text: str, skills: list[str]) -> None:
    """Any resume has a score of 0 to 100, the same each time."""
    resume, job = f"Sam Doe {clean(text)}", ", ".join(["welding", *skills])
    evaluation = _judge(resume, job)
    assert 0 <= evaluation.match_score <= 100
    assert _judge(resume, job) == evaluation


@pytest.mark.parametrize("text", ["python sql ", "abcdefgh{} ", "sap-", "docker,", "java "])
def test_hostile_sizes_take_linear_time(text: str) -> None:
    """A resume and a posting at the limit of size are judged (pytest would hang, not fail)."""
    pieces = [text.format(number) for number in range(200_000 // len(text) // 2)]
    resume = "Ada\n" + "".join(piece + "\n" * (number % 7 == 0) for number, piece in enumerate(pieces))
    assert 0 <= _judge(resume, "Requirements\n" + resume[4:].replace("a", "e")).match_score <= 100
