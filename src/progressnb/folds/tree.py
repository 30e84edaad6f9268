"""The view model: the small tree of plain data that every screen draws. Types alone.

`folds/view.py` makes it from the state of a run; the widget, the page, static HTML and the terminal draw it and know
nothing else of a run. All texts are data: painters escape them. Items of lists have a `key` that stays the same from
one paint to the next, so that a painter can update in place and a patch (`folds/patch.py`) is small.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

__all__ = [
    "Answer",
    "BatchTree",
    "Block",
    "Detail",
    "Failure",
    "GroupRow",
    "Header",
    "ItemList",
    "Node",
    "PanelTree",
    "Row",
    "RunTree",
    "Segment",
    "Summary",
    "Totals",
]

Node: TypeAlias = "str | list[Any]"
"""Inline or block markup as plain data: a text, or `[tag, *children]`, or `["a", {"href": url}, *children]`.

Tags: p h1–h6 ul ol li blockquote pre code em strong s a br hr table thead tbody tr th td, and mark (a word that
differs). `ol` may have `{"start": "3"}`, `td` and `th` `{"align": "right"}`. A painter draws these tags and no others,
`href` only if it begins with http:// or https://, and then with rel="noopener noreferrer" and target="_blank".
"""


class Block(TypedDict, total=False):
    """One block of an answer. `key` is stable. `type` says which other fields there are.

    | `type` | fields |
    | --- | --- |
    | `md` | `nodes`: one block of Markdown |
    | `text` | `text`, white space kept; `tone` (good, bad, warning) or none; `open` while it is being written |
    | `headline` | `text` in bold, `verdict`, `tone` |
    | `fields` | `items`: blocks with a `label` each, drawn as aligned label and value |
    | `list` | `items`: blocks; `bullets` |
    | `table` | `columns`: names; `numeric`: a flag a column; `rows`: `{"key", "cells": texts}` |
    | `section` | `title`, `items`: blocks that are folded away below it |
    | `comparison` | `title`, `before` and `after`: nodes, words that differ in `mark` |
    """

    key: str
    type: Literal["md", "text", "headline", "fields", "list", "table", "section", "comparison"]
    label: str
    text: str
    verdict: str
    tone: Literal["good", "bad", "warning"]
    open: bool
    nodes: list[Node]
    items: list[Block]
    bullets: bool
    title: str
    columns: list[str]
    numeric: list[bool]
    rows: list[dict[str, Any]]
    before: list[Node]
    after: list[Node]


class Header(TypedDict):
    """The first line, which never reflows.

    `percent` is 0–100, or None where nothing is known (a shimmer). `guess` says that nothing was counted for it: its
    text is "~63 %". The texts are ready to be drawn; an empty one is not drawn. `doing` is what a run at work does:
    "Fit the harmonics", "read_page × 6", "writing". `asks` says for what the run waits: "waiting for approval ·
    delete_records", or since when nothing came of it: "no step for 8 s". `facts` are tokens, cost and projected cost;
    `trouble` is that of a connection. `ended` are the words for an end before the
    end: "cancelled", "ended early", "ended early: its budget of $0.10 is spent", or of an answer that is not whole:
    "cut at its limit of tokens". A run that finished so has the status `mixed`, as the parts of its bar.
    """

    sign: str
    status: str
    title: str
    subject: str
    asks: str
    percent: float | None
    percent_text: str
    elapsed: str
    left: str
    facts: list[str]
    trouble: str
    ended: str
    guess: NotRequired[bool]
    doing: NotRequired[str]


class Segment(TypedDict):
    """One part of the bar under the header: a stage, with its share of the width (0–1) and its percent (0–100)."""

    key: str
    title: str
    status: str
    share: float
    percent: float | None


class Answer(TypedDict):
    """The answer: `open` while it is being written; `above` and `below` count what is left out, in words, or are empty.

    `height` is `line`, `short`, `tall` or `none`: the box that is reserved from the first token on. It stays at the end
    on a page that saw the run at work; kept in a file the box fits its text. `by` is whose text it is, where that is
    not plain: an agent that another one asks, or one of several that write at once.
    """

    key: str
    open: bool
    above: str
    below: str
    height: Literal["none", "line", "short", "tall"]
    blocks: list[Block]
    by: NotRequired[str]


class Detail(TypedDict):
    """One fact of a row that is seen when it is opened: arguments, result, tokens, cost, tries, output, error."""

    key: str
    label: str
    blocks: list[Block]


class Row(TypedDict):
    """One line of the trace: a stage, `count` stages of a kind in one (`count` > 1), or a remark (`remark` not empty).

    `start` and `end` are seconds since the run began; `end` is None while it runs. `hint` is the first argument, and
    `outcome` a word of the result. `question` is what somebody must answer with Approve or Deny. `open` says that the
    details are open until somebody closes them. `loop` is the end of the message of a counted loop, such as "loss
    0.12": where there is little room it has a line of its own. `waits` are the begin and the end of each time in which
    the stage waited for somebody, in the seconds of `start`; they are not part of `time`. `spans` are the begin and the
    end of each of `count` stages, those that overlap in one: what is between them is idle.
    """

    key: str
    status: str
    sign: str
    title: str
    hint: str
    outcome: str
    message: str
    start: float | None
    end: float | None
    time: str
    percent: float | None
    percent_text: str
    count: int
    remark: str
    question: str
    open: bool
    details: list[Detail]
    children: list[Row]
    loop: NotRequired[str]
    waits: NotRequired[list[list[float | None]]]
    spans: NotRequired[list[list[float]]]


class Summary(TypedDict):
    """The line above the trace: "4 calls · 1 approved · waited 10 s for you", and which took longest.

    `what` is "longest:" or empty, then `title` and `time`. Times in which the run waited for somebody do not count.
    """

    text: str
    what: str
    title: str
    time: str


class Failure(TypedDict):
    """The error of a run: one sentence with its stage, and what to do, or empty."""

    text: str
    stage: str
    advice: str


class RunTree(TypedDict):
    """One run.

    `now` is its age and `span` the length of the time axis, both in seconds; `span_text` is that length in words.
    `controls` are those of `stop`, `enough` and `say` that work now; `agent` is the name of the one that gets a word.
    `announce` is the sentence for screen readers, which changes only with a stage, a failure
    or the end. `at` is the moment that is shown in place of the latest, in seconds, or None. `began` is when the run
    began, in seconds since 1970, or None before. `model` are the begin and the end of each time in which the model of a
    run of one agent was at work, in seconds since the run began. `counted` says that a note has the tokens in and out;
    their sum is the first of the header's `facts`. `legend` says what the bars beside the summary are. `batch` is there
    for a batch alone, which has no answer and no trace. `reason` is the type of the error of a run that failed, with
    its code and stage: "RateLimitError 429 in Ask"; a panel of many runs has a row a reason. `used` are the
    `tokens` and the `cost` of its requests that have ended, where they told them.
    """

    key: str
    status: str
    header: Header
    segments: list[Segment]
    answer: Answer | None
    thinking: str
    summary: Summary
    trace: list[Row]
    trace_open: bool
    failure: Failure | None
    notes: list[str]
    now: float
    span: float
    span_text: str
    controls: list[str]
    agent: str
    announce: str
    at: float | None
    began: float | None
    model: NotRequired[list[list[float | None]]]
    counted: NotRequired[bool]
    legend: NotRequired[str]
    link: NotRequired[str]
    reason: NotRequired[str]
    used: NotRequired[dict[str, float]]
    batch: NotRequired[BatchTree]


class ItemList(TypedDict):
    """Items of a batch below a title: those longest at work, failures by reason, the slowest, those that are opened."""

    key: str
    title: str
    rows: list[GroupRow]


class BatchTree(TypedDict):
    """The parts of a batch beside its header and its bar.

    `text` is the line of totals, such as "142 of 200 · 3 failed · 12 running · about 40 s left (30–55 s)". `facts` are
    blocks with a `label` each. `find` is what the field for the index of an item expects, such as "0–199", or empty
    where there is no field.
    """

    text: str
    facts: list[Block]
    lists: list[ItemList]
    find: str


class Totals(TypedDict):
    """The line above many runs: `text` is such as "142 of 200 · 3 failed · 12 running · about 40 s left".

    `ended` is what did not end well, once all have ended: "3 failed". `results` says that there are some to be had.
    `facts` are the tokens and the cost of all.

    `segments` are the parts of the bar: runs that finished, whole or in part, failed, were cancelled, and the rest.
    While nobody knows how many runs will come, `percent` is None, the last part of the bar has none, and `text` is such
    as "138 finished · 3 failed · 12 running".
    """

    sign: str
    status: str
    title: str
    percent: float | None
    segments: list[Segment]
    text: str
    elapsed: str
    controls: list[str]
    ended: NotRequired[str]
    results: NotRequired[bool]
    facts: NotRequired[list[str]]


class GroupRow(TypedDict):
    """One run among many, its header on one line; `run` is the whole of it, where it may be opened.

    Of many runs that failed for one reason the first has a row, whose `title` is such as "12 × TimeoutError in fetch".
    """

    key: str
    status: str
    sign: str
    title: str
    subject: str
    percent: float | None
    percent_text: str
    elapsed: str
    message: str
    remark: str
    open: bool
    run: RunTree | None
    rest: NotRequired[list[GroupRow]]
    """In a file: the runs that the row counts, a line each."""


class PanelTree(TypedDict):
    """The whole panel: up to three runs as they are, or from four on `totals` and a row each."""

    v: int
    key: str
    runs: list[RunTree]
    totals: Totals | None
    rows: list[GroupRow]
    announce: str
