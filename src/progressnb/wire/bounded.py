"""Plain JSON data of bounded size for a value of any size, such as the arguments and the result of a call."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic_core import to_json

from progressnb.wire.plain import clean_text, jsonable, shorten
from progressnb.wire.secrets import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["CALL_LIMIT", "HIDDEN", "Plain", "bounded"]

Plain: TypeAlias = "Callable[[object], Any]"
"""A function that makes plain JSON data of an object."""

CALL_LIMIT = 2_000
"""Characters of JSON that the arguments of a call may take, and its result, at most."""

HIDDEN = "…"
"""The text in place of what is left out."""

_DEPTH = 12
_LEAST = 8  # characters of a text, where even short texts are too many
_ITEMS = 10  # characters of the limit for which one item of a list is kept


def bounded(value: object, limit: int = CALL_LIMIT, *, plain: Plain = jsonable, secrets: bool = True) -> Any:  # noqa: ANN401 - plain JSON data
    """Return plain JSON data for a value, of at most `limit` characters as JSON.

    A value that is too long keeps its shape: texts lose their ends, lists and mappings their last items, with "…" in
    their place. The work is bounded too, however large the value is. Iterators are described and never read.

    Args:
        value: Any value.
        limit: The most characters of the JSON.
        plain: The function that makes plain data of what is neither a text, a number, a list nor a mapping.
        secrets: Whether texts under secret names, such as `password`, are kept.

    Returns:
        The data.

    """
    if isinstance(value, str):
        return _cut(clean_text(value[: limit + 1]), limit)
    for texts, items in _sizes(limit):
        try:
            data = _Walk(texts, items, 2 * limit, plain, secrets=secrets).data(value, _DEPTH)
        except _TooLongError:
            continue
        if _length(data) <= limit:
            return data
    return HIDDEN


def _sizes(limit: int) -> Iterator[tuple[int, int]]:
    """Yield ever smaller bounds for the characters of one text and the items of one list."""
    yield limit, limit
    while limit >= _LEAST:
        yield limit, limit // _ITEMS + 1
        limit = limit * 3 // 4


def _length(data: object) -> int:
    return len(to_json(data).decode())


def _cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters as JSON, in which some characters are two or six."""
    kept = len(text)
    while (over := _length(cut := shorten(text, kept)) - limit) > 0 and kept > 0:
        kept = max(0, min(kept, limit) - max(1, over // 6))
    return cut


class _TooLongError(Exception):
    """A value of more characters than one walk may read."""


class _Walk:
    """One walk through a value, which gives up after so many characters."""

    def __init__(self, texts: int, items: int, budget: int, plain: Plain, *, secrets: bool) -> None:
        self._texts = texts
        self._items = items
        self._budget = budget
        self._plain = plain
        self._secrets = secrets

    def data(self, value: object, depth: int) -> Any:  # noqa: ANN401, PLR0911 - each kind of value has its answer
        """Return plain data for a value that may have so many levels; what lies deeper is left out."""
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool | float):
            self._spend(4)
            return jsonable(value)
        if depth == 0:
            return self._text(HIDDEN)
        if isinstance(value, dict):
            return self._mapping(cast("dict[object, object]", value), depth)
        if isinstance(value, list | tuple | set | frozenset):
            return self._list(cast("Iterable[object]", value), depth)
        if isinstance(value, bytes | bytearray):
            return self._text(bytes(value[: self._texts]).decode("utf-8", "replace"))
        made = jsonable(value) if isinstance(value, int) else self._plain(value)
        if type(made) is int:
            self._spend(len(str(made)))
            return made
        return self.data(made, depth - 1)

    def _text(self, text: str) -> str:
        short = shorten(clean_text(text[: self._texts + 1]), self._texts)
        self._spend(len(short))
        return short

    def _mapping(self, value: dict[object, object], depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, item in itertools.islice(value.items(), self._items):
            name = self._text(key if isinstance(key, str) else str(key))
            hidden = not self._secrets and isinstance(item, str | bytes) and is_secret_name(name)
            data[name] = HIDDEN if hidden else self.data(item, depth - 1)
        if len(value) > self._items:
            data[HIDDEN] = HIDDEN
        return data

    def _list(self, value: Iterable[object], depth: int) -> list[Any]:
        items = iter(value)
        data = [self.data(item, depth - 1) for item in itertools.islice(items, self._items)]
        return [*data, HIDDEN] if next(items, items) is not items else data

    def _spend(self, characters: int) -> None:
        self._budget -= characters + 1
        if self._budget < 0:
            raise _TooLongError
