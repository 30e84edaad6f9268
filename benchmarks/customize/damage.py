"""Resumes made worse on purpose, as bad files and bad readers make them: the confidence of a reading should tell.

Each damage changes the text of a generated resume. Some damages a good reader survives; then its confidence should too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.dates import find_periods
from progressnb.operations.resume.words.headings import BULLET, find_heading

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["DAMAGES"]

_LOOKALIKES = {"m": "rn", "l": "1", "I": "l", "o": "0", "O": "0", "e": "c", "a": "o", "i": "j", "u": "ii", "h": "b",
               "S": "5", "B": "8", "g": "q", "t": "f"}  # fmt: skip
_WIDTH = 58


def _glued(text: str, rng: random.Random) -> str:
    """Lose one space in three, as readers of PDFs without spaces do."""
    return re.sub(r"(?<=[^\W\d_]) (?=[^\W_])", lambda _: "" if rng.random() < 1 / 3 else " ", text)


def _noisy(text: str, rng: random.Random) -> str:
    """Take some letters for others, as the recognition of scanned text does."""
    return "".join(_LOOKALIKES.get(char, char) if rng.random() < 0.12 else char for char in text)  # noqa: PLR2004


def _scrambled(text: str, rng: random.Random) -> str:
    """Take some letters for any other ones."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "".join(rng.choice(letters) if char.islower() and rng.random() < 0.12 else char for char in text)  # noqa: PLR2004


def _renamed(text: str, rng: random.Random) -> str:
    """Call the headings of jobs by words that nobody knows."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = find_heading(line, "")
        if found is not None and found.section == "work" and not found.rest:
            words = ["".join(rng.choice("bdfklmnprst") + rng.choice("aeiou") for _ in range(3)) for _ in range(2)]
            name = " ".join(words)
            lines[number] = line.replace(found.name, name.upper() if found.name.isupper() else name.capitalize())
    return "\n".join(lines)


def _side_by_side(text: str, _rng: random.Random) -> str:
    """Read two columns across."""
    lines = [line for line in text.split("\n") if line.strip()]
    half = (len(lines) + 1) // 2
    right = [*lines[half:], *[""] * half]
    return "\n".join(f"{one}   {other}".rstrip() for one, other in zip(lines[:half], right, strict=False))


def _mixed(text: str, rng: random.Random) -> str:
    """Put blocks of lines in another order, as a PDF that was drawn in any order."""
    lines = text.split("\n")
    blocks = [lines[at : at + 4] for at in range(0, len(lines), 4)]
    rng.shuffle(blocks)
    return "\n".join(line for block in blocks for line in block)


def _headless(text: str, _rng: random.Random) -> str:
    """Lose the headings, as those that are pictures."""
    return "\n".join(line for line in text.split("\n") if not _is_heading(line))


def _is_heading(line: str) -> bool:
    found = find_heading(line, "")
    return found is not None and found.section not in {"", "title"} and not found.rest


def _dates_last(text: str, _rng: random.Random) -> str:
    """Read the column of dates after all other text."""
    kept: list[str] = []
    dates: list[str] = []
    for line in text.split("\n"):
        found = [one for one in find_periods(line) if one.start]
        rest = line
        for one in reversed(found):
            dates.append(line[one.begins : one.ends])
            rest = f"{rest[: one.begins]}{rest[one.ends :]}"
        kept.append(rest.strip(" |,\t") if found else line)
    return "\n".join([*kept, *dates])


def _wrapped(text: str, _rng: random.Random) -> str:
    """Break lines as they were printed, without an indent."""
    lines: list[str] = []
    for line in text.split("\n"):
        rest = line
        while len(rest) > _WIDTH and " " in rest[:_WIDTH]:
            head, _, tail = rest[:_WIDTH].rpartition(" ")
            lines.append(head)
            rest = tail + rest[_WIDTH:]
        lines.append(rest)
    return "\n".join(lines)


def _unmarked(text: str, _rng: random.Random) -> str:
    """Lose the marks of bullets, and the marks of headings."""
    return "\n".join(
        BULLET.sub("", line, count=1).lstrip("# ") if BULLET.match(line) else line.lstrip("# ")
        for line in text.split("\n")
    )


def _in_one_line(text: str, _rng: random.Random) -> str:
    """Lose the ends of lines, as a text that was pasted into a form."""
    return " ".join(text.split())


def _doubled(text: str, _rng: random.Random) -> str:
    """Have each line twice, as PDFs with a shadow or a layer of recognized text."""
    return "\n".join(f"{line}\n{line}" if line.strip() else line for line in text.split("\n"))


def _cut(text: str, _rng: random.Random) -> str:
    """Lose the first letters of each line, as a page that was cropped."""
    return "\n".join(line[4:] if len(line) > 12 else line for line in text.split("\n"))  # noqa: PLR2004


DAMAGES: dict[str, Callable[[str, random.Random], str]] = {
    "words glued": _glued,
    "letters misread": _noisy,
    "letters at random": _scrambled,
    "headings of jobs unknown": _renamed,
    "columns read across": _side_by_side,
    "blocks in another order": _mixed,
    "no headings": _headless,
    "dates after all": _dates_last,
    "lines broken": _wrapped,
    "no marks": _unmarked,
    "one line": _in_one_line,
    "each line twice": _doubled,
    "margins cut": _cut,
}
