"""The trace: a quiet row a stage, tools with their argument and a word of their result, and never too many rows."""

from __future__ import annotations

import itertools
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb.folds.spans import pieces
from progressnb.folds.state import RunState
from progressnb.folds.trace import Traces
from progressnb.folds.view import RunView
from progressnb.folds.words import STATUSES
from progressnb.wire.events import CancelledEvent, ContentEvent, DoneEvent, ErrorEvent, ProgressEvent, StartedEvent

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def state_of(*events: tuple[str, str, dict[str, Any]], error: tuple[str, str] | None = None) -> RunState:
    """Fold progress events, each a path, a status and more fields, with a second between them."""
    state = RunState()

    def add(event_type: Any, **given_fields: Any) -> None:
        seq = state.last_seq + 1
        state.apply(
            event_type(run_id="r", seq=seq, timestamp=BEGAN, elapsed=float(seq), operation="op", **given_fields)
        )

    add(StartedEvent)
    for path, status, given_fields in events:
        if status == "content":
            add(ContentEvent, stage=path, **given_fields)
        else:
            add(ProgressEvent, stage=path, status=status, **given_fields)
    if error is not None:
        add(ErrorEvent, stage=error[0], message=error[1], error_type="E", fatal=False)
    return state


def rows_of(state: RunState, limit: int = 30, elapsed: float | None = None) -> list[Any]:
    """Return the rows of a state."""
    rows: Any = RunView().tree(state, state.elapsed if elapsed is None else elapsed, rows=limit)["trace"]
    return list(rows)


def flat(rows: list[Any]) -> list[Any]:
    """Return all rows, parents first."""
    return [each for row in rows for each in (row, *flat(row["children"]))]


def test_percent_is_shown_where_it_runs() -> None:
    """A row has a percent while its stage runs and it is known, and its time, which is exact at the end."""
    state = state_of(
        ("done", "running", {"stage_progress": 10.0}),
        ("done", "finished", {"stage_progress": 100.0, "duration": 1.04}),
        ("run", "running", {"stage_progress": 41.9}),
        ("unknown", "running", {}),
        ("later", "pending", {}),
        ("never", "skipped", {"stage_progress": 100.0, "message": "nothing to do"}),
    )
    shown = [(row["percent_text"], row["start"], row["end"], row["time"]) for row in rows_of(state, elapsed=6.04)]
    assert shown == [
        ("", 1.0, 2.04, "1.0 s"),
        ("41 %", 3.0, None, "3 s"),
        ("", 4.0, None, "2 s"),
        ("", None, None, ""),
        ("", None, None, ""),
    ]
    assert rows_of(state)[4]["message"] == "skipped: nothing to do"


def test_the_reason_of_a_cancelled_run_is_said_once() -> None:
    """The row of a stage that ended for the run's reason has its name and its sign; the run's note has the reason."""
    state = state_of(("ask", "running", {}), ("ask", "cancelled", {"message": "stopped reading"}))
    state.apply(
        CancelledEvent(run_id="r", seq=9, timestamp=BEGAN, elapsed=9.0, operation="ask", reason="stopped reading")
    )
    tree = RunView().tree(state, 9.0)
    assert [(row["title"], row["sign"], row["message"]) for row in tree["trace"]] == [("Ask", "■", "")]
    assert tree["notes"] == ["reason: stopped reading"]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ({"query": "North Sea tide gauges and their ranges", "n": 3}, '"North Sea tide gauges and their…"'),
        ({"n": 3}, "3"),
        ({"deep": True}, "yes"),
        ({"urls": ["a", "b"]}, "2 items"),
        ({"options": {"a": 1}}, "1 field"),
        ({"a": None}, ""),
        ({}, ""),
        (None, ""),
        ("[…", '"[…"'),
        ([1, 2], "2 items"),
        ({"o": {"type": "m.C", "repr": "<C\u202e>"}}, "<C⟨U+202E⟩>"),
    ],
)
def test_the_hint_is_the_first_argument(arguments: Any, hint: str) -> None:
    """A tool's row tells its first argument, a text in quotes."""
    (row,) = rows_of(state_of(("tool", "running", {"data": {"arguments": arguments}})))
    assert row["hint"] == hint


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ([1] * 20, "→ 20 results"),
        ([1], "→ 1 result"),
        ([], "→ 0 results"),
        ([1, 2, "…"], "→ 2+ results"),
        ({"rows": [1, "…"]}, "→ 1+ rows"),
        ({"results": [1, 2], "next": None}, "→ 2 results"),
        ({"pagesRead": [1]}, "→ 1 pages read"),
        ({"title": "Tides", "text": "long"}, "→ Tides"),
        ({"a": 1, "b": 2, "c": 3}, "→ 3 fields"),
        (
            "High water twice a day, and then some more of it, and more",
            "→ High water twice a day, and then some more of it…",
        ),
        (42, "→ 42"),
        (True, "→ yes"),
        (None, ""),
        ("", ""),
    ],
)
def test_the_outcome_is_a_word_of_the_result(result: Any, outcome: str) -> None:
    """A tool that finished tells in a word what it gave."""
    (row,) = rows_of(state_of(("tool", "finished", {"data": {"result": result}, "message": "read"})))
    assert row["outcome"] == outcome
    assert row["message"] == ("" if outcome else "read")
    (row,) = rows_of(state_of(("tool", "running", {"data": {"result": result}})))
    assert row["outcome"] == ""


