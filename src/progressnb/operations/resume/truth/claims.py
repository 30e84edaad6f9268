"""The truth check of sentences: the numbers, dates, degrees, events, titles, names and skills that they claim."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.schemas import Claim
from progressnb.operations.resume.words.lexicon import CUES, DIMINISHERS, EVENTS, ORDINARY, SKILLS
from progressnb.operations.resume.words.terms import clip, degrees, fold, raw_words, stem, words
from progressnb.operations.resume.words.vocabulary import ALIASES, DEGREE_NAMES, POSITION_WORDS, STOPWORDS
from progressnb.operations.resume.words.wording import full_degrees, keys_of, plain, segments, undiminished

from .counts import Segment, check_dates, check_numbers, employers, mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.operations.resume.documents.json_resume import Leaf
    from progressnb.operations.resume.schemas import Claim

    from .original import Original

__all__ = ["check_prose"]

_CAPITALIZED = re.compile(r"(?<![^\W_])[^\W\d_](?:[^\W_]|[.+#'\u2019&](?=[^\W_]))*[+#]{0,2}")
_SENTENCE_END = re.compile(r"[.!?:;\n•–—|(\"“·-]\s*$")
_ITEM = re.compile(
    r"[,;:()|/.–—]|(?<![^\W_])(?:and|or|to|for|on|at|with|from|by|including|across|while|which|as)(?![^\W_])"
)
_VERB_OR_ADJECTIVE = re.compile(
    r"(?:ed|ing|ly|tion|sion|ment|ness|ity|ive|ous|ful|able|ible|ant|ent|ance|ence|ship|ward|wards|less|ical|ional|ised|ized|ate|ary|ory|ic|al|some)$"
)
# Skills whose name is a common verb or noun: in small letters they count only after "proficient in" and the like.
_ALSO_WORDS = frozenset(
    [
        "excel",
        "spark",
        "sage",
        "lambda",
        "epic",
        "hive",
        "oracle",
        "cucumber",
        "postman",
        "looker",
        "pals",
        "workday",
        "react",
        "flask",
        "express",
        "agile",
    ]
)
_LONGEST = 4
# Titles that are titles wherever they stand; "lead" and "head" are also verbs, "coach" and "server" other things.
_TITLES = frozenset(POSITION_WORDS | {"vp", "superintendent"}) - frozenset(
    [
        "lead",
        "leader",
        "staff",
        "head",
        "partner",
        "owner",
        "server",
        "chief",
        "operator",
        "worker",
        "specialist",
        "coach",
        "guard",
        "pilot",
        "cook",
        "host",
        "author",
        "agent",
    ]
)
_CLOSE = 4
# Words that raise the title after them.
_RAISERS = frozenset(
    ["head", "lead", "senior", "chief", "principal", "executive", "managing", "general", "regional", "director"]
)
_MADE = frozenset(
    [
        "built",
        "build",
        "wrote",
        "written",
        "write",
        "coded",
        "developed",
        "implemented",
        "programmed",
        "rewrote",
        "rewritten",
        "created",
        "scripted",
        "ported",
    ]
)
_MOVED = 4


def check_prose(leaf: Leaf, old: Original, entry: str | None, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    """Check the sentences of a text; `entry` is the old entry that it belongs to, if any."""
    # Where the old resume was a text, rules guessed its entries, and a sentence may belong to another one.
    entry = entry if old.structured else None
    lines = [line for line in re.split(r"\n|[ ]·[ ]", leaf.text) if line.strip()]
    for text in (part for line in lines for part in ([line] if old.says(line) else segments(line))):
        segment = Segment(leaf.path, text, entry)
        if old.says(text):
            yield from _check_moved(segment, old)
            continue
        yield from check_numbers(segment, old)
        yield from check_dates(segment, old)
        yield from _check_degrees(segment, old)
        yield from _check_events(segment, old)
        yield from _check_pairs(segment, old)
        yield from _check_names(segment, old)
        yield from _check_titles(segment, old)
        yield from _check_skills(segment, old, asked)


def _check_moved(segment: Segment, old: Original) -> Iterator[Claim]:
    owners = old.owners[plain(segment.text)]
    if segment.entry and segment.entry not in owners and None not in owners and len(keys_of(segment.text)) >= _MOVED:
        yield segment.claim(segment.text, f"The old resume says this of {min(map(str, owners))}, not here.")


# --- degrees and events --------------------------------------------------------------------------------


def _check_degrees(segment: Segment, old: Original) -> Iterator[Claim]:
    levels = degrees(full_degrees(segment.text))
    for level in sorted(levels - old.degrees):
        yield segment.claim(clip(segment.text, 80), f"The old resume does not have a {DEGREE_NAMES[level]}.")
    if len(levels) == 1 and levels <= old.degrees:
        (level,) = levels
        degree_words = {
            *words("bachelor master doctor science art degree diploma of"),
            *words(full_degrees("MBA BCA LLB PhD")),
        }
        keys = {key for key in keys_of(segment.text) if key not in ORDINARY and key not in degree_words}
        passages = [old.passages[number] for number in old.with_any(keys)]
        mine = max((len(keys.intersection(one.keys)) for one in passages if level in one.levels), default=0)
        other = max(
            (len(keys.intersection(one.keys)) for one in passages if one.levels - {level} and level not in one.levels),
            default=0,
        )
        if other > mine:
            yield segment.claim(
                clip(segment.text, 80), f"The old resume has another degree there, no {DEGREE_NAMES[level]}."
            )


def _check_events(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check certificates, awards, promotions and the like: the old resume must claim the same of the same thing."""
    keys = [key for key in words(full_degrees(segment.text)) if key not in STOPWORDS]
    for kind in dict.fromkeys(EVENTS[key] for key in keys if key in EVENTS):
        about = {key for key in keys if key not in ORDINARY and key not in EVENTS}
        passages = [old.passages[number] for number in old.with_any(about)]
        sections = {
            "certificate": "certificates",
            "award": "awards",
            "publication": "publications",
            "graduation": "education",
        }
        section = sections.get(kind, kind)
        held = any(kind in one.events or (one.entry or "").startswith(section) for one in passages)
        if not held and not (not about and kind in _all_events(old)):
            yield segment.claim(clip(segment.text, 80), f"The old resume does not have this {kind}.")


