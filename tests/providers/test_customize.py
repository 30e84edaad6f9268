"""The whole pipeline against what the providers' SDKs read off a socket: each end is as it is promised."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from progressnb import customize
from progressnb.agents import ask
from progressnb.errors import RunCancelled
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.providers.dialects import (
    DIALECTS,
    INPUT_TOKENS,
    KEY,
    OUTPUT_TOKENS,
    Call,
    Dialect,
    Messages,
    Refusal,
    Thinking,
)
from tests.providers.server import Answer
from tests.providers.work import ANSWERS, CALLS, JOB, NAMES, RESUME, USAGE, customized, ended, failed_in, statuses

if TYPE_CHECKING:
    from tests.providers.server import WireServer

HALF = '"Žofie writes Pyth'
"""Where the first answer is broken off."""

SOON = {"retry-after-ms": "10"}


def whole(dialect: Dialect, calls: list[Call] = CALLS) -> list[Answer]:
    """Return the answers of a run in which nothing goes wrong."""
    return [Answer(dialect.stream(call)) for call in calls]


def half_written(run: Any) -> None:
    """See that what had come of the first answer was kept."""
    first = run.partial
    assert first == run.state.stages[0].partial
    assert first["match_score"] == 50
    assert first["strengths"][0]["evidence"].startswith("Žofie writes Pyth")


# --- what goes well -----------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", [1, 13, 100_000])
async def test_answers_in_pieces(dialect: Dialect, server: WireServer, piece: int) -> None:
    """However the bytes are cut, also within a character, the result, usage, cost and model's name are right."""
    server.script(*[Answer(dialect.stream(Thinking("Hm – 日本…"), call), piece=piece) for call in CALLS])
    run = await customized(dialect)
    result = await run
    assert [request.path.partition("?")[0] for request in server.requests] == [dialect.path] * 4
    assert all(KEY in str(request.headers) for request in server.requests)
    assert (run.status, run.state.overall_progress) == ("finished", 100)
    assert result.evaluation.model_dump() == ANSWERS[0]
    assert {**result.resume.data, **ANSWERS[2]["resume"]}.keys() == result.resume.data.keys()
    assert "Žofie Čapková 山田" in result.resume.markdown
    assert (result.model, result.note) == (dialect.model_name, None)
    assert run.state.model == dialect.model_name
    for stage, answer in zip(run.state.stages, ANSWERS, strict=True):
        assert (stage.status, stage.partial, stage.percent) == ("finished", answer, 100)
        assert stage.outputs["thinking"].text == "Hm – 日本…"
        assert stage.data["model"].startswith(dialect.model_name)
        assert {key: stage.data[key] for key in USAGE} == USAGE
        assert stage.data["cost"] > 0
        assert stage.data["first_token"] >= 0
    assert {key: run.state.usage[key] for key in USAGE} == {key: 4 * value for key, value in USAGE.items()}


async def test_output_grows(dialect: Dialect, server: WireServer) -> None:
    """While a model writes, the events have what has come so far: here it stops, and goes no further."""
    server.script(Answer(dialect.begun(CALLS[0], HALF), end="silent"))
    run = customize.using(show=False)(RESUME, JOB, model=dialect.model)
    async for event in run:
        if isinstance(event, ContentEvent) and "writes" in str(run.partial):
            break
    assert run.state.stages[0].percent
    assert run.status == "running"
    run.cancel()
    await ended(run)


def test_one_loop_after_another(dialect: Dialect, server: WireServer) -> None:
    """Runs of sync code each have a loop of their own, and leave no connection open in it."""
    for _ in range(2):
        server.script(*whole(dialect))
        assert customize.using(show=False)(RESUME, JOB, model=dialect.model).wait().model == dialect.model_name


async def test_rate_limit_that_passes(dialect: Dialect, server: WireServer) -> None:
    """The SDK waits as long as it is told and asks again; the run goes on as if nothing had been."""
    busy = Answer(dialect.error(429, "Slow down."), 429, "application/json", SOON)
    server.script(busy, busy, *whole(dialect))
    run = await customized(dialect)
    assert run.status == "finished"
    assert len(server.requests) == 6


# --- retries ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    ['{"match_score": 5', "{nonsense}", "[1, 2]", '{"match_score": 500, "strengths": "none"}'],
    ids=["cut", "no JSON", "no object", "against the schema"],
)
async def test_output_retry(dialect: Dialect, server: WireServer, bad: str) -> None:
    """An output that does not validate is asked for again: it is said so, and the new text replaces the old."""
    server.script(Answer(dialect.stream(Call(bad))), *whole(dialect))
    run = await customized(dialect)
    assert run.status == "finished", run.exception
    assert statuses(run, "evaluation") == ["running", "retrying", "running", "finished"]
    said = [event.message for event in run.log if isinstance(event, ProgressEvent) and event.status == "retrying"]
    assert said == ["retrying, 2 of 3"]
    assert [event.reset for event in run.log if isinstance(event, ContentEvent) and event.reset] == [True]
    assert run.state.stages[0].partial == ANSWERS[0]
    # Models are told what was wrong, and both answers cost.
    assert len(server.requests[1].text) > len(server.requests[0].text)
    assert run.state.stages[0].data["output_tokens"] == 2 * OUTPUT_TOKENS


