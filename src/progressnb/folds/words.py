"""What screens say of a status, a duration, a percent: a sign and a word for each, never colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from progressnb.folds.state import RunState, StageState

__all__ = [
    "SIGNS",
    "bar_text",
    "duration_text",
    "percent_text",
    "remaining_seconds",
    "remaining_text",
    "shown_percent",
    "usage_text",
]

SIGNS = {
    "pending": "○",
    "running": "▸",
    "retrying": "↻",
    "fallback": "↷",
    "finished": "✓",
    "failed": "✗",
    "skipped": "–",
    "cancelled": "■",
}

_MINUTE = 60
_HOUR = 3600
_TENTHS_BELOW = 10
_ENOUGH_DONE = 10
_ENOUGH_SEEN = 3
_TOO_SHORT_FOR_A_RANGE = 5


def duration_text(seconds: float | None, *, tenths: bool = True) -> str:
    """Say a duration: `0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds is None:
        return ""
    if tenths and seconds < _TENTHS_BELOW:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


_ROUNDING = 1e-6  # a sum of shares may be a billionth short of 50


def percent_text(percent: float | None) -> str:
    """Say a percent without a fraction; 99.9 is not 100."""
    return "" if percent is None else f"{int(percent + _ROUNDING)} %"


def shown_percent(stage: StageState) -> float | None:
    """Return the percent that a bar shows: none for what was skipped, although its share counts as done."""
    return None if stage.status == "skipped" else stage.percent


def bar_text(percent: float | None, width: int = 10) -> str:
    """Draw a bar in characters."""
    full = 0 if percent is None else int(percent / 100 * width)
    return "█" * full + "░" * (width - full)


def remaining_seconds(state: RunState, elapsed: float) -> float | None:
    """Return how long the run may still take, or None while that would be a guess.

    What the run itself learned is taken first. Else the rest takes as long as its share says, once a tenth
    is done and three seconds have passed.
    """
    if (learned := learned_remaining(state)) is not None:
        return learned[1]
    done = state.overall_progress
    if done < _ENOUGH_DONE or elapsed < _ENOUGH_SEEN:
        return None
    return elapsed * (100 - done) / done


def learned_remaining(state: RunState) -> tuple[float, float, float] | None:
    """Return what past runs say of the seconds that remain, as p10, p50 and p90, or None."""
    match state.data.get("remaining"):
        case [int() | float() as low, int() | float() as middle, int() | float() as high] if 0 <= low <= middle <= high:
            return float(low), float(middle), float(high)
        case int() | float() as seconds if seconds >= 0:
            return float(seconds), float(seconds), float(seconds)
        case _:
            return None


def remaining_text(state: RunState, elapsed: float) -> str:
    """Say how long the run may still take, with the range where past runs tell it; empty if that would be a guess."""
    remaining = remaining_seconds(state, elapsed)
    if remaining is None:
        return ""
    said = f"about {duration_text(max(1.0, remaining), tenths=False)} left"
    learned = learned_remaining(state)
    if learned is None or learned[2] < _TOO_SHORT_FOR_A_RANGE:
        return said
    low, high = (duration_text(max(1.0, bound), tenths=False) for bound in (learned[0], learned[2]))
    if low == high:
        return said
    both_in_seconds = all(bound.removesuffix(" s").isdigit() for bound in (low, high))
    return f"{said} ({low.removesuffix(' s') if both_in_seconds else low}–{high})"


def usage_text(state: RunState) -> str:
    """Say which model worked, and what it used."""
    usage = state.usage
    said = [state.model] if state.model else []
    if tokens := usage.get("input_tokens"):
        said.append(f"{int(tokens):,} tokens in")
    if tokens := usage.get("output_tokens"):
        said.append(f"{int(tokens):,} out")
    if cost := usage.get("cost"):
        said.append(f"${cost:.4f}")
    return " · ".join(said)
