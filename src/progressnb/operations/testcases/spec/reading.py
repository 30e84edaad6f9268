"""The reader of specifications: a text, a file, an address or a dict becomes plain data of a bounded size."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.budget import MAX_BYTES, Budget
from progressnb.operations.testcases.spec.fetching import specification_at
from progressnb.operations.testcases.spec.plain import is_object, printable, twice
from progressnb.operations.testcases.spec.yaml_text import parse_yaml
from progressnb.wire import Text, clean_text, open_regular

__all__ = ["Source", "parse_text", "read_file", "read_source"]

_SUFFIXES = (".json", ".yaml", ".yml")
_NAME_LIMIT = 4096
"""Characters up to which a text of one line may be the path of a file."""

_SHOWN = 200
"""Characters of a file's name in messages."""


@dataclass(frozen=True)
class Source:
    """A specification as plain data, with its name for messages and, if it is a file, its directory."""

    name: str
    data: dict[str, Any]
    directory: Path | None = None


def read_source(spec: object) -> Source:
    """Return a specification from YAML or JSON text, a file, an address, or a dict. Raises `InputError` for all else.

    Only text of the caller's own code names a file or an address, never a `Text`, which comes from a client.
    """
    if isinstance(spec, Mapping):
        name = "the specification"
        data = _plain(cast("Mapping[object, object]", spec), Budget(name), 0, name)
        return Source(name, _checked(data, name))
    if isinstance(spec, str):
        line = spec.strip()
        if "\n" not in line and len(line) < _NAME_LIMIT and not isinstance(spec, Text):
            if line.lower().startswith(("http://", "https://")):
                return Source(line[:_SHOWN], _checked(parse_text(specification_at(line), line[:_SHOWN]), line[:_SHOWN]))
            if line.lower().endswith(_SUFFIXES):
                return _from_file(Path(line))
        if len(spec) > MAX_BYTES:
            raise _too_long("the specification")
        text = str(spec)  # parsers in C take no subclass of str
        return Source("the specification", _checked(parse_text(text, "the specification"), "the specification"))
    if isinstance(spec, os.PathLike):
        return _from_file(Path(os.fspath(cast("os.PathLike[str]", spec))))
    raise InputError(
        "a specification as a text, a path or a dict", type(spec).__name__, "Give a str, a pathlib.Path or a dict."
    )


def _from_file(path: Path) -> Source:
    text, name = read_file(path)
    return Source(name, _checked(parse_text(text, name), name), path.expanduser().resolve().parent)


def read_file(path: Path) -> tuple[str, str]:
    """Return the text of a file and its name for messages. Raises `InputError` for one that can't be read."""
    name = printable(path.name)[:_SHOWN] or "the file"
    try:
        real = path.expanduser()
        if not real.is_file():
            what = "a directory" if real.is_dir() else "no regular file" if real.exists() else "not there"
            raise InputError("a specification file", f"{name}, which is {what}", "Check the path.")
        with open_regular(real) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _too_long(name)
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"), name
    except UnicodeDecodeError as error:
        raise InputError(f"{name} as UTF-8 text", f"another byte at {error.start}", "Save it as UTF-8.") from None
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError("a readable specification file", f"{name} ({reason})", "Check the path.") from None


def parse_text(text: str, name: str) -> Any:  # noqa: ANN401 - plain data
    """Return the data of JSON or YAML text. Raises `InputError` for any other."""
    text = clean_text(text)
    if text.lstrip().startswith("{"):
        try:
            data = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
            return _plain(data, Budget(name), 0, name)
        except RecursionError:
            raise InputError(f"{name} as JSON", "one that is nested too deeply", "Check how it was made.") from None
        except InputError:
            raise
        except ValueError as error:
            problem = str(error)
        try:
            return parse_yaml(text, name)  # YAML too may begin with a brace
        except InputError as error:
            raise InputError(f"{name} as JSON or YAML", problem, "Check the text there.") from error
    return parse_yaml(text, name)


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        found.update({key: twice() for key, count in Counter(key for key, _ in pairs).items() if count > 1})
    return found


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not allowed in JSON")


def _plain(value: object, budget: Budget, depth: int, name: str) -> Any:  # noqa: ANN401 - plain data
    """Return a copy of plain data. Data that contains itself is refused as too deep."""
    budget.spend(depth)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        plain: dict[str, Any] = {}
        for key, each in items:
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise InputError(f"names as keys in {name}", type(key).__name__, "Use strings as keys.")
            text = clean_text(key) if isinstance(key, str) else str(budget.integer(key))
            if text in plain:
                raise InputError(f"each key once in {name}", f"{text[:80]!r} twice", "Remove one of them.")
            plain[text] = _plain(each, budget, depth + 1, name)
        return plain
    if isinstance(value, list | tuple):
        return [_plain(each, budget, depth + 1, name) for each in cast("list[object]", value)]
    if isinstance(value, str):
        return clean_text(str(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return budget.integer(value)
    if value is None or isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise InputError(f"plain JSON values in {name}", _kind(value), "Load it with json or yaml first.")


def _kind(value: object) -> str:
    return f"the number {value}" if isinstance(value, float) else type(value).__name__


def _checked(data: object, name: str) -> dict[str, Any]:
    if is_object(data):
        for key, value in data.items():
            if isinstance(value, str) and value.startswith(twice().removesuffix(")")):
                got = f"{key[:80]!r} {value.removeprefix('(stands there ').removesuffix(')')}"
                raise InputError(f"each key once in {name}", got, "Remove one of them.")
    else:
        kind = {"list": "a list", "str": "a text", "NoneType": "nothing"}.get(type(data).__name__, type(data).__name__)
        remedy = "Give its text, or a path that ends in .yaml, .yml or .json."
        raise InputError(f"an OpenAPI specification, an object, in {name}", kind, remedy)
    return data


def _too_long(name: str) -> InputError:
    return InputError(f"at most {MAX_BYTES:,} bytes", f"more in {name}", "Split the specification.")
