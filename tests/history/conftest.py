"""Fixtures of all tests of histories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from progressnb import use_history


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a file that does not exist yet."""
    return tmp_path / "runs.db"


@pytest.fixture(autouse=True)
def stop_recording() -> Iterator[None]:
    """Record nothing after a test."""
    yield
    use_history(None)
