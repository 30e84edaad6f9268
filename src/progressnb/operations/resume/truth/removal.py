"""What is not supported goes: by code, sentence by sentence, and back to the old resume's words where it has some."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume, leaves
from progressnb.operations.resume.schemas import Change, Claim, Draft
from progressnb.operations.resume.words.wording import plain, segments

from .merging import restore
from .original import Original
from .verification import check

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import JobDocument, ResumeDocument

__all__ = ["remove"]

_WHY = "Removed: the old resume does not support it."
_BACK = "The old resume's words again: what was written instead is not supported."


def remove(
    original: ResumeDocument, draft: Draft, claims: list[Claim], *, job: JobDocument | None = None
) -> tuple[Draft, list[Claim]]:
    """Take these claims out of a draft, and all that the rules find besides; return it with what could not be found.

    Each sentence, item or field that makes a claim is removed, or is what it was in the old resume. What the
    old resume says word for word stays, whatever a model claims of it.
    """
    remover = _Remover(original, draft)
    left = [claim for claim in claims if not remover.take_out(claim)]
    now = restore(original, remover.draft(draft))
    for whole in ("entry", "section", "resume"):
        found, aligned = check(original, now, job=job)
        if not found:
            break
        remover = _Remover(original, now, aligned)
        for claim in found:
            remover.put_back(claim, whole)
        now = remover.draft(now)
    return now, [claim for claim in left if claim.source == "model"]


class _Remover:
    def __init__(self, original: ResumeDocument, draft: Draft, aligned: dict[str, str | None] | None = None) -> None:
        self._old = Original(original)
        self._before = original.data.to_data()
        self._data = copy.deepcopy(draft.resume.to_data())
        self._aligned = check(original, draft)[1] if aligned is None else aligned
        self._leaves = {leaf.path: leaf.text for leaf in leaves(self._data)}
        self._changes: list[Change] = []

    def draft(self, draft: Draft) -> Draft:
        """Return the draft as it is now."""
        data = _without_gaps(self._data)
        resume = JSONResume.model_validate(data if isinstance(data, dict) else {})
        return draft.model_copy(update={"resume": resume, "changes": [*draft.changes, *self._changes]})

    def take_out(self, claim: Claim) -> bool:
        place = self._place(claim)
        if place is None:
            return False
        text = self._leaves.get(place)
        if text is None:  # an end that was left out, an entry as a whole
            self._set_as_before(place, "")
            return True
        if not text:  # another claim took it out
            return True
        wanted = plain(claim.text.removesuffix("…"))
        lines = text.split("\n")
        kept: list[str] = []
        gone: list[str] = []
        for line in lines:
            parts = segments(line)
            for part in parts:
                (gone if wanted in plain(part) and not self._old.says(part) else kept).append(part)
        is_field = re.search(r"\.(?:summary|description|text|reference|highlights\[\d+\])$", place) is None
        if is_field or not gone or not kept:
            if self._old.says(text) and claim.source == "model":
                return False
            self._set_as_before(place, text)
        else:
            self._changes.append(Change(before=" ".join(gone), after="", why=_WHY))
            self._set(place, self._joined(lines, set(gone)))
        return True

    @staticmethod
    def _joined(lines: list[str], gone: set[str]) -> str:
        kept = [" ".join(part for part in segments(line) if part not in gone) for line in lines]
        return "\n".join(kept).strip("\n")

    def _place(self, claim: Claim) -> str | None:
        if claim.source == "code":
            return claim.place
        wanted = plain(claim.text)
        if wanted and wanted in plain(self._leaves.get(claim.place, "")):
            return claim.place
        # A model's place may be wrong; its quotation must be there.
        return next((path for path, text in self._leaves.items() if wanted and wanted in plain(text)), None)

    def put_back(self, claim: Claim, whole: str) -> None:
        """Replace what holds a claim by the old resume's: the entry, the section, and in the end all of it."""
        section = re.split(r"[.\[]", claim.place, maxsplit=1)[0]
        entry = re.match(r"[^.\[]+\[\d+\]", claim.place)
        if whole == "entry" and entry:
            source = self._aligned.get(entry[0])
            self._set(entry[0], _at(self._before, source) if source else None)
        elif whole == "resume":
            self._data = copy.deepcopy(self._before)
        elif section in self._before:
            self._data[section] = copy.deepcopy(self._before[section])
        else:
            self._data.pop(section, None)
        self._changes.append(Change(before=claim.text, after="", why=_BACK))

    def _set_as_before(self, place: str, text: str) -> None:
        entry = re.match(r"[^.\[]+\[\d+\]", place)
        path = place
        if entry:
            source = self._aligned.get(entry[0])
            if source is None:
                # The old resume has no such entry at all.
                shown = " · ".join(leaf.text for leaf in leaves(_at(self._data, entry[0]), "_"))
                if shown:
                    self._changes.append(Change(before=shown, after="", why=_WHY))
                self._set(entry[0], None)
                return
            path = source + place[len(entry[0]) :]
        # An item of a list is removed; its place in the old list says nothing.
        before = None if path.endswith("]") else _at(self._before, path)
        self._set(place, before)
        after = before if isinstance(before, str) else ""
        self._changes.append(Change(before=text or "present", after=after, why=_BACK if after else _WHY))

    def _set(self, place: str, value: JsonValue) -> None:
        # The next claim of this place is looked for in what is left.
        self._leaves[place] = value if isinstance(value, str) else ""
        *steps, last = re.findall(r"[^.\[\]]+", place)
        target: JsonValue = self._data
        for step in steps:
            target = _step(target, step)
        if isinstance(target, dict):
            target[last] = copy.deepcopy(value)
        elif isinstance(target, list) and last.isdigit() and int(last) < len(target):
            target[int(last)] = copy.deepcopy(value)


def _step(value: JsonValue, step: str) -> JsonValue:
    if isinstance(value, dict):
        return value.get(step)
    return value[int(step)] if isinstance(value, list) and step.isdigit() and int(step) < len(value) else None


def _at(data: JsonValue, path: str) -> JsonValue:
    for step in re.findall(r"[^.\[\]]+", path):
        data = _step(data, step)
    return data


def _without_gaps(value: JsonValue) -> JsonValue:
    """Drop what was taken out; places stay valid until then."""
    if isinstance(value, dict):
        return {key: _without_gaps(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_gaps(item) for item in value if item is not None]
    return value
