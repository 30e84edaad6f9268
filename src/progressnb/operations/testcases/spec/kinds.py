"""The kinds of bodies by media type, and of security schemes."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.schemas import Scheme
from progressnb.operations.testcases.spec.plain import snake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progressnb.operations.testcases.schemas import BodyKind
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["OF_CLIENTS", "is_secret", "kind_of", "read_scheme"]

OF_CLIENTS = {
    *("accept", "content-type", "authorization", "host", "content-length", "connection", "transfer-encoding"),
    *("accept-encoding", "expect", "te", "trailer", "upgrade", "cookie", "keep-alive", "proxy-authorization"),
}
"""Headers that OpenAPI says are ignored, and those that belong to HTTP itself: clients write them."""

_LONGEST = 40
"""Characters of a variable's name."""


def kind_of(media: str) -> BodyKind | None:
    """Return the kind of a body of a media type, or None where no rule makes one."""
    media = media.partition(";")[0].strip().casefold()
    if media.endswith(("/json", "+json", "/x-json")) or media in ("*/*", "application/*"):
        return "json"
    if media == "application/x-www-form-urlencoded":
        return "form"
    if media == "multipart/form-data":
        return "multipart"
    if media.startswith("text/") and media != "text/xml":
        return "text"
    if media == "application/octet-stream" or media.startswith(("image/", "audio/", "video/")):
        return "bytes"
    return None


def read_scheme(name: str, stated: Schema, names: Iterable[str] = ()) -> Scheme:
    """Return a security scheme; its secret is expected in the environment variable `API_KEY_<NAME>`.

    Both are named after the scheme, so that no secret goes elsewhere when others are added. Of `names`, those that are
    the same in capital letters differ by a part that is made of the name.
    """
    word = _word(name)
    if not word or sum(_word(each) == word for each in names) > 1:
        digest = sha256(name.encode("utf-8", "replace")).hexdigest()[:6].upper()
        word = f"{word}_{digest}".strip("_")
    kind = stated.get("type")
    scheme = str(stated.get("scheme", "")).casefold()
    place = str(stated.get("in", ""))
    known: Any = "other"
    if kind == "apiKey" and place in ("header", "query", "cookie"):
        known = place
    elif kind in ("oauth2", "openIdConnect") or (kind == "http" and scheme == "bearer"):
        known = "bearer"
    elif kind == "http" and scheme == "basic":
        known = "basic"
    parameter = str(stated.get("name", "")) if known in ("header", "query", "cookie") else ""
    return Scheme(id=word, name=name, kind=known, parameter=parameter, variable=f"API_KEY_{word}")


def is_secret(schemes: Iterable[Scheme], place: str, name: str) -> bool:
    """Tell whether a parameter is the key of a security scheme, which is sent as such."""
    return any((each.kind, each.parameter.casefold()) == (place, name.casefold()) for each in schemes)


def _word(name: str) -> str:
    """Return a name as a part of a variable's: `bearerAuth` becomes `BEARER_AUTH`."""
    return re.sub(r"[^A-Za-z0-9]+", "_", snake(name)).strip("_").upper()[:_LONGEST]
