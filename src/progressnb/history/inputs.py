"""The inputs of a run as a history keeps them, and as they are given to a run again."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic import BaseModel

from progressnb.errors import ResumeError
from progressnb.history.exact import NotExactError, decode_exact, encode_exact
from progressnb.history.files import file_digest
from progressnb.tracking.annotations import type_hints
from progressnb.wire.plain import jsonable
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

__all__ = ["KeptInput", "add_digests", "given_again", "keep_inputs", "named_files"]

KeptInput: TypeAlias = "dict[str, Any]"
"""One input as plain data.

`value` is the value as plain data, `exact` the text that gives the very value back where JSON does not. `type` is the
name of its type where neither can hold it. `path` and `text` mark a path and a
`Text`. `digest` is the SHA-256 of the file that the value names: a path, or a text where a path is declared.
"""


def keep_inputs(inputs: Mapping[str, object], *, files: bool = True) -> dict[str, KeptInput]:
    """Return inputs as plain data, with the digest of each file that a path names, unless `files` says to read none."""
    kept = {name: _keep(value, files=False) for name, value in inputs.items()}
    return add_digests(kept, named_files(kept, ())) if files else kept


def named_files(kept: Mapping[str, KeptInput], paths: Collection[str]) -> dict[str, str]:
    """Return the files that inputs name: paths, and texts under the names of parameters that take `paths`."""
    values = {name: each.get("value") for name, each in kept.items() if "path" in each or name in paths}
    return {name: value for name, value in values.items() if isinstance(value, str) and "text" not in kept[name]}


def add_digests(kept: Mapping[str, KeptInput], files: Mapping[str, str]) -> dict[str, KeptInput]:
    """Return inputs with the digests of these files by the name of the input. It reads them: call it in a thread."""
    digests = {name: digest for name, path in files.items() if (digest := file_digest(path)) is not None}
    return {name: {**each, "digest": digests[name]} if name in digests else each for name, each in kept.items()}


def given_again(
    function: Callable[..., Any],
    kept: Mapping[str, KeptInput],
    given: Mapping[str, object],
    *,
    allow_changes: bool = False,
) -> dict[str, object]:
    """Return the kept inputs of a run as arguments of its function.

    `given` has the inputs that plain data can't hold, such as a model. Raises `ResumeError` for an input that is
    missing or differs from the kept one, and for a file whose content changed. `allow_changes` lets files change.
    """
    if unknown := sorted(set(given) - set(kept)):
        raise ResumeError("the inputs of the interrupted run", f"{', '.join(unknown)}, which it was not given")
    annotations = type_hints(inspect.unwrap(function))
    return {
        name: _given(name, each, given[name], files=not allow_changes)
        if name in given
        else _restored(name, each, annotations.get(name, Any), files=not allow_changes)
        for name, each in kept.items()
    }


def _keep(value: object, *, files: bool) -> KeptInput:
    try:
        return _kept(value, files=files)
    except RecursionError:  # a list that is within itself, or a very deep one
        return _type_of(value)


def _type_of(value: object) -> KeptInput:
    return {"type": f"{type(value).__module__}.{type(value).__qualname__}"}


def _kept(value: object, *, files: bool) -> KeptInput:
    if isinstance(value, os.PathLike):
        kept: KeptInput = {"value": os.fspath(cast("os.PathLike[str]", value)), "path": True}
    elif isinstance(value, Text):
        return {"value": jsonable(str(value)), "text": True}
    elif _is_plain(value):
        kept = {"value": jsonable(value)}
        if not _is_json(value) and (exact := _exact(value)) is not None:
            kept["exact"] = exact
    elif (exact := _exact(value)) is not None:
        return {"exact": exact}
    else:  # only the type: attributes may be keys or connections
        kept = _type_of(value)
    if files and (digest := _digest(kept.get("value"))) is not None:
        kept["digest"] = digest
    return kept


def _digest(value: object) -> str | None:
    return file_digest(value) if isinstance(value, str) else None


def _given(name: str, kept: KeptInput, value: object, *, files: bool) -> object:
    mine = _keep(value, files="digest" in kept)
    if not files and "digest" in mine and "digest" in kept:
        mine["digest"] = kept["digest"]
    if mine != kept and not (mine.keys() - {"exact"} == kept.keys() and mine == {**kept, "exact": mine.get("exact")}):
        raise ResumeError(f"the {name} of the interrupted run", "another one", "Begin a new run for other inputs.")
    return value


def _restored(name: str, kept: KeptInput, annotation: Any, *, files: bool) -> object:  # noqa: ANN401 - any type
    from pydantic import TypeAdapter, ValidationError

    if "exact" in kept:
        try:
            return decode_exact(kept["exact"].encode(), annotation)
        except Exception as error:  # noqa: BLE001 - its type is gone or has changed, and constructors are the user's
            if "value" not in kept:
                raise ResumeError(f"{name} as it was", f"{type(error).__name__}", f"Pass it: {name}=….") from None
    if "type" in kept:
        raise ResumeError(f"{name}, a {kept['type']}, which is not kept", "none", f"Pass it: {name}=….")
    value = kept["value"]
    if files and "digest" in kept and _digest(value) != kept["digest"]:
        raise ResumeError(
            f"the file {value!r} as it was", "another content, or none", "Begin a new run, or pass allow_changes=True."
        )
    if "path" in kept:
        return Path(value)
    if "text" in kept:
        return Text(value)
    try:
        return TypeAdapter(annotation).validate_python(value)
    except ValidationError as error:
        raise ResumeError(f"the {name} of the interrupted run", str(error), f"Pass it: {name}=….") from None
    except Exception:  # noqa: BLE001 - pydantic has no schema for the annotation: the plain data must do
        return value


def _exact(value: object) -> str | None:
    try:
        return encode_exact(value).decode()
    except NotExactError:
        return None


def _is_json(value: object) -> bool:
    """Return whether JSON gives the very value back."""
    if type(value) is list:
        return all(map(_is_json, cast("list[object]", value)))
    if type(value) is dict:
        items = cast("dict[object, object]", value).items()
        return all(type(key) is str and _is_json(each) for key, each in items)
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in (str, int, bool)


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, cast("Mapping[object, object]", value).values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, cast("Iterable[object]", value)))
    return value is None or isinstance(value, str | int | float | bool | BaseModel)
