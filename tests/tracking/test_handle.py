"""The public surface of a stage, and the doors behind it."""

import gc
import sys
from types import ModuleType
from typing import Any

import pytest

from progressnb import ProgressTracker, Stage, StageHandle
from progressnb.errors import InvalidProgressError
from progressnb.testing import ManualClock
from progressnb.tracking import StageWork, begin_part, internals
from progressnb.tracking.protocols import StageView
from progressnb.tracking.work import Work
from tests.tracking.helpers import started

METHODS = "update write stage run ask expect add_usage start finish skip fail cancel retry fall_back"
TO_READ = "name path percent status partial ended"


def public(thing: object) -> set[str]:
    """List the public names of an object or a class."""
    return {name for name in dir(thing) if not name.startswith("_")}


def test_public_names() -> None:
    """A stage has exactly the documented methods and values; all the machinery is behind `internals`."""
    assert public(StageHandle) == {*METHODS.split(), *TO_READ.split()}
    assert public(started(None)[0].stage("a")) == public(StageHandle)
    assert StageHandle.__mro__ == (StageHandle, object)


@pytest.mark.parametrize("name", TO_READ.split())
def test_values_are_to_read(name: str) -> None:
    """What is to be read can't be set."""
    with pytest.raises(AttributeError):
        setattr(started(None)[0].stage("a"), name, "x")


def test_documentation() -> None:
    """Each public method and value says what it does."""
    for name in public(StageHandle):
        assert getattr(StageHandle, name).__doc__, name


def test_internals() -> None:
    """The machinery of a stage sees the same stage, and that of a stage below knows the one above."""
    tracker = started(None)[0]
    stage = tracker.stage("a")
    inner = internals(stage)
    assert isinstance(inner, StageWork)
    assert (inner.name, inner.path, inner.run_id, inner.clock) == ("a", "a", tracker.id, tracker.clock)
    assert internals(stage.stage("b")).above is inner
    stage.write("text")
    assert inner.outputs["output"].text == inner.partial == "text"


def test_a_part_below_other_work() -> None:
    """A stage below a piece of work fills that piece, and is named like any other below the stage."""
    stage = started(None)[0].stage("a")
    work = internals(stage).work.part(0.5)
    part = begin_part(stage, "tool", title="Tool", work=work)
    assert (part.path, stage.stage("tool").path) == ("a/tool", "a/tool#2")
    part.finish()
    assert (work.percent, stage.percent) == (50, 25)


def test_other_work_takes_its_place() -> None:
    """Work that replaces a stage's own before it begins moves the stage and the run."""
    tracker = started(None)[0]
    stage = tracker.stage("a", weight=1)
    inner = internals(stage)
    inner.work = Work(None)
    inner.work.raise_floor(40)
    stage.start()
    assert (stage.percent, tracker.state.stages[0].percent) == (40, 40)


def test_a_stage_to_look_at() -> None:
    """A `Stage(percent=f)` function gets the values of the stage, as they are when it looks, and no way to report."""
    views: list[StageView] = []

    def percent(stage: StageView) -> None:
        views.append(stage)

    tracker = started([Stage("a", percent=percent)])[0]
    stage = tracker.stage("a")
    stage.update(10)
    stage.write("text")
    view = views[0]
    assert public(view) == set(TO_READ.split())
    for name in TO_READ.split():
        assert getattr(view, name) == getattr(stage, name)
        with pytest.raises(AttributeError):
            setattr(view, name, "x")


def test_handles_are_freed_at_once() -> None:
    """A stage that nobody holds any more is freed without the garbage collector: no circle holds it."""
    tracker = started(None)[0]
    above = tracker.stage("a")
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(each, StageWork) for each in gc.get_objects())
        for number in range(10):
            above.stage(f"part {number}").finish()
        assert sum(isinstance(each, StageWork) for each in gc.get_objects()) == before
    finally:
        gc.enable()


# --- ask ----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put a function in the place of the one that asks a model, and list its calls."""
    calls: list[dict[str, Any]] = []

    async def ask(stage: StageHandle, output_type: Any, prompt: str, **options: Any) -> str:
        calls.append({"stage": stage, "output_type": output_type, "prompt": prompt, **options})
        return "answer"

    module = ModuleType("progressnb.agents.ask")
    module.ask = ask  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "progressnb.agents.ask", module)
    return calls


DEFAULTS: dict[str, Any] = {
    "model": None,
    "instructions": None,
    "by_rules": None,
    "fallback": None,
    "tools": (),
    "expected_length": None,
}


async def test_ask(asked: list[dict[str, Any]]) -> None:
    """A question goes to the package for agents with all that was given; without a type it is for text."""
    stage = started(None)[0].stage("a")

    def by_rules() -> int:
        return 7

    tools = [by_rules]
    given = {
        "model": "m",
        "instructions": "i",
        "by_rules": by_rules,
        "fallback": "offline",
        "tools": tools,
        "expected_length": 20,
    }
    await stage.ask(int, "How many?", **given)  # type: ignore[call-overload]
    assert await stage.ask("Why?") == "answer"
    ask: Any = stage.ask
    await ask(prompt="Why?")
    assert asked == [
        {"stage": stage, "output_type": int, "prompt": "How many?", **given},
        {"stage": stage, "output_type": str, "prompt": "Why?", **DEFAULTS},
        {"stage": stage, "output_type": str, "prompt": "Why?", **DEFAULTS},
    ]


@pytest.mark.parametrize("arguments", [(), (int,), (int, 5)], ids=str)
async def test_ask_without_a_prompt(arguments: tuple[Any, ...], asked: list[dict[str, Any]]) -> None:
    """A question without a text is refused before any model is asked."""
    with pytest.raises(InvalidProgressError, match="expected a prompt as text, got"):
        await started(None)[0].stage("a").ask(*arguments)
    assert not asked


@pytest.mark.parametrize("name", ["silence", "remaining"])
def test_data_of_the_run_itself(name: str) -> None:
    """A user's own data can't be taken for a notice: the names that the run itself writes are refused."""
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    tracker.start()
    data: dict[str, Any] = {name: 30}
    with pytest.raises(InvalidProgressError, match=f"data of your own, got {name}"):
        tracker.stage("s").update(10, "listening", **data)


def test_what_is_written_is_text() -> None:
    """Anything but text is refused with the remedy."""
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    tracker.start()
    number: Any = 3
    with pytest.raises(InvalidProgressError, match=r"text to write, got 3\. Write stage\.write\(str\(value\)\)"):
        tracker.stage("s").write(number)
