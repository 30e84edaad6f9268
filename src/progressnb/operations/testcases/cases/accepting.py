"""The check of proposed cases: those that can be run against the specification become cases, the others are refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import conditions
from progressnb.operations.testcases.cases.conditions import OF_LISTS, RefusedError, check_size, condition
from progressnb.operations.testcases.cases.lenient import asked_endpoint, asked_statuses, json_of, place_of
from progressnb.operations.testcases.cases.places import Places
from progressnb.operations.testcases.cases.tokens import AT_RUN, as_example, is_token, unknown_name, used
from progressnb.operations.testcases.schemas import Case, Check, Request, Step
from progressnb.operations.testcases.spec.kinds import OF_CLIENTS, is_secret
from progressnb.operations.testcases.spec.plain import is_list, is_object
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import fill, is_sendable, place, text

if TYPE_CHECKING:
    from progressnb.operations.testcases.cases.proposals import Proposals, ProposedCase, ProposedCheck, ProposedStep
    from progressnb.operations.testcases.cases.quoting import Quoted
    from progressnb.operations.testcases.schemas import Source
    from progressnb.operations.testcases.spec.endpoints import Api, Body, Endpoint
    from progressnb.operations.testcases.values.builder import Values

__all__ = ["Accepting", "RefusedError"]

MOST_CASES = 20
"""Proposed cases of an endpoint; further ones are refused."""

MOST_STEPS = 24
"""Steps of a proposed case."""

_LARGEST = 20_000
"""Characters of a proposed request, and of what is kept and compared of its answer."""

MOST_CHECKS = 50
"""Checks of a proposed step, and values that it keeps."""

_MARKED = "shellvariable0"
"""The beginning of a mark for a variable of the shell, which a text of a model may not have."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_RESERVED = OF_CLIENTS - {"accept", "accept-encoding", conditions.TYPE}
_AUTH: dict[str, Any] = {"first": "valid", "second": "other", "third": "reader", "nobody": "missing"}
_ANY_BUT_FAILURE = ["2XX", "3XX", "4XX"]


