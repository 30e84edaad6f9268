"""`Text`: a string that is never taken for the name of a file."""

from __future__ import annotations

__all__ = ["Text"]


class Text(str):
    """A text, whatever it looks like: where a string may also name a file, this one does not.

    What comes over a wire is given to operations as `Text`. An operation whose parameter may be a path takes strings
    from a wire only if its annotation names `Text`, which says that it keeps the two apart.
    """

    __slots__ = ()
