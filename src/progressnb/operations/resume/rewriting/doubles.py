"""Entries and lines that a draft has twice: careless models repeat them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.schemas import Draft

__all__ = ["without_doubles"]


def without_doubles(draft: Draft) -> Draft:
    """Return a draft in which no list has an item twice."""
    return draft.model_copy(update={"resume": JSONResume.model_validate(_once(draft.resume.to_data()))})


def _once(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _once(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    return list({json.dumps(item, sort_keys=True): item for item in map(_once, value)}.values())
