"""Discriminators: values name the schema that they have, and a value that names none is an invalid one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from progressnb import generate_tests
from progressnb.agents.offline import OfflineModel

if TYPE_CHECKING:
    from progressnb.operations.testcases.schemas import Case

OK = {"200": {"description": "fine"}}
TEXT = {"type": "string"}


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


async def cases(schema: Any, *, version: str = "3.1.0", **schemas: Any) -> list[Case]:
    """Return the cases of an operation with such a body."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    document = {
        "openapi": version,
        "info": {},
        "paths": {"/a": {"post": {"requestBody": body, "responses": OK}}},
        "components": {"schemas": schemas},
    }
    suite = await generate_tests.using(show=False)(document, model=OfflineModel(pace=0))
    return suite.cases


def kinds(found: list[Case], *, valid: bool) -> set[Any]:
    """Return the values of the property `kind` in valid or invalid bodies."""
    bodies = [case.request.body for case in found if ("200" in case.expected) is valid]
    values = [body.get("kind") for body in bodies if isinstance(body, dict)]
    return {value for value in values if isinstance(value, str)}


CAT: dict[str, Any] = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": TEXT, "lives": {"type": "integer"}},
}
DOG: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": TEXT, "bark": {"type": "boolean"}},
}


@pytest.mark.parametrize("key", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("mapping", "name"),
    [
        ({}, "Cat"),
        ({"cat": "Cat"}, "cat"),
        ({"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}, "cat"),
        ({"dog": "Dog"}, "Cat"),
    ],
)
async def test_schemas_that_are_listed(key: str, mapping: dict[str, str], name: str) -> None:
    """A value says which of the schemas it has, by the mapping or by the schema's own name; another one is refused."""
    schema = {key: [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind", "mapping": mapping}}
    found = await cases(schema, Cat=CAT, Dog=DOG)
    assert found[0].request.body == {"kind": name, "lives": 1}
    assert kinds(found, valid=True) == {name}
    assert "not-one-of-these" in kinds(found, valid=False)


async def test_schemas_that_say_it_themselves() -> None:
    """The values that a schema itself has for the property count, also where a mapping says otherwise."""
    cat = {**CAT, "properties": {**CAT["properties"], "kind": {"enum": ["C"]}}}
    dog = {**DOG, "properties": {"kind": {"const": "D"}}}
    schema = {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind", "mapping": {"d": "Dog"}}}
    found = await cases(schema, Cat=cat, Dog=dog)
    assert kinds(found, valid=True) == {"C"}


BASE: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": TEXT, "name": TEXT},
    "discriminator": {"propertyName": "kind"},
}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
async def test_schemas_with_a_base(version: str) -> None:
    """Where the base is named, a schema that has it is meant; each names itself, and a grandchild does, too."""
    schemas = {
        "Pet": BASE,
        "Cat": {"allOf": [ref("Pet"), {"required": ["lives"], "properties": {"lives": {"type": "integer"}}}]},
        "Lion": {"allOf": [ref("Cat"), {"properties": {"mane": {"type": "boolean"}}}]},
    }
    of_base = await cases(ref("Pet"), version=version, **schemas)
    assert of_base[0].request.body == {"kind": "Cat", "lives": 1}
    assert kinds(of_base, valid=True) == {"Cat"}
    assert "not-one-of-these" in kinds(of_base, valid=False)
    for name in ("Cat", "Lion"):
        found = await cases(ref(name), version=version, **schemas)
        assert kinds(found, valid=True) == {name}
    pets = await cases({"type": "array", "minItems": 1, "items": ref("Pet")}, version=version, **schemas)
    assert pets[0].request.body == [{"kind": "Cat", "lives": 1}]


async def test_a_base_with_a_mapping() -> None:
    """The mapping of a base names its schemas."""
    base = {**BASE, "discriminator": {"propertyName": "kind", "mapping": {"a/cat": "Cat"}}}
    found = await cases(ref("Pet"), Pet=base, Cat={"allOf": [ref("Pet")]})
    assert kinds(found, valid=True) == {"a/cat"}


async def test_discriminators_of_no_use() -> None:
    """A base without others, a mapping to nothing, and one with a default say nothing of the values."""
    for stated in ({"propertyName": "kind"}, {"propertyName": "kind", "mapping": {"x": "Nothing"}}):
        found = await cases(ref("Pet"), Pet={**BASE, "discriminator": stated})
        assert kinds(found, valid=True) == {"x-kind", "full-kind"}
    loose = {"propertyName": "kind", "mapping": {"cat": "Cat"}, "defaultMapping": "Dog"}
    found = await cases({"anyOf": [ref("Cat"), ref("Dog")], "discriminator": loose}, version="3.2.0", Cat=CAT, Dog=DOG)
    assert "cat" not in kinds(found, valid=True)


async def test_answers_are_not_held_to_it() -> None:
    """An answer may have a schema that is not listed: only requests are made by the discriminator."""
    answer = {"200": {"description": "x", "content": {"application/json": {"schema": ref("Pet")}}}}
    document = {
        "openapi": "3.1.0",
        "info": {},
        "paths": {"/a": {"get": {"responses": answer}}},
        "components": {"schemas": {"Pet": BASE, "Cat": {"allOf": [ref("Pet")]}}},
    }
    suite = await generate_tests.using(show=False)(document, model=OfflineModel(pace=0))
    assert "anyOf" not in str(suite.definitions)
