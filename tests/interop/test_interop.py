"""AG-UI and MCP: what events are there, against the protocols' own models and rules of order."""

import asyncio
import contextlib
import copy
import itertools
import json
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import pytest
from ag_ui.core import Event as AguiModel
from hypothesis import given
from hypothesis import strategies as st
from mcp.types import ProgressNotificationParams
from pydantic import TypeAdapter

import progressnb as pnb
from progressnb.testing import ManualClock
from progressnb.tracking import internals
from progressnb.tracking.tracker import ProgressTracker
from progressnb.wire.events import (
    CancelledEvent,
    ContentEvent,
    DoneEvent,
    ErrorEvent,
    Event,
    Parent,
    ProgressEvent,
    StageDeclaration,
    StartedEvent,
)
from progressnb.wire.paths import encode_name

Converted: TypeAlias = list[dict[str, Any]]

AGUI: TypeAdapter[Any] = TypeAdapter(AguiModel)
CLOCK = ManualClock()


def head(seq: int = 0, stage: str | None = None) -> dict[str, Any]:
    """Return what every event carries."""
    return {
        "run_id": "r1",
        "seq": seq,
        "timestamp": CLOCK.now(),
        "elapsed": float(seq),
        "operation": "etl",
        "stage": stage,
    }


def generated_events() -> st.SearchStrategy[list[Event]]:
    """Return any events in the order of their seq, also such as no run of ours would write."""
    paths = st.none() | st.sampled_from(["a", "b", "a/search", "a/search#2", "x%2Fy", "~/~1"])
    percent = st.none() | st.floats(0, 100)
    data = st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3) | st.none(), max_size=2)
    statuses = st.sampled_from(
        ["pending", "running", "retrying", "fallback", "finished", "failed", "skipped", "cancelled"]
    )
    moved = {"stage_progress": percent, "overall_progress": percent}
    words = st.text(max_size=8)
    kinds: list[st.SearchStrategy[tuple[type[Any], dict[str, Any]]]] = [
        st.tuples(st.just(ProgressEvent), st.fixed_dictionaries({"status": statuses, "data": data, **moved})),
        st.tuples(
            st.just(ProgressEvent),
            st.fixed_dictionaries({"status": statuses, "title": words, "weight": st.floats(0, 1), "message": words}),
        ),
        st.tuples(
            st.just(ContentEvent),
            st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(["text", "json"]),
                    "part": st.sampled_from(["output", "thinking", "notes"]),
                    "delta": st.none() | words,
                    "reset": st.booleans(),
                    **moved,
                }
            ),
        ),
        st.tuples(
            st.just(ErrorEvent),
            st.fixed_dictionaries({"message": words, "error_type": words, "fatal": st.booleans()}),
        ),
        st.tuples(st.just(CancelledEvent), st.fixed_dictionaries({"reason": st.none() | words})),
        st.tuples(st.just(DoneEvent), st.fixed_dictionaries({"result": st.none() | data, "duration": st.just(1.0)})),
        st.tuples(
            st.just(StartedEvent),
            st.fixed_dictionaries(
                {
                    "stages": st.just([StageDeclaration(name="x/y", title="X", weight=1.0)]),
                    "parent": st.none() | st.builds(Parent, run_id=words, stage=words),
                }
            ),
        ),
    ]
    made = st.lists(st.tuples(st.one_of(kinds), paths), max_size=12)
    return made.map(lambda all_: [kind(**head(seq, path), **fields) for seq, ((kind, fields), path) in enumerate(all_)])


def check_models(converted: Converted) -> None:
    """Check each event against AG-UI's own model: nothing lost, nothing unknown, nothing missing."""
    for event in converted:
        model = AGUI.validate_json(json.dumps(event))
        assert not model.model_extra, f"{event['type']} has no {model.model_extra}"
        again = model.model_dump(mode="json", by_alias=True)
        assert {key: value for key, value in event.items() if value is not None} == again


def check_order(converted: Converted) -> None:
    """Check the order as AG-UI's client does before it shows anything."""
    steps: set[str] = set()
    texts: set[str] = set()
    reasoning: set[str] = set()
    spans: set[str] = set()
    ended = False
    for index, event in enumerate(converted):
        kind = event["type"]
        assert not ended, f"{kind} after the end"
        assert (kind == "RUN_STARTED") == (index == 0)
        if kind == "STEP_STARTED":
            assert event["stepName"] not in steps
            steps.add(event["stepName"])
        elif kind == "STEP_FINISHED":
            steps.remove(event["stepName"])
        elif kind in ("TEXT_MESSAGE_START", "REASONING_MESSAGE_START", "REASONING_START"):
            at = {"TEXT_MESSAGE_START": texts, "REASONING_MESSAGE_START": reasoning}.get(kind, spans)
            assert event["messageId"] not in at
            at.add(event["messageId"])
        elif kind in ("TEXT_MESSAGE_CONTENT", "REASONING_MESSAGE_CONTENT"):
            assert event["delta"]
            assert event["messageId"] in (texts if kind.startswith("TEXT") else reasoning)
        elif kind == "TEXT_MESSAGE_END":
            texts.remove(event["messageId"])
        elif kind == "REASONING_MESSAGE_END":
            reasoning.remove(event["messageId"])
        elif kind == "REASONING_END":
            assert event["messageId"] not in reasoning
            spans.remove(event["messageId"])
        elif kind in ("RUN_FINISHED", "RUN_ERROR"):
            ended = True
            left_open = steps | texts | reasoning | spans
            assert not left_open
        else:
            assert kind in ("RUN_STARTED", "ACTIVITY_SNAPSHOT", "ACTIVITY_DELTA", "CUSTOM")


