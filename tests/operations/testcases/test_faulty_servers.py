"""Servers of others: their suites are green as long as they do what they say, and find most faults if not.

Those of our test dependencies run in this process; all run in an environment of their own, like `make suites`.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from benchmarks.generate_tests.environments import HERE, python_environment
from benchmarks.generate_tests.faults import FOLDERS, Served, find_servers
from benchmarks.generate_tests.serving import about, load
from benchmarks.generate_tests.tools import credentials
from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.result import ApiTestSuite

SERVERS = [path for folder in FOLDERS for path in sorted(folder.glob("server_*.py"))]
EVERY = bool(os.environ.get("EVERY"))
"""Whether all servers are run, which takes some minutes, and not every third."""

STRANGER = HERE / "stranger"
MISSED = {"pay_twice_accepted"}  # it is told in words alone


async def suite_of(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ApiTestSuite]:
    """Return a server's module and its suite, which knows a user of it."""
    module = load(STRANGER / f"server_{name}.py")
    told = json.loads(json.dumps(about(module)))
    return module, await made(told["spec"], told["auth"], monkeypatch)


async def made(spec: dict[str, Any], auth: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> ApiTestSuite:
    """Return the suite of a specification, which knows the users of its server."""
    suite = await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0))
    for variable, value in credentials(auth, suite.model_dump()["schemes"]).items():
        monkeypatch.setenv(variable, value)
    return suite


def failed(suite: ApiTestSuite, app: Any) -> list[str]:
    """Return the texts of the cases that fail on an app in this process."""
    return failed_by(suite, TestClient(app, base_url="http://test", raise_server_exceptions=False))


def failed_by(suite: ApiTestSuite, client: httpx.Client | TestClient) -> list[str]:
    """Return the texts of the cases that fail."""
    results = suite.run(client)
    return list(results[results.outcome.isin(["failed", "unauthorized"])].text)


@pytest.mark.parametrize("name", ["orders", "notes", "shop"])
async def test_a_right_server(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite is green on a server without faults, and a second time on the same one."""
    module, suite = await suite_of(name, monkeypatch)
    app = module.app(None)
    assert failed(suite, app) == []
    assert failed(suite, app) == []


async def test_a_faulty_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite is red for each fault, but for those that only words could tell of."""
    module, suite = await suite_of("orders", monkeypatch)
    assert {fault for fault in module.FAULTS if not failed(suite, module.app(fault))} <= MISSED


@pytest.mark.integration
@pytest.mark.xdist_group("servers of others")  # they share an environment, which the first one makes
@pytest.mark.parametrize("path", SERVERS if EVERY else SERVERS[::3], ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_every_right_server_twice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite of a server of any folder is green on it, and a second time on it; `make suites` has all."""
    python = await asyncio.to_thread(python_environment, "faulty", HERE / "faulty" / "requirements.txt")
    (server,) = find_servers([path.parent], f"/{path.stem.removeprefix('server_')}", python)
    suite = await made(server.job.spec, server.job.auth, monkeypatch)
    with Served(server, None) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        for _ in range(2):
            assert await asyncio.to_thread(failed_by, suite, client) == []
