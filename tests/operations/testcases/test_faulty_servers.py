"""Servers by a stranger: their suites are green as long as they do what they say, and find most faults if not.

These are the ones of our test dependencies, each in this process. `make suites` has all of them.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import benchmarks.generate_tests
from benchmarks.generate_tests.serving import about, load
from benchmarks.generate_tests.tools import credentials
from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.result import ApiTestSuite

STRANGER = Path(benchmarks.generate_tests.__file__).parent / "stranger"
MISSED = {"pay_twice_accepted"}  # it is told in words alone


async def suite_of(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ApiTestSuite]:
    """Return a server's module and its suite, which knows a user of it."""
    module = load(STRANGER / f"server_{name}.py")
    told = json.loads(json.dumps(about(module)))
    suite = await generate_tests.using(show=False)(told["spec"], model=OfflineModel(pace=0))
    for variable, value in credentials(told["auth"], suite.model_dump()["schemes"]).items():
        monkeypatch.setenv(variable, value)
    return module, suite


def failed(suite: ApiTestSuite, app: Any) -> list[str]:
    """Return the texts of the cases that fail."""
    results = suite.run(TestClient(app, base_url="http://test", raise_server_exceptions=False))
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
