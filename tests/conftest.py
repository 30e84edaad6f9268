"""What every test shares: one event loop, no deadlines, nothing of the settings of whoever runs it."""

import os

import pytest
from hypothesis import settings

os.environ.pop("PROGRESSNB_MODEL", None)  # the default model of the tests is the offline one

settings.register_profile("local", deadline=None)  # machines are shared: a slow example is no bug
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio: notebooks know no other loop."""
    return "asyncio"
