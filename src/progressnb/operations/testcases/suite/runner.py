"""The runner of the cases in cases.json against the API at $API_BASE_URL.

All that comes from the specification is data in cases.json. No code here was generated from it.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE: dict[str, Any] = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
ENDPOINTS: dict[str, Any] = {each["name"]: each for each in [*SUITE["endpoints"], *SUITE["helpers"]]}
SCHEMES: dict[str, Any] = {scheme["id"]: scheme for scheme in SUITE["schemes"]}
WRONG = "bm9ib2R5Ondyb25n"
SHOWN = 500
FILE_NAMES = {
    "application/octet-stream": "upload.bin",
    "image/png": "upload.png",
    "image/jpeg": "upload.jpg",
    "image/gif": "upload.gif",
    "image/webp": "upload.webp",
    "application/pdf": "upload.pdf",
    "application/zip": "upload.zip",
    "text/csv": "upload.csv",
    "text/plain": "upload.txt",
    "application/json": "upload.json",
    "application/xml": "upload.xml",
    "audio/mpeg": "upload.mp3",
    "video/mp4": "upload.mp4",
}


class Mismatch(Exception):  # noqa: N818 - the finding of a case, not an error of the runner
    """An answer that differs from the specification; the message says how."""


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """Connect to the API under test."""
    base = os.environ.get("API_BASE_URL", "").rstrip("/")
    if not base:
        pytest.exit("Set API_BASE_URL to a test server, such as http://127.0.0.1:8000/v1.", returncode=4)
    with httpx.Client(timeout=float(os.environ.get("API_TIMEOUT", "30"))) as client:
        client.base_url = httpx.URL(base)
        yield client


@pytest.mark.parametrize("case", SUITE["cases"], ids=[case["id"] for case in SUITE["cases"]])
def test_case(case: dict[str, Any], client: httpx.Client) -> None:
    """Send the requests of a case and compare each answer with what the specification says."""
    failure = run(case, client)
    if failure is not None:
        pytest.fail(failure, pytrace=False)


def run(case: dict[str, Any], client: httpx.Client) -> str | None:
    """Run a case and return its finding, or None where all answers are right."""
    kept: dict[str, Any] = {}
    for number, step in enumerate(case["steps"], 1):
        request = use_kept(step, kept)
        try:
            response = send(client, request)
            check(response, step["expected"], ENDPOINTS[request["endpoint"]])
            keep(response, step.get("save", {}), kept)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
            found = f"no answer: {type(error).__name__}: {error}"
        except Mismatch as error:
            found = str(error)
        else:
            continue
        place = "" if len(case["steps"]) == 1 else f", step {number} of {len(case['steps'])}"
        sent = json.dumps(request, ensure_ascii=False)[: 4 * SHOWN]
        return f"{case['name']} ({case['endpoint']}{place})\n{case['why']}\n{found}\nsent: {sent}"
    return None


def use_kept(step: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a step with the values that were kept of earlier answers."""
    request: dict[str, Any] = json.loads(json.dumps(step["request"]))
    for pointer, name in step.get("use", {}).items():
        *parents, last = parts(pointer)
        place: Any = request
        try:
            for key in parents:
                place = place[int(key) if isinstance(place, list) else key]
            # Values in a path or a query are texts.
            value = kept[name] if parents[0] == "body" else as_text(kept[name])
            place[int(last) if isinstance(place, list) else last] = value
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # the body has no such place
    return request


def send(client: httpx.Client, request: dict[str, Any]) -> httpx.Response:
    """Send a request."""
    path = request["path"]
    for name, value in request.get("path_values", {}).items():
        # A part of dots alone would be removed from the address as `.` or `..`.
        quoted = quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")
        path = path.replace("{" + name + "}", quoted)
    headers = dict(request.get("headers", {}))
    query: list[tuple[str, Any]] = [
        (name, each) for name, value in request.get("query", {}).items() for each in listed(value)
    ]
    cookies = dict(request.get("cookies", {}))
    options: dict[str, Any] = {}
    if request.get("auth", "valid") != "missing":
        authorize(request, headers, query, cookies)
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={quote(value)}" for name, value in cookies.items())
    add_body(request, headers, options)
    # Line breaks and other control characters must be quoted in an address.
    path = "".join(char if char.isprintable() else quote(char) for char in path)
    url = str(client.base_url).rstrip("/") + path
    return client.request(request["method"], url, params=query or None, headers=headers, **options)


