"""The Markdown of a resume as plain blocks, and as a text for applicant tracking systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from progressnb.operations.resume.documents.paths import value_at

from .html_writer import markdown_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markdown_it.token import Token
    from pydantic import JsonValue

__all__ = ["Block", "Piece", "blocks", "is_on_letter", "plain_text"]

_LETTER = frozenset({"US", "CA", "MX", "PH", "CO", "CL", "VE"})


class Piece(TypedDict):
    """A part of a line: its text, and where it links to ("" for nowhere)."""

    text: str
    link: str


class Block(TypedDict):
    """A heading ("h1" to "h6"), a paragraph ("p") or an item of a list ("li")."""

    kind: str
    pieces: list[Piece]


def blocks(markdown: str) -> list[Block]:
    """Return the blocks of a resume, from its top; lists within lists become one, with the numbers as text."""
    found: list[Block] = []
    kind, number = "p", ""
    for token in markdown_tokens(markdown):
        if token.type in {"heading_open", "list_item_open"}:
            kind, number = token.tag, f"{token.info}. " if token.info else ""
        elif token.type == "inline":
            found.append(Block(kind=kind, pieces=[*([_piece(number)] if number else []), *_pieces(token)]))
            kind, number = "p", ""
        elif token.type in {"fence", "code_block"}:
            found += [Block(kind="p", pieces=[_piece(line)]) for line in token.content.splitlines()]
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
        if lines and block["kind"].startswith("h"):
            lines.append("")
        lines.append(text.upper() if block["kind"] == "h2" else f"- {text}" if block["kind"] == "li" else text)
    return "\n".join(lines)


def _piece(text: str, link: str = "") -> Piece:
    return Piece(text=text, link=link)


def _pieces(line: Token) -> list[Piece]:
    found: list[Piece] = []
    link = ""
    for token in line.children or []:
        if token.type in {"link_open", "link_close"}:
            link = str(token.attrs.get("href", "")) if token.nesting > 0 else ""
        if text := {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content):
            found.append(_piece(text, link))
    return found
