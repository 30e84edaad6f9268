"""The errors of progressnb: one base class, each also the natural builtin.

::

    ProgressError
    ├── InvalidStagesError   (ValueError)     stages that can't be declared
    ├── UnknownStageError    (LookupError)    a stage that was not declared
    ├── InvalidProgressError (ValueError)     a percent, status or data that can't be reported
    ├── RunEndedError        (RuntimeError)   an update after the run's last event
    ├── RunCancelled         (RuntimeError)   a cancelled run that is awaited
    ├── RunFailed            (RuntimeError)   a run that failed elsewhere and is awaited
    ├── OutputCut            (ValueError)     an output that was ended early and does not validate so far
    ├── BudgetExceeded       (RuntimeError)   a run that has spent more than its budget
    ├── BatchFailed          (RuntimeError)   a batch of which items failed, and that is awaited
    ├── BatchStopped         (RuntimeError)   a batch that was stopped before its end, and that is awaited
    ├── ResumeError          (RuntimeError)   a run that can't be taken up again
    ├── OperationError       (TypeError)      a function that can't become an operation
    ├── StreamError          (RuntimeError)   a result that a stream does not have: too early, or after a failure
    ├── EventFormatError     (ValueError)     text that can't be read as an event of the wire format
    ├── InputError           (ValueError)     a document that can't be worked on
    │   └── UnclearQuestionError              a question with several meanings, with a question for each
    ├── QueryError           (ValueError)     a query or a drawing that can't be trusted or does not work
    ├── ModelError           (ValueError)     a model that is unknown or lacks its key
    ├── HistoryError         (OSError)        a history's file that can't be opened, read or written
    ├── UnknownRunError      (LookupError)    a run that a history or a server does not have
    ├── ServeError           (OSError)        a server that can't be started
    ├── AttachError          (ConnectionError) a served run that can't be read: refused, or out of reach
    └── MissingExtraError    (ImportError)    an extra that is not installed

Each message says what was expected, what came instead, and what to do about it. `needs_extra` makes the last kind of
a failed import.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from progressnb.tracebacks import without_machinery

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

__all__ = [
    "AttachError",
    "BatchFailed",
    "BatchStopped",
    "BudgetExceeded",
    "EventFormatError",
    "HistoryError",
    "InputError",
    "InvalidProgressError",
    "InvalidStagesError",
    "MissingExtraError",
    "ModelError",
    "OperationError",
    "OutputCut",
    "ProgressError",
    "QueryError",
    "ResumeError",
    "RunCancelled",
    "RunEndedError",
    "RunFailed",
    "ServeError",
    "StreamError",
    "UnclearQuestionError",
    "UnknownRunError",
    "UnknownStageError",
    "needs_extra",
]

_GOT_LIMIT = 200


class ProgressError(Exception):
    """The base class of all errors of progressnb.

    The message is one line: what was expected, what came instead, and the remedy.

    Attributes:
        expected: What was expected, or the whole message where nothing else is to be said.
        got: What came instead. It may come from a hostile file or server, so it is cut at 200 characters, and line
            breaks become spaces.
        remedy: What to do about it.

    Example:
        ::

            try:
                await report("tides")
            except pnb.ProgressError as error:
                print(error.expected, error.got, error.remedy)

    """

    def __init__(self, expected: str, got: str = "", remedy: str = "") -> None:
        got = " ".join(got.split())
        if len(got) > _GOT_LIMIT:
            got = got[:_GOT_LIMIT] + "…"
        self.expected, self.got, self.remedy = expected, got, remedy
        message = f"expected {expected}, got {got}" if got else expected
        stop = "" if message.endswith((".", "!", "?")) else "."
        super().__init__(f"{message}{stop} {remedy}" if remedy else message)

    def __reduce__(self) -> tuple[type[ProgressError], tuple[str, str, str]]:
        """Keep the three parts when the error crosses a process."""
        return type(self), (self.expected, self.got, self.remedy)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: one with the frames of the user's code alone.

        `traceback`, logs and debuggers have all frames.
        """
        table = sys.modules["IPython"].get_ipython().InteractiveTB  # of who calls this
        cause, is_quiet = self.__cause__, self.__suppress_context__
        if cause is not None and without_machinery(cause.__traceback__) is None:
            self.__cause__ = None  # the message says what it was; `from None` while IPython looks
        try:
            lines: list[str] = table.structured_traceback(type(self), self, without_machinery(self.__traceback__))
        finally:
            self.__cause__, self.__suppress_context__ = cause, is_quiet
        return lines


