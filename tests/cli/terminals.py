"""Programs in real pseudo-terminals, and the screen that a person would see."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Program"]

WAIT = 30.0  # seconds until a condition counts as never to come, also on a busy machine


class Program:
    """A Python program in a pseudo-terminal of 24 lines and 80 columns, which is the program's controlling one or not.

    Attributes:
        raw: All that it wrote.

    """

    def __init__(self, folder: Path, code: str, *, controlling: bool = True) -> None:
        path = folder / "program.py"
        path.write_text(code, encoding="utf-8")
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        environment = {key: value for key, value in os.environ.items() if key not in ("CI", "PROGRESSNB_DISPLAY")}
        environment |= {"TERM": "xterm", "COLUMNS": "80", "LINES": "24", "PYTHONWARNINGS": "default"}
        self.process = subprocess.Popen(
            [sys.executable, str(path)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=folder,
            start_new_session=True,
            # The terminal that /dev/tty names.
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if controlling else None,  # noqa: PLW1509
        )
        os.close(slave)
        self._screen = pyte.HistoryScreen(80, 24, history=10_000)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def __enter__(self) -> Self:
        """Return the program."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(WAIT)
        os.close(self._master)

    def type(self, text: str) -> None:
        """Type text, as a person does."""
        os.write(self._master, text.encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Read until a condition holds; fail when it never does."""
        deadline = time.monotonic() + WAIT
        while not condition():
            assert time.monotonic() < deadline, self.text()
            self._read()

    def wait(self, seconds: float) -> None:
        """Read for some time, where the promise is that nothing comes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()

    def end(self) -> int:
        """Read to the end; return the exit status."""
        self.until(lambda: not self._read() and self.process.poll() is not None)
        return self.process.wait(WAIT)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 0.05)[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # the other end is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    @property
    def cursor_is_hidden(self) -> bool:
        """Whether the cursor is hidden."""
        return bool(self._screen.cursor.hidden)

    def lines(self) -> list[str]:
        """Return what a person sees after scrolling up: all lines, without blank ones."""
        history = ["".join(row[column].data for column in range(80)) for row in self._screen.history.top]
        return [line.rstrip() for line in [*history, *self._screen.display] if line.strip()]

    def text(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines())
