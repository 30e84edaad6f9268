"""The facts among the data of an event: numbers, and texts of a few words that are known to say nothing else.

Anybody may report data under a reserved key. So a value is kept for what it is, and not for its key alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from progressnb.history.wordings import HIDDEN, template_of
from progressnb.wire.events import KEPT_DATA

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["hide_data", "is_name", "kept_name", "kept_source"]

_WORDS = frozenset(
    {
        *("offline", "fallback", "restored", "foundation", "model", "rules"),  # source
        *("approval", "answer", "agent", "tool"),  # waiting_for, traced
        *("unended", "limit", "filter", "refused", "broken"),  # answer_end
        *("kind", "by", "count", "ends", "cost", "tokens", "seconds", "requests"),  # fields
        *("approve", "deny", "enough", "stop_if", "budget", "max_failures", "engine", "cancel", "fault"),
        *("code", "page", "panel", "person"),  # by
        *("planning", "understanding_schema", "generating_query", "executing_query", "validating_results"),  # state
        *("transforming_data", "completed", "failed", "cancelled", "retrying", "preparing", "calling", "parsing"),
    }
)
_OF_STAGES = frozenset({"expected", "rerun", "reused"})
"""Data of the run itself that name its stages."""

# No name has as many digits as a telephone or a card. Of what is very short no more is told than its first letters.
_NAME = re.compile(r"(?!.*\d{9})[\w.:/@+-]+")
_LONGEST_NAME = 128
_KEY = re.compile(r"(?!.*\d{7})[^\W\d][\w.:-]{0,63}|.{0,8}", re.DOTALL)

_NUMBER = (int, float)
_DIGITS = 4  # of the number of an answer


def is_name(text: object) -> bool:
    """Tell whether a text looks like the name of a model or of a class, and not like words."""
    return isinstance(text, str) and len(text) <= _LONGEST_NAME and _looks_like_a_name(text)


@lru_cache(1024)
def _looks_like_a_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def kept_name(text: str | None) -> str | None:
    """Return the name of a model as a store without contents keeps it."""
    return text if text is None or is_name(text) else HIDDEN


def kept_source(text: str | None) -> str | None:
    """Return the source of a stage's result as a store without contents keeps it."""
    return text if text is None or _is_ours(text) else HIDDEN


def hide_data(data: dict[str, Any], beside: frozenset[str] = frozenset(), *, of_run: bool = False) -> bool:
    """Null what is not known to be a fact, and drop keys that are no names; return whether there was any.

    Values under the keys `beside` are left to the caller. `of_run` says that the data are those of the run itself.
    """
    hidden = False
    for key, value in [*data.items()]:
        if type(value) in _NUMBER and key in KEPT_DATA:  # nearly always
            continue
        if not _is_key(key):
            del data[key]
            hidden = True
        elif value is not None and key not in beside and not (key in KEPT_DATA and _is_fact(key, value, of_run)):
            data[key], hidden = None, True
    return hidden


@lru_cache(1024)
def _is_key(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


def _is_fact(key: str, value: object, of_run: bool) -> bool:  # noqa: FBT001 - of this module
    if isinstance(value, _NUMBER):
        return True
    if key == "model" and isinstance(value, str):
        return is_name(value)
    if of_run and key in _OF_STAGES:
        if isinstance(value, dict):
            parts = cast("dict[str, object]", value).values()
            return all(isinstance(each, int | float) or each is None or _is_ours(each) for each in parts)
        return isinstance(value, list)
    return _is_plain(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        fields = cast("Mapping[str, object]", value)
        known = all(key in _WORDS or (key.isdecimal() and len(key) < _DIGITS) for key in fields)
        return known and all(map(_is_plain, fields.values()))
    if isinstance(value, list):
        return all(map(_is_plain, cast("list[object]", value)))
    return value is None or isinstance(value, int | float) or _is_ours(value)


def _is_ours(value: object) -> bool:
    return isinstance(value, str) and (value in _WORDS or template_of(value) == value)
