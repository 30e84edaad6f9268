"""The facts of an error as events carry them: a text for people that is never empty, its type, its status code."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from progressnb.wire.plain import clean_text, one_line
from progressnb.wire.secrets import without_known_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "causes_of",
    "error_data",
    "error_text",
    "error_type",
    "hush_error",
    "note_stage",
    "status_code",
    "word_error",
]

CAUSES_LIMIT = 5
"""Different causes of an exception group that its text names; the rest is counted."""

CAUSE_LENGTH = 200
"""Characters of each cause in the text of an exception group."""

_CHAIN_LIMIT = 20  # errors of one `raise … from …` chain that are read
_DEPTH = 4  # groups within causes within groups that are read; an error may be its own cause
_ATTRIBUTE = "_progressnb_error"
_HUSHED = "_progressnb_hushed"
_NOTED = "_progressnb_noted"


@dataclass(slots=True)
class _Facts:
    """Facts that a bridge to another library has found out about an error."""

    text: str
    data: dict[str, Any] = field(default_factory=dict[str, Any])


def word_error(error: BaseException, text: str, *, status_code: int | None = None) -> None:
    """Give an error the text that events show in place of its own; the first call for an error wins.

    Args:
        error: The error. It is not changed but for one private attribute.
        text: The text for people: one line, without keys, dumps and pages.
        status_code: The HTTP status of the server's answer, where there was one. Events carry it as
            `data.status_code`.

    """
    if _facts(error) is None:
        data = {} if status_code is None else {"status_code": status_code}
        with contextlib.suppress(AttributeError, TypeError):  # an error may refuse attributes
            setattr(error, _ATTRIBUTE, _Facts(clean_text(text), data))


def hush_error(error: BaseException) -> None:
    """Keep the text of an error out of all events, wherever it is reported: its type and its status code are left.

    Work whose contents are not written calls this for its errors, since their texts may quote what it reads and writes.
    It holds for the errors of a group and for explicit causes too.
    """
    left, seen = [error], set[int]()
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        with contextlib.suppress(AttributeError, TypeError):
            object.__setattr__(each, _HUSHED, True)  # past an error's own `__setattr__`, which may refuse
        if (group := _as_group(each)) is not None:
            left += group.exceptions
        if each.__cause__ is not None:
            left.append(each.__cause__)


def note_stage(error: BaseException, note: str, *, run_id: str, parent_id: str | None) -> None:
    """Add a note to an error that says in which stage it arose; that of a run above goes below that of its child.

    One error object may be raised in many runs. The notes of an earlier run are taken away, so that they never pile up.
    """
    for_run, notes = getattr(error, _NOTED, (None, ()))
    if for_run != run_id and notes:
        error.__notes__ = [each for each in getattr(error, "__notes__", ()) if each not in notes]
        notes = ()
    if note not in notes:
        with contextlib.suppress(AttributeError, TypeError):  # past an error's own `__setattr__`, which may refuse
            object.__setattr__(error, _NOTED, (parent_id, (*notes, note)))
            error.add_note(note)


def error_text(error: BaseException) -> str:
    """Return a text for people, never empty, also for errors with no text or a broken one; of a hushed one its type.

    An exception group with one cause has that cause's text. A group of several names them: "ValueError: no paper;
    KeyError: 'x' (2 times)". An error without a text names its explicit cause: "RuntimeError, caused by OSError: full".
    """
    return _text(error, _DEPTH)


def error_type(error: BaseException) -> str:
    """Return the name of an error's type; that of the cause for an exception group with one cause.

    Readers choose advice and count failures by the type: a group around one `TimeoutError` is a `TimeoutError` to
    them, whose text it has too.
    """
    causes = causes_of(error)
    return type(causes[0] if len(causes) == 1 else error).__name__


def error_data(error: BaseException) -> dict[str, Any]:
    """Return the facts of an error for the `data` of its event: `status_code`, where a server had answered."""
    facts = _facts(error)
    if facts is not None and facts.data:
        return dict(facts.data)
    code = status_code(error)
    return {} if code is None else {"status_code": code}


def status_code(error: BaseException) -> int | None:
    """Return the HTTP status that an error of a client library carries, or None; of a group with one cause, that one's.

    Reads `status_code` (pydantic-ai, openai, anthropic), `response.status_code` (httpx, requests) and `status`
    (aiohttp, urllib).
    """
    causes = causes_of(error)
    if len(causes) != 1:
        return None
    cause = causes[0]
    facts = _facts(cause)
    if facts is not None and "status_code" in facts.data:
        return cast("int", facts.data["status_code"])
    for holder, name in ((cause, "status_code"), (_attribute(cause, "response"), "status_code"), (cause, "status")):
        code = _attribute(holder, name)
        if isinstance(code, int) and not isinstance(code, bool) and 100 <= code <= 599:  # noqa: PLR2004 - HTTP's range
            return int(code)
    return None


def causes_of(error: BaseException) -> list[BaseException]:
    """Return the errors that an exception group was made of, nested groups included; else the error itself."""
    causes: list[BaseException] = []
    open_groups = [error]
    while open_groups:
        each = open_groups.pop()
        # A group that was worded is one error to readers.
        if (group := _as_group(each)) is not None and _facts(group) is None:
            open_groups += reversed(group.exceptions)
        else:
            causes.append(each)
    return causes


def _text(error: BaseException, depth: int) -> str:
    is_hushed = _attribute(error, _HUSHED) is True
    if (facts := _facts(error)) is not None and not is_hushed:
        return facts.text
    causes = causes_of(error)
    if causes != [error] and depth:
        return _text(causes[0], depth - 1) if len(causes) == 1 else _listed(causes, depth - 1)
    if is_hushed:
        return type(error).__name__
    if text := _own_text(error):
        return text
    cause = next((each for each in _chain(error) if _has_text(each)), None)
    return type(error).__name__ + ("" if cause is None or not depth else f", caused by {_typed_text(cause, depth - 1)}")


def _as_group(error: BaseException) -> BaseExceptionGroup[BaseException] | None:
    return cast("BaseExceptionGroup[BaseException]", error) if isinstance(error, BaseExceptionGroup) else None


def _facts(error: BaseException) -> _Facts | None:
    facts = _attribute(error, _ATTRIBUTE)
    return facts if isinstance(facts, _Facts) else None


def _attribute(holder: object, name: str) -> object:
    try:
        return getattr(holder, name, None)
    except Exception:  # noqa: BLE001 - a broken property is the user's, and must not end the run
        return None


def _own_text(error: BaseException) -> str:
    try:
        text = without_known_keys(clean_text(str(error)))
    except Exception:  # noqa: BLE001 - a broken __str__ is the user's, and must not end the run
        text = ""
    return "took longer than its timeout" if not text and isinstance(error, TimeoutError) else text


def _has_text(error: BaseException) -> bool:
    return _facts(error) is not None or isinstance(error, BaseExceptionGroup) or bool(_own_text(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    # A chain may be a circle.
    for _ in range(_CHAIN_LIMIT):
        if (cause := error.__cause__) is None:
            return
        yield cause
        error = cause


def _typed_text(error: BaseException, depth: int) -> str:
    text = _text(error, depth)
    named = _facts(error) is not None or causes_of(error) != [error] or text.startswith(type(error).__name__)
    return text if named else f"{type(error).__name__}: {text}"


def _listed(causes: list[BaseException], depth: int) -> str:
    counted = Counter(one_line(_typed_text(cause, depth), CAUSE_LENGTH) for cause in causes)
    shown = list(counted.items())[:CAUSES_LIMIT]
    parts = [text if count == 1 else f"{text} ({count} times)" for text, count in shown]
    if left := len(causes) - sum(count for _, count in shown):
        parts.append(f"and {left:,} more")
    return "; ".join(parts)