def _all_events(old: Original) -> set[str]:
    return {kind for key, kind in EVENTS.items() if key in old.known}


# --- names, titles, skills ------------------------------------------------------------------------------


def _check_pairs(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check a title beside an employer: both must be of one entry, or of one sentence."""
    keys = keys_of(segment.text)
    names, titles = list(mentions(keys, employers(old))), list(mentions(keys, old.heads("position", "studyType")))
    for place in dict.fromkeys(place for place, _ in titles):
        close = [(where, path) for where, path in names if 0 <= max(where[0] - place[1], place[0] - where[1]) <= _CLOSE]
        owners = {path for where, path in titles if where == place}
        if not close or owners.intersection(path for _, path in close):
            continue
        title = keys[place[0] : place[1]]
        said = any(_holds_near(old, [*title, *keys[where[0] : where[1]]]) for where, _ in close)
        own = any(
            undiminished(old.entries[path].joined, title) and _has(old.entries[path].joined, title) for _, path in close
        )
        if not said and not own:
            yield segment.claim(segment.text, "In the old resume this title is of another place.")


def _has(joined: str, keys: list[str]) -> bool:
    return f" {' '.join(keys)} " in joined


def _holds_near(old: Original, keys: list[str]) -> bool:
    return bool(old.with_all(keys))


def _check_names(segment: Segment, old: Original) -> Iterator[Claim]:
    run: list[str] = []
    ends = 0
    text = segment.text
    for match in _CAPITALIZED.finditer(text):
        word = match[0]
        if run and text[ends : match.start()].strip():
            yield _name(run, segment)
            run = []
        first = not text[: match.start()].strip() or bool(
            _SENTENCE_END.search(text[max(0, match.start() - 8) : match.start()])
        )
        if _is_unsupported_name(word, old, first=first) and not _begins_other_name(text[match.start() :], old):
            run.append(word)
        elif run:
            yield _name(run, segment)
            run = []
        ends = match.end()
    if run:
        yield _name(run, segment)


def _begins_other_name(text: str, old: Original) -> bool:
    """Tell whether a name begins another name of what the old resume has: Microsoft Excel for MS Excel."""
    for size in (3, 2):
        raw = list(raw_words(" ".join(text[:80].split()[:size])))
        keys = words(" ".join(raw))
        if len(raw) == size > len(keys) and old.supports(keys):
            return True
    return False


def _name(run: list[str], segment: Segment) -> Claim:
    name = " ".join(run)
    return segment.claim(name, f"The old resume does not mention {clip(name)}.")


def _is_unsupported_name(word: str, old: Original, *, first: bool) -> bool:
    raw = list(raw_words(word))
    keys = words(word)
    titles = {one.removesuffix("s") for one in raw} & _TITLES
    if titles and not any(one in old.raw or one + "s" in old.raw for one in titles):
        return True
    if not keys or all(old.knows(key) for key in keys) or all(old.knows(stem(one)) for one in raw):
        return False
    inner = any(char.isupper() for char in word[1:]) or any(char in "+#&" for char in word)
    if word.isupper() and len(word) >= 3 and word.casefold() in old.acronyms:  # noqa: PLR2004 - the shortest
        return False
    ordinary = all(key in ORDINARY for key in keys)
    if inner:
        return not (ordinary and not word.isupper())
    if not word[0].isupper() or fold(word) in STOPWORDS or ordinary:
        return False
    # A capital at the beginning of a sentence says little: what looks like a verb or an adjective is one.
    return not first or not _VERB_OR_ADJECTIVE.search(word.casefold())


def _check_titles(segment: Segment, old: Original) -> Iterator[Claim]:
    """Check "head nurse", "lead developer": the old resume must put these words together too."""
    raw = list(raw_words(segment.text))
    for one, other in itertools.pairwise(raw):
        if one in _RAISERS and other in POSITION_WORDS and other not in _RAISERS:
            keys = keys_of(f"{one} {other}")
            if not old.supports(keys):
                yield segment.claim(f"{one} {other}", f"The old resume does not have the title {one} {other}.")
    for before, one in itertools.pairwise(["", *raw]):
        # "Assistant programmer" is no evidence for a programmer.
        lower = one in _TITLES and one in old.raw and stem(before) not in DIMINISHERS
        if lower and not undiminished(old.joined, keys_of(one)):
            yield segment.claim(one, f"In the old resume {one} is only a part of a lower title.")


def _check_skills(segment: Segment, old: Original, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    raw = list(raw_words(segment.text))
    keys = words(segment.text)
    plain_words = set(raw)
    capitals = set(re.findall(r"[^\W_]+", segment.text))
    for begins in range(len(keys)):
        for size in range(min(_LONGEST, len(keys) - begins), 0, -1):
            found = tuple(keys[begins : begins + size])
            name = SKILLS.get(found) or asked.get(found)
            if not name or old.supports(list(found)):
                continue
            if size == 1 and found in SKILLS and not _is_written(name, plain_words, capitals):
                continue
            yield segment.claim(_quoted(name, segment.text), f"The old resume does not have the skill {name}.")
            break
    for item in (*_after_cues(raw), *_made_in(raw, old)):
        item_keys = [key for key in words(item) if key not in STOPWORDS]
        unknown = [key for key in item_keys if not old.knows(key) and key not in ORDINARY and not key.isdigit()]
        if unknown:
            yield segment.claim(item, f"The old resume does not have the skill {clip(item)}.")


def _made_in(raw: list[str], old: Original) -> Iterator[str]:
    """Yield what something was built or written in, if nobody knows the word."""
    if _MADE.isdisjoint(raw):
        return
    for one, other in itertools.pairwise(raw):
        known = old.knows(stem(other)) or stem(other) in ORDINARY or other in STOPWORDS or other[0].isdigit()
        if one == "in" and not known and not _VERB_OR_ADJECTIVE.search(other):
            yield other


def _is_written(name: str, plain_words: set[str], capitals: set[str]) -> bool:
    if name in _ALSO_WORDS:
        return name.capitalize() in capitals or name.upper() in capitals
    forms = {name, name + "s"}
    if name.endswith("ing"):
        base = name.removesuffix("ing")
        forms |= {base, base + "s", base + "ed", base + "er", base + "ers"}
    other = {one for one, meant in ALIASES.items() if meant == name}
    return not plain_words.isdisjoint(forms | other)


def _quoted(name: str, text: str) -> str:
    found = re.search(re.escape(name), text, re.IGNORECASE)
    return found[0] if found else name


def _after_cues(raw: list[str]) -> Iterator[str]:
    """Yield what stands after "proficient in" and the like, up to the next word that joins."""
    index = 0
    while index < len(raw):
        cue = next((cue for cue in CUES if raw[index : index + len(cue)] == cue), None)
        if cue is None:
            index += 1
            continue
        index += len(cue)
        item: list[str] = []
        while index < len(raw) and len(item) < _LONGEST:
            word = raw[index]
            if word in {
                "and",
                "or",
                "to",
                "for",
                "on",
                "at",
                "with",
                "from",
                "by",
                "across",
                "while",
                "which",
                "as",
                "in",
                "that",
            }:
                if word not in {"and", "or"} or not item:
                    break
                yield " ".join(item)
                item = []
            else:
                item.append(word)
            index += 1
        if item:
            yield " ".join(item)
