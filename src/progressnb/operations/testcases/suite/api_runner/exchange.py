"""One request and its answer: in bounded time and size, and without cookies that earlier answers left."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

    from .sending import Message

__all__ = ["exchange"]

_LONGEST = 50_000_000
"""Bytes of an answer."""

_PATIENCE = 30.0
"""Seconds that an answer may take to end, where the client itself waits for ever."""

_ENDLESS = ("text/event-stream", "multipart/x-mixed-replace")
"""Types of answers that need not end: the first bytes of them are enough."""


def exchange(message: Message, client: Any) -> httpx.Response:  # noqa: ANN401 - an httpx.Client, or what stands for one
    """Send a request and return its answer.

    A cookie that the answer leaves is not sent again: a case would depend on those before it, and its `curl` lines
    would not do what it does. Those that the client had stay.
    """
    body: dict[str, Any] = {"files": message.parts} if message.parts else {"content": message.content}
    request = client.build_request(message.method, message.url, headers=message.headers, **body)
    with _cookies_forgotten(client):
        if not isinstance(client, httpx.Client):
            answer: httpx.Response = client.send(request, follow_redirects=False)
            return answer
        try:
            response = client.send(request, follow_redirects=False, stream=True)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # A server may close a connection that was kept, after an error for one: on a new one it answers.
            response = client.send(request, follow_redirects=False, stream=True)
        try:
            return _read(response, client.timeout.read or _PATIENCE)
        finally:
            response.close()


def _read(response: httpx.Response, patience: float) -> httpx.Response:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    ends = time.monotonic() + patience
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if kind in _ENDLESS:
            break
        if len(content) > _LONGEST:
            raise httpx.ReadError(f"more than {_LONGEST:,} bytes")
        if time.monotonic() > ends:
            raise httpx.ReadTimeout(f"the answer has not ended after {patience:g} s")
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_WAY]
    return httpx.Response(
        response.status_code,
        headers=headers,
        content=bytes(content),
        request=response.request,
        extensions={key: value for key, value in response.extensions.items() if key != "network_stream"},
    )


_OF_THE_WAY = (b"content-encoding", b"transfer-encoding")
"""Headers of how the bytes came, which have been read."""


@contextmanager
def _cookies_forgotten(client: Any) -> Generator[None]:  # noqa: ANN401 - as above
    jar = getattr(getattr(client, "cookies", None), "jar", None)
    if jar is None:
        yield
        return
    before = {(each.domain, each.path, each.name) for each in jar}
    try:
        yield
    finally:
        for domain, path, name in [(each.domain, each.path, each.name) for each in jar]:
            if (domain, path, name) not in before:
                jar.clear(domain, path, name)
