"""Type guards and lookups for plain JSON data, parts of JSON Pointers, names of fields, and printable text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "at_pointer",
    "collection_of",
    "is_list",
    "is_object",
    "leaves",
    "list_at",
    "object_at",
    "plain_word",
    "pointer_keys",
    "pointer_part",
    "printable",
    "snake",
    "thing_of",
    "twice",
    "unescaped",
]


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)


def object_at(value: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object under a key, or an empty one."""
    found = value.get(key)
    return found if is_object(found) else {}


def list_at(value: dict[str, Any], key: str) -> list[Any]:
    """Return the list under a key, or an empty one."""
    found = value.get(key)
    return found if is_list(found) else []


def pointer_part(name: str) -> str:
    """Return a name as a part of a JSON Pointer (RFC 6901), without the slash before it."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(part: str) -> str:
    """Return the name that a part of a JSON Pointer stands for."""
    return part.replace("~1", "/").replace("~0", "~")


def pointer_keys(pointer: str) -> list[str]:
    """Return the names that a JSON Pointer consists of."""
    return [unescaped(part) for part in pointer.split("/")[1:]]


def leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - plain data
    """Yield the values in objects and lists that are neither, with JSON Pointers that begin with a given one."""
    if is_object(value) or is_list(value):
        for key, each in value.items() if is_object(value) else enumerate(value):
            yield from leaves(each, f"{pointer}/{pointer_part(str(key))}")
    else:
        yield pointer, value


def at_pointer(value: Any, pointer: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - plain data
    """Return the value at a JSON Pointer, or another one where there is none."""
    try:
        for key in pointer_keys(pointer):
            value = value[int(key) if is_list(value) else key]
    except (KeyError, IndexError, TypeError, ValueError):
        return otherwise
    return value


def snake(name: str) -> str:
    """Return a name with an underscore between the words that capital letters begin; the letters stay."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def printable(text: str) -> str:
    """Return a text for messages, with a replacement character for each one that can't be printed."""
    return "".join(char if char.isprintable() else "�" for char in text)


def twice(where: str = "") -> str:
    """Return the value of a key that an object has twice: nobody can tell which one is meant, so it is a flaw there."""
    return f"(stands there twice{where})"


def plain_word(name: str) -> str:
    """Return a name without all but its letters and digits, in small letters."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def collection_of(path: str) -> str:
    """Return the path of all things: that of one, without what names it, and without a slash at its end."""
    return re.sub(r"/\{[^{}/]*\}$", "", path.rstrip("/"))


def thing_of(path: str) -> str:
    """Return what a path is a collection of: `pet` for `/v1/pets`."""
    word = plain_word(next((part for part in reversed(path.split("/")) if part and "{" not in part), ""))
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss"):
            return word.removesuffix(ending) + singular
    return word
