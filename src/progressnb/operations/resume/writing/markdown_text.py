"""Values of a resume as inline Markdown. No text of a resume can make headings, links, HTML or formulas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["escape", "has_text", "inline", "label", "paragraphs", "period", "readable_date"]

_ALWAYS = re.compile(r"[`*<$]")
_LINK = re.compile(r"\](?=[(\[:])")
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_LINE_START = re.compile(r"(?:[#>|:~=]|[-+](?=[\s\-+|:]|$)|_(?=[\s_]))")
_NUMBERED = re.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def escape(text: str) -> str:
    """Return a text on one line, with the characters escaped that Markdown, HTML or formulas would interpret."""
    text = " ".join(text.split())
    # A doubled backslash before a parenthesis would begin a formula in Jupyter, so it is an entity.
    text = "&#92;".join(_ENTITY.sub(r"\\&", part) for part in text.split("\\"))
    text = _LINK.sub(r"]\\", _ALWAYS.sub(r"\\\g<0>", text))
    if _LINE_START.match(text):
        text = "\\" + text
    return _NUMBERED.sub(r"\1\\\2", text, count=1) if _NUMBERED.match(text) else text


def inline(value: JsonValue) -> str:
    """Return a value on one line: lists with commas, objects as "Name: value" with semicolons."""
    if isinstance(value, dict):
        return "; ".join(f"{label(key)}: {inline(item)}" for key, item in value.items() if has_text(item))
    if isinstance(value, list):
        return ", ".join(inline(item) for item in value if has_text(item))
    return escape(str(value))


def has_text(value: JsonValue) -> bool:
    """Tell whether a value has any text."""
    if isinstance(value, dict):
        return any(map(has_text, value.values()))
    if isinstance(value, list):
        return any(map(has_text, value))
    return value is not None and str(value).strip() != ""


def label(key: str) -> str:
    """Return the name of a field as people write it: "Start date" for "startDate"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    return escape(spaced[:1].upper() + (spaced[1:].lower() if spaced != key else spaced[1:]))


def paragraphs(value: JsonValue) -> list[str]:
    """Return the paragraphs of a text; a value of another kind is one paragraph."""
    if not isinstance(value, str):
        return [inline(value)]
    # Two spaces at the end keep the line breaks of an address.
    blocks = (block for block in re.split(r"\n[ \t]*\n", value) if block.strip())
    return ["  \n".join(escape(line) for line in block.split("\n") if line.strip()) for block in blocks]


def readable_date(value: JsonValue) -> str:
    """Return an ISO date as people write it, such as "Dec 2013". The first of a month stands for the month."""
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-([0-9]{2}))?", value) if isinstance(value, str) else None
    if not found:
        return inline(value)
    month = f"{_MONTHS[int(found[2]) - 1]} {found[1]}"
    return month if found[3] in {None, "01"} else f"{int(found[3])} {month}"


def period(entry: dict[str, JsonValue]) -> str:
    """Return the dates of an entry, such as "Jan 2020 – present", or ""."""
    start, end = entry.get("startDate"), entry.get("endDate")
    if start and start == end:
        return readable_date(start)
    if start:
        return f"{readable_date(start)} – {readable_date(end) if end else 'present'}"
    return readable_date(end) if end else ""
