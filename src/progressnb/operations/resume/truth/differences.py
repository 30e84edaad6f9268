"""The words of the new resume beside those of the old one, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves, section_of
from progressnb.operations.resume.schemas import Difference

from .wording import keys_of, normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.operations.resume.schemas import CustomizedResume

    from .original import Original

__all__ = ["differences"]

_SAME = 0.3  # of the keys of the shorter text


def differences(old: Original, new: CustomizedResume, aligned: Mapping[str, str | None]) -> list[Difference]:
    """Return each text of the new resume that the old one lacks, with its old words, and each old text that went.

    `aligned` has the path of the old entry of each new entry.
    """
    there = {leaf.path: leaf.text for leaf in leaves(old.data)}
    now = {leaf.path: leaf.text for leaf in leaves(new.data) if section_of(leaf.path) not in {"meta", "$schema"}}
    texts = {normalize(text) for text in now.values()}
    gone = {path: text for path, text in there.items() if normalize(text) not in texts}
    found: list[Difference] = []
    for path, text in now.items():
        if old.has_sentence(text):
            continue
        before = _nearest(path, text, gone, aligned)
        found.append(Difference(place=path, before=gone.pop(before, "") if before else "", after=text))
    lost = [Difference(place=path, before=text, after="") for path, text in gone.items() if section_of(path) != "meta"]
    return [*found, *lost]


def _nearest(path: str, text: str, gone: Mapping[str, str], aligned: Mapping[str, str | None]) -> str | None:
    """Return the path of the old text that a new one was made from."""
    entry, bracket, rest = path.partition("]")
    home = (aligned.get(entry + bracket) or entry + bracket) if bracket else path
    keys = set(keys_of(text))

    def score(one: str) -> float:
        other = set(keys_of(gone[one]))
        common = len(keys & other) / max(1, min(len(keys), len(other)))
        return common + 0.1 * (one == home + rest)

    near = [one for one in gone if one.startswith(home) or one == path]
    best = max(near, key=score, default=None)
    return best if best and score(best) >= (_SAME if best != home + rest or "highlights" in rest else 0) else None
