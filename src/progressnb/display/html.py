"""A panel as HTML without a script: what stays in a notebook's file, and what viewers without widgets show.

`view.js` draws the same elements, classes and texts. Here there are no buttons and no empty elements, attributes with
their default values are left out, and each bar has characters too, for viewers that remove every style. The answer is
open, and all that is folded opens without a script. Every text is escaped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from progressnb.display.batch import batch_html
from progressnb.display.blocks import blocks_html
from progressnb.display.elements import DOT, classes, element, external, share, text_html, unmarked
from progressnb.display.theme import small_sheet
from progressnb.display.trace import line_html, remark_html, sign_html, trace_html
from progressnb.folds.state import is_at_work
from progressnb.folds.words import bar_text
from progressnb.wire.markup import NO_MATH

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from progressnb.folds.tree import Failure, GroupRow, Header, PanelTree, RunTree, Segment, Totals

__all__ = ["panel_html"]

_ALL = 100.0


def panel_html(tree: PanelTree, *, style: bool = True, opened: AbstractSet[str] = frozenset()) -> str:
    """Return a panel as HTML that needs no script.

    Args:
        tree: What is to be seen.
        style: Whether the small style sheet comes with it; without it the bars are characters.
        opened: The names of what a reader has opened, as `view.js` tells them: `RUN//trace`, `RUN//thinking`,
            `RUN/ROW`, `RUN//SECTION`.

    Returns:
        An element `section`, after an element `style`.

    Example:
        ::

            panel_html(panel_tree([RunView().tree(run.state, run.elapsed)], key=run.run_id))

    """
    totals = tree["totals"]
    if totals is None:
        label = ", ".join(_name(run["header"]) for run in tree["runs"]) or "Progress"
        inside = [_run(run, opened) for run in tree["runs"]]
    else:
        label = totals["title"] or "Progress"
        inside = [_group(tree, totals, opened)]
    section = element("section", f"pnb {NO_MATH}", *inside, data_pnb=tree["key"], aria_label=label)
    return f"<style>{small_sheet(section)}</style>{section}" if style else section


def _name(header: Header) -> str:
    return f"{header['title']} · {header['subject']}" if header["subject"] else header["title"]


def _run(tree: RunTree, opened: AbstractSet[str]) -> str:
    header = tree["header"]
    whole: Segment = {"key": "", "title": "", "status": tree["status"], "share": 1, "percent": header["percent"]}
    return element(
        "div",
        classes("run", tree["status"], tree["at"] is not None and "past"),
        _head(header, tree.get("link", "")),
        _progressbar(_name(header), header["percent"], tree["segments"] or [whole]),
        _answer(tree, opened),
        _failure(tree["failure"]),
        _thinking(tree, opened),
        trace_html(tree, opened),
        batch_html(tree, opened, lambda row: _member(row, opened)),
        _notes(tree["notes"]),
        data_run=tree["key"],
        data_span=f"{tree['span']:.2f}".rstrip("0").rstrip("."),
    )


def _head(header: Header, link: str) -> str:
    named = header["subject"] and not header["asks"]  # what somebody must do comes first
    subject = f" · {element('bdi', 'subject', text_html(header['subject']))}" if named else ""
    title = element("strong", "title", text_html(header["title"]), dir="auto")
    ended = f" · {element('span', 'ended', text_html(header['ended']))}" if header["ended"] else ""
    doing = header.get("doing", "")
    doing = element("span", "doing", " · ", element("bdi", "", text_html(doing))) if doing else ""
    facts = " · ".join(header["facts"])
    more = " ".join(_spans(("left", header["left"]), ("facts", facts)))
    told = [element("span", "more", more) if more else "", *_spans(("percent", header["percent_text"]))]
    told += _spans(("elapsed", header["elapsed"]))
    parts = [
        sign_html(header["sign"], header["status"]),
        element("span", "name", title, subject, ended, doing, role="heading", aria_level="3"),
        element("bdi", "asks", text_html(header["asks"])) if header["asks"] else "",
        element("bdi", "trouble", text_html(header["trouble"])) if header["trouble"] else "",
        element("a", "link", "↗", **address, aria_label=f"Open the page of {_name(header)}")
        if (address := external(link))
        else "",
        *(f"{DOT} {each}" for each in told if each),
    ]
    return element("div", "head", " ".join(part for part in parts if part))


def _spans(*texts: tuple[str, str]) -> list[str]:
    return [element("span", name, text_html(text)) for name, text in texts if text]


def _progressbar(label: str, percent: float | None, segments: Sequence[Segment]) -> str:
    now = str(math.floor(percent)) if percent is not None else None
    boxes = [_segment(segment) for segment in segments]
    done = bar_text((0, percent / _ALL)) if percent and percent < _ALL else ""  # of a full bar the sign tells
    return element(
        "div",
        "bar",
        *boxes,
        done,
        role="progressbar",
        aria_label=label,
        aria_valuenow=now,
    )


def _segment(segment: Segment) -> str:
    unknown = segment["percent"] is None and is_at_work(segment["status"])
    filled = ""  # a part that has not begun has no speck of colour
    if segment["percent"] or is_at_work(segment["status"]):
        filled = element("b", "", style=f"width:{share(segment['percent'] or 0, 100)}")
    names = classes("seg", segment["status"], unknown and "unknown")
    return element("i", names, filled, style=f"width:{share(segment['share'], 1)}")


def _answer(tree: RunTree, opened: AbstractSet[str]) -> str:
    answer = tree["answer"]
    if answer is None or not answer["blocks"]:
        return ""
    box = element(
        "div",
        "box",
        element("p", "by", element("bdi", "", text_html(by))) if (by := answer.get("by")) else "",
        element("p", "cut", text_html(answer["above"])) if answer["above"] else "",
        blocks_html(answer["blocks"], tree["key"], opened),
        element("p", "cut", text_html(answer["below"])) if answer["below"] else "",
        tabindex="0",
        role="group",
        aria_label=f"Answer of {_name(tree['header'])}",
    )
    return element("div", classes("answer", answer["height"], answer["open"] and "open"), box)


def _failure(failure: Failure | None) -> str:
    if failure is None:
        return ""
    where = f"{element('bdi', 'where', text_html(failure['stage']))}: " if failure["stage"] else ""
    what = element("p", "what", where, element("bdi", "", text_html(failure["text"])))
    advice = element("p", "advice", element("bdi", "", text_html(failure["advice"]))) if failure["advice"] else ""
    return element("div", "fail", what, advice, role="alert")


def _thinking(tree: RunTree, opened: AbstractSet[str]) -> str:
    if not tree["thinking"]:
        return ""
    text = element("p", "text", text_html(tree["thinking"]), dir="auto")
    is_open = f"{tree['key']}//thinking" in opened
    return element("details", "thinking", element("summary", "", "Thinking"), text, open=is_open)


def _notes(notes: Sequence[str]) -> str:
    items = [element("li", "", text_html(note), dir="auto") for note in notes]
    return unmarked("notes", *items) if items else ""


def _group(panel: PanelTree, totals: Totals, opened: AbstractSet[str]) -> str:
    header: Header = {
        "sign": totals["sign"],
        "status": totals["status"],
        "title": totals["title"],
        "subject": "",
        "asks": "",
        "percent": totals["percent"],
        "percent_text": "",
        "elapsed": totals["elapsed"],
        "left": "",
        "facts": totals.get("facts", []),
        "trouble": "",
        "ended": totals.get("ended", ""),
    }
    return element(
        "div",
        classes("group", totals["status"]),
        _head(header, ""),
        _progressbar(totals["title"], totals["percent"], totals["segments"]),
        element("p", "totals", text_html(totals["text"])),
        unmarked("rows members", *(_member(row, opened) for row in panel["rows"])),
        data_run=panel["key"],
    )


def _member(row: GroupRow, opened: AbstractSet[str]) -> str:
    if row["remark"]:
        rest = [_member(each, opened) for each in row.get("rest", [])]
        return remark_html(row["key"], row["remark"], unmarked("rows members", *rest) if rest else "")
    subject = f" · {element('bdi', 'subject', text_html(row['subject']))}" if row["subject"] else ""
    title = element("bdi", "title", text_html(row["title"]))
    label = f"{sign_html(row['sign'], row['status'])} {title}{subject}"
    track = None
    if row["percent"] is not None or is_at_work(row["status"]):
        percent = 100 if row["percent"] is None else row["percent"]
        names = classes(row["status"], row["percent"] is None and "unknown")
        track = element("i", names, style=f"left:0%;width:{share(percent, 100)}") + bar_text((0, percent / 100))
    line = line_html(label, text_html(row["message"]), track, row["percent_text"], text_html(row["elapsed"]))
    if row["run"] is None:
        line = element("div", "line", line)
    else:
        is_open = row["open"] or row["key"] in opened
        line = element("details", "fold", element("summary", "line", line), _run(row["run"], opened), open=is_open)
    return element("li", classes("row", row["status"]), line, data_key=row["key"])
