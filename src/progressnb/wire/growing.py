"""The value of a JSON text that grows: each value is read once, and what was handed out never changes.

Of the lists and objects on the way to the place of writing those are copied that somebody else holds, as the counts of
their references tell; nobody sees the others.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic_core import from_json

__all__ = ["GrowingValue"]

Step = str | int | None


def _references(containers: list[Any], level: int) -> int:
    return sys.getrefcount(containers[level])


_OWN = _references([[]], 0) + 1
"""References to an open container that nobody else holds: that of the list of open ones, and that of its parent."""


class GrowingValue:
    """The plain data of a text so far. A `Scanner` tells it what begins and what is closed.

    Attributes:
        root: The value so far. Whoever holds it, or a part of it, sees no later change.

    """

    __slots__ = ("_open", "_text", "_to", "root")

    def __init__(self, root: Any, path: list[Step], to: int, *, in_string: bool) -> None:  # noqa: ANN401 - plain JSON data
        """Go on from what was read of a text up to the position `to`; `path` leads to the open value."""
        self.root = root
        self._open: list[Any] = []  # the open containers, outermost first
        at: Any = root
        for step in path:
            self._open.append(at)
            is_list: bool = type(at) is list
            is_there = isinstance(step, int) and step < len(at) if is_list else step in at
            at = at[step] if is_there else None
        self._text: str = at if in_string else ""  # the open string, as far as it was read
        self._to = to if in_string else -1

    def begin(self, path: list[Step], container: dict[str, Any] | list[Any]) -> None:
        """Take in that a list or an object begins at a path."""
        self._put(path, container)
        self._open.append(container)

    def end(self) -> None:
        """Take in that the innermost list or object is closed."""
        self._open.pop()

    def scalar(self, path: list[Step], token: str) -> None:
        """Take in a number or a literal."""
        self._put(path, from_json(token))

    def string(self, path: list[Step], text: str, start: int, end: int, *, is_open: bool) -> None:
        """Take in the inside of a string from `start` to `end`; a string that is open may come again, longer."""
        is_begun = self._to >= 0
        piece = text[self._to if is_begun else start : end]
        if piece or not is_begun:
            if "\\" in piece:
                piece = from_json(f'"{piece}"')
            self._text = self._text + piece if is_begun else piece
            self._put(path, self._text)
        self._to = end if is_open else -1
        if not is_open:
            self._text = ""

    def _put(self, path: list[Step], value: Any) -> None:  # noqa: ANN401 - plain JSON data
        if not self._open:
            self.root = value
            return
        self._part(path)
        inside, step = self._open[-1], path[-1]
        if isinstance(inside, dict) or (isinstance(step, int) and step < len(inside)):
            inside[step] = value
        else:
            inside.append(value)

    def _part(self, path: list[Step]) -> None:
        """Copy the open containers that somebody else holds."""
        containers = self._open
        for level in range(len(containers)):
            if _references(containers, level) > _OWN:
                copy = containers[level] = containers[level].copy()
                if level:
                    containers[level - 1][path[level - 1]] = copy
                else:
                    self.root = copy
