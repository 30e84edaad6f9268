"""Uvicorn's parts that are not public: those that `progressnb.web.uvicorn` overrides or reads are as they are expected.

A failure here comes with a new version of uvicorn or websockets. Each message names the code of ours to look at. When
all tests of the server pass with the new version, raise the upper bound of the extra `web` in pyproject.toml.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import h11
import pytest
import uvicorn
import websockets.exceptions
import websockets.server
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

ENGINE, FRAMING, HEADS, SERVING = (
    f"progressnb/web/uvicorn/{name}.py" for name in ("engine", "framing", "heads", "serving")
)


def look_at(where: str, what: str) -> str:
    """Return what a failed check says."""
    return f"{what} of uvicorn {version('uvicorn')} is not as {where} expects: look at its uses there"


@pytest.mark.parametrize(
    ("method", "parameters", "is_async"),
    [
        ("serve", ["self", "sockets"], True),
        ("startup", ["self", "sockets"], True),
        ("shutdown", ["self", "sockets"], True),
        ("main_loop", ["self"], True),
        ("on_tick", ["self", "counter"], True),
        ("capture_signals", ["self"], False),
    ],
)
def test_methods_of_the_server(method: str, parameters: list[str], is_async: bool) -> None:
    """`Engine` overrides or calls these methods of `uvicorn.Server`."""
    found = getattr(uvicorn.Server, method, None)
    assert found is not None, look_at(ENGINE, f"Server.{method}")
    assert list(inspect.signature(found).parameters) == parameters, look_at(ENGINE, f"Server.{method}")
    assert inspect.iscoroutinefunction(found) == is_async, look_at(ENGINE, f"Server.{method}")


def test_order_of_the_server() -> None:
    """`Server.serve` goes through the methods that `Engine` overrides."""
    source = inspect.getsource(uvicorn.Server)
    for call in ("self.capture_signals()", "self.startup(", "self.main_loop()", "self.shutdown("):
        assert call in source, look_at(ENGINE, f"the call {call} in Server")


async def test_attributes_of_the_server() -> None:
    """`Engine` and `Server` read and set these attributes."""
    config = uvicorn.Config(_app, lifespan="off", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    assert server.should_exit is False, look_at(SERVING, "Server.should_exit")
    assert server._captured_signals == [], look_at(ENGINE, "Server._captured_signals")
    assert isinstance(server.server_state, ServerState), look_at(ENGINE, "Server.server_state")
    assert server.server_state.connections == set(), look_at(ENGINE, "ServerState.connections")
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[])
    assert server.servers == [], look_at(ENGINE, "Server.servers")


def test_the_app_of_a_config() -> None:
    """`server_of` loads a `Config` and then puts its own app into it."""
    config = uvicorn.Config(_app, lifespan="off", log_config=None)
    config.load()
    assert config.loaded is True, look_at(SERVING, "Config.loaded")
    assert hasattr(config, "loaded_app"), look_at(SERVING, "Config.loaded_app")
    assert "config.loaded_app" in inspect.getsource(H11Protocol), look_at(SERVING, "Config.loaded_app")


@pytest.mark.parametrize("protocol", [H11Protocol, WebSocketsSansIOProtocol])
def test_connections(protocol: Any) -> None:
    """`Engine.abort` finds a connection by its `client` and ends it by its `transport`."""
    source = inspect.getsource(protocol)
    for attribute in ("self.client", "self.transport"):
        assert attribute in source, look_at(ENGINE, f"{protocol.__name__}: {attribute}")


async def test_the_heads() -> None:
    """`TimedHeads` overrides three methods of uvicorn's protocol, and asks h11 whether a head is awaited."""
    for method, parameters in (
        ("connection_made", ["self", "transport"]),
        ("connection_lost", ["self", "exc"]),
        ("data_received", ["self", "data"]),
    ):
        found = list(inspect.signature(getattr(H11Protocol, method)).parameters)
        assert found == parameters, look_at(HEADS, f"H11Protocol.{method}")
    config = uvicorn.Config(_app, lifespan="off", log_config=None, http=H11Protocol)
    config.load()
    assert config.http_protocol_class is H11Protocol, look_at(SERVING, "Config.http_protocol_class")
    protocol = H11Protocol(config=config, server_state=ServerState(), app_state={})
    assert protocol.conn.their_state is h11.IDLE, look_at(HEADS, "H11Protocol.conn.their_state")
    protocol.conn.receive_data(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow:")
    assert protocol.conn.next_event() is h11.NEED_DATA, look_at(HEADS, "H11Protocol.conn")
    assert protocol.conn.their_state is h11.IDLE, look_at(HEADS, "H11Protocol.conn.their_state")
    protocol.conn.receive_data(b" y\r\n\r\n")
    assert isinstance(protocol.conn.next_event(), h11.Request), look_at(HEADS, "H11Protocol.conn")
    assert protocol.conn.their_state is not h11.IDLE, look_at(HEADS, "H11Protocol.conn.their_state")
    assert "backlog=config.backlog" in inspect.getsource(uvicorn.Server.startup), look_at(SERVING, "Config.backlog")
    assert "self.connections.discard(self)" in inspect.getsource(H11Protocol.handle_websocket_upgrade), look_at(
        HEADS, "H11Protocol.handle_websocket_upgrade"
    )


async def test_the_socket() -> None:
    """`QuietSocket` overrides `data_received` and `run_asgi`, and reads these attributes."""
    assert list(inspect.signature(WebSocketsSansIOProtocol.data_received).parameters) == ["self", "data"], look_at(
        FRAMING, "data_received"
    )
    assert inspect.iscoroutinefunction(WebSocketsSansIOProtocol.run_asgi), look_at(FRAMING, "run_asgi")
    config = uvicorn.Config(_app, lifespan="off", log_config=None)
    config.load()
    socket: Any = WebSocketsSansIOProtocol(config, ServerState(), {})
    assert isinstance(socket.conn, websockets.server.ServerProtocol), look_at(FRAMING, "conn")
    assert isinstance(socket.conn.debug, bool), look_at(FRAMING, "conn.debug")
    assert socket.close_sent is False, look_at(FRAMING, "close_sent")
    assert socket.handshake_initiated is False, look_at(FRAMING, "handshake_initiated")
    assert inspect.iscoroutinefunction(socket.writable.wait), look_at(FRAMING, "writable")
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for part in (
        "self.scope",
        "self.transport",
        "self.run_asgi()",
        "self.conn.data_to_send()",
        "self.writable.clear()",
    ):
        assert part in source, look_at(FRAMING, f"WebSocketsSansIOProtocol: {part}")
    assert issubclass(ClientDisconnected, Exception)


def test_frames_of_websockets() -> None:
    """`QuietSocket` sends a message in parts by these methods of websockets."""
    for method in ("send_text", "send_continuation"):
        parameters = list(inspect.signature(getattr(websockets.server.ServerProtocol, method)).parameters)
        assert parameters == ["self", "data", "fin"], look_at(FRAMING, f"websockets' {method}")
    assert issubclass(websockets.exceptions.InvalidState, Exception)


@pytest.mark.parametrize("name", ["sse", "websocket", "attach"])
def test_streams_need_no_server(name: str) -> None:
    """`sse` and `websocket` in an app of one's own load neither uvicorn nor FastAPI, and `attach` no server at all."""
    code = (
        f"import sys; from progressnb.web import {name}; "
        "print(*sorted({'uvicorn', 'fastapi', 'httpx'} & {*sys.modules}), 'progressnb.web.uvicorn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""
