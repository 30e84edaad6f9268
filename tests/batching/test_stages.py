"""The results of stages of items on a cluster, which go to the attempts behind."""

from dataclasses import replace

from progressnb.batching import stages
from progressnb.batching.stages import FinishedStages
from progressnb.history.results import KeptResult

RESULT = KeptResult("load", "code", "[7]", {}, 1.0, None, None, b"70")


def of_attempt(number: int, *names: str) -> list[KeptResult]:
    """Return results of stages of one attempt."""
    return [replace(RESULT, stage=name, generation=number) for name in names]


def test_what_came_before_an_end_is_told_once() -> None:
    """All results of an attempt that has ended take the place of those that came while it was at work."""
    kept = FinishedStages()
    kept.add(0, of_attempt(1, "load"))
    kept.end(0, of_attempt(1, "load", "read"))
    assert [each.stage for each in kept.of(0)] == ["load", "read"]


def test_later_attempts_come_first() -> None:
    """The results of several attempts stay, those of the latest first; of an item that has ended none."""
    kept = FinishedStages()
    kept.end(0, of_attempt(1, "load", "read"))
    kept.end(0, of_attempt(2, "load"))
    assert [(each.generation, each.stage) for each in kept.of(0)] == [(2, "load"), (1, "load"), (1, "read")]
    kept.forget(0)
    assert kept.of(0) == ()


def test_memory_is_bounded() -> None:
    """Of items that failed for good no more are kept than a few hundred, the latest."""
    kept = FinishedStages()
    for index in range(stages.ITEMS + 10):
        kept.end(index, of_attempt(index, "load"))
    assert kept.of(9) == ()
    assert len(kept.of(10)) == 1
