"""The parts that a model left out of its draft: jobs, degrees and contact data are put back, all else is offered.

If the old resume is JSON Resume, each of its sections, entries and fields is kept in its place. If it is a text, rules
guessed its fields, and a text counts as kept if the new resume has its words in any place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.schemas import Change, Draft, Offer
from progressnb.operations.resume.words.terms import clip, telling_keys

from .wording import keys_of, normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import ResumeDocument

    Described = tuple[set[str], set[tuple[str, str]]]

__all__ = ["offers", "restore"]

_IDENTITY = {"name", "institution", "organization", "title", "position", "language", "network", "reference",
             "studyType"}  # fmt: skip
# The part of a text's keys that the new resume must have, so that the text counts as kept.
_KEPT_HIGHLIGHT = 0.5
_KEPT_TEXT = 0.7
_SAME_ENTRY = 0.34
_NAMED, _ALSO_NAMED = 0.4, 0.1  # what an equal name or title adds to that part, and each one
_FAR = 60  # places that an entry may move
_SHOWN = 300
# What nobody leaves out on purpose. A photo, a birth date, a marital status or a religion is none of it.
_PUT_BACK = re.compile(
    r"work(?:\[\d+\](?:\.(?:name|position|startDate|endDate))?)?"
    r"|education(?:\[\d+\](?:\.(?:institution|studyType|area|startDate|endDate))?)?"
    r"|basics\.(?:name|email|phone|url|location(?:\..*)?|profiles(?:\[.*)?)"
)
_TOOLS = frozenset({"meta", "$schema"})


def restore(original: ResumeDocument, draft: Draft) -> Draft:
    """Put the jobs, degrees and contact data that a draft lost back into it, and add a change for each."""
    old, new = original.data.to_data(), draft.resume.to_data()
    merger = _Merger(new, structured=original.format == "json")
    merged = merger.of_object(old, new, "", "")
    if merged == new and not merger.changes:
        return draft
    resume = JSONResume.model_validate(merged)
    return draft.model_copy(update={"resume": resume, "changes": [*draft.changes, *merger.changes]})


def offers(original: ResumeDocument, draft: Draft) -> list[Offer]:
    """Return what a draft left out of the old resume beside what `restore` puts back, in the order of the resume."""
    merger = _Merger(draft.resume.to_data(), structured=original.format == "json")
    merger.of_object(original.data.to_data(), draft.resume.to_data(), "", "")
    return merger.offers


def _is_empty(value: JsonValue) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _text(value: JsonValue) -> str:
    return "\n".join(leaf.text for leaf in leaves(value, "_"))


def _has_keys(value: JsonValue, among: set[str], share: float) -> bool:
    """Tell whether at least this share of a value's keys is among the given ones."""
    keys = telling_keys(keys_of(_text(value)))
    return bool(keys) and sum(key in among for key in keys) >= share * len(keys)


class _Merger:
    """One merge of the old data into the new: a change for each text that it put back, an offer for each other one."""

    def __init__(self, new: dict[str, JsonValue], *, structured: bool) -> None:
        self.changes: list[Change] = []
        self.offers: list[Offer] = []
        self._structured = structured
        self._keys = set(keys_of(_text({key: value for key, value in new.items() if key not in _TOOLS})))

    def _is_lost(self, value: JsonValue) -> bool:
        """Tell whether a value that is not in its place was left out."""
        return not _is_empty(value) and (self._structured or not _has_keys(value, self._keys, _KEPT_TEXT))

    def _goes_back(self, value: JsonValue, path: str, to: str) -> bool:
        """Tell whether a lost value goes back in by itself, and note its change or its offer. `to` is its new path."""
        text = clip(_text(value), _SHOWN)
        if not self._is_lost(value) or not text:
            return False
        if _PUT_BACK.fullmatch(path):
            self.changes.append(
                Change(before=text, after=text, why=f"Kept from the old resume ({path}): the draft had left it out.")
            )
            return True
        self.offers.append(Offer(place=to, text=text, value=value))
        return False

    def of_object(
        self, old: dict[str, JsonValue], new: dict[str, JsonValue], path: str, to: str
    ) -> dict[str, JsonValue]:
        """Return the new object with the fields of the old one that go back."""
        merged = dict(new)
        for key, value in old.items():
            place, at = (f"{path}.{key}", f"{to}.{key}") if path else (key, key)
            theirs = new.get(key)
            if key in _TOOLS and not path:
                merged[key] = value
            elif isinstance(value, dict) and (isinstance(theirs, dict) or (theirs is None and key == "basics")):
                merged[key] = self.of_object(value, theirs or {}, place, at)
            elif isinstance(value, list) and isinstance(theirs, list) and theirs:
                merged[key] = self._of_list(value, theirs, place, at)
            elif _is_empty(theirs) and self._goes_back(value, place, at):
                merged[key] = value
        return {key: value for key, value in merged.items() if value != {} or key in new}

    def _of_list(self, old: list[JsonValue], new: list[JsonValue], path: str, to: str) -> list[JsonValue]:
        if any(isinstance(item, dict) for item in old):
            return self._of_entries(old, new, path, to)
        exact = {normalize(str(item)) for item in new}
        keys = set(keys_of(_text(new)))
        # Highlights may be rewritten and joined; of a keyword, every word must be there.
        share = _KEPT_HIGHLIGHT if path.endswith("highlights") else 1.0
        missing = [
            item
            for item in old
            if not _is_empty(item) and normalize(str(item)) not in exact and not _has_keys(item, keys, share)
        ]
        return [*new, *(item for item in missing if self._goes_back(item, path, to))]

    def _of_entries(self, old: list[JsonValue], new: list[JsonValue], path: str, to: str) -> list[JsonValue]:
        merged = list(new)
        free = {number: _described(entry) for number, entry in enumerate(new)}
        # An entry that was left out follows the entry that was before it in the old resume.
        behind: defaultdict[int, list[JsonValue]] = defaultdict(list)
        last = -1
        for index, entry in enumerate(old):
            place = f"{path}[{index}]"
            number = _successor(entry, index, free)
            if number is None:
                if self._goes_back(entry, place, to):
                    behind[last].append(entry)
                continue
            last = number
            del free[number]
            theirs = merged[number]
            if isinstance(entry, dict) and isinstance(theirs, dict):
                merged[number] = self.of_object(entry, theirs, place, f"{to}[{number}]")
        return [*behind[-1], *(one for number, entry in enumerate(merged) for one in (entry, *behind[number]))]


def _successor(entry: JsonValue, index: int, free: Mapping[int, Described]) -> int | None:
    """Return the number of the free new entry that is most like an old one, or None. `index` is that of the old one."""
    keys, names = _described(entry)

    def likeness(number: int) -> float:
        theirs, named = free[number]
        same = len(names & named)
        return len(keys & theirs) / max(1, min(len(keys), len(theirs))) + _NAMED * bool(same) + _ALSO_NAMED * same

    best = max((one for one in range(index - _FAR, index + _FAR) if one in free), key=likeness, default=None)
    return None if best is None or likeness(best) <= _SAME_ENTRY else best


def _described(entry: JsonValue) -> Described:
    """Return the keys of an entry, and its names and titles."""
    fields = entry.items() if isinstance(entry, dict) else [("name", entry)]
    return set(keys_of(_text(entry))), {
        (key, normalize(str(value))) for key, value in fields if key in _IDENTITY and value
    }
