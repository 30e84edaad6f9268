"""The outputs of a command: files that can be written are checked before the work, results go to stdout or a file."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, cast

import typer

from progressnb.cli.exits import FAILED, REFUSED, stop
from progressnb.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["check_out", "print_text", "result_text", "save", "say"]


def check_out(out: Path | None, *sources: Path, check: Callable[[Path], None] | None = None) -> None:
    """Refuse a file that can't be written before the work begins, and make the directories above it.

    `sources` are the files that are read. `check` raises `InputError` or `MissingExtraError` for another suffix.
    """
    if out is None:
        return
    try:
        if out.is_dir():
            stop(f"expected a file for --out, got the directory {out}. Add a name, such as {out / 'out.md'}.", REFUSED)
        if any(source.exists() and out.exists() and out.samefile(source) for source in sources):
            stop(f"expected a new file for --out, got {out}, which is read from. Give another name.", REFUSED)
        if check is not None:
            check(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        new = not out.exists()
        if new or out.is_file():  # a pipe would be closed by trying
            with out.open("ab"):
                pass
        if new:
            out.resolve().unlink()
    except (InputError, MissingExtraError) as error:
        stop(f"--out: {error}", REFUSED)
    except (OSError, ValueError) as error:
        stop(f"expected a file that can be written for --out, got {out} ({_reason(error)}). Give another.", REFUSED)


def save(write: Callable[[], object], out: Path, text: str, *, name: str) -> None:
    """Write a file; where that fails, print the text of the result, which is not thrown away, and stop.

    `name` says what the text is. The work is done by then, and perhaps paid for.
    """
    try:
        write()
    except (OSError, ValueError) as error:
        print_text(text)
        stop(f"{out} could not be written ({_reason(error)}); {name} above, on stdout.", FAILED)


def print_text(text: str) -> None:
    """Print a text to stdout: clean in a terminal, as it is in a pipe or a file."""
    if sys.stdout.isatty():
        from progressnb.display.escape import clean_for_terminal

        text = clean_for_terminal(text)
    # Bytes: UTF-8 in every pipe, whatever the locale says.
    typer.echo((text.rstrip("\n") + "\n").encode("utf-8", "replace"), nl=False)


def say(text: str, *, err: bool = False) -> None:
    """Print a line of ours, with words of others in it, to stdout or stderr: without escape sequences and controls."""
    from progressnb.display.escape import clean_for_terminal

    stream = sys.stderr if err else sys.stdout
    typer.echo(clean_for_terminal(text).encode(stream.encoding or "ascii", "replace"), err=err)


def result_text(result: object) -> str:
    """Return a result as text: a string as it is, a table as CSV, anything else as JSON."""
    if isinstance(result, str):
        return result
    # Its package is loaded already if this is a table; pandas is not loaded to find that out.
    frame = getattr(sys.modules.get("pandas"), "DataFrame", None)
    if frame is not None and isinstance(result, frame):
        from progressnb.frames import csv_text

        return csv_text(cast("Any", result))
    from progressnb.wire.plain import jsonable

    return json.dumps(jsonable(result), ensure_ascii=False, indent=2)


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
