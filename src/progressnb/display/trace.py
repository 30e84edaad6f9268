"""The trace of a run as HTML: a line a stage on one axis of time, folded below a line that has all bars.

Bars are drawn twice, as boxes and as characters, so that they can be read where a viewer removes every style.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.display.blocks import field_html
from progressnb.display.elements import DOT, classes, element, share, text_html, unmarked
from progressnb.folds.words import bar_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from progressnb.folds.tree import Row, RunTree, Summary

__all__ = ["bar_characters", "line_html", "remark_html", "sign_html", "trace_html"]

_NO_LENGTH = 1e-9
_MOST_BARS = 24  # of rows below others that are on the line above the trace
_BRIEF = 12  # characters of a first argument that are always seen; a longer one is cut before all else


def sign_html(sign: str, status: str) -> str:
    """Draw the sign of a status, with its word for screen readers; nearly all rows of a kept panel are finished."""
    word: dict[str, str] = {} if status == "finished" else {"role": "img", "aria_label": status}
    return element("span", "sign", text_html(sign), **word)


def _part(name: str, text: str) -> str:
    """Draw one part of a label."""
    return " " + element("bdi", name, text_html(text)) if text else ""


def remark_html(key: str, remark: str, rest: str = "") -> str:
    """Draw a line that stands for what is not shown, and opens to the `rest` if that is there."""
    label = element("span", "label", text_html(remark))
    line = element("div", "line", label)
    if rest:
        line = element("details", "fold", element("summary", "line", label), rest)
    return element("li", "row remark", line, data_key=key)


def line_html(
    label: str, message: str, track: str | None, percent: str, time: str, *, legend: str | None = None
) -> str:
    """Draw the parts of a line; all but the percent are HTML, and there may be no track. `legend` says what it has."""
    parts = [
        element("span", "label", label),
        f"{DOT} {element('bdi', 'message', message)}" if message else "",
        element("span", "percent", text_html(percent)) if percent else "",
        "" if track is None else element("span", "track", track, aria_hidden="true", title=legend),
        DOT if track is None and time else "",
        element("span", "time", time),
    ]
    return " ".join(part for part in parts if part)


def bar_characters(row: Row, tree: RunTree) -> str:
    """Return a row's bar on the axis of its run, in characters; empty before it begins."""
    spans = _spans(row, tree)
    return bar_text(*spans) if spans else ""


def trace_html(tree: RunTree, opened: AbstractSet[str]) -> str:
    """Draw the trace; it is closed at the end of a run that finished."""
    rows = tree["trace"]
    if not rows:
        return ""
    only = rows[0] if len(rows) == 1 else None
    single = only is not None and not only["children"]
    bars = rows if only is None or single else only["children"]
    is_open = tree["trace_open"] or single or f"{tree['key']}//trace" in opened
    boxes = "".join(_box(span, "model", tree) for span in tree.get("model", []))
    boxes += _strip(bars, tree, is_deep=_leaves(bars) <= _MOST_BARS)
    spans = [span for row in bars for span in _spans(row, tree)]
    track = boxes + (bar_text(*spans) if spans else "")
    words = tree["summary"]
    axis = _axis(tree["span_text"])
    parts = line_html(text_html(words["text"]), _longest(words), track, "", axis, legend=tree.get("legend"))
    summary = element("summary", "line", parts)
    gantt = element("details", classes("gantt", single and "single"), summary, _rows(rows, tree, opened), open=is_open)
    return element("div", classes("trace", tree["at"] is not None and "past"), gantt)


def _longest(summary: Summary) -> str:
    """Say which stage or call took longest."""
    title = element("bdi", "", text_html(summary["title"]))
    text = f"{summary['what']} {title} {text_html(summary['time'])}"
    return element("span", "longest", text) if summary["what"] else ""


def _axis(span: str) -> str:
    """Draw the ends of the time axis, so that nobody takes the bars for percents."""
    return f"{element('span', '', '0 s')} – {element('span', '', text_html(span))}"


