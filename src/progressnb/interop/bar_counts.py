"""The numbers of a progress bar of another library, and its count in words. A bar is read, and never changed."""

from __future__ import annotations

from typing import Any, Protocol

from progressnb.wire.plain import one_line

__all__ = ["NAME", "Bar", "count_text", "counts_of", "number_of", "scaled", "start_of", "title_of"]

NAME = 200
"""The most characters of a name, a unit or a note."""


class Bar(Protocol):
    """A bar as tqdm's are."""

    n: Any
    total: Any
    initial: Any
    desc: Any
    unit: Any
    unit_scale: Any
    unit_divisor: Any

    @staticmethod
    def format_sizeof(num: Any, suffix: str = "", divisor: Any = 1000) -> str:  # noqa: ANN401 - of tqdm
        """Return a number with a prefix of units, such as "1.05M"."""
        ...


def start_of(bar: Bar) -> float:
    """Return the number of items that were done before the bar began."""
    return number_of(bar.initial) or 0


def number_of(value: object) -> float | None:
    """Return a number of any library as Python's own, or None."""
    try:
        number = float(value)  # type: ignore[arg-type] # anything that tqdm took
    except (TypeError, ValueError, OverflowError):
        return None
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - not a number
        return None
    return int(number) if number == int(number) else number


def scaled(bar: Bar, number: float | None) -> Any:  # noqa: ANN401 - a number
    """Return a number of items in the bar's own unit."""
    scale = bar.unit_scale
    return number if number is None or isinstance(scale, bool) or not scale else number * scale


def title_of(bar: Bar) -> str:
    """Return the bar's description in one line; empty where it has none."""
    return one_line(str(bar.desc or ""), NAME).strip().removesuffix(":").strip()


def counts_of(bar: Bar, done: float, total: float | None, rate: float | None) -> dict[str, Any]:
    """Return what is known of a count, as the data of an event; `rate` is in the bar's own unit a second."""
    data: dict[str, Any] = {"done": scaled(bar, done), "rate": rate}
    if total is not None:
        data["total"] = scaled(bar, total)
    if start := start_of(bar):
        data["initial"] = scaled(bar, start)
    return {name: value for name, value in data.items() if value is not None}


def count_text(bar: Bar, done: float, total: float | None) -> str:
    """Return the count in words: "3 of 10 files"."""
    unit = one_line(str(bar.unit or ""), NAME).strip()
    unit = "" if unit == "it" else unit

    def text(number: float) -> str:
        if bar.unit_scale:
            return bar.format_sizeof(scaled(bar, number), unit, bar.unit_divisor)
        return f"{number:,}"

    count = text(done) if total is None else f"{text(done)} of {text(total)}"
    if total is not None and done > total:
        return f"{text(done)}, {text(total)} were expected"
    return f"{count} {unit}" if unit and not bar.unit_scale else count
