"""Suites that are run again and again: new values, set-up and clean-up, compared values, and the files of a team."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError
from progressnb.operations.testcases.changes import changes

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from progressnb.operations.testcases import ApiTestSuite

OWNED: dict[str, Any] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 40},
    "size": {"type": "integer", "minimum": 1},
}
MAIL = {"type": "string", "format": "email"}
NEW: dict[str, Any] = {"type": "object", "required": ["name"], "properties": {**OWNED, "mail": MAIL}}
THING: dict[str, Any] = {
    **NEW,
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer", "readOnly": True}, **NEW["properties"]},
}


def content(schema: Any) -> dict[str, Any]:
    """Return the content of a body of JSON."""
    return {"content": {"application/json": {"schema": schema}}}


def spec(**more: Any) -> dict[str, Any]:
    """Return the specification of things."""
    missing = {"404": {"description": "none"}, "400": {"description": "wrong"}}
    one = {"name": "thingId", "in": "path", "required": True, "schema": {"type": "integer"}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}}
    body, fine = {"required": True, **content(NEW)}, {"description": "fine", **content(THING)}
    conflict = {"409": {"description": "There is one of this name already."}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things": {
                "get": {
                    "parameters": [limit],
                    "responses": {
                        "200": {"description": "all", **content({"type": "array", "items": THING})},
                        **missing,
                    },
                },
                "post": {"requestBody": body, "responses": {"201": fine, **conflict, **missing}},
            },
            "/things/{thingId}": {
                "parameters": [one],
                "get": {"responses": {"200": fine, **missing}},
                "put": {"requestBody": body, "responses": {"200": fine, **missing}},
                "delete": {"responses": {"204": {"description": "gone"}, **missing}},
            },
            **more,
        },
    }


class Things:
    """A server of things, whose names are unique."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.there: dict[int, dict[str, Any]] = {}
        self.numbers = itertools.count(1)
        self.asked: list[tuple[str, str]] = []

    def client(self) -> httpx.Client:
        """Return a connection to it."""
        return httpx.Client(transport=httpx.MockTransport(self.answer), base_url="http://things.invalid")

    def answer(self, request: httpx.Request) -> httpx.Response:  # noqa: C901, PLR0911 - a table
        """Answer a request."""
        self.asked.append((request.method, request.url.path))
        try:
            sent = json.loads(request.content) if request.content else None
        except ValueError:
            return httpx.Response(400)
        if request.headers.get("content-type", "application/json") != "application/json":
            return httpx.Response(400)
        if request.url.path == "/things":
            return self.all(request, sent)
        key = request.url.path.removeprefix("/things/")
        if request.method not in ("GET", "PUT", "DELETE", "OPTIONS"):
            return httpx.Response(405)
        if request.method == "OPTIONS":
            return httpx.Response(204)
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
        if number not in self.there:
            return httpx.Response(404)
        if request.method == "PUT":
            if not self.fits(sent):
                return httpx.Response(400)
            if self.fault != "update not saved":
                self.there[number] = {"id": number, **self.own(sent)}
            return httpx.Response(200, json={"id": number, **self.own(sent)})
        if request.method == "DELETE":
            if self.fault != "not deleted":
                del self.there[number]
            return httpx.Response(204)
        return httpx.Response(200, json=self.there[number])

    def all(self, request: httpx.Request, sent: Any) -> httpx.Response:  # noqa: PLR0911 - a table
        """Answer a request to the collection."""
        if request.method == "GET":
            limit = request.url.params.get("limit", "50")
            if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= 50):
                return httpx.Response(400)
            found = list(self.there.values())
            return httpx.Response(200, json=found if self.fault == "limit ignored" else found[: int(limit)])
        if request.method != "POST":
            return httpx.Response(204 if request.method == "OPTIONS" else 405)
        if not self.fits(sent):
            return httpx.Response(400)
        if any(each["name"] == sent["name"] for each in self.there.values()) or self.fault == "always there":
            return httpx.Response(409)
        if self.fault == "can't create":
            return httpx.Response(500, json={"error": "no space"})
        number = next(self.numbers)
        self.there[number] = {"id": number, **self.own(sent)}
        return httpx.Response(200 if self.fault == "wrong status" else 201, json=self.there[number])

    @staticmethod
    def own(sent: Any) -> dict[str, Any]:
        """Return what a caller may write."""
        return {name: value for name, value in sent.items() if name in NEW["properties"]}

    @staticmethod
    def fits(sent: Any) -> bool:
        """Tell whether a body is a thing."""
        if not isinstance(sent, dict) or not isinstance(sent.get("name"), str) or not 1 <= len(sent["name"]) <= 40:
            return False
        size, mail = sent.get("size", 1), sent.get("mail", "a@b")
        whole = isinstance(size, int) and not isinstance(size, bool) and size >= 1
        return whole and isinstance(mail, str) and bool(re.fullmatch(r"[^@\s]+@[^@\s]+", mail))


