"""Cases about states, seats and money, as words and fields tell of them: each finds its fault, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.cases.bounds import told_bounds
from progressnb.operations.testcases.cases.told import told_readers, told_scarce, told_too_little
from progressnb.operations.testcases.cases.told_states import refused_states, told_final, told_first, told_flag
from progressnb.operations.testcases.suite.api_runner import Session, Suite, run
from tests.operations.testcases.ferries import FAULTS, SPEC, TOKENS, Ferries

if TYPE_CHECKING:
    from progressnb.operations.testcases import ApiTestSuite

STATES = ["draft", "open", "in_work", "done", "cancelled"]


@pytest.fixture(scope="module")
def suite() -> ApiTestSuite:
    """Return the suite of ferries."""
    return generate_tests.using(show=False)(SPEC, model=OfflineModel(pace=0)).wait()


def outcomes(suite: ApiTestSuite, server: Ferries, *ids: str) -> dict[str, str]:
    """Run the cases of these ids, or all, and return what each ended with, and its text."""
    session = Session(Suite(suite.model_dump(mode="json")), seed="s", credential=TOKENS.get)
    with server.client() as client:
        cases = [case for case in session.suite.cases if not ids or case["id"] in ids]
        ended = {case["id"]: run(case, client, session) for case in cases}
    return {case: f"{each.status} {each.text}" for case, each in ended.items()}


def test_the_right_server_is_green_twice(suite: ApiTestSuite) -> None:
    """A server that does all that its specification says, in words too, fails no case, and none the second time."""
    server = Ferries()
    for _ in range(2):
        ended = outcomes(suite, server)
        assert [text for text in ended.values() if not text.startswith(("passed", "skipped"))] == []
        assert {ended[case].strip() for case in FAULTS.values()} == {"passed"}


@pytest.mark.parametrize(("fault", "case"), FAULTS.items(), ids=FAULTS)
def test_each_fault_is_found_by_its_case(suite: ApiTestSuite, fault: str, case: str) -> None:
    """A fault fails the case that is about it."""
    assert outcomes(suite, Ferries(fault), case)[case].startswith("failed")


def test_a_state_that_is_not_reached_is_skipped(suite: ApiTestSuite) -> None:
    """A case whose thing does not come into the state that it needs is skipped, and says what it is instead."""
    case = "PUT-/ferries/:code-after_POST_ferries_code_moves_wrecked"
    ended = outcomes(suite, Ferries(), case)[case]
    assert ended == 'skipped /state is "moored"; this case needs ["sailing", "wrecked"]'


def test_credentials_that_are_nearly_right_are_no_secret_of_a_report(suite: ApiTestSuite) -> None:
    """The lines that do such a case again have the variable of the secret, and what the shell makes of it."""
    case = FAULTS["any letters"]
    text = outcomes(suite, Ferries("any letters"), case)[case]
    assert """"$(printf %s "$API_KEY_TOKEN" | tr 'A-Za-z' 'a-zA-Z')\"""" in text
    assert "ann-lee" not in text.casefold()


@pytest.mark.parametrize(
    ("told", "answer", "refused"),
    [
        ("", "Done or cancelled already", {"done", "cancelled"}),
        ("Only while open.", "Conflict", {"draft", "in_work", "done", "cancelled"}),
        ("", "The job is not open", {"draft", "in_work", "done", "cancelled"}),
        ("409 if it is in work.", "", {"in_work"}),
        ("Must be draft.", "", {"open", "in_work", "done", "cancelled"}),
        ("409 unless it is done.", "", {"draft", "open", "in_work", "cancelled"}),
        ("", "Not possible while in work", {"in_work"}),
        ("Only while it is not cancelled.", "", {"cancelled"}),
        ("An open job becomes done or cancelled.", "", set[str]()),
        ("It can be cancelled only while open.", "", {"draft", "in_work", "done", "cancelled"}),
        ("It sends a mail.", "Conflict", set[str]()),
        ("Can be changed until it is done.", "", {"done"}),
        ("Can't be paid until it is done.", "", set[str]()),
        ("", "The job is no draft any more.", {"open", "in_work", "done", "cancelled"}),
        ("Only for open jobs (otherwise 409).", "", {"draft", "in_work", "done", "cancelled"}),
    ],
)
def test_states_that_words_refuse(told: str, answer: str, refused: set[str]) -> None:
    """Words say in which states something is refused, or in which it is not; other words say nothing."""
    assert refused_states(told, answer, STATES) == refused


