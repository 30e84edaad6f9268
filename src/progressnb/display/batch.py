"""A batch as HTML without a script: totals, facts, and items that are worth a look, as `view.js` draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.display.blocks import field_html
from progressnb.display.elements import element, text_html, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from progressnb.folds.tree import GroupRow, RunTree

__all__ = ["batch_html"]


def batch_html(tree: RunTree, opened: AbstractSet[str], row_html: Callable[[GroupRow], str]) -> str:
    """Draw what a batch has beside its bar; empty for other runs. `row_html` draws the row of a run."""
    batch = tree.get("batch")
    if batch is None:
        return ""
    facts = (field_html(fact.get("label", ""), [fact], tree["key"], opened) for fact in batch["facts"])
    lists = (
        element(
            "div",
            "items",
            element("p", "caption", text_html(each["title"])),
            unmarked("rows members", *map(row_html, each["rows"])),
        )
        for each in batch["lists"]
    )
    return element(
        "div",
        "batch",
        element("p", "totals", text_html(batch["text"])),
        element("dl", "fields", *facts) if batch["facts"] else "",
        *lists,
    )
