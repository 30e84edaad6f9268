"""The addresses of servers: the first one that is stated, with the defaults of its variables."""

from __future__ import annotations

import re
from typing import Any

from progressnb.operations.testcases.spec.plain import is_object, list_at, object_at

__all__ = ["address_of"]

_VARIABLE = re.compile(r"\{([^{}]*)\}")


def address_of(stated: dict[str, Any]) -> str:
    """Return the address of the first server of a document, a path or an operation, or nothing where it has none."""
    servers = [each for each in list_at(stated, "servers") if is_object(each)]
    if not servers:
        return ""
    server = servers[0]
    variables = object_at(server, "variables")
    url = server.get("url")
    filled = _VARIABLE.sub(
        lambda found: str(object_at(variables, found[1]).get("default", "")), url if isinstance(url, str) else ""
    )
    is_bare = filled and "://" not in filled and not filled.startswith("/")
    return ("/" * bool(is_bare) + filled).rstrip("/")
