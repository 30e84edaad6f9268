"""The generated suite itself: green against servers that follow the specification, red against faults."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from tests.operations.testcases.faults import FAULTS, Fault
from tests.operations.testcases.planted import environment, failures, found, runner_of
from tests.operations.testcases.servers import APPS, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SPECS = Path(__file__).parents[2] / "data" / "openapi"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make the suite of a specification by rules, once a module, and return its ZIP."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp("suite") / "suite.zip"

            async def run() -> None:
                await generate_tests.using(show=False)(SPECS / name, model=OfflineModel(pace=0), out=made[name])

            asyncio.run(run())
        return made[name]

    return make


@pytest.fixture
def runner(
    suite: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], ModuleType]:
    """Return the runner of a specification's suite, with the credentials that its server knows."""

    def load(name: str) -> ModuleType:
        for variable, value in environment("").items():
            monkeypatch.setenv(variable, value)
        return runner_of(suite(name), tmp_path / name.partition(".")[0])

    return load


def run_pytest(directory: Path, url: str, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run an unpacked suite as its README says."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "API_", "CI"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    # It needs no plugin; loading those of this project's own tests takes longer than its cases.
    env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    env |= {name: value for name, value in (environment(url) | more).items() if value}
    return subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", APPS)
def test_green(name: str, runner: Callable[[str], ModuleType]) -> None:
    """No case fails against a server that follows the specification."""
    with Server(APPS[name]()) as server:
        assert list(failures(runner(name), server.url)) == []


def test_as_the_readme_says(runner: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """The unpacked ZIP is green under pytest, then red with a fault, and tells what was expected and what came."""
    module = runner("petstore-expanded.yaml")
    directory = tmp_path / "petstore-expanded"
    with Server(APPS["petstore-expanded.yaml"]()) as server:
        green = run_pytest(directory, server.url)
        assert green.returncode == 0, green.stdout
        assert f"{len(module.SUITE.cases)} passed" in green.stdout
        server.fault = next(fault for fault in FAULTS if fault.name == "adding a pet gives 201").change
        red = run_pytest(directory, server.url, "-q")
    assert red.returncode == 1
    assert "expected   status 200" in red.stdout
    assert "got        status 201" in red.stdout
    assert "curl -i -X POST" in red.stdout


def test_without_an_address_or_credentials(runner: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """Without an address the suite says which variable it wants; without credentials cases are skipped, not passed."""
    module = runner("orders.yaml")
    nowhere = run_pytest(tmp_path / "orders", "")
    assert nowhere.returncode == 4
    assert "API_BASE_URL" in nowhere.stdout + nowhere.stderr
    with Server(APPS["orders.yaml"]()) as server:
        partly = run_pytest(tmp_path / "orders", server.url, API_KEY_TOKEN="")
    assert partly.returncode == 0
    ways = [case["steps"][0]["request"].get("auth") for case in module.SUITE.cases if len(case["steps"]) == 1]
    no_token = [way for way in ways if way in ("missing", "wrong", "odd")]
    assert f"{len(no_token)} passed" in partly.stdout
    assert "set API_KEY_TOKEN: bearer credentials" in partly.stdout


@pytest.mark.parametrize("name", APPS)
def test_red(name: str, runner: Callable[[str], ModuleType]) -> None:
    """Every planted fault is found."""
    results: dict[Fault, Any] = found(name, runner(name))
    assert len(results) == sum(fault.spec == name for fault in FAULTS) > 0
    assert {fault.name for fault, failure in results.items() if failure is None} == set()


def test_faults_are_many_and_of_all_kinds() -> None:
    """The list has what the suite promises to find, each fault once."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20
    kinds = {"status", "required", "type", "boundary", "enum", "format", "auth", "not found", "500", "answer"}
    assert kinds <= {fault.kind for fault in FAULTS}


def test_unreachable_server(runner: Callable[[str], ModuleType], tmp_path: Path) -> None:
    """A server that is not there fails three cases with a reason, and skips the others; nothing passes by accident."""
    module = runner("uspto.yaml")
    with Server(APPS["uspto.yaml"]()) as server:
        url = server.url
    found_wrong = list(failures(module, url))
    assert len(found_wrong) == 3
    with httpx.Client(base_url=url, trust_env=False) as client:
        session = module.Session(module.SUITE)
        ends = {module.run(case, client, session).status for case in module.SUITE.cases}
    assert ends == {"failed", "skipped"}
    told = run_pytest(tmp_path / "uspto", url).stdout
    assert f"{len(module.SUITE.cases) - 3} cases were skipped for one cause: the server has not answered since" in told
    assert all("no answer: ConnectError" in failure for failure in found_wrong)
