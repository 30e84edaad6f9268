"""A panel as plain text: for viewers that draw neither widgets nor HTML, and for whoever searches a notebook's file."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from rich.console import Console

from progressnb.display.answer import block_lines
from progressnb.display.terminal import Pen
from progressnb.display.trace import bar_characters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.folds.tree import GroupRow, PanelTree, Row, RunTree

__all__ = ["heading_text", "panel_text"]

_WIDTH = 100  # columns in which the answer is broken into lines
_ANSWER = 40  # lines of the answer; the HTML beside it has more
_ENDED = {
    "finished": "finished in",
    "failed": "failed after",
    "cancelled": "cancelled after",
    "lost": "lost after",
    "left": "stopped reading after",
}
_ENDED["mixed"] = _ENDED["finished"]  # and then what is not well


def panel_text(tree: PanelTree) -> str:
    """Return a panel as plain text.

    Args:
        tree: What is to be seen.

    Returns:
        Lines without control characters: for each run its heading, the answer, the stages with their bars, the error.

    Example:
        ::

            panel_text(panel_tree([RunView().tree(run.state, run.elapsed)], key=run.run_id))

    """
    totals = tree["totals"]
    if totals is None:
        return "\n".join(line for run in tree["runs"] for line in _run_lines(run))
    head = _joined(
        f"{totals['sign']} {_clean(totals['title'])}", totals["text"], *totals.get("facts", []), totals["elapsed"]
    )
    return "\n".join([head, *(line for row in tree["rows"] for line in _member_lines(row))])


def heading_text(tree: RunTree) -> str:
    """Return a run's title, its status and its numbers in one line."""
    header = tree["header"]
    title, subject, facts = _clean(header["title"]), _clean(header["subject"]), header["facts"]
    if tree["status"] in _ENDED and not header["elapsed"]:  # a run elsewhere of which nothing came
        return _joined(f"{header['sign']} {title} {tree['status']}", subject, *facts)
    if verb := _ENDED.get(tree["status"]) and _ENDED.get(header["status"]):
        early = _clean(header["ended"])
        if tree["status"] == "cancelled":
            is_bound = header["status"] == "cancelled" and early not in ("", "cancelled")  # of its own
            verb, early = ("stopped after", early) if is_bound else (verb, "")
        return _joined(f"{header['sign']} {title} {verb} {header['elapsed']}", subject, early, *facts)
    if tree["status"] == "pending" and not header["trouble"]:
        return _joined(f"{header['sign']} {title} begins", subject)
    numbers = header["percent_text"], header["elapsed"], header["left"], _clean(header["trouble"])
    return _joined(f"{header['sign']} {title}", subject, *numbers, *facts)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


@cache
def _pen() -> Pen:
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    return Pen(Console(file=file, width=_WIDTH, color_system=None, legacy_windows=False, _environ={}), _WIDTH)


def _clean(text: str) -> str:
    return _pen().words(text)


def _run_lines(tree: RunTree) -> Iterator[str]:
    yield heading_text(tree)
    if answer := tree["answer"]:
        lines = [line.plain for line in block_lines(answer["blocks"], _pen(), _WIDTH - 2)]
        above, below = ([text] if text else [] for text in (answer["above"], answer["below"]))
        above = [*([f"{_clean(by)}:"] if (by := answer.get("by")) else []), *above]
        if len(lines) > _ANSWER:
            below = [f"… {len(lines) - _ANSWER:,} more lines"]
        yield from (f"  {line}".rstrip() for line in [*above, *lines[:_ANSWER], *below])
    if failure := tree["failure"]:
        yield "  " + ": ".join(_clean(part) for part in (failure["stage"], failure["text"]) if part)
        if failure["advice"]:
            yield f"  {_clean(failure['advice'])}"
    yield from _row_lines(tree["trace"], tree, 1)
    yield from _batch_lines(tree)
    yield from (f"  {_clean(note)}" for note in tree["notes"])


def _row_lines(rows: Sequence[Row], tree: RunTree, depth: int) -> Iterator[str]:
    for row in rows:
        indent = "  " * depth
        if row["remark"]:
            yield indent + _clean(row["remark"])
            continue
        title = " ".join(
            _clean(part) for part in (f"{row['sign']} {row['title']}", row["hint"], row["outcome"]) if part
        )
        parts = [title, bar_characters(row, tree), row["percent_text"], row["time"], _clean(row["message"])]
        yield indent + "  ".join(part for part in parts if part)
        yield from _row_lines(row["children"], tree, depth + 1)


def _batch_lines(tree: RunTree) -> Iterator[str]:
    batch = tree.get("batch")
    if batch is None:
        return
    yield f"  {_clean(batch['text'])}"
    yield from (f"  {_clean(fact.get('label', ''))}: {_clean(fact.get('text', ''))}" for fact in batch["facts"])
    for each in batch["lists"]:
        yield f"  {each['title']}"
        yield from (f"  {line}" for row in each["rows"] for line in _member_lines(row))


def _member_lines(row: GroupRow) -> Iterator[str]:
    if row["remark"]:
        yield f"  {_clean(row['remark'])}"
    elif row["run"] is not None:
        yield from (f"  {line}" for line in _run_lines(row["run"]))
    else:
        title = _joined(f"{row['sign']} {_clean(row['title'])}", _clean(row["subject"]))
        yield "  " + "  ".join(
            part for part in (title, row["percent_text"], row["elapsed"], _clean(row["message"])) if part
        )
