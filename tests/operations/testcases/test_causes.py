"""One cause is one failure: what servers do everywhere is told by a few cases, and the others name these."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import httpx

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.cases.ending import ends_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    import pytest

    from progressnb.operations.testcases import ApiTestSuite

    Handler = Callable[[httpx.Request], httpx.Response]

NAME: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 20}},
}
THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, **NAME["properties"]},
}
ERROR: dict[str, Any] = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
KINDS = ("apples", "boats", "cars", "doors", "eggs", "forks")


def _json(schema: object) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def things(*kinds: str, **more: Any) -> dict[str, Any]:
    """Return a specification of some kinds of things, each made, listed and read."""
    parameter: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    body = {"required": True, **_json(NAME)}
    paths: dict[str, Any] = {}
    for kind in kinds:
        answers = {"201": _json(THING), "400": _json(ERROR)}
        paths[f"/{kind}"] = {
            "get": {"responses": {"200": _json({"type": "array", "items": THING})}},
            "post": {"requestBody": body, "responses": answers},
        }
        read = {"200": _json(THING), "404": {"description": ""}}
        paths[f"/{kind}/{{id}}"] = {"get": {"parameters": [parameter], "responses": read}}
    return {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths, **more}


async def suite_of(spec: dict[str, Any], **options: Any) -> ApiTestSuite:
    """Return the suite of a specification by rules alone."""
    return await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0), **options)


def run(suite: ApiTestSuite, handler: Handler, **options: Any) -> pd.DataFrame:
    """Run a suite against a function."""
    with httpx.Client(transport=httpx.MockTransport(handler), base_url="http://api.test", **options) as client:
        return suite.run(client, seed="seed")


def failed(results: pd.DataFrame) -> list[str]:
    """Return the ids of the cases that failed."""
    return list(results.query("outcome == 'failed'").id)


def reasons(results: pd.DataFrame) -> set[str]:
    """Return why cases were skipped."""
    return set(results.query("outcome == 'skipped'").text)


def right_server(*, refuses: int = 400, error: object = None, unknown: int = 405, made: int = 201) -> Handler:
    """Return a server of things that is right but for what is given."""
    kept: dict[str, dict[str, Any]] = {}
    numbers = itertools.count(1)

    def handle(request: httpx.Request) -> httpx.Response:
        kind, _, number = request.url.path.strip("/").partition("/")
        if request.method not in (("GET",) if number else ("GET", "POST")):
            return httpx.Response(unknown if request.method != "HEAD" else 405)
        if number:
            thing = kept.get(f"{kind}/{number}")
            return httpx.Response(404) if thing is None else httpx.Response(200, json=thing)
        if request.method == "GET":
            return httpx.Response(200, json=[each for key, each in kept.items() if key.startswith(f"{kind}/")])
        try:
            name = json.loads(request.content)["name"]
        except (ValueError, KeyError, TypeError, RecursionError):
            name = None
        if not isinstance(name, str) or len(name) > 20 or "json" not in request.headers.get("content-type", ""):
            return httpx.Response(refuses, json={"message": "no name"} if error is None else error)
        thing = {"id": next(numbers), "name": name}
        kept[f"{kind}/{thing['id']}"] = thing
        return httpx.Response(made, json=thing)

    return handle


async def test_a_right_server_has_no_failure() -> None:
    """The server of these tests is right, so that what fails below is what is told there."""
    results = run(await suite_of(things("apples", "boats")), right_server())
    assert failed(results) == []
    assert (results.outcome == "passed").mean() > 0.9


async def test_a_wrong_address_is_one_cause() -> None:
    """Where no path is found at all, three valid requests say so, and the others name the address of the run."""
    results = run(await suite_of(things(*KINDS)), lambda _: httpx.Response(404))
    others = [each for each in failed(results) if each.endswith("is_not_documented")]
    assert len(failed(results)) - len(others) == 3
    assert len(others) <= 3  # those before the third of them
    said = "API_BASE_URL has to end where the paths of the specification begin"
    assert any(said in each for each in reasons(results))


async def test_no_server_is_one_cause() -> None:
    """Where nobody listens, three cases say so."""

    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Connection refused")

    results = run(await suite_of(things(*KINDS)), refuse)
    assert len(failed(results)) == 3
    assert not (results.outcome == "passed").any()


async def test_credentials_that_nobody_named_are_one_cause() -> None:
    """A server that wants a login which the specification leaves out fails one case, and the reason says what to do."""
    results = run(await suite_of(things(*KINDS)), lambda _: httpx.Response(401))
    assert len([each for each in failed(results) if each.endswith("valid_minimal")]) == 1
    assert any("credentials that the specification does not name" in each for each in reasons(results))


async def test_refused_credentials_are_one_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a secret that the server does not know, one case fails."""
    monkeypatch.setenv("API_KEY_KEY", "wrong")
    security = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    suite = await suite_of(things(*KINDS, components=security, security=[{"key": []}]))
    results = run(suite, lambda _: httpx.Response(401))
    assert len(failed(results)) == 1
    assert any("the server refuses the credentials: see" in each for each in reasons(results))


