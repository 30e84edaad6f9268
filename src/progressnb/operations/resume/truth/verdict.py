"""The claims of the rules and of a model in one list, and the verification that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Claim, Verification
from progressnb.operations.resume.words.terms import fold_case

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def verdict(claims: list[Claim], model_summary: str = "", removed: list[Claim] | None = None) -> Verification:
    """Return the verification with a summary of the claims; `model_summary` is added to it and changes nothing."""
    compared = "Numbers, dates, names, titles, degrees and skills were compared with the old resume by rules"
    if claims:
        parts = [f"{compared}; {len(claims)} {'is' if len(claims) == 1 else 'are'} not in it."]
    else:
        parts = [f"{compared}; everything in the new one is in the old one."]
    if removed:
        parts.append(f"{len(removed)} unsupported {'claim was' if len(removed) == 1 else 'claims were'} removed.")
    if model_summary:
        parts.append(f"The model says: {model_summary}")
    return Verification(unsupported=claims, removed=removed or [], summary=" ".join(parts))
