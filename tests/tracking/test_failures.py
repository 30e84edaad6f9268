"""The facts of an error in events: never empty, with its causes, its type and its status code."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import ProgressTracker
from progressnb.tracking.failures import CAUSE_LENGTH, CAUSES_LIMIT, error_data, error_text, error_type, word_error
from progressnb.wire.events import ErrorEvent


class SilentError(Exception):
    """An error without a text."""


def chained(error: Exception, cause: BaseException) -> Exception:
    """Make an error that was raised from another."""
    error.__cause__ = cause
    return error


def group(*errors: Exception) -> ExceptionGroup[Exception]:
    """Make a group as a TaskGroup does."""
    return ExceptionGroup("unhandled errors in a TaskGroup", errors)


@pytest.mark.parametrize(
    ("error", "text", "kind"),
    [
        (ValueError("no paper"), "no paper", "ValueError"),
        (SilentError(), "SilentError", "SilentError"),
        (TimeoutError(), "took longer than its timeout", "TimeoutError"),
        (ValueError("\ud800"), "\ufffd", "ValueError"),
        (group(ValueError("no paper")), "no paper", "ValueError"),
        (group(group(group(TimeoutError()))), "took longer than its timeout", "TimeoutError"),
        (group(ValueError("no paper"), KeyError("x")), "ValueError: no paper; KeyError: 'x'", "ExceptionGroup"),
        (
            group(group(OSError("a")), SilentError(), OSError("b")),
            "OSError: a; SilentError; OSError: b",
            "ExceptionGroup",
        ),
        (group(OSError("a"), OSError("a"), OSError("b")), "OSError: a (2 times); OSError: b", "ExceptionGroup"),
        (chained(SilentError(), ValueError("no paper")), "SilentError, caused by ValueError: no paper", "SilentError"),
        (
            chained(SilentError(), chained(SilentError(), OSError("full"))),
            "SilentError, caused by OSError: full",
            "SilentError",
        ),
        (chained(SilentError(), SilentError()), "SilentError", "SilentError"),
        (
            chained(SilentError(), group(OSError("a"), OSError("b"))),
            "SilentError, caused by OSError: a; OSError: b",
            "SilentError",
        ),
        (chained(ValueError("no paper"), OSError("full")), "no paper", "ValueError"),
        (group(chained(SilentError(), OSError("full"))), "SilentError, caused by OSError: full", "SilentError"),
    ],
    ids=repr,
)
def test_text_and_type(error: Exception, text: str, kind: str) -> None:
    """A text names the causes where an error has none of its own; a group around one error is that error to readers."""
    assert (error_text(error), error_type(error)) == (text, kind)


def test_long_groups() -> None:
    """A group of many or of long errors is one bounded line, and the rest is counted."""
    text = error_text(group(*(ValueError(f"{number}\n" + "x" * 1000) for number in range(1000))))
    assert text.endswith(f"; and {1000 - CAUSES_LIMIT} more")
    assert len(text) < (CAUSE_LENGTH + 10) * (CAUSES_LIMIT + 1)
    assert "\n" not in text


def test_circles() -> None:
    """Errors that cause each other have a text, too."""
    first, second = SilentError(), SilentError()
    first.__cause__, second.__cause__ = second, first
    assert error_text(first) == "SilentError"
    error = SilentError()
    error.__cause__ = group(error, OSError("a"))
    assert error_text(error).startswith("SilentError, caused by SilentError")


def test_a_broken_error() -> None:
    """An error whose text raises is named by its type."""

    class BrokenError(Exception):
        """An error that can't be shown."""

        def __str__(self) -> str:
            """Fail."""
            raise RuntimeError

    assert error_text(BrokenError()) == "BrokenError"
    assert error_text(group(BrokenError(), BrokenError())) == "BrokenError (2 times)"


def test_words_of_a_bridge() -> None:
    """The first text that is given to an error holds, also inside a group, and brings its status code along."""
    error = RuntimeError("dump of a page")
    word_error(error, "model answered 429", status_code=429)
    word_error(error, "later", status_code=500)
    assert (error_text(error), error_data(error)) == ("model answered 429", {"status_code": 429})
    assert error_text(group(error, OSError("a"))) == "model answered 429; OSError: a"
    assert (error_text(group(error)), error_data(group(error))) == ("model answered 429", {"status_code": 429})
    both = group(OSError("a"), OSError("b"))
    word_error(both, "two models failed")
    assert (error_text(both), error_type(both), error_data(both)) == ("two models failed", "ExceptionGroup", {})


@pytest.mark.parametrize("code", [429, 500])
def test_status_codes_of_other_libraries(code: int) -> None:
    """A status code that an error carries is a fact of its event; what is no HTTP status is not."""
    error: Any = RuntimeError("x")
    error.status_code = code
    assert error_data(error) == {"status_code": code}
    for other in (True, 7, "429", None):
        error.status_code = other
        assert error_data(error) == {}


nested = st.recursive(
    st.builds(ValueError, st.text(max_size=5)) | st.just(SilentError()),
    lambda inner: st.lists(inner, min_size=1, max_size=4).map(lambda errors: group(*errors)),
    max_leaves=20,
)


@given(nested)
def test_any_error_has_a_text(error: Exception) -> None:
    """Whatever is raised, its text is neither empty nor that of the group around it."""
    assert error_text(error)
    assert "TaskGroup" not in error_text(error)


async def test_a_task_group_in_a_run() -> None:
    """A run that failed in a TaskGroup says the cause, where it arose, and its status code."""

    async def fail(tracker: ProgressTracker) -> None:
        async with tracker.stage("part"):
            error = ConnectionError("busy")
            word_error(error, "the model is busy", status_code=503)
            raise error

    tracker = ProgressTracker("op", show=False)
    with pytest.raises(ExceptionGroup):
        async with tracker, tracker.stage("all"), asyncio.TaskGroup() as tasks:
            tasks.create_task(fail(tracker))
    state = tracker.state
    assert (state.error, state.error_type, state.error_stage) == ("the model is busy", "ConnectionError", "part")
    errors = [event for event in tracker.log if isinstance(event, ErrorEvent)]
    assert [(event.stage, event.fatal, event.data) for event in errors] == [
        ("part", False, {"status_code": 503}),
        ("part", True, {"status_code": 503}),
    ]
    assert [stage.message for _, stage in state.walk()] == ["the model is busy"] * 2


def test_an_error_that_many_runs_raise_has_the_note_of_the_last() -> None:
    """One error object, raised again and again, in one run or in many: its notes never pile up, others' notes stay."""
    error = ValueError("one for all")
    error.add_note("of the caller")

    async def main(operation: str) -> None:
        async with ProgressTracker(operation, show=False) as tracker:
            for name in ("read", "write"):
                try:
                    async with tracker.stage(name):
                        raise error
                except ValueError:
                    pass

    for number in range(5):
        asyncio.run(main(f"job {number}"))
    assert error.__notes__ == ["of the caller", "in stage 'read' of 'job 4'"]
