"""The writer of a stream's facts into a stage: the answer, the thinking, the calls of tools, tokens and cost."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, Any, Literal, cast

from progressnb.folds.facts import answer_end_text
from progressnb.interop.streams import hints
from progressnb.interop.streams.arguments import arguments_of_call, is_another_call
from progressnb.interop.streams.facts import Call, Failure, Finish, Message, Model, Text, Usage
from progressnb.interop.streams.parallel import Messages
from progressnb.interop.streams.prices import price
from progressnb.tracking import answer_end, begin_part, calling_text, internals, note_arguments
from progressnb.tracking.earlier import earlier_texts
from progressnb.tracking.written import OutputMeasure
from progressnb.wire.plain import clean_text, one_line

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from progressnb.interop.streams.facts import Fact
    from progressnb.interop.streams.request import Request
    from progressnb.tracking import AnswerEnd, StageHandle
    from progressnb.tracking.work import Work

__all__ = ["StreamWriter"]

NOT_ENDED = 0.9
"""The share of a stream's work that its answer can fill before the stream ends."""

FOR_ANSWER = 0.5
"""The share of a stream's work that tool calls leave to the answer."""

_USAGE_EVERY = 1.0  # seconds between reports of tokens that grow with every chunk
_PARTS = ("output", "thinking")
_NAME = 100  # characters of a tool's name
_TOLD = ("input_tokens", "output_tokens", "cost")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,40}")  # what else a server may send as a reason is none


class _Called:
    """A tool call that is being written."""

    def __init__(self, stage: StageHandle, call_id: str | None, name: str) -> None:
        self.stage = stage
        self.name = name
        self.id = call_id
        self.pieces: list[str] = []
        self.characters = 0
        self.whole: object = None


