"""Percents: a floor, parts above it, an output above these; never outside 0–100, whatever happens."""

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.errors import InvalidProgressError, InvalidStagesError
from progressnb.tracking.counted import CountedWork
from progressnb.tracking.percent import checked_percent
from progressnb.tracking.stage import checked_share
from progressnb.tracking.work import Work

BAD: list[Any] = [float("nan"), float("inf"), -1, -0.001, True, False, "50", 10**400, 1j, [50]]


@pytest.mark.parametrize("value", [*BAD, 100.001, 101])
def test_bad_percent(value: object) -> None:
    """What is no percent is refused with what was expected, what came and what to do."""
    with pytest.raises(InvalidProgressError, match=r"expected a percent.*, got .*\. Pass"):
        checked_percent(value)


@pytest.mark.parametrize("value", [*BAD, 1.001, 30])
def test_bad_share(value: object) -> None:
    """A stage that was not declared takes a share of 0–1; a percent or a relative weight there is refused."""
    with pytest.raises(InvalidStagesError, match=r"expected a weight from 0 to 1, got .*\. It is"):
        checked_share(value)


@pytest.mark.parametrize("value", [0, 100, 30.5, Fraction(1, 3), pytest.importorskip("numpy").float32(25)])
def test_good_percent(value: Any) -> None:
    """Any real number from 0 to 100 is a percent, NumPy's included."""
    assert checked_percent(value) == float(value)
    assert type(checked_percent(value)) is float


def test_unknown() -> None:
    """Nothing said is unknown, not 0."""
    work = Work()
    assert work.percent is None
    work.raise_floor(0)
    assert work.percent is None
    work.raise_floor(1)
    assert work.percent == 1


def test_floor() -> None:
    """What a stage says is a floor: it never takes back, and later work fills what is above it."""
    work = Work()
    work.raise_floor(40)
    work.raise_floor(20)
    assert work.percent == 40
    part = work.part()
    assert part.span == 30
    part.raise_floor(50)
    assert work.percent == 55
    part.finish()
    assert work.percent == 70


def test_floor_above_open_parts() -> None:
    """A floor said while a part is at work swallows the part's progress and does not add to it."""
    work = Work()
    part = work.part(0.5)
    part.raise_floor(50)
    assert work.percent == 25
    work.raise_floor(80)
    assert work.percent == 80
    part.finish()
    assert work.percent == 80
    work.part().finish()
    assert work.percent == 90


@pytest.mark.parametrize("count", [3, 8, 30, 200])
def test_one_after_the_other(count: int) -> None:
    """Of parts that nobody declared k fill √k / (1 + √k), so each moves the bar, and 200 of them never say 99 %."""
    work = Work()
    seen: list[float] = []
    for _ in range(count):
        work.part().finish()
        seen.append(work.value)
    assert seen == pytest.approx([100 * k**0.5 / (1 + k**0.5) for k in range(1, count + 1)])
    assert seen[0] == 50
    assert all(after - before > 0.01 for before, after in pairwise(seen))


@pytest.mark.parametrize("count", [2, 3, 20, 200])
def test_side_by_side(count: int) -> None:
    """Parts that begin side by side share evenly, without `expect`: half of them done is half of the work."""
    work = Work()
    parts = [work.part() for _ in range(count)]
    assert len({part.points for part in parts}) == 1
    for number, part in enumerate(reversed(parts), start=1):
        before = work.value
        part.finish()
        assert work.value == pytest.approx(100 * number / count, abs=2)
        assert work.value - before == pytest.approx(100 / count, rel=0.02)
    before = work.value
    work.part().finish()
    assert before < work.value < 100


def test_side_by_side_with_percents() -> None:
    """What parts side by side report moves the whole evenly, and one that fails leaves its room to the others."""
    work = Work()
    first, second = work.part(), work.part()
    for percent in range(10, 100, 10):
        first.raise_floor(percent)
        second.raise_floor(percent)
        assert work.value == pytest.approx(percent, abs=1)
    first.abandon()
    second.finish()
    assert work.value == pytest.approx(99, abs=0.5)


