"""The rows of a panel of many runs: those at work, and failures by their reason; the others are counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from progressnb.folds.words import STATUSES, percent_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from progressnb.folds.tree import GroupRow, Row, RunTree

__all__ = ["FEW", "MORE", "blank_row", "failed_examples", "group_rows", "is_over", "with_trace"]

FEW = 12
"""Runs that all have a row, in the order in which they began: no row moves, and ended ones can be opened."""

MORE = "…"
"""The key of the row that counts the runs without a row; who opens it sees the latest of them."""

OF_A_REASON = 4
"""Runs that failed for one reason and are one row, which opens to the first of them."""

_MORE_ROWS = 100
_COUNTED = ("finished", "failed", "running", "pending", "cancelled")
_ORDER = {"waiting": 0, "failed": 1, "mixed": 2, "running": 3, "pending": 4, "finished": 5, "cancelled": 5}


def group_rows(
    runs: Sequence[RunTree], opened: AbstractSet[str], kept: AbstractSet[str], limit: int, *, whole: bool = False
) -> list[GroupRow]:
    """Return a row for each of a few runs; of more for those that are worth a look, `limit` at most.

    These are the runs that wait for somebody, the failed ones, of many for one reason the first, those that are whole
    only in part, those at work, and those that somebody has `opened`. A row counts the others, and has a line of each
    if the panel is to be `whole`. Rows of runs in `opened` and `kept` have the whole run.
    """
    if len(runs) <= min(FEW, limit):
        return [_row(run, opened, kept) for run in runs]
    reasons = _reasons(runs, opened)
    others = {run["key"] for alike in reasons.values() for run in alike[1:]}
    wanted = [run for run in runs if run["key"] not in others and (_is_worth_a_look(run) or run["key"] in opened)]
    wanted.sort(key=lambda run: _ORDER.get(run["header"]["status"], _ORDER["running"]))  # those of one stay in order
    shown = wanted[:limit]
    keys = {run["key"] for run in shown}
    hidden = [run for run in runs if run["key"] not in keys]
    rows = [_of_a_reason(_row(run, opened, kept), run, reasons.get(run["key"], ())) for run in shown]
    if not hidden:
        return rows
    is_open = MORE in opened
    told = sum(len(alike) - 1 for key, alike in reasons.items() if key in keys)
    remark: GroupRow = {**blank_row(MORE, "pending"), "sign": "", "remark": _rest_text(hidden, told), "open": is_open}
    more = [_row(run, opened, kept) for run in hidden[-_MORE_ROWS:]] if is_open or whole else []
    return [*rows, remark, *more] if is_open else [*rows, {**remark, "rest": more} if more else remark]


def failed_examples(runs: Sequence[RunTree]) -> list[str]:
    """Return the keys of the failed runs that have a row among many: of many for one reason the first."""
    others = {run["key"] for alike in _reasons(runs, frozenset()).values() for run in alike[1:]}
    return [run["key"] for run in runs if run["status"] == "failed" and run["key"] not in others]


def is_over(run: RunTree) -> bool:
    """Tell whether a run has ended."""
    return run["status"] not in ("running", "pending")


def _is_worth_a_look(run: RunTree) -> bool:
    return run["status"] not in ("finished", "cancelled") or run["header"]["status"] == "mixed"


def _reasons(runs: Iterable[RunTree], opened: AbstractSet[str]) -> dict[str, list[RunTree]]:
    """Return the runs that failed for one reason, where there are many, by the key of the first.

    A run that somebody has opened keeps its own row.
    """
    found: dict[str, list[RunTree]] = {}
    for run in runs:
        if reason := run.get("reason"):
            found.setdefault(reason, []).append(run)
    alike = ([runs[0], *(run for run in runs[1:] if run["key"] not in opened)] for runs in found.values())
    return {runs[0]["key"]: runs for runs in alike if len(runs) >= OF_A_REASON}


def _of_a_reason(row: GroupRow, run: RunTree, alike: Sequence[RunTree]) -> GroupRow:
    """Let the row of the first of many failures say how many there are, and why; it opens to this one."""
    failure = run["failure"]
    if not alike or failure is None:
        return row
    example = " · ".join(filter(None, [row["title"], row["subject"]]))
    title, subject = f"{len(alike):,} × {run.get('reason', '')}", f"e.g. {example}"
    return {**row, "title": title, "subject": subject, "message": failure["text"], "elapsed": ""}


def _rest_text(hidden: Sequence[RunTree], told: int) -> str:
    """Return what the runs without a row are; `told` of those that failed are counted in the row of their reason."""
    counts = Counter(run["status"] for run in hidden)
    counts["failed"] -= told
    texts = [f"{counts[status]:,} {status}" for status in _COUNTED if counts[status] > 0]
    return f"… {', '.join([*texts, *([f'{told:,} failed as above'] if told else [])])}"


def blank_row(key: str, status: str, title: str = "") -> GroupRow:
    """Return a row that says no more than a status and a title."""
    return {
        "key": key,
        "status": status,
        "sign": STATUSES[status].sign,
        "title": title,
        "subject": "",
        "percent": None,
        "percent_text": "",
        "elapsed": "",
        "message": "",
        "remark": "",
        "open": False,
        "run": None,
    }


def _row(run: RunTree, opened: AbstractSet[str], kept: AbstractSet[str]) -> GroupRow:
    header = run["header"]
    is_open = run["key"] in opened
    percent = None if is_over(run) else header["percent"]
    return {
        **blank_row(run["key"], header["status"]),
        "title": header["title"],
        "subject": header["subject"],
        "percent": percent,
        "percent_text": percent_text(percent, guess=header.get("guess", False)),
        "elapsed": header["elapsed"],
        "message": _message(run),
        "open": is_open,
        "run": {**run, "trace_open": not is_over(run)} if is_open or run["key"] in kept else None,
    }


def with_trace(row: GroupRow) -> GroupRow:
    """Let the trace of an opened run be open."""
    return row if row["run"] is None else {**row, "run": {**row["run"], "trace_open": True}}


def _message(run: RunTree) -> str:
    """Return what a run does and used, or for what it waits, or why it failed."""
    if (failure := run["failure"]) is not None:
        return f"{failure['stage']}: {failure['text']}" if failure["stage"] else failure["text"]
    if run["header"]["asks"]:
        return run["header"]["asks"]
    if batch := run.get("batch"):
        return batch["text"]
    return " · ".join(filter(None, [_doing(run), *run["header"]["facts"][:2]]))


def _doing(run: RunTree) -> str:
    row = _current(run["trace"])
    if row is None or is_over(run):
        return "" if run["status"] == "cancelled" else run["header"]["ended"]
    if row["title"] == run["header"]["title"]:  # an agent alone: its name is there
        return row["message"]
    return f"{row['title']}: {row['message']}" if row["message"] else row["title"]


def _current(rows: list[Row]) -> Row | None:
    for row in reversed(rows):
        if row["end"] is None and row["start"] is not None and row["count"] == 1:
            return _current(row["children"]) or row
    return None