class Accepting:
    """Check the proposals of one source.

    Args:
        api: The endpoints.
        values: What knows whether a value fits a schema.
        source: Who proposes: rules or a model.
        quoted: The text that quotations are from; None where none are needed.
        reader: The name of the model that read it.

    """

    def __init__(
        self, api: Api, values: Values, source: Source, quoted: Quoted | None = None, reader: str = ""
    ) -> None:
        self._api = api
        self._values = values
        self._source: Source = source
        self._quoted = quoted
        self._reader = reader
        self._places = Places(api.book.definitions)

    def accepted(self, proposals: Proposals, endpoint: Endpoint) -> tuple[list[Case], list[str]]:
        """Return the cases that can be run, and for each of the others its name and the reason."""
        cases: list[Case] = []
        refused = list(proposals.unreadable)
        for proposed in proposals.cases[:MOST_CASES]:
            try:
                cases.append(self._case(proposed, endpoint))
            except (RefusedError, NoValueError) as error:
                refused.append(f"{' '.join(proposed.name.split())[:100]!r}: {error}")
        if len(proposals.cases) > MOST_CASES:
            refused.append(f"{len(proposals.cases) - MOST_CASES} cases after the first {MOST_CASES}")
        return cases, refused

    def _case(self, proposed: ProposedCase, endpoint: Endpoint) -> Case:
        if not 0 < len(proposed.steps) <= MOST_STEPS:
            raise RefusedError(f"{len(proposed.steps)} steps")
        is_hostile = proposed.category == "hostile_input"
        why = " ".join(proposed.why.split())[:1000]
        if self._quoted is not None and not is_hostile:
            if not self._quoted.has(proposed.quote):
                raise RefusedError(f"the specification has no words {' '.join(proposed.quote.split())[:100]!r}")
            quote = " ".join(proposed.quote.split())[:600]
            why = f'the specification says "{quote}", as {self._reader} reads it: {why}'
        kept: set[str] = set()
        steps: list[Step] = []
        for number, step in enumerate(proposed.steps):
            is_odd = is_hostile and number == len(proposed.steps) - 1
            steps.append(self._step(step, kept, is_hostile=is_odd))
            kept |= steps[-1].save.keys()
        own = [number for number, step in enumerate(steps) if step.request.endpoint == endpoint.name]
        if not own:
            raise RefusedError(f"no request to {endpoint.name}")
        if self._source == "model":
            _prove(steps, {own[-1], len(steps) - 1}, is_hostile=is_hostile)
        title, category = " ".join(proposed.name.split())[:200], proposed.category
        return Case(name=title, category=category, endpoint=endpoint.name, steps=steps, why=why, source=self._source)

    def _step(self, step: ProposedStep, kept: set[str], *, is_hostile: bool) -> Step:
        found = asked_endpoint(step.endpoint, self._api, kept)
        if found is None:
            raise RefusedError(f"{step.endpoint[:60]!r} is no endpoint of the specification")
        endpoint, in_path, in_query = found
        statuses = _ANY_BUT_FAILURE if is_hostile else _expected(step, endpoint)
        request = Request(
            endpoint=endpoint.name,
            method=endpoint.method,
            path=endpoint.path,
            security=list(endpoint.security),
            auth=_AUTH.get(step.caller, step.caller) if endpoint.security else "valid",
        )
        succeeds = all(each[0] == "2" for each in statuses)
        step.body = json_of(step.body)
        check_size("a request", [step.path, step.query, step.headers, step.body], _LARGEST)
        check_size("checks", [step.save, *([each.pointer, each.field, each.value] for each in step.checks)], _LARGEST)
        if len(step.checks) > MOST_CHECKS or len(step.save) > MOST_CHECKS:
            raise RefusedError(f"{len(step.checks)} checks and {len(step.save)} kept values in one step")
        step = step.model_copy(update={"path": {**in_path, **step.path}, "query": {**in_query, **step.query}})
        _place(request, endpoint, step, kept)
        self._check_names(request)
        if self._source == "model" and not is_hostile:
            _know_tokens(step.body, kept)
        self._fill(request, endpoint, step.body, is_right=succeeds and not is_hostile)
        conditions.state_type(request, step.headers)
        if succeeds and not is_hostile:
            _check_whole(request, endpoint)
        try:
            written = request.model_dump_json()
        except ValueError:  # half a character, which UTF-8 has not
            written = _MARKED
        if not is_sendable(request) or len(written) > _LARGEST or _MARKED in written:
            raise RefusedError("a request that can't be sent")
        return Step(
            request=request,
            expected=statuses,
            save=self._saved(step, endpoint, statuses),
            use={} if is_hostile else dict(used(request, kept)),
            checks=[] if is_hostile else [self._check(each, endpoint, statuses, kept) for each in step.checks],
        )

    def _check_names(self, request: Request) -> None:
        """Refuse what is a credential by its name, and a header twice: who sends a request is told by its caller."""
        for where, names in (("header", request.headers), ("query", request.query), ("cookie", request.cookies)):
            for name in names:
                if is_secret(self._api.schemes, where, name.partition("[")[0]):
                    raise RefusedError(f"a credential: the {where} {name[:60]!r}")
        if len({name.casefold() for name in request.headers}) < len(request.headers):
            raise RefusedError("a header twice, in other letters")

    def _saved(self, step: ProposedStep, endpoint: Endpoint, statuses: list[str]) -> dict[str, str]:
        saved: dict[str, str] = {}
        schemas = self._places.answers(endpoint, statuses)
        for name, written in step.save.items():
            pointer, inner = place_of(written)
            if not _NAME.fullmatch(name) or name in AT_RUN or inner:
                raise RefusedError(f"can't keep {written[:60]!r} as {name[:40]!r}")
            self._know(schemas, pointer, endpoint)
            saved[name] = pointer
        return saved

    def _check(self, check: ProposedCheck, endpoint: Endpoint, statuses: list[str], kept: set[str]) -> Check:
        pointer, inner = place_of(check.pointer)
        that, value = str(check.that), check.value
        field = place_of(check.field)[0] or inner
        if inner and that in ("equals", "absent"):  # of `/items/*/state` each is meant
            value = None if that == "absent" else value
            that = "all_have"
        that = condition(that, value, field)
        if field and that not in OF_LISTS:
            pointer, field = f"{pointer}{field}", ""
        schemas = self._places.answers(endpoint, statuses)
        self._know(schemas, pointer, endpoint)
        if field:
            self._know(self._places.items(schemas, pointer), field, endpoint)
        _know_tokens(value, kept)
        fields = [field] if field else []
        return Check(kind="promise", name=that, pointer=pointer, fields=fields, value=value)

    def _know(self, schemas: list[Any], pointer: str, endpoint: Endpoint) -> None:
        if len(pointer) > 200 or not (pointer.startswith("@") or self._places.know(schemas, pointer)):  # noqa: PLR2004
            raise RefusedError(f"{endpoint.name} answers nothing at {pointer[:60]!r}")

    def _fill(self, request: Request, endpoint: Endpoint, body: Any, *, is_right: bool) -> None:  # noqa: ANN401
        """Write a body into a request. One that is to be taken has no fields that nobody knows."""
        if body is None:
            return
        try:
            json.dumps(body, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise RefusedError("a body that can't be written as JSON") from None
        stated = endpoint.bodies[0] if endpoint.bodies else None
        request.body, request.body_kind, request.media_type = body, "json", "application/json"
        if stated is None:
            return
        if is_right and self._source == "model":
            self._check_body(body, stated, endpoint)
        if stated.kind == "json":
            if "*" not in stated.media_type:
                request.media_type = stated.media_type
            return
        if stated.kind in ("form", "multipart"):
            if not is_object(body):
                raise RefusedError("a form without fields")
            fill(request, stated, body)
        else:
            request.body_kind, request.body, request.media_type = "text", text(body), stated.media_type

    def _check_body(self, body: Any, stated: Body, endpoint: Endpoint) -> None:  # noqa: ANN401 - plain data
        """Refuse a body that a server should not take, as far as its values are known before it is sent."""
        known = self._places.fields(stated.schema)
        if known is not None and is_object(body):
            for answer in self._places.answers(endpoint, ["2XX", *endpoint.responses]):
                known |= self._places.fields(answer) or set()
            if others := body.keys() - known:
                raise RefusedError(f"{endpoint.name} knows no field {min(others)[:60]!r}")
        example = as_example(body)
        if stated.kind == "json" and example is not ... and not self._values.fits(stated.schema, example):
            raise RefusedError(f"{endpoint.name} takes no such body: {json.dumps(body)[:200]}")


def _prove(steps: list[Step], tested: set[int], *, is_hostile: bool) -> None:
    """Tell set-up from what is tested: the last step, and the last act of the endpoint itself, which that looks at.

    A case that could not fail is refused.
    """
    for number, step in enumerate(steps):
        step.setup = number not in tested and all(each[0] == "2" for each in step.expected)
    last = steps[-1]
    both = {each[0] for each in last.expected}
    # What an error has not either says no more.
    if not is_hostile and len(both) > 1 and all(each.name == "absent" for each in last.checks):
        raise RefusedError(f"{' or '.join(last.expected)} of the last step say nothing")


def _expected(step: ProposedStep, endpoint: Endpoint) -> list[str]:
    """Return the statuses of a step that the endpoint documents."""
    statuses = asked_statuses(step.expected)
    if statuses is None:
        raise RefusedError(f"{', '.join(step.expected)[:60]!r} are no statuses")
    known = set(endpoint.responses)
    if "default" in known or not known:
        known |= set(statuses) - {each for each in statuses if each[0] == "5"}
    if endpoint.security and known.isdisjoint(("401", "403")):
        known |= {"401", "403"}
    fine = [each for each in statuses if each in known or f"{each[0]}XX" in known]
    fine += [each for each in statuses if each[1:] == "XX" and each[0] != "5" and each not in fine]
    if not fine:
        raise RefusedError(f"{endpoint.name} documents no status {' or '.join(statuses)}")
    return fine


def _place(request: Request, endpoint: Endpoint, step: ProposedStep, kept: set[str]) -> None:
    """Write the parameters into a request. Headers that belong to HTTP or to credentials are refused."""
    for parameter in endpoint.of("path"):
        value = step.path.get(parameter.name, f"{{{parameter.name}}}" if parameter.name in kept else None)
        if value is None:
            raise RefusedError(f"no value for the path parameter {parameter.name[:60]!r}")
        if is_token(value):
            request.path_values[parameter.name] = value
        else:
            place(request, parameter, value)
    known = {each.name: each for each in endpoint.of("query")}
    for name, value in step.query.items():
        if name in known:
            place(request, known[name], value)
        else:
            request.query[name] = [text(each) for each in value] if is_list(value) else text(value)
    for name, value in step.headers.items():
        if not _HEADER.fullmatch(name) or name.casefold() in _RESERVED:
            raise RefusedError(f"the header {name[:60]!r}")
        if name.casefold() != conditions.TYPE:
            request.headers[name] = value
    for each in (request.path_values, request.query, request.headers):
        _know_tokens(each, kept)


def _check_whole(request: Request, endpoint: Endpoint) -> None:
    """Refuse a request that lacks what it needs, or asks for what nobody knows."""
    wanted = [each.name for each in endpoint.parameters if each.required and each.location in ("query", "header")]
    sent = {name.partition("[")[0].casefold() for name in (*request.query, *request.headers)}
    if missing := [name for name in wanted if name.casefold() not in sent]:
        raise RefusedError(f"{endpoint.name} needs {missing[0][:60]!r}")
    if endpoint.body_required and request.body_kind is None:
        raise RefusedError(f"{endpoint.name} needs a body")
    known = {each.name for each in endpoint.of("query")}
    others = [name for name in request.query if name not in known and name.partition("[")[0] not in known]
    if others:
        raise RefusedError(f"{endpoint.name} knows no query {others[0][:60]!r}")


def _know_tokens(value: Any, kept: set[str]) -> None:  # noqa: ANN401 - plain data
    """Refuse a value that no step has kept."""
    if (name := unknown_name(value, kept)) is not None:
        raise RefusedError(f"nothing was kept as {name[:40]!r}")
