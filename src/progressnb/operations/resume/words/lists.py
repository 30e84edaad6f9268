"""The loader of the word lists, which are the text files of this folder.

All lists share one format. A line that begins with "#" is a comment, and an empty line is skipped. A line that begins
with four spaces continues the line before it. The comment at the top of each file states what its entries are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

__all__ = ["read_groups", "read_lines", "read_pairs", "read_patterns", "read_phrases", "read_words", "split_phrases"]


@lru_cache(maxsize=64)
def read_lines(name: str) -> tuple[str, ...]:
    """Return the entries of the list `name`, such as "months": one a line, continuation lines joined."""
    lines: list[str] = []
    text = files("progressnb.operations.resume.words").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            lines.append(line.strip())
        elif lines and line.startswith("    "):
            lines[-1] += f" {line.strip()}"
        else:
            message = f"{name}.txt, line {number}: expected an entry or four spaces before a continuation, got {line!r}"
            raise ValueError(message)
    return tuple(lines)


def read_words(name: str) -> tuple[str, ...]:
    """Return the words of a list of words separated by spaces, in the order of the file."""
    return tuple(word for line in read_lines(name) for word in line.split())


def read_phrases(name: str) -> tuple[str, ...]:
    """Return the phrases of a list of phrases separated by commas, in the order of the file."""
    return tuple(phrase for line in read_lines(name) for phrase in split_phrases(line))


def read_pairs(name: str) -> dict[str, str]:
    """Return the pairs of a list whose lines are `name = value`."""
    return dict(_halves(name, line, "=") for line in read_lines(name))


def read_groups(name: str) -> dict[str, str]:
    """Return the groups of a list whose lines are `name: members`, with the members as one text."""
    return dict(_halves(name, line, ":") for line in read_lines(name))


@lru_cache(maxsize=16)
def read_patterns(name: str) -> dict[str, re.Pattern[str]]:
    """Return a pattern for each group of a list of groups: it finds any of the phrases in a folded text.

    A phrase that begins with "-" is one that the others of the group do not find.
    """
    found: dict[str, re.Pattern[str]] = {}
    for kind, text in read_groups(name).items():
        parts = [re.escape(one).replace(r"\*", r"[^\W_]*") for one in split_phrases(text)]
        without = "|".join(one.removeprefix(r"\-") for one in parts if one.startswith(r"\-")) or "(?!)"
        any_of = "|".join(one for one in parts if not one.startswith(r"\-"))
        found[kind] = re.compile(rf"(?<![^\W_])(?!(?:{without})(?![^\W_]))(?:{any_of})(?![^\W_])", re.IGNORECASE)
    return found


def split_phrases(text: str) -> tuple[str, ...]:
    """Split a text at its commas; white space within a phrase becomes one space."""
    return tuple(dict.fromkeys(phrase for part in text.split(",") if (phrase := " ".join(part.split()))))


def _halves(name: str, line: str, separator: str) -> tuple[str, str]:
    first, found, second = line.partition(separator)
    if not (found and first.strip() and second.strip()):
        message = f"{name}.txt: expected a line with text on both sides of {separator!r}, got {line!r}"
        raise ValueError(message)
    return first.strip(), second.strip()
