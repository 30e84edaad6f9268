"""Environments of their own for what tests are measured with: they want other versions of libraries than we do.

Each lies below build/, is made at its first use from what pip or npm is told by its own settings, and is made anew if
what it should hold changes.
"""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

__all__ = ["BUILD", "HERE", "ROOT", "node_environment", "python_environment"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "generate_tests"


def is_made(folder: Path, wanted: str) -> bool:
    """Tell whether a folder holds what is wanted, as `say_made` has said."""
    done = folder / "made.txt"
    return done.exists() and done.read_text(encoding="utf-8") == wanted


def say_made(folder: Path, wanted: str) -> None:
    """Say in a folder that it holds what is wanted. A folder that was left half made does not say so."""
    (folder / "made.txt").write_text(wanted, encoding="utf-8")


def python_environment(name: str, requirements: Path) -> Path:
    """Return the Python of an environment that has the requirements of a file."""
    folder = BUILD / name
    python = folder / "bin" / "python"
    wanted = requirements.read_text(encoding="utf-8")
    if not is_made(folder, wanted):
        print(f"making {folder.relative_to(ROOT)}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        install = [
            str(python),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "-r",
            str(requirements),
        ]
        subprocess.run(install, check=True)  # noqa: S603 - of our own tools
        say_made(folder, wanted)
    return python


def node_environment(name: str, package: str, program: str) -> Path:
    """Return a program of a package of npm, with its version, such as `"@stoplight/prism-cli@5"`. Needs Node.js."""
    folder = BUILD / name
    if not is_made(folder, package):
        print(f"making {folder.relative_to(ROOT)}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", package]
        subprocess.run(install, cwd=folder, check=True, env=os.environ)  # noqa: S603 - of our own tools
        say_made(folder, package)
    return folder / "node_modules" / ".bin" / program
