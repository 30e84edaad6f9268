"""What holds for all tests of batches: nothing is shown, and no run is left alive."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import progressnb as pnb
from progressnb.execution.run import runs
from progressnb.testing import ManualClock
from progressnb.tracking.session import configure


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Show nothing, and check that no run is left alive by a test."""
    configure(show=False)
    yield
    assert runs() == []


@pytest.fixture
def history(tmp_path: Path) -> Any:
    """Use a history with contents."""
    with pnb.use_history(tmp_path / "runs.db", contents=True) as used:
        yield used


@pytest.fixture
def clock() -> ManualClock:
    """Return a clock that stands still until it is advanced."""
    return ManualClock()
