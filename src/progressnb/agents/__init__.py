"""The bridge to pydantic-ai: agents that report, questions to models, rules in a model's place, errors of models."""

from __future__ import annotations

from progressnb.agents.capability import ReportProgress
from progressnb.agents.errors import is_model_failure
from progressnb.agents.models import can_stream, open_model, resolve_model
from progressnb.agents.offline import HOW_TO_USE_AN_LLM, OfflineModel
from progressnb.agents.outputs import output_types

__all__ = [
    "HOW_TO_USE_AN_LLM",
    "OfflineModel",
    "ReportProgress",
    "can_stream",
    "is_model_failure",
    "open_model",
    "output_types",
    "resolve_model",
]
