"""The cases for people and other tools: as a table, and as requests for the REST clients of editors."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from progressnb.operations.testcases.schemas import OF_REQUEST
from progressnb.operations.testcases.spec.plain import pointer_keys
from progressnb.wire import clean_text, text_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from progressnb.operations.testcases.schemas import Case, Step, SuiteData

__all__ = ["COLUMNS", "as_csv", "as_http", "line", "rows"]

COLUMNS = ("id", "name", "category", "endpoint", "expected", "why", "source", "steps", "request", "setup")

_LONGEST_CELL = 32_000
"""Characters of a cell: spreadsheets cut longer ones at 32,767, or refuse the file."""

_MORE = ("other", "expired", "reader")
"""Other credentials than those of the tests."""

_BOM = "\ufeff"
_MARK = re.compile(r"shellvariable0(\w+?)0(\w+?)0elbairav")
"""The mark that the runner writes for a variable."""


def line(model: BaseModel) -> str:
    """Return a model as JSON in one line."""
    try:
        return model.model_dump_json()
    except ValueError:  # a language model may write text that can't be encoded
        return clean_text(json.dumps(model.model_dump(), ensure_ascii=False))


def rows(suite: SuiteData) -> Iterator[tuple[object, ...]]:
    """Yield a row for each case, in the order of `COLUMNS`."""
    for case in suite.cases:
        statuses = " ".join(case.expected)
        yield (
            *(case.id, case.name, case.category, case.endpoint, statuses, case.why, case.source),
            *(len(case.steps), line(case.request), _setup(case)),
        )


def _setup(case: Case) -> str:
    """Return the steps before the last in words, such as `1. POST /pets {"name": "x"} → 201, keep /id as made`."""
    return "\n".join(f"{number}. {_step(step)}" for number, step in enumerate(case.steps[:-1], 1))


def _step(step: Step) -> str:
    request = step.request
    words = [request.method, request.path]
    words += [f"with {pointer.rpartition('/')[2]} = {name}" for pointer, name in step.use.items()]
    if request.query:
        words.append(f"query {json.dumps(request.query, ensure_ascii=False)}")
    if request.body_kind is not None:
        words.append(json.dumps(request.body, ensure_ascii=False))
    kept = "".join(f", keep {where.removeprefix(OF_REQUEST)} as {name}" for name, where in step.save.items())
    return f"{' '.join(words)} → {' or '.join(step.expected)}{kept}"


def as_csv(suite: SuiteData) -> bytes:
    """Return the cases as CSV in UTF-8, with the mark by which spreadsheets know it, and cells that they can hold."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(each) for each in row] for row in rows(suite))
    return (_BOM + text.getvalue()).encode("utf-8", "replace")


def _cell(value: object) -> object:
    cell = text_cell(value)
    if not isinstance(cell, str) or len(cell) <= _LONGEST_CELL:
        return cell
    return f"{cell[:_LONGEST_CELL]} … ({len(cell):,} characters, see cases.json)"


def as_http(suite: SuiteData) -> bytes:
    """Return the requests of all cases in the form of `.http` files, as editors send them.

    Values of earlier answers are variables, such as `{{made.response.body.$.id}}`; so are secrets.
    """
    schemes = {each.id: each.model_dump() for each in suite.schemes}
    head = "# Requests of the cases, for the REST client of an editor. Values are those of no run: they are not new.\n"
    if any(case.source == "model" for case in suite.cases):
        head += "# Texts such as {new} and {today+3} are what the runner fills in.\n"
    own = {each.name: each.server for each in (*suite.endpoints, *suite.helpers) if each.server}
    bases = {server: f"base{number}" for number, server in enumerate(dict.fromkeys(own.values()), 2)}
    lines = [head, "@base = http://127.0.0.1:8000\n"]
    lines += [f"@{name} = http://127.0.0.1:8000{_flat(urlsplit(server).path)}\n" for server, name in bases.items()]
    lines += [f"@{each} = \n" for each in _variables(suite)]
    for number, case in enumerate(suite.cases, 1):
        made: dict[str, str] = {}
        for at, step in enumerate(case.steps):
            name = f"case{number}_{at + 1}"
            made |= {variable: _kept(where, name, step) for variable, where in step.save.items()}
            title = case.id if len(case.steps) == 1 else f"{case.id} ({at + 1} of {len(case.steps)})"
            lines.append(
                f"\n### {_flat(title)}: {_flat(case.name)}\n# expected: {' or '.join(step.expected)}\n# @name {name}\n"
            )
            lines += [
                f"# {variable} is the last part of the header Location: write it where the next requests have it.\n"
                for variable, where in step.save.items()
                if where.casefold() == "@location"
            ]
            base = bases.get(own.get(step.request.endpoint, ""), "base")
            lines.append(_request(step, made, schemes, base))
    return "".join(lines).encode("utf-8", "replace")


def _variables(suite: SuiteData) -> Iterator[str]:
    """Yield the names of the secrets that the requests need."""
    ways = {step.request.auth for case in suite.cases for step in case.steps}
    for scheme in suite.schemes:
        yield scheme.variable
        yield from (f"{scheme.variable}_{way.upper()}" for way in _MORE if way in ways)


def _request(step: Step, made: dict[str, str], schemes: dict[str, dict[str, Any]], base: str) -> str:
    """Return a request as the runner sends it, with variables for what is kept and secret."""
    if "{{" in repr(step.request):  # an editor would put values of the environment there
        return "# The request has {{ in it, which an editor fills in: see cases.json.\n"
    from progressnb.operations.testcases.suite.api_runner import plain, sending

    request, known = json.loads(line(step.request)), dict[str, str]()
    for number, (pointer, name) in enumerate(step.use.items()):
        plain.put(request, pointer, sending.marked(f"kept{number}"))
        known[f"kept{number}"] = made.get(name, name)
    sent = sending.message(request, f"{{{{{base}}}}}", schemes, partial(sending.marked, kind="secret"))
    lines = [f"{sent.method} {sent.url}", *(f"{_flat(name)}: {_flat(value)}" for name, value in sent.headers.items())]
    if request.get("body_kind") in ("multipart", "bytes"):
        lines += ["", f"# The body is {request['body_kind']}: see cases.json."]
    elif sent.content is not None:
        # A line of its own that begins with ### would begin another request.
        lines += ["", re.sub(r"^(#|//)", r" \1", re.sub(r"[\r\n]+", " ", sent.content.decode()))]

    def variable(mark: re.Match[str]) -> str:
        return "wrong" if mark[1] in ("letters", "cut") else known.get(mark[2], f"{{{{{mark[2]}}}}}")

    return _MARK.sub(variable, "\n".join([*lines, ""]))


def _kept(pointer: str, name: str, step: Step) -> str:
    """Return what a step keeps of its answer, or of its request, as these files name it."""
    if pointer.startswith(f"{OF_REQUEST}/path_values/"):
        return step.request.path_values[pointer_keys(pointer)[1]]
    body = pointer.removeprefix(f"{OF_REQUEST}/body")
    place = f"headers.{pointer[1:]}" if pointer.startswith("@") else f"body.{_path(body)}"
    return f"{{{{{name}.{'request' if pointer.startswith(OF_REQUEST) else 'response'}.{place}}}}}"


def _path(pointer: str) -> str:
    """Return a JSON Pointer as a JSONPath."""
    return "$" + "".join(f".{key}" if key.isidentifier() else f"['{_flat(key)}']" for key in pointer_keys(pointer))


def _flat(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
