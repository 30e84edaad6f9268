"""Run a generated suite against a server, with and without faults."""

from __future__ import annotations

import importlib.util
import zipfile
from typing import TYPE_CHECKING, Any

import httpx

from tests.operations.testcases.faults import FAULTS, Fault
from tests.operations.testcases.servers import APPS, TOKEN, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

__all__ = ["environment", "failures", "found", "runner_of"]


def runner_of(archive: Path, directory: Path) -> ModuleType:
    """Unpack a suite and load its runner."""
    with zipfile.ZipFile(archive) as files:
        files.extractall(directory)
    spec = importlib.util.spec_from_file_location(f"runner_{directory.name}", directory / "test_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def failures(runner: Any, url: str) -> Iterator[str]:
    """Yield what each case that fails has found."""
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        session = runner.Session(runner.SUITE)
        for case in runner.SUITE.cases:
            outcome = runner.run(case, client, session)
            if outcome.status == "failed":
                yield outcome.text


def found(spec: str, runner: Any) -> dict[Fault, str | None]:
    """Return for each fault of a specification's server what the first failing case says, or None."""
    with Server(APPS[spec]()) as server:
        results: dict[Fault, str | None] = {}
        for fault in FAULTS:
            if fault.spec == spec:
                server.fault = fault.change
                results[fault] = next(failures(runner, server.url), None)
        return results


def environment(url: str) -> dict[str, str]:
    """Return what the suite wants to be told by the environment."""
    return {"API_BASE_URL": url, "API_KEY_TOKEN": TOKEN}
