"""What every test shares: one event loop, no deadlines, nothing of the settings of whoever runs it."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from progressnb.tracking import session

os.environ.pop("PROGRESSNB_MODEL", None)  # the default model of the tests is the offline one

settings.register_profile("local", deadline=None)  # machines are shared: a slow example is no bug
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio: notebooks know no other loop."""
    return "asyncio"


@pytest.fixture(autouse=True)
def fresh_session() -> Iterator[None]:
    """Begin each test with the settings that a process begins with."""
    session._default = session.Session()
    yield
    session._default = session.Session()