class StreamWriter:
    """Write the facts of one stream into its stage.

    Attributes:
        stage: The stage.
        model: The name of the model that answers, which its price is of; None before it is known.
        failure: The text of an error that came as a chunk, or None.
        tells_end: Whether the provider tells why an answer ends, as far as the shape of the chunks says.

    """

    def __init__(
        self, stage: StageHandle, work: Work, request: Request, expected_length: float | None, *, waited: float = 0.0
    ) -> None:
        self.stage = stage
        self.model = request.model
        self.failure: str | None = None
        self.tells_end = False
        self._ending: AnswerEnd | None = None
        self._others: dict[int, AnswerEnd] = {}  # the ends of further choices, by their number from 2
        self._key: Hashable = None  # of the message that is written
        self._answers: dict[tuple[Hashable, int], bool] = {}  # by message and choice: whether it ended
        self._work = work
        self._request = request
        self._expected_length = expected_length
        self._doing = ""
        self._began = internals(stage).clock.monotonic() - waited  # since its request
        self._tokens_came = False
        self._calls: dict[Hashable, _Called] = {}
        self._messages = Messages()
        # Parts that the text of an earlier message, or of an earlier stream in this stage, fills.
        self._stale: set[str] = set(internals(stage).outputs)
        self._is_again = bool(self._stale)
        self._measured: OutputMeasure | None = None
        self._used: dict[Hashable, dict[str, float]] = {}
        self._told: dict[str, float] = {}  # tokens and cost that events carry
        self._told_at = -math.inf
        work.reserve(FOR_ANSWER)
        internals(stage).awaits = "token"
        internals(stage).measure = self._measure

    def take(self, facts: Iterable[Fact]) -> None:
        """Write what one chunk tells."""
        for fact in facts:
            if isinstance(fact, Text):
                self._write(fact)
            elif isinstance(fact, Call):
                self._call(fact)
            elif isinstance(fact, Usage):
                self._count(fact)
            elif isinstance(fact, Model):
                self.model = one_line(clean_text(fact.name), _NAME)
            elif isinstance(fact, Message):
                self._begin_message(fact.key)
            elif isinstance(fact, Finish):
                self._end_answer(fact.reason, fact.choice)
            elif isinstance(fact, Failure):  # pyright: ignore[reportUnnecessaryIsInstance] # the last kind
                self.failure = one_line(clean_text(fact.message), 500)

    @property
    def outcome(self) -> str:
        """The end of an answer that is not whole, in words; else how to get its tokens, once; else an empty text."""
        ending = answer_end_text({"answer_end": self._ending, "answer_choices": self._choices()})
        return ending or ("" if self._used or not self._request.leaves_usage_out else hints.of_usage())

    def _choices(self) -> dict[str, object] | None:
        """Return how many answers a request got that asked for several, and which of the others are not whole."""
        numbers = {choice + 1 for key, choice in self._answers if key == self._key}
        if len(numbers) < 2:  # noqa: PLR2004 - one answer is the usual
            return None
        return {"count": len(numbers), "ends": {str(number): end for number, end in sorted(self._others.items())}}

    def end(self, *, well: bool) -> None:
        """Write what is left: open calls, tokens, and the whole share of a stream that was read to its end."""
        for called in list(self._calls.values()):
            self._end_call(called, well=well)
        self._calls.clear()
        self._tell_usage(priced=True)
        if well:
            if self._ending is None and self.tells_end and not (self._answers and all(self._answers.values())):
                self._ending = "unended"
            if self._ending is not None or self._is_again:
                internals(self.stage).carry(answer_end=self._ending)
            if (choices := self._choices()) is not None or self._is_again:
                internals(self.stage).carry(answer_choices=choices)
        else:
            self._measure()
        internals(self.stage).measure = None
        internals(self.stage).awaits = None
        if well:
            if "output" not in self._stale:
                earlier_texts.end(internals(self.stage))
            self._work.finish()

    # --- text --------------------------------------------------------------------------------------

    def _write(self, fact: Text) -> None:
        if not fact.delta:
            return
        self._first_token()
        self._tell("thinking" if fact.part == "thinking" else "writing")
        if fact.part == "refusal":
            self._note_end("refused", fact.choice)
        self._answers.setdefault((self._key, fact.choice), False)
        name = "thinking" if fact.part == "thinking" else "output"
        place = max(fact.choice, 0) or self._messages.place
        part = name if not place else f"{name} {place + 1}"
        self._messages.note(name, fact.delta)
        reset, is_answer = part in self._stale, fact.part == "output"
        self._stale.discard(part)
        if reset and part == "output":
            self._measured = None
        kind: Literal["text", "json"] = "json" if is_answer and self._request.is_json else "text"
        self.stage.write(fact.delta, part=part, kind=kind, reset=reset)

    def _begin_message(self, key: Hashable) -> None:
        if self._messages.begin(key):  # the last message of a stream is its answer
            self._stale.update(name for name in internals(self.stage).outputs if name in _PARTS)
            self._ending = None
            self._others.clear()
        self._key = key
        for name, whole in self._messages.moved():
            self.stage.write(whole, part=f"{name} {self._messages.place + 1}", reset=True)

    def _end_answer(self, reason: str, choice: int | None) -> None:
        for key in list(self._calls):
            if choice is None or _choice_of(key) == choice:
                self._end_call(self._calls.pop(key), well=True)
        ended = (self._key, choice or 0)
        self._answers[ended] = True
        if choice is None:
            self._answers.update((answer, True) for answer in self._answers if answer[0] == self._key)
        if not reason:
            return
        if _WORD.fullmatch(reason) and not choice:
            internals(self.stage).carry(finish_reason=reason)
        if (end := answer_end(reason)) is not None:
            self._note_end(end, choice)

    def _note_end(self, end: AnswerEnd, choice: int | None) -> None:
        if choice is not None and choice > 0:
            self._others[choice + 1] = end
        else:
            self._ending = end

    def _first_token(self) -> None:
        if not self._tokens_came:
            self._tokens_came = True
            internals(self.stage).awaits = None
            data: dict[str, Any] = {"model": self.model} if self.model else {}
            self.stage.update(first_token=internals(self.stage).clock.monotonic() - self._began, **data)

    def _tell(self, doing: str) -> None:
        if doing != self._doing:
            self._doing = doing
            self.stage.update(message=doing)

    def _measure(self) -> None:
        buffer = internals(self.stage).measured("output")
        if buffer is None or "output" in self._stale:
            return
        if self._expected_length:
            self._work.write_output(min(NOT_ENDED, len(buffer) / self._expected_length), is_measured=True)
            return
        if self._measured is None:
            expected = earlier_texts.expected(internals(self.stage), self._request.expected)
            self._measured = OutputMeasure(expected)
        before = min(1.0, self._work.output / NOT_ENDED)
        self._work.write_output(NOT_ENDED * self._measured.share(buffer, before))

    # --- tool calls --------------------------------------------------------------------------------

    def _call(self, call: Call) -> None:
        called = self._calls.get(call.key) if call.key is not None else None
        if called is not None and call.name and is_another_call(call, called.id, called.pieces):
            self._end_call(called, well=True)  # some servers give every call the same number
            called = None
        if called is None:
            if call.ended and call.name is None:
                return  # the end of something else
            called = self._begin_call(call)
        if call.delta:
            called.pieces.append(call.delta)
            called.characters += len(call.delta)
            called.stage.update(message=f"{called.characters:,} characters of arguments")
        if call.whole is not None:
            called.whole = call.whole
        if call.ended or call.key is None:
            self._calls.pop(call.key, None)
            self._end_call(called, well=True)

    def _begin_call(self, call: Call) -> _Called:
        # A model may make up a name, which is its text then.
        known = call.name if internals(self.stage).contents else None
        name = one_line(clean_text(known or ""), _NAME) or "tool"
        self._first_token()
        choice = _choice_of(call.key)
        self._answers.setdefault((self._key, choice if isinstance(choice, int) else 0), False)
        stage = begin_part(self.stage, name, title=name, work=self._work)
        called = _Called(stage, call.id, name)
        open_calls = [each.name for each in self._calls.values()]
        self._tell(calling_text([*open_calls, name]))
        stage.start("")
        if call.key is not None:
            self._calls[call.key] = called
        return called

    def _end_call(self, called: _Called, *, well: bool) -> None:
        arguments = arguments_of_call("".join(called.pieces), called.whole)
        if arguments is not None:
            note_arguments(called.stage, arguments)
        if called.stage.ended:
            return
        if well:
            called.stage.finish("")
        else:
            called.stage.cancel()

    # --- tokens and cost ---------------------------------------------------------------------------

    def _count(self, usage: Usage) -> None:
        used = self._used.setdefault(usage.key, {})
        if usage.input == usage.output == 0 and not usage.adds and used:
            return  # some servers end with a count of nothing
        amounts = (usage.input, usage.output, usage.cost, usage.cache_read, usage.cache_write)
        for name, amount in zip((*_TOLD, "cache_read", "cache_write"), amounts, strict=True):
            if amount is not None:  # most counts are of all so far
                used[name] = used.get(name, 0.0) + amount if usage.adds else amount
        now = time.monotonic()
        if now - self._told_at >= _USAGE_EVERY:
            self._told_at = now
            self._tell_usage()

    def _tell_usage(self, *, priced: bool = False) -> None:
        totals: dict[str, float] = {}
        for used in self._used.values():
            for name, amount in used.items():
                totals[name] = totals.get(name, 0.0) + amount
        if priced and "cost" not in totals and (cost := price(self.model, totals)) is not None:
            totals["cost"] = cost
        totals = {name: amount for name, amount in totals.items() if name in _TOLD}
        news = {name: amount - self._told.get(name, 0.0) for name, amount in totals.items()}
        if any(news.values()) or (totals and not self._told):
            self._told = totals
            internals(self.stage).add_usage(self.model, {name: _whole(amount) for name, amount in news.items()})


def _choice_of(key: Hashable) -> object:
    return cast("tuple[object, ...]", key)[0] if isinstance(key, tuple) else None


def _whole(amount: float) -> float:
    return int(amount) if amount == int(amount) else amount
