"""Bars on a time axis as a table of HTML in Markdown: boxes, and characters for viewers that remove every style."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from progressnb.folds.texts import visible
from progressnb.folds.words import bar_text
from progressnb.wire.markup import NO_MATH, html_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Span", "Track", "tracks_html"]

ROWS = 100
"""Bars at most, so that a stored notebook stays small."""

_CELLS = 20  # characters of a bar
_SHARPEST = 0.4  # percent: a thinner box is not seen


class Span(NamedTuple):
    """A box on the axis: its begin and end in seconds, its colour, and its opacity from 0 to 1."""

    begin: float
    end: float
    colour: str
    opacity: float = 1


class Track(NamedTuple):
    """One line: a name, its depth in the tree, the boxes on the axis, and a text to the right of them."""

    name: str
    depth: int
    spans: Sequence[Span]
    label: str


def tracks_html(title: str, tracks: Iterable[Track], end: float) -> str:
    """Return tracks as a table, on an axis from 0 to `end` seconds."""
    kept = list(tracks)
    rows = [_row(track, max(end, 1e-9)) for track in kept[:ROWS]]
    if len(kept) > ROWS:
        rows.append(f"<tr><td>… {len(kept) - ROWS:,} more</td></tr>")
    return (
        f'<table class="{NO_MATH}" style="border:0;text-align:left"><caption style="text-align:left">'
        f"<b>{html_text(visible(title))}</b></caption>{''.join(rows)}</table>"
    )


def _row(track: Track, end: float) -> str:
    bar = bar_text(*((span.begin / end, span.end / end) for span in track.spans), width=_CELLS)
    indent = f' style="text-align:left;padding-left:{0.5 + 1.2 * track.depth:.1f}em"'
    # The characters have no size while there is style; without it they are all that is seen of the bar.
    return (
        f'<tr><td{indent}><bdi>{html_text(visible(track.name))}</bdi> </td><td style="width:22em">'
        f'<div style="position:relative;height:10px;overflow:hidden;font-size:0">'
        f"{''.join(_box(span, end) for span in track.spans)}{bar}</div></td>"
        f'<td style="text-align:left;white-space:nowrap"> {html_text(track.label)}</td></tr>'
    )


def _box(span: Span, end: float) -> str:
    left = min(span.begin / end * 100, 100 - _SHARPEST)
    width = min(max((span.end - span.begin) / end * 100, _SHARPEST), 100 - left)
    faint = f";opacity:{span.opacity:g}" if span.opacity < 1 else ""
    return (
        f'<span style="position:absolute;height:10px;left:{left:.1f}%;width:{width:.1f}%;'
        f'background:{span.colour}{faint}"></span>'
    )
