"""What an agent writes, in every form that pydantic-ai knows: it can be read while it is being written."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_ai import NativeOutput, PromptedOutput, TextOutput, ToolOutput
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from progressnb.testing import scripted_model, tool_call
from progressnb.wire.events import ContentEvent, ProgressEvent
from tests.agents.helpers import Item, Other, write_watched


class Answer(BaseModel):
    """An output in which every field is required and some are nested."""

    title: str
    items: list[Item]
    best: Item
    score: float


ANSWER = Answer(
    title='He said "{[hi]}", then \\ left – ü 🎈',
    items=[Item(name="a", count=1), Item(name="bb", count=-22)],
    best=Item(name="", count=0),
    score=1.5e3,
)
DATA = ANSWER.model_dump()
FENCED = f"```json\n{ANSWER.model_dump_json(indent=2)}\n```"


def words(text: str) -> list[str]:
    """Take a text output apart."""
    return text.split()


def sums(numbers: list[int]) -> int:
    """Take a structured output apart."""
    return sum(numbers)


FORMS: list[tuple[str, Any, object, Any, Any]] = [
    ("text", str, "The tide – ü 🎈 – rises.", "The tide – ü 🎈 – rises.", "The tide – ü 🎈 – rises."),
    ("tool", Answer, ANSWER, DATA, ANSWER),
    ("native", NativeOutput(Answer), ANSWER, DATA, ANSWER),
    ("prompted", PromptedOutput(Answer), ANSWER, DATA, ANSWER),
    ("prompted in a fence", PromptedOutput(Answer), FENCED, DATA, ANSWER),
    ("prompted with prose", PromptedOutput(Answer), f"Here it is:\n\n{FENCED}\nBye!", DATA, ANSWER),
    ("list", list[int], {"response": [1, 20, 300]}, [1, 20, 300], [1, 20, 300]),
    ("int", int, {"response": 12}, 12, 12),
    ("bool", bool, {"response": False}, False, False),
    ("dict", dict[str, int], {"response": {"a": 1}}, {"a": 1}, {"a": 1}),
    ("list of models", list[Item], {"response": DATA["items"]}, DATA["items"], ANSWER.items),
    ("optional", ToolOutput(list[int] | None), {"response": [7]}, [7], [7]),
    ("native list", NativeOutput(list[int]), {"response": [1, 20]}, [1, 20], [1, 20]),
    ("prompted list in a fence", PromptedOutput(list[int]), '```\n{"response": [1]}\n```', [1], [1]),
    ("prompted list, prose", PromptedOutput(list[int]), 'Well.\n```json\n{ "response" :[1]}```\nBye', [1], [1]),
    ("native int", NativeOutput(int), {"response": 12}, 12, 12),
    ("union", Answer | Other, tool_call("final_result_Other", code=3), {"code": 3}, Other(code=3)),
    ("several tools", [Other, Answer], tool_call("final_result_Answer", **DATA), DATA, ANSWER),
    ("native union", NativeOutput([Answer, Other]), {"result": {"kind": "Other", "data": {"code": 3}}}, {"code": 3},
     Other(code=3)),
    ("prompted union", PromptedOutput([Answer, Other]), {"result": {"data": DATA, "kind": "Answer"}}, DATA, ANSWER),
    ("model or text: text", [Answer, str], "Just a text.", "Just a text.", "Just a text."),
    ("model or text: model", [Answer, str], ANSWER, DATA, ANSWER),
    ("text function", TextOutput(words), "one two three", "one two three", ["one", "two", "three"]),
    ("output function", sums, {"numbers": [1, 2]}, {"numbers": [1, 2]}, 3),
    ("named tool", ToolOutput(Answer, name="submit"), tool_call("submit", **DATA), DATA, ANSWER),
    ("named tools", [ToolOutput(Answer, name="yes"), ToolOutput(list[int], name="no")],
     tool_call("no", response=[4, 5]), [4, 5], [4, 5]),
]  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 3, 12, 10_000])
@pytest.mark.parametrize(
    ("output_type", "answer", "partial", "output"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS]
)
async def test_forms(output_type: Any, answer: object, partial: Any, output: Any, chunk: int) -> None:
    """In any form and any chunks, the partial ends as the result's own data, without the transport's wrapping."""
    run, seen = await write_watched(scripted_model(answer, chunk=chunk), output_type)
    assert (run.result, run.partial) == (output, partial), run.exception
    stage = run.state.stages[0]
    assert stage.partial == partial  # the log has it, too
    assert stage.outputs["output"].kind == ("text" if isinstance(answer, str) and partial == answer else "json")
    assert (stage.status, stage.percent, run.state.overall_progress) == ("finished", 100, 100)
    assert set(stage.outputs) <= {"output", "text"}
    assert seen[-1] == partial
    for before, after in pairwise(seen):
        assert before is None or grows(before, after), (before, after)


def grows(before: Any, after: Any) -> bool:
    """Tell whether nothing of a partial was taken back or changed, except that open ends went on."""
    if isinstance(before, dict):
        return list(before) == list(after)[: len(before)] and all(grows(before[key], after[key]) for key in before)
    if isinstance(before, list):
        return len(before) <= len(after) and all(map(grows, before, after))
    if isinstance(before, str):
        return bool(after.startswith(before))
    return bool(before == after)


@pytest.mark.parametrize("output_type", [Answer, NativeOutput(Answer), PromptedOutput(Answer)], ids=["tool", "n", "p"])
async def test_character_by_character(output_type: Any) -> None:
    """A string grows by characters and a list by items, required and nested fields included; numbers come whole."""
    _, seen = await write_watched(scripted_model(ANSWER, chunk=1), output_type)
    assert seen[0] in (None, {})
    assert [partial["title"] for partial in seen if partial and len(partial) == 1] == [
        ANSWER.title[:end] for end in range(len(ANSWER.title) + 1)
    ]
    items: list[Any] = []
    for partial in seen:
        if partial and partial.get("items") not in (None, *items[-1:]):
            items.append(partial["items"])
    assert items == [
        [],
        [{}],
        [{"name": ""}],
        [{"name": "a"}],
        [{"name": "a", "count": 1}],
        [{"name": "a", "count": 1}, {}],
        [{"name": "a", "count": 1}, {"name": ""}],
        [{"name": "a", "count": 1}, {"name": "b"}],
        [{"name": "a", "count": 1}, {"name": "bb"}],
        [{"name": "a", "count": 1}, {"name": "bb", "count": -22}],
    ]
    assert {partial["score"] for partial in seen if partial and "score" in partial} == {1500.0}


def deltas(model_chunks: list[str], name: str) -> FunctionModel:
    """Return a model that writes the arguments of one call in exactly these chunks."""

    async def stream(_messages: Any, _info: AgentInfo) -> AsyncIterator[Any]:
        yield {0: DeltaToolCall(name, "", tool_call_id="x")}
        for text in model_chunks:
            yield {0: DeltaToolCall(json_args=text)}

    return FunctionModel(stream_function=stream)


@given(st.lists(st.integers(0, 200), max_size=12), st.booleans())
def test_any_chunking(cuts: list[int], wrapped: bool) -> None:
    """However the model's stream is cut, the final state, the percent and the log's text are the same."""
    data: Any = DATA["items"] if wrapped else DATA
    text = json.dumps({"response": data} if wrapped else data)
    ends = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    chunks = [text[start:end] for start, end in pairwise(ends)]
    run, _ = asyncio.run(write_watched(deltas(chunks, "final_result"), list[Item] if wrapped else Answer))
    assert run.partial == run.state.stages[0].partial == data
    assert run.state.overall_progress == 100
    added = "".join(event.delta or "" for event in run.log if isinstance(event, ContentEvent))
    assert added.lstrip() == (text.removeprefix('{"response": ') if wrapped else text)


async def test_answer_that_lacks_the_wrapper() -> None:
    """A model that forgets the transport's wrapper is shown as it writes, although its answer is refused."""
    model = scripted_model("[1, 2]", {"response": [1, 2]}, chunk=2)
    run, seen = await write_watched(model, NativeOutput(list[int]))
    assert [1] in seen
    assert run.result == run.partial == [1, 2]
    run, seen = await write_watched(scripted_model({"a": 1}, {"response": {"b": 2}}, chunk=2), dict[str, int])
    assert {"a": 1} in seen
    assert run.partial == {"b": 2}


async def test_a_field_called_response_is_kept() -> None:
    """Only the transport's wrapper is taken off: a user's own field of that name stays."""

    class Reply(BaseModel):
        response: str

    for output_type in (Reply, NativeOutput(Reply), PromptedOutput(Reply)):
        run, _ = await write_watched(scripted_model({"response": "yes"}), output_type)
        assert run.partial == {"response": "yes"}


@pytest.mark.parametrize(("output", "value", "lines"), [(bool, {"response": True}, [1]), (str, "Twice a day.", [])])
async def test_an_output_of_known_lines_tells_them_before_it_begins(
    output: Any, value: object, lines: list[int]
) -> None:
    """A screen reserves no more room than the type of the output needs; for a text nothing is told."""
    run, _ = await write_watched(scripted_model(value), output)
    told = [event for event in run.log if isinstance(event, ProgressEvent) and "output_lines" in event.data]
    assert [event.data["output_lines"] for event in told] == lines
    first = next(event for event in run.log if isinstance(event, ContentEvent))
    assert all(event.seq < first.seq for event in told)
