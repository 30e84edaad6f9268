"""Facts of a run in words: what it costs, which model it asks, for whom it waits, and what somebody did to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from progressnb.folds.shapes import is_dict, is_number
from progressnb.folds.spans import waited_seconds
from progressnb.folds.texts import brief, count_text
from progressnb.folds.words import duration_text, still_seconds
from progressnb.wire.paths import encode_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from progressnb.folds.state import RunState, StageState

__all__ = [
    "APPROVAL",
    "DECISIONS",
    "ENDINGS",
    "LEFT",
    "act_text",
    "answer_end_text",
    "choices_text",
    "cost_text",
    "decision",
    "decision_text",
    "early_text",
    "ending_text",
    "error_text",
    "finish_text",
    "is_counted",
    "is_cut",
    "is_left",
    "is_lost",
    "limit_text",
    "look_of",
    "model_text",
    "place_text",
    "stall_text",
    "tokens_text",
    "usage_facts",
    "usage_text",
    "used_by",
    "waiting_text",
    "wants_approval",
]

APPROVAL = "waiting for approval"
"""The words for a call that somebody must approve or deny."""

_DEAREST = 1e12
_CENTS_BELOW = 100
_TENTH = 0.1
_ROUND = 10  # tokens
_TOKENS = frozenset({"input_tokens", "output_tokens"})
_SAID_LIMIT = 200  # characters of what somebody said
_TITLE_LIMIT = 80
_ACTS = {
    "enough": "ended early",
    "stop_if": "ended early by stop_if",
    "say": "told",
    "approve": "approved",
    "deny": "denied",
    "budget": "over budget",
}
DECISIONS = {kind: _ACTS[kind] for kind in ("approve", "deny")}
"""The words for what somebody decided about a call that asked."""

_LIMITS = ("cost", "tokens", "seconds")
_BY = {"panel": " in the panel", "page": " on the page"}


LEFT = "stopped reading"
"""The words for the end of a stream whose reader has left the loop."""

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_EARLY = {"enough": "ended early", "stop_if": "ended early by stop_if", "budget": "ended early: its budget"}


ENDINGS = {
    "unended": "ended without a finish reason: it may be cut",
    "limit": "cut at its limit of tokens",
    "filter": "stopped by a filter",
    "refused": "refused",
    "broken": "broken off by the provider",
}
"""The words for an answer of a model that is not whole, by `data.answer_end`."""


def ending_text(state: RunState) -> str:
    """Return why a run's end is not that of whole work: it was ended early, an answer is not whole, a stage failed."""
    if is_lost(state):
        return "the server went away, how the run ended is unknown"
    return early_text(state) or _of_outputs(state, answer_end_text, "answers are not whole") or _failed_text(state)


def _failed_text(state: RunState) -> str:
    """Return how many of the stages at the top failed, of a run that finished all the same."""
    failed = sum(stage.status == "failed" for stage in state.stages)
    return (
        f"{failed:,} of {count_text(len(state.stages), 'stage')} failed"
        if failed and state.status == "finished"
        else ""
    )


def is_lost(state: RunState) -> bool:
    """Return whether a run elsewhere began, and nobody could read how it ended: its server went away."""
    return state.status == "failed" and state.error_data.get("end_unknown") is True


def answer_end_text(data: Mapping[str, object]) -> str:
    """Return how the answer of a stage with these data ended, where it is not whole: "cut at its limit of tokens".

    Of several answers to one request the first is the stage's; another one is named: "answer 2: cut at its limit".
    """
    end = data.get("answer_end")
    if isinstance(end, str) and end in ENDINGS:
        return ENDINGS[end]
    choices = data.get("answer_choices")
    ends = choices.get("ends") if is_dict(choices) else None
    known = [
        (int(number), each)
        for number, each in (ends.items() if is_dict(ends) else ())
        if _NUMBER.fullmatch(number) and isinstance(each, str) and each in ENDINGS
    ]
    return "".join(f"answer {number}: {ENDINGS[each]}" for number, each in sorted(known)[:1])


def choices_text(data: Mapping[str, object]) -> str:
    """Return how many answers came where a request asked for several: "3, and the first is the result"."""
    choices = data.get("answer_choices")
    count = choices.get("count") if is_dict(choices) else None
    return f"{count:g}, and the first is the result" if is_number(count) and count > 1 else ""


def is_cut(data: Mapping[str, object]) -> bool:
    """Tell whether the answer of a stage with these data is not whole: it was ended early, or its model did so."""
    return bool(_early(data) or answer_end_text(data))


def look_of(stage: StageState) -> str:
    """Return the look of a stage, its status: `mixed` where its answer, or one below it, is not whole."""
    is_part = stage.status == "finished" and any(is_cut(each.data) for _, each in stage.walk() if each.data)
    return "mixed" if is_part else stage.status


def is_left(state: RunState) -> bool:
    """Return whether a run ended because the loop that read its stream was left, by `break` or `return`: no fault."""
    return state.status == "cancelled" and any(_kind_of_end(stage.data) == "left" for stage in state.stages)


