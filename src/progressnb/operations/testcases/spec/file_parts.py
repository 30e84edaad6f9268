"""The fields of a multipart form that are files, each with one of a fixed list of content types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["file_parts"]

_ANY = "application/octet-stream"

# The runner of the suite has a file name for each of these.
_TYPES = (
    *(_ANY, "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "application/zip"),
    *("text/csv", "text/plain", "application/json", "application/xml", "audio/mpeg", "video/mp4"),
)
_DEEPEST = 5
"""Levels of schemas in each other that are searched."""


def file_parts(form: Any, encoding: dict[str, Any], resolved: Callable[[Any], Any]) -> dict[str, str]:  # noqa: ANN401
    """Return the content type of each field of a form that is a file, by its name.

    OpenAPI 3.0 marks a file with `format: binary`, 3.1 with `contentMediaType`; in both the `encoding` of the media
    type may do so. Swagger 2.0 has a type for it, `file`.
    """
    found: dict[str, str] = {}
    for name, schema in _properties(form, resolved, 0):
        stated = encoding.get(name)
        content_type = stated.get("contentType") if is_object(stated) else None
        if (kind := _file(schema, content_type, resolved, 0)) is not None:
            found[name] = kind
    return found


def _properties(schema: Any, resolved: Callable[[Any], Any], depth: int) -> list[tuple[str, Any]]:  # noqa: ANN401
    schema = resolved(schema)
    if not is_object(schema) or depth > _DEEPEST:
        return []
    parts = [part for key in ("allOf", "anyOf", "oneOf") for part in list_at(schema, key)]
    inner = [pair for part in parts for pair in _properties(part, resolved, depth + 1)]
    return [*object_at(schema, "properties").items(), *inner]


def _file(schema: Any, content_type: Any, resolved: Callable[[Any], Any], depth: int) -> str | None:  # noqa: ANN401
    """Return the content type of a field that is a file, or a list of files, and None for any other."""
    schema = resolved(schema)
    if schema is True or (is_object(schema) and not schema):
        return _kind(content_type) if _is_binary(content_type) else None  # in 3.1 the encoding alone may mark a file
    if not is_object(schema) or depth > _DEEPEST:
        return None
    inner = [schema["items"]] if "items" in schema else []
    inner += [part for key in ("allOf", "anyOf", "oneOf") for part in list_at(schema, key)]
    for each in inner:
        if (kind := _file(each, content_type, resolved, depth + 1)) is not None:
            return kind
    types = schema.get("type", "string")
    types = types if is_list(types) else [types]
    if not {"string", "file"} & set(map(str, types)) or "contentEncoding" in schema or "properties" in schema:
        return None
    stated = content_type or schema.get("contentMediaType")
    return _kind(stated) if "file" in types or schema.get("format") == "binary" or _is_binary(stated) else None


def _is_binary(content_type: Any) -> bool:  # noqa: ANN401 - any data of the specification
    """Tell whether a content type is one of files. Text, JSON and XML are ordinary fields, too."""
    if not isinstance(content_type, str) or "/" not in content_type:
        return False
    kind = content_type.partition(",")[0].partition(";")[0].strip().casefold()
    return not kind.startswith("text/") and not kind.endswith(("json", "xml", "x-www-form-urlencoded"))


def _kind(content_type: Any) -> str:  # noqa: ANN401 - any data of the specification
    """Return the first known content type among those stated, or the general one."""
    if not isinstance(content_type, str):
        return _ANY
    for stated in content_type.casefold().split(","):
        wanted = stated.partition(";")[0].strip()
        for known in _TYPES:
            if wanted == known or (wanted.endswith("/*") and known.startswith(wanted[:-1])):
                return known
    return _ANY
