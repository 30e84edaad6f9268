"""Fenced code of a growing text in Markdown: whether a place lies inside it, each line read once."""

from __future__ import annotations

import re

__all__ = ["Fence"]

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`\r\n]*$)|~{3,})[^\r\n]*$", re.MULTILINE)
_LONGEST = 200  # characters of a line that opens


class Fence:
    """The fence that is open at a place of a text. Later places of the same text or of a longer one may follow."""

    def __init__(self) -> None:
        self._at, self._line, self._sign = 0, "", ""

    def opener_at(self, text: str, place: int) -> str:
        """Return the line that opened the code at the begin of a line, with its end; an empty text outside of code."""
        for match in _FENCE.finditer(text, self._at, place):
            line, sign = match[0], match[1]
            if not self._sign:
                self._line, self._sign = line[:_LONGEST], sign
            elif sign.startswith(self._sign) and line.strip() == sign:
                self._line = self._sign = ""
        self._at = max(self._at, place)
        return f"{self._line}\n" if self._sign else ""
