"""What is set for a session: wrong values are told, not taken."""

from __future__ import annotations

import asyncio
import logging
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

import progressnb
from progressnb.display import choose
from progressnb.errors import InvalidProgressError
from progressnb.tracking.session import Session, current_session, present

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("show", "nope", "show as True or False, got 'nope'"),
        ("show", 0, "show as True or False, got 0"),
        ("estimates", "no", "estimates as True or False, got 'no'"),
        ("display", "fancy", "a display of auto, widget, html, text, none, got 'fancy'"),
        ("detail", "", "a detail of full or compact, got ''"),
    ],
)
def test_wrong_values_are_refused(option: str, value: Any, said: str) -> None:
    """An unknown value is an error that names the allowed ones, and nothing of that call is set."""
    others: dict[str, Any] = {"show": False, "estimates": False, "detail": "compact"}
    with pytest.raises(InvalidProgressError, match=said):
        progressnb.configure(**others | {option: value})
    assert current_session() == Session()


def test_a_wrong_variable_is_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A PROGRESSNB_DISPLAY that is none of the screens is taken for auto, and one line says which there are."""
    monkeypatch.setattr("progressnb.display.screen._warned", set())
    monkeypatch.setenv("PROGRESSNB_DISPLAY", "fancy\nand long" * 99)
    assert [choose(), choose()] == ["text", "text"]
    ((name, level, said),) = caplog.record_tuples
    assert (name, level) == ("progressnb", logging.WARNING)
    assert said.endswith("is taken for auto; it may be auto, widget, html, text, none")
    assert len(said) < 160
    assert "\n" not in said


NOTHING = ("none", "NONE", " None ", "0", "off", "OFF", "no", "n", "false", "False", "f", "disabled", "quiet", "silent")
AS_EVER = ("auto", "AUTO", "", " ", "1", "on", "yes", "true", "True", "enabled", "text", "Text")


@pytest.mark.parametrize(
    ("value", "screen"),
    [*((word, "none") for word in NOTHING), ("HTML", "html"), *((word, "text") for word in AS_EVER)],
)
def test_the_usual_words_choose(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str, screen: str
) -> None:
    """The usual words for on and off are understood in any case, and nothing is warned of."""
    monkeypatch.setattr("progressnb.display.screen._warned", set())
    monkeypatch.setenv("PROGRESSNB_DISPLAY", value)
    assert choose() == screen
    assert caplog.records == []


@pytest.mark.parametrize(("value", "screen"), [("none", "none"), ("html", "html"), ("auto", "text"), ("", "text")])
def test_the_variable_chooses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str, screen: str
) -> None:
    """Allowed values choose the screen, and none or auto leaves it to where the code runs."""
    monkeypatch.setenv("PROGRESSNB_DISPLAY", value)
    assert choose() == screen
    assert caplog.records == []


def test_a_block_is_a_session_of_its_own() -> None:
    """In `with configure.local(…)` the settings hold for the block alone, whatever else is set in it."""
    progressnb.configure(detail="compact")
    with progressnb.configure.local(show=False) as inner:
        assert current_session() == inner == Session(show=False, detail="compact")
        progressnb.configure(display="text")
        assert current_session() == Session(show=False, detail="compact", display="text")
    assert current_session() == Session(detail="compact")


async def test_two_applications_side_by_side() -> None:
    """Each task has the session that it began in, and none is heard of in another."""
    first, second = progressnb.History(), progressnb.History()
    both = asyncio.Barrier(2)

    @progressnb.operation
    async def work(tracker: progressnb.ProgressTracker, name: str) -> str:
        return f"{name} by {tracker.operation}"

    async def application(name: str, history: progressnb.History) -> None:
        with progressnb.configure.local(history=history, show=False):
            await both.wait()
            await work(name)
            await both.wait()

    await asyncio.gather(application("a", first), application("b", second))
    assert [len(first.runs()), len(second.runs())] == [1, 1]
    assert current_session().history is None
    first.close()
    second.close()


def test_settings_of_a_block_are_seen_by_nobody_else() -> None:
    """While blocks of two threads open and close in any order, the process's settings stay."""
    first, second = progressnb.configure.local(show=False), progressnb.configure.local(display="text")
    outside: list[Session] = []
    seen = Thread(target=lambda: outside.append(current_session()))
    with first, second:
        seen.start()
        seen.join()
    assert outside == [Session()]
    assert current_session() == Session()


def test_a_block_that_is_left_in_another_context() -> None:
    """A generator that a web framework closes in a copy of its context ends well."""

    def dependency() -> Generator[None]:
        with progressnb.configure.local(show=False):
            yield

    opened = dependency()
    copy_context().run(next, opened)
    copy_context().run(opened.close)
    assert current_session() == Session()


def test_a_screen_of_ones_own() -> None:
    """`screen` is a function that shows runs; the call's `show` still counts."""
    shown: list[object] = []
    progressnb.configure(screen=shown.append)
    run = progressnb.ProgressTracker("op")
    assert [present(run, show=None), present(run, show=False)] == [True, False]
    assert shown == [run]
