"""The account of a batch: what an item may cost is set aside, so that a budget is passed by no more than that."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.batching.state import Ledger
from progressnb.tracking.budget import Budget

COSTS = st.lists(st.floats(0.001, 0.1), min_size=1, max_size=60)


def test_one_at_a_time_until_a_cost_is_known() -> None:
    """Before any item has ended, they begin one by one; with what one may cost at most, side by side."""
    ledger = Ledger(Budget(cost=1))
    assert ledger.admits([])
    assert not ledger.admits([{"cost": 0.0}])
    known = Ledger(Budget(cost=1), {"cost": 0.3})
    assert known.admits([{}, {}])
    assert not known.admits([{}, {}, {}])


def test_what_is_set_aside_is_the_90th_percentile() -> None:
    """Of ten items the second dearest is set aside for each at work."""
    ledger = Ledger(Budget(cost=10, tokens=1000))
    for cost in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 5.0):
        ledger.learn({"cost": cost, "tokens": 10})
    assert ledger.reservation("cost") == 0.9
    assert ledger.reserved("cost", [{"cost": 0.1}, {"cost": 2.0}]) == 0.9 + 2.0


def test_without_a_budget_all_may_begin() -> None:
    """Time alone counts nothing here."""
    assert Ledger(None).admits([{"cost": 1e9}])
    assert Ledger(Budget(seconds=5)).admits([{}])
    assert not Ledger(Budget(seconds=5)).counts


@given(COSTS, st.floats(0.05, 1.0), st.integers(1, 20), st.randoms(use_true_random=False))
def test_overshoot_is_bounded(costs: list[float], limit: float, most: int, chance: object) -> None:
    """In whatever order items end, the limit is passed by what items cost beyond what was set aside for them alone."""
    ledger, at_work, left = Ledger(Budget(cost=limit)), list[tuple[float, float]](), list(costs)
    spent = beyond = 0.0
    first = True
    while True:
        while left and len(at_work) < most and ledger.admits([{"cost": 0.0} for _ in at_work]):
            at_work.append((left.pop(), ledger.reservation("cost") or 0.0))
        if not at_work:
            break
        cost, reserved = at_work.pop(chance.randrange(len(at_work)))  # type: ignore[attr-defined]
        beyond += max(0.0, cost - (cost if first else reserved))
        spent += cost
        allowed = max(limit, costs[-1])  # the first one, of which nothing was known
        first = False
        ledger.spend({"cost": cost})
        ledger.learn({"cost": cost})
        # What was set aside when an item began may have fallen since, so the largest one counts.
        assert spent <= allowed + beyond + max(costs) + 1e-9


def run_of(costs: list[float], limit: float, most: int, chance: Random) -> tuple[float, float]:
    """Run items by a ledger, which end in any order; return what was spent, and what the dearest at work cost beyond.

    Such excess is what those that were at work side by side cost above what was set aside for each of them then.
    """
    ledger, at_work, left, spent, beyond = Ledger(Budget(cost=limit)), list[list[float]](), list(costs), 0.0, 0.0
    known = 0
    while True:
        while left and len(at_work) < most and ledger.admits([{"cost": 0.0}] * len(at_work)):
            at_work.append([left.pop(), ledger.reservation("cost") or 0.0])
            assert len(at_work) <= known + 1
        reserved = ledger.reservation("cost") or 0.0
        for each in at_work:
            each[1] = min(each[1], reserved)
        if not at_work:
            return spent, beyond
        cost, aside = at_work.pop(chance.randrange(len(at_work)))
        beyond += max(0.0, cost - aside)
        spent += cost
        ledger.spend({"cost": cost})
        ledger.learn({"cost": cost})
        known += 1


@given(COSTS, st.floats(0.05, 1.0), st.integers(1, 50), st.randoms(use_true_random=False))
def test_few_known_costs_vouch_for_few_others(costs: list[float], limit: float, most: int, chance: Random) -> None:
    """Never more are at work than are known, and one; the limit is passed by their excess over what is set aside."""
    spent, beyond = run_of(costs, limit, most, chance)
    assert spent <= limit + beyond + 1e-9


@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("most", [5, 20, 50])
def test_budgets_hold_for_costs_with_a_long_tail(spread: float, most: int) -> None:
    """Nine of ten batches of items whose costs differ a hundredfold pass their budget by no more than the dearest."""
    passed: list[float] = []
    for seed in range(100):
        chance = Random(seed)  # noqa: S311 - no secret
        costs = [chance.lognormvariate(-4, spread) for _ in range(400)]
        spent, _ = run_of(costs, 1.0, most, chance)
        passed.append((spent - 1) / max(costs))
    assert sorted(passed)[90] <= 1


@given(COSTS, st.integers(1, 20))
def test_equal_items_never_pass_it(costs: list[float], most: int) -> None:
    """Where all items cost the same, nothing beyond the budget is spent, but for the first one."""
    cost, limit = costs[0], sum(costs)
    ledger, at_work, spent = Ledger(Budget(cost=limit)), 0, 0.0
    for _ in range(200):
        if at_work < most and ledger.admits([{"cost": 0.0}] * at_work):
            at_work += 1
        elif at_work:
            at_work -= 1
            spent += cost
            ledger.spend({"cost": cost})
            ledger.learn({"cost": cost})
        else:
            break
    assert spent <= max(limit, cost) + 1e-9


def test_passing_by_more_than_one_item() -> None:
    """It is passed once more was spent, by items at work too, than the limit and what one item costs."""
    ledger = Ledger(Budget(cost=1))
    ledger.learn({"cost": 0.1})
    ledger.spend({"cost": 1.05})
    assert ledger.passed([]) is None
    assert ledger.passed([{"cost": 0.1}]) == "cost"
    assert ledger.limiting() == "cost"


def test_few_at_a_time_while_all_cost_nothing() -> None:
    """Items that cost nothing vouch for few others: for one more side by side for each ten."""
    ledger, beside = Ledger(Budget(cost=1)), [{"cost": 0.0}]
    ledger.learn({"cost": 0.0})
    assert ledger.admits([])
    assert not ledger.admits(beside)
    for _ in range(9):
        ledger.learn({"cost": 0.0})
    assert ledger.admits(beside)
    assert not ledger.admits(beside * 2)


def test_what_one_item_may_cost_counts_until_one_has_cost_something() -> None:
    """Items that cost nothing say nothing against what one may spend at most."""
    ledger = Ledger(Budget(cost=1), {"cost": 0.3})
    for _ in range(20):
        ledger.learn({"cost": 0.0})
        assert ledger.reservation("cost") == 0.3
    ledger.learn({"cost": 0.1})
    assert ledger.reservation("cost") == 0.1


def test_a_percentile_of_nothing_is_no_reservation() -> None:
    """Where most items cost nothing, what the dearest has cost is set aside."""
    ledger = Ledger(Budget(cost=1))
    for cost in (*[0.0] * 30, 0.3):
        ledger.learn({"cost": cost})
    assert ledger.reservation("cost") == 0.3
    assert ledger.admits([{}, {}])
    assert not ledger.admits([{}, {}, {}])


@given(st.integers(0, 30), st.integers(1, 20))
def test_dear_items_behind_free_ones(free: int, most: int) -> None:
    """However many items cost nothing at first, those that cost something pass the limit by a few of them alone."""
    ledger, left, at_work, spent = Ledger(Budget(cost=1)), [0.3] * 50 + [0.0] * free, list[float](), 0.0
    while True:
        while left and len(at_work) < most and ledger.admits([{"cost": 0.0} for _ in at_work]):
            at_work.append(left.pop())
        if not at_work:
            break
        cost = at_work.pop(0)
        spent += cost
        ledger.spend({"cost": cost})
        ledger.learn({"cost": cost})
    assert spent <= 1 + 0.3


def test_a_small_budget_is_not_spent_before_anything_is() -> None:
    """Errors of rounding are measured by the limit."""
    ledger = Ledger(Budget(cost=1e-12))
    assert ledger.admits([])
    ledger.spend({"cost": 1e-12})
    assert not ledger.admits([])
