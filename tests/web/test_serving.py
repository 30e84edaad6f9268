"""The server itself: where it listens, how it stops, what a restart knows, and what a stalled client costs."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import connect

import progressnb as pnb
from progressnb.web import Limits
from progressnb.web.server.registry import Registry
from progressnb.web.streams.batches import BATCH
from tests.web.conftest import TOKEN, Sse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import Serve, Served

BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])  # noqa: S104 - it is refused
async def test_no_token_no_stranger(host: str) -> None:
    """Without a token the server listens on this machine's own addresses only, and says what to do."""
    with pytest.raises(pnb.errors.ServeError, match="Pass token="):
        await pnb.serve(host=host)


async def test_a_port_that_is_taken() -> None:
    """A port that is taken or not valid is a `ServeError` with the port and a remedy, and nothing stays open."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(pnb.errors.ServeError, match=rf"127\.0\.0\.1:{port} .*Choose another port"):
            await pnb.serve(port=port)
    with pytest.raises(pnb.errors.ServeError, match="99999"):
        await pnb.serve(port=99_999)
    with pytest.raises(pnb.errors.ServeError):
        await pnb.serve(host="no such host", token=TOKEN)


async def test_nothing_is_added_to_a_server_that_stopped() -> None:
    """After `stop` no run gets an address, for nobody would answer there; the error says what to do."""
    run = pnb.operation(_quick).using(show=False)()
    server = await pnb.serve()
    assert server.add(run).startswith(server.url)
    await server.stop()
    with pytest.raises(pnb.errors.ServeError, match=rf"got {server.url}, which has stopped\. Begin another"):
        server.add(run)
    await run


async def _quick(_: pnb.ProgressTracker) -> None:
    """Do nothing."""


async def test_stop_leaves_nothing() -> None:
    """After `stop`, which may be called twice, no task is left and the port is free."""
    before = asyncio.all_tasks()
    server = await pnb.serve(token=TOKEN)
    assert TOKEN not in repr(server)
    assert str(server) == server.url
    async with httpx.AsyncClient(headers=BEARER, trust_env=False) as client:
        assert (await client.get(f"{server.url}/runs")).status_code == 200
    await server.stop()
    await server.stop()
    assert asyncio.all_tasks() == before
    again = await pnb.serve(port=int(server.url.rpartition(":")[2]))
    assert again.url == server.url
    await again.stop()


async def test_a_stop_ends_streams_cleanly(serve: Serve) -> None:
    """Streams end behind the run's last event, which is its cancellation, and the client sees no broken chunk."""
    served = await serve()
    run_id = await served.begin("waiting")
    url = f"{served.server.url}/runs/{run_id}"

    async def by_stream() -> bytes:
        async with served.client.stream("GET", f"{url}/events") as stream:
            reading.set()
            return await stream.aread()

    async def by_socket() -> tuple[list[bytes], int | None]:
        async with connect(f"{url.replace('http', 'ws', 1)}/ws", additional_headers=BEARER, proxy=None) as socket:
            opened.set()
            texts: list[bytes] = []
            with suppress(websockets.ConnectionClosed):
                texts += [str(text).encode() async for text in socket]
            return texts, socket.close_code

    reading, opened = asyncio.Event(), asyncio.Event()
    readers = asyncio.gather(by_stream(), by_socket())
    await asyncio.gather(reading.wait(), opened.wait())
    await served.server.stop()
    body, (texts, code) = await readers
    lines = served.lines(run_id)
    assert Sse.of(body).data == texts == lines
    assert b'"reason":"the server stopped"' in lines[-1]
    assert code == 1000


async def test_a_stop_leaves_own_runs_alone(serve: Serve) -> None:
    """A run that was begun in the notebook goes on, and its readers learn that they may connect again."""
    served = await serve()
    gate = asyncio.Event()

    @pnb.operation
    async def own(tracker: pnb.ProgressTracker) -> str:
        assert tracker.id
        await gate.wait()
        return "mine"

    run = own.using(show=False)()
    served.server.add(run)
    async with connect(
        f"{served.server.url.replace('http', 'ws', 1)}/runs/{run.id}/ws", additional_headers=BEARER, proxy=None
    ) as socket:
        await socket.recv()
        await served.server.stop()
        await socket.wait_closed()
        assert socket.close_code == 1012
    assert run.status == "running"
    gate.set()
    assert await run == "mine"


