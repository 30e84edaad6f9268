"""Markdown as nodes of a view: CommonMark with tables and strikethrough; HTML off, images as text, links only http(s).

A text that is being written is read block by block: what is closed is never read again.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from progressnb.folds.fences import Fence
from progressnb.folds.texts import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from progressnb.folds.tree import Node

__all__ = ["Blocks", "Source", "markdown_nodes"]

_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:", re.MULTILINE)
_SAFE = re.compile(r"https?://[^\s]", re.IGNORECASE)
_ALIGNED = re.compile(r"text-align:(left|right|center)")

_TASK = re.compile(r"\[([ xX])\] ")

_SPACE = re.compile(r"\s")
_BREAKS = tuple(map(re.compile, (r"\n[ \t]*\n(?=\S)", r"\n", r"\s")))
_PIECE = 2_000  # characters of a text inside a block that are read at once

# Lines behind the begin of a block after which nothing can change that it begins there: a table shows in its second.
_CERTAIN = 2

_TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote em strong s a hr table thead tbody tr th td".split()  # noqa: SIM905
)


_EMPTY: dict[str, Node] = {"hr": ["hr"], "hardbreak": ["br"], "softbreak": "\n"}


@cache
def _parser(of: Literal["whole", "growing", "inline"]) -> MarkdownIt:
    """Return the parser of a whole text, of one that grows, or of a text inside a block: these are read once each.

    A definition of a link may stand anywhere behind its use, so only a text that is complete has them.
    """
    from markdown_it import MarkdownIt  # a tenth of the first panel, which may have no text

    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")  # what looks like a tag is text
    if of != "inline":
        parser.enable("table").core.ruler.disable("inline")
    if of == "growing":
        parser.disable("reference")
    return parser


class Source(NamedTuple):
    """One block: its place in the text, begin and end in characters, and its nodes."""

    start: int
    end: int
    nodes: list[Node]


def markdown_nodes(text: str) -> list[Node]:
    """Return a whole text as nodes, one for each block."""
    return [node for block in _Reader(_parser("whole"), {}).read(text) for node in block.nodes]


class Blocks:
    """Read a growing text; each block that is closed is read once.

    The blocks depend on the text alone, not on when somebody looked. They are those of the whole text, unless that has
    definitions of links; `final` reads these too. Of a text that is much longer than what is shown the begin is not
    read: then its first block may begin inside one.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._text = ""
        self._closed: list[Source] = []
        self._last: list[Source] = []
        self._begin = 0  # of what is not closed
        self._texts: dict[str, list[Node]] = {}  # inside the last block: one of them grows, the others are read
        self._skipped, self._fence, self._opener = 0, Fence(), ""

    def read(self, text: str, *, final: bool = False, shown: int | None = None) -> list[Source]:
        """Return the blocks of a text, which is the text of the last time and more, or another one.

        `shown` is the number of characters at its end that are wanted; without it all are.
        """
        if final and _DEFINITION.search(text):
            return _Reader(_parser("whole"), {}).read(text)
        if text != self._text or not self._last:
            if not text.startswith(self._text):
                self._forget()
            self._text = text
            if shown is not None:
                self._skip(shown)
            reader, begin, opener = _Reader(_parser("growing"), self._texts), self._begin, self._opener
            found = reader.read(opener + text[begin:], begin - len(opener))
            self._last = [each._replace(start=max(begin, each.start)) for each in found]
            self._texts = reader.used
            blocks = [*self._closed, *self._last]
            self._close()
            return blocks
        return [*self._closed, *self._last]

    def _skip(self, shown: int) -> None:
        """Leave out what lies far above the end: from one of some places on, which the text's length tells."""
        step = max(shown // 2, 1)
        at = (len(self._text) - shown) // step * step
        if at <= self._skipped:
            return
        self._skipped = at
        start = _good_begin(self._text, at, at + step)
        self._opener = self._fence.opener_at(self._text, start)
        known = [] if self._opener else [index for index, each in enumerate(self._closed) if each.start == start]
        if known:
            del self._closed[: known[0]]
        else:
            self._closed, self._begin = [], start

    def _close(self) -> None:
        complete = self._text.rfind("\n") + 1
        while len(self._last) > 1:
            begin = self._last[1].start
            if self._text.count("\n", begin, complete) < _CERTAIN:
                return
            self._closed.append(self._last.pop(0))
            self._begin, self._opener = begin, ""


class _Reader:
    """Read a text into blocks. `known` has texts that were read before, `used` those of this time."""

    def __init__(self, parser: MarkdownIt, known: dict[str, list[Node]]) -> None:
        self._parser = parser
        self._environment: dict[str, Any] = {}  # definitions of links
        self._known = known
        self.used: dict[str, list[Node]] = {}

    def read(self, text: str, offset: int = 0) -> list[Source]:
        """Return the blocks of a text that begins so many characters behind the whole one."""
        lines = _line_starts(text)
        tokens = self._parser.parse(text, self._environment)
        found: list[tuple[int, list[Node]]] = []
        at = 0
        while at < len(tokens):
            place = tokens[at].map  # lines; a block always has them
            begin = place[0] if place is not None else 0
            nodes, at = self._nodes(tokens, at)
            found.append((min(lines[begin], len(text)) if begin < len(lines) else len(text), nodes))
        ends = [*(start for start, _ in found[1:]), len(text)][: len(found)]
        return [Source(offset + start, offset + end, nodes) for (start, nodes), end in zip(found, ends, strict=True)]

    def _nodes(self, tokens: Sequence[Token], at: int) -> tuple[list[Node], int]:
        """Return the nodes of the block that begins at a token, and the position behind it."""
        token = tokens[at]
        if token.nesting == 0:
            return self._leaf(token), at + 1
        inside: list[list[Node]] = []
        at += 1
        while tokens[at].nesting != -1:
            nodes, at = self._nodes(tokens, at)
            inside.append(nodes)
        children = _joined(inside)
        if token.tag == "li":
            _tick(children)
        attributes = _attributes(token)
        # Without a tag of its own: a paragraph of a tight list, and a link that is none.
        if token.hidden or token.tag not in _TAGS or (token.tag == "a" and not attributes):
            return children, at + 1
        return [[token.tag, *attributes, *children]], at + 1

    def _leaf(self, token: Token) -> list[Node]:
        if token.type == "inline":
            return self._inside(token.content)
        if token.type in ("fence", "code_block"):
            return [["pre", ["code", visible(token.content.removesuffix("\n"))]]]
        if token.type == "code_inline":
            return [["code", visible(token.content)]]
        if token.type in _EMPTY:
            return [_EMPTY[token.type]]
        text = visible(_alternative(token) if token.type == "image" else token.content)
        return [text] if text else []

    def _inside(self, text: str) -> list[Node]:
        """Return the nodes of the text inside a block."""
        for piece in (pieces := [*_pieces(text)]):
            known = self._known.get(piece)
            self.used[piece] = self._inline(piece) if known is None else known
        return _joined(self.used[piece] for piece in pieces)

    def _inline(self, text: str) -> list[Node]:
        inside: list[list[Node]] = []
        tokens = _parser("inline").parseInline(text, self._environment)[0].children or []
        at = 0
        while at < len(tokens):
            found, at = self._nodes(tokens, at)
            inside.append(found)
        return _joined(inside)


def _pieces(text: str) -> Iterator[str]:
    """Cut a long text at white space; where it is cut depends on what stands before alone.

    The time to read some texts grows with the square of their length. What is emphasized across a cut shows its signs.
    """
    start = 0
    while len(text) - start > _PIECE:
        found = _SPACE.search(text, start + _PIECE, start + 2 * _PIECE)
        end = found.start() if found is not None else start + 2 * _PIECE
        if end >= len(text):
            break
        yield text[start:end]
        start = end
    yield text[start:]


def _good_begin(text: str, start: int, end: int) -> int:
    """Return a place between two where to begin to read: behind an empty line, or a line, or a word."""
    for pattern in _BREAKS:
        if (found := pattern.search(text, start, end)) is not None:
            return found.end()
    return start


def _line_starts(text: str) -> list[int]:
    starts = [0]
    # The parser ends lines at these, and at no others.
    starts += [match.end() for match in re.finditer(r"\r\n|\n|\r", text)]
    return starts


def _alternative(image: Token) -> str:
    children = image.children or []
    return "".join(_alternative(child) if child.type == "image" else child.content for child in children)


def _attributes(token: Token) -> list[dict[str, Any]]:
    attributes = token.attrs
    if token.tag == "a":
        href = str(attributes.get("href", ""))
        return [{"href": visible(href)}] if _SAFE.match(href) else []
    if token.tag == "ol" and "start" in attributes:
        return [{"start": str(attributes["start"])}]
    if token.tag in ("td", "th") and (aligned := _ALIGNED.match(str(attributes.get("style", "")))):
        return [{"align": aligned[1]}]
    return []


def _tick(item: list[Node]) -> None:
    """Draw the box of a task, as GitHub's Markdown has it, where an item begins with one."""
    first = item[0] if item else ""
    if isinstance(first, list):
        if first[0] == "p":  # of a list whose items stand apart
            text = _ticked(first[1]) if len(first) > 1 else None
            item[0] = first if text is None else ["p", text, *first[2:]]
    elif (text := _ticked(first)) is not None:
        item[0] = text


def _ticked(node: object) -> str | None:
    task = _TASK.match(node) if isinstance(node, str) else None
    return None if task is None else f"{'☐' if task[1] == ' ' else '☑'} {task.string[task.end() :]}"


def _joined(pieces: Iterable[list[Node]]) -> list[Node]:
    """Return nodes as one list; texts side by side become one, so that a text that grows is one text."""
    nodes: list[Node] = []
    texts: list[str] = []  # joined at once: adding each to the text before takes the square of the time
    for node in chain.from_iterable(pieces):
        if isinstance(node, str):
            texts.append(node)
            continue
        if texts:
            nodes.append("".join(texts))
            texts.clear()
        nodes.append(node)
    if texts:
        nodes.append("".join(texts))
    return nodes
