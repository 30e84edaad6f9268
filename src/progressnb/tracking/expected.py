"""The expected length of an output, and how much of it is written: a prior by type, corrected by what has come.

Nobody knows the length of an output before it ends. Bounds come from the JSON schema: the type of a field, `maxItems`,
`maxLength`, `enum`, and the tokens that the model may write at most. Between near bounds a length L is taken to be
log-uniform: the share n/L of n characters then lies evenly between n/high and n/low (at most 1), and its median has the
least expected error. Where the bounds are far apart, what is still to come grows with what has come, but slower.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CHARACTERS_OF_A_TOKEN", "MOST", "UNKNOWN", "Expected", "Extent"]

CHARACTERS_OF_A_TOKEN = 4

MOST = 0.97
"""The share at which an open value is left: it never seems complete."""

_LONGEST = 30_000.0  # characters of an output or a field without a bound
_SHORTEST_TEXT = 300.0  # of an output that is plain text
_SHORTEST_LIST = 200.0  # of a list without `maxItems`
_SHORTEST_STRINGS = 600.0  # of all strings of an object together
_SHORTEST_STRING = (60.0, 300.0)  # of one of them
_SHORTEST_NAME = 20.0  # of one that is a name or a title
_SHORTEST_ITEM = 30.0  # of a string in a list
_ITEMS = (3.0, 100.0)  # of a list without `maxItems`
_KEY = 6.0  # characters of quotes, colon, comma and blanks around a field
_DEPTH = 6  # of nested schemas; deeper ones count as a string
_WIDE = 8.0  # bounds that differ by more than this factor say little of the length
_GROWTH = 0.4  # the power by which what is left grows with what is written, for wide bounds
_LINE = 60  # characters that a line of a panel holds in any case
_MOST_LINES = 12  # more are as good as unknown

_NAMES = frozenset(
    {"title", "name", "id", "label", "code", "category", "kind", "type", "status", "url", "date", "city", "country"}
)
_SCALARS = {"boolean": 5.0, "integer": 3.0, "number": 5.0, "null": 4.0}
_FORMATS = {"date": 12.0, "date-time": 22.0, "time": 10.0, "uuid": 38.0, "email": 25.0, "uri": 50.0, "ipv4": 15.0}


class Extent(NamedTuple):
    """The length of a value in characters: log-uniform between two bounds."""

    low: float
    high: float

    @classmethod
    def exactly(cls, characters: float) -> Extent:
        """Return the extent of a value whose length is known."""
        return cls(characters, characters)

    @property
    def usual(self) -> float:
        """The length that is expected before the first character."""
        return self.low if self._is_wide else 2 / (1 / self.low + 1 / self.high)

    def whole(self, written: float) -> float:
        """Return the expected length of an open value of which so many characters are written."""
        if written < 1:
            return self.usual
        if not self._is_wide:
            return written / _saturated((written / self.high + min(1.0, written / self.low)) / 2)
        left = self.low * math.pow(max(1.0, written / (2 * self.low)), _GROWTH)
        return written + min(left, max(self.high - written, written * (1 - MOST)))

    def at_most(self, characters: float) -> Extent:
        """Return an extent that ends at so many characters."""
        high = max(2.0, min(self.high, characters))
        return Extent(min(self.low, high), high)

    @property
    def _is_wide(self) -> bool:
        return self.high > _WIDE * self.low


UNKNOWN = Extent(_SHORTEST_STRING[0], _LONGEST)
"""The extent of a field that the schema does not have."""


def _saturated(share: float) -> float:
    """Return a share that approaches `MOST` beyond 0.8: a value longer than expected is never complete."""
    bend, rest = 0.8, MOST - 0.8
    return share if share <= bend else MOST - rest * math.exp((bend - share) / rest)


class _List(NamedTuple):
    """The bounds of a list's number of items, and the length of one item."""

    least: float
    most: float
    item: Extent
    bounded: bool

    def extent(self, each: float) -> Extent:
        """Return the length of the list; `each` is that of an item."""
        if self.bounded:
            return Extent(max(2.0, self.least * each), max(2.0, self.most * each))
        return Extent(max(_SHORTEST_LIST, self.least * each), max(_LONGEST, self.most * each))