@pytest.mark.parametrize(("number", "outcome"), [(20, "→ 20 results"), (1, "→ 2+ results"), (True, "→ 2+ results")])
def test_a_long_list_is_counted_whole(number: Any, outcome: str) -> None:
    """Of a list that was too long for an event the row tells how many items the tool gave."""
    (row,) = rows_of(state_of(("tool", "finished", {"data": {"result": [1, 2, "…"], "result_length": number}})))
    assert row["outcome"] == outcome


def test_details_are_facts_of_the_row_and_bounded() -> None:
    """Arguments, result, tokens, cost, tries, its own output and error are there when a row is opened."""
    facts = {
        "input_tokens": 1200,
        "output_tokens": 9,
        "cost": 0.00412,
        "attempt": 2,
        "first_token": 0.4,
        "model": "gpt",
    }
    state = state_of(
        ("a", "running", {"data": {"arguments": {"q": "x" * 9000}, "result": ["y" * 9000], "pages": 3, **facts}}),
        ("a", "content", {"delta": "**High** water"}),
        ("a", "finished", {}),
        ("b", "content", {"delta": "later"}),
        error=("a", "lost once"),
    )
    details = {detail["key"]: detail for detail in rows_of(state)[0]["details"]}
    texts = {key: detail["blocks"][0].get("text") for key, detail in details.items()}
    assert (texts["tokens"], texts["cost"], texts["tries"], texts["first_token"]) == (
        "1,200 tokens in · 9 out",
        "$0.0041",
        "2",
        "after 400 ms",
    )
    assert (texts["model"], texts["error"]) == ("gpt", "lost once")
    assert details["part:output"]["blocks"][0]["nodes"] == [["p", ["strong", "High"], " water"]]
    assert details["data"]["blocks"][0]["items"][0]["label"] == "Pages"
    for detail in details.values():
        assert len(json.dumps(detail)) < 1500
    assert "part:output" not in {detail["key"] for detail in rows_of(state)[1]["details"]}  # it is the answer


def test_who_waits_is_open_with_its_arguments() -> None:
    """A tool that waits for approval says so, and its arguments are in view."""
    data = {"waiting_for": "approval", "arguments": {"path": "/tmp"}}  # noqa: S108 - a text
    (row,) = rows_of(state_of(("tool", "waiting", {"data": data})))
    assert (row["open"], row["message"]) == (True, "waiting for approval")
    assert row["question"] == "Let the agent call Tool?"
    assert row["details"][0]["key"] == "arguments"


