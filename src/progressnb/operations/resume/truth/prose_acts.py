"""The truth check of roles: titles, acts, reach and standing that raise one, and activities that are new.

An act is recognized by its words (acts.txt). "Led the audit" needs a sentence of the old resume about the audit that
has an act of leading: "Supported the audit" has none. Where the old sentence says that somebody helped, the new one
must say so too.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.words.lists import read_groups, read_patterns, read_words
from progressnb.operations.resume.words.terms import raw_words, stem
from progressnb.operations.resume.words.vocabulary import POSITION_WORDS, STOPWORDS, UNCERTAIN_TITLES

from .acronyms import spelled_out
from .lexicon import DIMINISHERS, ORDINARY
from .wording import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Original
    from .parts import Part
    from .segment import Found, Segment

__all__ = ["CERTAIN_RANKS", "RANKS", "check_acts", "check_standing", "check_titles"]

RANKS = frozenset(read_words("ranks"))
"""Words that make a title a higher one."""

CERTAIN_RANKS = RANKS - UNCERTAIN_TITLES
"""Words that are a rank in any place."""

_GROUPS = {name: frozenset(members.split()) for name, members in read_groups("act_kinds").items()}
_FAR = 4  # words from a rank to its position

_HELP = "help"
_CLAUSE = re.compile(r"\s*(?:[,;:]|(?<![^\W_])(?:and|und|et|y|и|who|which|while|for which|as)(?![^\W_]))\s+")
_NEW_KEYS = 2
_FIRST_WORDS = 4
_MOST_FOUND = 20
_LONGEST_BESIDE = 40  # characters
_WORDS_BESIDE = 2
_STEM = 6  # letters
_PASSIVE = re.compile(r"\s*(?:by|von|durch)\s")
_INTO = re.compile(r"\s*(?:in|on|at|as|by|me|us)\s")
_BEFORE_OTHERS = re.compile(
    r"(?<![^\W_])(?:(?:to|for|with|from|by|of)\s(?:the\s|our\s|a\s|an\s)?|de[nm]\s|the\s|au\s|al\s)$"
)
_VERB = re.compile(r"[^\W_]+(?:ed|ing|ted|ies|te|iert)$")


def check_titles(segment: Segment, old: Original) -> Iterator[Found]:
    """Find titles that a word raises, such as "head nurse" and "regional manager", and professions with a licence."""
    raw = list(raw_words(segment.text))
    for index, word in enumerate(raw):
        licensed = word in _GROUPS["licensed"] and (not index or raw[index - 1] not in _GROUPS["before others"])
        if licensed and not (old.knows(stem(word)) or old.has(word)):
            yield segment.claim(word, f"The old resume does not have the profession {word}.")
        adjective = word in _GROUPS["adjectives"]
        if not adjective and word not in RANKS:
            continue
        behind = itertools.takewhile(lambda one: one not in STOPWORDS, raw[index + 1 : index + _FAR])
        position = next((one for one in behind if one in POSITION_WORDS), "")
        known = word in old.raw if adjective else position in RANKS or old.has(f"{word} {position}")
        if position and not known:
            title = f"{word} {position}"
            yield segment.claim(title, f"The old resume does not have the title {title}.")


def check_standing(segment: Segment, old: Original) -> Iterator[Found]:
    """Find words that raise the reach or the standing of what was done."""
    text = _without_names(segment, old)
    entry = old.entries.get(segment.entry or "")
    there = [(entry or old).folded, *(one.folded for one in old.passages.about(keys_of(text)))]
    for meaning, pattern in read_patterns("raisers").items():
        found = pattern.search(text)
        if not found or (segment.foreign and meaning not in _GROUPS["translated"]):
            continue
        if meaning in _GROUPS["posts"] and (_BEFORE_OTHERS.search(text[: found.start()]) or _is_lower(found)):
            continue  # "supported the head of sales", "deputy head"
        if not any(_says(meaning, pattern, found[0], one) for one in there):
            why = "The old resume does not say this."
            yield segment.doubt(why) if meaning == "alone" else segment.claim(found[0], why)


def check_acts(segment: Segment, old: Original) -> Iterator[Found]:
    """Find roles, reaches and activities that the old resume does not support, at most one claim for a clause.

    Where rules can't tell, the sentence is doubted.
    """
    if segment.foreign:
        yield segment.doubt(
            "It is in another language than the old resume: numbers, dates and names were compared, the words not."
        )
        return
    text = _without_names(segment, old)
    nearest = old.passages.about(keys_of(text))
    helped = _has(_HELP, text) or _has("help+", text)
    lost_help = bool(nearest) and not helped and _has(_HELP, _start(nearest[0].folded))
    doubts = ["The old resume speaks of help or of a part in it."] if lost_help else []
    for clause in filter(None, (part.strip(" .") for part in _CLAUSE.split(text))):
        kind = _unsupported_kind(clause, old, nearest, helped=helped)
        if kind and (lost_help or kind not in _GROUPS["mild"]):
            yield segment.claim(clause, "The old resume does not say that you did this.")
        elif kind or _is_new(clause, old):
            doubts.append("The old resume has other words, or nothing, for this activity.")
    if doubts:
        yield segment.doubt(doubts[0])


def _has(kind: str, text: str) -> bool:
    return read_patterns("acts")[kind].search(text) is not None


def _start(text: str) -> str:
    return " ".join(text.split()[:_FIRST_WORDS])


def _without_names(segment: Segment, old: Original) -> str:
    """Return the folded text of a sentence without the names that acronyms of the old resume stand for."""
    text = segment.folded
    for begins, ends in sorted(spelled_out(text, old.acronyms), reverse=True):
        text = f"{text[:begins]}…{text[ends:]}"
    return text


def _kinds(text: str) -> dict[str, tuple[int, int]]:
    """Return the kinds of acts that a text claims, with the place of the word."""
    kinds: dict[str, tuple[int, int]] = {}
    for kind, pattern in read_patterns("acts").items():
        if kind == _HELP or kind.endswith("+"):
            continue
        for found in pattern.finditer(text):
            if _BEFORE_OTHERS.search(text[: found.start()]):
                continue  # "presented to the director"
            after = _INTO if kind in {"teach", "judge"} else _PASSIVE
            if not after.match(text, found.end()):
                kinds[kind] = found.span()
                break
    return kinds


def _supports(kind: str, word: str, texts: list[str]) -> bool:
    near = word[:_STEM] if len(word) > _STEM else re.sub(r"(?<=\w{3}e)d$", "", word)  # "разработала" for "разработка"
    return any(
        _has(kind, text) or _has(f"{kind}+", text) or re.search(rf"(?<![^\W_]){re.escape(near)}", text)
        for text in texts
    )


def _unsupported_kind(clause: str, old: Original, nearest: list[Part], *, helped: bool) -> str:
    """Return the kind of an act that a clause claims, and no sentence about the same thing has; "" if there is none."""
    kinds = _kinds(clause)
    if not kinds:
        return ""
    words = {clause[begins:ends] for begins, ends in kinds.values()}
    about = [key for key in keys_of(clause) if key not in ORDINARY and not any(key in keys_of(word) for word in words)]
    texts = [one.folded for one in (old.passages.about(keys_of(clause)) or nearest)]
    if not about:
        texts = [old.folded]
        bare = [kind for kind in kinds if kind in _GROUPS["raising"] and not _has(kind, old.folded)]
        if bare and RANKS.isdisjoint(old.raw):
            return bare[0]  # "led a department" is no wording of "ran tests"
    else:
        # "Helped to design it" is no evidence for "Designed it".
        alone = [text for text in texts if helped or not _has(_HELP, _start(text))]
        if alone and alone[0] == texts[0]:  # the lines around it have its title: a team leader leads
            alone += [one.folded for one in old.passages.with_all(keys_of(alone[0])) if "\n" in one.text]
        texts = alone
    lacking = [kind for kind, (begins, ends) in kinds.items() if not _supports(kind, clause[begins:ends], texts)]
    # "Designed and built" claims nearly the same twice: one that is supported is enough for a clause.
    raising = [kind for kind in lacking if kind in _GROUPS["raising"]]
    return raising[0] if raising else lacking[0] if len(lacking) == len(kinds) else ""


def _says(meaning: str, pattern: re.Pattern[str], word: str, text: str) -> bool:
    """Tell whether a text has a word of a meaning, no lower one: no post beside "deputy", no part of a distinction."""
    places = itertools.islice(pattern.finditer(text), _MOST_FOUND)
    if meaning in _GROUPS["posts"]:
        return not all(map(_is_lower, places))
    return any(one[0] not in word or one[0] == word for one in places)


def _is_lower(found: re.Match[str]) -> bool:
    """Tell whether a word beside a post makes it a lower one."""
    beside = found.string[max(0, found.start() - _LONGEST_BESIDE) : found.start()].split()[-_WORDS_BESIDE:]
    beside += found.string[found.end() : found.end() + _LONGEST_BESIDE].split()[:1]
    return any(stem(one.strip("(),;.")) in DIMINISHERS for one in beside)


def _is_new(clause: str, old: Original) -> bool:
    """Tell whether a clause begins with a verb and no word of it that tells something is in the old resume."""
    words = clause.split()
    if not words or not (_VERB.match(words[0]) or _kinds(words[0])):
        return False
    keys = [key for key in keys_of(clause) if key not in ORDINARY and not key.isdigit() and key.isalpha()]
    return len(keys) >= _NEW_KEYS and not any(old.knows(key) for key in keys)
