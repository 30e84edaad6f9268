"""The Markdown of a resume as plain blocks, and as a text for applicant tracking systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from progressnb.operations.resume.documents.paths import value_at

from .html_writer import markdown_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.token import Token
    from pydantic import JsonValue

__all__ = ["Block", "Piece", "blocks", "is_on_letter", "plain_text"]

_LETTER = frozenset({"US", "CA", "MX", "PH", "CO", "CL", "VE"})


class Piece(TypedDict):
    """A part of a line: its text, how it is set, and where it links to ("" for nowhere)."""

    text: str
    bold: bool
    italic: bool
    link: str


class Block(TypedDict):
    """A heading ("h1" to "h6"), a paragraph ("p") or an item of a list ("li") of a depth, from 0, and its mark."""

    kind: str
    depth: int
    mark: str
    pieces: list[Piece]


def blocks(markdown: str) -> list[Block]:
    """Return the blocks of a resume, from its top."""
    found: list[Block] = []
    kind, depth, mark = "p", -1, ""
    for token in markdown_tokens(markdown):
        if token.type in {"heading_open", "list_item_open"}:
            kind = token.tag
            mark = "" if kind != "li" else f"{token.info}." if token.info else "•"
        elif token.type.endswith("list_open"):
            depth += 1
        elif token.type.endswith("list_close"):
            depth -= 1
        elif token.type == "inline":
            found.append(Block(kind=kind, depth=max(0, depth), mark=mark, pieces=_pieces(token.children or [])))
            kind, mark = "p", ""
        elif token.type in {"fence", "code_block"}:
            found += [Block(kind="p", depth=0, mark="", pieces=[_piece(line)]) for line in token.content.splitlines()]
    return found


def is_on_letter(data: Mapping[str, JsonValue]) -> bool:
    """Tell whether the country of a resume uses the paper size Letter, and not A4."""
    country = value_at(dict(data), "basics.location.countryCode")
    return isinstance(country, str) and country.upper() in _LETTER


def plain_text(markdown: str) -> str:
    """Return a resume as one column of plain text: headings in capitals, "-" before items, no tables and no marks."""
    lines: list[str] = []
    for block in blocks(markdown):
        text = "".join(piece["text"] for piece in block["pieces"])
        if block["kind"] == "li":
            lines.append("  " * block["depth"] + block["mark"].replace("•", "-") + " " + text)
            continue
        if lines and block["kind"] != "p":
            lines.append("")
        lines.append(text.upper() if block["kind"] == "h2" else text)
    return "\n".join(lines)


def _piece(text: str, *, bold: bool = False, italic: bool = False, link: str = "") -> Piece:
    return Piece(text=text, bold=bold, italic=italic, link=link)


def _pieces(tokens: Sequence[Token]) -> list[Piece]:
    found: list[Piece] = []
    bold = italic = 0
    link = ""
    for token in tokens:
        bold += token.nesting if token.tag == "strong" else 0
        italic += token.nesting if token.tag == "em" else 0
        if token.type in {"link_open", "link_close"}:
            link = str(token.attrs.get("href", "")) if token.nesting > 0 else ""
        text = {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)
        if text:
            found.append(_piece(text, bold=bold > 0, italic=italic > 0, link=link))
    return found
