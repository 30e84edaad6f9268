"""The inputs of a run as a history keeps them, and as they are given to a run again."""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic import BaseModel

from progressnb.errors import ResumeError
from progressnb.tracking.annotations import type_hints
from progressnb.wire.plain import jsonable
from progressnb.wire.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["KeptInput", "given_again", "keep_inputs"]

KeptInput: TypeAlias = "dict[str, Any]"
"""One input as plain data.

`value` is the value, or `type` the name of its type where it is no plain data. `path` and `text` mark a path and a
`Text`. `digest` is the SHA-256 of the file that the value names.
"""

_NAME_LIMIT = 4096


def keep_inputs(inputs: Mapping[str, object]) -> dict[str, KeptInput]:
    """Return inputs as plain data, with the digest of every file that they name."""
    return {name: _keep(value) for name, value in inputs.items()}


def given_again(
    function: Callable[..., Any], kept: Mapping[str, KeptInput], given: Mapping[str, object]
) -> dict[str, object]:
    """Return the kept inputs of a run as arguments of its function.

    `given` has the inputs that plain data can't hold, such as a model. Raises `ResumeError` for an input that is
    missing or differs from the kept one, and for a file whose content changed.
    """
    if unknown := sorted(set(given) - set(kept)):
        raise ResumeError("the inputs of the interrupted run", f"{', '.join(unknown)}, which it was not given")
    annotations = type_hints(inspect.unwrap(function))
    return {
        name: _given(name, each, given[name]) if name in given else _restored(name, each, annotations.get(name, Any))
        for name, each in kept.items()
    }


def _keep(value: object) -> KeptInput:
    if isinstance(value, os.PathLike):
        kept: KeptInput = {"value": os.fspath(cast("os.PathLike[str]", value)), "path": True}
    elif isinstance(value, Text):
        return {"value": jsonable(str(value)), "text": True}
    elif _is_plain(value):
        kept = {"value": jsonable(value)}
    else:  # only the type: attributes may be keys or connections
        kept = {"type": f"{type(value).__module__}.{type(value).__qualname__}"}
    if (digest := _digest(kept.get("value"))) is not None:
        kept["digest"] = digest
    return kept


def _digest(value: object) -> str | None:
    if not isinstance(value, str) or not value or "\n" in value or len(value) > _NAME_LIMIT:
        return None
    try:
        with Path(value).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):  # not the name of a file
        return None


def _given(name: str, kept: KeptInput, value: object) -> object:
    if _keep(value) != kept:
        raise ResumeError(f"the {name} of the interrupted run", "another one", "Begin a new run for other inputs.")
    return value


def _restored(name: str, kept: KeptInput, annotation: Any) -> object:  # noqa: ANN401 - any type
    from pydantic import TypeAdapter, ValidationError

    if "type" in kept:
        raise ResumeError(f"{name}, a {kept['type']}, which is not kept", "none", f"Pass it: {name}=….")
    value = kept["value"]
    if "digest" in kept and _digest(value) != kept["digest"]:
        raise ResumeError(f"the file {value!r} as it was", "another content, or none", "Begin a new run.")
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


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, cast("Mapping[object, object]", value).values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, cast("Iterable[object]", value)))
    return value is None or isinstance(value, str | int | float | bool | BaseModel)
