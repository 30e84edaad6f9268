"""Who may ask: the token on every route and both transports, origins, addresses, sizes, and logs that hold no token."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect

import progressnb as pnb
from progressnb.web import create_app
from progressnb.web.access import is_loopback
from progressnb.web.server import security
from progressnb.web.server.security import Guard
from tests.web.conftest import TOKEN

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from tests.web.conftest import Serve

ROUTES = [
    ("POST", "/runs"),
    ("GET", "/runs"),
    ("GET", "/runs/{id}"),
    ("GET", "/runs/{id}/events"),
    ("POST", "/runs/{id}/cancel"),
    ("DELETE", "/runs/{id}"),
    ("GET", "/runs/{id}/artifacts/a.txt"),
]
WRONG: list[dict[str, str]] = [
    {},
    {"authorization": "Bearer wrong"},
    {"authorization": "Bearer"},
    {"authorization": f"Basic {TOKEN}"},
    {"authorization": f"Bearer {TOKEN}x"},
    {"authorization": f"Bearer {TOKEN[:-1]}"},
    {"authorization": f"Bearer {TOKEN.upper()}"},
    {"authorization": TOKEN},
    {"x-token": TOKEN},
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nothing_leaks_without_the_token(serve: Serve, method: str, path: str) -> None:
    """Without the token every route answers 401, the same whether the run exists or not, and nothing happens to it."""
    served = await serve()
    run_id = await served.begin("waiting")
    answers = {
        (answer.status_code, answer.content, answer.headers["www-authenticate"])
        for known in (run_id, "unknown")
        for headers in WRONG
        for answer in [
            await served.client.request(
                method,
                f"{served.server.url}{path.format(id=known)}?token={TOKEN}",
                headers={"authorization": "", **headers},
            )
        ]
    }
    assert [status for status, _, _ in answers] == [401]
    assert (await served.client.get(f"/runs/{run_id}")).json()["status"] == "running"
    served.gates.opened.set()
    await served.ended(run_id)


async def test_the_page_and_the_docs_need_no_token(serve: Serve) -> None:
    """A browser opens a page without a header: it is the same for every run, and holds nothing about any."""
    served = await serve()
    run_id = await served.begin("report", topic="secret")
    pages = [
        await served.client.get(f"{served.server.url}/runs/{each}/view", headers={"authorization": ""})
        for each in (run_id, "unknown")
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].content == pages[1].content
    assert b"secret" not in pages[0].content
    for path in ("/runs/a/b/view", "/runs/view", "/runs//view", f"/runs/{run_id}/view/"):
        answer = await served.client.get(path, headers={"authorization": ""})
        assert answer.status_code in (401, 404, 307), path
        assert b"secret" not in answer.content


async def socket_says(served: Any, run_id: str, first: str | bytes | None, *, query: str = "", **headers: str) -> Any:
    """Open a WebSocket, say something, and return all texts that come and the close code."""
    url = f"{served.server.url.replace('http', 'ws', 1)}/runs/{run_id}/ws{query}"
    texts: list[str] = []
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        if first is not None:
            await socket.send(first)
        with suppress(websockets.ConnectionClosed):
            texts += [str(text) async for text in socket]
        return texts, socket.close_code


async def test_a_socket_says_the_token_first(serve: Serve) -> None:
    """By the header, or where none can be sent in the first frame; then all events come."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    lines = [line.decode() for line in served.lines(run_id)]
    assert await socket_says(served, run_id, json.dumps({"token": TOKEN})) == (lines, 1000)
    assert await socket_says(served, run_id, None, authorization=f"Bearer {TOKEN}") == (lines, 1000)
    assert await socket_says(served, run_id, json.dumps({"token": TOKEN}), authorization="Basic x") == (lines, 1000)


@pytest.mark.parametrize(
    "first",
    [
        "",
        "{}",
        '{"token": ""}',
        '{"token": "wrong"}',
        '{"token": null}',
        '{"token": ["a"]}',
        "[" * 10_000,
        b"\xff",
        "\0",
    ],
)
async def test_a_socket_that_does_not_is_closed(serve: Serve, first: str | bytes) -> None:
    """A wrong first frame closes with 1008, with nothing sent and the same for a run that does not exist."""
    served = await serve()
    run_id = await served.begin("report", topic="x")
    for known in (run_id, "unknown"):
        assert await socket_says(served, known, first, query=f"?token={TOKEN}") == ([], 1008)


