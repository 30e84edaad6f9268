"""`attach` goes where it was sent, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

import pytest

import progressnb as pnb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECRET = "a-secret-of-one-host"  # noqa: S105 - of tests


async def _listen(handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> asyncio.Server:
    return await asyncio.start_server(handle, "127.0.0.1", 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("transport", ["sse", "websocket"])
async def test_no_redirect_is_followed(transport: Literal["sse", "websocket"], status: int) -> None:
    """A server that sends `attach` to another host is an error: the other host hears nothing, and so no token."""
    heads: list[bytes] = []
    elsewhere: list[str] = []

    async def other(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        elsewhere.append("a connection")
        writer.close()

    async def redirecting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        scheme = "ws" if transport == "websocket" else "http"
        location = f"{scheme}://localhost:{target}/runs/one/ws"
        writer.write(f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await _listen(other) as there, await _listen(redirecting) as here:
        target = there.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{here.sockets[0].getsockname()[1]}/runs/one"
        with pytest.raises(pnb.errors.AttachError, match=f"status {status}"):
            await pnb.attach(url, token=SECRET, transport=transport, show=False)
    assert [SECRET.encode() in head for head in heads] == [True]
    assert elsewhere == []
