"""Names of one and the same thing, and the name that a posting uses for it.

"JS" and "JavaScript" name one thing. "React" and "JavaScript" are related things, which do not count here.
"""

from __future__ import annotations

from .lists import read_lines

__all__ = ["GROUPS", "name_key", "posting_name"]

GROUPS = [[name.strip() for name in line.split("=")] for line in read_lines("synonyms")]
"""The names of each thing, as people write them."""


def name_key(name: str) -> str:
    """Return a name in small letters and without hyphens, for comparison."""
    return " ".join(name.casefold().replace("-", " ").split())


_GROUP_OF = {name_key(name): group for group in GROUPS for name in group}


def posting_name(name: str, asked: dict[str, str]) -> str | None:
    """Return the posting's name for a thing that the resume calls `name`, or None if the names agree.

    `asked` has the names as the posting writes them, by `name_key`. The resume's own name follows in parentheses.
    """
    key = name_key(name)
    if key in asked:
        written = asked[key]
        # "JavaScript" replaces "Javascript": the posting's spelling has a capital inside.
        inner = any(char.isupper() for char in written[1:]) and written.casefold() == name.casefold()
        return written if inner and written != name and not name.isupper() else None
    for other in _GROUP_OF.get(key, ()):
        if name_key(other) in asked:
            return f"{asked[name_key(other)]} ({name})"
    return None
