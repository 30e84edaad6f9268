"""The ids of cases: ASCII without spaces, made of the case alone, so that another path or limit renames none."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.operations.testcases.schemas import Case

__all__ = ["name_cases"]

_LONGEST = 100
"""Characters of an id after its endpoint."""

# Words for what titles say at length, so that an id does not depend on a limit or an example value.
_SHORT = [
    (r"one (character|item) less than .*", "too_short"),
    (r"one (character|item) more than .*", "too_long"),
    (r"the least length, .*", "shortest"),
    (r"the greatest length, .*", "longest"),
    (r"beyond the least, .*", "too_small"),
    (r"beyond the greatest, .*", "too_large"),
    (r"the least itself, .*", "least"),
    (r"the greatest itself, .*", "greatest"),
    (r"the limit .*, which is not allowed itself", "limit"),
    (r"no multiple of .*", "no_multiple"),
    (r"more than .* fields", "too_many_fields"),
    (r"the same item twice", "twice"),
    (r"text of another pattern", "other_pattern"),
    (r"text that is no (.*)", r"no_\1"),
    (r"a number that (.*) can't hold", r"beyond_\1"),
    (r"a field that is not allowed", "not_allowed"),
    (r"without '.*', which is required", "missing"),
    (r"no JSON", "no_json"),
]


def name_cases(cases: Iterable[Case]) -> None:
    """Give each case its id. Cases of an endpoint that would have the same are counted."""
    taken: dict[str, int] = {}
    for case in cases:
        name = f"{_endpoint(case.endpoint)}-{_title(case.name)}"
        # Another endpoint never has the same beginning, so only the cases of this one are counted.
        taken[name] = taken.get(name, 0) + 1
        case.id = name if taken[name] == 1 else f"{name}.{taken[name]}"


def _endpoint(name: str) -> str:
    """Return a method and path as `GET-/pets/:id`; what can't be written so is told apart by a digest."""
    method, _, path = name.partition(" ")
    readable = re.sub(r"\{([^{}]*)\}", r":\1", path)
    slug = re.sub(r"[^A-Za-z0-9/:._-]+", "_", readable)
    is_exact = slug == readable and ":" not in path
    return f"{method}-{slug}" if is_exact else f"{method}-{slug}~{_digest(path)}".replace("~", "_")


def _title(title: str) -> str:
    where, found, what = title.partition(": ")
    if not found:
        return _slug(title)
    where = re.sub(r"^(body|\w+ parameter \S+) at /", r"\1.", where)
    where = re.sub(r"^(\w+) parameter ", r"\1.", where).replace("/", ".")
    given = re.fullmatch(r"(.+?) instead of an? (\w+)", what)
    if given is not None:
        what = f"{_kind(given[1])}_for_{given[2]}"
    for pattern, short in _SHORT:
        if re.fullmatch(pattern, what):
            what = re.sub(pattern, short, what)
            break
    return f"{_slug(where)}-{_slug(what)}"


def _kind(value: str) -> str:
    """Return the kind of a value that is written as JSON: ids don't depend on the values that were chosen."""
    if value[:1] in '"[{':
        return {'"': "text", "[": "list", "{": "object"}[value[0]]
    return value if value.isalpha() else "fraction" if "." in value else "number"


def _slug(text: str) -> str:
    """Return words as ASCII that `pytest -k` and a shell take without quotes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9._-]+", "_", plain.replace("'", "")).strip("_-.") or "x"
    if plain != text or len(slug) > _LONGEST:
        slug = f"{slug[:_LONGEST]}_{_digest(text)}"
    return slug


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
