"""Rows of what is imported, and of first uses: each in new processes, CPU time beside that of Python alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from benchmarks.measures import Measure, measure
from benchmarks.turns import spread

NOTHING = "pass"

# A first use ends with its result: Python's own end, which looks at all modules several times, is none of it.
_END = """
import atexit, os
atexit._run_exitfuncs()  # processes that the code began end here, and count
os._exit(0)
"""


def cpu(code: str) -> float:
    """Return the CPU milliseconds of a new process that runs some code, its start included and its end not."""
    # As installed packages are: with bytecode.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = os.times()
    subprocess.run([sys.executable, "-c", code + _END], check=True, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603
    after = os.times()
    return 1e3 * (after.children_user + after.children_system - before.children_user - before.children_system)


def processes(ours: str, other: str, *, rounds: int = 15, before: str = NOTHING) -> tuple[float, float, float]:
    """Return the medians of two programs over that of what comes before them, and the spread of their ratio."""
    took = [[cpu(code) for code in (before, ours, other)] for _ in range(rounds + 1)][1:]  # the first reads from disk
    base = statistics.median(row[0] for row in took)
    mine, theirs = (statistics.median(row[at] for row in took) - base for at in (1, 2))
    return mine, theirs, spread([(row[1] - base) / max(row[2] - base, 0.1) for row in took])


@measure("import progressnb (peer: tqdm)", unit="ms", target=1, against="peer")
def import_progressnb() -> Measure:
    """Import it, as every script does first."""
    ours, peer, doubt = processes("import progressnb", "import tqdm")
    return Measure(ours, peer=peer, spread=doubt)


def first(code: str, imports: str) -> Measure:
    """Measure a first use beside the imports that it can't do without."""
    ours, floor, doubt = processes(code, imports, rounds=5)
    return Measure(ours, floor=floor, spread=doubt)


RUN = """
import asyncio
import progressnb as pnb

@pnb.operation(stages={"read": 1})
async def work(tracker):
    async with tracker.stage("read") as stage:
        stage.update(50, "half")

async def main():
    await pnb.%s

asyncio.run(main())
"""


AGENT = """
import asyncio
from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel
asyncio.run(Agent(TestModel()).run("a question"))
"""


@measure("first run, not shown (floor: import pydantic, asyncio)", unit="ms", target=4, against="floor", own=True)
def first_run() -> Measure:
    """Run an operation that nobody looks at."""
    return first(RUN.replace("pnb.%s", "work.using(show=False)()"), "import pydantic, asyncio")


@measure("first customize (floor: a bare agent's run)", unit="ms", target=1_300)
def first_customize() -> Measure:
    """Customize the sample resume by rules; most of it is the import of pydantic-ai."""
    return first(RUN % "customize.using(show=False)(pnb.samples.resume, pnb.samples.job)", AGENT)


@measure("first chart (floor: pandas, Altair, a bare agent's run)", unit="ms", target=1_650)
def first_chart() -> Measure:
    """Draw a chart by rules; most of it are the imports of pydantic-ai, pandas and Altair."""
    given = '"people by city", pd.DataFrame({"city": ["a", "b"], "people": [1, 2]})'
    return first(
        "import pandas as pd\n" + RUN % f"chart.using(show=False)({given})", f"import pandas, altair, duckdb\n{AGENT}"
    )


@measure("first generate_tests (floor: a bare agent's run)", unit="ms", target=3, against="floor", own=True)
def first_generate_tests() -> Measure:
    """Make the test cases of the sample specification by rules."""
    return first(RUN % "generate_tests.using(show=False)(pnb.samples.openapi)", AGENT)
