"""Honest rewrites as a careful editor makes them: the same facts in other words, order and notation."""

# Tables of sentences, and functions of one signature.
# ruff: noqa: ARG005, E501, PLR2004
from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from pydantic import JsonValue

    Data = dict[str, JsonValue]
    Rewrite = Callable[[Data, random.Random], bool]

__all__ = ["HONEST_KINDS", "honest_rewrite"]

_SYNONYMS = {
    "led": "headed", "managed": "oversaw", "developed": "built", "built": "created", "reduced": "lowered", "cut": "reduced",
    "costs": "expenses", "responsible for": "in charge of", "trained": "coached", "wrote": "authored", "maintained": "looked after",
    "colleagues": "team mates", "a day": "daily", "a week": "weekly", "a month": "monthly", "a year": "annually", "prepared": "drew up",
    "supervised": "oversaw", "introduced": "rolled out", "clients": "customers", "handling": "dealing with", "knowledge": "understanding",
    "preparing": "drawing up", "ensuring": "making sure of", "various": "diverse", "excellent": "outstanding", "good": "solid",
    "working": "operating", "automated": "streamlined", "kept": "held", "moved": "migrated", "helped": "assisted", "taught": "instructed",
    "raised": "increased", "saved": "conserved", "documented": "recorded", "cared for": "looked after", "won": "received",
}  # fmt: skip
_ABBREVIATIONS = {
    "JS": "JavaScript (JS)", "K8s": "Kubernetes (K8s)", "Postgres": "PostgreSQL", "MS Excel": "Microsoft Excel", "HR": "human resources (HR)",
    "QA": "quality assurance", "AWS": "Amazon Web Services (AWS)", "UI": "user interface", "CRM": "customer relationship management",
    "B.Sc.": "Bachelor of Science", "BE": "Bachelor of Engineering", "MBA": "Master of Business Administration", "B.Com": "Bachelor of Commerce",
    "MS Office": "Microsoft Office", "ERP": "enterprise resource planning (ERP)", "SEO": "search engine optimization", "web site": "website",
}  # fmt: skip
_WORDS = {"2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine", "10": "ten",
          "11": "eleven", "12": "twelve", "14": "fourteen", "18": "eighteen", "25": "twenty-five", "30": "thirty", "40": "forty", "60": "sixty"}  # fmt: skip
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def _texts(data: Data) -> list[tuple[Data | list[JsonValue], str | int, str]]:
    found: list[tuple[Data | list[JsonValue], str | int, str]] = []
    basics = data.get("basics")
    if isinstance(basics, dict) and isinstance(basics.get("summary"), str):
        found.append((basics, "summary", str(basics["summary"])))
    for section in ("work", "projects", "volunteer", "otherSections"):
        for entry in _entries(data, section):
            found += [
                (entry, key, str(entry[key]))
                for key in ("summary", "text", "description")
                if isinstance(entry.get(key), str)
            ]
            items = entry.get("highlights")
            found += [(items, n, str(item)) for n, item in enumerate(items)] if isinstance(items, list) else []
    return [one for one in found if len(one[2].split()) > 3]


def _entries(data: Data, section: str) -> list[Data]:
    value = data.get(section)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _replace(data: Data, rng: random.Random, pattern: str, new: Callable[[re.Match[str]], str]) -> bool:
    texts = [one for one in _texts(data) if re.search(pattern, one[2])]
    if not texts:
        return False
    target, key, text = rng.choice(texts)
    match = rng.choice(list(re.finditer(pattern, text)))
    target[key] = text[: match.start()] + new(match) + text[match.end() :]  # type: ignore[index, call-overload]
    return True


def _either(words: dict[str, str]) -> str:
    return r"(?<![\w-])(?:" + "|".join(map(re.escape, words)) + r")(?![\w-])"


def _synonyms(data: Data, rng: random.Random) -> bool:
    def new(match: re.Match[str]) -> str:
        other = _SYNONYMS[match[0].casefold()]
        return other.capitalize() if match[0][0].isupper() else other

    return _replace(data, rng, "(?i)" + _either(_SYNONYMS), new)


