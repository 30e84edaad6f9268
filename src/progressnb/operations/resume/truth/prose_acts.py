"""The truth check of acts: what raises a role, a reach or a standing, and activities that the old resume does not have.

An act is recognized by its words (acts.txt). "Led the audit" needs a sentence of the old resume about the audit that
has an act of leading: "Supported the audit" has none. Where the old sentence says that somebody helped, the new one
must say so too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.language import language_of
from progressnb.operations.resume.words.lists import read_groups, split_phrases
from progressnb.operations.resume.words.terms import fold_case, stem

from .lexicon import ORDINARY
from .wording import keys_of, overlap_weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.schemas import Claim

    from .original import Original
    from .passages import Passage
    from .segment import Segment

__all__ = ["check_acts", "unchecked_act"]

_HELP = "help"
_CLAUSE = re.compile(r"\s*(?:[,;:]|(?<![^\W_])(?:and|und|et|y|и|who|which|while|for which|as)(?![^\W_]))\s+")
_ABOUT_SAME = 0.6  # of the best overlap: sentences below it speak of something else
_NEW_KEYS = 2
_NEAREST = 8
_PASSIVE = re.compile(r"\s*(?:by|von|durch)\s")
_INTO = re.compile(r"\s*(?:in|on|at|as|by)\s")
_VERB = re.compile(r"[^\W_]+(?:ed|ing|ted|ies|te|iert)$")


@cache
def _patterns(name: str) -> dict[str, re.Pattern[str]]:
    """Return one pattern for each group of a list."""
    found: dict[str, re.Pattern[str]] = {}
    for kind, text in read_groups(name).items():
        parts = [re.escape(one).replace(r"\*", r"[^\W_]*") for one in split_phrases(text)]
        found[kind] = re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])")
    return found


def check_acts(segment: Segment, old: Original) -> Iterator[Claim]:
    """Find roles, reaches and activities that the old resume does not support, at most one claim for a clause."""
    text = fold_case(segment.text)
    known = _without_titles(text, old)
    if language_of(segment.text) not in {None, old.language}:
        return
    nearest = _nearest(keys_of(text), old)
    yield from _raised(segment, known, nearest, old)
    lost = _lost_help(known, nearest)
    for clause, whole in _clauses(segment.text, known):
        kind = _unsupported_kind(clause, old, nearest)
        if kind:
            yield segment.claim(whole, f"The old resume does not say that you did this ({_NAMES.get(kind, kind)}).")
        elif _is_new(clause, old):
            yield segment.claim(whole, "The old resume does not mention this activity.")
        elif lost and not _patterns("acts")[_HELP].search(known):
            yield segment.claim(whole, "In the old resume this was help or a part in it.")
            lost = False


def unchecked_act(segment: Segment, old: Original) -> bool:
    """Tell whether a sentence has a verb that no sentence of the old resume about the same thing has."""
    nearest = _nearest(keys_of(segment.text), old)
    near = {key for one in nearest for key in one.keys}
    verbs = [word for clause, _ in _clauses(segment.text, fold_case(segment.text)) for word in clause.split()[:1]]
    return any(_VERB.match(word) and stem(word) not in near | ORDINARY and not _kinds(word) for word in verbs)


_NAMES = {
    "lead": "leading", "manage": "managing", "found": "founding or introducing", "make": "designing or making",
    "teach": "teaching or mentoring", "hire": "hiring", "negotiate": "negotiating", "judge": "auditing or approving",
    "speak": "speaking or representing", "publish": "publishing", "win": "winning or an honour", "advise": "advising",
    "repair": "repairing", "set": "deciding", "trade": "buying, selling or growing",
}  # fmt: skip


def _without_titles(text: str, old: Original) -> str:
    """Return the folded text without the titles and names that the old resume has, which claim no act."""
    for title in old.titles:
        text = text.replace(title, " … ")
    return text


def _clauses(original: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield each clause of the folded text, with the words to quote."""
    begins = 0
    for found in [*_CLAUSE.finditer(text), None]:
        clause = text[begins : found.start() if found else len(text)].strip(" .")
        if clause:
            at = fold_case(original).find(clause)
            yield clause, original[at : at + len(clause)] if at >= 0 and len(fold_case(original)) == len(original) else original
        begins = found.end() if found else 0


def _nearest(keys: list[str], old: Original) -> list[Passage]:
    """Return the sentences of the old resume that speak of the same thing."""
    wanted = set(keys)
    scored = [
        (overlap_weight(wanted.intersection(one.keys)), number)
        for number in old.passages.with_any(wanted)
        if "\n" not in (one := old.passages[number]).text
    ]
    best = max((score for score, _ in scored), default=0)
    chosen = sorted((one for one in scored if one[0] >= max(1, best * _ABOUT_SAME)), reverse=True)
    return [old.passages[number] for _, number in chosen[:_NEAREST]]


def _kinds(text: str) -> dict[str, tuple[int, int]]:
    """Return the kinds of acts that a text claims, with the place of the word."""
    kinds: dict[str, tuple[int, int]] = {}
    for kind, pattern in _patterns("acts").items():
        if kind == _HELP or kind.endswith("+"):
            continue
        for found in pattern.finditer(text):
            after = _INTO if kind in {"teach", "judge"} else _PASSIVE
            if not after.match(text, found.end()):
                kinds[kind] = found.span()
                break
    return kinds


def _supports(kind: str, text: str) -> bool:
    acts = _patterns("acts")
    return bool(acts[kind].search(text) or acts[f"{kind}+"].search(text))


def _unsupported_kind(clause: str, old: Original, nearest: list[Passage]) -> str:
    kinds = _kinds(clause)
    if not kinds:
        return ""
    own = _nearest(keys_of(clause), old)
    texts = [one.folded for one in (own or nearest)]
    bare = not any(key not in ORDINARY for key in keys_of(clause) if not any(key in stem(clause[a:b]) for a, b in kinds.values()))
    if bare:
        texts = [old.folded]
    lacking = [kind for kind in kinds if not any(_supports(kind, text) for text in texts)]
    # A word such as "designed and built" claims nearly the same twice: one that is supported is enough for a clause.
    return lacking[0] if len(lacking) == len(kinds) or "lead" in lacking else ""


def _raised(segment: Segment, text: str, nearest: list[Passage], old: Original) -> Iterator[Claim]:
    entry = old.entries.get(segment.entry) if segment.entry else None
    there = fold_case(entry.text) if entry else old.folded
    for kind, pattern in _patterns("raisers").items():
        found = pattern.search(text)
        if found and not pattern.search(there) and not any(pattern.search(one.folded) for one in nearest):
            yield segment.claim(found[0], "The old resume does not say this.")


def _lost_help(text: str, nearest: list[Passage]) -> bool:
    """Tell whether the old sentence speaks of help or of a part, and the new one of neither."""
    acts = _patterns("acts")
    if not nearest or acts[_HELP].search(text) or acts["help+"].search(text):
        return False
    return acts[_HELP].search(nearest[0].folded) is not None


def _is_new(clause: str, old: Original) -> bool:
    """Tell whether a clause begins with a verb and no word of it that tells something is in the old resume."""
    words = clause.split()
    if not words or not (_VERB.match(words[0]) or _kinds(words[0])):
        return False
    keys = [key for key in keys_of(clause) if key not in ORDINARY and not key.isdigit()]
    return len(keys) >= _NEW_KEYS and not any(old.knows(key) for key in keys)
