"""What belongs together in working life: the trades with their titles and terms, and what is near what.

General knowledge, kept in trades.txt and near.txt to be read and corrected by people. It was not fitted to
labelled resumes, but its author had read some of the trades that benchmarks/evaluation.py measures; see there.
A term may stand in several trades; the more it does, the less it says about any of them.
"""

from __future__ import annotations

from importlib.resources import files

__all__ = ["NEAR", "SOFT", "TRADES"]

# What anyone may claim of themselves and any posting may ask: it tells trades apart the least.
_SOFT_TEXT = """
communication, communication skills, written communication, verbal communication, teamwork, team player, leadership, \
problem solving, time management, interpersonal skills, organization, organizational skills, adaptability, \
creativity, multitasking, attention to detail, work ethic, self motivation, critical thinking, decision making, \
collaboration, flexibility, analytical skills, analytical thinking, presentation skills, customer focus, positive \
attitude, microsoft office, word, powerpoint, outlook, hard working, quick learner, punctuality, english, \
reliability, honesty
"""


def _items(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in text.split(",") if (item := " ".join(part.split()))))


def _lines(name: str) -> list[str]:
    text = files("progressnb.operations.resume.words").joinpath(name).read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    return kept.replace("\n    ", " ").strip().splitlines()


def _trade(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    titles, _, terms = line.partition("|")
    return _items(titles), _items(terms)


TRADES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = tuple(_trade(line) for line in _lines("trades.txt"))
"""Each trade's titles, the usual one first, and its terms."""

NEAR: dict[str, tuple[str, ...]] = {
    head.strip(): _items(near) for head, _, near in (line.partition(":") for line in _lines("near.txt"))
}
"""What is some evidence of a thing, though it is not the thing itself."""

SOFT: tuple[str, ...] = _items(_SOFT_TEXT)
"""What says little, because it is asked and claimed everywhere."""
