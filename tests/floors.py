"""Print the pins of floors.txt: the test tools as in constraints.txt, and what a hosted kernel has beside it.

`make constraints` runs it. What the package and its extras name gets no pin, so that its lowest version is taken.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOSTED = ["jupyter-client==7.4.9", "traitlets==5.7.1"]  # beside ipykernel 6.17 in tests/data/environments
FREE = {"ipykernel", "nbclient"}  # newer ones of nbclient want newer traitlets


def names(requirements: list[str]) -> set[str]:
    """Return the canonical names of requirements."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in requirements}


project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
own = names(project["dependencies"]) | FREE
for extra, lines in extras.items():
    if extra not in ("dev", "lab", "tests"):
        own |= names(lines)
pins = (ROOT / "constraints.txt").read_text().splitlines()
tools = names(extras["tests"]) - own
lines = [line for line in pins if not line.startswith("#") and names([line]) <= tools]
sys.stdout.write("".join(f"{line}\n" for line in [*lines, *HOSTED]))
