"""The resume as bytes of each format, and as a file: Markdown, JSON Resume, plain text, HTML to print, Word, PDF."""

from __future__ import annotations

import functools
import importlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from progressnb.errors import InputError, needs_extra
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
_LONGEST = 150  # characters of a path in a message
_EXTRAS = {".docx": ("docx", "customize", "python-docx"), ".pdf": ("typst", "pdf", "typst")}
"""The module that writes a format, its extra, and its package."""


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
    missing = {suffix for suffix, (module, *_) in _EXTRAS.items() if not find_spec(module)}
    suffixes = [suffix for suffix in (".md", ".txt", ".json", ".html", *_EXTRAS) if suffix not in missing]
    return {f"resume{suffix}": functools.partial(_WRITERS[suffix], markdown, data) for suffix in suffixes}


def check_target(path: Path) -> None:
    """Check the suffix of a file name before any work is done.

    Raises InputError for an unknown suffix, and MissingExtraError for a format whose extra is not installed.
    """
    suffix, name = path.suffix.lower(), _shown(path.name)
    if suffix not in _WRITERS:
        expected = "a file name that ends in .md, .txt, .json, .html, .pdf or .docx"
        raise InputError(expected, name or "no name", "Choose one of these.")
    if suffix in _EXTRAS:
        module, extra, package = _EXTRAS[suffix]
        with needs_extra(extra, f"the package {package}, to save {name}"):
            importlib.import_module(module)


def _shown(path: Path | str) -> str:
    return clip(clean(str(path)), _LONGEST)


def save_resume(
    markdown: str, data: Mapping[str, JsonValue], path: str | os.PathLike[str], *, pages: int | None = None
) -> Path:
    """Write a resume in the format of the suffix, whole or not at all, and return the path."""
    target = Path(path).expanduser()
    check_target(target)
    suffix = target.suffix.lower()
    write = _WRITERS[suffix]
    if pages is not None:
        if suffix != ".pdf":
            raise InputError("a .pdf, since pages are limited", target.suffix, "Leave pages out, or save a .pdf.")
        from .pdf_writer import pdf_file

        write = functools.partial(pdf_file, pages=pages)
    try:
        # A symbolic link stays: the file that it points to is replaced.
        real = target.resolve()
        parent, taken = real.parent.is_dir(), real.is_dir()
    except (ValueError, RuntimeError) as error:
        raise InputError("a path to save to", f"{_shown(target)} ({error})", "Check it.") from error
    if not parent:
        got = f"{_shown(target.parent)}, which is not a directory"
        raise InputError("a directory to save in", got, "Create it first.")
    if taken:
        raise InputError("a file to save to", f"the directory {_shown(target)}", "Add a name to it.")
    write_atomically(real, write(markdown, data))
    return target
