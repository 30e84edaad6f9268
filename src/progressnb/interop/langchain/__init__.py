"""LangChain and LangGraph: nodes, tools, retrievers and models of every chain report, and no chain is changed.

LangChain asks a context variable for handlers whenever something is invoked (`register_configure_hook`). The one here
has a handler as its default, so that it is found in every thread. The hook can't be taken back: `install` returns a
function that makes the handler inert, and LangChain then skips it.
"""

from __future__ import annotations

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from progressnb.errors import MissingExtraError

try:
    from langchain_core.runnables.config import var_child_runnable_config
    from langchain_core.tracers.context import register_configure_hook
except ImportError as error:
    raise MissingExtraError(
        "the package langchain-core", f"none ({error})", "Install it: pip install langchain-core"
    ) from error

from progressnb.interop.langchain.base import keep_stop_quiet
from progressnb.interop.langchain.chains import Chains
from progressnb.interop.langchain.models import Models
from progressnb.interop.pieces import Pieces
from progressnb.tracking.current import place_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from progressnb.tracking import ProgressTracker, StageHandle

__all__ = ["install", "is_installed"]


class _Handler(Chains, Models):
    """The one handler of this process."""


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
    unquiet = keep_stop_quiet(type(handler).__name__)

    def uninstall() -> None:
        forget()
        unquiet()
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
