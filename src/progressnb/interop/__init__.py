"""Events in other protocols, AG-UI and MCP; other libraries whose work reports by itself."""

from __future__ import annotations

from progressnb.interop.mcp import to_mcp
from progressnb.interop.stream import to_agui

__all__ = ["to_agui", "to_mcp"]
