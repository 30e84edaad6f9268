"""Events in other protocols, AG-UI, MCP and OpenTelemetry; other libraries whose work reports by itself."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from progressnb.interop.mcp import to_mcp
from progressnb.interop.stream import to_agui

if TYPE_CHECKING:
    from progressnb.agents.mcp import from_mcp
    from progressnb.interop.otel import OtelExport, to_otel

__all__ = ["OtelExport", "from_mcp", "to_agui", "to_mcp", "to_otel"]

_LATE = {
    "OtelExport": "progressnb.interop.otel",
    "from_mcp": "progressnb.agents.mcp",
    "to_otel": "progressnb.interop.otel",
}


def __getattr__(name: str) -> object:
    """Load what needs OpenTelemetry or pydantic-ai when it is first asked for."""
    if name in _LATE:
        return getattr(importlib.import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