@pytest.mark.parametrize(
    ("intervention", "message"),
    [
        ({"kind": "approve", "by": "panel"}, "approved in the panel"),
        ({"kind": "deny", "by": "page", "text": "too\nrisky"}, "denied on the page: too risky"),
        ({"kind": "say", "by": "code", "text": "shorter, please"}, "told: shorter, please"),
        ({"kind": "enough", "by": "panel"}, "ended early in the panel"),
        ({"kind": "stop_if", "by": "code"}, "ended early by stop_if"),
        ({"kind": "budget", "by": "code", "text": "$0.10"}, "over budget: $0.10"),
        ({"kind": "unknown", "by": "panel"}, ""),
        ("x", ""),
    ],
)
def test_what_somebody_did_is_seen(intervention: Any, message: str) -> None:
    """What somebody did to a stage stands in its row."""
    (row,) = rows_of(state_of(("tool", "running", {"data": {"intervention": intervention}})))
    assert row["message"] == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"done": 142, "total": 200, "rate": 12.3, "postfix": {"loss": 0.12}},
            "142/200 · 12.3/s · about 5 s left · loss 0.12",
        ),
        ({"done": 142, "rate": 12.3}, "142 · 12.3/s"),
        ({"done": 3}, "142 of 200"),
        ({"done": 3, "total": "many"}, "142 of 200"),
        ({"done": float("inf"), "total": 10**400}, "142 of 200"),
        ({"total": 9, "rate": 1.0}, "142 of 200"),
        ({"done": 1, "total": 2, "postfix": {"\u202e": "x" * 900}}, f"1/2 · ⟨U+202E⟩ {'x' * 292}…"),
    ],
)
def test_a_loop_is_one_line(data: Any, message: str) -> None:
    """The row of a loop tells its count, rate, time left and what was set; data of others are not taken for it."""
    (row,) = rows_of(state_of(("loop", "running", {"message": "142 of 200", "data": data})))
    assert row["message"] == message
    shown = {detail["key"] for detail in row["details"]}
    assert ("data" in shown) == (message == "142 of 200")


def test_a_loop_that_stands_still_has_no_estimate() -> None:
    """A loop keeps the rate of its latest step; where the next one is long overdue its time left is unknown."""
    step = {"done": 141, "total": 200, "rate": 29.5}
    state = state_of(("loop", "running", {"data": {"done": 140, "total": 200, "rate": 30.0}}))
    seq, at = state.last_seq, state.elapsed
    for number, data in ((1, step), (2, {**step, "rate": 2.2}), (3, {**step, "rate": None})):
        event: Any = {"run_id": "r", "operation": "op", "timestamp": BEGAN, "stage": "loop", "status": "running"}
        state.apply(ProgressEvent(seq=seq + number, elapsed=at + 0.5 * number, data=data, **event))
    texts = [rows_of(state, elapsed=at + 0.5 + still)[0]["message"] for still in (1.0, 2.1, 30.0)]
    assert texts == ["141/200 · 29.5/s · about 2 s left", "141/200 · no step for 2 s", "141/200 · no step for 30 s"]


def test_a_reason_is_said_once() -> None:
    """A tool that was denied says so and why, once."""
    act = {"kind": "deny", "by": "panel", "text": "too risky"}
    (row,) = rows_of(state_of(("tool", "skipped", {"message": "too risky", "data": {"intervention": act}})))
    assert row["message"] == "denied in the panel: too risky"


# --- many rows -----------------------------------------------------------------------------------


def test_finished_ones_of_a_kind_are_one_row() -> None:
    """Finished siblings of a name fold, from four on; those that failed and run stay rows of their own."""
    events: list[Any] = [("a", "running", {})]
    for number in range(1, 301):
        path = "a/read_page" if number == 1 else f"a/read_page#{number}"
        events.append(
            (path, "failed" if number in (7, 8, 300) else "finished", {"title": "read_page", "duration": 0.5})
        )
    events.append(("a/read_page#301", "running", {"title": "read_page"}))
    events.append(("a/search", "finished", {}))
    rows = rows_of(state_of(*events))[0]["children"]
    assert [(row["key"], row["count"]) for row in rows] == [
        ("a/read_page#*", 297),
        ("a/read_page#7", 1),
        ("a/read_page#8", 1),
        ("a/read_page#300", 1),
        ("a/read_page#301", 1),
        ("a/search", 1),
    ]
    assert (rows[0]["title"], rows[0]["outcome"], rows[0]["open"]) == ("read_page", "× 297 ✓ · 3 ✗", False)
    assert [row["open"] for row in rows[1:4]] == [True, True, True]
    latest = rows[0]["details"][0]["blocks"][0]
    assert (latest["columns"], len(latest["rows"])) == (["Time"], 10)