async def test_a_flaw_of_answers_is_told_once() -> None:
    """An error that does not fit its schema fails one case; the others go on, and pass by what they are about."""
    results = run(await suite_of(things(*KINDS)), right_server(error={"message": None}))
    assert len(failed(results)) == 1
    assert (results.outcome == "passed").sum() > len(results) * 0.9


async def test_another_success_keeps_no_case_from_its_values() -> None:
    """200 for 201 fails once for each endpoint, and what is made there is read all the same."""
    results = run(await suite_of(things("apples", "boats")), right_server(made=200))
    assert len(failed(results)) == 2
    assert not results[results.id.str.contains("GET-/apples")].outcome.isin(["failed", "skipped"]).any()


async def test_a_habit_is_told_by_three_cases() -> None:
    """What a server answers to each undocumented method is three failures; the other cases name them."""
    results = run(await suite_of(things(*KINDS)), right_server(unknown=404))
    assert len(failed(results)) == 3
    told = [each for each in reasons(results) if each.startswith("methods that are not documented: status 404")]
    assert len(told) == 1
    assert all(each in told[0] for each in failed(results))


async def test_what_is_right_somewhere_is_no_habit() -> None:
    """Where a server does it right for one path, each path where it does not is a finding of its own."""
    right, wrong = right_server(), right_server(unknown=404)
    results = run(await suite_of(things(*KINDS)), lambda each: (right if "apples" in each.url.path else wrong)(each))
    assert len(failed(results)) > 3


async def test_odd_values_of_one_place_are_one_cause() -> None:
    """A field for which a server fails whatever is odd in it is one failure."""
    right = right_server()

    def handle(request: httpx.Request) -> httpx.Response:
        odd = request.method == "POST" and not re.search(rb'"name": "[\w -]+"\}', request.content)
        return httpx.Response(500) if odd and b"name" in request.content else right(request)

    results = run(await suite_of(things("apples")), handle)
    of_the_type = [each for each in failed(results) if "body.name" in each and each.endswith("_for_string")]
    assert len(of_the_type) == 1
    assert any("gets 500 for other odd values, too" in each for each in reasons(results))


async def test_cookies_of_answers_are_not_sent_again() -> None:
    """A case does not depend on cookies that an earlier one got; those of the team's client stay."""
    seen: list[str] = []
    right = right_server()

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie", ""))
        response = right(request)
        response.headers["set-cookie"] = "session=stranger; Path=/"
        return response

    run(await suite_of(things("apples")), handle, cookies={"login": "mine"})
    assert set(seen) == {"login=mine"}


async def test_an_answer_that_does_not_end() -> None:
    """Of a stream of events the first is enough: a suite does not wait for its end."""
    spec = things("apples")
    events = {"200": {"description": "", "content": {"text/event-stream": {"schema": {"type": "string"}}}}}
    spec["paths"] = {"/events": {"get": {"responses": events}}}

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return itertools.repeat(b"data: {}\n\n")

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            return httpx.Response(405)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Endless())

    assert failed(run(await suite_of(spec), handle)) == []


async def test_a_connection_that_was_closed_is_tried_again() -> None:
    """A server may close a kept connection after an error; that is no failure of the next case."""
    right, closed = right_server(), iter([True, *[False] * 9] * 1000)

    def handle(request: httpx.Request) -> httpx.Response:
        if next(closed):
            raise httpx.ReadError("Connection reset by peer")
        return right(request)

    assert failed(run(await suite_of(things("apples")), handle)) == []


