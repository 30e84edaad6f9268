"""The traits of an agent run: whether its answers may be streamed for our sake, and who makes spans of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.instrumented import InstrumentedModel

from progressnb.agents.members import members
from progressnb.agents.models import can_stream, judges_responses
from progressnb.agents.refusals import has_refused, innermost

if TYPE_CHECKING:
    from pydantic_ai.tools import RunContext

__all__ = ["may_want_stream", "traced_by_pydantic_ai"]


def may_want_stream(ctx: RunContext[Any], *, by_user: bool) -> bool:
    """Return whether a stream gives the answer that a plain request gives, as far as it can be known.

    A fallback after a response, or in mid-stream, happens in plain requests only. `watch` was not asked for a stream.
    """
    fallbacks = [each for each in members(ctx.root_capability) if hasattr(each, "_predicates")]
    if any(judges_responses(each) for each in fallbacks):
        return False
    if not by_user and (fallbacks or isinstance(innermost(ctx.model), FallbackModel)):
        return False
    return can_stream(ctx.model) and not has_refused(ctx.model)


def traced_by_pydantic_ai(ctx: RunContext[Any]) -> str | None:
    """Return what pydantic-ai itself makes spans of: the "agent", its "model" alone, or None."""
    if type(ctx.tracer).__name__ != "NoOpTracer":
        return "agent"
    model: Any = ctx.model
    while model is not None and not isinstance(model, InstrumentedModel):
        model = getattr(model, "wrapped", None)
    return "model" if model is not None else None
