"""The two inputs of a customization, a resume and a job posting, from files, texts or objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from progressnb.errors import InputError
from progressnb.operations.resume.documents.foreign import known_form
from progressnb.operations.resume.documents.json_resume import JSONResume
from progressnb.operations.resume.documents.paths import leaves
from progressnb.operations.resume.documents.plain_json import MAX_CHARACTERS
from progressnb.operations.resume.documents.source import Format, read_source

from .confidence import Reading, assess
from .parse import parse_resume
from .posting_text import requirements_of_data, requirements_of_text
from .requirement import Requirement

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["MAX_CHARACTERS", "JobDocument", "Requirement", "ResumeDocument", "read_job", "read_resume"]

_RESUME_KEYS = frozenset(name for name in JSONResume.model_fields if name != "meta")
_JOB_KEYS = frozenset(
    {"title", "company", "description", "responsibilities", "qualifications", "skills", "experience", "requirements"}
)
_KINDS = {
    "list_type": "a list",
    "string_type": "text",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


@dataclass(frozen=True)
class ResumeDocument:
    """A resume: the text for a model, and the data for the rules.

    The rules made `data` if the source was text or Markdown. It has all words of the text. `read` tells how sure that
    reading is.
    """

    text: str
    data: JSONResume
    format: Format
    name: str
    read: Reading


@dataclass(frozen=True)
class JobDocument:
    """A job posting: its title, the text for a model, and its requirements."""

    title: str
    text: str
    requirements: tuple[Requirement, ...]
    format: Format
    name: str


def read_resume(
    source: str | os.PathLike[str] | Mapping[str, object] | ResumeDocument, *, files: bool = True
) -> ResumeDocument:
    """Read a resume from a file, a text or a JSON Resume object.

    Args:
        source: A str of one line that ends in .json, .md, .txt, .html, .pdf or .docx, and any Path, is a file,
            which must exist. Any other str is the text itself.
        files: If False, every str is the text itself and paths are refused. This is for input from a network.

    Returns:
        The resume; a `ResumeDocument` is returned unchanged.

    Raises:
        InputError: The document is missing, empty, too long, or not a resume.
        MissingExtraError: The file is a .pdf or .docx, and the extra `customize` is not installed.

    """
    if isinstance(source, ResumeDocument):
        return source
    read = read_source(source, "resume", files=files)
    if read.value is None:
        parsed = parse_resume(read.text)
        return ResumeDocument(read.text, parsed, read.format, read.name, assess(read.text, parsed.to_data()))
    value = known_form(read.value, read.name)
    _check_sections(value, read.name, "resume")
    try:
        data = JSONResume.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        raise InputError(
            f"{place} in {read.name} to be {_KINDS.get(first['type'], 'as in JSON Resume')}",
            f"{type(first['input']).__name__} {first['input']!r}",
            "See https://jsonresume.org/schema.",
        ) from error
    return ResumeDocument(read.text, data, read.format, read.name, assess(read.text, data.to_data(), "data"))


def read_job(source: str | os.PathLike[str] | Mapping[str, object] | JobDocument, *, files: bool = True) -> JobDocument:
    """Read a job posting from a file, a text or a JSON Resume job object; see `read_resume`."""
    if isinstance(source, JobDocument):
        return source
    read = read_source(source, "job", files=files)
    if read.value is None:
        title, requirements = requirements_of_text(read.text)
    else:
        _check_sections(read.value, read.name, "job")
        title, requirements = requirements_of_data(read.value, read.name)
    return JobDocument(title, read.text, requirements, read.format, read.name)


def _check_sections(value: dict[str, JsonValue], name: str, kind: str) -> None:
    """Refuse an object without content, and a resume in the place of a job or the other way round."""
    mine, other = (_RESUME_KEYS, _JOB_KEYS) if kind == "resume" else (_JOB_KEYS, _RESUME_KEYS)
    given = {key for key in value if any(leaf.text.strip() for leaf in leaves(value[key], key))}
    if given & mine - other:
        return
    shown = ", ".join(sorted(given)) or "nothing"
    if given & other - mine:
        swapped = "a job" if kind == "resume" else "a resume"
        raise InputError(
            f"{name} to be a {kind}", f"an object with {shown}, which looks like {swapped}", "Are the two swapped?"
        )
    if not given & mine:
        raise InputError(
            f"{name} to have at least one of {', '.join(sorted(mine))}",
            f"an object with {shown}",
            "See https://jsonresume.org/schema for the form.",
        )
