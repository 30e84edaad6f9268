"""The look of a served run: the tree that painters draw, now or as it was, and the acts that are possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.view import RunView, moment, panel_tree

if TYPE_CHECKING:
    from progressnb.folds.tree import PanelTree, RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Look", "controls_of", "tree_at"]


def controls_of(run: Watchable) -> list[str]:
    """Return what can be done with a run now: `stop`, `enough`, `say`."""
    if run.log.ended:
        return []
    return sorted(getattr(run, "controls", None) or {"stop"})


class Look:
    """The tree of a run, made again and again. Call it under the run's lock."""

    def __init__(self, run: Watchable) -> None:
        self._run, self._view = run, RunView()

    def panel(self) -> PanelTree:
        """Return the panel of the run as it is now."""
        run = self._run
        trouble: str = getattr(run, "trouble", "")  # of a run that is served elsewhere
        tree = self._view.tree(run.state, run.elapsed, controls=controls_of(run), trouble=trouble)
        return panel_tree([tree], key=run.state.run_id)


def tree_at(run: Watchable, seconds: float) -> RunTree:
    """Return the tree of a run as it was so many seconds after its begin. May take long: call it in a thread."""
    at = min(seconds, max(run.elapsed, run.state.elapsed))
    return RunView().tree(moment(run.log, at), at, at=at)
