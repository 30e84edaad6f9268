"""Data read out of a text by a JSON schema: what it says under a label, or says once.

Nothing is guessed: a value that would fit two fields is given to none, and two that would fit one field are not taken.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from . import values as says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Unsaid", "read_by_schema"]

Schema: TypeAlias = "Mapping[str, Any]"

_NO_VALUE = ("", "-", "none", "null", "n/a")
_NOTHING: Any = object()


class Unsaid(Exception):  # noqa: N818 - no fault, but what a text leaves unsaid
    """What a text does not say: the paths of the values; with `text`, what it says instead and rules can't read."""

    def __init__(self, *names: str, text: str | None = None) -> None:
        super().__init__(*names)
        self.names, self.text = names, text


def read_by_schema(schema: Schema, text: str) -> Any:  # noqa: ANN401 - plain data
    """Return what a text says as plain data of this schema. Raises `Unsaid` for what is required and not there."""
    return _there(_Reader(schema).read(schema, "", None, text), "")


class _Reader:
    def __init__(self, schema: Schema) -> None:
        self._definitions: Mapping[str, Schema] = schema.get("$defs", {})
        self._inside: list[tuple[str, str]] = []

    def read(
        self, schema: Schema, path: str, said: str | None, text: str, labels: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - plain data
        """Return what was `said` under the path's name, else what the `text` says once, else `_NOTHING`."""
        if "$ref" in schema:
            here = (schema["$ref"], text if said is None else said)
            if here in self._inside:  # a type within itself, of the same text
                return _NOTHING
            self._inside.append(here)
            try:
                return self.read(self._target(schema), path, said, text, labels)
            finally:
                self._inside.pop()
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return self._any(alternatives, path, said, text, labels)
        if schema.get("type") == "object":
            source = text if said is None else said
            found = says.read_labels(source) if labels is None else labels
            return (self._object if "properties" in schema else self._mapping)(schema, path, said, source, found)
        if schema.get("type") == "array":
            return self._array(schema, path, said, text)
        return _plain(schema, path, said, text)

    def _target(self, schema: Schema) -> Schema:
        """Return the schema that a reference means, and of "this or nothing" this."""
        if "$ref" in schema:
            return self._target(self._definitions[schema["$ref"].rpartition("/")[2]])
        options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        return self._target(options[0]) if len(options) == 1 else schema

    def _any(
        self, alternatives: list[Schema], path: str, said: str | None, text: str, labels: Mapping[str, str] | None
    ) -> Any:  # noqa: ANN401 - plain data
        unsaid: Unsaid | None = None
        for schema in sorted(alternatives, key=lambda each: each.get("type") != "null"):
            try:
                value = self.read(schema, path, said, text, labels)
            except Unsaid as error:
                unsaid = unsaid or error
                continue
            if value is not _NOTHING:
                return value
        if unsaid is not None:
            raise unsaid
        return _NOTHING

    def _mapping(self, schema: Schema, path: str, said: str | None, _: str, labels: Mapping[str, str]) -> Any:  # noqa: ANN401 - plain data
        of_all = schema.get("additionalProperties")
        each: Schema = cast("Schema", of_all) if isinstance(of_all, dict) else {}
        if not labels or (path and said is None):
            return _NOTHING
        return {label: self.read(each, _below(path, label), value, "") for label, value in labels.items()}

    def _object(self, schema: Schema, path: str, said: str | None, text: str, labels: Mapping[str, str]) -> Any:  # noqa: ANN401 - plain data
        properties: dict[str, Schema] = schema["properties"]
        name = path.rpartition(".")[2]
        taken = says.match_labels({key: list(_names(key, name, each)) for key, each in properties.items()}, labels)
        wants = Counter(self._want(key, each) for key, each in properties.items() if key not in taken)
        left = {label: value for label, value in labels.items() if label not in taken.values()}
        rest = says.rest_of(text, set(taken.values()))
        result: dict[str, Any] = {}
        missing: list[str] = []
        for key, each in properties.items():
            at = _below(path, key)
            required = key in schema.get("required", ())
            try:
                if key in taken:
                    value = self.read(each, at, labels[taken[key]], "")
                else:
                    alone = wants[self._want(key, each)] == 1
                    value = self._without_label(each, at, rest, left, alone=alone, item=said is not None)
                result[key] = _there(value, at)
            except Unsaid as unsaid:
                if unsaid.text is not None or (key in taken and not required):
                    raise  # what is said is not left out
                if required and _may_be_null(each):
                    result[key] = None
                elif required:
                    missing.extend(unsaid.names)
        if missing:
            raise Unsaid(*missing)
        return result

    def _without_label(
        self, schema: Schema, path: str, text: str, labels: Mapping[str, str], *, alone: bool, item: bool
    ) -> Any:  # noqa: ANN401 - plain data
        target = self._target(schema)
        if target.get("type") == "object":
            # The labels that begin with its name are its own; the others may be where it is the only one of its kind.
            begin = says.words(path.rpartition(".")[2])
            own = {label: value for label, value in labels.items() if alone or label.lower().startswith(begin)}
            return self.read(schema, path, None, text if alone else "", own)
        if not alone:
            return _NOTHING
        if item and target.get("type") == "string" and _finder(target, path, labelled=True) is None:
            said = says.prose_of(text)
            return said if said and "\n" not in said else _NOTHING
        return self.read(schema, path, None, text)

    def _array(self, schema: Schema, path: str, said: str | None, text: str) -> Any:  # noqa: ANN401 - plain data
        parts = says.bullets(text if said is None and not path else said or "")
        item: Schema = schema.get("items", {})
        if not parts and said is not None:
            split = r"\n|;\s" if self._target(item).get("type") == "object" else r"[,;]\s+| and "
            parts = [part.strip(" .") for part in re.split(split, said) if part.strip(" .")]
        if not parts:
            return _NOTHING
        kinds = [*schema.get("prefixItems", ()), *[item] * len(parts)]
        values = [self.read(kinds[at], _below(path, str(at)), part, "") for at, part in enumerate(parts)]
        if _NOTHING in values:
            at = values.index(_NOTHING)
            raise Unsaid(_below(path, str(at)), text=parts[at])
        return values

    def _want(self, key: str, schema: Schema) -> str:
        """Return what a field could take without a label, the same for fields that could take the same."""
        target = self._target(schema)
        kind = target.get("type")
        if kind in ("integer", "number"):
            return f"number of {says.words(key).split()[-1:]}"  # they are told by the word next to them
        if "enum" in target:
            return repr(target["enum"])
        if kind == "object":
            return str(sorted(target.get("properties", ())))
        return "date" if target.get("format") in ("date", "date-time") else f"{kind} {_address(target, key)}"


def _plain(schema: Schema, path: str, said: str | None, text: str) -> Any:  # noqa: ANN401 - plain data
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "null":
        return None if said is not None and said.lower() in _NO_VALUE else _NOTHING
    find = _finder(schema, path, labelled=said is not None)
    if find is None:
        return _NOTHING if said is None else said
    found = list(dict.fromkeys(find(text if said is None else said)))
    if len(found) == 1 or (found and said is not None and schema.get("type") in ("integer", "number")):
        return found[0]  # the first of "12.50 EUR, 19 % VAT included"
    if said is not None:
        raise Unsaid(path, text=said)
    return _NOTHING


def _finder(schema: Schema, path: str, *, labelled: bool) -> Callable[[str], list[Any]] | None:
    """Return what finds values of this kind in a text; None where any text is one."""
    kind, name = schema.get("type"), says.words(path.rpartition(".")[2])
    if "enum" in schema:
        options = {str(option): option for option in schema["enum"]}
        find = says.named(options)
        return lambda text: [options[each] for each in ([text] if text in options else find(text))]
    if kind == "boolean":
        yes_or_no = says.named(["yes", "true", "no", "false"])
        # A "no" somewhere in a text answers no question.
        return lambda text: [each in ("yes", "true") for each in yes_or_no(text)] if labelled else []
    if kind in ("integer", "number"):
        return says.numbers if labelled or not path else lambda text: says.numbers_near(name, text)
    if schema.get("format") in ("date", "date-time"):
        # Under another label it would be the date of something else.
        return says.dates if labelled or not path else lambda text: says.dates(says.prose_of(text))
    return {"email": says.emails, "uri": says.links}.get(_address(schema, name) or "")


def _address(schema: Schema, key: str) -> str | None:
    if schema.get("type") != "string":
        return None
    last = " ".join(says.words(key).split()[-1:])
    by_name = "email" if "mail" in last else "uri" if last in ("url", "link", "website") else None
    form: str | None = schema.get("format", by_name)
    return form


def _names(key: str, above: str, schema: Schema) -> Iterator[str]:
    own = dict.fromkeys([says.words(key), str(schema.get("title", key)).lower()])
    if above and not above.isdigit():
        yield from (f"{says.words(above)} {name}" for name in own)
    yield from own


def _there(value: Any, path: str) -> Any:  # noqa: ANN401 - plain data
    if value is _NOTHING:
        raise Unsaid(path)
    return value


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _may_be_null(schema: Schema) -> bool:
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))
