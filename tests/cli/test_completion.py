"""Completion in a shell: names of commands and operations, and their options, without loading what they run."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

COMMANDS = ["batch", "chart", "customize", "demo", "generate", "generate_tests", "run_tools", "serve", "tests"]

# In one process, since each start takes time: what is loaded at its end was loaded by one of the completions.
SCRIPT = """
import contextlib, io, json, os, sys
from progressnb.cli import main
found = {}
for line in json.loads(sys.argv[1]):
    words = line.split(" ")
    os.environ |= {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_PROGRESSNB_COMPLETE": "complete_bash"}
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main()
    found[line] = out.getvalue().split()
heavy = {"IPython", "altair", "duckdb", "fastapi", "ipywidgets", "pandas", "pydantic_ai", "rapidfuzz", "rich.console"}
print(json.dumps([found, sorted(heavy & {*sys.modules})]))
"""


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a user: nothing of pytest's, of coverage's or of a completion."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST", "COMP_"))}
    return {**kept, **more}


def complete(*lines: str) -> tuple[dict[str, list[str]], list[str]]:
    """Complete lines; return what each is completed to, and which heavy packages that loaded."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    found, loaded = json.loads(done.stdout)
    return found, loaded


def test_completes_what_there_is_and_loads_nothing_heavy() -> None:
    """Built-in commands, those written by hand and bare operations are completed, and the options of each."""
    options = {
        "chart": {"--model", "--out"},
        "customize": {"--model", "--out", "--instructions"},
        "demo": {"--model", "--pace"},
        "generate": {"--model", "--instructions", "--expected-length", "--out"},
        "run_tools": {"--concurrency", "--out"},
        "serve": {"--port", "--host"},
        "tests": {"--model", "--endpoint"},
    }
    lines = [
        "progressnb ",
        "progressnb gen",
        "progressnb zz",
        "progressnb --v",
        *(f"progressnb {n} --" for n in options),
    ]
    found, loaded = complete(*lines)
    assert loaded == []
    assert found["progressnb "] == COMMANDS
    assert found["progressnb gen"] == ["generate", "generate_tests"]
    assert found["progressnb zz"] == []
    assert found["progressnb --v"] == ["--version"]
    for name, expected in options.items():
        assert {*found[f"progressnb {name} --"]} >= expected, name


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_install_writes_the_user_s_own_settings(shell: str, tmp_path: Path) -> None:
    """`--install-completion` writes below the user's home folder, for the shell that it is called from."""
    env = environment(HOME=str(tmp_path), _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    command = [sys.executable, "-m", "progressnb", "--install-completion", shell]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "_PROGRESSNB_COMPLETE" in written


def test_bash_completes() -> None:
    """A real bash that has read the script completes the name of an operation."""
    scripts = sysconfig.get_path("scripts")
    code = (
        'eval "$(_PROGRESSNB_COMPLETE=source_bash progressnb)"; complete -p progressnb; '
        "COMP_WORDS=(progressnb gene); COMP_CWORD=1; _progressnb_completion progressnb; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    env = environment(PATH=f"{scripts}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, env=env)  # noqa: S607 - on PATH
    declared, *found = done.stdout.splitlines()
    assert declared.startswith("complete ")
    assert found == ["generate", "generate_tests"]
