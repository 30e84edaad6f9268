"""The addresses that answers name: the header Location, and the next page of a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from .answers import Mismatch, body_of
from .plain import as_text, found, is_object
from .values import items_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

__all__ = ["follow", "locate"]

_PAGES = 20
"""Pages that are followed."""


def locate(
    response: httpx.Response, check: dict[str, Any], wanted: object, ask: Callable[[dict[str, Any]], httpx.Response]
) -> None:
    """Follow the header Location of this server to what was made, whose id is the `wanted` one."""
    where = response.headers.get("location")
    target = _address(response, where) if where is not None and response.is_success else None
    if target is None:
        return
    read = ask({**check["value"], "path": target})
    if not read.is_success:
        method = response.request.method
        raise Mismatch(f"the thing that {method} made at Location {where}", f"status {read.status_code}")
    value = found(body_of(read), check["pointer"])
    if value is not None and as_text(value) != as_text(wanted):
        raise Mismatch(f"{check['pointer']} {wanted!r} at Location {where}", repr(value))


def follow(
    response: httpx.Response,
    check: dict[str, Any],
    request: dict[str, Any],
    ask: Callable[[dict[str, Any]], httpx.Response],
) -> None:
    """Follow a list from page to page: nothing comes twice."""
    seen: list[Any] = []
    for _ in range(_PAGES):
        body = body_of(response)
        ids = [item.get(check["name"]) for item in items_of(body) or [] if is_object(item)]
        twice = [each for each in ids if each is not None and each in seen]
        if twice:
            raise Mismatch("pages with nothing that was on another", f"{check['name']} {twice[0]!r} again")
        seen += ids
        token = found(body, check["pointer"])
        following = _next(response, token, request, check["value"])
        if not response.is_success or following is None:
            return
        if not ids and str(token).isdigit():
            raise Mismatch("no next page after an empty one", f"{token!r} at {check['pointer']}")
        response = ask(following)


def _next(response: httpx.Response, token: Any, request: dict[str, Any], name: str) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the request for the next page: by a token, or by an address of this server."""
    token = token or response.links.get("next", {}).get("url")
    if not isinstance(token, str | int) or not token:
        return None
    if name and not re.match(r"https?://|[/?]", str(token)):
        return {**request, "query": {**request.get("query", {}), name: as_text(token)}}
    target = _address(response, str(token))
    return None if target is None else {**request, "path": target, "path_values": {}, "query": {}}


def _address(response: httpx.Response, where: str) -> str | None:
    """Return the whole address that an answer names, or None for another server's: credentials stay with theirs."""
    target = urljoin(str(response.url), where)
    return target if urlsplit(target)[:2] == urlsplit(str(response.url))[:2] else None
