"""Events in other protocols: AG-UI and MCP."""

from __future__ import annotations

from progressnb.interop.agui import to_agui

__all__ = ["to_agui"]
