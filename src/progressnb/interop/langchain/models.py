"""Requests to models of LangChain as stages, with their answers while they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from progressnb.interop.langchain.answer import Answer
from progressnb.interop.langchain.base import Watching, safely
from progressnb.interop.langchain.parts import model_of, plain, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from progressnb.interop.pieces import Pieces

__all__ = ["Models"]


class Models(Watching):
    """The callbacks of models."""

    @safely
    def on_chat_model_start(
        self,
        pieces: Pieces,
        serialized: Mapping[str, Any] | None,
        messages: Sequence[object],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: Mapping[str, Any] | None = None,
        invocation_params: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        name: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begin a request to a model."""
        model = model_of(metadata or {}, invocation_params or {})
        title = name or model or title_of(None, serialized, ())
        inputs = messages[0] if messages else None
        structured = bool((options or {}).get("ls_structured_output_format"))
        piece = self.begin(pieces, run_id, parent_run_id, title, kind="model", inputs=inputs, model=model)
        known = invocation_params or {}
        piece.facts["answer"] = answer = Answer(
            piece.stage,
            model,
            structured=structured,
            shared=not piece.visible,
            max_tokens=known.get("max_tokens") or known.get("max_completion_tokens"),
        )
        answer.wait()

    on_llm_start = on_chat_model_start

    @safely
    def on_llm_new_token(
        self,
        pieces: Pieces,
        token: object,
        *,
        run_id: UUID,
        chunk: object = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Write a piece of a model's answer."""
        piece = pieces.get(run_id)
        if piece is not None and not piece.stage.ended:
            piece.check()
            piece.facts["answer"].add(getattr(chunk, "message", None), token)

    @safely
    def on_stream_event(self, pieces: Pieces, event: Mapping[str, Any], *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """Write a piece of a model's answer, of the newer kind of streams."""
        piece = pieces.get(run_id)
        if piece is not None and not piece.stage.ended:
            piece.check()
            piece.facts["answer"].add_event(event)

    @safely
    def on_llm_end(self, pieces: Pieces, response: object, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a request: its tokens, and the whole answer where it did not come in pieces."""
        piece = pieces.get(run_id)
        if piece is None:
            return
        answer: Answer = piece.facts["answer"]
        message = answer.end(response) if not piece.stage.ended else None
        pieces.end(run_id, result=plain(message))

    @safely
    def on_llm_error(self, pieces: Pieces, error: BaseException, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """End a request that failed."""
        self.fail(pieces, run_id, error)
