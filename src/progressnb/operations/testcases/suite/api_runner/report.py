"""The text of a failure: what was expected and why, what came, and the commands that show it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .plain import cut
from .sending import Message, curl, has_secret

if TYPE_CHECKING:
    import httpx

    from .answers import Mismatch

__all__ = ["Report"]


class Report:
    """The requests of a case and their answers, step by step."""

    def __init__(self, case: dict[str, Any], seed: str) -> None:
        """Begin with nothing."""
        self._case = case
        self._seed = seed
        self._sent: list[tuple[Message, Message, dict[str, str]]] = []
        self._answers: list[httpx.Response] = []

    def add(self, made: Message, shown: Message, step: dict[str, Any]) -> None:
        """Add a request, and the same with variables for what is kept and secret."""
        self._sent.append((made, shown, step.get("save", {})))

    def answered(self, response: httpx.Response) -> None:
        """Add the answer to the last request."""
        self._answers.append(response)

    def forget(self, at: int) -> None:
        """Forget a request that was answered, such as -1 for the last one."""
        del self._sent[at], self._answers[at]

    def text(self, number: int, error: Mismatch) -> str:
        """Return the text of a failure at a step."""
        case, steps = self._case, self._case["steps"]
        setup = steps[number].get("setup", False)
        lines = [f"{case['name']}  [{case['endpoint']}]"]
        if case.get("source") == "model" and number < len(steps) - 1:
            lines.append(f"step       {number + 1} of {len(steps)}: {steps[number]['request']['endpoint']}")
        elif setup:
            lines.append(f"set-up     failed: {steps[number]['request']['endpoint']} creates what this case needs")
        lines += [f"expected   {error.expected}", f"because    {error.why or case['why']}", f"got        {error.got}"]
        if self._sent:
            made, shown, _ = self._sent[-1]
            lines.append(f"request    {made.method} {shown.url if has_secret(shown.url) else made.url}")
        if self._sent and len(self._answers) == len(self._sent):
            response = self._answers[-1]
            kind = response.headers.get("content-type", "no content type")
            lines.append(f"answer     {response.status_code} {response.reason_phrase}, {kind}".rstrip())
            if "location" in response.headers:
                lines.append(f"           Location: {cut(response.headers['location'], 200)}")
            lines += [f"           {line}" for line in _readable(response).splitlines()]
        lines.append("again")
        for at, (_, shown, saved) in enumerate(self._sent):
            lines += [f"  {line}" for line in curl(shown, saved, last=at == len(self._sent) - 1).splitlines()]
        lines.append(f"seed       API_SEED={self._seed}")
        return "\n".join(lines)


def _readable(response: httpx.Response) -> str:
    """Return a body for people: JSON with its lines, anything else cut."""
    if not response.content:
        return "(no body)"
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return cut(response.text)
    flat = json.dumps(body, ensure_ascii=False)
    return flat if len(flat) <= 100 else cut(json.dumps(body, ensure_ascii=False, indent=2), 1_000)  # noqa: PLR2004
