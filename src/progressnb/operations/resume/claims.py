"""The truth check of sentences: the numbers, dates, degrees, events, titles, names and skills that they claim."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from .dates import find_dates
from .json_resume import Leaf
from .lexicon import CUES, EVENTS, ORDINARY, SKILLS
from .original import Original, following, full_degrees, has_date, keys_of, near, plain, segments, undiminished, weight
from .quantities import find_quantities
from .schemas import Claim
from .terms import clip, degrees, fold, raw_words, stem, words
from .vocabulary import ALIASES, DEGREE_NAMES, POSITION_WORDS, STOPWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .original import Numeral
    from .quantities import Quantity

__all__ = ["check_prose"]

_CAPITALIZED = re.compile(r"(?<![^\W_])[^\W\d_](?:[^\W_]|[.+#'\u2019&](?=[^\W_]))*[+#]{0,2}")
_SENTENCE_END = re.compile(r"[.!?:;\n•–—|(\"“·-]\s*$")
_ITEM = re.compile(r"[,;:()|/.–—]|(?<![^\W_])(?:and|or|to|for|on|at|with|from|by|including|across|while|which|as)(?![^\W_])")
_VERB_OR_ADJECTIVE = re.compile(
    r"(?:ed|ing|ly|tion|sion|ment|ness|ity|ive|ous|ful|able|ible|ant|ent|ance|ence|ship|ward|wards|less|ical|ional|ised|ized|ate|ary|ory|ic|al|some)$"
)
# Skills whose name is a common verb or noun: in small letters they count only after "proficient in" and the like.
_ALSO_WORDS = frozenset(
    ["excel", "spark", "sage", "lambda", "epic", "hive", "oracle", "cucumber", "postman", "looker", "pals", "workday", "react", "flask", "express", "agile"]
)
_LONGEST = 4
# Titles that are titles wherever they stand; "lead" and "head" are also verbs, "coach" and "server" other things.
_TITLES = frozenset(POSITION_WORDS | {"vp", "superintendent"}) - frozenset(
    "lead leader staff head partner owner server chief operator worker specialist coach guard pilot cook host author agent".split()
)
_COUNTED = {"language": "languages", "job": "work", "employer": "work", "role": "work", "position": "work",
            "company": "work", "project": "projects", "certificate": "certificates", "certification": "certificates",
            "degree": "education", "publication": "publications", "award": "awards"}  # fmt: skip
_COUNTS = {stem(word): section for word, section in _COUNTED.items()}
_CLOSE = 4
_GAP = 12
# Words that raise the title after them.
_RAISERS = frozenset("head lead senior chief principal executive managing general regional director".split())
_MADE = frozenset(
    "built build wrote written write coded developed implemented programmed rewrote rewritten created scripted ported".split()
)
_MOVED = 5


@dataclass(frozen=True)
class _Segment:
    """A sentence of the new resume with the place that it stands at and the old entry that it is said of."""

    place: str
    text: str
    entry: str | None

    def claim(self, text: str, why: str) -> Claim:
        return Claim(text=clip(text), place=self.place, why=why, source="code")


def check_prose(leaf: Leaf, old: Original, entry: str | None, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    """Check the sentences of a text; `entry` is the old entry that it belongs to, if any."""
    # Where the old resume was a text, rules guessed its entries, and a sentence may belong to another one.
    entry = entry if old.structured else None
    lines = [line for line in re.split(r"\n|[ ]·[ ]", leaf.text) if line.strip()]
    for text in (part for line in lines for part in ([line] if old.says(line) else segments(line))):
        segment = _Segment(leaf.path, text, entry)
        if old.says(text):
            yield from _check_moved(segment, old)
            continue
        yield from _check_numbers(segment, old)
        yield from _check_dates(segment, old)
        yield from _check_degrees(segment, old)
        yield from _check_events(segment, old)
        yield from _check_pairs(segment, old)
        yield from _check_names(segment, old)
        yield from _check_titles(segment, old)
        yield from _check_skills(segment, old, asked)


def _check_moved(segment: _Segment, old: Original) -> Iterator[Claim]:
    owners = old.owners[plain(segment.text)]
    if segment.entry and segment.entry not in owners and None not in owners and len(keys_of(segment.text)) >= _MOVED:
        yield segment.claim(segment.text, f"The old resume says this of {min(map(str, owners))}, not here.")


# --- numbers and dates --------------------------------------------------------------------------------


def _check_numbers(segment: _Segment, old: Original) -> Iterator[Claim]:
    folded = fold(segment.text)
    found = list(find_quantities(folded))
    reasons = {id(one): why for one, why in _turned(found, folded, old)}
    lacking = [(one, why) for one in found if (why := reasons.get(id(one)) or _lacking_number(one, folded, segment, old))]
    held = [one for one in found if all(one is not other for other, _ in lacking)]
    for quantity, why in lacking:
        if not _follows(quantity, held):
            quoted = folded[quantity.begins : quantity.ends]
            after = re.match(r"\s?[^\s,.;]{0,20}", folded[quantity.ends :]) if not quantity.unit else None
            behind = after[0] if after else ""
            # "a team of 12." says what it counts before the number.
            before = "" if behind.strip() or quantity.unit else re.findall(r"(?:[^\W_]+\s){0,2}$", folded[max(0, quantity.begins - 40) : quantity.begins])[0]
            yield segment.claim((before + quoted + behind).strip(), why)


def _fits(numeral: Numeral, quantity: Quantity) -> bool:
    if quantity.rate and numeral.rate and quantity.rate != numeral.rate:
        return False
    # "20,000 saved" may stand for "$20,000 saved", and not the other way round.
    return numeral.unit == quantity.unit or (not quantity.unit and numeral.unit != "%")


def _lacking_number(quantity: Quantity, folded: str, segment: _Segment, old: Original) -> str:
    """Return why a number is not supported, or nothing: the old resume must have it of the same thing and entry."""
    around = near(folded, quantity)
    name = folded[quantity.begins : quantity.ends]
    if _computed(quantity, around, segment, old):
        return ""
    same = old.numerals.get(quantity.value, [])[:200]
    fitting = [one for one in same if _fits(one, quantity)]
    if not fitting:
        return f"The old resume does not have the number {name}" + (" of this." if same else ".")
    here, elsewhere = _placed(fitting, segment, around)
    if not here:
        return f"The old resume has the number {name} at {elsewhere}, not here."
    if quantity.unit == "year" and (skills := around & old.skill_keys):
        here = [one for one in here if skills.intersection(old.passages[one.passage].keys)]
        if not here:
            return f"The old resume has {name} of something else."
    return _contradicted(quantity, folded, segment, old, around, here)


def _placed(fitting: list[Numeral], segment: _Segment, around: frozenset[str]) -> tuple[list[Numeral], str]:
    """Return the numbers that may be meant; one of another job is not, also if a summary repeats it."""
    if segment.entry is None:
        return fitting, ""
    own = [one for one in fitting if one.entry == segment.entry]
    others = [one for one in fitting if one.entry not in {None, segment.entry}]
    if not own and any(weight(one.near & around) for one in others):
        return [], str(others[0].entry)
    here = own or [one for one in fitting if one.entry is None]
    return here, str(others[0].entry) if others else "another place"


def _contradicted(
    quantity: Quantity, folded: str, segment: _Segment, old: Original, around: frozenset[str], here: list[Numeral]
) -> str:
    name = folded[quantity.begins : quantity.ends]
    best = max(weight(one.near & around) for one in here)
    rivals = [
        one
        for one in old.rivals(around)
        if one.value != quantity.value
        and one.unit == quantity.unit
        and (segment.entry is None or one.entry in {None, segment.entry})
    ]
    # In one sentence the word right after a number says what it counts.
    counted = following(folded, quantity)
    swapped = bool(counted) and all(one.next != counted for one in here)
    for rival in rivals:
        together = quantity.value in old.passages[rival.passage].values
        if (swapped and rival.next == counted) if together else weight(rival.near & around) > best:
            return f"The old resume has {rival.value}{rival.unit if rival.unit == '%' else ''} for this."
    if best or not around or (segment.entry and any(one.entry == segment.entry for one in here)):
        return ""
    # Nothing near it meets: the whole sentence must meet the one that has the number.
    keys = set(keys_of(segment.text)) - {quantity.value}
    if any(weight(keys.intersection(old.passages[one.passage].keys)) > 1 for one in here):
        return ""
    return f"The old resume has the number {name} for something else."


def _turned(found: list[Quantity], folded: str, old: Original) -> Iterator[tuple[Quantity, str]]:
    """Find "from 25 to 45" where the old resume went from 45 to 25."""
    for one, other in itertools.pairwise(found):
        between = folded[one.ends : other.begins]
        if one.value == other.value or len(between) > _GAP or not re.search(r"(?<![^\W_])to(?![^\W_])", between):
            continue
        passages = {numeral.passage for numeral in old.numerals.get(one.value, [])[:50]}
        both = [old.passages[number].values for number in passages if other.value in old.passages[number].values]
        if both and all(values.index(one.value) > values.index(other.value) for values in both):
            yield one, f"The old resume goes from {other.value} to {one.value}."


def _follows(quantity: Quantity, found: list[Quantity]) -> bool:
    """Tell whether other numbers of the sentence give this one: their sum, or what lies between them."""
    others = [Decimal(one.value) for one in found[:8] if one is not quantity and one.value[0].isdigit()]
    if not quantity.value[0].isdigit():
        return False
    value = Decimal(quantity.value)
    return any(value in {a + b, abs(a - b)} for a, b in itertools.combinations(others, 2))


def _computed(quantity: Quantity, around: frozenset[str], segment: _Segment, old: Original) -> bool:
    """Tell whether the dates or the sections of the old resume give the number."""
    if not quantity.value.isdigit() or len(quantity.value) > 2:  # noqa: PLR2004 - nobody has a hundred jobs
        return False
    number = int(quantity.value)
    if quantity.unit == "year":
        skills = around & old.skill_keys
        jobs = [entry for path, entry in old.entries.items() if path.startswith("work")]
        # The years of all jobs are years of a skill only if each job mentions it.
        general = all(all(f" {key} " in job.joined for job in jobs) for key in skills)
        if number in old.years_of(None) and general:
            return True
        return segment.entry is not None and number in old.years_of(segment.entry)
    sections = {_COUNTS[key] for key in around if key in _COUNTS} if not quantity.unit else set[str]()
    counted = (old.data.get(section) for section in sections)
    return any(isinstance(entries, list) and len(entries) == number for entries in counted)


def _check_dates(segment: _Segment, old: Original) -> Iterator[Claim]:
    found = list(find_dates(segment.text))
    if not found:
        return
    keys = keys_of(segment.text)
    named = {path for name, path in _mentions(keys, _names(old))}
    for iso, begins, ends in found:
        text = segment.text[begins:ends]
        if not has_date(iso, old.dates):
            yield segment.claim(text, f"The old resume does not have the date {text}.")
            continue
        dates = [old.entries[path].dates for path in named]
        if segment.entry and not named:
            dates = [old.entries[segment.entry].dates]
        words_of_it = {key for key in keys if not key.isdigit()}
        said = any(
            has_date(iso, one.dates) and words_of_it.intersection(one.keys) - ORDINARY
            for one in map(old.passages.__getitem__, old.with_any(words_of_it))
        )
        if dates and not said and not any(has_date(iso, one) for one in dates):
            yield segment.claim(text, f"The old resume has the date {text} elsewhere, not here.")


# --- degrees and events --------------------------------------------------------------------------------


def _check_degrees(segment: _Segment, old: Original) -> Iterator[Claim]:
    levels = degrees(segment.text)
    for level in sorted(levels - old.degrees):
        yield segment.claim(clip(segment.text, 80), f"The old resume does not have a {DEGREE_NAMES[level]}.")
    if len(levels) == 1 and levels <= old.degrees:
        (level,) = levels
        degree_words = {*words("bachelor master doctor science art degree diploma of"), *words(full_degrees("MBA BCA LLB PhD"))}
        keys = {key for key in keys_of(segment.text) if key not in ORDINARY and key not in degree_words}
        passages = [old.passages[number] for number in old.with_any(keys)]
        mine = max((len(keys.intersection(one.keys)) for one in passages if level in one.levels), default=0)
        other = max((len(keys.intersection(one.keys)) for one in passages if one.levels - {level} and level not in one.levels), default=0)
        if other > mine:
            yield segment.claim(clip(segment.text, 80), f"The old resume has another degree there, no {DEGREE_NAMES[level]}.")


def _check_events(segment: _Segment, old: Original) -> Iterator[Claim]:
    """Check certificates, awards, promotions and the like: the old resume must claim the same of the same thing."""
    keys = [key for key in words(full_degrees(segment.text)) if key not in STOPWORDS]
    for kind in dict.fromkeys(EVENTS[key] for key in keys if key in EVENTS):
        about = {key for key in keys if key not in ORDINARY and key not in EVENTS}
        passages = [old.passages[number] for number in old.with_any(about)]
        sections = {"certificate": "certificates", "award": "awards", "publication": "publications", "graduation": "education"}
        section = sections.get(kind, kind)
        held = any(kind in one.events or (one.entry or "").startswith(section) for one in passages)
        if not held and not (not about and kind in _all_events(old)):
            yield segment.claim(clip(segment.text, 80), f"The old resume does not have this {kind}.")


def _all_events(old: Original) -> set[str]:
    return {kind for key, kind in EVENTS.items() if key in old.known}


# --- names, titles, skills ------------------------------------------------------------------------------


def _names(old: Original) -> dict[tuple[str, ...], set[str]]:
    return old.heads("name", "organization", "institution", "entity")


def _mentions(keys: list[str], heads: dict[tuple[str, ...], set[str]]) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield where a sentence names what heads an old entry, with the entry."""
    for begins in range(len(keys)):
        for size in range(min(6, len(keys) - begins), 0, -1):
            paths = heads.get(tuple(keys[begins : begins + size]))
            if paths:
                for path in paths:
                    yield (begins, begins + size), path
                break


