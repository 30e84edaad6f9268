"""The JSON of requests, measured before it is read: how many values, and how deep they lie in each other.

A few MB of brackets become millions of objects, and everybody waits for the one who checks them.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, cast

from fastapi import HTTPException, Request
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Response

    from progressnb.web.server.limits import Limits

__all__ = ["BoundedRoute", "fault_of"]

FIELDS = 100
"""The largest number of fields of a body itself. No body has so many; each unknown one would be an error of its own."""

_SPACE = b" \t\r\n"
_OTHER = bytes(each for each in range(256) if each not in b"[]{}")
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def fault_of(body: bytes, *, values: int, depth: int) -> str:
    """Return what is too much in a JSON text: more values, or deeper ones, than are allowed; else an empty text."""
    # Signs inside strings count here too, so that most bodies need no closer look.
    opened = body.count(b"[") + body.count(b"{")
    if opened <= depth and opened + body.count(b",") < values:
        return ""
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"")  # so each quote begins or ends a string
    if plain.count(b'"') > 4 * values:  # a key and a text for each value
        return f"more than {values:,} values"
    plain = b"0".join(plain.split(b'"')[::2]).translate(None, _SPACE)  # without strings
    opened = plain.count(b"[") + plain.count(b"{")
    # As many commas as values but for the first one in each list or object, and the whole.
    if 1 + opened + plain.count(b",") - plain.count(b"[]") - plain.count(b"{}") > values:
        return f"more than {values:,} values"
    if max(accumulate(map(_STEPS.__getitem__, plain.translate(None, _OTHER))), default=0) > depth:
        return f"values deeper than {depth:,} levels"
    return ""


class _Request(Request):
    """A request whose JSON is measured before it is read."""

    async def json(self) -> Any:  # noqa: ANN401 - JSON
        """Return the body's JSON. Raises `HTTPException` for more than the limits of the server."""
        limits: Limits = self.app.state.service.limits
        if fault := fault_of(await self.body(), values=limits.values, depth=limits.depth):
            raise HTTPException(400, f"a request may not have {fault}")
        value: Any = await super().json()
        if isinstance(value, dict) and len(cast("dict[str, Any]", value)) > FIELDS:
            raise HTTPException(422, f"a request may not have more than {FIELDS} fields in its body")
        return cast("Any", value)


class BoundedRoute(APIRoute):
    """A route that reads no more JSON than the limits of the server allow."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, which gets requests of ours."""
        handler = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handler(_Request(request.scope, request.receive))

        return bounded
