"""Elements of HTML as a browser has them, in a form in which two drawings of a panel can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "compared", "parse"]

_EMPTY = frozenset({"br", "hr", "img", "input"})
_BARS = re.compile("[█░]+")
# A script makes these: what is announced, and places for what comes later.
_OF_SCRIPTS = frozenset({"announce", "refused"})
_COMPARED = ("dir", "href", "rel", "target", "open", "role", "start", "data-key", "data-run", "data-pnb", "data-span")


@dataclass(slots=True)
class Element:
    """One element: its tag, its attributes, and its children, which are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Element | str] = field(default_factory=list["Element | str"])

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """Return the text of the element and of all below it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def walk(self) -> list[Element]:
        """Return this element and all below it, in the order in which they begin."""
        below = [each for child in self.children if not isinstance(child, str) for each in child.walk()]
        return [self, *below]

    def find(self, name: str) -> list[Element]:
        """Return the elements below it of a class."""
        return [each for each in self.walk() if name in each.classes]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(made)
        if tag not in _EMPTY:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        """End an element; every one of ours is closed by its own tag."""
        assert self._open[-1].tag == tag, f"</{tag}> in <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Take a text."""
        self._open[-1].children.append(data)


def parse(html: str) -> Element:
    """Read HTML in which every element is closed; the result has the outermost ones as its children."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder._open) == 1, f"<{builder._open[-1].tag}> is open"
    return builder.root


def compared(element: Element, depth: int = 0) -> list[str]:
    """Return an element as lines without what only a script or only a file has.

    Left out are empty elements, white space at the ends of texts, and what is for viewers without styles: the
    characters of bars, separators, unmarked lists. Where a sign has a word for screen readers is up to the painter.
    """
    lines: list[str] = []
    text = ""
    for child in [*element.children, Element("")]:
        if isinstance(child, str):
            text += child
            continue
        if (stripped := _BARS.sub("", text).strip()) and element.tag != "style":
            lines.append(f"{'  ' * (depth + 1)}{stripped!r}")
        text = ""
        if child.tag and child.tag != "style" and not child.classes & _OF_SCRIPTS and not _is_dot(child):
            lines += compared(child, depth + 1)
    if not lines and element.tag not in (*_EMPTY, "i", "b"):
        return []
    known = {name: element.attributes[name] for name in _COMPARED if name in element.attributes}
    if element.classes & {"sign"}:
        known.pop("role", None)
    style = sorted(part.replace(" ", "") for part in element.attributes.get("style", "").split(";") if part.strip())
    style = [each for each in style if each != "list-style:none"]
    described = " ".join(
        [element.tag, *sorted(element.classes), *(f"{key}={value}" for key, value in known.items()), *style]
    )
    return [f"{'  ' * depth}{described}", *lines]


def _is_dot(element: Element) -> bool:
    return element.tag == "i" and not element.classes and element.text.strip() == "·"