async def suite_of(given: dict[str, Any], **options: Any) -> ApiTestSuite:
    """Make a suite by rules."""
    return await generate_tests.using(show=False)(given, model=OfflineModel(pace=0), **options)


def outcomes(suite: ApiTestSuite, server: Things, **options: Any) -> pd.DataFrame:
    """Run a suite, and return its outcomes by id."""
    with server.client() as client:
        return suite.run(client, **options).set_index("id")


async def test_twice_on_one_server_and_nothing_stays() -> None:
    """A suite is green again on the server that it ran on, although names are unique there; what it made is gone."""
    suite, server = await suite_of(spec()), Things()
    for _ in range(2):
        ended = outcomes(suite, server)
        assert set(ended.outcome) == {"passed"}, ended.query("outcome != 'passed'").text.iloc[0]
    assert server.there == {}


async def test_a_seed_repeats_the_values() -> None:
    """The same seed sends the same values, another one others; a failure says which it was."""
    suite, sent = await suite_of(spec(), endpoints=["POST /things"]), []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(500)

    with httpx.Client(transport=httpx.MockTransport(note), base_url="http://things.invalid") as client:
        first = suite.run(client, seed="one").text.iloc[0]
        again = [*sent]
        sent.clear()
        suite.run(client, seed="one")
        assert sent == again
        sent.clear()
        suite.run(client, seed="two")
        assert sent != again
    assert "API_SEED=one" in first


async def test_what_is_always_there_is_skipped() -> None:
    """Where 409 is documented and comes for every new value, cases are skipped, and say why."""
    ended = outcomes(await suite_of(spec()), Things("always there"))
    case = ended.loc["POST-/things-valid_minimal"]
    assert (case.outcome, "3 values that were new each time" in case.text) == ("skipped", True)


async def test_a_setup_that_fails_is_one_error() -> None:
    """If nothing can be created, one case says so, and those that need it are skipped and name that case."""
    ended = outcomes(await suite_of(spec()), Things("can't create"))
    others = ended[~ended.index.str.startswith("POST")]
    assert list(others[others.outcome == "failed"].index) == ["GET-/things-has_what_was_created"]
    skipped = others[others.outcome == "skipped"]
    assert len(skipped) > 10
    assert skipped.text.str.contains("can't create what this case needs: see ").all()


async def test_a_wrong_status_of_a_creation_is_told_by_its_own_cases() -> None:
    """A creation with another status is enough for those that need it: only the cases of the creation fail."""
    ended = outcomes(await suite_of(spec()), Things("wrong status"))
    failed = ended[ended.outcome == "failed"]
    assert set(failed.endpoint) == {"POST /things"}


@pytest.mark.parametrize(
    ("fault", "case", "told"),
    [
        ("update not saved", "PUT-/things/:thingId-an_update_is_seen", "as it was sent"),
        ("not deleted", "DELETE-/things/:thingId-what_was_deleted_is_gone", "status 200"),
        ("limit ignored", "GET-/things-limit_limits", "at most 1 in the list"),
    ],
)
async def test_values_are_compared(fault: str, case: str, told: str) -> None:
    """Changes, removals and limits are looked at in what comes, not only as statuses."""
    ended = outcomes(await suite_of(spec()), Things(fault))
    assert ended.loc[case].outcome == "failed"
    assert told in ended.loc[case].text


