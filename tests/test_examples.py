"""The examples of docstrings, README.md and pages of docs/: each is run as written, offline, in a folder of its own."""

import ast
import asyncio
import contextlib
import importlib
import inspect
import json
import re
import shutil
import textwrap
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel
from pydantic_ai import Agent

import progressnb as pnb
from progressnb.agents import OfflineModel
from progressnb.operations.resume import sample_run
from progressnb.testing import ManualClock, ToolCall, scripted_model, tool_call
from tests.interop import recordings
from tests.operations.resume.made_files import RESUME_PDF

ROOT = Path(__file__).parents[1]
NAMESPACES = ["errors", "events", "interop", "testing", "web"]

# Examples that are only compiled, with the reason.
NOT_RUN: dict[str, str] = {
    "progressnb.workers": "processes need functions that a module has; tests/tools/test_workers.py",
}

# Public functions, classes and methods of users' classes that need no example, with the reason.
NEEDS_NONE = {
    "progressnb.History.batch_results": "batch calls it",
    "progressnb.History.claim": "resume_run calls it",
    "progressnb.History.estimate": "a session calls it for every run",
    "progressnb.History.fingerprint": "resume_run calls it",
    "progressnb.History.keep_events": "batch calls it",
    "progressnb.History.kept_before": "resume_run calls it",
    "progressnb.Operation.begin_item": "batch calls it",
    "progressnb.ProgressTracker.cancelled": "runs and blocks call it",
    "progressnb.ProgressTracker.done": "runs and blocks call it",
    "progressnb.ProgressTracker.fail": "runs and blocks call it",
    "progressnb.ProgressTracker.keep_results": "histories call it",
    "progressnb.ProgressTracker.leave_errors_alone": "bridges to other libraries call it",
    "progressnb.ProgressTracker.pack": "the run's method calls it",
    "progressnb.ProgressTracker.restore": "resume_run calls it",
    "progressnb.ProgressTracker.start": "runs and blocks call it",
    "progressnb.ProgressTracker.when_cancelled": "runs call it",
    "progressnb.Run.leave_to_caller": "batch calls it",
    "progressnb.StageHandle.cancel": "trivial",
    "progressnb.StageHandle.finish": "the example of start ends with it",
}
WITH_METHODS = [pnb.History, pnb.Operation, pnb.ProgressTracker, pnb.Run, pnb.StageHandle]
"""The classes whose methods need an example each; for others one example of the class is enough."""

_BLOCK = re.compile(r"::\n\n((?:(?: {4,}[^\n]*)?\n)+)")
_FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_REAL_MODEL = re.compile(r"""(["'])(?:openai|anthropic|google|mistral|groq|ollama)[\w-]*:[^"'\s]+\1""")


# --- what examples take for granted ---------------------------------------------------------------------


class Answer(BaseModel):
    """An output of an agent."""

    answer: str = "42"
    summary: str = "The moon."


def search(query: str) -> str:
    """Search, as a tool of an agent."""
    return query


def resize(files: list[str]) -> Generator[dict[str, object], None, int]:
    """Resize files, as a generator that becomes a tool."""
    for number, file in enumerate(files, 1):
        yield {"progress": number / len(files), "status": file}
    return len(files)


def read(path: str) -> str:
    """Read a file of the example's folder."""
    return Path(path).read_text(encoding="utf-8")


async def fetch(url: str) -> str:
    """Fetch a page, without a network."""
    return f"the page {url}"


async def store(page: str) -> None:
    """Store a page."""


async def pages() -> AsyncIterator[str]:
    """Come to pages one by one."""
    yield "tides"
    yield "moon"


@pnb.operation(stages={"research": 0.7, "write": 0.3})
async def report(tracker: pnb.ProgressTracker, topic: str) -> str:
    """Write a report."""
    async with tracker.stage("research") as stage:
        await stage.update(50, "reading")
    async with tracker.stage("write") as stage:
        stage.write(topic)
    return topic


@pnb.operation(stages=[pnb.Stage("read")])
async def unlucky(tracker: pnb.ProgressTracker) -> str:
    """Fail as long as there is no second file."""
    await tracker.stage("read").run(read, "rows.csv")
    return read("later.txt")