class InvalidStagesError(ProgressError, ValueError):
    """Stages that can't be declared: no name, a name twice, a bad weight."""


class UnknownStageError(ProgressError, LookupError):
    """A stage that the run does not have."""


class InvalidProgressError(ProgressError, ValueError):
    """A percent, status or data that can't be reported."""


class RunEndedError(ProgressError, RuntimeError):
    """An update after the run's last event."""


class RunCancelled(ProgressError, RuntimeError):  # noqa: N818 - reads as the state it reports, like asyncio's
    """A run that was cancelled, to whoever awaits it.

    In a notebook it is one line below the cell and no traceback. The cell's reply stays an error, so that Run All
    stops. In a script it is an exception like any other.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython, 7.34 and 9 alike, shows these lines in place of a traceback.
        return [f"{type(self).__name__}: {self}"]


class RunFailed(ProgressError, RuntimeError):  # noqa: N818 - like RunCancelled
    """A run that failed in another process, or in the past, to whoever awaits it here."""


class OutputCut(ProgressError, ValueError):  # noqa: N818 - like RunCancelled
    """An output that was ended early, by `run.enough()` or `stop_if`, and whose complete part does not validate.

    Attributes:
        partial: The output as far as it was written, as plain data; None where nothing was readable.

    Example:
        ::

            try:
                result = await report.using(stop_if=lambda partial: partial.get("language") != "en")("tides")
            except pnb.errors.OutputCut as cut:
                print(cut.partial)

    """

    def __init__(self, expected: str, got: str = "", remedy: str = "", *, partial: Any = None) -> None:  # noqa: ANN401
        super().__init__(expected, got, remedy)
        self.partial = partial

    def __reduce__(self) -> Any:  # noqa: ANN401 - the attributes come third
        """Keep the partial output when the error crosses a process."""
        return (*super().__reduce__(), {"partial": self.partial})


class BudgetExceeded(ProgressError, RuntimeError):  # noqa: N818 - like RunCancelled
    """A run that has spent more than its budget and was ended for it.

    Attributes:
        spent: The amounts that the run has spent: `cost` in US dollars, `tokens` in and out together, `seconds`.
            A cost that nobody knows is missing.

    Example:
        ::

            try:
                await report.using(budget=pnb.Budget(cost=0.10))("tides")
            except pnb.errors.BudgetExceeded as error:
                print(error.spent)  # {'tokens': 5590, 'seconds': 13.0, 'cost': 0.104}

    """

    def __init__(
        self, expected: str, got: str = "", remedy: str = "", *, spent: Mapping[str, float] | None = None
    ) -> None:
        super().__init__(expected, got, remedy)
        self.spent = dict(spent or {})

    def __reduce__(self) -> Any:  # noqa: ANN401 - the attributes come third
        """Keep what was spent when the error crosses a process."""
        return (*super().__reduce__(), {"spent": self.spent})


class _BatchError(ProgressError, RuntimeError):
    """An error of a batch, which carries the batch.

    Attributes:
        batch: The batch, with all that was done: `batch.results`, `batch.failures`, `batch.frame()`. None in another
            process.

    """

    def __init__(self, expected: str, got: str = "", remedy: str = "", *, batch: Any = None) -> None:  # noqa: ANN401
        super().__init__(expected, got, remedy)
        self.batch = batch


class BatchFailed(_BatchError):  # noqa: N818 - like RunCancelled
    """A batch that went through all its items, of which some failed.

    Attributes:
        batch: The batch, with all that was done: `batch.results`, `batch.failures`, `batch.frame()`. None in another
            process.

    Example:
        ::

            try:
                results = await pnb.batch(report, ["tides", "moon"])
            except pnb.BatchFailed as failed:
                print(failed.batch.failures)

    """


class BatchStopped(_BatchError):  # noqa: N818 - like RunCancelled
    """A batch that was stopped before its end: by its budget, by too many failures, or by somebody.

    Attributes:
        batch: The batch, with all that was done: `batch.results`, `batch.failures`, `batch.frame()`. None in another
            process.

    Example:
        ::

            try:
                results = await pnb.batch(report, ["tides", "moon"], budget=pnb.Budget(cost=0.50))
            except pnb.BatchStopped as stopped:
                print(stopped.batch.frame())

    """

    def _render_traceback_(self) -> list[str]:
        # IPython shows these lines in place of a traceback.
        return [f"{type(self).__name__}: {self}"]


class ResumeError(ProgressError, RuntimeError):
    """A run that can't be taken up again: ended well, kept without its contents, or not the same any more."""


