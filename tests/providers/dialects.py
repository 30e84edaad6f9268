"""What the three APIs send, event by event, in the shapes that their documentation and SDKs have."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.providers.server import Request

INPUT_TOKENS, OUTPUT_TOKENS = 1200, 340

KEY = "sk-wire-0123456789abcdefghij"
"""The key that the client has, and that nothing may show."""


@dataclass(frozen=True)
class Thinking:
    """What a model thinks."""

    text: str


@dataclass(frozen=True)
class Text:
    """What a model says."""

    text: str


@dataclass(frozen=True)
class Call:
    """A tool call. `arguments` is data, or text that may be no JSON."""

    arguments: Any
    name: str = "final_result"

    @property
    def json(self) -> str:
        """The arguments as they travel."""
        # Not escaped: characters of several bytes are to be cut.
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Refusal:
    """What a model says when it declines."""

    text: str


Part = Thinking | Text | Call | Refusal

_SIZES = (1, 5, 2, 17, 3, 29)


def cuts(text: str) -> Iterator[str]:
    """Cut a text at odd places."""
    at = 0
    for size in itertools.cycle(_SIZES):
        if at >= len(text):
            return
        yield text[at : at + size]
        at += size


def sse(data: dict[str, Any] | str, event: str | None = None) -> bytes:
    """Write one server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {event}\n" if event else "").encode() + f"data: {text}\n\n".encode()


class Dialect:
    """One API: how to name a model of it, and what its answers look like."""

    name: str
    provider: str
    model: str
    path: str
    base: str
    """What follows the server's address in the base URL."""
    variables: tuple[str, str]
    """The environment variables of the base URL and the key."""

    @property
    def model_name(self) -> str:
        """The model's own name."""
        return self.model.partition(":")[2]

    def events(self, *parts: Part) -> Iterator[bytes]:
        """Write the events of a whole answer."""
        raise NotImplementedError

    def stream(self, *parts: Part) -> bytes:
        """Write a whole answer."""
        return b"".join(self.events(*parts))

    def begun(self, part: Part, after: str) -> bytes:
        """Write an answer up to and with the event that completes the text `after` in its deltas."""
        written = b""
        for event in self.events(part):
            written += event
            if after in self.deltas(written):
                return written
        raise AssertionError(f"{after!r} does not come")

    def deltas(self, stream: bytes) -> str:
        """Join the deltas of a stream."""
        found: list[str] = []
        for line in stream.decode().splitlines():
            if line.startswith("data: {"):
                found.extend(self._texts(json.loads(line.removeprefix("data: "))))
        return "".join(found)

    def _texts(self, data: dict[str, Any]) -> Iterator[str]:
        raise NotImplementedError

    def error(self, status: int, message: str) -> bytes:
        """Write the body of an error response."""
        raise NotImplementedError

    def error_event(self, message: str) -> bytes:
        """Write an error inside a stream."""
        raise NotImplementedError

    def is_native(self, request: Request) -> bool:
        """Tell whether a request asks for JSON by a schema."""
        raise NotImplementedError


