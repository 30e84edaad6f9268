"""What holds for all tests of batches: nothing is shown, and no run is left alive."""

from collections.abc import Iterator

import pytest

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
def clock() -> ManualClock:
    """Return a clock that stands still until it is advanced."""
    return ManualClock()
