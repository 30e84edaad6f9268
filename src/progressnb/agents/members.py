"""The capabilities of an agent or a run, one by one, whatever they are wrapped in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_ai.capabilities import AbstractCapability, WrapperCapability

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["members"]


def members(*roots: object) -> Iterator[AbstractCapability[Any]]:
    """List the capabilities below these. A function that makes a capability is left out: it is not called here."""
    for root in roots:
        if not isinstance(root, AbstractCapability):
            continue
        found: list[AbstractCapability[Any]] = []
        root.apply(found.append)  # pyright: ignore[reportUnknownMemberType] # it may be a capability of anything
        for each in found:
            yield each
            if isinstance(each, WrapperCapability):
                yield from members(each.wrapped)
