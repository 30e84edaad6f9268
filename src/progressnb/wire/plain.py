"""Plain JSON data and clean text: any value that a user passes becomes one that can be encoded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal, cast

from pydantic_core import to_jsonable_python

__all__ = ["TextJoiner", "clean_text", "jsonable", "one_line", "shorten"]

_REPR_LIMIT = 10_000
_INT_BITS = 4_000  # Python reads and writes no more than 4,300 digits, some readers fewer
_DEPTH = 150  # JSON readers give up at 200 levels, of which the event needs some


def clean_text(text: str) -> str:
    """Return text that can be encoded as UTF-8: lone surrogates become U+FFFD, pairs become one character."""
    if text.isascii():  # nearly always, and known without looking
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


class TextJoiner:
    r"""Clean a text that comes in pieces, so that a surrogate pair in two pieces is one character.

    A piece that ends with the first half of a pair is returned without it; the half comes with the next piece. ::

        joiner = TextJoiner()
        joiner.clean("a\ud83d")  # "a"
        joiner.clean("\ude00b")  # "😀b"
    """

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    @property
    def is_waiting(self) -> bool:
        """Whether half a character waits for its other half."""
        return bool(self._half)

    def clean(self, piece: str) -> str:
        """Return the text that is complete with this piece."""
        if piece.isascii() and not self._half:  # nearly always
            return piece
        text = self._half + piece
        self._half = text[-1] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return clean_text(text[:-1] if self._half else text)

    def end(self) -> str:
        """Return U+FFFD for a half whose other half never came, else an empty text."""
        half, self._half = self._half, ""
        return clean_text(half)


def shorten(text: str, limit: int, *, keep: Literal["start", "end"] = "start") -> str:
    """Return at most `limit` characters of a text, its start or its end, with "…" in place of the rest."""
    if len(text) <= limit:
        return text
    limit = max(limit, 0)
    return f"{text[:limit]}…" if keep == "start" else f"…{text[len(text) - limit :]}"


def one_line(text: str, limit: int) -> str:
    """Return a text as one line of at most `limit` characters, each run of white space as one space."""
    return shorten(" ".join(text.split(maxsplit=limit)), limit)


def jsonable(value: object) -> Any:  # noqa: ANN401 - plain JSON data is any of six types, nested
    """Return plain JSON data for a value; NaN becomes None, and a value that JSON can't hold `{"type", "repr"}`.

    Iterators are described and never read: they are the user's to read, and may have no end.
    """
    kind = type(value)
    if kind is str:
        return clean_text(cast("str", value))
    if value is None or kind is bool or (kind is int and cast("int", value).bit_length() <= _INT_BITS):
        return value
    return _plain(value, ())


def _described(value: object) -> dict[str, str]:
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a broken __repr__ is the user's, and must not end the run
        text = f"<unprintable: {type(error).__name__}>"
    return {"type": f"{type(value).__module__}.{type(value).__qualname__}", "repr": clean_text(text[:_REPR_LIMIT])}


def _plain(value: object, above: tuple[int, ...]) -> Any:  # noqa: ANN401, PLR0911 - each kind of value has its answer
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if type(value) is str:
        return clean_text(value)
    if type(value) is int:
        return value if value.bit_length() <= _INT_BITS else _described(value)
    if isinstance(value, Iterator) or id(value) in above or len(above) >= _DEPTH:
        return _described(value)  # pyright: ignore[reportUnknownArgumentType] # narrowed to unknown items
    inside = (*above, id(value))
    try:
        if isinstance(value, dict):
            items = cast("dict[object, object]", value).items()
            return {_key(key): _plain(item, inside) for key, item in items}
        if isinstance(value, list | tuple | set | frozenset):
            return [_plain(item, inside) for item in cast("Iterable[object]", value)]
        plain = to_jsonable_python(value, fallback=_described, inf_nan_mode="null")
        return _plain(plain, inside)
    except Exception:  # noqa: BLE001 - a broken serializer is the user's, and must not end the run
        return _described(value)  # pyright: ignore[reportUnknownArgumentType] # narrowed to unknown items


def _key(key: object) -> str:
    text = key if isinstance(key, str) else str(*to_jsonable_python({key: None}))
    return clean_text(text)
