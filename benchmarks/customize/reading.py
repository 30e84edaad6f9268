"""What of 69 generated resumes is read right: `python -m benchmarks.customize.reading [part of a name] [--misses]`.

The contents are known, so each job, bullet, date and name that is read is compared with what the file says.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.customize.papers.content import Data, load, truth
from benchmarks.customize.papers.plan import PAPERS, Paper
from progressnb.operations.resume.reading.confidence import assess
from progressnb.operations.resume.reading.inputs import read_resume

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FILES", "compare", "score"]

FILES = Path(__file__).parents[2] / "tests" / "operations" / "resume" / "papers"
"""Where the generated files lie."""


def _key(text: object) -> str:
    return re.sub(r"\s+", " ", str(text or "")).strip(" .,").casefold().replace("\u2019", "'")


def _date(value: object) -> str:
    return str(value or "")


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


def score(papers: Iterable[Paper], *, show: bool = False) -> Counter[str]:
    """Read the files of papers, and add up what was read right."""
    total: Counter[str] = Counter()
    for paper in papers:
        misses: list[str] = []
        document = read_resume(FILES / paper.file)
        data = document.data.to_data()
        found = compare(data, truth(load(paper.content), paper.dates), misses)
        wrong = found["jobs"] < found["all_jobs"] or found["ghosts"] > 0 or found["names"] == 0
        doubted = not assess(document.text, data).sure
        total += found + Counter(wrong=wrong, told=wrong and doubted, alarms=doubted and not misses)
        if show and misses:
            print(f"\n== {paper.file}", *(f"   {miss}" for miss in misses), sep="\n")
    return total


def _report(title: str, found: Counter[str]) -> None:
    rows = (
        ("jobs right", "jobs", "all_jobs"),
        ("bullets whole", "bullets", "all_bullets"),
        ("date pairs", "dates", "all_jobs"),
        ("names", "names", "all_files"),
    )
    figures = [f"{name} {found[key]}/{found[whole]} = {found[key] / found[whole]:.1%}" for name, key, whole in rows]
    print(
        f"{title}: {', '.join(figures)}, ghost jobs {found['ghosts']} in {found['all_files']} files; "
        f"files with a wrong job, ghost or name {found['wrong']}, told as doubtful {found['told']}, "
        f"whole files told so {found['alarms']}"
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
            _report(heading, score(group, show=show_misses and not group[0].held))
