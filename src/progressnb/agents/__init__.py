"""The bridge to pydantic-ai: agents that report, the model that does the work, and what went wrong with it."""

from __future__ import annotations

from progressnb.agents.capability import ReportProgress

__all__ = ["ReportProgress"]
