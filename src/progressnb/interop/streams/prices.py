"""The cost of a request by the public prices that pydantic-ai brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["price"]


def price(model: str | None, used: Mapping[str, float]) -> float | None:
    """Return the cost in US dollars of what a model used; None where the price or the usage is unknown."""
    if model is None or not used.get("input_tokens"):
        return None
    try:
        from genai_prices import Usage, calc_price

        counts = Usage(
            input_tokens=int(used["input_tokens"]),
            output_tokens=int(used.get("output_tokens", 0)),
            cache_read_tokens=int(used.get("cache_read", 0)),
            cache_write_tokens=int(used.get("cache_write", 0)),
        )
        return float(calc_price(counts, model_ref=model).total_price)
    except (ImportError, LookupError, ValueError):
        return None
