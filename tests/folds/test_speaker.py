"""Whose text a run shows while it is written, and what its calls are called, counted and timed."""

from __future__ import annotations

from typing import Any

from tests.folds.scripted import Script, begun


def asking(script: Script, count: int = 2) -> tuple[Any, list[Any]]:
    """Let an agent ask others through a tool; return its stage and the calls, in each of which an agent answers."""
    boss = begun(script.tracker, "boss")
    boss.update(model="gpt", first_token=0.1)
    calls = [begun(boss, "ask", title="ask") for _ in range(count)]
    for number, call in enumerate(calls):
        call.update(arguments={"question": f"lake {number}"}, model="gpt", first_token=0.1)
    return boss, calls


def shown(script: Script) -> tuple[str, str]:
    """Return whose text the answer shows, and in which words it says so."""
    script.clock.advance(0.2)  # ten events a second
    answer = script.tree()["answer"]
    assert answer is not None
    return answer["key"], answer.get("by", "")


def test_the_text_of_an_asked_agent_has_its_name() -> None:
    """Where the answer of an agent will stand, what another one writes for it meanwhile is named, its own is not."""
    script = Script("boss").start()
    boss, (one,) = asking(script, 1)
    one.write("The deepest lake")
    assert shown(script) == ("boss/ask", 'ask "lake 0"')
    one.finish()
    boss.write("It is Baikal")
    assert shown(script) == ("boss", "")


def test_of_several_that_write_the_latest_stays() -> None:
    """The box keeps the text of the one that began last, however their words come in turns."""
    script = Script("boss").start()
    _, (one, two) = asking(script)
    one.write("Baikal ")
    script.clock.advance(0.2)
    seen: list[str] = []
    for word in ("the", "lakes", "are", "deep"):
        for call in (two, one):
            call.write(f"{word} ")
            script.clock.advance(0.2)
            seen.append(shown(script)[0])
    assert set(seen) == {"boss/ask#2"}
    two.finish()
    one.write("and cold")
    assert shown(script) == ("boss/ask", 'ask "lake 0"')


def test_one_that_fell_silent_makes_room() -> None:
    """Who wrote before and now only works does not keep the place of one that writes."""
    script = Script("report").start()
    first, second = begun(script.tracker, "log"), begun(script.tracker, "text")
    first.write("ready")
    script.clock.advance(5)
    second.write("The tides")
    assert shown(script) == ("text", "")


def test_the_text_stays_when_the_run_is_stopped() -> None:
    """A stop does not put another text in the place of the one that was read."""
    script = Script("boss").start()
    _, (one, two) = asking(script)
    one.write("The deepest lake")
    two.write("The longest river")
    before = shown(script)
    script.tracker.cancel()
    assert shown(script) == before


def test_a_tool_that_asks_an_agent_is_a_call() -> None:
    """All calls of tools are counted, also those in which an agent answers, and the longest of all is named."""
    script = Script("boss").start()
    boss, calls = asking(script)
    for call in calls:
        with call.stage("rhyme", title="rhyme") as inner:
            inner.update(arguments={"word": "moon"})
            script.clock.advance(1)
    script.clock.advance(4)
    calls[0].finish()
    script.clock.advance(1)
    calls[1].finish()
    assert script.tree()["summary"] == {"text": "4 calls", "what": "longest:", "title": "ask", "time": "7.0 s"}
    boss.finish()
    script.tracker.done("It is Baikal")
    assert script.tree()["summary"]["text"] == "4 calls"


def test_many_calls_that_ask_agents_are_counted() -> None:
    """Calls that the view does not see one by one are counted as well."""
    script = Script("boss").start()
    _, calls = asking(script, 120)
    for call in calls:
        call.finish()
    assert script.tree(rows=5)["summary"]["text"] == "120 calls"


def test_one_call_has_its_own_time() -> None:
    """The one row of a finished agent is its call: it took a second, and not as long as the run."""
    script = Script("poet").start()
    poet = begun(script.tracker, "poet")
    poet.update(model="gpt", first_token=0.1)
    with poet.stage("rhyme", title="rhyme") as call:
        call.update(arguments={"word": "moon"}, result=["soon"])
        script.clock.advance(1)
    poet.write("Soon the moon")
    script.clock.advance(2.7)
    poet.finish()
    script.tracker.done("Soon the moon")
    tree = script.tree()
    assert [(row["title"], row["time"]) for row in tree["trace"]] == [("rhyme", "1.0 s")]
    assert tree["header"]["elapsed"] == "3.7 s"
    assert (tree["summary"]["text"], tree["summary"]["what"], tree["summary"]["title"]) == (
        "1 call",
        "mostly:",
        "model",
    )


def test_the_words_for_tokens_stay() -> None:
    """From the first request to the end the head says "about"; the exact numbers come at the end, in head and foot."""
    script = Script("poet", model="gpt").start()
    poet = begun(script.tracker, "poet")
    poet.update(first_token=0.1, input_tokens=50, output_tokens=17)
    facts, notes = [script.tree()["header"]["facts"]], [script.tree()["notes"]]
    for _ in range(4):
        poet.write("Soon the moon shall rise and croon. ")
        facts.append(script.tree()["header"]["facts"])
        notes.append(script.tree()["notes"])
    poet.update(input_tokens=100, output_tokens=53)
    facts.append(script.tree()["header"]["facts"])
    notes.append(script.tree()["notes"])
    assert [fact.split()[0] for (fact,) in facts] == ["about"] * 6
    assert notes == [["model gpt"]] * 6
    numbers = [int(fact.split()[1]) for (fact,) in facts]
    assert numbers == sorted(numbers)
    poet.finish()
    script.tracker.done("Soon")
    assert (script.tree()["header"]["facts"], script.tree()["notes"]) == (
        ["153 tokens"],
        ["model gpt · 100 tokens in · 53 out"],
    )
