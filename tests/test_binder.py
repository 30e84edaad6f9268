"""Binder: the builder's own Dockerfile, printed and not built, so that neither Docker nor a network is needed."""

import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"


def plan(checkout: Path) -> tuple[str, str]:
    """Return the Dockerfile that repo2docker would build from a checkout, and what it says about it."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    printed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert printed.returncode == 0, printed.stderr
    return printed.stdout, printed.stderr


def sources_come_first(dockerfile: str) -> bool:
    """Whether the whole checkout is copied before pip reads our requirements."""
    copied = re.search(r"^COPY .* src/ \$\{REPO_DIR\}/$", dockerfile, re.MULTILINE)
    installed = re.search(r'pip install .*-r "binder/requirements\.txt"', dockerfile)
    assert copied, dockerfile
    assert installed, dockerfile
    return copied.start() < installed.start()


def pins() -> dict[str, str]:
    """Read the exact versions in binder/requirements.txt."""
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {requirement.name: str(requirement.specifier) for requirement in requirements}


def test_sources_are_copied_before_pip_runs() -> None:
    """Binder can install this checkout: the sources are there when pip is asked for `-e .`."""
    dockerfile, _ = plan(ROOT)
    assert sources_come_first(dockerfile)


def test_the_order_is_really_seen(tmp_path: Path) -> None:
    """With no local path the builder installs first and copies later: the test above would fail."""
    binder = tmp_path / "binder"
    binder.mkdir()
    (binder / "requirements.txt").write_text("ipykernel==7.4.0\n")
    dockerfile, _ = plan(tmp_path)
    assert not sources_come_first(dockerfile)


def test_python_is_one_that_we_support() -> None:
    """The builder takes the Python of runtime.txt, not its default of the day."""
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    _, said = plan(ROOT)
    assert f"python={version}" in said
    assert "unspecified" not in said
    assert f'"Programming Language :: Python :: {version}"' in (ROOT / "pyproject.toml").read_text()


def test_pins_are_those_that_the_tests_run_with() -> None:
    """What replaces the builder's older base is exact, and the same as in constraints.txt."""
    exact = pins()
    assert {"ipykernel", "ipywidgets", "jupyterlab"} <= exact.keys()
    constraints = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(specifier.startswith("==") for specifier in exact.values())
    # notebook is only in the builder's base.
    assert {name + version for name, version in exact.items() if name != "notebook"} <= set(constraints)


def test_local_paths_are_where_pip_looks() -> None:
    """Pip takes `-e` from where it runs, the root, and `-c` from beside the file that names it."""
    lines = (BINDER / "requirements.txt").read_text().splitlines()
    assert "-e .[all]" in lines  # the notebooks use every extra
    (constraint,) = (line.removeprefix("-c ") for line in lines if line.startswith("-c "))
    assert (BINDER / constraint).resolve() == ROOT / "constraints.txt"
