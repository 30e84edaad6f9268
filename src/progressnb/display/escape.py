"""Hostile text made harmless for terminals."""

from __future__ import annotations

import re

__all__ = ["clean_for_terminal"]

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Controls, which a terminal obeys, and bidirectional and invisible characters, which deceive its reader.
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean_for_terminal(text: str) -> str:
    """Return text without escape sequences, control, bidirectional and invisible characters; lines stay."""
    return _HIDDEN.sub("", _LINE_END.sub("\n", _SEQUENCE.sub("", text))).expandtabs(4)
