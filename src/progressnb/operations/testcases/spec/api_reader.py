"""The reader of endpoints: a document becomes an `Api`, and an endpoint that can't be read costs none of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.addresses import address_of
from progressnb.operations.testcases.spec.book import SchemaBook
from progressnb.operations.testcases.spec.endpoint_reader import EndpointReader
from progressnb.operations.testcases.spec.endpoints import Api, Endpoint
from progressnb.operations.testcases.spec.flaws import FlawError, shown
from progressnb.operations.testcases.spec.kinds import read_scheme
from progressnb.operations.testcases.spec.plain import is_object, object_at
from progressnb.operations.testcases.spec.swagger import schemes_of_swagger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progressnb.operations.testcases.schemas import Scheme
    from progressnb.operations.testcases.spec.references import Documents

__all__ = ["read_api"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def read_api(documents: Documents, wanted: Sequence[str] | None) -> Api:
    """Return the API of a document.

    Args:
        documents: The document, and those that it refers to.
        wanted: The endpoints to make cases for: `"POST /pets"`, or `"/pets"` for all of a path; None for all. The
            others are read only where they are needed.

    Raises:
        InputError: An endpoint of `wanted` is not there, or the document has no endpoint.

    """
    document = documents.main
    info = object_at(document, "info")
    book = SchemaBook(documents)
    schemes = _schemes(documents)
    known = _Known(documents, book, schemes)
    names = list(known.names) if wanted is None else _chosen(known, wanted)
    if object_at(document, "webhooks"):
        book.notes.add("Webhooks have no cases: the API sends them itself.")
    if not names:
        raise _no_endpoint(document, known)
    endpoints = tuple(known[name] for name in names if name in known)
    unread = {name: known.unread[name] for name in names if name in known.unread}
    title, version = str(info.get("title", "")), str(info.get("version", ""))
    server = address_of(document) or str(document.get("basePath", ""))
    return Api(
        title=title,
        version=version,
        endpoints=endpoints,
        known=known,
        names=tuple(known.names),
        schemes=tuple(schemes.values()),
        book=book,
        server=server,
        unread=unread,
        operations=known.operations(),
    )


def _chosen(known: _Known, wanted: Sequence[str]) -> list[str]:
    """Return the names of the wanted endpoints. Raises `InputError` for one that is not there."""
    there = {each for name in known.names for each in (name, name.partition(" ")[2] or name)}
    missing = [name for name in wanted if name not in there]
    if missing:
        shown_names = ", ".join(list(known.names)[:20])
        raise InputError("endpoints of the specification", repr(missing[0][:100]), f"There are: {shown_names[:600]}")
    return [name for name in known.names if {name, name.partition(" ")[2]} & set(wanted)]


def _schemes(documents: Documents) -> dict[str, Scheme]:
    document = documents.main
    is_old = documents.version == "2.0"
    stated = schemes_of_swagger(document) if is_old else object_at(object_at(document, "components"), "securitySchemes")
    found: dict[str, Scheme] = {}
    for name, each in stated.items():
        scheme: Any = {}
        try:
            scheme = documents.resolved(each)
        except FlawError as error:
            documents.notes.add(f"{documents.told(error)}.")
        found[name] = read_scheme(name, scheme if is_object(scheme) else {}, stated)
    return found


def _no_endpoint(document: dict[str, Any], known: _Known) -> InputError:
    if known.names:
        return InputError("endpoints to test", "none of them", "Name some in endpoints=[…], or leave it out for all.")
    if object_at(document, "webhooks"):
        remedy = "Webhooks are requests that the API itself sends; cases call an API, so add what it takes under paths."
        return InputError("endpoints to test", "webhooks alone, no paths", remedy)
    return InputError("endpoints to test", "none", "Add operations, such as get or post, under paths.")


class _Known(Mapping[str, Endpoint]):
    """The endpoints of a document by name, each read when it is first asked for.

    Attributes:
        names: The names of all, also of those that can't be read. A path that can't be read at all is one, too.
        unread: The endpoints that turned out not to be readable, and why.

    """

    def __init__(self, documents: Documents, book: SchemaBook, schemes: dict[str, Scheme]) -> None:
        self._documents = documents
        self._reader = EndpointReader(documents, book, schemes)
        self._read: dict[str, Endpoint] = {}
        self.unread: dict[str, str] = {}
        self.names: dict[str, tuple[str, str, dict[str, Any], Any]] = {
            each[0]: each[1:] for each in self._listed(object_at(documents.main, "paths"))
        }

    def _listed(self, paths: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any], Any]]:
        for path, stated in paths.items():
            if not path.startswith("/"):
                if not path.startswith("x-"):
                    self._documents.pass_over(paths, path, "no path, since it does not begin with a slash")
                continue
            try:
                item = self._documents.resolved(stated)
            except FlawError as error:
                self.unread[path] = self._documents.told(error)
                yield path, "", path, {}, None
                continue
            if is_object(item):
                yield from self._operations(path, item)
            elif item is not None:
                self.unread[path] = self._documents.told(
                    FlawError(paths, path, f"{shown(item)} is no object of operations")
                )
                yield path, "", path, {}, None

    def _operations(self, path: str, item: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any], Any]]:
        is_newest = self._documents.version == "3.2"
        for method in (*_METHODS, *(("query",) if is_newest else ())):
            if item.get(method) is not None:
                yield f"{method.upper()} {path}", method.upper(), path, item, (item, method)
        others = object_at(item, "additionalOperations") if is_newest else {}
        for method in others:
            if method.isascii() and method.isalpha():
                yield f"{method.upper()} {path}", method.upper(), path, item, (others, method)

    def operations(self) -> dict[str, dict[str, Any]]:
        """Return the operations as they are stated, by the names of the endpoints."""
        places = {name: place for name, (_, _, _, place) in self.names.items() if place is not None}
        stated = {name: parent.get(key) for name, (parent, key) in places.items()}
        return {name: each for name, each in stated.items() if is_object(each)}

    def __getitem__(self, name: str) -> Endpoint:
        if name not in self._read:
            if name in self.unread or name not in self.names:
                raise KeyError(name)
            method, path, item, (parent, key) = self.names[name]
            try:
                self._read[name] = self._reader.endpoint(name, method, path, item, parent, key)
            except FlawError as error:
                self.unread[name] = self._documents.told(error)
                raise KeyError(name) from error
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.names if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
