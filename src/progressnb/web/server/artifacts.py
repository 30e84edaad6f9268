"""The files of a result: with checked names, and as downloads that a browser saves and never runs."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ALL", "ArtifactError", "HasArtifacts", "artifact", "artifact_names", "artifact_response"]

ALL = "all.zip"
"""The name of the archive of all files, for a result that has several."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z0-9_-]{1,16}){0,3}")
_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".md": "text/markdown; charset=utf-8",
    ".png": "image/png",
    ".sql": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".zip": "application/zip",
}
_FALLBACK = "application/octet-stream"


@runtime_checkable
class HasArtifacts(Protocol):
    """A result with files by name, each as bytes or as a function that makes the bytes.

    A name has letters, digits, `-` and `_`, and suffixes. Files with other names are left out.
    """

    def artifacts(self) -> Mapping[str, bytes | Callable[[], bytes]]:
        """Return the files by name."""
        ...


class ArtifactError(Exception):
    """A file of a result that can't be made, by a fault of the operation."""


def _files(result: object) -> dict[str, bytes | Callable[[], bytes]]:
    try:
        # A DataFrame may have a column of that name.
        if not isinstance(result, HasArtifacts) or isinstance(result, type) or not callable(result.artifacts):
            return {}
        files: dict[Any, Any] = dict(cast("Mapping[Any, Any]", result.artifacts()))
    except Exception as error:
        raise ArtifactError("the files of this result can't be listed") from error
    return {name: files[name] for name in files if isinstance(name, str) and _NAME.fullmatch(name) and name != ALL}


def artifact_names(result: object) -> list[str]:
    """Return the names of a result's files. May take long: call it in a thread.

    A result that fails to list its files counts as one without files. Its run can be read nevertheless, and a download
    reports the fault.
    """
    try:
        names = list(_files(result))
    except ArtifactError:
        return []
    return [*names, ALL] if len(names) > 1 else names


def artifact(result: object, name: str) -> bytes | None:
    """Return the content of one of a result's files, or None. May take long: call it in a thread.

    Raises `ArtifactError` for a file that can't be made.
    """
    files = _files(result)
    if name == ALL and len(files) > 1:
        return _archive({each: _content(content) for each, content in files.items()})
    content = files.get(name)
    return None if content is None else _content(content)


def _content(content: bytes | Callable[[], bytes]) -> bytes:
    try:
        made = content if isinstance(content, bytes) else content()
    except Exception as error:
        raise ArtifactError("this file can't be made") from error
    if not isinstance(made, bytes):  # pyright: ignore[reportUnnecessaryIsInstance] # results may be untyped
        raise ArtifactError("this file can't be made: it is not bytes")
    return made


def _archive(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # Without a time, so that the same files always give the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def artifact_response(name: str, content: bytes) -> Response:
    """Return a file as a download. Its content may be hostile, so no browser may run it."""
    return Response(
        content,
        media_type=_TYPES.get(PurePosixPath(name).suffix.lower(), _FALLBACK),
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
    )
