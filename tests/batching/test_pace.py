"""The pace before a provider that refuses: few refusals, and nearly as many items a second as it takes."""

from collections.abc import Callable
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

import progressnb as pnb
from progressnb.batching import gate as gates
from progressnb.batching.gate import Gate, Refusal
from progressnb.batching.pace import SPAN, Pace, Probe
from progressnb.testing import ManualClock
from progressnb.tracking.clock import sleep
from progressnb.tracking.tracker import ProgressTracker
from tests.batching.helpers import pass_time
from tests.batching.providers import AtOnce, Bucket, Duration, Provider, Simulation, Sliding, Windows

SEEDS = range(9)
PROVIDERS: dict[str, Callable[[int, int], Provider]] = {
    "any second": lambda rate, _: Sliding(rate),
    "seconds of its clock": lambda rate, seed: Windows(rate, Random(seed).random()),  # noqa: S311 - no secret
    "a bucket": lambda rate, _: Bucket(rate, rate),
}
DURATIONS: dict[str, Duration] = {
    "0.1 s": lambda _: 0.1,
    "0.15–0.35 s": lambda random: random.uniform(0.15, 0.35),
    "0.25 s, a long tail": lambda random: random.lognormvariate(-1.4, 0.5),
}


@pytest.mark.parametrize("tells", [False, True])
@pytest.mark.parametrize("duration", DURATIONS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_few_are_refused_and_little_time_is_lost(provider: str, duration: str, tells: bool) -> None:
    """Of 200 items at 40 a second and a limit of 50 at most 25 are refused, in 5.5 s, at each kind of provider."""
    done = [
        Simulation(PROVIDERS[provider](40, seed), DURATIONS[duration], tells=tells, seed=seed).run() for seed in SEEDS
    ]
    assert median(each.refused for each in done) <= 25
    assert median(each.seconds for each in done) <= 5.5
    assert max(max(each.refusals.values()) for each in done) <= 4  # an item fails after ten
    assert max(each.most_at_work for each in done) <= 50


class Unpaced(Pace):
    """No pace: the limit of items at work is all that a gate has."""

    def has_room(self, now: float) -> bool:  # noqa: ARG002 - whenever it is
        """Let any number begin."""
        return True

    def is_probe(self, began: float, now: float) -> bool:  # noqa: ARG002 - none is
        """Say that none was a probe."""
        return False


@pytest.mark.parametrize("provider", ["any second", "seconds of its clock"])
def test_a_limit_alone_is_refused_twice_as_often(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where requests a second are bounded, halving and growing a limit alone costs twice the refusals, and time."""

    def done() -> list[Simulation]:
        return [
            Simulation(PROVIDERS[provider](40, seed), DURATIONS["0.15–0.35 s"], seed=seed).run() for seed in range(50)
        ]

    ours = done()
    monkeypatch.setattr(gates, "Pace", Unpaced)
    alone = done()
    assert 2 * median(each.refused for each in ours) <= median(each.refused for each in alone)
    assert median(each.seconds for each in ours) <= median(each.seconds for each in alone)
    assert max(each.refused for each in ours) <= 50  # all that begin at once before the first refusal is back


@pytest.mark.parametrize(
    ("duration", "seconds"), [(lambda _: 1.0, 6), (lambda random: random.uniform(0.5, 2), 8.5), (lambda _: 2.0, 10.5)]
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_long_items_get_their_places_back(provider: str, duration: Duration, seconds: float) -> None:
    """The limit comes back to what the provider had taken at once: long items don't wait for it one by one.

    At best, 50 at once and 40 a second, they take 5, 6.3 and 8.1 s.
    """
    done = [Simulation(PROVIDERS[provider](40, seed), duration, seed=seed).run() for seed in SEEDS[:5]]
    assert median(each.seconds for each in done) <= seconds
    assert max(each.refused for each in done) <= 20


@pytest.mark.parametrize("most", [20, 40])
@pytest.mark.parametrize("seconds", [0.1, 0.5, 2.0])
def test_a_provider_that_gives_so_many_answers_at_once(most: int, seconds: float) -> None:
    """Where answers at once are bounded, nearly as many are at work, and refusals stay few."""
    for seed in SEEDS[:5]:
        done = Simulation(AtOnce(most), lambda random: seconds * random.uniform(0.6, 1.4), seed=seed).run()
        assert done.seconds <= 1.3 * done.items * seconds / most + 5.5  # pauses
        assert done.refused <= 45
        assert max(done.refusals.values()) <= 6  # an item fails after ten


@pytest.mark.parametrize(
    ("rate", "limit", "items", "seconds"),
    [(10, 20, 100, 0.5), (100, 100, 500, 0.5), (2, 10, 40, 2.0), (5, 10, 60, 1.0)],
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_providers_of_other_speeds(provider: str, rate: int, limit: int, items: int, seconds: float) -> None:
    """Whatever a provider allows, the items take not much longer than it makes them take."""
    for seed in SEEDS:
        simulation = Simulation(
            PROVIDERS[provider](rate, seed),
            lambda random: seconds * random.uniform(0.6, 1.4),
            items=items,
            limit=limit,
            seed=seed,
        )
        assert simulation.run().seconds <= 1.5 * items / rate + 2 * seconds


@pytest.mark.parametrize("tells", [False, True])
async def test_a_batch_before_a_provider(clock: ManualClock, tells: bool) -> None:
    """The batch itself waits for its gate as the simulation does: few are refused, and no item fails of it."""
    provider, refused = Sliding(40), list[int]()

    @pnb.operation(clock=clock)
    async def ask(_tracker: ProgressTracker, number: int) -> int:
        await sleep(clock, 0.05)
        if (pause := provider.ask(clock.monotonic())) is not None:
            refused.append(number)
            error = OSError("too many requests")
            error.status_code = 429  # type: ignore[attr-defined]
            error.retry_after = pause if tells else None  # type: ignore[attr-defined]
            raise error
        await sleep(clock, 0.2)
        return number

    batch = pnb.batch(ask, range(200), limit=50, clock=clock)
    await pass_time(batch, clock)
    assert await batch == list(range(200))
    assert len(refused) <= 25
    assert batch.elapsed <= 6.5  # time passes in steps of 0.05 s here


@pytest.mark.parametrize("burst", [8, 20])
def test_a_small_bucket(burst: int) -> None:
    """A provider that takes few at once and many a second is asked faster and faster, until it refuses again."""
    done = [Simulation(Bucket(40, burst), DURATIONS["0.15–0.35 s"], seed=seed).run() for seed in SEEDS]
    assert median(each.seconds for each in done) <= 6.5
    assert max(each.refused for each in done) <= 50


def test_no_more_in_a_second_than_were_accepted() -> None:
    """After a refusal no more begin in a second than were accepted in the one before, but for probes."""
    pace = Pace()
    began = [pace.enter(1.0) for _ in range(50)]
    for each in began[:10]:
        assert not pace.is_probe(each, 1.1)
    pace.learn(1.1, 1.6)
    assert pace.most == 40
    assert not pace.has_room(1.5)
    assert pace.opens(1.5) == 1.6
    assert isinstance(pace.enter(1.6), Probe)
    assert not pace.has_room(1.65)
    assert pace.is_probe(Probe(1.6), 1.65)
    assert pace.opens(1.7) == 1.0 + SPAN
    assert [type(pace.enter(1.0 + SPAN)) for _ in range(40)] == [float] * 40


def test_a_refused_probe_halves_nothing(clock: ManualClock) -> None:
    """A probe beyond what was accepted says nothing of the limit, and pauses all where the provider asks for it."""
    gate = Gate(clock)
    began = [gate.enter() for _ in range(20)]
    gate.refuse(Refusal(None), began[0], 20)
    assert gate.limit == 10
    for _ in range(15):
        gate.leave()
    clock.advance(0.5)
    probe = gate.enter()
    assert isinstance(probe, Probe)
    gate.refuse(Refusal(3.0), probe, 20)
    assert gate.limit == 10
    assert gate.opens == clock.monotonic() + 3.0


async def test_it_wakes_nobody_where_it_is_open(clock: ManualClock) -> None:
    """A gate that is open names no time at which it opens: whoever waits for it would look again without end."""
    gate = Gate(clock)
    gate.enter()
    clock.advance(1)
    assert gate.opens <= clock.monotonic() - 1


@given(st.lists(st.tuples(st.sampled_from(["enter", "refuse", "time"]), st.floats(0, 3)), max_size=80))
def test_it_always_opens_again(acts: list[tuple[str, float]]) -> None:
    """Whatever happens, one more may begin within two seconds, and when `opens` says so."""
    pace, began, now = Pace(), list[float](), 0.0
    for act, seconds in acts:
        if act == "enter" and pace.has_room(now):
            began.append(pace.enter(now))
        elif act == "refuse" and began:
            if not pace.is_probe(began.pop(), now):
                pace.learn(now, now)
        else:
            now += seconds
        opens = max(now, pace.opens(now))
        assert opens <= now + 2
        assert pace.has_room(opens + 1e-9)
        assert pace.most is None or pace.most >= 1
