"""Reading specifications: every allowed form, and a clear error for any other."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from progressnb import generate_tests, samples
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError
from progressnb.operations.testcases.spec import budget, fetching, references
from progressnb.operations.testcases.spec.reading import read_source
from progressnb.operations.testcases.spec.yaml_text import parse_yaml
from progressnb.wire import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases import ApiTestSuite

SPECS = Path(__file__).parents[2] / "data" / "openapi"
PETS = SPECS / "petstore-expanded.yaml"

SMALL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/a": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}},
                },
                "responses": {"200": {"description": "fine"}},
            }
        }
    },
}


def small(**schemas: Any) -> dict[str, Any]:
    """Return a specification of one endpoint that takes an A."""
    return {**copy.deepcopy(SMALL), "components": {"schemas": schemas}}


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


async def made(spec: Any, **options: Any) -> ApiTestSuite:
    """Make the suite of a specification by rules."""
    return await generate_tests.using(show=False)(spec, model=OfflineModel(pace=0), **options)


# --- what is allowed ----------------------------------------------------------------------------------


async def test_every_form_gives_the_same_cases(tmp_path: Path) -> None:
    """A path, its name, YAML text, JSON text, a JSON file and a dict are one specification."""
    data = yaml.safe_load(PETS.read_text())
    in_json = tmp_path / "pets.json"
    in_json.write_text(json.dumps(data), encoding="utf-16")
    suites = [await made(form) for form in (PETS, str(PETS), PETS.read_text(), json.dumps(data), in_json, data)]
    assert all(suite == suites[0] for suite in suites)
    assert len(suites[0].endpoints) == 4
    assert samples.openapi_path.read_text() == samples.openapi == PETS.read_text()


def test_yaml_is_read_as_json_would_have_it() -> None:
    """No dates of texts, no numbers of times, statuses as names, merges and aliases written out."""
    text = """
    day: 2026-01-15
    time: 12:30
    yes: on
    hex: 0x10
    text: "1"
    no: [1, -2, 1.5, 1e3, true, null, ~, .inf]
    base: &base {a: 1, b: 2}
    merged: {<<: *base, b: 3}
    200: fine
    """
    assert parse_yaml(text, "it") == {
        "day": "2026-01-15",
        "time": "12:30",
        "yes": "on",
        "hex": "0x10",
        "text": "1",
        "no": [1, -2, 1.5, 1000.0, True, None, None, ".inf"],
        "base": {"a": 1, "b": 2},
        "merged": {"a": 1, "b": 3},
        "200": "fine",
    }


async def test_allowed_documents_become_part_of_it(tmp_path: Path) -> None:
    """A document beside the specification is read if it is allowed by name, and so are its own references."""
    (tmp_path / "pet.yaml").write_text("Pet: {type: object, required: [name], properties: {name: {$ref: '#/Name'}}}\n"
                                       "Name: {$ref: 'name.json#/here'}\n")  # fmt: skip
    (tmp_path / "name.json").write_text('{"here": {"type": "string", "maxLength": 7}}')
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(small(A={"$ref": "pet.yaml#/Pet"})))
    with pytest.raises(InputError, match=r"allow_refs=\['pet.yaml'\]"):
        await made(spec)
    with pytest.raises(InputError, match=r"allow_refs=\['name.json'\]"):
        await made(spec, allow_refs=["pet.yaml"])
    suite = await made(spec, allow_refs=["pet.yaml", "name.json"])
    assert any("more than 7" in case.name for case in suite.cases)


async def test_recursive_schemas() -> None:
    """A tree ends where it may; one that must go on for ever has no value, which is said."""
    tree = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "in": ref("A")}}
    suite = await made(small(A=tree))
    assert suite.cases[0].request.body == {"name": "x-name"}
    with pytest.raises(InputError, match=r"POST /a: no request fits, for want of a value that ends.* for the body"):
        await made(small(A={**tree, "required": ["in"]}))


# --- what is not --------------------------------------------------------------------------------------

LEVELS = "abcdefghij"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{here}: &{here} [{','.join(['*' + before] * 10)}]\n" for before, here in pairwise(LEVELS)
)
MERGES = "a: &a {k: v}\n" + "".join(
    f"{here}: &{here} {{<<: [{','.join(['*' + before] * 10)}]}}\n" for before, here in pairwise(LEVELS)
)
MANY = {f"B{at}": {"allOf": [ref(f"B{at + 1}")] * 10} for at in range(12)}

REFUSED: dict[str, tuple[Any, str]] = {
    "Swagger 1.2": ({"swagger": "1.2", "info": {}, "paths": {}}, r"or Swagger 2.0.*Swagger 1.2.*Convert it"),
    "OpenAPI 4": ({**SMALL, "openapi": "4.0.0"}, "OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0"),
    "a whole number as version": ({**SMALL, "openapi": 3}, "got openapi: '3'.*\"3.0.3\""),
    "webhooks alone": (
        {
            "openapi": "3.1.0",
            "info": SMALL["info"],
            "webhooks": {"new": {"post": SMALL["paths"]["/a"]["post"]}},
            "components": {"schemas": {"A": {"type": "string"}}},
        },
        "endpoints to test, got webhooks alone, no paths. .*requests that the API itself sends",
    ),
    "no operations": ({**SMALL, "paths": {"/a": {}}}, "got none. Add operations, such as get or post, under paths"),
    "another document": ({"a": 1}, "without the field openapi"),
    "a list": ("- a\n- b\n", "a list"),
    "a text": ("hello", "a text"),
    "nothing": ("", "nothing"),
    "a number": (7, "int"),
    "an address of nobody": ("http://127.0.0.1:9/openapi.yaml", "a document that can be fetched"),
    "an address that a client sent": (Text("http://127.0.0.1:9/openapi.yaml"), "a text"),
    "control characters": ("a: \0", "as YAML or JSON"),
    "broken YAML": ("a: [b\nc: d", "line 2"),
    "broken JSON": ('{"openapi": "3.1.0", "paths": {', "Expecting|property"),
    "a tag": ("a: !!python/object/apply:os.system [echo]\n", "the tag"),
    "a key twice in YAML": ("openapi: 3.1.0\nopenapi: 3.0.0\n", "'openapi' twice at line 2"),
    "a key twice in JSON": ('{"openapi": "3.1.0", "openapi": "3.0.0"}', "'openapi' twice"),
    "a key twice in a dict": ({"paths": {200: {}, "200": {}}}, "'200' twice"),
    "a key that is no text": ({**SMALL, "x-a": {None: 1}}, "names as keys"),
    "a value that is no JSON": ({**SMALL, "x-a": object()}, "plain JSON values"),
    "not a number": ({**SMALL, "x-a": float("nan")}, "plain JSON values"),
    "aliases that unfold": (BOMB, "aliases written out"),
    "merges that unfold": (MERGES, "aliases written out"),
    "an alias of itself": ("a: &a\n  b: *a\n", "an alias of a value that contains it"),
    "deep YAML": ("[" * 100_000, "levels"),
    "deep JSON": ('{"a":' * 100_000, "nested too deep"),
    "no paths": ({**SMALL, "paths": {}}, "endpoints to test"),
    "a dangling reference": (SMALL, "schema.*\\$ref: '#/components/schemas/A' points to nothing"),
    "a schema that is itself": (small(A=ref("A")), "contains itself without end, or far too much"),
    "a schema in itself": (small(A={"allOf": [ref("A")]}), "contains itself without end, or far too much"),
    "schemas that unfold": (
        small(A=ref("B0"), **MANY, B12={"type": "string"}),
        "contains itself without end, or far too much",
    ),
    "a file": (small(A={"$ref": "file:///etc/passwd"}), "another document.*is not read: allow_refs"),
    "a server": (small(A={"$ref": "http://127.0.0.1:9/x.yaml"}), "another document.*is not read: allow_refs"),
    "a wrong schema": (small(A={"type": "integer", "multipleOf": 0}), "multipleOf: 0 is not greater than 0"),
}


@pytest.mark.parametrize(("spec", "message"), REFUSED.values(), ids=REFUSED)
async def test_refused_in_one_line(spec: Any, message: str) -> None:
    """Anything but a specification is refused at once, in one line that names the fault."""
    with pytest.raises(InputError, match=message) as refused:
        await made(spec)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 900


async def test_dict_that_contains_itself() -> None:
    """A dict that contains itself is too deep, not endless."""
    spec = dict(SMALL)
    spec["x-me"] = spec
    with pytest.raises(InputError, match="levels"):
        await made(spec)


async def test_file_that_is_missing_a_directory_or_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that can't be read say why; no more is read of one than is allowed."""
    with pytest.raises(InputError, match="not there"):
        await made(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="a directory"):
        await made(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"title: \xe9\xe8")
    with pytest.raises(InputError, match="UTF-8"):
        await made(tmp_path / "latin.yaml")
    for room in ("reading", "budget"):
        monkeypatch.setattr(f"progressnb.operations.testcases.spec.{room}.MAX_BYTES", 100)
    (tmp_path / "long.yaml").write_text("a: b\n" * 50)
    with pytest.raises(InputError, match="at most 100 bytes"):
        await made(tmp_path / "long.yaml")
    with pytest.raises(InputError, match="at most 100 bytes"):
        await made("a: b\n" * 50)


