"""Listening sockets on a host and a port."""

from __future__ import annotations

import socket

from progressnb.errors import ServeError

__all__ = ["bind"]

SEND_BUFFER = 262_144
"""Bytes that the system buffers for a connection that takes nothing. Without a limit they grow to 4 MB."""

LAST_PORT = 65_535


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `ServeError` for a host or a port that can't be used."""
    remedy = "Choose another port; 0 is a free one."
    if not 0 <= port <= LAST_PORT:  # the system would choose another port
        raise ServeError(f"a port from 0 to {LAST_PORT}", repr(port), remedy)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            listener.bind(address)
            listener.listen(2048)
            listener.setblocking(False)  # noqa: FBT003 - its only form
        except BaseException:
            listener.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        got = f"{host}:{port} ({getattr(error, 'strerror', None) or error})"
        raise ServeError("a host and a port to serve on", got, remedy) from None
    return listener
