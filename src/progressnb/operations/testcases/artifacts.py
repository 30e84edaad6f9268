"""The files of a suite: fixed names, and contents that hold the specification's words as data only."""

from __future__ import annotations

import io
import json
import re
import zipfile
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.testcases.changes import changes
from progressnb.operations.testcases.spec.plain import is_object, printable
from progressnb.operations.testcases.tables import as_csv, as_http, line
from progressnb.wire import write_atomically

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from progressnb.operations.testcases.schemas import SuiteData

__all__ = ["check_target", "files", "save"]

_FORMAT = 2
_RUNNER = "api_runner"
_CASES = "cases.json"
_CHANGES = "changes.md"
_LARGEST = 2**30
"""Bytes of the cases of an earlier version."""

_INI = "[pytest]\naddopts = -ra\n"
_CREDENTIALS = {
    "bearer": "a token, sent as `Authorization: Bearer`",
    "basic": "`user:password`",
    "header": "a key, sent in a header",
    "query": "a key, sent in the query",
    "cookie": "a key, sent in a cookie",
    "other": "not supported",
}


def files(suite: SuiteData, history: bytes = b"") -> dict[str, bytes]:
    """Return the content of each file by its name. None has the name of a file that is the team's."""
    static = resources(f"{__package__}.suite")
    runner = sorted(
        (each for each in (static / _RUNNER).iterdir() if each.name.endswith(".py")), key=lambda it: it.name
    )
    found = {
        "README.md": (static / "README.md").read_bytes() + _summary(suite).encode("utf-8", "replace"),
        **{f"{_RUNNER}/{each.name}": each.read_bytes() for each in runner},
        "test_api.py": (static / "test_api.py").read_bytes(),
        _CASES: _json(suite),
        "cases.csv": as_csv(suite),
        "cases.http": as_http(suite),
        "requirements.txt": (static / "requirements.txt").read_bytes(),
        "pytest.ini": _INI.encode(),
    }
    return {**found, "history.jsonl": history} if history else found


def _json(suite: SuiteData) -> bytes:
    head: dict[str, Any] = {
        "format": _FORMAT,
        "title": suite.title,
        "version": suite.version,
        "model": suite.model,
        "foundation_only": suite.foundation_only,
        "without_cases": suite.without_cases,
        "notes": suite.notes,
        "server": suite.server,
        "definitions": suite.definitions,
    }
    lines = [f"{_text(name)}: {_text(value)}" for name, value in head.items()]
    for name, models in _lists(suite):
        # One a line, for people who read or compare the file. One at a time: a thousand operations have many cases.
        lines.append(f'"{name}": [\n' + ",\n".join(line(model) for model in models) + "\n]")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", "replace")


def _lists(suite: SuiteData) -> Iterator[tuple[str, Sequence[BaseModel]]]:
    yield "schemes", suite.schemes
    yield "endpoints", suite.endpoints
    yield "helpers", suite.helpers
    yield "cases", suite.cases


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _summary(suite: SuiteData) -> str:
    """Return the part of the README about this suite: counts, and the variables for credentials."""
    lines = ["", "## These cases", "", f"{len(suite.cases)} cases for {len(suite.endpoints)} endpoints.", ""]
    if suite.without_cases:
        count = len(suite.without_cases)
        lines += [f"For {count} of them no case could be made: `without_cases` in `cases.json` says why.", ""]
    if suite.schemes:
        lines += ["| variable | scheme | what |", "| --- | --- | --- |"]
        lines += [f"| `{each.variable}` | {_plain(each.name)} | {_CREDENTIALS[each.kind]} |" for each in suite.schemes]
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return words of a specification that can't be Markdown, a link or another row."""
    return re.sub(r"[^\w .-]", "_", " ".join(text.split()))[:80]


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the path of a ZIP or a folder. Raises `InputError` for one that can't be written to.

    A folder is there already, or its name has no ending.
    """
    target = Path(path).expanduser()
    shown = printable(str(target))
    if not target.parent.is_dir():
        raise InputError("a directory that exists", f"{shown}, whose directory is not there", "Create it first.")
    if target.suffix.lower() == ".zip":
        if target.is_dir():
            raise InputError("a file to write to", f"the directory {shown}", "Add a name to it.")
    elif target.is_file() or (target.suffix and not target.is_dir()):
        raise InputError(
            "a file name that ends in .zip, or a folder", shown, "Write out='api-tests.zip' or out='tests/api'."
        )
    return target


def save(suite: SuiteData, contents: Mapping[str, bytes], path: str | os.PathLike[str]) -> Path:
    """Write files as a ZIP or into a folder, and return its path. Files of other names in a folder stay as they are.

    Where an earlier version is, `changes.md` says what is other. A file is written completely or not at all.
    """
    target = check_target(path)
    earlier = _earlier(target)
    if earlier is not None:
        contents = {**contents, _CHANGES: changes(earlier, suite).encode("utf-8", "replace")}
    if target.suffix.lower() == ".zip":
        write_atomically(target.resolve(), _packed(contents))
        return target
    for name, content in contents.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place.resolve(), content)
    return target


def _packed(contents: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            # A fixed date: the same cases are the same bytes, whenever they are written.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _earlier(target: Path) -> dict[str, Any] | None:
    """Return the cases of the version that is there, if it can be read."""
    try:
        if target.is_dir():
            content = (target / _CASES).read_bytes()
        else:
            with zipfile.ZipFile(target) as archive:
                if archive.getinfo(_CASES).file_size > _LARGEST:
                    return None
                content = archive.read(_CASES)
        found: Any = json.loads(content)
    except (OSError, KeyError, ValueError, RecursionError, zipfile.BadZipFile):
        return None
    return found if is_object(found) else None