def test_a_few_at_a_time() -> None:
    """Parts of which only four are at work at a time are not taken for all there are, once the fifth begins."""
    work = Work()
    parts = [work.part() for _ in range(4)]
    seen: list[float] = []
    for at in range(30):
        parts[at].finish()
        parts.append(work.part())
        seen.append(work.value)
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(25, abs=1)
    assert 60 < seen[-1] < 95


def test_parts_one_after_the_other_that_are_left_open() -> None:
    """A part at 100 % that nobody has ended is not beside the next one."""
    work = Work()
    for percent in (50, 58.5786, 63.3975):
        work.part().raise_floor(100)
        assert work.value == pytest.approx(percent)


def test_what_begins_beside_a_loop() -> None:
    """A loop counts what its body begins in the stage around it; what counts itself shares, and so does the rest."""
    work = Work()
    loop = CountedWork(work.part(), 10, None)
    for number in range(1, 9):
        work.part().finish()
        loop.raise_floor(10 * number)
        assert work.value == pytest.approx(10 * number)
    other = work.part()
    assert not other.value
    loop.finish()
    other.finish()
    assert work.value == pytest.approx(90)


def test_a_part_that_starts_over() -> None:
    """A part takes back what it has filled, whatever began beside it since, and its room is kept for it."""
    work = Work()
    first = work.part()
    first.raise_floor(80)
    second = work.part()
    second.raise_floor(50)
    first.restart()
    assert work.value >= 0
    first.finish()
    second.finish()
    assert work.value == pytest.approx(100 * 2**0.5 / (1 + 2**0.5))


def test_the_output_of_the_only_part() -> None:
    """The output of the latest part fills all that is left; at its end it has half of it, or what it has shown."""
    for fraction, then in ((0.2, 50), (0.8, 80)):
        work = Work()
        part = work.part()
        for share in (fraction / 2, fraction):
            part.write_output(share)
            assert work.percent == pytest.approx(100 * share)
        assert part.percent == pytest.approx(100 * fraction)
        part.finish()
        assert work.percent == pytest.approx(then)
        work.part().finish()
        assert work.percent == pytest.approx(then + (100 - then) / 2)


def test_a_loop_that_is_all() -> None:
    """A loop of a known length fills all that is left; once another part begins, it gives back the rest."""
    work = Work()
    loop = CountedWork(work.part(), 10, None)
    for percent in (10, 50, 80):
        loop.raise_floor(percent)
        assert work.percent == pytest.approx(percent)
    other = work.part()
    assert other.span == pytest.approx(10)
    loop.finish()
    assert work.percent == pytest.approx(80)
    other.finish()
    assert work.percent == pytest.approx(90)


def test_loops_side_by_side() -> None:
    """Of two loops the first goes back to half of the whole as soon as the second begins; nothing is counted twice."""
    work = Work()
    loops = [CountedWork(work.part(), 10, None) for _ in range(2)]
    for percent in (50, 100):
        for loop in loops:
            loop.raise_floor(percent)
    assert work.percent == pytest.approx(100)
    assert loops[0].points == pytest.approx(50)


def test_a_loop_of_unknown_length_is_no_whole() -> None:
    """A loop whose length nobody knows leaves room for what comes after it, and so does one of an agent's tools."""
    work = Work()
    CountedWork(work.part(), None, None).finish()
    assert work.percent == pytest.approx(50)
    agent = Work()
    agent.reserve(0.5)
    CountedWork(agent.part(), 10, None).finish()
    assert agent.percent is not None
    assert agent.percent < 50


def test_a_part_that_begins_beside_an_output() -> None:
    """It takes nothing of what the output has shown, and both are complete at the end."""
    work = Work()
    writes = work.part()
    writes.write_output(0.7)
    other = work.part()
    assert work.percent == pytest.approx(70)
    assert other.span == pytest.approx(15)
    other.finish()
    writes.write_output(0.8)
    assert work.percent == pytest.approx(85)
    writes.finish()
    assert work.percent == pytest.approx(85)


