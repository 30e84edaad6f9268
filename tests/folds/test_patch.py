"""Patches: they turn any tree into any other, leave the old one alone, and are small for small changes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.patch import apply, diff

texts = st.text("ab$\u202e", max_size=3)
leaves = st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from([0.0, 1.0, 0.5]) | texts
trees: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["key", "a", "b", "__proto__"]), inner, max_size=3)
        | st.lists(st.fixed_dictionaries({"key": st.sampled_from("pqrst"), "v": inner}), max_size=5)
        | st.lists(texts, min_size=1, max_size=4).map(lambda parts: ["p", *parts])
    ),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Tell whether two trees are the same JSON, types of numbers and order of keys aside."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(trees, trees)
def test_a_patch_turns_one_tree_into_the_other(old: Any, new: Any) -> None:
    """`apply(old, diff(old, new))` is the new tree, also after the patch was JSON; the old one stays as it was."""
    before = copy.deepcopy(old)
    ops = json.loads(json.dumps(diff(old, new)))
    assert same(apply(old, ops), new)
    assert same(old, before)
    assert diff(new, copy.deepcopy(new)) == []


def test_a_token_is_an_append() -> None:
    """Text that grows at its end travels as what was added."""
    old = {"answer": {"blocks": [{"key": "m0", "nodes": [["p", "High "]]}, {"key": "m1", "nodes": [["p", "wat"]]}]}}
    new = {"answer": {"blocks": [{"key": "m0", "nodes": [["p", "High "]]}, {"key": "m1", "nodes": [["p", "water"]]}]}}
    assert diff(old, new) == [["+", ["answer", "blocks", 1, "nodes", 0, 1], "er"]]


def test_items_are_found_by_their_key() -> None:
    """Items that come, go and change beside others touch these alone."""
    old = [{"key": each, "v": "x" * 50} for each in "abcdef"]
    new = [{"key": each, "v": "x" * 50} for each in "zacdgf"]
    new[2] = {"key": "c", "v": "changed"}
    assert diff(old, new) == [
        ["~", [], 4, 1, []],
        ["~", [], 1, 1, []],
        ["~", [], 0, 0, [new[0]]],
        ["~", [], 4, 0, [new[4]]],
        ["=", [2, "v"], "changed"],
    ]


def test_a_new_item_in_a_list_of_nodes_is_one_splice() -> None:
    """A row that is added to a table of Markdown, and a word that becomes bold, leave the rest alone."""
    rows = [["tr", ["td", "x" * 40]] for _ in range(20)]
    assert diff(["tbody", *rows], ["tbody", *rows, ["tr", ["td", "y"]]]) == [["~", [], 21, 0, [["tr", ["td", "y"]]]]]
    ops = diff(["p", "a **bol"], ["p", "a ", ["strong", "bold"]])
    assert ops == [["=", [1], "a "], ["~", [], 2, 0, [["strong", "bold"]]]]


def test_a_patch_is_never_much_longer_than_the_tree() -> None:
    """Where everything differs the patch is the tree."""
    old = {str(number): number for number in range(50)}
    new = {str(number): -number - 1 for number in range(50)}
    assert diff(old, new) == [["=", [], new]]


@pytest.mark.parametrize(
    "op",
    [
        ["?", []],
        ["-", ["b"]],
        ["-", [0]],
        ["+", ["n"], "x"],
        ["+", ["missing"], "x"],
        ["=", ["list", 9], 1],
        ["=", ["list", "a"], 1],
        ["~", ["list"], 1, 9, []],
        ["~", ["a"], 0, 0, []],
        ["=", ["a", "b"], 1],
        ["=", [0], 1],
        ["="],
        [],
    ],
)
def test_an_operation_that_does_not_fit_is_refused(op: list[Any]) -> None:
    """What was made of another tree changes nothing and raises."""
    tree = {"a": "text", "n": 1, "list": [1, 2]}
    with pytest.raises(ValueError, match="does not fit the tree"):
        apply(tree, [op])
    assert tree == {"a": "text", "n": 1, "list": [1, 2]}
