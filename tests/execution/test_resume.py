"""`resume_run`: an interrupted run goes on from its last finished stage."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from progressnb import (
    History,
    Operation,
    ProgressTracker,
    Run,
    customize,
    operation,
    progress,
    resume_run,
    samples,
    use_history,
)
from progressnb.agents.offline import OfflineModel
from progressnb.errors import ResumeError, RunCancelled
from progressnb.history.inputs import given_again, keep_inputs
from progressnb.testing import scripted_model
from progressnb.tracking.retry import Retry
from progressnb.tracking.stage import Stage

calls: list[str] = []
broken: set[str] = set()


class Pages(BaseModel):
    """What reading gives."""

    count: int


async def read(topic: str) -> Pages:
    """Read."""
    calls.append(f"read {topic}")
    return Pages(count=len(topic))


async def write(pages: Pages) -> str:
    """Write."""
    calls.append(f"write {pages.count}")
    if "wait" in broken:
        await asyncio.Event().wait()
    if "write" in broken:
        raise ConnectionError("the line is down")
    return "text " * pages.count


@operation(stages={"read": 1, "write": 3})
async def book(tracker: ProgressTracker, topic: str, *, model: object = None, file: Path | None = None) -> str:
    """Write a book in two stages."""
    pages = await tracker.stage("read").run(read, f"{topic}{model or ''}{file or ''}"[:5])
    assert isinstance(pages, Pages)
    return await tracker.stage("write").run(write, pages)


@pytest.fixture
def history() -> Iterator[History]:
    """Record with contents, from nothing."""
    calls.clear()
    broken.clear()
    with History(contents=True) as used:
        use_history(used)
        yield used
        use_history(None)


async def failed(**inputs: Any) -> Run[str]:
    """Make a run that failed in its second stage."""
    broken.add("write")
    run = book("tides", **inputs)
    with pytest.raises(ConnectionError):
        await run
    broken.clear()
    calls.clear()
    return run


async def test_a_failed_run_goes_on(history: History) -> None:
    """Finished stages come back with their results and durations, the rest is done; the old record stays."""
    run = await failed()
    before = history.export_jsonl(run_id=run.id)
    again = resume_run(run.id)
    assert await again == "text text text text text "
    assert calls == ["write 5"]
    assert again.id != run.id
    assert again.state.resumed_from == run.id
    first, second = again.state.stages
    assert (first.status, first.data["source"], first.duration) == (
        "finished",
        "restored",
        run.state.stages[0].duration,
    )
    assert (second.status, second.data.get("source")) == ("finished", None)
    assert history.export_jsonl(run_id=run.id) == before
    assert history.runs()["resumed_from"].dropna().tolist() == [run.id]


async def test_results_of_tools_are_not_restored(history: History) -> None:
    """The result that a tool's row shows may be cut: the work of a stage at the same path is done again."""

    @progress
    def look() -> Generator[float, None, str]:
        yield 1.0
        return "x" * 9_000

    @operation
    async def work(tracker: ProgressTracker) -> str:
        if broken:
            look()
            raise ConnectionError("the line is down")
        return await tracker.stage("look").run(lambda: "whole")

    broken.add("look")
    run = work()
    with pytest.raises(ConnectionError):
        await run
    assert history.runs()["status"].tolist() == ["failed"]
    broken.clear()
    assert await resume_run(run.id) == "whole"


async def test_a_resumed_run_can_be_resumed(history: History) -> None:
    """What was restored is kept again."""
    run = await failed()
    broken.add("write")
    second = resume_run(run.id)
    with pytest.raises(ConnectionError):
        await second
    broken.clear()
    calls.clear()
    assert await resume_run(second.id, history=history) == "text " * 5
    assert calls == ["write 5"]


async def test_a_finished_run(history: History) -> None:
    """A run that finished is not taken up again."""
    run = book("tides")
    await run
    with pytest.raises(ResumeError, match="one that finished"):
        resume_run(run.id, history=history)


async def test_a_run_that_is_alive(history: History) -> None:
    """A run that goes on is not begun a second time."""
    broken.add("wait")
    run = book("tides")
    async for event in run:
        if event.stage == "write":
            break
    history._writer.flush()
    with pytest.raises(ResumeError, match="alive"):
        resume_run(run.id)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    broken.clear()
    assert await resume_run(run.id) == "text " * 5


async def test_an_unknown_run(history: History) -> None:
    """A run that the history does not have is refused by name."""
    with pytest.raises(LookupError, match="nowhere"):
        resume_run("nowhere", history=history)


def test_no_history() -> None:
    """Without a history there is nothing to resume from."""
    with pytest.raises(OSError, match="use_history"):
        resume_run("nowhere")


async def test_without_contents() -> None:
    """A history that keeps timings alone says that it would need contents."""
    with History() as history:
        use_history(history)
        try:
            run = await failed()
        finally:
            use_history(None)
        with pytest.raises(ResumeError, match="contents=True"):
            resume_run(run.id, history=history)


