"""The numbers of a thing that other things change: they are given back, they add up, and what is full is full."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.creators import NUMBERS
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.requests import PATH_VALUES, path_pointer
from progressnb.operations.testcases.cases.things import Life
from progressnb.operations.testcases.cases.told import AMOUNTS, told_scarce, told_too_little
from progressnb.operations.testcases.schemas import Check
from progressnb.operations.testcases.spec.plain import is_object, pointer_part, snake
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case, Step
    from progressnb.operations.testcases.spec.json_schema import AnySchema, Schema

__all__ = ["amount_cases"]

_LEFT = re.compile(
    r"(.*_)?(free|available|availability|remaining|left|vacan(t|cies)|stock|taken|booked|used|borrowed|lent|occupied|"
    r"count|number_of_.*|total|sum|balance)(_.*)?",
    re.IGNORECASE,
)
"""Fields that count what there is: something that is created and deleted again leaves them as they were."""

_FREE = re.compile(r"(.*_)?(free|available|availability|remaining|left)(_.*)?", re.IGNORECASE)
"""Those that say how much is left."""

_CAPACITIES = re.compile(
    r"(max_|total_)?(seats|capacity|places|spots|slots|stock|copies|quantity|units|tickets)(_total)?|"
    r"max_(participants|attendees|guests|people|members|players)",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"(.*_)?(seats|places|spots|slots|tickets|quantity|units|copies|count|people|persons|guests|participants|attendees)",
    re.IGNORECASE,
)
"""Fields that say how much of a capacity is taken."""

_SMALL, _LARGE = 7, (16_777_218, 1_000_003, 1_009, 11)
"""Amounts: one that no count is likely to change by, and larger ones; a float of 32 bits can't hold the largest sum."""


def amount_cases(thing: Thing, requests: Requests, things: Mapping[str, Thing]) -> Iterator[Case]:
    """Yield the cases of what is created in other things, or names them: `things` are all, by their creators."""
    amounts = _Amounts(thing, requests, things)
    yield from cases_of(amounts.given_back, amounts.full, amounts.added, amounts.moved, amounts.same_state)


