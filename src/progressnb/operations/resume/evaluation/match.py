"""The evaluation of a resume for a job by rules: score, strengths and gaps."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.schemas import Evaluation, Gap, Strength
from progressnb.operations.resume.words.lists import read_words
from progressnb.operations.resume.words.terms import comparison_keys, stem, telling_keys
from progressnb.operations.resume.words.trade_vocabulary import trade_vocabulary
from progressnb.operations.resume.words.vocabulary import GENERIC

from .advice import advice, assessment, shown_evidence
from .assess import findings_of
from .index import ResumeIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument
    from progressnb.operations.resume.reading.requirement import Requirement
    from progressnb.operations.resume.words.trade_vocabulary import Profile

    from .finding import Finding

__all__ = ["evaluate"]

_HALF = 0.5
# What the same trade adds of the missing part, and what another trade takes away.
_SAME_TRADE, _OTHER_TRADE = 0.3, 0.7
# A trade is recognized by this many of its terms, in a resume and in a posting, or by a title on a line of its own.
_RESUME_TERMS, _POSTING_TERMS, _PLAIN = 2, 3, 1.0
# The similarity from which two trades are called the same, and up to which they are called different.
_ALIKE, _UNLIKE = 0.6, 0.2
# The likeness of the texts moves this share of the score; a posting of fewer requirements is no text to compare.
_BY_LIKENESS, _SEVERAL = 0.4, 4
_COMMON_WEIGHT = 0.3  # of a word that stands in many resumes, against 1 for any other
_LIKE_TEXTS = 0.3  # the cosine from which two texts speak of the same work
_COMMON = frozenset(stem(word) for word in (*read_words("ordinary"), *GENERIC))


def evaluate(resume: ResumeDocument, job: JobDocument, *, today: date | None = None) -> Evaluation:
    """Evaluate how far a resume supports the requirements of a job.

    `match_score` is the supported share of the requirements in percent, 0 to 100. The weights are 2 for years, degrees
    and requirements of several skills, 1 for a skill, a language or a permission, 0.5 for a duty, 0.25 for a place; 70
    % of that for what should be and 40 % for what would be nice. The support of a skill is:

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
    findings = findings_of(index, job)
    trade = _trade_fit(index.trades, job.title, job.requirements)
    # The text of a job object has its keys too.
    lines = [one.text for one in job.requirements] if job.format == "json" else job.text.split("\n")
    texts = [job.title, *lines]
    like = _closeness([keys for _, keys in index.pieces], texts) if len(job.requirements) >= _SEVERAL else None
    score = _score(findings, trade, like)
    findings.sort(key=lambda finding: -finding.requirement.weight)
    strengths = [finding for finding in findings if finding.evidence and finding.credit >= _HALF]
    gaps = [finding for finding in findings if finding.credit < 1]
    return Evaluation(
        match_score=score,
        strengths=[Strength(requirement=one.requirement.text, evidence=shown_evidence(one)) for one in strengths],
        gaps=[Gap(requirement=one.requirement.text, advice=advice(one)) for one in gaps],
        overall_assessment=assessment(score, findings, trade.told),
    )


def _score(findings: list[Finding], trade: _TradeFit, like: float | None) -> int:
    total, supported = 0.0, 0.0
    for finding in findings:
        requirement = finding.requirement
        weight = requirement.weight
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


class _TradeFit(NamedTuple):
    """The similarity of two trades, the part of the requirements that speak of one trade, and a sentence; 0 to 1."""

    share: float = 0.0
    plainness: float = 0.0
    told: str = ""


def _trade_fit(resume: Profile, title: str, requirements: Sequence[Requirement]) -> _TradeFit:
    """Compare the trades of a resume with a posting's; without a plain trade on both sides the fit is all zeros."""
    known = trade_vocabulary()
    asked = [{*known.find(comparison_keys(term))} for one in requirements if not one.degree for term in one.terms]
    named = Counter(term for terms in ({*known.find(comparison_keys(title))}, *asked) for term in terms)
    posting = known.profile(named.items())
    top, own = posting.top, resume.top
    if top is None or own is None or not asked or max(posting.terms.values()) < _POSTING_TERMS:
        return _TradeFit()
    if resume.weights[own] < _PLAIN and max(resume.terms.values()) < _RESUME_TERMS:
        return _TradeFit()
    agreeing = Counter(trade for terms in asked for trade in {one for term in terms for one in known.trades_of(term)})
    share, plainness = posting.similarity(resume), max(agreeing.values(), default=0) / len(asked)
    told = ""
    if plainness >= _HALF and share >= _ALIKE:
        told = f"Resume and posting speak of the same trade ({known.names[top]})."
    elif plainness >= _HALF and share <= _UNLIKE and top != own:
        told = f"The posting speaks of another trade ({known.names[top]}) than the resume ({known.names[own]})."
    return _TradeFit(share, plainness, told)


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
