"""The request behind a stream, as far as the stream shows it: the model, the question, the length of the answer."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from progressnb.execution.subject import subject_of
from progressnb.interop.streams.facts import get, items, text
from progressnb.tracking.expected import CHARACTERS_OF_A_TOKEN, Expected

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Request", "request_of"]

_BODY_LIMIT = 2_000_000  # bytes of a request that is read; a larger one has images or documents in it
_TOKENS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
_CHAT = "/chat/completions"  # the one kind of request that must ask for its tokens
_JSON = ("json_schema", "json_object")


class Request(NamedTuple):
    """A request as far as it is known: the model's name, the last question, the answer's form and greatest length.

    `limit` is in characters. `leaves_usage_out` says that it is one of chat completions without
    `stream_options={"include_usage": True}`.
    """

    model: str | None = None
    prompt: str | None = None
    limit: float = math.inf
    schema: Mapping[str, Any] | None = None
    is_json: bool = False
    leaves_usage_out: bool = False

    @property
    def subject(self) -> str | None:
        """The first words of the question."""
        return subject_of({"prompt": self.prompt}) if self.prompt else None

    @property
    def expected(self) -> Expected:
        """The expected length of the answer."""
        return (Expected.of(self.schema) if self.schema else Expected()).at_most(self.limit)


def request_of(stream: object) -> Request:
    """Read the request of a stream from its HTTP response, or from the arguments of a generator; nothing is raised."""
    try:
        return _from_body(stream) or _from_locals(stream) or Request(model=_name(stream))
    except Exception:  # noqa: BLE001 - a guess at what others hold
        return Request()


def _from_body(stream: object) -> Request | None:
    request = get(get(stream, "response", "_response"), "request")
    content = get(request, "content")
    if not isinstance(content, bytes) or len(content) > _BODY_LIMIT:
        return None
    body = json.loads(content)
    if not isinstance(body, dict):
        return None
    body = cast("dict[str, Any]", body)
    form = get(body, "response_format") or get(get(body, "text"), "format") or get(get(body, "output_config"), "format")
    schema = get(get(form, "json_schema"), "schema") or get(form, "schema")
    return Request(
        text(body.get("model")) or None,
        _prompt(body),
        _limit(body),
        cast("Mapping[str, Any]", schema) if isinstance(schema, dict) else None,
        get(form, "type") in _JSON,
        str(get(request, "url")).partition("?")[0].endswith(_CHAT)
        and not get(body.get("stream_options"), "include_usage"),
    )


def _from_locals(stream: object) -> Request | None:
    """Read the arguments of a generator function that has not begun, such as google-genai's and LangChain's."""
    frame = get(stream, "gi_frame", "ag_frame")
    if frame is None:
        return None
    names = dict(frame.f_locals)
    model = text(names.get("model")) or _name(names.get("self"))
    prompt = names.get("contents") or names.get("input")
    if not model and not isinstance(prompt, str):
        return None
    return Request(model, text(prompt) or None, _limit(names.get("config")))


def _name(source: object) -> str | None:
    return next((name for each in ("model_name", "model", "model_id") if (name := text(get(source, each)))), None)


def _limit(settings: object) -> float:
    for source in (settings, get(settings, "generationConfig")):
        tokens = get(source, *_TOKENS)
        if isinstance(tokens, int) and not isinstance(tokens, bool) and tokens > 0:
            return CHARACTERS_OF_A_TOKEN * tokens
    return math.inf


def _prompt(body: Mapping[str, Any]) -> str | None:
    """Return the text of the last message of the user."""
    asked = body.get("messages") or body.get("input") or body.get("contents") or body.get("prompt")
    if isinstance(asked, str):
        return asked
    for message in reversed(items(asked)):
        if get(message, "role") not in ("user", None):
            continue
        content = get(message, "content", "parts")
        if isinstance(content, str):
            return content
        if parts := [found for part in items(content) if (found := text(get(part, "text")))]:
            return "\n".join(parts)
    return None
