"""Shares of inventions found and doubted, of postings read, and the ranking by the score, by held-apart data.

    python -m benchmarks.customize.apart [--half seen] [--misses]

The data are those of trades.py: thirty trades, of which ten ("apart", with noise and templates of their own) were
written before the rules; their single failures were never looked at. Each figure is printed for both halves. An
invention is found if it is among the unsupported claims; "or told" counts those as well that are listed as not
checked. TF-IDF stands beside the score.
"""

from __future__ import annotations

import argparse
import copy
import random
import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.customize.evaluation import auc, first, tfidf
from benchmarks.customize.trades import HALVES, postings, resume_of, templates, text_of, trades
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.rules import evaluate, verify
from progressnb.operations.resume.schemas import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.customize.trades import Posting, Trade
    from progressnb.operations.resume.reading.inputs import Requirement, ResumeDocument

SEED = 99
PARTS = ("check", "reading", "ranking")
TODAY = date(2024, 7, 1)
_SAME_LINE = 0.6


class Case(NamedTuple):
    """A resume, whether a change of it is honest, the changed data, and what was changed."""

    old: ResumeDocument
    honest: bool
    data: dict[str, Any]
    text: str


class Told(NamedTuple):
    """The claims of a draft that are unsupported, and those listed as not checked, as (text, place)."""

    unsupported: set[tuple[str, str]]
    unchecked: set[tuple[str, str]]


def told(old: ResumeDocument, data: dict[str, Any]) -> Told:
    """Check the changed data of a resume."""
    found = verify(old, Draft(resume=JSONResume.model_validate(data), changes=[]), today=TODAY)
    unchecked = found.unchecked
    return Told({(one.text, one.place) for one in found.unsupported}, {(one.text, one.place) for one in unchecked})


def cases(half: str) -> Iterator[Case]:
    """Make every invention and every honest rewrite of a half, in resumes as data and as texts."""
    rng = random.Random(SEED)  # noqa: S311 - no secret
    for trade in trades(half):
        for old in (read_resume(resume_of(trade)), read_resume(text_of(trade), files=False)):
            for honest, pairs in ((True, trade["honest"]), (False, trade["invented"])):
                for before, after in pairs:
                    data = _replaced(old.data.to_data(), before, after)
                    if data:
                        yield Case(old, honest, data, after)
            for kind, all_of in templates(half).items():
                for place, text in all_of:
                    data, filled = _added(old.data.to_data(), place, text, trade)
                    yield Case(old, kind == "honest", data, filled)
            yield from _facts(old, rng)


