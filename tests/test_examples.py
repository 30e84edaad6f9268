"""The examples in public docstrings: each is run as it stands, in a folder of its own, with the offline model."""

import ast
import asyncio
import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel
from pydantic_ai import Agent

import progressnb as pnb

NAMESPACES = ["errors", "events", "interop", "testing", "web"]
# What an example may take for granted, besides `pnb`, is made by `given` below.
NOT_RUN = {
    "progressnb.serve": "a server that goes on",
}
_BLOCK = re.compile(r"::\n\n((?:(?: {4,}[^\n]*)?\n)+)")


def public_objects() -> Iterator[tuple[str, Any]]:
    """Go through the names that users see, and the public methods of classes."""
    named = [(f"progressnb.{name}", getattr(pnb, name)) for name in pnb.__all__]
    for namespace in NAMESPACES:
        module = importlib.import_module(f"progressnb.{namespace}")
        named += [(f"progressnb.{namespace}.{name}", getattr(module, name)) for name in module.__all__]
    seen: set[int] = set()
    for name, value in named:
        if id(value) in seen or inspect.ismodule(value):
            continue
        seen.add(id(value))
        yield name, value
        if inspect.isclass(value):
            for method, function in inspect.getmembers(
                value, lambda member: callable(member) or isinstance(member, property)
            ):
                if not method.startswith("_") and "progressnb" in str(getattr(function, "__module__", "progressnb")):
                    yield f"{name}.{method}", function


def examples() -> list[Any]:
    """List the examples with the names of their objects."""
    found: list[Any] = []
    for name, value in public_objects():
        blocks = _BLOCK.findall((inspect.getdoc(value) or "") + "\n")
        found += [pytest.param(textwrap.dedent(block), id=f"{name}-{number}") for number, block in enumerate(blocks)]
    return found


class Answer(BaseModel):
    """An output."""

    answer: str = "42"


def search(query: str) -> str:
    """Search."""
    return query


async def given(folder: Path) -> dict[str, Any]:
    """Return the names that examples take for granted, and write the files."""

    @pnb.operation(stages={"research": 0.7, "write": 0.3})
    async def report(tracker: pnb.ProgressTracker, topic: str) -> str:
        async with tracker.stage("research") as stage:
            await stage.update(50, "reading")
        async with tracker.stage("write") as stage:
            stage.write(topic)
        return topic

    sales = pd.DataFrame({"region": ["north", "south"], "revenue": [3.0, 4.0]})
    for name, text in {
        "resume.md": "# Ann Example\n\n## Skills\n\nPython, SQL\n",
        "job.txt": "Data engineer\n\nPython, SQL and testing are required.\n",
        "openapi.yaml": pnb.samples.openapi,
        "sales.csv": sales.to_csv(index=False),
        "notes.txt": "north\nsouth\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "resume.json").write_text(json.dumps(pnb.samples.resume), encoding="utf-8")
    history = pnb.use_history(pnb.History("runs.db", contents=True))
    run = report("tides", show=False)
    await run
    other = report("moon", show=False)
    await other
    return {
        "Agent": Agent,
        "Answer": Answer,
        "Path": Path,
        "asyncio": asyncio,
        "event": run.log[1],
        "history": history,
        "json": json,
        "names": ["a", "b"],
        "pd": pd,
        "pnb": pnb,
        "progressnb": pnb,
        "report": report,
        "run": run,
        "runs": [run, other],
        "sales": sales,
        "search": search,
        "session": SimpleNamespace(send_progress_notification=lambda **_: asyncio.sleep(0)),
        "today": run,
        "token": "t",
        "tracker": None,
        "yesterday": other,
        **{
            name: getattr(importlib.import_module("progressnb.testing"), name)
            for name in ("ManualClock", "scripted_model", "tool_call")
        },
    }


@pytest.mark.parametrize("code", examples())
async def test_example(
    code: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example runs as it stands."""
    name = request.node.callspec.id.rpartition("-")[0]
    compiled = compile(code, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if name in NOT_RUN:
        return
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROGRESSNB_DISPLAY", "none")
    names = await given(tmp_path)
    outcome = eval(compiled, names)  # noqa: S307 - the documentation of this package
    if inspect.isawaitable(outcome):
        await outcome
