"""Public specifications: each of their operations has cases, and their bodies are what the cases say they are.

The judge is the validator of openapi-schema-validator, held against the schema as the specification states it, so
without our translation. `python -m benchmarks.generate_tests.judge` asks openapi-core about whole requests.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_schema_validator import OAS30WriteValidator, OAS31Validator

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel
from progressnb.operations.testcases.spec.reading import read_source

if TYPE_CHECKING:
    from progressnb.operations.testcases.schemas import Case

DATA = Path(__file__).parents[2] / "data" / "openapi"
SUFFIXES = (".json", ".yaml", ".yml")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BROKEN = ("required", "type", "boundary", "enum", "structure")

# Operations whose bodies nothing can fit: a text that is a number, too.
IMPOSSIBLE = {"PUT /anything/quirks/polymorphism", "PATCH /anything/quirks/polymorphism"}

# Operations that the judge reads otherwise. It knows no discriminator in a base, and none by names of schemas; it heeds
# what stands beside a $ref, which OpenAPI 3.0 ignores.
OTHERWISE = {
    *("PATCH /embedded-discriminator", "PATCH /redocly-flavored-discriminator", "PATCH /mapping-of-schema-names"),
    *("POST /Projects/{projectId}/Tasks", "PUT /Projects/{projectId}/Tasks/{taskId}"),
}

LARGE = 60_000  # bytes of a specification that is judged where time matters less


def documents() -> list[Any]:
    """Return the specifications of OpenAPI 3; the large ones are for `make integration`."""
    found = []
    for path in sorted(DATA.rglob("*")):
        if path.suffix in SUFFIXES and "openapi" in read_source(path).data:
            marks = [pytest.mark.integration] if path.stat().st_size > LARGE else []
            found.append(pytest.param(path, id=f"{path.parent.name}-{path.stem}", marks=marks))
    return found


def test_there_are_twenty() -> None:
    """There are twenty specifications of OpenAPI 3, and each publisher's folder has its licence."""
    public = DATA / "public"
    assert len(documents()) >= 20
    assert all((folder / "LICENSE").is_file() for folder in public.iterdir() if folder.is_dir())
    assert all(folder.name in (DATA / "README.md").read_text() for folder in public.iterdir())


@pytest.mark.parametrize("path", documents())
async def test_cases_are_what_they_say(path: Path) -> None:
    """Each operation has cases; the bodies that are called valid fit the specification's schema, the others don't."""
    document = read_source(path).data
    suite = await generate_tests.using(show=False)(path, model=OfflineModel(pace=0))
    assert suite.without_cases.keys() <= IMPOSSIBLE
    stated = {
        f"{method.upper()} {name}" for name, item in document["paths"].items() for method in METHODS if method in item
    }
    assert {each.name for each in suite.endpoints} == stated
    wrong = [case.name for case in suite.cases if case.endpoint not in OTHERWISE and not is_right(case, document)]
    assert wrong == []


def is_right(case: Case, document: dict[str, Any]) -> bool:
    """Tell whether the body of a case is what the case says; True for a case that is about something else."""
    request = case.request
    if request.body_kind != "json" or request.media_type is None:
        return True
    content = document["paths"][request.path][request.method.lower()]["requestBody"]
    while "$ref" in content:
        content = document["components"]["requestBodies"][content["$ref"].rpartition("/")[2]]
    stated = content["content"].get(request.media_type, {})
    schema = {**stated.get("schema", {}), "components": document.get("components", {})}
    validator: Any = (OAS30WriteValidator if document["openapi"].startswith("3.0") else OAS31Validator)(schema)
    if any(status.startswith("2") for status in case.expected):
        return fits(validator, request.body)
    is_about_it = case.name.startswith(("body at", "body: ")) and case.category in BROKEN
    return not is_about_it or not fits(validator, request.body)


def fits(validator: Any, value: object) -> bool:
    """Tell whether a value fits; the judge fails where the property of a discriminator is no text."""
    try:
        return bool(validator.is_valid(value))
    except TypeError:
        return False