async def test_a_lost_connection_is_told_wherever_it_is_lost() -> None:
    """Also where Location is followed: the case fails with its requests, and the others are run."""
    suite = await suite_of(spec(), endpoints=["POST /things"])
    suite.cases = [case for case in suite.cases if case.name == "Location leads to what was created"]
    assert suite.cases

    def lose(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(201, json={"id": 1, "name": "x"}, headers={"Location": "/things/1"})
        raise httpx.ConnectError("lost")

    with httpx.Client(transport=httpx.MockTransport(lose), base_url="http://things.invalid") as client:
        ended = suite.run(client)
    assert "no answer: ConnectError: lost" in ended.text.iloc[0]
    assert "request    GET http://things.invalid/things/1" in ended.text.iloc[0]


async def test_a_failure_can_be_done_again() -> None:
    """A failure has the method, the address, what was expected and why, what came, and curl with its set-up."""
    ended = outcomes(await suite_of(spec()), Things("update not saved"))
    text = str(ended.loc["PUT-/things/:thingId-an_update_is_seen"].text)
    assert "because    What was changed is read then." in text
    assert re.search(r"request    GET http://things\.invalid/things/\d+\n", text)
    assert "made=$(curl -s -X POST http://things.invalid/things" in text
    assert "| jq -r '.[\"id\"]')" in text
    assert 'curl -i http://things.invalid/things/"$made"' in text


async def test_a_path_more_renames_nothing() -> None:
    """Ids are ASCII without spaces or what a shell reads, and stay when the specification gets another path."""
    fine = {"200": {"description": "fine"}}
    before = {case.id for case in (await suite_of(spec())).cases}
    after = {case.id for case in (await suite_of(spec(**{"/ä b/x": {"get": {"responses": fine}}}))).cases}
    assert before < after
    assert all(re.fullmatch(r"[\w:+./-]+", each, re.ASCII) for each in after)


async def test_secrets_are_named_after_their_schemes() -> None:
    """A scheme more moves no secret to another; two of one name in capital letters are told apart."""

    async def variables(*names: str) -> dict[str, str]:
        given = spec()
        given["components"] = {"securitySchemes": {name: {"type": "http", "scheme": "bearer"} for name in names}}
        return {scheme.name: scheme.variable for scheme in (await suite_of(given, endpoints=["GET /things"])).schemes}

    assert await variables("bearerAuth") == {"bearerAuth": "API_KEY_BEARER_AUTH"}
    both = await variables("first", "bearerAuth")
    assert both["bearerAuth"] == "API_KEY_BEARER_AUTH"
    same = await variables("api_key", "apiKey")
    assert len(set(same.values())) == 2


async def test_the_table_and_the_requests() -> None:
    """The CSV has its mark, cells that a spreadsheet can hold and set-up in words; the .http has variables for ids."""
    suite = await suite_of(spec())
    suite.cases[0].why = "x" * 50_000
    written = suite.artifacts()
    assert written["cases.csv"].startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(written["cases.csv"].decode("utf-8-sig"), newline="")))
    assert max(len(cell) for row in rows for cell in row.values()) < 32_767
    put = next(row for row in rows if row["id"] == "PUT-/things/:thingId-valid_minimal")
    assert re.match(r"1\. POST /things \{.*\} → 201, keep /id as made1", put["setup"])
    requests = written["cases.http"].decode()
    assert "PUT {{base}}/things/{{case" in requests


async def test_a_request_has_its_own_cookies_and_those_of_credentials() -> None:
    """In the .http a cookie of a parameter takes no credential away."""
    given = spec()
    given["security"] = [{"sid": []}]
    given["components"] = {"securitySchemes": {"sid": {"type": "apiKey", "in": "cookie", "name": "sid"}}}
    cookie = {"name": "lang", "in": "cookie", "required": True, "schema": {"type": "string", "enum": ["a b"]}}
    given["paths"]["/things"]["get"]["parameters"].append(cookie)
    requests = (await suite_of(given, endpoints=["GET /things"])).artifacts()["cases.http"].decode()
    assert "Cookie: lang=a%20b; sid={{API_KEY_SID}}\n" in requests


async def test_a_new_version_keeps_what_is_the_teams(tmp_path: Path) -> None:
    """In a folder the team's files stay, and changes.md says what the new version has and lacks."""
    folder = tmp_path / "api"
    (await suite_of(spec())).save(folder)
    (folder / "conftest.py").write_text("# ours\n")
    (folder / "marks.toml").write_text("[skip]\n")
    newer = spec(**{"/others": {"get": {"responses": {"200": {"description": "fine"}}}}})
    del newer["paths"]["/things/{thingId}"]["delete"]
    (await suite_of(newer)).save(folder)
    assert (folder / "conftest.py").read_text() == "# ours\n"
    told = (folder / "changes.md").read_text()
    assert "## New endpoints: 1\n\n- `GET /others`" in told
    assert "## Endpoints that are gone: 1\n\n- `DELETE /things/{thingId}`" in told
    (await suite_of(newer)).save(folder)
    assert "Nothing." in (folder / "changes.md").read_text()
    with pytest.raises(InputError):
        (await suite_of(newer)).save(folder / "cases.json")


