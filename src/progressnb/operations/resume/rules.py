"""The four stages of a customization by rules: evaluate, plan, implement, verify.

They need no model and no network, give the same answer each time, and never invent: a draft has
only what the resume has, in an order that serves the job.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from .documents.json_resume import JSONResume
from .evaluation.matching import ResumeIndex, assess, quote, weigh
from .evaluation.weighing import is_soft
from .rewriting.moves import moves
from .schemas import Change, Cut, Draft, Evaluation, Gap, Improvement, Plan, Strength
from .truth.verification import verify
from .words.terms import clip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import JsonValue

    from .evaluation.matching import Finding
    from .evaluation.weighing import TradeFit
    from .reading.inputs import JobDocument, ResumeDocument
    from .rewriting.moves import Move

__all__ = ["evaluate", "implement", "plan", "verify"]

_HALF = 0.5
_SAME_TRADE = 0.3
_OTHER_TRADE = 0.7
# From here on a trade is said to be the same, and up to there to be another.
_ALIKE, _UNLIKE = 0.6, 0.2
_QUOTES = 3
_SHOWN = 4


def evaluate(resume: ResumeDocument, job: JobDocument, *, today: date | None = None) -> Evaluation:
    """Judge how far the resume supports what the job asks for.

    `match_score` is the share of the requirements that is supported, 0 to 100, weighted: years and
    degrees count 2, a requirement of several skills 2, a single skill 1, a responsibility 0.5, and
    what anybody may claim (teamwork, Microsoft Office) half of that. How much of a skill is supported:

    - what the resume names counts from 40 % (once in a long resume) to 100 % (a mention in each 100
      words, eight at most; one that stands alone, as titles and listed skills do, counts twice);
    - a skill that only a course, an interest or a reference names counts half;
    - what is near counts up to half, as Jenkins for CI/CD or some words of a term for the term.

    Where posting and resume both speak plainly of a trade, the same trade adds up to 30 % of what is
    missing (but no degree), and another takes away up to 70 %: a word named in passing is no trade.

    So 100 is every requirement with plain evidence, and 0 is none with any. Strengths have at least
    half of their parts in the resume and quote it; gaps lack something and quote what is near. `today`
    ends what is still going on. Raises nothing, whatever the documents are.
    """
    index = ResumeIndex(resume.data, today or _today())
    findings = [weigh(index, assess(index, requirement)) for requirement in job.requirements]
    trade = index.weights.trade_fit(job.title, job.requirements)
    score = _score(findings, trade)
    findings.sort(key=lambda finding: -finding.requirement.weight)
    strengths = [finding for finding in findings if finding.evidence and finding.credit >= _HALF]
    gaps = [finding for finding in findings if finding.credit < 1]
    return Evaluation(
        match_score=score,
        strengths=[Strength(requirement=one.requirement.text, evidence=_evidence(one)) for one in strengths],
        gaps=[Gap(requirement=one.requirement.text, advice=_advice(one)) for one in gaps],
        overall_assessment=_assessment(score, findings, trade),
    )


def _score(findings: list[Finding], trade: TradeFit) -> int:
    total, supported = 0.0, 0.0
    for finding in findings:
        requirement = finding.requirement
        weight = requirement.weight * (_HALF if is_soft(requirement) else 1)
        support = finding.support
        missing = 0 if requirement.degree else 1 - support
        support *= 1 - _OTHER_TRADE * trade.plainness * (1 - trade.share)
        support += missing * _SAME_TRADE * trade.plainness * trade.share
        total += weight
        supported += weight * support
    # Rounding must not make a perfect match of one that lacks something, nor nothing of a little.
    full = supported > total - 1e-9
    return 100 if total and full else min(99, max(1, round(100 * supported / total))) if supported else 0


def _today() -> date:
    return date.today()  # noqa: DTZ011 - a resume's dates have no time zone


def _evidence(finding: Finding) -> str:
    shown = "; ".join(map(quote, finding.evidence[:_QUOTES]))
    more = len(finding.evidence) - _QUOTES
    return f"{shown}; and {more} more" if more > 0 else shown


def _advice(finding: Finding) -> str:
    parts: list[str] = []
    if finding.remark:
        parts.append(finding.remark)
    if finding.missing and finding.evidence:
        parts.append(f"Not found in the resume: {_listed(finding.missing)}.")
    elif finding.missing:
        parts.append("Not found in the resume.")
    parts += [
        f"{one.name[:1].upper()}{one.name[1:]} is near to {clip(one.term, 60)} and counts in part: {quote(one.leaf)}."
        for one in finding.related[:_QUOTES]
    ]
    if finding.closest and not finding.related:
        parts.append(f"Closest: {quote(finding.closest)}.")
    kind = finding.requirement.kind
    if kind == "responsibility":
        parts.append("If you have done this, describe one time in your own words.")
    elif kind == "experience":
        parts.append("If you have the years, say in the entries what you did and when.")
    elif kind == "education":
        parts.append("If you have the degree or what the job takes as its equal, name it with its field.")
    elif finding.evidence and not finding.missing:
        parts.append("If you have used it, say where.")
    else:
        parts.append("Add it only if it is true, with where you used it.")
    return " ".join(parts)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(clip(text, 60) for text in texts)


def _assessment(score: int, findings: list[Finding], trade: TradeFit) -> str:
    if not findings:
        return "By rules, without an LLM: no requirement could be read from the posting, so nothing was compared."
    full = [one for one in findings if one.credit == 1]
    part = [one for one in findings if 0 < one.credit < 1]
    none = [one for one in findings if one.credit == 0]
    counts = f"{len(full)} fully, {len(part)} in part and {len(none)} not at all; weighted, that is {score} of 100."
    sentences = [f"By rules, without an LLM: of {len(findings)} requirements the resume supports {counts}"]
    if full:
        sentences.append(f"Supported: {_some(full)}.")
    if none:
        sentences.append(f"Without evidence: {_some(none)}.")
    if trade.plainness >= _HALF and trade.share >= _ALIKE:
        sentences.append(f"Resume and posting speak of the same trade ({trade.asked}).")
    elif trade.plainness >= _HALF and trade.share <= _UNLIKE and trade.asked != trade.held:
        sentences.append(f"The posting speaks of another trade ({trade.asked}) than the resume ({trade.held}).")
    sentences.append("What is named often or stands out counts more than what is named in passing.")
    sentences.append("Rules compare words, dates and degrees; how well something was done they can't tell.")
    return " ".join(sentences)


def _some(findings: list[Finding]) -> str:
    shown = "; ".join(f"“{clip(one.requirement.text, 60)}”" for one in findings[:_SHOWN])
    return f"{shown}; and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else shown


def plan(resume: ResumeDocument, job: JobDocument, evaluation: Evaluation, *, today: date | None = None) -> Plan:
    """List the changes that serve the job and need nothing that the resume doesn't have.

    Changes that serve a strength of the evaluation come first.
    """
    strong = {strength.requirement for strength in evaluation.strengths}
    found = sorted(moves(resume, job, today or _today()), key=lambda move: move.requirement not in strong)
    return Plan(
        improvements=[
            Improvement(change=move.change, section=move.path, requirement=move.requirement, evidence=move.evidence)
            for move in found
        ]
    )


def implement(resume: ResumeDocument, job: JobDocument, plan: Plan, *, today: date | None = None) -> Draft:
    """Make those changes that the plan names by section, and no others; nothing is lost or invented.

    What is cut stays in the data and is not shown in the text.

    A section may be a path (`work[0].highlights`) or what contains it (`work`), so that a plan from
    a model works too; what rules can't do there is left as it is.
    """
    data = resume.data.to_data()
    sections = [_section(improvement.section) for improvement in plan.improvements]
    changes: list[Change] = []
    order: list[str] = []
    cuts: list[Cut] = []
    for move in moves(resume, job, today or _today()):
        if any(_covers(section, move.path) for section in sections):
            if move.path == "order":
                order = move.after_text.split(", ")
            elif move.cuts:
                cuts += move.cuts
            else:
                _put(data, move)
            changes.append(Change(before=move.before_text, after=move.after_text, why=move.why))
    return Draft(resume=JSONResume.model_validate(data), changes=changes, order=order, cuts=cuts)


def _section(text: str) -> str:
    return text.strip().strip("$.").casefold()


def _covers(section: str, path: str) -> bool:
    path = path.casefold()
    return bool(section) and (
        path == section or path.startswith((section + ".", section + "[")) or path.endswith("." + section)
    )


def _put(data: dict[str, JsonValue], move: Move) -> None:
    """Set the value at a move's path; paths come from the data itself, so they exist but for the summary."""
    *steps, last = re.findall(r"[^.\[\]]+", move.path)
    place: JsonValue = data
    for step in steps:
        if isinstance(place, dict):
            place = place.setdefault(step, {})
        elif isinstance(place, list):
            place = place[int(step)]
    if isinstance(place, list):
        place[int(last)] = move.after
    elif isinstance(place, dict):
        current = place.get(last)
        # A list is put into its order as it is now: what is in it may have changed before.
        ordered = move.places and isinstance(current, list)
        place[last] = (
            [current[number] for number in move.places] if ordered and isinstance(current, list) else move.after
        )
