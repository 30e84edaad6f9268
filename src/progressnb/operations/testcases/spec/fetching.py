"""The fetching of a document from the web: in bounded time and size, without redirects."""

from __future__ import annotations

import time
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler

from progressnb.errors import InputError
from progressnb.operations.testcases.spec.budget import MAX_BYTES

__all__ = ["fetched"]

_SECONDS = 30.0
"""Seconds that fetching a document may take."""

_PIECE = 65_536


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
