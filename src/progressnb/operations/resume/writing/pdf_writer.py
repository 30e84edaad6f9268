"""The Markdown of a resume as a PDF, set by Typst, with a limit of pages.

The text reaches Typst as data, never as its markup: no text of a resume is evaluated.
"""

from __future__ import annotations

import json
import re
import unicodedata
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from progressnb.errors import InputError
from progressnb.operations.resume.documents.plain_json import clean

from .blocks import blocks, is_on_letter
from .html_writer import markdown_tokens, title_of
from .titles import resume_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["pdf_file"]

_SIZES = ((10.5, 18), (10, 17), (9.5, 16), (9, 14))  # type in points, margin in millimetres
_STANDARD: Final = "a-2u"  # PDF/A: every letter can be read as text, and one that no font has is an error
_SIGNS = 100  # that no font has, at most
_NO_FONT = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)


def pdf_file(markdown: str, data: Mapping[str, JsonValue], *, pages: int | None = None) -> bytes:
    """Return a resume as a PDF of at most so many pages, in type of 10.5 to 9 points.

    Signs that no font has, such as emoji, are left out. Raises InputError if no font has a letter, or if the resume
    needs more pages in the smallest type.
    """
    if pages is not None and pages < 1:
        raise InputError("pages to be 1 or more", repr(pages), "Leave it out for as many pages as it takes.")
    markdown = re.sub("[\ufe0f\u20e3]", "", clean(markdown))  # make an emoji of a digit, which would be lost with it
    document: dict[str, Any] = {
        "title": title_of(markdown_tokens(markdown)),
        "lang": resume_language(markdown),
        "paper": "us-letter" if is_on_letter(data) else "a4",
        "blocks": blocks(markdown),
    }
    count = 0
    for size, margin in _SIZES:
        file, count = _compiled(json.dumps(document | {"size": size, "margin": margin}, ensure_ascii=False))
        if pages is None or count <= pages:
            return file
    raise InputError(
        f"a resume that fits on {pages} page{'s' * (pages != 1)}",
        f"{count} pages in type of {_SIZES[-1][0]} points",
        "Cut what serves this job least, or allow more pages.",
    )


def _compiled(document: str) -> tuple[bytes, int]:
    """Return the file of a document, and the number of its pages."""
    import typst

    source = files("progressnb.operations.resume.writing").joinpath("resume.typ").read_bytes()
    for left in reversed(range(_SIGNS)):
        inputs = {"doc": document}
        try:
            file = bytes(typst.compile(source, format="pdf", sys_inputs=inputs, pdf_standards=_STANDARD))
        except typst.TypstError as error:
            found = _NO_FONT.search(str(error))
            if found is None:
                raise
            shown = re.sub(r"\\u\{(\w+)\}", lambda code: chr(int(code[1], 16)), found[1])
            if not left or any(unicodedata.category(char)[0] in "LNPZ" for char in shown):
                raise InputError(
                    "a font on this machine for all letters of the resume",
                    f"none for {shown!r}",
                    "Install one, such as Noto Sans of that script, or save a .docx or .html.",
                ) from error
            document = document.replace(f"{shown}\u200d", "").replace(shown, "")  # what joins it to the next one too
        else:
            return file, int(json.loads(typst.query(source, "<pages>", field="value", one=True, sys_inputs=inputs)))
    raise AssertionError  # the last round returns or raises
