"""The history of a session: for a block, for threads that take the context along, and when somebody closes it."""

import logging
import threading
from collections.abc import Callable
from contextvars import copy_context

import pytest

import progressnb as pnb
from progressnb import History, ProgressTracker, use_history
from progressnb.errors import HistoryError
from progressnb.history import the_history
from progressnb.testing import ManualClock
from progressnb.tracking.session import current_session


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Show nothing."""
    pnb.configure(show=False)


def work(name: str) -> None:
    """Do a whole run."""
    tracker = ProgressTracker(name, clock=ManualClock())
    tracker.start()
    tracker.done()


def names_in(history: History) -> list[str]:
    """Return the operations that a history has."""
    return [str(name) for name in history.runs()["operation"]]


def in_a_thread(function: Callable[[], object]) -> None:
    """Call a function in a thread, and wait for it."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_use_history_in_a_block() -> None:
    """In a `configure.local` block `use_history` holds for the block; after it the process's history is back."""
    everybodys, mine = use_history(History()), History()
    with pnb.configure.local(history=History()):
        use_history(mine)
        work("inside")
        assert the_history() is mine
        use_history(None)
        work("nowhere")
    work("outside")
    assert the_history() is everybodys
    assert (names_in(mine), names_in(everybodys)) == (["inside"], ["outside"])


def test_a_thread_takes_the_context_along() -> None:
    """A thread begun with `copy_context` records into the block's history, another one into the process's."""
    everybodys, mine = use_history(History()), History()
    with pnb.configure.local(history=mine):
        context = copy_context()
        in_a_thread(lambda: context.run(work, "copied"))
        in_a_thread(lambda: work("bare"))
    assert (names_in(mine), names_in(everybodys)) == (["copied"], ["bare"])


def test_a_thread_keeps_its_settings_to_itself() -> None:
    """What a thread with a copied context sets does not reach the block that it was begun in."""
    mine = History()
    with pnb.configure.local(history=mine):
        context = copy_context()
        in_a_thread(lambda: context.run(use_history, None))
        assert the_history() is mine


def test_closing_what_the_session_uses() -> None:
    """Closing the session's own history takes it out of the session: runs go on without a warning."""
    history = use_history(History())
    history.close()
    assert current_session().history is None
    with pytest.raises(HistoryError, match=r"Call pnb\.use_history"):
        the_history()


def test_closing_what_another_context_uses(caplog: pytest.LogCaptureFixture) -> None:
    """Where another context still uses a closed history its runs go on, with one warning each that says why."""
    history = History()
    with pnb.configure.local(history=history):
        context = copy_context()
    history.close()
    with caplog.at_level(logging.WARNING, logger="progressnb"):
        context.run(work, "late")
    assert [record.getMessage() for record in caplog.records] == ["could not record late; it goes on"]
    assert "got a closed one. Open it again." in (caplog.records[0].exc_text or caplog.text)


def test_recording_in_a_closed_history() -> None:
    """A closed history refuses a run, and has no opinion on how long it will take."""
    history = History()
    history.close()
    run = ProgressTracker("op", clock=ManualClock())
    with pytest.raises(HistoryError, match="expected the open history memory, got a closed one"):
        history.record(run)
    assert history.estimate(run) is None
