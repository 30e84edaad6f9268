"""The view of a batch: a bar by status, a line of totals, its facts, and rows of items that are worth a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from progressnb.folds.batch_words import batch_ending, facts_of, reason_text, totals_text
from progressnb.folds.group_rows import blank_row
from progressnb.folds.texts import brief
from progressnb.folds.words import STATUSES, duration_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from progressnb.folds.batches import BatchState
    from progressnb.folds.state import RunState
    from progressnb.folds.tree import BatchTree, Block, GroupRow, ItemList, RunTree, Segment

__all__ = ["index_of", "item_key", "opened_row", "with_batch", "with_items"]

_TITLE_LIMIT = 60
_ERROR_LIMIT = 200
_FULL = 100.0
_DIGITS = 9  # of an index


def with_batch(tree: RunTree, state: RunState, batch: BatchState, now: float) -> RunTree:
    """Return the tree of a batch's run: it has what is told of the batch, and no answer and no trace."""
    header = tree["header"]
    ended = batch_ending(state) or header["ended"]
    failed = state.status == "finished" and batch.counts["failed"]
    status = ("mixed" if batch.counts["finished"] else "failed") if failed else header["status"]
    view: BatchTree = {
        "text": totals_text(state, batch, now),
        "facts": _facts(state, batch, now),
        "lists": [each for each in _lists(tree["key"], state, batch, now) if each["rows"]],
        "find": "index" if batch.total is None else f"0–{batch.total - 1}" if batch.total else "",
    }
    head: dict[str, object] = {"left": "", "facts": [], "ended": ended, "status": status, "sign": STATUSES[status].sign}
    age = tree["now"] if state.ended else float(int(now))  # no axis needs more, and each paint would send it
    return cast(
        "RunTree",
        {
            **tree,
            "now": age,
            "span": max(age, tree["span"] if state.ended else 1.0),
            "header": {**header, **head},
            "segments": _segments(state, batch),
            "answer": None,
            "trace": [],
            "announce": _announcement(tree, state, batch, view["text"]) if tree["announce"] else "",
            "notes": [note for note in tree["notes"] if not note.startswith("model ")],
            "batch": view,
        },
    )


def _announcement(tree: RunTree, state: RunState, batch: BatchState, text: str) -> str:
    """Return a sentence that changes with a new reason of failures and with the end."""
    if state.ended:
        return f"{tree['announce']}: {text}"
    if not batch.failures:
        return tree["announce"]
    return f"{tree['header']['title']}: items fail, {reason_text(batch.failures[-1])}"


def with_items(tree: RunTree, opened: Mapping[int, RunTree], *, hears: bool = True) -> RunTree:
    """Return the tree of a batch with the runs of the items that somebody has opened, each drawn once.

    Args:
        tree: The tree of the batch's run.
        opened: The trees of these runs, by index of the item.
        hears: Whether somebody hears the field for an index; else there is none.

    """
    batch = tree.get("batch")
    if batch is None:
        return tree
    runs = {item_key(tree["key"], index): (index, run) for index, run in opened.items()}
    lists: list[ItemList] = [{**each, "rows": [_opened(row, runs) for row in each["rows"]]} for each in batch["lists"]]
    if runs:
        rows = [opened_row(key, index, run) for key, (index, run) in runs.items()]
        lists.append({"key": "opened", "title": "Opened", "rows": rows})
    view: BatchTree = {**batch, "find": batch["find"] if hears else "", "lists": lists}
    return {**tree, "batch": view}


def item_key(run: str, index: int) -> str:
    """Return the key of an item of a batch's run."""
    return f"{run}/{index}"


def index_of(key: str) -> tuple[str, int] | None:
    """Return the key of a batch's run and the index of its item that a key names, or None for other keys."""
    run, _, index = key.rpartition("/")
    return (run, int(index)) if run and index.isascii() and index.isdecimal() and len(index) <= _DIGITS else None


