"""Values as bytes that give the very value back: its type, its order, its NaN. What can't be so is refused.

No pickle, and no code is run to read them: the bytes are JSON with tags, followed by arrays in NumPy's own format.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
from collections import Counter, OrderedDict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from progressnb.history.objects import Types, object_node, restored_object
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["LARGEST", "NotExactError", "decode_exact", "encode_exact", "pack_exact"]

LARGEST = 100_000_000
"""Bytes of a value, at most."""

_DEPTH = 200
_TOO_DEEP = "it is nested too deep, or holds itself"
_MANY = 1 << 62

_PATHS = {kind.__name__: kind for kind in (PosixPath, WindowsPath, PurePosixPath, PureWindowsPath)}
_SEQUENCES: dict[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset", deque: "deque"}
_MAPPINGS: dict[type, str] = {dict: "dict", OrderedDict: "OrderedDict", Counter: "Counter"}
_FIXED = (tuple, frozenset, PosixPath, PurePosixPath, PureWindowsPath, WindowsPath)
"""Types of values that nobody can change, so that it makes no difference whether two are one object."""

_FRAMES = ("numpy", "pandas")


class NotExactError(TypeError):
    """A value that can't be given back exactly; the message is the reason in a few words."""


def encode_exact(value: object, annotation: object = Any) -> bytes:
    """Return bytes that `decode_exact` makes an equal value of, with the same annotation.

    Equality is tested here: the bytes are read, and what they give has the same bytes again. Raises `NotExactError`
    for anything else, such as an object with a connection.
    """
    data = pack_exact(value)
    if type(value) is str and (annotation is str or annotation is Any) and len(data) <= LARGEST:
        return data
    if len(data) > LARGEST:
        raise NotExactError(f"it has more than {LARGEST / 1e6:.0f} MB")
    try:
        again = pack_exact(decode_exact(data, annotation))
    except NotExactError:
        raise
    except Exception as error:  # validators and constructors are the user's
        raise NotExactError(f"{_name(value)} can't be made again: {type(error).__name__}") from error
    if again != data:
        raise NotExactError(f"{_name(value)} comes back as something else")
    return data


def decode_exact(data: bytes, annotation: object = Any) -> Any:  # noqa: ANN401 - what was encoded
    """Return the value of such bytes. Types of the user's are found by the annotation, or by their own names.

    Raises `NotExactError` for a type that is no longer there.
    """
    return _Reader(annotation).read(json.loads(data))


def pack_exact(value: object) -> bytes:
    """Return the bytes of a value, without a test that they give it back: equal values have equal bytes.

    An object that is held in several places is written once, and named in the others.
    """
    packer = _Packer()
    try:
        node = packer.node(value, 0)
        if packer.shared:
            packer.is_second = True
            node = packer.node(value, 0)
        return json.dumps(node, separators=(",", ":")).encode()
    except RecursionError:
        raise NotExactError(f"{_name(value)} is nested too deep") from None


class _Packer:
    """The writer of the nodes of one value: once to see which objects are held in several places, then with these."""

    def __init__(self) -> None:
        self.shared: dict[int, int | None] = {}
        self.is_second = False
        self._seen: dict[int, object] = {}  # it keeps the objects alive, and so their ids
        self._open: set[int] = set()
        self._numbers = itertools.count()

    def node(self, value: object, depth: int) -> Any:  # noqa: ANN401, C901, PLR0911 - JSON; each kind has its answer
        """Return the node of a value."""
        if depth > _DEPTH:
            raise NotExactError(_TOO_DEEP)
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            number = cast("int", value)
            return number if -_MANY < number < _MANY else {"int": hex(number)}
        if kind is float:
            real = cast("float", value)
            return real if math.isfinite(real) else {"float": repr(real)}
        if (scalar := _SCALARS.get(kind)) is not None and kind is not bytearray:
            return {scalar[0]: scalar[1](value)}
        is_foreign = kind.__module__.partition(".")[0] in _FRAMES
        if kind in _FIXED or isinstance(value, Enum) or (is_foreign and not hasattr(kind, "__setitem__")):
            return self._inside(value, depth)
        key = id(value)
        if not self.is_second:
            if key in self._seen:
                self.shared[key] = None
                return None
            self._seen[key] = value
            return self._inside(value, depth)
        if key not in self.shared:
            return self._inside(value, depth)
        if (known := self.shared[key]) is not None:
            if key in self._open:
                raise NotExactError(_TOO_DEEP)
            return {"again": known}
        self.shared[key] = number = next(self._numbers)
        self._open.add(key)
        node = self._inside(value, depth)
        self._open.discard(key)
        return {"shared": [number, node]}

    def _inside(self, value: object, depth: int) -> Any:  # noqa: ANN401, PLR0911 - JSON; each kind of value has its answer
        kind = type(value)

        def inside(part: object) -> Any:  # noqa: ANN401 - JSON
            return self.node(part, depth + 1)

        if kind is list:
            return [inside(each) for each in cast("list[object]", value)]
        if (name := _SEQUENCES.get(kind)) is not None:
            nodes = [inside(each) for each in cast("Iterable[object]", value)]
            nodes = sorted(nodes, key=json.dumps) if name in ("set", "frozenset") else nodes
            return {name: nodes} if kind is not deque else {name: [cast("deque[object]", value).maxlen, nodes]}
        if (name := _MAPPINGS.get(kind)) is not None:
            return {name: [[inside(key), inside(each)] for key, each in cast("dict[object, object]", value).items()]}
        if kind is bytearray:
            return {"bytearray": _SCALARS[bytearray][1](value)}
        if kind.__name__ in _PATHS and _PATHS[kind.__name__] is kind:
            return {"path": [kind.__name__, str(value)]}
        if kind.__module__.partition(".")[0] in _FRAMES:
            return {"frame": _frame_node(value, inside)}
        node = object_node(value, inside)
        if node is None:
            raise NotExactError(f"{_name(value)} can't be given back exactly")
        return node


