"""Plain JSON data as the type checker can follow it."""

from __future__ import annotations

from typing import Any, TypeGuard

__all__ = ["is_list", "is_object", "list_at", "object_at"]


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a list."""
    return isinstance(value, list)


def object_at(value: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object under a key, an empty one where there is none."""
    found = value.get(key)
    return found if is_object(found) else {}


def list_at(value: dict[str, Any], key: str) -> list[Any]:
    """Return the list under a key, an empty one where there is none."""
    found = value.get(key)
    return found if is_list(found) else []
