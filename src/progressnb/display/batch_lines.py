"""A batch in a terminal: its line of totals, its facts, and items that are worth a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from progressnb.display.group import group_row

if TYPE_CHECKING:
    from progressnb.display.terminal import Pen
    from progressnb.folds.tree import BatchTree, GroupRow

__all__ = ["batch_lines"]

_LABEL = 12  # columns of a label at most
_ROWS = 5  # of a list


def _row(row: GroupRow, pen: Pen) -> Text:
    """Draw an item; one without a time, which stands for a reason of failures, has all the room for its words."""
    if row["elapsed"] or row["remark"]:
        return group_row(row, pen)
    sign, style = pen.sign(row["status"])
    label = " · ".join(filter(None, [row["title"], row["subject"]]))
    text = pen.words(": ".join(filter(None, [label, row["message"]])))
    return Text.assemble(" ", (sign, style), f" {pen.fit(text, max(pen.width - 3, 0)).rstrip()}")


def batch_lines(batch: BatchTree, pen: Pen) -> list[Text]:
    """Draw what a batch has beside its bar."""
    lines = [Text(f" {pen.fit(pen.words(batch['text']), pen.width - 1).rstrip()}")]
    labels = [pen.words(fact.get("label", "")) for fact in batch["facts"]]
    width = min(max(map(cell_len, labels), default=0), _LABEL)
    for label, fact in zip(labels, batch["facts"], strict=True):
        text = pen.fit(pen.words(fact.get("text", "")), max(pen.width - width - 3, 0)).rstrip()
        lines.append(Text.assemble(" ", (pen.fit(label, width), "dim"), f"  {text}"))
    for each in batch["lists"]:
        lines.append(Text(f" {pen.fit(pen.words(each['title']), pen.width - 1).rstrip()}", "dim"))
        lines += [_row(row, pen) for row in each["rows"][:_ROWS]]
        hidden = len(each["rows"]) - _ROWS
        lines += [Text(pen.words(f" … {hidden:,} more"), "dim")] if hidden > 0 else []
    return lines
