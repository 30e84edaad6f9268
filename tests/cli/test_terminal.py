"""The command in a real terminal: nothing is said twice there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

PROMPT = """Summarize: The tide comes in twice a day. It follows the Moon around the Earth.

The Moon is far away, and it pulls at the sea on both sides."""


def in_terminal(*arguments: str, stdout: bool = True) -> tuple[int, str]:
    """Run the command in a terminal of 100 columns; return its exit code and what stays there, as text."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "PROGRESSNB_MODEL": "offline", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "progressnb", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs if stdout else subprocess.PIPE,
        stderr=theirs,
        env={name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")},
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the end of a terminal
            break
        if not part:
            break
        written += part
    os.close(ours)
    printed = process.communicate()[0] or b""
    frames = re.split(rb"\r\x1b\[2K(?:\x1b\[1A\x1b\[2K)*", written)
    text = re.sub(rb"\x1b\[[\d;?]*[A-Za-z]|\r", b"", frames[-1]).decode()
    return process.returncode, text + printed.decode()


def test_the_demo_tells_its_score_once() -> None:
    """In a terminal the report of the run has the score, and stdout does not repeat it."""
    code, text = in_terminal("demo", "--pace", "0")
    assert code == 0
    assert text.count("Match 33 of 100") == 1
    assert "Match score" not in text
    assert "Add -o out.md" in text


@pytest.mark.parametrize("stdout", [True, False])
def test_a_printed_answer_stands_there_once(*, stdout: bool) -> None:
    """A result that goes to the same terminal is not in the report too; where stdout is a pipe, both have it."""
    code, text = in_terminal("generate", PROMPT, stdout=stdout)
    assert code == 0
    assert text.count("It follows the Moon") == (1 if stdout else 2), text


def test_an_error_is_told_once() -> None:
    """An error that the report tells is not told again below it; the exit code is the same."""
    code, text = in_terminal("generate", "Write about tides.")
    assert code == 2
    assert text.count("got fixed rules") == 1