def _replaced(data: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    data = copy.deepcopy(data)
    for job in data.get("work", []):
        items = job.get("highlights", [])
        if before in items:
            items[items.index(before)] = after
            return data
    return {}


def _added(data: dict[str, Any], place: str, text: str, trade: Trade) -> tuple[dict[str, Any], str]:
    data = copy.deepcopy(data)
    start, end = trade["jobs"][0][2], trade["jobs"][0][3] or TODAY.isoformat()
    years = round(((int(end[:4]) - int(start[:4])) * 12 + int(end[5:7]) - int(start[5:7])) / 12)
    skills = trade["skills"]
    filled = text.format(
        title=trade["jobs"][0][1], employer=trade["jobs"][0][0], skill=skills[0], skill2=skills[1], jobs="two",
        degree=trade["degree"], years=years, more_years=years + 14,
    )  # fmt: skip
    work = data["work"][0]
    if place == "summary":
        data["basics"]["summary"] = filled
    elif place == "bullet":
        work.setdefault("highlights", []).append(filled)
    else:
        work["highlights"][-1] += filled
    return data, filled


def _number(data: dict[str, Any], rng: random.Random) -> None:
    for job in data["work"][:1]:
        for index, text in enumerate(job.get("highlights", [])):
            if number := re.search(r"(?<![\w.,])[1-9][0-9]*(?![\w.,])", text):
                more = str(int(number[0]) * rng.choice((2, 3)) + 1)
                job["highlights"][index] = text[: number.start()] + more + text[number.end() :]
                return


def _date(data: dict[str, Any], _rng: random.Random) -> None:
    job = data["work"][0]
    job["startDate"] = f"{int(str(job.get('startDate', '2015'))[:4]) - 3}-01"


def _employer(data: dict[str, Any], rng: random.Random) -> None:
    data["work"][0]["name"] = rng.choice(("Globex", "Initech Europe", "Northwind"))


def _title(data: dict[str, Any], rng: random.Random) -> None:
    data["work"][0]["position"] = rng.choice(("Head of Department", "Director", "Senior Manager"))


def _skill(data: dict[str, Any], rng: random.Random) -> None:
    data.setdefault("skills", []).append({"name": rng.choice(("Rust", "Project finance", "Welding", "Swahili"))})


def _degree(data: dict[str, Any], _rng: random.Random) -> None:
    data.setdefault("education", []).append({"institution": "University of Basel", "studyType": "MBA"})


def _facts(old: ResumeDocument, rng: random.Random) -> Iterator[Case]:
    """Change single facts: a number, a date, an employer, a title, a skill, a degree."""
    for change in (_number, _date, _employer, _title, _skill, _degree):
        data = copy.deepcopy(old.data.to_data())
        change(data, rng)
        if data != old.data.to_data():
            yield Case(old, honest=False, data=data, text=change.__name__)


def check(half: str, *, misses: bool) -> dict[str, Counter[str]]:
    """Count cases, those with an unsupported claim, and those with one or with a statement listed as not checked."""
    counts: dict[str, Counter[str]] = {"honest": Counter(), "invented": Counter()}
    before: dict[int, Told] = {}
    for case in cases(half):
        base = before.setdefault(id(case.old), told(case.old, case.old.data.to_data()))
        now = told(case.old, case.data)
        found = now.unsupported - base.unsupported
        count = counts["honest" if case.honest else "invented"]
        count["all"] += 1
        count["claimed"] += bool(found)
        count["told"] += bool(found or now.unchecked - base.unchecked)
        if misses and half == "seen" and bool(found) == case.honest:
            print(
                "  false alarm" if case.honest else "  missed", case.old.format, "|", case.text, "|", sorted(found)[:2]
            )
    return counts


def reading(half: str, *, misses: bool) -> Counter[str]:
    """Count requirements that are read, noise that is read as one, and right importance and kind."""
    count: Counter[str] = Counter()
    for posting in postings(half, SEED):
        matched = _matched(posting, read_job(posting.text, files=False).requirements)
        for index, line in enumerate(posting.lines):
            one = matched.get(index)
            noise = line.kind == "noise"
            count["noise" if noise else "asked"] += 1
            if one is None or noise:
                count["false"] += one is not None
            else:
                count["found"] += 1
                count["kind"] += one.kind == line.kind
                count["weighed"] += bool(line.importance) and one.importance == line.importance
                count["to weigh"] += bool(line.importance)
            right = one is None if noise else one is not None and one.kind == line.kind
            if misses and half == "seen" and not right:
                print(f"  {line.kind} read as {one.kind if one else 'nothing'}: {line.text}")
    return count


def _matched(posting: Posting, read: Sequence[Requirement]) -> dict[int, Requirement]:
    """Return the first requirement that was read from each line, by the number of the line."""
    found: dict[int, Requirement] = {}
    for one in read:
        best = max(range(len(posting.lines)), key=lambda index: share(one.text, posting.lines[index].text))
        if share(one.text, posting.lines[best].text) >= _SAME_LINE:
            found.setdefault(best, one)
    return found


def share(text: str, line: str) -> float:
    """Return the share of the words of a text that stand in a line, 0 to 1."""
    words = re.findall(r"\w+", text.casefold())
    there = set(re.findall(r"\w+", line.casefold()))
    return sum(word in there for word in words) / max(1, len(words))


def ranking(half: str) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Yield a set of jobs, and AUC and share of first places of the score and of TF-IDF."""
    # Each trade has two resumes: of the first job and of the second; the second, a lower job, is left out of ranking.
    chosen = trades(half)
    everyone = [*trades("seen"), *trades("apart")]
    texts = [text_of(trade) for trade in chosen]
    own = [next(i for i, other in enumerate(everyone) if other.name == trade.name) for trade in chosen]
    resumes = [read_resume(text, files=False) for text in texts]
    long = {half: list(postings(half, SEED)) for half in HALVES}
    sets = {"skill lists": [trade["list"] for trade in everyone]}
    for layout, name in enumerate(("headings", "one list", "no bullets", "prose")):
        sets[f"postings, {name}"] = [one.text for half in HALVES for one in long[half][layout::4]]
    for name, jobs in sets.items():
        read = [read_job(job, files=False) for job in jobs]
        ours = [[float(evaluate(resume, job).match_score) for job in read] for resume in resumes]
        theirs = tfidf(texts, jobs)
        yield name, (auc(ours, own), first(ours, own)), (auc(theirs, own), first(theirs, own))


def report(half: str, parts: Sequence[str], *, misses: bool) -> Iterator[str]:
    """Yield the lines of the report of a half."""
    if "check" in parts:
        for kind, count in check(half, misses=misses).items():
            claimed, said = count["claimed"] / count["all"], count["told"] / count["all"]
            yield f"{half:6}{kind:9} {count['all']:4}: claimed {claimed:.1%}, or told {said:.1%}"
    if "reading" in parts:
        count = reading(half, misses=misses)
        yield (
            f"{half:6}read {count['found']}/{count['asked']} requirements, {count['false']}/{count['noise']} noise, "
            f"importance {count['weighed']}/{count['to weigh']}, kind {count['kind']}/{count['found']}"
        )
    if "ranking" in parts:
        for name, ours, theirs in ranking(half):
            score = f"score AUC {ours[0]:.3f} first {ours[1]:.2f}"
            yield f"{half:6}{name:22} {score}; TF-IDF {theirs[0]:.3f} {theirs[1]:.2f}"


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--half", choices=HALVES, action="append")
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--misses", action="store_true", help="print the failures of the half that may be looked at")
    given = parser.parse_args()
    for half in given.half or HALVES:
        for line in report(half, given.part or PARTS, misses=given.misses):
            print(line)


if __name__ == "__main__":
    main()
