"""The list of a collection: it has what was made, a limit limits, pages don't repeat, filters filter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.creators import NUMBERS
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.pairs import in_order
from progressnb.operations.testcases.cases.things import MADE, Life
from progressnb.operations.testcases.schemas import Check, Step
from progressnb.operations.testcases.spec.json_schema import types_but_null
from progressnb.operations.testcases.spec.plain import is_list, is_object, pointer_keys, pointer_part, snake
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case
    from progressnb.operations.testcases.spec.endpoints import Endpoint, Parameter
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["THREE", "Lists", "list_cases"]

_LIMITS = re.compile(r"limit|(page_?)?size|per_?page|count|top|take|max_?results|first|page_?limit", re.IGNORECASE)
_OFFSETS = re.compile(r"offset|skip|start", re.IGNORECASE)
_PAGES = re.compile(r"page(_?(number|no|num))?", re.IGNORECASE)
_SORTS = re.compile(r"sort(_?by)?|order_?by|ordering", re.IGNORECASE)
_ORDERS = re.compile(r"order|dir(ection)?|sort_?(order|dir(ection)?)", re.IGNORECASE)
_CURSORS = re.compile(r"cursor|(.*_)?(page_?token|next_?token|continuation(_?token)?)|after", re.IGNORECASE)
_NEXT = re.compile(r"next(_?(cursor|page_?token|token|page))?|cursor|continuation(_?token)?", re.IGNORECASE)
_SEARCHES = re.compile(r"(.*_)?(name|title|text|description|note|subject|author|address)", re.IGNORECASE)
_MOST = 100
_SMALL_DEFAULT = 30
_SORTED = 3
_LENGTHS = ((10, 9), (100, 90), (1000, 900), (10_000, 9000))
THREE = ("number0", "number1", "number2")
"""The variables of three things."""


def list_cases(thing: Thing, endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases of the endpoint that lists things."""
    lists = Lists(thing, endpoint, requests)
    yield from cases_of(
        lists.has,
        lists.lacks,
        lists.elsewhere,
        lists.limited,
        lists.by_default,
        lists.told_back,
        lists.paged,
        lists.followed,
        lists.filtered,
        lists.sorted,
    )


