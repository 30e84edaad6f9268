"""The text of a Word document (.docx), read by python-docx within limits. Every failure is an InputError.

python-docx opens the package. Its own lists of paragraphs and tables lack content controls, text boxes and tracked
insertions, which templates of resumes often have, so `docx_body` walks the XML.
"""

from __future__ import annotations

import zipfile
from io import BytesIO

from progressnb.errors import InputError, needs_extra

__all__ = ["docx_text"]

_MAX_UNPACKED = 50_000_000  # bytes
_MAX_XML = 10_000_000  # bytes of one part
_MAX_PARTS = 2_000
_AS_TEXT = "Open it in a word processor and save it anew as .docx, or give the document as text."


def docx_text(content: bytes, name: str) -> str:
    """Return the text of a .docx: headings as Markdown headings, list items as bullets, table rows as lines.

    Headers come first, footers last, and links to the web keep their address. Raises InputError for a file that is
    damaged, protected or beyond the limits, and MissingExtraError without python-docx.
    """
    with needs_extra("customize", f"the package python-docx, to read {name}"):
        import docx
    from .docx_body import DocumentReader

    try:
        _check_archive(content, name)
        return DocumentReader(docx.Document(BytesIO(content)), name).text()
    except InputError:
        raise
    except Exception as error:
        # A broken package may raise any exception, in this and in any later python-docx.
        reason = str(error) or type(error).__name__
        raise InputError(
            f"{name} to be a Word document", f"a damaged or incomplete one ({reason})", _AS_TEXT
        ) from error


def _check_archive(content: bytes, name: str) -> None:
    """Refuse an archive that is not a Word document, that unpacks to too much, or whose XML defines entities."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > _MAX_PARTS or unpacked > _MAX_UNPACKED:
            got = f"{len(parts):,} parts of {unpacked:,} bytes"
            raise InputError(f"{name} to unpack to at most {_MAX_UNPACKED:,} bytes", got, _AS_TEXT)
        if any(part.flag_bits & 1 for part in parts):
            raise InputError(f"{name} without a password", "an encrypted archive", "Save it without one.")
        if "[Content_Types].xml" not in archive.namelist() or not any(
            part.filename.startswith("word/") for part in parts
        ):
            raise InputError(f"{name} to be a Word document", "another kind of archive", _AS_TEXT)
        for part in parts:
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue
            if part.file_size > _MAX_XML:
                raise InputError(
                    f"{name} to be a document of usual size", f"a part of {part.file_size:,} bytes", _AS_TEXT
                )
            # Word never writes a DTD, and entities that fetch or multiply need one. UTF-16 has NULs between letters.
            if b"<!doctype" in archive.read(part).replace(b"\0", b"").lower():
                raise InputError(f"{name} without a DTD", "XML that defines entities", _AS_TEXT)
