"""The events of a run, their bytes, the outputs that they carry, and the log that keeps them."""

from __future__ import annotations

from progressnb.wire.cells import csv_bytes, text_cell
from progressnb.wire.codec import encode
from progressnb.wire.files import open_regular, write_atomically
from progressnb.wire.likeness import similarity
from progressnb.wire.loading import grammar_later
from progressnb.wire.markup import NO_MATH
from progressnb.wire.plain import clean_text, jsonable
from progressnb.wire.text import Text

__all__ = [
    "NO_MATH",
    "Text",
    "clean_text",
    "csv_bytes",
    "encode",
    "grammar_later",
    "jsonable",
    "open_regular",
    "similarity",
    "text_cell",
    "write_atomically",
]
