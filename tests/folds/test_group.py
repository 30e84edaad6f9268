"""The panel of many runs: up to three as they are, of more a line of totals and the rows that matter."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from progressnb.display.html import panel_html
from progressnb.folds.group import MORE, panel_tree
from progressnb.folds.group_rows import failed_examples
from progressnb.folds.patch import diff
from progressnb.folds.state import RunState
from progressnb.folds.view import RunView
from progressnb.folds.words import STATUSES
from progressnb.wire.events import CancelledEvent, DoneEvent, ErrorEvent, ProgressEvent, StartedEvent

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def run_of(key: str, status: str = "finished", percent: float = 0.0, *, whole: bool = True) -> Any:
    """Return the tree of a run with this status."""
    state = RunState()

    def add(event_type: Any, **given_fields: Any) -> None:
        seq = state.last_seq + 1
        state.apply(
            event_type(run_id=key, seq=seq, timestamp=BEGAN, elapsed=float(seq), operation="ask", **given_fields)
        )

    if status != "pending":
        add(StartedEvent, subject=key)
        add(ProgressEvent, stage="read", status="running", message="page 2", overall_progress=percent)
    ends = {"finished": DoneEvent, "cancelled": CancelledEvent, "failed": ErrorEvent}
    if status in ends:
        add(ends[status], duration=2.0, **({"message": "no", "error_type": "E"} if status == "failed" else {}))
    return RunView(key, "ask").tree(state, state.elapsed, controls={"stop"}, whole=whole)


def test_up_to_three_are_as_they_are() -> None:
    """A run alone, two and three runs are whole."""
    for count in (0, 1, 2, 3):
        runs = [run_of(str(number)) for number in range(count)]
        panel = panel_tree(runs, key="p")
        assert (panel["runs"], panel["totals"], panel["rows"]) == (runs, None, [])
    assert panel["announce"] == "ask finished"


def test_from_four_on_totals_count() -> None:
    """Totals say how many have ended, failed and run, the percent of all, and the time left by what others took."""
    runs = [run_of(f"f{number}") for number in range(6)]
    runs += [run_of("x", "failed"), run_of("r", "running", 50.0), run_of("q", "pending"), run_of("c", "cancelled")]
    totals = panel_tree(runs, key="p", elapsed=85.0)["totals"]
    assert totals == {
        "sign": "●",
        "status": "running",
        "title": "ask",
        "percent": 85.0,
        "segments": [
            {"key": "finished", "title": "finished", "status": "finished", "share": 0.6, "percent": 100.0},
            {"key": "failed", "title": "failed", "status": "failed", "share": 0.1, "percent": 100.0},
            {"key": "cancelled", "title": "cancelled", "status": "cancelled", "share": 0.1, "percent": 100.0},
            {"key": "rest", "title": "running", "status": "running", "share": 0.2, "percent": 25.0},
        ],
        "text": "8 of 10 · 1 failed · 1 cancelled · 1 running · about 3 s left",
        "elapsed": "1 min 25 s",
        "controls": ["stop"],
    }
    ended = panel_tree([*runs[:8], run_of("q"), run_of("c")][:7], key="p", title="Mails", elapsed=9.5)["totals"]
    assert ended is not None
    assert (ended["status"], ended["title"], ended["text"], ended["controls"]) == (
        "mixed",
        "Mails",
        "7 runs · 6 finished · 1 failed",
        [],
    )
    assert (ended["percent"], ended["elapsed"]) == (100.0, "9.5 s")
    assert panel_tree(runs, key="p")["totals"]["text"].endswith("1 running")  # type: ignore[index]


@pytest.mark.parametrize("count", [1, 6])
def test_a_row_needs_no_whole_run(count: int) -> None:
    """Rows, totals and announcement are those of whole runs where runs are drawn for a row alone."""
    statuses = ["finished", "failed", "running", "pending", "cancelled"] * count
    panels = [
        panel_tree([run_of(f"{at}", each, whole=whole) for at, each in enumerate(statuses)], key="p", elapsed=9.0)
        for whole in (True, False)
    ]
    assert panels[0] == panels[1]


def test_an_end_is_that_of_all_runs() -> None:
    """Runs of which some failed have a sign, a word and counts of their own; only where none finished it is failed."""
    for ends, status, text in (
        (["finished"] * 4, "finished", "4 runs"),
        (["failed"] * 4, "failed", "4 runs · 4 failed"),
        (["finished"] * 3 + ["failed"], "mixed", "4 runs · 3 finished · 1 failed"),
        (["finished"] * 3 + ["cancelled"], "cancelled", "4 runs · 3 finished · 1 cancelled"),
        (["finished", "failed", "cancelled", "cancelled"], "mixed", "4 runs · 1 finished · 1 failed · 2 cancelled"),
    ):
        panel = panel_tree([run_of(str(at), end) for at, end in enumerate(ends)], key="p", title="Mails", elapsed=9.5)
        totals = panel["totals"]
        assert totals is not None
        assert (totals["status"], totals["sign"], totals["text"]) == (status, STATUSES[status].sign, text)
        assert panel["announce"].startswith("Mails: 4 runs ended, ")
        for end in {*ends}:
            assert f"{ends.count(end)} {end}" in panel["announce"]


def test_a_run_that_waits_for_approval_is_found_at_once() -> None:
    """It is counted in the line of totals and has the first row, whose message says for what."""
    runs = [run_of(f"f{number}", "failed") for number in range(3)]
    runs += [run_of(f"r{number}", "running") for number in range(190)]
    asks = run_of("asks", "running")
    asks["header"].update(status="waiting", sign="?", asks="waiting for approval · delete_mail")
    panel = panel_tree([*runs, asks], key="p", title="Mails", elapsed=2.0)
    assert panel["totals"] is not None
    assert (panel["totals"]["status"], panel["totals"]["sign"]) == ("waiting", "?")
    assert panel["totals"]["text"] == "3 of 194 · 1 waits for approval · 3 failed · 190 running"
    assert panel["announce"] == "Mails: 194 runs, 3 failed, 1 waits for approval"
    first = panel["rows"][0]
    assert (first["key"], first["status"], first["message"]) == (
        "asks",
        "waiting",
        "waiting for approval · delete_mail",
    )
    other: Any = {**asks, "key": "b", "header": {**asks["header"], "asks": "waiting for you · pick"}}
    totals = panel_tree([*runs, asks, other], key="p")["totals"]
    assert totals is not None
    assert " · 2 wait for you · " in totals["text"]


def test_a_row_says_how_far_a_run_is() -> None:
    """A run at work has a percent; one that has ended has none, however it ended."""
    runs = [run_of("f"), run_of("x", "failed", 40.0), run_of("c", "cancelled", 60.0), run_of("r", "running", 50.0)]
    rows = panel_tree(runs, key="p")["rows"]
    assert [(row["percent"], row["percent_text"]) for row in rows] == [
        (None, ""),
        (None, ""),
        (None, ""),
        (50.0, "50 %"),
    ]


def test_an_unknown_number_of_runs_is_no_fraction() -> None:
    """Where a run began after another one had ended nobody knows how many come: no percent, no "of", no time left."""
    runs = [*(run_of(f"f{number}") for number in range(6)), run_of("x", "failed"), run_of("r", "running", 50.0)]
    assert panel_tree(runs, key="p", elapsed=9.0)["totals"]["percent"] is not None  # type: ignore[index]
    runs[-1]["began"] += 2.5
    totals = panel_tree(runs, key="p", elapsed=9.0)["totals"]
    assert totals is not None
    assert (totals["text"], totals["percent"]) == ("6 finished · 1 failed · 1 running", None)
    parts = [(part["status"], part["share"], part["percent"]) for part in totals["segments"]]
    # Of eight that began two more are expected, as the root of eight: what has ended is seen, and no end is promised.
    assert parts == [("finished", 0.6, 100.0), ("failed", 0.1, 100.0), ("running", 0.3, None)]
    waiting = panel_tree([*runs, run_of("q", "pending")], key="p", elapsed=9.0)["totals"]
    assert waiting is not None
    assert waiting["text"].startswith("7 of 9 · ")
    ended = panel_tree(runs[:-1], key="p", elapsed=9.0)["totals"]
    assert ended is not None
    assert (ended["text"], ended["percent"]) == ("7 runs · 6 finished · 1 failed", 100.0)


def test_a_loop_of_runs_has_no_time_left() -> None:
    """Where one run after the other begins, nobody knows how many come: no time left is told."""
    runs = [*(run_of(f"f{number}") for number in range(9)), run_of("r", "running", 50.0)]
    totals = panel_tree(runs, key="p", elapsed=85.0)["totals"]
    assert totals is not None
    assert totals["text"] == "9 of 10 · 1 running"


@pytest.mark.parametrize(
    ("ages", "waiting", "is_told"),
    [
        ([27.0] * 12, 0, True),  # none began for a while
        ([25.0, 24.0, 11.0], 0, True),
        ([30.0, 25.0, 9.0], 0, False),
        ([29.0, *[0.2] * 11], 0, False),
        ([29.0, *[0.2] * 11], 40, True),  # those that wait are counted
        ([14.0], 0, False),
        ([16.0], 0, True),
    ],
)
def test_a_time_left_needs_a_known_number_of_runs(ages: list[float], waiting: int, *, is_told: bool) -> None:
    """While runs are still being added, as behind a semaphore, no time left is told: their number is unknown."""
    runs: list[Any] = [{**run_of(f"f{number}"), "now": 28.0} for number in range(40)]
    runs += [{**run_of(f"r{at}", "running", 50.0), "now": age, "span": age} for at, age in enumerate(ages)]
    runs += [run_of(f"p{number}", "pending") for number in range(waiting)]
    totals = panel_tree(runs, key="p", elapsed=30.0)["totals"]
    assert totals is not None
    assert ("left" in totals["text"]) == is_told


@pytest.mark.parametrize(
    ("finished", "ages", "axes", "waiting", "text"),
    [
        ([], [30.0] * 5, [30.0] * 5, 0, ""),  # percents alone are no ground
        ([], [30.0] * 5, [30.0] * 5, 9, ""),
        ([20.0, 21.0, 22.0], [30.0] * 2, [30.0] * 2, 0, ""),  # they have outlasted all others
        ([20.0, 40.0], [30.0] * 2, [30.0] * 2, 0, ""),  # two are no sample
        ([20.0, 40.0, 42.0], [30.0] * 2, [30.0] * 2, 0, "about 11 s left"),
        ([], [30.0] * 4, [40.0, 45.0, 70.0, 41.0], 0, "about 40 s left"),  # each says so itself
        ([], [30.0] * 4, [40.0, 45.0, 70.0, 30.0], 0, ""),  # one does not
        ([10.0] * 4, [5.0] * 2, [5.0] * 2, 10, "about 55 s left"),
        ([10.0] * 4, [20.0] * 2, [20.0] * 2, 10, "about 1 min 00 s left"),
        ([10.0] * 4, [5.0] * 5, [5.0] * 5, 10, ""),  # the first to finish are the short ones
    ],
)
def test_a_time_left_is_measured(
    finished: list[float], ages: list[float], axes: list[float], waiting: int, text: str
) -> None:
    """The group tells what its runs say of themselves, or what enough finished ones took, and never a guess."""
    runs: list[Any] = [{**run_of(f"f{at}"), "now": seconds} for at, seconds in enumerate(finished)]
    runs += [
        {**run_of(f"r{at}", "running", 75.0), "now": age, "span": axis}
        for at, (age, axis) in enumerate(zip(ages, axes, strict=True))
    ]
    runs += [run_of(f"p{number}", "pending") for number in range(waiting)]
    totals = panel_tree(runs, key="p", elapsed=30.0)["totals"]
    assert totals is not None
    assert totals["text"].partition("running")[2].removeprefix(" · ") == text


def test_few_have_a_row_each() -> None:
    """Up to twelve runs have rows in the order in which they began, finished ones too: none moves, all open."""
    runs = [
        run_of("a"),
        run_of("b", "running"),
        run_of("c", "failed"),
        run_of("d", "pending"),
        run_of("e", "cancelled"),
    ]
    rows = panel_tree(runs, key="p", opened=frozenset({"a"}))["rows"]
    assert [(row["key"], row["open"]) for row in rows] == [
        ("a", True),
        ("b", False),
        ("c", False),
        ("d", False),
        ("e", False),
    ]
    assert (rows[0]["run"], rows[2]["run"]) == (runs[0], None)
    assert (rows[0]["message"], rows[1]["message"], rows[2]["message"]) == ("", "Read: page 2", "E: no")
    assert (rows[1]["title"], rows[1]["subject"]) == ("ask", '"b"')


def test_of_many_those_that_matter_come_first() -> None:
    """Failed runs come first, then those at work; finished ones are counted, unless somebody opened them."""
    runs = [run_of(f"f{number}") for number in range(10)]
    runs += [run_of("b", "running"), run_of("c", "failed"), run_of("d"), run_of("e", "running")]
    rows = panel_tree(runs, key="p", opened=frozenset({"d", "e"}))["rows"]
    assert [(row["key"], row["open"]) for row in rows] == [
        ("c", False),
        ("b", False),
        ("e", True),
        ("d", True),
        ("…", False),
    ]
    assert rows[-1]["remark"] == "… 10 finished"
    assert (rows[2]["run"], rows[0]["run"]) == (runs[13], None)


def test_what_is_counted_can_be_opened() -> None:
    """Who opens the row that counts sees a row for each of the latest hundred, whose runs open as all do."""
    runs = [run_of(str(number)) for number in range(200)]
    rows = panel_tree(runs, key="p", opened=frozenset({MORE}))["rows"]
    assert (rows[0]["key"], rows[0]["remark"], rows[0]["open"]) == (MORE, "… 200 finished", True)
    assert [row["key"] for row in rows[1:]] == [str(number) for number in range(100, 200)]
    opened = panel_tree(runs, key="p", opened=frozenset({MORE, "150"}))["rows"]
    assert [row["key"] for row in opened if row["run"] is not None] == ["150"]


def test_a_file_keeps_a_line_of_what_is_counted() -> None:
    """A whole panel has a line of each of the latest hundred finished runs below the row that counts them."""
    runs = [run_of(str(number)) for number in range(200)]
    (row,) = panel_tree(runs, key="p", whole=True)["rows"]
    assert [each["key"] for each in row["rest"]] == [str(number) for number in range(100, 200)]
    assert all(each["run"] is None for each in row["rest"])
    assert "rest" not in panel_tree(runs, key="p")["rows"][0]
    html = panel_html(panel_tree(runs[:15], key="p", whole=True))
    assert html.count('class="row finished"') == 15
    assert '<summary class="line"><span class="label">… 15 finished</span></summary>' in html


def totals_of(runs: list[Any]) -> Any:
    """Return the line of totals of runs."""
    return panel_tree(runs, key="p")["totals"]


def test_runs_of_several_titles_are_told_as_such() -> None:
    """The line of totals has the title of all runs, or of the first and how many others there are."""
    runs = [run_of(str(number)) for number in range(5)]
    assert totals_of(runs)["title"] == "ask"
    for number, run in enumerate(runs[1:]):
        run["header"]["title"] = f"title {number}"
    assert totals_of(runs)["title"] == "ask and 4 more"


def test_rows_are_bounded() -> None:
    """However many runs fail, rows are few and the rest is counted."""
    runs = [run_of(str(number), "failed") for number in range(100)] + [
        run_of(f"r{number}", "running") for number in range(9)
    ]
    for run in runs[:100]:
        run["reason"] = f"E in {run['key']}"  # each for a reason of its own
    panel = panel_tree(runs, key="p", rows=20)
    assert len(panel["rows"]) == 21
    assert panel["rows"][-1]["remark"] == "… 80 failed, 9 running"
    assert len(json.dumps(panel)) < 10_000


def failed_of(key: str, kind: str, stage: str = "Read") -> Any:
    """Return the tree of a run that failed with this kind of error."""
    run = run_of(key, "failed")
    run["failure"] = {"text": f"{kind}: no {key}", "stage": stage, "advice": ""}
    run["reason"] = f"{kind} in {stage}"
    return run


def test_many_failures_for_one_reason_are_one_row() -> None:
    """They are counted with their reason, and the row opens to the first; a few keep a row each."""
    runs = [failed_of(f"t{number}", "TimeoutError") for number in range(7)]
    runs += [failed_of(f"v{number}", "ValueError") for number in range(3)]
    runs += [run_of(f"f{number}") for number in range(30)]
    panel = panel_tree(runs, key="p", kept=frozenset({"t0"}))
    rows = [(row["key"], row["title"], row["message"], row["remark"]) for row in panel["rows"]]
    assert rows == [
        ("t0", "7 × TimeoutError in Read", "TimeoutError: no t0", ""),
        ("v0", "ask", "Read: ValueError: no v0", ""),
        ("v1", "ask", "Read: ValueError: no v1", ""),
        ("v2", "ask", "Read: ValueError: no v2", ""),
        (MORE, "", "", "… 30 finished, 6 failed as above"),
    ]
    assert panel["rows"][0]["subject"].startswith("e.g. ask · ")
    assert panel["rows"][0]["run"] is not None
    assert failed_examples(runs) == ["t0", "v0", "v1", "v2"]
    opened = panel_tree(runs, key="p", opened=frozenset({"t3", MORE}))["rows"]
    assert [row["key"] for row in opened[:2]] == ["t0", "t3"]  # who opens one keeps it
    assert opened[0]["title"].startswith("6 × ")
    assert {row["key"] for row in opened} >= {f"t{number}" for number in range(7)}  # the others can be had


def test_the_same_error_elsewhere_is_another_reason() -> None:
    """A reason is the type of the error, its code and the stage; a dozen runs have a row each in any case."""
    runs = [failed_of(f"{stage}{number}", "TimeoutError", stage) for stage in ("Read", "Ask") for number in range(6)]
    assert len(panel_tree(runs, key="p")["rows"]) == 12
    rows = panel_tree([*runs, run_of("f")], key="p")["rows"]
    assert [row["title"] for row in rows[:2]] == ["6 × TimeoutError in Read", "6 × TimeoutError in Ask"]


def test_a_run_that_is_whole_in_part_is_not_all_well() -> None:
    """It is counted apart, has a row among many, and the sign of the panel is that of its bar."""
    part = run_of("part")
    part["header"].update(status="mixed", sign="◐", ended="ended early")
    for count, rows in ((4, 5), (30, 2)):
        panel = panel_tree([*(run_of(f"f{number}") for number in range(count)), part], key="p")
        totals: Any = panel["totals"]
        assert (totals["status"], totals["sign"], totals["ended"]) == ("mixed", "◐", "1 in part")
        assert totals["text"] == f"{count + 1} runs · {count} finished · 1 in part"
        assert [each["status"] for each in totals["segments"]] == ["finished", "mixed"]
        assert len(panel["rows"]) == rows
        row = next(row for row in panel["rows"] if row["key"] == "part")
        assert (row["status"], row["sign"], row["message"]) == ("mixed", "◐", "ended early")


def test_a_run_that_ends_is_a_small_patch() -> None:
    """A run that ends leaves the rows of the others alone."""
    runs = [run_of(str(number), "running", 10.0) for number in range(20)]
    before = panel_tree(runs, key="p")
    after = panel_tree([run_of("0"), *runs[1:]], key="p")
    ops = diff(before, after)
    assert ["~", ["rows"], 0, 1, []] in ops
    assert len(json.dumps(ops)) < 700


def test_announcements_are_few() -> None:
    """A screen reader hears of failures and of the end, not of each run."""
    one = panel_tree([run_of(str(number), "running") for number in range(5)], key="p")
    two = panel_tree([run_of("0"), *(run_of(str(number), "running") for number in range(1, 5))], key="p")
    assert one["announce"] == two["announce"] == "ask: 5 runs"
    assert (
        panel_tree([run_of(str(n), "failed") for n in range(5)], key="p")["announce"] == "ask: 5 runs ended, 5 failed"
    )


def test_the_head_says_what_the_sign_means() -> None:
    """A group that ended well in part says how many did not, beside its sign; its results can be had."""
    runs = [run_of("a"), run_of("b", "failed"), run_of("c", "cancelled"), run_of("d")]
    totals: Any = panel_tree(runs, key="p")["totals"]
    assert (totals["sign"], totals["ended"], totals["results"]) == ("◐", "1 failed · 1 cancelled", True)
    well: Any = panel_tree([run_of(str(n)) for n in range(4)], key="p")["totals"]
    assert ("ended" in well, well["results"]) == (False, True)
    live: Any = panel_tree([*runs, run_of("e", "running")], key="p")["totals"]
    assert not {"ended", "results"} & live.keys()


@pytest.mark.parametrize("status", ["finished", "mixed", "failed", "lost", "cancelled", "left"])
@pytest.mark.parametrize("others", ["", "finished", "running"])
def test_each_end_has_its_word_and_its_part_of_the_bar(status: str, others: str) -> None:
    """Whatever way runs ended, they are counted in words, and the parts of the bar make up the whole of it."""
    odd = run_of("odd")
    odd["header"].update(status=status, sign=STATUSES[status].sign)
    runs = [odd] * 4 + [run_of(f"o{number}", others) for number in range(4 if others else 0)]
    totals: Any = panel_tree(runs, key="p")["totals"]
    assert sum(part["share"] for part in totals["segments"]) == pytest.approx(1.0)
    word = {"mixed": "in part", "left": "stopped reading"}.get(status, status)
    if status != "finished":
        assert f"4 {word}" in totals["text"]
    if not others:
        assert totals["status"] == status


def test_tokens_and_cost_are_told_of_each_and_of_all() -> None:
    """A row says what its run used so far, the head the sum of all; a run that told none adds none."""
    runs = [run_of(f"r{number}", "running") for number in range(2)] + [run_of("f"), run_of("n")]
    for run, tokens, cost in zip(runs, (1_200, 300, 500), (0.01, 0.002, 0.3), strict=False):
        run["used"] = {"tokens": tokens, "cost": cost}
        run["header"]["facts"] = [f"{tokens:,} tokens", f"${cost}"]
    panel = panel_tree(runs, key="p")
    totals: Any = panel["totals"]
    assert totals["facts"] == ["2,000 tokens", "$0.31"]
    assert [row["message"] for row in panel["rows"]] == [
        "Read: page 2 · 1,200 tokens · $0.01",
        "Read: page 2 · 300 tokens · $0.002",
        "500 tokens · $0.3",
        "",
    ]
    assert "facts" not in panel_tree([run_of(str(number)) for number in range(4)], key="p")["totals"]  # type: ignore[operator]
