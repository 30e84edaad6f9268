"""A history without contents has nothing of what people and models write: in its file, its journal, its free pages."""

import asyncio
import enum
import json
import logging
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

import progressnb as pnb
from progressnb import History, ProgressTracker, use_history
from progressnb.history.wordings import template_of
from progressnb.testing import ManualClock
from tests.history.helpers import everything_in


def forms_of(secret: str) -> list[bytes]:
    """Return the bytes as which a text may lie in a file."""
    escaped = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]]
    return [each.encode() for each in (secret, *escaped)]


def assert_hidden(path: Path, *secrets: str) -> None:
    """Assert that the files of a history have none of these texts."""
    content = everything_in(path)
    for form in (form for secret in secrets for form in forms_of(secret)):
        at = content.find(form)
        assert at < 0, f"{form!r} lies in the file: {content[max(0, at - 200) : at + 100]!r}"


def error_with(secret: str) -> Exception:
    """Return an error with the secret in its text, its causes, its notes and its group."""
    cause = OSError(2, f"cause {secret}", f"/home/{secret}")
    error = ValueError(f"text {secret}", {"in": secret})
    error.__cause__ = cause
    error.add_note(f"note {secret}")
    return ExceptionGroup(f"group {secret}", [error, ExceptionGroup(f"inner {secret}", [KeyError(secret), cause])])


@pnb.operation(stages={"read": 1, "write": 1})
async def leaky(tracker: ProgressTracker, text: str, table: dict[str, Any], *, how: str) -> dict[str, str]:
    """Tell a text in every way that there is."""
    async with tracker.stage("read") as stage:
        stage.update(10, f"reading {text}", page=text, rows=[text], model=f"model of {text}", source=text, state=text)
        stage.update(20, f"calling {text}", attempt=text, reason=text, waiting_for=text, expected={text: 1})
        stage.update(30, f"retrying, 2 of 3: {text}", **table)
        stage.update(40, text, answer_choices={"ends": {text: text}}, budget={"cost": text}, ended_early={"by": text})
        stage.add_usage(f"model {text}", input_tokens=3)
        stage.retry(2, 3, error_with(text))
        stage.fall_back(error_with(text))
        stage.write(text, part="notes")
        stage.write(json.dumps({"title": text}), kind="json")
        with suppress(ExceptionGroup):
            async with tracker.stage("read").stage("inner") as inner:
                inner.update(message=text)
                raise error_with(text)
        tracker.stage("read").stage("left").skip(text)
        tracker.stage("read").stage("broken").fail(text)
    async with tracker.stage("write") as stage:
        for _ in pnb.track([text, text], "lines"):
            stage.update(message=text)
        if how == "fail":
            raise error_with(text)
        if how == "cancel":
            assert pnb.last_run is not None
            pnb.last_run.cancel(f"because {text}")
            await asyncio.sleep(0)
    return {text: text}


