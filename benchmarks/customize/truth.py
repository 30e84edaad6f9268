"""Numbers of inventions that the truth check finds, and of honest rewrites that it takes for inventions.

Run it with `python -m benchmarks.customize.truth [resumes.csv]`: 200 inventions are planted, one at a time and by
a seeded script, into customized resumes made from the sample, from four resumes with several jobs each
(resumes.py) and from the resumes of the CSV file, if one is given (columns Category and Resume).
An invention is found if a claim stands at its place that was not there before. Then honest rewrites of the
same resumes are made, and each that gets a claim is a false alarm. Nothing of the CSV file is printed.
"""

from __future__ import annotations

import argparse
import copy
import csv
import itertools
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.customize.honest import HONEST_KINDS, honest_rewrite
from benchmarks.customize.plants import PLANTS
from benchmarks.customize.resumes import POSTINGS, RESUMES
from progressnb import samples
from progressnb.operations.resume import rules
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument, read_job, read_resume
from progressnb.operations.resume.schemas import Draft
from progressnb.operations.resume.truth.original import Original
from progressnb.operations.resume.truth.verification import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

INVENTIONS = 200
HONEST = 600
SEED = 20240701
_GENERAL = "Specialist\n\nRequirements\n- 3+ years of experience\n- Excel\n- Project management\n- Customer service\n"


class Case(NamedTuple):
    """A resume as the check asks it, a posting, and the resume as it was customized for it."""

    name: str
    old: Original
    job: JobDocument
    data: dict[str, JsonValue]


def _case(name: str, resume: ResumeDocument, job: JobDocument) -> Case:
    plan = rules.plan(resume, job, rules.evaluate(resume, job))
    return Case(name, Original(resume), job, rules.implement(resume, job, plan).resume.to_data())


def cases(path: Path | None) -> Iterator[Case]:
    """Make the customized resumes that inventions are planted into."""
    yield _case("sample", read_resume(samples.resume), read_job(samples.job))
    for number, (resume, posting) in enumerate(zip(RESUMES, POSTINGS, strict=True)):
        yield _case(f"own {number}", read_resume(resume), read_job(posting))
    if path is not None:
        csv.field_size_limit(10**8)
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                # Each second resume is broken text as it stands in the file.
                posting = f"{row['Category']}\n{_GENERAL.partition(chr(10))[2]}"
                yield _case(f"csv {number}", read_resume(row["Resume"], files=False), read_job(posting, files=False))


def claims(case: Case, data: dict[str, JsonValue]) -> set[tuple[str, str]]:
    """Return text and place of what the check finds."""
    draft = Draft(resume=JSONResume.model_validate(data), changes=[])
    return {(one.text, one.place) for one in check(case.old, draft, job=case.job).claims}


def plant(chosen: list[Case], seed: int, *, misses: bool) -> tuple[Counter[str], Counter[str]]:
    """Plant the inventions one by one; return how many of each kind there were and were found."""
    random_ = random.Random(seed)  # noqa: S311 - no secret
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for kind in itertools.islice(itertools.cycle(PLANTS), INVENTIONS):
        case, data, place = _planted(kind, chosen, random_)
        planted[kind] += 1
        new = claims(case, data) - claims(case, case.data)
        hit = any(one == place or one.startswith(place + ".") or place.startswith(one + ".") for _, one in new)
        found[kind] += hit
        if misses and not hit:
            print(f"  missed {kind} in {case.name} at {place}")
            if not case.name.startswith("csv"):
                print("   ", _at(data, place))
    return planted, found


def _planted(kind: str, chosen: list[Case], random_: random.Random) -> tuple[Case, dict[str, JsonValue], str]:
    """Plant an invention of a kind into some resume that has room for it; half of them in those of the file."""
    for attempt in itertools.count(random_.randrange(2)):
        pool = [case for case in chosen if case.name.startswith("csv") == bool(attempt % 2)] or chosen
        case = random_.choice(pool)
        data = copy.deepcopy(case.data)
        place = PLANTS[kind](data, case.job, random_)
        if place is not None and data != case.data:
            return case, data, place
    raise AssertionError


def _at(data: JsonValue, place: str) -> JsonValue:
    for step in place.replace("]", "").replace("[", ".").split("."):
        data = data[int(step)] if isinstance(data, list) else data.get(step) if isinstance(data, dict) else None
    return data


def honest(chosen: list[Case], seed: int, *, misses: bool) -> tuple[Counter[str], Counter[str]]:
    """Make honest rewrites one by one; return how many of each kind there were and got a claim."""
    random_ = random.Random(seed + 1)  # noqa: S311 - no secret
    made: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    for kind in itertools.islice(itertools.cycle(HONEST_KINDS), HONEST):
        data = None
        while data is None:
            pool = [case for case in chosen if case.name.startswith("csv") == (random_.random() < 1 / 2)] or chosen
            case = random_.choice(pool)
            data = honest_rewrite(kind, case.old.document.data.to_data(), random_)
        made[kind] += 1
        raised = claims(case, data) - claims(case, case.old.document.data.to_data())
        alarms[kind] += bool(raised)
        if misses and raised:
            shown = sorted(raised) if not case.name.startswith("csv") else [place for _, place in raised]
            print(f"  false alarm, {kind} in {case.name}: {shown}")
    return made, alarms


def main() -> None:
    """Print both shares, by kind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("resumes", nargs="?", type=Path, help="a CSV file with the columns Category and Resume")
    parser.add_argument("--misses", action="store_true", help="print what was missed and what was a false alarm")
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    chosen = list(cases(given.resumes))
    print(f"{len(chosen)} customized resumes")
    for title, (all_of, some) in (
        ("inventions found", plant(chosen, given.seed, misses=given.misses)),
        ("false alarms on honest rewrites", honest(chosen, given.seed, misses=given.misses)),
    ):
        print(f"\n{title}: {some.total()} of {all_of.total()} = {some.total() / max(1, all_of.total()):.1%}")
        for kind, number in sorted(all_of.items()):
            print(f"  {kind:42} {some[kind]:3} of {number:3}")
    untouched = sum(bool(claims(case, case.data)) for case in chosen)
    print(f"\ncustomized resumes without inventions that get a claim: {untouched} of {len(chosen)}")


if __name__ == "__main__":
    main()
