"""Plain requests that are read while they are answered: each model of a chain streams, and gives the whole answer.

A `FallbackModel` judges whole answers, and takes the next model after one that breaks in the middle. It does so in
plain requests only. Here the request stays a plain one for the chain, and each of its models answers it by a stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.wrapper import WrapperModel

from progressnb.agents.models import can_stream
from progressnb.agents.refusals import has_refused, innermost, is_refusal, note_refusal
from progressnb.agents.twins import asked_by, twin

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_ai.messages import AgentStreamEvent, ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

    from progressnb.agents.hand import Hand

__all__ = ["LiveReader", "is_live", "live_model"]


@dataclass(frozen=True)
class LiveReader:
    """The reader of the plain requests of one agent run.

    `report` reports an event of an answer. `restart` begins the answer of another model in place of one that a chain
    did not take.
    """

    hand: Hand
    report: Callable[[AgentStreamEvent], None]
    restart: Callable[[], None]

    def begin(self) -> None:
        """Begin the answer of one model."""
        self.hand.restart()
        self.restart()

    def read(self, event: AgentStreamEvent) -> None:
        """Read an event of the answer."""
        self.hand.read(event, self.report)


def is_live(model: Model[Any]) -> bool:
    """Return whether a plain request of this model is read while it is answered, whichever model of a chain answers."""
    return all(_streams(each) for each in _leaves(model))


def live_model(model: Model[Any], reader: LiveReader) -> Model[Any]:
    """Return a model that answers plain requests as this one does, and lets them be read meanwhile.

    The model itself is left as it is. Its twin is for one request, and is not entered.
    """
    if (asked := asked_by(model)) is not None:
        return twin(model, [live_model(each, reader) for each in asked])
    return _Live(model, reader)


class _Live(WrapperModel):
    """A model that answers a plain request by a stream, where it has one that gives the same answer."""

    def __init__(self, wrapped: Model[Any], reader: LiveReader) -> None:
        super().__init__(wrapped)
        self._reader = reader

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Answer; where the server refuses to stream, ask plainly, and remember that."""
        arguments, hand = (messages, model_settings, model_request_parameters), self._reader.hand
        self._reader.begin()
        if not _streams(self.wrapped):
            return await self.wrapped.request(*arguments)
        has_begun = False
        try:
            async with self.wrapped.request_stream(*arguments, hand.context) as response:
                hand.stream(response, model_request_parameters)
                async for event in response:
                    has_begun = True
                    self._reader.read(event)
                return response.get()
        except Exception as error:
            if has_begun or not is_refusal(error, self.wrapped):
                raise
        whole = await self.wrapped.request(*arguments)
        note_refusal(self.wrapped)
        return whole


def _leaves(model: Model[Any]) -> list[Model[Any]]:
    """List the models that answer, below chains and wrappers that do nothing of their own."""
    if (asked := asked_by(model)) is not None:
        return [leaf for each in asked for leaf in _leaves(each)]
    return [model]


def _streams(model: Model[Any]) -> bool:
    """Return whether one model gives the same answer by a stream; a chain that is asked otherwise does not."""
    return not isinstance(innermost(model), FallbackModel) and can_stream(model) and not has_refused(model)
