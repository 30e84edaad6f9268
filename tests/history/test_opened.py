"""Files that a call opens, as Python's audit events tell."""

from pathlib import Path
from types import FunctionType

from progressnb.history import opened


def test_files_that_are_opened(tmp_path: Path) -> None:
    """A file that is read while a block is at work is noted; one that it also writes to is no input."""
    read, written = tmp_path / "read.txt", tmp_path / "written.txt"
    read.write_text("a", encoding="utf-8")
    with opened.noting() as files:
        read.read_text(encoding="utf-8")
        written.write_text("b", encoding="utf-8")
        written.read_text(encoding="utf-8")
    assert files.paths == [str(read)]


def test_at_the_end_of_python(tmp_path: Path) -> None:
    """What hears of files needs no name of its module: at its end Python takes these away, and goes on to tell."""
    names = dict.fromkeys(vars(opened))
    hear = FunctionType(opened._hear.__code__, names, argdefs=opened._hear.__defaults__)
    hear("open", (str(tmp_path), "r", 0))
    hear("os.remove", (str(tmp_path), -1))
    hear("gc.collect", ())
