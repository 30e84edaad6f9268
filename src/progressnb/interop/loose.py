"""Values of other libraries, read by their shape: what is not there or of another kind is empty."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["get", "items_of", "mapping_of"]


def get(value: object, name: str) -> Any:  # noqa: ANN401 - of any type
    """Return an attribute, or None; a property that raises is none."""
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 - a broken property is the other library's
        return None


def mapping_of(value: object) -> dict[str, Any]:
    """Return a dictionary as it is, and an empty one for any other value."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items_of(value: object) -> list[Any]:
    """Return the items of a list or a tuple, and none of any other value."""
    return list(cast("list[Any]", value)) if isinstance(value, list | tuple) else []
