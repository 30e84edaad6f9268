"""Names that the caller chooses: in the body of a creation, or in its path, where no answer repeats them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.tables import as_http, rows

if TYPE_CHECKING:
    import pandas as pd

    from progressnb.operations.testcases import ApiTestSuite

NAMED: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}, "size": {"type": "integer", "minimum": 0}},
}


def _json(schema: object) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _parameters(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _spec(paths: dict[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "Names", "version": "1"}, "paths": paths}


GONE = {"204": {"description": ""}, "404": {"description": ""}}
READ = {"200": _json(NAMED), "404": {"description": ""}}
MADE = {"200": _json({"type": "object"}), "400": {"description": ""}, "404": {"description": ""}}
LISTED = {"200": _json({"type": "array", "items": NAMED})}

IN_BODY = _spec(
    {
        "/halls": {
            "post": {"requestBody": {"required": True, **_json(NAMED)}, "responses": MADE},
            "get": {"responses": LISTED},
        },
        "/halls/{hall}": {
            "parameters": _parameters("hall"),
            "get": {"responses": READ},
            "delete": {"responses": GONE},
        },
        "/halls/{hall}/rooms": {
            "parameters": _parameters("hall"),
            "post": {"requestBody": {"required": True, **_json(NAMED)}, "responses": MADE},
        },
        "/halls/{hall}/rooms/{room_name}": {
            "parameters": _parameters("hall", "room_name"),
            "get": {"responses": READ},
        },
    }
)
"""Names in the bodies of what creates, whose answers say nothing."""

IN_PATH = _spec(
    {
        "/tags": {"get": {"responses": LISTED}},
        "/tags/{name}": {
            "parameters": _parameters("name"),
            "put": {"responses": {"201": {"description": ""}, "200": {"description": ""}}},
            "get": {"responses": READ},
            "delete": {"responses": GONE},
        },
    }
)
"""Names in the path of what creates."""


class Names:
    """A right server of named things."""

    def __init__(self, spec: dict[str, Any]) -> None:
        """Begin with nothing."""
        self._paths = {re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): item for path, item in spec["paths"].items()}
        self.kept: dict[str, dict[str, Any]] = {}
        self.used: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:  # noqa: PLR0911 - a server
        """Answer a request."""
        path, method = request.url.path, request.method.casefold()
        if not any(method in each for pattern, each in self._paths.items() if pattern.fullmatch(path)):
            return httpx.Response(405)
        parent = path.rpartition("/")[0].removesuffix("/rooms") if path.count("/") > 2 else ""
        if parent and parent not in self.kept:
            return httpx.Response(404)
        if method == "put":
            return self._make(path, {"name": path.rpartition("/")[2]}, 201)
        if method == "post":
            body = _body(request)
            return httpx.Response(400) if body is None else self._make(f"{path}/{body['name']}", body, 200)
        if path in ("/halls", "/tags"):
            return httpx.Response(200, json=[each for key, each in self.kept.items() if key.count("/") == 2])
        thing = self.kept.get(path)
        if thing is None:
            return httpx.Response(404)
        if method == "delete":
            for each in [each for each in self.kept if each == path or each.startswith(f"{path}/")]:
                del self.kept[each]
            return httpx.Response(204)
        return httpx.Response(200, json=thing)

    def _make(self, path: str, thing: dict[str, Any], status: int) -> httpx.Response:
        self.used.append(path)
        self.kept[path] = thing
        return httpx.Response(status, json={})


def _body(request: httpx.Request) -> dict[str, Any] | None:
    """Return the body of a right request; None for any other one."""
    try:
        body = json.loads(request.content)
        name, size = body["name"], body.get("size", 0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    right = (
        isinstance(name, str) and name and isinstance(size, int) and not isinstance(size, bool) and 0 <= size < 2**31
    )
    return body if right and "json" in request.headers.get("content-type", "") else None


async def suite_of(spec: dict[str, Any]) -> ApiTestSuite:
    """Return the suite of a specification by rules alone."""
    return await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0))


def run(suite: ApiTestSuite, server: Names, seed: str = "s") -> pd.DataFrame:
    """Run a suite against a server."""
    with httpx.Client(transport=httpx.MockTransport(server), base_url="http://names.test") as client:
        return suite.run(client, seed=seed)


async def test_names_in_bodies_are_those_in_paths() -> None:
    """What was created is read by the name that was sent, also below another one, and nothing fails or is skipped."""
    suite, server = await suite_of(IN_BODY), Names(IN_BODY)
    results = run(suite, server)
    assert results[results.outcome != "passed"].text.tolist() == []
    read = next(each for each in suite.cases if each.id == "GET-/halls/:hall/rooms/:room_name-valid_minimal")
    assert [step.save for step in read.steps[:-1]] == [{"made1": "=/body/name"}, {"made2": "=/body/name"}]
    assert read.expected == ["200", "404"]  # a hall may have an id that nobody tells
    assert any(each.count("/") == 4 for each in server.used)


async def test_names_in_paths_are_new_each_time() -> None:
    """`PUT /tags/{name}` makes a tag of a new name, which others read; each run has others, and removes them."""
    suite, server = await suite_of(IN_PATH), Names(IN_PATH)
    assert run(suite, server).outcome.tolist() == ["passed"] * len(suite.cases)
    first = set(server.used)
    assert run(suite, server, "t").outcome.tolist() == ["passed"] * len(suite.cases)
    usual = {each for each in first if "tags/name" in each}
    assert len(usual) > 3
    assert usual.isdisjoint(server.used[len(first) :])
    assert not any("tags/name" in each for each in server.kept)
    read = next(each for each in suite.cases if each.id == "GET-/tags/:name-valid_minimal")
    assert read.expected == ["200"]


async def test_a_failure_shows_the_name() -> None:
    """The `curl` lines of a failure have the name itself: no answer has it, so there is nothing to take it from."""
    suite, server = await suite_of(IN_PATH), Names(IN_PATH)

    def forgets(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.method == "GET" and request.url.path != "/tags" else server(request)

    with httpx.Client(transport=httpx.MockTransport(forgets), base_url="http://names.test") as client:
        failures = suite.run(client, seed="s").query("outcome == 'failed'").set_index("id").text
    lines = failures["GET-/tags/:name-valid_minimal"].partition("again\n")[2].splitlines()
    made = re.search(r"/tags/(name\S+)", lines[0])
    assert made is not None
    assert lines[1].split()[:3] == ["curl", "-i", f"http://names.test/tags/{made[1]}"]


async def test_names_in_tables() -> None:
    """The exports say where a name comes from: of a request, not of its answer."""
    suite = await suite_of(IN_BODY)
    text = as_http(suite).decode()
    assert re.search(r"GET \{\{base\}\}/halls/\{\{case\d+_1\.request\.body\.\$\.name\}\}", text)
    assert any("keep /body/name as made1" in str(row) for row in rows(suite))
    assert "{{base}}/tags/name" in as_http(await suite_of(IN_PATH)).decode()


async def test_an_update_does_not_rename() -> None:
    """A body that has the name by which its thing is known has that of the thing."""
    spec = json.loads(json.dumps(IN_BODY))
    responses = {"200": _json(NAMED), "404": {"description": ""}}
    body = {"required": True, **_json(NAMED)}
    spec["paths"]["/halls/{hall}"]["patch"] = {"requestBody": body, "responses": responses}
    suite = await suite_of(spec)
    changes = [each for each in suite.cases if each.endpoint == "PATCH /halls/{hall}" and each.category == "values"]
    assert changes
    assert all(
        step.use["/body/name"] == "made" for each in changes for step in each.steps if step.request.method == "PATCH"
    )
    assert not any(each.name.startswith("name alone") for each in changes)