async def test_a_changed_operation(history: History) -> None:
    """Another operation of the same name does not go on where this one stopped."""
    run = await failed()

    async def other(tracker: ProgressTracker, topic: str) -> str:
        return f"another {topic} of {tracker.id}"

    changed = Operation(other, stages={"read": 1, "write": 3}, name="book")
    try:
        with pytest.raises(ResumeError, match="code or stages changed"):
            resume_run(run.id, history=history)
    finally:
        Operation.__init__(book, book.function, stages={"read": 1, "write": 3})
        del changed
    assert await resume_run(run.id) == "text " * 5


@pytest.mark.parametrize(
    "changed", [Retry(attempts=4), Retry(wait=2.0), Retry(wait=float), Retry(on=(OSError, ValueError)), None]
)
def test_a_changed_retry(changed: Retry | None) -> None:
    """Other attempts, pauses or errors to retry are another operation; the jitter alone is not."""

    def fingerprint(retry: Retry | None) -> str:
        return Operation(book.function, stages=[Stage("read", retry=retry)], name=f"book {retry}").fingerprint

    before = fingerprint(Retry(on=OSError))
    assert fingerprint(Retry(on=(OSError,), jitter=0.0)) == before
    assert fingerprint(changed) != before


async def test_changed_inputs(history: History) -> None:
    """Inputs that are given again must be the same; new ones are refused."""
    run = await failed()
    with pytest.raises(ResumeError, match="topic"):
        resume_run(run.id, topic="moons")
    with pytest.raises(ResumeError, match="depth"):
        resume_run(run.id, depth=3)
    assert await resume_run(run.id, history=history, topic="tides") == "text " * 5


async def test_an_input_that_cant_be_kept(history: History) -> None:
    """A model object must be passed again, one of the same type."""
    run = await failed(model=scripted_model("a"))
    with pytest.raises(ResumeError, match=r"Pass it: model="):
        resume_run(run.id)
    with pytest.raises(ResumeError, match="another one"):
        resume_run(run.id, model="offline")
    assert await resume_run(run.id, history=history, model=scripted_model("a")) == "text " * 5


async def test_a_file_that_changed(history: History, tmp_path: Path) -> None:
    """A path comes back as a path; a file of another content than before is refused."""
    file = tmp_path / "notes.txt"
    file.write_text("old")
    run = await failed(file=file)
    file.write_text("new")
    with pytest.raises(ResumeError, match="another content"):
        resume_run(run.id)
    file.write_text("old")
    assert await resume_run(run.id, history=history) == "text " * 5


@pytest.mark.parametrize(
    "inputs", [{}, {"a": 1, "b": [1, {"c": None}]}, {"path": Path("x/y")}, {"text": "x\ny"}], ids=str
)
def test_inputs_come_back(inputs: dict[str, Any]) -> None:
    """What was given comes back as it was, through JSON."""

    def function(a: int, b: list[Any], path: Path, text: str) -> None:
        """Take these."""

    kept = json.loads(json.dumps(keep_inputs(inputs)))
    assert given_again(function, kept, {}) == inputs
    assert given_again(function, kept, inputs) == inputs


KILLED = """
import os, sys, signal
import progressnb as pnb
from progressnb.agents.offline import OfflineModel

history = pnb.use_history(sys.argv[1], contents=True)

def watch(event):
    if event.stage == "implementation" and event.type == "content":
        print(event.run_id, flush=True)
        history._writer.flush()
        os.kill(os.getpid(), signal.SIGKILL)

model = OfflineModel(pace=0)
pnb.customize(pnb.samples.resume, pnb.samples.job, model=model, show=False, on_event=watch).wait()
"""

RESUMED = """
import sys
import progressnb as pnb
from progressnb.agents.offline import OfflineModel

pnb.use_history(sys.argv[1], contents=True)
run = pnb.resume_run(sys.argv[2], model=OfflineModel(pace=0), show=False)
result = run.wait()
print([stage.data.get("source") for stage in run.state.stages])
print(result.model_dump_json())
"""


@pytest.mark.integration
def test_a_killed_process(tmp_path: Path) -> None:
    """A customization that was killed in stage 3 goes on in a fresh process and ends with the same result."""
    store = str(tmp_path / "runs.db")
    killed = subprocess.run([sys.executable, "-c", KILLED, store], capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    resumed = subprocess.run(
        [sys.executable, "-c", RESUMED, store, killed.stdout.strip()], capture_output=True, text=True, check=False
    )
    assert resumed.returncode == 0, resumed.stderr
    sources, result = resumed.stdout.splitlines()
    assert sources == "['restored', 'restored', 'offline', 'offline']"
    whole = customize.using(show=False)(samples.resume, samples.job, model=OfflineModel(pace=0)).wait()
    assert json.loads(result) == json.loads(whole.model_dump_json())
