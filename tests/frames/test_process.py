"""Python processes: what they may take, what they see, and how they end."""

import json
import os
import sys
from pathlib import Path

import pytest

from progressnb.frames import PythonProcessError, begin_python, end_process, run_python

pytestmark = pytest.mark.integration

SECONDS = 60.0


def test_its_output() -> None:
    """A program reads what it is given and its arguments, and its output comes back whole."""
    program = "import sys; sys.stdout.write(sys.stdin.read() * int(sys.argv[1]))"
    assert run_python(program, "100000", given=b"abc", seconds=SECONDS) == b"abc" * 100_000


def test_full_pipes() -> None:
    """A program that reads nothing and fills both of its output pipes ends all the same."""
    program = "import sys; sys.stderr.write('e' * 500_000); sys.stdout.write('o' * 500_000)"
    assert len(run_python(program, given=b"i" * 500_000, seconds=SECONDS)) == 500_000


def test_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets of the environment stay out of the process, and no variable of Python's changes what it does."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("PYTHONSTARTUP", "somewhere.py")
    monkeypatch.setenv("LC_NUMERIC", "C")
    seen = json.loads(run_python("import json, os; print(json.dumps(dict(os.environ)))", given=b"", seconds=SECONDS))
    assert not {"OPENAI_API_KEY", "PYTHONSTARTUP"} & set(seen)
    assert (seen["LC_NUMERIC"], seen["PATH"]) == ("C", os.environ["PATH"])


def test_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds the modules that are found here, and takes no file of the current directory for a module."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "json.py").write_text("raise SystemExit('not this one')")
    (tmp_path / "found_here.py").write_text("WORD = 'found'")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path / "here")
    program = "import json, sys, found_here; sys.stdout.write(found_here.WORD)"
    assert run_python(program, given=b"", seconds=SECONDS) == b"found"


def test_bounds() -> None:
    """Too much output and too much time are errors, and the process is gone."""
    with pytest.raises(PythonProcessError, match="more than 1,000 bytes"):
        run_python("while True: print('x' * 1000)", given=b"", seconds=SECONDS, most=1_000)
    with pytest.raises(TimeoutError):
        run_python("input()\nwhile True: pass", given=b"\n", seconds=0.01)


def test_its_error() -> None:
    """A program that fails is an error of one line: that which names the error."""
    with pytest.raises(PythonProcessError, match=r"^ValueError: of this$"):
        run_python("raise ValueError('of this')", given=b"", seconds=SECONDS)
    with pytest.raises(PythonProcessError, match="exit code 3"):
        run_python("raise SystemExit(3)", given=b"", seconds=SECONDS)


def test_an_end() -> None:
    """A process that is ended is gone at once, and so are its pipes."""
    process = begin_python("input()")
    end_process(process)
    assert process.returncode is not None
    assert process.stdout is not None
    assert process.stdout.closed


@pytest.mark.parametrize("executable", ["", "/nowhere/python", None])
def test_no_python(executable: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Python can be started, that is an `OSError` with its name."""
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(OSError, match=repr(executable)):
        begin_python("")