class OperationError(ProgressError, TypeError):
    """A function that can't become an operation."""


class StreamError(ProgressError, RuntimeError):
    """A result that a stream does not have: too early, or after a failure."""


class EventFormatError(ProgressError, ValueError):
    """Text that can't be read as an event of the wire format."""


class InputError(ProgressError, ValueError):
    """A document that can't be worked on: missing, empty, too large, not text, malformed."""


class UnclearQuestionError(InputError):
    """A question with several meanings; the message lists a question for each.

    Attributes:
        choices: The questions, each with one meaning.

    """

    def __init__(self, expected: str, got: str = "", remedy: str = "", *, choices: Iterable[str] = ()) -> None:
        super().__init__(expected, got, remedy)
        self.choices = tuple(choices)
        self._offer: Callable[[], object] | None = None

    def offer_by(self, offer: Callable[[], object]) -> None:
        """Call a function once when a notebook shows this error as the end of a cell; it shows the choices."""
        self._offer = offer

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: nobody made a mistake."""
        offer, self._offer = self._offer, None
        if offer is not None:
            offer()
        return [f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> Any:  # noqa: ANN401 - the attributes come third
        """Keep the choices when the error crosses a process."""
        return (*super().__reduce__(), {"choices": self.choices})


class QueryError(ProgressError, ValueError):
    """A query or a drawing that a model wrote and that can't be trusted or does not work."""


class ModelError(ProgressError, ValueError):
    """A model that is unknown or lacks its key."""


class HistoryError(ProgressError, OSError):
    """A history's file that can't be opened, read or written: corrupt, locked, full, not ours."""


class AttachError(ProgressError, ConnectionError):
    """A served run that can't be read: refused, out of reach, or served by something else."""


class UnknownRunError(ProgressError, LookupError):
    """A run that a history or a server does not have."""


class ServeError(ProgressError, OSError):
    """A server that can't be started: a port that is taken, a host that others reach without a token."""


class MissingExtraError(ProgressError, ImportError):
    """An extra that is not installed; the remedy is the exact pip command."""


@contextmanager
def needs_extra(extra: str, what: str) -> Generator[None]:
    """Raise `MissingExtraError` with the install line for an import that fails in the block.

    ::

        with pnb.errors.needs_extra("plots", "the package altair, which draws charts"):
            import altair
    """
    try:
        yield
    except MissingExtraError:
        raise
    except ImportError as error:
        remedy = f'Install it: pip install "progressnb[{extra}]"'
        raise MissingExtraError(what, f"none ({error})", remedy) from error
