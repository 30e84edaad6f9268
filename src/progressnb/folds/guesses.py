"""Percents that are guesses: how much of a model's answer is written, or how long past runs took.

What is counted (the items of a loop) and what code declares is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_dict, is_list, is_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.folds.state import RunState, StageState

__all__ = ["is_guess", "is_guess_of"]


def is_guess(state: RunState) -> bool:
    """Tell whether the percent of a run is a guess: that of a stage at work is one, or past runs tell it."""
    return not state.ended and (_is_learned(state) or _any_guess(state.stages))


def is_guess_of(stage: StageState) -> bool:
    """Tell whether the percent of a stage is a guess, or that of a stage below it, outside any loop that is counted."""
    return _any_guess([stage])


def _any_guess(stages: Iterable[StageState]) -> bool:
    waiting = [*stages]
    while waiting:
        stage = waiting.pop()
        if not stage.at_work or is_number(stage.data.get("total")):
            continue
        if stage.guess:
            return True
        waiting += stage.children
    return False


def _is_learned(state: RunState) -> bool:
    """Tell whether past runs tell the percent: they do where they tell how long the stages or the rest will take."""
    return is_dict(state.data.get("expected")) or is_list(state.data.get("remaining"))
