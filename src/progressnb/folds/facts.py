"""Facts of a run in words: what it costs, which model it asks, and what somebody did to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_dict, is_number
from progressnb.folds.texts import brief

if TYPE_CHECKING:
    from progressnb.folds.state import RunState

__all__ = ["act_text", "cost_text", "error_text", "model_text"]

_DEAREST = 1e12
_CENTS_BELOW = 100
_TENTH = 0.1
_SAID_LIMIT = 200  # characters of what somebody said
_TOKENS = (("input_tokens", "tokens in"), ("output_tokens", "tokens out"))
_ACTS = {
    "enough": "ended early",
    "stop_if": "ended early by stop_if",
    "say": "told",
    "approve": "approved",
    "deny": "denied",
    "budget": "over budget",
}
_BY = {"panel": " in the panel", "page": " on the page"}


def cost_text(cost: object) -> str:
    """Return a cost in dollars with two significant digits: `$0.004`, `$1.30`, `$140`; empty for what is no cost."""
    if not is_number(cost) or not 0 < cost < _DEAREST:
        return ""
    if cost >= _CENTS_BELOW:
        return f"${cost:,.0f}"
    if cost >= _TENTH:
        return f"${cost:.2f}"
    rounded = f"{float(f'{cost:.1e}'):.12f}".rstrip("0")
    return f"${rounded}" if float(rounded) else "under $0.000001"


def error_text(state: RunState) -> str:
    """Return the whole error of a run that failed, with its type and its stage, to be copied; else an empty text."""
    if state.status != "failed":
        return ""
    kind, message = state.error_type or "Error", state.error or ""
    text = message if message.startswith(kind) else f"{kind}: {message}" if message else kind
    where = state.find(state.error_stage) if state.error_stage else None
    return (
        f"{text}\nin stage {where.title} of {state.operation}" if where is not None else f"{text}\nin {state.operation}"
    )


def model_text(state: RunState) -> str:
    """Return the model of a run, with its tokens in and out once it has ended; empty where none is known."""
    if not state.model:
        return ""
    usage = state.usage if state.ended else {}
    counts = [f"{number:,.0f} {word}" for key, word in _TOKENS if is_number(number := usage.get(key)) and number]
    return " · ".join([state.model, *counts])


def act_text(intervention: object) -> str:
    """Return what somebody did with a stage or a run at work: "approved in the panel", "told: shorter, please"."""
    if not is_dict(intervention):
        return ""
    kind, by, text = intervention.get("kind"), intervention.get("by"), intervention.get("text")
    act = _ACTS.get(kind, "") if isinstance(kind, str) else ""
    if not act:
        return ""
    where = _BY.get(by, "") if isinstance(by, str) and kind != "say" else ""
    return f"{act}{where}: {brief(text, _SAID_LIMIT)}" if isinstance(text, str) and text.strip() else f"{act}{where}"
