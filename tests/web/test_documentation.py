"""The statements of docs/web.md: its lines for curl, its table of limits, its names for front ends."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic_core import from_json

import progressnb as pnb
from progressnb.web import Limits
from tests.web.conftest import TOKEN, Sse

if TYPE_CHECKING:
    from tests.web.conftest import Serve

TEXT = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")


def line_for(name: str) -> str:
    """Return the one line of a marked block."""
    found = re.search(rf"<!-- {name} -->\n```sh\n(.+)\n```", TEXT)
    assert found is not None
    return found[1]


def rows_below(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip("`") for cell in row] for row in rows[2:]]


async def test_the_line_for_curl_without_curl(serve: Serve) -> None:
    """The request of the line, its address and headers, gets the stream. This is also checked without curl."""
    served = await serve()
    run_id = await served.begin("report", topic="tides")
    line = line_for("watch with curl")
    for name, value in (("SERVER", served.server.url), ("TOKEN", TOKEN), ("RUN", run_id)):
        line = line.replace(f"${name}", value)
    program, unbuffered, header, said, url = shlex.split(line)
    assert (program, unbuffered, header) == ("curl", "-N", "-H")
    name, _, value = said.partition(": ")
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url, headers={name: value})
    await served.ended(run_id)
    assert Sse.of(answer.content).data == served.lines(run_id)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
async def test_the_lines_for_curl_begin_a_run_and_show_its_stream(serve: Serve) -> None:
    """Both lines work as they are written: the one begins a run, the other shows all of its events."""
    served = await serve(pnb.customize, given={"model": "offline"})

    async def shell(line: str, **variables: str) -> bytes:
        environment = {**os.environ, "NO_PROXY": "*", "SERVER": served.server.url, "TOKEN": TOKEN, **variables}
        process = await asyncio.create_subprocess_shell(line, env=environment, stdout=-1, stderr=-1)
        output, _ = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0
        return output

    began = from_json(await shell(line_for("begin with curl")))
    events = Sse.of(await shell(line_for("watch with curl"), RUN=began["run_id"]))
    await served.ended(began["run_id"])
    assert events.data == served.lines(began["run_id"])
    assert events.types[-1] == "done"
    assert [skill["name"] for skill in events.events[-1]["result"]["resume"]["data"]["skills"]] == ["Python", "SQL"]


def test_the_limits_are_those_of_the_code() -> None:
    """The table has every limit, with its default."""
    limits = Limits()
    assert [row[:2] for row in rows_below("Limits")] == [
        [each.name, str(getattr(limits, each.name))] for each in fields(limits)
    ]


async def test_the_names_for_front_ends_are_fields_of_events(serve: Serve) -> None:
    """Each field of the table is in a real event of its type, and says something."""
    served = await serve()
    run_id = await served.begin("report", topic="tides")
    body = (await served.client.get(f"/runs/{run_id}/events")).content
    rows = rows_below("In a front end")
    assert [row[0] for row in rows] == ["current_stage", "detailed_status", "percentage", "complete", "result"]
    for _, name, kind in rows:
        assert any(event.get(name) is not None for event in Sse.of(body).events if event["type"] == kind), name
