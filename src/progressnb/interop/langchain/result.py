"""The result of a chain or a graph: what it answered, without the inputs that a graph's state repeats."""

from __future__ import annotations

from typing import Any

from progressnb.interop.langchain.parts import plain
from progressnb.interop.loose import get, items_of, mapping_of

__all__ = ["answer_of"]


class Values(dict[str, Any]):
    """The new values of a graph's state. Texts among them are drawn as Markdown, as they were while they came."""

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = []
        for name, value in self.items():
            blocks += [{"type": "headline", "text": name}, {"type": "markdown", "text": str(value)}]
        return blocks


def answer_of(outputs: object, inputs: object) -> Any:  # noqa: ANN401 - any value
    """Return what a chain or a graph answered, as plain data.

    A graph gives its whole state. Its answer is the last message, if that is a new one of a model, else the values that
    are not those of its inputs. A single text stands for itself, and is read as Markdown.
    """
    state, given = mapping_of(outputs), mapping_of(inputs)
    messages = items_of(state.get("messages"))
    if len(messages) > len(items_of(given.get("messages"))) and _is_of_model(messages[-1]):
        return plain(messages[-1])
    if not given:
        return plain(outputs)
    new = {key: plain(value) for key, value in state.items() if not (key in given and _is_same(value, given[key]))}
    texts = [value for value in new.values() if isinstance(value, str)]
    if len(new) == 1 and texts:
        return texts[0]
    return Values(new) if len(texts) == len(new) > 1 else new or plain(outputs)


def _is_of_model(message: object) -> bool:
    """Return whether a message is a model's and has a text."""
    kind = get(message, "type")
    return isinstance(kind, str) and kind.lower().startswith("ai") and bool(plain(message))


def _is_same(value: object, other: object) -> bool:
    """Return whether two values are equal; arrays and the like may not tell."""
    try:
        return value is other or bool(value == other)
    except Exception:  # noqa: BLE001 - of values of others
        return False
