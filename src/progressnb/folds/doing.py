"""The stage or the call that a run at work is busy with, in a few words, and how many are at work beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.calls import hint_text
from progressnb.folds.texts import brief

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping, Sequence

    from progressnb.folds.state import StageState

__all__ = ["doing_text"]

_TITLE_LIMIT = 60
_MANNERS = {"retrying": " is tried again", "fallback": " takes another way"}


def doing_text(title: str, stages: Sequence[StageState], hidden: Mapping[str, Counter[str]]) -> str:
    """Return what is at work in a run: `search_web "North Sea"`, "read_page × 6", "fetch and 2 more".

    Args:
        title: The title of the run. A stage of this title says no more than it, but for what its model does: "writing".
        stages: The stages of the run that are known; what they are doing is told of those with none at work below them.
        hidden: How many more there are below each of them, by path and status.

    Returns:
        The words of the one that began first, so that they stay while others come and go; empty where none is at work.

    """
    found = [stage for stage in stages if stage.at_work and not any(below.at_work for below in stage.children)]
    if not found:
        return ""
    count = len(found) + sum(counts["running"] for counts in hidden.values())
    first = min(found, key=lambda stage: stage.started_elapsed or 0.0)
    own = _alike(first.title, title)
    doing = (first.message or "") if first.is_model else ""
    if count == 1:
        name = " ".join(filter(None, [brief(first.title, _TITLE_LIMIT), hint_text(first.data.get("arguments"))]))
        manner = _MANNERS.get(first.status, "")
        return ": ".join(filter(None, ["" if own else f"{name}{manner}", brief(doing, _TITLE_LIMIT)]))
    if {stage.name for stage in found} == {first.name}:
        return f"{brief(first.title, _TITLE_LIMIT)} × {count:,}"
    return f"{brief(first.title, _TITLE_LIMIT)} and {count - 1:,} more"


def _alike(one: str, other: str) -> bool:
    return one.replace("_", " ").casefold() == other.replace("_", " ").casefold()
