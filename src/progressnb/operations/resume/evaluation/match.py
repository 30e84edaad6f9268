"""The evaluation of a resume for a job by rules: score, strengths and gaps, and what covers each requirement."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Coverage, Evaluation, Gap, Strength
from progressnb.operations.resume.words.terms import comparison_keys, telling_keys
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary

from .assess import findings_of
from .finding import advice, assessment, quote, remark, shown_evidence
from .index import COMMON, COMMON_WEIGHT, ResumeIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument
    from progressnb.operations.resume.words.trade_vocabulary import Profile

    from .finding import Finding

__all__ = ["coverage", "evaluate"]

_HALF = 0.5
# What the same trade adds of the missing part, and what another trade takes away.
_SAME_TRADE, _OTHER_TRADE = 0.3, 0.7
# A trade is recognized by this many of its terms, in a resume and in a posting, or by a title on a line of its own.
_RESUME_TERMS, _POSTING_TERMS, _PLAIN = 2, 3, 1.0
# The similarity from which two trades are called the same, and up to which they are called different.
_ALIKE, _UNLIKE = 0.6, 0.2
# The likeness of the texts moves this share of the score; a posting of fewer requirements is no text to compare.
_BY_LIKENESS, _SEVERAL = 0.4, 4
_LIKE_TEXTS = 0.3  # the cosine from which two texts speak of the same work
_QUOTES = 2


def evaluate(resume: ResumeDocument, job: JobDocument, *, today: date | None = None) -> Evaluation:
    """Evaluate how far a resume supports the requirements of a job.

    `match_score` is the supported share of the requirements in percent, 0 to 100. The weights are 2 for years, degrees
    and requirements of several skills, 1 for a skill, a language or a permission, 0.5 for a duty, 0.25 for a place; 70
    % of that for what should be and 40 % for what would be nice. A skill that the resume names counts in full; a near
    thing, such as Jenkins for CI/CD, or some words of a term count up to half.

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
    findings = findings_of(index, job)
    alike, told = _trade_fit(index.trades, job)
    # The text of a job object has its keys too.
    lines = [one.text for one in job.requirements] if job.format == "json" else job.text.split("\n")
    texts = [job.title, *lines]
    like = _closeness([keys for _, keys in index.pieces], texts) if len(job.requirements) >= _SEVERAL else None
    score = _score(findings, alike, like)
    findings.sort(key=lambda finding: -finding.requirement.weight)
    strengths = [finding for finding in findings if finding.evidence and finding.credit >= _HALF]
    gaps = [finding for finding in findings if finding.credit < 1]
    return Evaluation(
        match_score=score,
        strengths=[Strength(requirement=one.requirement.text, evidence=shown_evidence(one)) for one in strengths],
        gaps=[Gap(requirement=one.requirement.text, advice=advice(one)) for one in gaps],
        overall_assessment=assessment(score, findings, told),
    )


def coverage(resume: ResumeDocument, job: JobDocument, *, today: date | None = None) -> list[Coverage]:
    """Return one row for each requirement, in the posting's order."""
    index = ResumeIndex(resume.data, today or date.today())  # noqa: DTZ011 - a resume's dates have no time zone
    return [_row(finding) for finding in findings_of(index, job)]


def _row(finding: Finding) -> Coverage:
    requirement = finding.requirement
    compared = (finding.closest,) if finding.closest and not finding.remark else ()
    evidence = finding.evidence or compared
    plain = finding.credit == 1 and not finding.missing
    return Coverage(
        requirement=requirement.text,
        kind=requirement.kind,
        importance=requirement.importance,
        status="found" if plain else "otherwise" if evidence else "missing",
        evidence=[quote(leaf) for leaf in evidence[:_QUOTES]],
        remark=finding.remark or ("The nearest words of the resume: compare them." if compared else remark(finding)),
    )


def _score(findings: list[Finding], alike: float | None, like: float | None) -> int:
    total, supported = 0.0, 0.0
    for finding in findings:
        weight, support = finding.requirement.weight, finding.support
        if alike is not None:
            added = 0 if finding.requirement.degree else _SAME_TRADE * alike * (1 - support)
            support = support * (1 - _OTHER_TRADE * (1 - alike)) + added
        total += weight
        supported += weight * support
    if like is not None and supported < total:
        supported += _BY_LIKENESS * (like * (total - supported) - (1 - like) * supported)
    # Rounding must not turn an incomplete match into 100, nor a small one into 0.
    full = supported > total - 1e-9
    return 100 if total and full else min(99, max(1, round(100 * supported / total))) if supported else 0


def _trade_fit(resume: Profile, job: JobDocument) -> tuple[float | None, str]:
    """Return how alike the trades of resume and posting are, 0 to 1, and a sentence; None if one has no plain trade."""
    known = trade_vocabulary()
    texts = [job.title, *(term for one in job.requirements if not one.degree for term in one.terms)]
    posting = known.profile(Counter(term for text in texts for term in {*known.find(comparison_keys(text))}).items())
    top, own = posting.top, resume.top
    if top is None or own is None or max(posting.terms.values()) < _POSTING_TERMS:
        return None, ""
    if resume.weights[own] < _PLAIN and max(resume.terms.values()) < _RESUME_TERMS:
        return None, ""
    alike, told = posting.similarity(resume), ""
    if alike >= _ALIKE:
        told = f"Resume and posting speak of the same trade ({known.names[top]})."
    elif alike <= _UNLIKE and top != own:
        told = f"The posting speaks of another trade ({known.names[top]}) than the resume ({known.names[own]})."
    return alike, told


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
    return {key: (1 + math.log(number)) * (COMMON_WEIGHT if key in COMMON else 1.0) for key, number in counts.items()}
