"""The files of a suite: fixed names, and contents that hold the specification's words as data only."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.plain import printable
from progressnb.wire import clean_text, csv_bytes, text_cell, write_atomically

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from progressnb.operations.testcases.schemas import SuiteData

__all__ = ["COLUMNS", "check_target", "files", "rows", "save"]

COLUMNS = ("id", "name", "category", "endpoint", "expected", "why", "source", "steps", "request")

_FORMAT = 2
_RUNNER = "api_runner"
_MODULES = (
    *("__init__.py", "answers.py", "fresh.py", "plain.py", "plugin.py", "report.py", "running.py", "sending.py"),
    *("suite.py", "values.py"),
)
_INI = "[pytest]\naddopts = -ra\ntestpaths = test_api.py\n"
_CREDENTIALS = {
    "bearer": "a token, sent as `Authorization: Bearer`",
    "basic": "`user:password`",
    "header": "a key, sent in a header",
    "query": "a key, sent in the query",
    "cookie": "a key, sent in a cookie",
    "other": "not supported",
}


def files(suite: SuiteData, history: bytes = b"") -> dict[str, bytes]:
    """Return the content of each file by its name."""
    static = resources(f"{__package__}.suite")
    found = {
        "README.md": (static / "README.md").read_bytes() + _summary(suite).encode("utf-8", "replace"),
        **{f"{_RUNNER}/{name}": (static / _RUNNER / name).read_bytes() for name in _MODULES},
        "test_api.py": (static / "test_api.py").read_bytes(),
        "cases.json": _json(suite),
        "cases.csv": _csv(suite),
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
        "definitions": suite.definitions,
    }
    lines = [f"{_text(name)}: {_text(value)}" for name, value in head.items()]
    for name, models in _lists(suite):
        # One a line, for people who read or compare the file. One at a time: a thousand operations have many cases.
        lines.append(f'"{name}": [\n' + ",\n".join(_line(model) for model in models) + "\n]")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", "replace")


def _lists(suite: SuiteData) -> Iterator[tuple[str, Sequence[BaseModel]]]:
    yield "schemes", suite.schemes
    yield "endpoints", suite.endpoints
    yield "helpers", suite.helpers
    yield "cases", suite.cases


def _line(model: BaseModel) -> str:
    try:
        return model.model_dump_json()
    except ValueError:  # a language model may write text that can't be encoded
        return clean_text(_text(model.model_dump()))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def rows(suite: SuiteData) -> Iterator[tuple[object, ...]]:
    """Yield a row for each case, in the order of `COLUMNS`."""
    for case in suite.cases:
        request = _line(case.request)
        statuses = " ".join(case.expected)
        yield (
            *(case.id, case.name, case.category, case.endpoint, statuses, case.why, case.source),
            *(len(case.steps), request),
        )


def _csv(suite: SuiteData) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([text_cell(each) for each in row] for row in rows(suite))
    return csv_bytes(text.getvalue())


def _summary(suite: SuiteData) -> str:
    """Return the part of the README about this suite: counts, and the variables for credentials."""
    lines = ["", "## These cases", "", f"{len(suite.cases)} cases for {len(suite.endpoints)} endpoints.", ""]
    if suite.without_cases:
        count = len(suite.without_cases)
        lines += [f"For {count} of them no case could be made: `without_cases` in `cases.json` says why.", ""]
    if suite.schemes:
        intro = "Set these for endpoints that ask for credentials; cases that need one that is not set are skipped."
        lines += [intro, "", "| variable | scheme | what |", "| --- | --- | --- |"]
        lines += [f"| `{each.variable}` | {_plain(each.name)} | {_CREDENTIALS[each.kind]} |" for each in suite.schemes]
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return words of a specification that can't be Markdown, a link or another row."""
    return re.sub(r"[^\w .-]", "_", " ".join(text.split()))[:80]


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the path of a ZIP. Raises `InputError` for a name or a directory that can't be written to."""
    target = Path(path).expanduser()
    shown = printable(str(target))
    if target.suffix.lower() != ".zip":
        raise InputError("a file name that ends in .zip", shown, "Write out='api-tests.zip'.")
    if not target.parent.is_dir():
        raise InputError("a directory that exists", f"{shown}, whose directory is not there", "Create it first.")
    if target.is_dir():
        raise InputError("a file to write to", f"the directory {shown}", "Add a name to it.")
    return target


def save(contents: Mapping[str, bytes], path: str | os.PathLike[str]) -> Path:
    """Write files as a ZIP, completely or not at all, and return its path."""
    target = check_target(path)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            # A fixed date: the same cases are the same bytes, whenever they are written.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    write_atomically(target.resolve(), packed.getvalue())
    return target