def test_the_order_of_states_and_the_last_ones() -> None:
    """A sentence with "then" tells the order of states, and which ones are final."""
    text = "A job is draft, then open, then done or cancelled, which is final."
    assert told_first(text, STATES) == [["draft"], ["open"], ["done", "cancelled"]]
    assert told_final(text, STATES) == {"done", "cancelled"}
    assert told_first("A job is open, then done.", STATES) == []
    assert told_final("Jobs are open.", STATES) == set()


@pytest.mark.parametrize(
    ("answer", "name", "flag"),
    [
        ("The tool is lent out", "lent_out", [True]),
        ("It is not published", "isPublished", [False]),
        ("The balance isn't 0", "balance", [True]),
        ("It has a balance", "balance", [True]),
        ("Fewer copies than are lent", "copies", None),
        ("In use", "lent_out", None),
    ],
)
def test_fields_that_words_make_a_condition(answer: str, name: str, flag: list[bool] | None) -> None:
    """The words of 409 may name a field that is true or false, or a number that is not 0."""
    assert told_flag("", answer, name, is_number=name in ("balance", "copies")) == flag


@pytest.mark.parametrize("text", ["Not enough seats left", "The sender has too little.", "Sold out", "No copy is free"])
def test_words_for_too_little(text: str) -> None:
    """Words tell that there may not be enough of something."""
    assert told_scarce(text)
    assert not told_scarce("The name is taken.")
    assert told_too_little("Insufficient funds")
    assert not told_too_little("The room is not available then.")


@pytest.mark.parametrize("text", ["For the organiser only", "Admins only.", "Only librarians may.", "read-only"])
def test_words_for_those_who_may_not_write(text: str) -> None:
    """Words tell that not all callers may write; whose own things they are is another matter."""
    assert told_readers(text)
    assert not told_readers("By the owner only.")
    assert not told_readers("Changes only the given fields.")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Up to 2000 g it costs 499 cents, above 10000 g 1649.", [(2000, 1999), (10000, 9999)]),
        ("Stays of 7 nights or more are cheaper, from 14 nights even more so.", [(14, 15), (7, 8)]),
        ("Under 18 years: 5, groups of 4 people or fewer: 6.", [(18, 19), (4, 3)]),
        ("It costs 5 and is there since 1999.", []),
    ],
)
def test_bounds_that_words_tell(text: str, numbers: list[tuple[int, int]]) -> None:
    """A bound stands on one side of itself, with its neighbour; other numbers are none."""
    assert sorted((each.number, each.neighbour) for each in told_bounds(text)) == sorted(numbers)


@pytest.mark.parametrize(
    ("own", "given", "sent_to"),
    [
        (None, "http://test/v1", "http://test/v1/files"),
        ("https://api.example.com/v1", "http://test/v1", "http://test/v1/files"),
        ("https://api.example.com/{version}", "http://test/v1/", "http://test/v2/files"),
        ("/uploads", "http://test/v1", "http://test/uploads/files"),
        ("https://files.example.com/u", "http://test/api/v1", "http://test/api/u/files"),
        ("https://other.example.com/u", "http://test/v1", "http://other.test/x/files"),
        ("https://api.example.com/v2", "http://test/stub", "http://test/stub/files"),
    ],
)
@pytest.mark.parametrize("where", ["path", "operation"])
def test_servers_of_a_path(
    own: str | None, given: str, sent_to: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint with a server of its own is sent there: its path at the given address, or the address of its host."""
    monkeypatch.setenv("API_BASE_URL_OTHER_EXAMPLE_COM", "http://other.test/x")
    stated = {"servers": [{"url": own, "variables": {"version": {"default": "v2"}}}]} if own else {}
    get = {"responses": {"200": {"description": "Fine"}}}
    paths = {"/files": {"get": get, **stated} if where == "path" else {"get": {**get, **stated}}}
    servers = [{"url": "https://api.example.com/v1"}]
    document = {"openapi": "3.1.0", "info": {}, "servers": servers, "paths": paths}
    suite = generate_tests.using(show=False)(document, model=OfflineModel(pace=0)).wait()
    session = Suite(suite.model_dump(mode="json"))
    assert session.base("GET /files", given).rstrip("/") + "/files" == sent_to
