"""The arguments and the result of a call in the data of its stage."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from progressnb.tracking import arguments_of, internals, mute, note_arguments, note_result
from tests.tracking.helpers import started


def search(query: str, *more: str, limit: int = 3, **rest: Any) -> str:
    """Take all kinds of arguments."""
    return f"{query}{more}{limit}{rest}"


class Client:
    """An object with a key."""

    def __init__(self) -> None:
        self.key = "sk-SECRET"

    def __repr__(self) -> str:
        """Show the key, as too many do."""
        return self.key

    def fetch(self, url: str) -> str:
        """Fetch."""
        return url + self.key


@given(st.lists(st.text(), min_size=1), st.dictionaries(st.sampled_from(["limit", "page", "size"]), st.integers()))
def test_arguments_by_name(args: list[str], kwargs: dict[str, Any]) -> None:
    """Arguments have the names of their parameters, however they are passed, also through partials."""
    expected: dict[str, Any] = {"query": args[0], "more": args[1:], **kwargs}
    assert arguments_of(search, tuple(args), kwargs) == expected
    assert arguments_of(functools.partial(search, args[0]), tuple(args[1:]), kwargs) == expected
    assert arguments_of(functools.partial(search, *args, **kwargs), (), {}) == expected


def test_arguments_of_methods_and_builtins() -> None:
    """The object of a method is no argument; a function without a signature has those passed by name."""
    client = Client()
    assert arguments_of(client.fetch, ("a",), {}) == {"url": "a"}
    assert arguments_of(Client.fetch, (client, "a"), {}) == {"url": "a"}
    assert arguments_of(dict, (), {"a": 1}) == {"a": 1}


def test_written_with_the_next_event() -> None:
    """Arguments and result wait for the stage's own events: none is written for them alone."""
    tracker, _ = started()
    stage = tracker.stage("load")
    note_arguments(stage, {"path": Path("a.csv"), "password": "hunter2"})
    before = len(tracker.log)
    with stage:
        note_result(stage, {"rows": 3})
        assert len(tracker.log) == before + 1
    found = tracker.state.find("load")
    assert found is not None
    assert found.data == {"arguments": {"path": "a.csv", "password": "…"}, "result": {"rows": 3}}


def test_the_length_of_a_long_list_is_written() -> None:
    """A list that is too long for an event leaves its length in the data; of a short one the items tell it."""
    tracker, _ = started()
    with tracker.stage("extract") as stage:
        note_result(stage, ["a long line of text " * 20] * 20)
    with tracker.stage("load") as stage:
        note_result(stage, [1, 2])
    long, short = tracker.state.find("extract"), tracker.state.find("load")
    assert long is not None
    assert short is not None
    assert (long.data["result"][-1], long.data["result_length"]) == ("…", 20)
    assert short.data == {"result": [1, 2]}


def test_objects_are_their_types() -> None:
    """An argument that is no data is named by its type: its attributes may be keys. Data classes are data."""

    @dataclass
    class Place:
        name: str

    tracker, _ = started()
    with tracker.stage("load") as stage:
        note_arguments(stage, {"client": Client(), "place": Place("Busan"), "many": [Client()]})
    found = tracker.state.find("load")
    assert found is not None
    assert "SECRET" not in str(found.data)
    assert found.data["arguments"]["place"] == {"name": "Busan"}
    assert found.data["arguments"]["client"]["type"].endswith("Client")


def test_muted() -> None:
    """By a muted handle output is measured and not written, and calls below it have no arguments; others write on."""
    tracker, clock = started()
    with tracker.stage("load") as stage:
        muted = mute(stage)
        seen: list[int] = []
        internals(muted).measure = lambda: seen.append(len(internals(muted).outputs["output"]))
        for text in ("SECRET", " words"):
            clock.advance(1)
            muted.write(text)
        muted.write("anew", reset=True)
        below = muted.stage("look")
        note_arguments(below, {"word": "SECRET"})
        below.start()
        stage.write("aloud")
        assert seen == [6, 12, 4]
        assert (muted.partial, stage.partial, tracker.partial) == ("anew", "aloud", "aloud")
    assert "SECRET" not in "".join(event.model_dump_json() for event in tracker.log)
