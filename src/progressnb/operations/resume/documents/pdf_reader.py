"""The text of a PDF, read by pypdf within limits. Every failure is an InputError.

A PDF may be hostile. Only its fonts and the drawing operations of its pages are decoded. Images, scripts, forms and
attachments are not touched, and nothing is run or fetched.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from progressnb.errors import InputError, needs_extra

from .pdf_page import Fragment, join_pages, page_lines
from .plain_json import MAX_CHARACTERS, too_long

if TYPE_CHECKING:
    from collections.abc import Callable

    from pypdf import PageObject

__all__ = ["MAX_PAGES", "pdf_text"]

MAX_PAGES = 50
"""The largest number of pages that is read."""

_MAX_OPERATIONS = 200_000  # of all pages; a dense page has about 3,000
_MAX_SECONDS = 10.0  # a page takes about 0.02
_MAX_STREAM = 20_000_000  # bytes of one stream, unpacked
_FEW = 30  # letters: fewer, beside pictures, are the stamp of a scanning program
_UNKNOWN = "\ufffd"
_AS_TEXT = "Export it anew from the program that made it, or copy its text into a .txt file."

# The log messages of pypdf on odd files would go to stderr, and so into cells and pipes.
logging.getLogger("pypdf").addHandler(logging.NullHandler())


def pdf_text(content: bytes, name: str, *, monotonic: Callable[[], float] = time.monotonic) -> str:
    """Return the text of a PDF in reading order. `name` is its name in messages.

    Raises InputError for a file that is damaged, protected by a password, scanned or beyond the limits, and
    MissingExtraError without pypdf.
    """
    with needs_extra("customize", f"the package pypdf, to read {name}"):
        from pypdf import apply_configuration

    limits: dict[str, Any] = {
        **dict.fromkeys(
            (
                "maximum_declared_stream_length",
                "array_based_stream_maximum_output_length",
                "lzw_maximum_output_length",
                "run_length_maximum_output_length",
                "zlib_maximum_output_length",
                "stream_decoding_work_maximum_length",
            ),
            _MAX_STREAM,
        ),
        "stream_parsing_work_maximum_count": _MAX_OPERATIONS,
        "xform_maximum_invocations_per_extraction": 500,
        "page_tree_maximum_entries": 10 * MAX_PAGES,
        "jbig2dec_binary": None,
    }
    try:
        with apply_configuration(**limits):
            return _text(content, _Budget(name, monotonic))
    except InputError:
        raise
    except Exception as error:
        # A broken PDF may raise any exception, in this and in any later pypdf.
        raise _refusal(error, name) from error


def _refusal(error: Exception, name: str) -> InputError:
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    if isinstance(error, DependencyError | FileNotDecryptedError):
        return _locked(name)
    if isinstance(error, LimitReachedError | MemoryError | RecursionError):
        return InputError(f"{name} to be a document of usual size", "one that unpacks to far more", _AS_TEXT)
    reason = str(error) or type(error).__name__
    return InputError(f"{name} to be a PDF", f"a damaged or incomplete one ({reason})", _AS_TEXT)


def _locked(name: str) -> InputError:
    return InputError(
        f"{name} without a password",
        "an encrypted PDF",
        "Open it with its password, print it to a new PDF and give that one.",
    )


def _text(content: bytes, budget: _Budget) -> str:
    from pypdf import PdfReader

    name = budget.name
    reader = PdfReader(BytesIO(content))
    # The password of a file that only restricts printing or copying is empty.
    if reader.is_encrypted and not reader.decrypt(""):
        raise _locked(name)
    pages = len(reader.pages)
    if pages > MAX_PAGES:
        raise InputError(f"at most {MAX_PAGES} pages", f"{name} with {pages:,}", "Leave out the pages that are not it.")
    text = join_pages([page_lines(_fragments(page, budget)) for page in reader.pages])
    letters = sum(map(str.isalnum, text))
    if not letters or (letters < _FEW and any(map(_has_picture, reader.pages))):
        raise InputError(
            f"text in {name}",
            "pages without any, as a scanner makes them",
            "Recognize its text first (OCR), or give the document as .docx or text.",
        )
    if text.count(_UNKNOWN) * 4 > letters:
        raise InputError(f"readable text in {name}", "fonts that don't say which letters they show", _AS_TEXT)
    return text


class _Budget:
    """The work that all pages together may cost. Pages may share one stream, which is small in the file."""

    def __init__(self, name: str, monotonic: Callable[[], float]) -> None:
        self.name = name
        self._monotonic = monotonic
        self._end = monotonic() + _MAX_SECONDS
        self._operations = self._characters = 0

    def spend(self, characters: int = 0) -> None:
        """Count an operation and the characters that it draws. Raises InputError beyond the limits."""
        self._operations += 1
        self._characters += characters
        if self._characters > 2 * MAX_CHARACTERS:
            raise too_long(self.name, "more than that")
        if self._operations > _MAX_OPERATIONS or self._monotonic() > self._end:
            got = f"more than {_MAX_OPERATIONS:,} drawing operations or {_MAX_SECONDS:.0f} seconds of work"
            raise InputError(f"{self.name} to be a document of usual size", got, _AS_TEXT)


class _Page:
    """The pieces of text of a page, in the order in which pypdf finds them."""

    def __init__(self, budget: _Budget) -> None:
        self.fragments: list[Fragment] = []
        self._budget = budget
        self._in_label = False
        self._bullet: Fragment | None = None

    def operation(self, operator: bytes, operands: Any, current: list[float], _matrix: object) -> None:  # noqa: ANN401 - pypdf's
        """Count an operation and find bullets, which browsers draw as shapes and mark as labels."""
        self._budget.spend()
        if operator in {b"BDC", b"BMC", b"EMC"}:
            self._in_label = operator != b"EMC" and bool(operands) and operands[0] == "/Lbl"
        elif operator == b"m" and self._in_label and len(operands) == 2:  # noqa: PLR2004 - a point
            at = [1.0, 0.0, 0.0, 1.0, float(operands[0]), float(operands[1])]
            self._bullet, self._in_label = Fragment.placed("•", current, at, 1), False

    def text(self, text: str, current: list[float], matrix: list[float], _font: object, size: float) -> None:
        """Keep a piece of text, with the bullet that was drawn at its left."""
        if not text.strip():
            return
        self._budget.spend(len(text))
        piece, bullet = Fragment.placed(text, current, matrix, size), self._bullet
        if bullet and bullet.x < piece.x and 0 < bullet.y - piece.y < 0.7 * piece.size:
            piece, self._bullet = replace(piece, text=f"• {text.lstrip()}", x=bullet.x), None
        self.fragments.append(piece)


def _fragments(page: PageObject, budget: _Budget) -> list[Fragment]:
    found = _Page(budget)
    page.extract_text(visitor_operand_before=found.operation, visitor_text=found.text)
    budget.spend()  # pypdf catches errors that are raised inside a form
    return found.fragments


def _has_picture(page: PageObject) -> bool:
    # Only the kind of each object is read. The picture itself is not decoded.
    resources: Any = page.get("/Resources")
    objects: Any = resources.get_object().get("/XObject") if resources is not None else None
    if objects is None:
        return False
    return any(item.get_object().get("/Subtype") == "/Image" for item in objects.get_object().values())
