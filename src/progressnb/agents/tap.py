"""The model between an agent and its own model: it shows what is asked and answered to the hand on the agent run."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from pydantic_ai.models import CompletedStreamedResponse
from pydantic_ai.models.wrapper import WrapperModel

from progressnb.agents.live import live_model
from progressnb.agents.refusals import has_refused, is_refusal, note_refusal, only_reporters_read

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.tools import RunContext

    from progressnb.agents.hand import Hand
    from progressnb.agents.live import LiveReader

__all__ = ["Tap"]


class Tap(WrapperModel):
    """A model that shows its streams to the hand.

    Where its server refuses to stream, and only we read, it asks plainly. With a `reader` its plain requests are read
    while they are answered.
    """

    def __init__(self, wrapped: Model, hand: Hand, reader: LiveReader | None = None) -> None:
        super().__init__(wrapped)
        self._hand = hand
        self._reader = reader

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Answer."""
        model = self.wrapped if self._reader is None else live_model(self.wrapped, self._reader)
        return await model.request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Stream an answer."""
        arguments = messages, model_settings, model_request_parameters
        ours = self._hand.alone and only_reporters_read()
        async with AsyncExitStack() as stack:
            response: StreamedResponse | None = None
            if not (ours and has_refused(self.wrapped)):
                try:
                    response = await stack.enter_async_context(self.wrapped.request_stream(*arguments, run_context))
                except Exception as error:
                    if not (ours and is_refusal(error, self.wrapped)):
                        raise
            if response is None:  # the user asked for no stream
                whole = await self.wrapped.request(*arguments)
                note_refusal(self.wrapped)
                response = CompletedStreamedResponse(
                    whole, model_request_parameters=model_request_parameters, replay_events=True
                )
            self._hand.stream(response, model_request_parameters)
            yield response
