"""Endpoints that end others: they take away what the cases after them may need, such as the session."""

from __future__ import annotations

import re

__all__ = ["ends_others"]

_ENDS = re.compile(
    r"(log|sign)[-_]?(out|off)|revoke|rotate|reset|shutdown|terminate|deactivate|blacklist|invalidate|"
    r"(change|update|set)[-_]?password|password[-_]?(change|update)|quit|wipe|purge|flush",
    re.IGNORECASE,
)


def ends_others(endpoint: str) -> bool:
    """Tell whether an endpoint ends a session, changes a secret, stops the server, or deletes all there is of a kind.

    Its cases come after all others: `POST /logout`, `POST /users/me/reset-token`, `DELETE /accounts`.
    """
    method, _, path = endpoint.partition(" ")
    words = [part for part in path.split("/") if part and "{" not in part]
    own = not path.rstrip("/").endswith("}")
    return (own and method == "DELETE") or bool(own and words and _ENDS.search(words[-1]))
