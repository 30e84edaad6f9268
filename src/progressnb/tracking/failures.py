"""The text of an error as events carry it: for people, in one line or more, never empty."""

from __future__ import annotations

import contextlib

from progressnb.wire.plain import clean_text

__all__ = ["error_text", "word_error"]

_WORDS = "_progressnb_words"


def word_error(error: BaseException, text: str) -> None:
    """Say what events are to tell of an error whose own text is not for people; the first to say it wins."""
    if not hasattr(error, _WORDS):
        with contextlib.suppress(AttributeError, TypeError):  # an error may refuse attributes
            setattr(error, _WORDS, clean_text(text))


def error_text(error: BaseException) -> str:
    """Return one readable line or more for an error that may have no text or a broken one."""
    if isinstance(words := getattr(error, _WORDS, None), str):
        return words
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a broken __str__ is the user's, and must not end the run
        text = ""
    if not text and isinstance(error, TimeoutError):
        text = "took longer than its timeout"
    return clean_text(text) or type(error).__name__
