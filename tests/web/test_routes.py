"""The routes: begin, list, read, wait, cancel, delete, and what each says when it can't."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

import progressnb as pnb
from progressnb.testing import ManualClock
from progressnb.web import Limits
from progressnb.web.server.registry import Registry

if TYPE_CHECKING:
    from tests.web.conftest import Serve


async def test_begin_answers_at_once_with_links(serve: Serve) -> None:
    """`POST /runs` answers 202 with the run's id and where everything about it is, before it has ended."""
    served = await serve()
    answer = await served.client.post("/runs", json={"operation": "waiting"})
    assert answer.status_code == 202
    said = answer.json()
    links = said["links"]
    assert links["self"] == answer.headers["location"] == f"/runs/{said['run_id']}"
    assert (await served.client.get(links["self"])).json()["operation"] == "waiting"
    assert (await served.client.get(links["view"])).headers["content-type"].startswith("text/html")
    assert set(links) == {"self", "events", "ws", "cancel", "view"}
    served.gates.opened.set()
    await served.ended(said["run_id"])


async def test_wait_answers_with_the_result(serve: Serve) -> None:
    """`?wait=1` is for clients that don't stream: it answers when the run has ended, with what came of it."""
    served = await serve()
    body = {"operation": "report", "inputs": {"topic": "tides", "words": 2}}
    answer = await served.client.post("/runs?wait=1", json=body)
    assert answer.status_code == 200
    said = answer.json()
    assert said["result"] == {"topic": "tides", "words": 2}
    assert (said["status"], said["overall_progress"]) == ("finished", 100.0)
    assert [stage["status"] for stage in said["stages"]] == ["finished", "finished"]


