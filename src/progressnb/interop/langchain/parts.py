"""The facts of LangChain's callbacks: titles, models, texts and attempts, read by their shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from progressnb.interop.loose import get, items_of, mapping_of
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from progressnb.interop.pieces import Piece

__all__ = [
    "SUBJECT",
    "attempt_of",
    "block_texts",
    "interrupts_of",
    "is_hidden",
    "is_no_error",
    "is_node",
    "is_retry",
    "model_of",
    "plain",
    "texts_of",
    "title_of",
    "words_of",
]

SUBJECT = 60  # characters of a run's subject
_DEPTH = 6  # of values in each other that are made plain
_KEY = "map:key:"  # the tag of a branch of a `RunnableParallel`
_ATTEMPT = "retry:attempt:"
_NODE = "graph:step:"
_STEP = "seq:step:"
_HIDDEN_TAG = "langsmith:hidden"
_HIDDEN_TYPES = ("prompt", "parser")
# Names that LangChain gives to what users only wrote as `a | b`.
_GLUE = (
    "RunnableSequence",
    "RunnableParallel",
    "RunnableAssign",
    "RunnablePassthrough",
    "RunnablePick",
    "RunnableCallable",
    "RunnableEach",
    "ChannelWrite",
    "LangGraph",
)


def title_of(name: str | None, serialized: Mapping[str, Any] | None, tags: Sequence[str]) -> str:
    """Return the name of a piece of work: the key of a parallel branch, its own name, or that of its class."""
    key = next((tag[len(_KEY) :] for tag in tags if tag.startswith(_KEY)), None)
    if key or name:
        return str(key or name)
    known = mapping_of(serialized)
    place = items_of(known.get("id"))
    return str(known.get("name") or (place[-1] if place else "work"))


def is_hidden(title: str, run_type: str | None, tags: Sequence[str], parent: Piece | None) -> bool:
    """Return whether a part of a chain is glue, whose own parts show what happens."""
    if parent is None or any(tag.startswith(_KEY) for tag in tags):
        return False
    # What comes behind the first step of a node says where the graph goes on.
    if parent.facts.get("node") and any(tag.startswith(_STEP) and tag != f"{_STEP}1" for tag in tags):
        return True
    return run_type in _HIDDEN_TYPES or _HIDDEN_TAG in tags or title.partition("<")[0] in _GLUE


def attempt_of(tags: Sequence[str], metadata: Mapping[str, Any], parent: Piece | None) -> int:
    """Return the number of the attempt that begins: that of `with_retry`, or of a node's retry policy."""
    for tag in tags:
        if tag.startswith(_ATTEMPT) and tag[len(_ATTEMPT) :].isdecimal():
            return int(tag[len(_ATTEMPT) :])
    node = metadata.get("langgraph_checkpoint_ns")
    if parent is None or not node or not is_node(tags):
        return 1
    attempts: dict[str, int] = parent.facts.setdefault("attempts", {})
    attempts[node] = attempts.get(node, 0) + 1
    return attempts[node]


def is_node(tags: Sequence[str]) -> bool:
    """Return whether a node of a graph begins."""
    return any(tag.startswith(_NODE) for tag in tags)


def is_retry(tags: Sequence[str]) -> bool:
    """Return whether a further attempt of `with_retry` begins."""
    return any(tag.startswith(_ATTEMPT) for tag in tags)


def model_of(metadata: Mapping[str, Any], parameters: Mapping[str, Any]) -> str | None:
    """Return the name of a model, or None."""
    names = (metadata.get("ls_model_name"), parameters.get("model"), parameters.get("model_name"))
    return next((name for name in names if isinstance(name, str) and name), None)


def interrupts_of(error: BaseException) -> list[Any] | None:
    """Return what a node of LangGraph asks a person; None for any other error."""
    if not any(kind.__name__ == "GraphInterrupt" for kind in type(error).__mro__):
        return None
    found = items_of(error.args[0]) if error.args else []
    return [getattr(each, "value", each) for each in found]


def is_no_error(error: BaseException) -> bool:
    """Return whether an error is LangGraph's way to go on elsewhere, such as a command to the graph above."""
    return any(kind.__name__ == "GraphBubbleUp" for kind in type(error).__mro__)


# --- values --------------------------------------------------------------------------------------------


def plain(value: object, depth: int = _DEPTH) -> Any:  # noqa: ANN401 - any value
    """Return a value with words in place of messages and documents."""
    if (text := _text_of(value)) is not None:
        return text
    if depth and isinstance(value, dict):
        return {key: plain(each, depth - 1) for key, each in mapping_of(value).items()}  # pyright: ignore[reportUnknownArgumentType]
    if depth and isinstance(value, list | tuple):
        return [plain(each, depth - 1) for each in items_of(value)]  # pyright: ignore[reportUnknownArgumentType]
    return cast("Any", value)


def words_of(value: object) -> str | None:
    """Return the first words of an input: of a list of messages those of the last one."""
    found: Any = value
    for _ in range(_DEPTH):
        text = _text_of(found)
        found = found if text is None else text
        if isinstance(found, str):
            return one_line(found, SUBJECT).strip() or None
        if items := items_of(found):
            found = items[-1]  # also of ("user", "text")
        else:
            values = mapping_of(found).values()
            found = next((each for each in values if isinstance(each, str) or items_of(each)), None)
    return None


def _text_of(value: object) -> str | None:
    """Return the text of a message, a prompt or a document; None for any other value."""
    if isinstance(value, str | int | float | dict | list | tuple | None):
        return None
    if isinstance(page := get(value, "page_content"), str):
        return page
    if hasattr(value, "content") and hasattr(value, "additional_kwargs"):
        text = "".join(text for part, text in texts_of(value) if part == "output")
        calls = ", ".join(str(mapping_of(call).get("name")) for call in items_of(get(value, "tool_calls")))
        return text or (f"calls {calls}" if calls else "")
    messages = items_of(get(value, "messages"))
    return _text_of(messages[-1]) if messages else None


def texts_of(message: object) -> Iterator[tuple[str, str]]:
    """Go through the texts of a message, each with the part that it belongs to: `output` or `thinking`."""
    thought = mapping_of(get(message, "additional_kwargs")).get("reasoning_content")
    if isinstance(thought, str) and thought:
        yield "thinking", thought
    content = get(message, "content")
    if isinstance(content, str):
        yield "output", content
    for block in items_of(content):
        yield from block_texts(block)


def block_texts(block: object) -> Iterator[tuple[str, str]]:
    """Go through the texts of one block of a message's content, as `texts_of` does."""
    if isinstance(block, str):
        yield "output", block
    fields = mapping_of(block)
    for key, part in (("text", "output"), ("thinking", "thinking"), ("reasoning", "thinking")):
        if isinstance(text := fields.get(key), str) and text:
            yield part, text
    for each in items_of(fields.get("summary")):
        if isinstance(text := mapping_of(each).get("text"), str):
            yield "thinking", text
