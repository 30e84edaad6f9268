"""The command that measures: its rows, its table, its exit code, and the results that it keeps."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from benchmarks import results, table, turns
from benchmarks.__main__ import main, measure_here
from benchmarks.measures import Measure, Row, measure, rows
from benchmarks.turns import spread, take_turns

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def commit_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a commit without asking git, which is a process."""
    monkeypatch.setattr(results, "commit", lambda: "1234567+")


@measure("a quick thing", unit="µs", target=2, against="floor")
def quick() -> Measure:
    """Take twice what the floor takes, give or take a tenth."""
    return Measure(4.1, floor=2, spread=0.1)


@measure("a slow thing", unit="ms", target=1, against="peer")
def slow() -> Measure:
    """Take three times what the peer takes."""
    sys.stdout.write("it prints\n")
    return Measure(3, peer=1, spread=0.1)


@measure("a thing of so many bytes", unit="B", target=500)
def small() -> Measure:
    """Take less than the target."""
    return Measure(123.4)


@measure("a thing that is watched", unit="s")
def watched() -> Measure:
    """Take what it takes."""
    return Measure(1234)


@measure("a thing without its floor", unit="s", target=1, against="floor")
def groundless() -> Measure:
    """Forget the floor."""
    return Measure(1)


def test_a_function_becomes_a_row() -> None:
    """A decorated function is a row that can be called, and bears the names of its module and its function."""
    assert (quick.work, quick.unit, quick.target, quick.against) == ("a quick thing", "µs", 2, "floor")
    assert quick() == Measure(4.1, 2, None, 0.1)
    assert quick.name == "test_benchmarks.quick"


def test_a_ratio_is_to_what_the_row_names() -> None:
    """The ratio is ours over the floor or the peer; where the row names none it is ours."""
    assert quick.ratio(Measure(4, floor=2, peer=1)) == 2
    assert slow.ratio(Measure(4, floor=2, peer=1)) == 4
    assert small.ratio(Measure(4, floor=2, peer=1)) == 4
    with pytest.raises(ValueError, match="groundless is measured against its floor"):
        groundless.ratio(Measure(1))


@pytest.mark.parametrize(
    ("row", "measured", "expected"),
    [
        (quick, Measure(4, floor=2), "met"),
        (quick, Measure(4.1, floor=2, spread=0.1), "within its spread of 10%"),
        (quick, Measure(4.1, floor=2), "MISSED"),
        (small, Measure(500), "met"),
        (small, Measure(501), "MISSED"),
        (watched, Measure(9), ""),
    ],
)
def test_the_verdict_allows_for_the_spread(row: Row, measured: Measure, expected: str) -> None:
    """A target counts as missed only where the ratio is above it by more than the spread of the measurement."""
    assert table.verdict(row, measured) == expected
    assert table.is_missed(row, measured) is (expected == "MISSED")


def test_the_table_shows_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row has its work, ours, peer, floor, unit, ratio, earlier ratio and target, below their heads."""
    path = tmp_path / "results.json"
    results.keep({quick: Measure(3, floor=2)}, path)
    assert main([], [quick, small, watched], Row.__call__, path) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["work", "ours", "peer", "floor", "unit", "ratio", "before", "target"]
    assert [line.removeprefix(row.work).split() for row, line in zip([quick, small, watched], lines, strict=True)] == [
        ["4.1", "–", "2", "µs", "2.05", "1.5", "2", "within", "its", "spread", "of", "10%"],
        ["123", "–", "–", "B", "123", "–", "500", "met"],
        ["1,234", "–", "–", "s", "1,234", "–", "–"],
    ]


def test_a_missed_target_is_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 0 where no target is missed, else 1, and the rows behind a missed one are measured too."""
    path = tmp_path / "results.json"
    assert main(["quick", "small"], [quick, slow, small], Row.__call__, path) == 0
    assert main(["slow", "small"], [quick, slow, small], Row.__call__, path) == 1
    printed = capsys.readouterr()
    assert "a thing of so many bytes" in printed.out.splitlines()[-1]
    assert printed.err == "test_benchmarks.slow misses its target\n"


def test_a_row_that_fails_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row that can't be measured is a fault with its reason, and the others are measured and kept."""

    def fail(row: Row) -> Measure:
        if row is small:
            raise RuntimeError("test_benchmarks.small: exit code 3")
        return row()

    path = tmp_path / "results.json"
    assert main(["--keep"], [small, groundless, quick], fail, path) == 1
    printed = capsys.readouterr()
    assert printed.out.count("FAILED") == 2
    assert printed.err.splitlines()[0] == "test_benchmarks.small: exit code 3"
    assert list(results.load(path)[0]["rows"]) == ["test_benchmarks.quick"]


