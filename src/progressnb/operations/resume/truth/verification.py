"""The truth check: claims of a new resume that the old one does not support, found by rules.

The check works on any draft, whoever wrote it. It compares facts and not style: numbers with the things that they
count, dates, names, titles, degrees, certificates and skills, each in its context. A title is supported by the job that
had it, not by another job. A sentence of the old resume, word for word and at the same job, makes no claim.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from progressnb.operations.resume.documents.paths import Leaf, entry_path, leaves, section_of
from progressnb.operations.resume.words.terms import comparison_keys, telling_keys

from .entry_facts import check_entry, check_fact
from .original import Original
from .prose import check_prose
from .segment import Doubt, Found
from .verdict import verdict
from .wording import ADDRESS_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument
    from progressnb.operations.resume.schemas import Draft, Verification

__all__ = ["Checked", "check", "verify"]

_LONGEST_SKILL = 3  # keys of a term of the posting


class Checked(NamedTuple):
    """The unsupported claims of a draft, the sentences that were not compared, and the old path of each new entry."""

    claims: list[Found]
    unchecked: Sequence[Found]
    aligned: dict[str, str | None]

    @classmethod
    def of(cls, found: Iterable[Found], aligned: dict[str, str | None] | None = None) -> Checked:
        """Return findings of the rules, told apart."""
        known = list(found)
        doubts = [one for one in known if isinstance(one, Doubt)]
        return cls([one for one in known if not isinstance(one, Doubt)], doubts, aligned or {})

    @property
    def doubts(self) -> list[Found]:
        """All that a model may judge: the claims, then what was not compared."""
        return [*self.claims, *self.unchecked]


def verify(
    resume: ResumeDocument,
    draft: Draft,
    *,
    job: JobDocument | None = None,
    today: date | None = None,
) -> Verification:
    """Return the claims of a draft that a resume does not support, and a summary; see `check`.

    `today` ends the jobs that are still going on.
    """
    checked = check(Original(resume, today), draft, job=job)
    return verdict(checked.claims, unchecked=checked.unchecked)


def check(old: Original, draft: Draft, *, job: JobDocument | None = None) -> Checked:
    """Return the unsupported claims of a draft, what was not compared, and the old entry of each new entry.

    The skills that `job` asks for count as skills in small letters too.
    """
    asked = _asked_skills(job)
    data = draft.resume.to_data()
    entries = {
        f"{section}[{index}]": check_entry(f"{section}[{index}]", section, entry, old)
        for section, values in data.items()
        for index, entry in enumerate(values if isinstance(values, list) else [])
        if isinstance(entry, dict)
    }
    claims = [claim for one in entries.values() for claim in one.claims]
    done = {path for one in entries.values() for path in one.paths}
    aligned = {path: one.old_path for path, one in entries.items()}
    all_leaves = list(leaves(data))
    for leaf in all_leaves:
        if leaf.path not in done:
            claims += _check_leaf(leaf, old, aligned.get(entry_path(leaf.path) or ""), asked)
    # Claims follow the order of the resume, in which its owner will read them.
    order = {leaf.path: number for number, leaf in enumerate(all_leaves)}
    claims.sort(key=lambda claim: order.get(claim.place, len(order)))
    return Checked.of({(claim.text, claim.place): claim for claim in claims}.values(), aligned)


def _asked_skills(job: JobDocument | None) -> dict[tuple[str, ...], str]:
    terms = [term for one in job.requirements if one.kind != "duty" for term in one.terms] if job else []
    return {
        tuple(keys): term
        for term in terms
        if 0 < len(keys := comparison_keys(term)) <= _LONGEST_SKILL and telling_keys(keys)
    }


def _check_leaf(leaf: Leaf, old: Original, entry: str | None, asked: dict[tuple[str, ...], str]) -> Iterator[Found]:
    path = leaf.path
    key = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    if key in ADDRESS_FIELDS:
        yield from check_fact(leaf, "address", old, key)
    elif path in {"basics.name", "basics.label"}:
        yield from check_fact(leaf, "name" if path.endswith("name") else "title", old)
    elif section_of(path) not in {"meta", "$schema"}:
        yield from check_prose(leaf, old, entry, asked)