async def test_a_wrong_header_is_refused_at_once(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says a wrong token in the header gets no second chance, and nobody waits for its first frame."""
    monkeypatch.setattr(security, "PATIENCE", 1e9)
    served = await serve()
    run_id = await served.begin("report", topic="x")
    assert await socket_says(served, run_id, None, authorization="Bearer wrong") == ([], 1008)


async def test_a_silent_socket_is_closed(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says nothing for five seconds is closed; here they are over at once."""
    assert security.PATIENCE == 5
    monkeypatch.setattr(security, "PATIENCE", 0)
    served = await serve()
    run_id = await served.begin("report", topic="x")
    assert await socket_says(served, run_id, None) == ([], 1008)


async def test_query_token_only_when_switched_on(serve: Serve) -> None:
    """`?token=` lets in on both transports when it was switched on, and a wrong one never does."""
    served = await serve(query_token=True)
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    lines = [line.decode() for line in served.lines(run_id)]
    for token, status, texts in ((TOKEN, 200, (lines, 1000)), ("wrong", 401, ([], 1008))):
        path = f"{served.server.url}/runs/{run_id}?token={token}"
        assert (await served.client.get(path, headers={"authorization": ""})).status_code == status
        assert await socket_says(served, run_id, None, query=f"?token={token}&after=-1") == texts


async def test_tokens_are_in_no_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the level of the logs and wherever a client says the token, no record has it."""
    caplog.set_level(1)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets"):
        caplog.set_level(1, name)
    served = await serve(query_token=True)
    run_id = await served.begin("report", topic="x")
    logging.getLogger("websockets.client").setLevel(logging.INFO)  # the test's own client, not the server
    caplog.clear()
    for token in (TOKEN, "wr0ng-secret"):
        await served.client.get(f"/runs/{run_id}/events?token={token}", headers={"authorization": f"Bearer {token}"})
        await socket_says(served, run_id, json.dumps({"token": token}))
        await socket_says(served, run_id, None, authorization=f"Bearer {token}")
        await socket_says(served, run_id, None, query=f"?token={token}")
    records = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert records
    for record in records:
        shown = f"{record.getMessage()} {record.args} {record.exc_text}"
        assert TOKEN not in shown, record
        assert "wr0ng-secret" not in shown, record


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("{own}", True),
        ("https://app.example", True),
        ("HTTPS://APP.EXAMPLE", True),
        ("https://app.example.evil.example", False),
        ("http://app.example", False),
        ("null", False),
        ("", False),
        ("https://evil.example", False),
    ],
)
async def test_origins(serve: Serve, origin: str | None, *, allowed: bool) -> None:
    """Only our own page and the origins that were opened may open a WebSocket or change anything."""
    served = await serve(origins=["https://app.example"])
    run_id = await served.begin("report", topic="x")
    await served.ended(run_id)
    headers = {} if origin is None else {"origin": origin.format(own=served.server.url)}
    body = {"operation": "report", "inputs": {"topic": "x"}}
    answer = await served.client.post("/runs", json=body, headers=headers)
    assert answer.status_code == (202 if allowed else 403)
    if allowed:
        texts, code = await socket_says(served, run_id, None, authorization=f"Bearer {TOKEN}", **headers)
        assert (len(texts), code) == (len(served.lines(run_id)), 1000)
    else:
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await socket_says(served, run_id, None, authorization=f"Bearer {TOKEN}", **headers)


async def test_other_pages_may_not_read(serve: Serve) -> None:
    """CORS is closed unless it is opened, and then for these origins alone; a preflight needs no token."""
    ask = {
        "origin": "https://app.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
        "authorization": "",
    }
    closed, opened = await serve(), await serve(origins=["https://app.example"])
    answer = await closed.client.options("/runs", headers=ask)
    assert "access-control-allow-origin" not in answer.headers
    assert (
        "access-control-allow-origin"
        not in (await closed.client.get("/runs", headers=ask | {"authorization": f"Bearer {TOKEN}"})).headers
    )
    answer = await opened.client.options("/runs", headers=ask)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://app.example")
    answer = await opened.client.options("/runs", headers={**ask, "origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


async def guarded(scope: dict[str, Any], **options: Any) -> tuple[int, bool]:
    """Call a guarded app; return the status, and whether the app was reached."""
    reached = False
    statuses: list[int] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal reached
        while (await receive()).get("more_body"):
            pass
        reached = True
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 10, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    settings: dict[str, Any] = {"token": None, "query_token": False, "origins": (), "body": 100, **options}
    whole = {
        "type": "http",
        "method": "GET",
        "path": "/runs",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8000")],
        "client": ("127.0.0.1", 5),
        **scope,
    }
    await Guard(app, **settings)(whole, receive, send)
    return statuses[0], reached


@pytest.mark.parametrize(
    ("client", "host", "allowed"),
    [
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "LOCALHOST.:80", True),
        ("127.8.8.8", "127.0.0.1:9", True),
        ("::1", "[::1]:8000", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("10.0.0.1", "localhost", False),
        ("::ffff:10.0.0.1", "localhost", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example:80", False),
        ("127.0.0.1", "localhost@evil.example", False),
        ("127.0.0.1", "[::1].evil.example", False),
        ("127.0.0.1", "[::1]evil.example:80", False),
        ("127.0.0.1", "localhost:x@evil.example", False),
        ("127.0.0.1", "localhost:80@evil.example", False),
        ("127.0.0.1", "localhost:80:80", False),
        ("127.0.0.1", "localhost/", False),
        ("127.0.0.1", "localhost\n", False),
        ("127.0.0.1", "::1", False),
        ("127.0.0.1", "", False),
    ],
)
async def test_without_a_token_only_this_machine(client: str, host: str, *, allowed: bool) -> None:
    """Without a token only loopback is answered, and no name that somebody pointed here (DNS rebinding)."""
    scope = {"client": (client, 5), "headers": [(b"host", host.encode()), (b"x-forwarded-for", b"127.0.0.1")]}
    assert await guarded(scope) == ((200, True) if allowed else (403, False))


@given(value=st.binary(max_size=60), length=st.binary(max_size=30), query=st.binary(max_size=60))
def test_nobody_guesses_in(value: bytes, length: bytes, query: bytes) -> None:
    """Whatever bytes a request is made of, it is refused in order, unless it says the token."""
    scope = {
        "headers": [(b"authorization", value), (b"content-length", length), (b"host", value), (b"origin", value)],
        "query_string": query,
    }
    assert asyncio.run(guarded(scope, token="secret", query_token=True)) == (401, False)  # noqa: S106


@given(
    origin=st.binary(max_size=30) | st.sampled_from([b"http://[", b"http://]", b"http://[x]", b"http://a\xe2\x84\x80b"])
)
def test_no_origin_breaks_the_check(origin: bytes) -> None:
    """An origin that is no address is refused like any other that is not ours; it is no error of the server's."""
    scope = {"method": "POST", "headers": [(b"host", b"localhost:8000"), (b"origin", origin)]}
    assert asyncio.run(guarded(scope)) == (403, False)


@pytest.mark.parametrize("length", [b"101", b"99999999999999999", b"1" * 19])
async def test_large_bodies_are_refused(length: bytes) -> None:
    """A body above the limit is refused before it is read."""
    scope = {"method": "POST", "headers": [(b"host", b"localhost"), (b"content-length", length)]}
    assert await guarded(scope) == (413, False)


async def test_bodies_without_a_length_are_counted(serve: Serve) -> None:
    """One that says no length, or a wrong one, is refused when too much has come."""
    served = await serve(limits=pnb.web.Limits(body=1_000))

    async def much() -> Any:
        for _ in range(100):
            yield b" " * 100

    answer = await served.client.post("/runs", content=much(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "é", "x" * 1_001])
def test_tokens_that_no_header_carries(token: str) -> None:
    """A token that can't be sent is refused where it is set, and the error does not repeat it."""
    with pytest.raises(pnb.errors.InputError, match="a token of letters") as raised:
        create_app([], token=token)
    assert not token.strip() or token not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "near"), [("localhost", True), ("127.1.2.3", True), ("[::1]", True), ("example.org", False)]
)
def test_loopback(host: str, *, near: bool) -> None:
    """Names and addresses of this machine are told from all others."""
    assert is_loopback(host) is near
