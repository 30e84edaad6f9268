"""Cases about what answers share, and about what a specification tells in words: each finds its fault, and no other."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.cases.told import CREATION, Order, field_of, told_not_own, told_order, told_owners
from progressnb.operations.testcases.suite.api_runner import Session, Suite, run
from tests.operations.testcases.notes import FAULTS, SPEC, TOKENS, Notes

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite


@pytest.fixture(scope="module")
def suite() -> ApiTestSuite:
    """Return the suite of notes."""
    return asyncio.run(_made())


async def _made() -> ApiTestSuite:
    return await generate_tests.using(show=False)(SPEC, model=OfflineModel(pace=0))


def outcomes(suite: ApiTestSuite, server: Notes, *ids: str, **secrets: str) -> dict[str, str]:
    """Run the cases of these ids, or all, and return what each ended with, and its text."""
    session = Session(Suite(suite.model_dump(mode="json")), seed="s", credential=(secrets or TOKENS).get)
    with server.client() as client:
        cases = [case for case in session.suite.cases if not ids or case["id"] in ids]
        ended = {case["id"]: run(case, client, session) for case in cases}
    return {case: f"{each.status} {each.text}" for case, each in ended.items()}


def test_the_right_server_is_green_twice(suite: ApiTestSuite) -> None:
    """A server that does all that its specification says, in words too, passes all cases, and again."""
    server = Notes()
    for _ in range(2):
        wrong = [text for text in outcomes(suite, server).values() if text.strip() != "passed"]
        assert not wrong, wrong[0]


@pytest.mark.parametrize(("fault", "case"), FAULTS.items(), ids=FAULTS)
def test_each_fault_is_found_by_its_case(suite: ApiTestSuite, fault: str, case: str) -> None:
    """A fault fails the case that is about it."""
    assert outcomes(suite, Notes(fault), case)[case].startswith("failed")


def test_credentials_that_a_team_need_not_have(suite: ApiTestSuite) -> None:
    """Without those of another user, and without expired ones, these cases are skipped, also in CI, and say why."""
    cases = [FAULTS["others see it"], FAULTS["expired"]]
    ended = outcomes(suite, Notes(), *cases, API_KEY_TOKEN="ann")  # noqa: S106 - of a test
    assert [each.partition(":")[0] for each in ended.values()] == [
        "skipped set API_KEY_TOKEN_EXPIRED",
        "skipped set API_KEY_TOKEN_OTHER",
    ]


def test_a_failure_keeps_headers_in_the_shell(suite: ApiTestSuite) -> None:
    """The lines that do a case again keep an ETag as a variable, and show no secret."""
    case = FAULTS["no 412"]
    text = outcomes(suite, Notes("no 412"), case)[case]
    assert re.search(r"tag=\$\(curl -si .* \| tr -d '\\r' \| grep -i '\^ETag:' \| sed ", text)
    assert "-H 'If-Match: '\"$tag\"" in text
    assert "ann" not in text


def test_other_credentials_in_the_requests_for_editors(suite: ApiTestSuite) -> None:
    """The .http has variables for the secrets of other users, and for headers that are kept."""
    requests = suite.artifacts()["cases.http"].decode()
    assert "@API_KEY_TOKEN_OTHER = \n" in requests
    assert "Authorization: Bearer {{API_KEY_TOKEN_EXPIRED}}\n" in requests
    assert re.search(r"If-Match: \{\{case\d+_2\.response\.headers\.ETag\}\}", requests)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Lists are ordered by id, ascending.", Order(by="id", down=False)),
        ("Lists are in the order of creation.", Order(by=CREATION, down=False)),
        ("Lists: newest first.", Order(first=("newest",), by=CREATION, down=True)),
        ("The list is sorted by priority (highest first), then by name.", Order(("highest",), "priority", down=True)),
        ("A listing is in alphabetical order.", Order(by="name", down=False)),
        ("Notes are listed with the pinned ones first.", Order(first=("pinned",))),
        ("Lists are not ordered by anything.", None),
        ("Prices are ordered by nobody.", None),
    ],
)
def test_orders_that_words_tell(text: str, order: Order | None) -> None:
    """A sentence about lists tells their order; one that denies it, or is of other things, tells none."""
    assert told_order([], text, ["notes"]) == order


@pytest.mark.parametrize(
    ("words", "field"),
    [("due date", "dueDate"), ("creation time", "created"), ("start", "starts_at"), ("the moon", None)],
)
def test_fields_that_words_name(words: str, field: str | None) -> None:
    """Words name a field in any way of writing, and none that is not there."""
    assert field_of(words, ["id", "dueDate", "created", "starts_at"]) == field


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("Every user has the own tickets only.", True),
        ("404 for the orders of another user.", True),
        ("Only the owner may change it.", True),
        ("Own loans", True),
        ("By the owner only.", True),
        ("No such loan, or of another member", True),
        ("Users are listed by name.", False),
        ("All tools, of all members", False),
        ("409 if a category would be its own parent.", False),
    ],
)
def test_owners_that_words_tell(text: str, owned: bool) -> None:
    """Only words that say so make things somebody's."""
    assert told_owners(text) is owned


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Nobody rates their own recipe.", True),
        ("You can't vote on your own posts.", True),
        ("Own comments can't be liked.", True),
        ("No user may follow their own account.", True),
        ("Not your own recipe", False),
        ("Users cannot see bookings that are not their own.", False),
        ("You may not read other users' notes, only your own.", False),
        ("Own notes can't be read by others.", False),
        ("Only approvers, and not for reports of their own (403).", True),
    ],
)
def test_what_nobody_does_to_an_own_thing(text: str, told: bool) -> None:
    """Words that forbid something to the owner are not those that forbid it to all others."""
    assert told_not_own(text) is told
