"""Python processes for work that has to be stoppable: a short environment, bounded time, bounded output.

Some libraries hold Python's lock for seconds, or run what nothing can interrupt. In a process of its own such work
stops no notebook and no server. It can be killed, and then all memory that it took is free again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import BinaryIO, cast

__all__ = ["PythonProcessError", "begin_python", "end_process", "error_line", "run_python"]

MOST_BYTES = 200_000_000
"""Bytes of output that `run_python` takes by default."""

_ERROR_BYTES = 64_000
"""Bytes of error output that are kept: the last ones, where Python writes the error itself."""

# Secrets of the notebook's environment, such as keys of models, stay out of the process.
_VARIABLES = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH"),
        *("DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    }
)


class PythonProcessError(Exception):
    """A Python process that failed; the message is one line that says why."""


def begin_python(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a Python process with pipes to its three streams.

    It finds the modules that this process finds. Files in the current directory are no modules there, and of the
    environment it gets only variables such as `PATH` and `LANG`.

    Args:
        program: Python source code to run.
        *arguments: Texts that the program finds in `sys.argv[1:]`.

    Returns:
        The process. The caller ends it with `end_process`.

    Raises:
        OSError: No Python interpreter can be started, such as where Python is embedded in another program.

    """
    environment = {name: value for name, value in os.environ.items() if _is_kept(name)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    try:
        return subprocess.Popen(  # noqa: S603 - the program comes from progressnb itself
            [sys.executable, "-P", "-c", program, *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except (OSError, TypeError) as error:  # a TypeError where `sys.executable` is None
        raise OSError(f"{sys.executable!r} ({error})") from None


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that `begin_python` started, close its pipes, and wait until it is gone."""
    process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):  # what is still to be written has no reader any more
            cast("BinaryIO", pipe).close()
    process.wait()


def run_python(program: str, *arguments: str, given: bytes, seconds: float, most: int = MOST_BYTES) -> bytes:
    """Run a Python program to its end and return what it wrote to its standard output.

    The process is killed when time is up, when it writes too much, and when this call is interrupted.

    Args:
        program: Python source code to run, see `begin_python`.
        *arguments: Texts that the program finds in `sys.argv[1:]`.
        given: Bytes for its standard input.
        seconds: Time that it may take, its start included.
        most: Bytes that it may write.

    Returns:
        The bytes of its standard output.

    Raises:
        TimeoutError: It takes longer.
        PythonProcessError: It ended with an error, or wrote too much.
        OSError: No Python interpreter can be started.

    Example:
        ::

            run_python("import sys; sys.stdout.write(sys.stdin.read().upper())", given=b"abc", seconds=10.0)  # b"ABC"

    """
    ends = time.monotonic() + seconds
    process = begin_python(program, *arguments)
    threads = ThreadPoolExecutor(3, "progressnb process")  # one a pipe: none of them may fill up
    try:
        threads.submit(_write, cast("BinaryIO", process.stdin), given)
        errors = threads.submit(_read_tail, cast("BinaryIO", process.stderr))
        output = threads.submit(cast("BinaryIO", process.stdout).read, most + 1).result(seconds)
        if len(output) > most:
            raise PythonProcessError(f"more than {most:,} bytes of output")
        code = process.wait(max(0.0, ends - time.monotonic()))
        if code:
            raise PythonProcessError(error_line(errors.result()) or f"exit code {code}")
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    finally:
        process.kill()
        threads.shutdown()
        end_process(process)
    return output


def error_line(output: bytes) -> str:
    """Return the line of a process's error output that names the error: the last with `Error:`, else the last."""
    lines = output.decode(errors="replace").strip().splitlines() or [""]
    return next((line for line in reversed(lines) if "rror:" in line), lines[-1])


def _is_kept(name: str) -> bool:
    return name.upper() in _VARIABLES or name.startswith("LC_")


def _write(pipe: BinaryIO, content: bytes) -> None:
    with suppress(OSError):  # a process that has ended reads nothing
        pipe.write(content)
        pipe.close()


def _read_tail(pipe: BinaryIO) -> bytes:
    kept = b""
    while piece := pipe.read(4096):
        kept = (kept + piece)[-_ERROR_BYTES:]
    return kept
