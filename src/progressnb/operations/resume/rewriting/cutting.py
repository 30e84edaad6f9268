"""What the text to send leaves out, while the data keeps it: never what a reader asks after first."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from progressnb.operations.resume.schemas import Cut

__all__ = ["allowed", "said_at", "without_cuts"]

# Whole: what is about the person and not the work. Jobs, schools, skills and the like are shown whatever a model says.
_WHOLE = re.compile(r"(?:interests|references|basics\.image)|(?:interests|references|basics\.profiles)\[\d{1,4}\]")
_IN_PART = re.compile(r"basics\.summary|(?:work|volunteer|projects)\[\d{1,4}\]\.(?:summary|highlights\[\d{1,4}\])")


def _at(data: JsonValue, place: str) -> JsonValue:
    for step in re.findall(r"[^.\[\]]+", place):
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def said_at(data: JsonValue, place: str) -> str:
    """Return what stands at a place, on one line."""
    return " · ".join(leaf.text for leaf in leaves(_at(data, place), "_"))


def allowed(data: dict[str, JsonValue], cuts: Iterable[Cut]) -> list[Cut]:
    """Keep the cuts that may be made: whole interests, references and accounts, and single sentences."""
    kept: list[Cut] = []
    for cut in cuts:
        value = _at(data, cut.place)
        if cut.text.strip() and _IN_PART.fullmatch(cut.place) and isinstance(value, str):
            if cut.text in value and value.strip() != cut.text.strip():
                kept.append(cut)
        elif value is not None and _WHOLE.fullmatch(cut.place):
            kept.append(cut.model_copy(update={"text": ""}))
    return kept


def without_cuts(data: dict[str, JsonValue], cuts: Iterable[Cut]) -> dict[str, JsonValue]:
    """Return a copy without what is cut."""
    cuts = list(cuts)
    if not cuts:
        return data
    shown = copy.deepcopy(data)
    for cut in cuts:
        parent, key = _parent(shown, cut.place)
        if isinstance(parent, dict) and key in parent:
            value = parent[key]
            parent[key] = _shorter(value, cut.text) if cut.text and isinstance(value, str) else None
        elif isinstance(parent, list) and key.isdigit() and int(key) < len(parent):
            value = parent[int(key)]
            parent[int(key)] = _shorter(value, cut.text) if cut.text and isinstance(value, str) else None
    return shown


def _parent(data: dict[str, JsonValue], place: str) -> tuple[JsonValue, str]:
    *steps, last = re.findall(r"[^.\[\]]+", place) or [""]
    value: JsonValue = data
    for step in steps:
        value = _at(value, step)
    return value, last


def _shorter(value: str, text: str) -> str:
    """Take a sentence out of a text, with the space that it leaves."""
    shorter = value.replace(text, "", 1)
    return re.sub(r"[ \t]{2,9}", " ", re.sub(r"\n[ \t]{1,9}", "\n", shorter)).strip()
