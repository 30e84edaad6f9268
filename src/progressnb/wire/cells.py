"""CSV for spreadsheets: text that none of them computes, in an encoding that they take for UTF-8."""

from __future__ import annotations

import codecs
import re

__all__ = ["csv_bytes", "text_cell"]

# Spreadsheets take a cell for a formula that begins with one of these signs, which may also be full-width.
_FORMULA = re.compile(r"^[\s\x00-\x20]*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]")


def text_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: text with an apostrophe before it, anything else as is."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.search(value) else value


def csv_bytes(text: str) -> bytes:
    """Encode a table of CSV as UTF-8; one with other letters than ASCII's begins with the mark that says so.

    Without the mark Excel reads such a table in the encoding of the machine.
    """
    encoded = text.encode("utf-8", "replace")
    return encoded if text.isascii() else codecs.BOM_UTF8 + encoded
