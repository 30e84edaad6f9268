"""The look of a served run: the tree that painters draw, now or as it was, and the acts that are possible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.display.items import opens_items, run_of_item
from progressnb.folds.batch_view import item_key, opened_row, with_items
from progressnb.folds.group import panel_tree
from progressnb.folds.view import RunView, moment

if TYPE_CHECKING:
    from progressnb.folds.tree import GroupRow, PanelTree, RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["Look", "controls_of", "item_of", "tree_at"]


_HOW_TO = re.compile(r" For an LLM set .*", re.DOTALL)


def controls_of(run: Watchable) -> list[str]:
    """Return what can be done with a run now: `stop`, `enough`, `say`."""
    if run.log.ended:
        return []
    return sorted(getattr(run, "controls", None) or {"stop"})


class Look:
    """The tree of a run, made again and again.

    Attributes:
        seen: The number of events of which the last tree was made.
        ended: Whether they had the run's last one.

    """

    def __init__(self, run: Watchable) -> None:
        self._run, self._view = run, _view_of(run)
        self.seen, self.ended = 0, False

    def panel(self) -> PanelTree:
        """Return the panel of the run as it is now."""
        run = self._run
        # Outside the run's lock: they have locks of their own.
        controls, trouble = controls_of(run), str(getattr(run, "trouble", ""))
        with run.log.lock:
            tree = self._view.tree(run.state, run.elapsed, controls=controls, trouble=trouble)
            self.seen, self.ended = len(run.log), run.log.ended
        tree = with_items(tree, {}, hears=opens_items(run))
        return panel_tree([_for_readers(tree)], key=tree["key"])


def tree_at(run: Watchable, seconds: float) -> RunTree:
    """Return the tree of a run as it was so many seconds after its begin. May take long: call it in a thread."""
    now = max(run.elapsed, run.state.elapsed)
    at = min(seconds, now)
    return _for_readers(_view_of(run).tree(moment(run.log, at), now, at=at))


def item_of(run: Watchable, index: int) -> GroupRow:
    """Return the row of an item of a batch with its run as it is now. Raises `LookupError` with a sentence."""
    if isinstance(item := run_of_item(run, index), str):
        raise LookupError(item)  # noqa: TRY004 - the item is not there
    key = item_key(str(getattr(run, "id", run.state.run_id)), index)
    with item.log.lock:
        tree = RunView(key, item.operation).tree(item.state, item.elapsed)
    return opened_row(key, index, _for_readers(tree))


def _view_of(run: Watchable) -> RunView:
    return RunView(getattr(run, "id", run.state.run_id), run.operation)


def _for_readers(tree: RunTree) -> RunTree:
    """Leave out how to use a language model, which those who read a page can't set."""
    return {**tree, "notes": [_HOW_TO.sub("", note) for note in tree["notes"]]}
