"""The posting's names for things that the resume has under other names.

"JS" and "JavaScript" name one thing. "React" and "JavaScript" are related things, which do not count here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.words.lists import read_lines
from progressnb.operations.resume.words.terms import clip

from .move import Move

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import JobDocument

__all__ = ["GROUPS", "posting_name", "posting_names"]

GROUPS = [[name.strip() for name in line.split("=")] for line in read_lines("synonyms")]
"""The names of each thing, as people write them."""

_SKILL = re.compile(r"skills\[\d+\]\.(?:name|keywords\[\d+\])|projects\[\d+\]\.keywords\[\d+\]")


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").split())


_GROUP_OF = {_key(name): group for group in GROUPS for name in group}


def posting_names(data: dict[str, JsonValue], job: JobDocument) -> Iterator[Move]:
    """Yield the moves that name skills as the posting does; the resume's own name stays beside the new one."""
    asked = {_key(term): term for one in job.requirements for term in one.terms}
    # A term may be longer than a known name, such as "knowledge of JavaScript, SQL".
    parts = [part.strip() for one in job.requirements for part in re.split(r"[,;/()]", one.text)]
    asked = {_key(part): part for part in parts if _key(part) in _GROUP_OF} | asked
    for path, name in leaves(data):
        new = posting_name(name, asked) if _SKILL.fullmatch(path) else None
        if new is None:
            continue
        bare = new.removesuffix(f" ({name})")
        requirement = next((one.text for one in job.requirements if bare.casefold() in one.text.casefold()), bare)
        yield Move(
            path=path,
            before=name,
            after=new,
            change=f"Write “{name}” as the posting does: “{new}”.",
            why=f"The job asks for “{clip(requirement)}”; it is the same thing.",
            requirement=requirement,
            evidence=name,
        )


def posting_name(name: str, asked: dict[str, str]) -> str | None:
    """Return the posting's name for a thing that the resume calls `name`, or None if the names agree.

    `asked` has the names as the posting writes them, by their small letters. The resume's own follows in parentheses.
    """
    key = _key(name)
    if key in asked:
        written = asked[key]
        # "JavaScript" replaces "Javascript": the posting's spelling has a capital inside.
        inner = any(char.isupper() for char in written[1:]) and written.casefold() == name.casefold()
        return written if inner and written != name and not name.isupper() else None
    return next((f"{asked[_key(other)]} ({name})" for other in _GROUP_OF.get(key, ()) if _key(other) in asked), None)
