"""`stream`: a loop that is left is no fault, closes what nobody can read on, and its time begins with the request."""

from __future__ import annotations

import asyncio
import gc
import io
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from rich.console import Console

import progressnb as pnb
from progressnb.display.lines import Lines
from progressnb.display.text import panel_text
from progressnb.errors import RunCancelled
from progressnb.folds.group import panel_tree
from progressnb.folds.view import RunView
from progressnb.history.wordings import template_of
from progressnb.interop.streams import hints
from progressnb.tracking.clock import LateClock
from tests.interop import recordings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator


@pytest.fixture(autouse=True)
def unseen() -> None:
    """Show nothing."""
    pnb.configure(show=False)


class Client:
    """An async stream as clients have them: an iterator of its own inside, and a `close` that ends the request."""

    def __init__(self, texts: int = 50) -> None:
        self.closed = 0
        self.texts = texts

    async def __aiter__(self) -> AsyncIterator[dict[str, str]]:
        """Yield texts."""
        for _ in range(self.texts):
            yield {"text": "sea "}

    async def close(self) -> None:
        """Count."""
        self.closed += 1


async def by_break(client: Client) -> None:
    """Leave a loop."""
    async for _ in pnb.stream(client):
        break


async def by_break_of_a_request(client: Client) -> None:
    """Leave a loop over a request."""

    async def create() -> Client:
        return client

    async for _ in cast("Any", pnb.stream(create())):  # it is awaited and iterated in one
        break


async def by_return(client: Client) -> None:
    """Return from a loop."""

    async def first() -> Any:
        async for chunk in pnb.stream(client):
            return chunk
        return None

    assert await first() == {"text": "sea "}


async def by_error(client: Client) -> None:
    """Raise in a loop."""

    async def fail() -> None:
        async for chunk in pnb.stream(client):
            _ = chunk["missing"]

    with pytest.raises(KeyError):
        await fail()


async def by_dropping(client: Client) -> None:
    """Take one chunk and drop the iterator."""
    await anext(aiter(pnb.stream(client)))


async def by_the_collector(client: Client) -> None:
    """Leave it to the collector to find the iterator."""
    iterator: Any = aiter(pnb.stream(client))
    await anext(iterator)
    knot: list[Any] = [iterator]
    knot.append(knot)
    del iterator, knot
    gc.collect()


@pytest.mark.parametrize("leave", [by_break, by_break_of_a_request, by_return, by_error, by_dropping, by_the_collector])
async def test_an_async_stream_that_nobody_can_read_on_is_closed(
    leave: Callable[[Client], Coroutine[Any, Any, None]],
) -> None:
    """Whatever leaves the loop, the request ends, also while the client's object is held: the server stops writing."""
    client = Client()
    await leave(client)
    for _ in range(100):
        if client.closed:
            break
        await asyncio.sleep(0)
    assert client.closed == 1


async def test_who_holds_the_stand_in_reads_on() -> None:
    """A name keeps the stream open, and closes it when it goes."""
    client = Client(5)
    named = pnb.stream(client)
    async for _ in named:
        break
    await asyncio.sleep(0)
    assert client.closed == 0
    del named
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert client.closed == 1


async def test_a_stream_that_was_read_to_its_end_is_not_closed_again() -> None:
    """What has ended, and what a block closes, is left alone."""
    client = Client(3)
    assert len([chunk async for chunk in pnb.stream(client)]) == 3
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert client.closed == 0


def test_an_end_of_the_loop_closes_it() -> None:
    """A script that ends right after the break leaves nothing open."""
    client = Client()
    asyncio.run(by_break(client))
    assert client.closed == 1


# --- how it reads ------------------------------------------------------------------------------------


def test_a_break_is_no_fault() -> None:
    """A loop that is left reads "stopped reading", with a quiet sign, in the panel, in text and in lines."""
    for _ in pnb.stream([{"text": "The "}, {"text": "moon"}]):
        break
    run = recordings.last()
    tree = RunView().tree(run.state, run.elapsed)
    assert (tree["header"]["sign"], tree["header"]["ended"], tree["notes"]) == ("–", "stopped reading", [])
    assert tree["announce"].endswith(" stopped reading")
    assert [row["message"] for row in tree["trace"]] == [""]
    text = panel_text(panel_tree([tree], key="panel"))
    assert " stopped reading after " in text
    assert "cancelled" not in text
    out = io.StringIO()
    Lines(run, Console(file=out), compact=False).write()
    assert " stopped reading after " in out.getvalue()
    assert "cancelled" not in out.getvalue()


