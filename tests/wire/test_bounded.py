"""Bounded data: any value as plain JSON of so many characters, with its shape, and without secrets."""

import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_core import to_json

from progressnb.wire.bounded import CALL_LIMIT, bounded
from progressnb.wire.plain import jsonable

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=40,
)


@given(VALUES, st.integers(5, 400))
def test_never_longer(value: Any, limit: int) -> None:
    """Whatever the value, the JSON has at most `limit` characters and can be read."""
    text = to_json(bounded(value, limit)).decode()
    assert len(text) <= limit
    json.loads(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_short_values_stay(value: Any) -> None:
    """A value that fits is what `jsonable` makes of it."""
    if len(to_json(jsonable(value))) < CALL_LIMIT / 2:
        assert bounded(value) == jsonable(value)


def test_shape() -> None:
    """A mapping keeps its keys, a list its first items, a text its start; signs stand for the rest."""
    data = bounded({"text": "x" * 5_000, "numbers": list(range(1_000)), "n": 3})
    assert data["text"].startswith("xxx")
    assert data["text"].endswith("x…")
    assert data["numbers"][:3] == [0, 1, 2]
    assert data["numbers"][-1] == "…"
    assert data["n"] == 3
    assert len(bounded("x" * 5_000)) > CALL_LIMIT - 10
    assert bounded(dict.fromkeys(range(1000), "y" * 30))["…"] == "…"


def test_as_much_as_fits() -> None:
    """A long text takes most of the room that it has."""
    assert len(to_json(bounded("é" * 9_000)).decode()) == CALL_LIMIT
    assert len(to_json(bounded({"text": "\n" * 9_000}))) > CALL_LIMIT / 2


def test_the_work_is_bounded() -> None:
    """Only the beginning of a large value is looked at, and iterators are not read."""
    read: list[int] = []

    class Item:
        def __repr__(self) -> str:
            read.append(1)
            return "item" * 10

    many = [Item()] * 1_000_000
    data = bounded([many, many])
    assert len(to_json(data)) <= CALL_LIMIT
    assert len(read) < 10_000
    endless = itertools.count()
    assert bounded({"numbers": endless})["numbers"]["type"] == "itertools.count"
    assert next(endless) == 0


def test_deep_and_circular_values() -> None:
    """Values of any depth end, also those that contain themselves."""
    circle: list[Any] = []
    circle.append(circle)
    deep: Any = "end"
    for _ in range(5_000):
        deep = [deep]
    assert "…" in str(bounded(circle))
    assert "…" in str(bounded(deep))


def test_models() -> None:
    """Pydantic models become their fields, which are bounded as any other."""

    class Page(BaseModel):
        title: str
        text: str

    assert bounded(Page(title="Tides", text="x" * 9_000))["title"] == "Tides"


def test_secrets() -> None:
    """Texts under secret names are left out at any depth; numbers, and names that only look similar, are not."""
    given_arguments = {
        "api_key": "sk-1",
        "headers": {"Authorization": "Bearer x", "Accept": "text"},
        "max_tokens": 3,
        "token": 5,
    }
    assert bounded(given_arguments, secrets=False) == {
        "api_key": "…",
        "headers": {"Authorization": "…", "Accept": "text"},
        "max_tokens": 3,
        "token": 5,
    }
    assert bounded(given_arguments) == given_arguments
