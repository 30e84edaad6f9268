"""LangChain and LangGraph: nodes, tools, retrievers and models of every chain report, and no chain is changed.

LangChain asks a context variable for handlers whenever something is invoked (`register_configure_hook`). The one here
has a handler as its default, so that it is found in every thread. The hook can't be taken back: `install` returns a
function that makes the handler inert, and LangChain then skips it.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from progressnb.errors import MissingExtraError, RunCancelled

try:
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.runnables.config import var_child_runnable_config
    from langchain_core.tracers.context import register_configure_hook
except ImportError as error:
    raise MissingExtraError(
        "the package langchain-core", f"none ({error})", "Install it: pip install langchain-core"
    ) from error

from progressnb.interop.langchain_parts import (
    Answer,
    attempt_of,
    interrupts_of,
    is_hidden,
    is_no_error,
    is_node,
    is_retry,
    model_of,
    plain,
    title_of,
    words_of,
)
from progressnb.interop.pieces import Piece, Pieces, current_task
from progressnb.tools import bind_call
from progressnb.tracking import internals, note_arguments, note_result
from progressnb.tracking.current import place_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from uuid import UUID

    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["install", "is_installed"]

_logger = logging.getLogger("progressnb")

_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_MANAGER = "langchain_core.callbacks"


def install(*, show: bool | None = None, contents: bool = True) -> Callable[[], None]:
    """Let everything that LangChain and LangGraph invoke report, until the returned function is called.

    Args:
        show: Whether a run that begins here is shown; None follows the session.
        contents: False leaves outputs, arguments and results out of all events.

    Returns:
        A function that ends this. Work that goes on then ends without further reports.

    """
    handler = _the_handler()
    pieces = handler.pieces = Pieces(show=show, contents=contents)
    forget = place_by(functools.partial(_place, pieces))

    def uninstall() -> None:
        forget()
        if handler.pieces is pieces:
            handler.pieces = None
        pieces.end_all()

    return uninstall


def is_installed() -> bool:
    """Return whether LangChain reports by its own hook."""
    return _the_handler.cache_info().currsize > 0 and _the_handler().pieces is not None


def _place(pieces: Pieces) -> tuple[ProgressTracker, StageHandle] | None:
    """Return the run and the stage of the code at work, which LangChain's own context tells."""
    config = var_child_runnable_config.get()
    manager = config.get("callbacks") if config else None
    parent: UUID | None = getattr(manager, "parent_run_id", None)
    return pieces.place(parent) if parent is not None else None


@functools.cache
def _the_handler() -> _Handler:
    handler = _Handler()
    # The default is what threads without a copied context find.
    variable: ContextVar[Any] = ContextVar("progressnb_langchain", default=handler)
    register_configure_hook(variable, inheritable=True)
    return handler