@pytest.mark.parametrize(("as_input", "status"), [(True, 422), (False, 500)])
async def test_wait_says_what_failed(serve: Serve, *, as_input: bool, status: int) -> None:
    """The status tells why a run failed: 422 for a fault in the inputs, 500 for any other."""
    served = await serve()
    body = {"operation": "failing", "inputs": {"as_input": as_input}}
    answer = await served.client.post("/runs?wait=1", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_leaving_cancels_nothing(serve: Serve) -> None:
    """A client that leaves while it waits or streams does not cancel the run."""
    served = await serve()
    run_id = await served.begin("waiting")
    async with served.client.stream("GET", f"/runs/{run_id}/events") as stream:
        async for _ in stream.aiter_bytes():
            break
    with pytest.raises(httpx.ReadTimeout):
        await served.client.post("/runs?wait=1", json={"operation": "waiting"}, timeout=0.05)
    await _until(lambda: served.server.service.clients == 0)
    runs = (await served.client.get("/runs")).json()["runs"]
    assert [run["status"] for run in runs] == ["running", "running"]
    served.gates.opened.set()
    for run in runs:
        await served.ended(run["run_id"])
        assert (await served.client.get(run["links"]["self"])).json()["result"] == "let through"


async def test_cancel_and_delete(serve: Serve) -> None:
    """Cancel ends a run and keeps it. Delete ends it and forgets it. Both may be repeated."""
    served = await serve()
    run_id = await served.begin("waiting")
    for _ in range(2):
        assert (await served.client.post(f"/runs/{run_id}/cancel")).status_code == 202
        await served.ended(run_id)
    said = (await served.client.get(f"/runs/{run_id}")).json()
    assert (said["status"], said["reason"]) == ("cancelled", "cancelled by a client")

    other = await served.begin("waiting")
    log = (await served.server.service.registry.find(other)).log
    assert (await served.client.delete(f"/runs/{other}")).status_code == 204
    assert log.ended
    assert (await served.client.get(f"/runs/{other}")).status_code == 404
    assert (await served.client.delete(f"/runs/{other}")).status_code == 404


@pytest.mark.parametrize("path", ["", "/events", "/artifacts/a.txt"])
async def test_unknown_run(serve: Serve, path: str) -> None:
    """A run that is not there is a 404 on every route, whatever its id looks like."""
    served = await serve()
    for run_id in ("nothing", "%2e%2e", "a" * 5_000, "%00", "' OR 1=1 --"):
        assert (await served.client.get(f"/runs/{run_id}{path}")).status_code == 404
    assert (await served.client.post("/runs/nothing/cancel")).status_code == 404


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "json"),
        (b"[]", "dictionary"),
        (b"{}", "operation"),
        (b'{"operation": "report", "inputs": [], "x": 1}', "inputs"),
        (b'{"operation": "report", "inputs": {}, "out": "/tmp/x"}', "out"),
        (b'{"operation": "<script>", "inputs": {}}', "expected one of report, waiting, failing"),
    ],
)
async def test_bad_bodies_are_told_in_words(serve: Serve, body: bytes, says: str) -> None:
    """A malformed request is a 422 whose `detail` is one readable line without the request's text."""
    served = await serve()
    answer = await served.client.post("/runs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert says in detail.lower()
    assert "\n" not in detail
    assert "<script>" not in detail


async def test_runs_are_limited(serve: Serve) -> None:
    """While the largest number of runs goes on, another one gets 429; later it may begin."""
    served = await serve(limits=Limits(runs=1))
    run_id = await served.begin("waiting")
    answer = await served.client.post("/runs", json={"operation": "report", "inputs": {"topic": "x"}})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    served.gates.opened.set()
    await served.ended(run_id)
    await served.begin("report", topic="x")


async def test_clients_are_limited(serve: Serve) -> None:
    """While the largest number of clients reads, another one gets 503."""
    served = await serve(limits=Limits(clients=1))
    run_id = await served.begin("waiting")
    async with served.client.stream("GET", f"/runs/{run_id}/events") as stream:
        await anext(stream.aiter_bytes())
        assert (await served.client.get(f"/runs/{run_id}/events")).status_code == 503
    await _until(lambda: served.server.service.clients == 0)
    served.gates.opened.set()
    assert (await served.client.get(f"/runs/{run_id}/events")).status_code == 200


async def test_ended_runs_are_kept_by_count_and_age() -> None:
    """Runs that go on are never dropped; of those that ended the latest are kept, for a while."""
    clock = ManualClock()
    gate = asyncio.Event()

    @pnb.operation(clock=clock)
    async def short(tracker: pnb.ProgressTracker, *, wait: bool = False) -> None:
        assert tracker.id
        if wait:
            await gate.wait()

    registry = Registry(Limits(kept=2, kept_for=60), clock=clock)
    going = registry.begin(short, {"wait": True})
    ended = []
    for _ in range(4):
        run = registry.begin(short, {})
        ended.append(run)
        await run
        clock.advance(1)
        registry.listed()
    assert registry.listed() == [ended[3], ended[2], going]
    clock.advance(59)
    assert registry.listed() == [ended[3], going]
    clock.advance(60)
    assert registry.listed() == [going]
    with pytest.raises(pnb.errors.UnknownRunError):
        await registry.find(ended[3].id)
    gate.set()
    await going


async def test_ended_runs_are_kept_by_their_size() -> None:
    """Of the runs that ended the latest are kept whose inputs, events and results have room; the very latest always."""

    @pnb.operation
    async def echo(tracker: pnb.ProgressTracker, text: str) -> str:
        async with tracker.stage("write") as stage:
            stage.write(text)
        return text

    registry = Registry(Limits(kept_bytes=100_000))
    runs = []
    for length in (5_000, 5_000, 5_000, 5_000):
        run = registry.begin(echo, {"text": "x" * length}, size=length)
        runs.append(run)
        await run
        registry.listed()
    assert registry.listed() == runs[:0:-1]  # each is about 5,000 bytes of inputs and 2 × 10,000 of events
    large = registry.begin(echo, {"text": "x" * 100_000}, size=100_000)
    await large
    assert registry.listed() == [large]
    unseen = registry.begin(echo, {"text": "x"}, size=90_000)
    await unseen
    assert registry.listed() == [unseen]


async def test_a_run_of_ones_own_is_served(serve: Serve) -> None:
    """`server.add` serves a run that was begun in the notebook, and returns its page with a ticket in the fragment."""
    served = await serve(token="a/b+c#d")  # noqa: S106 - of this test

    @pnb.operation
    async def own(tracker: pnb.ProgressTracker) -> str:
        assert tracker.id
        return "mine"

    run = own.using(show=False)()
    page = served.server.add(run)
    address, _, ticket = page.partition("#ticket=")
    assert address == f"{served.server.url}/runs/{run.id}/view"
    assert served.server.service.keys.opens_ticket(ticket)
    await run
    assert (await served.client.get(f"/runs/{run.id}")).json()["result"] == "mine"


async def test_openapi_tells_all(serve: Serve) -> None:
    """The schema has every route, the inputs of each operation, and the token."""
    served = await serve()
    schema = (await served.client.get("/openapi.json")).json()
    assert set(schema["paths"]) == {
        "/batches",
        "/runs",
        "/runs/{run_id}",
        "/runs/{run_id}/events",
        "/runs/{run_id}/items/{index}",
        "/runs/{run_id}/cancel",
        "/runs/{run_id}/act",
        "/runs/{run_id}/answer",
        "/runs/{run_id}/view",
        "/runs/{run_id}/artifacts/{name}",
    }
    body = schema["paths"]["/runs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Begin"}
    report = schema["components"]["schemas"]["Begin"]["oneOf"][0]
    assert report["description"] == "Write about a topic."
    assert report["properties"]["inputs"]["required"] == ["topic"]
    assert "text/event-stream" in schema["paths"]["/runs/{run_id}/events"]["get"]["responses"]["200"]["content"]
    assert schema["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert "/runs/{run_id}/ws" in schema["info"]["description"]


async def _until(condition: object) -> None:
    for _ in range(2_000):
        if callable(condition) and condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"content-type": "text/plain"}, "Content-Type: expected application/json, got 'text/plain'"),
        ({"content-type": "application/x-www-form-urlencoded"}, "Content-Type: expected application/json, got 'appl"),
        ({"content-type": "Text/HTML; charset=utf-8"}, "Content-Type: expected application/json, got 'text/html'"),
    ],
)
async def test_another_content_type_is_named(serve: Serve, headers: dict[str, str], text: str) -> None:
    """JSON that is sent as another type is refused with 415, and the answer names the header, not the body."""
    served = await serve()
    content = b'{"operation": "report", "inputs": {"topic": "tides"}}'
    answer = await served.client.post("/runs", content=content, headers=headers)
    assert answer.status_code == 415
    assert answer.json()["detail"].startswith(text)
    problem = {"content-type": "application/vnd.example+json"}
    assert (await served.client.post("/runs", content=b"{}", headers=problem)).status_code == 422
