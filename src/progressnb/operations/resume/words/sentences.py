"""Sentences and list items of a text."""

from __future__ import annotations

import re

__all__ = ["segments"]

_SEGMENT = re.compile(
    r"\n+|[ ]·[ ]|[ ]*[•➢●▪✓][ ]*|(?<=[.!?;)])\s+(?=[^\W_a-z]|[(\"“])|(?<=[.!?;])\s+(?=[^\W_])"
    r"|(?<=[^\W\d_]{2}[.!?])(?=[A-Z])|;"
)


def segments(text: str) -> list[str]:
    """Split a text into its sentences and list items."""
    return [part for part in (piece.strip(" \t-*") for piece in _SEGMENT.split(text)) if part]
