"""The removal of unsupported claims from a draft, sentence by sentence.

Where the old resume has words for the same place, they replace the claim.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import entry_path, leaves, section_of, set_value, text_at, value_at
from progressnb.operations.resume.schemas import Change, Claim, Draft
from progressnb.operations.resume.words.sentences import segments

from .judging import still
from .merging import restore
from .verification import check
from .wording import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import JobDocument

    from .judging import Key
    from .original import Original

__all__ = ["remove"]

_REMOVED = "Removed: the old resume does not support it."
_RESTORED = "The old resume's words again: what was written instead is not supported."
_PROSE_FIELD = re.compile(r"\.(?:summary|description|text|reference|highlights\[\d+\])$")


def remove(
    old: Original,
    draft: Draft,
    claims: Sequence[Claim],
    *,
    job: JobDocument | None = None,
    settled: frozenset[Key] = frozenset(),
) -> tuple[Draft, list[Claim]]:
    """Remove the claims, and all others that the rules find and that are not settled, from a draft.

    Returns the draft, and the claims of a model that were not found in it. Each sentence, item or field that makes a
    claim is removed or set to the old resume's text. A sentence of the old resume stays, whatever a model claims of it.
    """
    remover = _Remover(old, draft)
    left = [claim for claim in claims if not remover.take_out(claim)]
    now = restore(old.document, remover.draft(draft))
    # If claims remain, ever larger parts are taken from the old resume.
    for whole in ("entry", "section", "resume"):
        checked, _, aligned = check(old, now, job=job)
        found = still(checked, settled)
        if not found:
            break
        remover = _Remover(old, now, aligned)
        for claim in found:
            remover.put_back(claim, whole)
        now = remover.draft(now)
    return now, [claim for claim in left if claim.source == "model"]


class _Remover:
    """The data of a draft while claims are removed. `aligned` has the path of the old entry of each new entry."""

    def __init__(self, old: Original, draft: Draft, aligned: dict[str, str | None] | None = None) -> None:
        self._old = old
        self._before = old.document.data.to_data()
        self._data = copy.deepcopy(draft.resume.to_data())
        self._aligned = check(old, draft).aligned if aligned is None else aligned
        self._leaves = {leaf.path: leaf.text for leaf in leaves(self._data)}
        self._changes: list[Change] = []

    def draft(self, draft: Draft) -> Draft:
        """Return the draft with the data and changes so far."""
        data = _without_nulls(self._data)
        resume = JSONResume.model_validate(data if isinstance(data, dict) else {})
        return draft.model_copy(update={"resume": resume, "changes": [*draft.changes, *self._changes]})

    def take_out(self, claim: Claim) -> bool:
        """Remove the sentences that make a claim, or set the field to the old text; tell whether it was found."""
        place = self._place(claim)
        if place is None:
            return False
        text = self._leaves.get(place)
        if text is None:  # an end date that was left out, or an entry as a whole
            self._set_as_before(place, "")
            return True
        if not text:  # another claim removed it
            return True
        removed, rest = self._cut(claim, text)
        if removed and rest and _PROSE_FIELD.search(place):
            self._changes.append(Change(before=" ".join(removed), after="", why=_REMOVED))
            self._set(place, rest)
            return True
        if self._old.has_sentence(text) and claim.source == "model":
            return False
        self._set_as_before(place, text)
        return True

    def put_back(self, claim: Claim, whole: str) -> None:
        """Replace the entry, the section or all of the resume (`whole`) that has a claim by the old resume's."""
        section, path = section_of(claim.place), entry_path(claim.place)
        if whole == "entry" and path:
            source = self._aligned.get(path)
            self._set(path, value_at(self._before, source) if source else None)
        elif whole == "resume":
            self._data = copy.deepcopy(self._before)
        elif section in self._before:
            self._data[section] = copy.deepcopy(self._before[section])
        else:
            self._data.pop(section, None)
        self._changes.append(Change(before=claim.text, after="", why=_RESTORED))

    def _place(self, claim: Claim) -> str | None:
        if claim.source == "code":
            return claim.place
        wanted = normalize(claim.text)
        if wanted and wanted in normalize(self._leaves.get(claim.place, "")):
            return claim.place
        # The place that a model gives may be wrong, so its quotation is searched for.
        return next((path for path, text in self._leaves.items() if wanted and wanted in normalize(text)), None)

    def _cut(self, claim: Claim, text: str) -> tuple[list[str], str]:
        """Return the sentences of a text that make a claim, and the text without them."""
        wanted = normalize(claim.text.removesuffix("…"))
        lines = [segments(line) for line in text.split("\n")]
        parts = (part for line in lines for part in line)
        removed = [part for part in parts if wanted in normalize(part) and not self._old.has_sentence(part)]
        return removed, "\n".join(" ".join(part for part in line if part not in removed) for line in lines).strip("\n")

    def _set_as_before(self, place: str, text: str) -> None:
        """Set a field to the old resume's text; remove it if the old resume has none for it."""
        entry, old_place = entry_path(place), place
        if entry:
            source = self._aligned.get(entry)
            if source is None:
                # The old resume has no such entry at all.
                shown = text_at(self._data, entry)
                if shown:
                    self._changes.append(Change(before=shown, after="", why=_REMOVED))
                self._set(entry, None)
                return
            old_place = source + place[len(entry) :]
        # An item of a list is removed: the item at the same place of the old list may be another one.
        before = None if old_place.endswith("]") else value_at(self._before, old_place)
        self._set(place, before)
        after = before if isinstance(before, str) else ""
        self._changes.append(Change(before=text or "present", after=after, why=_RESTORED if after else _REMOVED))

    def _set(self, place: str, value: JsonValue) -> None:
        # The next claim at this place is searched for in the new text.
        self._leaves[place] = value if isinstance(value, str) else ""
        set_value(self._data, place, copy.deepcopy(value))


def _without_nulls(value: JsonValue) -> JsonValue:
    """Drop removed values; until then each null keeps its place, so that paths stay valid."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value
