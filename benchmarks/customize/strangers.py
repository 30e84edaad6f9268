"""Shares of strangers' data that are read, checked and ranked right.

    python -m benchmarks.customize.strangers [--folder PATH] [--misses]

The data of the folders were written by people who had seen no rule of this package; the README of each tells how. Of
a folder is measured what it has: resumes.json, claims.json, postings.json. A rewrite is checked as a text of the new
resume against the file that it was made from.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from itertools import product
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.customize.apart import share
from benchmarks.customize.evaluation import auc, tfidf
from benchmarks.customize.reading import compare, compare_schools, report, told
from progressnb.errors import InputError
from progressnb.operations.resume.documents.paths import Leaf
from progressnb.operations.resume.reading.inputs import read_job, read_resume
from progressnb.operations.resume.rules import evaluate
from progressnb.operations.resume.truth.original import Original
from progressnb.operations.resume.truth.prose import check_prose
from progressnb.operations.resume.truth.segment import Doubt, Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.reading.inputs import ResumeDocument

FOLDERS = tuple(map(Path(__file__).with_name, ("stranger", *(f"stranger_{number}" for number in range(2, 13)))))
_SAME = 0.6


def _load(folder: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def _resume(folder: Path, file: str) -> ResumeDocument | None:
    """Read a file, or return None if it is refused."""
    try:
        return read_resume(folder / "resumes" / file)
    except InputError as error:
        print(f"refused: {error}", file=sys.stderr)
        return None


def _truth(data: dict[str, Any]) -> dict[str, Any]:
    def job(one: dict[str, Any]) -> dict[str, Any]:
        end = str(one.get("end") or "")
        return {
            "name": one["employer"], "position": one["title"], "location": "", "start": str(one.get("start") or ""),
            "end": "" if end == "present" else end, "bullets": one["bullets"],
        }  # fmt: skip

    return {**data, "jobs": [job(one) for one in data["jobs"]]}


def resumes(folder: Path, *, misses: bool) -> Counter[str]:
    """Compare what is read of each file with what it says."""
    total: Counter[str] = Counter()
    for file, data in _load(folder, "resumes").items():
        document = _resume(folder, file)
        if document is None:
            total.update(refused=1)
            continue
        lost: list[str] = []
        read = document.data.to_data()
        total += compare(read, _truth(data), lost) + told(wrong=bool(lost), sure=document.read.sure)
        total += compare_schools(read, data, lost) if "schools" in data else Counter()
        if misses and (lost or not document.read.sure):
            print(f"\n== {file} {document.read} {document.read.doubts()[:3]}", *lost, sep="\n   ")
    return total


class Rewrite(NamedTuple):
    """A rewrite of a resume, the inventions in it, what the resume was read as, and what rules find in the rewrite."""

    text: str
    invented: list[str]
    note: str
    resume: ResumeDocument
    old: Original
    found: list[Found]


def rewrites(folder: Path) -> Iterator[Rewrite]:
    """Read the claims of a folder, in their order."""
    read: dict[str, tuple[ResumeDocument, Original]] = {}
    for case in _load(folder, "claims"):
        paper = case.get("file") or case["original"]
        if paper not in read:
            document = (_resume(folder, paper) if case.get("file") else None) or read_resume(
                case["original"], files=False
            )
            read[paper] = document, Original(document)
        document, old = read[paper]
        found = list(check_prose(Leaf("basics.summary", case["rewrite"]), old, None, {}))
        note = f"{case.get('file', '')} {case.get('note', '')}".strip()
        yield Rewrite(case["rewrite"], case["invented"], note, document, old, found)


def check(folder: Path, *, misses: bool) -> Iterator[str]:
    """Yield how many rewrites with an invention and without one are claimed or told, and how often each check is right.

    A check is right if its words and those of an invention have half of either in common.
    """
    counts: dict[str, Counter[str]] = {"invented": Counter(), "honest": Counter()}
    checks: dict[str, Counter[str]] = {}
    for one in rewrites(folder):
        claims = [claim for claim in one.found if not isinstance(claim, Doubt)]
        kind = "invented" if one.invented else "honest"
        counts[kind].update(all=1, claimed=bool(claims), told=bool(one.found))
        for found in one.found:
            right = any(max(share(found.text, words), share(words, found.text)) >= 1 / 2 for words in one.invented)
            name = f"{'doubted' if isinstance(found, Doubt) else 'claimed'} {'right' if right else 'wrong'}"
            checks.setdefault(found.kind or "other words", Counter()).update([name])
        if misses and bool(claims) == (kind == "honest"):
            shown = [(claim.kind, claim.text, claim.why) for claim in claims]
            print(f"\n{kind}: {one.note}\n   {one.resume.text}\n   > {one.text}\n   {one.invented} {shown}")
    for kind, count in counts.items():
        claimed, said = count["claimed"] / count["all"], count["told"] / count["all"]
        yield f"{kind} {count['all']}: claimed {claimed:.1%}, or told {said:.1%}"
    for name, count in sorted(checks.items()):
        yield f"  {name:16} " + ", ".join(
            f"{kind} {count[f'{kind} right']} right {count[f'{kind} wrong']} wrong" for kind in ("claimed", "doubted")
        )


def postings(folder: Path, *, misses: bool) -> Counter[str]:
    """Count requirements that are read, their importance, and sentences that ask for nothing but are read."""
    count: Counter[str] = Counter()
    for posting in _load(folder, "postings"):
        read = read_job(posting["text"], files=False).requirements
        for asked in posting["requirements"]:
            near = [one for one in read if max(share(one.text, asked["text"]), share(asked["text"], one.text)) >= _SAME]
            best = max(near, key=lambda one: share(one.text, asked["text"]), default=None)
            count.update(asked=1, found=bool(best), weighed=best is not None and best.importance == asked["kind"])
            if misses and best is None:
                print(f"  lost in {posting['trade']}: {asked}")
        for noise in posting["noise"]:
            false = [one.text for one in read if share(one.text, noise) >= _SAME]
            count.update(noise=1, false=bool(false))
            if misses and false:
                print(f"  noise in {posting['trade']}: {false}")
    return count


def ranking(folder: Path, *, misses: bool) -> Iterator[str]:
    """Yield how often a fitting resume is before one of a near trade, and AUC among all resumes; TF-IDF beside it."""
    jobs = _load(folder, "postings")
    texts = [text for job in jobs for text in (*job["good"], *job["bad"])]
    read = [read_resume(text, files=False) for text in texts]
    postings = [read_job(job["text"], files=False) for job in jobs]
    ours = [[float(evaluate(resume, job).match_score) for job in postings] for resume in read]
    theirs = tfidf(texts, [job["text"] for job in jobs])
    own: list[int] = []
    begins: list[int] = []
    for number, job in enumerate(jobs):
        begins.append(len(own))
        own += [*[number] * len(job["good"]), *[-1] * len(job["bad"])]
    for name, scores in (("score", ours), ("TF-IDF", theirs)):
        wins: list[float] = []
        for number, job in enumerate(jobs):
            good = range(begins[number], begins[number] + len(job["good"]))
            bad = range(good.stop, good.stop + len(job["bad"]))
            pairs = [(scores[one][number], scores[other][number]) for one, other in product(good, bad)]
            wins += [1.0 if one > other else 0.5 if one == other else 0.0 for one, other in pairs]
            if misses and name == "score" and any(one <= other for one, other in pairs):
                print(f"  ranked wrong: {job['trade']} {pairs}")
        yield f"{name}: fitting before near trade {mean(wins):.2f}, AUC among all {auc(scores, own):.3f}"


def report_of(folder: Path, *, misses: bool) -> Iterator[str]:
    """Yield the lines of the report of a folder."""
    if (folder / "resumes.json").exists():
        found = resumes(folder, misses=misses)
        yield f"{report('resumes', found)}; refused {found['refused']}"
    if (folder / "claims.json").exists():
        yield from check(folder, misses=misses)
    if (folder / "postings.json").exists():
        count = postings(folder, misses=misses)
        read = f"requirements {count['found']}/{count['asked']}, importance {count['weighed']}/{count['found']}"
        yield f"{read}, noise {count['false']}/{count['noise']}"
        yield from ranking(folder, misses=misses)


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, action="append", help="a folder with the data; the package's if none")
    parser.add_argument("--misses", action="store_true", help="print what is not right")
    given = parser.parse_args()
    for folder in given.folder or filter(Path.exists, FOLDERS):
        print(f"== {folder.name}")
        for line in report_of(folder, misses=given.misses):
            print(line)


if __name__ == "__main__":
    main()
