"""Other documents: which of them may be read, by name, by folder, by host, and by the start of an address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.errors import InputError
from progressnb.operations.testcases.spec import references
from progressnb.operations.testcases.spec.allowed import Allowed, joined
from progressnb.operations.testcases.spec.flaws import FlawError
from progressnb.operations.testcases.spec.reading import Source
from progressnb.operations.testcases.spec.references import Documents

if TYPE_CHECKING:
    from pathlib import Path

    from progressnb.operations.testcases import ApiTestSuite


def spec(**references_by_path: str) -> dict[str, Any]:
    """Return a specification with an operation for each reference to a schema."""
    paths = {
        f"/{name}": {
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": reference}}}},
                "responses": {"200": {"description": "fine"}},
            }
        }
        for name, reference in references_by_path.items()
    }
    return {"openapi": "3.1.0", "info": {}, "paths": paths}


async def made(given: Any, *allowed: str) -> ApiTestSuite:
    """Make the suite of a specification by rules."""
    return await generate_tests.using(show=False)(given, model=OfflineModel(pace=0), allow_refs=allowed)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a specification with schemas in folders, one of which leads out of its folder."""
    (tmp_path / "api" / "schemas" / "deep").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("type: string\nmaxLength: 3\n")
    schemas = tmp_path / "api" / "schemas"
    (schemas / "pet.yaml").write_text("type: object\nrequired: [n]\nproperties: {n: {$ref: deep/name.yaml#/Name}}\n")
    (schemas / "deep" / "name.yaml").write_text("Name: {$ref: '#/Text'}\nText: {type: string, maxLength: 7}\n")
    (schemas / "up.yaml").write_text("$ref: ../../secret.yaml\n")
    (schemas / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    given = spec(pet="./schemas/pet.yaml", up="schemas/up.yaml", link="schemas/link.yaml")
    (tmp_path / "api" / "openapi.json").write_text(json.dumps(given))
    return tmp_path / "api"


@pytest.mark.parametrize("entry", ["schemas/", "schemas", "./schemas", "."])
async def test_a_folder_and_all_below_it(folder: Path, entry: str) -> None:
    """References are relative to the document that they stand in, and lead nowhere outside of the folder."""
    suite = await made(folder / "openapi.json", entry)
    assert {case.endpoint for case in suite.cases} == {"POST /pet"}
    assert any("more than 7" in case.name for case in suite.cases)
    up = suite.without_cases["POST /up"]
    assert up.startswith("schemas/up.yaml: $ref: another document, '../secret.yaml', which is not read: allow_refs=[")
    assert "another document" in suite.without_cases["POST /link"]


async def test_names_and_absolute_folders(folder: Path) -> None:
    """A document is allowed by its name as it is written, or as it is found; a folder may be absolute."""
    for allowed in (
        ["./schemas/pet.yaml", "schemas/deep/name.yaml"],
        [str(folder / "schemas")],
        ["schemas/pet.yaml", "schemas/deep/"],
    ):
        suite = await made(folder / "openapi.json", *allowed)
        assert "POST /pet" not in suite.without_cases
    everything = await made(folder / "openapi.json", "schemas", "../secret.yaml", "schemas/link.yaml")
    assert everything.without_cases == {}


async def test_a_document_that_is_missing_or_broken(folder: Path) -> None:
    """It costs the operations that need it, and the reason says what is wrong with it."""
    (folder / "broken.yaml").write_text("a: [b")
    given = spec(none="no.yaml", broken="broken.yaml", part="schemas/deep/name.yaml#/No", fine="schemas/pet.yaml")
    (folder / "other.json").write_text(json.dumps(given))
    suite = await made(folder / "other.json", ".")
    assert {case.endpoint for case in suite.cases} == {"POST /fine"}
    assert "'no.yaml' can't be read: no.yaml, which is not there" in suite.without_cases["POST /none"]
    assert "'broken.yaml' can't be read" in suite.without_cases["POST /broken"]
    assert "'schemas/deep/name.yaml#/No' points to nothing" in suite.without_cases["POST /part"]


async def test_documents_are_bounded_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All documents together have the room of one."""
    monkeypatch.setattr("progressnb.operations.testcases.spec.budget.MAX_VALUES", 40)
    for at in range(3):
        (folder / f"{at}.yaml").write_text("a: [1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n")
    source = Source("it", spec(**{f"p{at}": f"{at}.yaml" for at in range(3)}), folder)
    documents = Documents(source, ["."])
    read = [documents.resolved({"$ref": f"{at}.yaml#/a"}) for at in range(2)]
    assert len(read) == 2
    with pytest.raises(FlawError, match="more, with aliases written out"):
        documents.resolved({"$ref": "2.yaml#/a"})


@pytest.mark.parametrize(
    ("entry", "address", "taken"),
    [
        ("https://example.com", "https://example.com/a/b.yaml", True),
        ("https://example.com/", "https://example.com:443/a.yaml", True),
        ("example.com", "https://example.com/a.yaml", True),
        ("example.com", "http://example.com/a.yaml", True),
        ("https://example.com/api/", "https://example.com/api/a.yaml", True),
        ("https://example.com/a.yaml", "https://example.com/a.yaml", True),
        ("https://example.com/a.yaml", "https://example.com/a.yaml/b", False),
        ("https://example.com/api", "https://example.com/apis/a.yaml", False),
        ("https://example.com/api/", "https://example.com/api/../b.yaml", False),
        ("https://example.com/api/", "https://example.com/api/%2e%2e/b.yaml", False),
        ("https://example.com/api/", "https://example.com/api/..%5Cb.yaml", False),
        ("https://example.com", "http://example.com/a.yaml", False),
        ("https://example.com", "https://example.com:8443/a.yaml", False),
        ("https://example.com", "https://example.com.evil.org/a.yaml", False),
        ("https://example.com", "https://example.com@evil.org/a.yaml", False),
        ("https://example.com", "https://user@example.com/a.yaml", False),
        ("example.com", "https://sub.example.com/a.yaml", False),
        ("https://example.com", "https://[/a.yaml", False),
        (".", "https://example.com/a.yaml", False),
        (".", "file:///etc/passwd", False),
        ("/", "a\0b", False),
    ],
)
def test_hosts(entry: str, address: str, taken: bool, tmp_path: Path) -> None:
    """A host stands for its own documents alone, and an address that ends in a slash for those below it."""
    assert Allowed([entry], tmp_path).takes(address, address) is taken


def test_names_are_joined() -> None:
    """A name is relative to the document that it stands in."""
    assert joined("", "./a/../b.yaml") == "b.yaml"
    assert joined("a/b.yaml", "c.yaml") == "a/c.yaml"
    assert joined("a/b.yaml", "../c%20d.yaml") == "c d.yaml"
    assert joined("https://example.com/a/b.yaml", "../c.yaml") == "https://example.com/c.yaml"
    assert joined("a.yaml", "https://example.com/b.yaml") == "https://example.com/b.yaml"
    assert joined("a.yaml", "file:///etc/passwd") == "file:///etc/passwd"


async def test_relative_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetched document refers to its neighbours; each address is fetched once."""
    asked: list[str] = []

    def fetched(address: str) -> str:
        asked.append(address)
        return "{$ref: b.yaml#/B}" if address.endswith("a.yaml") else "B: {type: string, maxLength: 7}"

    monkeypatch.setattr(references, "fetched", fetched)
    suite = await made(spec(a="https://example.com/x/a.yaml", b="https://example.com/x/b.yaml#/B"), "example.com")
    assert suite.without_cases == {}
    assert sorted(asked) == ["https://example.com/x/a.yaml", "https://example.com/x/b.yaml"]
    with pytest.raises(InputError, match="is not read"):
        await made(spec(a="https://example.com/x/a.yaml"), "https://example.com/y/")
