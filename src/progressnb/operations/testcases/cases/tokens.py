"""Texts of a model that stand for values of a run, `{new}` or `{pet}`: whether they are known, and where they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.schemas import Request

__all__ = ["AT_RUN", "as_example", "is_token", "unknown_name", "used"]

_TOKEN = re.compile(r"\{([A-Za-z]\w*)((?:[+-][\w.]+)*)\}", re.ASCII)
_NAMES = re.compile(r"(?<=[+-])[A-Za-z]\w*", re.ASCII)
_EXAMPLES = [
    (re.compile(r"\{new\}"), "abcd1234"),
    (re.compile(r"\{NEW\}"), "ABCD1234"),
    (re.compile(r"\{today(?:[+-]\w+)*\}"), "2030-01-31"),
    (re.compile(r"\{now(?:[+-]\w+)*\}"), "2030-01-31T12:00:00Z"),
]
"""Values of the kind that is sent, for the check of a body before."""

AT_RUN = ("new", "NEW", "today", "now")


def is_token(value: object) -> bool:
    """Tell whether a value is one text that stands for another value."""
    return isinstance(value, str) and bool(_TOKEN.fullmatch(value))


def as_example(body: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a body with values of the kind that will be sent, or `...` where these are kept of earlier answers."""
    written = json.dumps(body)
    for token, example in _EXAMPLES:
        written = token.sub(example, written)
    return ... if _TOKEN.search(written) else json.loads(written)


def unknown_name(value: Any, kept: set[str]) -> str | None:  # noqa: ANN401 - plain data
    """Return a name that a value has and that no step has kept, or None."""
    tokens = [found for _, each in leaves(value, "") if isinstance(each, str) for found in _TOKEN.finditer(each)]
    first = {found[1] for found in tokens} - set(AT_RUN)
    added = {each for found in tokens for each in _NAMES.findall(found[2])}
    return min((first | added) - kept, default=None)


def used(request: Request, kept: set[str]) -> Iterator[tuple[str, str]]:
    """Yield where a kept value stands alone in a request, a JSON Pointer, and its name."""
    for name in ("path_values", "query", "headers", "body"):
        for pointer, value in leaves(getattr(request, name), f"/{name}"):
            if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}" and value[1:-1] in kept:
                yield pointer, value[1:-1]