def _frame_node(value: object, inside: Callable[[object], Any]) -> Any:  # noqa: ANN401 - JSON
    from progressnb.frames import frame_node

    node = frame_node(value, inside)
    if node is None:
        raise NotExactError(f"{_name(value)} can't be given back exactly")
    return node


class _Reader:
    """The reader of the nodes of one value."""

    def __init__(self, annotation: object) -> None:
        self._types = Types(annotation)
        self._shared: dict[int, Any] = {}

    def read(self, node: Any) -> Any:  # noqa: ANN401, C901, PLR0911 - a value; each tag has its answer
        """Return the value of a node."""
        if isinstance(node, list):
            return [self.read(each) for each in cast("Any", node)]
        if not isinstance(node, dict):
            return node
        ((tag, content),) = cast("dict[str, Any]", node).items()
        if tag == "again":
            return self._shared[content]
        if tag == "shared":
            self._shared[content[0]] = value = self.read(content[1])
            return value
        if tag in ("tuple", "set", "frozenset"):
            kind: Any = {"tuple": tuple, "set": set, "frozenset": frozenset}[tag]
            return kind(self.read(each) for each in content)
        if tag == "deque":
            return deque(self.read(content[1]), content[0])
        if tag in ("dict", "OrderedDict", "Counter"):
            kind = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}[tag]
            made = kind()
            for key, each in content:
                made[self.read(key)] = self.read(each)
            return made
        if tag == "path":
            return _PATHS[content[0]](content[1])
        if tag == "frame":
            from progressnb.frames import restored_frame

            return restored_frame(content, self.read)
        if (read := _READ.get(tag)) is not None:
            return read(content)
        found, value = restored_object(tag, content, self._types, self.read)
        if not found:
            raise NotExactError(f"a {tag} of a newer version")
        return value


def _zone(value: Any) -> Any:  # noqa: ANN401 - JSON
    zone = value.tzinfo
    if zone is None:
        return None
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    if type(zone) is timezone:
        seconds, name = zone.utcoffset(None).total_seconds(), zone.tzname(None)
        return seconds if name == timezone(timedelta(seconds=seconds)).tzname(None) else [seconds, name]
    raise NotExactError(f"the time zone {type(zone).__name__} can't be given back exactly")


def _with_zone(text: str, zone: Any, fold: int, kind: Any) -> Any:  # noqa: ANN401 - JSON, a time
    value = kind.fromisoformat(text).replace(fold=fold)
    if zone is None:
        return value
    if isinstance(zone, str):
        return value.replace(tzinfo=ZoneInfo(zone))
    if isinstance(zone, list):  # its name, too
        return value.replace(tzinfo=timezone(timedelta(seconds=cast("float", zone[0])), cast("str", zone[1])))
    return value.replace(tzinfo=timezone(timedelta(seconds=zone)) if zone else UTC)


def _clock(value: Any) -> list[Any]:  # noqa: ANN401 - a time
    return [value.replace(tzinfo=None, fold=0).isoformat(), _zone(value), value.fold]


_SCALARS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    bytes: ("bytes", lambda value: base64.b64encode(value).decode()),
    bytearray: ("bytearray", lambda value: base64.b64encode(value).decode()),
    complex: ("complex", lambda value: [repr(value.real), repr(value.imag)]),
    datetime: ("datetime", _clock),
    time: ("time", _clock),
    date: ("date", lambda value: value.isoformat()),
    timedelta: ("timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    Decimal: ("decimal", str),
    Fraction: ("fraction", str),
    UUID: ("uuid", str),
    Text: ("text", str.__str__),
    range: ("range", lambda value: [value.start, value.stop, value.step]),
    type(Ellipsis): ("ellipsis", lambda _: None),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "int": lambda text: int(text, 16),
    "float": float,
    "bytes": base64.b64decode,
    "bytearray": lambda text: bytearray(base64.b64decode(text)),
    "complex": lambda parts: complex(float(parts[0]), float(parts[1])),
    "datetime": lambda parts: _with_zone(parts[0], parts[1], parts[2], datetime),
    "time": lambda parts: _with_zone(parts[0], parts[1], parts[2], time),
    "date": date.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "decimal": Decimal,
    "fraction": Fraction,
    "uuid": UUID,
    "text": Text,
    "range": lambda parts: range(*parts),
    "ellipsis": lambda _: ...,
}


def _name(value: object) -> str:
    kind = type(value)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"a {name}"
