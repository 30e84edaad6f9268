"""The examples and the encoding of a media type or a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.plain import is_list, is_object, object_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.spec.json_schema import Schema
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["Media"]

_MOST_EXAMPLES = 20
"""Named examples of one media type or parameter."""


class Media:
    """Read the parts of media types that change no schema. A flaw in them is passed over."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def examples(self, stated: Schema) -> tuple[Any, tuple[tuple[str, Any], ...]]:
        """Return the example of a media type or parameter, or None, and those that have names."""
        named = tuple(self._named(stated))
        if "example" in stated:
            return stated["example"], named
        if named:
            return named[0][1], named
        return self._of_schema(stated), ()

    def _named(self, stated: Schema) -> Iterator[tuple[str, Any]]:
        examples = stated.get("examples")
        if examples is not None and not is_object(examples):
            self._documents.pass_over(stated, "examples", f"{shown(examples)} is no object of named examples")
            return
        for name in list(examples or ())[:_MOST_EXAMPLES]:
            try:
                example = self._documents.resolved(examples[name]) if examples else None
            except FlawError as error:
                self._documents.notes.add(f"{self._documents.told(error)}.")
                continue
            key = next((key for key in ("value", "dataValue") if is_object(example) and key in example), None)
            if key is not None and is_object(example):
                yield name, example[key]

    def _of_schema(self, stated: Schema) -> Any:  # noqa: ANN401 - plain data
        """Return the example of the schema itself."""
        schema = self._documents.object_of(stated.get("schema"))
        examples = schema.get("examples")
        return schema.get("example", examples[0] if is_list(examples) and examples else None)

    def encoding(self, stated: Schema) -> dict[str, Schema]:
        """Return how each field of a form is written."""
        found: dict[str, Schema] = {}
        encoding = object_at(stated, "encoding")
        for name, each in encoding.items():
            if not is_object(each):
                self._documents.pass_over(encoding, name, f"{shown(each)} is no encoding, so it was ignored")
                continue
            kind = each.get("contentType")
            if is_list(kind):
                self._documents.pass_over(each, "contentType", "a list, which was read as a text with commas")
                kind = ", ".join(one for one in kind if isinstance(one, str))
            elif kind is not None and not isinstance(kind, str):
                self._documents.pass_over(each, "contentType", f"{shown(kind)} is no media type, so it was ignored")
                kind = None
            found[name] = {**each, "contentType": kind}
        return found

    def styles(self, encoding: dict[str, Schema]) -> Iterator[tuple[str, tuple[str, bool]]]:
        """Yield the fields that state a style or explode, with both."""
        for name, each in encoding.items():
            if "style" in each or "explode" in each:
                style = each.get("style") or "form"
                yield name, (str(style), each.get("explode", style == "form") is True)
