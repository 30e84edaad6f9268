"""Views as plain data: which blocks there are, how much of them is kept, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.wire.blocks import VIEW_LIMIT, checked_view
from progressnb.wire.codec import decode, encode
from progressnb.wire.events import DoneEvent

TONES = st.sampled_from([None, "good", "bad", "warning"])
TEXT = st.text(max_size=30)


def simple() -> st.SearchStrategy[dict[str, Any]]:
    """Return blocks that hold no others."""
    item = TEXT | st.fixed_dictionaries({"text": TEXT}, optional={"label": TEXT})
    cell = st.none() | st.booleans() | st.integers(-9, 9) | TEXT
    return st.one_of(
        st.fixed_dictionaries({"type": st.just("headline"), "text": TEXT}, optional={"verdict": TEXT, "tone": TONES}),
        st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}, optional={"tone": TONES}),
        st.fixed_dictionaries({"type": st.just("markdown"), "text": TEXT}),
        st.fixed_dictionaries(
            {"type": st.just("list"), "items": st.lists(item, max_size=4)}, optional={"bullets": st.booleans()}
        ),
        st.fixed_dictionaries({"type": st.just("comparison"), "before": TEXT, "after": TEXT}, optional={"title": TEXT}),
        st.fixed_dictionaries(
            {
                "type": st.just("table"),
                "columns": st.lists(TEXT, max_size=3),
                "rows": st.lists(st.lists(cell, max_size=3), max_size=3),
            }
        ),
    )


def views() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return views of any blocks, also nested ones."""
    block = st.recursive(
        simple(),
        lambda inner: st.fixed_dictionaries(
            {"type": st.just("section"), "title": TEXT, "blocks": st.lists(inner, max_size=3)}
        ),
        max_leaves=8,
    )
    return st.lists(block, max_size=5)


@given(views())
def test_a_checked_view_stays_as_it_is(view: list[dict[str, Any]]) -> None:
    """A view that was checked where it was made is the same after the wire and a second check."""
    checked = checked_view(view)
    assert checked_view(json.loads(json.dumps(checked))) == checked
    assert [block["type"] for block in checked] == [block["type"] for block in view]


@given(views(), st.integers(1, 6))
def test_a_view_is_bounded(view: list[dict[str, Any]], repeats: int) -> None:
    """However much a view holds, little more than `VIEW_LIMIT` characters are kept, from its start."""
    long = [{"type": "text", "text": "x" * 9_000}, *view] * repeats
    checked = checked_view(long)

    def characters(value: Any) -> int:
        if isinstance(value, dict):
            return sum(characters(each) for name, each in value.items() if name not in ("type", "tone"))
        return sum(map(characters, value)) if isinstance(value, list) else len(str(value))

    assert characters(checked) < VIEW_LIMIT + 200
    assert checked_view(checked) == checked
    if repeats == 6:
        assert len(checked) < len(long)


def test_a_deep_view_can_be_read_again() -> None:
    """Sections in sections are cut off before they are deeper than a reader of JSON goes."""
    view: list[dict[str, Any]] = [{"type": "text", "text": "the end"}]
    for _ in range(60):
        view = [{"type": "section", "title": "s", "blocks": view}]
    head: dict[str, Any] = {
        "run_id": "r",
        "seq": 0,
        "timestamp": "2026-01-01T00:00:00Z",
        "elapsed": 0,
        "operation": "o",
    }
    done = DoneEvent(view=checked_view(view), duration=0, **head)
    assert decode(encode(done)) == done


@pytest.mark.parametrize(
    "view",
    [
        "a text",
        {"type": "text", "text": "no list"},
        [{"type": "html", "text": "<b>"}],
        [{"type": "text"}],
        [{"type": "text", "text": 3}],
        [{"type": "text", "text": "a", "tone": "<i>"}],
        [{"type": "section", "title": "a", "blocks": [{"type": "?"}]}],
        [None],
    ],
)
def test_what_is_no_view(view: object) -> None:
    """What is no list of known blocks is a `ValueError`."""
    with pytest.raises(ValueError, match="valid"):
        checked_view(view)
