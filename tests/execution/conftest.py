"""What holds for all tests of runs: nothing is shown, and none is left alive."""

from collections.abc import Iterator

import pytest

from progressnb.execution.run import runs
from progressnb.tracking.session import configure


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Show nothing, and check that no run is left alive by a test."""
    configure(show=False)
    yield
    assert runs() == []
