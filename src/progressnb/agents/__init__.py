"""The bridge to pydantic-ai: agents that report, the model that does the work, and what went wrong with it."""

from __future__ import annotations

from progressnb.agents.capability import ReportProgress
from progressnb.agents.models import resolve_model
from progressnb.agents.offline import HOW_TO_USE_AN_LLM, OfflineModel

__all__ = ["HOW_TO_USE_AN_LLM", "OfflineModel", "ReportProgress", "resolve_model"]
