"""The list of a collection: it has what was made, a limit limits, pages don't repeat, filters filter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.things import MADE, Life
from progressnb.operations.testcases.schemas import Check, Step
from progressnb.operations.testcases.spec.json_schema import types_but_null
from progressnb.operations.testcases.spec.plain import is_list, is_object, pointer_keys, pointer_part
from progressnb.operations.testcases.values.scalars import NoValueError
from progressnb.operations.testcases.values.serialization import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case
    from progressnb.operations.testcases.spec.endpoints import Endpoint, Parameter
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["list_cases"]

_LIMITS = re.compile(r"limit|(page_?)?size|per_?page|count|top|take|max_?results|first|page_?limit", re.IGNORECASE)
_OFFSETS = re.compile(r"offset|skip|start", re.IGNORECASE)
_PAGES = re.compile(r"page(_?(number|no|num))?", re.IGNORECASE)
_SORTS = re.compile(r"sort(_?by)?|order_?by|ordering", re.IGNORECASE)
_ORDERS = re.compile(r"order|dir(ection)?|sort_?(order|dir(ection)?)", re.IGNORECASE)
_CURSORS = re.compile(r"cursor|(.*_)?(page_?token|next_?token|continuation(_?token)?)|after", re.IGNORECASE)
_NEXT = re.compile(r"next(_?(cursor|page_?token|token|page))?|cursor|continuation(_?token)?", re.IGNORECASE)
_SEARCHES = re.compile(r"(.*_)?(name|title|text|description|note|subject|author|address)", re.IGNORECASE)
_MOST = 100
_SMALL_DEFAULT = 10
_SORTED = 3


def list_cases(thing: Thing, endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases of the endpoint that lists things."""
    lists = _Lists(thing, endpoint, requests)
    for cases in (
        lists.has,
        lists.lacks,
        lists.limited,
        lists.by_default,
        lists.paged,
        lists.followed,
        lists.filtered,
        lists.sorted,
    ):
        try:
            yield from cases()
        except NoValueError:
            continue