def _abbreviations(data: Data, rng: random.Random) -> bool:
    return _replace(data, rng, _either(_ABBREVIATIONS), lambda match: _ABBREVIATIONS[match[0]])


def _listed_abbreviations(data: Data, rng: random.Random) -> bool:
    places: list[tuple[Data | list[JsonValue], str | int]] = []
    for entry in _entries(data, "skills") + _entries(data, "projects"):
        items = entry.get("keywords")
        places += (
            [(items, n) for n, item in enumerate(items) if item in _ABBREVIATIONS] if isinstance(items, list) else []
        )
        places += [(entry, "name")] if entry.get("name") in _ABBREVIATIONS else []
    places += [
        (entry, "studyType") for entry in _entries(data, "education") if entry.get("studyType") in _ABBREVIATIONS
    ]
    if not places:
        return False
    target, key = rng.choice(places)
    target[key] = _ABBREVIATIONS[str(target[key])]  # type: ignore[index, call-overload]
    return True


def _notation(data: Data, rng: random.Random) -> bool:
    ways: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"(\d+)%", lambda m: f"{m[1]} percent"),
        (r"(?<![\d,.$€£-])(\d{1,2})(?![\d,.%/-]|th|st|nd|rd)(?= [a-z])", lambda m: _WORDS.get(m[1], m[1])),
        (r"(\d),(\d{3})(?!\d)", lambda m: m[1] + m[2]),
        (r"\$(\d+),000(?![,\d])", lambda m: f"${m[1]}k"),
        (r"(\d+) years", lambda m: f"{m[1]} yrs"),
        (r"(\d+) percent", lambda m: f"{m[1]}%"),
    ]
    pattern, new = rng.choice(ways)
    before = copy.deepcopy(data)
    return _replace(data, rng, pattern, new) and data != before


def _dates(data: Data, rng: random.Random) -> bool:
    dated = [
        (e, k)
        for s in ("work", "education", "projects", "volunteer")
        for e in _entries(data, s)
        for k in ("startDate", "endDate")
        if len(str(e.get(k) or "")) >= 7
    ]
    if not dated:
        return False
    entry, key = rng.choice(dated)
    year, month = str(entry[key])[:4], str(entry[key])[5:7]
    entry[key] = rng.choice(
        [
            year,
            f"{year}-{month}",
            f"{month}/{year}",
            f"{_MONTHS[int(month) - 1]} {year}",
            f"{_MONTHS[int(month) - 1][:3]} {year}",
        ]
    )
    return True


def _order(data: Data, rng: random.Random) -> bool:
    lists = [
        e[k]
        for s in data
        for e in _entries(data, s)
        for k in ("highlights", "keywords", "courses")
        if isinstance(e.get(k), list)
    ]
    lists += [value for value in data.values() if isinstance(value, list)]
    for one in lists:
        if isinstance(one, list):
            rng.shuffle(one)
    return bool(lists)


def _bullets(data: Data, rng: random.Random) -> bool:
    entries = [
        e
        for s in ("work", "projects", "volunteer")
        for e in _entries(data, s)
        if isinstance(e.get("highlights"), list) and e["highlights"]
    ]
    if not entries:
        return False
    entry = rng.choice(entries)
    items = [str(item) for item in entry["highlights"]] if isinstance(entry["highlights"], list) else []
    if rng.random() < 0.5 and len(items) > 1:
        first, second, *rest = items
        joiner = rng.choice([" and ", "; "])
        entry["highlights"] = [first.rstrip(".") + joiner + second[0].lower() + second[1:], *rest]
        return True
    long = [n for n, item in enumerate(items) if " and " in item]
    if not long:
        return False
    number = rng.choice(long)
    head, _, tail = items[number].partition(" and ")
    entry["highlights"] = [*items[:number], head, tail[:1].upper() + tail[1:], *items[number + 1 :]]
    return True


