"""`Text`: a string that is never taken for the name of a file."""

from __future__ import annotations

__all__ = ["Text"]


class Text(str):
    """A text that is never a path, whatever it looks like.

    Strings that come over a wire are given to operations as `Text`. An operation whose parameter may be a path takes
    strings from a wire only if its annotation names `Text`, which declares that it tells the two apart.

    Example:
        ::

            @pnb.operation
            async def count(tracker: pnb.ProgressTracker, source: Path | pnb.web.Text) -> int:
                text = source if isinstance(source, pnb.web.Text) else source.read_text()
                return len(text.split())

            await count(pnb.web.Text("notes.txt"))  # 1: the word "notes.txt", not the words of a file

    """

    __slots__ = ()
