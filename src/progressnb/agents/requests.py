"""The model requests of one agent run: attempts, time to the first token, tokens and cost."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from progressnb.tracking import answer_end, internals

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import ModelRequestContext
    from pydantic_ai.tools import RunContext
    from pydantic_ai.usage import RunUsage

    from progressnb.tracking import StageHandle

__all__ = ["Requests"]

_TELL_ENDS = frozenset(
    {"alibaba", "anthropic", "azure", "bedrock", "cerebras", "deepseek", "fireworks", "github", "google"}
    | {"google-cloud", "groq", "huggingface", "litellm", "mistral", "moonshotai", "ollama", "openai", "openrouter"}
    | {"together", "vllm"}
)
"""Providers whose streams end with a reason, which pydantic-ai keeps: one without it may be cut."""

_WHOLE = "its answer may come as a whole"  # whoever runs the agent may stream it


class Requests:
    """Count and measure the model requests of one agent run.

    `streamed` tells whether the answer to the latest request has begun to arrive as a stream. `attempt` ends the
    messages of a further attempt, such as ", attempt 2 of 3", and is empty for the first.
    """

    def __init__(self) -> None:
        self.streamed = False
        self.attempt = ""
        self._retry = 0
        self._sent: float | None = None  # on the stage's clock, in seconds
        self._counts = True
        self._tokens_came = False
        self._is_whole = True  # the answer before
        self._before: RunUsage | None = None  # the usage before the request that is under way

    def begin(self, ctx: RunContext[Any], request_context: ModelRequestContext) -> tuple[int, int] | None:
        """Begin a request; for a further attempt return its number and the number of attempts allowed."""
        self.streamed, self._sent, self._before = False, None, copy(ctx.usage)
        self._counts = _counts_tokens(request_context.model)
        again, self._retry = ctx.retry > self._retry, ctx.retry
        if not again:
            return None
        number = ctx.retry + 1
        allowed = max(ctx.retry, _retry_limit(ctx, request_context)) + 1
        self.attempt = f", attempt {number} of {allowed}"
        return number, allowed

    def wait(self, stage: StageHandle, *, whole: bool) -> None:
        """Let a stage know that it waits for a token from now on; `whole` says that nobody asked for a stream."""
        self._sent = internals(stage).clock.monotonic()
        internals(stage).awaits = "token"
        if whole and not internals(stage).message:
            stage.update(message=_WHOLE)

    def first_token(self, stage: StageHandle) -> None:
        """Report the time to the first token of the run, in seconds, once."""
        if self._sent is not None and not self._tokens_came:
            self._tokens_came = True
            facts: dict[str, Any] = {} if self._counts else {"counts_tokens": False}
            stage.update(first_token=internals(stage).clock.monotonic() - self._sent, **facts)

    def end(self, stage: StageHandle, request_context: ModelRequestContext, response: ModelResponse) -> None:
        """Report the tokens and the cost of a response."""
        self._before = None
        if internals(stage).message == _WHOLE:
            stage.update(message="")
        self._tell_end(stage, response)
        if _counts_tokens(request_context.model):
            usage = response.usage
            stage.add_usage(
                response.model_name,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cost=_cost(response),
            )

    def _tell_end(self, stage: StageHandle, response: ModelResponse) -> None:
        """Report how the answer ended, where it is not whole, or where the one before was not."""
        # The provider's own word says more than the one of pydantic-ai, which does not know all of them.
        details = response.provider_details or {}
        told = "refusal" if details.get("refusal") else details.get("finish_reason")
        reasons = [each for each in (told, response.finish_reason) if isinstance(each, str)]
        end = next((found for each in reasons if (found := answer_end(each))), None)
        if end is None and told is None and self.streamed and response.provider_name in _TELL_ENDS:
            end = "unended"
        if end is not None or not self._is_whole:
            internals(stage).carry(answer_end=end)
        self._is_whole = end is None

    def leave(self) -> None:
        """End a request whose stage ended before it."""
        self._before = None

    def usage_of_cut_request(self, ctx: RunContext[Any]) -> dict[str, float | None] | None:
        """Return the tokens and the cost of a request that broke off; None where they are unknown.

        Some providers report them as the answer begins.
        """
        before, used = self._before, ctx.usage
        if before is None or not _counts_tokens(ctx.model):
            return None
        # Agents may share one count of usage. With a second request in it, nobody knows which one used the tokens.
        if used.requests - before.requests > 1:
            return None
        read, written = used.input_tokens - before.input_tokens, used.output_tokens - before.output_tokens
        if not read and not written:
            return None
        cost = None if used.cost is None else float(used.cost - (before.cost or 0))
        return {"input_tokens": read, "output_tokens": written, "cost": cost}


def _counts_tokens(model: object) -> bool:
    # `OfflineModel` says False: rules use no tokens.
    return bool(getattr(model, "reports_usage", True))


def _retry_limit(ctx: RunContext[Any], request_context: ModelRequestContext) -> int:
    """Return how many further attempts are allowed.

    The context has the limit of the tools. The limit of the output is in the message that asks the model to try again.
    """
    outputs = {None, *(tool.name for tool in request_context.model_request_parameters.output_tools)}
    retries = [
        getattr(part, "retry", None)
        for part in request_context.messages[-1].parts
        if getattr(part, "tool_name", None) in outputs
    ]
    return next((retry.max_retries for retry in retries if retry and retry.max_retries is not None), ctx.max_retries)


def _cost(response: ModelResponse) -> float | None:
    if response.model_name is None:
        return None
    try:
        return float(response.cost().total_price)
    except (LookupError, ValueError):  # the price or the usage is unknown
        return None
