"""The resolution of references: those inside the document, and those to other documents that the caller allows.

Another document is read when the first reference to it is followed, so endpoints that nobody asked for cost nothing.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.allowed import Allowed, is_address, joined
from progressnb.operations.testcases.spec.budget import Budget
from progressnb.operations.testcases.spec.fetching import fetched
from progressnb.operations.testcases.spec.flaws import FlawError, Places, UnreadError, shown
from progressnb.operations.testcases.spec.plain import is_list, is_object, unescaped
from progressnb.operations.testcases.spec.reading import parse_text, read_file

if TYPE_CHECKING:
    from collections.abc import Collection

    from progressnb.operations.testcases.spec.reading import Source

__all__ = ["Documents", "Version"]

Version = Literal["2.0", "3.0", "3.1", "3.2"]
"""The version of OpenAPI; 2.0 is Swagger."""

_MOST_FETCHED = 50
"""Documents that are fetched from the web."""

_MOST = 5_000
"""Other documents: a large specification has a file an operation and a file a schema."""

_MOST_NOTES = 1_000
"""Notes of flaws that were passed over: no reader needs more."""

_STEPS = 100
"""References that lead to references, until that is taken for a circle."""


class Documents:
    """A specification with the documents that it refers to.

    Attributes:
        main: The specification itself.
        version: Its version of OpenAPI.
        places: The places of their parts.
        notes: The flaws that were passed over, in sentences with their places.

    """

    def __init__(self, source: Source, allow_refs: Collection[str] = (), version: Version = "3.1") -> None:
        self._source = source
        self._allowed = Allowed(allow_refs, source.directory)
        self._loaded: dict[str, Any] = {"": source.data}
        self._failed: dict[str, str] = {}
        self._budget = Budget(source.name)
        self.main = source.data
        self.version = version
        self.places = Places(self._loaded)
        self.notes: set[str] = set()

    def told(self, flaw: FlawError) -> str:
        """Return a flaw with its place, as "place: what"."""
        return f"{self.places.of(flaw)}: {flaw.what}"

    def pass_over(self, node: Any, key: str | int | None, what: str) -> None:  # noqa: ANN401 - plain data
        """Note a flaw that changes no case, or one whose meaning is clear all the same."""
        if len(self.notes) < _MOST_NOTES:
            self.notes.add(f"{self.told(FlawError(node, key, what))}.")

    def resolved(self, value: Any) -> Any:  # noqa: ANN401 - plain data
        """Return a value after following its references. Raises `FlawError` for a circle, and for one to nothing."""
        before: Any = value
        for _ in range(_STEPS):
            if not is_object(value) or not isinstance(value.get("$ref"), str):
                return value
            value, before = self.pointed(value), value
        raise FlawError(before, "$ref", "references that go round in circles")

    def object_of(self, value: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
        """Return an object after its references, or an empty one: what is wrong there is told where cases need it."""
        try:
            found = self.resolved(value)
        except FlawError:
            return {}
        return found if is_object(found) else {}

    def pointed(self, node: dict[str, Any]) -> Any:  # noqa: ANN401 - plain data
        """Return what the reference of an object points to. Raises `FlawError` where that is nothing."""
        reference: str = node["$ref"]
        written, _, fragment = reference.partition("#")
        value = self._document(node, written)
        if fragment in ("", "/"):
            return value
        if not fragment.startswith("/"):
            raise FlawError(node, "$ref", f"{shown(reference)} is no path such as #/components/schemas/Pet")
        for part in fragment[1:].split("/"):
            key = unescaped(unquote(part))
            if is_object(value) and key in value:
                value = value[key]
            elif is_list(value) and key.isdecimal() and len(key) < 8 and int(key) < len(value):  # noqa: PLR2004
                value = value[int(key)]
            else:
                raise FlawError(node, "$ref", f"{shown(reference)} points to nothing")
        return value

    def key_of(self, reference: str) -> str:
        """Return a reference in the one form that all references to the same part have."""
        written, _, fragment = reference.partition("#")
        return f"{joined('', written) if written else ''}#{unquote(fragment)}"

    def _document(self, node: Any, written: str) -> Any:  # noqa: ANN401 - plain data
        name = joined("", written) if written else ""
        if name not in self._loaded:
            if not self._allowed.takes(name, written):
                what = f"another document, {shown(written)}, which is not read: allow_refs=[{shown(written)}] allows it"
                raise UnreadError(node, "$ref", what)
            if name in self._failed:
                raise FlawError(node, "$ref", self._failed[name])
            try:
                self._loaded[name] = self._rewritten(parse_text(self._text(name), shown(name)), name, 0)
            except InputError as error:
                self._failed[name] = f"{shown(written)} can't be read: {error.got}. {error.remedy}"
                raise FlawError(node, "$ref", self._failed[name]) from error
        return self._loaded[name]

    def _text(self, name: str) -> str:
        if is_address(name):
            if sum(map(is_address, self._loaded)) >= _MOST_FETCHED:
                raise InputError(f"at most {_MOST_FETCHED} fetched documents", "more", "Bundle the specification.")
            return fetched(name)
        if len(self._loaded) > _MOST:
            raise InputError(f"at most {_MOST:,} other documents", "more", "Bundle the specification first.")
        directory = self._source.directory
        if "://" in name or directory is None:
            remedy = "Give the specification as a file; other documents are looked for beside it."
            raise InputError("a file beside the specification", "no file beside the specification", remedy)
        return read_file(Path(directory, *PurePosixPath(name).parts))[0]

    def _rewritten(self, value: Any, home: str, depth: int) -> Any:  # noqa: ANN401 - plain data
        """Return a part of another document with its references as the specification would write them."""
        self._budget.spend(depth)
        if is_list(value):
            return [self._rewritten(each, home, depth + 1) for each in value]
        if not is_object(value):
            return value
        rewritten = {key: self._rewritten(each, home, depth + 1) for key, each in value.items()}
        # The value of a property that is called $ref is a schema, not a text.
        if isinstance(reference := rewritten.get("$ref"), str):
            written, mark, fragment = reference.partition("#")
            rewritten["$ref"] = f"{joined(home, written) if written else home}{mark}{fragment}"
        return rewritten
