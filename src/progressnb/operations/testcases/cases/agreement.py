"""Answers about one thing that belong together: created, changed, acted on, and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases import expected
from progressnb.operations.testcases.cases.makers import cases_of
from progressnb.operations.testcases.cases.requests import PATH_VALUES, path_pointer
from progressnb.operations.testcases.cases.things import Life
from progressnb.operations.testcases.cases.told import CREATED
from progressnb.operations.testcases.schemas import Check
from progressnb.operations.testcases.spec.plain import is_object, pointer_part
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case, Step
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
    from progressnb.operations.testcases.spec.json_schema import Schema

__all__ = ["agreement_cases"]

_MOVES = re.compile(
    r"(.*_)?(updated|modified|changed|accessed|seen|viewed|used|last|views|hits|progress|age|etag|token|secret|password|"
    r"signature|expires|url|uri|link|links|href|now|remaining)(_.*)?|_links",
    re.IGNORECASE,
)
"""Fields that may be others in the next answer."""

_STATES = re.compile(r"(.*_)?(status|state|phase|stage)", re.IGNORECASE)
"""Fields that work in the background may change."""

_SHARED = 3
"""Fields that an answer shares with a thing that it shows."""


def agreement_cases(thing: Thing, requests: Requests, api: Api) -> Iterator[Case]:
    """Yield the cases of one thing."""
    agreement = _Agreement(thing, requests, api)
    yield from cases_of(
        agreement.created,
        agreement.dated,
        agreement.altered,
        agreement.replaced,
        agreement.acted,
        agreement.after_deletion,
        agreement.counted,
        agreement.summed,
        agreement.members,
    )


class _Agreement(Life):
    """Make the cases of one thing."""

    def __init__(self, thing: Thing, requests: Requests, api: Api) -> None:
        super().__init__(thing, requests)
        self._api = api

    def _shared(self, endpoint: Endpoint, *, states: bool) -> tuple[str, str, list[str]]:
        """Return where an answer, and that of GET, have the thing, and the fields that are the same in both."""
        (base, answered), (read, fields) = self.answer_of(endpoint), self.answer_of(self.thing.items["GET"])
        same = [
            name
            for name in answered
            if name in fields and not _MOVES.fullmatch(name) and (states or not _STATES.fullmatch(name))
        ]
        return base, read, same

    def _read(self, read: str, fields: list[str], variable: str = "answered") -> Step:
        return self.item("GET", checks=[Check(kind="agrees", pointer=read, variable=variable, fields=fields)])

    def created(self) -> Iterator[Case]:
        """Read what was created: it is what the creation answered."""
        if "GET" not in self.thing.items:
            return
        base, read, same = self._shared(self.thing.creator, states=False)
        if same:
            made = self.create()
            made[-1].save["answered"] = base
            yield self.case("GET", "reads as its creation answered", [*made, self._read(read, same)], "Both show it.")

    def dated(self) -> Iterator[Case]:
        """Look at the time of creation: it is that of the answer."""
        base, answered = self.answer_of(self.thing.creator)
        written = self.written(self.thing.creator)
        for name, schema in answered.items():
            is_time = self.requests.creators.shape(schema).get("format") == "date-time"
            if CREATED.fullmatch(name) and is_time and name not in written:
                made = self.create(setup=False)
                made[-1].checks = [Check(kind="now", pointer=f"{base}/{pointer_part(name)}")]
                yield self.case("POST", f"{name} is now", made, "It was created when the answer was made.")
                return

    def altered(self) -> Iterator[Case]:
        """Read what was changed: it is what the change answered."""
        for method in ("PUT", "PATCH"):
            if not {method, "GET"} <= self.thing.items.keys():
                continue
            endpoint = self.thing.items[method]
            base, read, same = self._shared(endpoint, states=False)
            if same and expected.succeeded(endpoint) != ["202"]:
                request = self.changed(endpoint, self.requests.valid(endpoint, "full"))
                change = self.item(method, request, save={"answered": base})
                steps = [*self.create(), change, self._read(read, same)]
                yield self.case(method, "reads as the change answered", steps, "Both show the thing as it is then.")

    def replaced(self) -> Iterator[Case]:
        """Replace a thing by one with the required fields only: the others have their defaults."""
        endpoint = self.thing.items.get("PUT")
        if endpoint is None or "GET" not in self.thing.items or endpoint.json_body is None:
            return
        request = self.requests.valid(endpoint, "minimal")
        base, answered = self.answer_of(self.thing.items["GET"])
        checks: list[Check] = []
        for name, schema in self.written(endpoint).items():
            stated = self._default(schema)
            if is_object(request.body) and name not in request.body and name in answered and stated is not None:
                checks.append(Check(kind="equals", pointer=f"{base}/{pointer_part(name)}", value=stated[0]))
        if checks:
            steps = [*self.create(changes=1), self.item("PUT", request), self.item("GET", checks=checks)]
            why = "PUT replaces the whole: what is left out has its default."
            yield self.case("PUT", "what is left out gets its default", steps, why)

    def _default(self, schema: Any) -> tuple[Any] | None:  # noqa: ANN401 - a schema
        for shape in (schema, self.requests.creators.shape(schema)):
            if is_object(shape) and "default" in shape:
                return (shape["default"],)
        return None

    def acted(self) -> Iterator[Case]:
        """Do what an endpoint does to a thing, such as close it: what it answers is what is read then."""
        get = self.thing.items.get("GET")
        if get is None:
            return
        for endpoint in self._api.endpoints:
            place, _, rest = endpoint.path.rstrip("/").rpartition("/")
            if endpoint.method not in ("POST", "PUT") or place != get.path.rstrip("/") or "{" in rest:
                continue
            base, read, same = self._shared(endpoint, states=True)
            if any(each.partition(" ")[2].startswith(f"{place}/{rest}/{{") for each in self._api.names):
                continue  # it makes things below this one
            if len(same) < _SHARED or self.thing.id_field not in same or expected.succeeded(endpoint) == ["202"]:
                continue
            act = self.requests.step(endpoint, "full", use=self._for(endpoint, get), save={"answered": base})
            steps = [*self.create(), act, self._read(read, same)]
            yield self.case(endpoint, "is read then as it answered", steps, "Both show the thing as it is then.")

    def _for(self, endpoint: Endpoint, get: Endpoint) -> dict[str, str]:
        """Return the kept values for the path of an endpoint below that of the thing."""
        use = self.path_use()
        missing = [each for each in endpoint.of("path") if path_pointer(each.name) not in use]
        if missing or endpoint.path.count("{") != get.path.count("{"):
            raise NoValueError("all that the path names")
        return use

    def after_deletion(self) -> Iterator[Case]:
        """Change what was deleted: it is not there."""
        if "DELETE" not in self.thing.items or expected.succeeded(self.thing.items["DELETE"]) == ["202"]:
            return
        for method in ("PUT", "PATCH"):
            endpoint = self.thing.items.get(method)
            if endpoint is not None and {"404", "410"} & endpoint.responses.keys():
                if method == "PUT" and "201" in endpoint.responses:
                    continue  # it may create what is not there
                change = self.item(method, expected=expected.not_found(endpoint))
                steps = [*self.create(), self.item("DELETE"), change]
                yield self.case(method, "what was deleted can't be changed", steps, "It is not there any more.")

    def counted(self) -> Iterator[Case]:
        """Add to a thing: the number of what it has grows."""
        get = self.thing.items.get("GET")
        if get is None:
            return
        base, fields = self.answer_of(get)
        for endpoint in self._api.endpoints:
            rest = endpoint.path.removeprefix(f"{get.path.rstrip('/')}/").rstrip("/")
            field = _count_of(rest, fields, self) if endpoint.method == "POST" and rest != endpoint.path else None
            if field is None or "/" in rest or "{" in rest or "201" not in endpoint.responses:
                continue
            pointer = f"{base}/{pointer_part(field)}"
            request = self.requests.valid(endpoint, "minimal")
            if any(not each.startswith(PATH_VALUES) for each in self.requests.uses(endpoint, request)):
                continue
            add = self.requests.step(endpoint, use=self._for(endpoint, get))
            before = self.item("GET", save={"before": pointer})
            after = self.item("GET", checks=[Check(kind="grows", pointer=pointer, variable="before")])
            yield self.case(endpoint, f"adds one to {field}", [*self.create(), before, add, after], "It counts them.")

    def summed(self) -> Iterator[Case]:
        """Add to a thing: the number in a summary of it grows, such as `count` in `/stations/{id}/summary`."""
        get = self.thing.items.get("GET")
        for summary in self._api.endpoints if get is not None else ():
            place = summary.path.rpartition("/")[0]
            adds = [each for each in self._api.endpoints if each.method == "POST" and each is not self.thing.creator]
            if get is None or summary.method != "GET" or place != get.path.rstrip("/") or summary is get:
                continue
            below = [each for each in adds if each.path.rpartition("/")[0] == place and "201" in each.responses]
            if len(below) != 1 or below[0].path == summary.path:
                continue
            base, fields = self.answer_of(summary)
            word = below[0].path.rpartition("/")[2]
            field = _count_of(word, fields, self) or next((each for each in ("count", "total") if each in fields), None)
            if field is None:
                continue
            pointer = f"{base}/{pointer_part(field)}"
            read = self.requests.step(summary, use=self._for(summary, get))
            add = self.requests.step(below[0], use=self._for(below[0], get))
            grown = read.model_copy(update={"checks": [Check(kind="grows", pointer=pointer, variable="before")]})
            # It is read before the first addition, too: an answer may be kept for later.
            steps = [*self.create(), read, add, read.model_copy(update={"save": {"before": pointer}}), add, grown]
            yield self.case(summary, f"{field} counts {word}", steps, "It counts them.")

    def members(self) -> Iterator[Case]:
        """Put a value into a list of a thing, twice: it is there once; after its deletion it is not."""
        get = self.thing.items.get("GET")
        base, fields = self.answer_of(get) if get is not None else ("", {})
        for put in self._api.endpoints:
            head, _, last = put.path.rstrip("/").rpartition("/")
            above, _, word = head.rpartition("/")
            if get is None or put.method != "PUT" or above != get.path.rstrip("/") or word not in fields:
                continue
            parameter = next((each for each in put.of("path") if f"{{{each.name}}}" == last), None)
            if parameter is None or put.body_required:
                continue
            value, pointer = self.requests.value(parameter, "full"), f"{base}/{pointer_part(word)}"
            steps = [*self.create(size="minimal"), self._member(put, parameter.name), self._member(put, parameter.name)]
            once = self.item("GET", checks=[Check(kind="times", pointer=pointer, value=[value, 1])])
            why = "PUT is idempotent: the second time changes nothing."
            yield self.case(put, "put twice, there once", [*steps, once], why)
            delete = self._api.known.get(f"DELETE {put.path}")
            if delete is not None:
                none = self.item("GET", checks=[Check(kind="times", pointer=pointer, value=[value, 0])])
                steps = [*steps[:-1], self._member(delete, parameter.name), none]
                yield self.case(delete, "what was deleted is not there", steps, "It was deleted.")

    def _member(self, endpoint: Endpoint, parameter: str) -> Step:
        step = self.requests.step(endpoint, use=self.path_use())
        value = next(each for each in endpoint.of("path") if each.name == parameter)
        step.request.path_values[parameter] = str(self.requests.value(value, "full"))
        return step


_SOME = re.compile(r"\b(?:not|only|without|except|published|open|active|accepted|approved|visible)\b", re.IGNORECASE)
"""Words of a count that does not count all."""


def _count_of(word: str, fields: Schema, life: Life) -> str | None:
    """Return the field that counts what a path of this word lists: `comments`, or `comment_count`."""
    one, many = re.escape(word.removesuffix("s")), re.escape(word)
    pattern = rf"{many}|(?:{one}|{many})_?count|(?:count|number|num)_?(?:of_?)?{many}"
    for name, schema in fields.items():
        if re.fullmatch(pattern, name, re.IGNORECASE) and life.requests.creators.types(schema) == ["integer"]:
            return None if _SOME.search(life.requests.creators.told(schema)) else name
    return None