def early_text(state: RunState) -> str:
    """Return that a run, or an output of it, was ended before its end, and by what; empty for all others.

    Such as "ended early", "ended early by stop_if", "ended early: its budget of $0.10 is spent". Where another output
    than the answer was ended, its stage is named: "search ended early".
    """
    return _early(state.data) or _of_outputs(state, _early, "stages ended early")


def finish_text(state: RunState) -> str:
    """Return by which button a run or an output of it was ended early: "the button Finish now"; empty for code."""
    for data in (state.data, *(stage.data for _, stage in state.walk())):
        fact = data.get("ended_early")
        if is_dict(fact) and fact.get("kind") == "enough" and fact.get("by") in _BY:
            return f"the button Finish now{_BY['page'] if fact['by'] == 'page' else ''}"
    return ""


def _of_outputs(state: RunState, text_of: Callable[[Mapping[str, object]], str], many: str) -> str:
    """Return what is said of the run's answer, else of the one other stage, with its title, or of how many."""
    found = [(stage, text) for _, stage in state.walk() if (text := text_of(stage.data))]
    if not found:
        return ""
    answer = state.last_output.path if state.last_output is not None else None
    for stage, text in reversed(found):
        if answer is None or f"{answer}/".startswith(f"{stage.path}/") or stage.path.startswith(f"{answer}/"):
            return text
    if len(found) > 1:
        return f"{len(found):,} {many}"
    stage, text = found[0]
    title = brief(stage.title, _TITLE_LIMIT)
    return f"{title} {text}" if text_of is _early else f"{title}: {text}"


def _early(data: Mapping[str, object]) -> str:
    kind, fact = _kind_of_end(data), data.get("ended_early")
    if kind not in _EARLY or not is_dict(fact):
        return ""
    return _EARLY[kind] + (f"{limit_text(fact.get('limit'))} is spent" if kind == "budget" else "")


def _kind_of_end(data: Mapping[str, object]) -> str:
    fact = data.get("ended_early")
    kind = fact.get("kind") if is_dict(fact) else None
    return kind if isinstance(kind, str) else ""


def limit_text(limit: object) -> str:
    """Return the limit of a budget: " of $0.10", " of 2,000 tokens", " of 5.0 s"."""
    if not is_dict(limit):
        return ""
    cost, tokens, seconds = (value if is_number(value := limit.get(key)) else None for key in _LIMITS)
    text = cost_text(cost) or (f"{tokens:,.0f} tokens" if tokens else "") or duration_text(seconds)
    return text and f" of {text}"


def cost_text(cost: object) -> str:
    """Return a cost in dollars with two significant digits: `$0.004`, `$1.30`, `$140`; empty for what is no cost."""
    if not is_number(cost) or not 0 < cost < _DEAREST:
        return ""
    if cost >= _CENTS_BELOW:
        return f"${cost:,.0f}"
    if cost >= _TENTH:
        return f"${cost:.2f}"
    rounded = f"{float(f'{cost:.1e}'):.12f}".rstrip("0")
    return f"${rounded}" if float(rounded) else "under $0.000001"


def error_text(state: RunState) -> str:
    """Return the whole error of a run that failed, with its type and its stage, to be copied; else an empty text."""
    if state.status != "failed":
        return ""
    kind, message = state.error_type or "Error", state.error or ""
    text = message if message.startswith(kind) else f"{kind}: {message}" if message else kind
    where = state.find(state.error_stage) if state.error_stage else None
    if where is None or where.path == encode_name(state.operation):
        return f"{text}\nin {state.operation}"
    kind = place_text(state, where.path).partition("'")[0]
    return f"{text}\nin {kind}{where.title} of {state.operation}"


def place_text(state: RunState, path: str) -> str:
    """Return the place of an error in a run: "stage 'extract/rows'".

    An agent, a loop or a chain that is a run of its own has one stage of its name, which nobody made: what lies below
    it is named alone, and the call of an agent as its tool: "the tool 'search'".
    """
    own, _, below = path.partition("/")
    if not below or own != encode_name(state.operation):
        return f"stage {path!r}"
    above = state.find(path.rpartition("/")[0])
    return f"the tool {below!r}" if above is not None and above.is_model else f"{below!r}"


def model_text(state: RunState) -> str:
    """Return the model of a run with its tokens: "model openai:gpt-5 · 150 tokens in · 225 out".

    Where no request of a stage of a run that has finished told any, they are a guess: "about 50 tokens". As long as
    more are expected than were told the tokens are left out: the header has another number then.
    """
    about = _about_text(state)
    tokens = (about if state.status == "finished" else "") if about else tokens_text(state.usage)
    return " · ".join(filter(None, [f"model {state.model}", tokens])) if state.model else ""


def is_counted(state: RunState) -> bool:
    """Tell whether `model_text` has the tokens in and out, whose sum `usage_text` has."""
    return bool(state.model and tokens_text(state.usage)) and not _about_text(state)


