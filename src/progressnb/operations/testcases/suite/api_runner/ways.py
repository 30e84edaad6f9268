"""The ways to be let in: of schemes that are alternatives, those whose secrets are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .suite import Suite

__all__ = ["choose_ways"]


def choose_ways(suite: Suite, credential: Callable[[str], str | None]) -> None:
    """Let the requests of each endpoint use the first way that all secrets are there for; else the first of all."""
    chosen: dict[str, list[str]] = {}
    for name, endpoint in suite.endpoints.items():
        for way in endpoint.get("ways", ()):
            if all(credential(suite.schemes[each]["variable"]) for each in way):
                chosen[name] = way
                break
    for case in suite.cases:
        for step in case["steps"]:
            request = step["request"]
            if request.get("security") and request["endpoint"] in chosen:
                request["security"] = chosen[request["endpoint"]]
    for endpoint in suite.endpoints.values():
        removal = endpoint.get("removal")
        if removal and removal["request"]["endpoint"] in chosen:
            removal["request"]["security"] = chosen[removal["request"]["endpoint"]]
