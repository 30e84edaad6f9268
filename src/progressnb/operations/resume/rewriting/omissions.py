"""The parts of a resume that do not serve the job: the text to send leaves out what may be, the data keep it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import text_at, value_at
from progressnb.operations.resume.words.sentences import segments
from progressnb.operations.resume.words.terms import clip

from .move import Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import JsonValue

    from progressnb.operations.resume.evaluation.finding import Finding
    from progressnb.operations.resume.schemas import Cut

__all__ = ["allowed_cuts", "omissions"]

_SECTIONS = {
    "interests": "Nothing that the job asks for stands there.",
    "references": "References are given when they are asked for; nothing that the job asks for stands there.",
}
# Parts about the person and not the work may be left out as a whole. Jobs, schools and skills are always shown,
# whatever a model proposes.
_WHOLE = re.compile(r"(?:interests|references|basics\.image)|(?:interests|references|basics\.profiles)\[\d{1,4}\]")
_SENTENCE = re.compile(r"basics\.summary|(?:work|volunteer|projects)\[\d{1,4}\]\.(?:summary|highlights\[\d{1,4}\])")


def omissions(data: dict[str, JsonValue], findings: list[Finding], title: str) -> Iterator[Move]:
    """Yield the moves that leave interests and references out of the shown text, where they are no evidence."""
    evidence = {leaf.path for finding in findings for leaf in finding.evidence}
    for section, why in _SECTIONS.items() if findings else ():
        text = text_at(data, section)
        if text and not any(path.startswith(section) for path in evidence):
            yield Move(
                path=section,
                before=text,
                after="",
                change=f"Leave {section} out of the text to send.",
                why=f"Not shown, kept in the data: {why}",
                requirement=title or findings[0].requirement.text,
                evidence=clip(text),
            )


def allowed_cuts(data: dict[str, JsonValue], cuts: Iterable[Cut]) -> list[Cut]:
    """Return the cuts that may be made: whole interests, references and accounts, and single sentences."""
    kept: list[Cut] = []
    for cut in cuts:
        value = value_at(data, cut.place)
        if cut.text.strip() and _SENTENCE.fullmatch(cut.place) and isinstance(value, str):
            whole = set(segments(cut.text)).issubset(segments(value))  # "not" alone would turn a sentence round
            if whole and cut.text in value and value.strip() != cut.text.strip():
                kept.append(cut)
        elif value is not None and _WHOLE.fullmatch(cut.place):
            kept.append(cut.model_copy(update={"text": ""}))
    return kept
