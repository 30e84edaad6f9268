"""Hostile text in HTML that stands in Markdown: escaped, and kept from MathJax."""

from __future__ import annotations

from html import escape

from progressnb.wire.plain import clean_text

__all__ = ["NO_MATH", "html_text"]

NO_MATH = "mathjax_ignore tex2jax_ignore"
"""Classes of an element in which MathJax leaves dollars alone: the first for JupyterLab, the second for nbconvert."""


def html_text(text: str) -> str:
    """Return hostile text as HTML, which is read as markup neither by a browser nor by a reader of Markdown.

    Before it reads Markdown, JupyterLab takes out what stands between two dollars, elements too. So dollars and
    backslashes are entities, and the element around them has the classes of `NO_MATH`.
    """
    return escape(clean_text(text)).replace("$", "&#36;").replace("\\", "&#92;")