def opened_row(key: str, index: int, run: RunTree) -> GroupRow:
    """Return the row of an item that somebody has opened: with its run."""
    header = run["header"]
    return {
        **blank_row(key, header["status"], f"item {index:,}"),
        "subject": header["subject"] or header["title"],
        "percent": header["percent"] if header["percent_text"] else None,
        "percent_text": header["percent_text"],
        "elapsed": header["elapsed"],
        "open": True,
        "run": run,
    }


def _opened(row: GroupRow, runs: dict[str, tuple[int, RunTree]]) -> GroupRow:
    """Take the run of a row from those that are open into the row."""
    found = runs.pop(row["key"], None)
    return row if found is None else {**row, "open": True, "run": found[1]}


def _facts(state: RunState, batch: BatchState, now: float) -> list[Block]:
    return [
        {"key": key, "type": "text", "label": label, "text": text} for key, label, text in facts_of(state, batch, now)
    ]


def _segments(state: RunState, batch: BatchState) -> list[Segment]:
    """Return the parts of the bar, one a status, each as wide as its share of the items."""
    total = batch.total if batch.total is not None else batch.ended if state.ended else None
    if not total:
        status = state.status
        return [{"key": "rest", "title": status, "status": status, "share": 1.0, "percent": None}]
    counts = [(each, batch.counts[each]) for each in ("finished", "failed", "cancelled")]
    counts.append(("running", 0 if state.ended else batch.at_work))
    parts: list[Segment] = [
        {"key": status, "title": status, "status": status, "share": round(count / total, 4), "percent": _FULL}
        for status, count in counts
        if count
    ]
    rest = max(0, total - sum(count for _, count in counts))
    if rest:
        share = round(rest / total, 4)
        parts.append({"key": "rest", "title": "not begun", "status": "pending", "share": share, "percent": 0.0})
    return parts


def _lists(run: str, state: RunState, batch: BatchState, now: float) -> list[ItemList]:
    return [
        {"key": "work", "title": "Longest at work", "rows": [] if state.ended else [*_at_work(run, batch, now)]},
        {"key": "failures", "title": "Failures", "rows": _unlike(_failures(run, batch))},
        {"key": "slowest", "title": "Took longest", "rows": _unlike(_slowest(run, batch)) if state.ended else []},
    ]


def _unlike(rows: Iterable[GroupRow]) -> list[GroupRow]:
    """Return rows of which none has the key of another, as those of a stranger's record may have."""
    return [*{row["key"]: row for row in rows}.values()]


def _at_work(run: str, batch: BatchState, now: float) -> Iterable[GroupRow]:
    for item in batch.longest:
        attempt = f"attempt {item.attempt}" if item.attempt > 1 else ""
        lasted = item.duration if item.duration is not None else max(0.0, now - item.began)
        yield {
            **_item(run, item.status, item.index, item.title),
            "message": attempt,
            "elapsed": duration_text(lasted, finest="seconds"),
        }


def _failures(run: str, batch: BatchState) -> Iterable[GroupRow]:
    for kind in sorted(batch.failures, key=lambda each: -each.count):
        error = brief(kind.error, _ERROR_LIMIT) if kind.error else ""
        many = f"{kind.count:,} × " if kind.count > 1 else ""
        example = f"{'e.g. ' if many else ''}item {kind.index:,}"
        yield {
            **blank_row(item_key(run, kind.index), "failed", f"{many}{reason_text(kind)}"),
            "subject": f"{example} · {brief(kind.title, _TITLE_LIMIT)}" if kind.title else example,
            "message": error,
        }
    if batch.other_failures:
        text = f"… {batch.other_failures:,} failed for other reasons"
        yield {**blank_row("others", "failed", ""), "remark": text}


def _slowest(run: str, batch: BatchState) -> Iterable[GroupRow]:
    for item in batch.slowest:
        attempts = f"{item.attempts} attempts" if item.attempts > 1 else ""
        row = _item(run, item.status, item.index, item.title)
        yield {**row, "message": attempts, "elapsed": duration_text(item.duration)}


def _item(run: str, status: str, index: int, title: str | None) -> GroupRow:
    row = blank_row(item_key(run, index), status, f"item {index:,}")
    return {**row, "subject": brief(title, _TITLE_LIMIT) if title else ""}
