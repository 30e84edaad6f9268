"""`stream`: a stand-in for the stream of any library, which reports what is read of it."""

from __future__ import annotations

from typing import TypeVar, cast

from progressnb.errors import InputError
from progressnb.interop.streams.facts import get
from progressnb.interop.streams.report import Options, Report
from progressnb.interop.streams.source import Source
from progressnb.interop.streams.standin import check_stream, stand_in
from progressnb.tracking.percent import is_number

__all__ = ["stream"]

S = TypeVar("S")


def stream(
    source: S,
    /,
    *,
    title: str | None = None,
    expected_length: float | None = None,
    contents: bool = True,
    show: bool | None = None,
) -> S:
    """Report a stream of a model's answer while it is read; its chunks come through as they are.

    It takes the streams of openai (chat completions, Responses, `stream()` helpers), anthropic, google-genai, litellm,
    LangChain, and of others whose chunks look alike, sync and async: an iterable, a context manager, or a coroutine
    that gives one. Chunks are recognised by their shape; one of an unknown shape passes and is told in the log, once.

    In a stage the stream reports into that stage: the text while it is written, the thinking, a stage below for each
    tool call with its arguments, tokens, cost and the time to the first token. Outside any run it is a run of its own,
    with a panel, recorded by the session's history, listed by `runs()`. Stop ends the reading at the next chunk, at
    once where the stream is async: the stream is closed, and the loop gets `RunCancelled`.

    A loop that is left early is told as "stopped reading". Who holds the stand-in by a name may read on; in a `with`
    block its end counts. An async stream that nobody can read on through its stand-in is closed; one that is not async
    closes when nobody holds it. An error of the stream is told and raised as it is. What the stream has besides chunks
    is there: `stream.response`, `stream.text_stream`, `stream.get_final_message()`.

    Args:
        source: The stream.
        title: The name of the stream's run or stage. None takes the name of the model, where it is known.
        expected_length: The length of the answer in characters, which the percent is measured against. Without it the
            percent follows the characters so far, and the tokens that the request allows.
        contents: False leaves what the model reads and writes, and the texts of errors, out of all events. The percent
            still moves.
        show: Whether a run of the stream's own is shown; None follows the session.

    Returns:
        A stand-in for the stream, to be used in its place.

    Raises:
        InputError: For what is no stream, such as a whole answer, and for other options.
        RunCancelled: While iterating, when the run was stopped.

    Example:
        ::

            chunks = iter([{"text": "The moon "}, {"text": "pulls the sea."}])  # a client's, with `stream=True`
            for chunk in pnb.stream(chunks):
                print(chunk["text"], end="")
            assert pnb.last_run.result == "The moon pulls the sea."

    """
    _check_options(title, expected_length, contents, show)
    check_stream(source)
    report = Report(Options(title, expected_length, contents, show))
    if get(source, "response", "_response") is not None:
        report.asked()  # the client has sent the request already
    return cast("S", stand_in(Source(source, report)))


def _check_options(title: object, expected_length: object, contents: object, show: object) -> None:
    if title is not None and not isinstance(title, str):
        raise InputError("a title as text, or None", repr(title))
    if expected_length is not None and not (is_number(expected_length) and expected_length > 0):
        raise InputError("an expected_length above 0 characters, or None", repr(expected_length))
    if not isinstance(contents, bool):
        raise InputError("contents as True or False", repr(contents))
    if show is not None and not isinstance(show, bool):
        raise InputError("show as True, False or None", repr(show))
