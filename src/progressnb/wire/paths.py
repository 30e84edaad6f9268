"""Paths of stages: names joined by slashes, `search#2` for a repeat, special characters percent-encoded."""

from __future__ import annotations

from urllib.parse import unquote

__all__ = ["LONGEST_PATH", "MOST_PARTS", "UNKNOWN_TOOL", "encode_name", "name_of", "path_fault", "stage_title"]

MOST_PARTS = 2_000
"""Names in a path, at most: deeper than any tree of stages that the work of a run has needed.

Each event repeats its path, so a tree of this depth already writes some kilobytes an event.
"""

LONGEST_PATH = 100_000
"""Characters of a path, at most."""

UNKNOWN_TOOL = "unknown tool"
"""The name of the stage of a call whose tool does not exist: a model has made it up, so its name is but the title."""


def encode_name(name: str) -> str:
    """Percent-encode the characters that have a meaning in a path: `/`, `#` and `%`."""
    return name.replace("%", "%25").replace("/", "%2F").replace("#", "%23")


def stage_title(name: str) -> str:
    """Make a readable title of a stage's name."""
    return name.replace("_", " ").strip().capitalize() or name


def name_of(path: str) -> str:
    """Return the name of the last stage in a path, without the number of a repeat."""
    return unquote(path.rpartition("/")[2].partition("#")[0])


def path_fault(path: str) -> tuple[str, str] | None:
    """Return what was expected of a path and what it is instead, or None for a path that is allowed."""
    if len(path) > LONGEST_PATH:
        return f"a stage's path of {LONGEST_PATH:,} characters at most", f"one of {len(path):,}"
    if (parts := path.count("/") + 1) > MOST_PARTS:
        return f"stages nested {MOST_PARTS:,} deep at most", f"a path of {parts:,} names"
    return None
