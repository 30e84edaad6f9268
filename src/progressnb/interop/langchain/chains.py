"""Chains, graphs, nodes, tools and retrievers of LangChain as stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.interop.langchain.base import Watching, safely
from progressnb.interop.langchain.parts import (
    attempt_of,
    interrupts_of,
    is_hidden,
    is_no_error,
    is_node,
    is_retry,
    plain,
    title_of,
)
from progressnb.interop.loose import items_of, mapping_of
from progressnb.tools import bind_call
from progressnb.tracking import internals, note_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from progressnb.interop.pieces import Piece, Pieces

__all__ = ["Chains"]


class Chains(Watching):
    """The callbacks of chains, tools and retrievers."""

    @safely
    def on_chain_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        inputs: object,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        run_type: str | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a chain, a graph or one of its nodes."""
        parent = pieces.get(parent_run_id)
        title = title_of(name, serialized, tags or ())
        hidden = is_hidden(title, run_type, tags or (), parent)
        again, attempt = is_retry(tags or ()), attempt_of(tags or (), metadata or {}, parent)
        piece = self.begin(pieces, run_id, parent_run_id, title, kind="chain", hidden=hidden, inputs=inputs)
        piece.facts |= {"name": title, "node": is_node(tags or ())}
        if piece.own is not None and (known := mapping_of(inputs)):
            # Nodes may write into the lists that they are given.
            lists = {key: [*items_of(known[key])] for key in known if isinstance(known[key], list)}
            piece.facts["inputs"] = {**known, **lists}
        if attempt > 1 and piece.visible:
            piece.stage.update(message=f"attempt {attempt}", attempt=attempt)
        if parent is not None and (failed := parent.facts.pop("failed", None)) is not None:
            self._another_way(parent, failed, attempt if again else None)

    @safely
    def on_chain_end(self, pieces: Pieces, outputs: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a chain, a graph or one of its nodes."""
        self.end(pieces, run_id, outputs)

    @safely
    def on_chain_error(self, pieces: Pieces, error: BaseException, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a chain, a graph or one of its nodes that failed, or that waits for a person."""
        if (questions := interrupts_of(error)) is not None:
            self._wait(pieces, run_id, questions)
        elif is_no_error(error):
            self.end(pieces, run_id, None)
        else:
            self.fail(pieces, run_id, error)

    # --- tools and retrievers ----------------------------------------------------------------------

    @safely
    def on_tool_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: Mapping[str, Any] | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a tool."""
        title = title_of(None, serialized, ()) if name is None else name
        arguments = dict(inputs) if isinstance(inputs, dict) else {"input": input_str}
        piece = self.begin(pieces, run_id, parent_run_id, title, kind="tool", inputs=input_str, arguments=arguments)
        if piece.visible:
            bind_call(piece.stage, title)

    @safely
    def on_tool_end(self, pieces: Pieces, output: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a tool."""
        self.end(pieces, run_id, output)

    on_tool_error = on_chain_error

    @safely
    def on_retriever_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a search."""
        title = title_of(name, serialized, ())
        self.begin(pieces, run_id, parent_run_id, title, kind="search", inputs=query, arguments={"query": query})

    @safely
    def on_retriever_end(self, pieces: Pieces, documents: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a search."""
        self.end(pieces, run_id, documents)

    on_retriever_error = on_chain_error

    def _wait(self, pieces: Pieces, run_id: UUID, questions: list[Any]) -> None:
        """Let a node wait for a person until its graph returns."""
        piece = pieces.get(run_id)
        if piece is None:
            return
        piece.root.facts["waits"] = True
        if piece.above is None:
            self.end(pieces, run_id, None)
        elif piece.visible and not piece.stage.ended:
            if questions:
                note_arguments(piece.stage, {"question": plain(questions[0] if len(questions) == 1 else questions)})
            internals(piece.stage).life.set_status("waiting", "waits for an answer", waiting_for="answer")

    def _another_way(self, parent: Piece, error: Exception, attempt: int | None) -> None:
        """Report that a chain tries again, or falls back, after one of its parts has failed."""
        if not parent.visible or parent.stage.ended:
            return
        if attempt is not None:
            internals(parent.stage).life.set_status("retrying", f"retrying, attempt {attempt}", attempt=attempt)
        elif str(parent.facts.get("name", "")).startswith("RunnableWithFallbacks"):
            parent.stage.fall_back(error)
