"""The key of an item: digests of the operation, of what it reads from outside, of arguments and their files."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from progressnb.batching.own_files import files_read
from progressnb.execution.declared import text_parameters
from progressnb.history import keep_inputs
from progressnb.history.calls import Call, identify
from progressnb.history.files import file_digest
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from progressnb.execution.operation import Operation

__all__ = ["Keys"]

T = TypeVar("T")

_FIXED = (str, bytes, int, float, complex, type(None), os.PathLike)
"""Kinds of values that nobody changes in place."""


class Keys:
    """The digests by which the items of a batch are found again.

    Args:
        operation: The operation.
        given: Arguments by name that every item has.

    """

    def __init__(self, operation: Operation[..., Any], given: Mapping[str, object]) -> None:
        self._operation, self._given = operation, given
        self._texts = text_parameters(operation.function)
        self._call: Call | None = None
        self._held: dict[str, str] = {}
        self._own: list[str] | None = None
        self._digests: dict[str, tuple[object, str | None]] = {}
        self._notes: dict[str, str] = {}
        self._noted: set[str] = set()

    def notes(self) -> list[str]:
        """Return, once, the sentences on what keys can't tell apart."""
        new = [text for kind, text in self._notes.items() if kind not in self._noted]
        self._noted |= self._notes.keys()
        return new

    def digest(self, index: int, arguments: Mapping[str, object], model: str | None) -> tuple[str | None, str | None]:
        """Return the digests of what is computed and of the files; None where an argument can't be compared."""
        kept = keep_inputs(arguments, files=False)
        if "model" in self._operation.taken.parameters:
            kept.pop("model", None)  # its name counts, whichever way it was given
        for name, each in kept.items():
            if "type" in each and name not in self._given:
                self._note(
                    "argument",
                    f"the results of items such as item {index} are not kept and the same call runs them again, "
                    f"since a {each['type']} can't be compared ({name}=). Pass plain data, such as a name or a text",
                )
                return None, None
        facts = _facts(kept)
        held = {name: self._of_given(name) for name, each in kept.items() if "type" in each}
        files = self.files(arguments)
        own = self._operation.name, self._operation.fingerprint, self._of_code().code
        return _hashed([*own, facts, held, files, model]), files

    def values(self, arguments: Mapping[str, object]) -> str | None:
        """Return the digest of the arguments that code may change in place, such as lists; None without any."""
        open_ones = {name: value for name, value in arguments.items() if not isinstance(value, _FIXED)}
        kept = keep_inputs(open_ones, files=False) if open_ones else {}
        return _hashed(_facts({name: each for name, each in kept.items() if "type" not in each})) if kept else None

    def files(self, arguments: Mapping[str, object]) -> str | None:
        """Return the digest of the files that code and arguments name, also inside lists; None for no file."""
        found: dict[str, str] = {}
        for own in self._of_code_read():
            if (digest := self._digest_of(own)) is not None:
                found[own] = digest
        named = [value for name, value in arguments.items() if name not in self._texts]
        texts = [value for name, value in arguments.items() if name in self._texts]
        for value in (*_names_in(named, set()), *_names_in(texts, set(), texts=False)):
            path: object = os.fspath(cast("os.PathLike[Any]", value))
            if not isinstance(path, str) or path in found:
                continue
            if (digest := file_digest(path)) is not None:
                found[path] = digest
            if (not isinstance(value, str) or os.sep in path) and "\0" not in path and os.path.isdir(path):  # noqa: PTH112 - a text
                self._note("folder", f"the folder {path!r} counts by its name: changes inside it begin nothing anew")
        return _hashed(found) if found else None

    def _of_code_read(self) -> list[str]:
        """Return the files that the code of the operation, and of its fallbacks, names and only reads."""
        if self._own is None:
            stages = self._operation.listed_stages
            functions = [self._operation.function, *(each.fallback for each in stages if each.fallback is not None)]
            none: list[str] = []
            found = {path for each in functions for path in _safely(functools.partial(files_read, each), none)}
            self._own = [path for path in sorted(found) if file_digest(path, exists=True) is not None]
        return self._own

    def _digest_of(self, path: str) -> str | None:
        """Return the digest of a file of the code, which is read again only where it has changed."""
        try:
            status = os.stat(path)  # noqa: PTH116 - a text
        except OSError:
            return None
        mark = status.st_ino, status.st_size, status.st_mtime_ns
        known = self._digests.get(path)
        if known is None or known[0] != mark:
            known = self._digests[path] = mark, file_digest(path)
        return known[1]

    def hold(self) -> None:
        """Take note that the items are at work: what they change outside does not count."""
        for slot, _ in self._of_code().changing:
            slot.at_work += 1

    def let_go(self) -> None:
        """Take note that the items are at work no longer."""
        for slot, digest in self._of_code().changing:
            slot.at_work -= 1
            slot.last = _safely(digest, slot.last)

    def _of_code(self) -> Call:
        if self._call is None:
            nothing = Call("", None, "of what its objects raise", ())
            function = self._operation.function
            if others := [each.fallback for each in self._operation.listed_stages if each.fallback is not None]:
                function = functools.partial(cast("Callable[..., Any]", function), *others)
            self._call = _safely(lambda: identify(function, (), {}, chance=False), nothing)
            if not self._call.code:
                self._note(
                    "code",
                    f"what {self._operation.name} reads from outside can't be compared, because {self._call.fault}: "
                    "results from before a change of it are taken up. Give it as arguments",
                )
        return self._call

    def _of_given(self, name: str) -> str:
        """Return the digest of an object that is given; an empty text where it counts by its type alone."""
        if name not in self._held:
            value = self._given[name]
            call = _safely(lambda: identify(_identity, (value,), {}, chance=False), None)
            self._held[name] = (call.arguments if call is not None else None) or ""
            if not self._held[name]:
                self._note(
                    "given", f"what is given as {name} counts by its type alone: another one begins nothing anew"
                )
        return self._held[name]

    def _note(self, kind: str, text: str) -> None:
        self._notes.setdefault(kind, text)


def _facts(kept: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return kept inputs without what the exact text says better: it has an order of its own, also of sets."""
    return {
        name: {part: each[part] for part in each if part != "value" or "exact" not in each}
        for name, each in kept.items()
    }


def _identity(value: object) -> object:
    return value


def _safely(digest: Callable[[], T], otherwise: T) -> T:
    try:
        return digest()
    except Exception:  # noqa: BLE001 - attributes of the user's objects may raise anything
        return otherwise


def _names_in(values: Iterable[object], seen: set[int], *, texts: bool = True) -> Iterator[object]:
    """Yield the paths in values, and the `texts`, which may name files."""
    for value in values:
        whole: object = value
        if isinstance(value, str | os.PathLike):
            if not isinstance(value, Text) and (texts or not isinstance(value, str)):
                yield whole
            continue
        inner: Iterable[object] = ()
        if isinstance(value, Mapping):
            pairs = cast("Mapping[object, object]", value)
            inner = [*pairs, *pairs.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            inner = cast("Iterable[object]", value)
        elif isinstance(value, BaseModel):
            inner = [*vars(value).values()]
        elif is_dataclass(value) and not isinstance(value, type):
            inner = [getattr(value, each.name, None) for each in fields(value)]
        if inner and (identity := id(whole)) not in seen:
            seen.add(identity)
            yield from _names_in(inner, seen, texts=texts)


def _hashed(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode("utf-8", "replace")).hexdigest()
