"""What the head of a run at work says that it is doing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.folds.scripted import Script, begun


def doing(script: Script, **options: Any) -> str:
    """Return what the head says."""
    return script.tree(**options)["header"].get("doing", "")


def test_the_innermost_stage_is_named() -> None:
    """The head names the stage at work, the innermost one; before the first it says nothing."""
    script = Script("report", {"fetch": 1, "fit": 1}).start(subject="tides")
    assert doing(script) == ""
    fetch = begun(script.tracker, "fetch")
    assert doing(script) == "Fetch"
    begun(fetch, "page").finish()
    assert doing(script) == "Fetch"
    begun(fetch, "pictures", title="All pictures")
    assert doing(script) == "All pictures"


def test_the_first_of_several_stays() -> None:
    """Of several at work the one that began first is named, with their number, so that it stays while others come."""
    script = Script("report").start()
    fetch = begun(script.tracker, "fetch")
    script.clock.advance(1)
    begun(script.tracker, "count")
    assert doing(script) == "Fetch and 1 more"
    begun(script.tracker, "draw")
    assert doing(script) == "Fetch and 2 more"
    fetch.finish()
    assert doing(script) == "Count and 1 more"


@pytest.mark.parametrize("count", [2, 50, 400])
def test_those_of_a_kind_are_counted(count: int) -> None:
    """Calls of one tool at once are one name and their number, also where the view sees a part of them alone."""
    script = Script("report").start()
    agent = begun(script.tracker, "agent")
    for number in range(count):
        begun(agent, "read_page", title="read_page").update(arguments={"url": f"page {number}"})
    assert doing(script) == f"read_page × {count}"


def test_a_call_has_its_argument_and_a_model_its_word() -> None:
    """One call is named with its first argument; an agent with what its model does, alone where the run is its own."""
    script = Script("harbour").start()
    agent = begun(script.tracker, "harbour")
    agent.update(message="writing", first_token=0.1)
    assert doing(script) == "writing"
    begun(agent, "search_web", title="search_web").update(arguments={"query": "tidal range"})
    assert doing(script) == 'search_web "tidal range"'
    other = Script("report").start()
    begun(other.tracker, "harbour").update(message="writing", first_token=0.1)
    assert doing(other) == "Harbour: writing"


def test_a_loop_of_the_same_title_says_no_more() -> None:
    """The one loop of a run is the run: its head has no second name."""
    script = Script("track").start(title="Training")
    begun(script.tracker, "training", title="Training").update(20, "2 of 10", done=2, total=10)
    assert doing(script) == ""


def test_what_is_tried_again_says_so() -> None:
    """A stage that is tried again or takes another way is named with that."""
    script = Script("report", {"fetch": 1}).start()
    begun(script.tracker, "fetch")
    script.tell("fetch", "retrying")
    assert doing(script) == "Fetch is tried again"


def test_what_is_asked_comes_first() -> None:
    """A run that waits for somebody, that stands still or that has ended says that alone."""
    script = Script("report", {"fetch": 1}).start()
    stage = begun(script.tracker, "fetch")
    script.tell("fetch", "waiting", waiting_for="approval")
    assert (doing(script), script.tree()["header"]["asks"]) == ("", "waiting for approval · Fetch")
    script.tell("fetch", "running", waiting_for=None, silence=12)
    assert (doing(script), script.tree()["header"]["asks"]) == ("", "silent for 12 s")
    stage.finish()
    script.tracker.done(1)
    assert doing(script) == ""
