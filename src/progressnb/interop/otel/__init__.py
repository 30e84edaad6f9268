"""OpenTelemetry, both ways: runs as spans, and spans of instrumented libraries as stages."""

from __future__ import annotations

from progressnb.interop.otel.spans import OtelExport, to_otel
from progressnb.interop.otel.stages import install

__all__ = ["OtelExport", "install", "to_otel"]