def test_rows_are_chosen_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An area, a function or both choose rows; an unknown name is an error that lists the known ones."""
    path = tmp_path / "results.json"
    for names in (["slow"], ["test_benchmarks.slow"]):
        assert main(["--list", *names], [quick, slow], Row.__call__, path) == 0
        assert capsys.readouterr().out.split()[0] == "test_benchmarks.slow"
    assert main(["--list", "test_benchmarks"], [quick, slow], Row.__call__, path) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    with pytest.raises(SystemExit):
        main(["nothing"], [quick, slow], Row.__call__, path)
    assert "called nothing; there are: quick, slow, test_benchmarks, " in capsys.readouterr().err


def test_results_are_kept_for_the_trend(tmp_path: Path) -> None:
    """The file has date, commit, machine and figures of every run that was kept, a line each, the oldest first."""
    path = tmp_path / "results.json"
    for ours in (4, 3):
        results.keep({quick: Measure(ours, floor=2, spread=0.1)}, path, datetime(2026, 1, ours, tzinfo=UTC))
    first, second = json.loads(path.read_text(encoding="utf-8"))
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4
    assert (first["date"], second["date"]) == ("2026-01-04T00:00:00+00:00", "2026-01-03T00:00:00+00:00")
    assert first["commit"] == "1234567+"
    assert first["machine"] == results.machine()
    assert first["rows"] == {
        quick.name: {"ours": 4, "floor": 2, "spread": 0.1, "unit": "µs", "ratio": 2, "target": 2},
    }
    assert results.before(results.load(path), results.machine()) == {quick.name: 1.5}
    assert results.before(results.load(path), "another machine") == {}


@measure("a thing of ours", unit="s", target=3, own=True)
def chosen() -> Measure:
    """Take less than we set ourselves."""
    return Measure(2)


def test_a_target_of_our_own_is_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A star stands behind a target that we set ourselves, in both tables."""
    assert main([], [quick, chosen], Row.__call__, tmp_path / "results.json") == 0
    assert [("3*" in line) for line in capsys.readouterr().out.splitlines()] == [False, False, True]
    assert table.markdown({quick: quick(), chosen: chosen()}).splitlines()[2:] == [
        "| a quick thing | 4.1 | – | 2 | µs | 2.05 | 2 | within its spread of 10% |",
        "| a thing of ours | 2 | – | – | s | 2 | 3\\* | met |",
    ]


def test_the_table_is_put_into_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table of one run takes the place of the one before, with date, commit and machine; the rest stays."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{results.BEGIN}\nold\n{results.END}\nafter\n", encoding="utf-8")
    for _ in range(2):
        assert main(["--docs"], [small], Row.__call__, tmp_path / "results.json", page) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{results.BEGIN}\n\nMeasured on ")
    assert "at 1234567+: " in text
    assert text.endswith(f"\n\n{table.markdown({small: small()})}\n\n{results.END}\nafter\n")
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="got a page without them"):
        results.put_into(page, "table")
    assert "a thing of so many bytes" in capsys.readouterr().out


def test_a_process_gives_its_measure_as_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What a row prints itself is no part of its figures: those alone are on standard output, as JSON."""
    measure_here(slow)
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"ours": 3, "floor": None, "peer": 1, "spread": 0.1}
    assert printed.err == "it prints\n"


def test_the_rows_of_the_project_have_names_and_targets_of_their_own() -> None:
    """All areas can be imported, no two rows have one name, and every ratio says what it is to."""
    names = [row.name for row in rows()]
    assert len(set(names)) == len(names)
    assert all(row.target is not None for row in rows() if row.against is not None)


def test_turns_are_taken_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way of doing the work has its turns in one order, and one turn more, which does not count."""
    monkeypatch.setattr(turns, "gc", SimpleNamespace(collect=list, freeze=list))  # a second each in a large process
    order: list[str] = []

    def work(name: str) -> int:
        order.append(name)
        return sum(range(20_000))

    measured = take_turns(lambda: work("ours"), floor=lambda: work("floor"), peer=lambda: work("peer"), rounds=3)
    assert order == ["ours", "floor", "peer"] * 4
    assert measured.ours > 0
    assert measured.floor is not None
    assert measured.peer is not None
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == 0.5
