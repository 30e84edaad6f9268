"""The panel of several runs: up to three as they are; of more, a line of totals and a row each."""

from __future__ import annotations

import math
from collections import Counter
from statistics import fmean, median
from typing import TYPE_CHECKING

from progressnb.folds.facts import APPROVAL, LEFT, cost_text
from progressnb.folds.group_rows import FEW, MORE, group_rows, is_over, with_trace
from progressnb.folds.texts import brief, count_text
from progressnb.folds.words import STATUSES, about_text, duration_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from progressnb.folds.tree import PanelTree, RunTree, Segment, Totals

__all__ = ["FEW", "MORE", "WHOLE", "panel_tree"]

WHOLE = 3
"""Runs that a panel shows as they are; more have a row each."""

_ROWS = 30
_TITLE_LIMIT = 120
_ENOUGH_ENDED = 3
"""Finished runs whose durations tell how long another one may take."""

_ENOUGH_SEEN = 3.0  # seconds
_SHORTEST_SPAN = 0.1  # seconds; the axis of a younger run is not its time left
_STILL_BEGINNING = 1 / 3
"""The share of the time until now that the youngest run must be old, so that no more runs are expected."""

_ALONE_STILL_BEGINNING = 0.5
"""The same of a run that is alone at work, as in a loop."""

_AT_ONCE = 0.1
"""Seconds between an end and a begin that may be due to rounding."""

_HUNDRED = 100.0
_NO_PERCENT = 0.0
_UNFINISHED = {"failed": "failed", "lost": "lost", "cancelled": "cancelled", "left": LEFT, "mixed": "in part"}
"""The words for runs that did not end well; `mixed` are those whose answers are not whole."""


def panel_tree(
    runs: Sequence[RunTree],
    *,
    key: str,
    title: str = "",
    opened: AbstractSet[str] = frozenset(),
    kept: AbstractSet[str] = frozenset(),
    turn: str = "",
    elapsed: float | None = None,
    rows: int = _ROWS,
    whole: bool = False,
) -> PanelTree:
    """Return the panel of runs, in the order in which they began.

    Args:
        runs: Their trees.
        key: The panel's key.
        title: The title of the line of totals; by default that of the first run.
        opened: The keys of runs that somebody has opened: their rows have the whole run. With `MORE` among them
            finished runs have rows, too.
        kept: The keys of runs whose rows have the whole run, too, closed: it can be opened in a file.
        turn: The key of an opened run that has its turn in a loop: its trace stays open until the next one comes.
        elapsed: Seconds since the first of them began; None where nobody knows.
        rows: The most rows of more than `FEW` runs: those that failed come first, then those at work. Finished ones
            are counted.
        whole: Give the row that counts the finished ones a line of each: a file can't ask for them.

    """
    if len(runs) <= WHOLE:
        last = next((run["announce"] for run in reversed(runs) if run["announce"]), "")
        return {"v": 1, "key": key, "runs": [*runs], "totals": None, "rows": [], "announce": last}
    totals = _totals(runs, title, elapsed)
    return {
        "v": 1,
        "key": key,
        "runs": [],
        "totals": totals,
        "rows": [
            with_trace(row) if row["key"] == turn else row
            for row in group_rows(runs, opened, kept, rows, whole=whole)
        ],
        "announce": _announcement(runs, totals),
    }


