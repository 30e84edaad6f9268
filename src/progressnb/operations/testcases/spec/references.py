"""The resolution of references: those inside the document, and those to other documents that the caller allows.

An allowed document becomes a part of the specification, under a key of its own, and references to it point there.
So nothing after this module reads a file or asks a server.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.budget import MAX_BYTES, Budget
from progressnb.operations.testcases.spec.plain import is_list, is_object
from progressnb.operations.testcases.spec.reading import parse_text, read_file

if TYPE_CHECKING:
    from collections.abc import Collection

    from progressnb.operations.testcases.spec.reading import Source

__all__ = ["bundle", "pointed", "resolve"]

OTHERS = "x-other-documents"
_MOST = 50
"""Other documents."""

_STEPS = 100
"""References that lead to references, until that is taken for a circle."""

_SECONDS = 30.0
"""Seconds that fetching a document may take."""

_PIECE = 65_536


def bundle(source: Source, allow_refs: Collection[str]) -> dict[str, Any]:
    """Return the specification with the allowed documents inside. Raises `InputError` for a reference to any other."""
    return _Bundler(source, allow_refs).bundle()


class _Bundler:
    """Put the documents that a specification refers to into it."""

    def __init__(self, source: Source, allow_refs: Collection[str]) -> None:
        self._source = source
        self._allowed = frozenset(allow_refs)
        self._numbers: dict[str, int] = {}
        self._others: list[Any] = []
        self._budget = Budget(source.name)

    def bundle(self) -> dict[str, Any]:
        data: dict[str, Any] = self._rewritten(self._source.data, "", 0)
        done = 0
        while done < len(self._others):  # a document may refer to further ones
            self._others[done] = self._rewritten(self._others[done], f"/{OTHERS}/{done}", 0)
            done += 1
        if self._others:
            data[OTHERS] = self._others
        return data

    def _rewritten(self, value: Any, home: str, depth: int) -> Any:  # noqa: ANN401 - plain data
        """Return a part of the document at the path `home` with its references as they are after bundling."""
        self._budget.spend(depth)
        if is_list(value):
            return [self._rewritten(each, home, depth + 1) for each in value]
        if not is_object(value):
            return value
        rewritten = {key: self._rewritten(each, home, depth + 1) for key, each in value.items()}
        # The value of a property that is called $ref is a schema, not a text.
        if isinstance(reference := rewritten.get("$ref"), str):
            rewritten["$ref"] = self._target(reference, home)
        return rewritten

    def _target(self, reference: str, home: str) -> str:
        document, _, fragment = reference.partition("#")
        if not document:
            return f"#{home}{fragment}" if fragment.startswith("/") or not fragment else f"#{fragment}"
        if document not in self._allowed:
            raise InputError(
                "references inside the specification",
                f"a reference to {document[:150]!r}",
                f"Nothing else is read unless it is allowed by name: allow_refs=[{document[:150]!r}].",
            )
        if document not in self._numbers:
            if len(self._others) >= _MOST:
                raise InputError(f"at most {_MOST} other documents", "more", "Bundle the specification first.")
            self._numbers[document] = len(self._others)
            self._others.append(parse_text(self._text(document), repr(document[:150])))
        return f"#/{OTHERS}/{self._numbers[document]}{fragment}"

    def _text(self, document: str) -> str:
        if document.lower().startswith(("http://", "https://")):
            return _fetched(document)
        directory = self._source.directory
        name = PurePosixPath(unquote(document))
        if "://" in document or directory is None:
            remedy = "Give the specification as a file; other documents are looked for beside it."
            raise InputError("a file beside the specification", f"{document[:150]!r}", remedy)
        return read_file(Path(directory, *name.parts))[0]


def _fetched(address: str) -> str:
    """Return the text at an address that the caller allowed. A redirect to another address is not followed."""
    shown = repr(address[:150])
    try:
        with _opener().open(address, timeout=_SECONDS) as response:
            content = _bounded_content(response, shown)
        return content.decode("utf-8-sig")
    except InputError:
        raise
    except (OSError, ValueError, HTTPException) as error:
        got = f"{shown} ({error})"
        raise InputError("a document that can be fetched", got, "Save it as a file.") from None


def _bounded_content(response: HTTPResponse, shown: str) -> bytes:
    if response.status != HTTPStatus.OK:
        raise InputError("the document", f"status {response.status} from {shown}", "Save it as a file.")
    ends = time.monotonic() + _SECONDS
    content = b""
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > MAX_BYTES:
            raise InputError(f"at most {MAX_BYTES:,} bytes", f"more from {shown}", "Split it.")
        if time.monotonic() > ends:
            raise InputError(f"an answer within {_SECONDS:.0f} s", f"a slower one from {shown}", "Save it as a file.")
    return content


def _opener() -> OpenerDirector:
    """Return an opener for HTTP alone: urllib's own would follow redirects, and open files."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    return opener


def pointed(document: Any, reference: str) -> Any:  # noqa: ANN401 - plain data
    """Return the value that a reference inside a document points to. Raises `InputError` where there is none."""
    value = document
    if reference not in ("#", "#/"):
        if not reference.startswith("#/"):
            raise InputError("a reference such as #/components/schemas/Pet", repr(reference[:150]), "Write its path.")
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if is_object(value) and key in value:
                value = value[key]
            elif is_list(value) and key.isdecimal() and len(key) < 8 and int(key) < len(value):  # noqa: PLR2004
                value = value[int(key)]
            else:
                remedy = "Check its spelling, and that its target is there."
                raise InputError(
                    "a reference to a part of the document", f"{reference[:150]!r}, which is not there", remedy
                )
    return value


def resolve(document: dict[str, Any], value: Any) -> Any:  # noqa: ANN401 - plain data
    """Return a value after following its references. Raises `InputError` for a circle."""
    for _ in range(_STEPS):
        reference = value.get("$ref") if is_object(value) else None
        if not isinstance(reference, str):
            return value
        value = pointed(document, reference)
    raise InputError("a reference that ends somewhere", "one that goes round in circles", "Check the $ref values.")
