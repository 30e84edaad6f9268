"""Shares of 69 generated resumes read right: `python -m benchmarks.customize.reading [part of a name] [--misses]`.

The contents are known, so each job, bullet, date, name and school that is read is compared with what the file says. A
file is read wrong if a job, bullet, date or name is: then its confidence should tell. The same texts are read again,
made worse on purpose.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.customize.damage import DAMAGES
from benchmarks.customize.papers.content import Data, load, truth
from benchmarks.customize.papers.plan import PAPERS, Paper
from progressnb.operations.resume.reading.inputs import read_resume

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FILES", "compare", "compare_schools", "report", "score", "told"]

FILES = Path(__file__).parents[2] / "tests" / "operations" / "resume" / "papers"
"""The folder of the generated files."""

_JOINING = {"in", "an", "en", "и"}  # "BSc in Biology" is BSc, Biology


def _key(text: object) -> str:
    return re.sub(r"\s+", " ", str(text or "")).strip(" .,").casefold().replace("\u2019", "'")


def _date(value: object) -> str:
    return str(value or "")[: len("2024-03")]  # what is known of a job is its months


def compare(data: Data, expected: Data, misses: list[str] | None = None) -> Counter[str]:
    """Count what was read right of one file: jobs, ghosts, bullets, dates, names, and how many there are of each."""
    found: Counter[str] = Counter()
    lost: list[str] = [] if misses is None else misses
    read: list[dict[str, Any]] = list(data.get("work") or [])
    left = list(read)
    for job in expected["jobs"]:
        company, position = _key(job["name"]), _key(job["position"])
        full = _key(f"{job['name']}, {job['location']}")
        near = [
            one for one in left if _key(one.get("name")) in {company, full} or _key(one.get("position")) == position
        ]
        near.sort(
            key=lambda one: (_key(one.get("position")) == position, str(one.get("startDate")) == job["start"]),
            reverse=True,
        )
        entry = near[0] if near else {}
        if near:
            left.remove(entry)
        # "2014" alone is a job that began and ended in that year.
        start = _date(entry.get("startDate")) or (job["end"] if job["start"] == job["end"] else "")
        dates = (start, _date(entry.get("endDate"))) == (job["start"], job["end"])
        named = _key(entry.get("name")) in {company, full} and _key(entry.get("position")) == position
        bullets = Counter(_key(one) for one in entry.get("highlights", []))
        whole = [one for one in job["bullets"] if bullets[_key(one)]]
        found.update(all_jobs=1, all_bullets=len(job["bullets"]), jobs=named and dates, dates=dates, bullets=len(whole))
        if not (named and dates):
            shown = {key: entry.get(key) for key in ("position", "name", "location", "startDate", "endDate")}
            lost.append(f"job {job['position']} / {job['name']} {job['start']}-{job['end']}: {shown}")
        lost += [f"bullet {one!r} among {entry.get('highlights')}" for one in job["bullets"] if one not in whole]
    name = _key((data.get("basics") or {}).get("name"))
    found.update(all_files=1, ghosts=len(left), names=name == _key(expected["name"]))
    lost += [f"ghost {one}" for one in left]
    if name != _key(expected["name"]):
        lost.append(f"name {name!r} for {expected['name']!r}")
    return found


def compare_schools(data: Data, expected: Data, misses: list[str]) -> Counter[str]:
    """Count the schools of one file that were read right, and those that the file does not have.

    A school is right with its institution, the words of its degree in fields of their own, and both dates.
    """
    read: list[dict[str, Any]] = list(data.get("education") or [])
    left = [
        _school(
            one.get("institution"), [one.get("studyType"), one.get("area")], one.get("startDate"), one.get("endDate")
        )
        for one in read
    ]
    found: Counter[str] = Counter(all_schools=len(expected["schools"]))
    for one in expected["schools"]:
        school = _school(one["institution"], [one["degree"]], one["start"], one["end"])
        if school in left:
            left.remove(school)
            found.update(schools=1)
        else:
            misses.append(f"school {one}")
    misses += [f"no such school {one}" for one in left]
    return found + Counter(ghost_schools=len(left))


def _school(institution: object, degree: list[object], start: object, end: object) -> tuple[object, ...]:
    words = re.findall(r"[^\W_]+", _key(" ".join(map(str, filter(None, degree)))))
    dates = (_date(start), "" if end == "present" else _date(end))
    return _key(institution), sorted(word for word in words if word not in _JOINING), dates


def score(papers: Iterable[Paper], damage: str = "", *, show: bool = False) -> Counter[str]:
    """Read the files of papers, or their texts with a damage, and add up what was read right, and what was told."""
    total: Counter[str] = Counter()
    for paper in papers:
        misses: list[str] = []
        document = read_resume(FILES / paper.file)
        if damage:
            worse = DAMAGES[damage](document.text, random.Random(paper.file))  # noqa: S311 - no secret
            document = read_resume(worse, files=False)
        data, expected = document.data.to_data(), truth(load(paper.content), paper.dates)
        found = compare(data, expected, misses)
        total += found + told(wrong=bool(misses), sure=document.read.sure) + compare_schools(data, expected, misses)
        if show and misses:
            print(f"\n== {paper.file}", *(f"   {miss}" for miss in misses), sep="\n")
    return total


def told(*, wrong: bool, sure: bool) -> Counter[str]:
    """Count a file that was read wrong or right, and whether its confidence says that it may be wrong."""
    return Counter({f"{'wrong' if wrong else 'right'} {'not told' if sure else 'told'}": 1})


def report(title: str, found: Counter[str]) -> str:
    """Return the figures of some files in one line."""
    rows: tuple[tuple[str, str, str], ...] = (
        ("jobs right", "jobs", "all_jobs"),
        ("bullets whole", "bullets", "all_bullets"),
        ("date pairs", "dates", "all_jobs"),
        ("names", "names", "all_files"),
    )
    rows += (("schools", "schools", "all_schools"),) if found["all_schools"] else ()
    figures = [f"{name} {found[key]}/{found[whole]} = {found[key] / found[whole]:.1%}" for name, key, whole in rows]
    return (
        f"{title}: {', '.join(figures)}, ghosts {found['ghosts']} jobs {found['ghost_schools']} schools in "
        f"{found['all_files']} files; {_verdicts(found)}"
    )


def _verdicts(found: Counter[str]) -> str:
    """Return how many files are told as doubtful of those that were read wrong, and of those read right."""
    wrong, right = (found[f"{kind} told"] + found[f"{kind} not told"] for kind in ("wrong", "right"))
    silent = found["wrong not told"]
    return (
        f"read wrong {wrong}: told {wrong - silent}, not told {silent}; read right {right}: told {found['right told']}"
    )


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [paper for paper in PAPERS if not words or any(word in paper.file for word in words)]
    show_misses = "--misses" in sys.argv
    for heading, group in (
        ("layouts that the rules' author looked at", [one for one in chosen if not one.held]),
        ("layouts kept apart", [one for one in chosen if one.held and "--dev" not in sys.argv]),
    ):
        if group:
            print(report(heading, score(group, show=show_misses and not group[0].held)))
    for kind in DAMAGES:
        print(f"made worse, {kind}: {_verdicts(score(chosen, kind))}")
