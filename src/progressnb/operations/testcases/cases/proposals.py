"""Cases that a model proposes, and the check that accepts those that can be run against the specification."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from progressnb.operations.testcases.cases.requests import path_pointer
from progressnb.operations.testcases.schemas import Case, Request, Step
from progressnb.operations.testcases.spec.plain import is_list, is_object, pointer_part
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill, is_sendable, place, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.schemas import Source
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["Proposals", "ProposedCase", "ProposedStep", "accepted"]

MOST_CASES = 20
"""Proposed cases of an endpoint; further ones are ignored."""

MOST_STEPS = 10
"""Steps of a proposed case."""

_LARGEST = 20_000
"""Characters of a proposed request."""

_STATUS = re.compile(r"[1-5](?:\d\d|XX)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_RESERVED = {"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"}


class Saved(BaseModel):
    """A value of an answer to keep."""

    variable: str = Field(description="A short name for it, letters and digits")
    pointer: str = Field(description="Where it stands in the JSON body, as a JSON Pointer such as /id")


class Used(BaseModel):
    """A kept value to put into the request."""

    variable: str = Field(description="The name that an earlier step kept it under")
    place: Literal["path", "query", "body"] = Field(description="Where it goes")
    name: str = Field(description="The parameter's name, or a JSON Pointer such as /owner/id for a body")


class ProposedStep(BaseModel):
    """One request and the statuses that are right for its answer."""

    endpoint: str = Field(description="One of the endpoints listed, such as POST /pets")
    path: dict[str, Any] = Field(default_factory=dict[str, Any], description="Path parameters by name")
    query: dict[str, Any] = Field(default_factory=dict[str, Any], description="Query parameters by name")
    headers: dict[str, str] = Field(default_factory=dict[str, str], description="Headers by name; no credentials")
    body: Any = Field(default=None, description="The body as JSON, or null for none")
    expected: list[str] = Field(description="The statuses that are right: 201, or 4XX for any refusal")
    save: list[Saved] = Field(default_factory=list[Saved], description="What of the answer later steps need")
    use: list[Used] = Field(default_factory=list[Used], description="What of earlier answers this request needs")


class ProposedCase(BaseModel):
    """A case beyond the schema: a business rule, a sequence over endpoints, or hostile input."""

    name: str = Field(description="What is tested, in a few words")
    category: Literal["business_rule", "sequence", "hostile_input"]
    steps: list[ProposedStep] = Field(description="The requests in order; the last is what is tested")
    why: str = Field(description="The rule or risk behind it, and where the specification says so")


class Proposals(BaseModel):
    """The cases for one endpoint; an empty list if it needs none."""

    cases: list[ProposedCase] = Field(description="The cases, most useful first")


class _RefusedError(Exception):
    """A proposed case that can't be run; the message says why."""


def accepted(proposals: Proposals, endpoint: Endpoint, api: Api, source: Source) -> tuple[list[Case], list[str]]:
    """Return the cases that can be run, and the reason for each of the others."""
    cases: list[Case] = []
    refused: list[str] = []
    for proposed in proposals.cases[:MOST_CASES]:
        try:
            cases.append(_case(proposed, endpoint, api, source))
        except (_RefusedError, NoValueError) as error:
            refused.append(str(error))
    return cases, refused


def _case(proposed: ProposedCase, endpoint: Endpoint, api: Api, source: Source) -> Case:
    if not 0 < len(proposed.steps) <= MOST_STEPS:
        raise _RefusedError(f"{len(proposed.steps)} steps")
    if not any(step.endpoint == endpoint.name for step in proposed.steps):
        raise _RefusedError(f"no request to {endpoint.name}")
    kept: set[str] = set()
    steps: list[Step] = []
    for step in proposed.steps:
        steps.append(_step(step, api, kept))
        kept |= steps[-1].save.keys()
    return Case(
        id="",
        name=" ".join(proposed.name.split())[:200],
        category=proposed.category,
        endpoint=endpoint.name,
        steps=steps,
        why=" ".join(proposed.why.split())[:1000],
        source=source,
    )


