"""The Markdown of a resume as a PDF, set by Typst, with a limit of pages.

The text reaches Typst as data, never as its markup: no text of a resume is evaluated.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, needs_extra
from progressnb.operations.resume.words.language import language_of

from .blocks import blocks
from .html_writer import markdown_tokens, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["need_typst", "pdf_file"]

_SIZES = ((10.5, 18), (10, 17), (9.5, 16), (9, 14))  # type in points, margin in millimetres
_LETTER = frozenset({"US", "CA", "MX", "PH", "CO", "CL", "VE"})
_TEMPLATE = """
#let doc = json(bytes(sys.inputs.doc))
#set document(title: doc.title, author: doc.title)
#set page(paper: doc.paper, margin: doc.margin * 1mm)
#set text(size: doc.size * 1pt, lang: doc.lang, hyphenate: false)
#set par(leading: 0.55em, spacing: 0.7em)
#let dark = rgb("#1f3a5f")
#let set-piece(one) = {
  let body = text(one.text)
  if one.bold { body = strong(body) }
  if one.italic { body = emph(body) }
  if one.link != "" { link(one.link, text(fill: dark, body)) } else { body }
}
#let entry = false
#for (index, one) in doc.blocks.enumerate() {
  let body = one.pieces.map(set-piece).join()
  if one.kind == "h1" { text(size: 2em, fill: dark, heading(level: 1, outlined: false, body)) }
  else if one.kind == "h2" {
    block(above: 1.3em, below: 0.6em, sticky: true, text(fill: dark, size: 1.1em, heading(level: 2, body)))
  } else if one.kind in ("h3", "h4", "h5", "h6") {
    block(above: 0.9em, below: 0.45em, sticky: true, heading(level: 3, body))
  } else if one.kind == "li" {
    block(above: 0.45em, below: 0.45em, inset: (left: one.depth * 1em), breakable: false,
      grid(columns: (0.9em, 1fr), [•], body))
  } else {
    let after = index > 0 and doc.blocks.at(index - 1).kind.starts-with("h")
    block(above: 0.5em, below: 0.55em, sticky: after, body)
  }
}
#context [#metadata(counter(page).final().first()) <pages>]
"""


def need_typst(name: str) -> None:
    """Raise MissingExtraError if typst, which sets PDF files, is not installed."""
    with needs_extra("pdf", f"the package typst, to save {name}"):
        importlib.import_module("typst")


def pdf_file(markdown: str, data: Mapping[str, JsonValue], *, pages: int | None = None) -> bytes:
    """Return a resume as a PDF of at most so many pages, in type of 10.5 to 9 points.

    Raises InputError if it needs more pages in the smallest type, and MissingExtraError without the extra `pdf`.
    """
    need_typst("a .pdf")
    import typst

    if pages is not None and pages < 1:
        raise InputError("pages to be 1 or more", repr(pages), "Leave it out for as many pages as it takes.")
    count = 0
    for size, margin in _SIZES:
        inputs = {"doc": json.dumps(_document(markdown, data, size, margin))}
        source = _TEMPLATE.encode()
        count = int(json.loads(typst.query(source, "<pages>", field="value", one=True, sys_inputs=inputs)))
        if pages is None or count <= pages:
            return bytes(typst.compile(source, format="pdf", sys_inputs=inputs))
    raise InputError(
        f"a resume that fits on {pages} page{'s' * (pages != 1)}",
        f"{count} pages in type of {_SIZES[-1][0]} points",
        "Cut what serves this job least, or allow more pages.",
    )


def _document(markdown: str, data: Mapping[str, JsonValue], size: float, margin: float) -> dict[str, Any]:
    basics = data.get("basics")
    location = basics.get("location") if isinstance(basics, dict) else None
    country = str(location.get("countryCode", "")).upper() if isinstance(location, dict) else ""
    return {
        "title": title_of(markdown_tokens(markdown)),
        "lang": language_of(markdown) or "en",
        "paper": "us-letter" if country in _LETTER else "a4",
        "size": size,
        "margin": margin,
        "blocks": blocks(markdown),
    }