def _totals(runs: Sequence[RunTree], title: str, elapsed: float | None) -> Totals:
    statuses = Counter(run["header"]["status"] for run in runs)
    status, waiting = _status(statuses), statuses["waiting"]
    ended = sum(map(is_over, runs))
    done = sum(_HUNDRED if is_over(run) else run["header"]["percent"] or _NO_PERCENT for run in runs)
    percent = done / len(runs)
    is_open = _is_open(runs)
    if is_open:
        parts = [f"{statuses['finished']:,} finished"] if statuses["finished"] else []
    else:
        parts = [f"{ended:,} of {len(runs):,}" if ended < len(runs) else count_text(ended, "run")]
    if waiting:
        parts.append(f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for {_for_what(runs)}")
    if ended == len(runs) and status != "finished":  # what ended how; of one kind alone the sign says it, too
        parts += [f"{statuses['finished']:,} finished"] if statuses["finished"] else []
    words = {**_UNFINISHED, "running": "running"}
    parts += [f"{statuses[each]:,} {word}" for each, word in words.items() if statuses[each]]
    if ended < len(runs) and not is_open and (left := _left(runs, elapsed)):
        parts.append(left)
    totals: Totals = {
        "sign": STATUSES[status].sign,
        "status": status,
        "title": brief(title, _TITLE_LIMIT) if title else runs[0]["header"]["title"],
        "percent": None if is_open else round(percent, 1),
        "segments": _segments(runs, statuses, is_open=is_open),
        "text": " · ".join(parts),
        "elapsed": ""
        if elapsed is None
        else duration_text(elapsed, finest="seconds" if ended < len(runs) else "tenths"),
        "controls": ["stop"] if any("stop" in run["controls"] for run in runs) else [],
    }
    if status in ("mixed", "cancelled"):  # its sign has no word of its own
        ended_so = {each: word for each, word in _UNFINISHED.items() if statuses[each]}
        totals["ended"] = " · ".join(f"{statuses[each]:,} {word}" for each, word in ended_so.items())
    if ended == len(runs):
        totals["results"] = True
    if facts := _facts(runs):
        totals["facts"] = facts
    return totals


def _facts(runs: Sequence[RunTree]) -> list[str]:
    """Return the tokens and the cost of all runs, as far as these have told them."""
    used = [run["used"] for run in runs if "used" in run]
    tokens, cost = (sum(each.get(name, 0) for each in used) for name in ("tokens", "cost"))
    return list(filter(None, [f"{tokens:,.0f} tokens" if tokens else "", cost_text(cost or None)]))


def _status(statuses: Counter[str]) -> str:
    if statuses["waiting"]:
        return "waiting"
    if statuses["running"] or statuses["pending"]:
        return "running"
    some = statuses["finished"] or statuses["mixed"]
    if statuses["failed"]:
        return "mixed" if some else "failed"
    if statuses["lost"]:
        return "mixed" if some else "lost"
    for each in ("cancelled", "mixed", "finished", "left"):
        if statuses[each]:
            return each
    return "finished"


def _for_what(runs: Sequence[RunTree]) -> str:
    """Return for what the runs that wait do so: "approval", or "you" where it is something else."""
    waiting = [run["header"]["asks"] for run in runs if run["header"]["status"] == "waiting"]
    return "approval" if all(text.startswith(APPROVAL) for text in waiting) else "you"


def _segments(runs: Sequence[RunTree], statuses: Counter[str], *, is_open: bool) -> list[Segment]:
    """Return the parts of the bar, one a status, each as wide as its share of the runs.

    Where nobody knows how many runs come, the root of those that began are expected, as of stages that nobody declared:
    the bar then says what has ended how, and its last part has no percent.
    """
    expected = len(runs) + (math.isqrt(len(runs)) if is_open else 0)
    parts = [
        _segment(each, "cancelled" if each == "left" else each, statuses[each] / expected, _HUNDRED)
        for each in ("finished", *_UNFINISHED)
        if statuses[each]
    ]
    at_work = [run for run in runs if not is_over(run)]
    if is_open:
        parts.append(_segment("rest", "running", (len(at_work) + expected - len(runs)) / expected, None))
    elif at_work:
        done = sum(run["header"]["percent"] or _NO_PERCENT for run in at_work) / len(at_work)
        parts.append(_segment("rest", "running", len(at_work) / expected, round(done, 1)))
    return parts


def _segment(key: str, status: str, share: float, percent: float | None) -> Segment:
    return {"key": key, "title": status, "status": status, "share": round(share, 4), "percent": percent}


def _left(runs: Sequence[RunTree], elapsed: float | None) -> str:
    """Return the time that the rest takes, in words, once three seconds have passed and there is ground to tell it.

    While runs are still being added nobody knows how many there will be: there is no time left.
    """
    if elapsed is None or elapsed < _ENOUGH_SEEN or _are_being_added(runs, elapsed):
        return ""
    seconds = _remaining(runs)
    return "" if seconds is None else about_text(seconds)


def _remaining(runs: Sequence[RunTree]) -> float | None:
    """Return the seconds until the last run ends; None without ground.

    A run at work tells its own time left, else those tell it that took longer than it has. A percent tells none, since
    it may be a guess. Runs that wait for their turn take as long as finished ones, shared by as many as are at work.
    """
    at_work = [run for run in runs if run["status"] == "running"]
    pending = sum(run["status"] == "pending" for run in runs)
    # The first to finish are the short ones: before as many are finished as are at work they are no sample.
    lasted = sorted(run["now"] for run in runs if run["status"] == "finished")
    usual = fmean(lasted) if len(lasted) >= _ENOUGH_ENDED else None
    told = [_own_remaining(run) for run in at_work]
    known = [left if left is not None else _longer(run, lasted) for run, left in zip(at_work, told, strict=True)]
    if not pending:
        seconds = [left for left in known if left is not None]
        return max(seconds) if seconds and len(seconds) == len(known) else None
    if usual is None or not at_work or len(lasted) < len(at_work):
        return None
    # A run that has outlasted all others may take as long again.
    each = [usual if left is None else left for left in known]
    return max([*each, (sum(each) + pending * usual) / len(at_work)])


def _own_remaining(run: RunTree) -> float | None:
    """Return the seconds that a run says to have left: its axis then goes on behind now."""
    left = run["span"] - run["now"]
    return left if left > 0 and run["span"] > _SHORTEST_SPAN else None


def _longer(run: RunTree, lasted: Sequence[float]) -> float | None:
    """Return the seconds that a run has left if it is like those that took longer than it has taken so far."""
    if len(lasted) < _ENOUGH_ENDED:
        return None
    longer = [seconds for seconds in lasted if seconds > run["now"]]
    return median(longer) - run["now"] if longer else None


def _is_open(runs: Sequence[RunTree]) -> bool:
    """Tell whether the number of runs is unknown: one of them began only after another one had ended.

    So it is in a loop, and behind a semaphore. Runs that wait for their turn in the panel are all there are.
    """
    if all(map(is_over, runs)) or any(run["status"] == "pending" for run in runs):
        return False
    begins = [began for run in runs if (began := run["began"]) is not None]
    ends = [began + run["now"] for run in runs if is_over(run) and (began := run["began"]) is not None]
    return bool(ends) and max(begins) > min(ends) + _AT_ONCE


def _are_being_added(runs: Sequence[RunTree], elapsed: float) -> bool:
    """Tell whether more runs may come: none waits for its turn, and the latest one has begun a short while ago.

    So it is in a loop that awaits one run after the other, and behind a semaphore that lets a few in at a time.
    """
    at_work = [run for run in runs if not is_over(run)]
    if not at_work or any(run["status"] == "pending" for run in at_work):
        return False
    share = _STILL_BEGINNING if len(at_work) > 1 else _ALONE_STILL_BEGINNING
    return min(run["now"] for run in at_work) < elapsed * share


def _announcement(runs: Sequence[RunTree], totals: Totals) -> str:
    """Return a sentence that changes with a failure, with a run that waits for somebody, and with the end."""
    counts = Counter(run["status"] for run in runs)
    parts = [f"{counts[status]:,} {status}" for status in ("finished", "failed", "cancelled") if counts[status]]
    if all(map(is_over, runs)):
        return ", ".join([f"{totals['title']}: {len(runs):,} runs ended", *parts])
    waiting = sum(run["header"]["status"] == "waiting" for run in runs)
    parts = [f"{counts['failed']:,} failed"] if counts["failed"] else []
    parts += [f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for {_for_what(runs)}"] if waiting else []
    return ", ".join([f"{totals['title']}: {len(runs):,} runs", *parts])
