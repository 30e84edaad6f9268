"""The restoration of texts that a model left out of its draft, from the old resume.

If the old resume is JSON Resume, each of its sections, entries and fields is kept in its place. If it is a text, rules
guessed its fields, and a text counts as kept if the new resume has its words in any place.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.schemas import Change, Draft
from progressnb.operations.resume.words.terms import clip, telling_keys

from .wording import keys_of, normalize

if TYPE_CHECKING:
    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import ResumeDocument

__all__ = ["restore"]

_IDENTITY = (
    "name",
    "institution",
    "organization",
    "title",
    "position",
    "language",
    "network",
    "reference",
    "studyType",
)
_NAMES = _IDENTITY[:6]
# The part of a text's keys that the new resume must have, so that the text counts as kept.
_KEPT_HIGHLIGHT = 0.5
_KEPT_TEXT = 0.7
_SAME_ENTRY = 0.34
_MOST_ENTRIES = 30  # that are indexed for one key
_SHOWN = 300
_TOOLS = frozenset({"meta", "$schema"})


def restore(original: ResumeDocument, draft: Draft) -> Draft:
    """Put the texts that a draft lost back into it, and add a change for each."""
    old, new = original.data.to_data(), draft.resume.to_data()
    merger = _Merger(new, structured=original.format == "json")
    merged = merger.of_object(old, new, "")
    if merged == new and not merger.changes:
        return draft
    resume = JSONResume.model_validate(merged)
    return draft.model_copy(update={"resume": resume, "changes": [*draft.changes, *merger.changes]})


def _is_empty(value: JsonValue) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _text(value: JsonValue) -> str:
    return "\n".join(leaf.text for leaf in leaves(value, "_"))


def _has_keys(value: JsonValue, among: set[str], share: float) -> bool:
    """Tell whether at least this share of a value's keys is among the given ones."""
    keys = telling_keys(keys_of(_text(value)))
    return bool(keys) and sum(key in among for key in keys) >= share * len(keys)


class _Merger:
    """One merge of the old data into the new, with a change for each text that it put back."""

    def __init__(self, new: dict[str, JsonValue], *, structured: bool) -> None:
        self.changes: list[Change] = []
        self._structured = structured
        self._keys = set(keys_of(_text({key: value for key, value in new.items() if key not in _TOOLS})))

    def _is_lost(self, value: JsonValue) -> bool:
        """Tell whether a value that is not in its place must be put back."""
        return not _is_empty(value) and (self._structured or not _has_keys(value, self._keys, _KEPT_TEXT))

    def _restore(self, value: JsonValue, path: str) -> JsonValue:
        if path.partition(".")[0] not in _TOOLS:
            text = clip(_text(value), _SHOWN)
            if text:
                why = f"Kept from the old resume ({path}): the draft had left it out."
                self.changes.append(Change(before=text, after=text, why=why))
        return value

    def of_object(self, old: dict[str, JsonValue], new: dict[str, JsonValue], path: str) -> dict[str, JsonValue]:
        """Return the new object with the lost fields of the old one."""
        merged = dict(new)
        for key, value in old.items():
            place = f"{path}.{key}" if path else key
            theirs = new.get(key)
            if key in _TOOLS and not path:
                merged[key] = value
            elif _is_empty(theirs):
                if self._is_lost(value):
                    merged[key] = self._restore(value, place)
            elif isinstance(value, dict) and isinstance(theirs, dict):
                merged[key] = self.of_object(value, theirs, place)
            elif isinstance(value, list) and isinstance(theirs, list):
                merged[key] = self._of_list(value, theirs, place)
        return merged

    def _of_list(self, old: list[JsonValue], new: list[JsonValue], path: str) -> list[JsonValue]:
        if any(isinstance(item, dict) for item in old):
            return self._of_entries(old, new, path)
        exact = {normalize(str(item)) for item in new}
        keys = set(keys_of(_text(new)))
        # Highlights may be rewritten and joined; of a keyword, every word must be there.
        share = _KEPT_HIGHLIGHT if path.endswith("highlights") else 1.0
        missing = [
            item
            for item in old
            if not _is_empty(item)
            and normalize(str(item)) not in exact
            and not _has_keys(item, keys, share)
            and self._is_lost(item)
        ]
        return [*new, *(self._restore(item, path) for item in missing)]

    def _of_entries(self, old: list[JsonValue], new: list[JsonValue], path: str) -> list[JsonValue]:
        merged = list(new)
        finder = _Finder(new)
        before: list[JsonValue] = []
        # An entry that was left out follows the entry that was before it in the old resume.
        behind: defaultdict[int, list[JsonValue]] = defaultdict(list)
        last = -1
        for index, entry in enumerate(old):
            place = f"{path}[{index}]"
            number = finder.find(entry, index)
            if number is None:
                if self._is_lost(entry):
                    (behind[last] if last >= 0 else before).append(self._restore(entry, place))
                continue
            last = number
            theirs = merged[number]
            if isinstance(entry, dict) and isinstance(theirs, dict):
                merged[number] = self.of_object(entry, theirs, place)
        result = before
        for number, entry in enumerate(merged):
            result += [entry, *behind[number]]
        return result


class _Finder:
    """The new entries, each of which is found once as the successor of an old one."""

    def __init__(self, new: list[JsonValue]) -> None:
        self._new = new
        self._keys = [set(keys_of(_text(entry))) for entry in new]
        self._free = set(range(len(new)))
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._index: defaultdict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(new):
            self._exact[self._identity(entry)].append(number)
            for key in self._keys[number]:
                if len(self._index[key]) < _MOST_ENTRIES:
                    self._index[key].append(number)

    @staticmethod
    def _identity(entry: JsonValue) -> str:
        if not isinstance(entry, dict):
            return normalize(str(entry))
        return "|".join(normalize(str(entry.get(key) or "")) for key in _IDENTITY)

    def find(self, entry: JsonValue, index: int) -> int | None:
        """Return the index of the new entry that is most like an old one, or None. `index` is that of the old one."""
        exact = next((number for number in self._exact[self._identity(entry)] if number in self._free), None)
        if exact is not None:
            self._free.discard(exact)
            return exact
        keys = set(keys_of(_text(entry)))
        near = {index} | {number for key in keys for number in self._index.get(key, ())}
        best, score = None, _SAME_ENTRY
        for number in sorted(near & self._free):
            common = len(keys & self._keys[number]) / max(1, min(len(keys), len(self._keys[number])))
            common += 0.5 * self._same_name(entry, self._new[number])
            if common > score:
                best, score = number, common
        if best is not None:
            self._free.discard(best)
        return best

    @staticmethod
    def _same_name(old: JsonValue, new: JsonValue) -> bool:
        if not isinstance(old, dict) or not isinstance(new, dict):
            return False
        return any(old.get(key) and normalize(str(old[key])) == normalize(str(new.get(key) or "")) for key in _NAMES)
