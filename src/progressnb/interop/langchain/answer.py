"""The answer of one request to a model of LangChain, written into a stage while it comes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from progressnb.interop.langchain.parts import SUBJECT, block_texts, texts_of
from progressnb.interop.loose import get, items_of, mapping_of
from progressnb.tracking import answer_end, internals
from progressnb.tracking.earlier import earlier_texts
from progressnb.tracking.expected import CHARACTERS_OF_A_TOKEN, Expected
from progressnb.tracking.written import OutputMeasure
from progressnb.wire.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from progressnb.tracking import StageHandle

__all__ = ["Answer"]

NOT_ENDED = 0.9
"""The share of a request's work that its answer can fill before its end."""


_DOING = ("thinking", "writing")  # messages while an answer comes


class Answer:
    """The answer of one request to a model, written into a stage.

    `structured` says that the arguments of a call are the output. `shared` is a stage that others write too.
    """

    def __init__(
        self,
        stage: StageHandle,
        model: str | None,
        *,
        structured: bool,
        shared: bool,
        max_tokens: object = None,
    ) -> None:
        self.stage = stage
        self._model = model
        self._structured = structured
        limit = CHARACTERS_OF_A_TOKEN * max_tokens if isinstance(max_tokens, int) and max_tokens > 0 else math.inf
        self._measured = OutputMeasure(earlier_texts.expected(internals(stage), Expected().at_most(limit)))
        if not shared:
            internals(stage).measure = self._measure
        self._begun: set[str] = set()
        self._sent = internals(stage).clock.monotonic()
        self._counted = False

    def wait(self) -> None:
        """Let the stage know that it waits for a token."""
        internals(self.stage).awaits = "token"
        if self._model is not None:
            internals(self.stage).carry(model=self._model)

    def add(self, message: object, token: object) -> None:
        """Write a chunk: that of a chat model is a message."""
        if message is None:
            self._write("output", token if isinstance(token, str) else "")
            return
        for part, text in texts_of(message):
            self._write(part, text)
        for call in items_of(get(message, "tool_call_chunks")):
            self._call(mapping_of(call))

    def add_event(self, event: Mapping[str, Any]) -> None:
        """Write what an event of a stream brings."""
        delta = mapping_of(event.get("delta"))
        if event.get("event") != "content-block-delta":
            return
        self._call({"name": mapping_of(delta.get("fields")).get("name")})  # arguments come again and again as a whole
        for part, text in block_texts(delta):
            self._write(part, text)

    def end(self, response: object) -> object:
        """Report the tokens, and the whole answer if no chunk came; return the message or the text."""
        internals(self.stage).awaits = internals(self.stage).measure = None
        if self._begun:
            earlier_texts.end(internals(self.stage))
        several = items_of(next(iter(items_of(get(response, "generations"))), None))
        first = several[0] if several else None
        message = get(first, "message")
        if not self._counted and not self._begun:
            self._counted = True  # the whole answer came at once: no token was the first
            internals(self.stage).carry(came_whole=True)
            self.add(message, get(first, "text"))
        if self._structured and "output" not in self._begun and (calls := items_of(get(message, "tool_calls"))):
            self._write("output", to_json(mapping_of(calls[0]).get("args"), fallback=str).decode(), "json")
        self._tell_end(first, message)
        self._usage([get(each, "message") for each in several], mapping_of(get(response, "llm_output")))
        if internals(self.stage).message in _DOING:
            self.stage.update(message="")  # it does so no longer
        return message if message is not None else get(first, "text")

    def _tell_end(self, generation: object, message: object) -> None:
        """Report how the answer ended, where it is not whole."""
        about = mapping_of(get(message, "response_metadata"))
        known = {**mapping_of(get(generation, "generation_info")), **about}
        reasons = (known.get(name) for name in ("finish_reason", "stop_reason", "done_reason"))
        reason = next((each for each in reasons if isinstance(each, str) and each), None)
        end = answer_end(reason or "")
        if reason is None and self._begun and about.get("model_provider") and known.get("status") != "completed":
            end = "unended"
        if end is not None:
            internals(self.stage).carry(answer_end=end)

    def _write(self, part: str, text: str, kind: Any = "text") -> None:  # noqa: ANN401 - "text" or "json"
        if not text:
            return
        stage = self.stage
        if not self._begun:
            stage.update(message="thinking" if part == "thinking" else "writing")
            self._first_token()
        reset = part not in self._begun and bool(internals(stage).outputs.get(part))
        self._begun.add(part)
        stage.write(text, part=part, kind=kind, reset=reset)

    def _measure(self) -> None:
        """Bring the percent up to date, by what such an answer lets expect."""
        work = internals(self.stage).work
        if (buffer := internals(self.stage).measured("output")) is not None:
            work.write_output(NOT_ENDED * self._measured.share(buffer, min(1.0, work.output / NOT_ENDED)))

    def _first_token(self) -> None:
        if not self._counted:
            self._counted = True
            self.stage.update(first_token=internals(self.stage).clock.monotonic() - self._sent)

    def _call(self, call: Mapping[str, Any]) -> None:
        if isinstance(name := call.get("name"), str) and name:
            self._first_token()
            # A model may make up a name, which is its text then.
            name = one_line(name, SUBJECT) if internals(self.stage).contents else "a tool"
            self.stage.update(message="writing" if self._structured else f"calling {name}")
        if self._structured and isinstance(arguments := call.get("args"), str):
            self._write("output", arguments, "json")

    def _usage(self, messages: Sequence[object], known: Mapping[str, Any]) -> None:
        # Providers repeat the usage of the request in each of several answers.
        used = next((usage for each in messages if (usage := mapping_of(get(each, "usage_metadata")))), None)
        about = mapping_of(get(messages[0], "response_metadata")) if messages else {}
        if used is None:
            counts = mapping_of(known.get("token_usage") or known.get("usage"))
            used = {"input_tokens": counts.get("prompt_tokens"), "output_tokens": counts.get("completion_tokens")}
        names = (about.get("model_name"), about.get("model"), known.get("model_name"), self._model)
        model = next((name for name in names if isinstance(name, str) and name), None)
        counted = {key: used.get(key) for key in ("input_tokens", "output_tokens")}
        amounts = {key: count for key, count in counted.items() if isinstance(count, int) and count >= 0}
        if amounts or model:
            self.stage.add_usage(model, **amounts)
