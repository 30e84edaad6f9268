"""Names that the face does not have: the error says where they are, or what is like them."""

import pytest

import progressnb as pnb


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
