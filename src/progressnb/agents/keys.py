"""The keys that a model's client was given, and the errors from which they are taken.

Some endpoints repeat the key that they refuse. An error's traceback stays in a saved notebook, so the key is taken out
of the error itself, its notes and its causes, and not only out of the texts of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pydantic import SecretStr

from progressnb.wire.secrets import HIDDEN, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["hide_keys", "keys_of"]

_SHORTEST = 8  # characters of a key: shorter ones occur in other words
_DEPTH = 6
_MOST = 2_000  # objects that are looked at
_ERRORS = 50
_PLACES = frozenset(  # parts of the names of what may hold a key
    {"client", "provider", "config", "security", "session", "credential", "header", "auth", "option", "wrap", "model"}
    | {"http", "param", "query", "url", "account", "custom", "cookie", "inner", "sdk"}
)
_OPAQUE = (type, ModuleType, FunctionType, MethodType, bytes, int, float)


def keys_of(model: object) -> frozenset[str]:
    """Return the keys that a model, its clients and its providers hold, as they may stand in a text."""
    found: set[str] = set()
    seen: set[int] = set()
    left: list[tuple[object, int]] = [(model, 0)]
    while left and len(seen) < _MOST:
        holder, depth = left.pop()
        if id(holder) in seen or depth > _DEPTH:
            continue
        seen.add(id(holder))
        for name, value in _parts(holder):
            if is_secret_name(name) or name.lower() in ("key", "x-api-key", "api-key"):
                found.update(_texts(value))
            elif name == "url" or name.endswith("_url"):
                found.update(_in_address(value))
            if not isinstance(value, (*_OPAQUE, str)) and any(each in name.lower() for each in _PLACES):
                left.append((value, depth + 1))
    return frozenset(each for key in found for each in (key, quote(key, safe="")) if len(key) >= _SHORTEST)


def hide_keys(error: BaseException, model: object) -> None:
    """Take the keys of a model out of an error that is raised, out of its notes, its causes and its group."""
    keys = sorted(keys_of(model), key=len, reverse=True)  # one may be within another
    if not keys:
        return
    left, seen = [error], set[int]()
    while left and len(seen) < _ERRORS:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        _clean(each, keys)
        left += _members(each)
        for link in ("__cause__", "__context__"):
            if (other := getattr(each, link)) is not None:
                _clean(other, keys)
                if (text := _shown(other)) != (hidden := _without(text, keys)):
                    # It refuses to be changed, as an error of pydantic's validation does.
                    setattr(each, link, RuntimeError(f"{type(other).__name__}: {hidden}"))
                else:
                    left.append(other)


def _members(error: BaseException) -> Sequence[BaseException]:
    return cast("BaseExceptionGroup[BaseException]", error).exceptions if isinstance(error, BaseExceptionGroup) else ()


def _clean(error: BaseException, keys: list[str]) -> None:
    with suppress(Exception):  # any class of error may refuse
        error.args = _without(error.args, keys)
    for name, value in [*getattr(error, "__dict__", {}).items()]:
        if (clean := _without(value, keys)) is not value:
            with suppress(Exception):
                object.__setattr__(error, name, clean)
    if isinstance(error, OSError):
        for name in ("strerror", "filename", "filename2"):
            with suppress(Exception):
                if (clean := _without(value := getattr(error, name), keys)) is not value:
                    setattr(error, name, clean)


def _without(value: Any, keys: list[str], depth: int = _DEPTH) -> Any:  # noqa: ANN401 - any value
    """Return plain data without the keys: the same object where there is none in it."""
    whole: Any = value
    if isinstance(value, str | bytes):
        return _without_each(value, keys)
    if depth and isinstance(value, dict):
        given = cast("dict[object, object]", value)
        clean = {_without(name, keys, 0): _without(each, keys, depth - 1) for name, each in given.items()}
        changed = any(clean.get(name, HIDDEN) is not each for name, each in given.items())
        return clean if changed else whole
    if depth and isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        cleaned = [_without(each, keys, depth - 1) for each in items]
        if any(new is not old for new, old in zip(cleaned, items, strict=True)):
            return cleaned if isinstance(value, list) else tuple(cleaned)
    elif depth and is_dataclass(value) and not isinstance(value, type):
        _clean_fields(value, keys, depth - 1)
    return whole


def _without_each(text: str | bytes, keys: list[str]) -> str | bytes:
    for key in keys:
        if isinstance(text, str):
            text = text.replace(key, HIDDEN) if key in text else text
        elif key.encode() in text:
            text = text.replace(key.encode(), HIDDEN.encode())
    return text


def _clean_fields(value: Any, keys: list[str], depth: int) -> None:  # noqa: ANN401 - a dataclass of any kind
    for each in fields(value):
        with suppress(Exception):
            if (clean := _without(old := getattr(value, each.name), keys, depth)) is not old:
                object.__setattr__(value, each.name, clean)  # past one that is frozen


def _shown(error: BaseException) -> str:
    try:
        return "\n".join([str(error), *getattr(error, "__notes__", ())])
    except Exception:  # noqa: BLE001 - a broken __str__ shows nothing
        return ""


def _parts(holder: object) -> Iterator[tuple[str, object]]:
    """Yield the attributes or the items of an object by name; no code of its properties is run."""
    whole: object = holder
    if isinstance(holder, Mapping):
        with suppress(Exception):
            yield from [(str(key), value) for key, value in cast("Mapping[object, object]", holder).items()]
    elif isinstance(holder, list | tuple):
        yield from [("wrapped", each) for each in cast("Iterable[object]", holder)]
    for name in _slots(type(whole)):
        with suppress(Exception):
            yield name, getattr(whole, name)
    with suppress(Exception):
        yield from [*vars(whole).items()]


def _slots(kind: type) -> Iterator[str]:
    for each in kind.__mro__:
        names = each.__dict__.get("__slots__", ())
        yield from (names,) if isinstance(names, str) else names


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        # "Bearer sk-…" and "Basic …": the word before it is none of the key.
        yield value.rpartition(" ")[2]


def _in_address(value: object) -> Iterator[str]:
    """Yield the password of an address, and the keys in its query."""
    with suppress(ValueError):
        address = urlsplit(str(value))
        if address.password:
            yield unquote(address.password)
        # The openai client ends its address with a slash, wherever that falls.
        yield from (
            text.rstrip("/") for name, text in parse_qsl(address.query) if is_secret_name(name) or name == "key"
        )
