"""Python's private parser of regular expressions: what `spec/automata.py` uses of it."""

import importlib
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from progressnb.operations.testcases.spec import automata
from progressnb.operations.testcases.spec.automata import graph_of
from progressnb.operations.testcases.spec.character_sets import UnsafePatternError
from progressnb.operations.testcases.spec.patterns import Matcher, is_safe_for_names, is_safe_pattern

CHANGED = (
    "re._parser of this Python gives another tree than spec/automata.py reads. Adapt it: until then patterns of "
    "specifications may be refused that are safe."
)

TREES: dict[str, list[Any]] = {
    "ab": [("LITERAL", 97), ("LITERAL", 98)],
    "[^c].": [("NOT_LITERAL", 99), ("ANY", None)],
    r"^\Aa\b$": [
        ("AT", "AT_BEGINNING"),
        ("AT", "AT_BEGINNING_STRING"),
        ("LITERAL", 97),
        ("AT", "AT_BOUNDARY"),
        ("AT", "AT_END"),
    ],
    r"[^b-d\d_]": [
        ("IN", [("NEGATE", None), ("RANGE", (98, 100)), ("CATEGORY", "CATEGORY_DIGIT"), ("LITERAL", 95)]),
    ],
    r"\w\S": [("IN", [("CATEGORY", "CATEGORY_WORD")]), ("IN", [("CATEGORY", "CATEGORY_NOT_SPACE")])],
    "(a)": [("SUBPATTERN", (1, 0, 0, [("LITERAL", 97)]))],
    "(?i:a)": [("SUBPATTERN", (None, 2, 0, [("LITERAL", 97)]))],
    "x|yz": [("BRANCH", (None, [[("LITERAL", 120)], [("LITERAL", 121), ("LITERAL", 122)]]))],
    "a{2,3}b*?": [("MAX_REPEAT", (2, 3, [("LITERAL", 97)])), ("MIN_REPEAT", (0, "MAXREPEAT", [("LITERAL", 98)]))],
    "(?=a)(?<!b)": [("ASSERT", (1, [("LITERAL", 97)])), ("ASSERT_NOT", (-1, [("LITERAL", 98)]))],
}


def plain(node: Any) -> Any:
    """Return a tree of the parser as plain data, constants by name."""
    if isinstance(node, tuple):
        return tuple(plain(each) for each in node)
    if isinstance(node, list) or type(node).__name__ == "SubPattern":
        return [plain(each) for each in node]
    return node if type(node) in (int, type(None)) else str(node)


@pytest.mark.parametrize("pattern", TREES)
def test_the_tree_of_a_pattern(pattern: str) -> None:
    """Each kind of node that is read has the form that it is read in."""
    tree = importlib.import_module("re._parser").parse(pattern)
    assert plain(tree) == TREES[pattern], CHANGED


@pytest.mark.parametrize(("pattern", "flags"), [("a", re.UNICODE), ("(?i)a", re.UNICODE | re.IGNORECASE)])
def test_the_flags_of_a_pattern(pattern: str, flags: re.RegexFlag) -> None:
    """The tree says which flags the pattern itself sets."""
    assert importlib.import_module("re._parser").parse(pattern).state.flags == int(flags), CHANGED


def test_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python has no such parser, every pattern is refused, and none is matched."""
    monkeypatch.setitem(sys.modules, "re._parser", None)
    with pytest.raises(UnsafePatternError, match="the parser of this Python: ModuleNotFoundError"):
        graph_of("^no-parser$")
    assert not is_safe_pattern("^no-parser$")
    assert not is_safe_for_names("^no-parser$")
    assert not Matcher().fits("^no-parser$", "no-parser")


class Tree(list[Any]):
    """A tree as the parser gives it."""

    state = SimpleNamespace(flags=int(re.UNICODE))


@pytest.mark.parametrize(
    "tree",
    [
        [("LITERAL", 97)],
        Tree([("LITERAL",)]),
        Tree([("LITERAL", None)]),
        Tree([("A_NEW_KIND", 97)]),
        Tree([("IN", [("A_NEW_KIND", 97)])]),
        Tree([("IN", [])]),
        Tree([("IN", [("CATEGORY", "CATEGORY_NEW")])]),
        Tree([("SUBPATTERN", (1, 0, 0))]),
        Tree([("MAX_REPEAT", (0, 1))]),
        Tree([("BRANCH", ())]),
        None,
    ],
)
def test_another_parser(tree: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of another form is refused as unsafe: it is no other error, and no pattern is matched by mistake."""
    monkeypatch.setattr(automata, "tree_of", lambda _: tree)
    with pytest.raises(UnsafePatternError):
        graph_of("a")
