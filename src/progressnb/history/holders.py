"""The holder of a lease: the process that works on a run, and whether it is gone."""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import platform
from pathlib import Path
from typing import Any

__all__ = ["BEAT", "PATIENCE", "holder_of_process", "is_gone", "is_here", "word_holder"]

BEAT = 10.0
"""Seconds between two signs of life of a holder."""

PATIENCE = 60.0
"""Seconds without a sign of life after which a holder on another machine counts as gone."""


def holder_of_process() -> str:
    """Return the text that names this process: its machine, the start of that machine, its id and its own start."""
    return _holder(os.getpid())


@functools.lru_cache(4)
def _holder(pid: int) -> str:
    boot = _read("/proc/sys/kernel/random/boot_id")
    space = ""
    with contextlib.suppress(OSError, AttributeError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return json.dumps({"host": platform.node(), "boot": boot, "space": space, "pid": pid, "started": _started(pid)})


def is_here(holder: str) -> bool:
    """Return whether a holder is this very process."""
    return holder == holder_of_process()


def is_gone(holder: str, silent: float) -> bool:  # noqa: PLR0911 - each place has its answer
    """Return whether a holder has ended, which has been silent for so many seconds.

    On this machine the process itself is looked for, and one of the same id that began later is another. Of another
    machine or container nothing can be seen: it counts as gone after a minute without a sign of life.
    """
    if is_here(holder):
        return False
    try:
        theirs, ours = json.loads(holder), json.loads(holder_of_process())
        if theirs["host"] != ours["host"]:
            return silent > PATIENCE
        if theirs["boot"] != ours["boot"]:
            return True
        if theirs["space"] != ours["space"]:
            return silent > PATIENCE
        pid, started = int(theirs["pid"]), theirs["started"]
    except (ValueError, KeyError, TypeError):  # of a newer version
        return silent > PATIENCE
    now = _started(pid)
    if now == "":  # nothing is known but its id
        return not _exists(pid)
    return now is None or (started not in ("", None) and now != started)


def word_holder(holder: str) -> str:
    """Return the holder in words: "process 1234 on laptop"."""
    if is_here(holder):
        return "this process"
    try:
        named = json.loads(holder)
        return f"process {named['pid']} on {named['host']}"
    except (ValueError, KeyError, TypeError):
        return "another process"


def _started(pid: int) -> str | None:
    """Return when a process began, None for one that has ended, an empty text where that can't be known."""
    if Path("/proc/self/stat").exists():
        text = _read(f"/proc/{pid}/stat")
        fields = text.rpartition(")")[2].split()
        return None if not fields or fields[0] in "ZX" else fields[19]
    with contextlib.suppress(ImportError):
        psutil: Any = importlib.import_module("psutil")  # comes with ipykernel
        try:
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
        except psutil.NoSuchProcess:
            return None
        except psutil.Error:
            return ""
    return ""


def _exists(pid: int) -> bool:
    if os.name == "nt":  # there `kill` would end it; without psutil nothing is known
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of another user
        return True
    return True


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
