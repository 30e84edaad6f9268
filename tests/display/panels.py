"""Panels for tests: stored ones, and those of short runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from progressnb import ProgressTracker
from progressnb.display.looks import tree_of
from progressnb.folds.group import panel_tree
from progressnb.testing import ManualClock

if TYPE_CHECKING:
    from progressnb.folds.tree import PanelTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["FIXTURES", "HOSTILE", "panel_of", "report", "stored"]

FIXTURES = sorted((Path(__file__).parents[1] / "data" / "view").glob("*.json"))
HOSTILE = (
    "</p></section><script>alert(1)</script><img src=x onerror=alert(1)> & \"' $x$ \\(y\\) \u202e\u2066 \x1b[31m"
    ' <b class="finished">✓ verified</b> [a](javascript:alert(1)) [b](//evil.example/x)'
)


def stored(path: Path) -> PanelTree:
    """Read a fixture."""
    tree: Any = json.loads(path.read_text("utf-8"))
    return tree  # type: ignore[no-any-return]


def panel_of(*runs: Watchable) -> PanelTree:
    """Return the panel of runs."""
    return panel_tree([tree_of(run) for run in runs], key="panel")


def report(answer: Any = "Two tides a day.", stages: int = 3) -> ProgressTracker:
    """Return a run that has ended; every stage took a second and a half."""
    clock = ManualClock()
    names = [f"stage {number}" for number in range(stages)]
    run = ProgressTracker("report", names, clock=clock, show=False)
    run.start()
    for name in names:
        with run.stage(name):
            clock.advance(1.5)
    run.done(answer)
    return run
