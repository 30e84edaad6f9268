"""A customized resume as a file: Markdown, JSON Resume, HTML to print, Word."""

from __future__ import annotations

import functools
import json
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from progressnb.errors import InputError
from progressnb.operations.resume.documents.plain_json import clean
from progressnb.operations.resume.words.terms import clip

if TYPE_CHECKING:
    from collections.abc import Callable

    from progressnb.operations.resume.schemas import CustomizedResume

__all__ = ["check_target", "files", "save_resume"]


def _markdown(resume: CustomizedResume) -> bytes:
    return _encoded(resume.markdown)


def _json(resume: CustomizedResume) -> bytes:
    return _encoded(json.dumps(resume.data, ensure_ascii=False, indent=2))


def _html(resume: CustomizedResume) -> bytes:
    from .html_writer import html_page

    return _encoded(html_page(resume.markdown))


def _docx(resume: CustomizedResume) -> bytes:
    from .docx_writer import docx_file

    return docx_file(resume.markdown, resume.data)


def _encoded(text: str) -> bytes:
    return (text.rstrip("\n") + "\n").encode("utf-8", "replace")


_WRITERS: dict[str, Callable[[CustomizedResume], bytes]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".json": _json,
    ".html": _html,
    ".htm": _html,
    ".docx": _docx,
}


def files(resume: CustomizedResume) -> dict[str, Callable[[], bytes]]:
    """Return what makes each file of a resume, by a name of ours; Word only where its extra is installed."""
    suffixes = [".md", ".json", ".html", *([".docx"] if find_spec("docx") else [])]
    return {f"resume{suffix}": functools.partial(_WRITERS[suffix], resume) for suffix in suffixes}


def check_target(path: Path) -> None:
    """Refuse a file name that says no known format, or one whose extra is not installed, before any work is done."""
    suffix = path.suffix.lower()
    name = clip(clean(path.name), 200)
    if suffix not in _WRITERS:
        remedy = "Save as .html and print that to PDF." if suffix == ".pdf" else "Choose one of these."
        raise InputError("a file name that ends in .md, .json, .html or .docx", name or "no name", remedy)
    if suffix == ".docx":
        from .docx_writer import need_docx

        need_docx(name)


def save_resume(resume: CustomizedResume, path: str | os.PathLike[str]) -> Path:
    """Write a resume in the format that the suffix says, whole or not at all, and return the path."""
    target = Path(path).expanduser()
    check_target(target)
    # A link stays one: what it points to is replaced.
    try:
        real = target.resolve()
        if not real.parent.is_dir():
            got = f"{clip(clean(str(target.parent)), 150)}, which is none"
            raise InputError("a directory to save in", got, "Create it first.")
        if real.is_dir():
            raise InputError("a file to save to", f"the directory {clip(clean(str(target)), 150)}", "Add a name to it.")
    except (ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("a path to save to", f"{clip(clean(str(target)), 150)} ({error})", "Check it.") from error
    _replace(real, _WRITERS[target.suffix.lower()](resume))
    return target


def _replace(target: Path, content: bytes) -> None:
    if target.exists() and not target.is_file():
        # A pipe or device is written to: it can't be replaced.
        target.write_bytes(content)
        return
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o777)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
