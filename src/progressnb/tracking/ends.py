"""The ends of a model's answer that is not whole, from the reasons that providers give."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["AnswerEnd", "answer_end"]

AnswerEnd: TypeAlias = Literal["unended", "limit", "filter", "refused", "broken"]
"""The kind of end of an answer that is not whole, as `data.answer_end` has it.

`unended`: no reason came, so it may be cut. `limit`: of tokens. `filter`: of the provider. `broken`: off, by the
provider.
"""

_REASONS: dict[AnswerEnd, tuple[str, ...]] = {
    "limit": (
        *("length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length"),
        *("model_context_window_exceeded", "token_limit", "error_limit"),
    ),
    "filter": (
        *("content_filter", "content_filtered", "safety", "prohibited_content", "blocklist", "recitation", "spii"),
        *("image_safety", "image_prohibited_content", "image_recitation", "guardrail_intervened", "error_toxic"),
    ),
    "refused": ("refusal", "refused"),
    "broken": (
        *("error", "other", "language", "incomplete", "timeout", "network_error", "insufficient_system_resource"),
        *("malformed_function_call", "malformed_model_output", "malformed_tool_use", "unexpected_tool_call"),
    ),
}
_ENDS: dict[str, AnswerEnd] = {reason: end for end, reasons in _REASONS.items() for reason in reasons}


def answer_end(reason: str) -> AnswerEnd | None:
    """Return how an answer ended that a provider ended for this reason; None for one that is whole."""
    plain = reason.strip().lower().rpartition(".")[2].replace("-", "_")
    return "filter" if plain.startswith("blocked") else _ENDS.get(plain)
