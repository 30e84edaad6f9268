"""Odd values that no schema forbids, and bodies of odd JSON: a server takes them or refuses them, and never fails."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.creators import NUMBERS
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.requests import path_pointer
from progressnb.operations.testcases.schemas import Case, Step
from progressnb.operations.testcases.spec.json_schema import types_but_null
from progressnb.operations.testcases.spec.plain import is_object, snake
from progressnb.operations.testcases.values.serialization import is_sendable, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Request
    from progressnb.operations.testcases.spec.endpoints import Endpoint
    from progressnb.operations.testcases.spec.json_schema import AnySchema

__all__ = ["in_other_letters", "robust_cases"]

_LETTERS = "Zoë Łukasz 東京 🎉"
_TEXTS = {
    "other letters than ASCII's": _LETTERS,
    "an empty text": "",
    "a long text": "long text " * 1_000,
    "a NUL character": "a\0b",
    "quotes and signs": "O'Brien \"& <b>\\ %s {0} $x; --",
}
_NUMBERS = {"zero": 0, "a negative number": -1, "a huge number": 2**63, "a number of 31 digits": 10**30}
_DONE_ONCE = re.compile(
    r"pay(ment)?|charge|capture|refund|ship|deliver|check_?(in|out)|return|redeem|accept|approve|reject|confirm|complete|"
    r"finish|submit|publish|void|settle|activate|archive|close"
)
"""Words for acts that are done to a thing once: then it is in another state."""

_DEEP = 500
"""Levels of a deep body."""

_MOST_FIELDS = 8
_WORDS = re.compile(
    r"(.*_)?(name|title|text|description|note|notes|comment|comments|message|subject|content|body|summary|author|label)"
)
_MAIL = re.compile(r"e?_?mail$", re.IGNORECASE)
_PLUS = "first.last+tag@example.com"
_SOME = ["2XX", "3XX", "4XX"]
_TAKES_OR_REFUSES = "No schema forbids it. The server takes it or refuses it, and does not fail."


def robust_cases(endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases of one endpoint."""
    robust = _Robust(endpoint, requests)
    yield from cases_of(robust.parameters, robust.fields, robust.bodies, robust.again)


def in_other_letters(body: Any, endpoint: Endpoint, requests: Requests) -> dict[str, Any] | None:  # noqa: ANN401
    """Return a body whose texts for people have other letters than ASCII's, or None where there are no such texts."""
    stated = endpoint.json_body
    if stated is None or not is_object(body):
        return None
    changed = body
    for name, schema in requests.creators.fields(stated.schema).items():
        if name in body and requests.creators.is_text(schema) and _WORDS.fullmatch(snake(name).casefold()):
            with_letters = {**changed, name: _LETTERS}
            changed = with_letters if requests.values.fits(stated.schema, with_letters) else changed
    return None if changed is body else changed


