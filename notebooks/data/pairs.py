"""Twenty people and ten jobs, 200 pairs: an operation that says how well a person fits a job, by rules.

`main` begins the batch that the notebook goes on with, in a process of its own.
"""

import sys

from pydantic import BaseModel

import progressnb as pnb

SKILLS = ["Python", "SQL", "Rust", "statistics", "Korean", "sales", "design", "law", "physics", "teaching", "cloud"]
PEOPLE = {
    f"person {number}": [SKILLS[(number * step) % len(SKILLS)] for step in (1, 3, 4, 5, 9)][: 2 + number % 4]
    for number in range(1, 21)
}
JOBS = {f"job {number}": [SKILLS[(number * 2 + step) % len(SKILLS)] for step in range(3)] for number in range(1, 11)}
PAIRS = [(person, job) for person in PEOPLE for job in JOBS]

PRICE = 0.000_02  # dollars a token, as if rules had a price


class Match(BaseModel):
    """How well a person fits a job."""

    score: int
    has: list[str]
    lacks: list[str]


@pnb.operation(stages={"read": 0.2, "match": 0.8})
async def match(tracker: pnb.ProgressTracker, person: str, job: str) -> Match:
    """Say how well a person fits a job."""
    async with tracker.stage("read"):
        skills, wanted = PEOPLE[person], JOBS[job]
        if job == "job 10" and len(skills) < 3:
            raise ValueError(f"the resume of {person} is too short for {job}")

    def by_rules() -> Match:
        has = [skill for skill in wanted if skill in skills]
        lacks = [skill for skill in wanted if skill not in has]
        return Match(score=round(100 * len(has) / len(wanted)), has=has, lacks=lacks)

    stage = tracker.stage("match")
    found = await stage.ask(Match, f"Match {skills} with {wanted}.", model="offline", by_rules=by_rules)
    tokens = 100 * len(skills) + 50 * len(found.has)
    tracker.stage("bill", weight=0.0).add_usage("rules", cost=round(PRICE * tokens, 6))
    return found


async def main() -> None:
    """Begin the batch; the history is the program's first argument."""
    pnb.use_history(sys.argv[1], contents=True)
    await pnb.batch(match, PAIRS, limit=8, name="autumn", show=False, return_errors=True)
