"""The pipeline of `generate_tests`: four stages from a specification to a suite."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from itertools import islice
from typing import TYPE_CHECKING, Any

from progressnb.agents import HOW_TO_USE_AN_LLM, OfflineModel, open_model
from progressnb.errors import InputError, ModelError
from progressnb.execution import operation
from progressnb.operations.testcases import artifacts
from progressnb.operations.testcases.cases.checks import Checks
from progressnb.operations.testcases.cases.ending import ends_others
from progressnb.operations.testcases.cases.foundation import foundation_cases
from progressnb.operations.testcases.cases.naming import name_cases
from progressnb.operations.testcases.cases.promises import read_promises
from progressnb.operations.testcases.cases.requests import Requests
from progressnb.operations.testcases.enhancement import Enhancement
from progressnb.operations.testcases.extra import need_testcases
from progressnb.operations.testcases.result import ApiTestSuite
from progressnb.operations.testcases.schemas import EndpointCases
from progressnb.operations.testcases.spec.api_reader import read_api
from progressnb.operations.testcases.spec.reading import read_source
from progressnb.operations.testcases.spec.references import Documents
from progressnb.operations.testcases.spec.version import version_of
from progressnb.operations.testcases.spec.wording import Wording
from progressnb.operations.testcases.values.builder import Values
from progressnb.operations.testcases.values.making_thread import in_making_thread
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.tracking import Stage
from progressnb.wire import encode

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping, Sequence

    from pydantic_ai.models import Model

    from progressnb.operations.testcases.cases.promises import Promises
    from progressnb.operations.testcases.schemas import Case
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.tracking import ProgressTracker, StageHandle
    from progressnb.wire import Text

__all__ = ["generate_tests"]

_PREPARED = 100 / 3
"""Percent of the foundation stage that its preparation takes: the stage is 30–60 % of the run, and this ends at 40."""

_MOST_NAMED = 20
"""Endpoints without cases that events name at most; the result names all of them."""


@operation(
    stages=[
        Stage("processing", weight=0.3, title="Reading the specification"),
        Stage("foundation", weight=0.3, title="Generating foundation cases"),
        Stage("enhancement", weight=0.2, title="Adding cases beyond the schema"),
        Stage("artifacts", weight=0.2, title="Writing the suite"),
    ]
)
async def generate_tests(
    tracker: ProgressTracker,
    spec: str | Text | os.PathLike[str] | Mapping[str, Any],
    *,
    model: Model | str | None = None,
    out: str | os.PathLike[str] | None = None,
    endpoints: Sequence[str] | None = None,
    allow_refs: Collection[str] = (),
) -> ApiTestSuite:
    """Make test cases and a runnable pytest suite from an OpenAPI specification: 3.0, 3.1 or 3.2, or Swagger 2.0.

    Foundation cases follow from the specification alone and are the same each time. A model, or rules where there is
    none, adds cases that the schemas can't express. An endpoint keeps its foundation cases where the model is missing,
    fails, takes too long or writes nonsense.

    Args:
        tracker: Passed by the operation itself; callers leave it out.
        spec: The specification as YAML or JSON text, as a dict, or as a file: a `Path`, or a string of one line that
            ends in `.yaml`, `.yml` or `.json`; or as an address, also of a page such as `/docs` that shows it.
        model: A pydantic-ai model or its name. The default is `PROGRESSNB_MODEL` of the environment, else `"offline"`:
            rules that add sequences of requests.
        out: The ZIP to write, or the folder, if any; see `ApiTestSuite.save`.
        endpoints: The endpoints to make cases for: `"POST /pets"`, or `"/pets"` for all of a path. Default: all.
        allow_refs: Other documents that the specification may refer to: files by name, such as `"pet.yaml"`, folders,
            such as `"schemas/"`, addresses, their beginnings that end in `/`, and hosts, such as
            `"https://example.com"`. Names begin beside the specification. Nothing else is read.

    Returns:
        The suite. `foundation_only` names the endpoints with foundation cases alone, and why. `without_cases` names
        those that can't be read, with the place of the flaw, and those that no valid request could be made for, such
        as with a number of at least 10 and at most 1. `notes` names the flaws that cost no case, and the cases of a
        model that were left out, each with its reason.

    Raises:
        InputError: The specification can't be read or gives not one case, or `out` can't be written.
        MissingExtraError: The extra `testcases` is not installed.

    Example:
        ::

            suite = await pnb.generate_tests(pnb.samples.openapi, out="api-tests.zip")
            suite.frame().groupby("category").size()

    """
    need_testcases()
    if out is not None:
        artifacts.check_target(out)
    names = _names("endpoints", endpoints)
    allowed = _names("allow_refs", allow_refs) or []

    async with tracker.stage("processing") as stage:
        api, promises, wording = await _processed(stage, spec, names, allowed)
    if not api.endpoints:
        raise _no_case(api.unread)
    values = Values(api.book.definitions)
    requests = Requests(api, values, promises)
    checks = Checks(api, requests)
    notes: list[str] = sorted(api.book.notes)

    async with tracker.stage("foundation") as stage:
        cases, without = await _foundation(stage, api, requests, checks, notes)

    async with tracker.stage("enhancement") as stage:
        enhancement = Enhancement(api, wording, requests, cases)
        name, note = await _enhanced(stage, enhancement, cases, model)
    # A model may add cases where no foundation case could be made.
    without = {each: why for each, why in without.items() if not enhancement.added.get(each)}
    if len(without) == len(api.endpoints):
        raise _no_case({**without, **api.unread})

    async with tracker.stage("artifacts") as stage:
        suite = await asyncio.to_thread(_suite, api, cases, enhancement, checks, notes)
        suite.model, suite.note, suite.without_cases = name, note, {**api.unread, **without}
        for each, reasons in enhancement.refused.items():
            suite.notes += [f"{each}: a case of the model was left out, {reason}." for reason in reasons]
        suite.foundation_only = {each: why for each, why in suite.foundation_only.items() if each not in without}
        stage.update(20, "Writing the runner, the cases and the history")
        history = b"\n".join(encode(event) for event in tracker.log) + b"\n"
        suite.remember(history)
        if out is not None:
            stage.update(60, "Writing the files")
            await asyncio.to_thread(suite.save, out)
    return suite


def _names(option: str, given: Collection[str] | None) -> list[str] | None:
    if given is None:
        return None
    # Callers may be untyped, and give what can be read once.
    listed: list[Any] = [] if isinstance(given, str) else list(given)
    if isinstance(given, str) or not all(isinstance(each, str) for each in listed):
        raise InputError(f"{option} as a list of names", repr(given), f'Write {option}=["…"].')
    return listed


async def _processed(
    stage: StageHandle, spec: object, names: list[str] | None, allowed: list[str]
) -> tuple[Api, Promises, Wording]:
    stage.update(5, "Reading the specification")
    source = await asyncio.to_thread(read_source, spec)
    version = version_of(source.data, source.name)
    documents = Documents(source, allowed, version)
    stage.update(40, "Listing its endpoints")
    api = await asyncio.to_thread(read_api, documents, names)
    promises = await asyncio.to_thread(read_promises, documents, api)
    count = len(api.endpoints) + len(api.unread)
    summary = f"{count} endpoints, OpenAPI {version}"
    if api.unread:
        summary += f", {len(api.unread)} of them can't be read"
        stage.update(without_cases=dict(islice(api.unread.items(), _MOST_NAMED)))
    stage.update(100, summary, endpoint_count=count)
    return api, promises, Wording(documents, api)


async def _foundation(
    stage: StageHandle, api: Api, requests: Requests, checks: Checks, notes: list[str]
) -> tuple[dict[str, list[Case]], dict[str, str]]:
    """Return the cases of each endpoint, and the reasons of endpoints without cases."""
    count = len(api.endpoints)
    stage.update(0, f"Preparing foundation cases for {count} endpoints", endpoint_count=count)
    cases: dict[str, list[Case]] = {}
    without: dict[str, str] = {}
    await in_making_thread(requests.values.warm_up)
    stage.update(_PREPARED)
    for number, endpoint in enumerate(api.endpoints):
        percent = _PREPARED + (100 - _PREPARED) * number / count
        stage.update(percent, f"Generating foundation cases for {endpoint.name}")
        notes += [f"{endpoint.name}: {note}" for note in endpoint.notes]
        try:
            cases[endpoint.name] = await in_making_thread(foundation_cases, endpoint, requests, notes)
            made_first = cases[endpoint.name]
            made_first += await in_making_thread(checks.cases, endpoint, made_first, notes)
        except NoValueError as error:
            cases[endpoint.name] = []
            without[endpoint.name] = f"no request fits, for want of {error}"
            notes.append(f"{endpoint.name}: no cases, for want of {error}.")
            if len(without) <= _MOST_NAMED:
                stage.update(message=f"No cases for {endpoint.name}", without_cases=without)
    made = sum(map(len, cases.values()))
    summary = f"{made} foundation cases for {count} endpoints"
    stage.update(100, f"{summary}, none for {len(without)} of them" if without else summary)
    return cases, without


def _no_case(without: dict[str, str]) -> InputError:
    name, reason = next(iter(without.items()))
    more = f" (and {len(without) - 1} more endpoints)" if len(without) > 1 else ""
    remedy = "Check the limits, patterns and required fields there: some may exclude each other, or never end."
    return InputError("an endpoint that a request can be made for", f"none: {name[:100]}: {reason}{more}", remedy)


async def _enhanced(
    stage: StageHandle, enhancement: Enhancement, cases: dict[str, list[Case]], model: Model | str | None
) -> tuple[str, str | None]:
    count = len(cases)
    stage.update(message="Preparing", state="preparing", endpoint_count=count)
    async with AsyncExitStack() as stack:
        try:
            chosen = await stack.enter_async_context(open_model(model))
        except ModelError as error:
            if model is not None and not isinstance(model, str):
                raise
            enhancement.foundation_only = dict.fromkeys(cases, str(error))
            stage.fall_back(error)
            return "none", f"Foundation cases only: {error}"
        stage.update(model=chosen.model_name)
        await enhancement.run(stage, chosen)
    added = sum(map(len, enhancement.added.values()))
    alone = sum(1 for name in enhancement.foundation_only if cases[name])
    stage.update(100, f"{added} case{'s' * (added != 1)} added, {alone} of {count} endpoints foundation only")
    return chosen.model_name, HOW_TO_USE_AN_LLM if isinstance(chosen, OfflineModel) else None


def _suite(
    api: Api, cases: dict[str, list[Case]], enhancement: Enhancement, checks: Checks, notes: list[str]
) -> ApiTestSuite:
    every: list[Case] = []
    for endpoint in api.endpoints:
        every += [*cases[endpoint.name], *enhancement.added.get(endpoint.name, [])]
    # What ends others comes last, and of that what is refused comes first.
    every.sort(key=lambda case: (rank := ends_others(case.endpoint), rank and case.expected[0][:1] == "2"))
    name_cases(every)
    checks.freshen(every)
    counted = Counter(case.endpoint for case in every)
    used = {step.request.endpoint for case in every for step in case.steps} - counted.keys()

    def listed(endpoint: Endpoint) -> EndpointCases:
        return EndpointCases(
            name=endpoint.name,
            operation_id=endpoint.operation_id,
            summary=endpoint.summary,
            cases=counted[endpoint.name],
            responses=endpoint.responses,
            notes=endpoint.notes,
            headers=checks.headers(endpoint),
            refusals=checks.refusals(endpoint),
            removal=checks.removal(endpoint),
            server=endpoint.server if endpoint.server != api.server else "",
            ways=[list(each) for each in endpoint.ways],
        )

    def unread(name: str, reason: str) -> EndpointCases:
        return EndpointCases(name=name, operation_id="", summary="", cases=0, responses={}, notes=[reason])

    return ApiTestSuite(
        title=api.title,
        version=api.version,
        endpoints=[*map(listed, api.endpoints), *(unread(name, why) for name, why in api.unread.items())],
        helpers=[listed(api.known[name]) for name in api.names if name in used],
        cases=every,
        schemes=list(api.schemes),
        definitions=api.book.definitions,
        foundation_only=enhancement.foundation_only,
        notes=list(dict.fromkeys(notes)),
        server=api.server,
        model="",
    )
