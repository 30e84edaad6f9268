"""What rules can answer to a prompt: data that it says, by the schema that is asked for; of a text, its main sentences.

Rules invent nothing: what a required field needs and the prompt does not say, or says twice, is an error that names
the field.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from typing import Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic_ai import NativeOutput, PromptedOutput, ToolOutput
from typing_extensions import is_typeddict

from progressnb.agents.offline import HOW_TO_USE_AN_LLM
from progressnb.errors import ModelError

from .schema import Unsaid, read_by_schema
from .values import words

__all__ = ["answer_by_rules", "kinds_of"]

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-ZÀ-Þ])|\n{2,}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_ENOUGH = 3  # sentences below which there is nothing to shorten


def kinds_of(output_type: Any) -> list[Any]:  # noqa: ANN401 - whatever pydantic-ai takes
    """Return the types of data that an output type stands for."""
    if isinstance(output_type, list | tuple):
        return [kind for each in cast("list[Any]", output_type) for kind in kinds_of(each)]
    if isinstance(output_type, ToolOutput):
        return kinds_of(output_type.output)  # pyright: ignore[reportUnknownMemberType] # of any type
    if isinstance(output_type, NativeOutput | PromptedOutput):
        return kinds_of(output_type.outputs)  # pyright: ignore[reportUnknownMemberType] # of any type
    if get_origin(output_type) in (Union, type(int | str)):
        return [kind for each in get_args(output_type) for kind in kinds_of(each)]
    return [output_type]


def answer_by_rules(prompt: str, output_type: Any) -> BaseModel | str:  # noqa: ANN401 - whatever pydantic-ai takes
    """Return the output that rules find in a prompt. Raises `ModelError` where it does not say enough."""
    error: ModelError | None = None
    for kind in kinds_of(output_type):
        try:
            return _summary(prompt) if kind is str else _data(kind, prompt)
        except ModelError as missing:
            error = error or missing
    raise error or ModelError("an output_type of data", repr(output_type), HOW_TO_USE_AN_LLM)


def _summary(text: str) -> str:
    sentences = [each.strip() for each in _SENTENCE.split(text) if each.strip()]
    if len(sentences) < _ENOUGH:
        raise ModelError(
            "a language model for this prompt",
            "fixed rules, which can only shorten a text that is in it",
            HOW_TO_USE_AN_LLM,
        )
    counts = Counter(word.lower() for word in _WORD.findall(text))

    def weight(sentence: str) -> float:
        said = {word.lower() for word in _WORD.findall(sentence)}
        return sum(counts[word] - 1 for word in said) / math.sqrt(len(said) or 1)

    best = sorted(sentences, key=weight, reverse=True)[: max(1, len(sentences) // 3)]
    return " ".join(sentence for sentence in sentences if sentence in best)


def _data(kind: Any, prompt: str) -> BaseModel:  # noqa: ANN401 - any type
    name = str(getattr(kind, "__name__", kind))
    try:
        schema = TypeAdapter(kind).json_schema()
    except PydanticUserError as error:  # a function, an arbitrary class
        raise ModelError("an output_type that has a JSON schema", name, HOW_TO_USE_AN_LLM) from error
    try:
        value = read_by_schema(schema, prompt)
        TypeAdapter(kind).validate_json(RootModel[Any](value).model_dump_json())
    except Unsaid as unsaid:
        raise _error(unsaid, name) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or name
        raise ModelError(
            f"a value for {field!r}", f"one that is not allowed: {first['msg']}", HOW_TO_USE_AN_LLM
        ) from None
    # Plain data: dumped as a model it would lose what is None. What is no object travels as one field of an object.
    sent = value if _is_object(kind) else {"response": value}
    return create_model(name, __base__=RootModel[Any])(sent)


def _is_object(kind: Any) -> bool:  # noqa: ANN401 - any type
    if dataclasses.is_dataclass(kind) or is_typeddict(kind):
        return True
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _error(unsaid: Unsaid, kind: str) -> ModelError:
    if unsaid.names == ("",):
        return ModelError(f"one {kind} in the prompt", "none that fixed rules can read, or several", HOW_TO_USE_AN_LLM)
    names = ", ".join(map(repr, unsaid.names))
    if unsaid.text is not None:
        return ModelError(f"a value for {names} that fixed rules can read", repr(unsaid.text), HOW_TO_USE_AN_LLM)
    return ModelError(
        f"a prompt that says what {names} {'is' if len(unsaid.names) == 1 else 'are'}",
        "none that fixed rules can read, or several",
        f'Write "{words(unsaid.names[0].rpartition(".")[2])}: …". {HOW_TO_USE_AN_LLM}',
    )
