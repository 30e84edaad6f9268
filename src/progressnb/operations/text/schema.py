"""Data read out of a text by a JSON schema: the values under labels, and values that occur once.

Nothing is guessed. A value that fits two fields goes to neither of them. Of two values that fit one field, none is
taken.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from . import values as finders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["MissingValueError", "read_by_schema"]

Schema: TypeAlias = "Mapping[str, Any]"

_NO_VALUE = ("", "-", "none", "null", "n/a")
_NOTHING: Any = object()


class MissingValueError(Exception):
    """Values that a text does not have: their paths; with `text`, the words in their place that rules can't read."""

    def __init__(self, *names: str, text: str | None = None) -> None:
        super().__init__(*names)
        self.names, self.text = names, text


def read_by_schema(schema: Schema, text: str) -> Any:  # noqa: ANN401 - plain data
    """Return the values of a text as plain data of a schema.

    Raises `MissingValueError` for required values that the text does not have.
    """
    return _there(_Reader(schema).read(schema, "", None, text), "")


class _Reader:
    def __init__(self, schema: Schema) -> None:
        self._definitions: Mapping[str, Schema] = schema.get("$defs", {})
        self._inside: list[tuple[str, str]] = []

    def read(
        self, schema: Schema, path: str, labelled: str | None, text: str, labels: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - plain data
        """Return the value of the `labelled` words, else the one value in the `text`, else `_NOTHING`.

        `labelled` are the words after the label of the path, or None; `labels` are the labelled values of the text.
        """
        if "$ref" in schema:
            here = (schema["$ref"], text if labelled is None else labelled)
            if here in self._inside:  # a recursive type would be read from the same text for ever
                return _NOTHING
            self._inside.append(here)
            try:
                return self.read(self._target(schema), path, labelled, text, labels)
            finally:
                self._inside.pop()
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return self._any(alternatives, path, labelled, text, labels)
        if schema.get("type") == "object":
            source = text if labelled is None else labelled
            found = finders.read_labels(source) if labels is None else labels
            return (self._object if "properties" in schema else self._mapping)(schema, path, labelled, source, found)
        if schema.get("type") == "array":
            return self._array(schema, path, labelled, text)
        return _plain(schema, path, labelled, text)

    def _target(self, schema: Schema) -> Schema:
        """Return the schema behind a reference; for an optional value, the schema of the value."""
        if "$ref" in schema:
            return self._target(self._definitions[schema["$ref"].rpartition("/")[2]])
        options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        return self._target(options[0]) if len(options) == 1 else schema

    def _any(
        self, alternatives: list[Schema], path: str, labelled: str | None, text: str, labels: Mapping[str, str] | None
    ) -> Any:  # noqa: ANN401 - plain data
        missing_value: MissingValueError | None = None
        for schema in sorted(alternatives, key=lambda each: each.get("type") != "null"):
            try:
                value = self.read(schema, path, labelled, text, labels)
            except MissingValueError as error:
                missing_value = missing_value or error
                continue
            if value is not _NOTHING:
                return value
        if missing_value is not None:
            raise missing_value
        return _NOTHING

    def _mapping(self, schema: Schema, path: str, labelled: str | None, _: str, labels: Mapping[str, str]) -> Any:  # noqa: ANN401 - plain data
        of_all = schema.get("additionalProperties")
        each: Schema = cast("Schema", of_all) if isinstance(of_all, dict) else {}
        if not labels or (path and labelled is None):
            return _NOTHING
        return {label: self.read(each, _below(path, label), value, "") for label, value in labels.items()}

    def _object(self, schema: Schema, path: str, labelled: str | None, text: str, labels: Mapping[str, str]) -> Any:  # noqa: ANN401 - plain data
        properties: dict[str, Schema] = schema["properties"]
        name = path.rpartition(".")[2]
        taken = finders.match_labels({key: list(_names(key, name, each)) for key, each in properties.items()}, labels)
        wants = Counter(self._want(key, each) for key, each in properties.items() if key not in taken)
        left = {label: value for label, value in labels.items() if label not in taken.values()}
        rest = finders.rest_of(text, set(taken.values()))
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
                    value = self._without_label(each, at, rest, left, alone=alone, item=labelled is not None)
                result[key] = _there(value, at)
            except MissingValueError as missing_value:
                if missing_value.text is not None or (key in taken and not required):
                    raise  # a value with a label must not be lost
                if required and _may_be_null(each):
                    result[key] = None
                elif required:
                    missing.extend(missing_value.names)
        if missing:
            raise MissingValueError(*missing)
        return result

    def _without_label(
        self, schema: Schema, path: str, text: str, labels: Mapping[str, str], *, alone: bool, item: bool
    ) -> Any:  # noqa: ANN401 - plain data
        target = self._target(schema)
        if target.get("type") == "object":
            # Labels that begin with its name are its own; all others too, where it is the only object of its kind.
            begin = finders.words(path.rpartition(".")[2])
            own = {label: value for label, value in labels.items() if alone or label.lower().startswith(begin)}
            return self.read(schema, path, None, text if alone else "", own)
        if not alone:
            return _NOTHING
        if item and target.get("type") == "string" and _finder(target, path, labelled=True) is None:
            prose = finders.prose_of(text)
            return prose if prose and "\n" not in prose else _NOTHING
        return self.read(schema, path, None, text)

    def _array(self, schema: Schema, path: str, labelled: str | None, text: str) -> Any:  # noqa: ANN401 - plain data
        parts = finders.bullets(text if labelled is None and not path else labelled or "")
        item: Schema = schema.get("items", {})
        if not parts and labelled is not None:
            split = r"\n|;\s" if self._target(item).get("type") == "object" else r"[,;]\s+| and "
            parts = [part.strip(" .") for part in re.split(split, labelled) if part.strip(" .")]
        if not parts:
            return _NOTHING
        kinds = [*schema.get("prefixItems", ()), *[item] * len(parts)]
        values = [self.read(kinds[at], _below(path, str(at)), part, "") for at, part in enumerate(parts)]
        if _NOTHING in values:
            at = values.index(_NOTHING)
            raise MissingValueError(_below(path, str(at)), text=parts[at])
        return values

    def _want(self, key: str, schema: Schema) -> str:
        """Return the kind of unlabelled values that a field could take; fields that compete have the same."""
        target = self._target(schema)
        kind = target.get("type")
        if kind in ("integer", "number"):
            return f"number of {finders.words(key).split()[-1:]}"  # the word next to a number tells whose it is
        if "enum" in target:
            return repr(target["enum"])
        if kind == "object":
            return str(sorted(target.get("properties", ())))
        return "date" if target.get("format") in ("date", "date-time") else f"{kind} {_address(target, key)}"


def _plain(schema: Schema, path: str, labelled: str | None, text: str) -> Any:  # noqa: ANN401 - plain data
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "null":
        return None if labelled is not None and labelled.lower() in _NO_VALUE else _NOTHING
    find = _finder(schema, path, labelled=labelled is not None)
    if find is None:
        return _NOTHING if labelled is None else labelled
    found = list(dict.fromkeys(find(text if labelled is None else labelled)))
    if len(found) == 1 or (found and labelled is not None and schema.get("type") in ("integer", "number")):
        return found[0]  # the first of "12.50 EUR, 19 % VAT included"
    if labelled is not None:
        raise MissingValueError(path, text=labelled)
    return _NOTHING


def _finder(schema: Schema, path: str, *, labelled: bool) -> Callable[[str], list[Any]] | None:
    """Return a function that finds values of a schema's kind in a text; None where any text is a value."""
    kind, name = schema.get("type"), finders.words(path.rpartition(".")[2])
    if "enum" in schema:
        options = {str(option): option for option in schema["enum"]}
        find = finders.named(options)
        return lambda text: [options[each] for each in ([text] if text in options else find(text))]
    if kind == "boolean":
        yes_or_no = finders.named(["yes", "true", "no", "false"])
        # A "no" without a label may belong to anything.
        return lambda text: [each in ("yes", "true") for each in yes_or_no(text)] if labelled else []
    if kind in ("integer", "number"):
        return finders.numbers if labelled or not path else lambda text: finders.numbers_near(name, text)
    if schema.get("format") in ("date", "date-time"):
        # A date under another label is the date of something else.
        return finders.dates if labelled or not path else lambda text: finders.dates(finders.prose_of(text))
    return {"email": finders.emails, "uri": finders.links}.get(_address(schema, name) or "")


def _address(schema: Schema, key: str) -> str | None:
    if schema.get("type") != "string":
        return None
    last = " ".join(finders.words(key).split()[-1:])
    by_name = "email" if "mail" in last else "uri" if last in ("url", "link", "website") else None
    form: str | None = schema.get("format", by_name)
    return form


def _names(key: str, above: str, schema: Schema) -> Iterator[str]:
    own = dict.fromkeys([finders.words(key), str(schema.get("title", key)).lower()])
    if above and not above.isdigit():
        yield from (f"{finders.words(above)} {name}" for name in own)
    yield from own


def _there(value: Any, path: str) -> Any:  # noqa: ANN401 - plain data
    if value is _NOTHING:
        raise MissingValueError(path)
    return value


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _may_be_null(schema: Schema) -> bool:
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))