class Lists:
    """Make the cases of one list."""

    def __init__(self, thing: Thing, endpoint: Endpoint, requests: Requests) -> None:
        self.life = Life(thing, requests)
        self.thing = thing
        self.endpoint = endpoint
        self.requests = requests
        query = endpoint.of("query")
        self.limit = next((each for each in query if _LIMITS.fullmatch(each.name)), None)
        self._offset = next((each for each in query if _OFFSETS.fullmatch(each.name)), None)
        self._page = next((each for each in query if _PAGES.fullmatch(each.name)), None)
        self.fields = self._item_fields()

    def _item_fields(self) -> Schema:
        """Return the fields of a listed thing."""
        creators = self.requests.creators
        for schema in creators.answers(self.endpoint):
            for each in map(creators.shape, (schema, *creators.fields(schema).values())):
                if "items" in each:
                    return creators.fields(each["items"])
        return {}

    def listing(self, given: dict[str, Any], *, checks: list[Check], use: dict[str, str] | None = None) -> Step:
        """Return the step that lists, with what is asked for."""
        request = self.requests.valid(self.endpoint, "minimal")
        for parameter in self.endpoint.of("query"):
            if parameter.name in given:
                place(request, parameter, given[parameter.name])
        uses = {each: name for each, name in self.requests.setup(self.thing.creator).use.items() if "path" in each}
        kept = {each: name for each, name in uses.items() if pointer_keys(each)[1] in request.path_values}
        if len(kept) < len(request.path_values):
            raise NoValueError("all that the path names")
        statuses = expected.succeeded(self.endpoint)
        return Step(request=request, expected=statuses, checks=checks, use={**kept, **(use or {})})

    def whole(self) -> tuple[dict[str, Any], int | None]:
        """Return the queries for as much as a list gives at once, and how much that is; None without a limit."""
        if self.limit is None:
            paging = any("cursor" in each.name or "page" in each.name for each in self.endpoint.of("query"))
            return {}, 0 if paging else None
        most = self.requests.creators.shape(self.limit.schema).get("maximum", _MOST)
        value = min(int(most), _MOST) if isinstance(most, int | float) else _MOST
        return ({self.limit.name: value}, value) if self.fits(self.limit, value) else ({}, 0)

    def asking(self, parameter: Parameter, checks: list[Check]) -> Step:
        """Return the step that lists with a query for the value that an earlier step kept as `wanted`."""
        given = {**self.whole()[0], parameter.name: self.requests.value(parameter, "full")}
        return self.listing(given, checks=checks, use={f"/query/{pointer_part(parameter.name)}": "wanted"})

    def has_made(self) -> Check:
        """Return the check that the thing that was made is listed, once."""
        return Check(kind="has", name=self.thing.id_field, variable=MADE, value=self.whole()[1])

    def fits(self, parameter: Parameter, value: Any) -> bool:  # noqa: ANN401
        """Tell whether a value fits a parameter."""
        return self.requests.values.fits(parameter.schema, value)

    def case(self, name: str, steps: list[Step], why: str) -> Iterator[Case]:
        """Yield the case of a list."""
        yield self.life.case("LIST", name, steps, why, "list")

    def _has(self, kind: Any = "has") -> Step:  # noqa: ANN401
        given, most = self.whole()
        # A list that is filtered by itself may not have it.
        filters = [each for each in self.endpoint.of("query") if each.name in self.fields]
        narrow = any(each.required or (is_object(each.schema) and "default" in each.schema) for each in filters)
        check = Check(kind=kind, name=self.thing.id_field, variable=MADE, value=0 if narrow else most)
        return self.listing(given, checks=[check])

    def has(self) -> Iterator[Case]:
        """Look for what was created."""
        yield from self.case("has what was created", [*self.life.create(), self._has()], "What was created is listed.")

    def lacks(self) -> Iterator[Case]:
        """Look for what was deleted."""
        if "DELETE" in self.thing.items:
            steps = [*self.life.create(), self.life.item("DELETE"), self._has("lacks")]
            yield from self.case("has nothing that was deleted", steps, "What was deleted is not listed any more.")

    def elsewhere(self) -> Iterator[Case]:
        """Look for what was created in another one of what it is in."""
        for pointer, parent in self.life.another_parent():
            listing = self._has("lacks")
            listing.use[pointer] = "elsewhere"
            steps = [*self.life.create(), parent, listing]
            yield from self.case("lacks what is in another one", steps, "It was created in this one alone.")

    def limited(self) -> Iterator[Case]:
        """Ask for one thing."""
        if self.limit is not None and self.fits(self.limit, 1):
            steps = self.life.several(MADE, "second")
            steps.append(self.listing({self.limit.name: 1}, checks=[Check(kind="at_most", value=1)]))
            yield from self.case(f"{self.limit.name} limits", steps, "No more is listed than was asked for.")

    def by_default(self) -> Iterator[Case]:
        """Ask for no number of things."""
        default = self.requests.creators.shape(self.limit.schema if self.limit is not None else True).get("default")
        if isinstance(default, int) and 0 < default <= _SMALL_DEFAULT:
            steps = self.life.several(*(f"number{at}" for at in range(default + 1)))
            checks = [Check(kind=kind, value=default) for kind in ("at_most", "at_least")]
            steps.append(self.listing({}, checks=checks))
            yield from self.case("limit by default", steps, "The specification says how much is listed by default.")

    def told_back(self) -> Iterator[Case]:
        """Ask for nothing: what the answer tells of its page are the defaults."""
        creators, checks = self.requests.creators, list[Check]()
        for base, fields in creators.answered(self.endpoint):
            for parameter in self.endpoint.of("query"):
                default = creators.shape(parameter.schema).get("default")
                if parameter.name in fields and isinstance(default, int):
                    pointer = f"{base}/{pointer_part(parameter.name)}"
                    checks.append(Check(kind="equals", pointer=pointer, value=default))
        if checks:
            steps = [*self.life.create(), self.listing({}, checks=checks)]
            yield from self.case("tells its defaults", steps, "They are what was asked for, where nothing was.")

    def paged(self) -> Iterator[Case]:
        """Ask for two pages."""
        parameter = self._offset or self._page
        if self.limit is None or parameter is None or not self.fits(self.limit, 1):
            return
        shape = self.requests.creators.shape(parameter.schema)
        stated = [shape.get(key) for key in ("default", "minimum")]
        first = next((each for each in stated if isinstance(each, int)), 0 if self._offset else 1)
        steps = self.life.several(*THREE)

        def check(value: str) -> list[Check]:
            return [Check(kind="page", name=self.thing.id_field, value=value)]

        steps.append(self.listing(self.whole()[0], checks=check("whole")))
        pages = [{self.limit.name: 1, parameter.name: first + at} for at in range(2)]
        steps += [self.listing(each, checks=check("part")) for each in pages]
        yield from self.case("pages don't repeat", steps, "Each thing is on one page, in the order of the whole list.")

    def followed(self) -> Iterator[Case]:
        """Follow the cursor from page to page."""
        query = self.endpoint.of("query")
        parameter = next((each for each in query if _CURSORS.fullmatch(each.name)), self._page)
        if self.limit is None or not self.fits(self.limit, 1):
            return
        name = parameter.name if parameter is not None else ""
        for base, properties in self.requests.creators.answered(self.endpoint):
            field = next((each for each in properties if _NEXT.fullmatch(snake(each))), None)
            if field is not None and (name or self._is_address(properties[field])):
                yield from self._pages(f"{base}/{pointer_part(field)}", name)
                return
        if "link" in self.requests.promises.answered.get(self.endpoint.name, ()):
            yield from self._pages("/-", name)  # nothing in the body

    def _pages(self, pointer: str, name: str) -> Iterator[Case]:
        if self.limit is not None:
            follow = Check(kind="follow", name=self.thing.id_field, pointer=pointer, value=name)
            steps = [*self.life.several(*THREE), self.listing({self.limit.name: 1}, checks=[follow])]
            yield from self.case("pages by cursor", steps, "Each thing is on one page, and pages have an end.")

    def _is_address(self, schema: AnySchema) -> bool:
        return self.requests.creators.shape(schema).get("format") in ("uri", "uri-reference", "url")

    def filtered(self) -> Iterator[Case]:
        """Ask for the value that one of two things has."""
        base, answered = self.life.answer_of(self.thing.creator)
        for parameter in self.endpoint.of("query"):
            name = next((each for each in (parameter.name, f"{parameter.name}s") if each in self.fields), "")
            if name not in answered or not self.filters(parameter, name):
                continue
            steps = self.life.create()
            steps[-1].save["wanted"] = f"{base}/{pointer_part(name)}" + ("/0" if name != parameter.name else "")
            steps += self.life.create(name="second", changes=1, again=True)
            each = Check(kind="each", name=name, variable="wanted", value=_SEARCHES.fullmatch(name) is None)
            steps.append(self.asking(parameter, [each, self.has_made()]))
            yield from self.case(f"filter by {parameter.name}", steps, "Only what has the value is listed.")

    def filters(self, parameter: Parameter, name: str) -> bool:
        """Tell whether a query asks for the very value that a field has, or an item of it."""
        creators = self.requests.creators
        asked, field = creators.shape(parameter.schema), creators.shape(self.fields[name])
        if name != parameter.name:
            field = creators.shape(field.get("items", True))
        kinds = [types_but_null(shape) for shape in (asked, field)]
        same = kinds[0] == kinds[1] and kinds[0] in (["string"], ["integer"], ["boolean"])
        lists = (asked.get("enum"), field.get("enum"))
        return same and (
            not is_list(lists[0]) or (is_list(lists[1]) and set(map(str, lists[1])) <= set(map(str, lists[0])))
        )

    def _in_digits(self, step: Step) -> Step:
        """Return a creation with numbers of other lengths for the first two things: as a text, 10 is less than 9."""
        stated, body = self.thing.creator.json_body, step.request.body
        at = next((at for at, name in enumerate(THREE[:2]) if name in step.save), None)
        if stated is None or at is None or not is_object(body):
            return step
        for name, schema in self.life.properties(stated.schema).items():
            pairs = [pair for pair in _LENGTHS if all(self.requests.values.fits(schema, each) for each in pair)]
            if name in body and pairs and self.requests.creators.types(schema) in NUMBERS:
                body = {**body, name: pairs[0][at]}
        return self.life.with_body(step, in_order(body, lambda each: self.requests.values.fits(stated.schema, each)))

    def sorted(self) -> Iterator[Case]:
        """Ask for each order that is listed."""
        query = self.endpoint.of("query")
        parameter = next((each for each in query if _SORTS.fullmatch(each.name)), None)
        if parameter is None:
            return
        direction = next((each for each in query if _ORDERS.fullmatch(each.name) and each is not parameter), None)
        ways: list[tuple[dict[str, Any], str, str]] = []
        for word in self.requests.creators.listed(parameter.schema):
            name = re.sub(r"^[-+]|[:_.](asc|desc)$", "", str(word))
            down = str(word).startswith("-") or str(word).endswith("desc")
            # "balance" may be a field with its unit: `balance_cents`.
            name = next((each for each in self.fields if each == name or snake(each).startswith(f"{name}_")), name)
            if name in self.fields and direction is None:
                stated = down or str(word)[:1] == "+" or str(word).endswith("asc")
                ways.append(({parameter.name: word}, name, "down" if down else "up" if stated else ""))
            elif name in self.fields and direction is not None:
                ways += [
                    ({parameter.name: word, direction.name: end}, name, to)
                    for end, to in (("asc", "up"), ("desc", "down"))
                    if self.fits(direction, end)
                ]
        for given, name, to in ways[:_SORTED]:
            # Neither the order of creation nor its reverse is sorted by chance.
            steps = [self._in_digits(step) for step in self.life.several(*THREE, changes=(1, 0, 2))]
            steps.append(self.listing({**self.whole()[0], **given}, checks=[Check(kind="sorted", name=name, value=to)]))
            words = " ".join(map(str, given.values()))
            yield from self.case(f"sorted by {words}", steps, "The list is in the order that was asked for.")
