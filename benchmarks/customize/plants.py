"""Inventions as language models make them, one function a kind: change the data, return the place or None."""

# Tables of sentences, and functions of one signature.
# ruff: noqa: ARG001, E501, PLR2004, PERF401
from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import JobDocument

    Data = dict[str, JsonValue]
    Plant = Callable[[Data, JobDocument, random.Random], str | None]

__all__ = ["PLANTS"]

PLANTS: dict[str, Plant] = {}


def _plant(name: str) -> Callable[[Plant], Plant]:
    def keep(function: Plant) -> Plant:
        PLANTS[name] = function
        return function

    return keep


def _entries(data: Data, section: str) -> list[tuple[str, Data]]:
    value = data.get(section)
    entries = value if isinstance(value, list) else []
    return [(f"{section}[{index}]", entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]


def _proses(data: Data) -> list[tuple[str, Data | list[JsonValue], str | int, str]]:
    """Return each text of more than four words with its place and how to set it."""
    found: list[tuple[str, Data | list[JsonValue], str | int, str]] = []
    basics = data.get("basics")
    if isinstance(basics, dict) and isinstance(basics.get("summary"), str):
        found.append(("basics.summary", basics, "summary", str(basics["summary"])))
    for section in ("work", "projects", "volunteer", "otherSections"):
        for path, entry in _entries(data, section):
            for key in ("summary", "text", "description"):
                if isinstance(entry.get(key), str):
                    found.append((f"{path}.{key}", entry, key, str(entry[key])))
            items = entry.get("highlights")
            if isinstance(items, list):
                found += [(f"{path}.highlights[{n}]", items, n, str(item)) for n, item in enumerate(items)]
    return [one for one in found if len(one[3].split()) > 4]


def _set(target: Data | list[JsonValue], key: str | int, value: JsonValue) -> None:
    target[key] = value  # type: ignore[index, call-overload]


def _choose_prose(
    data: Data, rng: random.Random, pattern: str = ""
) -> tuple[str, Data | list[JsonValue], str | int, str] | None:
    chosen = [one for one in _proses(data) if re.search(pattern, one[3])]
    return rng.choice(chosen) if chosen else None


def _said_anywhere(data: Data, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", str(data), re.IGNORECASE) is not None


def _append(data: Data, rng: random.Random, sentence: str) -> str | None:
    chosen = _choose_prose(data, rng)
    if chosen is None:
        return None
    path, target, key, text = chosen
    _set(target, key, f"{text.rstrip('. ')}. {sentence}")
    return path


_NUMBER = r"(?<![\w.,/-])\d{1,3}(?:,\d{3})*(?![\w/,-]|\.\d)"


@_plant("number changed")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    chosen = _choose_prose(data, rng, _NUMBER)
    if chosen is None:
        return None
    path, target, key, text = chosen
    match = rng.choice(list(re.finditer(_NUMBER, text)))
    number = int(match[0].replace(",", ""))
    other = number + rng.choice([max(1, number // 2), 10, number]) if number else 7
    _set(target, key, text[: match.start()] + f"{other:,}" + text[match.end() :])
    return path


@_plant("number of another thing")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    """Put a number of one sentence into another sentence."""
    numbered = [one for one in _proses(data) if re.search(_NUMBER, one[3])]
    if len(numbered) < 2:
        return None
    one, two = rng.sample(numbered, 2)
    first, second = re.search(_NUMBER, one[3]), re.search(_NUMBER, two[3])
    if not first or not second or first[0] == second[0] or first[0] in two[3]:
        return None
    _set(two[1], two[2], two[3][: second.start()] + first[0] + two[3][second.end() :])
    return two[0]


@_plant("numbers of one sentence swapped")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    chosen = _choose_prose(data, rng, rf"{_NUMBER}(?!%).*{_NUMBER}(?!%)")
    if chosen is None:
        return None
    path, target, key, text = chosen
    found = list(re.finditer(_NUMBER, text))
    if len(found) != 2 or found[0][0] == found[1][0]:
        return None
    a, b = found
    _set(target, key, text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :])
    return path


@_plant("number added")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    chosen = _choose_prose(data, rng)
    if chosen is None:
        return None
    path, target, key, text = chosen
    extra = rng.choice(
        [
            ", improving efficiency by 37%",
            " for 65 clients",
            ", saving $480,000",
            " in 19 locations",
            " within 13 weeks",
        ]
    )
    _set(target, key, text.rstrip(". ") + extra)
    return path


@_plant("number in words")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    return _append(data, rng, rng.choice([
        "Led a team of seventeen people.", "Cut costs by a quarter, then by thirty-five percent.", "Doubled revenue.",
        "Handled dozens of accounts worth two hundred thousand dollars.", "Grew sales threefold.", "Coached twenty-two colleagues.",
    ]))  # fmt: skip


@_plant("range or money inflated")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    return _append(data, rng, rng.choice([
        "Reduced errors by 20-25%.", "Managed a budget of $1.2M.", "Oversaw contracts of €2.5 million.",
        "Processed 500 to 700 orders a week.", "Saved Rs. 35 lakhs a year.", "Responsible for £640k in revenue.",
    ]))  # fmt: skip


@_plant("years of experience")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    years = rng.choice([15, 17, 18, 22])
    basics = data.setdefault("basics", {})
    if not isinstance(basics, dict) or _said_anywhere(data, str(years)):
        return None
    summary = str(basics.get("summary") or "")
    if re.search(r"\d+\+? years", summary):
        basics["summary"] = re.sub(r"\d+(\+?) years", rf"{years}\1 years", summary, count=1)
    else:
        basics["summary"] = f"Professional with {years}+ years of experience.\n\n{summary}"
    return "basics.summary"


def _with_dates(data: Data) -> list[tuple[str, Data]]:
    return [
        (path, e)
        for s in ("work", "education", "volunteer", "projects")
        for path, e in _entries(data, s)
        if e.get("startDate") or e.get("endDate")
    ]


@_plant("date changed")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    dated = _with_dates(data)
    if not dated:
        return None
    path, entry = rng.choice(dated)
    key = rng.choice([key for key in ("startDate", "endDate") if entry.get(key)])
    year = int(str(entry[key])[:4])
    entry[key] = f"{year - 2 if key == 'startDate' else year + 1}{str(entry[key])[4:]}"
    return f"{path}.{key}"


@_plant("month changed")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    dated = [
        (path, e, k) for path, e in _with_dates(data) for k in ("startDate", "endDate") if len(str(e.get(k) or "")) >= 7
    ]
    if not dated:
        return None
    path, entry, key = rng.choice(dated)
    text = str(entry[key])
    entry[key] = f"{text[:5]}{(int(text[5:7]) + 4) % 12 + 1:02}{text[7:]}"
    return f"{path}.{key}"


@_plant("dates of another job")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    dated = [one for one in _entries(data, "work") if one[1].get("startDate") and one[1].get("name")]
    if len(dated) < 2:
        return None
    (_, source), (path, target) = rng.sample(dated, 2)
    key = rng.choice(["startDate", "endDate"])
    if not source.get(key) or source.get(key) == target.get(key):
        return None
    target[key] = source[key]
    return f"{path}.{key}"


@_plant("ended job goes on")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    ended = [one for one in _entries(data, "work") if one[1].get("startDate") and one[1].get("endDate")]
    if not ended:
        return None
    path, entry = rng.choice(ended)
    del entry["endDate"]
    return f"{path}.endDate"


@_plant("date in a sentence")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    year = rng.choice([1987, 1994, 1999, 2003])
    return (
        None
        if _said_anywhere(data, str(year))
        else _append(
            data, rng, rng.choice([f"In this trade since {year}.", f"Introduced a new process in May {year}."])
        )
    )


_FIRMS = [
    "Google",
    "Northgate Partners",
    "Deloitte",
    "Siemens",
    "Mercy General Hospital",
    "Blackstone Advisory",
    "Tesco",
]


@_plant("employer changed")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    jobs = [one for one in _entries(data, "work") if one[1].get("name")]
    if not jobs:
        return None
    path, entry = rng.choice(jobs)
    entry["name"] = rng.choice(_FIRMS)
    return f"{path}.name"


@_plant("employer in a sentence")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    firm = rng.choice(_FIRMS)
    return _append(
        data,
        rng,
        rng.choice(
            [f"Previously worked for {firm}.", f"Partnered with {firm} on the rollout.", f"{firm} was a main client."]
        ),
    )


@_plant("job added")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    jobs = data.setdefault("work", [])
    if not isinstance(jobs, list):
        return None
    jobs.append({"name": rng.choice(_FIRMS), "position": "Consultant", "startDate": "2009-04", "endDate": "2011-03"})
    return f"work[{len(jobs) - 1}]"


@_plant("title raised")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    jobs = [one for one in _entries(data, "work") if one[1].get("position")]
    if not jobs:
        return None
    path, entry = rng.choice(jobs)
    title = str(entry["position"])
    lower = re.sub(r"^(?:Assistant|Junior|Commis|Sous|IT Intern)\s*", "", title)
    raised = (
        lower
        if lower and lower != title and rng.random() < 0.5
        else rng.choice(["Senior ", "Lead ", "Head of "]) + title
    )
    if _said_anywhere(data, raised):
        return None
    entry["position"] = raised
    return f"{path}.position"


@_plant("title of another job")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    jobs = [one for one in _entries(data, "work") if one[1].get("position") and one[1].get("name")]
    if len(jobs) < 2:
        return None
    (_, source), (path, target) = rng.sample(jobs, 2)
    if str(source["position"]).casefold() in str(target).casefold():
        return None
    target["position"] = source["position"]
    return f"{path}.position"


@_plant("title in a sentence")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    title = rng.choice(
        [
            "chief technology officer",
            "regional director",
            "principal architect",
            "vice president",
            "Senior Consultant",
            "general superintendent",
        ]
    )
    return (
        None
        if _said_anywhere(data, title)
        else _append(
            data,
            rng,
            rng.choice([f"Worked as {title}.", f"Promoted to {title}.", f"Acted as the {title} of the site."]),
        )
    )


@_plant("degree raised")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    schools = [one for one in _entries(data, "education") if one[1].get("studyType")]
    if not schools:
        return None
    path, entry = rng.choice(schools)
    before = str(entry["studyType"])
    entry["studyType"] = rng.choice(["Master", "M.Sc.", "MBA", "PhD", "Master of Science"])
    return (
        None
        if str(entry["studyType"]).casefold() in before.casefold()
        or _said_anywhere(data | {"education": []}, str(entry["studyType"]))
        else f"{path}.studyType"
    )


@_plant("field or school changed")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    schools = [one for one in _entries(data, "education") if one[1].get("institution") or one[1].get("area")]
    if not schools:
        return None
    path, entry = rng.choice(schools)
    key = rng.choice([key for key in ("institution", "area") if entry.get(key)])
    entry[key] = (
        rng.choice(["Harvard University", "London School of Economics"])
        if key == "institution"
        else rng.choice(["Data Science", "Molecular Biology", "Applied Ethics"])
    )
    return f"{path}.{key}"


@_plant("degree in a sentence")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    degree = rng.choice(["a PhD in economics", "a doctorate", "an M.Phil. from Cambridge"])
    return (
        None
        if re.search(r"ph\.?d|doctor|m\.?phil|d\.", str(data), re.IGNORECASE)
        else _append(data, rng, f"Holds {degree}.")
    )


_CERTIFICATES = [
    "PMP",
    "Certified ScrumMaster",
    "CFA Level II",
    "AWS Certified Solutions Architect",
    "NEBOSH",
    "ITIL 4 Foundation",
    "Lean Six Sigma Black Belt",
    "TOEFL 110",
]


@_plant("certificate added")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    certificates = data.setdefault("certificates", [])
    name = rng.choice(_CERTIFICATES)
    if not isinstance(certificates, list) or _said_anywhere(data, name.split()[0]):
        return None
    certificates.append({"name": name})
    return f"certificates[{len(certificates) - 1}].name"


@_plant("certificate in a sentence")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    skills = [
        str(k)
        for _, e in _entries(data, "skills")
        for k in (e.get("keywords") or [] if isinstance(e.get("keywords"), list) else [])
    ]
    about = rng.choice(skills) if skills and rng.random() < 0.5 else rng.choice(_CERTIFICATES[4:])
    if re.search(r"certif|licen", str(data), re.IGNORECASE) and about in skills and rng.random() < 1:
        about = "project delivery"
    return _append(
        data,
        rng,
        rng.choice([f"Certified in {about}.", f"Obtained the {about} certification.", f"Licensed for {about}."]),
    )


_SKILLS = [
    "Wireshark",
    "ClickHouse",
    "Upholstery",
    "dbt",
    "Snakemake",
    "Lightroom",
    "Dialysis",
    "Rhino 3D",
    "Pivot tables",
    "COBOL",
    "Hydroponics",
    "SIEM",
    "Stata",
]


def _skill(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    """Choose what the posting asks for, or something of any trade, that the resume does not have."""
    asked = [term for one in job.requirements if one.kind == "skill" for term in one.terms if len(term.split()) < 3]
    skill = rng.choice(asked if asked and rng.random() < 0.5 else _SKILLS)
    first = re.findall(r"\w+", {"kubernetes": "k8s", "postgresql": "postgres"}.get(skill.casefold(), skill.casefold()))
    return None if any(word[:5] in str(data).casefold() for word in first) else skill


@_plant("skill in the list")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    groups = _entries(data, "skills")
    skill = _skill(data, job, rng)
    if not groups or skill is None:
        return None
    path, group = rng.choice(groups)
    items = group.setdefault("keywords", [])
    if not isinstance(items, list):
        return None
    items.insert(0, skill)
    return f"{path}.keywords[0]"


@_plant("skill in a sentence")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    skill = _skill(data, job, rng)
    return skill and _append(
        data,
        rng,
        rng.choice(
            [
                f"Proficient in {skill}.",
                f"Used {skill} every day.",
                f"Trained colleagues in {skill}.",
                f"{skill} was part of the work.",
            ]
        ),
    )


@_plant("skill in small letters")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    skill = _skill(data, job, rng)
    if skill is None:
        return None
    skill = skill.casefold()
    chosen = _choose_prose(data, rng)
    if chosen is None:
        return None
    path, target, key, text = chosen
    extra = rng.choice(
        [
            f" using {skill}",
            f", with experience in {skill}",
            f" and introduced {skill}",
            f" with {skill}",
            f", knowledge of {skill} and reporting",
        ]
    )
    _set(target, key, text.rstrip(". ") + extra)
    return path


@_plant("level raised")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    levels = [
        (path, e, k)
        for s, k in (("skills", "level"), ("languages", "fluency"))
        for path, e in _entries(data, s)
        if e.get(k)
    ]
    if not levels:
        return None
    path, entry, key = rng.choice(levels)
    level = rng.choice(["Expert", "Native", "Master", "C2"])
    if str(entry[key]).casefold().startswith(level.casefold()):
        return None
    entry[key] = level
    return f"{path}.{key}"


@_plant("award added")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    return _append(
        data,
        rng,
        rng.choice(
            [
                "Awarded Employee of the Year.",
                "Won the innovation prize of the department.",
                "Received a scholarship for young talents.",
                "Holds a patent on the method.",
            ]
        ),
    )


@_plant("bullet of another job")
def _(data: Data, job: JobDocument, rng: random.Random) -> str | None:
    jobs = [
        one
        for one in _entries(data, "work")
        if isinstance(one[1].get("highlights"), list) and one[1]["highlights"] and one[1].get("name")
    ]
    if len(jobs) < 2:
        return None
    (_, source), (path, target) = rng.sample(jobs, 2)
    bullets = (
        [b for b in source["highlights"] if re.search(_NUMBER, str(b))]
        if isinstance(source["highlights"], list)
        else []
    )
    if not bullets or not isinstance(target["highlights"], list):
        return None
    target["highlights"].append(rng.choice(bullets))
    return f"{path}.highlights[{len(target['highlights']) - 1}]"