async def test_the_alternative_whose_secret_is_there_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several ways to be let in, a run takes the one that it has the secrets for, as the specification allows."""
    monkeypatch.setenv("API_KEY_KEY", "Token s3cret")
    schemes: dict[str, Any] = {
        "oauth": {"type": "oauth2", "flows": {}},
        "key": {"type": "apiKey", "in": "header", "name": "Authorization"},
    }
    suite = await suite_of(
        things("apples", components={"securitySchemes": schemes}, security=[{"oauth": []}, {"key": []}])
    )
    right, refused = right_server(), list[str]()

    def handle(request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") == "Token s3cret":
            return right(request)
        refused.append(request.headers.get("authorization", ""))
        return httpx.Response(401)

    results = run(suite, handle)
    assert failed(results) == []
    assert not (results.outcome == "unauthorized").any()
    # The word before a key is no secret: a wrong key has it, too.
    assert {each.partition(" ")[0] for each in refused} == {"", "Token", "tOKEN"}


async def test_what_needs_a_thing_that_cannot_be_made_says_so() -> None:
    """Where a path names what no endpoint makes, 404 says nothing of a wrong body, and is no failure."""
    spec = things("apples")
    parameter: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    answers: dict[str, Any] = {"200": _json(THING), "400": _json(ERROR), "404": {"description": ""}}
    body = {"required": True, **_json(NAME)}
    spec["paths"] = {"/boxes/{id}": {"put": {"parameters": [parameter], "requestBody": body, "responses": answers}}}

    def found(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404 if request.method == "PUT" else 405)

    results = run(await suite_of(spec), found)
    assert failed(results) == []
    assert "PUT /boxes/{id} answers 404 to its valid request, too: nothing can be made that it needs" in reasons(
        results
    )


async def test_a_header_of_any_text_is_left_out() -> None:
    """What a header without a form takes only words tell: a request that has all that is optional has none of it."""
    spec = things("apples")
    header = {"in": "header", "required": False}
    spec["paths"]["/apples"]["get"]["parameters"] = [
        {"name": "X-Version", **header, "schema": {"type": "string"}},
        {"name": "X-Trace", **header, "schema": {"type": "string", "format": "uuid"}},
    ]
    suite = await suite_of(spec)
    full = next(each for each in suite.cases if each.id == "GET-/apples-valid_full")
    assert list(full.request.headers) == ["X-Trace"]


async def test_a_set_up_has_a_body_that_may_be_left_out() -> None:
    """What creates a thing is told what to create, also where its body is not required."""
    spec = things("apples")
    spec["paths"]["/apples"]["post"]["requestBody"]["required"] = False
    suite = await suite_of(spec)
    read = next(each for each in suite.cases if each.id == "GET-/apples/:id-valid_minimal")
    assert read.steps[0].setup
    assert read.steps[0].request.body is not None


async def test_what_ends_others_comes_last() -> None:
    """A logout, or the deletion of all there is, takes nothing from the cases of other endpoints."""
    spec = things("apples", "boats")
    done = {"responses": {"204": {"description": ""}}}
    spec["paths"] = {"/apples": {"delete": done}, "/me/reset-token": {"post": done}, **spec["paths"]}
    spec["paths"]["/apples"] = {"delete": done, **things("apples")["paths"]["/apples"]}
    order = [each.endpoint for each in (await suite_of(spec)).cases]
    last = [ends_others(each) for each in order]
    assert last == sorted(last)
    assert {each for each in order if ends_others(each)} == {"DELETE /apples", "POST /me/reset-token"}


async def test_a_server_that_is_asked_to_stop() -> None:
    """What stops a server is asked for at the very end, and its second case does not blame the server for that."""
    spec, right = things("apples"), right_server()
    stop = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    spec["paths"]["/shutdown"] = {"post": {**stop, "responses": {"202": {"description": ""}}}}
    stopped: list[str] = []

    def stops(request: httpx.Request) -> httpx.Response:
        if stopped:
            raise httpx.ConnectError("refused", request=request)
        if request.url.path == "/shutdown" and request.method == "POST":
            if request.content[:1] not in (b"", b"{") or request.content.startswith(b'{"this'):
                return httpx.Response(400, json={"message": "no object"})
            stopped.append("now")
            return httpx.Response(202)
        return httpx.Response(405) if request.url.path == "/shutdown" else right(request)

    suite = await suite_of(spec)
    results = run(suite, stops)
    assert failed(results) == []
    assert "the server has not answered since POST /shutdown has worked" in reasons(results)
    assert suite.cases[-1].endpoint == "POST /shutdown"
    assert suite.cases[-1].expected[0][0] == "2"


async def test_a_refusal_with_another_status_is_told_by_some() -> None:
    """Where each invalid request is refused, and with a status that is not documented, three cases tell it."""
    suite = await suite_of(things("apples", "boats"))
    results = run(suite, right_server(refuses=418))
    assert 0 < len(failed(results)) <= 3
    assert any(each.startswith("what is invalid is refused with 418, too: see ") for each in reasons(results))


async def test_a_field_that_a_server_changes_is_told_once() -> None:
    """A field that does not come back as it was sent fails one case of each endpoint that answers it."""
    spec = things("apples")
    right = right_server()

    def shouts(request: httpx.Request) -> httpx.Response:
        answer = right(request)
        made = (answer.status_code in (200, 201) and request.url.path != "/apples") or request.method == "POST"
        if not made or answer.status_code >= 300:
            return answer
        thing = answer.json()
        return httpx.Response(answer.status_code, json={**thing, "name": thing["name"].upper()})

    results = run(await suite_of(spec), shouts)
    found = results.query("outcome == 'failed'")
    assert list(found.endpoint) == ["POST /apples", "GET /apples/{id}"]
    assert all("at /name, as it was sent" in each for each in found.text)
    # A case that asks for this alone does not pass: it names the other one.
    again = results[results.id == "POST-/apples-creation_answers_what_was_sent"].iloc[0]
    assert (again.outcome, found.id.iloc[0] in again.text) == ("skipped", True)


async def test_a_field_that_is_changed_hides_no_other() -> None:
    """Behind a field that is known to be changed another one is looked at: each fails a case."""
    spec, right = things("apples"), right_server()
    for each in (NAME, THING):
        part = {**each, "properties": {"name": each["properties"]["name"], "size": {"type": "string"}}}
        part["properties"] = {**each["properties"], **part["properties"]}
        if each is NAME:
            spec["paths"]["/apples"]["post"]["requestBody"] = {"required": True, **_json(part)}
        else:
            spec["paths"]["/apples"]["post"]["responses"]["201"] = _json(part)

    def shouts(request: httpx.Request) -> httpx.Response:
        answer = right(request)
        if request.method != "POST" or answer.status_code != 201:
            return answer
        size = {"size": "other"} if "size" in json.loads(request.content) else {}
        return httpx.Response(201, json={**answer.json(), "name": answer.json()["name"].upper(), **size})

    texts = run(await suite_of(spec), shouts).query("endpoint == 'POST /apples' and outcome == 'failed'").text
    assert re.findall(r"at (/\w+), as it was sent", "".join(texts)) == ["/name", "/size"]


async def test_a_null_may_become_a_default() -> None:
    """A thing that is created with a null may have what the server has in its place; another value comes back."""
    spec = things("apples")
    for each in (NAME, THING):
        colour = {"type": ["string", "null"], "enum": ["red", "green", None]}
        part = {**each, "properties": {**each["properties"], "colour": colour}}
        if each is NAME:
            spec["paths"]["/apples"]["post"]["requestBody"] = {"required": True, **_json(part)}
        else:
            spec["paths"]["/apples"]["post"]["responses"]["201"] = _json(part)
    right = right_server()

    def coloured(request: httpx.Request) -> httpx.Response:
        answer = right(request)
        if request.method != "POST" or answer.status_code != 201:
            return answer
        colour = json.loads(request.content).get("colour")
        if colour not in (None, "red", "green"):
            return httpx.Response(400, json={"message": "no colour"})
        return httpx.Response(201, json={**answer.json(), "colour": colour or "green"})

    suite = await suite_of(spec)
    assert any(each.name == "body at /colour: null" for each in suite.cases)
    assert failed(run(suite, coloured)) == []


async def test_lists_that_two_branches_take() -> None:
    """An empty list fits both branches of a `oneOf`, so one with a value is sent."""
    spec = things("apples")
    numbers, texts = ({"type": "array", "items": {"type": each}} for each in ("number", "string"))
    shape = {"type": "object", "required": ["values"], "properties": {"values": {"oneOf": [numbers, texts]}}}
    spec["paths"]["/apples"]["post"]["requestBody"] = {"required": True, **_json(shape)}
    suite = await suite_of(spec)
    assert suite.without_cases == {}
    minimal = next(each for each in suite.cases if each.id == "POST-/apples-valid_minimal")
    body = minimal.request.body
    assert isinstance(body, dict)
    assert body["values"] not in ([], None)


async def test_what_is_put_where_nothing_is_may_be_made() -> None:
    """A PUT that documents 201 makes what is not there, so nothing is looked for in vain."""
    spec = things("apples")
    parameter: dict[str, Any] = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    answers: dict[str, Any] = {"200": _json(THING), "201": _json(THING), "default": {"description": ""}}
    put = {"parameters": [parameter], "requestBody": {"required": True, **_json(NAME)}, "responses": answers}
    spec["paths"] = {"/boxes/{id}": {"put": put}}
    assert [each.id for each in (await suite_of(spec)).cases if each.category == "not_found"] == []
    del answers["201"]
    assert [each.id for each in (await suite_of(spec)).cases if each.category == "not_found"] != []
