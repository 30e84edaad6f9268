"""Nothing is lost: what a model left out of its draft is put back from the old resume, by code.

Of a JSON Resume each section, entry and field is kept as it stands. Of a text, where rules only guessed the
fields, it is enough that the new resume says the same somewhere.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.json_resume import JSONResume, leaves
from progressnb.operations.resume.schemas import Change, Draft
from progressnb.operations.resume.words.terms import clip, content
from progressnb.operations.resume.words.wording import keys_of, plain

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
_SAID = 0.5
_SAID_OF_TEXT = 0.7
_ALIKE = 0.34
_MANY = 30
_SHOWN = 300
_TOOLS = frozenset({"meta", "$schema"})


def restore(original: ResumeDocument, draft: Draft) -> Draft:
    """Put back what the draft lost, and report each as a change."""
    old, new = original.data.to_data(), draft.resume.to_data()
    merger = _Merger(new, structured=original.format == "json")
    merged = merger.of_object(old, new, "")
    if not merger.kept:
        return (
            draft
            if merged == new
            else Draft.model_validate({**dict(draft), "resume": JSONResume.model_validate(merged)})
        )
    return draft.model_copy(
        update={"resume": JSONResume.model_validate(merged), "changes": [*draft.changes, *merger.kept]}
    )


def _is_empty(value: JsonValue) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _text(value: JsonValue) -> str:
    return "\n".join(leaf.text for leaf in leaves(value, "_"))


class _Merger:
    """One merge, with what it had to put back."""

    def __init__(self, new: dict[str, JsonValue], *, structured: bool) -> None:
        self.kept: list[Change] = []
        self._structured = structured
        self._said = set(keys_of(_text({key: value for key, value in new.items() if key not in _TOOLS})))

    def _is_said(self, value: JsonValue, among: set[str], share: float) -> bool:
        keys = content(keys_of(_text(value)))
        return bool(keys) and sum(key in among for key in keys) >= share * len(keys)

    def _lost(self, value: JsonValue) -> bool:
        """Tell whether something that is not where it was must be put back."""
        return not _is_empty(value) and (self._structured or not self._is_said(value, self._said, _SAID_OF_TEXT))

    def _keep(self, value: JsonValue, path: str) -> JsonValue:
        if path.partition(".")[0] not in _TOOLS:
            text = clip(_text(value), _SHOWN)
            if text:
                why = f"Kept from the old resume ({path}): the draft had left it out."
                self.kept.append(Change(before=text, after=text, why=why))
        return value

    def of_object(self, old: dict[str, JsonValue], new: dict[str, JsonValue], path: str) -> dict[str, JsonValue]:
        merged = dict(new)
        for key, value in old.items():
            place = f"{path}.{key}" if path else key
            theirs = new.get(key)
            if key in _TOOLS and not path:
                merged[key] = value
            elif _is_empty(theirs):
                if self._lost(value):
                    merged[key] = self._keep(value, place)
            elif isinstance(value, dict) and isinstance(theirs, dict):
                merged[key] = self.of_object(value, theirs, place)
            elif isinstance(value, list) and isinstance(theirs, list):
                merged[key] = self._of_list(value, theirs, place)
        return merged

    def _of_list(self, old: list[JsonValue], new: list[JsonValue], path: str) -> list[JsonValue]:
        if any(isinstance(item, dict) for item in old):
            return self._of_entries(old, new, path)
        exact = {plain(str(item)) for item in new}
        said = set(keys_of(_text(new)))
        # Bullets are rewritten and joined; an item of a list of words is there or is not.
        share = _SAID if path.endswith("highlights") else 1.0
        missing = [
            item
            for item in old
            if not _is_empty(item)
            and plain(str(item)) not in exact
            and not self._is_said(item, said, share)
            and self._lost(item)
        ]
        return [*new, *(self._keep(item, path) for item in missing)]

    def _of_entries(self, old: list[JsonValue], new: list[JsonValue], path: str) -> list[JsonValue]:
        merged = list(new)
        finder = _Finder(new)
        before: list[JsonValue] = []
        # Where an entry that was left out goes: behind the one that stood before it.
        behind: defaultdict[int, list[JsonValue]] = defaultdict(list)
        last = -1
        for index, entry in enumerate(old):
            place = f"{path}[{index}]"
            number = finder.find(entry, index)
            if number is None:
                if self._lost(entry):
                    (behind[last] if last >= 0 else before).append(self._keep(entry, place))
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
    """Finds the new entry that an old one became, each once."""

    def __init__(self, new: list[JsonValue]) -> None:
        self._new = new
        self._keys = [set(keys_of(_text(entry))) for entry in new]
        self._free = set(range(len(new)))
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._index: defaultdict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(new):
            self._exact[self._identity(entry)].append(number)
            for key in self._keys[number]:
                if len(self._index[key]) < _MANY:
                    self._index[key].append(number)

    @staticmethod
    def _identity(entry: JsonValue) -> str:
        if not isinstance(entry, dict):
            return plain(str(entry))
        return "|".join(plain(str(entry.get(key) or "")) for key in _IDENTITY)

    def find(self, entry: JsonValue, index: int) -> int | None:
        exact = next((number for number in self._exact[self._identity(entry)] if number in self._free), None)
        if exact is not None:
            self._free.discard(exact)
            return exact
        keys = set(keys_of(_text(entry)))
        near = {index} | {number for key in keys for number in self._index.get(key, ())}
        best, score = None, _ALIKE
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
        return any(old.get(key) and plain(str(old[key])) == plain(str(new.get(key) or "")) for key in _IDENTITY[:6])
