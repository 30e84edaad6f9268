"""Rows of the shipped operations: what `customize` and `generate_tests` miss, and what they take for a fault."""

from __future__ import annotations

from benchmarks.measures import Measure, measure


@measure("inventions that the truth check misses", unit="of 200", target=4, own=True)
def inventions_missed() -> Measure:
    """Plant them into five resumes, one at a time."""
    from benchmarks.customize.truth import SEED, cases, plant

    planted, found = plant(list(cases(None)), SEED, misses=False)
    return Measure(planted.total() - found.total())


@measure("honest rewrites that it takes for inventions", unit="of 600", target=5, own=True)
def honest_rewrites_doubted() -> Measure:
    """Rewrite five resumes, in one way at a time."""
    from benchmarks.customize.truth import SEED, cases, honest

    return Measure(honest(list(cases(None)), SEED, misses=False)[1].total())


@measure("held-apart inventions that the truth check misses", unit="%", target=10, own=True)
def apart_missed() -> Measure:
    """Plant them into resumes of ten trades that no rule was written from."""
    from benchmarks.customize.apart import check

    count = check("apart", misses=False)["invented"]
    return Measure(100 * (1 - count["claimed"] / count["all"]))


@measure("held-apart honest rewrites that it doubts", unit="%", target=3, own=True)
def apart_doubted() -> Measure:
    """Rewrite resumes of ten trades that no rule was written from."""
    from benchmarks.customize.apart import check

    count = check("apart", misses=False)["honest"]
    return Measure(100 * count["claimed"] / count["all"])


@measure("benefits and marketing that are read as requirements", unit="%", target=2, own=True)
def noise_read() -> Measure:
    """Read long postings of ten trades that no rule was written from."""
    from benchmarks.customize.apart import reading

    count = reading("apart", misses=False)
    return Measure(100 * count["false"] / count["noise"])


@measure("pairs of resume and posting that the score ranks wrongly", unit="%", target=1, against="peer", own=True)
def pairs_ranked_wrongly() -> Measure:
    """Rank long postings and lists of thirty trades for resumes of ten held-apart ones, beside TF-IDF."""
    from statistics import mean

    from benchmarks.customize.apart import ranking

    sets = list(ranking("apart"))
    return Measure(
        100 * (1 - mean(ours[0] for _, ours, _ in sets)), peer=100 * (1 - mean(peer[0] for *_, peer in sets))
    )


@measure("jobs of generated resumes that are not read right", unit="of 253", target=12, own=True)
def jobs_misread() -> Measure:
    """Read 69 files of 23 layouts; `python -m benchmarks.customize.reading` tells more."""
    from benchmarks.customize.papers.plan import PAPERS
    from benchmarks.customize.reading import score

    found = score(PAPERS)
    return Measure(found["all_jobs"] - found["jobs"])


@measure("files misread, of which the confidence does not tell", unit="of 69", target=0, own=True)
def misreadings_untold() -> Measure:
    """Read the same files, and ask how sure the reading is."""
    from benchmarks.customize.papers.plan import PAPERS
    from benchmarks.customize.reading import score

    found = score(PAPERS)
    return Measure(found["wrong not told"])


@measure("planted faults of servers that suites miss", unit="faults", target=3, own=True)
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


@measure("questions of public tables that rules answer falsely", unit="of 174", target=0, own=True)
def false_charts() -> Measure:
    """Ask the rules of `chart` questions, half of them of somebody who had not read the rules."""
    return Measure(_asked("false"))


@measure("questions of public tables that rules don't answer", unit="of 174", target=70, own=True)
def unanswered_charts() -> Measure:
    """Count what was refused or asked back; 30 of the questions have no right answer."""
    return Measure(_asked("refused") + _asked("asked"))


def _asked(outcome: str) -> int:
    from benchmarks.questions.__main__ import SETS
    from benchmarks.questions.asking import ask

    return sum(ask(question)[0] == outcome for questions in SETS.values() for question in questions)


@measure("drawings of a model that `chart` does not keep whole", unit="%", target=5, own=True)
def drawings_lost() -> Measure:
    """Draw 103 drafts of our own and the 30 of the NLV corpus."""
    from benchmarks.drafts.keeping import SETS, drafts, outcome

    reasons = [outcome(name, draft) for name in SETS for draft in drafts(name)]
    return Measure(100 * sum(map(bool, reasons)) / len(reasons))
