"""The one row of a run of an agent of its own: left out where the header says all of it, else named for what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_number
from progressnb.folds.texts import count_text
from progressnb.folds.words import duration_text

if TYPE_CHECKING:
    from progressnb.folds.state import RunState
    from progressnb.folds.tree import Row

__all__ = ["agreeing", "is_own", "without_own"]

_IN_HEADER = frozenset(
    {"arguments", "model", "tokens", "cost", "first_token", "finish"}
)  # such details are in a header

_ALIKE = 0.1
"""Seconds by which a run may be longer than its only stage and take as long in words."""


def without_own(rows: list[Row], state: RunState) -> list[Row]:
    """Return the rows of a run; of an agent in a finished run of its own those below it, or its calls of the model."""
    if len(rows) != 1 or not _repeats_header(rows[0], state):
        return rows
    if rows[0]["children"] or not state.stages[0].is_model:
        return rows[0]["children"] or rows
    attempt = state.stages[0].data.get("attempt")
    calls = int(attempt) if is_number(attempt) and attempt > 1 else 1
    return [{**rows[0], "title": count_text(calls, "model call")}]


def _repeats_header(row: Row, state: RunState) -> bool:
    """Tell whether a row says nothing that the header of its run does not say.

    While the run is at work its message may tell of a silence, and a row does not go from under the hand.
    """
    return (
        state.status == "finished"
        and is_own(row["title"], state)
        and not row["message"]
        and {detail["key"] for detail in row["details"]} <= _IN_HEADER
    )


def is_own(title: str, state: RunState) -> bool:
    """Tell whether a stage has the title of its run, as that of an agent or a loop in a run of its own."""
    own = state.title or state.operation or ""
    return title.replace("_", " ").casefold() == own.replace("_", " ").casefold()


def agreeing(rows: list[Row], state: RunState) -> list[Row]:
    """Let the only stage say what the header says: the same duration, not one rounded otherwise, and no silence."""
    if not state.ended and len(rows) == 1 and len(state.stages) == 1 and state.stages[0].silence is not None:
        return [{**rows[0], "message": ""}] if not rows[0]["children"] else rows
    if not state.ended or len(rows) != 1 or len(state.stages) != 1 or rows[0]["key"] != state.stages[0].path:
        return rows  # what stands alone may be a call, which has a time of its own
    lasted, spent = state.duration or state.elapsed, state.stages[0].duration
    if spent is None or not 0 <= lasted - spent < _ALIKE or not rows[0]["time"]:
        return rows
    return [{**rows[0], "time": duration_text(lasted)}]