async def test_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of values is bounded for a dict, too."""
    monkeypatch.setattr(budget, "MAX_VALUES", 10)
    with pytest.raises(InputError, match="at most 10 values"):
        await made(small(A={"type": "string"}))


@pytest.mark.parametrize("document", ["file:///etc/passwd", "ftp://example.com/x", "other.yaml"])
async def test_allowed_but_not_beside_a_file(document: str) -> None:
    """Of a text or dict nobody knows where it lies, and only files and web addresses are read at all."""
    with pytest.raises(InputError, match="no file beside the specification"):
        await made(small(A={"$ref": document}), allow_refs=[document])


async def test_fetched_only_if_allowed_and_not_led_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is asked for only if it is allowed, as it stands, and without redirects."""
    asked: list[str] = []

    def fetched(address: str) -> str:
        asked.append(address)
        return "type: string\n"

    monkeypatch.setattr(references, "fetched", fetched)
    spec = small(A={"$ref": "https://example.com/a.yaml#"})
    with pytest.raises(InputError):
        await made(spec, allow_refs=["https://example.com/b.yaml"])
    assert asked == []
    assert (await made(spec, allow_refs=["https://example.com/a.yaml"])).cases
    assert asked == ["https://example.com/a.yaml"]


@pytest.mark.parametrize("options", [{"endpoints": "/pets"}, {"endpoints": [1]}, {"allow_refs": "x.yaml"}])
async def test_names_are_lists(options: dict[str, Any]) -> None:
    """A string where a list of names belongs is a mistake that is told, not a list of letters."""
    with pytest.raises(InputError, match="as a list of names"):
        await made(PETS, **options)


