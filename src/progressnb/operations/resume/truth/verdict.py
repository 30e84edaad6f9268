"""The claims of the rules and of a model in one list, and the verification that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Claim, Cleared, Verification
from progressnb.operations.resume.words.terms import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["all_claims", "verdict"]


def all_claims(by_code: Iterable[Claim], by_model: Iterable[Claim]) -> list[Claim]:
    """Join the claims that code and a model found; a claim that both found is kept as the code's."""
    joined = list(by_code)
    known = {(fold_case(claim.text).strip(), claim.place) for claim in joined}
    texts = {text for text, _ in known}
    places: dict[str, list[str]] = {}
    for text, place in known:
        places.setdefault(place, []).append(text)
    for claim in by_model:
        text = fold_case(claim.text).strip()
        same = text in texts or any(text in one or one in text for one in places.get(claim.place, ()) if text)
        if not same:
            texts.add(text)
            joined.append(claim.model_copy(update={"source": "model"}))
    return joined


def verdict(
    claims: Sequence[Claim],
    model_summary: str = "",
    removed: Sequence[Claim] = (),
    unchecked: Sequence[Claim] = (),
    cleared: Sequence[Cleared] = (),
) -> Verification:
    """Return the verification with a summary of the claims; `model_summary` is added to it and changes nothing."""
    compared = "Numbers, dates, names, titles, degrees, skills and words of role and reach were compared with the old "
    parts = [compared + "resume by rules; the other wording of duties was not."]
    parts.append(
        f"{_number(claims, 'claim is', 'claims are')} not in the old one." if claims else "No contradiction found."
    )
    if unchecked:
        parts.append(f"{_number(unchecked, 'statement', 'statements')} could not be compared: read them.")
    if cleared:
        doubts = _number(cleared, "doubt of the rules was", "doubts of the rules were")
        parts.append(f"{doubts} cleared by the old resume's words.")
    if removed:
        parts.append(f"{_number(removed, 'unsupported claim was', 'unsupported claims were')} removed.")
    if model_summary:
        parts.append(f"The model says: {model_summary}")
    return Verification(
        unsupported=_plain(claims),
        unchecked=_plain(unchecked),
        removed=_plain(removed),
        cleared=[*cleared],
        summary=" ".join(parts),
    )


def _number(found: Sequence[Claim | Cleared], one: str, several: str) -> str:
    return f"{len(found)} {one if len(found) == 1 else several}"


def _plain(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims without what the check notes of them."""
    return [Claim(text=one.text, place=one.place, why=one.why, source=one.source) for one in claims]