def test_stages_below_a_loop_are_grouped_by_item() -> None:
    """The tools of one item stand below it, items that are done fold, and one that failed is open."""
    events: list[Any] = [("loop", "running", {})]
    for item in range(7):
        number = "" if item == 0 else f"#{item + 1}"
        ended = "finished" if item < 6 else "running"
        events += [
            (f"loop/search{number}", "finished", {"data": {"item": item}, "duration": 0.5}),
            (f"loop/read{number}", "failed" if item == 2 else ended, {"data": {"item": item}, "duration": 0.5}),
        ]
    (loop,) = rows_of(state_of(*events))
    shown = [(row["title"], row["status"], row["count"], len(row["children"])) for row in loop["children"]]
    assert shown == [
        ("Item", "finished", 5, 0),
        ("Item 3", "failed", 1, 2),
        ("Item 7", "running", 1, 2),
    ]
    assert loop["children"][0]["outcome"] == "× 5 ✓ · 1 ✗"
    single = state_of(
        ("loop", "running", {}), *((f"loop/a#{n}", "finished", {"data": {"item": n}}) for n in range(2, 9))
    )
    assert [(row["title"], row["count"]) for row in rows_of(single)[0]["children"]] == [("A", 7)]


def test_three_are_not_folded_and_neither_is_what_holds_a_failure() -> None:
    """Three of a kind stay as they are, and one with a failure below it is never hidden."""
    three: list[Any] = [(f"a#{number}", "finished", {}) for number in range(2, 5)]
    assert [row["count"] for row in rows_of(state_of(*three))] == [1, 1, 1]
    five: list[Any] = [(f"a#{number}", "finished", {}) for number in range(2, 7)]
    rows = rows_of(state_of(*five, ("a#3/x", "failed", {})))
    assert [(row["count"], len(row["children"])) for row in rows] == [(4, 0), (1, 1)]
    running = rows_of(state_of(*five, ("a#3/x", "running", {})))
    assert [row["count"] for row in running] == [4, 1]


paths = st.sampled_from(
    ["a", "b", "a/t", "a/t#2", "a/t#3", "a/t#4", "a/t#5", "a/u", "a/u/v", "b/t", "b/t/w", "c", "d", "e"]
)
statuses = st.sampled_from(["pending", "running", "finished", "finished", "failed", "skipped", "waiting"])


@given(st.lists(st.tuples(paths, statuses, st.just({})), max_size=25), st.integers(1, 12))
def test_rows_are_bounded_and_failures_are_there(events: list[Any], limit: int) -> None:
    """There are never more rows than asked for, failures come before all else, and every stage is counted once."""
    state = state_of(*events)
    rows = flat(rows_of(state, limit))
    stages = [row for row in rows if not row["remark"]]
    assert len(stages) <= limit
    failed = {stage.path for _, stage in state.walk() if stage.status == "failed"}
    shown = {row["key"] for row in stages}
    needed = {"/".join(path.split("/")[: depth + 1]) for path in failed for depth in range(path.count("/") + 1)}
    if len(needed) <= limit:
        assert failed <= shown
    hidden = sum(int(row["remark"].split()[1].replace(",", "")) for row in rows if row["remark"])
    folded = {row["key"].removesuffix("#*") for row in stages if row["count"] > 1}
    below = [
        stage.path
        for _, stage in state.walk()
        if any(above.rpartition("#")[0] or above in folded for above in _above(stage.path) if _is_folded(above, folded))
    ]
    assert sum(row["count"] for row in stages) + hidden + len(below) == len([*state.walk()])


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _is_folded(path: str, folded: set[str]) -> bool:
    return path in folded


