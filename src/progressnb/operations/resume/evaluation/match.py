"""The evaluation of a resume for a job by rules: score, strengths, gaps, and the sentences about them."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Evaluation, Gap, Strength
from progressnb.operations.resume.words.lists import read_words
from progressnb.operations.resume.words.terms import clip, comparison_keys, stem, telling_keys
from progressnb.operations.resume.words.vocabulary import GENERIC

from .assess import findings_of, weigh
from .finding import quote
from .index import ResumeIndex
from .trade_fit import compare_trades, is_soft

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

    from .finding import Finding
    from .trade_fit import TradeFit

__all__ = ["evaluate"]

_HALF = 0.5
_SAME_TRADE = 0.3
_OTHER_TRADE = 0.7
# The similarity from which two trades are called the same, and up to which they are called different.
_ALIKE, _UNLIKE = 0.6, 0.2
# The likeness of the texts moves this share of the score.
_SEVERAL = 4  # requirements: a posting of fewer is no text to compare
_BY_LIKENESS = 0.4
_QUOTES = 3
_SHOWN = 4


def evaluate(resume: ResumeDocument, job: JobDocument, *, today: date | None = None) -> Evaluation:
    """Evaluate how far a resume supports the requirements of a job.

    `match_score` is the supported share of the requirements in percent, 0 to 100. The weights are 2 for years, degrees
    and requirements of several skills, 1 for a skill, a language or a permission, 0.5 for a duty, 0.25 for a place; 70
    % of that for what should be and 40 % for what would be nice; and half of that for a skill that anybody may claim
    (teamwork, Microsoft Office). The support of a skill is:

    - for a skill that the resume names, from 40 % (one mention in a long resume) to 100 % (a mention in each 100 words,
      eight at most; one that fills its line, as titles and listed skills do, counts twice);
    - for a skill that only a course, an interest or a reference names, half of that;
    - for a near thing, such as Jenkins for CI/CD, or for some words of a term, up to half.

    If posting and resume both speak plainly of a trade, the same trade adds up to 30 % of the missing part (but no
    degree), and another trade takes away up to 70 %: a passing mention is not experience.

    With a posting of four requirements or more both are also compared as texts: likeness moves the score by up to 40 %
    of what is missing to 100 or to 0.

    So 100 means that every requirement has plain evidence, and 0 that none has any and no word is common. Strengths
    have evidence for at least half of their parts and quote it. Gaps lack a part and quote near things.

    Args:
        resume: The resume.
        job: The posting.
        today: The day that ends jobs without an end date; the current day by default.

    Returns:
        The evaluation, the same one for the same documents and day.

    """
    index = ResumeIndex(resume.data, today or date.today())  # noqa: DTZ011 - a resume's dates have no time zone
    findings = [weigh(index, finding) for finding in findings_of(index, job)]
    trade = compare_trades(index.weights.trades, job.title, job.requirements)
    # The text of a job object has its keys too.
    lines = [one.text for one in job.requirements] if job.format == "json" else job.text.split("\n")
    like = _closeness(index.keys, [job.title, *lines]) if len(job.requirements) >= _SEVERAL else None
    score = _score(findings, trade, like)
    findings.sort(key=lambda finding: -finding.requirement.weight)
    strengths = [finding for finding in findings if finding.evidence and finding.credit >= _HALF]
    gaps = [finding for finding in findings if finding.credit < 1]
    return Evaluation(
        match_score=score,
        strengths=[Strength(requirement=one.requirement.text, evidence=_evidence(one)) for one in strengths],
        gaps=[Gap(requirement=one.requirement.text, advice=_advice(one)) for one in gaps],
        overall_assessment=_assessment(score, findings, trade),
    )


def _score(findings: list[Finding], trade: TradeFit, like: float | None) -> int:
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
    if like is not None and supported < total:
        supported += _BY_LIKENESS * (like * (total - supported) - (1 - like) * supported)
    # Rounding must not turn an incomplete match into 100, nor a small one into 0.
    full = supported > total - 1e-9
    return 100 if total and full else min(99, max(1, round(100 * supported / total))) if supported else 0


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
    if kind == "duty":
        parts.append("If you have done this, describe one time in your own words.")
    elif kind == "years":
        parts.append("If you have the years, say in the entries what you did and when.")
    elif kind == "degree":
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


_COMMON = frozenset(stem(word) for word in (*read_words("ordinary"), *GENERIC))
_COMMON_WEIGHT = 0.3  # of a word that stands in many resumes, against 1 for any other
_LIKE_TEXTS = 0.3  # the cosine from which two texts speak of the same work


def _closeness(resume: Iterable[Sequence[str]], posting: Iterable[str]) -> float:
    """Return how alike the keys of a resume and the texts of a posting are, 0 to 1.

    It is the cosine of their words, each with the logarithm of its number, divided by the cosine of plainly like texts.
    """
    one = _vector(key for keys in resume for key in keys)
    other = _vector(key for text in posting for key in telling_keys(comparison_keys(text)))
    common = sum(weight * other.get(key, 0.0) for key, weight in one.items())
    length = math.sqrt(sum(weight**2 for weight in one.values()) * sum(weight**2 for weight in other.values()))
    return min(1.0, common / length / _LIKE_TEXTS) if length else 0.0


def _vector(keys: Iterable[str]) -> dict[str, float]:
    counts = Counter(telling for key in keys for telling in telling_keys([key]))
    return {key: (1 + math.log(number)) * (_COMMON_WEIGHT if key in _COMMON else 1.0) for key, number in counts.items()}
