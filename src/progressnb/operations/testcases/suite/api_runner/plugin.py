"""The parts that pytest gets: the fixtures of the runner, those that a conftest.py may replace, and a summary.

`client` is the connection: an httpx.Client, or anything with its `build_request`, `send` and `base_url`.
`credential` gives the secret of an environment variable. `before_case` and `after_case` are called with each case.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .session import Session

_PATIENCE = 30.0
_MANY, _TOLD = 10, 8
"""Cases that are skipped for one cause from which on the summary tells it, and causes that it tells."""

_skipped: Counter[str] = Counter()
_failed: list[str] = []
_fixed: list[str] = []
_sessions: list[Session] = []


@pytest.fixture(scope="session")
def api_client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """Give the fixture `client` of a conftest.py, or else a connection to $API_BASE_URL."""
    given = _given(request, "client")
    if given is not None:
        yield given
        return
    base = os.environ.get("API_BASE_URL", "").rstrip("/")
    if not base:
        pytest.exit("Set API_BASE_URL to a test server, such as http://127.0.0.1:8000/v1.", returncode=4)
    with httpx.Client(base_url=base, timeout=float(os.environ.get("API_TIMEOUT", _PATIENCE))) as client:
        yield client


@pytest.fixture(scope="session")
def api_credential(request: pytest.FixtureRequest) -> Callable[[str], str | None]:
    """Give the fixture `credential` of a conftest.py, or else the environment."""
    return _given(request, "credential") or os.environ.get


@pytest.fixture
def api_hooks(request: pytest.FixtureRequest) -> list[Callable[[dict[str, Any]], None]]:
    """Give the fixtures `before_case` and `after_case` of a conftest.py, or what does nothing."""
    return [_given(request, name) or _nothing for name in ("before_case", "after_case")]


def _given(request: pytest.FixtureRequest, name: str) -> Any:  # noqa: ANN401 - whatever a team has
    """Return a fixture of a conftest.py, or None where it has none of this name."""
    try:
        return request.getfixturevalue(name)
    except pytest.FixtureLookupError as error:
        if error.argname != name:
            raise
        return None


def _nothing(_: dict[str, Any]) -> None:
    pass


def remember(session: Session) -> None:
    """Tell of a session at the end."""
    _sessions.append(session)


def allows_skips() -> bool:
    """Tell whether a case without credentials is skipped; in CI it fails, since it was not run."""
    return os.environ.get("CI", "") in ("", "0", "false") or os.environ.get("API_ALLOW_SKIPPED", "") not in ("", "0")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what fails, and what is known to fail and does not."""
    case = report.nodeid.rpartition("[")[2].removesuffix("]")
    if report.when == "call" and report.skipped and isinstance(report.longrepr, tuple):
        _skipped[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    if report.when == "call" and report.failed:
        _failed.append(case)
    if report.when == "call" and report.passed and hasattr(report, "wasxfail"):
        _fixed.append(case)


def pytest_terminal_summary(terminalreporter: Any) -> None:  # noqa: ANN401 - of pytest itself
    """Say what kept many cases from running, how to repeat the run, what is left, and what the team may take out."""
    for reason, count in _skipped.most_common(_TOLD):
        if count >= _MANY:
            terminalreporter.write_line(f"{count} cases were skipped for one cause: {reason}")
    for session in _sessions:
        terminalreporter.write_line(f"The values of this run are new; to have the same again: API_SEED={session.seed}")
        for endpoint, variables in sorted(session.callers.told.items()):
            terminalreporter.write_line(f"{endpoint} was sent as the caller of {variables}: another one was refused")
        if session.left:
            paths = ", ".join(sorted(set(session.left)))
            terminalreporter.write_line(f"{len(session.left)} things could not be removed afterwards: {paths}")
        if os.environ.get("API_BASELINE") == "write":
            session.suite.write_known(_failed)
            terminalreporter.write_line(f"{len(_failed)} failures are known from now on: known_failures.txt")
    if _fixed:
        terminalreporter.write_line(f"Marked or known as failures, and pass now: {', '.join(sorted(_fixed))}")
