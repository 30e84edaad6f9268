"""The view model of a run at this moment, also of one that is served elsewhere, or that nobody awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.display.standstill import standstill_of
from progressnb.folds.advice import advice_text
from progressnb.folds.view import RunView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.folds.state import RunState
    from progressnb.folds.tree import RunTree
    from progressnb.tracking.protocols import Watchable

__all__ = ["tree_of", "trouble_of"]

_AT_REST = ("connected", "ended")


def tree_of(
    run: Watchable,
    view: RunView | None = None,
    *,
    state: RunState | None = None,
    controls: Iterable[str] = (),
    rows: int = 30,
    characters: int = 20_000,
    whole: bool = True,
    details: bool = True,
    at: float | None = None,
) -> RunTree:
    """Return what is to be seen of a run, now or as it was at a moment.

    Args:
        run: The run.
        view: Its view, which keeps what was read; a new one by default.
        state: The state of the moment; None is that of now.
        controls: What may be done with the run now: `stop`, `enough`, `say`.
        rows: The most stages of the trace.
        characters: The most characters of the answer.
        whole: Whether the answer and the thinking are wanted.
        details: Whether what is seen of a row that is opened is wanted.
        at: The moment, in seconds since the run began.

    """
    view = RunView(operation=run.operation) if view is None else view
    # Only a run of this process that nobody awaits keeps its traceback to itself.
    state = run.state if state is None else state
    advice = advice_text(state, awaited=getattr(run, "awaited", True) is not False)
    return view.tree(
        state,
        run.elapsed,
        controls=controls,
        trouble=trouble_of(run),
        advice=advice,
        rows=rows,
        characters=characters,
        whole=whole,
        details=details,
        at=at,
    )


def trouble_of(run: Watchable) -> str:
    """Return what delays a run, in a few words: its connection, a refusal, or code that comes to no end or no await."""
    if getattr(run, "status", "") == "cancelling" and not run.log.ended:
        return "stopping…"
    connection = getattr(run, "connection", "connected")
    # While there is a connection the trouble is an act that the server refused.
    return getattr(run, "trouble", "") or ("" if connection in _AT_REST else f"{connection}…") or standstill_of(run)
