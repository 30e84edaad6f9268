"""Endpoints that end others: they take away what the cases after them may need, such as the session."""

from __future__ import annotations

import re

__all__ = ["ends_others"]

_ENDS = re.compile(
    r"(log|sign)[-_]?(out|off)|revoke|rotate|reset|shutdown|terminate|deactivate|blacklist|invalidate|"
    r"(change|update|set)[-_]?password|password[-_]?(change|update)|quit|wipe|purge|flush",
    re.IGNORECASE,
)


_STOPS = re.compile(r"shutdown|terminate|quit", re.IGNORECASE)


def ends_others(endpoint: str) -> int:
    """Tell whether an endpoint ends a session, changes a secret, or deletes all there is of a kind; 2 stops the server.

    Its cases come after all others: `POST /logout`, `POST /users/me/reset-token`, `DELETE /accounts`.
    """
    method, _, path = endpoint.partition(" ")
    words = [part for part in path.split("/") if part and "{" not in part]
    own = not path.rstrip("/").endswith("}")
    if not own or (method != "DELETE" and not (words and _ENDS.search(words[-1]))):
        return 0
    return 2 if words and _STOPS.search(words[-1]) else 1
