"""Paths of stages: names joined by slashes, `search#2` for a repeat, special characters percent-encoded."""

from __future__ import annotations

from urllib.parse import unquote

__all__ = ["encode_name", "name_of", "stage_title"]


def encode_name(name: str) -> str:
    """Percent-encode what has a meaning in a path: `/`, `#` and `%`."""
    return name.replace("%", "%25").replace("/", "%2F").replace("#", "%23")


def stage_title(name: str) -> str:
    """Make a readable title of a stage's name."""
    return name.replace("_", " ").strip().capitalize() or name


def name_of(path: str) -> str:
    """Return the name of the last stage in a path, without the number of a repeat."""
    return unquote(path.rpartition("/")[2].partition("#")[0])
