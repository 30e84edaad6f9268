"""The hand on one agent run: it ends an output, passes words on, and asks `stop_if` and the budget."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import PartDeltaEvent, PartStartEvent

from progressnb.agents.hand_parts import complete_parts, is_output
from progressnb.agents.members import members
from progressnb.agents.offline import OfflineModel
from progressnb.errors import OutputCut, RunEndedError
from progressnb.tracking import current_run, internals
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from pydantic_ai.messages import AgentStreamEvent, ModelResponse
    from pydantic_ai.models import ModelRequestParameters, StreamedResponse
    from pydantic_ai.tools import RunContext

    from progressnb.agents.place import Place
    from progressnb.tracking import StageWork
    from progressnb.tracking.controls import Controls

__all__ = ["Hand"]

_GROWTH = 1.01
"""The factor by which an output grows before `stop_if` is asked again: each question reads the whole output."""

_LINE = 200


class Hand:
    """One agent run as the controls of its run see it: an `AtWork`.

    `cut` tells whether the output was ended by hand. `context` is the context of the agent run.
    """

    def __init__(self, place: Place, context: RunContext[Any]) -> None:
        self.cut = False
        self.writes = False
        self.fault: BaseException | None = None  # of validation, after the cut
        self._place = place
        self.context = context
        self._loop = asyncio.get_running_loop()
        self._limit: asyncio.Timeout | None = None
        self._streams: list[tuple[StreamedResponse, ModelRequestParameters]] = []
        self._cut_at: ModelResponse | None = None
        self._words: list[str] = []
        self._length = 0  # characters of the answer
        self._ask_at = 0.0  # the length at which `stop_if` is asked again
        self._tokens = 0

    @property
    def alone(self) -> bool:
        """Whether no other capability of the agent reads its stream."""
        readers = [each for each in members(self.context.root_capability) if _reads(each)]
        return len(readers) <= 1

    @property
    def stage(self) -> StageWork | None:
        """The stage that the agent reports into."""
        return internals(self._place.stage) if self._place.stage is not None else None

    @property
    def controls(self) -> Controls | None:
        """The controls of the run that the agent reports into."""
        if (stage := self.stage) is not None:
            return stage.controls
        run = current_run()
        return run.controls_of_run if run is not None else None

    # --- what people do, from any thread -------------------------------------------------------------

    @property
    def listens(self) -> bool:
        """Whether the agent has a queue for words, and a model that reads them."""
        return not self.cut and self.context.pending_messages is not None and not _has_rules(self.context.model)

    def hear(self, text: str) -> None:
        """Put a word into pydantic-ai's queue: the next request carries it."""
        try:
            word = self.context.enqueue(text)
        except UserError as error:
            raise RunEndedError("an agent at work", "one that has ended", "Say it earlier.") from error
        if word is not None:
            self._words.append(word)

    def end_output(self) -> None:
        """End the output that is being written."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if self.cut or not self.writes or self._limit is None:
            return
        self.cut = True
        self._cut_at = self.response()
        for word in self._words:  # what was said for the next request: there is none
            with suppress(UserError):
                self.context.dequeue(word)
        self._limit.reschedule(self._loop.time())

    # --- one request ---------------------------------------------------------------------------------

    def check(self) -> None:
        """Raise, before a request, where the output was ended or the budget is spent."""
        if self.cut:
            raise self.error()
        if (controls := self.controls) is not None:
            controls.check()

    @contextmanager
    def request(self, limit: asyncio.Timeout) -> Generator[None]:
        """Let a request be broken off by `limit` while the block lasts."""
        self._limit, self._tokens = limit, 0
        self.restart()
        try:
            yield
        finally:
            self._limit, self.writes = None, False

    def stream(self, response: StreamedResponse, parameters: ModelRequestParameters) -> None:
        """Take the stream of an answer, of which there may be several for one request."""
        self._streams.append((response, parameters))

    def restart(self) -> None:
        """Begin the answer of another model to the same request."""
        self._streams.clear()
        self._length, self._ask_at, self.writes = 0, 0.0, False

    def read(self, event: AgentStreamEvent, report: Callable[[AgentStreamEvent], None]) -> None:
        """Report an event of the stream, unless the output was ended, and look whether it shall end here."""
        if self.cut:
            return
        report(event)
        if self._limit is None or self._place.silent:
            return
        if isinstance(event, PartStartEvent) and self._streams:
            self.writes = self.writes or is_output(event.part, self._streams[-1][1])
        self._length += _length(event)
        self._ask_code()

    def _ask_code(self) -> None:
        if (stage := self.stage) is None:
            return
        controls = stage.controls
        if controls.counts and (tokens := sum(each.usage.total_tokens for each, _ in self._streams)) != self._tokens:
            self._tokens = tokens
            controls.expect(tokens)
        if not self.writes or not controls.watches:
            return
        if self._length >= self._ask_at and (partial := stage.partial) is not None:
            self._ask_at = self._length * _GROWTH
            if controls.wants_end(partial):
                controls.note("stop_if", "code", stage)
                self._end()

    # --- the end of an output ------------------------------------------------------------------------

    def response(self) -> ModelResponse:
        """Return the answer so far, with the usage so far."""
        last = self._streams[-1][0].get()
        parts = [part for stream, _ in self._streams for part in stream.get().parts]
        usage = reduce(add, (stream.usage for stream, _ in self._streams))
        return replace(last, parts=parts, usage=usage, state="complete", finish_reason="stop")

    def complete(self, response: ModelResponse) -> ModelResponse:
        """Return a response with what was complete where the output was ended; raise `OutputCut` for nothing."""
        parts = complete_parts(self._cut_at.parts, self._streams[-1][1]) if self._cut_at is not None else []
        if not parts:
            raise self.error()
        return replace(response, parts=parts)

    def error(self) -> OutputCut:
        """Return the error of an output that was ended and does not validate so far."""
        partial = self.stage.partial if self.stage is not None else None
        error = OutputCut(
            "an output that validates where it was ended",
            _complaint(self.fault) or "one that is not complete",
            "What was written is the error's partial.",
            partial=partial,
        )
        error.__cause__ = self.fault
        return error


def _reads(capability: object) -> bool:
    return bool(getattr(capability, "has_wrap_run_event_stream", False) or getattr(capability, "has_on_event", False))


def _has_rules(model: object) -> bool:
    # Fixed rules read no words.
    while not isinstance(model, OfflineModel) and (wrapped := getattr(model, "wrapped", None)) is not None:
        model = wrapped
    return isinstance(model, OfflineModel)


def _length(event: AgentStreamEvent) -> int:
    """Return the characters that an event adds to an answer."""
    if not isinstance(event, PartDeltaEvent):
        return 0
    added: object = getattr(event.delta, "content_delta", None) or getattr(event.delta, "args_delta", None)
    return len(added) if isinstance(added, str) else 0


def _complaint(error: BaseException | None) -> str:
    """Return the first fault that validation found, in words."""
    for _ in range(4):
        if error is None:
            break
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            return one_line(f"{place}: {first['msg']}" if place else first["msg"], _LINE)
        error = error.__cause__ or error.__context__
    return ""
