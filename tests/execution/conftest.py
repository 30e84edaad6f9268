"""A check for all tests of runs: none is left alive."""

from collections.abc import Iterator

import pytest

from progressnb.execution.run import runs


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Check that no run is left alive by a test."""
    yield
    assert runs() == []