class Chat(Dialect):
    """OpenAI Chat Completions."""

    name = "openai-chat"
    provider = "openai"
    model = "openai-chat:gpt-4.1-mini"
    path = "/v1/chat/completions"
    base = "/v1"
    variables = ("OPENAI_BASE_URL", "OPENAI_API_KEY")

    def _chunk(self, delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {"id": "chatcmpl-C0ffee", "object": "chat.completion.chunk", "created": 1767225600}
        choices = [] if delta is None else [choice]
        fields = {"service_tier": "default", "system_fingerprint": "fp_7", "usage": None, **more}
        return sse({**chunk, "model": f"{self.model_name}-2025-04-14", **fields, "choices": choices})

    def events(self, *parts: Part) -> Iterator[bytes]:
        """Write the events of a whole answer."""
        yield self._chunk({"role": "assistant", "content": None, "refusal": None})
        calls = itertools.count()
        finish = "stop"
        for part in parts:
            if isinstance(part, Call):
                finish = "tool_calls"
                index = next(calls)
                function = {"name": part.name, "arguments": ""}
                # As servers that speak this dialect do, the calls of every answer are numbered anew.
                call = {"index": index, "id": f"call_{index}", "type": "function", "function": function}
                yield self._chunk({"tool_calls": [call]})
                for cut in cuts(part.json):
                    yield self._chunk({"tool_calls": [{"index": index, "function": {"arguments": cut}}]})
            else:
                # OpenAI's own Chat Completions have no reasoning; servers that speak its dialect do.
                kinds = {Thinking: "reasoning_content", Refusal: "refusal", Text: "content"}
                for cut in cuts(part.text):
                    yield self._chunk({kinds[type(part)]: cut})
        yield self._chunk({}, finish)
        yield self._chunk(None, usage=self._usage())
        yield sse("[DONE]")

    def _usage(self) -> dict[str, Any]:
        details = {"prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}
        total = INPUT_TOKENS + OUTPUT_TOKENS
        return {
            "prompt_tokens": INPUT_TOKENS,
            "completion_tokens": OUTPUT_TOKENS,
            "total_tokens": total,
            **details,
        }

    def _texts(self, data: dict[str, Any]) -> Iterator[str]:
        for choice in data["choices"]:
            delta = choice["delta"]
            yield delta.get("content") or ""
            for call in delta.get("tool_calls", ()):
                yield call["function"]["arguments"]

    def error(self, status: int, message: str) -> bytes:  # noqa: ARG002 - the body does not repeat it
        """Write the body of an error response."""
        return json.dumps({"error": {"message": message, "type": "server_error", "param": None, "code": None}}).encode()

    def error_event(self, message: str) -> bytes:
        """Write an error inside a stream."""
        return sse({"error": {"message": message, "type": "server_error", "param": None, "code": None}})

    def is_native(self, request: Request) -> bool:
        """Tell whether a request asks for JSON by a schema."""
        return bool(request.body.get("response_format", {}).get("type") == "json_schema")


class Responses(Dialect):
    """OpenAI Responses."""

    name = "openai-responses"
    provider = "openai"
    model = "openai:gpt-5-mini"
    path = "/v1/responses"
    base = "/v1"
    variables = ("OPENAI_BASE_URL", "OPENAI_API_KEY")

    def _response(self, status: str, output: list[Any], usage: Any = None, **more: Any) -> dict[str, Any]:
        return {
            "id": "resp_c0ffee",
            "object": "response",
            "created_at": 1767225600,
            "status": status,
            "model": f"{self.model_name}-2025-08-07",
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage,
            "error": None,
            "incomplete_details": None,
            "metadata": {},
            **more,
        }

    def events(self, *parts: Part) -> Iterator[bytes]:
        """Write the events of a whole answer."""
        number = itertools.count()

        def event(kind: str, **fields: Any) -> bytes:
            return sse({"type": f"response.{kind}", "sequence_number": next(number), **fields}, f"response.{kind}")

        yield event("created", response=self._response("in_progress", []))
        yield event("in_progress", response=self._response("in_progress", []))
        output: list[dict[str, Any]] = []
        for index, part in enumerate(parts):
            item, where = self._item(index, part), {"item_id": f"item_{index}", "output_index": index}
            yield event("output_item.added", output_index=index, item={**item, "status": "in_progress"})
            if isinstance(part, Call):
                for cut in cuts(part.json):
                    yield event("function_call_arguments.delta", delta=cut, **where)
                yield event("function_call_arguments.done", arguments=part.json, name=part.name, **where)
                item["arguments"] = part.json
            elif isinstance(part, Thinking):
                where["summary_index"] = 0
                empty = {"type": "summary_text", "text": ""}
                yield event("reasoning_summary_part.added", part=empty, **where)
                for cut in cuts(part.text):
                    yield event("reasoning_summary_text.delta", delta=cut, **where)
                whole = {"type": "summary_text", "text": part.text}
                yield event("reasoning_summary_text.done", text=part.text, **where)
                yield event("reasoning_summary_part.done", part=whole, **where)
                item["summary"] = [whole]
            else:
                where["content_index"] = 0
                kind, key = ("refusal", "refusal") if isinstance(part, Refusal) else ("output_text", "text")
                content = {"type": kind, key: "", **({} if kind == "refusal" else {"annotations": []})}
                yield event("content_part.added", part=content, **where)
                more: dict[str, Any] = {} if kind == "refusal" else {"logprobs": []}
                for cut in cuts(part.text):
                    yield event(f"{kind}.delta", delta=cut, **where, **more)
                yield event(f"{kind}.done", **{key: part.text}, **where, **more)
                item["content"] = [{**content, key: part.text}]
                yield event("content_part.done", part=item["content"][0], **where)
            output.append({**item, "status": "completed"})
            yield event("output_item.done", output_index=index, item=output[-1])
        usage = {
            "input_tokens": INPUT_TOKENS,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": OUTPUT_TOKENS,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        }
        yield event("completed", response=self._response("completed", output, usage))

    @staticmethod
    def _item(index: int, part: Part) -> dict[str, Any]:
        item: dict[str, Any] = {"id": f"item_{index}"}
        if isinstance(part, Call):
            return {**item, "type": "function_call", "call_id": f"call_{index}", "name": part.name, "arguments": ""}
        if isinstance(part, Thinking):
            return {**item, "type": "reasoning", "summary": []}
        return {**item, "type": "message", "role": "assistant", "content": []}

    def _texts(self, data: dict[str, Any]) -> Iterator[str]:
        if data["type"].endswith((".delta",)):
            yield data["delta"]

    def error(self, status: int, message: str) -> bytes:  # noqa: ARG002 - the body does not repeat it
        """Write the body of an error response."""
        return json.dumps({"error": {"message": message, "type": "server_error", "param": None, "code": None}}).encode()

    def error_event(self, message: str) -> bytes:
        """Write an error inside a stream."""
        failed = self._response("failed", [], error={"code": "server_error", "message": message})
        return sse({"type": "response.failed", "sequence_number": 99, "response": failed}, "response.failed")

    def is_native(self, request: Request) -> bool:
        """Tell whether a request asks for JSON by a schema."""
        return bool(request.body.get("text", {}).get("format", {}).get("type") == "json_schema")


class Messages(Dialect):
    """Anthropic Messages."""

    name = "anthropic"
    provider = "anthropic"
    model = "anthropic:claude-sonnet-4-6"
    path = "/v1/messages"
    base = ""
    variables = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY")

    @staticmethod
    def _event(kind: str, **fields: Any) -> bytes:
        return sse({"type": kind, **fields}, kind)

    def events(self, *parts: Part) -> Iterator[bytes]:
        """Write the events of a whole answer."""
        event = self._event
        nothing = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        usage = {"input_tokens": INPUT_TOKENS, "output_tokens": 1, **nothing, "service_tier": "standard"}
        message = {"id": "msg_c0ffee", "type": "message", "role": "assistant", "model": f"{self.model_name}"}
        rest: dict[str, Any] = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        yield event("message_start", message={**message, **rest})
        yield event("ping")
        reason = "end_turn"
        for index, part in enumerate(part for part in parts if not isinstance(part, Refusal)):
            block, deltas = self._block(index, part)
            yield event("content_block_start", index=index, content_block=block)
            for delta in deltas:
                yield event("content_block_delta", index=index, delta=delta)
            yield event("content_block_stop", index=index)
            reason = "tool_use" if isinstance(part, Call) else reason
        refusals = [part.text for part in parts if isinstance(part, Refusal)]
        details = {"type": "refusal", "category": None, "explanation": refusals[0]} if refusals else None
        delta = {"stop_reason": "refusal" if refusals else reason, "stop_sequence": None, "stop_details": details}
        yield event("message_delta", delta=delta, usage={"output_tokens": OUTPUT_TOKENS})
        yield event("message_stop")

    @staticmethod
    def _block(index: int, part: Part) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if isinstance(part, Call):
            block = {"type": "tool_use", "id": f"toolu_{index}", "name": part.name, "input": {}}
            texts = ["", *cuts(part.json)]
            return block, [{"type": "input_json_delta", "partial_json": text} for text in texts]
        if isinstance(part, Thinking):
            deltas = [{"type": "thinking_delta", "thinking": text} for text in cuts(part.text)]
            signature = {"type": "signature_delta", "signature": "c2lnbmF0dXJl"}
            return {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, signature]
        return {"type": "text", "text": ""}, [{"type": "text_delta", "text": text} for text in cuts(part.text)]

    def _texts(self, data: dict[str, Any]) -> Iterator[str]:
        delta = data.get("delta", {})
        yield delta.get("partial_json") or delta.get("text") or ""

    def error(self, status: int, message: str) -> bytes:
        """Write the body of an error response."""
        kind = {429: "rate_limit_error", 529: "overloaded_error", 401: "authentication_error"}.get(status, "api_error")
        error = {"type": kind, "message": message}
        return json.dumps({"type": "error", "error": error, "request_id": "req_c0ffee"}).encode()

    def error_event(self, message: str) -> bytes:
        """Write an error inside a stream."""
        return self._event("error", error={"type": "overloaded_error", "message": message}, request_id="req_c0ffee")

    def is_native(self, request: Request) -> bool:
        """Tell whether a request asks for JSON by a schema."""
        formats = (request.body.get("output_format"), request.body.get("output_config", {}).get("format"))
        return any(form and form.get("type") == "json_schema" for form in formats)


DIALECTS: tuple[Dialect, ...] = (Chat(), Responses(), Messages())
