"""Two texts side by side as HTML, with the words that differ marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from progressnb.display.escape import safe

__all__ = ["compared"]

COMPARED_LIMIT = 10_000
"""Characters of two texts that are compared word by word; longer ones are marked as a whole."""

_WORDS = re.compile(r"\S+|\s+")


def compared(before: str, after: str) -> tuple[str, str]:
    """Return both texts as HTML, with `<del>` around words that only the first has and `<ins>` around new ones."""
    if len(before) + len(after) > COMPARED_LIMIT:  # the time to compare grows with the square of the length
        return f"<del>{safe(before)}</del>", f"<ins>{safe(after)}</ins>"
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left, right = [""], [""]
    for change, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = safe("".join(old[old_from:old_to])), safe("".join(new[new_from:new_to]))
        left.append(removed if change == "equal" or not removed else f"<del>{removed}</del>")
        right.append(added if change == "equal" or not added else f"<ins>{added}</ins>")
    return "".join(left), "".join(right)
