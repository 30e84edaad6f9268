"""The queries of a list: the order that words tell, searches, ranges, listed values, and defaults."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from progressnb.operations.testcases.cases.lists import THREE, Lists
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.refusals import other_list
from progressnb.operations.testcases.cases.things import MADE
from progressnb.operations.testcases.cases.told import CREATED, CREATION, Order, field_of
from progressnb.operations.testcases.schemas import Check
from progressnb.operations.testcases.spec.json_schema import types_but_null
from progressnb.operations.testcases.spec.plain import is_object, pointer_part, snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case, Step
    from progressnb.operations.testcases.spec.endpoints import Endpoint, Parameter

__all__ = ["query_cases"]

_SEARCH = re.compile(r"q|query|search|search_?(text|term|query)|keywords?|text|contains", re.IGNORECASE)
_EDGES: list[tuple[re.Pattern[str], Literal["least", "most"]]] = [
    (re.compile(r"(?:min|minimum|from|since|after)_(.+)|(.+)_(?:min|from|gte|ge|since|after|\[gte\])"), "least"),
    (re.compile(r"(?:max|maximum|to|until|before)_(.+)|(.+)_(?:max|to|lte|le|until|before|\[lte\])"), "most"),
]
_FROM: dict[str, Literal["least", "most"]] = {
    **dict.fromkeys(("from", "since", "after"), "least"),
    **dict.fromkeys(("to", "until", "before"), "most"),
}
"""Queries that begin or end a range of the only date that a thing has."""
_NUMBER_OF_PAGES = re.compile(r"(total_?|num_?|number_of_?)?pages|page_?count|last_?page", re.IGNORECASE)
_SIZES = (1, 2, 3, 7)
_TOTALS = re.compile(r"x-total(-count|-items)?|total(_?(count|items|results|number|elements))?", re.IGNORECASE)
_FOUND_BY = ("title", "name", "subject", "label", "headline", "text", "description")
_MOST_LISTED = 6
"""Values of an enum that are asked for."""


def query_cases(thing: Thing, endpoint: Endpoint, requests: Requests) -> Iterator[Case]:
    """Yield the cases about what a list is asked for, and in which order it answers."""
    queries = _Queries(thing, endpoint, requests)
    yield from cases_of(
        queries.ordered,
        queries.changed,
        queries.totals,
        queries.searched,
        queries.edges,
        queries.together,
        queries.listed,
        queries.others,
    )


class _Queries(Lists):
    """Make the cases of one list."""

    # --- order --------------------------------------------------------------------------------------------

    def _order(self) -> dict[str, Any] | None:
        """Return the order that words tell, by the fields of what is listed; None where they tell none of these."""
        told = self.requests.promises.orders.get(self.endpoint.name, Order())
        creators = self.requests.creators
        flags = [name for name, schema in self.fields.items() if creators.types(schema) == ["boolean"]]
        first = next((found for word in told.first if (found := field_of(word, flags)) is not None), None)
        by = field_of(told.what if told.by == CREATION else told.by, self.fields)
        down = told.down
        if by is not None and (by == self.thing.id_field or CREATED.fullmatch(by)):
            by = None if self._counts_up(by) else by  # the order of creation says the same, and has no ties
        elif told.by != CREATION and by is None:
            down = None
        return None if first is None and by is None and down is None else {"first": first, "by": by, "down": down}

    def _counts_up(self, name: str) -> bool:
        """Tell whether a field grows with each thing that is created: a time does, and a number of an id."""
        return bool(CREATED.fullmatch(name)) or self.requests.creators.types(self.fields[name]) == ["integer"]

    def _three(self, first: str | None = None) -> list[Step]:
        """Return the steps that create three things, not sorted by chance; the last is one that `first` puts first."""
        usual = self.life.create()[-1].request.body
        is_first = first is not None and is_object(usual) and usual.get(first) is True
        return self.life.several(*THREE, changes=(1, 2, 0) if is_first else (0, 2, 1) if first else (1, 0, 2))

    def _in(self, order: dict[str, Any]) -> Check:
        return Check(kind="ordered", name=self.thing.id_field, fields=list(THREE), value=order)

    def ordered(self) -> Iterator[Case]:
        order = self._order()
        if order is not None:
            steps = [*self._three(order["first"]), self.listing(self.whole()[0], checks=[self._in(order)])]
            yield from self.case("in the order that is told", steps, "The specification tells the order in words.")

    def changed(self) -> Iterator[Case]:
        """Change the first of three: the list shows it, in its place."""
        method = next((each for each in ("PUT", "PATCH") if each in self.thing.items), None)
        if method is None:
            return
        endpoint = self.thing.items[method]
        twice = self.life.changed(endpoint, self.requests.valid(endpoint, "full"))
        request = self.life.changed(endpoint, twice)  # what is true or false is as it was
        change = self.life.item(method, request, record="part")
        change.use = {pointer: THREE[0] if name == MADE else name for pointer, name in change.use.items()}
        sent = [each for check in self.life.sent(endpoint, request.body) for each in check.fields]
        fields = [name for name in sent if name in self.fields]
        checks = [Check(kind="listed", name=self.thing.id_field, variable=THREE[0], fields=fields)] if fields else []
        order = self._order()
        if order is not None:
            checks.append(self._in(order))
        if checks:
            is_flagged = order is not None and order["first"] is not None
            made = self.life.several(*THREE, changes=(0, 0, 0) if is_flagged else (1, 0, 2))
            steps = [*made, change, self.listing(self.whole()[0], checks=checks)]
            yield from self.case("shows a change, in its place", steps, "A list has what is read of one thing.")

    # --- totals -------------------------------------------------------------------------------------------

    def totals(self) -> Iterator[Case]:
        checks = self._totals()
        if checks:
            steps = [*self.life.create(), self.listing(self.whole()[0], checks=checks)]
            yield from self.case("total", steps, "The total is the number of things on all pages.")
        pages = self._numbers(_NUMBER_OF_PAGES)
        sizes = [each for each in _SIZES if self.limit is not None and self.fits(self.limit, each)]
        if self.limit is not None and pages and checks and sizes:
            steps = self.life.several(*THREE)
            for size in sizes:
                check = Check(kind="total", pointer=pages[0], fields=[checks[0].pointer], value=size)
                steps.append(self.listing({self.limit.name: size}, checks=[check]))
            yield from self.case("number of pages", steps, "It is the total by the size of a page, rounded up.")

    def _totals(self) -> list[Check]:
        """Return the checks that totals are those of what is asked for."""
        most = self.whole()[1]
        return [Check(kind="total", pointer=each, value=most) for each in self._numbers(_TOTALS) if most != 0]

    def _numbers(self, names: re.Pattern[str]) -> list[str]:
        """Return where an answer has values of some names: in headers, or beside the list."""
        headers = self.requests.promises.answered.get(self.endpoint.name, set())
        pointers = [f"@{name}" for name in sorted(headers) if names.fullmatch(name)]
        for base, properties in self.requests.creators.answered(self.endpoint):
            pointers += [f"{base}/{pointer_part(name)}" for name in properties if names.fullmatch(snake(name))]
        return list(dict.fromkeys(pointers))

    # --- what is asked for --------------------------------------------------------------------------------

    def searched(self) -> Iterator[Case]:
        """Search for the name of one thing: it is found."""
        base, answered = self.life.answer_of(self.thing.creator)
        is_text = partial(self.requests.creators.is_text, or_null=True)
        for parameter in self.endpoint.of("query"):
            names = [each for each in _FOUND_BY if each in self.fields and each in answered and is_text(answered[each])]
            if not _SEARCH.fullmatch(parameter.name) or parameter.name in self.fields or not names:
                continue
            first = self.life.create()
            if not is_object(first[-1].request.body) or names[0] not in first[-1].request.body:
                continue
            first[-1].save["wanted"] = f"{base}/{pointer_part(names[0])}"
            steps = [*first, self.asking(parameter, [self.has_made()])]
            yield from self.case(f"search by {parameter.name}", steps, f"What has this {names[0]} is found.")
            promises, key = self.requests.promises, (self.endpoint.name, parameter.name)
            for words, way, what, why in (
                (promises.any_case, "upper", "in capital letters", "Capital letters don't matter, as words tell."),
                (promises.part, "part", "by a part", "What contains it is found, as words tell."),
            ):
                if key in words:
                    other = [step.model_copy(deep=True) for step in steps]
                    other[-2].save["wanted"] += f"|{way}"
                    yield from self.case(f"search by {parameter.name} {what}", other, why)

    def edges(self) -> Iterator[Case]:
        """Ask for a range that begins or ends with the value of one thing."""
        base, answered = self.life.answer_of(self.thing.creator)
        for parameter in self.endpoint.of("query"):
            name, kind = self._edge(parameter)
            if name not in answered:
                continue
            steps = self._around({"wanted": f"{base}/{pointer_part(name)}"})
            checks = [Check(kind=kind, name=name, variable="wanted")]
            if (self.endpoint.name, parameter.name) in self.requests.promises.inclusive:
                checks.append(self.has_made())
            elif (self.endpoint.name, parameter.name) in self.requests.promises.exclusive:
                checks.append(Check(kind="lacks", name=self.thing.id_field, variable=MADE))
            steps.append(self.asking(parameter, checks))
            yield from self.case(f"range by {parameter.name}", steps, "Only what is within the range is listed.")

    def _around(self, kept: dict[str, str]) -> list[Step]:
        """Return the steps that create a thing of which values are kept, and two others: one has more, one less."""
        steps = self.life.create(changes=1)
        steps[-1].save.update(kept)
        for name, changes in (("second", 0), ("third", 2)):
            steps += self.life.create(name=name, changes=changes, again=True)
        return steps

    def together(self) -> Iterator[Case]:
        """Ask with two queries for what one thing has: others meet one of them, or none."""
        base, answered = self.life.answer_of(self.thing.creator)
        asked: dict[str, tuple[Parameter, Any]] = {}
        for parameter in self.endpoint.of("query"):
            same = parameter.name in self.fields and self.filters(parameter, parameter.name)
            name, kind = (parameter.name, "each") if same else self._edge(parameter)
            if name in answered:
                asked.setdefault(name, (parameter, kind))
        names = list(asked)[:2]
        if len(names) > 1:
            steps = self._around({name: f"{base}/{pointer_part(name)}" for name in names})
            checks = [Check(kind=asked[name][1], name=name, variable=name) for name in names]
            both = {name: asked[name][0] for name in names}
            given = {each.name: self.requests.value(each, "full") for each in both.values()}
            use = {f"/query/{pointer_part(each.name)}": name for name, each in both.items()}
            steps.append(self.listing({**self.whole()[0], **given}, checks=checks, use=use))
            yield from self.case(f"by {' and '.join(names)} together", steps, "What is listed meets both.")

    def _edge(self, parameter: Parameter) -> tuple[str, Literal["least", "most"]]:
        """Return the field whose range a query begins or ends, and which of both."""
        creators = self.requests.creators
        asked = creators.shape(parameter.schema)
        for pattern, kind in _EDGES:
            found = pattern.fullmatch(snake(parameter.name).casefold())
            name = field_of(next(filter(None, found.groups())), self.fields) if found is not None else None
            if name is not None and asked:
                field = creators.shape(self.fields[name])
                same = types_but_null(asked) == types_but_null(field) and asked.get("format") == field.get("format")
                if same and (types_but_null(field)[:1] != ["string"] or "format" in field):
                    return name, kind
        form = asked.get("format")
        if parameter.name.casefold() in _FROM and form in ("date", "date-time"):
            dates = [name for name, schema in self.fields.items() if creators.shape(schema).get("format") == form]
            if len(dates) == 1:
                return dates[0], _FROM[parameter.name.casefold()]
        return "", "most"

    def listed(self) -> Iterator[Case]:
        """Ask for each value that a filter may have: only such things are listed."""
        for parameter in self.endpoint.of("query"):
            name = parameter.name
            if name not in self.fields or not self.filters(parameter, name):
                continue
            creators = self.requests.creators
            is_flag = creators.types(parameter.schema) == ["boolean"]
            values = [True, False] if is_flag else creators.listed(parameter.schema)
            for value in values[:_MOST_LISTED]:
                each = Check(kind="only", name=name, value=value)
                step = self.listing({**self.whole()[0], name: value}, checks=[each, *self._totals()])
                word = value if isinstance(value, str) else str(value).casefold()
                steps = [*self.life.create(), step]
                yield from self.case(f"filter by {name}: {word}", steps, "Only what has the value is listed.")

    def others(self) -> Iterator[Case]:
        yield from other_list(self.life, self.listing(self.whole()[0], checks=[]))
