"""Views of results: who says how a result looks, and where that arrives."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import progressnb as pnb
from progressnb.display.html import panel_html
from progressnb.display.looks import tree_of
from progressnb.folds.group import panel_tree
from progressnb.testing import ManualClock
from progressnb.tracking.views import register_view, view_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from progressnb.tracking.protocols import Watchable


@dataclass
class Audit:
    """A result of a stranger's, with a view."""

    score: int
    findings: list[str]

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        return [
            {"type": "headline", "text": f"Score {self.score}", "verdict": "look at it", "tone": "bad"},
            {"type": "section", "title": "Findings", "blocks": [{"type": "list", "items": self.findings}]},
        ]


@dataclass
class Foreign:
    """A result whose class can't be changed."""

    name: str


@dataclass
class Broken:
    """A result whose view raises."""

    value: int

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        raise RuntimeError("no view today")


@pnb.operation
async def audit(tracker: pnb.ProgressTracker) -> Audit:
    """Return a result with a view."""
    assert tracker.id
    return Audit(41, ["<b>one</b>", "two"])


def html_of(run: Watchable) -> str:
    """Return the panel of a run without a script and without a style sheet."""
    return panel_html(panel_tree([tree_of(run)], key="panel"), style=False)


def test_a_view_is_the_same_everywhere(tmp_path: Path) -> None:
    """A result looks as its class says live, replayed and from a history with contents; without them it is gone."""
    with pnb.History(tmp_path / "runs.db", contents=True) as kept, pnb.History(tmp_path / "times.db") as redacted:
        runs = []
        for history in (kept, redacted):
            with pnb.configure.local(history=history):
                runs.append(audit.using(show=False)())
                runs[-1].wait()
        live = html_of(runs[0])
        replayed = [
            html_of(pnb.replay(source, speed=None, show=False))
            for source in (runs[0], kept.log(runs[0].id), redacted.log(runs[1].id))
        ]
    for html in (live, *replayed[:2]):
        assert "<strong>Score 41</strong>" in html
        assert '<span class="verdict bad"><span class="tone">✗ </span>look at it</span>' in html
        assert '<details class="section" data-key="1"><summary><bdi>Findings</bdi></summary>' in html
        assert "&lt;b&gt;one&lt;/b&gt;" in html
    assert "Score 41" not in replayed[2]


def test_a_function_says_it_for_a_type() -> None:
    """A type that can't be changed gets a function, which its subclasses share; the nearest one counts."""

    class Nearer(Foreign):
        def _progressnb_view_(self) -> list[dict[str, Any]]:
            return [{"type": "text", "text": "its own"}]

    class Plain(Foreign):
        pass

    register_view(Foreign, lambda value: [{"type": "text", "text": value.name}])
    assert view_of(Foreign("ada")) == view_of(Plain("ada")) == [{"type": "text", "text": "ada"}]
    assert view_of(Nearer("ada")) == [{"type": "text", "text": "its own"}]
    assert view_of({"name": "ada"}) is None


def test_a_view_that_fails_costs_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A view that raises or is none leaves the outline of the data; the run ends well, and one line warns."""
    register_view(Foreign, lambda _: [{"type": "html", "text": "<script>"}])
    with caplog.at_level(logging.WARNING, "progressnb"):
        for result in (Broken(1), Broken(2), Foreign("ada"), Foreign("bob")):
            tracker = pnb.ProgressTracker("op", clock=ManualClock(), show=False)
            tracker.start()
            tracker.done(result)
            assert tracker.state.view is None
            assert '<div class="answer' in html_of(tracker)
    assert [record.message.partition(" failed")[0] for record in caplog.records] == [
        "the view of Broken",
        "the view of Foreign",
    ]