class Expected(NamedTuple):
    """The expected length of an output: of its fields by name, else of the whole.

    `lines` is the number of lines that it needs at most when it is drawn, None where nobody knows.
    """

    whole: Extent = Extent(_SHORTEST_TEXT, _LONGEST)
    fields: Mapping[str, Extent] = {}
    lists: Mapping[str | None, _List] = {}  # None is the output itself
    lines: int | None = None

    @classmethod
    def of(cls, schema: Mapping[str, Any], *, inside: str | None = None) -> Expected:
        """Read the expected lengths from a JSON schema, or from that of one property inside it."""
        reader = _Reader(schema)
        if inside is not None:
            schema = _mapping(_mapping(schema.get("properties")).get(inside))
        schema = reader.resolved(schema)
        lists: dict[str | None, _List] = {}
        if (found := reader.list_of(schema, 0)) is not None:
            lists[None] = found
        for name, field in _mapping(schema.get("properties")).items():
            if (found := reader.list_of(reader.resolved(_mapping(field)), 1)) is not None:
                lists[name] = found
        return cls(reader.extent(schema, 0), reader.fields(schema, 0), lists, reader.lines(schema, 0))

    def at_most(self, characters: float) -> Expected:
        """Return the same with a bound for the whole, as the model's `max_tokens` is one."""
        return Expected(
            self.whole.at_most(characters),
            {name: extent.at_most(characters) for name, extent in self.fields.items()},
            self.lists,
            _lines(characters) if self.lines is None and not self.fields and not self.lists else self.lines,
        )


