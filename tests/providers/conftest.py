"""A wire server a test, the environment that leads all providers to it, and a guard that nothing else is called."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.dialects import DIALECTS, KEY, Dialect
from tests.providers.server import WireServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOPBACK = {"127.0.0.1", "::1", "localhost", None}
_reached: list[str] = []
_watching: list[bool] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in ("socket.connect", "socket.getaddrinfo"):
        return
    host = arguments[1][0] if event == "socket.connect" and isinstance(arguments[1], tuple) else arguments[0]
    if isinstance(host, str | None) and host not in _LOOPBACK:
        _reached.append(f"{event} {host}")


sys.addaudithook(_audit)  # a hook can't be taken away again, so it looks only while a test of these runs


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Give each API in turn."""
    dialect = request.param
    assert isinstance(dialect, Dialect)
    return dialect


@pytest.fixture(scope="session", autouse=True)
def loaded() -> None:
    """Load the SDKs before any test: that takes seconds, and some tests have a timeout."""
    for name in ("openai", "anthropic", "pydantic_ai.models.openai", "pydantic_ai.models.anthropic"):
        importlib.import_module(name)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WireServer]:
    """Start a server, lead all providers to it, and see that nothing but loopback was reached."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    _reached.clear()
    _watching.append(True)
    try:
        with WireServer() as server:
            for one in DIALECTS:
                url, key = one.variables
                monkeypatch.setenv(url, server.url + one.base)
                monkeypatch.setenv(key, KEY)
            yield server
    finally:
        _watching.clear()
    assert _reached == []
