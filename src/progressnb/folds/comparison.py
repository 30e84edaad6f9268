"""Two texts side by side as nodes of a view, with the words that differ marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from progressnb.folds.texts import visible

if TYPE_CHECKING:
    from progressnb.folds.tree import Node

__all__ = ["compared"]

COMPARED_LIMIT = 10_000
"""Characters of two texts that are compared word by word; longer ones are marked as a whole."""

_WORDS = re.compile(r"\S+|\s+")


def compared(before: str, after: str) -> tuple[list[Node], list[Node]]:
    """Return both texts as nodes, with `mark` around words that only one of them has."""
    before, after = visible(before), visible(after)
    if len(before) + len(after) > COMPARED_LIMIT:  # the time to compare grows with the square of the length
        return [["mark", before]], [["mark", after]]
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left: list[Node] = []
    right: list[Node] = []
    for change, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        _add(left, "".join(old[old_from:old_to]), marked=change != "equal")
        _add(right, "".join(new[new_from:new_to]), marked=change != "equal")
    return left, right


def _add(nodes: list[Node], text: str, *, marked: bool) -> None:
    if text:
        nodes.append(["mark", text] if marked else text)
