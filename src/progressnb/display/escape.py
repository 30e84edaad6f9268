"""Hostile text made harmless for terminals."""

from __future__ import annotations

import re

from progressnb.folds.texts import DECEIVING, LINE_END

__all__ = ["clean_for_terminal"]

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_HIDDEN = re.compile(f"[{DECEIVING}]")


def clean_for_terminal(text: str) -> str:
    """Return text without escape sequences, control, bidirectional and invisible characters; lines stay."""
    return _HIDDEN.sub("", LINE_END.sub("\n", _SEQUENCE.sub("", text))).expandtabs(4)
