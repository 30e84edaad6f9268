"""The server: an ASGI app with its routes, its access rules and its limits."""