def test_the_row_of_a_whole_answer_is_a_model_call() -> None:
    """Whatever the dialect tells of its end, the one row of a run does not repeat the head."""
    answer = {"model": "gpt-5", "choices": [{"index": 0, "delta": {"content": "The moon"}, "finish_reason": "stop"}]}
    for _ in pnb.stream([answer], title="gpt-5"):
        pass
    run = recordings.last()
    (row,) = RunView().tree(run.state, run.elapsed)["trace"]
    assert row["title"] == "1 model call"
    assert [detail["label"] for detail in row["details"] if detail["key"] == "finish"] == ["Finish reason"]


def test_a_stop_is_still_a_cancel() -> None:
    """Who stops a run reads that it was cancelled, and why."""
    chunks = iter(pnb.stream([{"text": "The "}, {"text": "moon"}]))
    next(chunks)
    run = recordings.last()
    run.cancel("enough of it")
    with pytest.raises(RunCancelled):
        next(chunks)
    tree = RunView().tree(run.state, run.elapsed)
    assert (tree["header"]["ended"], tree["notes"]) == ("cancelled", ["reason: enough of it"])


# --- its time ------------------------------------------------------------------------------------------


async def test_the_time_begins_with_the_request() -> None:
    """The wait for an answer to begin is part of the run and of its stage, and of the time to the first token."""

    async def create() -> Client:
        await asyncio.sleep(0.05)
        return Client(2)

    async for _ in cast("Any", pnb.stream(create())):  # it is awaited and iterated in one
        pass
    run = recordings.last()
    row = run.timings().iloc[0]
    assert run.elapsed >= row["duration"] >= row["first_token"] >= 0.05
    stage = run.state.stages[0]
    assert stage.started_elapsed == 0.0


def test_a_request_that_was_sent_counts_from_the_call() -> None:
    """Of a stream with a response, whose request is under way, the time before the first read is not left out."""

    class Sent:
        response = SimpleNamespace(request=None)

        def __iter__(self) -> Iterator[dict[str, str]]:
            yield {"text": "sea"}

    stream = pnb.stream(Sent())
    called = time.monotonic()
    while time.monotonic() - called < 0.02:
        pass
    list(stream)
    assert recordings.last().elapsed >= 0.02


def test_a_clock_that_waits() -> None:
    """What is written before it goes on was then; the time of day agrees with it."""
    clock = LateClock(time.monotonic() - 10)
    assert clock.monotonic() == clock.monotonic()
    behind = (LateClock().now() - clock.now()).total_seconds()
    assert 9.9 < behind < 60
    clock.go()
    assert time.monotonic() - clock.monotonic() < 5


# --- its tokens ------------------------------------------------------------------------------------------


def asked(url: str, body: bytes) -> Any:
    """Return a stream of one answer to a request."""
    answer = {"choices": [{"index": 0, "delta": {"content": "The moon"}, "finish_reason": "stop"}]}

    class Stream:
        response = SimpleNamespace(request=SimpleNamespace(url=url, content=body))

        def __iter__(self) -> Iterator[Any]:
            yield answer

    return Stream()


CHAT = "https://api.openai.com/v1/chat/completions"


def test_how_to_get_the_tokens_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of the first run whose request did not ask for its tokens says how to; the second does not."""
    monkeypatch.setattr(hints, "said", threading.Event())
    messages: list[str] = []
    for _ in range(2):
        for _ in pnb.stream(asked(CHAT, b'{"model": "gpt-5", "messages": []}')):
            pass
        run = recordings.last()
        messages += [row["message"] for row in RunView().tree(run.state, run.elapsed)["trace"]]
    assert messages == [hints.USAGE, ""]
    assert template_of(hints.USAGE) == hints.USAGE


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (CHAT, b'{"model": "gpt-5", "messages": [], "stream_options": {"include_usage": true}}'),
        ("https://api.anthropic.com/v1/messages", b'{"model": "claude", "messages": []}'),
    ],
)
def test_it_is_said_only_where_it_helps(url: str, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that asks for its tokens, and one of another kind, is told nothing."""
    monkeypatch.setattr(hints, "said", threading.Event())
    for _ in pnb.stream(asked(url, body)):
        pass
    assert not hints.said.is_set()
