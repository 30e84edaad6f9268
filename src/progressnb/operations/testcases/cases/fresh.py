"""The values that a server may want to be unique, so that they are new in each run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases.requests import path_pointer
from progressnb.operations.testcases.schemas import Fresh
from progressnb.operations.testcases.spec.json_schema import TOLD, types_but_null
from progressnb.operations.testcases.spec.plain import at_pointer, is_object, list_at, object_at, pointer_part, snake
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Case, Step
    from progressnb.operations.testcases.spec.endpoints import Api, Body, Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["IDEMPOTENCY", "Freshness"]

_NAMES = re.compile(
    r"(^|_)(name|title|email|mail|user|username|login|slug|handle|sku|isbn|serial|vin|uuid|guid|reference|number|label|"
    r"subject|phone|id)$"
)
_OTHERS = re.compile(r".+_(id|key|uuid)$|^(password|currency|country|language|locale|timezone)$|.*(_code|_type)$")
_NUMBERS = re.compile(r"(^|_)(id|number|serial)$")
_KINDS: dict[str, Any] = {"email": "email", "uuid": "uuid", "uri": "uri", "url": "uri", "hostname": "host"}
_UNIQUE = re.compile(r"\bunique\b|\bno (?:two|other)\b|\bin use\b|\balready taken\b|\bused twice\b", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
IDEMPOTENCY = re.compile(r"(x-)?idempotency-key", re.IGNORECASE)
_DEEPEST = 3
_WRITES = ("POST", "PUT", "PATCH")


class Freshness:
    """Say which values of the cases are to be new."""

    def __init__(self, api: Api, requests: Requests) -> None:
        self._api = api
        self._creators = requests.creators
        self._values = requests.values
        self._fields: dict[tuple[str, str], dict[str, tuple[Fresh, bool, bool]]] = {}

    def add_to(self, case: Case) -> None:
        """Mark the values of the steps of a case that create or change things."""
        for step in case.steps:
            creates = step.same is not None or any(each[:1] in "23" for each in step.expected)
            endpoint = self._api.known.get(step.request.endpoint)
            if creates and endpoint is not None and step.request.method in _WRITES and step.request.body_kind:
                exact = case.category in ("boundary", "robust") and step is case.steps[-1]
                chosen = case.source == "model"
                step.fresh = dict(self._of(step, endpoint, exact=exact, chosen=chosen))
            if step.request.method in _WRITES:
                step.fresh |= self._keys(step)
            if creates and endpoint is not None:
                step.fresh |= self._named(step, endpoint, case)

    def _named(self, step: Step, endpoint: Endpoint, case: Case) -> dict[str, Fresh]:
        """Return the part of a path that names what a step creates, but for one that the case itself is about."""
        named = self._creators.named_by(endpoint)
        if named is None or (step is case.steps[-1] and case.name.startswith(f"path parameter {named.name}")):
            return {}
        form, pointer = _form(named.name, self._creators.shape(named.schema)), path_pointer(named.name)
        return {pointer: form} if form is not None and pointer not in step.use else {}

    def _keys(self, step: Step) -> dict[str, Fresh]:
        """Return the headers that name one request: with the same key another would be taken for that one."""
        keys = {name: value for name, value in step.request.headers.items() if IDEMPOTENCY.fullmatch(name)}
        return {
            f"/headers/{pointer_part(name)}": Fresh(kind="uuid" if _UUID.fullmatch(value) else "text", longest=64)
            for name, value in keys.items()
        }

    def _of(self, step: Step, endpoint: Endpoint, *, exact: bool, chosen: bool) -> Iterator[tuple[str, Fresh]]:
        """Yield the fields that are new. Of values that were chosen, such as a price, those that name a thing."""
        body = next((each for each in endpoint.bodies if each.kind == step.request.body_kind), None)
        if body is None or not is_object(step.request.body):
            return
        used = set(step.use)
        for pointer, (form, needs_example, unique) in self._known(endpoint, body).items():
            value = at_pointer(step.request.body, pointer)
            place = f"/body{pointer}"
            named = unique or self._names_one(pointer)
            if place in used or ((needs_example or chosen) and not named) or isinstance(value, bool):
                continue
            if form.kind == "integer" and isinstance(value, int):
                yield place, form
            elif form.kind != "integer" and isinstance(value, str) and value:
                if form.kind == "like" and not re.search(form.pattern, value):
                    continue
                yield place, form.model_copy(update={"longest": len(value)}) if exact else form

    def _names_one(self, pointer: str) -> bool:
        return bool(_NAMES.search(_words(pointer.rpartition("/")[2])))

    def _known(self, endpoint: Endpoint, body: Body) -> dict[str, tuple[Fresh, bool, bool]]:
        key = endpoint.name, body.media_type
        if key not in self._fields:
            self._fields[key] = dict(self._fields_of(body.schema, "", 0, given=body.example is not None))
        return self._fields[key]

    def _fields_of(
        self, schema: AnySchema, where: str, depth: int, *, given: bool
    ) -> Iterator[tuple[str, tuple[Fresh, bool, bool]]]:
        for shape in self._shapes(schema):
            for name, each in object_at(shape, "properties").items():
                pointer = f"{where}/{pointer_part(name)}"
                for inner in self._shapes(each):
                    form = _form(name, inner)
                    if form is not None:
                        stated = given or any(key in inner for key in ("example", "examples", "default"))
                        unique = any(_UNIQUE.search(str(one.get(TOLD, ""))) for one in (each, inner) if is_object(one))
                        yield pointer, (form, stated, unique)
                if depth < _DEEPEST:
                    yield from self._fields_of(each, pointer, depth + 1, given=given)

    def _shapes(self, schema: AnySchema) -> Iterator[Schema]:
        try:
            shape = self._values.shape(schema)
            if is_object(shape):
                yield shape
                for branch in (*list_at(shape, "oneOf"), *list_at(shape, "anyOf")):
                    inner = self._values.shape(branch)
                    if is_object(inner):
                        yield inner
        except (NoValueError, RecursionError, KeyError):
            return


def _form(name: str, shape: Schema) -> Fresh | None:
    """Return the way to make a field new, or None for one that is better left as it is."""
    words = _words(name)
    kinds = types_but_null(shape)
    if "enum" in shape or "const" in shape or shape.get("readOnly") is True or _OTHERS.fullmatch(words):
        return None
    if kinds == ["integer"] and _NUMBERS.search(words):
        least, most = _whole(shape.get("minimum"), 1), _whole(shape.get("maximum"), 2**31 - 1)
        return Fresh(kind="integer", least=least, most=most) if most - least > 1_000_000 else None  # noqa: PLR2004
    if kinds != ["string"]:
        return None
    longest = shape.get("maxLength") if isinstance(shape.get("maxLength"), int) else None
    pattern, form = shape.get("pattern"), shape.get("format")
    if isinstance(pattern, str):
        return Fresh(kind="like", pattern=pattern, longest=longest) if form is None else None
    if form in _KINDS:
        return Fresh(kind=_KINDS[form], longest=longest)
    return Fresh(kind="text", longest=longest) if form is None else None


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _words(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", snake(name).casefold()).strip("_")