@pytest.mark.parametrize("how", ["done", "fail", "cancel"])
@given(
    secret=st.sampled_from(
        ["Jane PRIVATE 555-0100", "4111111111111111", "sk-proj-\u00e9\u2028\U0001f980", 'it\'s "X"\\']
    )
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=6).map(lambda text: f"Ada {text}")
)
def test_a_run_keeps_none_of_its_texts(how: str, secret: str) -> None:
    """Inputs, outputs, results, messages, data under any key, titles, reasons and errors leave no text behind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.db"

        async def work() -> None:
            run = leaky.using(show=False, title=f"title {secret}")(secret, {secret: secret}, how=how)
            with suppress(pnb.errors.RunFailed, pnb.errors.RunCancelled, ExceptionGroup, asyncio.CancelledError):
                await run

        try:
            with use_history(path) as history:
                asyncio.run(work())
                assert len(history.runs()) >= 1
                assert len(history.timings()) >= 2
                assert_hidden(path, secret)
                assert secret not in history.export_jsonl().decode()
            assert_hidden(path, secret)
        finally:
            use_history(None)


class Kind(enum.StrEnum):
    """A choice whose value is a secret."""

    ONE = "SECRET Ada 555"


class Aliased(BaseModel):
    """A model with a secret in the name of its field on the wire, and as a default."""

    name: str = Field("SECRET Ada 555", alias="SECRET Ada 555")


@pnb.operation(stages=["try", "compute"])
async def computes(tracker: ProgressTracker, value: object) -> object:
    """Hand a value to functions, which warn, log and fail with it."""

    def fails(**values: object) -> None:
        warnings.warn(f"{values}", stacklevel=1)
        logging.getLogger("progressnb.tests").warning("%s", values)
        raise LookupError(values)

    with suppress(LookupError):
        await tracker.stage("try").run(fails, value=value)
    return await tracker.stage("compute").run(lambda given: given, value)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "value",
    [
        Kind.ONE,
        Aliased(**{"SECRET Ada 555": "x"}),
        {"SECRET Ada 555": {"SECRET Ada 555": 1}},
        {("SECRET Ada 555",)},
        Path("SECRET Ada 555") / "notes.txt",
        pd.DataFrame({"SECRET Ada 555": [1]}),
        pd.Series([1], name="SECRET Ada 555", index=["SECRET Ada 555"]),
        pd.Categorical(["SECRET Ada 555"]),
        slice("SECRET Ada 555"),
        b"SECRET Ada 555",
    ],
    ids=lambda value: type(value).__name__,
)
async def test_values_of_every_kind_stay_out(tmp_path: Path, value: Any) -> None:
    """A value is contents whatever its type: names of columns, keys, aliases, choices and paths too."""
    try:
        with use_history(tmp_path / "runs.db") as history:
            run = computes.using(show=False)(value)
            await run
            assert len(history.runs()) == 1
            assert_hidden(tmp_path / "runs.db", "SECRET", "Ada 555")
    finally:
        use_history(None)


async def stream(messages: list[Any], _: AgentInfo) -> AsyncIterator[str | dict[int, DeltaToolCall]]:
    """Call a tool that exists and one that does not, then answer."""
    if len(messages) == 1:
        yield "SECRET text"
        yield {1: DeltaToolCall("look", json.dumps({"what": "SECRET argument"}), tool_call_id="1")}
        yield {2: DeltaToolCall("ask SECRET Ada", json.dumps({"what": "SECRET argument"}), tool_call_id="2")}
    elif len(messages) == 3:
        yield {1: DeltaToolCall("look", json.dumps({"wrong": "SECRET argument"}), tool_call_id="3")}
    else:
        yield "the SECRET answer"


async def test_an_agent_keeps_none_of_its_texts(tmp_path: Path) -> None:
    """Prompts, answers, the arguments and results of tools, names that a model makes up, and retries leave no text."""
    path = tmp_path / "runs.db"
    agent = Agent(FunctionModel(stream_function=stream), capabilities=[pnb.ReportProgress(show=False)], name="finder")

    @agent.tool_plain(retries=3)
    def look(what: str) -> str:
        stage = pnb.current_stage()
        assert stage is not None
        stage.update(message=f"SECRET {what}")
        raise ModelRetry("SECRET retry")

    with use_history(path) as history:
        await agent.run("SECRET prompt", metadata={"user": "SECRET metadata"})
        assert history.runs()["status"].tolist() == ["finished"]
        assert_hidden(path, "SECRET")
    assert_hidden(path, "SECRET")
    use_history(None)


SECRETS: list[dict[str, Any]] = [
    {"basics": {"name": ["Jane SECRET 555-0100"]}, "work": []},
    {"basics": {"name": "Jane SECRET"}, "work": [{"name": "SECRET", "startDate": "SECRET"}]},
    {"SECRET": "SECRET"},
]


@pytest.mark.parametrize("resume", [*SECRETS, "SECRET", "/SECRET/no/file.pdf"])
async def test_customize_keeps_none_of_its_texts(tmp_path: Path, resume: Any) -> None:
    """What `customize` refuses is not quoted in the record, and what it takes neither."""
    path = tmp_path / "runs.db"
    with use_history(path) as history:
        with suppress(pnb.ProgressError, OSError, ValueError):
            await pnb.customize.using(show=False)(resume, "SECRET job, Python")
        assert len(history.runs()) == 1
        assert_hidden(path, "SECRET")
    use_history(None)
    assert_hidden(path, "SECRET")


@pytest.mark.integration  # it starts the process of the queries
@pytest.mark.parametrize("question", ["sum of SECRET by region", "SECRET", "total sales by region"])
async def test_chart_keeps_none_of_its_texts(tmp_path: Path, question: str) -> None:
    """Neither the question of `chart` nor a cell or a column of its table is in the record."""
    path = tmp_path / "runs.db"
    table = pd.DataFrame({"region": ["SECRET", "north"], "sales": [1.0, 2.0], "SECRET name": [1, 2]})
    with use_history(path) as history:
        with suppress(pnb.ProgressError, ValueError):
            await pnb.chart.using(show=False)(question, table)
        assert len(history.runs()) == 1
        assert_hidden(path, "SECRET")
    use_history(None)
    assert_hidden(path, "SECRET")


async def test_a_batch_keeps_none_of_its_texts(tmp_path: Path) -> None:
    """Items, their titles and errors, and those of their runs leave no text behind."""
    path = tmp_path / "runs.db"

    @pnb.operation
    async def each(tracker: ProgressTracker, item: str) -> str:
        async with tracker.stage("look") as stage:
            stage.update(message=f"SECRET {item}")
            if "wrong" in item:
                raise ValueError(item)
        return item

    with use_history(path) as history:
        batch = pnb.batch(each, ["SECRET one", "SECRET wrong", "SECRET three"], show=False)
        with suppress(pnb.ProgressError, ExceptionGroup):
            await batch
        assert len(history.runs(children=True)) >= 3
        assert_hidden(path, "SECRET")
    use_history(None)
    assert_hidden(path, "SECRET")


def test_no_page_has_it_after_contents_were_deleted(tmp_path: Path) -> None:
    """The pages of a deleted run that was kept with contents are overwritten, in the file and in its journal."""
    path = tmp_path / "runs.db"
    tracker = ProgressTracker("op", ["s"], clock=ManualClock())
    with History(path, contents=True) as history:
        history.record(tracker)
        tracker.start()
        with tracker.stage("s") as stage:
            stage.write("SECRET " * 10_000)
        tracker.done("SECRET")
        history.runs()
        assert b"SECRET" in everything_in(path)
        history.delete(tracker.id)
        assert_hidden(path, "SECRET")


def test_imported_events_lose_their_texts(tmp_path: Path) -> None:
    """Events of another process lose their texts where a history without contents keeps them, at their arrival."""
    path = tmp_path / "runs.db"
    tracker = ProgressTracker("op", ["s"], model="m", clock=ManualClock())
    tracker.start()
    with tracker.stage("s") as stage:
        stage.update(5, "SECRET message", state="SECRET", source="SECRET", model="SECRET model")
    tracker.fail(error_with("SECRET"))
    with History(path) as history:
        history.keep_events(tracker.log.encoded())
        assert history.runs()["model"].tolist() == ["m"]
        (last,) = (event for event in history.log(tracker.id) if isinstance(event, pnb.events.ErrorEvent))
        assert (last.message, last.error_type) == ("ExceptionGroup", "ExceptionGroup")
        assert_hidden(path, "SECRET")


TABLE = pd.DataFrame({"region": ["north", "south"], "sales": [1.0, 2.0]})
SHIPPED: list[Callable[[], pnb.Run[Any]]] = [
    lambda: pnb.generate.using(show=False)(
        "Shorten this: The tide rises. It falls again. The moon is why.", model="offline"
    ),
    pytest.param(  # type: ignore[list-item]
        lambda: pnb.customize.using(show=False)(pnb.samples.resume, pnb.samples.job, model="offline"),
        marks=pytest.mark.integration,
    ),
    pytest.param(  # type: ignore[list-item]
        lambda: pnb.generate_tests.using(show=False)(pnb.samples.openapi, model="offline"),
        marks=pytest.mark.integration,
    ),
    pytest.param(  # type: ignore[list-item]
        lambda: pnb.chart.using(show=False)("total sales by region", TABLE, model="offline"),
        marks=pytest.mark.integration,
    ),
]


@pytest.mark.parametrize("begin", SHIPPED)
async def test_the_messages_of_shipped_operations_stay(begin: Callable[[], pnb.Run[Any]]) -> None:
    """Each message that an operation of this library writes has a template: a record tells what was done."""
    run = begin()
    await run
    messages = {event.message for event in run.log if isinstance(event, pnb.events.ProgressEvent) and event.message}
    lost = [each for each in messages if template_of(each) == "…"]
    assert messages
    assert not lost