def _safely(method: Callable[..., None]) -> Callable[..., Any]:
    """Let a report that fails be logged and not reach the user's chain; only Stop does."""

    @functools.wraps(method)
    def call(self: _Handler, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever LangChain passes
        if (pieces := self.pieces) is None:
            return
        try:
            method(self, pieces, *args, **kwargs)
        except RunCancelled:
            raise
        except Exception:
            _logger.warning("could not report what LangChain does; it goes on", exc_info=True)

    return call


class _Handler(BaseCallbackHandler):
    """The one handler of this process; without `pieces` it is inert."""

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

    # --- chains, graphs and nodes ------------------------------------------------------------------

    @_safely
    def on_chain_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        inputs: object,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        run_type: str | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a chain, a graph or one of its nodes."""
        parent = pieces.get(parent_run_id)
        title = title_of(name, serialized, tags or ())
        hidden = is_hidden(title, run_type, tags or (), parent)
        again, attempt = is_retry(tags or ()), attempt_of(tags or (), metadata or {}, parent)
        piece = self._begin(pieces, run_id, parent_run_id, title, kind="chain", hidden=hidden, inputs=inputs)
        piece.facts |= {"name": title, "node": is_node(tags or ())}
        if attempt > 1 and piece.visible:
            piece.stage.update(message=f"attempt {attempt}", attempt=attempt)
        if parent is not None and (failed := parent.facts.pop("failed", None)) is not None:
            self._another_way(parent, failed, attempt if again else None)

    @_safely
    def on_chain_end(self, pieces: Pieces, outputs: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a chain, a graph or one of its nodes."""
        self._end(pieces, run_id, outputs)

    @_safely
    def on_chain_error(self, pieces: Pieces, error: BaseException, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a chain, a graph or one of its nodes that failed, or that waits for a person."""
        if (questions := interrupts_of(error)) is not None:
            self._wait(pieces, run_id, questions)
        elif is_no_error(error):
            self._end(pieces, run_id, None)
        else:
            self._fail(pieces, run_id, error)

    # --- tools and retrievers ----------------------------------------------------------------------

    @_safely
    def on_tool_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: Mapping[str, Any] | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a tool."""
        title = title_of(None, serialized, ()) if name is None else name
        arguments = dict(inputs) if isinstance(inputs, dict) else {"input": input_str}
        piece = self._begin(pieces, run_id, parent_run_id, title, kind="tool", inputs=input_str, arguments=arguments)
        if piece.visible:
            bind_call(piece.stage, title)

    @_safely
    def on_tool_end(self, pieces: Pieces, output: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a tool."""
        self._end(pieces, run_id, output)

    on_tool_error = on_chain_error

    @_safely
    def on_retriever_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a search."""
        title = title_of(name, serialized, ())
        self._begin(pieces, run_id, parent_run_id, title, kind="search", inputs=query, arguments={"query": query})

    @_safely
    def on_retriever_end(self, pieces: Pieces, documents: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a search."""
        self._end(pieces, run_id, documents)

    on_retriever_error = on_chain_error

    # --- models ------------------------------------------------------------------------------------

    @_safely
    def on_chat_model_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        messages: Sequence[object],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: Mapping[str, Any] | None = None,
        invocation_params: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a request to a model."""
        model = model_of(metadata or {}, invocation_params or {})
        title = name or model or title_of(None, serialized, ())
        inputs = messages[0] if messages else None
        structured = bool((options or {}).get("ls_structured_output_format"))
        piece = self._begin(pieces, run_id, parent_run_id, title, kind="model", inputs=inputs, model=model)
        piece.facts["answer"] = answer = Answer(piece.stage, model, structured=structured, shared=not piece.visible)
        answer.wait()

    on_llm_start = on_chat_model_start

    @_safely
    def on_llm_new_token(
        self,
        pieces: Pieces,
        token: object,
        *,
        run_id: UUID,
        chunk: object = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Write a piece of a model's answer."""
        piece = pieces.get(run_id)
        if piece is not None and not piece.stage.ended:
            piece.check()
            piece.facts["answer"].add(getattr(chunk, "message", None), token)

    @_safely
    def on_stream_event(self, pieces: Pieces, event: Mapping[str, Any], *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """Write a piece of a model's answer, of the newer kind of streams."""
        piece = pieces.get(run_id)
        if piece is not None and not piece.stage.ended:
            piece.check()
            piece.facts["answer"].add_event(event)

    @_safely
    def on_llm_end(self, pieces: Pieces, response: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a request: its tokens, and the whole answer where it did not come in pieces."""
        piece = pieces.get(run_id)
        if piece is None:
            return
        answer: Answer = piece.facts["answer"]
        message = answer.end(response) if not piece.stage.ended else None
        pieces.end(run_id, result=plain(message))

    @_safely
    def on_llm_error(self, pieces: Pieces, error: BaseException, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a request that failed."""
        self._fail(pieces, run_id, error)

    # --- what they share ---------------------------------------------------------------------------

    def _begin(
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
            task.add_done_callback(lambda _: pieces.end(run_id, asyncio.CancelledError()))
        piece.facts["streams"] = bool(flags & _GENERATOR)
        return piece

    def _end(self, pieces: Pieces, run_id: UUID, output: object) -> None:
        piece = pieces.get(run_id)
        if piece is None:
            return
        shown = plain(output) if piece.visible or piece.own is not None else None
        if piece.visible and not piece.stage.ended:
            if piece.above is not None or piece.own is None:  # a run has its result itself
                note_result(piece.stage, shown)
            if piece.root is piece and piece.facts.get("waits"):
                piece.stage.update(message="waits for an answer")
        goes_on = any(each.stage.status != "waiting" for each in list(piece.below.values()))
        left = piece.facts.get("streams") and (goes_on or isinstance(sys.exc_info()[1], GeneratorExit))
        pieces.end(run_id, GeneratorExit() if left else None, result=shown)

    def _fail(self, pieces: Pieces, run_id: UUID, error: BaseException) -> None:
        piece = pieces.get(run_id)
        if piece is None:
            return
        if piece.above is not None and isinstance(error, Exception):
            piece.above.facts["failed"] = error
        own, task = piece.own, piece.task
        pieces.end(run_id, error)
        if own is not None and own.reason is not None and isinstance(error, asyncio.CancelledError):
            if task is not None:
                task.uncancel()
            raise own.stopped() from None

    def _wait(self, pieces: Pieces, run_id: UUID, questions: list[Any]) -> None:
        """Let a node wait for a person until its graph returns."""
        piece = pieces.get(run_id)
        if piece is None:
            return
        piece.root.facts["waits"] = True
        if piece.above is None:
            self._end(pieces, run_id, None)
        elif piece.visible and not piece.stage.ended:
            if questions:
                note_arguments(piece.stage, {"question": plain(questions[0] if len(questions) == 1 else questions)})
            internals(piece.stage).life.set_status("waiting", "waits for an answer", waiting_for="answer")

    def _another_way(self, parent: Piece, error: Exception, attempt: int | None) -> None:
        """Report that a chain tries again, or falls back, after one of its parts has failed."""
        if not parent.visible or parent.stage.ended:
            return
        if attempt is not None:
            internals(parent.stage).life.set_status("retrying", f"retrying, attempt {attempt}", attempt=attempt)
        elif str(parent.facts.get("name", "")).startswith("RunnableWithFallbacks"):
            parent.stage.fall_back(error)


def _caller_flags() -> int:
    """Return the flags of the function that invokes: a coroutine can be cancelled, a generator left early."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # no other way
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if not name.startswith((_MANAGER, "progressnb.")):
            return frame.f_code.co_flags
        frame = frame.f_back
    return 0
