"""Roles, reach and activities: what raises them is found, and honest rewriting is not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from progressnb.operations.resume.reading.inputs import read_resume
from progressnb.operations.resume.rules import verify
from tests.operations.resume.helpers import TODAY, drafted

if TYPE_CHECKING:
    from progressnb.operations.resume.schemas import Verification

GARDENER: dict[str, Any] = {
    "basics": {"name": "Noor Haddad", "label": "Gardener"},
    "work": [
        {
            "name": "City Parks",
            "position": "Gardener",
            "startDate": "2018-03",
            "endDate": "2023-03",
            "highlights": [
                "Helped to plan the rose garden",
                "Worked with two colleagues in the nursery",
                "Pruned 300 trees for a budget of $18M",
                "Showed visitors how to compost",
                "Saved four fifths of the water",
                "Assisted the botanist with a survey of mosses",
            ],
        },
        {"name": "Acme", "position": "Intern", "startDate": "2017-01", "endDate": "2017-06"},
        {"name": "Bloom", "position": "Intern", "startDate": "2016-01", "endDate": "2016-06"},
    ],
    "skills": [{"name": "Grafting"}],
}


def _verified(bullet: int, text: str) -> Verification:
    data: dict[str, Any] = copy.deepcopy(GARDENER)
    if bullet < 0:
        data["basics"]["summary"] = text
    else:
        data["work"][0]["highlights"][bullet] = text
    return verify(read_resume(GARDENER), drafted(data), today=TODAY)


@pytest.mark.parametrize(
    ("bullet", "text"),
    [
        (0, "Led the planning of the rose garden"),
        (0, "Designed the rose garden"),
        (1, "Supervised two colleagues in the nursery"),
        (2, "Pruned 300 trees for a budget of $18M and mentored apprentices"),
        (3, "Showed visitors how to compost, award-winning"),
        (3, "Presented composting at an international conference"),
        (5, "First author of a survey of mosses"),
        (-1, "Gardener who founded a nursery"),
        (-1, "Gardener with a security clearance"),
        (-1, "Head of gardening at City Parks"),
    ],
)
def test_what_raises_a_role_is_a_claim(bullet: int, text: str) -> None:
    """A role, an honour or an activity needs a sentence of the old resume that has the same act of the same thing."""
    assert _verified(bullet, text).unsupported


@pytest.mark.parametrize(
    ("bullet", "text"),
    [
        (0, "Supported the planning of the rose garden"),
        (1, "In a team of three in the nursery"),
        (2, "Pruned three hundred trees, budget 18-million-dollar"),
        (3, "Taught visitors composting"),
        (4, "Saved 80% of the water"),
        (-1, "Gardener with 5 years at City Parks and two internships"),
        (-1, "Dependable gardener, skilled in grafting"),
    ],
)
def test_an_honest_rewrite_is_no_claim(bullet: int, text: str) -> None:
    """The same act in other words, other notations of numbers, counts and computed spans are supported."""
    assert _verified(bullet, text).unsupported == []


def test_what_rules_cannot_compare_is_listed() -> None:
    """Lost help and translations are neither supported nor unsupported: they are listed, and the summary says so."""
    lost = _verified(5, "A survey of mosses for the botanist")
    translated = _verified(3, "Zeigte den Besuchern der Stadt, wie man mit Laub und Gras kompostiert")
    for found in (lost, translated):
        assert found.unsupported == []
        assert len(found.unchecked) == 1
        assert "could not be compared: read" in found.summary
    assert "another language" in translated.unchecked[0].why
    assert "everything" not in _verified(0, GARDENER["work"][0]["highlights"][0]).summary


def test_what_the_paper_says_is_supported_however_it_was_read() -> None:
    """A sentence of the old text is no claim where reading split it; the same words without "Helped to" are not it."""
    bullet = "- Helped to draw the plan of 40 gardens and\nyards in two districts\n"
    old = read_resume(f"Noor Haddad\n\nEXPERIENCE\n\nGardener, City Parks\n2018 - 2023\n{bullet}")
    data = copy.deepcopy(GARDENER)
    found = []
    for sentence in ("Helped to draw the plan of 40 gardens and yards in two districts", "Led 41 gardens"):
        data["work"] = [{"name": "City Parks", "position": "Gardener", "highlights": [sentence]}]
        found.append([one.place for one in verify(old, drafted(data), today=TODAY).unsupported])
    assert "work[0].highlights[0]" not in found[0]
    assert "work[0].highlights[0]" in found[1]