def test_any_depth_is_few_levels() -> None:
    """Stages nested 1,200 deep, more than Python calls, are rows that every reader of JSON can take."""
    state = state_of(("/".join(["s"] * 1200), "running", {}))
    rows = rows_of(state, 200)
    depth = 0
    while rows:
        rows, depth = rows[0]["children"], depth + 1
    assert depth <= 14
    assert json.loads(json.dumps(rows_of(state, 200)))


@pytest.mark.integration  # seconds: a hundred thousand events
def test_many_stages_are_read_fast() -> None:
    """A hundred thousand stages are a small tree, and cost no more than once to look at each."""
    state = state_of(("a", "running", {}))
    for number in range(100_000):
        event = ProgressEvent(
            run_id="r",
            seq=number + 2,
            timestamp=BEGAN,
            elapsed=3.0,
            operation="op",
            stage=f"a/t#{number + 2}",
            status="finished",
        )
        state.apply(event)
    began = time.process_time()
    tree = RunView().tree(state, 3.0)
    assert time.process_time() - began < 5
    assert len(json.dumps(tree)) < 5000


def own(*more: tuple[str, str, dict[str, Any]], ended: bool = True, **fields: Any) -> RunState:
    """Return a run of an agent named `op` with a tool, that is finished or at work."""
    events = [("op", "running", fields), ("op/search", "running", {}), ("op/search", "finished", {"duration": 1.0})]
    state = state_of(*events, *more, *([("op", "finished", {"duration": 3.0})] if ended else []))
    if ended:
        done = DoneEvent(run_id="r", seq=state.last_seq + 1, timestamp=BEGAN, elapsed=9.0, operation="op", duration=9.0)
        state.apply(done)
    return state


def test_an_agent_in_a_run_of_its_own_is_named_once() -> None:
    """The one stage of a finished run that repeats the header is left out: the rows below it move up."""
    finished = own(data={"arguments": {"prompt": "tides"}, "model": "m", "input_tokens": 3})
    assert [row["key"] for row in rows_of(finished)] == ["op/search"]


@pytest.mark.parametrize(
    "state",
    [
        own(ended=False),
        own(("other", "running", {}), ("other", "finished", {"duration": 1.0})),
        own(data={"pages": 3}),
        own(("op", "running", {"message": "as asked"})),
    ],
)
def test_a_stage_that_says_more_than_the_header_keeps_its_row(state: RunState) -> None:
    """While a run is at work nothing goes from under the hand, and no message and no data are lost."""
    assert rows_of(state)[0]["key"] == "op"


def test_thinking_is_shown_once() -> None:
    """The thinking that a run shows is not among the details of its stage; that of an earlier stage is."""
    thinking = {"part": "thinking", "kind": "text"}
    state = state_of(
        ("first", "running", {}),
        ("first", "content", {**thinking, "delta": "early doubts"}),
        ("first", "finished", {"duration": 1.0}),
        ("second", "running", {}),
        ("second", "content", {**thinking, "delta": "later doubts"}),
        ("second", "finished", {"duration": 1.0}),
    )
    tree = RunView().tree(state, state.elapsed)
    assert tree["thinking"] == "later doubts"
    assert [[detail["key"] for detail in row["details"]] for row in tree["trace"]] == [["part:thinking"], []]


def test_stages_that_an_ended_run_did_not_reach_say_so() -> None:
    """A pending stage of a run that has ended is not shown as one that is still to come."""
    state = state_of(("b", "pending", {}), ("a", "running", {}))
    assert [row["status"] for row in rows_of(state)] == ["pending", "running"]
    assert rows_of(state)[0]["message"] == ""
    state.status = "failed"
    row = rows_of(state)[0]
    assert (row["status"], row["sign"], row["message"]) == ("unreached", STATUSES["unreached"].sign, "not reached")
    assert row["sign"] != STATUSES["pending"].sign