def _leaves(rows: Sequence[Row]) -> int:
    return sum(_leaves(row["children"]) if row["children"] else 1 for row in rows)


def _strip(rows: Sequence[Row], tree: RunTree, *, is_deep: bool) -> str:
    """Draw the bars of all rows on one line: of one with rows below it these, and a pale one around them."""
    boxes: list[str] = []
    for row in rows:
        if row["remark"] or row["start"] is None:
            continue
        if is_deep and row["children"]:
            boxes += [_box([row["start"], row["end"]], "around", tree), _strip(row["children"], tree, is_deep=True)]
        else:
            boxes.append(_bar(row, tree))
    return "".join(boxes)


def _spans(row: Row, tree: RunTree) -> list[tuple[float, float]]:
    """Return the left and the right ends of a row's bar, 0–1: a piece each of many; none before it begins."""
    if row["start"] is None:
        return []
    return [_ends(span[0] or 0.0, span[1], tree) for span in _times(row)]


def _times(row: Row) -> Sequence[Sequence[float | None]]:
    """Return the begins and the ends of a row's bar: those of each of many, else its own."""
    return row.get("spans") or [[row["start"], row["end"]]]


def _ends(start: float, end: float | None, tree: RunTree) -> tuple[float, float]:
    """Return the ends of a span of time on the axis, 0–1; one that lasts ends now."""
    whole = max(tree["span"], _NO_LENGTH)
    return start / whole, max(start, min(tree["now"], whole) if end is None else end) / whole


def _bar(row: Row, tree: RunTree) -> str:
    """Draw the bar of a row; the times in which it waited for somebody lie on it."""
    if row["start"] is None:
        return ""
    bar = "".join(_box(span, row["status"], tree) for span in _times(row))
    return bar + "".join(_box(span, "waiting", tree) for span in row.get("waits", []))


def _box(span: Sequence[float | None], status: str, tree: RunTree) -> str:
    left, right = _ends(span[0] or 0.0, span[1], tree)
    return element("i", status, style=f"left:{share(left, 1)};width:{share(right - left, 1)}")


def _rows(rows: Sequence[Row], tree: RunTree, opened: AbstractSet[str]) -> str:
    return unmarked("rows", *(_row(row, tree, opened) for row in rows)) if rows else ""


def _row(row: Row, tree: RunTree, opened: AbstractSet[str]) -> str:
    if row["remark"]:
        return remark_html(row["key"], row["remark"])
    hint = _part(classes("hint", len(row["hint"]) <= _BRIEF and "brief"), row["hint"])
    title = element("bdi", "title", text_html(row["title"]))
    label = f"{sign_html(row['sign'], row['status'])} {title}{hint}{_part('outcome', row['outcome'])}"
    track = _bar(row, tree) + bar_characters(row, tree)
    line = line_html(label, _message(row), track, row["percent_text"], text_html(row["time"]))
    place = f"{tree['key']}/{row['key']}"
    if row["details"]:
        facts = [
            field_html(detail["label"], detail["blocks"], f"{place}/{detail['key']}", opened)
            for detail in row["details"]
        ]
        is_open = row["open"] or place in opened
        line = element(
            "details", "fold", element("summary", "line", line), element("dl", "fields", *facts), open=is_open
        )
    else:
        line = element("div", "line", line)
    names = classes("row", row["status"], row["question"] and "asking", _repeats(row, tree) and "same")
    question = element("p", "question", text_html(row["question"]), dir="auto") if row["question"] else ""
    return element("li", names, line, question, _rows(row["children"], tree, opened), data_key=row["key"])


def _message(row: Row) -> str:
    message, loop = row["message"], row.get("loop", "")
    if not loop:
        return text_html(message)
    end = element("span", "loop", element("span", "dot", " · "), text_html(loop))
    return text_html(message.removesuffix(f" · {loop}")) + end


def _repeats(row: Row, tree: RunTree) -> bool:
    """Tell whether a row has the title that its run has."""
    return row["title"].casefold() == tree["header"]["title"].casefold()
