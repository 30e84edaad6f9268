"""Tickets and sessions: words that let in for a time, in place of the token, which stays out of addresses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import progressnb as pnb
from progressnb.web.server.keys import SESSION, TICKET, Keys
from tests.web.conftest import TOKEN
from tests.web.test_auth import socket_says

if TYPE_CHECKING:
    from tests.web.conftest import Serve


class Account(BaseModel):
    """An input with a secret in it."""

    user: str = "ada"
    password: str = "hunter2-of-tests"  # noqa: S105 - the promise


class Watch:
    """A clock whose time of day a test sets."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time of day."""
        return self.time


def keys_at(token: str | None = TOKEN) -> tuple[Keys, Watch]:
    """Return keys, and their clock."""
    watch: Any = Watch()
    return Keys(token, watch), watch


@pytest.mark.parametrize("seconds", [TICKET, SESSION])
def test_a_signed_word_lets_in_for_its_time(seconds: int) -> None:
    """It lets in until its time is over, on every server with the same token, and on no other."""
    keys, watch = keys_at()
    word = keys.signed(seconds)
    watch.time += timedelta(seconds=seconds - 1)
    assert keys.opens(word)
    assert keys_at()[0].opens(word)
    assert not keys_at("another")[0].opens(word)
    watch.time += timedelta(seconds=1)
    assert not keys.opens(word)


def test_an_address_takes_tickets_alone() -> None:
    """Neither the token nor a session may stand in an address."""
    keys, _ = keys_at()
    assert keys.opens_ticket(keys.signed(TICKET))
    assert not keys.opens_ticket(keys.signed(SESSION))
    assert not keys.opens_ticket(TOKEN)


def test_a_word_never_holds_the_token() -> None:
    """What is kept in an address or in a tab does not have the token in it, and is another one for each token."""
    keys, _ = keys_at()
    assert TOKEN not in keys.signed(TICKET)
    assert keys.signed(TICKET) != keys_at("another")[0].signed(TICKET)


@given(at=st.integers(0, 51), sign=st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_word_does_not_let_in(at: int, sign: str) -> None:
    """A word with another sign anywhere, such as a later end, is refused."""
    keys, _ = keys_at()
    word = keys.signed(TICKET)
    changed = word[:at] + sign + word[at + 1 :]
    # The last sign of the mark has two bits that mean nothing.
    assert keys.opens(changed) == (changed == word)


async def test_the_page_of_a_run_lets_in_by_a_ticket(serve: Serve) -> None:
    """The address of a page never has the token, and each time that it is shown it has a ticket of its own time."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    page = served.server.page(run_id)
    assert TOKEN not in page
    ticket = page.partition("#ticket=")[2]
    answer = await served.client.post("/tickets", headers={"authorization": f"Bearer {ticket}"})
    assert answer.status_code == 201
    session = answer.json()["session"]
    assert TOKEN not in answer.text
    path = f"/runs/{run_id}"
    assert (await served.client.get(path, headers={"authorization": f"Bearer {session}"})).status_code == 200


async def test_a_ticket_opens_both_streams(serve: Serve) -> None:
    """`?ticket=` lets in where no header can be sent, a server without `query_token` too; it is in no other place."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    lines = [line.decode() for line in served.lines(run_id)]
    ticket = (await served.client.post("/tickets")).json()["ticket"]
    nobody = {"authorization": ""}
    for word, status, texts in ((ticket, 200, (lines, 1000)), (TOKEN, 401, ([], 1008)), ("", 401, ([], 1008))):
        events = await served.client.get(f"/runs/{run_id}/events?ticket={word}", headers=nobody)
        assert events.status_code == status
        assert await socket_says(served, run_id, None, query=f"?ticket={word}") == texts


async def test_nobody_gets_a_ticket_without_the_token(serve: Serve) -> None:
    """Tickets are for those who are let in. A server without a token has none to give."""
    served = await serve()
    assert (await served.client.post("/tickets", headers={"authorization": ""})).status_code == 401
    opened = await serve(token=None)
    answer = (await opened.client.post("/tickets")).json()
    assert (answer["ticket"], answer["session"]) == (None, None)


async def test_the_description_needs_the_token(serve: Serve) -> None:
    """With a token, schema and description are for those who have it; a browser gets a page that asks for it."""
    served = await serve()
    for path in ("/openapi.json", "/docs"):
        assert (await served.client.get(path, headers={"authorization": ""})).status_code == 401, path
        assert (await served.client.get(path)).status_code == 200, path
    asking = await served.client.get("/docs", headers={"authorization": ""})
    assert asking.headers["content-type"].startswith("text/html")
    assert b"report" not in asking.content
    assert b"//" not in asking.content.replace(b"// ", b"")  # nothing is loaded from elsewhere
    off = await serve(docs=False)
    for path in ("/openapi.json", "/docs"):
        assert (await off.client.get(path)).status_code == 404, path


async def test_the_first_page(serve: Serve) -> None:
    """`/` is a page for a browser and JSON for others; a stranger learns from neither what there is."""
    served = await serve()
    run_id = await served.begin("report", topic="tides")
    browser, stranger = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, {"authorization": ""}
    page = await served.client.get("/", headers=browser)
    assert (page.status_code, page.headers["vary"]) == (200, "accept")
    assert page.headers["content-type"].startswith("text/html")
    asking = await served.client.get("/", headers=browser | stranger)
    assert (asking.status_code, asking.content) == (401, page.content)
    for word in (b"report", run_id.encode()):
        assert word not in page.content
    assert (await served.client.get("/", headers=stranger)).json() == {
        "detail": "send the token: Authorization: Bearer …"
    }
    has = (await served.client.get("/")).json()
    assert {"name": "report", "summary": ANY} in has["operations"]
    assert [(run["run_id"], run["operation"], run["subject"]) for run in has["runs"]] == [(run_id, "report", "tides")]
    assert has["links"] == {"runs": "/runs", "docs": "/docs"}
    bare = await serve(docs=False)
    assert (await bare.client.get("/")).json()["links"]["docs"] is None
    assert (await bare.client.get("/", headers=browser | stranger)).status_code == 401
    assert (await bare.client.get("/docs", headers=browser | stranger)).json()["detail"]


def test_an_app_has_a_first_page_of_its_own() -> None:
    """A route that the caller adds for `/` comes before our first page, which is there without one."""
    app = pnb.web.create_app()
    client = TestClient(app)
    assert client.get("/").json()["links"]["runs"] == "/runs"

    @app.get("/")
    async def own() -> str:
        return "mine"

    assert client.get("/").json() == "mine"


async def test_defaults_that_look_like_secrets_are_left_out(serve: Serve) -> None:
    """A default is shown unless its name, or it itself, looks like a secret, also inside models and objects."""

    @pnb.operation
    async def send(
        tracker: pnb.ProgressTracker,
        *,
        account: Account,
        key: str = "plain-looking-secret",
        api_key: str = "another-secret",
        text: str = "sk-live-0123456789",
        max_tokens: int = 4711,
        style: str = "short",
        headers: dict[str, str] = {"x-token": "third-secret"},  # noqa: B006 - as people write it
    ) -> None:
        assert all((tracker, account, key, api_key, text, max_tokens, style, headers))

    served = await serve(send)
    text = (await served.client.get("/openapi.json")).text
    for secret in ("plain-looking", "another-secret", "sk-live", "hunter2", "third-secret"):
        assert secret not in text
    for shown in ("4711", '"short"', '"ada"'):
        assert shown in text
