"""Names that the face does not have: the error says where they are, or what is like them."""

from typing import cast

import pytest

import progressnb as pnb
from progressnb.batching import Batch
from progressnb.execution.base import BaseRun
from progressnb.web.client.remote import RemoteRun


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Stop", "pnb.BatchStopped"),
        ("last", "pnb.last_run"),
        ("streams", "pnb.stream"),
        ("tracked", "pnb.track"),
        ("histories", "pnb.History"),
        ("RunCancelled", "it is in pnb.errors"),
    ],
)
def test_a_name_that_is_none_has_near_ones(name: str, near: str) -> None:
    """IPython suggests nothing, so the error does."""
    with pytest.raises(AttributeError, match=f"has no attribute '{name}'.*{near}"):
        getattr(pnb, name)


@pytest.mark.parametrize("name", ["Agent", "xyz", "_ipython_display_", "__wrapped__", "_repr_html_"])
def test_nothing_is_guessed_for_the_rest(name: str) -> None:
    """A name that is like none, and one that tools ask every module for, gets no guess."""
    with pytest.raises(AttributeError, match=r"has no attribute '\w+'$"):
        getattr(pnb, name)


@pytest.mark.parametrize(
    ("kind", "name", "near"),
    [
        (pnb.Run, "percent", ".state.overall_progress"),
        (pnb.Run, "stop", ".cancel()"),
        (pnb.Run, "df", ".timings()"),
        (pnb.Run, "timing", ".timings"),
        (pnb.Run, "error", ".exception"),
        (Batch, "df", ".frame()"),
        (Batch, "errors", ".failures"),
        (Batch, "frames", ".frame"),
        (RemoteRun, "kill", ".cancel()"),
    ],
)
def test_a_run_says_what_stands_for_a_name_that_it_lacks(kind: type[BaseRun[object]], name: str, near: str) -> None:
    """Names of other libraries, and typing errors, lead to the run's own name, which is there."""
    run = kind.__new__(kind)
    with pytest.raises(AttributeError) as caught:
        getattr(run, name)
    assert str(caught.value).endswith(near) or f"{near}?" in str(caught.value)
    first, *rest = near.removesuffix("()").strip(".").split(".")
    assert rest or hasattr(kind, first)


@pytest.mark.parametrize("name", ["_repr_html_", "__wrapped__", "xyz"])
def test_a_run_guesses_nothing_for_the_rest(name: str) -> None:
    """A name that is like none, and one that tools ask every object for, gets no guess."""
    with pytest.raises(AttributeError, match=r"has no attribute '\w+'$"):
        getattr(object.__new__(cast("type[object]", pnb.Run)), name)
