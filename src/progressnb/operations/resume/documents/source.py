"""A document from a path, a text or an object, as text and, if it is JSON, as data.

The suffix of a file tells the format that it should have. Its first bytes tell the format that it has.
"""

from __future__ import annotations

import codecs
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeGuard

from progressnb.errors import InputError
from progressnb.operations.resume.words.terms import clip
from progressnb.wire import Text, open_regular

from .html_text import html_text
from .markdown_text import markdown_text
from .plain_json import CONTROL, MAX_CHARACTERS, clean, is_mapping, parse_json, plain_object, too_long

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["Format", "Source", "read_source"]

Format = Literal["json", "markdown", "text", "html", "pdf", "docx"]
_FORMATS: dict[str, Format] = {
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
_LINKEDIN = "If it is from LinkedIn, save your profile there as PDF (More, Save to PDF) and give that file."
_EUROPASS = "If it is from Europass, download the CV there as PDF or Word and give that file."
_MAX_BYTES = 4 * MAX_CHARACTERS + 4
_MAX_FILE = 10_000_000
"""The largest PDF or Word file that is read, in bytes: pictures and fonts are most of it."""
_READABLE = "Save it as .docx, .pdf, .html, .md or .txt."
_WRITERS: tuple[str, ...] = (".doc", ".odt", ".rtf", ".pages", ".docm", ".dotx")
_OTHER = dict.fromkeys(_WRITERS, _READABLE) | {".zip": _LINKEDIN, ".csv": _LINKEDIN, ".xml": _EUROPASS}
"""Suffixes of other formats -> the remedy."""

_MAGIC = {b"PK\x03\x04": "a zip archive", b"\xd0\xcf\x11\xe0": "an old Word file (.doc)", b"{\\rtf": "Rich Text (.rtf)"}
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_HTML = re.compile(r"\s*(?:<!doctype html|<html)[\s>]", re.IGNORECASE)
_MARKDOWN = re.compile(r"^#{1,6} +\S|^ {0,3}\*\*[^*\n]{1,80}\*\* *$|\]\(", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """A document: its name in messages, its format, its text, and its data if it is JSON."""

    name: str
    format: Format
    text: str
    value: dict[str, JsonValue] | None


def _is_path(value: object) -> TypeGuard[os.PathLike[str]]:
    return isinstance(value, os.PathLike) and isinstance(value.__fspath__(), str)


def read_source(source: object, kind: str, *, files: bool) -> Source:
    """Read a document. `kind` ("resume", "job") goes into messages; without `files`, a str is always the text."""
    name = f"the {kind}"
    files = files and not isinstance(source, Text)
    if is_mapping(source):
        value = plain_object(source, name)
        return Source(name, "json", _checked_text(json.dumps(value, ensure_ascii=False, indent=2), name), value)
    if isinstance(source, str):
        line = source.strip()
        if files and "\n" not in line:
            if _URL.fullmatch(line):
                remedy = "Nothing is fetched: save the page as text and give its path."
                raise InputError(f"{name} as a text, a file or an object", f"the address {line}", remedy)
            if line.lower().endswith((*_FORMATS, *_OTHER)):
                return _read_file(Path(line), kind)
        return _from_text(source, name, None)
    if files and _is_path(source):
        return _read_file(Path(source), kind)
    ways = "a text, a path or a JSON object" if files else "a text or a JSON object"
    remedy = "Give a str, a pathlib.Path or a dict." if files else "Give a str or a dict."
    raise InputError(f"{name} as {ways}", type(source).__name__, remedy)


def _read_file(path: Path, kind: str) -> Source:
    # A file name may have line breaks and undecodable bytes. A message must not.
    name = clip(clean(str(path)), 300)
    suffix = path.suffix.lower()
    if suffix in _OTHER:
        raise InputError(f"{kind} as .docx, .pdf, .html, .md, .txt or .json", name, _OTHER[suffix])
    known = _FORMATS.get(suffix)
    limit = _MAX_FILE if known in {"pdf", "docx"} else _MAX_BYTES
    try:
        path = path.expanduser()
        if path.is_dir():
            raise InputError(f"a {kind} file", f"the directory {name}", "Give the path of a file in it.")
        if not path.exists():
            raise InputError(
                f"a {kind} file",
                f"{name}, which does not exist",
                f"Check the path; the current directory is {Path.cwd()}.",
            )
        if not path.is_file():
            raise InputError(f"a {kind} file", f"{name}, which is no regular file", "Give the path of a file.")
        with open_regular(path) as file:
            content = file.read(limit + 1)
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"a readable {kind} file", f"{name} ({reason})", "Check the path and its permissions."
        ) from error
    found = _sniff(content, lenient=known == "pdf")
    if known in {"pdf", "docx"} or found:
        return _from_binary(content, name, known, found)
    if len(content) > _MAX_BYTES:
        raise too_long(name, f"more than {_MAX_BYTES:,} bytes")
    return _from_text(_decode(content, name), name, known)


def _sniff(content: bytes, *, lenient: bool) -> str:
    """Return the name of a file's format by its first bytes, or "" for an unknown format."""
    # Some PDFs have a few stray bytes first. In other files, "%PDF-" may be part of the text.
    if content.startswith(b"%PDF-") or (lenient and b"%PDF-" in content[:1024]):
        return "a PDF"
    if content.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in content:
        return "a Word file with a password"
    if content.startswith(b"PK\x03\x04") and b"word/" in content:
        return "a Word file (.docx)"
    return next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), "")


