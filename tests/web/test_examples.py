"""The examples of docs/web.md, run as they are written."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx

from tests.web.conftest import Sse, call

TEXT = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- runnable: (\w+) -->\n```python\n(.*?)```", TEXT, re.DOTALL))


def app_of(name: str) -> Any:
    """Run an example and return its app."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(EXAMPLES[name], f"docs/web.md: {name}", "exec"), names)  # noqa: S102 - our own document
    return names["app"]


async def test_an_app_of_ones_own() -> None:
    """The example begins a run, streams it to its clients, and sends each client the events that it lacks."""
    async with AsyncExitStack() as stack:
        app = app_of("FastAPI")
        transport = httpx.ASGITransport(app)
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://own"))
        run_id = (await client.post("/reports?topic=low%20tides")).json()["run_id"]
        answer = await call(app, f"/reports/{run_id}/events")
        events = Sse.of(answer.body).events
        assert any(event["type"] == "progress" and event["stage_progress"] == 50 for event in events)
        assert (events[-1]["type"], events[-1]["result"]) == ("done", "Low Tides")
        rest = await call(app, f"/reports/{run_id}/events", headers={"last-event-id": "1"})
        assert Sse.of(rest.body).events == events[2:]
        assert (await client.get("/reports/unknown/events")).status_code == 404


async def test_a_generator_behind_an_endpoint() -> None:
    """A `@progress` generator's yields are progress of the run, and its return value is the result."""
    app = app_of("Starlette")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://own") as client:
        run_id = (await client.post("/counts?words=low%20tides")).json()["run_id"]
        assert (await client.get("/counts/unknown")).status_code == 404
    answer = await call(app, f"/counts/{run_id}")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = Sse.of(answer.body).events
    said = {event["message"]: event["stage_progress"] for event in events if event["stage"] == "counting/count"}
    assert said["tides"] == 100
    assert (events[0]["type"], events[-1]["type"], events[-1]["result"]) == ("started", "done", 2)


def test_every_marked_example_is_run() -> None:
    """No runnable example is left out."""
    assert sorted(EXAMPLES) == ["FastAPI", "Starlette"]