def _step(step: ProposedStep, api: Api, kept: set[str]) -> Step:
    method, _, path = step.endpoint.partition(" ")
    endpoint = api.find(method, path)
    if endpoint is None:
        raise _RefusedError(f"{step.endpoint[:60]!r} is no endpoint of the specification")
    statuses = [status.strip().upper() for status in step.expected]
    if not statuses or not all(_STATUS.fullmatch(status) for status in statuses):
        raise _RefusedError(f"{', '.join(step.expected)[:60]!r} are no statuses")
    request = Request(
        endpoint=endpoint.name, method=endpoint.method, path=endpoint.path, security=list(endpoint.security)
    )
    use = dict(_uses(step, kept))
    _place(request, endpoint, step, use)
    _fill(request, endpoint, step.body)
    if not is_sendable(request) or len(request.model_dump_json()) > _LARGEST:
        raise _RefusedError("a request that can't be sent")
    save: dict[str, str] = {}
    for each in step.save:
        if not _NAME.fullmatch(each.variable) or not _is_pointer(each.pointer):
            raise _RefusedError(f"the variable {each.variable[:40]!r}")
        save[each.variable] = each.pointer
    return Step(request=request, expected=statuses, save=save, use=use)


def _place(request: Request, endpoint: Endpoint, step: ProposedStep, use: dict[str, str]) -> None:
    """Write the parameters into a request. Headers that belong to HTTP or to credentials are refused."""
    for parameter in endpoint.of("path"):
        if parameter.name in step.path:
            place(request, parameter, step.path[parameter.name])
        elif path_pointer(parameter.name) in use:
            request.path_values[parameter.name] = "-"
        else:
            raise _RefusedError(f"no value for the path parameter {parameter.name[:60]!r}")
    known = {each.name: each for each in endpoint.of("query")}
    for name, value in step.query.items():
        if name in known:
            place(request, known[name], value)
        else:
            request.query[name] = [text(each) for each in value] if is_list(value) else text(value)
    for name, value in step.headers.items():
        if not _HEADER.fullmatch(name) or name.casefold() in _RESERVED:
            raise _RefusedError(f"the header {name[:60]!r}")
        request.headers[name] = value


def _uses(step: ProposedStep, kept: set[str]) -> Iterator[tuple[str, str]]:
    """Yield where each kept value goes, a JSON Pointer into the request, and the name of its variable."""
    for each in step.use:
        if each.variable not in kept:
            raise _RefusedError(f"nothing was kept as {each.variable[:40]!r}")
        if each.place == "body":
            if not _is_pointer(each.name):
                raise _RefusedError(f"{each.name[:60]!r} is no JSON Pointer")
            yield f"/body{each.name}", each.variable
        else:
            place_of = {"path": "path_values", "query": "query"}[each.place]
            yield f"/{place_of}/{pointer_part(each.name)}", each.variable


def _fill(request: Request, endpoint: Endpoint, body: Any) -> None:  # noqa: ANN401 - plain data
    if body is None:
        return
    try:
        json.dumps(body, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise _RefusedError("a body that can't be written as JSON") from None
    stated = endpoint.bodies[0] if endpoint.bodies else None
    request.body, request.body_kind, request.media_type = body, "json", "application/json"
    if stated is None:
        return
    if stated.kind == "json":
        if "*" not in stated.media_type:
            request.media_type = stated.media_type
        return
    if stated.kind in ("form", "multipart"):
        if not is_object(body):
            raise _RefusedError("a form without fields")
        fill(request, stated, body)
    else:
        request.body_kind, request.body, request.media_type = "text", text(body), stated.media_type


def _is_pointer(pointer: str) -> bool:
    return len(pointer) <= 200 and (not pointer or pointer.startswith("/"))  # noqa: PLR2004
