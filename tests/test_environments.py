"""The environments that progressnb goes into: what it upgrades there, how much it brings, and what runs on it."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
FREEZES = ROOT / "tests/data/environments"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BASE: list[str] = PROJECT["dependencies"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

# Freezes that are older than what pydantic-ai needs: since 2.32 it stands on httpx2 2.7, which wants idna 3.18.
TOO_OLD_FOR_PYDANTIC_AI = {"colab-2026-07": {"httpcore2", "httpx2"}, "kaggle-2026-06": {"idna"}}
PYTHONS = {"colab-2026-08": "3.13", "colab-2026-07": "3.12", "kaggle-2026-06": "3.12"}

OUR_CHOICE = 48
"""The most that a new environment may grow by what we chose, in MB of 10⁶ bytes; pandas and pydantic-ai are apart."""


def freeze(name: str) -> dict[str, str]:
    """Return the versions of a hosted notebook by canonical name, without those that pydantic-ai itself replaces."""
    lines = (FREEZES / f"{name}.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    return {
        key: version
        for each, version in pins.items()
        if (key := canonicalize_name(each)) not in TOO_OLD_FOR_PYDANTIC_AI.get(name, ())
    }


@cache
def closure(*requirements: str) -> frozenset[str]:
    """Return the names of all distributions that these requirements bring, as they are installed here."""

    def visit(line: str, extra: str = "") -> Iterator[tuple[str, str]]:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield from ((str(canonicalize_name(requirement.name)), each) for each in ("", *requirement.extras))

    found: set[tuple[str, str]] = set()
    left = [pair for line in requirements for pair in visit(line)]
    while left:
        if (pair := left.pop()) not in found:
            found.add(pair)
            left += [each for line in metadata.requires(pair[0]) or () for each in visit(line, pair[1])]
    return frozenset(name for name, _ in found)


def size(names: frozenset[str]) -> float:
    """Return the size of installed distributions in MB, without the bytecode that Python adds later."""
    files = [file for name in names for file in metadata.files(name) or () if file.suffix != ".pyc"]
    return sum(place.stat().st_size for file in files if (place := Path(str(file.locate()))).is_file()) / 1e6


@pytest.mark.parametrize("name", PYTHONS)
def test_installing_upgrades_nothing(name: str, tmp_path: Path) -> None:
    """With the versions of a hosted notebook kept as they are, there is a set of packages that progressnb runs on."""
    pins = freeze(name)
    (tmp_path / "kept.txt").write_text("".join(f"{key}=={version}\n" for key, version in pins.items()))
    command = [
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--dry-run"),
        *("--ignore-installed", "--only-binary", ":all:", "--python-version", PYTHONS[name], "--target"),
        *(str(tmp_path / "nothing"), "--report", str(tmp_path / "report.json"), "-c", str(tmp_path / "kept.txt")),
    ]
    done = subprocess.run([*command, *BASE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    chosen = [each["metadata"] for each in json.loads((tmp_path / "report.json").read_text())["install"]]
    versions = {str(canonicalize_name(each["name"])): each["version"] for each in chosen}
    assert {"pandas", "ipywidgets", "rich"} <= versions.keys() & pins.keys()
    assert {key: version for key, version in versions.items() if pins.get(key, version) != version} == {}


@pytest.mark.parametrize("name", PYTHONS)
def test_lower_bounds_are_below_hosted_notebooks(name: str) -> None:
    """Each of our own requirements is met by the version that a hosted notebook has."""
    pins = freeze(name)
    ours = [each for each in map(Requirement, BASE) if each.name in pins]
    assert len(ours) > 6
    assert [str(each) for each in ours if not each.specifier.contains(pins[each.name])] == []


@pytest.mark.parametrize(
    ("name", "low"),
    [("pandas", "2.2"), ("ipywidgets", "7.7"), ("ipython", "7.34"), ("rich", "13.9"), ("pydantic-ai-slim", "2.68")],
)
def test_the_lower_bounds_are_low(name: str, low: str) -> None:
    """A notebook that somebody has is enough: each bound is low, and the tests run on it."""
    (ours,) = (each for each in map(Requirement, BASE) if each.name == name)
    assert ours.specifier.contains(low)
    lowest = dict(line.split("==") for line in (ROOT / "floors.txt").read_text().splitlines() if "==" in line)
    assert Version(lowest[name]).release[:2] == Version(low).release[:2]


def test_the_lowest_kernel_is_tested() -> None:
    """A notebook brings its own kernel: the lowest that is told is tested, and nothing asks for a newer."""
    lowest = dict(line.split("==") for line in (ROOT / "floors.txt").read_text().splitlines() if "==" in line)
    assert lowest["ipykernel"] == "6.17.0"
    assert "ipykernel" not in closure(*BASE)
    assert "| ipykernel | 6.17 |" in (ROOT / "docs/environments.md").read_text()


def test_what_make_runs_where() -> None:
    """The lowest versions and other Pythons are part of all checks, and CI says which parts it runs."""
    rules = (ROOT / "Makefile").read_text()
    (everything,) = (line for line in rules.splitlines() if line.startswith("all-checks: ") and "##" in line)
    (usual,) = (line for line in rules.splitlines() if line.startswith("test: "))
    assert everything.split("##")[0].split()[1:] == ["test", "lite", "floors", "pythons"]
    assert usual.split("##")[0].split()[1:] == [
        *("lint", "types", "javascript", "notebooks", "browser", "integration", "unit"),
    ]
    ci = (ROOT / ".ci/run").read_text()
    assert "make test" in ci
    assert re.findall("^part (.*)$", ci, re.MULTILINE) == [
        "docs",
        "floors",
        *(f"pythons PYTHONS=3.{minor}" for minor in (12, 13, 14)),
    ]
    assert "Not run here, but by make all-checks" in ci


def test_every_test_is_run_by_one_part() -> None:
    """A file of tests is run by `make unit`, `make integration` or `make browser`, whatever marks its folder has."""
    (listed,) = re.findall(r"^INTEGRATION := ((?:.*\\\n)*.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    folders = {each.removeprefix("tests/") for each in re.findall(r"tests/\w+(?=[ \\\n])", listed)}
    (names,) = re.findall(r"addsuffix \.py,([\w ]+)", listed)
    run = folders | {f"test_{each}.py" for each in names.split()} | {"browser"}
    (marked,) = re.findall(
        r"^INTEGRATION = (\{.*?\n\})", (ROOT / "tests/conftest.py").read_text(), re.MULTILINE | re.DOTALL
    )
    integration: set[str] = ast.literal_eval(marked)
    for each in integration - run:  # the rest is found by its marks
        assert "mark.integration" in (ROOT / "tests" / each).read_text()
    assert run <= integration


def test_the_base_is_slim() -> None:
    """What only some operations need is in their extras, with a name for each."""
    assert {Requirement(line).name for line in BASE} == {
        *("anywidget", "ipython", "ipywidgets", "markdown-it-py", "nest-asyncio2"),
        *("pandas", "pydantic", "pydantic-ai-slim", "rich", "typer"),
    }
    assert {"chart", "customize", "otel", "testcases", "web"} <= EXTRAS.keys()
    brought = closure(*BASE)
    assert not brought & {"ipykernel", "jupyterlab", "openai", "anthropic", "lxml", "pypdfium2", "rapidfuzz", "fastapi"}


def test_what_we_chose_is_small() -> None:
    """A new environment grows by little beside pandas and pydantic-ai, which users mostly have."""
    ours = closure(*BASE) - closure("pandas", "pydantic-ai-slim")
    assert size(ours) < OUR_CHOICE, sorted((round(size(frozenset({name})), 1), name) for name in ours)


def test_the_demo_runs_on_the_base() -> None:
    """Without any extra, `pnb.demo()` customizes the sample resume; an extra that is missing says how to install it."""
    kept = closure(*BASE) | {"progressnb"}
    away = sorted(
        module
        for module, owners in metadata.packages_distributions().items()
        if not {str(canonicalize_name(owner)) for owner in owners} & kept
    )
    assert {"docx", "rapidfuzz", "pypdfium2", "fastapi", "ipykernel"} <= {*away}
    code = f"""
import asyncio, sys
sys.modules.update(dict.fromkeys({away}))
import progressnb as pnb
async def main():
    result = await pnb.demo(pace=0)
    print("customized:", len(result.resume.markdown) > 1000)
    try:
        await pnb.attach("http://127.0.0.1:9/runs/x")
    except pnb.errors.MissingExtraError as error:
        print(error)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "customized: True" in done.stdout
    assert 'pip install "progressnb[web]"' in done.stdout
