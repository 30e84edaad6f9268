"""The assessment of a requirement that asks for a language, and of one that asks for a place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.terms import fold_case

from .finding import THIN, Finding

if TYPE_CHECKING:
    from progressnb.operations.resume.documents.paths import Leaf
    from progressnb.operations.resume.reading.requirement import Requirement

    from .index import ResumeIndex

__all__ = ["assess_language", "assess_place"]

# Words of level, from the lowest: CEFR levels and what people write for them.
_LEVELS = (
    r"a1|a2|basic|some|beginner|elementary|grundkenntnisse|notions|básico",
    r"b1|intermediate|conversational|working knowledge|reading knowledge|reading",
    r"b2|good|upper intermediate|professional|gut\w*|good command|in wort und schrift|limited working",
    r"c1|fluent|fluency|advanced|very good|excellent|full professional|fliessend\w*|verhandlungssicher\w*|courant",
    r"c2|native|mother tongue|bilingual|muttersprach\w*|maternelle|nativo",
)
_LEVEL_PATTERNS = tuple(re.compile(rf"(?<![^\W_])(?:{names})(?![^\W_])") for names in _LEVELS)
_NAMES = {"en": ("english", "englisch", "anglais", "inglés"), "de": ("german", "deutsch", "allemand", "alemán"),
          "fr": ("french", "französisch", "français", "francés"), "es": ("spanish", "spanisch", "espagnol", "español"),
          "ru": ("russian", "russisch", "russe", "ruso")}  # fmt: skip


def assess_language(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare each language and its level with what the resume names; the resume's own language shows itself."""
    held_parts: list[float] = []
    evidence: list[Leaf] = []
    missing: list[str] = []
    remark = ""
    asked = _level(requirement.text)
    for name in requirement.terms:
        credit, number = index.look_up(name)
        if number is None:
            own = fold_case(name) in _NAMES.get(index.language or "", ())
            held_parts.append(THIN if own else 0.0)
            remark = "The resume is written in it, but does not name its level." if own else remark
            missing += [] if own else [name]
            continue
        held = _level(index.leaves[number].text)
        low = asked > held >= 0
        held_parts.append(THIN if low else credit)
        remark = "The resume names a lower level." if low else remark
        evidence.append(index.leaves[number])
    best = max(held_parts, default=0.0) if requirement.any_of else sum(held_parts) / max(1, len(held_parts))
    return Finding(requirement, best, tuple(evidence), tuple(missing) if best < 1 else (), remark)


def _level(text: str) -> int:
    found = [rank for rank, pattern in enumerate(_LEVEL_PATTERNS) if pattern.search(fold_case(text))]
    return max(found, default=-1)


def assess_place(index: ResumeIndex, requirement: Requirement) -> Finding:
    """Compare the places that a posting names with those of the person and of the last jobs."""
    named = set(re.findall(r"(?<![.!?]\s)(?<!^)[A-ZÄÖÜ][^\W\d_]{2,}", requirement.text))
    for leaf in index.places:
        if any(re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", leaf.text) for name in named):
            return Finding(requirement, 1.0, (leaf,))
    return Finding(requirement, 0.0, (), (), "Rules can't tell where you can work: say it in your letter.")
