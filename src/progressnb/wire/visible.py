"""Texts of others in which nothing hides or deceives: controls and characters that turn the direction as signs."""

from __future__ import annotations

import re

from progressnb.wire.plain import clean_text

__all__ = ["DECEIVING", "LINE_END", "visible"]

LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
"""A line end that is not `\n`."""

DECEIVING = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\U000e0000-\U000e0fff"
)
"""A set of a regular expression: controls, and bidirectional and invisible characters, which deceive a reader."""

_DROPPED = re.compile("[\xad\u200b\u2060\ufeff]+")
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f]|[\x80-\x9f\u202a-\u202e\u2061-\u206f\ufff9-\ufffb]|[\U000e0000-\U000e0fff]+"
)
_PICTURES = 0x2400  # the block of Unicode with a picture for each of the first 32 control characters
_DELETE = 0x7F


def visible(text: str) -> str:
    r"""Return text in which no character hides or deceives.

    Control characters and those that turn the direction of what follows become signs: `\x1b` is `␛`, U+202E is
    `⟨U+202E⟩`. Characters without a width are left out, and line ends of all kinds are `\n`.
    """
    if text.isascii() and text.isprintable():  # nearly always, and known at once
        return text
    text = LINE_END.sub("\n", clean_text(text))
    return _HIDDEN.sub(_sign, _DROPPED.sub("", text))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0][0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "␡"
    return f"⟨U+{code:04X}{'…' if len(match[0]) > 1 else ''}⟩"