@given(st.lists(st.tuples(st.sampled_from("pwf"), st.integers(0, 9), st.floats(0, 1)), max_size=30))
def test_outputs_take_nothing_back(steps: list[tuple[str, int, float]]) -> None:
    """However parts begin, write and end, a percent falls only where an output does."""
    work, parts, written = Work(), list[Work](), dict[int, float]()
    for what, at, share in steps:
        before = work.value
        if what == "p":
            parts.append(work.part())
        elif parts and what == "w":
            number = at % len(parts)
            written[number] = max(share, written.get(number, 0.0))
            parts[number].write_output(written[number])
        elif parts:
            parts[at % len(parts)].finish()
        assert before - 1e-9 <= work.value <= 100


def test_what_is_reserved_for_the_output() -> None:
    """However many tools an agent calls, each moves its percent, and half of it is left for the output."""
    work = Work()
    work.reserve(0.5)
    seen: list[float] = []
    for _ in range(20):
        work.part().finish()
        seen.append(work.percent or 0)
    assert seen[:3] == pytest.approx([50 / 3, 25, 30])
    assert all(after - before > 0.1 for before, after in pairwise(seen))
    assert seen[-1] < 50
    work.write_output(1)
    assert work.percent == pytest.approx(100)


def test_expect() -> None:
    """Parts that were declared share evenly what is above the floor, also when they run side by side."""
    work = Work()
    work.raise_floor(20)
    work.expect(4)
    parts = [work.part() for _ in range(4)]
    assert [part.span for part in parts] == [20, 20, 20, 20]
    for part in reversed(parts):
        part.raise_floor(50)
    assert work.percent == pytest.approx(60)
    for part in parts:
        part.finish()
    assert work.percent == pytest.approx(100)


def test_more_than_expected() -> None:
    """More parts than were declared still never pass 100."""
    work = Work()
    work.expect(2)
    for _ in range(4):
        work.part().finish()
    assert work.percent == 100


def test_weights() -> None:
    """A weight is a share of the whole, as far as there is any left."""
    work = Work()
    assert [work.part(weight).span for weight in (0.25, 0.5, 0.5, 0.5)] == [25, 50, 25, 0]


def test_output_fills_the_rest() -> None:
    """An output that is being written fills what no part has claimed; at a retry it may fall."""
    work = Work()
    work.part(0.6).finish()
    work.write_output(0.5)
    assert work.percent == pytest.approx(80)
    work.write_output(0)
    assert work.percent == pytest.approx(60)
    work.write_output(7)
    assert work.percent == pytest.approx(100)
    work.write_output(math.nan)
    assert work.percent == pytest.approx(60)


def test_part_after_output() -> None:
    """A part that begins when output was written already takes nothing of it back."""
    work = Work()
    work.write_output(0.8)
    part = work.part()
    assert work.percent == pytest.approx(80)
    assert part.span == pytest.approx(10)
    part.finish()
    work.write_output(0.5)
    assert work.percent == pytest.approx(95)


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("pfwxer"), st.floats(0, 100)), max_size=80))
def test_work_stays_in_range(steps: list[tuple[int, str, float]]) -> None:
    """However a tree of work is built and moved, each percent is within 0–100 and spans never sum to more."""
    tree: list[tuple[Work, list[Work]]] = [(Work(), [])]
    for at, what, amount in steps:
        work, parts = tree[at % len(tree)]
        if what == "p":
            part = work.part(None if amount < 50 else (amount - 50) / 50)
            parts.append(part)
            tree.append((part, []))
        elif what == "f":
            work.raise_floor(amount)
        elif what == "w":
            work.write_output(amount / 100)
        elif what == "x":
            work.finish(given=amount < 50)
        elif what == "r":
            work.reserve(amount / 100)
        else:
            work.expect(int(amount) % 5)
        for each, below in tree:
            assert 0 <= each.value <= 100
            assert 0 <= each.given <= 100
            assert 0 <= each.unclaimed <= 100
            assert sum(part.span for part in below) <= 100 + 1e-9


