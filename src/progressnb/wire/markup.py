"""Hostile text in HTML: escaped, kept from MathJax, and with signs for the characters that nobody sees."""

from __future__ import annotations

import re
from html import escape

from progressnb.wire.plain import clean_text

__all__ = ["NO_MATH", "html_text", "visible_text"]

NO_MATH = "mathjax_ignore tex2jax_ignore"
"""Classes of an element in which MathJax leaves dollars alone: the first for JupyterLab, the second for nbconvert."""

_MATH = re.compile(r"[$\\]")
# Controls, and characters that turn the order of a line around or are not seen. The joiner of emoji is left alone, and
# so are the marks of right-to-left writing, which turn around nothing beyond their own text.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def visible_text(text: str) -> str:
    """Return text with a sign such as `[U+202E]` for each control and each character that turns or hides text."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", clean_text(text))


def html_text(text: str) -> str:
    """Return hostile text as HTML, which no browser reads as markup and no MathJax as a formula.

    MathJax looks for its delimiters in one piece of text, so each delimiter is an element of its own.
    """
    return _MATH.sub(r"<span>\g<0></span>", escape(visible_text(text)))
