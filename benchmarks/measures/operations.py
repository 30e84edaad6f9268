"""Rows of the shipped operations: what `customize` and `generate_tests` miss, and what they take for a fault."""

from __future__ import annotations

from benchmarks.measures import Measure, measure


@measure("inventions that the truth check misses", unit="of 200", target=4)
def inventions_missed() -> Measure:
    """Plant them into five resumes, one at a time."""
    from benchmarks.customize.truth import SEED, cases, plant

    planted, found = plant(list(cases(None)), SEED, misses=False)
    return Measure(planted.total() - found.total())


@measure("honest rewrites that it takes for inventions", unit="of 600", target=5)
def honest_rewrites_doubted() -> Measure:
    """Rewrite five resumes, in one way at a time."""
    from benchmarks.customize.truth import SEED, cases, honest

    return Measure(honest(list(cases(None)), SEED, misses=False)[1].total())


@measure("jobs of generated resumes that are not read right", unit="of 253", target=12)
def jobs_misread() -> Measure:
    """Read 69 files of 23 layouts; `python -m benchmarks.customize.reading` tells more."""
    from benchmarks.customize.papers.plan import PAPERS
    from benchmarks.customize.reading import score

    found = score(PAPERS)
    return Measure(found["all_jobs"] - found["jobs"])


@measure("files misread, of which the confidence does not tell", unit="of 69", target=0)
def misreadings_untold() -> Measure:
    """Read the same files, and ask how sure the reading is."""
    from benchmarks.customize.papers.plan import PAPERS
    from benchmarks.customize.reading import score

    found = score(PAPERS)
    return Measure(found["wrong"] - found["told"])


@measure("planted faults of servers that suites miss", unit="faults", target=3)
def faults_missed() -> Measure:
    """Run the generated suites against three servers, with one fault at a time."""
    import asyncio
    import os
    import tempfile
    from pathlib import Path

    from benchmarks.generate_tests.planted import run_suites
    from tests.operations.testcases.planted import environment

    os.environ.update(environment(""))
    with tempfile.TemporaryDirectory() as directory:
        found = asyncio.run(run_suites(Path(directory)))
    if found.wrong:
        raise RuntimeError(f"{found.wrong} false alarms on servers that follow their specification")
    return Measure(len(found.missed))
