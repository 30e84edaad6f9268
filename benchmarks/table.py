"""The table that `python -m benchmarks` prints: a line a row, with the ratio, its target and a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.measures import Measure, Row

WORK = 52
HEAD = f"{'work':{WORK}}{'ours':>12}{'peer':>10}{'floor':>10} {'unit':10}{'ratio':>8}{'before':>8}{'target':>8}  "


def is_missed(row: Row, measured: Measure) -> bool:
    """Whether the target is missed by more than the spread of the measurement."""
    return row.target is not None and row.ratio(measured) > row.target * (1 + measured.spread)


def verdict(row: Row, measured: Measure) -> str:
    """Say whether the target is met."""
    if row.target is None:
        return ""
    if is_missed(row, measured):
        return "MISSED"
    return "met" if row.ratio(measured) <= row.target else f"within its spread of {measured.spread:.0%}"


def line(row: Row, measured: Measure, before: float | None) -> str:
    """Return the line of a row; `before` is its ratio of the last time on this machine."""
    figures = f"{number(measured.ours):>12}{number(measured.peer):>10}{number(measured.floor):>10} {row.unit:10}"
    ratios = f"{number(row.ratio(measured)):>8}{number(before):>8}{number(row.target):>8}{'*' if row.own else ''}"
    return f"{row.work:{WORK}}{figures}{ratios}  {verdict(row, measured)}".rstrip()


def markdown(measured: Mapping[Row, Measure]) -> str:
    """Return the table for a page of the documentation."""
    lines = ["| work | ours | peer | floor | unit | ratio | target | |", "|---|--:|--:|--:|---|--:|--:|---|"]
    for row, each in measured.items():
        figures = (each.ours, each.peer, each.floor)
        target = number(row.target) + ("\\*" if row.own else "")
        cells = [row.work, *map(number, figures), row.unit, number(row.ratio(each)), target, verdict(row, each)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def number(value: float | None) -> str:
    """Write a number with three digits that count, or a dash."""
    if value is None:
        return "–"
    if value >= 100:  # noqa: PLR2004 - which has its three digits before the point
        return f"{value:,.0f}"
    return f"{value:.3g}"
