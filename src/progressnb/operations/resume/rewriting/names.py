"""The posting's names for things that the resume has under other names.

"JS" and "JavaScript" name one thing. "React" and "JavaScript" are related things, which do not count here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.words.terms import clip, raw_words
from progressnb.operations.resume.words.vocabulary import ALIASES

from .move import Move

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from progressnb.operations.resume.reading.inputs import JobDocument

__all__ = ["posting_names"]

_SKILL = re.compile(r"skills\[\d+\]\.(?:name|keywords\[\d+\])|projects\[\d+\]\.keywords\[\d+\]")
_KNOWN = {*ALIASES, *ALIASES.values()}


def posting_names(data: dict[str, JsonValue], job: JobDocument) -> Iterator[Move]:
    """Yield the moves that name skills as the posting does; the resume's own name stays beside the new one."""
    asked: dict[str, tuple[str, str]] = {}
    for one in job.requirements:
        # A term may be longer than a known name, such as "knowledge of JavaScript, SQL".
        parts = [part.strip() for part in re.split(r"[,;/()]", one.text)]
        for term in (*one.terms, *(part for part in parts if _plain(part) in _KNOWN)):
            asked.setdefault(_thing(term), (term, one.text))
    for path, name in leaves(data):
        written, requirement = asked.get(_thing(name), ("", "")) if _SKILL.fullmatch(path) else ("", "")
        if not written or not _is_better(written, name):
            continue
        new = written if written.casefold() == name.casefold() else f"{written} ({name})"
        yield Move(
            path=path,
            before=name,
            after=new,
            change=f"Write “{name}” as the posting does: “{new}”.",
            why=f"The job asks for “{clip(requirement)}”; it is the same thing.",
            requirement=requirement,
            evidence=name,
        )


def _plain(name: str) -> str:
    return " ".join(raw_words(name))


def _thing(name: str) -> str:
    """Return the one name of what may have several."""
    return ALIASES.get(_plain(name), _plain(name))


def _is_better(written: str, name: str) -> bool:
    """Tell whether the posting has another name, or the same one with a capital inside: "JavaScript".

    A name that begins with the posting's, as "HTML5" does, says it already.
    """
    if _plain(written) != _plain(name):
        return not _plain(name).startswith(_plain(written))
    inner = any(char.isupper() for char in written[1:]) and written.casefold() == name.casefold()
    return inner and written != name and not name.isupper()
