"""Values that are new in each run: names, addresses and numbers that a server may want to be unique."""

from __future__ import annotations

import hashlib
import os
import random
import re
import string
import uuid
from typing import Any

from .plain import found, put

__all__ = ["new_seed", "new_text", "refresh"]

_LETTERS = string.ascii_lowercase + string.digits
_LENGTH = 8
_MOST_CHANGED = 24
"""Characters of a text that are changed."""


def new_seed() -> str:
    """Return `API_SEED`, or one that no run had before. The workers of pytest-xdist share one."""
    given = os.environ.get("API_SEED") or os.environ.get("PYTEST_XDIST_TESTRUNUID")
    return given or uuid.uuid4().hex[:12]


def refresh(
    request: dict[str, Any], fresh: dict[str, Any], *place: object, by_value: bool = False
) -> list[tuple[Any, Any]]:
    """Give fields of a request a part that depends on the place alone: the seed, the case, the step, the attempt.

    With `by_value` it depends on the value instead of the field: what is the same in a case stays the same. Returned
    are the values before and after.
    """
    changed: list[tuple[Any, Any]] = []
    for pointer, form in fresh.items():
        value = found(request, pointer)
        digest = hashlib.sha256("\0".join(map(str, (*place, value if by_value else pointer))).encode()).hexdigest()
        new = _new(value, form, random.Random(digest))  # noqa: S311 - no secret
        if new is not None:
            put(request, pointer, new)
            changed.append((value, new))
    return changed


def new_text(*place: object) -> str:
    """Return a short text that depends on the place alone."""
    digest = hashlib.sha256("\0".join(map(str, place)).encode()).hexdigest()
    return "".join(random.Random(digest).choices(_LETTERS, k=_LENGTH))  # noqa: S311 - no secret


def _new(value: Any, form: dict[str, Any], draw: random.Random) -> Any:  # noqa: ANN401, PLR0911 - a table
    kind, longest = form["kind"], form.get("longest") or 10_000
    token = "".join(draw.choices(_LETTERS, k=_LENGTH))
    if kind == "integer" and isinstance(value, int):
        return draw.randint(form.get("least", 1), form.get("most", 2**31 - 1))
    if not isinstance(value, str):
        return None
    if kind == "uuid":
        return str(uuid.UUID(int=draw.getrandbits(128), version=4))
    if kind == "like":
        return _longer(value, form["pattern"], longest, draw) or _alike(value, form["pattern"], draw)
    if kind == "email":
        name, _, host = value.rpartition("@")
        return _within(f"{name}.{token}@{host}", longest)
    if kind == "uri":
        return _within(f"{value.rstrip('/')}/{token}", longest)
    if kind == "host":
        return _within(f"{token}.{value}", longest)
    longer = f"{value}-{token}"
    if len(longer) <= longest:
        return longer
    kept = max(len(value) - _LENGTH, 0)
    return value[:kept] + token[: len(value) - kept]


def _within(text: str, longest: int) -> str | None:
    return text if len(text) <= longest else None


def _longer(value: str, pattern: str, longest: int, draw: random.Random) -> str | None:
    """Return a text with an ending, if the pattern takes one: a short text alone has few others of its shape."""
    endings = ("".join(draw.choices(each, k=_LENGTH)) for each in (_LETTERS, string.digits, string.ascii_uppercase))
    fine = (f"{value}{each}" for each in endings if len(value) + _LENGTH <= longest)
    return next((each for each in fine if re.search(pattern, each)), None)


def _alike(value: str, pattern: str, draw: random.Random) -> str | None:
    """Return a text of the same shape: digits for digits, letters for letters, wherever the pattern takes another."""
    chars = list(value)
    for at in draw.sample(range(len(chars)), min(len(chars), _MOST_CHANGED)):
        old = chars[at]
        for letters in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
            if old in letters:
                chars[at] = draw.choice(letters)
        if chars[at] != old and not re.search(pattern, "".join(chars)):
            chars[at] = old
    new = "".join(chars)
    return new if new != value else None
