"""The words of a specification for a reader: what it says of an operation, its fields and its answers, in short lines.

Schemas are named where they are used, and written once. What can't be read is left out: cases tell of it elsewhere.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.flaws import FlawError
from progressnb.operations.testcases.spec.plain import is_list, is_object, list_at, object_at
from progressnb.operations.testcases.spec.swagger import operation_of_swagger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.spec.endpoints import Api
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["Wording"]

_LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "const", "default", "example"),
)
_FLAGS = {"readOnly": "read only", "writeOnly": "write only", "deprecated": "deprecated"}
_PLACES = ("path", "query", "header", "cookie")
_DEEPEST = 6
"""Levels of schemas within schemas."""

_LONGEST = 4_000
"""Characters of one description."""


class Wording:
    """Write what a specification says."""

    def __init__(self, documents: Documents, api: Api) -> None:
        self._documents = documents
        self._api = api
        self._items = object_at(documents.main, "paths")

    def general(self) -> str:
        """Return what is told of the whole API, of its tags, and of how callers are known."""
        main = self._documents.main
        info = object_at(main, "info")
        lines = [f"{info.get('title', '')} {info.get('version', '')}", _words(info)]
        lines += [f"Tag {each.get('name', '')}: {_words(each)}" for each in list_at(main, "tags") if _words(each)]
        schemes = object_at(object_at(main, "components"), "securitySchemes") or object_at(main, "securityDefinitions")
        for name in schemes:
            if told := _words(self._inner(schemes, name)):
                lines.append(f"Credentials {name}: {told}")
        return "\n".join(filter(None, lines))

    def operation(self, name: str) -> tuple[str, list[str]]:
        """Return what is told of an operation, and the schemas that it names."""
        used: list[str] = []
        return "\n".join(self._operation(name, used)), used

    def schemas(self, names: list[str]) -> Iterator[str]:
        """Yield the schemas of some references, and those that they name in turn, each once."""
        names = list(dict.fromkeys(names))
        for reference in names:  # it grows
            used: list[str] = []
            schema = self._documents.object_of({"$ref": reference})
            line = f"{_last(reference)}: {self._kind(schema, used)}{_told(schema)}"
            yield "\n".join([line, *self._fields(schema, used, 1)])
            names += [each for each in dict.fromkeys(used) if each not in names]

    def tags(self, name: str) -> list[Any]:
        """Return the tags of an operation."""
        return list_at(self._api.operations.get(name, {}), "tags")

    def _operation(self, name: str, used: list[str]) -> Iterator[str]:
        path = name.partition(" ")[2]
        item, stated = self._inner(self._items, path), self._api.operations.get(name, {})
        if self._documents.version == "2.0":
            try:
                item, stated = {}, operation_of_swagger(self._documents, item, stated)
            except FlawError:
                item = {}
        yield name
        texts = [str(stated.get(key) or item.get(key) or "")[:_LONGEST] for key in ("summary", "description")]
        yield from dict.fromkeys(each.strip() for each in texts if each.strip())
        endpoint = self._api.find(*name.split(" ", 1)) if name in self._api.known else None
        yield "Credentials: needed" if endpoint is not None and endpoint.security else "Credentials: none needed"
        both = [*list_at(item, "parameters"), *list_at(stated, "parameters")]
        parameters = {(each.get("in"), each.get("name")): each for each in map(self._documents.object_of, both)}
        for place in _PLACES:
            for (where, title), each in parameters.items():
                if where == place:
                    schema = each.get("schema", {key: each[key] for key in each.keys() & {"type", "enum"}})
                    needed = ", required" if each.get("required") is True else ""
                    told = _told(each) or _told(self._documents.object_of(schema))
                    yield f"{place.capitalize()} {title}: {self._kind(schema, used)}{needed}{told}"
        body = self._inner(stated, "requestBody")
        for media, schema in self._media(body):
            needed = ", required" if body.get("required") is True else ", optional"
            yield f"Body {media}{needed}: {self._kind(schema, used)}{_told(body)}"
            files = [each.files for each in (endpoint.bodies if endpoint else ()) if each.media_type == media]
            if files and files[0]:
                yield f"  (files, written as text: {', '.join(files[0])})"
            yield from self._fields(schema, used, 1)
        answers = object_at(stated, "responses")
        for status in answers:
            yield from self._answer(status, self._inner(answers, status), used)

    def _answer(self, status: str, answer: dict[str, Any], used: list[str]) -> Iterator[str]:
        bodies = list(self._media(answer))
        kinds = " or ".join(dict.fromkeys(f"{self._kind(schema, used)} as {media}" for media, schema in bodies))
        yield f"Answer {status}: {_words(answer) or 'not described'}{f' Body: {kinds}' if kinds else ''}"
        for _, schema in bodies[:1]:
            yield from self._fields(schema, used, 1)
        headers = object_at(answer, "headers")
        for name in headers:
            each = self._inner(headers, name)
            yield f"  header {name}: {self._kind(each.get('schema', each), used)}{_told(each)}"

    def _media(self, stated: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        content = object_at(stated, "content")
        for media in content:
            yield media, self._inner(content, media).get("schema", {})

    def _fields(self, schema: Any, used: list[str], indent: int, left: int = _DEEPEST) -> Iterator[str]:  # noqa: ANN401
        """Yield the fields of an object, of the items of a list, and of the parts that a schema is made of."""
        if not is_object(schema) or "$ref" in schema or not left:
            return
        required = list_at(schema, "required")
        for name, each in object_at(schema, "properties").items():
            needed = ", required" if name in required else ""
            told = _told(each) or (_told(self._documents.object_of(each)) if is_object(each) and "$ref" in each else "")
            yield f"{'  ' * indent}{name}: {self._kind(each, used)}{needed}{told}"
            yield from self._fields(each, used, indent + 1, left - 1)
        others = schema.get("additionalProperties")
        if others is False:
            yield f"{'  ' * indent}(no other fields)"
        parts = [each for key in ("allOf", "oneOf", "anyOf") for each in list_at(schema, key)]
        for each in (schema.get("items"), others, *parts):
            yield from self._fields(each, used, indent, left - 1)

    def _kind(self, schema: Any, used: list[str], left: int = _DEEPEST) -> str:  # noqa: ANN401 - plain data
        """Return the type of a value in words, with its limits. The references that it names go into `used`."""
        if not is_object(schema) or not left:
            return "anything"
        reference = schema.get("$ref")
        if isinstance(reference, str):
            used.append(reference)
            return _last(reference)
        for key, word in (("allOf", " and "), ("oneOf", " or "), ("anyOf", " or ")):
            if parts := list_at(schema, key):
                kinds = dict.fromkeys(self._kind(each, used, left - 1) for each in parts)
                return word.join(kinds) + _limits(schema)
        stated = schema.get("type", "object" if "properties" in schema else "anything")
        kind = " or ".join(map(str, stated)) if is_list(stated) else str(stated)
        if "items" in schema:
            kind = f"list of {self._kind(schema['items'], used, left - 1)}"
        if values := list_at(schema, "enum"):
            kind = f"one of {', '.join(json.dumps(each, ensure_ascii=False) for each in values[:60])}"
        if "format" in schema:
            kind += f" ({schema['format']})"
        return kind + (" or null" if schema.get("nullable") is True else "") + _limits(schema)

    def _inner(self, parent: dict[str, Any], key: str) -> dict[str, Any]:
        return self._documents.object_of(parent.get(key))


def _limits(schema: dict[str, Any]) -> str:
    told = [f"{key} {json.dumps(schema[key], ensure_ascii=False)[:200]}" for key in _LIMITS if key in schema]
    told += [word for key, word in _FLAGS.items() if schema.get(key) is True]
    return f" ({', '.join(told)})" if told else ""


def _words(stated: dict[str, Any]) -> str:
    return re.sub(r"\s+", " ", str(stated.get("description") or "")).strip()[:_LONGEST]


def _told(stated: Any) -> str:  # noqa: ANN401 - plain data
    words = _words(stated) if is_object(stated) else ""
    return f" - {words}" if words else ""


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