def test_no_details_where_no_row_is_opened() -> None:
    """A terminal asks for no details, and none are made."""
    state = state_of(("a", "finished", {"data": {"arguments": {"q": 1}, "result": [1, 2]}}))
    (row,) = Traces().rows(state, None, 1.0, 30, details=False)
    assert (row["details"], row["outcome"]) == ([], "→ 2 results")


def test_many_of_a_kind_are_drawn_as_they_were() -> None:
    """A folded row has a piece for each call, the longest of them and the time of all; idle time is not work."""
    state = RunState()
    state.apply(StartedEvent(run_id="r", seq=0, timestamp=BEGAN, elapsed=0.0, operation="op"))
    begins = (0.0, 0.5, 4.0, 8.0)
    for number, begin in enumerate(begins):
        for at, status, fields in ((begin, "running", {}), (begin + 0.9, "finished", {"duration": 0.9})):
            event: Any = {"run_id": "r", "operation": "op", "timestamp": BEGAN, "stage": f"a/read#{number + 2}"}
            state.apply(ProgressEvent(seq=state.last_seq + 1, elapsed=at, status=status, **event, **fields))
    (row,) = rows_of(state)[0]["children"]
    assert row["spans"] == [[0.0, 1.4], [4.0, 4.9], [8.0, 8.9]]
    assert (row["message"], row["time"], row["outcome"]) == ("each ≤ 0.9 s", "in 8.9 s", "× 4 ✓")


def test_the_pieces_of_a_bar_are_few() -> None:
    """Of hundreds of calls those with the shortest gaps between them are one piece, and none begins or ends later."""
    spans = [(float(at), at + 0.5 + 0.001 * at) for at in range(300)]
    found = pieces(spans)
    assert len(found) == 24
    assert (found[0][0], found[-1][1]) == (spans[0][0], spans[-1][1])
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))
    assert pieces([(2.0, 3.0), (0.0, 1.0), (0.5, 2.5)]) == [(0.0, 3.0)]
    assert pieces([]) == []


def test_an_agent_without_tools_says_what_it_did() -> None:
    """The one row of its run does not repeat the title: it counts the calls of the model."""
    state = state_of(
        ("op", "running", {"data": {"model": "m", "input_tokens": 3}}), ("op", "finished", {"duration": 9.0})
    )
    assert [row["title"] for row in rows_of(state)] == ["Op"]
    done = DoneEvent(run_id="r", seq=state.last_seq + 1, timestamp=BEGAN, elapsed=9.0, operation="op", duration=9.0)
    state.apply(done)
    (row,) = rows_of(state)
    assert (row["title"], row["time"], row["details"] != []) == ("1 model call", "9.0 s", True)


@pytest.mark.parametrize(
    ("result", "written", "is_there"),
    [
        (50, "The moon pulls.", True),
        ("# Tides", "# Tides\n\nThe moon pulls.", True),
        ("Tides: The moon pulls. ", "The moon pulls.\n", False),
        ("The moon pulls.", "The moon pulls.", False),
        (None, "The moon pulls.", False),
        ({"a": 1}, "The moon pulls.", True),
    ],
)
def test_what_was_written_last_stays_to_be_read(result: Any, written: str, *, is_there: bool) -> None:
    """At the end the row of the stage that wrote last has its output, unless the answer is it or has it in it."""
    state = state_of(("a", "running", {}), ("a", "content", {"delta": written}), ("a", "finished", {}))
    before = rows_of(state)[0]["details"]
    assert "part:output" not in {detail["key"] for detail in before}  # it is the answer so far
    state.status, state.result = "finished", result
    keys = {detail["key"] for detail in rows_of(state)[0]["details"]}
    assert ("part:output" in keys) is is_there


def test_a_retry_that_went_well_is_told() -> None:
    """The row of a stage that finished by another attempt says how many it took, and the error is an earlier one."""
    (row,) = rows_of(state_of(("load", "finished", {"data": {"attempt": 2}}), error=("load", "not there yet")))
    assert row["message"] == "2 tries"
    assert tuple(
        detail["label"] if detail["key"] == "error" else detail["blocks"][0]["text"]
        for detail in row["details"]
        if detail["key"] in ("error", "tries")
    ) == ("Earlier error", "2")
