"""The files that a call reads and the folders that it lists, as Python's audit events tell while it is at work."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from progressnb.wire.files import open_regular
from progressnb.wire.forks import after_fork

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Opened", "noting"]

_EVENTS = frozenset(("open", "os.listdir", "os.scandir", "os.rename", "os.remove"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_OTHERS = (
    *(f"{os.path.realpath(path)}{os.sep}" for path in sysconfig.get_paths().values()),
    *("/proc/", "/sys/", "/etc/", "/usr/share/", "/usr/lib/"),
)
_READERS = tuple(os.sep + name for name in ("tokenize.py", "linecache.py", f"history{os.sep}files.py"))
"""Code that reads source files, which count by their code, and our own."""


class Opened:
    """The files that one call opens, of which 1,000 are compared. What it also writes to is no input.

    Attributes:
        appended: The files that it appends to: logs.

    """

    MOST = 1_000

    def __init__(self, above: Opened | None) -> None:
        self._above = above
        self._read: dict[str, None] = {}
        self._written: set[str] = set()
        self.appended: set[str] = set()
        self._lock = threading.Lock()

    @property
    def paths(self) -> list[str]:
        """The files that were read; the name of a folder that was listed ends with a slash."""
        with self._lock:
            return [path for path in self._read if path not in self._written]

    @property
    def is_over(self) -> bool:
        """Whether it read more files than are compared."""
        return len(self._read) > self.MOST

    def note(self, path: str, *, is_written: bool) -> None:
        """Take note of a file, also for the call in which this one is made."""
        with self._lock:
            if is_written:
                self._written.add(path)
            elif len(self._read) <= self.MOST:
                self._read[path] = None
        if self._above is not None:
            self._above.note(path, is_written=is_written)

    def append(self, path: str) -> None:
        """Take note of a file that is appended to."""
        self.appended.add(path)
        if self._above is not None:
            self._above.append(path)


_current: ContextVar[Opened | None] = ContextVar("progressnb_opened", default=None)
_hooked: list[bool] = []
after_fork(lambda: _current.set(None))


@contextmanager
def noting() -> Generator[Opened]:
    """Take note of the files that a block opens, also in the threads and tasks that it begins with its context."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_hear)
    opened = Opened(_current.get())
    token = _current.set(opened)
    try:
        yield opened
    finally:
        with contextlib.suppress(ValueError):  # closed in another context
            _current.reset(token)


# What it needs is bound here: at the end of Python hooks are still called when the names of modules are gone.
def _hear(
    event: str,
    arguments: tuple[Any, ...],
    events: frozenset[str] = _EVENTS,
    current: ContextVar[Opened | None] = _current,
) -> None:
    if event not in events or (opened := current.get()) is None:
        return
    with contextlib.suppress(Exception):  # of whatever the user's code passed; it must not fail here
        _note(opened, event, arguments)


def _note(opened: Opened, event: str, arguments: tuple[Any, ...]) -> None:
    place = arguments[1] if event == "os.rename" else arguments[0]
    if place is None or isinstance(place, int):
        return
    path = os.path.abspath(os.fsdecode(place))  # noqa: PTH100 - it must run no code that opens files
    frame = sys._getframe(2)  # noqa: SLF001 - who opens it # pyright: ignore[reportPrivateUsage]
    if frame.f_code is open_regular.__code__ and frame.f_back is not None:
        frame = frame.f_back  # who asked it to
    reader = frame.f_code.co_filename
    if path.startswith(_OTHERS) or reader.startswith("<frozen ") or reader.endswith(_READERS):
        return
    if event == "open":
        mode, flags = arguments[1], arguments[2]
        is_written = not {*str(mode or "r")}.isdisjoint("wax+") or bool(flags & _WRITING)
        opened.note(path, is_written=is_written)
        if "a" in str(mode):
            opened.append(path)
    elif event in ("os.listdir", "os.scandir"):
        opened.note(path.rstrip(os.sep) + os.sep, is_written=False)
    else:
        opened.note(path, is_written=True)
