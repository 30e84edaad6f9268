"""Answers to a prompt by fixed rules: data that the prompt has, by a schema; or the main sentences of a text.

Rules invent nothing. A required field that the prompt does not mention, or mentions with two values, is an error that
names the field.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections import Counter
from typing import Any

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError
from typing_extensions import is_typeddict

from progressnb.agents import HOW_TO_USE_AN_LLM, output_types
from progressnb.errors import ModelError

from .schema import MissingValueError, read_by_schema
from .values import words

__all__ = ["answer_by_rules"]

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-ZÀ-Þ])|\n{2,}")
_WORD = re.compile(r"[^\W\d_]{4,}")
_ENOUGH = 3  # a text of fewer sentences is not shortened


def answer_by_rules(prompt: str, output_type: Any) -> BaseModel | str:  # noqa: ANN401 - whatever pydantic-ai takes
    """Return the output that rules find in a prompt; of several types the first one that it has enough for.

    Raises `ModelError` where the prompt has not enough for any of them.
    """
    error: ModelError | None = None
    for kind in output_types(output_type):
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
        # Words that the text repeats weigh more. The square root keeps long sentences from winning by length alone.
        words_here = {word.lower() for word in _WORD.findall(sentence)}
        return sum(counts[word] - 1 for word in words_here) / math.sqrt(len(words_here) or 1)

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
    except MissingValueError as missing:
        raise _error(missing, name) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or name
        raise ModelError(
            f"a value for {field!r}", f"one that is not allowed: {first['msg']}", HOW_TO_USE_AN_LLM
        ) from None
    # Plain data: a dump of the model itself would lose fields that are None. pydantic-ai wraps what is not an object.
    sent = value if _is_object(kind) else {"response": value}
    return create_model(name, __base__=RootModel[Any])(sent)


def _is_object(kind: Any) -> bool:  # noqa: ANN401 - any type
    if dataclasses.is_dataclass(kind) or is_typeddict(kind):
        return True
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _error(missing: MissingValueError, kind: str) -> ModelError:
    if missing.names == ("",):
        return ModelError(f"one {kind} in the prompt", "none that fixed rules can read, or several", HOW_TO_USE_AN_LLM)
    names = ", ".join(map(repr, missing.names))
    if missing.text is not None:
        return ModelError(f"a value for {names} that fixed rules can read", repr(missing.text), HOW_TO_USE_AN_LLM)
    return ModelError(
        f"a prompt that says what {names} {'is' if len(missing.names) == 1 else 'are'}",
        "none that fixed rules can read, or several",
        f'Write "{words(missing.names[0].rpartition(".")[2])}: …". {HOW_TO_USE_AN_LLM}',
    )
