"""Bounds that words tell: "up to 2000 g" holds for 2000 as for 1999, so what is computed of both is the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.creators import NUMBERS
from progressnb.operations.testcases.cases.told import sentences
from progressnb.operations.testcases.schemas import Case, Check, Step
from progressnb.operations.testcases.spec.plain import is_object, snake
from progressnb.operations.testcases.values.serialization import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.schemas import Request
    from progressnb.operations.testcases.spec.endpoints import Endpoint

__all__ = ["Bound", "bound_cases", "told_bounds"]

_BELOW = r"up to|at most|not more than|no more than|over|above|more than|beyond"
_FROM = r"from|at least|not less than|no less than|under|below|less than|fewer than"
_BOUND = re.compile(
    rf"\b(?:(?P<below>{_BELOW})|(?P<from>{_FROM}))\s+(?P<number>\d{{1,9}})\s*(?P<unit>[A-Za-z]+)|"
    r"\b(?P<least>\d{1,9})\s*(?P<units>[A-Za-z]+) or (?P<more>more|longer|over|above|less|fewer|shorter)\b",
    re.IGNORECASE,
)
_MOST = 4
"""Bounds of one endpoint."""


@dataclass(frozen=True)
class Bound:
    """A number in words: it and its neighbour are on the same side of it.

    Attributes:
        number: The number.
        neighbour: One less, or one more.
        unit: The word after it, in the singular.
        words: The words of its sentence.

    """

    number: int
    neighbour: int
    unit: str
    words: frozenset[str]


def told_bounds(text: str) -> Iterator[Bound]:
    """Yield the bounds in a text. "Up to 5", "above 5" and "5 or less" end with 5, "from 5" and "below 5" begin so."""
    for sentence in sentences(text):
        words = frozenset(re.findall(r"[a-z]+", sentence.casefold()))
        for found in _BOUND.finditer(sentence):
            number = int(found["number"] or found["least"])
            down = bool(found["below"]) or (found["more"] or "").casefold() in ("less", "fewer", "shorter")
            unit = (found["unit"] or found["units"]).casefold()
            yield Bound(number, number + (-1 if down else 1), unit.removesuffix("s") or unit, words)


def bound_cases(endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases of an endpoint that computes numbers from a number of its query or body."""
    promises, creators = requests.promises, requests.creators
    if endpoint.method not in ("GET", "POST"):
        return
    made = 0
    for bound in told_bounds(f"{promises.described.get(endpoint.name, '')}\n\n{promises.general}"):
        for name, low, high in _requests(endpoint, requests, bound):
            for base, fields in creators.answered(endpoint):
                computed = [
                    each
                    for each, schema in fields.items()
                    if each != name and creators.types(schema) in NUMBERS and _parts(each) & bound.words
                ]
                if computed and made < _MOST:
                    made += 1
                    check = Check(kind="agrees", pointer=base, fields=computed, variable="answered")
                    title = f"{computed[0]} at the bound of {bound.number} {bound.unit}"
                    yield _case(endpoint, requests, title, (low, high), check)


def _requests(endpoint: Endpoint, requests: Requests, bound: Bound) -> Iterator[tuple[str, Request, Request]]:
    """Yield the queries, and the fields of a body, that a bound is about, each with requests of both numbers."""
    usual, both = requests.valid(endpoint, "minimal"), (bound.number, bound.neighbour)
    for parameter in endpoint.of("query"):
        if bound.unit in _parts(parameter.name) and all(requests.values.fits(parameter.schema, each) for each in both):
            made = [usual.model_copy(deep=True) for _ in both]
            for request, value in zip(made, both, strict=True):
                place(request, parameter, value)
            yield parameter.name, made[0], made[1]
    stated, body = endpoint.json_body, usual.body
    if stated is None or not is_object(body):
        return
    for name in requests.creators.fields(stated.schema):
        bodies = [{**body, name: each} for each in both] if bound.unit in _parts(name) else []
        if bodies and all(requests.values.fits(stated.schema, each) for each in bodies):
            first, second = (usual.model_copy(update={"body": each}) for each in bodies)
            yield name, first, second


def _case(endpoint: Endpoint, requests: Requests, title: str, both: tuple[Request, Request], check: Check) -> Case:
    fine, use = expected.succeeded(endpoint), [requests.uses(endpoint, each) for each in both]
    first = Step(request=both[0], expected=fine, use=use[0], save={"answered": check.pointer})
    last = Step(request=both[1], expected=fine, use=use[1], checks=[check])
    steps = [*requests.setup(endpoint).steps, first, last]
    why = "Words tell where another value begins, and both numbers are on the same side."
    return Case(name=title, category="values", endpoint=endpoint.name, steps=steps, why=why)


def _parts(name: str) -> set[str]:
    """Return the words of a name, in the singular as well."""
    words = set(snake(name).casefold().split("_"))
    return words | {each.removesuffix("s") for each in words}
