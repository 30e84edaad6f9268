"""Files of multipart forms: cases say which fields they are, and the runner sends them as files."""

from __future__ import annotations

import csv
import io
import json
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.prompts import endpoint_prompt
from progressnb.operations.testcases.spec.api_reader import read_api
from progressnb.operations.testcases.spec.file_parts import file_parts
from progressnb.operations.testcases.spec.reading import Source
from progressnb.operations.testcases.spec.references import Documents
from progressnb.operations.testcases.spec.wording import Wording
from progressnb.operations.testcases.suite.api_runner import sending
from progressnb.testing import scripted_model
from tests.operations.testcases.planted import runner_of

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.operations.testcases import ApiTestSuite

FILE = {"type": "string", "format": "binary"}
PICTURE = {"type": "string", "contentMediaType": "image/png"}
TEXT = {"type": "string"}


def spec(properties: dict[str, Any], *, required: tuple[str, ...] = (), **media: Any) -> dict[str, Any]:
    """Return a specification of an endpoint that takes a multipart form."""
    schema = {"type": "object", "properties": properties, "required": list(required)}
    body = {"required": True, "content": {"multipart/form-data": {"schema": schema, **media}}}
    operation = {"requestBody": body, "responses": {"200": {"description": "fine"}}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"post": operation}}}


async def made(given: dict[str, Any], model: Any = None, **options: Any) -> ApiTestSuite:
    """Make the suite of a specification."""
    return await generate_tests.using(show=False)(given, model=model or OfflineModel(pace=0), **options)


@pytest.mark.parametrize(
    ("schema", "content_type", "expected"),
    [
        (FILE, None, "application/octet-stream"),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, None, "application/octet-stream"),
        (PICTURE, None, "image/png"),
        ({"type": "array", "items": FILE}, None, "application/octet-stream"),
        ({"anyOf": [PICTURE, {"type": "null"}]}, None, "image/png"),
        ({"type": ["string", "null"], "format": "binary"}, None, "application/octet-stream"),
        ({"$ref": "#/file"}, None, "application/octet-stream"),
        ({}, "image/jpeg, image/png", "image/jpeg"),
        (True, "image/*", "image/png"),
        (TEXT, "image/webp", "image/webp"),
        (FILE, "text/csv; charset=utf-8", "text/csv"),
        (FILE, "x-odd/../../etc", "application/octet-stream"),
        (TEXT, None, None),
        (TEXT, "text/csv", None),
        (TEXT, "application/vnd.a+json", None),
        ({}, None, None),
        ({"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"}, None, None),
        ({"type": "integer"}, "application/octet-stream", None),
        ({"type": "object", "properties": {"f": FILE}}, "application/json", None),
    ],
)
def test_which_fields_are_files(schema: Any, content_type: str | None, expected: str | None) -> None:
    """A field is a file by its format, its media type or its encoding; its type is one of ours."""

    def resolved(value: Any) -> Any:
        return FILE if value == {"$ref": "#/file"} else value

    form: dict[str, Any] = {"allOf": [{"type": "object", "properties": {"f": schema, "t": TEXT}}]}
    encoding = {"f": {"contentType": content_type}} if content_type is not None else {}
    assert file_parts(form, encoding, resolved) == ({} if expected is None else {"f": expected})


def test_form_in_itself() -> None:
    """A form whose schema contains itself ends."""
    circle: dict[str, Any] = {"properties": {"f": FILE}}
    circle["allOf"] = [circle]
    assert file_parts(circle, {}, lambda value: value) == {"f": "application/octet-stream"}


async def test_cases_say_which_fields_are_files() -> None:
    """JSON and CSV name the files of each request and their types, those that were left out apart."""
    suite = await made(spec({"f": FILE, "more": {"type": "array", "items": PICTURE}, "note": TEXT}, required=("f",)))
    minimal, full = suite.cases[:2]
    assert (minimal.request.body, minimal.request.files) == ({"f": "x-f"}, {"f": "application/octet-stream"})
    assert full.request.files == {"f": "application/octet-stream", "more": "image/png"}
    missing = next(
        case for case in suite.cases if case.name.startswith("body: without 'f'") or "without 'f'" in case.name
    )
    assert "f" not in missing.request.files
    files = suite.artifacts()
    assert json.loads(files["cases.json"])["cases"][1]["steps"][0]["request"]["files"] == full.request.files
    (_, row, *_) = csv.DictReader(io.StringIO(files["cases.csv"].decode(), newline=""))
    assert json.loads(row["request"])["files"] == full.request.files


async def test_model_sends_files_too() -> None:
    """A case that a model proposes sends a file where the specification has one."""
    step = {"endpoint": "POST /a", "body": {"f": "a,b\n=1+1,2", "note": 7}, "expected": ["200"]}
    case = {"name": "a formula", "category": "hostile_input", "steps": [step], "why": "Spreadsheets."}
    suite = await made(spec({"f": FILE, "note": TEXT}), model=scripted_model(json.dumps({"cases": [case]})))
    (added,) = [each for each in suite.cases if each.source == "model"]
    assert (added.request.body, added.request.files) == (
        {"f": "a,b\n=1+1,2", "note": "7"},
        {"f": "application/octet-stream"},
    )


async def test_model_is_told_which_fields_are_files() -> None:
    """The prompt names the files of a form, which its schema alone may not say."""
    documents = Documents(Source("it", spec({"f": PICTURE, "note": TEXT})))
    api = read_api(documents, None)
    assert "(files, written as text: f)" in endpoint_prompt(api.endpoints[0], api, Wording(documents, api), [])


async def test_runner_sends_files(tmp_path: Path) -> None:
    """A file has a name and a type of ours, whatever its field is called; a field has neither."""
    hostile = '../../x"\r\nX-Evil: 1'
    given = spec(
        {"f": FILE, "more": {"type": "array", "minItems": 2, "items": PICTURE}, hostile: FILE, "note": TEXT},
        required=("f", "more", hostile, "note"),
    )
    await made(given, out=tmp_path / "suite.zip")
    runner = runner_of(tmp_path / "suite.zip", tmp_path / "files")
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        sent.append(request)
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://api.invalid") as client:
        assert runner.run(runner.SUITE.cases[0], client, runner.Session(runner.SUITE)).status == "passed"
    (request,) = sent
    whole = message_from_bytes(b"Content-Type: " + request.headers["content-type"].encode() + b"\n\n" + request.content)
    parts: list[Any] = list(whole.walk())[1:]
    told = [(part.get_filename(), part.get("Content-Type"), part.keys()) for part in parts]
    assert [name for name, *_ in told] == ["upload.bin", "upload.png", "upload.png", "upload.bin", None]
    assert [kind for _, kind, _ in told] == [
        "application/octet-stream",
        *["image/png"] * 2,
        "application/octet-stream",
        None,
    ]
    assert all("X-Evil" not in keys for *_, keys in told)
    assert parts[0].get_payload() == "x-f"
    # What stands in a case is never a file's name, nor a header.
    forged = sending._part("x", 'image/png"; filename="/etc/passwd')
    assert forged == ("upload.bin", b"x", "application/octet-stream")


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "application/json"])
async def test_files_are_in_multipart_forms_alone(media: str) -> None:
    """Other bodies carry no files, whatever their schema says."""
    given = spec({"f": FILE})
    content = given["paths"]["/a"]["post"]["requestBody"]["content"]
    content[media] = content.pop("multipart/form-data")
    assert all(case.request.files == {} for case in (await made(given)).cases)