def _from_binary(content: bytes, name: str, known: Format | None, found: str) -> Source:
    if len(content) > _MAX_FILE and known in {"pdf", "docx"}:
        raise InputError(f"at most {_MAX_FILE:,} bytes", f"{name} with more", "Save it without pictures, or as text.")
    if not content:
        raise _empty(name)
    if found == "a PDF" and known == "pdf":
        from .pdf_reader import pdf_text

        text = pdf_text(content, name)
    elif found == "a Word file (.docx)" and known == "docx":
        from .docx_reader import docx_text

        text = docx_text(content, name)
    else:
        wanted = {"pdf": "a PDF", "docx": "a Word file (.docx)"}.get(known or "", "text")
        remedy = {
            "a PDF": "Rename it to .pdf.",
            "a Word file (.docx)": "Rename it to .docx.",
            "a Word file with a password": "Open it in a word processor and save it without the password.",
        }.get(found, _READABLE)
        raise InputError(f"{name} to be {wanted}", found or "something else", remedy)
    return Source(name, known, _checked_text(text, name), None)


def _decode(content: bytes, name: str) -> str:
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        if b"\0" in content:
            raise _binary(name)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A picture or an archive is not UTF-8 either, but "binary" is the better message for it.
        controls = sum(byte < 32 and byte not in b"\t\n\v\f\r" for byte in content[:4096])  # noqa: PLR2004 - ASCII
        if controls * 20 > len(content[:4096]):
            raise _binary(name) from error
        raise InputError(
            f"{name} to be UTF-8 text", f"the byte 0x{content[error.start]:02x} at {error.start}", "Save it as UTF-8."
        ) from error


def _binary(name: str) -> InputError:
    return InputError("text", f"{name}, which is binary", "Save it as text, Markdown or JSON Resume.")


def _checked_text(text: str, name: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise too_long(name, f"{len(text):,} characters")
    if "\0" in text or len(CONTROL.findall(text)) * 4 > len(text):
        raise _binary(name)
    text = clean(text)
    if not text.strip():
        raise _empty(name)
    return text


def _empty(name: str) -> InputError:
    return InputError("some text", f"{name}, which is empty", "Check that the file was saved and the right one given.")


def _from_text(text: str, name: str, known: Format | None) -> Source:
    if known == "json" and not text.strip():
        known = None
    text = _checked_text(text, name)
    if known == "html" or _HTML.match(text):
        return Source(name, "html", _checked_text(html_text(text), name), None)
    if known == "json" or (known is None and text.lstrip().startswith("{")):
        value = parse_json(text, name)
        return Source(name, "json", text.strip(), value)
    markdown = known == "markdown" or (known is None and _looks_like_markdown(text))
    if markdown:
        return Source(name, "markdown", _checked_text(markdown_text(text), name), None)
    return Source(name, "text", text, None)


def _looks_like_markdown(text: str) -> bool:
    return _MARKDOWN.search(text) is not None
