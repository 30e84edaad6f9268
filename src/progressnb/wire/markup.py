"""Hostile text in HTML: escaped, and kept from MathJax."""

from __future__ import annotations

import re
from html import escape

from progressnb.wire.plain import clean_text

__all__ = ["NO_MATH", "html_text"]

NO_MATH = "mathjax_ignore tex2jax_ignore"
"""Classes of an element in which MathJax leaves dollars alone: the first for JupyterLab, the second for nbconvert."""

_MATH = re.compile(r"[$\\]")


def html_text(text: str) -> str:
    """Return hostile text as HTML, which no browser reads as markup and no MathJax as a formula.

    MathJax looks for its delimiters in one piece of text, so each delimiter is an element of its own.
    """
    return _MATH.sub(r"<span>\g<0></span>", escape(clean_text(text)))
