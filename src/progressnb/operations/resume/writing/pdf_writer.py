"""The Markdown of a resume as a PDF, set by Typst, with a limit of pages.

The text reaches Typst as data, never as its markup: no text of a resume is evaluated.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.resume.words.language import language_of

from .blocks import blocks, is_on_letter
from .html_writer import markdown_tokens, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["pdf_file"]

_SIZES = ((10.5, 18), (10, 17), (9.5, 16), (9, 14))  # type in points, margin in millimetres


def pdf_file(markdown: str, data: Mapping[str, JsonValue], *, pages: int | None = None) -> bytes:
    """Return a resume as a PDF of at most so many pages, in type of 10.5 to 9 points.

    Raises InputError if it needs more pages in the smallest type.
    """
    import typst

    if pages is not None and pages < 1:
        raise InputError("pages to be 1 or more", repr(pages), "Leave it out for as many pages as it takes.")
    source = files("progressnb.operations.resume.writing").joinpath("resume.typ").read_bytes()
    document: dict[str, Any] = {
        "title": title_of(markdown_tokens(markdown)),
        "lang": language_of(markdown) or "en",
        "paper": "us-letter" if is_on_letter(data) else "a4",
        "blocks": blocks(markdown),
    }
    count = 0
    for size, margin in _SIZES:
        inputs = {"doc": json.dumps(document | {"size": size, "margin": margin})}
        count = int(json.loads(typst.query(source, "<pages>", field="value", one=True, sys_inputs=inputs)))
        if pages is None or count <= pages:
            return bytes(typst.compile(source, format="pdf", sys_inputs=inputs))
    raise InputError(
        f"a resume that fits on {pages} page{'s' * (pages != 1)}",
        f"{count} pages in type of {_SIZES[-1][0]} points",
        "Cut what serves this job least, or allow more pages.",
    )
