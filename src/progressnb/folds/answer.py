"""The answer of a run as blocks: the output that is being written, or the result at the end.

What was written and what is the result look alike, so that nothing moves at the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.folds.comparison import compared
from progressnb.folds.data import DataBlocks
from progressnb.folds.markdown import Blocks, Source
from progressnb.folds.shapes import is_described, is_dict, is_nothing, is_number
from progressnb.folds.speaker import speaker
from progressnb.folds.texts import brief, count_text, visible, window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progressnb.folds.state import RunState, StageState
    from progressnb.folds.tree import Answer, Block, Node
    from progressnb.wire.buffer import OutputBuffer
    from progressnb.wire.scanner import Path

__all__ = ["Answers", "data_blocks", "is_the_answer", "text_blocks"]

_FEW_LINES = 4  # for which a short box is enough
_SMALL = 400  # characters of the blocks of a result for which a short box is enough
_LABEL_LIMIT = 200
_BLOCK = 40  # characters for which there is one block at most


class Answers:
    """Make the answer of one run. What was read of Markdown is kept, so that each block is read once."""

    def __init__(self) -> None:
        self._key = ""
        self._blocks = Blocks()

    def answer(self, state: RunState, characters: int, stages: Sequence[StageState] = ()) -> Answer | None:
        """Return the result, or before it the output of the stage that writes; None before any.

        `stages` are those of the run that are known: of several that write it is one (`folds/speaker.py`).
        """
        stage, name = speaker(state, stages)
        if state.status == "finished" and (result := self._result(state, stage, characters)) is not None:
            return result
        written = self._written(state, stage, characters) if stage is not None else None
        return {**written, "by": name} if written is not None and name else written

    def _result(self, state: RunState, stage: StageState | None, characters: int) -> Answer | None:
        value = state.result
        if state.view is not None and (blocks := _view(state.view, characters)) is not None:
            answer = _answer("result", blocks)
        elif is_nothing(value) or (stage is not None and is_described(value)):
            return None
        else:
            key = stage.path if stage is not None and _alike(value, stage.partial) else "result"
            answer = self._answer(value, key, None, characters, keep="start")
        if stage is not None:
            return {**answer, "height": _reserved(state)}
        return {**answer, "height": "short" if len(str(answer["blocks"])) < _SMALL else "tall"}

    def _written(self, state: RunState, stage: StageState, characters: int) -> Answer | None:
        buffer = stage.output
        if buffer is None or not len(buffer):
            return None
        is_open = not (state.ended or stage.ended)
        path = buffer.open_path if is_open and buffer.kind == "json" else None
        if is_open and buffer.kind == "text":
            path = ()
        answer = self._answer(buffer.value, stage.path, path, characters, keep="start" if state.ended else "end")
        return {**answer, "open": is_open, "height": _reserved(state)}

    def _answer(
        self,
        value: Any,  # noqa: ANN401 - plain JSON data
        key: str,
        open_path: Path | None,
        characters: int,
        *,
        keep: Literal["start", "end"],
    ) -> Answer:
        if isinstance(value, str):
            is_final = keep == "start"
            text = value[: 3 * characters // 2] if is_final else value  # a block that begins behind this is not shown
            if self._key != key:
                self._key, self._blocks = key, Blocks()
            blocks = self._blocks.read(text, final=is_final, shown=None if is_final else characters)
            if not is_final and blocks and _is_begun_table(blocks[-1], text):
                blocks = blocks[:-1]
            made, cut = _markdown(blocks, len(value), characters, keep)
            if made and open_path is not None:
                made[-1]["open"] = True
            omitted = count_text(cut, "character") if cut else ""
        elif is_nothing(value):
            made, omitted = [], ""
        else:
            data = DataBlocks(characters, keep)
            made = data.make(value, open_path)
            omitted = data.omitted
        return _answer(key, made, omitted=omitted, keep=keep)


def _reserved(state: RunState) -> Literal["line", "short", "tall"]:
    """Return the height of the box of what was written, by the types of all outputs so far: so it never shrinks.

    Nobody knows the length of a text before its end; a number or a few short fields need only a line each.
    """
    last = state.last_output
    if last is None or "output_lines" not in last.data:
        return "tall"
    told = [stage.data.get("output_lines") for _, stage in state.walk() if stage.output]
    most = max((lines if is_number(lines) and lines > 0 else _FEW_LINES + 1 for lines in told), default=_FEW_LINES + 1)
    return "line" if most <= 1 else "short" if most <= _FEW_LINES else "tall"


def _answer(
    key: str,
    blocks: list[Block],
    *,
    omitted: str = "",
    keep: Literal["start", "end"] = "start",
) -> Answer:
    return {
        "key": key,
        "open": False,
        "above": f"… {omitted} above" if omitted and keep == "end" else "",
        "below": f"… {omitted} below" if omitted and keep == "start" else "",
        "height": "tall",
        "blocks": blocks,
    }


def data_blocks(value: Any, limit: int) -> list[Block]:  # noqa: ANN401 - plain JSON data
    """Return the blocks of the start of plain data."""
    return DataBlocks(limit).make(value)


def text_blocks(text: str, limit: int, reader: Blocks) -> list[Block]:
    """Return the blocks of the start of a text in Markdown; its reader knows those that it has read before."""
    cut = text[:limit]
    blocks, _ = _markdown(reader.read(cut, final=True), len(cut), limit, "start")
    if len(cut) < len(text):
        blocks.append({"key": "more", "type": "text", "text": f"… {count_text(len(text) - limit, 'character')} more"})
    return blocks


def is_the_answer(state: RunState, output: OutputBuffer) -> bool:
    """Tell whether what the last stage wrote is in the answer: before the end it is, and then if the result has it."""
    value = state.result
    if state.status != "finished" or is_nothing(value) or is_described(value):
        return True
    written = output.value
    if isinstance(value, str) and isinstance(written, str):
        return written.strip() in value
    return _alike(value, written)


def _alike(value: object, other: object) -> bool:
    """Tell whether two values are drawn alike: two texts, two lists, or two objects with fields in common."""
    if is_dict(value) and is_dict(other):
        return bool(value.keys() & other.keys())
    return type(value) is type(other)


# --- Markdown ------------------------------------------------------------------------------------


_BEGUN_TABLE = re.compile(r" {0,3}\|[^\n]{0,400}(\n[ |:-]*)?")


def _is_begun_table(last: Source, text: str) -> bool:
    """Tell whether the last block may become a table: its first row is there, and not yet the line below it."""
    node = last.nodes[0] if last.nodes else ""
    return node != "" and node[0] == "p" and _BEGUN_TABLE.fullmatch(text, last.start) is not None


def _markdown(
    blocks: list[Source], length: int, characters: int, keep: Literal["start", "end"]
) -> tuple[list[Block], int]:
    """Return the blocks that are shown of a text of this length, and how many characters are not."""
    start, end = window(length, characters, keep)
    low, high = window(len(blocks), characters // _BLOCK, keep)
    whole = max(characters // 4, 1)  # a block of this size is not cut
    made: list[Block] = []
    first, last = length, 0
    for index, block in enumerate(blocks):
        if block.end <= start or block.start >= end or not low <= index < high:
            continue
        nodes, begin, stop = block.nodes, block.start, block.end
        if block.start < start and block.end - block.start > whole:
            nodes, begin = _trim(nodes, start - block.start, keep="end"), start
        elif block.end > end and block.end - block.start > whole:
            nodes, stop = _trim(nodes, end - block.start, keep="start"), end
        first, last = min(first, begin), max(last, stop)
        made.append({"key": f"m{block.start}", "type": "md", "nodes": nodes})
    if not made or (end - start == length and len(made) == len(blocks)):
        return made, 0
    return made, first if keep == "end" else length - last


def _trim(nodes: list[Node], count: int, *, keep: Literal["start", "end"]) -> list[Node]:
    """Return nodes without their first `count` characters, or with these alone."""
    left = count

    def cut(node: Node) -> Node | None:
        nonlocal left
        if isinstance(node, str):
            used = min(left, len(node))
            left -= used
            return node[:used] if keep == "start" else node[used:]
        if (keep == "start" and left <= 0) or (keep == "end" and node[0] == "thead"):
            return None if keep == "start" else node
        head = node[: 2 if len(node) > 1 and isinstance(node[1], dict) else 1]
        rest = [child for part in node[len(head) :] if (child := cut(part)) not in (None, "")]
        return [*head, *rest] if rest or len(node) == len(head) else None

    return [part for node in nodes if (part := cut(node)) not in (None, "")]


# --- the view of a result ------------------------------------------------------------------------


def _view(view: object, characters: int) -> list[Block] | None:
    """Return the blocks that a result asks for, or None for what is no view."""
    from progressnb.wire.blocks import checked_view  # nine models, and most results have no view

    try:
        return _view_blocks(checked_view(view, limit=characters))
    except ValueError:
        return None


def _view_blocks(blocks: list[dict[str, Any]]) -> list[Block]:
    made: list[Block] = []
    for index, block in enumerate(blocks):
        if block["type"] == "markdown":
            sources = Blocks().read(block["text"], final=True)
            for number, source in enumerate(sources):
                made.append({"key": f"{index}.{number}", "type": "md", "nodes": source.nodes})
        else:
            made.append(_view_block(block, str(index)))
    return made


def _view_block(block: dict[str, Any], key: str) -> Block:
    made: Block = {"key": key, "type": block["type"]}
    if "tone" in block:
        made["tone"] = block["tone"]
    match block["type"]:
        case "headline":
            made["text"], made["verdict"] = visible(block["text"]), visible(block["verdict"])
        case "text":
            made["text"] = visible(block["text"])
        case "list":
            made["items"] = [_item(item, str(number)) for number, item in enumerate(block["items"])]
            made["bullets"] = block["bullets"]
        case "section":
            made["title"], made["items"] = brief(block["title"], _LABEL_LIMIT), _view_blocks(block["blocks"])
        case "comparison":
            made["title"] = brief(block["title"], _LABEL_LIMIT)
            made["before"], made["after"] = compared(block["before"], block["after"])
        case _:
            _table(made, block)
    return made


def _item(item: str | dict[str, Any], key: str) -> Block:
    if isinstance(item, str):
        return {"key": key, "type": "text", "text": visible(item)}
    made: Block = {"key": key, "type": "text", "text": visible(item["text"])}
    if item["label"]:
        made["label"] = brief(item["label"], _LABEL_LIMIT)
    return made


def _table(made: Block, block: dict[str, Any]) -> None:
    rows = cast("list[list[Any]]", block["rows"])
    made["columns"] = [brief(name, _LABEL_LIMIT) for name in block["columns"]]
    told = [[row[index] for row in rows if len(row) > index] for index in range(len(made["columns"]))]
    made["numeric"] = [bool(column) and all(map(is_number, column)) for column in told]
    made["rows"] = [
        {"key": str(number), "cells": ["–" if cell is None else visible(str(cell)) for cell in row]}
        for number, row in enumerate(rows)
    ]