_PAGE = b"<!DOCTYPE html><html><script src='a.js'></script>%s</html>"
PAGES = {
    "/there.yaml": b"type: string\n",
    "/locked.yaml": b"a login\n",
    "/v1/docs": _PAGE % b"<script>SwaggerUIBundle({ url: '/v1/openapi.json', dom_id: '#a' })</script>",
    "/v1/redoc": _PAGE % b'<redoc spec-url="openapi.json"></redoc>',
    "/v1/openapi.json": json.dumps(SMALL).encode(),
    "/elsewhere": _PAGE % b"<redoc spec-url='https://api.test/openapi.json'></redoc>",
    "/plain": _PAGE % b"<a href='/shop'>no document</a> fetch({url: '/settings'})",
    "/round": _PAGE % b"<redoc spec-url='/swagger.yaml'></redoc>",
    "/swagger.yaml": _PAGE % b"",
}


class _Documents(BaseHTTPRequestHandler):
    """Serve one document, a redirect to it, and one without end."""

    def do_GET(self) -> None:
        """Answer by the path."""
        if self.path == "/moved.yaml":
            self.send_response(302)
            self.send_header("Location", "/there.yaml")
            self.end_headers()
            return
        self.send_response(401 if self.path == "/locked.yaml" else 200)
        self.end_headers()
        with suppress(OSError):  # the reader may have enough
            self.wfile.write(PAGES.get(self.path, b"a: b\n" * 1_000_000))

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve documents and return their address."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Documents) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_document_at_an_address(documents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An allowed document is fetched; a redirect, too many bytes and a server that is not there are clear errors."""
    monkeypatch.setattr(fetching, "MAX_BYTES", 1_000)
    assert fetching.fetched(f"{documents}/there.yaml") == "type: string\n"
    with pytest.raises(InputError, match="status 302"):
        fetching.fetched(f"{documents}/moved.yaml")
    with pytest.raises(InputError, match="at most 1,000 bytes"):
        fetching.fetched(f"{documents}/endless.yaml")
    with pytest.raises(InputError, match="a document that can be fetched"):
        fetching.fetched("http://127.0.0.1:9/none.yaml")


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/docs", "/v1/redoc"])
def test_a_specification_at_an_address(documents: str, path: str) -> None:
    """A caller may give the address of a document, or of a page that shows one of the same host."""
    assert read_source(f"{documents}{path}").data == SMALL


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/moved.yaml", "It says that it is at '/there.yaml'"),
        ("/locked.yaml", "status 401.*It needs a login"),
        ("/elsewhere", "a page of HTML.*which shows 'https://api.test/openapi.json'"),
        ("/plain", "a page of HTML.*often ends in /openapi.json"),
        ("/round", "a page of HTML.*and at .*swagger.yaml"),
    ],
)
def test_an_address_without_a_specification(documents: str, path: str, said: str) -> None:
    """A redirect, a login, a page of another kind and a document of another host are told, and what to do."""
    with pytest.raises(InputError, match=said):
        read_source(f"{documents}{path}")
