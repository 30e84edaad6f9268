"""The house around the package: what is imported, pinned, shipped and promised to installers."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import progressnb

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "progressnb"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HOUSE = [".ci/run", "Makefile", "binder/requirements.txt", "constraints.txt", "floors.txt", "pyproject.toml"]
HEAVY = ["IPython", "duckdb", "fastapi", "ipywidgets", "pandas", "pydantic_ai", "rich", "typer"]


def constraints() -> dict[str, str]:
    """Read constraints.txt: version by canonical name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def requirements() -> list[Requirement]:
    """List every dependency, also those of the extras, but for the package itself."""
    extras = PROJECT["optional-dependencies"].values()
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    return [requirement for requirement in map(Requirement, lines) if requirement.name != "progressnb"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel; with the backend itself, so without a network."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (path,) = target.glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.mark.integration
def test_import_is_light() -> None:
    """`import progressnb` loads nothing heavy: that happens at first use."""
    code = f"import sys, progressnb; print(*sorted(set({HEAVY}) & sys.modules.keys()))"
    # Coverage and the like hook into subprocesses through the environment; this one is a user's.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert loaded.stdout.split() == []


def test_version_is_the_installed_one() -> None:
    """There is one version, and it is pyproject's."""
    assert progressnb.__version__ == metadata.version("progressnb") == PROJECT["version"]


def test_command_is_installed() -> None:
    """`progressnb` on the command line finds its function."""
    (script,) = metadata.entry_points(group="console_scripts", name="progressnb")
    assert callable(script.load())


def test_constraints_name_versions_only() -> None:
    """constraints.txt works with any index: no address, no path, no option, one exact version a line."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    assert len(pinned) == len(constraints())


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_constraints_fit_what_is_declared(requirement: Requirement) -> None:
    """Each dependency has its exact version, inside the range that pyproject.toml states."""
    assert constraints()[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("name", HOUSE)
def test_no_index_is_named(name: str) -> None:
    """Where packages come from is the reader's choice, not ours."""
    assert not re.search(r"(?i)index[-_]url|find[-_]links|trusted[-_]host", (ROOT / name).read_text())


def test_wheel_ships_the_whole_package(wheel: zipfile.ZipFile) -> None:
    """Types, samples and their licence reach users, and nothing else does."""
    sources = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == sources
    assert "progressnb/py.typed" in sources
    samples = [Path(name).name for name in sources if name.startswith("progressnb/samples/")]
    assert any(name.endswith(".json") for name in samples)
    assert any(name.upper().startswith("LICENSE") for name in samples)


def test_wheel_tells_installers_the_truth(wheel: zipfile.ZipFile) -> None:
    """The licence's text is in the metadata, and the command is declared."""
    info = f"progressnb-{PROJECT['version']}.dist-info"
    assert "MIT License" in wheel.read(f"{info}/licenses/LICENSE").decode()
    assert "progressnb = progressnb.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
