"""An operation that a stranger wrote with public names only: it asks, falls back, is recorded and taken up again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

import progressnb as pnb
from progressnb.testing import scripted_model


class Outline(BaseModel):
    """The parts of a text."""

    parts: list[str]


class Story(BaseModel):
    """A text, and the stages that rules wrote."""

    text: str
    by_rules: dict[str, str]


@pnb.operation(stages={"outline": 1, "write": 3})
async def tell(
    tracker: pnb.ProgressTracker, topic: str, *, model: Any = None, fallback: Literal["offline"] | None = None
) -> Story:
    """Tell a story in two stages, each with its own way to work without a model."""
    outline = await tracker.stage("outline").ask(
        Outline,
        f"Outline a story about {topic}.",
        model=model,
        by_rules=lambda: Outline(parts=[topic, "the end"]),
        fallback=fallback,
    )
    assert isinstance(outline, Outline)
    text = await tracker.stage("write").ask(
        str,
        f"Tell it: {outline.parts}",
        model=model,
        instructions="Be brief.",
        by_rules=lambda: ", ".join(outline.parts),
        fallback=fallback,
    )
    reasons = {stage.name: stage.data["reason"] for stage in tracker.state.stages if "reason" in stage.data}
    return Story(text=text, by_rules=reasons)


@pytest.fixture
def history() -> Iterator[pnb.History]:
    """Record with contents."""
    with pnb.History(contents=True) as used:
        pnb.use_history(used)
        yield used
        pnb.use_history(None)


def prompts_of(run: pnb.Run[Any]) -> list[str | None]:
    """Return the model that each stage asked, or None where it asked none."""
    return [stage.data.get("model") for stage in run.state.stages]


async def test_by_rules() -> None:
    """Without a model the operation works by its own rules."""
    run = tell.using(show=False)("tides", model="offline")
    assert await run == Story(text="tides, the end", by_rules={})
    assert [stage.data["source"] for stage in run.state.stages] == ["offline", "offline"]


async def test_failed_run_goes_on_without_asking_again(history: pnb.History) -> None:
    """A stage that a model had finished comes back as its type, and the model is asked for the rest alone."""
    run = tell.using(show=False)("tides", model=scripted_model({"parts": ["ebb", "flow"]}, OSError("down")))
    with pytest.raises(OSError, match="down"):
        await run
    again = pnb.resume_run(run.id, history=history, model=scripted_model("They rise and fall."), show=False)
    assert await again == Story(text="They rise and fall.", by_rules={})
    assert again.state.stages[0].data["source"] == "restored"
    assert prompts_of(again) == [None, "scripted"]


async def test_reason_of_a_fallback_outlives_the_run(history: pnb.History) -> None:
    """A stage that rules did in the model's place keeps the reason, also where it is taken from an earlier run."""
    failing = scripted_model(OSError("no network"), OSError("down"))

    async def stop(event: pnb.events.Event) -> None:
        if event.stage == "write":
            run.cancel()

    run = tell.using(show=False, on_event=stop)("tides", model=failing, fallback="offline")
    with pytest.raises(pnb.errors.RunCancelled):
        await run
    again = pnb.resume_run(run.id, history=history, model=scripted_model("They rise."), show=False)
    assert await again == Story(text="They rise.", by_rules={"outline": "no network"})


KILLED = """
import os, signal, sys
import progressnb as pnb
from tests.operations.test_stranger import tell

def kill(event):
    if event.stage == "write":
        history.export_jsonl(run_id=event.run_id)  # what is read has been written
        os.kill(os.getpid(), signal.SIGKILL)

history = pnb.use_history(sys.argv[1], contents=True)
run = tell("tides", show=False, on_event=kill)
print(run.id, flush=True)
run.wait()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on Windows")
def test_killed_process(tmp_path: Path) -> None:
    """A run whose process was killed in its second stage goes on in another process, with the first stage's output."""
    store = tmp_path / "runs.db"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(root)]), "PROGRESSNB_MODEL": "offline"}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(store)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with pnb.History(store, contents=True) as history:
        again = pnb.resume_run(killed.stdout.strip(), history=history, show=False)
        assert again.wait() == Story(text="tides, the end", by_rules={})
        assert [stage.data["source"] for stage in again.state.stages] == ["restored", "offline"]
