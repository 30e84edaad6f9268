"""Imports without the garbage collector."""

import gc
import weakref
from collections.abc import Generator

import pytest

from progressnb.imports import undisturbed


@pytest.fixture(autouse=True)
def _as_in_a_program() -> Generator[None]:
    """Undo what `conftest` does for speed, for as long as the test lasts."""
    was = gc.isenabled()
    gc.unfreeze()
    gc.enable()
    yield
    gc.freeze()
    (gc.enable if was else gc.disable)()


def collections() -> int:
    """Return how many collections there were."""
    return sum(generation["collections"] for generation in gc.get_stats())


class Ring:
    """An object that is garbage only to a collector."""

    next: object = None


def young(count: int) -> list[list[int]]:
    """Make objects that the collector follows, enough for many collections."""
    return [[number] for number in range(count)]


def test_nothing_is_collected_in_the_block_and_what_it_made_is_old() -> None:
    """A block collects nothing; after it the collector works, and its first collection does not look at the block."""
    with undisturbed():
        before = collections()
        kept = young(100_000)
        assert collections() == before
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert not {id(each) for each in gc.get_objects(generation=0)} & {id(each) for each in kept}


def test_garbage_of_the_block_is_found_later() -> None:
    """What the block leaves as garbage goes with the next full collection."""
    with undisturbed():
        ring = Ring()
        ring.next = ring
        gone = weakref.ref(ring)
        del ring
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_a_collector_that_was_stopped_stays_stopped() -> None:
    """Neither a program that collects by itself nor a block around this one is given a collector at its end."""
    gc.disable()
    with undisturbed():
        pass
    assert not gc.isenabled()
    gc.enable()
    with undisturbed():
        with undisturbed():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_frozen_stays_frozen() -> None:
    """A server that froze its memory before it forks keeps it so."""
    kept = young(10)
    gc.freeze()
    with undisturbed():
        young(10)
    assert not {id(each) for each in gc.get_objects()} & {id(each) for each in kept}  # it lists what is not frozen


def test_an_error_of_an_import_gives_the_collector_back() -> None:
    """An import that fails leaves the collector at work."""
    with pytest.raises(ImportError), undisturbed():
        raise ImportError
    assert gc.isenabled()
