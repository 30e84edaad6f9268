"""The names and attributes of spans: those of the semantic conventions for generative AI, and `progressnb.…`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from progressnb.folds.shapes import is_number
from progressnb.folds.texts import brief
from progressnb.wire.plain import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from progressnb.folds.state import RunState, StageState

__all__ = ["SCOPE", "bounded", "run_attributes", "run_name", "stage_attributes", "stage_name"]

SCOPE = "progressnb"
"""The name of our own instrumentation."""

LONGEST = 100_000
"""The most characters of a text in a span: a collector refuses all spans that come with one of megabytes."""

_NAME = 200  # characters of the name of a span

OPERATION = "gen_ai.operation.name"

_USAGE = {"input_tokens": "usage.input_tokens", "output_tokens": "usage.output_tokens"}
_FACTS = {"attempt": "progressnb.attempt", "source": "progressnb.source", "waiting_for": "progressnb.waiting_for"}


def run_name(state: RunState) -> str:
    """Return the name of a run's span."""
    return f"invoke_workflow {state.operation}"


def stage_name(stage: StageState) -> str:
    """Return the name of a stage's span, by what is known of the stage so far."""
    kind = _kind(stage)
    if kind == "chat":
        return brief(f"chat {stage.data['model']}" if isinstance(stage.data.get("model"), str) else "chat", _NAME)
    return brief(f"{kind} {stage.name}" if kind is not None else stage.name, _NAME)


def run_attributes(state: RunState, *, contents: bool) -> dict[str, Any]:
    """Return the attributes of a run's span. Its tokens have names of their own: they are those of its stages."""
    found: dict[str, Any] = {
        OPERATION: "invoke_workflow",
        "gen_ai.workflow.name": state.operation,
        "gen_ai.request.model": state.model,
        "progressnb.run_id": state.run_id,
        "progressnb.status": state.status,
        "progressnb.percent": state.overall_progress,
        "progressnb.resumed_from": state.resumed_from,
        "error.type": state.error_type,
        **_usage(state.usage, "gen_ai.aggregated_usage", "progressnb.aggregated_cost"),
    }
    if contents:
        found |= {
            "progressnb.title": state.title,
            "progressnb.subject": state.subject,
            "progressnb.result": None if state.result is None else _text(state.result),
        }
    return _known(found)


def stage_attributes(stage: StageState, *, contents: bool, mirrors: bool = False) -> dict[str, Any]:
    """Return the attributes of a stage's span. `mirrors` says that the spans of another run have its tokens."""
    kind, data = _kind(stage), stage.data
    prefix, cost = ("gen_ai.usage", "operation.cost")
    if mirrors:
        prefix, cost = ("gen_ai.aggregated_usage", "progressnb.aggregated_cost")
    model = data.get("model")
    found: dict[str, Any] = {
        OPERATION: kind,
        "gen_ai.tool.name": stage.name if kind == "execute_tool" else None,
        "gen_ai.agent.name": stage.name if kind == "invoke_agent" else None,
        "gen_ai.request.model": model if isinstance(model, str) else None,
        "gen_ai.response.time_to_first_chunk": _number(data.get("first_token")),
        "progressnb.stage": stage.path,
        "progressnb.status": stage.status,
        "progressnb.percent": stage.percent,
        **({} if data.get("traced") else _usage(data, prefix, cost)),  # else the spans of pydantic-ai have it
        **{name: data[key] for key, name in _FACTS.items() if isinstance(data.get(key), str | int)},
    }
    if contents:
        found |= {
            "progressnb.message": stage.message,
            "gen_ai.tool.call.arguments": _text(data["arguments"]) if "arguments" in data else None,
            "gen_ai.tool.call.result": _text(data["result"]) if "result" in data else None,
            "gen_ai.output.messages": _messages(stage),
        }
    return _known(found)


def _kind(stage: StageState) -> str | None:
    """Return the operation that a stage is: with a model it is a request or an agent, with arguments a tool."""
    data = stage.data
    if isinstance(data.get("model"), str) or any(key in data for key in _USAGE):
        return "invoke_agent" if stage.children else "chat"
    if "arguments" in data or "result" in data:
        return "execute_tool"
    return None


def _messages(stage: StageState) -> str | None:
    text = stage.output.text if stage.output is not None else None
    return None if not text else _text([{"role": "assistant", "parts": [{"type": "text", "content": text}]}])


def _usage(data: Mapping[str, Any], prefix: str, cost: str) -> dict[str, Any]:
    names = {key: f"{prefix}.{name.removeprefix('usage.')}" for key, name in _USAGE.items()} | {"cost": cost}
    return {name: value for key, name in names.items() if (value := _number(data.get(key))) is not None}


def _number(value: object) -> Any:  # noqa: ANN401 - a number or None
    return value if is_number(value) else None


def _text(value: object) -> str:
    return to_json(value, fallback=str).decode()


def _known(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: bounded(value) for name, value in found.items() if value is not None}


def bounded(value: Any) -> Any:  # noqa: ANN401 - a number stays, a text is cut
    """Return a value of a span, of which a long text ends with "…"."""
    return shorten(value, LONGEST) if isinstance(value, str) else value
