"""The result of a chain or a graph: what it answered, without the inputs that a graph's state repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from progressnb.interop.langchain.parts import plain
from progressnb.interop.loose import get, items_of, mapping_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["answer_of"]

_REST = "The rest of the state"
_SHORT = 200  # characters of a text that is one line


class Values(dict[str, Any]):
    """The new values of a graph's state, with their own names.

    Texts among them are drawn as Markdown, as they were while they came. The text that was streamed last stays what is
    shown, and the other values fold away below it.

    Args:
        values: The values by name.
        streamed: The text that was streamed last, or None.

    """

    def __init__(self, values: Mapping[str, Any], streamed: object = None) -> None:
        super().__init__(values)
        self._streamed = streamed.strip() if isinstance(streamed, str) else None

    def _progressnb_view_(self) -> list[dict[str, Any]]:
        if not self._streamed:
            return _blocks(self)
        for name, value in self.items():
            if isinstance(value, str) and value.strip() == self._streamed:
                rest = _blocks({key: each for key, each in self.items() if key != name})
                answer = {"type": "markdown", "text": value}
                return [answer, *([{"type": "section", "title": _REST, "blocks": rest}] if rest else [])]
        return _blocks(self)


def _blocks(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a headline and the text of each text, and a line each of what is no text; short texts are beside those."""
    are_texts = all(isinstance(value, str) for value in values.values())
    blocks: list[dict[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, str) and (are_texts or "\n" in value or len(value) > _SHORT):
            blocks += [{"type": "headline", "text": name}, {"type": "markdown", "text": value}]
            continue
        item = {"label": name, "text": _line(value)}
        if blocks and blocks[-1]["type"] == "list":
            blocks[-1]["items"].append(item)
        else:
            blocks.append({"type": "list", "items": [item], "bullets": False})
    return blocks


def _line(value: object) -> str:
    """Return a value that is no long text, as it is read in one line."""
    return value if isinstance(value, str) else to_json(value, fallback=str, inf_nan_mode="constants").decode()


def answer_of(outputs: object, inputs: object, streamed: object = None) -> Any:  # noqa: ANN401 - any value
    """Return what a chain or a graph answered, as plain data.

    A graph gives its whole state. Its answer is the last message, if that is a new one of a model, else the values that
    are not those of its inputs. A single text stands for itself, and is read as Markdown; so does the text among
    others that was streamed last.
    """
    state, given = mapping_of(outputs), mapping_of(inputs)
    messages = items_of(state.get("messages"))
    if len(messages) > len(items_of(given.get("messages"))) and _is_of_model(messages[-1]):
        return plain(messages[-1])
    if not given:
        texts = [value for value in state.values() if isinstance(value, str)]
        return Values(plain(state), streamed) if any("\n" in text for text in texts) else plain(outputs)
    new = {key: plain(value) for key, value in state.items() if not (key in given and _is_same(value, given[key]))}
    texts = [value for value in new.values() if isinstance(value, str)]
    if len(new) == 1 and texts:
        return texts[0]
    return Values(new, streamed) if new else plain(outputs)


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