def activity(converted: Converted) -> dict[str, Any]:
    """Return the content of the activity, as a front end has it after all patches."""
    content: dict[str, Any] = {}
    for event in converted:
        if event["type"] == "ACTIVITY_SNAPSHOT":
            content = copy.deepcopy(event["content"])
        elif event["type"] == "ACTIVITY_DELTA":
            for step in event["patch"]:
                *above, last = [each.replace("~1", "/").replace("~0", "~") for each in step["path"].split("/")[1:]]
                target = content
                for each in above:
                    target = target[each]  # a place that is not there is an error, as in JSON Patch
                target[last] = step["value"]
    return content


def told(tracker: ProgressTracker) -> dict[str, Any]:
    """Return what the activity should have, from the fold."""
    state = tracker.state
    content: dict[str, Any] = {
        "operation": state.operation,
        "status": state.status,
        "overall": state.overall_progress,
        "stages": {
            stage.path: {
                "title": stage.title,
                "weight": stage.weight,
                "status": stage.status,
                "percent": stage.percent,
                "message": stage.message,
            }
            for _, stage in state.walk()
        },
    }
    if state.status == "cancelled":
        content["reason"] = state.reason
    return content


async def real_run(end: str) -> ProgressTracker:
    """Run stages side by side, one with text, thinking and a retry, and end in one way or another."""
    clock = ManualClock()
    tracker = ProgressTracker("etl", {"read": 1, "write": 1, "rest": 0}, model="scripted", clock=clock)
    tracker.start()
    with contextlib.suppress(ZeroDivisionError):
        async with tracker.stage("read") as read:
            tools = [read.stage("search"), read.stage("a/b#~")]
            for tool in tools:
                tool.start()
                tool.update(30, "looking", hits=3)
            read.write("Once upon", part="output")
            read.write("hm", part="thinking")
            clock.advance(0.1)
            read.write(" a time")
            read.retry(2, 3)
            read.write("Twice", reset=True)
            clock.advance(0.1)
            internals(read).resume()
            tools[0].finish()
            tools[1].fail(ValueError("no such tool"))
            if end == "failed":
                1 / 0  # noqa: B018 - raises
    write = tracker.stage("write")
    write.write('{"a": 1', kind="json")
    write.write("still writing", part="notes")
    write.update(50)
    clock.advance(1)
    if end == "finished":
        write.finish()
        tracker.done({"a": 1})
    elif end == "open":
        tracker.done({"a": 1})
    elif end == "failed":
        tracker.fail(ZeroDivisionError("division by zero"))
    else:
        tracker.cancelled("enough")
    return tracker


@pytest.mark.parametrize("end", ["finished", "open", "failed", "cancelled"])
async def test_real_runs_as_agui(end: str) -> None:
    """A run's log becomes a stream that AG-UI's models and rules of order accept, and that tells what the fold has."""
    tracker = await real_run(end)
    converted = list(pnb.interop.to_agui(tracker.log, thread_id="t1"))
    check_models(converted)
    check_order(converted)
    assert activity(converted) == told(tracker)
    last = converted[-1]
    if end == "failed":
        assert (last["type"], last["code"]) == ("RUN_ERROR", "ZeroDivisionError")
    else:
        outcome = "cancelled" if end == "cancelled" else "success"
        assert (last["type"], last["outcome"], last["threadId"]) == ("RUN_FINISHED", {"type": outcome}, "t1")
    texts: dict[str, str] = {}
    for event in converted:
        if event["type"].endswith("_CONTENT"):
            texts[event["messageId"]] = texts.get(event["messageId"], "") + event["delta"]
    assert sorted(texts.values()) == ["Once upon a time", "Twice", "hm"]
    names = [event["name"] for event in converted if event["type"] == "CUSTOM"]
    assert set(names) == {"progressnb.data", "progressnb.content", "progressnb.error"}


async def test_one_event_alone() -> None:
    """Each event of a real run alone gives events that AG-UI's models accept; together they patch what is there."""
    tracker = await real_run("finished")
    converted = [each for event in tracker.log for each in pnb.interop.to_agui(event)]
    check_models(converted)
    assert activity(converted) == told(tracker)
    assert [each["type"] for each in pnb.interop.to_agui(tracker.log[0], thread_id="t")] == [
        "RUN_STARTED",
        "ACTIVITY_SNAPSHOT",
    ]
    assert {each["type"] for each in converted} == {
        "RUN_STARTED",
        "RUN_FINISHED",
        "ACTIVITY_SNAPSHOT",
        "ACTIVITY_DELTA",
        "TEXT_MESSAGE_CHUNK",
        "REASONING_MESSAGE_CHUNK",
        "CUSTOM",
    }


