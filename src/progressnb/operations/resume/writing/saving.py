"""The resume as bytes of each format, and as a file: Markdown, JSON Resume, plain text, HTML to print, Word, PDF."""

from __future__ import annotations

import functools
import importlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from progressnb.errors import InputError
from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.words.terms import clip
from progressnb.wire import write_atomically

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    Writer = Callable[[str, Mapping[str, JsonValue]], bytes]

__all__ = ["check_target", "files", "save_resume"]

_HERE = "progressnb.operations.resume.writing"
_LONGEST_NAME = 200
_LONGEST_PATH = 150


def _html(markdown: str, _: Mapping[str, JsonValue]) -> bytes:
    return _encoded(importlib.import_module(f"{_HERE}.html_writer").html_page(markdown))


def _encoded(text: str) -> bytes:
    return (text.rstrip("\n") + "\n").encode("utf-8", "replace")


# What a format needs loads with the first file of it.
_WRITERS: dict[str, Writer] = {
    ".md": lambda markdown, _: _encoded(markdown),
    ".markdown": lambda markdown, _: _encoded(markdown),
    ".txt": lambda markdown, _: _encoded(importlib.import_module(f"{_HERE}.blocks").plain_text(markdown)),
    ".json": lambda _, data: _encoded(json.dumps(data, ensure_ascii=False, indent=2)),
    ".html": _html,
    ".htm": _html,
    ".docx": lambda markdown, data: importlib.import_module(f"{_HERE}.docx_writer").docx_file(markdown, data),
    ".pdf": lambda markdown, data: importlib.import_module(f"{_HERE}.pdf_writer").pdf_file(markdown, data),
}


def files(markdown: str, data: Mapping[str, JsonValue]) -> dict[str, Callable[[], bytes]]:
    """Return a function that makes each file of a resume, by file name; Word and PDF only with their extras."""
    extras = {".docx": "docx", ".pdf": "typst"}
    suffixes = [".md", ".txt", ".json", ".html", *(suffix for suffix, name in extras.items() if find_spec(name))]
    return {f"resume{suffix}": functools.partial(_WRITERS[suffix], markdown, data) for suffix in suffixes}


def check_target(path: Path) -> None:
    """Check the suffix of a file name before any work is done.

    Raises InputError for an unknown suffix, and MissingExtraError for a format whose extra is not installed.
    """
    suffix = path.suffix.lower()
    name = clip(clean(path.name), _LONGEST_NAME)
    if suffix not in _WRITERS:
        expected = "a file name that ends in .md, .txt, .json, .html, .pdf or .docx"
        raise InputError(expected, name or "no name", "Choose one of these.")
    if suffix == ".pdf":
        from .pdf_writer import need_typst

        need_typst(name)
    if suffix == ".docx":
        from .docx_writer import need_docx

        need_docx(name)


def save_resume(
    markdown: str, data: Mapping[str, JsonValue], path: str | os.PathLike[str], *, pages: int | None = None
) -> Path:
    """Write a resume in the format of the suffix, whole or not at all, and return the path."""
    target = Path(path).expanduser()
    check_target(target)
    write = _WRITERS[target.suffix.lower()]
    if pages is not None:
        if target.suffix.lower() != ".pdf":
            raise InputError("a .pdf, since pages are limited", target.suffix, "Leave pages out, or save a .pdf.")
        from .pdf_writer import pdf_file

        write = functools.partial(pdf_file, pages=pages)
    shown = clip(clean(str(target)), _LONGEST_PATH)
    try:
        # A symbolic link stays: the file that it points to is replaced.
        real = target.resolve()
        if not real.parent.is_dir():
            got = f"{clip(clean(str(target.parent)), _LONGEST_PATH)}, which is not a directory"
            raise InputError("a directory to save in", got, "Create it first.")
        if real.is_dir():
            raise InputError("a file to save to", f"the directory {shown}", "Add a name to it.")
    except (ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("a path to save to", f"{shown} ({error})", "Check it.") from error
    write_atomically(real, write(markdown, data))
    return target
