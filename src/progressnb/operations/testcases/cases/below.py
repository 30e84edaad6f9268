"""Things below a thing, each one word: a mark that is put twice, and what is in a thing while it is deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.testcases.cases.things import Life
from progressnb.operations.testcases.schemas import Check
from progressnb.operations.testcases.spec.plain import is_object
from progressnb.operations.testcases.values.scalars import NoValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.cases.requests import Requests
    from progressnb.operations.testcases.cases.things import Thing
    from progressnb.operations.testcases.schemas import Case
    from progressnb.operations.testcases.spec.endpoints import Api, Endpoint

__all__ = ["below_cases", "told_in_use"]


def below_cases(thing: Thing, requests: Requests, api: Api) -> Iterator[Case]:
    """Yield the cases of one thing, if it can be read alone."""
    below = _Below(thing, requests)
    place = thing.items["GET"].path.rstrip("/") if "GET" in thing.items else None
    for endpoint in api.endpoints:
        above, _, word = endpoint.path.rstrip("/").rpartition("/")
        if above != place or "{" in word:
            continue
        try:
            yield from below.repeated(endpoint) if endpoint.method == "PUT" else below.in_use(endpoint, word)
            listed = api.known.get(f"GET {endpoint.path}")
            if endpoint.method == "POST" and listed is not None:
                yield from below.made_anew(endpoint, listed)
        except NoValueError:
            continue


def _stem_of(path: str) -> str:
    """Return a pattern of the beginning of words for what a path is a collection of: `book` for `/bookings`."""
    return re.escape(path.rpartition("/")[2].removesuffix("s").removesuffix("ing"))


def told_in_use(text: str, path: str, requests: Requests, add: Endpoint) -> bool:
    """Tell whether a text names what an endpoint adds, and not only such in a state: "has confirmed bookings"."""
    stem, creators = _stem_of(path), requests.creators
    fields = [each for _, found in creators.answered(add) for each in found.values()]
    states = "|".join(re.escape(str(state)) for each in fields for state in creators.listed(each))
    in_state = states and re.search(rf"\b(?:{states}) {stem}", text, re.IGNORECASE)
    return not in_state and re.search(rf"\b{stem}", text, re.IGNORECASE) is not None


class _Below(Life):
    """Make the cases of one thing."""

    def repeated(self, put: Endpoint) -> Iterator[Case]:
        """Put a mark on a thing twice, such as `/recipes/{id}/favourite`: the second time is as good as the first."""
        if not put.body_required and "409" not in put.responses:
            steps = [*self.create(), self.below(put), self.below(put)]
            yield self.case(put, "the same twice", steps, "PUT is idempotent: the second time changes nothing.")

    def in_use(self, add: Endpoint, word: str) -> Iterator[Case]:
        """Delete what has something in it, where words tell that this is refused with 409."""
        delete = self.thing.items.get("DELETE")
        told = self.requests.promises.told(delete.name) if delete is not None else ""
        if add.method == "POST" and "201" in add.responses and told_in_use(told, word, self.requests, add):
            steps = [*self.create(), self.below(add), self.item("DELETE", expected=["409"])]
            yield self.case("DELETE", "while it has something", steps, f"409 is documented for that: {word}.")

    def made_anew(self, add: Endpoint, listed: Endpoint) -> Iterator[Case]:
        """Delete a thing of the caller's own id with something in it, and create it again: nothing is in it."""
        steps, creator = self.create(), self.thing.creator
        body = steps[-1].request.body
        if "DELETE" in self.thing.items and is_object(body) and self.thing.id_field in body:
            again = self.last(steps[-1], same=3)
            empty = self.below(listed).model_copy(update={"checks": [Check(kind="at_most", value=0)]})
            steps = [*steps, self.below(add), self.item("DELETE"), again, empty]
            why = "What was in the one that was deleted is gone with it."
            yield self.case("DELETE", f"{creator.path} made anew is empty", steps, why)
