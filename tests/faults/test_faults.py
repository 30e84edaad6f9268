"""The campaign of faults in part: each fault is survived and nothing is lost."""

from __future__ import annotations

import pytest

from tests.faults.campaign import Fault, Outcome, faults, table

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.name)
def test_a_fault(fault: Fault) -> None:
    """What goes wrong is survived each time, and no event is lost, doubled or wrong."""
    tried, survived, lost = fault(fault.part)
    assert tried >= fault.part
    assert (survived, lost) == (tried, 0)


def test_the_table() -> None:
    """The table has a row a fault, with its figures."""
    one = faults()[0]
    assert table([(one, Outcome(1_000, 999, 3))]).splitlines()[-1] == (
        f"| {one.name} | {one.promise} | 1,000 | 999 | 3 |"
    )
