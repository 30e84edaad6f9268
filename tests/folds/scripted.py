"""Runs written by a script on a clock that stands still, and the panels that screens draw of them.

`python -m tests.folds.scripted` writes the panels to `tests/data/view/`, where the tests of every screen find them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from progressnb.folds.advice import advice_text
from progressnb.folds.batch_view import with_items
from progressnb.folds.group import panel_tree
from progressnb.folds.view import RunView
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ProgressEvent
from tests.folds.batches import ScriptedBatch, in_full_swing

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.folds.tree import PanelTree, RunTree

WHERE = Path(__file__).parents[1] / "data" / "view"
HOSTILE = (
    '\u202e\u05d0\u05d1\u05d2 ✓ verified\u202c <b onclick="x()">\x1b[31mred</b> '
    "$x$ \\(y\\) \u2066[a](javascript:x)\ud800"
)
MARKDOWN = """# Tides of the North Sea

The **M2** tide turns *twice a day*; see [the gauges](https://example.org/tides) and `x = 1`.

1. Cuxhaven
2. Esbjerg

| Gauge | Range |
| --- | ---: |
| Cuxhaven | 2.9 m |
| Esbjerg | 1.5 m |

> Revenue rose from $2M in 2019 to $3M in 2021.

```python
print("high water")
```

Then the wat"""
FINDINGS = """{"title": "Tides of the North Sea", "verified": true, "summary": "Two tides a day.\\nThe moon leads.", \
"findings": [{"gauge": "Cuxhaven", "range": 2.9}, {"gauge": "Esbjerg", "range": 1.5}, {"gauge": "Aber"""
REPORT = {
    "title": "Tides of the North Sea",
    "verified": True,
    "summary": "Two tides a day.\nThe moon leads.",
    "findings": [{"gauge": "Cuxhaven", "range": 2.9}, {"gauge": "Esbjerg", "range": 1.5}],
    "sources": ["https://example.org/tides", "gauges.csv"],
    "place": {"country": "Germany", "sea": None},
}
RESUME_VIEW = [
    {"type": "headline", "text": "Score 82 of 100", "verdict": "a good fit", "tone": "good"},
    {"type": "text", "text": "Two claims could not be verified.", "tone": "warning"},
    {"type": "list", "items": ["Python", {"label": "Years", "text": "7"}], "bullets": True},
    {"type": "comparison", "title": "Summary", "before": "Wrote tools in Python", "after": "Built tools in Python"},
    {"type": "table", "columns": ["Skill", "Weight"], "rows": [["Python", 3], ["SQL", None]]},
    {"type": "section", "title": "Changes: 1", "blocks": [{"type": "markdown", "text": "A **bold** word, for $2M."}]},
]


class Script:
    """One run that is written step by step. `tree()` is what is to be seen of it now."""

    def __init__(self, operation: str, stages: Any = (), *, key: str = "run", **options: Any) -> None:
        self.clock = ManualClock()
        self.tracker = ProgressTracker(operation, stages, clock=self.clock, **options)
        self.key = key
        self.view = RunView(key)

    def start(self, *, title: str | None = None, subject: str | None = None) -> Script:
        """Begin the run."""
        self.tracker.start()
        state = self.tracker.state
        state.title, state.subject = title, subject
        return self

    def tree(self, **options: Any) -> RunTree:
        """Return what is to be seen now."""
        state = self.tracker.state
        elapsed = self.clock.monotonic() if state.duration is None else state.duration
        controls = {"stop"} if not state.ended else set[str]()
        given = {"controls": controls, "advice": advice_text(state), **options}
        return self.view.tree(state, elapsed, **given)

    def panel(self) -> PanelTree:
        """Return the panel of this run alone."""
        return panel_tree([self.tree()], key="panel")

    def tell(self, stage: str, status: str, **data: Any) -> None:
        """Write a progress event of a stage that nothing else writes in these runs."""
        state = self.tracker.state
        event = ProgressEvent.model_validate(
            {
                "run_id": state.run_id,
                "seq": state.last_seq + 1,
                "timestamp": self.clock.now(),
                "elapsed": self.clock.monotonic(),
                "operation": state.operation,
                "stage": stage or None,
                "status": status,
                "data": data,
            }
        )
        state.apply(event)


def begun(parent: Any, name: str, **options: Any) -> Any:
    """Begin a stage of a run or below a stage."""
    stage = parent.stage(name, **options)
    stage.start()
    return stage


def write(stage: Any, clock: ManualClock, text: str, *, kind: str, part: str = "output", pieces: int = 8) -> None:
    """Write a text in pieces."""
    size = len(text) // pieces + 1
    for at in range(0, len(text), size):
        stage.write(text[at : at + size], kind=kind, part=part)
        clock.advance(0.2)


def fail(script: Script, stage: str, error: Exception) -> None:
    """Let a stage raise an error that ends the run."""
    try:
        with script.tracker.stage(stage):
            raise error
    except type(error):
        script.tracker.fail(error)


def tools(stage: Any, clock: ManualClock, count: int, failing: frozenset[int] = frozenset()) -> None:
    """Call a tool so many times."""
    for number in range(count):
        part = begun(stage, "read_page", title="read_page")
        part.update(arguments={"url": f"https://example.org/{number}"})
        clock.advance(0.2)
        if number in failing:
            part.fail(TimeoutError("no answer for 10 s"))
        else:
            part.update(result={"title": f"Page {number}", "text": "…"})
            part.finish()


def markdown_live() -> PanelTree:
    """Draw an agent's text while it is written."""
    script = Script("report", {"research": 1, "write": 3}, model="openai:gpt-5").start(subject="tides")
    with script.tracker.stage("research") as research:
        with research.stage("search_web", title="search_web") as search:
            search.update(arguments={"query": "North Sea tide gauges and their ranges"}, result=[{"url": "x"}] * 20)
            script.clock.advance(1.4)
        research.update(input_tokens=420, output_tokens=37, cost=0.0012, first_token=0.4)
    script.clock.advance(0.6)
    stage = begun(script.tracker, "write")
    write(stage, script.clock, MARKDOWN, kind="text")
    script.clock.advance(2)
    stage.update(40, output_tokens=102, cost=0.0021)
    return script.panel()


def fields_live() -> PanelTree:
    """Draw a structured output with a table that gains rows."""
    script = Script("report", {"research": 1, "write": 3}).start(subject="tides")
    begun(script.tracker, "research").finish()
    script.clock.advance(3)
    stage = begun(script.tracker, "write")
    write(stage, script.clock, FINDINGS, kind="json")
    stage.update(62)
    script.tell("", "running", remaining=[3.0, 5.6, 9.0])
    return script.panel()


def finished() -> PanelTree:
    """Draw a run that finished with the output that was written."""
    script = Script("report", {"research": 1, "write": 3}, model="openai:gpt-5").start(subject="tides")
    with script.tracker.stage("research") as research:
        research.update(output_tokens=59, cost=0.001)
        script.clock.advance(4.2)
    with script.tracker.stage("write") as stage:
        write(stage, script.clock, json.dumps(REPORT), kind="json")
        stage.update(input_tokens=400, output_tokens=100, cost=0.003)
        script.clock.advance(8.8)
    script.tracker.done(REPORT)
    return script.panel()


def resume_view() -> PanelTree:
    """Draw a run whose result says how it looks."""
    script = Script("customize", {"reading": 1, "evaluation": 2, "rewriting": 2}).start(subject="resume.pdf")
    for name in ("reading", "evaluation", "rewriting"):
        with script.tracker.stage(name) as stage:
            script.clock.advance(3)
            stage.update(100, f"{name} is done")
    script.tracker.done({"score": 82, "note": "Written by rules alone."})
    script.tracker.state.view = RESUME_VIEW
    return script.panel()


def failed() -> PanelTree:
    """Draw a run that a server's answer ended."""
    script = Script("report", {"research": 1, "write": 3}).start(subject="tides")
    script.clock.advance(1)
    with script.tracker.stage("research") as stage:
        write(stage, script.clock, "Found **so fa", kind="text")
        script.clock.advance(2.5)
    fail(script, "write", TimeoutError("the provider was silent for 30 s"))
    return script.panel()


def cancelled() -> PanelTree:
    """Draw a run that was stopped while it wrote."""
    script = Script("report", {"research": 1, "write": 3}).start(subject="tides")
    begun(script.tracker, "research").finish()
    script.clock.advance(2)
    write(begun(script.tracker, "write"), script.clock, "The tide turns twi", kind="text")
    script.tracker.cancelled("the Stop button")
    return script.panel()


def waiting() -> PanelTree:
    """Draw a tool that waits for somebody's approval."""
    script = Script("assistant").start(subject="clean up")
    agent = begun(script.tracker, "agent")
    begun(agent, "delete_files", title="delete_files")
    script.clock.advance(2)
    arguments = {"pattern": "*.tmp", "recursive": True}
    script.tell("agent/delete_files", "waiting", arguments=arguments, waiting_for="approval")
    script.tell("", "running", intervention={"kind": "say", "by": "panel", "text": "only in /tmp, please"})
    return panel_tree([script.tree(controls={"stop", "enough", "say"})], key="panel")


def approved() -> PanelTree:
    """Draw the end of an agent whose call somebody approved, and that wrote for longer than its calls took."""
    script = Script("agent", model="openai:gpt-5").start(subject="clean up")
    with script.tracker.stage("agent") as agent:
        agent.update(first_token=0.4)
        script.clock.advance(0.6)
        with agent.stage("search", title="search") as search:
            search.update(arguments={"pattern": "*.tmp"}, result=["a.tmp", "b.tmp"])
            script.clock.advance(1.1)
        with agent.stage("delete_files", title="delete_files") as delete:
            life = internals(delete).life
            life.set_status("waiting", "waits for approval", waiting_for="approval", arguments={"pattern": "*.tmp"})
            script.clock.advance(2.4)
            delete.update(intervention={"kind": "approve", "by": "panel", "text": None})
            life.set_status("running", "", waiting_for=None, approval_decision={"kind": "approve", "by": "panel"})
            script.clock.advance(0.3)
            delete.update(result="2 files deleted")
        write(agent, script.clock, "Deleted **two** files.", kind="text")
        agent.update(input_tokens=150, output_tokens=36, cost=0.001)
    script.tracker.done("Deleted **two** files.")
    return script.panel()


def tools_folded() -> PanelTree:
    """Draw an agent that called a tool 300 times."""
    script = Script("research", model="openai:gpt-5").start(subject="North Sea")
    agent = begun(script.tracker, "agent")
    tools(agent, script.clock, 300, frozenset({20, 150, 299}))
    with agent.stage("search_web", title="search_web") as search:
        search.update(arguments={"query": "gauges"}, result={"results": [1, 2, 3]})
        script.clock.advance(1)
    begun(agent, "read_page", title="read_page").update(arguments={"url": "https://example.org/next"})
    script.clock.advance(1)
    return script.panel()


def thinking() -> PanelTree:
    """Draw a model that thinks before it writes."""
    script = Script("report", {"write": 1}).start(subject="tides")
    stage = begun(script.tracker, "write")
    text = "The user asks about tides.\nFirst the moon, then the su"
    write(stage, script.clock, text, kind="text", part="thinking")
    script.clock.advance(5)
    return script.panel()


def track() -> PanelTree:
    """Draw a loop that is counted."""
    script = Script("track").start(title="Training")
    stage = begun(script.tracker, "epochs", title="Epochs")
    script.clock.advance(12)
    stage.update(71, "142 of 200", done=142, total=200, rate=12.3, postfix={"loss": 0.12})
    return script.panel()


def hostile() -> PanelTree:
    """Draw texts from right to left, control characters, markup and signs of others, everywhere."""
    script = Script("report", model=HOSTILE).start(subject=HOSTILE)
    stage = begun(script.tracker, "read", title=HOSTILE)
    stage.update(30, HOSTILE, arguments={HOSTILE: HOSTILE}, result=[HOSTILE])
    with script.tracker.stage("arabic", title="بحث") as other:
        other.update(message="مرحبا بالعالم", result="שלום")
        script.clock.advance(1)
    write(
        stage,
        script.clock,
        json.dumps({HOSTILE[:-1]: HOSTILE[:-1], "rows": [{"a": HOSTILE[:-1]}, {"a": "مد وجزر"}]}),
        kind="json",
    )
    return script.panel()


def group() -> PanelTree:
    """Draw 200 runs that one cell began: three failed, some are at work, the others have finished."""
    trees: list[RunTree] = []
    for number in range(200):
        script = Script("classify", {"ask": 1}, key=f"run-{number}").start(subject=f"mail {number}")
        if number in (3, 40, 77):
            fail(script, "ask", ValueError(f"no label for mail {number}"))
            trees.append(script.tree())
            continue
        stage = begun(script.tracker, "ask")
        script.clock.advance(1.5)
        if number < 142:
            stage.finish()
            script.tracker.done("spam")
        elif number == 142:
            tool = begun(stage, "delete_mail", title="delete_mail")
            script.tell(tool.path, "waiting", arguments={"mail": number}, waiting_for="approval")
        elif number < 154:
            stage.update(number % 10 * 10, "asking")
        trees.append(script.tree())
    return panel_tree(trees, key="panel", opened=frozenset({"run-40", "run-142"}), elapsed=95.0)


def group_mixed() -> PanelTree:
    """Draw six runs at their end: one failed and one was stopped, both before their last stages."""
    trees: list[RunTree] = []
    for number in range(6):
        script = Script("classify", {"ask": 2, "file": 1}, key=f"run-{number}").start(subject=f"mail {number}")
        script.clock.advance(1.5)
        if number == 2:
            fail(script, "ask", ValueError(f"no label for mail {number}"))
        elif number == 4:
            begun(script.tracker, "ask").update(50, "asking")
            script.tracker.cancelled("the Stop button")
        else:
            for name in ("ask", "file"):
                begun(script.tracker, name).finish()
            script.tracker.done("spam")
        trees.append(script.tree())
    return panel_tree(trees, key="panel", opened=frozenset({"run-2"}), elapsed=9.0)


def group_reasons() -> PanelTree:
    """Draw 40 runs at their end: nine failed for two reasons, one alone, and the answer of one is not whole."""
    trees: list[RunTree] = []
    for number in range(40):
        script = Script("classify", {"ask": 1}, key=f"run-{number}").start(subject=f"mail {number}")
        script.clock.advance(1.5)
        if number % 8 == 3:
            fail(script, "ask", TimeoutError(f"no answer to mail {number} within 5 s"))
        elif number % 10 == 5:
            fail(script, "ask", ValueError(f"no label for mail {number}"))
        elif number == 7:
            script.tracker.fail(RuntimeError("no such folder"))
        else:
            begun(script.tracker, "ask").finish()
            script.tracker.done("spam")
            if number == 20:
                script.tell("ask", "finished", answer_end="limit")
        trees.append(script.tree())
    kept = frozenset({"run-3", "run-5", "run-7"})
    return panel_tree(trees, key="panel", kept=kept, elapsed=9.0)


def many_kept() -> PanelTree:
    """Draw 14 runs that have finished, as a file keeps them: a line of each can be opened."""
    trees: list[RunTree] = []
    for number in range(14):
        script = Script("classify", {"ask": 1}, key=f"run-{number}").start(subject=f"mail {number}")
        script.clock.advance(1.5)
        begun(script.tracker, "ask").finish()
        script.tracker.done("spam")
        trees.append(script.tree())
    return panel_tree(trees, key="panel", whole=True)


def group_open() -> PanelTree:
    """Draw a loop of runs while one is at work: nobody knows how many more will come."""
    trees: list[RunTree] = []
    for number in range(26):
        script = Script("classify", {"ask": 1}, key=f"run-{number}").start(subject=f"mail {number}")
        if number in (3, 17):
            fail(script, "ask", ValueError(f"no label for mail {number}"))
        else:
            stage = begun(script.tracker, "ask")
            script.clock.advance(1.5)
            if number < 25:
                stage.finish()
                script.tracker.done("spam")
        tree = script.tree()
        tree["began"] = (tree["began"] or 0.0) + 2.0 * number
        trees.append(tree)
    return panel_tree(trees, key="panel", elapsed=50.0)


def in_part() -> PanelTree:
    """Draw the end of a run of which one answer was cut by its model."""
    script = Script("report", {"research": 1, "write": 3}).start(subject="tides")
    begun(script.tracker, "research").finish()
    with script.tracker.stage("write") as stage:
        write(stage, script.clock, "The tide turns twi", kind="text")
        stage.update(answer_end="limit")
    script.tracker.done("The tide turns twi")
    return script.panel()


def several_at_work() -> PanelTree:
    """Draw an agent below a stage that calls a tool several times at once."""
    script = Script("report", {"research": 1, "write": 3}).start(subject="the North Sea and its gauges")
    research = begun(script.tracker, "research")
    agent = begun(research, "harbour")
    agent.update(first_token=0.4)
    for number in range(3):
        begun(agent, "read_page", title="read_page").update(arguments={"url": f"https://example.org/{number}"})
        script.clock.advance(0.2)
    return script.panel()


def batch_live() -> PanelTree:
    """Draw a batch of 200 items at work: three failed, a gate holds it back, and one item is open."""
    batch = in_full_swing()
    tree = RunView("run").tree(batch.run.state, batch.clock.monotonic(), controls={"stop"})
    item = Script("classify", {"ask": 1}, key="run/150").start(subject="mail 150")
    begun(item.tracker, "ask").update(40, "asking")
    item.clock.advance(2.4)
    return panel_tree([with_items(tree, {150: item.tree()})], key="panel")


def batch_ended() -> PanelTree:
    """Draw a batch at its end: some of its items failed."""
    batch = ScriptedBatch(60)
    batch.go_on(60)
    batch.run.done({"total": 60})
    state = batch.run.state
    return panel_tree([RunView("run").tree(state, state.elapsed)], key="panel")


def asked_agent() -> PanelTree:
    """Draw an agent whose tools ask other agents, which write meanwhile."""
    script = Script("boss", model="openai:gpt-5").start(subject="lakes")
    boss = begun(script.tracker, "boss")
    boss.update(first_token=0.2, input_tokens=50, output_tokens=8)
    for number in range(2):
        call = begun(boss, "ask", title="ask")
        call.update(arguments={"question": f"lake {number}"}, first_token=0.1)
        script.clock.advance(0.3)
        call.write("Soon the **moon** shall rise. " * 3)
    script.clock.advance(0.4)
    return script.panel()


VIEWS: dict[str, Callable[[], PanelTree]] = {
    each.__name__: each
    for each in (
        markdown_live,
        fields_live,
        finished,
        resume_view,
        failed,
        cancelled,
        waiting,
        approved,
        tools_folded,
        thinking,
        track,
        hostile,
        group,
        group_mixed,
        group_reasons,
        many_kept,
        group_open,
        in_part,
        several_at_work,
        asked_agent,
        batch_live,
        batch_ended,
    )
}
"""The panels by the names of their files."""


def as_json(tree: PanelTree) -> str:
    """Return a panel as its file has it."""
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    WHERE.mkdir(parents=True, exist_ok=True)
    for name, make in VIEWS.items():
        (WHERE / f"{name}.json").write_text(as_json(make()), encoding="utf-8")
