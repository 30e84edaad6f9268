"""Many runs in a terminal as one block: a line of totals, then a line for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from progressnb.display.terminal import Pen
    from progressnb.folds.tree import GroupRow, PanelTree

__all__ = ["group_lines", "group_row"]

_TIME = 10  # columns of "3 min 05 s"


def group_lines(panel: PanelTree, pen: Pen, height: int) -> list[Text]:
    """Draw many runs as one block: a line of totals, then a line a run, at most `height` lines in all."""
    totals = panel["totals"]
    if totals is None:
        return []
    sign, style = pen.sign(totals["status"])
    text = pen.words(" · ".join(filter(None, [totals["text"], *totals.get("facts", []), totals["elapsed"]])))
    title = pen.words(totals["title"])
    width = max(pen.width - cell_len(title) - cell_len(text) - 5, 3)
    head = Text.assemble(
        (f"{sign} ", style), (title, "bold"), " ", pen.bar(totals["percent"], width, "cyan"), f" {text}"
    )
    rows = [group_row(row, pen) for row in panel["rows"]]
    if len(rows) > height - 1:
        hidden = len(rows) - max(height - 2, 0)
        rows = [*rows[: max(height - 2, 0)], Text(pen.words(f" … {hidden:,} more"), "dim")]
    return [head, *rows][: max(height, 1)]


def group_row(row: GroupRow, pen: Pen) -> Text:
    """Draw a run among many, or an item of a batch, as one line."""
    if row["remark"]:
        return Text(f" {pen.fit(pen.words(row['remark']), pen.width - 1).rstrip()}", "dim")
    sign, style = pen.sign(row["status"])
    name = " · ".join(filter(None, [row["title"], row["subject"]]))
    numbers = f" {row['percent_text']:>5} {row['elapsed']:>{_TIME}}"
    names = max(pen.width * 2 // 5, 8)
    line = Text.assemble(" ", (sign, style), f" {pen.fit(pen.words(name), names)}")
    space = pen.width - names - 5 - cell_len(numbers)
    line.append(f"  {pen.fit(pen.words(row['message']), max(space, 0))}", "dim").append(numbers)
    line.rstrip()
    return line