@given(generated_events())
def test_any_events_as_agui(events: list[Event]) -> None:
    """Whatever events come in whatever order, the stream stays within the models and the rules of order."""
    for event in events:
        check_models(pnb.interop.to_agui(event))
    converted = list(pnb.interop.to_agui(events))
    check_models(converted)
    check_order(converted)
    activity(converted)


async def test_a_late_reader_and_a_repeated_event() -> None:
    """A reader that comes late gets a stream of its own from there; what comes twice is converted once."""
    tracker = await real_run("finished")
    events = list(tracker.log)
    late = list(pnb.interop.to_agui(events[5:]))
    check_order(late)
    activity(late)
    twice = itertools.chain.from_iterable(zip(events, events, strict=True))
    assert list(pnb.interop.to_agui(twice)) == list(pnb.interop.to_agui(events))


async def test_a_run_is_converted_while_it_goes_on() -> None:
    """`async for` over a run converts its events as they come."""

    @pnb.operation(stages={"work": 1})
    async def work(tracker: ProgressTracker) -> int:
        async with tracker.stage("work") as stage:
            await asyncio.sleep(0)
            stage.update(50, "half way")
        return 7

    converted = [event async for event in pnb.interop.to_agui(work.using(show=False)())]
    check_models(converted)
    check_order(converted)
    assert converted[-1]["result"] == 7


def check_mcp(notifications: Iterable[dict[str, Any] | None]) -> list[float]:
    """Check notifications against MCP's own model, and that their progress rises; return it."""
    said = [each for each in notifications if each is not None]
    for each in said:
        model = ProgressNotificationParams.model_validate_json(json.dumps(each))
        assert model.model_dump(by_alias=True, exclude_none=True) == each
    progress = [each["progress"] for each in said]
    assert all(after > before for before, after in itertools.pairwise(progress))
    return progress


@pytest.mark.parametrize("end", ["finished", "failed", "cancelled"])
async def test_real_runs_as_mcp(end: str) -> None:
    """Each notification of a run is above the one before, also where the percent stands still; 100 is the end."""
    tracker = await real_run(end)
    progress = check_mcp(pnb.interop.to_mcp(event, "token") for event in tracker.log)
    assert len(progress) > 10
    assert (progress[-1] == 100) == (end == "finished")
    assert progress[-2] < 99.95


def test_mcp_of_each_event() -> None:
    """Events that move nothing are no notification; others say where and what."""
    makes: list[tuple[Callable[..., Event], dict[str, Any], str | None]] = [
        (StartedEvent, {}, None),
        (ProgressEvent, {"status": "running"}, None),
        (ProgressEvent, {"status": "running", "overall_progress": 5, "message": "reading"}, "A / Search: reading"),
        (ProgressEvent, {"status": "failed", "overall_progress": 5}, "A / Search: failed"),
        (ContentEvent, {"delta": "x", "overall_progress": 5}, "A / Search"),
        (ErrorEvent, {"message": "m", "error_type": "E"}, None),
        (CancelledEvent, {}, None),
        (DoneEvent, {"duration": 1.0}, "finished"),
    ]
    for make, fields, expected in makes:
        said = pnb.interop.to_mcp(make(**head(3, "a/search#2"), **fields), 7)
        check_mcp([said])
        assert (said and said["message"]) == expected
        assert said is None or (said["progressToken"], said["total"]) == (7, 100)


@pytest.mark.parametrize("part", ["message", "stage"])
def test_mcp_is_fit_for_a_terminal(part: str) -> None:
    """Of a message only what can be read is sent, on one line of some length: hosts print it."""
    hostile = f"ok \x1b]52;c;aGVs\x07 \u202eexe\u2066\r\n\x9b2J \x00{'x' * 10_000_000}"
    text: dict[str, Any] = {"message": hostile}
    fields = head(3, encode_name(hostile[:200]) if part == "stage" else "a")
    said = pnb.interop.to_mcp(ProgressEvent(**fields, status="running", overall_progress=5, **text), 7)
    check_mcp([said])
    assert said is not None
    assert "ok ␛]52;c;" in said["message"].replace("Ok", "ok").replace("aGVs".lower(), "aGVs")
    assert said["message"].isprintable()
    assert len(said["message"]) < 600


@given(st.lists(st.floats(0, 99.9), min_size=1).map(sorted), st.integers(0, 10_000_000))
def test_mcp_progress_rises(percents: list[float], first: int) -> None:
    """For any percents that never fall, however far the run is, progress rises and stays below 100 until done."""
    events: list[Event] = [
        ProgressEvent(**head(first + seq), status="running", overall_progress=percent)
        for seq, percent in enumerate(percents)
    ]
    events.append(DoneEvent(**head(first + len(percents)), duration=1.0))
    assert check_mcp(pnb.interop.to_mcp(event, "t") for event in events)[-1] == 100
