"""What the rules change in a resume: the order of what is in it, and facts of it put first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.evaluation.matching import ResumeIndex, assess
from progressnb.operations.resume.words.synonyms import other_name
from progressnb.operations.resume.words.terms import clip

from .relevance import Move, Relevance, text_of, title_of
from .tailoring import cuts, names_asked, other_names, section_order

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from pydantic import JsonValue

    from progressnb.operations.resume.evaluation.matching import Finding
    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

__all__ = ["Move", "moves"]

# Jobs and schools stay in the order of time, as readers expect.
_SORTED_SECTIONS = ("skills", "projects", "certificates", "awards", "publications")
_SORTED_LISTS = ("highlights", "keywords", "courses")
_SUMMARY_FACTS = 4
_LABEL_LENGTH = 100
_FACT_LENGTH = 160
_SHOWN = 300


def _lists(data: dict[str, JsonValue]) -> Iterator[tuple[str, list[JsonValue]]]:
    """Yield each list whose order is free, with its path; inner lists first."""
    for section, entries in data.items():
        if not isinstance(entries, list) or section == "interests":
            continue
        for index, entry in enumerate(entries):
            for key in _SORTED_LISTS:
                inner = entry.get(key) if isinstance(entry, dict) else None
                if isinstance(inner, list):
                    yield f"{section}[{index}].{key}", inner
        if section in _SORTED_SECTIONS:
            yield section, entries


def _order(path: str, items: list[JsonValue], relevance: Relevance) -> Move | None:
    whole_only = not path.endswith(("highlights", "projects", "publications"))
    ranks = [relevance.rank(text_of(item), whole_only=whole_only) for item in items]
    places = sorted(range(len(items)), key=lambda place: -ranks[place].score)
    after = [items[place] for place in places]
    if after == items:
        return None
    place = next(place for number, place in enumerate(places) if items[place] != items[number])
    rank, first = ranks[place], items[place]
    requirement = rank.requirement.text if rank.requirement else ""
    evidence = clip(title_of(first))
    joiner = ", " if path.endswith(("keywords", "skills")) else "\n"
    nearest = "what serves it comes first" if rank.whole else "what is nearest to it in words comes first"
    return Move(
        path=path,
        after=after,
        before_text=joiner.join(clip(title_of(item), _SHOWN) for item in items),
        after_text=joiner.join(clip(title_of(item), _SHOWN) for item in after),
        change=f"Move “{evidence}” up, and order the rest by what the job asks for.",
        why=f"The job asks for “{clip(requirement)}”; {nearest}.",
        requirement=requirement,
        evidence=evidence,
        places=tuple(places),
    )


def _summary_facts(
    data: dict[str, JsonValue], findings: list[Finding], asked: dict[str, str]
) -> list[tuple[str, Finding | None]]:
    """Choose the facts that a reader of this job looks for, in the words of the resume."""
    facts: list[tuple[str, Finding | None]] = []
    basics = data.get("basics")
    label = basics.get("label") if isinstance(basics, dict) else None
    if isinstance(label, str) and label.strip() and len(label) <= _LABEL_LENGTH:
        facts.append((label.strip(), None))
    named: dict[str, Finding] = {}
    rest: list[tuple[str, Finding]] = []
    for finding in sorted(findings, key=lambda one: -one.requirement.weight):
        for leaf in finding.evidence if finding.credit >= 1 or finding.requirement.kind == "skill" else ():
            if leaf.path.startswith("skills"):
                named.setdefault(leaf.text, finding)
            elif leaf.path.startswith(("education", "certificates", "languages", "work")) and not _is_detail(leaf.path):
                rest.append((leaf.text, finding))
    if named:
        named = {(other_name(name, asked) or name).partition(" (")[0]: finding for name, finding in named.items()}
        facts.append((", ".join(named), next(iter(named.values()))))
    facts += rest
    seen: dict[str, tuple[str, Finding | None]] = {}
    for fact, serving in facts:
        line = " ".join(fact.split())
        if len(line) <= _FACT_LENGTH:
            seen.setdefault(line.casefold(), (line, serving))
    return list(seen.values())[:_SUMMARY_FACTS]


def _is_detail(path: str) -> bool:
    """Tell whether a place is too small for the summary: a bullet, a course, a sentence."""
    return any(key in path for key in (".highlights", ".courses", ".summary", ".description"))


def _summary(data: dict[str, JsonValue], findings: list[Finding], asked: dict[str, str]) -> Move | None:
    facts = _summary_facts(data, findings, asked)
    serving = next((finding for _, finding in facts if finding), None)
    if serving is None:
        return None
    line = " · ".join(fact for fact, _ in facts)
    basics = data.get("basics")
    before = basics.get("summary") if isinstance(basics, dict) else None
    before = before if isinstance(before, str) else ""
    served = list(dict.fromkeys(finding.requirement.text for _, finding in facts if finding))
    if before.startswith(line):
        return None
    return Move(
        path="basics.summary",
        after=f"{line}\n\n{before}" if before.strip() else line,
        before_text=before,
        after_text=f"{line}\n\n{before}" if before.strip() else line,
        change="Begin the summary with the facts that the job asks for.",
        why="The job asks for " + "; ".join(f"“{clip(text, 100)}”" for text in served) + ".",
        requirement=served[0],
        evidence=next(fact for fact, finding in facts if finding),
    )


def moves(resume: ResumeDocument, job: JobDocument, today: date) -> list[Move]:
    """Work out every change that the rules would make, most useful first."""
    data = resume.data.to_data()
    index = ResumeIndex(resume.data, today)
    findings = [assess(index, requirement) for requirement in job.requirements]
    relevance = Relevance(job.requirements)
    found = [
        _summary(data, findings, names_asked(job)),
        *other_names(data, job),
        *(_order(path, items, relevance) for path, items in _lists(data)),
        section_order(data, findings),
        *cuts(data, findings, relevance, job.title),
    ]
    return [move for move in found if move]
