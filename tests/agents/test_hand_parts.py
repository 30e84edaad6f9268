"""The complete part of JSON that is cut: whatever the place, only values that were closed, and all of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.agents.hand_parts import complete_json

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("", None),
        ("{", None),
        ('{"a": ', None),
        ('{"a": "b', None),
        ('{"a": 12', None),
        ('{"a": 12,', {"a": 12}),
        ('{"a": "b"', {"a": "b"}),
        ('{"a": "b", "c', {"a": "b"}),
        ('{"a": "b", "c": [', {"a": "b"}),
        ('{"a": [1, 2', {"a": [1]}),
        ('{"a": [{"b": 1}, {"b": 2, "c"', {"a": [{"b": 1}]}),
        ('{"a": [[1, 2], [3', {"a": [[1, 2]]}),
        ('{"a": {"b": 1, "c": "d', {"a": {"b": 1}}),
        ('{"a": {"b": "c', None),
        ("[1, 2, 3", [1, 2]),
        ("[{", None),
        ('```json\n{"a": true, "b"', {"a": True}),
        ('{"a": 1, "b": ?', {"a": 1}),
        ('{"a": 1}', {"a": 1}),
        ("{}", {}),
    ],
)
def test_what_is_complete(text: str, complete: object) -> None:
    """Open strings and numbers, and open items of lists, are left out; open fields keep what is complete in them."""
    result = complete_json(text)
    assert (None if result is None else json.loads(result)) == complete


def test_an_open_text_may_be_kept() -> None:
    """Of an output that is a text, wrapped, all that was written counts."""
    assert complete_json('{"response": "half a', keeps_text=True) == '{"response":"half a"}'
    assert complete_json('{"response": [1, 2', keeps_text=True) == '{"response":[1]}'


def is_part(part: Any, whole: Any) -> bool:
    """Return whether data is what is complete of other data: items are whole, the last fields may lack some."""
    if part == whole:
        return True
    if isinstance(part, list) and isinstance(whole, list):
        return part == whole[: len(part)]
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(part[key], whole[key]) for key in part)
    return False


@given(st.lists(plain, min_size=1) | st.dictionaries(st.text(max_size=3), plain, min_size=1), st.data())
def test_every_cut(value: Any, data: st.DataObject) -> None:
    """Wherever JSON is cut, what is complete is part of the whole, and the whole text gives the whole."""
    text = json.dumps(value)
    result = complete_json(text[: data.draw(st.integers(0, len(text)))])
    assert result is None or is_part(json.loads(result), value)
    whole = complete_json(text)
    assert whole is not None
    assert json.loads(whole) == value
