"""Other forms than a model was asked for, where the meaning is sure: of pointers, paths and statuses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Collection

    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["asked_endpoint", "asked_statuses", "json_of", "place_of"]

_STATUS = re.compile(r"\s*([1-5](?:\d\d|XX))\b.*", re.IGNORECASE | re.DOTALL)
_INDEX = re.compile(r"\[(\d+|\*|)\]|\[['\"]([^'\"]*)['\"]\]")
_ROOT = re.compile(r"^(?:\$|response|answer)?(?:(?:^|[./])body)?(?=[./]|$)")
_ANY = ("*", "-", "#")


def place_of(written: str) -> tuple[str, str]:
    """Return a place in an answer as a JSON Pointer, and the one within each thing of a list that it names.

    Taken are `/items/0/id`, `items/0/id`, `$.items[0].id`, `body.items[*].id`, and `@X-Total-Count` for a header.
    """
    text = written.strip()
    if text.startswith("@"):
        return text, ""
    if not text.startswith("/"):
        text = _INDEX.sub(lambda found: f".{found[1] or found[2] or '*'}", text)
        text = _ROOT.sub("", text, count=1)
        text = "/" + re.sub(r"[./]+", "/", text).strip("/") if text.strip("./") else ""
    keys = text.rstrip("/").split("/")[1:]
    at = next((number for number, key in enumerate(keys) if key in _ANY), len(keys))
    return "".join(f"/{key}" for key in keys[:at]), "".join(f"/{key}" for key in keys[at + 1 :])


def asked_statuses(written: list[str]) -> list[str] | None:
    """Return statuses such as `201` and `4XX`, or None where one is none."""
    found = [_STATUS.fullmatch(each) for each in written]
    return list(dict.fromkeys(each[1].upper() for each in found if each)) if found and all(found) else None


def asked_endpoint(
    written: str, api: Api, kept: Collection[str]
) -> tuple[Endpoint, dict[str, str], dict[str, str]] | None:
    """Return the endpoint that a text names, and the values of its path and query that the text has.

    A path may have values in it, `/pets/{pet}` with the name of a kept value or `/pets/7`, and a query.
    """
    method, _, rest = written.strip().partition(" ")
    path, _, query = rest.strip().partition("?")
    exact = api.find(method, path)
    if exact is not None:
        return exact, {}, dict(parse_qsl(query, keep_blank_values=True))
    parts = path.rstrip("/").split("/")
    fitting: list[tuple[int, Endpoint, dict[str, str]]] = []
    for name in api.names:
        other, _, template = name.partition(" ")
        stated = template.rstrip("/").split("/")
        if other != method.upper() or len(stated) != len(parts):
            continue
        values: dict[str, str] = {}
        for own, given in zip(stated, parts, strict=True):
            if re.fullmatch(r"\{[^{}]+\}", own):
                is_name = re.fullmatch(r"\{([^{}]+)\}", given)
                if is_name is None or is_name[1] in kept:
                    values[own[1:-1]] = unquote(given)
            elif own != given:
                break
        else:
            endpoint = api.known.get(name)
            if endpoint is not None:
                fitting.append((template.count("{"), endpoint, values))
    if not fitting:
        return None
    _, found, values = min(fitting, key=lambda each: each[0])
    return found, values, dict(parse_qsl(query, keep_blank_values=True))


def json_of(body: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a body that was written as a text of JSON as what it says."""
    if isinstance(body, str) and body.lstrip()[:1] in ("{", "["):
        try:
            found: Any = json.loads(body)
        except (ValueError, RecursionError):
            return body
        return found
    return body
