"""Words and signs of all screens: statuses, tones, durations, percents, what remains, and usage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from progressnb.folds.shapes import is_list, is_number

if TYPE_CHECKING:
    from progressnb.folds.state import RunState, StageState

__all__ = [
    "STATUSES",
    "TONES",
    "Look",
    "about_text",
    "bar_text",
    "clock_text",
    "duration_text",
    "left_text",
    "loop_text",
    "percent_text",
    "postfix_text",
    "rate_text",
    "remaining_seconds",
    "remaining_text",
    "short_text",
    "shown_percent",
    "spent_seconds",
    "status_text",
    "still_seconds",
]


class Look(NamedTuple):
    """The look of a status: a sign, a colour for HTML and charts, and a style of rich for terminals.

    The status itself is its word: a screen never says it by colour alone.
    """

    sign: str
    colour: str
    style: str


STATUSES = {
    "pending": Look("○", "#cbd5e0", "dim"),
    "unreached": Look("–", "#cbd5e0", "dim"),
    "running": Look("●", "#3b82f6", "cyan"),
    "retrying": Look("↻", "#d97706", "yellow"),
    "fallback": Look("↷", "#805ad5", "yellow"),
    "waiting": Look("?", "#b45309", "yellow"),
    "finished": Look("✓", "#16a34a", "green"),
    "mixed": Look("◐", "#b45309", "yellow"),
    "failed": Look("✗", "#dc2626", "bold red"),
    "skipped": Look("–", "#a0aec0", "dim"),
    "cancelled": Look("■", "#8b8b8b", "yellow"),
    "left": Look("–", "#8b8b8b", "dim"),
    "lost": Look("◌", "#8b8b8b", "yellow"),
}
"""The look of each status; the only place where one is chosen.

Four are none of a stage: `lost` is a run elsewhere whose end nobody could read, `left` a run of a stream whose reader
has left the loop, `unreached` is a pending stage of a
run that has ended, `mixed` an end of which not all is well: runs of which some failed, an answer that is not whole.
"""

TONES = {"good": "✓", "bad": "✗", "warning": "⚠"}
"""The sign of each tone that a view's text may have."""

_MINUTE = 60
_HOUR = 3600
_TENTHS_BELOW = 10
_MILLISECONDS_BELOW = 0.95
_TENTH, _MILLISECOND = 0.0995, 0.0005
_TOO_SHORT_FOR_A_RANGE = 5
_STILL, _STEPS = 2.0, 4  # seconds and usual steps without a step after which a loop stands still
_STALE = 10.0  # seconds without any event
_LONGEST = 1e9  # seconds that are told; of numbers that a stranger's record has
_WHOLE_FROM = 100


def duration_text(seconds: float | None, *, finest: Literal["seconds", "tenths", "milliseconds"] = "tenths") -> str:
    """Return a duration in words: `50 ms`, `0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`.

    `finest` is the unit of short durations: `milliseconds` makes 0.4 s `400 ms`, `seconds` makes it `0 s`. In tenths
    less than one is in milliseconds: `0.0 s` would say that nothing was done.
    """
    if seconds is None:
        return ""
    if finest != "seconds" and 0 < seconds < (_MILLISECONDS_BELOW if finest == "milliseconds" else _TENTH):
        return f"{seconds * 1000:.0f} ms" if seconds >= _MILLISECOND else "<1 ms"
    if finest != "seconds" and seconds < _TENTHS_BELOW:
        return f"{seconds:.1f} s"
    whole = round(min(seconds, _LONGEST))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def clock_text(seconds: float) -> str:
    """Return a duration as a clock shows it: `0:15`, `1:02:03`."""
    minutes, seconds = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def status_text(stage: StageState) -> str:
    """Return a stage's message, after its status where the message alone does not tell it."""
    message = stage.message or ""
    if stage.status == "cancelled" and message:  # what it was doing, and not why it was cancelled
        return f"cancelled while {message}" if message.partition(" ")[0].endswith("ing") else f"cancelled · {message}"
    if stage.status in ("pending", "running", "finished") or message.startswith(stage.status):
        return message
    return f"{stage.status}: {message}" if message else stage.status


_ROUNDING = 1e-6  # a sum of shares may be a billionth short of 50


def percent_text(percent: float | None, *, guess: bool = False) -> str:
    """Return a percent without a fraction, rounded down: 99.9 is not 100. One that is a guess reads "~63 %"."""
    return "" if percent is None else f"{'~' if guess else ''}{int(percent + _ROUNDING)} %"


def shown_percent(stage: StageState) -> float | None:
    """Return the percent that a bar shows: None for a skipped stage, although its share counts as done."""
    return None if stage.status == "skipped" else stage.percent


def spent_seconds(stage: StageState, elapsed: float) -> float | None:
    """Return the seconds that a stage took, or has taken so far in a run of this age; None before it begins."""
    if stage.duration is None and stage.started_elapsed is not None:
        return max(0.0, elapsed - stage.started_elapsed)
    return stage.duration


def bar_text(*spans: tuple[float, float], width: int = 10) -> str:
    """Return a bar of characters; each span is its left and right end, 0–1."""
    cells = ["░"] * width
    for left, right in spans:
        first = min(max(int(left * width), 0), width - 1)
        last = min(max(first + 1, round(right * width)), width)
        cells[first:last] = ["█"] * (last - first)
    return "".join(cells)


