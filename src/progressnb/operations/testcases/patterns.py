"""Which regular expressions of a specification may be used: a hostile one could match for ever."""

from __future__ import annotations

import re

__all__ = ["is_safe_pattern"]

_LONGEST = 400
_MOST_OPEN = 6
"""Quantifiers without an end; each may multiply the time by the length of the text."""

_ONE = re.compile(r"\\[^1-9]|\[\^?\]?(?:[^\]\\]|\\.)*\]")
_OPENING = re.compile(r"\(\?(?::|=|!|<=|<!|P<\w+>|<\w+>)")
_FIXED = re.compile(r"\{\d{1,3}\}|(?<=[+*?}])\?")
_INNERMOST = re.compile(r"\(([^()]*)\)([+*{]?)")
_CHOICE = re.compile(r"[+*?{|~]")


def is_safe_pattern(pattern: object) -> bool:
    """Tell whether a regular expression is one for Python, and has no choice inside of what is repeated."""
    if not isinstance(pattern, str) or len(pattern) > _LONGEST:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    # What is left are groups, quantifiers and bars; `~` stands for a group with a choice in it.
    bare = _FIXED.sub("", _OPENING.sub("(", _ONE.sub("a", pattern.replace("~", "a"))))
    if "\\" in bare or "(?" in bare or len(re.findall(r"[+*]|,\}", bare)) > _MOST_OPEN:
        return False
    while (group := _INNERMOST.search(bare)) is not None:
        has_choice = _CHOICE.search(group[1]) is not None
        if has_choice and group[2]:
            return False
        bare = f"{bare[: group.start()]}{'~' if has_choice else 'a'}{group[2]}{bare[group.end() :]}"
    return True
