"""Academic degrees in a text: their levels, and their short names written in full."""

from __future__ import annotations

import re

from .lists import read_groups

__all__ = ["DEGREE_NAMES", "degrees", "full_degrees", "without_degrees"]

DEGREE_NAMES = ("", "high school", "associate degree or diploma", "bachelor's degree", "master's degree", "doctorate")
"""The name of each level, 1 (high school) to 5 (doctorate)."""


def _words(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{pattern.replace(' |', '|')})(?![^\W_])", flags)


_LEVELS = tuple(
    (int(kind[0]), _words(pattern, re.IGNORECASE if kind.endswith("any") else 0))
    for kind, pattern in read_groups("degrees").items()
)
_FULL_NAMES = tuple((_words(pattern), name) for name, pattern in read_groups("degree_names").items())


def degrees(text: str) -> set[int]:
    """Return the levels of the degrees that a text names, 1 (high school) to 5 (doctorate)."""
    return {level for level, pattern in _LEVELS if pattern.search(text)}


def without_degrees(text: str) -> str:
    """Replace each degree that a text names by a comma."""
    for _, pattern in _LEVELS:
        text = pattern.sub(",", text)
    return text


def full_degrees(text: str) -> str:
    """Write the short names of degrees in full, so that "B.Sc." equals "Bachelor of Science"."""
    for pattern, name in _FULL_NAMES:
        text = pattern.sub(name, text)
    return text