class _Robust:
    """Make the cases of one endpoint."""

    def __init__(self, endpoint: Endpoint, requests: Requests) -> None:
        self._endpoint = endpoint
        self._requests = requests
        self._setup = requests.setup(endpoint)

    def _case(self, request: Request, name: str, statuses: list[str], why: str, *, own: str = "") -> Case:
        use = self._requests.uses(self._endpoint, request)
        use.pop(own, None)
        step = Step(request=request, expected=statuses, use=use, record="new")
        steps = [*self._setup.steps, step]
        return Case(name=name, category="robust", endpoint=self._endpoint.name, steps=steps, why=why)

    def parameters(self) -> Iterator[Case]:
        usual = self._requests.valid(self._endpoint, "minimal")
        for parameter in self._endpoint.parameters[:_MOST_FIELDS]:
            if parameter.location in ("path", "query"):
                for what, value in self._odd(parameter.schema):
                    request = usual.model_copy(deep=True)
                    place(request, parameter, value)
                    if (value != "" or parameter.location == "query") and is_sendable(request):
                        own = path_pointer(parameter.name) if parameter.location == "path" else ""
                        name = f"{parameter.location} parameter {parameter.name}: {what}"
                        yield self._case(request, name, _SOME, _TAKES_OR_REFUSES, own=own)

    def _odd(self, schema: AnySchema) -> Iterator[tuple[str, Any]]:
        """Yield odd values that a schema allows."""
        shape = self._requests.creators.shape(schema)
        kinds = types_but_null(shape) if not {"enum", "const"} & shape.keys() else []
        odd: dict[str, Any] = {}
        if kinds == ["string"] and shape.get("format") is None:
            odd = _TEXTS
        elif kinds in NUMBERS:
            small = shape.get("format") in ("int32", "int64")
            odd = {name: each for name, each in _NUMBERS.items() if not (small and each > 1)}
        for what, value in odd.items():
            if self._requests.values.fits(schema, value):
                yield what, value

    def fields(self) -> Iterator[Case]:
        """Change one field of the body. Other letters in what people read, and a plus in an address, must be taken."""
        body = self._endpoint.json_body
        usual = self._requests.valid(self._endpoint, "full")
        if body is None or not is_object(usual.body):
            return
        properties = self._requests.creators.fields(body.schema)
        fine = expected.succeeded(self._endpoint, known=self._setup.complete)
        for name in [each for each in properties if each in usual.body][:_MOST_FIELDS]:
            for what, value in (*self._odd(properties[name]), *self._plus(name, properties[name])):
                changed = {**usual.body, name: value}
                if not self._requests.values.fits(body.schema, changed):
                    continue
                request = usual.model_copy(update={"body": changed})
                is_taken = value == _PLUS or (value == _LETTERS and _WORDS.fullmatch(snake(name).casefold()))
                why = "The schema allows it." if is_taken else _TAKES_OR_REFUSES
                yield self._case(request, f"body at /{name}: {what}", fine if is_taken else _SOME, why)

    def _plus(self, name: str, schema: AnySchema) -> Iterator[tuple[str, str]]:
        shape = self._requests.creators.shape(schema)
        is_address = shape.get("format") == "email" or (_MAIL.search(name) and "pattern" in shape)
        if is_address and self._requests.values.fits(schema, _PLUS):
            yield "an address with a plus sign", _PLUS

    def bodies(self) -> Iterator[Case]:
        """Write the body as JSON that is odd in itself."""
        usual = self._requests.valid(self._endpoint, "full")
        if usual.body_kind != "json" or not is_object(usual.body) or not usual.body:
            return
        name = next((key for key, each in usual.body.items() if isinstance(each, str)), next(iter(usual.body)))
        written, key = json.dumps(usual.body), json.dumps(name)
        deep = json.dumps({**usual.body, name: 0})[:-1] + f", {key}: {'[' * _DEEP}{']' * _DEEP}}}"
        twice = f"{written[:-1]}, {key}: {json.dumps(usual.body[name])}}}"
        wrong = base64.b64encode(written[:-1].encode() + f', {key}: "'.encode() + b'\xff\xfe"}').decode()
        for what, kind, text in (
            ("deep JSON", "text", deep),
            ("a key twice", "text", twice),
            ("no UTF-8", "bytes", wrong),
        ):
            request = usual.model_copy(update={"body": text, "body_kind": kind})
            why = "The server takes it or refuses it, and does not fail."
            yield self._case(request, f"body: {what}", _SOME, why)
        if "415" in self._endpoint.responses and all("text" not in each.media_type for each in self._endpoint.bodies):
            request = usual.model_copy(update={"body": written, "body_kind": "text", "media_type": "text/plain"})
            why = "415 is documented, and text/plain is not."
            yield self._case(request, "body: JSON as text/plain", expected.unsupported(self._endpoint), why)

    def again(self) -> Iterator[Case]:
        """Do twice what is documented as done once, or is by its name, such as a payment."""
        name, word = self._endpoint.name, snake(self._endpoint.path.rpartition("/")[2]).casefold().replace("-", "_")
        promises = self._requests.promises
        once = name in promises.unique or (name in promises.by_state and _DONE_ONCE.fullmatch(word))
        if self._endpoint.method == "POST" and "{" in self._endpoint.path and once:
            usual = self._requests.valid(self._endpoint, "minimal")
            case = self._case(usual, "twice", ["409"], "409 is documented for what is done already.")
            *setup, again = case.steps
            first = again.model_copy(update={"expected": expected.succeeded(self._endpoint)})
            case.steps = [*setup, first, again.model_copy(update={"same": 1})]
            yield case
