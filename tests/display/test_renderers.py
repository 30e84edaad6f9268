"""Results as HTML: every block of a view, escaped, and the outline where there is no view."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from progressnb.display.outline import Line, head, outline, tail
from progressnb.display.parts import output_html
from progressnb.display.renderers import result_html

if TYPE_CHECKING:
    import pytest

HOSTILE = "<img src=x onerror=alert(1)> & \"'\ud800"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def test_every_block_is_drawn_and_escaped() -> None:
    """Each kind of block shows its texts, and none of them becomes markup."""
    view = [
        {"type": "headline", "text": HOSTILE, "verdict": HOSTILE, "tone": "good"},
        {"type": "text", "text": HOSTILE, "tone": "warning"},
        {"type": "text", "text": HOSTILE},
        {"type": "markdown", "text": f"# Head\n\n{HOSTILE} [x](javascript:alert(1)) ![y](http://a.example/y.png)"},
        {"type": "list", "items": [HOSTILE, {"label": HOSTILE, "text": HOSTILE}]},
        {"type": "list", "items": ["without"], "bullets": False},
        {"type": "section", "title": HOSTILE, "blocks": [{"type": "text", "text": HOSTILE}]},
        {"type": "comparison", "title": HOSTILE, "before": f"old {HOSTILE}", "after": f"new {HOSTILE}"},
        {"type": "table", "columns": [HOSTILE], "rows": [[HOSTILE], [3], [None]]},
    ]
    html = result_html({"any": "data"}, view)
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert html.count("&lt;img") == 15
    for drawn in (
        "· ✓ ",
        '<div class="e">⚠ ',
        "<h1>Head</h1>",
        "• &lt;img",
        ">without<",
        "<del>old</del>",
        "<td>3</td>",
    ):
        assert drawn in html
    assert "• without" not in html
    assert "any" not in html


def test_a_view_from_elsewhere_that_is_none(caplog: pytest.LogCaptureFixture) -> None:
    """A view that a file or a server made up is not drawn; the data is, and a line warns."""
    with caplog.at_level(logging.WARNING, "progressnb"):
        html = result_html({"score": 3}, [{"type": "html", "text": "<script>"}])
    assert "<script" not in html
    assert "Score </span>3" in html
    assert "could not be read" in caplog.text


@given(JSON)
def test_an_outline_reads_the_same_from_both_ends(value: Any) -> None:
    """Backwards an outline has the same lines as forwards, the last one first."""
    lines = list(outline(value))
    assert list(outline(value, backwards=True)) == lines[::-1]
    assert tail(value, None, 10**9) == lines
    assert list(head(iter(lines), 10**9)) == lines


def test_the_ends_of_an_outline() -> None:
    """Both ends are bounded: a mark stands for the rest below, and the end is cut within a text."""
    value = {"a": "x" * 50, "b": "y" * 50}
    assert list(head(outline(value), 80)) == [Line(0, "A", "x" * 50, ("a",)), Line(0, "", "…")]
    assert [line.text for line in tail(value, None, 40)] == ["…" + "y" * 40]
    assert output_html("a" * 2_000).count("a") < 1_600


def test_labels_and_values_read_as_words() -> None:
    """Names of fields become words; null and empty values are a dash, an item has its number, the first its place."""
    value = {"matchScore": 62, "base_url": None, "ok": True, "empty": "", "gaps": [{"must": "x", "why": "y"}, "z"]}
    assert list(outline(value, ("gaps", 1))) == [
        Line(0, "Match score", "62", ("matchScore",)),
        Line(0, "Base URL", "–", ("base_url",)),
        Line(0, "Ok", "yes", ("ok",)),
        Line(0, "Gaps", "", ("gaps",)),
        Line(1, "Must", "x", ("gaps", 0, "must"), 1),
        Line(2, "Why", "y", ("gaps", 0, "why")),
        Line(1, "", "z", ("gaps", 1), 2, open=True),
    ]
