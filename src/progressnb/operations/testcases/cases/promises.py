"""The promises of a specification beyond its schemas: links, headers of answers, refusals of what is there already."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from progressnb.operations.testcases.cases.told import (
    Order,
    sentences,
    spelled,
    told_any_case,
    told_not_own,
    told_order,
    told_owners,
    told_readers,
)
from progressnb.operations.testcases.spec.flaws import FlawError
from progressnb.operations.testcases.spec.plain import is_object, list_at, object_at, thing_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.testcases.spec.endpoints import Api
    from progressnb.operations.testcases.spec.json_schema import AnySchema
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["Promises", "read_promises"]

_ALREADY = re.compile(
    r"\b(already|exists?|existing|duplicates?|unique|taken|twice|again|in use|"
    r"(?:another|other) [\w-]+ (?:\([^()]{0,40}\) )?(?:has|have|uses?)|"
    r"there is an? [\w -]+ (?:with|(?:of|by) (?:this|that|the same|such))|"
    r"(?:have|has|owns?) (?:an?|one|another) (?:[\w-]+ ){0,3}(?:of|with|by|for) (?:this|that|the same|such an?))\b",
    re.IGNORECASE,
)
_STATE = re.compile(r"\b(status|state|possible|phase|(?:is|isn't|not) \w+ed|only \w+ \w+)\b", re.IGNORECASE)
_INCLUSIVE = re.compile(
    r"\bor (?:later|after|earlier|before|more|less|higher|lower|newer|older|above|below)\b|\binclusive(?:ly)?\b|"
    r"\b(?:at least|at most|not (?:before|after|earlier than|later than))\b",
    re.IGNORECASE,
)
_EXCLUSIVE = re.compile(
    r"\b(?:exclusive(?:ly)?|strictly|(?:more|less|fewer|greater|later|earlier) than(?! or equal))\b", re.IGNORECASE
)
_PART = re.compile(r"\b(?:parts? of|contain(?:s|ing)?|substring|anywhere in|occurs? in)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:while|unless|as long as|until|409|has no|have no|without|nobody|none)\b", re.IGNORECASE)
_CONFLICT = re.compile(r"\b409\b[^.;,\n]*")
_IN_BODY = "$response.body#"


@dataclass
class Promises:
    """The promises of the endpoints, by their names.

    Attributes:
        links: For an endpoint and its path parameter: the endpoint whose answer has the value, and where.
        headers: The schemas of the headers that an answer of a wanted endpoint must have, by status and name.
        located: The endpoints that answer with the header Location.
        unique: The endpoints that refuse a second thing of the same values with 409.
        by_state: The endpoints that answer 409 where the state of a thing doesn't allow them.
        refused: What is told of the answers of an endpoint that refuse a request, by status.
        conditions: The sentences of such an endpoint that tell when something is so.
        described: The descriptions of the endpoints.
        general: What is told of the whole API.
        answered: The names of the headers that answers of success have, in small letters.
        orders: The order of what an endpoint lists, where words tell it.
        any_case: The endpoints and their queries whose letters may be small or capital, as words tell.
        inclusive: The endpoints and their queries that end a range with the value itself, as words tell.
        exclusive: Those that end it before, or after, the value.
        part: The endpoints and their queries that find a part of a text, as words tell.
        roles: The endpoints that answer 403 to callers who may only read, as words tell.
        owned: The endpoints whose things belong to those who made them, as words tell.
        not_own: The endpoints that answer 403 or 409 to those who made the thing of their path, as words tell.

    """

    links: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict[tuple[str, str], tuple[str, str]])
    headers: dict[str, dict[str, dict[str, AnySchema]]] = field(
        default_factory=dict[str, dict[str, dict[str, "AnySchema"]]]
    )
    located: set[str] = field(default_factory=set[str])
    unique: set[str] = field(default_factory=set[str])
    by_state: set[str] = field(default_factory=set[str])
    refused: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    conditions: dict[str, str] = field(default_factory=dict[str, str])
    described: dict[str, str] = field(default_factory=dict[str, str])
    general: str = ""
    answered: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    owned: set[str] = field(default_factory=set[str])
    not_own: set[str] = field(default_factory=set[str])
    any_case: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    inclusive: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    exclusive: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    part: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    roles: set[str] = field(default_factory=set[str])

    def told(self, name: str) -> str:
        """Return what is told of when an endpoint answers 409."""
        return f"{self.conditions.get(name, '')}\n{self.conflict(name)}"

    def conflict(self, name: str) -> str:
        """Return what is told of the answer 409 of an endpoint."""
        return self.refused.get(name, {}).get("409", "")


def read_promises(documents: Documents, api: Api) -> Promises:
    """Return the promises of a document. What can't be read promises nothing.

    Of endpoints that are not wanted, no other document is read.
    """
    wanted = {each.name for each in api.endpoints}
    schemes = object_at(object_at(documents.main, "components"), "securitySchemes").values()
    parts = [object_at(documents.main, "info"), *filter(is_object, schemes)]
    general = "\n\n".join(str(each.get("description", "")) for each in parts)
    promises = Promises(general=general)
    things = set[str]().union(*map(_words, api.operations))
    by_operation = {str(each["operationId"]): name for name, each in api.operations.items() if each.get("operationId")}
    for name, operation in api.operations.items():
        reader = _Reader(documents, everywhere=name in wanted)
        _add_told(promises, name, operation, reader, general, things)
        for status, stated in reader.inner(operation, "responses"):
            status = status.upper() if status.casefold() != "default" else "default"  # noqa: PLW2901 - as in endpoints
            headers = dict(reader.inner(stated, "headers"))
            required = dict(_required(documents, headers, api)) if name in wanted else {}
            if required:
                promises.headers.setdefault(name, {})[status] = required
            if status[:1] == "2":
                promises.answered.setdefault(name, set()).update(each.casefold() for each in headers)
            if any(each.casefold() == "location" for each in headers):
                promises.located.add(name)
            if status[:1] == "4":
                _add_refused(promises, name, status, stated, operation)
            for _, link in reader.inner(stated, "links"):
                _add_links(promises, name, link, by_operation)
    return promises


class _Reader:
    """Read objects of a document that cost nothing where they can't be read."""

    def __init__(self, documents: Documents, *, everywhere: bool) -> None:
        self._documents = documents
        self._everywhere = everywhere

    def inner(self, parent: dict[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the objects of an object under a key, by their names."""
        for name, each in self._resolved(parent.get(key)).items():
            yield name, self._resolved(each)

    def listed(self, parent: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a list of an object under a key."""
        yield from (self._resolved(each) for each in list_at(parent, key))

    def _resolved(self, value: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
        if not self._everywhere and is_object(value) and not str(value.get("$ref", "#")).startswith("#"):
            return {}
        return self._documents.object_of(value)


def _about(name: str, general: str, things: set[str]) -> Iterator[str]:
    """Yield the sentences of a general text but those that name other things of the API than an endpoint is about."""
    own = _words(name)
    for sentence in sentences(general):
        named = {each for each in things if re.search(rf"\b{spelled(each)}\b", sentence, re.IGNORECASE)}
        if not named or named & own:
            yield sentence


def _words(path: str) -> set[str]:
    """Return the words for the things of a path, one of each."""
    return {thing_of(part) for part in path.split("/")[1:] if part and "{" not in part}


def _add_told(  # noqa: PLR0917 - of one operation
    promises: Promises, name: str, operation: dict[str, Any], reader: _Reader, general: str, things: set[str]
) -> None:
    """Add what is told in words alone; `things` are the words for all things of the API."""
    for each in reader.listed(operation, "parameters"):
        key, told = (name, str(each.get("name", ""))), str(each.get("description", ""))
        if told_any_case(told):
            promises.any_case.add(key)
        for words, found in (
            (_INCLUSIVE, promises.inclusive),
            (_EXCLUSIVE, promises.exclusive),
            (_PART, promises.part),
        ):
            if words.search(told):
                found.add(key)
    promises.described[name] = str(operation.get("description", ""))
    texts = [str(operation.get(key, "")) for key in ("summary", "description")]
    texts += [str(each.get("description", "")) for _, each in reader.inner(operation, "responses")]
    all_texts = (*_about(name, general, things), *texts)
    answers = object_at(operation, "responses").keys()
    if answers & {"403", "409"} and any(map(told_not_own, texts)):
        promises.not_own.add(name)
    elif any(map(told_owners, all_texts)):
        promises.owned.add(name)
    if "403" in answers and any(map(told_readers, all_texts)):
        promises.roles.add(name)
    order = told_order(texts, general, name.rpartition("/")[2:]) if name.startswith("GET ") else None
    if order is not None:
        promises.orders[name] = order


def _add_refused(promises: Promises, name: str, status: str, stated: dict[str, Any], operation: dict[str, Any]) -> None:
    """Add what is told of an answer that refuses a request."""
    promises.refused.setdefault(name, {})[status] = str(stated.get("description", ""))
    if status == "409":
        told = re.split(r"(?<=[.;!?])\s", promises.described[name])
        promises.conditions[name] = "\n".join(each for each in told if _CONDITION.search(each))
        # Words of the operation say more than those of an answer that several operations have.
        answer, own = str(stated.get("description", "")), _CONFLICT.findall(str(operation.get("description", "")))
        if any(map(_ALREADY.search, own or [answer])):
            promises.unique.add(name)
        if any(map(_STATE.search, [answer, *own])):
            promises.by_state.add(name)


def _required(documents: Documents, headers: dict[str, dict[str, Any]], api: Api) -> Iterator[tuple[str, AnySchema]]:
    for name, stated in headers.items():
        if stated.get("required") is True and name.casefold() != "content-type":
            try:
                yield name, api.book.written(stated, "schema", "response")
            except FlawError as error:
                documents.notes.add(f"{documents.told(error)}.")


def _add_links(promises: Promises, name: str, link: dict[str, Any], by_operation: dict[str, str]) -> None:
    target = by_operation.get(str(link.get("operationId", "")))
    reference = link.get("operationRef")
    if target is None and isinstance(reference, str) and reference.startswith("#/paths/"):
        *_, path, method = reference.split("/")
        target = f"{method.upper()} {unescaped(path)}"
    for parameter, value in object_at(link, "parameters").items():
        if target is not None and isinstance(value, str) and value.startswith(_IN_BODY):
            key = target, parameter.removeprefix("path.").removeprefix("query.")
            promises.links.setdefault(key, (name, value.removeprefix(_IN_BODY)))
