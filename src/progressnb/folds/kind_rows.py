"""The row of a trace that stands for many ended stages of a kind, and the row that says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.calls import latest_table
from progressnb.folds.spans import pieces, span_text
from progressnb.folds.texts import brief, humanize
from progressnb.folds.words import STATUSES, duration_text

if TYPE_CHECKING:
    from progressnb.folds.selection import Chosen
    from progressnb.folds.tree import Row

__all__ = ["blank_row", "kind_row", "rounded"]

LATEST_OF_A_KIND = 10
"""Stages of a kind that are seen when their row is opened."""

_TITLE_LIMIT = 80
_OUTCOMES = ("finished", "failed", "cancelled", "skipped")


def kind_row(chosen: Chosen, *, details: bool) -> Row:
    """Return the row of many stages of a kind; `details` says whether the latest of them are wanted."""
    stages = chosen.kind
    first = stages[0]
    own = [(start, start + (stage.duration or 0.0)) for stage in stages if (start := stage.started_elapsed) is not None]
    folded = chosen.folded
    times = own + (folded.extent if folded is not None else [])
    start, end = min((time[0] for time in times), default=None), max((time[1] for time in times), default=None)
    longest = max([end - begin for begin, end in own] + [(folded and folded.longest) or 0.0])
    outcomes = [f"{count:,} {STATUSES[each].sign}" for each in _OUTCOMES if (count := chosen.counts[each])]
    row: Row = {
        **blank_row(f"{first.path}#*", chosen.status),
        "title": brief(first.title if first.title == stages[-1].title else humanize(first.name), _TITLE_LIMIT),
        "outcome": f"× {' · '.join(outcomes)}",
        "start": rounded(start),
        "end": rounded(end),
        "message": f"each ≤ {duration_text(longest)}" if longest else "",
        "time": span_text(end - start) if start is not None and end is not None else "",
        "count": chosen.counts.total() - chosen.counts["failed"],
        "details": [{"key": "latest", "label": "Latest", "blocks": [latest_table(stages[-LATEST_OF_A_KIND:])]}]
        if details
        else [],
    }
    if own and (folded is None or folded.spans):
        spans = pieces(own + (folded.spans if folded is not None else []))
        row["spans"] = [[round(begin, 2), round(end, 2)] for begin, end in spans]
    return row


def blank_row(key: str, status: str) -> Row:
    """Return a row that says no more than a status."""
    return {
        "key": key,
        "status": status,
        "sign": STATUSES[status].sign,
        "title": "",
        "hint": "",
        "outcome": "",
        "message": "",
        "start": None,
        "end": None,
        "time": "",
        "percent": None,
        "percent_text": "",
        "count": 1,
        "remark": "",
        "question": "",
        "open": False,
        "details": [],
        "children": [],
    }


def rounded(seconds: float | None) -> float | None:
    """Return seconds to a hundredth."""
    return None if seconds is None else round(seconds, 2)