async def test_a_restarted_server_has_its_history(tmp_path: Path) -> None:
    """A server that comes up on the same history serves the runs of before: list, state, and what is left of events."""

    @pnb.operation(stages=["counting"])
    async def count(tracker: pnb.ProgressTracker, words: int) -> int:
        async with tracker.stage("counting") as stage:
            for number in range(words):
                await stage.update(100 * number / words, f"at {number}")
        return words

    async with httpx.AsyncClient(headers=BEARER, trust_env=False) as client:
        with pnb.History(tmp_path / "runs.db", contents=True) as history:
            async with await pnb.serve([count], token=TOKEN, history=history) as server:
                answer = await client.post(
                    f"{server.url}/runs?wait=1", json={"operation": "count", "inputs": {"words": 20}}
                )
                run_id = answer.json()["run_id"]
                lines = server.service.registry._runs[run_id].log.encoded()
        with pnb.History(tmp_path / "runs.db") as history:
            async with await pnb.serve([count], token=TOKEN, history=history) as server:
                url = f"{server.url}/runs/{run_id}"
                assert [run["run_id"] for run in (await client.get(f"{server.url}/runs")).json()["runs"]] == [run_id]
                assert (await client.get(url)).json()["result"] == 20
                for after in (-1, 3, len(lines) - 2):
                    rest = await client.get(f"{url}/events", headers={"last-event-id": str(after)})
                    assert Sse.of(rest.content).data == lines[after + 1 :]
                assert (await client.get(f"{url}/events?after={len(lines) - 1}")).status_code == 204
                assert await pnb.attach(url, token=TOKEN, show=False) == 20
                assert (await client.delete(url)).status_code == 204
                assert (await client.get(url)).status_code == 404
            assert history.runs().empty


async def test_a_restart_without_history_is_told(serve: Serve) -> None:
    """A server that knows nothing of a run says 404; it does not begin one anew."""
    served = await serve()
    assert (await served.client.get("/runs/0123456789abcdef/events", headers={"last-event-id": "4"})).status_code == 404


async def test_a_stalled_client_is_dropped(serve: Serve) -> None:
    """One that takes nothing is dropped after some seconds, while the run and the others go on."""
    gate = asyncio.Event()

    @pnb.operation(stages=["writing"])
    async def long(tracker: pnb.ProgressTracker) -> str:
        async with tracker.stage("writing") as stage:
            await gate.wait()
            for number in range(60):
                stage.write("x" * 100_000)
                await stage.update(number)
        return "whole"

    served = await serve(long, limits=Limits(stall=1))
    run_id = await served.begin("long")
    port = int(served.server.url.rpartition(":")[2])
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        stalled.setblocking(False)  # noqa: FBT003 - its only form
        loop = asyncio.get_running_loop()
        await loop.sock_connect(stalled, ("127.0.0.1", port))
        request = f"GET /runs/{run_id}/events HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
        await loop.sock_sendall(stalled, request.encode())
        await _clients(served, 1)
        gate.set()
        await served.ended(run_id)
        await _clients(served, 0)
        whole = await served.client.get(f"/runs/{run_id}/events")
        assert Sse.of(whole.content).data == served.lines(run_id)
        assert sum(len(event.get("delta", "")) for event in Sse.of(whole.content).events) == 6_000_000


async def _clients(served: Served, count: int) -> None:
    """Wait until so many clients read."""
    async with asyncio.timeout(30):
        while served.server.service.clients != count:
            await asyncio.sleep(0)


async def test_a_block_serves() -> None:
    """`async with` serves for a block, and the server's text says where."""
    async with await pnb.serve() as server:
        assert repr(server) == f"<Server {server.url}>"
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url)


