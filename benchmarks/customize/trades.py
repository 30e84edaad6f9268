"""Resumes and postings of thirty trades, ten of them kept apart from the rules, made from the files of `trades/`.

A posting is made in one of four layouts, with all that real ones say beside their requirements. Each of its lines
has a label, so that what was read from it can be compared with what it is.
"""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

__all__ = ["HALVES", "Line", "Posting", "Trade", "noise", "postings", "resume_of", "templates", "text_of", "trades"]

HALVES = ("seen", "apart")
_FOLDER = Path(__file__).with_name("trades")
LAYOUTS = 4


class Line(NamedTuple):
    """A line of a posting: its text, and what it is: noise, or the kind and the importance of a requirement."""

    text: str
    kind: str
    importance: str


@dataclass(frozen=True)
class Posting:
    """A posting and its labelled lines, headings left out."""

    trade: str
    text: str
    lines: list[Line]


class Trade(dict[str, Any]):
    """The facts of a trade, as its file has them; `name` is its key there."""

    name: str


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def trades(half: str) -> list[Trade]:
    """Return the trades of a half, "seen" or "apart"."""
    found: list[Trade] = []
    for name, facts in _read(half).items():
        trade = Trade(facts)
        trade.name = name
        found.append(trade)
    return found


def noise(half: str) -> dict[str, list[str]]:
    """Return the lines of a half that ask for nothing, by what they are."""
    return dict(_read("noise")[half])


def templates(half: str) -> dict[str, list[tuple[str, str]]]:
    """Return the sentences of a half that are added to resumes: "invented" and "honest"."""
    return {kind: [(place, text) for place, text in pairs] for kind, pairs in _read("templates")[half].items()}


def resume_of(trade: Trade) -> dict[str, JsonValue]:
    """Return the resume of a trade as JSON Resume."""
    degree, *rest = [part.strip() for part in str(trade["degree"]).split(",")]
    work = [
        {"name": name, "position": position, "startDate": start, "highlights": list(trade[bullets])}
        | ({"endDate": end} if end else {})
        for (name, position, start, end), bullets in zip(trade["jobs"], ("bullets", "other"), strict=True)
    ]
    school = {"studyType": degree, "institution": ", ".join(rest[:-1]) or degree, "endDate": rest[-1]}
    return {
        "basics": {"name": "Robin Example", "label": trade["jobs"][0][1], "email": "robin@example.org"},
        "work": work,
        "education": [school],
        "skills": [{"name": skill} for skill in trade["skills"]],
    }  # type: ignore[return-value]


def text_of(trade: Trade) -> str:
    """Return the resume of a trade as a text."""
    lines = ["Robin Example", trade["jobs"][0][1], "robin@example.org", "", "EXPERIENCE", ""]
    for (name, position, start, end), bullets in zip(trade["jobs"], ("bullets", "other"), strict=True):
        lines += [f"{position}, {name}", f"{start} - {end or 'present'}", *(f"- {one}" for one in trade[bullets]), ""]
    return "\n".join([*lines, "EDUCATION", "", trade["degree"], "", "SKILLS", "", ", ".join(trade["skills"]), ""])


def postings(half: str, seed: int) -> Iterator[Posting]:
    """Make a long posting of each trade of a half, in each of the layouts."""
    for trade in trades(half):
        for layout in range(LAYOUTS):
            yield _posting(trade, noise(half), layout, random.Random(f"{seed} {trade.name} {layout}"))  # noqa: S311


def _posting(trade: Trade, said: dict[str, list[str]], layout: int, rng: random.Random) -> Posting:
    def some(kind: str, count: int) -> list[Line]:
        return [Line(text, "noise", "") for text in rng.sample(said[kind], count)]

    def asked(key: str) -> list[Line]:
        return [Line(text, kind, key) for kind, text in trade[key]]

    about, offer = some("marketing", 3), some("benefits", 4)
    ends = [*some("process", 2), *some("legal", 2)]
    duties = [Line(text, "duty", "") for text in trade["duties"]]
    must, should, nice = asked("must"), asked("should"), asked("nice")
    german = any("ä" in text or "Sie" in text.split() for text in trade["duties"])
    heads = _GERMAN if german else _HEADS[layout % len(_HEADS)]
    if layout == 3:  # noqa: PLR2004 - prose, without headings
        nice = [Line(f"{_low(one.text)} would be a plus", one.kind, one.importance) for one in nice]
        parts = [about, duties, must, should, nice, offer, ends]
        body = "\n\n".join(" ".join(_sentence(one.text) for one in part) for part in parts)
        return Posting(trade.name, f"{trade['title']}\n\n{body}\n", [one for part in parts for one in part])
    sections = [(about, 0), (duties, 1), (must, 2), (should, 3), (nice, 4), (offer, 5), (ends, 6)]
    if layout == 1:
        nice = [Line(f"{one.text} (nice to have)", one.kind, one.importance) for one in nice]
        should = [Line(f"{one.text} preferred", one.kind, one.importance) for one in should]
        sections = [(about, 0), (offer, 5), (duties, 1), ([*must, *should, *nice], 2), (ends, 6)]
    mark = ("- ", "• ", "")[layout]
    blocks = [
        "\n".join([heads[head], *(one.text if head in {0, 6} else f"{mark}{one.text}" for one in lines)])
        for lines, head in sections
    ]
    text = "\n\n".join([str(trade["title"]), *blocks]) + "\n"
    return Posting(trade.name, text, [one for lines, _ in sections for one in lines])


_HEADS = (
    ("About us", "Your tasks", "Requirements", "You should also have", "Nice to have", "What we offer", "How to apply"),
    ("WHO WE ARE", "WHAT YOU WILL DO", "WHAT YOU BRING", "", "", "WHY JOIN US", "APPLICATION"),
    ("## Our story", "## The job", "## Must have", "## Desirable", "## Bonus points", "## Perks", "## Next steps"),
)
_GERMAN = ("Über uns", "Ihre Aufgaben", "Ihr Profil", "Wünschenswert", "Von Vorteil", "Wir bieten", "Bewerbung")


def _low(text: str) -> str:
    return text if re.match(r"[A-ZÄÖÜ]{2}|[A-Z]\w*[A-Z]", text) else text[0].lower() + text[1:]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
