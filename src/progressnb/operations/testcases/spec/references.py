"""References: inside the document they are followed, to other documents refused unless allowed by name.

An allowed document becomes part of the specification, under a key of our own, and all that refers to it
is led there. So nothing behind this room ever reads a file or asks a server.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

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
_STEPS = 100
_TIMEOUT = 30.0


def bundle(source: Source, allow_refs: Collection[str]) -> dict[str, Any]:
    """Return the specification with its allowed documents inside; raise `InputError` for any other."""
    return _Bundler(source, allow_refs).bundle()


class _Bundler:
    def __init__(self, source: Source, allow_refs: Collection[str]) -> None:
        self._source = source
        self._allowed = frozenset(allow_refs)
        self._numbers: dict[str, int] = {}
        self._others: list[Any] = []
        self._budget = Budget(source.name)

    def bundle(self) -> dict[str, Any]:
        data: dict[str, Any] = self._led(self._source.data, "", 0)
        done = 0
        while done < len(self._others):  # a document may bring others
            self._others[done] = self._led(self._others[done], f"/{OTHERS}/{done}", 0)
            done += 1
        if self._others:
            data[OTHERS] = self._others
        return data

    def _led(self, value: Any, home: str, depth: int) -> Any:  # noqa: ANN401 - plain data
        self._budget.spend(depth)
        if is_list(value):
            return [self._led(each, home, depth + 1) for each in value]
        if not is_object(value):
            return value
        led = {key: self._led(each, home, depth + 1) for key, each in value.items()}
        # A property may be called $ref; then its value is a schema.
        if isinstance(reference := led.get("$ref"), str):
            led["$ref"] = self._target(reference, home)
        return led

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
    """Fetch a document that the caller allowed by its address; it may not send us elsewhere."""
    import httpx

    try:
        with httpx.stream("GET", address, timeout=_TIMEOUT, follow_redirects=False) as response:
            if response.status_code != int(HTTPStatus.OK):
                raise InputError("the document", f"status {response.status_code} from {address[:150]!r}", "Save it.")
            content = b""
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MAX_BYTES:
                    raise InputError(f"at most {MAX_BYTES:,} bytes", f"more from {address[:150]!r}", "Split it.")
            return content.decode("utf-8-sig")
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
        raise InputError(
            "a document that can be fetched", f"{address[:150]!r} ({error})", "Save it as a file."
        ) from None


def pointed(document: Any, reference: str) -> Any:  # noqa: ANN401 - plain data
    """Return what a reference inside a document points to; raise `InputError` where nothing is."""
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
                remedy = "Check its spelling, and that what it names is there."
                raise InputError("a reference to something", f"{reference[:150]!r}, which is not there", remedy)
    return value


def resolve(document: dict[str, Any], value: Any) -> Any:  # noqa: ANN401 - plain data
    """Follow references until something else comes."""
    for _ in range(_STEPS):
        reference = value.get("$ref") if is_object(value) else None
        if not isinstance(reference, str):
            return value
        value = pointed(document, reference)
    raise InputError("a reference that ends somewhere", "one that goes round in circles", "Check the $ref values.")