@pytest.mark.parametrize("limit", [{"runs": 0}, {"clients": -1}, {"body": float("nan")}, {"kept": -1}, {"stall": "5"}])
def test_limits_that_let_nothing_through(limit: dict[str, Any]) -> None:
    """A limit that no run or client could keep is refused where it is set."""
    with pytest.raises(pnb.errors.InputError, match=next(iter(limit))):
        Limits(**limit)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"operations": pnb.customize}, "a list of operations"),
        ({"operations": [pnb.customize], "given": {"modle": "offline"}}, "'modle'"),
        ({"origins": "https://app.example"}, "a list of origins"),
        ({"history": "runs.db"}, r"pnb\.History"),
        ({"limits": {"runs": 4}}, r"pnb\.web\.Limits"),
        ({"operations": [pnb.customize, pnb.customize]}, "twice"),
        ({"operations": [print]}, "@pnb.operation"),
    ],
)
def test_options_that_would_be_told_late(options: dict[str, Any], says: str) -> None:
    """Options of the wrong type are refused when the app is made, not by the first request or never."""
    with pytest.raises((pnb.errors.InputError, pnb.errors.OperationError), match=says):
        pnb.web.create_app(**options)


async def test_sys_exit_ends_one_run(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """An operation that calls `sys.exit` fails, with its traceback in the server's log; all else goes on."""

    @pnb.operation
    async def leaving(tracker: pnb.ProgressTracker) -> None:
        assert tracker.id
        sys.exit(3)

    served = await serve(leaving)
    other = await served.begin("waiting")
    answer = await served.client.post("/runs?wait=1", json={"operation": "leaving"})
    assert (answer.status_code, answer.json()["error"]) == (500, "it called sys.exit(3)")
    assert (await served.client.get(f"/runs/{other}")).json()["status"] == "running"
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info is not None
    assert record.exc_info[2] is not None


async def test_who_waits_is_told_of_the_stop(serve: Serve) -> None:
    """A request that waits for a run that does not end gets its 503, and a stop does not wait for it."""
    gate = asyncio.Event()

    @pnb.operation
    async def deaf(tracker: pnb.ProgressTracker) -> str:
        assert tracker.id
        while not gate.is_set():
            with suppress(asyncio.CancelledError):
                await gate.wait()
        return "at last"

    served = await serve(deaf)
    waiting = asyncio.create_task(served.client.post("/runs?wait=1", json={"operation": "deaf"}))
    async with asyncio.timeout(30):
        while not any(len(run.log) for run in served.server.service.registry.listed()):
            await asyncio.sleep(0)
        await asyncio.sleep(0)
    await served.server.service.close(seconds=0)
    answer = await waiting
    assert (answer.status_code, answer.json()["detail"]) == (503, "the server stops")
    assert (await served.client.post("/runs", json={"operation": "deaf"})).status_code == 503
    gate.set()


async def test_a_run_of_another_process_is_looked_up_anew(tmp_path: Path) -> None:
    """A run whose record has no end yet is not remembered as one that has ended."""
    gate = asyncio.Event()

    @pnb.operation
    async def elsewhere(tracker: pnb.ProgressTracker) -> str:
        assert tracker.id
        await gate.wait()
        return "hi"

    with pnb.History(tmp_path / "runs.db", contents=True) as theirs, pnb.History(tmp_path / "runs.db") as ours:
        run = elsewhere.using(show=False)()
        theirs.record(run._tracker)
        registry = Registry(Limits(), history=ours)
        async with asyncio.timeout(30):
            while True:
                with suppress(pnb.errors.UnknownRunError):
                    assert (await registry.find(run.id)).state.status == "running"
                    break
        gate.set()
        await run
        async with asyncio.timeout(30):
            while (await registry.find(run.id)).state.status != "finished":
                await asyncio.sleep(0)


async def test_a_large_event_goes_in_parts() -> None:
    """One connection holds a part of an event, however large the event is."""

    @pnb.operation
    async def large(tracker: pnb.ProgressTracker) -> str:
        assert tracker.id
        return "x" * 1_000_000

    run = large.using(show=False)()
    await run
    sizes: list[int] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: Any) -> None:
        sizes.append(len(message.get("body", b"")))

    scope: dict[str, Any] = {"type": "http", "headers": [], "query_string": b""}
    await pnb.web.sse(run)(scope, receive, send)
    assert max(sizes) <= BATCH
    assert sum(sizes) > 1_000_000
