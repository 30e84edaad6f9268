"""Small helpers for plain JSON data."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

__all__ = ["as_text", "cut", "found", "is_list", "is_object", "listed", "parts", "put"]


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)


def parts(pointer: str) -> list[str]:
    """Return the keys of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def found(value: Any, pointer: str) -> Any:  # noqa: ANN401 - plain data
    """Return the value at a JSON Pointer, or None."""
    try:
        for key in parts(pointer):
            value = value[int(key) if is_list(value) else key]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return value


def put(whole: Any, pointer: str, value: Any) -> None:  # noqa: ANN401 - plain data
    """Replace what is at a JSON Pointer. Where nothing is, nothing changes."""
    *parents, last = parts(pointer)
    try:
        for key in parents:
            whole = whole[int(key) if is_list(whole) else key]
        if is_list(whole):
            whole[int(last)] = value
        elif last in whole:
            whole[last] = value
    except (KeyError, IndexError, TypeError, ValueError):
        return


def listed(value: str | list[str]) -> list[str]:
    """Return one value or several as a list."""
    return [value] if isinstance(value, str) else value


def as_text(value: Any) -> str:  # noqa: ANN401 - plain data
    """Return a value as it is written in an address."""
    return value if isinstance(value, str) else json.dumps(value)


def cut(text: str, longest: int = 600) -> str:
    """Return a text of bounded length; what is left out is counted."""
    return text if len(text) <= longest else f"{text[:longest]} … ({len(text) - longest:,} more characters)"
