"""The text of a PDF within limits. Every failure is an InputError."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, needs_extra

from .pdf_engine import LOCK, read_page
from .pdf_joining import join_pages
from .pdf_page import document_lines
from .plain_json import MAX_CHARACTERS, too_long

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAX_PAGES", "pdf_text"]

MAX_PAGES = 50
"""The largest number of pages that is read."""

_MAX_OPERATIONS = 1_000_000  # letters and drawn objects of all pages; a dense page has about 8,000
_MAX_SECONDS = 10.0  # a page takes about 0.02
_MAX_STREAM = 20_000_000  # bytes of one stream, unpacked
_FEW = 30  # letters: fewer, beside pictures, are the stamp of a scanning program
_UNKNOWN = "\ufffd"
_PASSWORD = 4  # PDFium's code for a missing password
_SECURITY = 5  # and for a way of locking that it does not know
_AS_TEXT = "Export it anew from the program that made it, or copy its text into a .txt file."


def pdf_text(content: bytes, name: str, *, monotonic: Callable[[], float] = time.monotonic) -> str:
    """Return the text of a PDF in reading order. `name` is its name in messages.

    Raises InputError for a file that is damaged, protected by a password, scanned or beyond the limits, and
    MissingExtraError without pypdfium2.
    """
    with needs_extra("customize", f"the package pypdfium2, to read {name}"):
        import pypdfium2

    budget = _Budget(name, monotonic)
    if _unpacks_to_too_much(content):
        raise budget.refusal(f"a stream that unpacks to more than {_MAX_STREAM:,} bytes")
    try:
        with LOCK:
            document = pypdfium2.PdfDocument(content)
            try:
                return _text(document, budget)
            finally:
                document.close()
    except pypdfium2.PdfiumError as error:
        if error.err_code in {_PASSWORD, _SECURITY}:  # pyright: ignore[reportUnknownMemberType]
            raise _locked(name) from error
        raise InputError(f"{name} to be a PDF", f"a damaged or incomplete one ({error})", _AS_TEXT) from error


def _unpacks_to_too_much(content: bytes) -> bool:
    """Tell whether a stream that is no picture unpacks to more than any page of text."""
    place = content.find(b"stream")
    while place >= 0:
        head = content[content.rfind(b"obj", 0, place) : place]
        if b"/FlateDecode" in head and b"/Image" not in head and not head.endswith(b"end"):
            begins = place + 6 + (2 if content[place + 6 : place + 8] == b"\r\n" else 1)
            if _unpacked(memoryview(content)[begins:]) > _MAX_STREAM:
                return True
        place = content.find(b"stream", place + 6)
    return False


def _unpacked(stream: memoryview) -> int:
    """Return the length of a stream, unpacked; a locked or damaged one is left to PDFium."""
    try:
        return len(zlib.decompressobj().decompress(stream, _MAX_STREAM + 1))
    except zlib.error:
        return 0


def _locked(name: str) -> InputError:
    return InputError(
        f"{name} without a password",
        "an encrypted PDF",
        "Open it with its password, print it to a new PDF and give that one.",
    )


def _text(document: Any, budget: _Budget) -> str:  # noqa: ANN401 - pypdfium2 has no types
    name, count = budget.name, len(document)
    if not count:
        raise InputError(f"{name} to be a PDF", "a damaged or incomplete one (no pages)", _AS_TEXT)
    if count > MAX_PAGES:
        raise InputError(f"at most {MAX_PAGES} pages", f"{name} with {count:,}", "Leave out the pages that are not it.")
    pages = [read_page(document[number], budget.spend) for number in range(count)]
    text = join_pages(document_lines([page.fragments for page in pages]))
    letters = sum(map(str.isalnum, text))
    if not letters or (letters < _FEW and any(page.has_picture for page in pages)):
        raise InputError(
            f"text in {name}",
            "pages without any, as a scanner makes them",
            "Recognize its text first (OCR), or give the document as .docx or text.",
        )
    if len(text) > MAX_CHARACTERS:
        raise too_long(name, f"{len(text):,} characters")
    if text.count(_UNKNOWN) * 4 > letters:
        raise InputError(f"readable text in {name}", "fonts that don't say which letters they show", _AS_TEXT)
    return text


class _Budget:
    """The work that all pages together may cost. Pages may share one stream, which is small in the file."""

    def __init__(self, name: str, monotonic: Callable[[], float]) -> None:
        self.name = name
        self._monotonic = monotonic
        self._end = monotonic() + _MAX_SECONDS
        self._spent = self._letters = 0

    def spend(self, drawings: int = 0, letters: int = 0) -> None:
        """Count what is drawn, before it is read. Raises InputError beyond the limits."""
        self._letters += letters
        self._spent += drawings + letters
        if self._letters > 2 * MAX_CHARACTERS:
            raise too_long(self.name, "more than that")
        if self._spent > _MAX_OPERATIONS or self._monotonic() > self._end:
            raise self.refusal(
                f"more than {_MAX_OPERATIONS:,} letters and drawings or {_MAX_SECONDS:.0f} seconds of work"
            )

    def refusal(self, got: str) -> InputError:
        """Return the error for a document that is too large."""
        return InputError(f"{self.name} to be a document of usual size", got, _AS_TEXT)