class _Amounts(Life):
    """Make the cases of one thing that changes others."""

    def __init__(self, thing: Thing, requests: Requests, things: Mapping[str, Thing]) -> None:
        super().__init__(thing, requests)
        self._setup = requests.setup(thing.creator)
        self._others = [
            (variable, Life(other, requests))
            for pointer, variable in self._setup.use.items()
            for step in self._setup.steps
            if variable in step.save and (other := things.get(step.request.endpoint)) is not None
            if "GET" in other.items and other.items["GET"].path.count("{") == 1 and not pointer.startswith("/query")
        ]

    def _read(self, variable: str, other: Life, **more: Any) -> Step:  # noqa: ANN401
        """Return the step that reads a thing that was made before."""
        use = {path_pointer(other.thing.parameter): variable}
        return self.requests.step(other.thing.items["GET"], use=use, **more)

    def _numbers(self, fields: Schema, form: str = "") -> list[str]:
        """Return the fields that are numbers, or texts of a format that are."""
        creators = self.requests.creators
        shapes = {name: creators.shape(each) for name, each in fields.items() if not creators.listed(each)}
        forms = {name: shape.get("format", "number") for name, shape in shapes.items()}
        return [name for name in forms if creators.types(fields[name]) in NUMBERS or forms[name] == form]

    def _listed(self, schema: AnySchema) -> set[str]:
        return set(map(str, self.requests.creators.listed(schema)))

    def _tried(self, create: Step, body: Any = None, **more: Any) -> Step:  # noqa: ANN401
        """Return a creation as what is tried, of which nothing is needed later; with another body, if one is given."""
        last = self.last(create, record="", **more)
        return last if body is None else self.with_body(last, body)

    def given_back(self) -> Iterator[Case]:
        """Create and delete: the numbers of what it is in are as they were."""
        if "DELETE" not in self.thing.items or expected.succeeded(self.thing.items["DELETE"]) == ["202"]:
            return
        for variable, other in self._others:
            base, fields = other.answer_of(other.thing.items["GET"])
            counts = [name for name in self._numbers(fields, "decimal") if _LEFT.fullmatch(snake(name))]
            if counts:
                *setup, create = self.create()
                before = self._read(variable, other, save={"before": base})
                check = Check(kind="agrees", pointer=base, variable="before", fields=counts)
                steps = [*setup, before, create, self.item("DELETE"), self._read(variable, other, checks=[check])]
                why = "What was created is deleted again, so there is as much as before."
                yield self.case("DELETE", f"gives back {counts[0]}", steps, why)

    def full(self) -> Iterator[Case]:
        """Take more than there is."""
        creator, written = self.thing.creator, self.written(self.thing.creator)
        told = self.requests.promises.told(creator.name)
        for variable, other in self._others if "409" in creator.responses else ():
            numbers = self._numbers(self.written(other.thing.creator))
            capacities = [name for name in numbers if _CAPACITIES.fullmatch(snake(name))]
            sizes = [name for name in capacities if name in written] or (capacities if told_scarce(told) else [])
            if sizes:
                yield from self._beyond(variable, other, sizes[0], written)
                yield from self._less(variable, other)
            elif told_too_little(told) and self._holds(other):
                yield from self._too_much(written)
                return

    def _beyond(self, variable: str, other: Life, size: str, written: Schema) -> Iterator[Case]:
        *setup, create = self.create()
        parents = [self._sized(step, other, size) if variable in step.save else step for step in setup]
        taken = size if size in written else next((name for name in written if _TAKEN.fullmatch(snake(name))), None)
        statuses = ["409", *expected.refused(self.thing.creator)]
        if taken is not None and is_object(create.request.body):
            body = {**create.request.body, taken: 2}
            if not self.values.fits(written[taken], 2):
                return
            steps = [*parents, self._tried(create, body, expected=statuses)]
        else:
            steps = [*parents, self._tried(create), self._tried(create, expected=statuses)]
        yield self.case("POST", f"more than {size}", steps, f"There is one, by {size}, and 409 is documented.")

    def _holds(self, other: Life) -> bool:
        """Tell whether a thing has a number that no caller writes when it is created, such as a balance."""
        answered = self._numbers(other.answer_of(other.thing.items["GET"])[1])
        return bool(set(answered) - self.written(other.thing.creator).keys())

    def _too_much(self, written: Schema) -> Iterator[Case]:
        """Take as much as the schema allows from what is new, and was not filled."""
        name = next((each for each in self._numbers(written) if AMOUNTS.fullmatch(snake(each))), "")
        most = self.requests.creators.shape(written.get(name, True)).get("maximum", 10**6)
        *setup, create = self.create()
        if name and is_object(create.request.body) and self.values.fits(written[name], most):
            statuses = ["409", *expected.refused(self.thing.creator)]
            last = self._tried(create, {**create.request.body, name: most}, expected=statuses)
            steps = [*(each for each in setup if each.save), last]
            yield self.case("POST", f"more {name} than there is", steps, "It is new, and 409 is documented for that.")
            listing = self.requests.creators.listing(self.thing.creator)
            if listing is not None and "{" in listing.path:
                use = {each: name for each, name in create.use.items() if each.startswith(PATH_VALUES)}
                read = self.requests.step(listing, use=use, checks=[Check(kind="at_most", value=0)])
                yield self.case("POST", "what is refused is not listed", [*steps, read], "It leaves no trace.")

    def _less(self, variable: str, other: Life) -> Iterator[Case]:
        """Take some: what is left is another number then."""
        base, fields = other.answer_of(other.thing.items["GET"])
        left = next((name for name in self._numbers(fields) if _FREE.fullmatch(snake(name))), None)
        if left is not None:
            *setup, create = self.create(size="minimal")
            pointer = f"{base}/{pointer_part(left)}"
            before = self._read(variable, other, save={"before": pointer})
            after = self._read(variable, other, checks=[Check(kind="differs", pointer=pointer, variable="before")])
            steps = [*setup, before, self.last(create), after]
            yield self.case("POST", f"{left} is another number then", steps, "Some of it is taken.")

    def _sized(self, step: Step, other: Life, size: str) -> Step:
        """Return the step that creates a thing of the size 1."""
        stated, body = other.thing.creator.json_body, step.request.body
        small = {**body, size: 1} if is_object(body) else {}
        if stated is None or not self.values.fits(stated.schema, small):
            raise NoValueError("a thing that is small")
        return self.with_body(step, small)

    # --- amounts that are added ---------------------------------------------------------------------------

    def _with_amount(self, amount: int) -> Step | None:
        """Return the step that creates with an amount, or None where there is none."""
        stated, create = self.thing.creator.json_body, self.create()[-1]
        fields = self._numbers(self.written(self.thing.creator))
        name = next((each for each in fields if AMOUNTS.fullmatch(snake(each))), None)
        if stated is None or name is None or not is_object(create.request.body):
            return None
        body = {**create.request.body, name: amount}
        return self._tried(create, body) if self.values.fits(stated.schema, body) else None

    def _adds(self, variable: str, other: Life, kept: str, amount: int) -> Step:
        base, fields = other.answer_of(other.thing.items["GET"])
        check = Check(kind="adds", pointer=base, variable=kept, fields=self._numbers(fields), value=amount)
        return self._read(variable, other, checks=[check], save={f"{kept}-after": base})

    def added(self) -> Iterator[Case]:
        """Add a small amount, then a large one: what the small one changed is changed by the large one, exactly."""
        small = self._with_amount(_SMALL)
        pairs = ((each, self._with_amount(each)) for each in _LARGE)
        amount, large = next((pair for pair in pairs if pair[1] is not None), (0, None))
        if small is None or large is None:
            return
        for variable, other in self._others[:1]:
            base, _ = other.answer_of(other.thing.items["GET"])
            steps = [
                *self._setup.steps,
                self._read(variable, other, save={"before": base}),
                *(small, self._adds(variable, other, "before", _SMALL)),
                *(large, self._adds(variable, other, "before-after", amount)),
            ]
            yield self.case("POST", "amounts add up", steps, "A large amount is added like a small one.")

    def moved(self) -> Iterator[Case]:
        """Move an amount between two things of a kind: one has less by what the other has more."""
        step = self._with_amount(_SMALL)
        if len(self._others) != 2 or step is None or self._others[0][1].thing is not self._others[1][1].thing:  # noqa: PLR2004
            return
        for (variable, one), (second, other) in (self._others, self._others[::-1]):
            base, _ = one.answer_of(one.thing.items["GET"])
            steps = [
                *self._setup.steps,
                self._read(variable, one, save={"before": base}),
                self._read(second, other, save={"second": base}),
                step,
                self._adds(variable, one, "before", _SMALL),
                self._adds(second, other, "second", -_SMALL),
            ]
            title = f"what changes {variable} changes {second}"
            yield self.case("POST", title, steps, "What one of them gets the other gives.")

    def same_state(self) -> Iterator[Case]:
        """Send a state that what it is in has, too: that has it then."""
        *setup, create = self.create(size="minimal")
        body = create.request.body
        for variable, other in self._others:
            base, fields = other.answer_of(other.thing.items["GET"])
            for name, schema in self.written(self.thing.creator).items():
                sent, read = self._listed(schema), self._listed(fields.get(name, True))
                if sent and sent < read and not self.thing.items and is_object(body) and name in body:
                    check = Check(kind="equals", pointer=f"{base}/{pointer_part(name)}", value=body[name])
                    steps = [*setup, self.last(create), self._read(variable, other, checks=[check])]
                    yield self.case("POST", f"{name} is seen above", steps, f"Both have the same {name}.")
