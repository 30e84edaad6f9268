"""What rules can read out of a prompt: labelled values, lists, dates, numbers; of a text, the sentences that say most.

Rules invent nothing: what a required field needs and the prompt does not say is an error that names the field.
"""

from __future__ import annotations

import math
import re
import types
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError, create_model
from rapidfuzz import fuzz, process

from progressnb.errors import ModelError
from progressnb.offline import HOW_TO_USE_AN_LLM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo

__all__ = ["answer_by_rules"]

_LINE = re.compile(
    r"^[ \t]*(?:[-*•]\s+)?(?P<label>[^\W\d_][\w /.#()-]{0,40}?)[ \t]*[:=][ \t]*(?P<value>.*)$", re.MULTILINE
)
_BULLET = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])[ \t]+(.+)$")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s<>\"')]+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?\b")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-ZÀ-Þ])|\n{2,}")
_WORD = re.compile(r"[^\W\d_]{4,}")

_ALIKE = 86  # of 100: names that are the same but for spelling
_ENOUGH = 3  # sentences below which there is nothing to shorten
_SEGMENTS = re.compile(r"[,;]\s+")  # a line may hold several labelled values

_NOTHING: Any = object()


def answer_by_rules(prompt: str, output_type: Any) -> BaseModel | str:  # noqa: ANN401 - whatever pydantic-ai takes
    """Return the output that rules find in a prompt. Raises `ModelError` where it does not say enough."""
    wanted: list[Any] = [*output_type] if isinstance(output_type, list | tuple) else [output_type]
    error: ModelError | None = None
    for kind in wanted:
        try:
            if kind is str:
                return _summary(prompt)
            if _is_model(kind):
                return _fill(kind, prompt)
            value = _value(kind, "", _labels(prompt), prompt)
            if value is not _NOTHING:
                # What is no object travels as one field of an object.
                return create_model("Output", response=(kind, ...))(response=value)
            error = error or _missing(getattr(kind, "__name__", str(kind)))
        except ModelError as missing:
            error = error or missing
    raise error or _missing("answer")