def remaining_seconds(state: RunState, elapsed: float) -> float | None:
    """Return the seconds that a run of this age may still take, or None where there is no ground to tell.

    The writer of the events computes them, from past runs or from what is counted. A percent alone is no ground: it may
    be a guess of how much of an output is written.
    """
    told = _told_remaining(state, elapsed)
    return told[1] if told is not None else None


def _told_remaining(state: RunState, elapsed: float) -> tuple[float, float, float] | None:
    """Return the seconds that remain as p10, p50 and p90, or None; without a range they are equal."""
    remaining = state.data.get("remaining")
    if not all(map(is_number, remaining if is_list(remaining) else [remaining])):
        return None  # none, or of a record of others: they may be infinite
    match remaining:
        case [int() | float() as low, int() | float() as middle, int() | float() as high] if 0 <= low <= middle <= high:
            told = float(low), float(middle), float(high)
        case int() | float() as seconds if seconds >= 0:
            told = float(seconds), float(seconds), float(seconds)
        case _:
            return None
    silent = elapsed - state.elapsed
    if silent < _STALE:
        return told
    # The writer tells more often than that, so it is blocked or away: the time passes all the same.
    return None if told[1] <= silent else (max(0.0, told[0] - silent), told[1] - silent, told[2] - silent)


def remaining_text(state: RunState, elapsed: float) -> str:
    """Return the time that the run may still take in words, with the range if past runs tell it; empty for a guess.

    A run that has outlasted all past runs has no number: "longer than ever".
    """
    told = _told_remaining(state, elapsed)
    if told is None:
        return "longer than ever" if state.data.get("forecast") == "exceeded" else ""
    return left_text(told)


def left_text(told: tuple[float, float, float]) -> str:
    """Return a time left with its range, p10 to p90, in words: "about 40 s left (30–55 s)"."""
    text = about_text(told[1])
    if told[2] < _TOO_SHORT_FOR_A_RANGE:
        return text
    low, high = (duration_text(max(1.0, bound), finest="seconds") for bound in (told[0], told[2]))
    if low == high:
        return text
    both_in_seconds = all(bound.removesuffix(" s").isdigit() for bound in (low, high))
    return f"{text} ({low.removesuffix(' s') if both_in_seconds else low}–{high})"


def about_text(seconds: float) -> str:
    """Return a time left in words: "about 20 s left"."""
    return f"about {duration_text(max(1.0, seconds), finest='seconds')} left"


def loop_text(stage: StageState, elapsed: float) -> str:
    """Return the facts of a loop in one line: "142/200 · 12.3/s · about 5 s left · loss 0.12"; empty for other stages.

    `elapsed` is the age of the run in seconds. A loop that has ended has no time left; its rate is that of the whole.
    Without a total the count stands alone: "142 · 12.3/s". A loop at work has the rate of its latest step. Where the
    next one is long overdue nobody knows when it comes: "142/200 · no step for 8 s".
    """
    done, total, rate = (_number(stage.data.get(key)) for key in ("done", "total", "rate"))
    if done is None:
        return ""
    parts = [short_text(stage) or (f"{done:,}" if total is None else f"{done:,}/{total:,}")]
    if stage.ended and "rate" in stage.data and (spent := spent_seconds(stage, elapsed)):
        rate = (done - (_number(stage.data.get("initial")) or 0)) / spent
    elif stage.step is not None and not stage.ended:
        rate = stage.step.rate or rate
        if (still := still_seconds(stage, elapsed)) is not None:
            parts.append(f"no step for {duration_text(still, finest='seconds')}")
            rate = None
    if rate:
        parts.append(rate_text(rate))
        if total is not None and total > done and not stage.ended:
            parts.append(about_text((total - done) / rate))
    return " · ".join(filter(None, [*parts, postfix_text(stage)]))


def still_seconds(stage: StageState, elapsed: float) -> float | None:
    """Return for how long a loop at work has stood still: the next step is long overdue. Else None.

    `elapsed` is the age of the run in seconds.
    """
    if stage.step is None or not stage.at_work:
        return None
    rate = stage.step.rate or _number(stage.data.get("rate"))
    still = elapsed - stage.step.time
    return still if rate and still >= max(_STILL, _STEPS / rate) else None


def postfix_text(stage: StageState) -> str:
    """Return what a loop was told to show behind its count: "loss 0.12 · accuracy 0.9"."""
    note, postfix = stage.data.get("note"), stage.data.get("postfix")
    items = cast("dict[str, Any]", postfix).items() if isinstance(postfix, dict) else ()
    parts = [note] if isinstance(note, str) else []
    return " · ".join([*parts, *(f"{name} {_short(value)}" for name, value in items if value is not None)])


def short_text(stage: StageState) -> str:
    """Return how a count differs from what was expected: "stopped at 10 of 100", "30, 20 were expected"; else empty."""
    done, total, stopped = (_number(stage.data.get(key)) for key in ("done", "total", "stopped"))
    if stopped is not None:
        return f"stopped at {stopped:,}" if total is None else f"stopped at {stopped:,} of {total:,}"
    if done is not None and total is not None and done > total:
        return f"{done:,}, {total:,} were expected"
    if stage.status == "finished" and done is not None and total is not None and done < total:
        return f"{done:,} of {total:,} expected"
    return ""


def rate_text(rate: float) -> str:
    """Return items a second in words: `12.3/s`, `1,204/s`; of slow ones the seconds an item: `4.2 s each`."""
    if rate < 1:
        return f"{duration_text(1 / rate)} each"
    return f"{rate:,.0f}/s" if rate >= _WHOLE_FROM else f"{rate:.1f}/s"


def _number(value: object) -> float | None:
    return value if is_number(value) else None


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
