"""The fetching of a document from the web: in bounded time and size, without redirects."""

from __future__ import annotations

import html
import re
import time
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.budget import MAX_BYTES

__all__ = ["fetched", "specification_at"]

_SECONDS = 30.0
"""Seconds that fetching a document may take."""

_PIECE = 65_536

_LINKS = (
    r"""\burl["']?\s*[:=]\s*["']([^"']+)["']""",
    r"""\b(?:spec-url|data-url|apiDescriptionUrl|href)\s*=\s*["']([^"']+\.(?:json|ya?ml)(?:\?[^"']*)?)["']""",
)
"""The places where pages of Swagger UI, Redoc and the like name the document that they show."""

_DOCUMENT = r"openapi|swagger|api-?docs|schema|spec|\.(json|ya?ml)$"
"""The words in the address of a specification that those of other pages lack."""


def specification_at(address: str) -> str:
    """Return the specification at an address that the caller gave.

    Where it is a page that shows one, such as `/docs`, the document that the page names is read, if it is on the same
    host. Raises `InputError` for what can't be fetched, needs a login, or is another page.
    """
    text = fetched(address)
    if not _is_page(text):
        return text
    found = (urljoin(address, html.unescape(each)) for link in _LINKS for each in re.findall(link, text))
    shown = next((each for each in found if re.search(_DOCUMENT, urlsplit(each).path, re.IGNORECASE)), None)
    if shown is None:
        remedy = "Give the address of the document itself; it often ends in /openapi.json."
        raise InputError("a specification", f"a page of HTML at {address[:150]!r}", remedy)
    if urlsplit(shown)[:2] != urlsplit(address)[:2]:
        got = f"a page of HTML at {address[:150]!r}, which shows {shown[:150]!r}"
        raise InputError("a specification", got, "Give that address, if you trust it.")
    text = fetched(shown)
    if _is_page(text):
        got = f"a page of HTML at {address[:150]!r}, and at {shown[:150]!r}, which it shows"
        raise InputError("a specification", got, "Give the address of the document itself.")
    return text


def _is_page(text: str) -> bool:
    return re.match(r"\s*<(!doctype|html|\?xml|!--)", text, re.IGNORECASE) is not None


def fetched(address: str) -> str:
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
        raise InputError("the document", f"status {response.status} from {shown}", _remedy(response))
    ends = time.monotonic() + _SECONDS
    content = b""
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > MAX_BYTES:
            raise InputError(f"at most {MAX_BYTES:,} bytes", f"more from {shown}", "Split it.")
        if time.monotonic() > ends:
            raise InputError(f"an answer within {_SECONDS:.0f} s", f"a slower one from {shown}", "Save it as a file.")
    return content


def _remedy(response: HTTPResponse) -> str:
    where = response.headers.get("Location")
    if where and HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        return f"It says that it is at {where[:150]!r}: give that address, if you trust it."
    if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return "It needs a login: fetch it with yours, and give the text, such as httpx.get(…, headers=…).text."
    return "Check the address, or save the document as a file."


def _opener() -> OpenerDirector:
    """Return an opener for HTTP alone: urllib's own would follow redirects, and open files."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    return opener