class _Lists:
    """Make the cases of one list."""

    def __init__(self, thing: Thing, endpoint: Endpoint, requests: Requests) -> None:
        self._life = Life(thing, requests)
        self._thing = thing
        self._endpoint = endpoint
        self._requests = requests
        query = endpoint.of("query")
        self._limit = next((each for each in query if _LIMITS.fullmatch(each.name)), None)
        self._offset = next((each for each in query if _OFFSETS.fullmatch(each.name)), None)
        self._page = next((each for each in query if _PAGES.fullmatch(each.name)), None)
        self._fields = self._item_fields()

    def _item_fields(self) -> Schema:
        """Return the fields of a listed thing."""
        creators = self._requests.creators
        for schema in creators.answers(self._endpoint):
            shape = creators.object_of(schema)
            inner = [shape, *map(creators.object_of, creators.properties(shape).values())]
            for each in inner:
                if is_object(each) and "items" in each:
                    return creators.properties(creators.object_of(each["items"]))
        return {}

    def _listed(self, given: dict[str, Any], *, checks: list[Check], use: dict[str, str] | None = None) -> Step:
        request = self._requests.valid(self._endpoint, "minimal")
        for parameter in self._endpoint.of("query"):
            if parameter.name in given:
                place(request, parameter, given[parameter.name])
        uses = {each: name for each, name in self._requests.setup(self._thing.creator).use.items() if "path" in each}
        kept = {each: name for each, name in uses.items() if pointer_keys(each)[1] in request.path_values}
        if len(kept) < len(request.path_values):
            raise NoValueError("all that the path names")
        statuses = expected.succeeded(self._endpoint)
        return Step(request=request, expected=statuses, checks=checks, use={**kept, **(use or {})})

    def _all(self) -> tuple[dict[str, Any], int | None]:
        """Return the queries for as much as a list gives at once, and how much that is; None without a limit."""
        if self._limit is None:
            paging = any("cursor" in each.name or "page" in each.name for each in self._endpoint.of("query"))
            return {}, 0 if paging else None
        shape = self._requests.creators.object_of(self._limit.schema)
        most = shape.get("maximum", _MOST) if is_object(shape) else _MOST
        value = min(int(most), _MOST) if isinstance(most, int | float) else _MOST
        return ({self._limit.name: value}, value) if self._fits(self._limit, value) else ({}, 0)

    def _fits(self, parameter: Parameter, value: Any) -> bool:  # noqa: ANN401
        return self._requests.values.fits(parameter.schema, value)

    def _case(self, name: str, steps: list[Step], why: str) -> Iterator[Case]:
        yield self._life.case("LIST", name, steps, why, "list")

    def _has(self, kind: Any = "has") -> Step:  # noqa: ANN401
        given, most = self._all()
        # A list that is filtered by itself may not have it.
        filters = [each for each in self._endpoint.of("query") if each.name in self._fields]
        narrow = any(each.required or (is_object(each.schema) and "default" in each.schema) for each in filters)
        check = Check(kind=kind, name=self._thing.id_field, variable=MADE, value=0 if narrow else most)
        return self._listed(given, checks=[check])

    def has(self) -> Iterator[Case]:
        yield from self._case(
            "has what was created", [*self._life.create(), self._has()], "What was created is listed."
        )

    def lacks(self) -> Iterator[Case]:
        if "DELETE" in self._thing.items:
            steps = [*self._life.create(), self._life.item("DELETE"), self._has("lacks")]
            yield from self._case("has nothing that was deleted", steps, "What was deleted is not listed any more.")

    def limited(self) -> Iterator[Case]:
        if self._limit is not None and self._fits(self._limit, 1):
            steps = [*self._life.create(), *self._life.create(name="second")]
            steps.append(self._listed({self._limit.name: 1}, checks=[Check(kind="at_most", value=1)]))
            yield from self._case(f"{self._limit.name} limits", steps, "No more is listed than was asked for.")

    def by_default(self) -> Iterator[Case]:
        shape = self._requests.creators.object_of(self._limit.schema) if self._limit is not None else True
        default = shape.get("default") if is_object(shape) else None
        if isinstance(default, int) and 0 < default <= _SMALL_DEFAULT:
            steps = [step for at in range(default + 1) for step in self._life.create(name=f"number{at}")]
            steps.append(
                self._listed({}, checks=[Check(kind="at_most", value=default), Check(kind="at_least", value=default)])
            )
            yield from self._case("limit by default", steps, "The specification says how much is listed by default.")

    def paged(self) -> Iterator[Case]:
        parameter = self._offset or self._page
        if self._limit is None or parameter is None or not self._fits(self._limit, 1):
            return
        shape = self._requests.creators.object_of(parameter.schema)
        stated = [shape.get(key) for key in ("default", "minimum")] if is_object(shape) else []
        first = next((each for each in stated if isinstance(each, int)), 0 if self._offset else 1)
        steps = [step for at in range(3) for step in self._life.create(name=f"number{at}")]

        def check(value: str) -> list[Check]:
            return [Check(kind="page", name=self._thing.id_field, value=value)]

        steps.append(self._listed(self._all()[0], checks=check("whole")))
        pages = [{self._limit.name: 1, parameter.name: first + at} for at in range(2)]
        steps += [self._listed(each, checks=check("part")) for each in pages]
        yield from self._case("pages don't repeat", steps, "Each thing is on one page, in the order of the whole list.")

    def followed(self) -> Iterator[Case]:
        """Follow the cursor from page to page."""
        parameter = next((each for each in self._endpoint.of("query") if _CURSORS.fullmatch(each.name)), None)
        if parameter is None or self._limit is None or not self._fits(self._limit, 1):
            return
        for schema in self._requests.creators.answers(self._endpoint):
            for base, properties in self._requests.creators.objects(schema):
                name = next((each for each in properties if _NEXT.fullmatch(each)), None)
                if name is not None:
                    steps = [step for at in range(3) for step in self._life.create(name=f"number{at}")]
                    pointer = f"{base}/{pointer_part(name)}"
                    follow = Check(kind="follow", name=self._thing.id_field, pointer=pointer, value=parameter.name)
                    steps.append(self._listed({self._limit.name: 1}, checks=[follow]))
                    yield from self._case("pages by cursor", steps, "Each thing is on one page, and pages have an end.")
                    return

    def filtered(self) -> Iterator[Case]:
        """Ask for the value that one of two things has."""
        base, answered = self._life.answer_of(self._thing.creator)
        for parameter in self._endpoint.of("query"):
            name = next((each for each in (parameter.name, f"{parameter.name}s") if each in self._fields), "")
            if name not in answered or not self._filters(parameter, name):
                continue
            first = self._life.create()
            first[-1].save["wanted"] = f"{base}/{pointer_part(name)}" + ("/0" if name != parameter.name else "")
            steps = [*first, *self._life.create(name="second", changes=1)]
            given: dict[str, Any] = {**self._all()[0], parameter.name: self._requests.value(parameter, "full")}
            each = Check(kind="each", name=name, variable="wanted", value=_SEARCHES.fullmatch(name) is None)
            has = Check(kind="has", name=self._thing.id_field, variable=MADE, value=self._all()[1])
            use = {f"/query/{pointer_part(parameter.name)}": "wanted"}
            steps.append(self._listed(given, checks=[each, has], use=use))
            yield from self._case(f"filter by {parameter.name}", steps, "Only what has the value is listed.")

    def _filters(self, parameter: Parameter, name: str) -> bool:
        """Tell whether a query asks for the very value that a field has, or an item of it."""
        creators = self._requests.creators
        asked, field = creators.object_of(parameter.schema), creators.object_of(self._fields[name])
        if is_object(field) and name != parameter.name:
            field = creators.object_of(field.get("items", True))
        if not is_object(asked) or not is_object(field):
            return False
        kinds = [types_but_null(shape) for shape in (asked, field)]
        same = kinds[0] == kinds[1] and kinds[0] in (["string"], ["integer"], ["boolean"])
        lists = (asked.get("enum"), field.get("enum"))
        return same and (
            not is_list(lists[0]) or (is_list(lists[1]) and set(map(str, lists[1])) <= set(map(str, lists[0])))
        )

    def sorted(self) -> Iterator[Case]:
        query = self._endpoint.of("query")
        parameter = next((each for each in query if _SORTS.fullmatch(each.name)), None)
        shape = self._requests.creators.object_of(parameter.schema) if parameter is not None else True
        listed = shape.get("enum") if is_object(shape) else None
        if parameter is None or not is_list(listed):
            return
        direction = next((each for each in query if _ORDERS.fullmatch(each.name) and each is not parameter), None)
        ways: list[tuple[dict[str, Any], str, str]] = []
        for word in listed:
            name = re.sub(r"^[-+]|[:_.](asc|desc)$", "", str(word))
            down = str(word).startswith("-") or str(word).endswith("desc")
            if name in self._fields and direction is None:
                stated = down or str(word)[:1] == "+" or str(word).endswith("asc")
                ways.append(({parameter.name: word}, name, "down" if down else "up" if stated else ""))
            elif name in self._fields and direction is not None:
                ways += [
                    ({parameter.name: word, direction.name: end}, name, to)
                    for end, to in (("asc", "up"), ("desc", "down"))
                    if self._fits(direction, end)
                ]
        for given, name, to in ways[:_SORTED]:
            # Neither the order of creation nor its reverse is sorted by chance.
            steps = [step for at in (1, 0, 2) for step in self._life.create(name=f"number{at}", changes=at)]
            steps.append(self._listed({**self._all()[0], **given}, checks=[Check(kind="sorted", name=name, value=to)]))
            words = " ".join(map(str, given.values()))
            yield from self._case(f"sorted by {words}", steps, "The list is in the order that was asked for.")
