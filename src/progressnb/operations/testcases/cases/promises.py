"""What a specification promises beyond schemas: links, headers of answers, and refusals of what is there already."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.plain import is_object, object_at
from progressnb.operations.testcases.spec.references import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["Promises", "read_promises"]

_ALREADY = re.compile(
    r"\b(already|exists?|existing|duplicates?|unique|taken|twice|again|there is an? [\w -]+ with)\b", re.IGNORECASE
)
_CONFLICT = re.compile(r"\b409\b[^.;,\n]*")
_IN_BODY = "$response.body#"


@dataclass
class Promises:
    """The promises of the endpoints, by their names.

    Attributes:
        links: For an endpoint and its path parameter: the endpoint whose answer has the value, and where.
        headers: The schemas of the headers that an answer must have, by status and name.
        located: The endpoints that answer with the header Location.
        unique: The endpoints that refuse a second thing of the same values with 409.

    """

    links: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict[tuple[str, str], tuple[str, str]])
    headers: dict[str, dict[str, dict[str, AnySchema]]] = field(
        default_factory=dict[str, dict[str, dict[str, "AnySchema"]]]
    )
    located: set[str] = field(default_factory=set[str])
    unique: set[str] = field(default_factory=set[str])


def read_promises(document: dict[str, Any], api: Api) -> Promises:
    """Return the promises of a document. What can't be read promises nothing."""
    promises = Promises()
    by_operation = {each.operation_id: each.name for each in api.known.values() if each.operation_id}
    for endpoint in api.known.values():
        operation = _operation(document, endpoint)
        for status, stated in _responses(document, operation):
            headers = object_at(stated, "headers")
            required = dict(_headers(document, headers, api))
            if required:
                promises.headers.setdefault(endpoint.name, {})[status] = required
            if any(name.casefold() == "location" for name in headers):
                promises.located.add(endpoint.name)
            if status == "409" and _says_already(stated, operation):
                promises.unique.add(endpoint.name)
            for link in object_at(stated, "links").values():
                _add_links(promises, endpoint, _resolved(document, link), by_operation)
    return promises


def _operation(document: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    item = _resolved(document, object_at(document, "paths").get(endpoint.path))
    return _resolved(document, item.get(endpoint.method.lower()))


def _says_already(response: dict[str, Any], operation: dict[str, Any]) -> bool:
    """Tell whether 409 is the answer for what is there already, by its description or by that of the operation."""
    told = _CONFLICT.findall(str(operation.get("description", "")))
    return any(_ALREADY.search(text) for text in (str(response.get("description", "")), *told))


def _responses(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, stated in object_at(operation, "responses").items():
        yield str(status).upper() if status != "default" else "default", _resolved(document, stated)


def _headers(document: dict[str, Any], headers: dict[str, Any], api: Api) -> Iterator[tuple[str, AnySchema]]:
    for name, each in headers.items():
        stated = _resolved(document, each)
        if stated.get("required") is True and name.casefold() != "content-type":
            yield name, api.book.written(stated.get("schema", True), "response")


def _add_links(promises: Promises, endpoint: Endpoint, link: dict[str, Any], by_operation: dict[str, str]) -> None:
    target = by_operation.get(str(link.get("operationId", "")))
    reference = link.get("operationRef")
    if target is None and isinstance(reference, str) and reference.startswith("#/paths/"):
        *_, path, method = reference.split("/")
        target = f"{method.upper()} {path.replace('~1', '/').replace('~0', '~')}"
    for name, value in object_at(link, "parameters").items():
        if target is not None and isinstance(value, str) and value.startswith(_IN_BODY):
            key = target, name.removeprefix("path.").removeprefix("query.")
            promises.links.setdefault(key, (endpoint.name, value.removeprefix(_IN_BODY)))


def _resolved(document: dict[str, Any], value: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    try:
        found = resolve(document, value)
    except (InputError, KeyError, TypeError):
        return {}
    return found if is_object(found) else {}
