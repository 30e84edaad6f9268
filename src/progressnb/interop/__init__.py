"""Events in other protocols, AG-UI, MCP and OpenTelemetry; other libraries whose work reports by itself."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from progressnb.interop.mcp import to_mcp
from progressnb.interop.stream import to_agui

if TYPE_CHECKING:
    from progressnb.interop.otel import OtelExport, to_otel

__all__ = ["OtelExport", "to_agui", "to_mcp", "to_otel"]


def __getattr__(name: str) -> object:
    """Load what needs OpenTelemetry when it is first asked for."""
    if name in ("OtelExport", "to_otel"):
        return getattr(importlib.import_module("progressnb.interop.otel"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