def tokens_text(usage: Mapping[str, object]) -> str:
    """Return the tokens of the requests that have ended: "150 tokens in · 225 out"."""
    read, written = (usage.get(key) for key in ("input_tokens", "output_tokens"))
    parts = [f"{read:,.0f} tokens in"] if is_number(read) and read else []
    if is_number(written) and written:
        parts.append(f"{written:,.0f} {'out' if parts else 'tokens out'}")
    return " · ".join(parts)


def waiting_text(waiting: Sequence[StageState]) -> str:
    """Return for whom stages wait, and the first of them: "waiting for approval · delete_records, and 2 more"."""
    if not waiting:
        return ""
    first = waiting[0]
    words = APPROVAL if wants_approval(first) else "waiting for you"
    more = f", and {len(waiting) - 1:,} more" if len(waiting) > 1 else ""
    return f"{words} · {brief(first.title, _TITLE_LIMIT)}{more}"


def stall_text(stages: Sequence[StageState], elapsed: float) -> str:
    """Return for how long nothing came of a run at work, where all of its stages stand still: "no step for 8 s".

    `elapsed` is the age of the run in seconds.
    """
    at_work = [stage for stage in stages if stage.at_work and not any(below.at_work for below in stage.children)]
    steps = [still for stage in at_work if (still := still_seconds(stage, elapsed)) is not None]
    silent = [stage.silence for stage in at_work if stage.silence is not None]
    if not at_work or len(steps) + len(silent) < len(at_work):
        return ""
    least = duration_text(min([*steps, *silent]), finest="seconds")
    return f"no step for {least}" if steps else f"silent for {least}"


def used_by(state: RunState) -> dict[str, float]:
    """Return the tokens and the cost of a run's requests that have ended, by name, where they told any."""
    usage = state.usage
    found = {"tokens": _tokens(usage), "cost": usage.get("cost", 0)}
    return {name: value for name, value in found.items() if is_number(value) and value > 0}


def usage_facts(state: RunState) -> list[str]:
    """Return the tokens, the cost, and the projected cost of a run at work, as texts; what nobody told is left out."""
    facts = [usage_text(state), cost_text(state.usage.get("cost"))]
    if not state.ended and (projected := cost_text(state.data.get("projected_cost"))):
        facts.append(f"about {projected} in all")
    return [fact for fact in facts if fact]


def usage_text(state: RunState) -> str:
    """Return the tokens of a run: exact at its end, and "about 280 tokens" while it is at work.

    While it is at work requests tell theirs and others are being written: the words stay, and no number is taken back.
    """
    tokens = _tokens(state.usage)
    if not is_number(tokens):
        return ""
    if about := _about_text(state):
        return about
    return f"{tokens:,.0f} tokens{'' if state.ended else ' so far'}" if tokens else ""


def _tokens(usage: Mapping[str, float]) -> float:
    """Return the tokens in and out of the requests of a run that have ended; a stranger's record may hold no number."""
    return usage.get("input_tokens", 0) + usage.get("output_tokens", 0)


def _about_text(state: RunState) -> str:
    """Return the tokens that are expected, of a run at work or one of which not all requests told theirs."""
    tokens = _tokens(state.usage)
    if not is_number(tokens):
        return ""
    about = int(max(state.most_tokens, tokens)) // _ROUND * _ROUND
    if not state.ended:
        return f"about {about:,} tokens" if about else ""
    is_open = any(
        stage.uncounted and (state.status != "finished" or _TOKENS.isdisjoint(stage.data)) for _, stage in state.walk()
    )
    return f"about {about:,} tokens" if about > tokens and is_open else ""


def wants_approval(stage: StageState) -> bool:
    """Tell whether a stage is a call that somebody must approve or deny."""
    return stage.status == "waiting" and stage.data.get("waiting_for") == "approval"


def decision(stage: StageState) -> tuple[str, object]:
    """Return what somebody decided about a call, a key of `DECISIONS` or empty, and the act as data.

    The act has the reason. A history without contents keeps the decision alone.
    """
    for name in ("intervention", "approval_decision"):
        act = stage.data.get(name)
        if is_dict(act) and isinstance(kind := act.get("kind"), str) and kind in DECISIONS:
            return kind, act
    return "", None


def decision_text(stage: StageState) -> str:
    """Return who did what with a stage: "approved in the panel after 2.4 s", "told: shorter, please"."""
    kind, act = decision(stage)
    waited = waited_seconds([stage]) if kind else 0.0
    return act_text(act if kind else stage.data.get("intervention"), duration_text(waited) if waited else "")


def act_text(intervention: object, waited: str = "") -> str:
    """Return what somebody did with a stage or a run at work: "approved in the panel", "told: shorter, please".

    `waited` is the time that it waited for them, in words.
    """
    if not is_dict(intervention):
        return ""
    kind, by, text = intervention.get("kind"), intervention.get("by"), intervention.get("text")
    act = _ACTS.get(kind, "") if isinstance(kind, str) else ""
    if not act:
        return ""
    where = _BY.get(by, "") if isinstance(by, str) and kind != "say" else ""
    where += f" after {waited}" if waited else ""
    return f"{act}{where}: {brief(text, _SAID_LIMIT)}" if isinstance(text, str) and text.strip() else f"{act}{where}"