def write_files(folder: Path) -> None:
    """Write the files that examples name."""
    for name, text in {
        "resume.md": "# Ann Example\n\n## Skills\n\nPython, SQL\n",
        "job.txt": "Data engineer\n\nPython, SQL and testing are required.\n",
        "posting.txt": "Data engineer\n\nPython, SQL and testing are required.\n",
        "openapi.yaml": pnb.samples.openapi,
        "rows.csv": "region,revenue\nnorth,3\nsouth,4\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "resume.pdf").write_bytes(RESUME_PDF)


@dataclass(frozen=True)
class Past:
    """The files of an example's folder, `runs.db` among them, and the runs that this history has."""

    folder: Path
    run: pnb.Run[str]
    other: pnb.Run[str]
    broken: pnb.Run[str]


@pytest.fixture(scope="module")
async def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Write the files and do the runs once for all examples."""
    folder = tmp_path_factory.mktemp("past")
    write_files(folder)
    history = pnb.History(folder / "runs.db", contents=True)
    with contextlib.chdir(folder), pnb.configure.local(history=history, show=False):
        runs = report("tides"), report("moon"), unlucky()
        await asyncio.gather(*runs, return_exceptions=True)
    history.export_jsonl(folder / "runs.jsonl")
    history.close()
    (folder / "later.txt").write_bytes(b"moon")
    return Past(folder, *runs)


def given(past: Past) -> dict[str, Any]:
    """Return the names that examples take for granted: imports, functions, data, runs, a tracker and a stage."""
    history = pnb.use_history(pnb.History("runs.db", contents=True))
    return {
        # the imports of the user
        "pnb": pnb,
        "asyncio": asyncio,
        "Path": Path,
        "pd": pd,
        "timedelta": timedelta,
        "Agent": Agent,
        "BaseModel": BaseModel,
        "json": json,
        "Generator": Generator,
        "AsyncGenerator": AsyncGenerator,
        "AsyncIterator": AsyncIterator,
        "ManualClock": ManualClock,
        "ToolCall": ToolCall,
        "scripted_model": scripted_model,
        "tool_call": tool_call,
        # the user's own functions and data
        "Answer": Answer,
        "report": report,
        "search": search,
        "resize": resize,
        "read": read,
        "load": read,
        "fetch": fetch,
        "store": store,
        "pages": pages,
        "read_the_cache": fetch,
        "look_it_up": Answer,
        "prompt": "Why are there tides?",
        "url": "https://example.com",
        "paths": ["rows.csv", "job.txt"],
        "files": ["rows.csv", "job.txt"],
        "words": ["tides ", "rise"],
        "urls": ["https://example.com", "https://example.org"],
        "rows": [1, 2],
        "sales": pd.DataFrame({"region": ["north", "south"], "revenue": [3.0, 4.0]}),
        "model": scripted_model({"summary": "The moon."}),
        # runs, and what belongs to them
        "history": history,
        "run": past.run,
        "today": past.run,
        "yesterday": past.other,
        "event": past.run.log[1],
        "run_id": past.broken.id,
        "token": "t",
        "session": SimpleNamespace(send_progress_notification=lambda **_: asyncio.sleep(0)),
        **at_work(),
    }


def at_work() -> dict[str, Any]:
    """Return a tracker at work, with any stages that are asked for, and a stage of it."""
    tracker = pnb.ProgressTracker("etl")
    tracker.start()
    stage = tracker.stage("work")
    stage.start()
    return {"tracker": tracker, "stage": stage}


async def run_code(code: str, name: str, names: dict[str, Any]) -> None:
    """Run code that may await at its top level, as a notebook does."""
    outcome = eval(compile(code, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)  # noqa: S307 - our own
    if inspect.isawaitable(outcome):
        await outcome


async def tidy_up(names: dict[str, Any]) -> None:
    """Stop the servers, histories and runs that an example left at work."""
    for value in list(names.values()):
        if isinstance(value, pnb.web.Server):
            await value.stop()
    alive = pnb.runs()
    pnb.cancel_all()
    await asyncio.gather(*(run.log.wait_ended() for run in alive))
    for value in list(names.values()):
        if isinstance(value, pnb.History):
            value.close()


@pytest.fixture
def quick(past: Past, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a folder of its own, show nothing, and let the offline model write without pauses."""
    shutil.copytree(past.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROGRESSNB_DISPLAY", "none")
    monkeypatch.setattr(sample_run, "PACE", 0.0)
    monkeypatch.setattr(OfflineModel.__init__, "__kwdefaults__", {"pace": 0.0})


# --- docstrings -----------------------------------------------------------------------------------------


def public_objects() -> Iterator[tuple[str, Any]]:
    """Go through the functions and classes that users see, and the methods of classes."""
    named = [(f"progressnb.{name}", getattr(pnb, name)) for name in pnb.__all__]
    for namespace in NAMESPACES:
        module = importlib.import_module(f"progressnb.{namespace}")
        named += [(f"progressnb.{namespace}.{name}", getattr(module, name)) for name in module.__all__]
    seen: set[int] = set()
    for name, value in named:
        if id(value) in seen or not callable(value) or type(value).__module__ == "typing":
            continue
        seen.add(id(value))
        yield name, value
        owner = value if inspect.isclass(value) else type(value)
        if not owner.__module__.startswith("progressnb."):
            continue
        for method, function in inspect.getmembers(owner, inspect.isroutine):
            ours = str(getattr(function, "__module__", "")).startswith("progressnb.")
            if ours and not method.startswith("_"):
                yield f"{name}.{method}", function
        if owner is not value and (documented := getattr(owner.__call__, "__doc__", None)):
            yield f"{name}.__call__", SimpleNamespace(__doc__=documented)


def blocks_of(value: Any) -> list[str]:
    """List the code blocks in the docstring of an object."""
    return [textwrap.dedent(block) for block in _BLOCK.findall(inspect.cleandoc(value.__doc__ or "") + "\n")]


OBJECTS = dict(public_objects())
EXAMPLES = [
    pytest.param(name, code, id=f"{name}-{number}")
    for name, value in OBJECTS.items()
    for number, code in enumerate(blocks_of(value))
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("name", "code"), EXAMPLES)
async def test_example(name: str, code: str, past: Past) -> None:
    """The example runs as written."""
    compile(code, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if name in NOT_RUN:
        return
    names = given(past)
    try:
        await run_code(code, name, names)
    finally:
        pnb.watch(False)  # noqa: FBT003 - as users write it
        await tidy_up(names)


def needs_example(name: str, value: Any) -> bool:
    """Whether an object is one of those that promise an example."""
    home, _, last = name.rpartition(".")
    if home in OBJECTS:
        return OBJECTS[home] in WITH_METHODS and name not in NEEDS_NONE
    is_error = inspect.isclass(value) and issubclass(value, Exception)
    return not is_error and not name.startswith(("progressnb.events.", "progressnb.errors.")) and last != "__call__"


def test_everything_has_an_example() -> None:
    """Each public function and class, and each method that users call, has an example that is run."""
    shown = {name.removesuffix(".__call__") for name, value in OBJECTS.items() if blocks_of(value)}
    assert [name for name, value in OBJECTS.items() if needs_example(name, value) and name not in shown] == []


def test_lists_are_not_stale() -> None:
    """What is said to need no example, or not to be run, exists; the first has none, the second one."""
    assert [name for name in NEEDS_NONE if name not in OBJECTS or blocks_of(OBJECTS[name])] == []
    assert [name for name in NOT_RUN if name not in OBJECTS or not blocks_of(OBJECTS[name])] == []


# --- pages ---------------------------------------------------------------------------------------------


GUIDES = ["api-tests", "charts", "customize", "recipes", "stages", "start", "testing"]
PAGES = ["README.md", *(f"docs/{name}.md" for name in GUIDES)]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("page", PAGES)
async def test_page(page: str, past: Past) -> None:
    """The Python blocks of a page run one after another, as a notebook's cells; models are offline ones."""
    summary = {"summary": "The moon."}
    client = recordings.openai_client(recordings.body("openai-chat-text"))
    names = given(past) | {
        "model": scripted_model("The moon.", *[summary] * 9),
        "client": client,
        "messages": recordings.MESSAGES,
    }
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = list(_FENCED.finditer(text))
    assert blocks
    try:
        for block in blocks:
            names |= at_work()  # a block on a tracker means one at work, not the one that ended above
            line = text.count("\n", 0, block.start()) + 1
            code = "\n" * line + _REAL_MODEL.sub('"offline"', block[1])
            await run_code(code, page, names)
    finally:
        pnb.watch(False)  # noqa: FBT003 - as users write it
        await tidy_up(names)


HEAD, *RECIPES = [block[1] for block in _FENCED.finditer((ROOT / "docs/recipes.md").read_text(encoding="utf-8"))]


@pytest.mark.usefixtures("quick")
async def test_start_takes_nothing_for_granted() -> None:
    """The blocks of Start run one after another as they are pasted, with their own imports."""
    names: dict[str, Any] = {}
    try:
        for block in _FENCED.finditer((ROOT / "docs/start.md").read_text(encoding="utf-8")):
            await run_code(block[1], "docs/start.md", names)
    finally:
        pnb.watch(False)  # noqa: FBT003 - as users write it
        await tidy_up(names)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("recipe", RECIPES)
async def test_recipe(recipe: str) -> None:
    """Each recipe runs by itself after the first lines of the page, which take nothing for granted."""
    names: dict[str, Any] = {}
    try:
        await run_code(HEAD, "docs/recipes.md", names)
        if "client." in recipe:  # the user's own
            client = recordings.openai_client(recordings.body("openai-chat-text"))
            names |= {"client": client, "messages": recordings.MESSAGES}
        await run_code(recipe, "docs/recipes.md", names)
    finally:
        await tidy_up(names)
