"""Tell which requests fit their specification, by openapi-core: a judge that shares no code with the generator.

It reads one JSON document from its standard input, `{"spec": …, "requests": [{"path", "method", "url", "headers",
"body"}, …]}` with the template of the path and the body in Base64, and writes a list: for each request its faults. It
runs in an environment of its own, since openapi-core wants other versions of libraries than we do:

    python -m benchmarks.generate_tests judge
"""

from __future__ import annotations

import base64
import importlib
import json
import sys
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HOST = "http://judge.test"


def loaded(name: str) -> Any:  # noqa: ANN401 - a library that is not one of ours
    """Return a class of a library, by its dotted name."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


Headers, MultiDict = loaded("werkzeug.datastructures.Headers"), loaded("werkzeug.datastructures.ImmutableMultiDict")
Parameters, SchemaPath = loaded("openapi_core.datatypes.RequestParameters"), loaded("jsonschema_path.SchemaPath")
VALIDATORS = {
    version: [
        loaded(f"openapi_core.validation.request.validators.{prefix}Request{part}Validator")
        for part in ("Parameters", "Body")
    ]
    for version, prefix in (("3.0", "V30"), ("3.1", "V31"))
}


class Request:
    """A request as openapi-core reads it."""

    def __init__(self, sent: dict[str, Any]) -> None:
        """Take a request apart."""
        parts = urlsplit(sent["url"])
        headers = Headers(sent["headers"])
        cookies = [each.strip().partition("=")[::2] for each in headers.get("Cookie", "").split(";") if each.strip()]
        self.host_url, self.path, self.method = HOST, parts.path, sent["method"].lower()
        self.body = base64.b64decode(sent["body"]) or None
        self.content_type = headers.get("Content-Type", "").lower()
        query = parse_qsl(parts.query, keep_blank_values=True)
        self.parameters = Parameters(query=MultiDict(query), header=headers, cookie=MultiDict(cookies))


def faults(error: BaseException | None) -> str:
    """Return an error with those that caused it, in one line: each with what it says about single parts."""
    texts: list[str] = []
    while error is not None:
        parts = [
            f"{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}"
            for each in list(getattr(error, "schema_errors", ()))[:3]
        ]
        texts.append(f"{type(error).__name__}: {'; '.join(parts) or str(error)[:300]}")
        error = error.__cause__
    return " < ".join(texts)


def without_servers(value: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a path or an operation without the addresses of its servers."""
    return {key: each for key, each in value.items() if key != "servers"} if isinstance(value, dict) else value


def judged(spec: dict[str, Any], requests: list[dict[str, Any]]) -> list[list[str]]:
    """Return the faults of each request."""
    version = spec["openapi"][:3]
    specs: dict[str, Any] = {}
    found: list[list[str]] = []
    for sent in requests:
        path = sent["path"]
        if path not in specs:
            item = {key: without_servers(each) for key, each in without_servers(spec["paths"][path]).items()}
            specs[path] = SchemaPath.from_dict({**spec, "servers": [{"url": HOST}], "paths": {path: item}})
        # Headers of HTTP itself, such as Accept, are no parameters, as OpenAPI says; credentials are not judged.
        try:
            request = Request(sent)
            found.append(
                [faults(error) for check in VALIDATORS[version] for error in check(specs[path]).iter_errors(request)]
            )
        except Exception as error:  # noqa: BLE001 - the judge's own failure is a verdict to be looked at
            found.append([f"judge failed: {type(error).__name__}: {error}"])
    return found


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(judged(given["spec"], given["requests"]), sys.stdout)