def _check_pairs(segment: _Segment, old: Original) -> Iterator[Claim]:
    """Check a title beside an employer: both must be of one entry, or of one sentence."""
    keys = keys_of(segment.text)
    names, titles = list(_mentions(keys, _names(old))), list(_mentions(keys, old.heads("position", "studyType")))
    for place in dict.fromkeys(place for place, _ in titles):
        close = [(where, path) for where, path in names if 0 <= max(where[0] - place[1], place[0] - where[1]) <= _CLOSE]
        owners = {path for where, path in titles if where == place}
        if not close or owners.intersection(path for _, path in close):
            continue
        title = keys[place[0] : place[1]]
        said = any(_holds_near(old, [*title, *keys[where[0] : where[1]]]) for where, _ in close)
        own = any(undiminished(old.entries[path].joined, title) and _has(old.entries[path].joined, title) for _, path in close)
        if not said and not own:
            yield segment.claim(segment.text, "In the old resume this title is of another place.")


def _has(joined: str, keys: list[str]) -> bool:
    return f" {' '.join(keys)} " in joined


def _holds_near(old: Original, keys: list[str]) -> bool:
    return bool(old.with_all(keys))


def _check_names(segment: _Segment, old: Original) -> Iterator[Claim]:
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
        if _is_unsupported_name(word, old, first=first):
            run.append(word)
        elif run:
            yield _name(run, segment)
            run = []
        ends = match.end()
    if run:
        yield _name(run, segment)


def _name(run: list[str], segment: _Segment) -> Claim:
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


def _check_titles(segment: _Segment, old: Original) -> Iterator[Claim]:
    """Check "head nurse", "lead developer": the old resume must put these words together too."""
    raw = list(raw_words(segment.text))
    for one, other in itertools.pairwise(raw):
        if one in _RAISERS and other in POSITION_WORDS and other not in _RAISERS:
            keys = keys_of(f"{one} {other}")
            if not old.supports(keys):
                yield segment.claim(f"{one} {other}", f"The old resume does not have the title {one} {other}.")


def _check_skills(segment: _Segment, old: Original, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
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
            if word in {"and", "or", "to", "for", "on", "at", "with", "from", "by", "across", "while", "which", "as", "in", "that"}:
                if word not in {"and", "or"} or not item:
                    break
                yield " ".join(item)
                item = []
            else:
                item.append(word)
            index += 1
        if item:
            yield " ".join(item)
