"""Requests on a condition: ETags, and keys that make a second request the same one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.fresh import IDEMPOTENCY
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.things import MADE, Life, versions
from progressnb.operations.testcases.cases.told import spelled
from progressnb.operations.testcases.schemas import Check
from progressnb.operations.testcases.spec.plain import is_object, pointer_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case, Step
    from progressnb.operations.testcases.spec.endpoints import Endpoint, Parameter

__all__ = ["conditional_cases"]

_NOBODYS = '"no-such-tag-7f3a"'


def conditional_cases(thing: Thing, requests: Requests) -> Iterator[Case]:
    """Yield the cases of one thing."""
    conditional = _Conditional(thing, requests)
    yield from cases_of(
        conditional.unchanged,
        conditional.matched,
        conditional.stale,
        conditional.outdated,
        conditional.renewed,
        conditional.once,
    )


class _Conditional(Life):
    """Make the cases of one thing."""

    def _has_tag(self) -> bool:
        get = self.thing.items.get("GET")
        return get is not None and "etag" in self.requests.promises.answered.get(get.name, ())

    def _with(self, method: str, header: str, value: str, statuses: list[str], variable: str = "") -> Step:
        step = self.item(method, expected=statuses)
        step.request.headers[header] = value
        if variable:
            step.use[f"/headers/{header}"] = variable
        return step

    def _on_condition(self, *methods: str) -> Iterator[tuple[str, Endpoint]]:
        """Yield the methods, and endpoints, that answer 412 where a thing has another ETag."""
        for method in methods:
            endpoint = self.thing.items.get(method)
            if endpoint is not None and "412" in endpoint.responses and _header(endpoint, "if-match"):
                yield method, endpoint

    def unchanged(self) -> Iterator[Case]:
        get = self.thing.items.get("GET")
        if get is None or "304" not in get.responses or not (self._has_tag() or _header(get, "if-none-match")):
            return
        steps = [*self.create(), self.item("GET", save={"tag": "@ETag"})]
        steps.append(self._with("GET", "If-None-Match", _NOBODYS, ["304"], "tag"))
        yield self.case("GET", "not changed", steps, "304 is documented, and If-None-Match has the ETag.", "values")
        other = self._with("GET", "If-None-Match", _NOBODYS, expected.succeeded(get))
        other.expected = [each for each in other.expected if each != "304"]
        yield self.case("GET", "with another ETag", [*self.create(), other], "It is not what the caller has.", "values")

    def matched(self) -> Iterator[Case]:
        """Change on the condition of an ETag that nobody gave, and of the right one."""
        for method, endpoint in self._on_condition("PUT", "PATCH", "DELETE"):
            wrong = self._with(method, "If-Match", _NOBODYS, ["412"])
            why = "412 is documented, and nothing has this ETag."
            yield self.case(method, "with an ETag of nothing", [*self.create(), wrong], why)
            if self._has_tag():
                right = self._with(method, "If-Match", _NOBODYS, expected.succeeded(endpoint), "tag")
                steps = [*self.create(), self.item("GET", save={"tag": "@ETag"}), right]
                yield self.case(method, "with its ETag", steps, "It is as the caller has it.")
            if "428" in endpoint.responses:
                without = self.item(method, expected=["428"])
                without.request.headers = {
                    name: value for name, value in without.request.headers.items() if name.casefold() != "if-match"
                }
                yield self.case(method, "without an ETag", [*self.create(), without], "428 is documented.")

    def stale(self) -> Iterator[Case]:
        """Change twice with the same ETag: the second caller has not seen the first change."""
        for method, endpoint in self._on_condition("PUT", "PATCH"):
            if self._has_tag():
                first = self._with(method, "If-Match", _NOBODYS, expected.succeeded(endpoint), "tag")
                first.request = self.changed(endpoint, self.requests.valid(endpoint, "full"))
                first.request.headers["If-Match"] = _NOBODYS
                again = self._with(method, "If-Match", _NOBODYS, ["412"], "tag")
                steps = [*self.create(), self.item("GET", save={"tag": "@ETag"}), first, again]
                yield self.case(method, "with an ETag from before", steps, "It was changed since.")

    def outdated(self) -> Iterator[Case]:
        """Change twice with the same version in the body, where words tell of it."""
        get = self.thing.items.get("GET")
        for method in ("PUT", "PATCH") if get is not None else ():
            endpoint = self.thing.items.get(method)
            statuses = [each for each in ("409", "412") if endpoint is not None and each in endpoint.responses]
            if get is None or endpoint is None or not statuses:
                continue
            base, fields = self.answer_of(get)
            for name in versions(endpoint, self.requests):
                told = self.requests.promises.described.get(endpoint.name, "")
                told += "".join(
                    self.requests.promises.refused.get(endpoint.name, {}).get(each, "") for each in statuses
                )
                request = self.requests.valid(endpoint, "full")
                if name not in fields or not is_object(request.body) or name not in request.body:
                    continue
                if re.search(rf"\b{spelled(name)}\b", told, re.IGNORECASE):
                    use = {f"/body/{pointer_part(name)}": "version"}
                    first = self.item(method, request)
                    again = self.item(method, self.changed(endpoint, request), expected=statuses)
                    for step in (first, again):
                        step.use |= use
                    read = self.item("GET", save={"version": f"{base}/{pointer_part(name)}"})
                    why = "It was changed since."
                    yield self.case(method, f"with a {name} from before", [*self.create(), read, first, again], why)

    def renewed(self) -> Iterator[Case]:
        method = next((each for each in ("PUT", "PATCH") if each in self.thing.items), None)
        if method is not None and self._has_tag():
            endpoint = self.thing.items[method]
            change = self.item(method, self.changed(endpoint, self.requests.valid(endpoint, "full")))
            read = self.item("GET", checks=[Check(kind="differs", pointer="@ETag", variable="tag")])
            steps = [*self.create(), self.item("GET", save={"tag": "@ETag"}), change, read]
            yield self.case(method, "the ETag is another then", steps, "It stands for the thing as it is.")

    def once(self) -> Iterator[Case]:
        """Create twice with the same key: it is one thing."""
        creator = self.thing.creator
        key = next((each for each in creator.of("header") if IDEMPOTENCY.fullmatch(each.name)), None)
        if key is not None:
            steps = self.create()
            steps[-1].request.headers[key.name] = str(self.requests.value(key, "full"))
            same = Check(kind="equals", pointer=self.thing.pointer, variable=MADE)
            again = self.last(steps[-1], same=1, checks=[same])
            why = f"The same {key.name} is the same request."
            yield self.case("POST", f"twice with the same {key.name}", [*steps, again], why)


def _header(endpoint: Endpoint, name: str) -> Parameter | None:
    return next((each for each in endpoint.of("header") if each.name.casefold() == name), None)
