"""Paths into the data of a resume."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from progressnb.operations.resume.documents.paths import (
    entry_path,
    leaves,
    section_of,
    set_value,
    text_at,
    value_at,
)

DATA: dict[str, JsonValue] = {"work": [{"name": "Hooli", "highlights": ["One", "Two"]}], "basics": {"name": "Ada"}}
KEYS = st.text(alphabet="abcdefg", min_size=1, max_size=4)
VALUES = st.recursive(
    st.text(min_size=1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_each_leaf_is_at_its_path(data: dict[str, JsonValue]) -> None:
    """The path of every leaf leads to its text, and a text that is set there is found there."""
    for leaf in list(leaves(data)):
        assert value_at(data, leaf.path) == leaf.text
        set_value(data, leaf.path, "new")
        assert value_at(data, leaf.path) == "new"


@given(st.text(max_size=40) | st.text(alphabet="work[]0129.²٣", max_size=30))
def test_any_path_is_harmless(path: str) -> None:
    """A path that a model invents raises nothing, neither when it is read nor when it is set in a copy."""
    value_at(DATA, path)
    text_at(DATA, path)
    set_value({"work": [{"name": "Hooli"}]}, path, "x")


@pytest.mark.parametrize("index", ["²", "9" * 5000, "-1", "2"])
def test_a_bad_index_leads_nowhere(index: str) -> None:
    """An index that is no number of an item gives None and sets nothing."""
    data: dict[str, JsonValue] = {"work": ["a", "b"]}
    assert value_at(data, f"work[{index}]") is None
    set_value(data, f"work[{index}]", "x")
    assert data == {"work": ["a", "b"]}


def test_parts_of_a_path() -> None:
    """A path names its section, and its entry if it lies in one."""
    assert section_of("work[0].highlights[1]") == "work"
    assert entry_path("work[0].highlights[1]") == "work[0]"
    assert entry_path("basics.name") is None
    assert text_at(DATA, "work[0]") == "Hooli · One · Two"
