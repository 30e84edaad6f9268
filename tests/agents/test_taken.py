"""What was written and what became the result are the same, also where pydantic-ai takes another part of an answer."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_ai import ModelRetry, NativeOutput, PromptedOutput, ToolOutput, _tool_execution, _utils
from pydantic_ai.messages import ModelMessage, ModelResponse, NativeToolCallPart, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from progressnb.agents.taken import PROCESSED, Block, block_of
from tests.agents.helpers import write, write_watched


class Form(BaseModel):
    """An output."""

    number: int
    words: list[str] = []


class Other(BaseModel):
    """Another output."""

    title: str


def model(*parts: str | tuple[str, str], streams: bool) -> FunctionModel:
    """Return a model whose one answer has these texts and calls of output tools, in pieces of three characters."""

    async def stream(_: list[ModelMessage], __: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
        for index, part in enumerate(parts):
            text = part if isinstance(part, str) else part[1]
            for at in range(0, len(text), 3):
                piece = text[at : at + 3]
                if isinstance(part, str):
                    yield piece
                else:
                    name = part[0] if at == 0 else None
                    yield {index: DeltaToolCall(name, piece, tool_call_id=f"call {index}")}

    def answer(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        made = [TextPart(each) if isinstance(each, str) else ToolCallPart(*each) for each in parts]
        return ModelResponse(made)

    return FunctionModel(stream_function=stream) if streams else FunctionModel(answer)


GOOD, BETTER, BAD = '{"number": 3, "words": ["a"]}', '{"number": 4}', '{"number": "many"}'


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("strategy", ["early", "graceful", "exhaustive"])
@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([GOOD], {"number": 3, "words": ["a"]}),
        ([GOOD, BETTER], {"number": 3, "words": ["a"]}),
        ([BAD, GOOD], {"number": 3, "words": ["a"]}),
        ([BAD, BAD, BETTER, GOOD], {"number": 4}),
        ([GOOD, BAD], {"number": 3, "words": ["a"]}),
    ],
)
async def test_several_calls(calls: list[str], expected: Any, strategy: Any, *, streams: bool) -> None:
    """Of several calls of output tools the valid one is shown, whichever comes first."""
    chosen = model(*[("final_result", each) for each in calls], streams=streams)
    run = await write(chosen, Form, retries=3, end_strategy=strategy)
    assert run.result == Form(**expected)
    assert run.partial == expected


@pytest.mark.parametrize("streams", [True, False])
async def test_calls_of_different_tools(*, streams: bool) -> None:
    """A valid call of another output tool is shown in place of the first; wrapped outputs without their wrapper."""
    tools = [ToolOutput(Form, name="form"), ToolOutput(Other, name="other"), ToolOutput(list[int], name="numbers")]
    run = await write(model(("form", BAD), ("other", '{"title": "Tides"}'), streams=streams), tools, retries=3)
    assert run.partial == {"title": "Tides"}
    run = await write(model(("form", BAD), ("numbers", '{"response": [1, 2]}'), streams=streams), tools, retries=3)
    assert run.result == run.partial == [1, 2]


@pytest.mark.parametrize("streams", [True, False])
async def test_an_output_function_that_refuses(*, streams: bool) -> None:
    """A call that a function of the output refuses is not the one that is shown."""

    def checked(form: Form) -> Form:
        if form.number == 3:
            raise ModelRetry("another one")
        return form

    run = await write(model(("final_result", GOOD), ("final_result", BETTER), streams=streams), checked, retries=3)
    assert run.result == Form(number=4)
    assert run.partial == {"number": 4}


FENCED = f"```json\n{GOOD}\n```"


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("kind", [PromptedOutput, NativeOutput])
@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        FENCED,
        f"As you asked, {{number}} first:\n{FENCED}\nDone.",
        f'I thought of {{"number": 9}} and of [1, 2].\n{FENCED}',
        f"First\n```python\nx = {{1: 2}}\n```\nthen\n{FENCED}",
        f"```\n{GOOD}\n```\n```json\n{BETTER}\n```",
    ],
)
async def test_blocks_of_a_text(text: str, kind: Any, *, streams: bool) -> None:
    """Of a text with several blocks the one that became the result is shown."""
    chosen = model(text, streams=streams)
    chosen.profile["supports_json_schema_output"] = True
    run = await write(chosen, kind(Form), retries=3)
    if run.status != "finished":
        pytest.skip("pydantic-ai takes no block of it")
    assert run.result == Form(number=3, words=["a"])
    assert run.partial == {"number": 3, "words": ["a"]}


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"  \n{GOOD}",
        FENCED,
        f'I thought of {{"number": 9}} and of [1, 2].\n{FENCED}\nDone.',
        f'First `{{"number": 8}}`, then\n```python\nx = {{1: 2}}\n```\nthen\n{FENCED}',
        f"[9]\n```\r\n{GOOD}\n```\n```json\n{BETTER}\n```",
    ],
)
async def test_in_mid_stream_only_what_is_taken_is_shown(text: str) -> None:
    """While it is written, what looks like JSON before the block that pydantic-ai takes is never the output."""
    run, seen = await write_watched(model(text, streams=True), PromptedOutput(Form), retries=0)
    assert run.result == Form(number=3, words=["a"])
    steps: tuple[dict[str, Any], ...] = (
        {},
        {"number": 3},
        {"number": 3, "words": []},
        {"number": 3, "words": [""]},
        {"number": 3, "words": ["a"]},
    )
    assert [each for each in seen if each is not None and each not in steps] == []
    assert run.partial == {"number": 3, "words": ["a"]}


@pytest.mark.parametrize("calls_last", [False, True])
async def test_text_before_a_tool_of_the_provider(*, calls_last: bool) -> None:
    """Text before a tool that the provider itself runs is no output, unless none comes behind it; nor is JSON."""
    before = "The tides " if calls_last else '{"number": 9} I look it up. '
    search = NativeToolCallPart("search", {"q": "tides"}, tool_call_id="1")
    behind = [] if calls_last else [TextPart("They "), TextPart("rise.")]
    run = await write(FunctionModel(lambda *_: ModelResponse([TextPart(before), search, *behind])))
    assert run.status == "finished"
    assert run.result == run.partial == (before if calls_last else "They rise.")
    if not calls_last:
        behind = [TextPart(GOOD[:9]), TextPart(GOOD[9:])]
        run = await write(
            FunctionModel(lambda *_: ModelResponse([TextPart(before), search, *behind])), PromptedOutput(Form)
        )
        assert run.result == Form(number=3, words=["a"])
        assert run.partial == {"number": 3, "words": ["a"]}


@given(st.text(st.sampled_from('`{}"a1:, \n\r[]js')), st.data())
def test_a_block_is_the_same_however_it_is_cut(text: str, data: st.DataObject) -> None:
    """Where a text is cut makes no difference to which block of it is shown, and the taken one begins with it."""

    def shown(pieces: list[str]) -> str:
        block = Block()
        return "".join(block.add(piece)[1] for piece in pieces)

    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    assert shown([text[a:b] for a, b in pairwise([0, *cuts, len(text)])]) == shown([text])
    taken = block_of(text)
    if taken.startswith("{"):
        assert shown([text]).startswith(taken)


def test_the_words_of_pydantic_ai() -> None:
    """The answer to the call that became the result is the one that is looked for."""
    assert PROCESSED == _tool_execution._FINAL_RESULT_PROCESSED


@given(st.text(st.sampled_from('`{}"a1:, \n\r\\[]json')))
def test_blocks_as_pydantic_ai_finds_them(text: str) -> None:
    """The block of a text is the one that pydantic-ai takes."""
    assert block_of(text) == _utils.strip_markdown_fences(text)
