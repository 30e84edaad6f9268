"""The kinds of bodies by media type, and of security schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.schemas import Scheme

if TYPE_CHECKING:
    from progressnb.operations.testcases.schemas import BodyKind
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["kind_of", "read_scheme"]


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


def read_scheme(number: int, name: str, stated: Schema) -> Scheme:
    """Return a security scheme; its secret is expected in the environment variable `API_AUTH_<number>`."""
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
    return Scheme(id=f"scheme-{number}", name=name, kind=known, parameter=parameter, variable=f"API_AUTH_{number}")
