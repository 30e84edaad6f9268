"""The name of the person among the first lines, and the lines at the edges of pages that repeat it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.headings import HEADINGS
from progressnb.operations.resume.words.lists import read_groups, split_phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["is_name", "named", "without_margins"]

_TITLE = "|".join(
    sorted((re.escape(name) for name, section in HEADINGS.items() if section == "title"), key=len, reverse=True)
)
_BEFORE = re.compile(rf"^(?:{_TITLE})(?:\s+(?:of|for|von|de|d'))?(?:\s*[:|–—,-]\s*|\s+)(?=\S)", re.IGNORECASE)
_AFTER = re.compile(rf"(?:\s*[|–—,:]\s*|'s\s+|\s+-\s+|\s{{2,}})(?:{_TITLE})$", re.IGNORECASE)
_LONGEST_PAGE = 3  # digits of the number of a page
_PAGE_WORDS = frozenset(split_phrases(read_groups("labels")["page"]))
_NAME_WORDS = 6
_LONGEST = 120


def named(text: str) -> str:
    """Return a line without the title of the document around a name: "Resume of Jane Doe" becomes "Jane Doe"."""
    return _AFTER.sub("", _BEFORE.sub("", text.strip(), count=1), count=1).strip()


def is_name(text: str) -> bool:
    """Tell whether a line could be the name of a person."""
    parts = text.split()
    return (
        1 <= len(parts) <= _NAME_WORDS
        and len(text) <= 60  # noqa: PLR2004 - longer than most names
        and not re.search(r"[0-9@:|/]", text)
        and not text.endswith((".", "!", "?"))
        and parts[0][:1].isalpha()
        and not parts[0][:1].islower()
    )


def without_margins(lines: Sequence[str], name: str) -> list[str]:
    """Leave out lines that have no more than the name, the title of the document and the number of a page."""
    return [line for line in lines if not _is_margin(line, name)] if name else list(lines)


def _is_margin(line: str, name: str) -> bool:
    if len(line) > _LONGEST or name.casefold() not in line.casefold():
        return False
    without = re.sub(re.escape(name), " ", line, flags=re.IGNORECASE)
    rest, titles = re.subn(rf"(?<![^\W_])(?:{_TITLE})(?![^\W_])", " ", without, flags=re.IGNORECASE)
    words = re.findall(r"[^\W_]+", rest.casefold())
    years = [word for word in words if word.isdigit() and len(word) > _LONGEST_PAGE]
    if len(years) > bool(titles):  # "CV 2024", but no dates of a job that is called as its owner is
        return False
    return bool(titles or words) and all(word.isdigit() or word in _PAGE_WORDS for word in words)
