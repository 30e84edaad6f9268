"""Bodies of many values: they are measured before they are read, so that one client does not stop all others."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path  # noqa: TC003 - of an operation's signature
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import progressnb as pnb
from progressnb.web import Limits
from progressnb.web.server.inputs import Inputs
from progressnb.web.server.values import fault_of

if TYPE_CHECKING:
    from tests.web.conftest import Serve

JSON = {"content-type": "application/json"}
TEXTS = st.text(st.sampled_from('",:[]{}\\ \n\tä0a'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
MANY = ("[]", "{}", '""', "0", '{"a":[]}', '"\\"[,"', "[[[]]]")
"""Values of which a body is full."""


class Part(BaseModel):
    """An input with a list inside."""

    numbers: list[int] = []


@pnb.operation
async def typed(
    tracker: pnb.ProgressTracker,
    text: str = "",
    *,
    numbers: list[int] | None = None,
    either: list[int | str] | None = None,
    names: dict[str, int] | None = None,
    part: Part | None = None,
    anything: Any = None,
) -> int:
    """Take inputs of many types."""
    assert tracker.id
    return len(f"{text}{numbers}{either}{names}{part}{anything}")


def count(value: object) -> int:
    """Return the number of values in a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(count, inside))


def depth(value: object) -> int:
    """Return how deep a value lies in itself."""
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


@given(value=VALUES, indent=st.none() | st.integers(0, 2), ascii_only=st.booleans())
def test_the_measure_is_exact(value: object, indent: int | None, *, ascii_only: bool) -> None:
    """Values and depth are counted as they are, whatever signs are in texts and however the JSON is written."""
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    values, levels = count(value), depth(value)
    assert fault_of(body, values=values, depth=levels) == ""
    if values > 1:
        assert fault_of(body, values=values - 1, depth=levels)
    if levels:
        assert fault_of(body, values=values, depth=levels - 1)


@pytest.mark.parametrize("piece", MANY)
@pytest.mark.parametrize(
    ("path", "begin", "end"),
    [
        ("/runs", "[", "]"),
        ("/runs", '{"operation":"typed","inputs":{"anything":[', "]}}"),
        ("/runs", '{"operation":"typed","inputs":[', "]}"),
        ("/batches", '{"operation":"typed","items":[', "]}"),
        ("/batches", '{"operation":"typed","items":[{"anything":[', "]}]}"),
        ("/runs/{id}/act", '{"kind":"say","text":[', "]}"),
        ("/runs/{id}/cancel", '{"reason":[', "]}"),
    ],
)
async def test_too_many_values_are_refused(serve: Serve, path: str, begin: str, end: str, piece: str) -> None:
    """A body of more values than allowed is refused on every route, before anything is made of it."""
    served = await serve(typed)
    run_id = await served.begin("report", topic="x")
    body = begin + ",".join([piece] * (3_900_000 // (len(piece) + 1))) + end
    answer = await served.client.post(path.format(id=run_id), content=body.encode(), headers=JSON)
    assert (answer.status_code, answer.json()) == (400, {"detail": "a request may not have more than 20,000 values"})


async def test_a_long_text_is_one_value(serve: Serve) -> None:
    """A text of commas, brackets and quotes is one value, however long it is."""
    served = await serve(typed, limits=Limits(values=10, depth=3))
    inputs = {"text": '",[{\\"' * 100_000}
    answer = await served.client.post("/runs", json={"operation": "typed", "inputs": inputs})
    assert answer.status_code == 202


async def test_the_limits_can_be_others(serve: Serve) -> None:
    """`values` and `depth` of `Limits` count."""
    served = await serve(typed, limits=Limits(values=10, depth=4))
    for value, status in (([0] * 6, 202), ([0] * 7, 400), ([[]], 202), ([[[]]], 400)):
        body = {"operation": "typed", "inputs": {"anything": value}}
        assert (await served.client.post("/runs", json=body)).status_code == status, value


@pytest.mark.parametrize("text", [". " * 2_000_000, "ab cd. " * 570_000, "x" * 4_000_000])
def test_a_long_text_is_no_name_of_a_file(text: str) -> None:
    """A document of megabytes is looked at no longer than 50 ms, whatever it is made of."""

    @pnb.operation
    async def read(tracker: pnb.ProgressTracker, document: pnb.web.Text | Path) -> int:
        return len(f"{tracker}{document}")

    inputs = Inputs(read, {})
    times = []
    for _ in range(3):
        began = time.process_time()
        assert inputs.checked({"document": text}) == {"document": text}
        times.append(time.process_time() - began)
    assert min(times) < 0.05


BAD = {
    "numbers": ["x"] * 19_000,
    "either": [[]] * 19_000,
    "names": {f"k{number}": [] for number in range(9_000)},
    "part": {"numbers": ["x"] * 19_000},
    "text": ["x"] * 19_000,
    "anything": None,
}


@pytest.mark.parametrize("name", BAD)
async def test_faults_are_cut(serve: Serve, name: str) -> None:
    """An input with thousands of faults is refused in words, by one of them or by their number, in a short answer."""
    served = await serve(typed)
    inputs = {name: BAD[name]} if name != "anything" else {f"k{number}": 0 for number in range(9_000)}
    answer = await served.client.post("/runs", json={"operation": "typed", "inputs": inputs})
    assert answer.status_code == 422
    assert len(answer.content) < 300
    assert name == "anything" or f"expected {name}" in answer.json()["detail"]
    batch = await served.client.post("/batches", json={"operation": "typed", "items": [0] * 9_000})
    assert (batch.status_code, batch.json()["detail"]) == (422, "items.0: Input should be a valid dictionary")
    fields = {"operation": "typed", **{f"k{number}": 0 for number in range(101)}}
    assert (await served.client.post("/runs", json=fields)).status_code == 422


@pytest.mark.parametrize("name", BAD)
async def test_nobody_waits_long(serve: Serve, name: str) -> None:
    """The check of one body takes the loop 50 ms at most, of the time of a machine that has nothing else to do."""
    served = await serve(typed)
    inputs = {name: BAD[name]} if name != "anything" else {name: [[]] * 19_000}
    body = json.dumps({"operation": "typed", "inputs": inputs}).encode()
    longest: list[float] = []
    for _ in range(5):
        at_work, turns = time.process_time(), [0.0]
        asking = asyncio.ensure_future(served.client.post("/runs", content=body, headers=JSON))
        while not asking.done():
            await asyncio.sleep(0)
            now = time.process_time()
            turns.append(now - at_work)
            at_work = now
        longest.append(max(turns))
    assert min(longest) < 0.05
