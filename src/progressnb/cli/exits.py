"""The end of a command: its exit code, one line for an error, and Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

import progressnb
from progressnb.errors import (
    InputError,
    MissingExtraError,
    ModelError,
    OperationError,
    RunCancelled,
    ServeError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import FrameType

    from progressnb.folds.tree import RunTree

__all__ = ["FAILED", "INTERRUPTED", "REFUSED", "is_on_screen", "run", "stop"]

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
"""Exit codes: of a run that failed, of inputs that can't be worked on, and of Ctrl-C."""

_LINE_LIMIT = 700  # characters; the text of a provider's error may be a page

T = TypeVar("T")


def run(work: Callable[[], Awaitable[T]], *, printed: bool = False) -> T:
    """Run to the end and return the result; an error becomes one line on stderr and an exit code.

    A terminal shows neither twice: not the answer of a run whose result is `printed` to stdout, nor an error that
    the run's own report tells already.
    """

    async def main() -> T:
        with _interrupts_passed_on():
            return await work()

    # Pydantic-ai greets a terminal with a banner of ten lines, in the midst of the bars.
    os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")

    if printed and sys.stdout.isatty():
        from progressnb.display.window import Window

        Window.answers = False
    try:
        return asyncio.run(main())
    except (KeyboardInterrupt, RunCancelled):
        stop("cancelled", INTERRUPTED)
    except (InputError, ModelError, MissingExtraError, OperationError, ServeError) as error:
        _stop_for(error, str(error), REFUSED)
    except Exception as error:  # noqa: BLE001 - whatever a provider or an operation raises
        _stop_for(error, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, FAILED)


def is_on_screen() -> bool:
    """Tell whether the report of a run, with the answer and the notes, stands in the terminal that stdout is."""
    return _left() is not None and sys.stdout.isatty()


def _left() -> RunTree | None:
    # The module is loaded if a run has been drawn in a terminal.
    module = sys.modules.get("progressnb.display.window")
    return None if module is None else module.Window.left


def _stop_for(error: Exception, message: str, code: int) -> NoReturn:
    tree = _left()
    failure = tree["failure"] if tree is not None else None
    if failure is not None and failure["text"].startswith(type(error).__name__):
        raise typer.Exit(code)
    stop(message, code)


def stop(message: str, code: int) -> NoReturn:
    """End the process with one clean line on stderr and an exit code."""
    from progressnb.display.escape import clean_for_terminal
    from progressnb.wire.plain import one_line

    line = one_line(clean_for_terminal(message[: 2 * _LINE_LIMIT]), _LINE_LIMIT)
    typer.echo(f"progressnb: {line}".encode(sys.stderr.encoding or "ascii", "replace"), err=True)
    raise typer.Exit(code)


@contextlib.contextmanager
def _interrupts_passed_on() -> Generator[None]:
    """Tell runs that it was Ctrl-C: asyncio only cancels the task that awaits them."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    loop, pass_on = asyncio.get_running_loop(), before

    def interrupted(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(progressnb.cancel_all, "interrupted")
        pass_on(number, frame)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