def authorize(
    request: dict[str, Any], headers: dict[str, str], query: list[tuple[str, Any]], cookies: dict[str, str]
) -> None:
    """Add the credentials that the endpoint asks for, from the environment, or wrong ones."""
    for scheme in (SCHEMES[name] for name in request.get("security", [])):
        secret = WRONG
        if request.get("auth", "valid") == "valid":
            secret = os.environ.get(scheme["variable"], "")
            if not secret:
                pytest.skip(f"set {scheme['variable']}: {scheme['kind']} credentials for {scheme['name']!r}")
        if scheme["kind"] == "bearer":
            headers["Authorization"] = f"Bearer {secret}"
        elif scheme["kind"] == "basic":
            pair = secret if request.get("auth", "valid") == "valid" else "nobody:wrong"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        elif scheme["kind"] == "header":
            headers[scheme["parameter"]] = secret
        elif scheme["kind"] == "query":
            query.append((scheme["parameter"], secret))
        else:
            cookies[scheme["parameter"]] = secret


def add_body(request: dict[str, Any], headers: dict[str, str], options: dict[str, Any]) -> None:
    """Write the body in the form of its kind."""
    kind: str | None = request.get("body_kind")
    body: Any = request.get("body")
    if kind is None:
        return
    if kind == "form":
        options["data"] = body
    elif kind == "multipart":
        fields = [(name, each) for name, value in body.items() for each in listed(value)]
        options["files"] = [(name, part(each, request.get("files", {}).get(name))) for name, each in fields]
        return  # httpx writes the boundary
    elif kind == "json":
        options["content"] = json.dumps(body, ensure_ascii=False).encode()
    else:
        options["content"] = base64.b64decode(body) if kind == "bytes" else body.encode()
    headers["Content-Type"] = request["media_type"]


def part(value: str, file: str | None) -> tuple[Any, ...]:
    """Return a part of a form: a field, or a file of a content type with a fixed name."""
    if file is None:
        return None, value.encode()
    kind = file if file in FILE_NAMES else "application/octet-stream"
    return FILE_NAMES[kind], value.encode(), kind


def check(response: httpx.Response, expected: list[str], endpoint: dict[str, Any]) -> None:
    """Raise `Mismatch` for a status that is not expected, or a body that does not fit the schema of its status."""
    status = str(response.status_code)
    shown = response.text[:SHOWN]
    if status not in expected and f"{status[0]}XX" not in expected:
        raise Mismatch(f"expected status {' or '.join(expected)}, got {status}: {shown}")
    responses = endpoint["responses"]
    documented = responses.get(status, responses.get(f"{status[0]}XX", responses.get("default")))
    if not documented or response.request.method == "HEAD" or status == "204":
        return
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = {name.partition(";")[0].strip().lower(): schema for name, schema in documented.items()}
    schema = known.get(media, known.get(f"{media.partition('/')[0]}/*", known.get("*/*")))
    if schema is None:
        raise Mismatch(f"expected a body of {' or '.join(known)} with status {status}, got {media or 'none'}: {shown}")
    if schema is True:
        return
    try:
        body = response.json()
    except ValueError:
        raise Mismatch(f"expected JSON with status {status}, got {shown}") from None
    if schema is False:
        raise Mismatch(f"expected no body with status {status}, got {shown}")
    validator: Any = Draft202012Validator({**schema, "$defs": SUITE["definitions"]})
    error = next(iter(validator.iter_errors(body)), None)
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "the body"
        raise Mismatch(f"with status {status}, {place}: {error.message[:SHOWN]}; the body: {shown}")


def keep(response: httpx.Response, wanted: dict[str, str], kept: dict[str, Any]) -> None:
    """Keep values of an answer. Raises `Mismatch` where one is missing or null."""
    for name, pointer in wanted.items():
        kept[name] = found_at(response, pointer)
        if kept[name] is None:
            raise Mismatch(f"expected something at {pointer} of the body, got {response.text[:SHOWN]}")


def found_at(response: httpx.Response, pointer: str) -> Any:  # noqa: ANN401 - plain data
    """Return the value at a JSON Pointer into a body, or None."""
    try:
        value = response.json()
        for key in parts(pointer):
            value = value[int(key) if isinstance(value, list) else key]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return value


def parts(pointer: str) -> list[str]:
    """Return the keys of a JSON Pointer."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def listed(value: str | list[str]) -> list[str]:
    """Return one value or several as a list."""
    return [value] if isinstance(value, str) else value


def as_text(value: Any) -> str:  # noqa: ANN401 - plain data
    """Return a value as it is written in an address."""
    return value if isinstance(value, str) else json.dumps(value)