async def test_stream_that_ends_too_early(dialect: Dialect, server: WireServer) -> None:
    """A stream that ends well but in the middle is an output that does not validate."""
    server.script(Answer(dialect.begun(CALLS[0], HALF)), *whole(dialect))
    run = await customized(dialect)
    assert run.status == "finished", run.exception
    assert statuses(run, "evaluation") == ["running", "retrying", "running", "finished"]


async def test_retries_used_up(dialect: Dialect, server: WireServer) -> None:
    """After three bad answers the run fails; the message says what was wrong with the last."""
    server.script(*[Answer(dialect.stream(Call({"match_score": 500})))] * 3)
    run = await customized(dialect)
    message = failed_in(run)
    assert message.startswith(f"{dialect.provider}:{dialect.model_name} gave no usable answer: ")
    assert "match_score" in message
    assert run.partial == {"match_score": 500}
    assert run.state.usage["output_tokens"] == 3 * OUTPUT_TOKENS


# --- what goes wrong ----------------------------------------------------------------------------------


async def test_refusal(dialect: Dialect, server: WireServer) -> None:
    """A model that declines is heard, and not asked again; what it used is counted."""
    server.script(Answer(dialect.stream(Refusal("I can't\nhelp with that."))))
    run = await customized(dialect)
    message = failed_in(run)
    assert message.startswith(f"{dialect.provider}:{dialect.model_name} declined to answer: ")
    assert "help with that" in message
    assert {key: run.state.usage[key] for key in USAGE} == USAGE
    assert len(server.requests) == 1


async def test_cut_mid_stream(dialect: Dialect, server: WireServer) -> None:
    """A connection that breaks off fails the run; what was written is kept, and what was used, where it is known."""
    server.script(Answer(dialect.begun(CALLS[0], HALF), end="cut"))
    run = await customized(dialect)
    message = failed_in(run)
    assert message.startswith(f"{dialect.provider}:{dialect.model_name} broke off: peer closed connection")
    half_written(run)
    # Anthropic says at the start what it has read, OpenAI all at the end.
    assert run.state.usage.get("input_tokens") == (INPUT_TOKENS if isinstance(dialect, Messages) else None)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "told", "asked"),
    [
        (400, "answered 400 Bad Request: Slow down, friend.", 1),
        (401, "answered 401 Unauthorized: Slow down, friend.", 1),
        (404, "answered 404 Not Found: Slow down, friend.", 1),
        (429, "answered 429 Too Many Requests: Slow down, friend. It asks to wait 0.01 s.", 3),
        (500, "answered 500 Internal Server Error: Slow down, friend.", 3),
        (503, "answered 503 Service Unavailable: Slow down, friend. It asks to wait 0.01 s.", 3),
    ],
)
async def test_error_status(dialect: Dialect, server: WireServer, status: int, told: str, asked: int) -> None:
    """A status says in one line what it is, what the provider says and how long it asks to wait."""
    server.script(*[Answer(dialect.error(status, "Slow\n down, friend."), status, "application/json", SOON)] * asked)
    run = await customized(dialect)
    assert failed_in(run) == f"{dialect.provider}:{dialect.model_name} {told}"
    assert (len(server.requests), server.left) == (asked, 0)