class _Reader:
    """Read lengths from a JSON schema and its definitions."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._definitions = {**_mapping(root.get("definitions")), **_mapping(root.get("$defs"))}
        # Types that contain themselves meet the same schemas again and again. Each is kept: its id stays its own.
        self._extents: dict[tuple[int, int, float], tuple[Mapping[str, Any], Extent]] = {}

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow references, and take the one variant that is not null."""
        for _ in range(_DEPTH):
            if isinstance(reference := schema.get("$ref"), str):
                schema = _mapping(self._definitions.get(reference.rpartition("/")[2]))
                continue
            variants = [each for each in _variants(schema) if each.get("type") != "null"]
            if len(variants) != 1:
                break
            schema = variants[0]
        return schema

    def fields(self, schema: Mapping[str, Any], depth: int) -> dict[str, Extent]:
        """Return the lengths of an object's fields with their names."""
        properties = _mapping(schema.get("properties"))
        needed = schema.get("required")
        strings = sum(self.resolved(_mapping(field)).get("type") == "string" for field in properties.values())
        least, most = _SHORTEST_STRING
        string = min(most, max(least, _SHORTEST_STRINGS / max(1, strings)))
        found: dict[str, Extent] = {}
        for name, field in properties.items():
            is_name = name.lower().rpartition("_")[2] in _NAMES
            low, high = self.extent(_mapping(field), depth + 1, string=_SHORTEST_NAME if is_name else string)
            if isinstance(needed, list) and name not in needed and low > _SHORTEST_NAME:
                low /= 2  # it may be left out, or be null
            found[name] = Extent(low + len(name) + _KEY, high + len(name) + _KEY)
        return found

    def list_of(self, schema: Mapping[str, Any], depth: int) -> _List | None:
        """Return the bounds of a list, or None where the schema is not one."""
        if schema.get("type") == "object" and not schema.get("properties"):
            item = self.extent(_mapping(schema.get("additionalProperties")), depth + 1, string=_SHORTEST_ITEM)
            return _List(*_ITEMS, Extent(item.low + 10 + _KEY, item.high + 10 + _KEY), bounded=False)
        if schema.get("type") != "array":
            return None
        if schema.get("prefixItems"):
            items = [self.extent(_mapping(each), depth + 1) for each in _sequence(schema["prefixItems"])]
            return _List(1, 1, _sum(items), bounded=True)
        item = self.extent(_mapping(schema.get("items")), depth + 1, string=_SHORTEST_ITEM)
        item = Extent(item.low + 2, item.high + 2)
        least = _number(schema.get("minItems"))
        most = _number(schema.get("maxItems"))
        if most is not None:  # a model that is given a bound mostly comes near it
            most = max(most, 0.5)
            return _List(min(most, max(least or 0.0, most / 2)), most, item, bounded=True)
        least = max(_ITEMS[0], least or 0.0)
        return _List(least, max(_ITEMS[1], 10 * least), item, bounded=False)

    def lines(self, schema: Mapping[str, Any], depth: int) -> int | None:
        """Return how many lines a value needs at most when it is drawn, a field a line; None if that is not known."""
        schema = self.resolved(schema)
        if depth > _DEPTH or schema.get("type") == "array" or _variants(schema):
            return None
        if fields := _mapping(schema.get("properties")):
            each = [self.lines(_mapping(field), depth + 1) for field in fields.values()]
            known = [lines for lines in each if lines is not None]
            return sum(known) if len(known) == len(each) and sum(known) <= _MOST_LINES else None
        if (found := _scalar(schema)) is not None:
            return 1 if found.high <= _LINE else None
        return _lines(_number(schema.get("maxLength")) or math.inf) if schema.get("type") == "string" else None

    def extent(self, schema: Mapping[str, Any], depth: int, *, string: float = _SHORTEST_TEXT) -> Extent:
        """Return the length of a value; `string` is the lower bound where it is a string."""
        schema = self.resolved(schema)
        key = id(schema), depth, string
        if key not in self._extents:
            self._extents[key] = schema, self._extent(schema, depth, string)
        return self._extents[key][1]

    def _extent(self, schema: Mapping[str, Any], depth: int, string: float) -> Extent:
        if depth > _DEPTH:
            return Extent(_SHORTEST_ITEM, _SHORTEST_TEXT)
        if (found := self.list_of(schema, depth)) is not None:
            return found.extent(found.item.usual)
        if schema.get("properties"):
            return _sum(self.fields(schema, depth).values())
        if variants := _variants(schema):
            extents = [self.extent(each, depth + 1, string=string) for each in variants]
            return Extent(min(each.low for each in extents), max(each.high for each in extents))
        return _scalar(schema) or _string(schema, string)


def _lines(characters: float) -> int | None:
    """Return the lines of a text of so many characters at most; None for many."""
    lines = math.ceil(characters / _LINE) if characters < _LINE * _MOST_LINES else None
    return max(1, lines) if lines is not None else None


def _scalar(schema: Mapping[str, Any]) -> Extent | None:
    """Return the length of a value that is no free text, or None for a string."""
    if "const" in schema:
        return Extent.exactly(len(str(schema["const"])) + 2.0)
    if values := _sequence(schema.get("enum")):
        return Extent.exactly(2.0 + sum(len(str(value)) for value in values) / len(values))
    kind, form = schema.get("type"), schema.get("format")
    characters = _SCALARS.get(str(kind)) or (_FORMATS.get(str(form)) if kind == "string" else None)
    return Extent.exactly(characters) if characters else None


def _string(schema: Mapping[str, Any], low: float) -> Extent:
    least, most = _number(schema.get("minLength")), _number(schema.get("maxLength"))
    if most is not None:
        return Extent(max(2.0, least or 0.0, min(low, most / 4)), max(4.0, most + 2))
    low = max(low, least or 0.0)
    return Extent(low, max(_LONGEST, 10 * low))


def _sum(extents: Iterable[Extent]) -> Extent:
    listed = list(extents)
    low = 2 + sum(each.low for each in listed)
    # One of the fields may be very long. That all of them are is not likely.
    return Extent(low, max(low, 2 + sum(each.usual for each in listed), *(each.high for each in listed)))


def _variants(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(key), list):
            return [_mapping(each) for each in schema[key]]
    return []


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _sequence(value: object) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else []


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value >= 0 else None