def _missing(name: str) -> ModelError:
    return ModelError(
        f"a prompt that says what {name!r} is",
        "none that fixed rules can read",
        f'Write "{name}: …". {HOW_TO_USE_AN_LLM}',
    )


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
        words = {word.lower() for word in _WORD.findall(sentence)}
        return sum(counts[word] - 1 for word in words) / math.sqrt(len(words) or 1)

    best = sorted(sentences, key=weight, reverse=True)[: max(1, len(sentences) // 3)]
    return " ".join(sentence for sentence in sentences if sentence in best)


def _fill(model: type[BaseModel], text: str) -> BaseModel:
    labels = _labels(text)
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        value = _NOTHING
        for called in _names(name, field):
            value = _value(field.annotation, called, labels, text)
            if value is not _NOTHING:
                break
        if value is _NOTHING:
            if field.is_required():
                raise _missing(name)
            continue
        values[field.alias or name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise ModelError(
            f"a value for {name!r}", f"one that is not allowed: {first['msg']}", HOW_TO_USE_AN_LLM
        ) from None


def _names(name: str, field: FieldInfo) -> Iterable[str]:
    yield name.replace("_", " ")
    if field.title:
        yield field.title
    if field.alias:
        yield field.alias.replace("_", " ")


def _labels(text: str) -> dict[str, str]:
    """Return the labelled values: those of one line, and the bullets below a label that stands alone."""
    lines = text.splitlines() if "\n" in text else _SEGMENTS.split(text)
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        if (match := _LINE.match(line)) is None:
            continue
        value = match["value"].strip()
        if not value:
            below = list[str]()
            for following in lines[number + 1 :]:
                if not _BULLET.match(following):
                    break
                below.append(following.strip())
            value = "\n".join(below)
        if value:
            found.setdefault(match["label"].strip().lower(), value)
    return found


def _value(kind: Any, name: str, labels: dict[str, str], text: str) -> Any:  # noqa: ANN401 - of any type
    """Return what the text says of a value of this type and name, or `_NOTHING`."""
    kinds = [each for each in get_args(kind) if each is not type(None)] if _is_union(kind) else [kind]
    said = _labelled(name, labels)
    for each in kinds:
        value = _read(each, name, said, text)
        if value is not _NOTHING:
            return value
    return _NOTHING


def _labelled(name: str, labels: dict[str, str]) -> str | None:
    match = process.extractOne(name.lower(), labels.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE)
    if match is not None:
        return labels[match[0]]
    # "invoice number" for a field that is called "number", but only where no other label could be meant too.
    ends = [label for label in labels if name and label.split()[-1:] == name.lower().split()[-1:]]
    return labels[ends[0]] if len(ends) == 1 and len(name.split()) == 1 else None


def _read(kind: Any, name: str, said: str | None, text: str) -> Any:  # noqa: ANN401, PLR0911 - each kind has its rule
    if _is_model(kind):
        return _attempt(kind, said or text)
    if get_origin(kind) in (list, set, tuple, frozenset) or kind is list:
        return _listed((get_args(kind) or (str,))[0], said, text, name)
    options = _options(kind)
    if options:
        return _named(options, said, text)
    if kind is str:
        if said is not None:
            return said
        pattern = _EMAIL if "mail" in name.lower() else _URL if name.lower() in ("url", "link", "website") else None
        match = pattern.search(text) if pattern else None
        return match[0].rstrip(".,;:!?") if match else _NOTHING
    if kind in (int, float):
        near = said if said is not None else _near(name, text)
        match = _NUMBER.search(near or "")
        return _checked(kind, match[0].replace(",", "")) if match else _NOTHING
    if said is None and getattr(kind, "__name__", "") in ("date", "datetime") and (match := _DATE.search(text)):
        return _checked(kind, match[0])
    return _NOTHING if said is None else _checked(kind, said)


def _listed(kind: Any, said: str | None, text: str, name: str) -> Any:  # noqa: ANN401 - of any type
    source = said
    if source is None and not name:
        source = "\n".join(line for line in text.splitlines() if _BULLET.match(line)) or None
    if source is None:
        return _NOTHING
    bullets = [match[1].strip() for line in source.splitlines() if (match := _BULLET.match(line))]
    items = bullets or [item.strip(" .") for item in re.split(r"[,;]| and ", source) if item.strip(" .")]
    values = [_read(kind, "", item, item) for item in items]
    return [value for value in values if value is not _NOTHING] or _NOTHING


def _near(name: str, text: str) -> str | None:
    # "12 pages" or "pages 12": the number next to the field's own word.
    word = re.escape(name.rsplit(maxsplit=1)[-1].rstrip("s")) if name.split() else ""
    number = _NUMBER.pattern
    match = word and re.search(rf"(?i)(?:{number})\s+{word}s?\b|\b{word}s?\W{{1,4}}(?:is\s+|of\s+)?(?:{number})", text)
    return match[0] if match else None


def _options(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any type
    if get_origin(kind) is Literal:
        return {str(option): option for option in get_args(kind)}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {str(option.value): option for option in kind}
    if kind is bool:
        return {"yes": True, "true": True, "no": False, "false": False}
    return {}


def _named(options: dict[str, Any], said: str | None, text: str) -> Any:  # noqa: ANN401 - one of the options
    # A "no" somewhere in the text answers no question; the name of an option does.
    source = text if said is None and "yes" not in options else said
    if source is None:
        return _NOTHING
    places = {
        option: match.start()
        for option in options
        if (match := re.search(rf"(?i)(?<!\w){re.escape(option)}(?!\w)", source)) is not None
    }
    return options[min(places, key=lambda option: places[option])] if places else _NOTHING


def _attempt(kind: type[BaseModel], text: str) -> Any:  # noqa: ANN401 - the model or nothing
    try:
        return _fill(kind, text)
    except ModelError:
        return _NOTHING


def _checked(kind: Any, value: str) -> Any:  # noqa: ANN401 - of that type
    try:
        return TypeAdapter(kind).validate_python(value)
    except (ValidationError, TypeError):
        return _NOTHING


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_union(kind: object) -> bool:
    return get_origin(kind) in (Union, types.UnionType)
