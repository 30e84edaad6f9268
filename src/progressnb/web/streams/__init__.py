"""A run as a stream of bytes: server-sent events and WebSocket frames."""
