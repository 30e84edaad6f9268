"""Runs at work in any process that records in a file: who has them, what is new of them, what they are asked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

import progressnb as pnb
from progressnb.history import elsewhere, leases
from progressnb.history.history import History
from progressnb.history.holders import holder_of_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """Open a history that keeps contents."""
    with History(tmp_path / "runs.db", contents=True, create=True) as history:
        yield history


@pnb.operation
async def work(tracker: pnb.ProgressTracker) -> str:
    """Look at its own history while it is at work."""
    async with tracker.stage("work") as stage:
        stage.update(50, "half")
    return "done"


async def test_a_run_has_a_holder_until_it_ends(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """The holder is told while its process is alive; of a process that is gone, and of an ended run, none."""
    seen: list[elsewhere.Holder | None] = []

    @pnb.operation
    async def looks(tracker: pnb.ProgressTracker) -> None:
        async with tracker.stage("look"):
            history.elsewhere.settle()
            seen.append(history.elsewhere.holder(tracker.id))
            with monkeypatch.context() as patch:
                patch.setattr(elsewhere, "is_gone", lambda _holder, _silent: True)
                seen.append(history.elsewhere.holder(tracker.id))

    run: Any = looks.using(show=False)()
    history.record(run)
    await run
    history.elsewhere.settle()
    assert seen == [("this process", True), None]
    assert history.elsewhere.holder(run.id) is None


async def test_what_is_new_of_a_run(history: History) -> None:
    """The events behind a seq are those that the run itself has, byte by byte."""
    run: Any = work.using(show=False)()
    history.record(run)
    await run
    history.elsewhere.settle()
    for after in (-1, 0, 2, len(run.log) - 1):
        assert history.elsewhere.lines(run.id, after) == run.log.encoded(after)
    assert history.elsewhere.lines("unknown", -1) == []


async def test_a_wish_is_heard_once_and_never_stays(history: History) -> None:
    """What a run is asked is heard once, in order, by whoever has it; it goes with its run, and if it ended unheard."""
    runs: list[Any] = [work.using(show=False)() for _ in range(2)]
    for run in runs:
        history.record(run)
        await run
    history.elsewhere.settle()
    with history._store.writing() as connection:
        connection.executemany("INSERT INTO leases VALUES (?, ?, 'x', 0)", [(run.id, run.id) for run in runs])
    for number in range(3):
        history.elsewhere.ask(runs[0].id, {"kind": "say", "text": f"word {number}"})
    assert history.elsewhere.asked([runs[1].id]) == []
    assert [message["text"] for _, message in history.elsewhere.asked([each.id for each in runs])] == [
        "word 0",
        "word 1",
        "word 2",
    ]
    assert history.elsewhere.asked([runs[0].id]) == []
    history.elsewhere.ask(runs[0].id, {"kind": "stop"})
    history.delete(runs[0].id)
    assert _wishes(history) == 0
    history.elsewhere.ask(runs[1].id, {"kind": "stop"})
    with history._store.writing() as connection:
        connection.execute("DELETE FROM leases")
    with history._store.writing() as connection:
        connection.execute("INSERT INTO leases VALUES ('a', 'b', 'x', 0)")
    history.elsewhere.ask(runs[1].id, {"kind": "stop"})
    assert _wishes(history) == 1


@pytest.mark.parametrize("is_heard", [False, True])
@pytest.mark.parametrize("looks", ["beat", "ask", "asked", "open"])
@pytest.mark.parametrize("later", [61.0, -61.0])
def test_a_wish_goes_when_its_asker_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: str, later: float, *, is_heard: bool
) -> None:
    """What nobody waits for any more is done by nobody and goes within a minute, heard or not, whatever the clock."""
    with History(tmp_path / "runs.db", contents=True, create=True) as history:
        run: Any = work.using(show=False)()
        history.record(run)
        run.wait()
        history.elsewhere.settle()
        with history._store.writing() as connection:
            connection.execute("INSERT INTO leases VALUES (?, ?, ?, 0)", (run.id, run.id, holder_of_process()))
        first = history.elsewhere.ask(run.id, {"kind": "stop"})
        if is_heard:
            ((wish, _),) = history.elsewhere.asked([run.id])
            assert wish.number == first
            history.elsewhere.answer(wish, {})
        moment = time.time() + later
        monkeypatch.setattr(leases, "now", lambda: moment)
        monkeypatch.setattr(elsewhere, "now", leases.now)
        if looks == "beat":
            leases.beat(history._store)
        elif looks == "ask":
            second = history.elsewhere.ask(run.id, {"kind": "stop"})
            assert second != first
            history.elsewhere.withdraw(second)
        elif looks == "asked":
            assert history.elsewhere.asked([run.id]) == []
            if is_heard:  # nothing new makes it look
                leases.beat(history._store)
        else:
            leases.forget_lost(history._store)
        assert history.elsewhere.answered(first) is None
        with history._store.reading() as connection:
            assert connection.execute("SELECT 1 FROM wishes WHERE wish = ?", (first,)).fetchone() is None


def test_wishes_of_one_moment_are_several(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wishes at one microsecond have two numbers, in order, also after a small step back of the clock."""
    moments = iter([1e9, 1e9, 1e9 - 1.0] * 3)
    with history._store.writing() as connection:
        connection.execute(
            "INSERT INTO runs (run_id, operation, status, elapsed, overall_progress) VALUES ('r', 'o', 'running', 0, 0)"
        )
        connection.execute("INSERT INTO leases VALUES ('r', 'r', ?, 0)", (holder_of_process(),))
    monkeypatch.setattr(elsewhere, "now", lambda: next(moments))
    monkeypatch.setattr(leases, "now", lambda: 1e9)
    numbers = [history.elsewhere.ask("r", {"kind": "say", "text": str(n)}) for n in range(3)]
    assert numbers == sorted(set(numbers))
    assert [message["text"] for _, message in history.elsewhere.asked(["r"])] == ["0", "1", "2"]


def _wishes(history: History) -> int:
    with history._store.reading() as connection:
        return int(connection.execute("SELECT count(*) FROM wishes").fetchone()[0])