def _passive(data: Data, rng: random.Random) -> bool:
    ways: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (
            r"^(?:Reduced|Cut|Shortened) ([\w ]{3,40}?) (by|from) ",
            lambda m: f"{m[1].capitalize()} were reduced {m[2]} ",
        ),
        (r"^Trained (\d+ [\w ]{3,25}) in ", lambda m: f"Responsible for the training of {m[1]} in "),
        (r"^(?:Led|Managed|Supervised) ", lambda m: "Was in charge of "),
        (r"^Wrote (.{3,40})$", lambda m: f"{m[1][0].upper()}{m[1][1:]} were written by me"),
        (r"^Saved ", lambda m: "Savings of "),
        (r"^(?:Prepared|Handled|Posted|Closed|Ordered) ", lambda m: f"Regularly {m[0].lower()}"),
        (
            r"^(?:Developed|Maintained|Managed|Rewrote|Documented|Automated) ",
            lambda m: {"Rewrote ": "Rewriting "}.get(m[0], m[0].strip()[:-2] + "ing "),
        ),
        (r"^(?:I have|I am|I was|He has|He is) ", lambda m: ""),
    ]
    pattern, new = rng.choice(ways)
    return _replace(data, rng, pattern, new)


def _dropped(data: Data, rng: random.Random) -> bool:
    texts = [one for one in _texts(data) if len(one[2].split()) > 6]
    if not texts:
        return False
    target, key, text = rng.choice(texts)
    parts = text.split(" ")
    # Words that say what a number counts stay: an editor does not drop these.
    small = [
        n
        for n, part in enumerate(parts)
        if part.casefold() in {"new", "the", "a", "of the", "very", "also", "successfully", "usually", "with", "their"}
    ]
    if rng.random() < 0.5 and small:
        del parts[rng.choice(small)]
        target[key] = " ".join(parts)  # type: ignore[index, call-overload]
        return True
    sentences = re.split(r"(?<=[.;]) ", text)
    if len(sentences) < 2:
        return False
    del sentences[rng.randrange(len(sentences))]
    target[key] = " ".join(sentences)  # type: ignore[index, call-overload]
    return True


def _summary(data: Data, rng: random.Random) -> bool:
    basics = data.setdefault("basics", {})
    jobs = [e for e in _entries(data, "work") if e.get("position") and e.get("name")]
    schools = [e for e in _entries(data, "education") if e.get("institution") and e.get("studyType")]
    skills = [
        str(k)
        for e in _entries(data, "skills")
        for k in ([e["name"]] if not e.get("keywords") and e.get("name") else e.get("keywords") or [])
    ]
    sentences: list[str] = []
    if jobs:
        job = rng.choice(jobs)
        year = str(job.get("startDate") or "")[:4]
        since = (
            f" since {year}"
            if year and not job.get("endDate")
            else f" ({year}–{str(job.get('endDate'))[:4]})"
            if year
            else ""
        )
        sentences.append(
            rng.choice(
                [
                    f"{job['position']} at {job['name']}{since}.",
                    f"Worked as {job['position']} for {job['name']}{since}.",
                ]
            )
        )
    if schools:
        school = rng.choice(schools)
        area = f" in {school['area']}" if school.get("area") else ""
        sentences.append(f"Holds a {school['studyType']}{area} from {school['institution']}.")
    if skills:
        sentences.append(
            f"{rng.choice(['Skilled in', 'Experienced with', 'Strong background in'])} {', '.join(rng.sample(skills, min(3, len(skills))))}."
        )
    texts = [text for _, _, text in _texts(data) if len(text) < 140]
    if texts and rng.random() < 0.5:
        sentences.append(rng.choice(texts).rstrip(".") + ".")
    if not sentences or not isinstance(basics, dict):
        return False
    rng.shuffle(sentences)
    basics["summary"] = " ".join(sentences)
    return True


HONEST_KINDS: dict[str, Rewrite] = {
    "synonyms": _synonyms,
    "abbreviations in sentences": _abbreviations,
    "abbreviations in lists": _listed_abbreviations,
    "numbers in other notation": _notation,
    "dates in other notation": _dates,
    "other order": _order,
    "bullets merged or split": _bullets,
    "passive and word forms": _passive,
    "words and sentences dropped": _dropped,
    "summary from facts": _summary,
}


def honest_rewrite(kind: str, data: Data, rng: random.Random) -> Data | None:
    """Rewrite a resume honestly in one way; return the result, or None if it doesn't go here."""
    new = copy.deepcopy(data)
    return new if HONEST_KINDS[kind](new, rng) and new != data else None
