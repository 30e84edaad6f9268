"""The heading of a text that is a document: JSON, YAML, HTML, code, a table or Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import from_json

__all__ = ["telling_part"]

_READ = 20_000
"""Characters of a text that are read."""

_LINES = 40
"""Lines, without empty ones, by which the kind of a text is told."""

_WIDTH = 300
"""Characters of such a line."""

_FEWEST = 2
"""Lines of a kind that make a document."""

_MARKUP = re.compile(r"\s*<(?:!doctype|!--|\?xml|[a-z][\w:-]*[\s/>])", re.IGNORECASE)
_MARKUP_TITLE = tuple(
    re.compile(rf"<{name}\b[^>]{{0,500}}>(.{{0,500}}?)</{name}\s*>", re.IGNORECASE | re.DOTALL)
    for name in ("title", "h1", "h2")
)
_TAG = re.compile(r"<[^<>]*>")

_KEY = re.compile(r"""(?:[a-z_$][\w.$/-]*|"[^"\n]+"|'[^'\n]+')\s*:(?:\s|$)|[A-Z]\w*:$""")
_SETTING = re.compile(r"[\w.-]+\s*=\s*\S|\[+[\w. \"-]+\]+$")
_FIELD = tuple(
    re.compile(rf"""^[ \t]{{0,4}}["']?{name}["']?[ \t]*[:=][ \t]*([^\s|>].*)$""", re.MULTILINE | re.IGNORECASE)
    for name in ("title", "name")
)
_COMMENT = re.compile(r"\s#.*$")

_CODE = re.compile(
    r"""\s*(?:import\s+[\w.{"'*]+.*|from\s+[\w.]+\s+import\s.+|(?:async\s+)?def\s+\w+\(.*|class\s+\w+.*[:{]"""
    r"""|(?:return|raise|yield|await)\b.*|@\w[\w.]*(?:\(.*)?|\#include\b.*|\#!.*|//.*|/\*.*|package\s+[\w.]+"""
    r"""|(?:const|let|var)\s+\w+.*=.*|[\w.\[\]"']+\s*[-+*/|]?=\s*\S.*|[\w.]+\(.*\)|.*[{};]|.*\):|[\])}]+,?)\s*$"""
)
_QUERY = re.compile(
    r"\s*(?:select|insert\s+into|update|create|delete\s+from|with)\b[^\n]*\n(?:.*\n)*?"
    r"\s*(?:from|where|join|values|set|group\s+by|as)\b",
    re.IGNORECASE,
)
_LATEX = re.compile(r"\\(?:title|chapter|section)\*?\{([^{}\n]+)\}")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*)$|^(\S.*)\n(?:={3,}|-{3,})[ \t]*$", re.MULTILINE)


def telling_part(text: str) -> str | None:
    """Return the title or first heading of a document, or None where it has none. Plain prose is returned itself.

    Documents are data, markup, code, tables and texts with headings: their first words say little of them.
    """
    is_document, heading = _look(text)
    return heading if is_document else text


def _look(text: str) -> tuple[bool, str | None]:
    text = text[:_READ].lstrip("\ufeff").strip()
    data = _json(text)
    if data is not None:
        return True, _named(data)
    if _MARKUP.match(text):
        found = next((match for each in _MARKUP_TITLE if (match := each.search(text))), None)
        return True, found and _clean(html.unescape(_TAG.sub(" ", found[1])))
    lines = [line[:_WIDTH].rstrip() for line in text.splitlines() if line.strip()][:_LINES]
    if _are_fields(lines):
        found = next((match for each in _FIELD if (match := each.search(text))), None)
        heading = _HEADING.search(text) if found is None and text.startswith("---") else None
        return True, _value(found[1]) if found else _heading(heading)
    if text.startswith("\\"):
        found = _LATEX.search(text)
        return True, found and _clean(found[1])
    if _is_code(text, lines) or _is_table(lines):
        return True, None
    found = _HEADING.search(text) if len(lines) > 1 else None
    return found is not None, _heading(found)


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON of a text, or of the beginning that was read; None for other texts."""
    if not re.match(r"""\{\s*["}]|\[\s*[\[{"\d\]-]""", text):
        return None
    try:
        return from_json(text.encode("utf-8", "replace"), allow_partial=len(text) >= _READ - 1)
    except ValueError:
        return None


def _named(data: object) -> str | None:
    """Return the `title` or `name` of an object, else that of an object in it."""
    if not isinstance(data, Mapping):
        return None
    fields = cast("Mapping[str, object]", data)
    inner = [cast("Mapping[str, object]", each) for each in fields.values() if isinstance(each, Mapping)]
    values = [each.get(name) for each in (fields, *inner) for name in ("title", "name")]
    return next((text for value in values if isinstance(value, str) and (text := _clean(value))), None)


def _are_fields(lines: list[str]) -> bool:
    """Tell whether lines are YAML, TOML or the like: those at the margin have a key each."""
    at_margin = [line for line in lines if line[0] not in " \t#;}-" and line not in ("---", "...")]
    if lines[:1] == ["---"]:  # Markdown may follow
        at_margin = at_margin[:_FEWEST]
    marks = (_KEY, _SETTING) if lines and lines[0].startswith("[") else (_KEY,)
    count = sum(any(mark.match(line) for mark in marks) for line in at_margin)
    return len(lines) >= _FEWEST and count > 0 and count * 4 >= len(at_margin) * 3


def _is_code(text: str, lines: list[str]) -> bool:
    if len(lines) < _FEWEST:
        return False
    return sum(bool(_CODE.match(line)) for line in lines) * 2 >= len(lines) or bool(_QUERY.match(text[:2_000]))


def _is_table(lines: list[str]) -> bool:
    """Tell whether lines are those of a CSV file: three or more with as many cells each, and no sentences."""
    first = lines[:5]
    return len(first) > _FEWEST and any(
        len({line.count(mark) for line in first}) == 1 and first[0].count(mark) and not first[0].endswith((".", mark))
        for mark in (",", "\t", ";", "|")
        if f"{mark} " not in first[0]
    )


def _heading(found: re.Match[str] | None) -> str | None:
    return _clean((found[1] or found[2]).rstrip("# \t")) if found else None


def _value(text: str) -> str | None:
    text = text.strip().rstrip(",")
    quote = text[:1]
    if quote in ("'", '"'):
        return _clean(text[1:].partition(quote)[0])
    return _clean(_COMMENT.sub("", text))


def _clean(text: str) -> str | None:
    return " ".join(text.split()) or None
