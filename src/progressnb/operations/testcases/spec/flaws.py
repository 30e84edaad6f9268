"""Flaws of a specification: a part that can't be read, and the place of it, such as `paths./a.get.parameters[2]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.spec.plain import is_list, is_object, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FlawError", "Places", "UnreadError", "shown"]

_LONGEST_KEY = 100
"""Characters of one key of a place."""

_MOST_KEYS = 40
"""Keys of a place; of a deeper one its end is shown."""

_SHOWN = 60
"""Characters of a value in a message."""


class FlawError(Exception):
    """A part of the specification that can't be read.

    Attributes:
        node: The object or list that the part is in.
        key: The key or the index of the part; None for the node itself.
        what: The flaw, after "place: ".

    """

    def __init__(self, node: Any, key: str | int | None, what: str) -> None:  # noqa: ANN401 - plain data
        """Keep what is wrong, and where."""
        super().__init__(what)
        self.node, self.key, self.what = node, key, what


class UnreadError(FlawError):
    """A reference to another document, which nobody allowed to be read."""


class Places:
    """The places of the objects and lists of some documents, which are looked for when the first one is asked for."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self._documents = documents
        self._found: dict[str, dict[int, tuple[int, str | int]]] = {}
        self._derived: dict[int, tuple[Any, Any]] = {}

    def derive(self, new: Any, original: Any) -> None:  # noqa: ANN401 - plain data
        """Note that an object was made of one of the documents, so that it has the same place."""
        self._derived[id(new)] = (new, original)  # the new one is held: its id must stay its own

    def of(self, flaw: FlawError) -> str:
        """Return the place of a flaw; that of another document begins with its name."""
        node, key = flaw.node, flaw.key
        while id(node) in self._derived:
            node = self._derived[id(node)][1]
        for name, document in self._documents.items():
            if name not in self._found:
                self._found[name] = _places(document)
            places = self._found[name]
            if id(node) in places or node is document:
                keys = [] if key is None else [key]
                here = id(node)
                while here != id(document):
                    here, above = places[here]
                    keys.append(above)
                place = _joined(keys[::-1]) or "the document"
                return f"{printable(name)[:_LONGEST_KEY]}: {place}" if name else place
        return "the document"


def _places(document: Any) -> dict[int, tuple[int, str | int]]:  # noqa: ANN401 - plain data
    """Return what is around each object and list of a document, by their ids, and the key in it."""
    found: dict[int, tuple[int, str | int]] = {}
    waiting = [document]
    while waiting:
        node = waiting.pop()
        inner: Any = node.items() if is_object(node) else enumerate(node) if is_list(node) else ()
        for key, each in inner:
            if is_object(each) or is_list(each):
                found[id(each)] = (id(node), key)
                waiting.append(each)
    return found


def _joined(keys: list[str | int]) -> str:
    keys = keys if len(keys) <= _MOST_KEYS else ["…", *keys[-_MOST_KEYS:]]
    parts = [f"[{key}]" if isinstance(key, int) else f".{printable(key)[:_LONGEST_KEY]}" for key in keys]
    return "".join(parts).removeprefix(".")


def shown(value: object) -> str:
    """Return a value for messages: a scalar as Python writes it, shortened, and the kind of any other."""
    if is_object(value) or is_list(value):
        return "an object" if is_object(value) else "a list"
    text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return printable(text) if len(text) <= _SHOWN else f"{printable(text[:_SHOWN])}…"
