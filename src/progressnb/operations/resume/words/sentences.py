"""Sentences and list items of a text."""

from __future__ import annotations

import re

__all__ = ["segments"]

_ABBREVIATIONS = r"approx|avg|bzw|ca|d\.h|dr|e\.g|eng|i\.e|incl|max|min|mio|mr|mrd|mrs|nr|st|z\. B|z\.B"
# A dot after one of these, or after the small number that makes an ordinal in German, ends no sentence.
_NO_END = r"(?<![\s(,][0-9]\.)(?<!^[0-9]\.)" + "".join(rf"(?<!\b(?i:{one})\.)" for one in _ABBREVIATIONS.split("|"))
_SEGMENT = re.compile(
    rf"\n+|[ ]·[ ]|[ ]*[•➢●▪✓][ ]*|{_NO_END}(?:(?<=[.!?;)])\s+(?=[^\W_a-z]|[(\"“])|(?<=[.!?;])\s+(?=[^\W_]))"
    r"|(?<=[^\W\d_]{2}[.!?])(?=[A-Z])|;"
)


def segments(text: str) -> list[str]:
    """Split a text into its sentences and list items."""
    return [part for part in (piece.strip(" \t-*") for piece in _SEGMENT.split(text)) if part]
