"""The view of a run: pure, small, bounded, and the same words for every screen."""

from __future__ import annotations

import json
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.advice import advice_text
from progressnb.folds.group import panel_tree
from progressnb.folds.patch import apply, diff
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView, moment
from progressnb.testing import ManualClock
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import (
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    ProgressEvent,
    StageDeclaration,
    StartedEvent,
)

SCRIPTED = runpy.run_path(str(Path(__file__).with_name("scripted.py")))
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
HIDDEN = {
    *map(chr, [*range(9), *range(0x0E, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
}


def event_of(event_type: Any, seq: int, stage: str | None = None, *, elapsed: float = 0.0, **given: Any) -> Any:
    """Make one event."""
    common = {"run_id": "r", "seq": seq, "timestamp": BEGAN + timedelta(seconds=elapsed), "elapsed": elapsed}
    return event_type(operation="op", stage=stage, **common, **given)


def state_of(*events: tuple[Any, ...], **started: Any) -> RunState:
    """Fold events, each a type, a stage and fields, with a second between them."""
    state = RunState()
    state.apply(event_of(StartedEvent, 0, **started))
    for seq, (event_type, stage, fields) in enumerate(events, 1):
        state.apply(event_of(event_type, seq, stage, elapsed=float(seq), **fields))
    return state


def tree_of(state: RunState, **options: Any) -> Any:
    """Return what is to be seen of a state."""
    return RunView().tree(state, state.elapsed, **options)


# --- any run -------------------------------------------------------------------------------------

hostile = st.text(st.sampled_from("ab \n\t\x1b\x00\u202e\u2066\u200b\ud800😀$\\<>&*_#|-[]()`שם"), max_size=12)
texts = (
    st.sampled_from(["# One\n\n", "two **bold", "** three\n- a\n", "\n\n| a | b |\n|--|--|\n", "| 1 | 2 |"]) | hostile
)
json_pieces = st.sampled_from(
    [
        '{"rows": [{"a": 1, "b": "x"}',
        ', {"a": 2',
        "}",
        "]",
        '{"t": "long te',
        'xt\\n"',
        ', "l": ["x", "y',
        "[",
        "1, 2",
        "{",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | hostile,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(hostile, inner, max_size=4),
    max_leaves=8,
)
paths = st.sampled_from(
    [None, "read", "write", "write/tool", "write/tool#2", "write/tool#3", "write/tool#4", "write/tool#5"]
)
numbers = st.sampled_from([0.004, 1, 2, 17.5, -1.0, "x", None, True, 10**400, float("inf"), float("nan"), 1e300])
data = st.fixed_dictionaries(
    {},
    optional={
        "arguments": values,
        "result": values,
        "cost": numbers,
        "output_tokens": numbers,
        "attempt": numbers,
        "first_token": numbers,
        "remaining": numbers | st.lists(numbers, min_size=3, max_size=3),
        "waiting_for": st.sampled_from(["approval", 1]),
        "intervention": st.fixed_dictionaries(
            {"kind": st.sampled_from(["say", "deny", 1]), "by": hostile, "text": values}
        ),
        "mine": values,
    },
)
statuses = st.sampled_from(["pending", "running", "retrying", "waiting", "finished", "finished", "failed", "skipped"])
percents = st.none() | st.sampled_from([0.0, 33.3, 99.9])
moves = st.fixed_dictionaries(
    {
        "status": statuses,
        "data": data,
        "message": st.none() | hostile,
        "stage_progress": percents,
        "overall_progress": percents,
    }
)
contents = st.fixed_dictionaries(
    {"kind": st.just("text"), "delta": texts, "part": st.sampled_from(["output", "output", "thinking"])}
) | st.fixed_dictionaries(
    {"kind": st.just("json"), "delta": json_pieces, "reset": st.sampled_from([False, False, True])}
)
steps = st.one_of(
    st.tuples(st.just(ProgressEvent), moves),
    st.tuples(st.just(ContentEvent), contents),
    st.tuples(st.just(ContentEvent), contents),
)
ends = st.one_of(
    st.none(),
    st.tuples(st.just(DoneEvent), st.fixed_dictionaries({"duration": st.just(99.0), "result": values})),
    st.tuples(st.just(CancelledEvent), st.fixed_dictionaries({"reason": hostile})),
    st.tuples(st.just(ErrorEvent), st.fixed_dictionaries({"message": hostile, "error_type": hostile})),
)


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Write the log of a run in which anything happens."""
    declared = [StageDeclaration(name=name, title=name, weight=0.5) for name in ("read", "write")]
    events = [event_of(StartedEvent, 0, stages=declared, subject=draw(st.none() | hostile), model="m")]
    for _ in range(draw(st.integers(0, 16))):
        event_type, given_fields = draw(steps)
        given_fields = {key: value for key, value in given_fields.items() if value is not None or key != "message"}
        events.append(event_of(event_type, len(events), draw(paths), elapsed=len(events) / 2, **given_fields))
    if (end := draw(ends)) is not None:
        events.append(event_of(end[0], len(events), None, elapsed=len(events) / 2, **end[1]))
    return events


def strings_of(tree: Any) -> list[str]:
    """Return all texts of a tree that are shown, and so no keys."""
    if isinstance(tree, str):
        return [tree]
    if isinstance(tree, dict):
        return [text for key, value in tree.items() if key != "key" for text in strings_of(value)]
    return [text for item in tree for text in strings_of(item)] if isinstance(tree, list) else []


@given(logs(), st.sampled_from([40, 20_000]), st.sampled_from([1, 3, 30]))
def test_who_looks_does_not_matter(log: list[Event], characters: int, rows: int) -> None:
    """A view that was asked after each event and one that is asked once give the same tree; patches lead to it."""
    state, watching = RunState(), RunView()
    seen: Any = None
    for event in log:
        state.apply(event)
        tree = watching.tree(state, state.elapsed, characters=characters, rows=rows)
        if seen is not None:
            ops = json.loads(json.dumps(diff(seen, tree)))
            assert apply(seen, ops) == tree
        seen = tree
    assert seen == RunView().tree(RunState.of(log), state.elapsed, characters=characters, rows=rows)
    assert seen == RunView().tree(moment(log, state.elapsed), state.elapsed, characters=characters, rows=rows)


@given(logs())
def test_nothing_hides_in_a_text(log: list[Event]) -> None:
    """No text of a tree has a control character, one that turns the direction, or half a character."""
    tree = tree_of(RunState.of(log))
    for text in strings_of(tree):
        assert not HIDDEN & {*text}
        text.encode()


@given(logs())
def test_keys_are_unique(log: list[Event]) -> None:
    """Items of a list have keys of their own, so that a painter finds each again."""

    def check(tree: Any) -> None:
        if isinstance(tree, dict):
            for value in tree.values():
                check(value)
        elif isinstance(tree, list):
            keys = [item["key"] for item in tree if isinstance(item, dict) and "key" in item]
            assert len(keys) == len({*keys})
            for item in tree:
                check(item)

    check(tree_of(RunState.of(log)))


@given(logs())
def test_the_box_of_the_answer_never_changes(log: list[Event]) -> None:
    """Once something is written the height of the box stays, also at the end."""
    state, view, heights = RunState(), RunView(), set[str]()
    for event in log:
        state.apply(event)
        answer = view.tree(state, state.elapsed)["answer"]
        if answer is not None and state.last_output is not None:
            heights.add(answer["height"])
    assert len(heights) <= 1


# --- panels of scripted runs ---------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTED["VIEWS"])
def test_panels_are_as_they_are_kept(name: str) -> None:
    """The files that every screen is tested with are what the view gives; `scripted.py` writes them."""
    kept = (SCRIPTED["WHERE"] / f"{name}.json").read_text(encoding="utf-8")
    assert SCRIPTED["as_json"](SCRIPTED["VIEWS"][name]()) == kept


def test_every_kept_panel_is_made() -> None:
    """No file is left over."""
    assert {path.stem for path in SCRIPTED["WHERE"].glob("*.json")} == {*SCRIPTED["VIEWS"]}


# --- the header ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_fields", "title", "subject"),
    [
        ({}, "op", ""),
        ({"subject": "tides"}, "op", '"tides"'),
        ({"subject": "42"}, "op", "42"),
        ({"subject": "depth=-3.5"}, "op", "depth=-3.5"),
        ({"subject": "a b=3"}, "op", '"a b=3"'),
        ({"subject": "a\nb " * 99}, "op", f'"{("a b " * 15).rstrip()}…"'),
        ({"title": "My tides", "subject": "tides"}, "My tides", ""),
    ],
)
def test_titles_tell_runs_apart(given_fields: Any, title: str, subject: str) -> None:
    """The title is the operation and the argument that tells runs apart, or the title that the caller gave."""
    header = tree_of(state_of(**given_fields))["header"]
    assert (header["title"], header["subject"]) == (title, subject)


def test_the_end_is_one_line() -> None:
    """At the end there are the time, the tokens and the cost, and no percent and no time left."""
    used = {"status": "finished", "data": {"input_tokens": 500, "output_tokens": 59, "cost": 0.00403}}
    state = state_of((ProgressEvent, "a", used), (DoneEvent, None, {"duration": 13.2}))
    header = RunView().tree(state, 13.2)["header"]
    assert (header["sign"], header["elapsed"], header["percent_text"], header["left"]) == ("✓", "13 s", "", "")
    assert header["facts"] == ["559 tokens", "$0.004"]


def test_nothing_known_is_no_percent() -> None:
    """A run of which nothing is known has no percent, and with the first one it has."""
    state = state_of((ProgressEvent, "a", {"status": "running"}))
    assert tree_of(state)["header"]["percent"] is None
    state.apply(event_of(ProgressEvent, 2, "a", status="running", stage_progress=5.0, overall_progress=2.5))
    assert (tree_of(state)["header"]["percent"], tree_of(state)["header"]["percent_text"]) == (2.5, "2 %")


def test_projected_cost_and_trouble() -> None:
    """What all will cost is said while the run goes on; with a trouble of the connection no time left is."""
    state = state_of((ProgressEvent, None, {"status": "running", "data": {"projected_cost": 0.0213, "remaining": 9.0}}))
    header = tree_of(state, trouble="reconnecting…")["header"]
    assert header["facts"] == ["about $0.021 in all"]
    assert (header["trouble"], header["left"]) == ("reconnecting…", "")
    assert tree_of(state)["header"]["left"] == "about 9 s left"


def test_controls_are_those_that_work() -> None:
    """Controls keep their order, and an ended run and a past moment have none."""
    state = state_of((ProgressEvent, "a", {"status": "running"}))
    assert tree_of(state, controls=["say", "stop", "?"])["controls"] == ["stop", "say"]
    assert tree_of(state, controls=["stop"], at=0.5)["controls"] == []
    state.apply(event_of(CancelledEvent, 2))
    assert tree_of(state, controls=["stop"])["controls"] == []


# --- segments, notes, failures -------------------------------------------------------------------


def test_segments_share_the_bar() -> None:
    """Stages are as wide as their weights; where more may come a part is left; without weights the bar is one."""
    run = ProgressTracker("op", {"a": 1, "b": 3}, clock=ManualClock())
    run.start()
    run.stage("a").start()
    run.stage("a").update(50, n=1)
    assert [(part["key"], part["share"], part["percent"]) for part in tree_of(run.state)["segments"]] == [
        ("a", 0.25, 50.0),
        ("b", 0.75, 0.0),
    ]
    other = state_of((ProgressEvent, "a", {"status": "running", "weight": 0.5}))
    assert [part["share"] for part in tree_of(other)["segments"]] == [0.5, 0.5]
    loop = (ProgressEvent, "a", {"status": "running", "weight": 0.5, "data": {"total": 4}})
    assert [part["share"] for part in tree_of(state_of(loop))["segments"]] == [1.0]
    another = (ProgressEvent, "b", {"status": "running", "weight": 0.25})
    assert [part["share"] for part in tree_of(state_of(loop, another))["segments"]] == [0.5, 0.25, 0.25]
    many = state_of(*((ProgressEvent, f"a{n}", {"status": "running", "overall_progress": 7.0}) for n in range(50)))
    assert [(part["key"], part["share"], part["percent"]) for part in tree_of(many)["segments"]] == [("", 1.0, 7.0)]


@pytest.mark.parametrize(
    ("lasted", "spent", "told"), [(4.28, 4.23, "4.3 s"), (4.28, 4.01, "4.0 s"), (0.5, 0.48, "0.5 s")]
)
def test_the_only_stage_lasts_as_long_as_its_run(lasted: float, spent: float, told: str) -> None:
    """A run of 4.28 s and its only stage of 4.23 s are no 4.3 s and 4.2 s; what is longer apart is told."""
    state = RunState()
    state.apply(event_of(StartedEvent, 0))
    state.apply(event_of(ProgressEvent, 1, "write", status="running"))
    state.apply(event_of(ProgressEvent, 2, "write", elapsed=spent, status="finished", duration=spent))
    state.apply(event_of(DoneEvent, 3, elapsed=lasted, duration=lasted, result=1))
    tree = tree_of(state)
    assert (tree["header"]["elapsed"], tree["trace"][0]["time"]) == (f"{lasted:.1f} s", told)


def test_a_loop_that_was_stopped_says_how_far_it_came() -> None:
    """Its row has count, rate and what it was told to show; the reason of the run does not say it once more."""
    data = {"done": 20, "total": 50, "stopped": 21, "rate": 9.0, "postfix": {"loss": 0.12}}
    tree = tree_of(
        state_of(
            (ProgressEvent, "rows", {"status": "running", "data": {"done": 0, "total": 50}}),
            (ProgressEvent, "rows", {"status": "running", "message": "stopped at 21 of 50", "data": data}),
            (ProgressEvent, "rows", {"status": "cancelled"}),
            (CancelledEvent, None, {"reason": "stopped at 21 of 50"}),
        )
    )
    assert tree["trace"][0]["message"] == "stopped at 21 of 50 · 6.7/s · loss 0.12"
    assert tree["notes"] == []


def test_a_failure_is_said_once() -> None:
    """The error is one sentence with the stage and what to do; the row of its stage does not repeat it."""
    failed = {"status": "failed", "message": "no answer\nat all"}
    state = state_of(
        (ProgressEvent, "a", failed),
        (ErrorEvent, "a", {"message": "no answer\nat all", "error_type": "TimeoutError", "duration": 2.0}),
    )
    tree = tree_of(state, advice=advice_text(state))
    assert tree["failure"] == {
        "text": "TimeoutError: no answer at all",
        "stage": "A",
        "advice": "Give it more time with timeout=, or see above which stage took it.",
    }
    assert "no answer" not in json.dumps(tree["trace"])
    assert (tree["trace_open"], tree["trace"][0]["open"]) == (True, True)


@pytest.mark.parametrize(
    ("given_fields", "awaited", "expected"),
    [
        ({"error_type": "InputError"}, True, ""),
        ({"error_type": "E"}, True, ""),
        ({"error_type": "E"}, False, "Await the run to see where in the code it was raised."),
        ({"error_type": "E", "data": {"status_code": 401}}, True, "Check the provider's key in the environment."),
        ({"error_type": "E", "data": {"status_code": 503}}, True, "The provider failed: run the cell again later."),
    ],
)
def test_advice(given_fields: Any, *, awaited: bool, expected: str) -> None:
    """Advice is the next step, where it is known."""
    state = state_of((ErrorEvent, None, {"message": "m", **given_fields}))
    assert advice_text(state, awaited=awaited) == expected
    assert advice_text(RunState(), awaited=awaited) == ""


def test_notes() -> None:
    """Below a run stand why it was cancelled, what was told to it, the note of a result with a view, its model."""
    told = {"kind": "say", "by": "panel", "text": "shorter, please"}
    used = {"status": "finished", "data": {"output_tokens": 59}}
    said = (ProgressEvent, None, {"status": "running", "data": {"intervention": told}})
    state = state_of(
        said, (ProgressEvent, "a", used), (CancelledEvent, None, {"reason": "the Stop button"}), model="gpt"
    )
    assert tree_of(state)["notes"] == [
        "reason: the Stop button",
        "told: shorter, please",
        "model gpt · 59 tokens out",
    ]
    shown = {"duration": 1.0, "result": {"note": "Mind the gap."}, "view": [{"type": "text", "text": "All is well."}]}
    assert tree_of(state_of((DoneEvent, None, shown)))["notes"] == ["Mind the gap."]


def test_rules_in_the_place_of_a_model_are_noted_once() -> None:
    """Where a result has a remark, a model that used no tokens has no line of its own; one that used some has."""
    shown = {"duration": 1.0, "result": {"note": "By rules."}, "view": [{"type": "text", "text": "All is well."}]}
    assert tree_of(state_of((DoneEvent, None, shown), model="rules"))["notes"] == ["By rules."]
    used = (ProgressEvent, "a", {"status": "finished", "data": {"input_tokens": 7}})
    assert tree_of(state_of(used, (DoneEvent, None, shown), model="gpt"))["notes"] == [
        "By rules.",
        "model gpt · 7 tokens in",
    ]
    assert tree_of(state_of((DoneEvent, None, {"duration": 1.0}), model="rules"))["notes"] == ["model rules"]


def test_a_field_named_note_is_shown_once() -> None:
    """A result that is drawn as its fields has its note among them, and not below the panel once more."""
    tree = tree_of(state_of((DoneEvent, None, {"duration": 1.0, "result": {"note": "long " * 200, "n": 1}})))
    assert tree["notes"] == []
    assert tree["answer"] is not None
    assert [item["label"] for item in tree["answer"]["blocks"][0]["items"]] == ["Note", "N"]


def test_thinking_is_apart_and_bounded() -> None:
    """Thinking is the end of what the latest stage thinks, and no part of the answer."""
    state = state_of((ContentEvent, "a", {"part": "thinking", "delta": "word " * 1000}))
    tree = tree_of(state)
    assert tree["answer"] is None
    assert tree["thinking"].startswith("…")
    assert len(tree["thinking"]) <= 2001


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([], "op begins"),
        ([("a", "running"), ("a/tool", "running")], "op: A"),
        ([("a", "running"), ("a", "finished"), ("b", "pending")], "op begins"),
        ([("a", "running"), ("b", "retrying")], "op: B is tried again"),
        ([("a", "running"), ("a/tool", "waiting"), ("b", "running")], "op: waiting for you · Tool"),
    ],
)
def test_announcements_change_with_stages(events: list[tuple[str, str]], sentence: str) -> None:
    """A screen reader hears of stages at the top, of what waits for somebody, and not of each tool."""
    state = state_of(*((ProgressEvent, path, {"status": status}) for path, status in events))
    assert tree_of(state)["announce"] == sentence


# --- the axis and moments ------------------------------------------------------------------------


def test_the_axis_is_shared() -> None:
    """Live it reaches to now, or to the end that past runs tell; at the end it is the duration."""
    state = state_of((ProgressEvent, "a", {"status": "running"}))
    assert RunView().tree(state, 4.0)["span"] == 4.0
    state.apply(event_of(ProgressEvent, 2, status="running", data={"remaining": [1.0, 6.0, 9.0]}))
    assert RunView().tree(state, 4.0)["span"] == 10.0
    state.apply(event_of(DoneEvent, 3, elapsed=5.0, duration=5.0))
    assert RunView().tree(state, 5.0)["span"] == 5.0


def test_a_moment_that_has_passed() -> None:
    """The tree of a moment is that of the log up to it, on the axis of the whole run."""
    log = [
        event_of(StartedEvent, 0),
        event_of(ContentEvent, 1, "a", elapsed=1.0, delta="High "),
        event_of(ContentEvent, 2, "a", elapsed=2.0, delta="water"),
        event_of(DoneEvent, 3, elapsed=3.0, duration=3.0, result="High water"),
    ]
    tree = RunView().tree(moment(log, 1.5), 3.0, at=1.5)
    assert (tree["at"], tree["now"], tree["span"], tree["status"]) == (1.5, 1.5, 3.0, "running")
    assert tree["answer"] is not None
    assert tree["answer"]["blocks"][0].get("nodes") == [["p", "High "[:-1]]]
    assert tree["announce"] == ""


def test_tokens_are_the_same_count_at_all_times() -> None:
    """The header counts the tokens in and out; while it is at work always as "about": the words stay."""
    asked = (ProgressEvent, "a", {"status": "running", "data": {"input_tokens": 100, "output_tokens": 26}})
    live = tree_of(state_of(asked, model="gpt"))
    assert (live["header"]["facts"], live["notes"]) == (["about 120 tokens"], ["model gpt"])
    ended = tree_of(state_of(asked, (DoneEvent, None, {"duration": 1.0, "result": 1}), model="gpt"))
    assert (ended["header"]["facts"], ended["notes"]) == (["126 tokens"], ["model gpt · 100 tokens in · 26 out"])


def test_tokens_that_are_being_written_are_estimated() -> None:
    """A quarter of the characters is counted until a request tells its tokens; no number is taken back meanwhile."""
    told = (ProgressEvent, "a", {"status": "running", "data": {"input_tokens": 100, "output_tokens": 26}})
    text = (ContentEvent, "a", {"kind": "text", "delta": "x" * 640})
    more = (ProgressEvent, "a", {"status": "running", "data": {"input_tokens": 150, "output_tokens": 100}})
    done = (ProgressEvent, "a", {"status": "finished"}), (DoneEvent, None, {"duration": 1.0, "result": 1})
    stopped = (CancelledEvent, None, {"duration": 1.0})
    for events, fact in (
        ((told, text), "about 280 tokens"),
        ((told, text, more), "about 280 tokens"),
        ((told, text, more, *done), "250 tokens"),
        ((told, text, stopped), "about 280 tokens"),
        ((told, text, more, stopped), "250 tokens"),
    ):
        assert tree_of(state_of(*events))["header"]["facts"] == [fact]
    rules = (ProgressEvent, "a", {"status": "running", "data": {"first_token": 0.1, "counts_tokens": False}})
    assert tree_of(state_of(rules, text))["header"]["facts"] == []
    assert tree_of(state_of(text))["header"]["facts"] == []


def test_a_cancelled_run_says_so_in_its_header() -> None:
    """The header has the word; what a stage was doing is no reason."""
    work = (ProgressEvent, "a", {"status": "running", "message": "writing"})
    count = (ProgressEvent, "b", {"status": "running", "message": "label 5 of 10"})
    tree = tree_of(state_of(work, count, (CancelledEvent, None, {"reason": "the Stop button"})))
    assert (tree["header"]["ended"], tree["notes"]) == ("cancelled", ["reason: the Stop button"])
    assert [row["message"] for row in tree["trace"]] == ["cancelled while writing", "cancelled · label 5 of 10"]
    assert tree_of(state_of((DoneEvent, None, {"duration": 1.0})))["header"]["ended"] == ""


_DONE: Any = (DoneEvent, None, {"duration": 1.0})
_OVER: Any = (ErrorEvent, None, {"fatal": True, "message": "too much", "error_type": "BudgetExceeded"})


@pytest.mark.parametrize(
    ("stage", "fact", "end", "words"),
    [
        ("a", {"kind": "enough", "by": "panel"}, _DONE, "ended early"),
        ("a", {"kind": "stop_if", "by": "code"}, _DONE, "ended early by stop_if"),
        ("b", {"kind": "enough", "by": "page"}, _DONE, "B ended early"),
        (None, {"kind": "budget", "limit": {"cost": 0.1}}, _OVER, "ended early: its budget of $0.10 is spent"),
        (
            None,
            {"kind": "budget", "limit": {"tokens": 2000}},
            _OVER,
            "ended early: its budget of 2,000 tokens is spent",
        ),
        (None, {"kind": "budget", "limit": {"seconds": 5.0}}, _OVER, "ended early: its budget of 5.0 s is spent"),
        (None, {"kind": "budget", "limit": {"cost": "x"}}, _OVER, "ended early: its budget is spent"),
        ("a", {"kind": "say"}, _DONE, ""),
        ("a", "enough", _DONE, ""),
        ("a", {"kind": ["enough"]}, _DONE, ""),
    ],
)
def test_the_header_says_that_a_run_was_ended_early(stage: str | None, fact: Any, end: Any, words: str) -> None:
    """It says why, and which stage it was where the answer is another one's; nothing while the run is at work."""
    other = (ProgressEvent, "b", {"status": "running"})
    cut = (ProgressEvent, stage, {"status": "running", "data": {"ended_early": fact}})
    text = (ContentEvent, "a", {"kind": "text", "delta": "Twice a day."})
    said = (ProgressEvent, "a", {"status": "running", "data": {"intervention": {"kind": "say", "text": "shorter"}}})
    assert tree_of(state_of(other, text, cut, said))["header"]["ended"] == ""
    tree = tree_of(state_of(other, text, cut, said, end))
    assert tree["header"]["ended"] == words
    if tree["status"] == "finished":
        assert [row["message"] for row in panel_tree([tree] * 4, key="panel")["rows"]] == [words] * 4
        assert tree["announce"].endswith(words or "finished")


def _agent(*events: Any) -> Any:
    """Return the tree of an agent's run with events at the given seconds."""
    state = RunState()
    begun = (0.0, ProgressEvent, "agent", {"status": "running", "data": {"first_token": 0.1}})
    for at, kind, stage, fields in ((0.0, StartedEvent, None, {}), begun, *events):
        state.apply(event_of(kind, state.last_seq + 1, stage, elapsed=at, **fields))
    return tree_of(state)


_ASKS: Any = {"status": "waiting", "data": {"waiting_for": "approval", "arguments": {"table": "gauges"}}}
_SEARCH = (
    (0.5, ProgressEvent, "agent/search", {"status": "running"}),
    (1.7, ProgressEvent, "agent/search", {"status": "finished", "duration": 1.2}),
)


@pytest.mark.parametrize("kept", ["intervention", "approval_decision"])
def test_who_is_asked_is_not_charged_to_the_tool(kept: str) -> None:
    """A wait is apart from the time of a call, its row says who ended it and when, also without contents."""
    decided = {"status": "running", "message": "", "data": {kept: {"kind": "approve", "by": "panel"}}}
    end = {"status": "finished", "duration": 2.7}
    asked = ((1.8, ProgressEvent, "agent/delete", _ASKS), (4.2, ProgressEvent, "agent/delete", decided))
    tree = _agent(*_SEARCH, *asked, (4.5, ProgressEvent, "agent/delete", end))
    row = tree["trace"][0]["children"][1]
    assert (row["start"], row["end"], row["waits"], row["time"]) == (1.8, 4.5, [[1.8, 4.2]], "0.3 s")
    assert row["message"] == "approved in the panel after 2.4 s"
    assert tree["summary"] == {
        "text": "2 calls · 1 approved · waited 2.4 s for you",
        "what": "longest:",
        "title": "Search",
        "time": "1.2 s",
    }
    waits = _agent(*_SEARCH, asked[0], (3.8, ProgressEvent, "agent", {"status": "running"}))["trace"][0]["children"][1]
    assert (waits["waits"], waits["time"]) == ([[1.8, None]], "2 s")


def test_a_denial_is_said_once() -> None:
    """A call that was denied says who did it, after how long and why, and not twice."""
    act = {"kind": "deny", "by": "page", "text": "too risky"}
    told = {"status": "waiting", "data": {"intervention": act}}
    end = {"status": "skipped", "message": "denied: too risky", "duration": 2.0}
    tree = _agent(
        (1.0, ProgressEvent, "agent/delete", _ASKS),
        (3.0, ProgressEvent, "agent/delete", told),
        (3.0, ProgressEvent, "agent/delete", end),
    )
    assert tree["trace"][0]["children"][0]["message"] == "denied on the page after 2.0 s: too risky"
    assert tree["summary"]["text"] == "1 call · 1 denied · waited 2.0 s for you"


_FELL_BACK: Any = {"status": "finished", "message": "fallback: refused", "data": {"source": "fallback"}}


@pytest.mark.parametrize("status", ["finished", "running", "cancelled"])
def test_faults_that_a_run_survived_are_counted(status: str) -> None:
    """What failed below a fold is said above it, each fault once; a run that failed shows its error itself."""
    inside: list[tuple[Any, ...]] = [
        (ProgressEvent, "write", {"status": "running"}),
        (ProgressEvent, "write/fetch", {"status": "failed", "message": "failed: gone"}),
        (ProgressEvent, "write/cache", _FELL_BACK),
        (ProgressEvent, "write", {"status": "failed"}),
        (ProgressEvent, "print", _FELL_BACK),
    ]
    end = {"finished": [_DONE], "cancelled": [(CancelledEvent, None, {"reason": "x"})]}
    tree = tree_of(state_of(*inside, *end.get(status, [])))
    assert tree["summary"]["text"] == "2 stages · 1 failed · 2 fallbacks"
    failed = tree_of(state_of(*inside, (ErrorEvent, None, {"error_type": "OSError", "message": "gone", "fatal": True})))
    assert failed["summary"]["text"] == "2 stages · 2 fallbacks"


def test_a_run_with_a_failed_stage_is_mixed() -> None:
    """A run that finished although one of its own stages failed says so in its head; an agent's tool does not count."""
    failed = {"status": "failed", "message": "failed: disk full"}
    tree = tree_of(state_of((ProgressEvent, "a", failed), (ProgressEvent, "b", {"status": "finished"}), _DONE))
    assert (tree["header"]["sign"], tree["header"]["ended"]) == ("◐", "1 of 2 stages failed")
    assert tree["announce"] == "op finished, 1 of 2 stages failed"
    tool = [(ProgressEvent, "a/tool", failed), (ProgressEvent, "a", {"status": "finished"}), _DONE]
    assert tree_of(state_of(*tool))["header"]["sign"] == "✓"


def test_a_loop_around_others_says_where_it_was_left() -> None:
    """The line above the loops inside a loop that was left says how far it came."""
    outer = {"status": "running", "data": {"done": 1, "total": 3, "rate": 1.0}}
    left = {"status": "finished", "data": {"done": 1, "total": 3, "stopped": 2}}
    inner = [(ProgressEvent, f"op/inner#{n}", {"status": "finished"}) for n in (2, 3)]
    state = state_of((ProgressEvent, "op", outer), *inner, (ProgressEvent, "op", left), _DONE)
    assert tree_of(state)["summary"]["text"] == "stopped at 2 of 3 · 2 stages"


def test_nothing_is_said_twice() -> None:
    """The name of a run is not that of its error's place, and what a tool's agent wrote is its result."""
    state = state_of((ErrorEvent, "op", {"error_type": "ValueError", "message": "row 17", "fatal": True}))
    assert tree_of(state)["failure"] == {"text": "ValueError: row 17", "stage": "", "advice": ""}
    wrote = (ContentEvent, "a/ask", {"kind": "text", "delta": "The moon."})
    for result, labels in (("The moon.", ["Result"]), ("Moon", ["Result", "Output"])):
        end = {"status": "finished", "data": {"result": result}}
        told = (ContentEvent, "a", {"kind": "text", "delta": "Tides."})
        tree = tree_of(state_of(wrote, (ProgressEvent, "a/ask", end), told))
        assert [each["label"] for each in tree["trace"][0]["children"][0]["details"]] == labels


def test_a_silence_is_said_once() -> None:
    """The only stage of a run keeps its name and leaves its silence to the header."""
    silence = {"status": "running", "message": "no token for 12 s", "data": {"silence": 12.0}}
    tree = tree_of(state_of((ProgressEvent, "op", silence)))
    assert (tree["header"]["asks"], tree["trace"][0]["title"], tree["trace"][0]["message"]) == (
        "silent for 12 s",
        "Op",
        "",
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (6.9 + 0.2, "7.1"),
        (-0.7 - 0.1, "-0.8"),
        (1 / 3, "0.3333333333333333"),
        (1 / 7, "0.14285714285714285"),
        (500.0, "500.0"),
        (1e300, "1e+300"),
    ],
)
def test_numbers_have_no_noise(value: float, text: str) -> None:
    """The last digits of a sum are those of people, where they are noise alone; other numbers keep theirs."""
    tree = tree_of(state_of((DoneEvent, None, {"duration": 1.0, "result": value})))
    assert [each["text"] for each in tree["answer"]["blocks"]] == [text]


def test_what_draws_itself_in_columns_keeps_them() -> None:
    """The repr of an object that has several lines, as of a frame or an array, is shown as code is."""
    for described in ("  a  b\n0 1  2", "<one line>"):
        tree = tree_of(state_of((DoneEvent, None, {"duration": 1.0, "result": {"type": "x.Y", "repr": described}})))
        block = tree["answer"]["blocks"][0]
        assert block.get("nodes", block.get("text")) == (
            [["pre", ["code", described]]] if "\n" in described else described
        )


def test_the_time_of_the_model_is_seen() -> None:
    """In the run of one agent the time between calls is the model's; it is named where it is most of the run."""
    text = {"kind": "text", "delta": "Two tides."}
    written = [(at, ContentEvent, "agent", text) for at in (2.0, 5.0)]
    tree = _agent(*_SEARCH, *written, (5.2, ProgressEvent, "agent", {"status": "finished", "duration": 5.2}))
    assert tree["model"] == [[0.0, 0.5], [1.7, 5.2]]
    assert (tree["summary"]["what"], tree["summary"]["title"], tree["summary"]["time"]) == (
        "mostly:",
        "writing",
        "3.5 s",
    )
    silent = _agent(*_SEARCH, (5.2, ProgressEvent, "agent", {"status": "finished", "duration": 5.2}))
    assert silent["summary"]["title"] == "model"
    assert _agent(*_SEARCH)["model"] == [[0.0, 0.5], [1.7, None]]
    assert "model" not in tree_of(state_of((ProgressEvent, "read", {"status": "running"})))


def test_the_header_says_for_what_a_run_waits() -> None:
    """A call that waits for approval is named in the header, with the number of others; at the end nothing waits."""
    call = {"status": "waiting", "data": {"waiting_for": "approval"}}
    header = tree_of(state_of((ProgressEvent, "a/delete_records", call)))["header"]
    assert (header["status"], header["asks"]) == ("waiting", "waiting for approval · Delete records")
    both = state_of((ProgressEvent, "a", call), (ProgressEvent, "b", call))
    assert tree_of(both)["header"]["asks"] == "waiting for approval · A, and 1 more"
    ended = tree_of(state_of((ProgressEvent, "a", call), (CancelledEvent, None, {})))["header"]
    assert (ended["status"], ended["asks"]) == ("cancelled", "")


_LIFE: Any = ({"status": "running"}, {"status": "finished", "duration": 2.0})


def test_the_trace_says_what_it_holds() -> None:
    """Stages and calls of tools are counted apart, and the one that took longest is of the kind that is named."""
    model = {"status": "running", "data": {"model": "gpt"}}
    call = {"status": "finished", "duration": 1.0, "data": {"arguments": {}}}
    begun = [(ProgressEvent, f"agent/t{n}", {"status": "running"}) for n in (1, 2)]
    done = [(ProgressEvent, f"agent/t{n}", call) for n in (1, 2)]
    alone = tree_of(state_of((ProgressEvent, "agent", model), *begun, *done))
    assert (alone["summary"]["text"], alone["summary"]["what"]) == ("2 calls", "longest:")
    others = [(ProgressEvent, name, life) for name in ("read", "write") for life in _LIFE]
    calls = [(ProgressEvent, f"agent/t{n}", {"status": "finished"}) for n in (1, 2, 3)]
    mixed = tree_of(state_of((ProgressEvent, "agent", model), *calls, *others))["summary"]
    assert (mixed["text"], mixed["what"]) == ("3 stages · 3 calls", "longest:")
    one = tree_of(state_of((ProgressEvent, "read", {"status": "finished"})))["summary"]
    assert (one["text"], one["what"], one["title"], one["time"]) == ("1 stage", "", "", "")


def test_a_word_goes_to_an_agent_that_is_named() -> None:
    """Where a word can be said the tree has the title of the agent at work that no other one has called."""
    model = {"status": "running", "data": {"model": "gpt"}}
    state = state_of((ProgressEvent, "plan", model), (ProgressEvent, "plan/tool/inner", model))
    assert RunView().tree(state, 1.0, controls={"say"})["agent"] == "Plan"
    assert RunView().tree(state, 1.0, controls={"stop"})["agent"] == ""
    assert RunView().tree(state_of(), 1.0, controls={"say"})["agent"] == "the agent"


def test_head_and_foot_count_the_same_tokens() -> None:
    """A note has the tokens in and out only where their sum is what the header says, live and at any end."""
    told = (ProgressEvent, "a", {"status": "running", "data": {"input_tokens": 100, "output_tokens": 26}})
    text = (ContentEvent, "a", {"kind": "text", "delta": "x" * 640})
    ends: list[Any] = [(CancelledEvent, None, {"duration": 1.0}), _OVER, _DONE]
    for events in ((told,), (told, text), *((told, text, end) for end in ends), *((told, end) for end in ends)):
        tree = tree_of(state_of(*events, model="gpt"))
        (note,) = [note for note in tree["notes"] if note.startswith("model ")]
        numbers = [int(word) for word in note.split() if word.isdigit()]
        fact = tree["header"]["facts"][0]
        assert ("counted" in tree) == ("tokens in" in note) == (fact.partition(" ")[0] == "126")
        assert not numbers or f"{sum(numbers)} tokens" in fact


def test_who_ended_a_run_early_is_said() -> None:
    """Whoever pressed Finish now sees it as the reason, as of Stop; code that ended it says so in the header."""
    for by, notes in (
        ("panel", ["reason: the button Finish now"]),
        ("page", ["reason: the button Finish now on the page"]),
    ):
        fact = {"ended_early": {"kind": "enough", "by": by}}
        tree = tree_of(state_of((ProgressEvent, "a", {"status": "running", "data": fact}), _DONE))
        assert (tree["header"]["ended"], tree["notes"]) == ("ended early", notes)
    fact = {"ended_early": {"kind": "stop_if", "by": "code"}}
    assert tree_of(state_of((ProgressEvent, "a", {"status": "running", "data": fact}), _DONE))["notes"] == []


def test_the_axis_ends_with_the_time_of_the_header() -> None:
    """A duration is rounded once: 9.5 s above is not 9.4 s below."""
    tree = tree_of(state_of((ProgressEvent, "a", {"status": "running"}), (DoneEvent, None, {"duration": 9.449})))
    state = state_of((ProgressEvent, "a", {"status": "running"}), (DoneEvent, None, {"duration": 9.4499}))
    tree = RunView().tree(state, 9.4499)
    assert tree["span_text"] == tree["header"]["elapsed"] == "9.4 s"
    assert RunView().tree(state, 9.4501)["span_text"] == "9.5 s"


def test_bars_have_a_legend_where_they_differ() -> None:
    """Solid and pale are told apart in words, and a wait for somebody; bars of one kind need none."""
    agent = _agent(
        *_SEARCH,
        (1.8, ProgressEvent, "agent/delete", _ASKS),
        (4.2, ProgressEvent, "agent/delete", {"status": "running"}),
    )
    assert agent["legend"] == "solid: a call; pale: the model; brown: waiting for somebody"
    begun = [(ProgressEvent, name, {"status": "running"}) for name in ("read", "read/page", "write")]
    assert tree_of(state_of(*begun))["legend"] == "solid: a stage or a call; pale: a stage around its calls"
    assert "legend" not in tree_of(state_of(begun[0], begun[2]))


# --- a run that stands still -----------------------------------------------------------------------


def test_the_head_says_since_when_nothing_came() -> None:
    """A run all of whose stages at work stand still says so in its head, and no longer as soon as one goes on."""
    clock = ManualClock()
    tracker = ProgressTracker("report", ["read", "write"], clock=clock, show=False)
    tracker.start()
    read, write = tracker.stage("read"), tracker.stage("write")
    read.start()
    clock.advance(12)
    head = RunView().tree(tracker.state, tracker.elapsed)["header"]
    assert (head["asks"], head["status"]) == ("silent for 11 s", "running")
    write.start()
    assert RunView().tree(tracker.state, tracker.elapsed)["header"]["asks"] == ""
    write.finish()
    read.update(10)
    assert RunView().tree(tracker.state, tracker.elapsed)["header"]["asks"] == ""
    read.finish()
    tracker.done("text")
    assert RunView().tree(tracker.state, tracker.elapsed)["header"]["asks"] == ""


def test_the_longest_is_the_part_that_took_the_time() -> None:
    """Of a stage that is mostly one of its parts the part is named; one whose parts share its time is named itself."""
    clock = ManualClock()
    tracker = ProgressTracker("report", clock=clock, show=False)
    tracker.start()
    for name, parts in (("gather", [("fetch", 8.0), ("parse", 1.0)]), ("write", [("draft", 1.0), ("check", 1.0)])):
        with tracker.stage(name) as stage:
            for part, seconds in parts:
                with stage.stage(part):
                    clock.advance(seconds)
    summary = RunView().tree(tracker.state, tracker.elapsed)["summary"]
    assert (summary["title"], summary["time"]) == ("Fetch", "8.0 s")
    with tracker.stage("compare") as stage:
        for _ in range(4):
            with stage.stage("look"):
                clock.advance(3)
    summary = RunView().tree(tracker.state, tracker.elapsed)["summary"]
    assert (summary["title"], summary["time"]) == ("Compare", "12 s")
