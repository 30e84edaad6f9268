"""`progressnb tests`: a suite from the command line, in a pipe or a file."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from progressnb import samples
from progressnb.cli import app

if TYPE_CHECKING:
    from pathlib import Path

SPEC = str(samples.openapi_path)


def test_suite_in_a_file(tmp_path: Path) -> None:
    """With --out there is a ZIP, and stdout says what is in it and that rules did it."""
    out = tmp_path / "suite.zip"
    done = CliRunner().invoke(app, ["tests", SPEC, "-o", str(out), "--pace", "0"])
    assert done.exit_code == 0, done.output
    assert "cases for 4 endpoints are in" in done.stdout
    assert "without a language model" in done.stdout
    with zipfile.ZipFile(out) as archive:
        assert "test_api.py" in archive.namelist()


def test_cases_in_a_pipe() -> None:
    """Without --out the cases go to stdout as CSV, and nothing else does."""
    done = CliRunner().invoke(
        app, ["tests", SPEC, "--endpoint", "GET /pets", "--endpoint", "POST /pets", "--pace", "0"]
    )
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    assert {row["endpoint"] for row in rows} == {"GET /pets", "POST /pets"}


def test_what_is_refused(tmp_path: Path) -> None:
    """An input that can't be read is one line on stderr and exit code 2."""
    outside = tmp_path / "outside.json"
    outside.write_text('{"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/": {"$ref": "a.yaml"}}}')
    for arguments in (
        [str(tmp_path / "none.yaml")],
        [SPEC, "-o", str(tmp_path / "suite.txt")],
        [SPEC, "--endpoint", "/nowhere"],
        [str(outside)],
        [str(outside), "--allow-ref", "a.yaml"],
    ):
        done = CliRunner().invoke(app, ["tests", *arguments])
        assert done.exit_code == 2, done.output
        assert done.stderr.splitlines()[-1].startswith("progressnb: expected ")
    assert [each.name for each in tmp_path.iterdir()] == ["outside.json"]


def test_endpoint_without_cases_is_told(tmp_path: Path) -> None:
    """Of endpoints that no case could be made for, the command says how many, and where the reason stands."""
    spec, out = tmp_path / "spec.json", tmp_path / "suite.zip"
    never = {"name": "q", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 10, "maximum": 1}}
    responses = {"200": {"description": "fine"}}
    operations = {"get": {"responses": responses}, "put": {"responses": responses, "parameters": [never]}}
    spec.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/a": operations}}))
    done = CliRunner().invoke(app, ["tests", str(spec), "-o", str(out), "--pace", "0"])
    assert done.exit_code == 0, done.output
    assert "For 1 of them no case could be made: its cases.json says why." in done.stdout
    with zipfile.ZipFile(out) as archive:
        assert json.loads(archive.read("cases.json"))["without_cases"].keys() == {"PUT /a"}
