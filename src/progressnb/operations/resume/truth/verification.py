"""The truth check: what a new resume says that the old one does not support, by rules.

It works on any draft, whoever wrote it, and compares facts, not style: numbers with what they count,
dates, names, titles, degrees, certificates and skills, each in its context. A title is supported by the
job that had it, not by another one. What the old resume says word for word, of the same job, is no claim.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import Leaf, leaves
from progressnb.operations.resume.schemas import Claim, Draft, Verification
from progressnb.operations.resume.words.dates import normal_date
from progressnb.operations.resume.words.terms import clip, content, fold, words
from progressnb.operations.resume.words.wording import ADDRESSES, DATE_KEYS, compact, section_of
from progressnb.operations.resume.writing.markdown_writer import render_markdown

from .claims import check_prose
from .heads import check_entry, check_label
from .original import Original

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

__all__ = ["all_claims", "check", "find_unsupported", "verdict", "verify"]

_MARKS = re.compile(r"\\(?=[^\w\s])|^\s{0,3}(?:#{1,6}|[-*+])\s+|[*_]{2}")
_TERM_LENGTH = 3


def check(
    original: ResumeDocument,
    draft: Draft,
    *,
    markdown: str | None = None,
    job: JobDocument | None = None,
    today: date | None = None,
) -> tuple[list[Claim], dict[str, str | None]]:
    """List what the draft says that the original does not support, and say which old entry each new one is.

    `markdown` is the text as it is sent: lines that are not made from the data are checked as well. The
    skills that `job` asks for are known as skills, so that one is found in small letters too.
    """
    old = Original(original, today)
    asked = _asked(job)
    data = draft.resume.to_data()
    found: list[Claim] = []
    aligned: dict[str, str | None] = {}
    done: set[str] = set()
    for section, entries in data.items():
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, dict):
                path = f"{section}[{index}]"
                claims, checked, aligned[path] = check_entry(path, section, entry, old)
                found += claims
                done |= checked
    said = list(leaves(data))
    for leaf in said:
        if leaf.path not in done:
            of = re.match(r"[^.\[]+\[\d+\]", leaf.path)
            found += _check(leaf, old, aligned.get(of[0]) if of else None, asked)
    if markdown is not None:
        found += _check_markdown(draft, markdown, old, asked)
    # The order of the resume is the order in which its owner will read.
    order = {leaf.path: number for number, leaf in enumerate(said)}
    found.sort(key=lambda claim: order.get(claim.place, len(order)))
    return list({(claim.text, claim.place): claim for claim in found}.values()), aligned


def find_unsupported(
    original: ResumeDocument,
    draft: Draft,
    *,
    markdown: str | None = None,
    job: JobDocument | None = None,
    today: date | None = None,
) -> list[Claim]:
    """List what the draft says that the original does not support, each with its place; see `check`."""
    return check(original, draft, markdown=markdown, job=job, today=today)[0]


def _asked(job: JobDocument | None) -> dict[tuple[str, ...], str]:
    terms = [term for one in job.requirements if one.kind != "responsibility" for term in one.terms] if job else []
    return {
        tuple(keys): term for term in terms if 0 < len(keys := words(term)) <= _TERM_LENGTH and content(keys)
    }  # fmt: skip


def _check(leaf: Leaf, old: Original, entry: str | None, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    path, text = leaf
    key = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    if key in ADDRESSES:
        short = compact(text)
        if short and not old.says(text) and short not in old.compact:
            yield Claim(text=clip(text), place=path, why=f"The old resume does not have this {key}.", source="code")
    elif path in {"basics.name", "basics.label"}:
        yield from check_label(leaf, old)
    elif key in DATE_KEYS and re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", normal_date(text)) and old.says(text):
        return
    elif section_of(path) not in {"meta", "$schema"}:
        yield from check_prose(leaf, old, entry, asked)


def _check_markdown(draft: Draft, markdown: str, old: Original, asked: dict[tuple[str, ...], str]) -> Iterator[Claim]:
    """Check the lines of the text that the data does not account for."""
    made = set(render_markdown(draft.resume).split("\n"))
    told = {_shown(line) for line in made}
    for number, line in enumerate(markdown.split("\n"), start=1):
        shown = _shown(line)
        if line not in made and shown and shown not in told and not any(shown in other for other in told):
            yield from check_prose(Leaf(f"markdown line {number}", shown), old, None, asked)


def _shown(line: str) -> str:
    """Return a line of Markdown as it is read."""
    return " ".join(_MARKS.sub("", line).split())


def all_claims(by_code: Iterable[Claim], by_model: Iterable[Claim]) -> list[Claim]:
    """Join what code and a model found; what both found is the code's, and what a model says is marked as a model's."""
    joined = list(by_code)
    known = {(fold(claim.text).strip(), claim.place) for claim in joined}
    texts = {text for text, _ in known}
    places: dict[str, list[str]] = {}
    for text, place in known:
        places.setdefault(place, []).append(text)
    for claim in by_model:
        text = fold(claim.text).strip()
        same = text in texts or any(text in one or one in text for one in places.get(claim.place, ()) if text)
        if not same:
            texts.add(text)
            joined.append(claim.model_copy(update={"source": "model"}))
    return joined


def verdict(claims: list[Claim], said: str = "", removed: list[Claim] | None = None) -> Verification:
    """Say what was compared and found; `said` is what a model adds, which changes nothing of it."""
    parts = ["Numbers, dates, names, titles, degrees and skills were compared with the old resume by rules"]
    parts[0] += (
        "; everything in the new one is in the old one."
        if not claims
        else f"; {len(claims)} {'is' if len(claims) == 1 else 'are'} not in it."
    )
    if removed:
        parts.append(f"{len(removed)} unsupported {'claim was' if len(removed) == 1 else 'claims were'} removed.")
    if said:
        parts.append(f"The model says: {said}")
    return Verification(unsupported=claims, removed=removed or [], summary=" ".join(parts))


def verify(
    original: ResumeDocument,
    draft: Draft,
    *,
    markdown: str | None = None,
    job: JobDocument | None = None,
    today: date | None = None,
) -> Verification:
    """List what the draft's resume says that the original does not support, each with its place."""
    return verdict(find_unsupported(original, draft, markdown=markdown, job=job, today=today))
