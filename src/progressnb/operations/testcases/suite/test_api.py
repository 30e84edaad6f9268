"""The cases in cases.json, and those in own_cases.json, against the API at $API_BASE_URL. See README.md.

A new version of the suite replaces this file. What is yours goes into conftest.py, marks.toml and own_cases.json.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from api_runner import Session, Suite, run  # type: ignore[import-not-found]
from api_runner.plugin import allows_skips, remember  # type: ignore[import-not-found]
from api_runner.suite import Trouble  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

pytest_plugins = ["api_runner.plugin"]

try:
    SUITE = Suite.read(Path(__file__).parent)
except Trouble as trouble:
    raise pytest.UsageError(str(trouble)) from None


def _marked(case: dict[str, Any]) -> Any:  # noqa: ANN401 - of pytest itself
    mark = SUITE.marked(case["id"])
    marks = [] if mark is None else [getattr(pytest.mark, mark[0])(reason=mark[1])]
    return pytest.param(case, id=case["id"], marks=marks)


@pytest.fixture(scope="session")
def session(api_credential: Callable[[str], str | None]) -> Session:
    """Return what the cases share."""
    shared = Session(SUITE, credential=api_credential)
    remember(shared)
    return shared


@pytest.mark.parametrize("case", [_marked(case) for case in SUITE.cases])
def test_case(
    case: dict[str, Any],
    api_client: httpx.Client,
    session: Session,
    api_hooks: list[Callable[[dict[str, Any]], None]],
    record_property: Callable[[str, object], None],
) -> None:
    """Send the requests of a case and compare each answer with what the specification says."""
    for name in ("name", "endpoint", "category", "why"):
        record_property("title" if name == "name" else name, case[name])
    before_case, after_case = api_hooks
    before_case(case)
    try:
        outcome = run(case, api_client, session)
    finally:
        after_case(case)
    if outcome.status == "failed" or (outcome.status == "unauthorized" and not allows_skips()):
        more = "" if outcome.status == "failed" else "; or allow cases to be skipped in CI: API_ALLOW_SKIPPED=1"
        pytest.fail(outcome.text + more, pytrace=False)
    if outcome.status != "passed":
        pytest.skip(outcome.text)
