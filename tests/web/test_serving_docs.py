"""The lines of docs/serving.md: behind a real nginx, mounted in another app, below a path, with one's own client."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

import progressnb as pnb
from progressnb.web import attach
from tests.web.conftest import TOKEN, Sse, call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import Serve

TEXT = (Path(__file__).parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- (?:runnable: )?(\w+) -->\n```\w+\n(.*?)```", TEXT, re.DOTALL))
NGINX = shutil.which("nginx")


def names_of(example: str) -> dict[str, Any]:
    """Run an example and return its names."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(EXAMPLES[example], f"docs/serving.md: {example}", "exec"), names)  # noqa: S102 - our own document
    return names


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def nginx(tmp_path: Path, upstream: str, **changes: str) -> Iterator[str]:
    """Run nginx with the lines of the document before a server; return its address."""
    port = free_port()
    lines = EXAMPLES["nginx"].replace("listen 8080", f"listen 127.0.0.1:{port}")
    lines = lines.replace("http://127.0.0.1:8000", upstream)
    for old, new in changes.items():
        lines = lines.replace({"location": "location / {"}[old], new)
    places = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off; client_body_buffer_size 8m; {places}\n{lines} }}\n",
        encoding="utf-8",
    )
    command = [str(NGINX), "-p", str(tmp_path), "-e", str(tmp_path / "log"), "-c", str(tmp_path / "nginx.conf")]
    server = subprocess.Popen(command)
    try:
        while server.poll() is None:
            with socket.socket() as there:
                if there.connect_ex(("127.0.0.1", port)) == 0:
                    break
        assert server.poll() is None, (tmp_path / "log").read_text("utf-8")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine; on Debian: apt-get install nginx")
async def test_behind_nginx(serve: Serve, tmp_path: Path) -> None:
    """Behind nginx events come one by one, sockets pass, a page's origin is its own, and bodies above 1 MB too."""
    served = await serve()
    async with AsyncExitStack() as stack:
        url = stack.enter_context(nginx(tmp_path, served.server.url))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, trust_env=False, timeout=30))
        client.headers["authorization"] = f"Bearer {TOKEN}"
        body = {"operation": "waiting", "inputs": {}}
        begun = await client.post("/runs", json=body, headers={"origin": url})
        assert begun.status_code == 202
        run_id = begun.json()["run_id"]
        stream = await stack.enter_async_context(client.stream("GET", f"/runs/{run_id}/events"))
        pieces = stream.aiter_bytes()
        seen = b""
        while b"holding" not in seen:  # while the run goes on
            seen += await anext(pieces)
        runs = [
            attach(f"{url}/runs/{run_id}", token=TOKEN, transport=each, show=False) for each in ("sse", "websocket")
        ]
        served.gates.opened.set()
        assert [await run for run in runs] == ["let through"] * 2
        assert Sse.of(seen + b"".join([piece async for piece in pieces])).data == served.lines(run_id)
        large = {"operation": "report", "inputs": {"topic": "x" * 2_000_000, "words": 0}}
        assert (await client.post("/runs", json=large)).status_code == 202


@pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine; on Debian: apt-get install nginx")
async def test_below_a_path_of_nginx(serve: Serve, tmp_path: Path) -> None:
    """A proxy that takes a prefix away, and an app that was told of it: links have the prefix and lead back."""
    served = await serve()
    app: Any = served.server._engine.config.app
    app.root_path = "/ai"
    with nginx(tmp_path, f"{served.server.url}/", location="location /ai/ {") as url:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
            client.headers["authorization"] = f"Bearer {TOKEN}"
            links = (await client.post("/ai/runs", json={"operation": "waiting"})).json()["links"]
            assert links["self"].startswith("/ai/runs/")
            assert (await client.get(links["self"])).json()["status"] == "running"
            assert (await client.get(links["view"], headers={"authorization": ""})).status_code == 200
            assert (await client.get(links["self"], headers={"authorization": ""})).status_code == 401
    served.gates.opened.set()


async def test_mounted_in_another_app() -> None:
    """A mounted app has its routes and links below its path, and the other app's lifespan ends its runs."""
    app = names_of("mounted")["app"]
    async with app.router.lifespan_context(app):
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://own")
        client.headers["authorization"] = "Bearer choose-one"
        begun = await client.post("/ai/runs?wait=1", json={"operation": "report", "inputs": {"topic": "low tides"}})
        assert (begun.status_code, begun.json()["result"]) == (200, "Low Tides")
        links = begun.json()["links"]
        assert links["self"].startswith("/ai/runs/")
        assert (
            Sse.of((await call(app, links["events"], headers={"authorization": "Bearer choose-one"})).body).types[-1]
            == "done"
        )
        assert (await call(app, links["view"])).status == 200
        for path in ("/ai/docs", "/ai/openapi.json", links["self"]):
            assert (await call(app, path)).status == 401
        await client.aclose()
    served = names_of("mounted")
    async with served["app"].router.lifespan_context(served["app"]):
        pass
    assert served["served"].state.service.registry.closed


async def test_a_root_path_of_uvicorn() -> None:
    """`--root-path` gives the links their prefix, and access works as without one."""
    served = pnb.web.create_app([], token=TOKEN)
    config = uvicorn.Config(served, root_path="/ai", lifespan="off", log_config=None)
    config.load()
    answer = await call(_rooted(served), "/ai/runs/x/view")
    assert answer.status == 200
    assert (await call(_rooted(served), "/ai/runs")).status == 401
    assert (await call(_rooted(served), "/ai/runs", headers={"authorization": f"Bearer {TOKEN}"})).status == 200


def _rooted(app: Any) -> Any:
    async def rooted(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app({**scope, "root_path": "/ai"}, receive, send)  # as uvicorn does it: the path has the prefix too

    return rooted


async def test_a_client_of_ones_own(serve: Serve) -> None:
    """The client of the document reads an event above 1 MB, at which `websockets` closes by itself."""

    @pnb.operation
    async def large(tracker: pnb.ProgressTracker) -> str:
        assert tracker.id
        return "x" * 2_000_000

    served = await serve(large)
    run_id = await served.begin("large")
    await served.ended(run_id)
    events = await names_of("websockets")["read"](f"{served.server.url.replace('http', 'ws', 1)}/runs/{run_id}", TOKEN)
    assert len(events[-1]["result"]) == 2_000_000


def test_every_marked_example_is_run() -> None:
    """No example is left out; that for workers is in tests/web/test_workers.py."""
    assert sorted(EXAMPLES) == ["mounted", "nginx", "websockets", "workers"]
