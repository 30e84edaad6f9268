"""Options of one run: `using(…)` takes them, and the function's signature stays exact."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from progressnb.errors import InputError, InvalidProgressError
from progressnb.execution.operation import operation
from progressnb.history import History
from progressnb.tracking.budget import Budget
from progressnb.tracking.session import configure
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import ProgressEvent
from tests.execution.helpers import report, started


def test_keeps_the_signature() -> None:
    """What `using` returns takes what the function takes, no options, and is named like it."""
    begin = report.using(title="x")
    assert str(inspect.signature(begin)) == "(topic: str, *, words: int = 100) -> str"
    assert (begin.__name__, begin.__doc__) == ("report", "Write a report.")
    with pytest.raises(TypeError):
        begin("tides", show=False)  # type: ignore[call-arg]


def test_parameters_may_bear_the_names_of_options() -> None:
    """A function may have parameters called title, budget and stop_if: only `using` takes the options."""

    @operation
    async def publish(tracker: ProgressTracker, title: str, budget: int, stop_if: str) -> str:  # noqa: ARG001
        return f"{title} {budget} {stop_if}"

    run = publish.using(title="The sea")("tides", 3, stop_if="never")
    assert run.wait() == "tides 3 never"
    assert (started(run).title, started(run).subject) == ("The sea", "tides")


@pytest.mark.parametrize("title", ["tides", "", "a\nb", "<b>\u202e", "word " * 1000])
def test_a_title_is_any_text(title: str) -> None:
    """The first event carries the title as it was given; the state has it too."""
    run = report.using(title=title)("tides")
    run.wait()
    assert started(run).title == run.state.title == title


def test_a_run_has_a_subject() -> None:
    """Every call carries the argument that tells it apart, with options or without."""
    runs = [report("tides"), report.using(show=False)("moon"), report.begin({"topic": "sun"}), report(topic="sea")]
    for run in runs:
        run.wait()
    assert [run.state.subject for run in runs] == ["tides", "moon", "sun", "sea"]
    assert [run.state.title for run in runs] == [None] * 4


def test_inputs_of_keyword_parameters_count_by_their_names() -> None:
    """An argument that `**more` takes is read like any other, and a secret among them is none."""

    @operation
    async def free(tracker: ProgressTracker, /, **more: Any) -> None: ...

    run = free(api_key="tides", topic="moon")
    run.wait()
    assert run.state.subject == "moon"


@pytest.mark.parametrize(
    "options",
    [{"title": 3}, {"budget": 3}, {"budget": {"cost": 3}}, {"stop_if": "never"}, {"timeout": -1}],
)
def test_wrong_options(options: dict[str, Any]) -> None:
    """An option of another kind is refused where it is given, before anything runs."""
    with pytest.raises(InvalidProgressError):
        report.using(**options)


@pytest.mark.parametrize(
    "options", [{"show": "x"}, {"show": 1}, {"show": 0}, {"on_event": 3}, {"on_event": "print"}, {"on_event": []}]
)
def test_wrong_ways_to_show_and_to_listen(options: dict[str, Any]) -> None:
    """What is no bool is no `show`, and what can't be called is no `on_event`."""
    with pytest.raises(InputError, match=next(iter(options))):
        report.using(**options)


def test_other_options_do_what_they_do_in_a_call() -> None:
    """`on_event` gets every event, and `show` is kept to."""
    heard: list[Any] = []
    shown: list[Any] = []
    with configure.local(screen=shown.append, show=True):
        run = report.using(on_event=heard.append, show=False)("tides")
        run.wait()
        report.using(show=True)("moon").wait()
    assert heard == list(run.log)
    assert len(shown) == 1


def test_a_history_keeps_title_and_budget(tmp_path: Path) -> None:
    """A record has the title and the budget, as the log had them."""
    history = History(tmp_path / "kept.db", contents=True)
    with configure.local(history=history):
        run = report.using(title="The sea", budget=Budget(cost=0.1, seconds=60))("tides")
        run.wait()
    kept = history.log(run.id)
    budgets = [event.data["budget"] for event in kept if isinstance(event, ProgressEvent) and "budget" in event.data]
    assert budgets == [{"cost": 0.1, "seconds": 60}]
    assert getattr(kept[0], "title", None) == "The sea"


@pytest.mark.parametrize("option", ["budget", "title", "stop_if"])
def test_an_option_of_using_in_a_call_is_told_its_place(option: str) -> None:
    """A call with an option that only `using` takes says so, with the operation's name."""
    wrong: Any = report
    with pytest.raises(TypeError, match=rf"report\(\) .*'{option}'; .*report\.using\({option}=…\)\(…\)"):
        wrong("tides", **{option: None})
    with pytest.raises(TypeError, match=r"report\(\) got an unexpected keyword argument 'depths'$"):
        wrong("tides", depths=3)
