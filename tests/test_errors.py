"""The error tree: one base class, each also the natural builtin, one readable line each."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progressnb import errors
from progressnb.errors import ProgressError

BUILTINS = {
    "InvalidStagesError": ValueError,
    "UnknownStageError": LookupError,
    "InvalidProgressError": ValueError,
    "RunEndedError": RuntimeError,
    "RunCancelled": RuntimeError,
    "RunFailed": RuntimeError,
    "OutputCut": ValueError,
    "BudgetExceeded": RuntimeError,
    "BatchFailed": RuntimeError,
    "BatchStopped": RuntimeError,
    "ResumeError": RuntimeError,
    "StreamError": RuntimeError,
    "OperationError": TypeError,
    "EventFormatError": ValueError,
    "InputError": ValueError,
    "ModelError": ValueError,
    "QueryError": ValueError,
    "HistoryError": OSError,
    "UnclearQuestionError": ValueError,
    "UnknownRunError": LookupError,
    "AttachError": ConnectionError,
    "ServeError": OSError,
    "MissingExtraError": ImportError,
}
CLASSES = [getattr(errors, name) for name in BUILTINS]


@pytest.mark.parametrize(("name", "builtin"), BUILTINS.items())
def test_tree(name: str, builtin: type[Exception]) -> None:
    """Each error is caught by the one base class and by the builtin that a user would think of."""
    error = getattr(errors, name)
    assert issubclass(error, ProgressError)
    assert issubclass(error, builtin)


def test_all_is_exact() -> None:
    """`__all__` names every error and nothing else, and the docstring draws each."""
    assert sorted(errors.__all__) == sorted([*BUILTINS, "ProgressError", "needs_extra"])
    for name in errors.__all__:
        assert name in str(errors.__doc__)


@pytest.mark.parametrize("error", CLASSES)
def test_message(error: type[ProgressError]) -> None:
    """A message says what was expected, what came and what to do, and keeps each as an attribute."""
    made = error("a percent", "150", "Pass less.")
    assert str(made) == "expected a percent, got 150. Pass less."
    assert (made.expected, made.got, made.remedy) == ("a percent", "150", "Pass less.")


def test_message_without_parts() -> None:
    """A part that is not given leaves no trace in the message."""
    assert str(ProgressError("it failed")) == "it failed"
    assert str(ProgressError("it failed", remedy="Wait.")) == "it failed. Wait."
    assert str(ProgressError("a", "b")) == "expected a, got b"


@pytest.mark.parametrize("end", [".", "!", "?"])
def test_a_sentence_that_came_keeps_its_end(end: str) -> None:
    """Text that ends as a sentence does gets no second full stop before the remedy."""
    assert str(ProgressError("a", f"no luck{end}", "Wait.")) == f"expected a, got no luck{end} Wait."


@given(st.text(max_size=2_000))
def test_hostile_text(got: str) -> None:
    """What came, however long and whatever line breaks it holds, makes one line of bounded length."""
    message = str(ProgressError("x", got, "y"))
    assert len(message.splitlines()) == 1
    assert len(message) < 250


@pytest.mark.parametrize("error", CLASSES)
def test_pickle(error: type[ProgressError]) -> None:
    """An error crosses a process with its message and its parts."""
    made = error("a", "b" * 500, "c")
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert type(again) is error
    assert (str(again), again.expected, again.got, again.remedy) == (str(made), "a", made.got, "c")


def test_what_was_spent_and_written_crosses_a_process() -> None:
    """An output that was cut keeps what was written, a budget that was exceeded what was spent, through pickle."""
    cut = pickle.loads(pickle.dumps(errors.OutputCut("a report", partial={"title": "Tides"})))  # noqa: S301
    over = pickle.loads(pickle.dumps(errors.BudgetExceeded("a budget", spent={"tokens": 12})))  # noqa: S301
    assert (cut.partial, str(cut), over.spent) == ({"title": "Tides"}, "a report", {"tokens": 12})
