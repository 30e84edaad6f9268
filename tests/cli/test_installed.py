"""A package that a stranger installs: its operation runs by the command line, by a server, and when it is resumed.

The package and this project are built as wheels and installed into an environment of their own, without a network.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.0"

[project.entry-points."progressnb.operations"]
{points}

[tool.hatch.build.targets.wheel]
packages = ["{name}"]
"""

GREETINGS = '''
"""A stranger's operations, and a result that says how it looks."""

from dataclasses import dataclass
from pathlib import Path

import progressnb as pnb


@dataclass
class Greeting:
    text: str

    def save(self, path: Path) -> None:
        Path(path).write_text(f"saved: {self.text}")

    def _progressnb_view_(self) -> list[dict[str, str]]:
        return [{"type": "headline", "text": self.text}]


async def _spoken(name: str) -> str:
    return f"Hello {name}"


@pnb.operation(stages=["speak", "send"])
async def greet(tracker: pnb.ProgressTracker, name: str, *, times: int = 1, outbox: str = "") -> Greeting:
    """Greet somebody."""
    text = await tracker.stage("speak").run(_spoken, name)
    async with tracker.stage("send"):
        if outbox:
            Path(outbox).read_text()
    return Greeting(", ".join([text] * times))
'''

RUN_AND_FAIL = """
import progressnb as pnb
pnb.use_history("runs.db", contents=True)
from greetings.work import greet
run = greet("Ada", outbox="outbox.txt", show=False)
try:
    run.wait()
except FileNotFoundError:
    print(run.id)
"""

RESUME = """
import sys
import progressnb as pnb
history = pnb.use_history("runs.db", contents=True)
assert "greetings" not in sys.modules
run = pnb.resume_run(sys.argv[1], show=False)
print(run.wait().text)
print([stage.data.get("source") for stage in run.state.stages])
"""


class Place:
    """An environment with the stranger's package and this project, and a directory to work in."""

    def __init__(self, path: Path) -> None:
        self.bin, self.work = path / "env" / ("Scripts" if os.name == "nt" else "bin"), path / "work"
        self.work.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV", "PROGRESSNB"))
        } | {"PROGRESSNB_MODEL": "offline"}

    def call(self, *command: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment to its end."""
        program, *arguments = map(str, command)
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done


def build(project: Path, target: Path) -> None:
    """Build the wheel of a project; with the backend itself, so without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    built = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr


def write_package(path: Path, name: str, source: str, **points: str) -> Path:
    """Write a package with operations, and return its folder."""
    folder = path / name
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    (folder / name / "work.py").write_text(source)
    lines = "\n".join(f'{key} = "{value}"' for key, value in points.items())
    (folder / "pyproject.toml").write_text(PROJECT.format(name=name, points=lines))
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Make the environment: the libraries are those of the tests' own one, the packages are installed."""
    path = tmp_path_factory.mktemp("installed")
    wheels = path / "wheels"
    build(ROOT, wheels)
    build(write_package(path, "greetings", GREETINGS, greet="greetings.work:greet"), wheels)
    build(write_package(path, "broken", "import no_such_module", broken="broken.work:broken"), wheels)
    venv.create(path / "env", symlinks=True)
    made = Place(path)
    base = {"base": str(path / "env"), "platbase": str(path / "env")}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=base))
    install = ["install", "--quiet", "--no-deps", "--no-index", f"--target={packages}", "--ignore-installed"]
    command = [sys.executable, "-m", "pip", *install, *map(str, wheels.glob("*.whl"))]
    subprocess.run(command, check=True, capture_output=True)
    # Behind what is installed there: libraries are found, this checkout's own installation is not.
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return made


def test_by_the_command_line(place: Place) -> None:
    """The operation is a command with its arguments and options; what it gives is printed or saves itself."""
    run = ("python", "-m", "progressnb")
    assert re.search(r"greet +from greetings", place.call(*run, "--help").stdout)
    done = place.call(*run, "greet", "Ada", "--times", 2)
    assert json.loads(done.stdout) == {"text": "Hello Ada, Hello Ada"}
    assert "Speak: finished" in done.stderr
    place.call(*run, "greet", "Ada", "-o", "out.txt")
    assert (place.work / "out.txt").read_text() == "saved: Hello Ada"
    assert "outbox" in place.call(*run, "greet", "--help").stdout


def test_a_broken_package_breaks_itself_alone(place: Place) -> None:
    """A package that can't be imported is a line that names it; the other commands work."""
    done = place.call("python", "-m", "progressnb", "broken", code=2)
    assert "package broken" in done.stderr
    assert "no_such_module" in done.stderr
    assert "Traceback" not in done.stderr
    assert "broken" not in place.call("python", "-m", "progressnb", "greet", "Ada").stderr


@pytest.fixture
def server(place: Place) -> Iterator[tuple[str, list[str]]]:
    """Serve all that is installed; give the address and the lines that were said until then."""
    command = [str(place.bin / "python"), "-m", "progressnb", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=place.work, env=place.environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines: list[str] = []
        while "Ctrl-C" not in "".join(lines[-1:]):
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        yield re.findall(r"http://\S+:\d+", "".join(lines))[0], lines
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_by_a_server(server: tuple[str, list[str]]) -> None:
    """`progressnb serve` offers it to clients beside the shipped operations, whatever else is broken."""
    url, lines = server
    begun = httpx.post(
        f"{url}/runs?wait=1",
        json={"operation": "greet", "inputs": {"name": "Ada"}},
        timeout=60,
        trust_env=False,
    )
    found: dict[str, Any] = begun.json()
    assert found["result"] == {"text": "Hello Ada"}
    text = "".join(lines)
    assert "Serving chart, customize, generate, generate_tests, greet on" in text
    assert "package broken" in text


def test_by_resume_run(place: Place) -> None:
    """A process that never imported the package takes up its run; the stage that had finished is not done again."""
    (place.work / "outbox.txt").unlink(missing_ok=True)
    run_id = place.call("python", "-c", RUN_AND_FAIL).stdout.strip()
    (place.work / "outbox.txt").touch()
    assert place.call("python", "-c", RESUME, run_id).stdout.splitlines() == ["Hello Ada", "['restored', None]"]
