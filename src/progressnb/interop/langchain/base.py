"""The common part of the handler of LangChain's callbacks: how pieces begin, end and fail, and when it is inert."""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import sys
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler

from progressnb.errors import RunCancelled
from progressnb.interop.langchain.parts import plain, words_of
from progressnb.interop.langchain.result import answer_of
from progressnb.interop.pieces import Piece, Pieces, current_task
from progressnb.tracking import note_result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType
    from uuid import UUID

    from progressnb.execution.driven import DrivenRun

__all__ = ["Watching", "keep_stop_quiet", "safely"]

_logger = logging.getLogger("progressnb")

_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_MANAGER = "langchain_core.callbacks"
_HANDLERS_LOG = "langchain_core.callbacks.manager"


def safely(method: Callable[..., None]) -> Callable[..., Any]:
    """Let a report that fails be logged and not reach the user's chain; only Stop does."""

    @functools.wraps(method)
    def call(self: Watching, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever LangChain passes
        if (pieces := self.pieces) is None:
            return
        try:
            method(self, pieces, *args, **kwargs)
        except RunCancelled:
            raise
        except Exception:
            _logger.warning("could not report what LangChain does; it goes on", exc_info=True)

    return call


class Watching(BaseCallbackHandler):
    """A handler that is inert without `pieces`."""

    raise_error = True  # of Stop: all other errors are caught
    run_inline = True  # in the task of the work, in order

    def __init__(self) -> None:
        super().__init__()
        self.pieces: Pieces | None = None

    @property
    def ignore_llm(self) -> bool:
        """Whether it is inert."""
        return self.pieces is None

    @property
    def ignore_chat_model(self) -> bool:
        """Whether it is inert."""
        return self.pieces is None

    @property
    def ignore_chain(self) -> bool:
        """Whether it is inert."""
        return self.pieces is None

    @property
    def ignore_agent(self) -> bool:
        """Whether it is inert; tools count as agents."""
        return self.pieces is None

    @property
    def ignore_retriever(self) -> bool:
        """Whether it is inert."""
        return self.pieces is None

    @property
    def ignore_retry(self) -> bool:
        """True: retries are seen by their attempts."""
        return True

    @property
    def ignore_custom_event(self) -> bool:
        """True: events of users have their own readers."""
        return True

    def begin(
        self,
        pieces: Pieces,
        run_id: UUID,
        parent_run_id: UUID | None,
        title: str,
        *,
        kind: str,
        inputs: object,
        hidden: bool = False,
        model: str | None = None,
        arguments: Mapping[str, object] | None = None,
    ) -> Piece:
        """Begin a piece, in the code that invokes it."""
        outermost = pieces.get(parent_run_id) is None
        flags = _caller_flags()
        task = current_task() if outermost and flags & _ASYNC else None
        piece = pieces.begin(
            run_id,
            parent_run_id,
            title,
            kind=kind,
            hidden=hidden,
            model=model,
            subject=words_of(inputs) if outermost else None,
            arguments=plain(arguments) if arguments is not None else None,
            task=task,
        )
        if task is not None:  # some work of models and tools that is cancelled tells nobody
            task.add_done_callback(functools.partial(_end_with_task, pieces, run_id))
        piece.facts["streams"] = bool(flags & _GENERATOR)
        return piece

    def end(self, pieces: Pieces, run_id: UUID, output: object) -> None:
        """End a piece well, with what it gave; a generator that was left early ends as cancelled."""
        piece = pieces.get(run_id)
        if piece is None:
            return
        shown = plain(output) if piece.visible else None
        if piece.visible and not piece.stage.ended:
            if piece.above is not None or piece.own is None:  # a run has its result itself
                note_result(piece.stage, shown)
            if piece.root is piece and piece.facts.get("waits"):
                piece.stage.update(message="waits for an answer")
        if piece.own is not None:
            shown = answer_of(output, piece.facts.get("inputs"), _streamed(piece.own))
        goes_on = any(each.stage.status != "waiting" for each in list(piece.below.values()))
        left = piece.facts.get("streams") and (goes_on or isinstance(sys.exc_info()[1], GeneratorExit))
        pieces.end(run_id, GeneratorExit() if left else None, result=shown)

    def fail(self, pieces: Pieces, run_id: UUID, error: BaseException) -> None:
        """End a piece with an error; after Stop raise `RunCancelled` in place of the cancellation."""
        piece = pieces.get(run_id)
        if piece is None:
            return
        if piece.above is not None and isinstance(error, Exception):
            piece.above.facts["failed"] = error
        own, task = piece.own, piece.task
        stopped = own is not None and own.stop_reason is not None  # before: the end of the run has a reason, too
        pieces.end(run_id, error)
        if own is not None and stopped and isinstance(error, asyncio.CancelledError):
            if task is not None:
                task.uncancel()
            raise own.stopped_error() from None


def _streamed(own: DrivenRun) -> object:
    """Return the text that was written last in a run, or None."""
    last = own.state.last_output
    return last.partial if last is not None else None


def _end_with_task(pieces: Pieces, run_id: UUID, task: asyncio.Task[Any]) -> None:
    pieces.end(run_id, asyncio.CancelledError() if task.cancelled() else GeneratorExit())


def keep_stop_quiet(handler: str) -> Callable[[], None]:
    """Keep Stop, where a handler of this name raises it, out of LangChain's log until the returned function is called.

    LangChain logs every error of a handler before it raises it, and Stop is the only one that leaves ours.
    """
    logger = logging.getLogger(_HANDLERS_LOG)
    quiet = _Quiet(handler)  # one for each watching, so that each takes back its own
    logger.addFilter(quiet)
    return lambda: logger.removeFilter(quiet)


class _Quiet(logging.Filter):
    """A filter that drops what LangChain logs of a handler when it raises Stop."""

    def __init__(self, handler: str) -> None:
        super().__init__()
        self._handler = handler

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is logged: all but those of Stop."""
        about = record.args if isinstance(record.args, tuple) else ()
        return not (isinstance(sys.exc_info()[1], RunCancelled) and self._handler in about)


def _caller_flags() -> int:
    """Return the flags of the function that invokes: a coroutine can be cancelled, a generator left early."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # no other way
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if not name.startswith((_MANAGER, "progressnb.")):
            return frame.f_code.co_flags
        frame = frame.f_back
    return 0