async def test_long_wait(dialect: Dialect, server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits an hour: OpenAI's SDK gives up at once, Anthropic's would not and is stopped."""
    stopped = isinstance(dialect, Messages)
    monkeypatch.setattr(ask, "PATIENCE", 0.2 if stopped else 30.0)  # OpenAI's answer may be slow on a busy machine
    busy = Answer(dialect.error(429, "Come back later."), 429, "application/json", {"retry-after": "3600"})
    server.script(busy)
    run = await customized(dialect)
    told = "gave no answer within 0.2 s." if stopped else "Come back later. It asks to wait 3600 s."
    assert failed_in(run).endswith(told)
    assert len(server.requests) == 1


async def test_key_in_an_error(dialect: Dialect, server: WireServer) -> None:
    """A provider that repeats the key in its error does not get it into events, log or panel."""
    server.script(
        Answer(dialect.error(401, f"Incorrect key {KEY}, or sk-ant-other-9876543210"), 401, "application/json")
    )
    run = await customized(dialect)
    assert failed_in(run).endswith("answered 401 Unauthorized: Incorrect key …, or ….")


async def test_page_of_a_gateway(dialect: Dialect, server: WireServer) -> None:
    """Of a page in HTML only the title is told, and that only if it says more than the status."""
    for title, told in (("502 Bad Gateway", "."), ("Down &amp; out", ": Down &amp; out.")):
        page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>{'<p>cloud</p>' * 3000}</html>".encode()
        server.script(*[Answer(page, 502, "text/html", SOON, piece=4096)] * 3)
        assert failed_in(await customized(dialect)).endswith(f"answered 502 Bad Gateway{told}")


GARBAGE: list[tuple[str, bytes, str]] = [
    ("a page", b"<html><body>Please log in</body></html>" * 9, "text/html"),
    ("nothing", b"", "text/event-stream"),
    ("zeros", bytes(500), "text/event-stream"),
    ("no UTF-8", b"data: \xff\xfe\xfd\n\n" * 9, "text/event-stream"),
    ("comments", b": keep alive\n\n" * 9, "text/event-stream"),
    ("a number", b"event: message_start\ndata: 3\n\n", "text/event-stream"),
    ("null", b"event: message_start\ndata: null\n\n", "text/event-stream"),
]


@pytest.mark.parametrize(("body", "content_type"), [each[1:] for each in GARBAGE], ids=[each[0] for each in GARBAGE])
async def test_garbage(dialect: Dialect, server: WireServer, body: bytes, content_type: str) -> None:
    """What is no answer at all fails the run with a message that names the model."""
    server.script(*[Answer(body, content_type=content_type, headers=SOON)] * 3)
    run = await customized(dialect)
    assert failed_in(run).startswith(f"{dialect.provider}:{dialect.model_name} ")
    assert run.partial is None


async def test_garbage_mid_stream(dialect: Dialect, server: WireServer) -> None:
    """So does an event that is no JSON, and what came before it is kept."""
    garbage = b"event: content_block_delta\ndata: {nonsense \xff\n\n"
    server.script(Answer(dialect.begun(CALLS[0], HALF) + garbage))
    run = await customized(dialect)
    assert "failed: Failed to decode response as JSON" in failed_in(run)
    half_written(run)


async def test_error_event(dialect: Dialect, server: WireServer) -> None:
    """An error that the provider sends within the stream is told as one with a status."""
    server.script(Answer(dialect.begun(CALLS[0], HALF) + dialect.error_event("Out of breath")))
    run = await customized(dialect)
    status = "529 Overloaded" if isinstance(dialect, Messages) else "500 Internal Server Error"
    name = f"{dialect.provider}:{dialect.model_name}"
    assert failed_in(run) == f"{name} broke off with {status}: Out of breath."
    half_written(run)


# --- silence and Cancel -------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [True, False])
async def test_silence_until_the_timeout(dialect: Dialect, server: WireServer, begun: bool) -> None:
    """A model that falls silent is waited for until the run's time is over; then its connection is closed."""
    server.script(Answer(dialect.begun(CALLS[0], HALF) if begun else b"", end="silent"))
    run = await customized(dialect, timeout=2)  # a real wait: long enough for a busy machine to come so far
    assert (run.status, run.state.error_type, run.state.error_stage) == ("failed", "TimeoutError", "evaluation")
    assert run.state.error == "customize took longer than its timeout of 2 s"
    assert run.state.stages[0].status == "cancelled"
    if begun:
        half_written(run)
    assert await asyncio.to_thread((await server.asked(1)).closed.wait, 5)


@pytest.mark.parametrize("at", range(4), ids=NAMES)
async def test_cancel(dialect: Dialect, server: WireServer, at: int) -> None:
    """Cancelled while a model writes, the run ends as cancelled, and the provider sees the connection closed."""
    begun = dialect.begun(CALLS[at], CALLS[at].json[:20])
    server.script(*whole(dialect, CALLS[:at]), Answer(begun, end="silent"))
    run = customize.using(show=False)(RESUME, JOB, model=dialect.model)
    async for _ in run:
        if run.state.stages[at].partial:
            break
    request = await server.asked(at + 1)
    assert not request.closed.is_set()
    run.cancel("enough")
    with pytest.raises(RunCancelled, match="enough"):
        await run
    await ended(run)
    assert await asyncio.to_thread(request.closed.wait, 5)
    assert [stage.status for stage in run.state.stages] == ["finished"] * at + ["cancelled"] + ["pending"] * (3 - at)
    assert run.partial == run.state.stages[at].partial
    assert run.partial is not None


async def test_cancel_while_the_sdk_waits(dialect: Dialect, server: WireServer) -> None:
    """A run that waits for a rate limit to pass can be cancelled all the while."""
    server.script(Answer(dialect.error(429, "Busy."), 429, "application/json", {"retry-after": "50"}))
    run = customize.using(show=False)(RESUME, JOB, model=dialect.model)
    await server.asked(1)
    run.cancel()
    await ended(run)
    assert run.status == "cancelled"


def test_dialects_are_three() -> None:
    """OpenAI's two APIs and Anthropic's are all tried."""
    assert [dialect.name for dialect in DIALECTS] == ["openai-chat", "openai-responses", "anthropic"]