def test_a_second_loop() -> None:
    """A loop that is alone fills its run, and one that begins after it still moves the run."""
    work = Work()
    first = CountedWork(work.part(), 50, None)
    first.raise_floor(100 * 49 / 50)
    assert work.percent == pytest.approx(98)
    first.finish()
    assert work.percent == pytest.approx(98)
    second = CountedWork(work.part(), 10, None)
    seen = [work.value]
    for percent in (10, 50, 90):
        second.raise_floor(percent)
        seen.append(work.value)
    assert all(after > before for before, after in pairwise(seen))
    assert seen[-1] - seen[0] > 1.5


def test_a_loop_in_stages_that_hold_nothing_else() -> None:
    """A loop fills the stages around it, as deep as they are; what begins beside one of them takes its share."""
    run = Work()
    outer = run.part()
    inner = outer.part()
    loop = CountedWork(inner.part(), 50, None)
    loop.raise_floor(50)
    assert [each.percent for each in (inner, outer, run)] == pytest.approx([50, 50, 50])
    beside = run.part()
    assert run.percent == pytest.approx(50)
    loop.raise_floor(98)
    beside.finish()
    assert inner.percent == pytest.approx(98)
    assert run.percent == pytest.approx(75)


@given(
    st.lists(st.tuples(st.sampled_from("plwufxaa"), st.integers(0, 20), st.floats(0, 1)), max_size=60),
)
def test_loops_take_nothing_back(steps: list[tuple[str, int, float]]) -> None:
    """However stages, loops and outputs begin, move and end at any depth, the run never falls and stays in range."""
    run = Work()
    tree: list[Work] = [run]
    written: dict[int, float] = {}
    for what, at, share in steps:
        before, number = run.value, at % len(tree)
        work = tree[number]
        if what == "p" and not work.complete:
            tree.append(work.part())
        elif what == "l" and not work.complete:
            tree.append(CountedWork(work.part(), 10, None))
        elif what == "w" and number:
            written[number] = max(share, written.get(number, 0.0))
            work.write_output(written[number])
        elif what == "u" and number:
            work.raise_floor(100 * share)
        elif what == "f" and number:
            work.finish()
        elif what == "a" and number and not work.complete and not work.abandoned:
            work.abandon()
        assert before - 1e-9 <= run.value <= 100 + 1e-9


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("pfffwxar"), st.floats(0, 100)), max_size=60))
def test_reading_moves_nothing(steps: list[tuple[int, str, float]]) -> None:
    """A floor that is raised waits until somebody reads: a tree shows the same, however often it was read before."""
    trees = [[Work()], [Work()]]
    for at, what, amount in steps:
        for tree in trees:
            work = tree[at % len(tree)]
            if what == "p":
                tree.append(work.part(None if amount < 50 else (amount - 50) / 50))
            elif what == "f":
                work.raise_floor(amount)
            elif what == "w":
                work.write_output(amount / 100)
            elif what == "x":
                work.finish()
            elif what == "a":
                work.abandon()
            else:
                work.restart()
        assert all(each.percent is None or each.percent >= 0 for each in trees[0])
    assert [each.value for each in trees[1]] == pytest.approx([each.value for each in trees[0]])


def test_a_raised_floor_touches_nothing_else() -> None:
    """Raising a floor far below costs the same as at the top: nothing above moves until somebody reads."""
    top = work = Work()
    for _ in range(60):
        work = work.part(1.0)
    for percent in range(1, 51):
        work.raise_floor(percent)
    assert top._value == 0.0
    assert top.is_late
    assert top.value == pytest.approx(50)
    assert not top.is_late