async def test_only_what_is_sent_and_expected_is_compared() -> None:
    """A zero in the place of nothing is a change, other words are none, and so is a default that is written out."""
    suite = await suite_of(spec(), endpoints=["POST /things"])
    same, zero, broken = suite.cases[:3]
    zero.steps[-1].request.body = {"name": "x"}
    earlier = json.loads(suite.artifacts()["cases.json"])
    by_id = {case["id"]: case for case in earlier["cases"]}
    by_id[same.id] |= {"why": "Other words."}
    by_id[same.id]["steps"][-1] |= {"setup": False}
    by_id[zero.id]["steps"][-1]["request"]["body"] = {"name": "x", "size": 0}
    by_id[broken.id]["steps"] = [{"request": "of another form"}]
    told = changes(earlier, suite)
    assert f"something else: 2\n\n- `{zero.id}`\n- `{broken.id}`\n" in told
    assert "Cases that are gone" not in told


def run_pytest(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the suite in a folder."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "API_", "CI"))}
    env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


CONFTEST = """
import httpx
import pytest


def answer(request):
    return httpx.Response(200, json=[]) if request.method == "GET" else httpx.Response(405)


@pytest.fixture(scope="session")
def client():
    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://things.invalid") as client:
        yield client


@pytest.fixture
def before_case():
    return lambda case: print("before", case["id"])
"""


async def test_the_team_decides(tmp_path: Path) -> None:
    """Marks, a client, hooks, own cases and a baseline of the team are heeded; JUnit has ids and titles."""
    folder = tmp_path / "api"
    (await suite_of(spec(), endpoints=["GET /things"])).save(folder)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "marks.toml").write_text('[skip]\n"GET-/things-query*" = "Ticket 12"\n')
    own = {"id": "ours", "name": "our own", "endpoint": "GET /things", "steps": []}
    request = {"endpoint": "GET /things", "method": "GET", "path": "/things"}
    (folder / "own_cases.json").write_text(json.dumps([{**own, "steps": [{"request": request, "expected": ["204"]}]}]))
    first = run_pytest(folder, "-s", "--junitxml=report.xml")
    assert first.returncode == 1, first.stdout
    assert "before ours" in first.stdout
    assert "Ticket 12" in run_pytest(folder, "-rs").stdout
    report = (folder / "report.xml").read_text()
    assert 'name="test_case[GET-/things-valid_minimal]"' in report
    assert '<property name="title" value="valid, minimal"' in report
    assert run_pytest(folder, "-k", "GET-/things-valid_minimal").returncode == 0
    assert run_pytest(folder, API_BASELINE="write").returncode == 1
    assert "ours" in (folder / "known_failures.txt").read_text()
    assert run_pytest(folder).returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("marks.toml", "[skip]\na = 3\n", "expected a reason for 'a'"),
        ("marks.toml", "[later]\n", "expected the tables"),
        ("own_cases.json", "{}", "expected a list of cases"),
        ("own_cases.json", '[{"id": 1}]', "expected a case with"),
    ],
)
async def test_files_of_the_team_that_can_not_be_read(tmp_path: Path, name: str, text: str, told: str) -> None:
    """A mistake in a file of the team stops the run, and says where it is."""
    folder = tmp_path / "api"
    (await suite_of(spec(), endpoints=["GET /things"])).save(folder)
    (folder / name).write_text(text)
    done = run_pytest(folder, API_BASE_URL="http://127.0.0.1:1")
    assert done.returncode != 0
    assert told in done.stdout + done.stderr


async def test_no_secret_in_ci(tmp_path: Path) -> None:
    """Without a secret cases are skipped; in CI that is a failure, unless it is allowed. None shows in a failure."""
    given = spec()
    given["security"] = [{"token": []}]
    given["components"] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    folder = tmp_path / "api"
    (await suite_of(given, endpoints=["GET /things"])).save(folder)
    (folder / "conftest.py").write_text(CONFTEST)
    one = ("-k", "GET-/things-valid_minimal")
    assert run_pytest(folder, *one).returncode == 0
    assert "set API_KEY_TOKEN" in run_pytest(folder, *one, CI="true").stdout
    assert run_pytest(folder, *one, CI="true", API_ALLOW_SKIPPED="1").returncode == 0
    red = run_pytest(folder, API_KEY_TOKEN="very-secret").stdout  # noqa: S106 - of a test
    assert "curl -i" in red
    assert "very-secret" not in red
